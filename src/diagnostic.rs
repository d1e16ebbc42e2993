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
        self.related.push(Label { span, text: text.into() });
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

/// The diagnostics of one file, with the file.
#[derive(Debug, Clone)]
pub struct SourceDiagnostics {
    /// The text the spans point into.
    pub source: Source,
    /// In source order.
    pub diagnostics: Vec<Diagnostic>,
}

impl SourceDiagnostics {
    /// Bundles diagnostics with their file, sorted by place.
    pub fn new(source: &Source, mut diagnostics: Vec<Diagnostic>) -> Self {
        diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
        Self { source: source.clone(), diagnostics }
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
