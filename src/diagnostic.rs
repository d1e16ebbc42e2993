//! Located problems as data: a code, a span, a reason and what to write instead.

use crate::source::{Source, Span};

/// Whether a problem stops the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The command fails.
    Error,
    /// The command goes on (`--strict` turns it into a failure).
    Warning,
}

impl Severity {
    /// The stable word for JSON output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A secondary span with its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What to say there.
    pub text: String,
    /// The file, where that is another one than the diagnostic's.
    pub source: Option<Source>,
}

/// One located problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code such as `ASYA012`; `None` for configuration files.
    pub code: Option<&'static str>,
    /// Error or warning.
    pub severity: Severity,
    /// The place it is about.
    pub span: Span,
    /// The file the place is in; `None` is the file that is worked on.
    pub source: Option<Source>,
    /// What is wrong, one sentence.
    pub message: String,
    /// Words under the caret; empty for none.
    pub label: String,
    /// Further places that explain it.
    pub related: Vec<Label>,
    /// Why it cannot be, where that is not obvious.
    pub note: Option<String>,
    /// What to write instead.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(span: Span, message: impl Into<String>) -> Self {
        Self {
            code: None,
            severity: Severity::Error,
            span,
            source: None,
            message: message.into(),
            label: String::new(),
            related: Vec::new(),
            note: None,
            help: None,
        }
    }

    /// A warning at `span`.
    pub fn warning(span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(span, message) }
    }

    /// Sets the code.
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Sets the words under the caret.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds a second place.
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span, text: text.into(), source: None });
        self
    }

    /// Adds a second place in another file.
    pub fn related_in(mut self, source: &Source, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span, text: text.into(), source: Some(source.clone()) });
        self
    }

    /// Says that the place is in another file than the one that is worked on.
    pub fn in_file(mut self, source: &Source) -> Self {
        self.source = Some(source.clone());
        self
    }

    /// Says why.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Says what to write instead.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The diagnostics of one piece of work, with the file it is about.
#[derive(Debug, Clone)]
pub struct SourceDiagnostics {
    /// The text the spans point into, where a diagnostic does not name another file.
    pub source: Source,
    /// In source order, those of other files last.
    pub diagnostics: Vec<Diagnostic>,
}

impl SourceDiagnostics {
    /// Bundles diagnostics with their file, sorted by place.
    pub fn new(source: &Source, mut diagnostics: Vec<Diagnostic>) -> Self {
        diagnostics.sort_by_cached_key(|diagnostic| {
            let other = diagnostic.source.as_ref().filter(|other| *other != source);
            (other.map(|other| other.name().to_owned()), diagnostic.span.start, diagnostic.span.end)
        });
        Self { source: source.clone(), diagnostics }
    }

    /// The file a diagnostic of these is in.
    pub fn source_of<'d>(&'d self, diagnostic: &'d Diagnostic) -> &'d Source {
        diagnostic.source.as_ref().unwrap_or(&self.source)
    }

    /// The names of the files that have errors, each once, in the order of the diagnostics.
    pub fn files_with_errors(&self) -> Vec<&str> {
        let mut files = Vec::new();
        for diagnostic in self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error) {
            let name = self.source_of(diagnostic).name();
            if !files.contains(&name) {
                files.push(name);
            }
        }
        files
    }

    /// A single diagnostic with its file.
    pub fn one(source: &Source, diagnostic: Diagnostic) -> Self {
        Self { source: source.clone(), diagnostics: vec![diagnostic] }
    }

    /// Number of errors (not warnings).
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|d| d.severity == Severity::Error).count()
    }
}
