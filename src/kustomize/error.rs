//! Why a directory cannot be rendered.

use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::Error;
use crate::source::{Source, Span};

/// Why a directory cannot be rendered.
#[derive(Debug)]
pub enum RenderError {
    /// A kustomization uses a field that kustomize knows and this renderer does not.
    Unsupported {
        /// The kustomization file.
        file: String,
        /// The field, such as `helmCharts`.
        field: String,
        /// The place, for showing.
        located: Box<SourceDiagnostics>,
    },
    /// The kustomization, or a file it uses, is wrong; kustomize would refuse it as well.
    Invalid(Error),
}

impl RenderError {
    /// An error without a place.
    pub(super) fn plain(message: impl Into<String>, because: impl Into<String>, hint: &str) -> Self {
        let error = Error::project(message).because(because.into());
        Self::Invalid(if hint.is_empty() { error } else { error.hint(hint) })
    }
}

impl From<RenderError> for Error {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Invalid(error) => error,
            RenderError::Unsupported { file, field, located } => Error::project(format!(
                "`{field}` in `{file}` needs the program `kustomize` or `kubectl`"
            ))
            .because("this field is not built in")
            .hint("install one of them on PATH, or write it with the fields that are built in (docs/kustomize.md)")
            .at(*located),
        }
    }
}

/// A located problem on its way to become an error.
pub(super) struct Fault(Diagnostic, Vec<SourceDiagnostics>);

impl Fault {
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self(Diagnostic::error(span, message), Vec::new())
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.0 = self.0.label(label);
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.0 = self.0.note(note);
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.0 = self.0.help(help);
        self
    }

    pub(super) fn help_opt(self, help: Option<String>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// A second place in another file.
    pub(super) fn also(mut self, source: &Source, span: Span, message: impl Into<String>) -> Self {
        self.1.push(SourceDiagnostics::one(source, Diagnostic::error(span, message)));
        self
    }

    /// The error: `cannot render`, with the place in `source`.
    pub(super) fn of(self, source: &Source) -> RenderError {
        let mut error = Error::project(format!("`{}` cannot be rendered", source.name()));
        error = error.at(SourceDiagnostics::one(source, self.0));
        for other in self.1 {
            error = error.at(other);
        }
        RenderError::Invalid(error)
    }

    /// The same as a field that is not supported.
    pub(super) fn unsupported(self, source: &Source, field: &str) -> RenderError {
        RenderError::Unsupported {
            file: source.name().to_owned(),
            field: field.to_owned(),
            located: Box::new(SourceDiagnostics::one(source, self.0)),
        }
    }
}
