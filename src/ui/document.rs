//! Problems as parts of JSON documents, version 1.

use serde::Serialize;

use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::Error;
use crate::source::{Source, Span};

/// The document of a command that failed.
#[derive(Serialize)]
pub(super) struct Failed {
    version: u32,
    error: ErrorDocument,
}

impl Failed {
    pub(super) fn of(error: &Error) -> Self {
        Self { version: 1, error: ErrorDocument::of(error) }
    }
}

/// An error.
#[derive(Debug, Serialize)]
pub struct ErrorDocument {
    kind: &'static str,
    message: String,
    causes: Vec<String>,
    hints: Vec<String>,
    diagnostics: Vec<DiagnosticDocument>,
}

impl ErrorDocument {
    /// Everything an error says.
    pub fn of(error: &Error) -> Self {
        Self {
            kind: error.kind().name(),
            message: error.message().to_owned(),
            causes: error.causes().to_vec(),
            hints: error.hints().to_vec(),
            diagnostics: error.located().iter().flat_map(DiagnosticDocument::all).collect(),
        }
    }
}

/// A located problem.
#[derive(Debug, Serialize)]
pub struct DiagnosticDocument {
    file: String,
    #[serde(flatten)]
    place: Place,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<RelatedDocument>,
}

/// Lines and columns from 1, columns in characters; the end is the column behind the last one.
#[derive(Debug, Serialize)]
struct Place {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Debug, Serialize)]
struct RelatedDocument {
    #[serde(flatten)]
    place: Place,
    message: String,
}

impl DiagnosticDocument {
    /// The problems of a file, in the order they are shown.
    pub fn all(located: &SourceDiagnostics) -> Vec<Self> {
        located.diagnostics.iter().map(|diagnostic| Self::of(&located.source, diagnostic)).collect()
    }

    fn of(source: &Source, diagnostic: &Diagnostic) -> Self {
        let related = |span, text: &String| RelatedDocument { place: Place::of(source, span), message: text.clone() };
        Self {
            file: source.name().to_owned(),
            place: Place::of(source, diagnostic.span),
            severity: diagnostic.severity.name(),
            code: diagnostic.code,
            message: diagnostic.message.clone(),
            label: diagnostic.label.clone(),
            note: diagnostic.note.clone(),
            help: diagnostic.help.clone(),
            related: diagnostic.related.iter().map(|label| related(label.span, &label.text)).collect(),
        }
    }
}

impl Place {
    fn of(source: &Source, span: Span) -> Self {
        let (start, end) = (source.position(span.start), source.position(span.end));
        Self { line: start.line, column: start.column, end_line: end.line, end_column: end.column }
    }
}
