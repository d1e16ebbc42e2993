//! The message of `asya run` as it was given.

use std::io::Read;
use std::path::Path;

use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result, io_reason};
use crate::local::RawJson;
use crate::source::{Source, Span};

/// Reads `given`: JSON, `@FILE` (relative to `start`), or `-` for stdin. What is not JSON is
/// shown with a caret; the error is of kind `Usage`.
pub(super) fn read(given: &str, start: &Path) -> Result<RawJson> {
    let (name, bytes) = if given == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| unreadable("stdin", &error))?;
        ("<stdin>".to_owned(), bytes)
    } else if let Some(file) = given.strip_prefix('@') {
        let bytes = std::fs::read(start.join(file)).map_err(|error| unreadable(&format!("file `{file}`"), &error))?;
        (file.to_owned(), bytes)
    } else {
        ("--payload".to_owned(), given.as_bytes().to_vec())
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        Error::usage(format!("the payload in `{name}` is not UTF-8"))
            .because(format!("byte {} does not fit", error.utf8_error().valid_up_to() + 1))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
    RawJson::parse(&text).map_err(|error| located(&Source::new(name, text), &error))
}

fn unreadable(what: &str, error: &std::io::Error) -> Error {
    Error::usage(format!("the payload cannot be read from {what}")).because(io_reason(error))
}

fn located(source: &Source, error: &serde_json::Error) -> Error {
    // The column counts bytes up to and including the offending one; 0 is the end of a line.
    let offset = source.line_start(error.line()) + error.column().saturating_sub(1);
    let text = source.text();
    let start = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let width = text[start..].chars().next().map_or(0, char::len_utf8);
    let whole = error.to_string();
    let reason = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(reason, _)| reason);
    let problem = Diagnostic::error(Span::new(start, start + width), reason);
    let mut result = Error::usage("the payload is not JSON").at(SourceDiagnostics::one(source, problem));
    if text.contains('\'') && !text.contains('"') {
        result = result.hint("JSON strings are in double quotes: `--payload '{\"key\": \"text\"}'`");
    } else if text.trim().is_empty() {
        result = result.hint("leave `--payload` out for an empty object");
    }
    result
}
