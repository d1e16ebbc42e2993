//! One value at a path of keys is set in a YAML file that a person owns; everything else stays.

use std::str::FromStr;

use yaml_edit::{Document, Mapping};

use super::edit::{appended, edit, read, unusable};
use super::yaml::{Entry, Node, Value};
use crate::diagnostic::Diagnostic;
use crate::error::Result;
use crate::source::Source;

/// `source` with the scalar `value` at `path`; mappings on the way are made. The text comes back as
/// it is when the value is there already. Lists and mappings in the way, and a file that cannot be
/// edited safely, are errors that say what to do by hand.
pub(super) fn set_value(source: &Source, path: &[String], value: &Value) -> Result<String> {
    let before = read(source)?;
    let mut wanted = before.clone();
    if !set_in(&mut wanted, path, value, source)? {
        return Ok(source.text().to_owned());
    }
    let by_hand = format!("set `{}: {}`", path.join("."), value.scalar().unwrap_or_default());
    // The library adds nothing to a file without a mapping.
    let seeded = match (&before.value, path.first()) {
        (Value::Null, Some(first)) => Source::new(source.name(), appended(source, &format!("{first}: 0\n"))),
        _ => source.clone(),
    };
    edit(&seeded, &by_hand, &wanted, 0, |document| write(document, path, value))
}

/// Sets `value` in the tree; answers whether that changes anything.
fn set_in(node: &mut Node, path: &[String], value: &Value, source: &Source) -> Result<bool> {
    let Some((key, rest)) = path.split_first() else {
        if node.value == *value {
            return Ok(false);
        }
        if matches!(node.value, Value::List(_) | Value::Map(_)) {
            return Err(in_the_way(node, "not a single value", source));
        }
        node.value = value.clone();
        return Ok(true);
    };
    if node.value == Value::Null {
        node.value = Value::Map(Vec::new());
    }
    let origin = node.origin.clone();
    let Value::Map(entries) = &mut node.value else {
        return Err(in_the_way(node, "not a mapping", source));
    };
    if let Some(entry) = entries.iter_mut().find(|entry| entry.key == *key) {
        return set_in(&mut entry.node, rest, value, source);
    }
    let mut new = Node { value: Value::Null, origin: origin.clone() };
    set_in(&mut new, rest, value, source)?;
    entries.push(Entry { key: key.clone(), at: origin, node: new });
    Ok(true)
}

fn in_the_way(node: &Node, wanted: &str, source: &Source) -> crate::error::Error {
    let span = source.line_span(source.line_of(node.origin.span.start));
    unusable(source, Diagnostic::error(span, format!("there is {} here, {wanted}", node.value.kind())))
}

fn write(document: &Document, path: &[String], value: &Value) -> bool {
    let Some((last, above)) = path.split_last() else { return false };
    let Some(mut mapping) = document.as_mapping() else { return false };
    for key in above {
        if mapping.get_mapping(key.as_str()).is_none() {
            mapping.set(key.as_str(), Mapping::new());
        }
        let Some(inner) = mapping.get_mapping(key.as_str()) else { return false };
        mapping = inner;
    }
    match value {
        Value::Bool(value) => mapping.set(last.as_str(), *value),
        Value::Text(text) => mapping.set(last.as_str(), text.as_str()),
        // As typed: `1.10` would be `1.1` as a number.
        Value::Number(digits) => {
            let Some(scalar) = Document::from_str(digits).ok().and_then(|document| document.as_scalar()) else {
                return false;
            };
            mapping.set(last.as_str(), scalar);
        }
        Value::Null | Value::List(_) | Value::Map(_) => return false,
    }
    true
}
