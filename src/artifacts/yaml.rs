//! YAML as written by us and read from templates: block style, insertion order, literal blocks,
//! and every string quoted that a YAML 1.1 reader would take for something else.

use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::source::Source;

/// `value` as one YAML document that ends with a line break.
pub fn write(value: &Value) -> Result<String> {
    let options = serde_saphyr::ser_options! { prefer_block_scalars: true, folded_wrap_chars: usize::MAX };
    let text = serde_saphyr::to_string_with_options(value, options)
        .map_err(|error| Error::project("a value cannot be written as YAML").because(error))?;
    if has_line_of_blanks(value) { Ok(text) } else { Ok(without_lines_of_blanks(&text)) }
}

/// Anything that serializes, as one YAML document.
pub fn write_any<T: Serialize>(value: &T) -> Result<String> {
    let value = serde_json::to_value(value)
        .map_err(|error| Error::project("a value cannot be written as YAML").because(error))?;
    write(&value)
}

/// The serializer indents the empty lines of literal blocks. Empty lines mean the same and leave no
/// blanks at the end of a line, as long as no text has a line of blanks of its own.
fn without_lines_of_blanks(text: &str) -> String {
    text.split_inclusive('\n').map(|line| if line.trim_matches([' ', '\n']).is_empty() { "\n" } else { line }).collect()
}

fn has_line_of_blanks(value: &Value) -> bool {
    match value {
        Value::String(text) => text.lines().any(|line| !line.is_empty() && line.trim().is_empty()),
        Value::Array(items) => items.iter().any(has_line_of_blanks),
        Value::Object(fields) => fields.values().any(has_line_of_blanks),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The document in `source`; `null` when it is empty. Keys keep their order, a key given twice is
/// an error, and only `true` and `false` are booleans.
pub fn read(source: &Source) -> Result<Value, Box<Diagnostic>> {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(source.text(), options).map_err(|error| {
        let place = error.location().map(|location| (location.line() as usize, location.column() as usize));
        let (line, column) = place.unwrap_or((1, 1));
        Box::new(Diagnostic::error(source.span_at(line, column), reason(&error)))
    })
}

/// The parser's own words, without the place and the excerpt that `ui` draws better.
fn reason(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let first = text.lines().next().unwrap_or_default();
    let end = [" at line ", ", set DuplicateKeyPolicy"]
        .iter()
        .filter_map(|tail| first.find(tail))
        .min()
        .unwrap_or(first.len());
    let first = first[..end].trim_start_matches("error: ").trim_end_matches('.');
    match first.split_once(": ") {
        Some((place, rest)) if place.starts_with("line ") => rest.to_owned(),
        _ => first.to_owned(),
    }
}
