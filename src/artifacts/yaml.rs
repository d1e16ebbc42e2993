//! YAML that people and we wrote, read strictly.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::source::Source;

pub use crate::yaml::{write_ordered as write, write_with_texts};

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
