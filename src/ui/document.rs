//! Problems as parts of JSON documents, version 1.

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Label, Severity, SourceDiagnostics};
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

/// A problem, located but for warnings about files as a whole.
#[derive(Debug, Serialize)]
pub struct DiagnosticDocument {
    file: Option<String>,
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
#[derive(Debug, Default, Serialize)]
struct Place {
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
}

#[derive(Debug, Serialize)]
struct RelatedDocument {
    /// Where that is another file than the problem's.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(flatten)]
    place: Place,
    message: String,
}

impl DiagnosticDocument {
    /// Problems in the order they are shown.
    pub fn all(located: &SourceDiagnostics) -> Vec<Self> {
        located.diagnostics.iter().map(|diagnostic| Self::of(located.source_of(diagnostic), diagnostic)).collect()
    }

    /// A warning that is about no place in a source.
    pub fn warning(message: &str, help: &str) -> Self {
        Self {
            file: None,
            place: Place::default(),
            severity: Severity::Warning.name(),
            code: None,
            message: message.to_owned(),
            label: String::new(),
            note: None,
            help: Some(help.to_owned()),
            related: Vec::new(),
        }
    }

    fn of(source: &Source, diagnostic: &Diagnostic) -> Self {
        let related = |Label { span, text, source: other }: &Label| RelatedDocument {
            file: other.as_ref().filter(|other| *other != source).map(|other| other.name().to_owned()),
            place: Place::of(other.as_ref().unwrap_or(source), *span),
            message: text.clone(),
        };
        Self {
            file: Some(source.name().to_owned()),
            place: Place::of(source, diagnostic.span),
            severity: diagnostic.severity.name(),
            code: diagnostic.code,
            message: diagnostic.message.clone(),
            label: diagnostic.label.clone(),
            note: diagnostic.note.clone(),
            help: diagnostic.help.clone(),
            related: diagnostic.related.iter().map(related).collect(),
        }
    }
}

impl Place {
    fn of(source: &Source, span: Span) -> Self {
        let (start, end) = (source.position(span.start), source.position(span.end));
        Self {
            line: Some(start.line),
            column: Some(start.column),
            end_line: Some(end.line),
            end_column: Some(end.column),
        }
    }
}
