//! Items of the lists that kustomizations are made of.

use yaml_edit::{Mapping, Sequence};

use super::{Entry, Node, Origin, Value, append, appended, comments, edit, is_text, read, unusable, value_mut};
use crate::diagnostic::Diagnostic;
use crate::error::Result;
use crate::source::Source;

/// `source` with `item` at the end of the list under the top-level `key`; the key is made if it is
/// missing. The text comes back as it is when the list has the item already. A key that holds
/// something else than a list, and a file that cannot be edited safely, are errors that say what to
/// do by hand.
pub fn add_list_item(source: &Source, key: &str, item: &str) -> Result<String> {
    add(source, key, &Item::Text(item))
}

/// `source` without `item` in the list under the top-level `key`; the text comes back as it is when
/// the list does not have it. An emptied list stays as `[]`. Errors as for [`add_list_item`].
pub fn remove_list_item(source: &Source, key: &str, item: &str) -> Result<String> {
    remove(source, key, &Item::Text(item))
}

/// Like [`add_list_item`] for a list of mappings: the item is `field: value`, and a mapping that
/// has this field with this value among others counts as being there.
pub fn add_list_mapping(source: &Source, key: &str, field: &str, value: &str) -> Result<String> {
    add(source, key, &Item::Mapping(field, value))
}

/// Like [`remove_list_item`] for a list of mappings: takes out those with `field: value`, whatever
/// else they hold. An emptied list goes away with its key, unless there are comments in it.
pub fn remove_list_mapping(source: &Source, key: &str, field: &str, value: &str) -> Result<String> {
    remove(source, key, &Item::Mapping(field, value))
}

/// Like [`add_list_mapping`] under `patches`, for the patch in the file `path` of the one object that
/// `kind` and `name` tell.
pub fn add_targeted_patch(source: &Source, path: &str, kind: &str, name: &str) -> Result<String> {
    add(source, "patches", &Item::Patch { path, kind, name })
}

/// An item of a list.
enum Item<'a> {
    Text(&'a str),
    Mapping(&'a str, &'a str),
    Patch { path: &'a str, kind: &'a str, name: &'a str },
}

impl Item<'_> {
    fn is(&self, node: &Node) -> bool {
        match self {
            Self::Text(text) => is_text(node, text),
            Self::Mapping(field, value) => node.get(field).is_some_and(|found| is_text(found, value)),
            Self::Patch { path, .. } => node.get("path").is_some_and(|found| is_text(found, path)),
        }
    }

    fn node(&self, origin: &Origin) -> Node {
        let text = |text: &str| Node { value: Value::Text(text.to_owned()), origin: origin.clone() };
        let entry = |key: &str, node: Node| Entry { key: key.to_owned(), at: origin.clone(), node };
        let mapping = |entries: Vec<Entry>| Node { value: Value::Map(entries), origin: origin.clone() };
        match self {
            Self::Text(item) => text(item),
            Self::Mapping(field, value) => mapping(vec![entry(field, text(value))]),
            Self::Patch { path, kind, name } => {
                let target = mapping(vec![entry("kind", text(kind)), entry("name", text(name))]);
                mapping(vec![entry("path", text(path)), entry("target", target)])
            }
        }
    }

    fn push_to(&self, list: &Sequence) {
        match self {
            Self::Text(item) => list.push(*item),
            Self::Mapping(field, value) => {
                let mapping = Mapping::new();
                mapping.set(*field, *value);
                list.push(mapping);
            }
            Self::Patch { path, kind, name } => {
                let (mapping, target) = (Mapping::new(), Mapping::new());
                target.set("kind", *kind);
                target.set("name", *name);
                mapping.set("path", *path);
                mapping.set("target", target);
                list.push(mapping);
            }
        }
    }
}

impl std::fmt::Display for Item<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(item) => write!(f, "- {item}"),
            Self::Mapping(field, value) => write!(f, "- {field}: {value}"),
            Self::Patch { path, kind, name } => {
                write!(f, "- path: {path}\n  target:\n    kind: {kind}\n    name: {name}")
            }
        }
    }
}

fn add(source: &Source, key: &str, item: &Item<'_>) -> Result<String> {
    let before = read(source)?;
    if list(source, &before, key)?.iter().any(|known| item.is(known)) {
        return Ok(source.text().to_owned());
    }
    let by_hand = format!("add the line `{item}` under `{key}:`");
    if before.value == Value::Null {
        return Ok(appended(source, &format!("{key}:\n{item}\n")));
    }
    let mut wanted = before.clone();
    let new = item.node(&before.origin);
    match value_mut(&mut wanted, key) {
        Some(Value::List(items)) => items.push(new),
        Some(other) => *other = Value::List(vec![new]),
        None => append(&mut wanted, key, Value::List(vec![new])),
    }
    edit(source, &by_hand, &wanted, 0, |document| {
        if document.get_sequence(key).is_none() {
            document.set(key, Sequence::new());
        }
        document.get_sequence(key).map(|list| item.push_to(&list)).is_some()
    })
}

fn remove(source: &Source, key: &str, item: &Item<'_>) -> Result<String> {
    let before = read(source)?;
    let items = list(source, &before, key)?;
    let places: Vec<usize> = (0..items.len()).filter(|at| items.get(*at).is_some_and(|known| item.is(known))).collect();
    if places.is_empty() {
        return Ok(source.text().to_owned());
    }
    // A comment on the item's own line goes with the item.
    let lost = places.iter().filter_map(|at| items.get(*at)).map(|item| comments(own_line(source, item))).sum();
    let by_hand = format!("remove the line `{item}` under `{key}:`");
    if places.len() == items.len() && matches!(item, Item::Mapping(..)) {
        let mut wanted = before.clone();
        if let Value::Map(entries) = &mut wanted.value {
            entries.retain(|entry| entry.key != key);
        }
        // Comments of the user's around the list keep the key alive.
        let without = edit(source, &by_hand, &wanted, lost, |document| document.remove(key).is_some());
        if without.is_ok() {
            return without;
        }
    }
    let mut wanted = before.clone();
    if let Some(Value::List(items)) = value_mut(&mut wanted, key) {
        items.retain(|known| !item.is(known));
    }
    edit(source, &by_hand, &wanted, lost, |document| {
        let Some(list) = document.get_sequence(key) else { return false };
        places.iter().rev().all(|at| list.remove(*at).is_some())
    })
}

pub(super) fn list<'a>(source: &Source, tree: &'a Node, key: &str) -> Result<&'a [Node]> {
    match tree.get(key) {
        None | Some(Node { value: Value::Null, .. }) => Ok(&[]),
        Some(Node { value: Value::List(items), .. }) => Ok(items),
        Some(Node { value, origin }) => {
            let message = format!("`{key}` must be a list, not {}", value.kind());
            Err(unusable(source, Diagnostic::error(origin.span, message)))
        }
    }
}

fn own_line<'a>(source: &'a Source, item: &Node) -> &'a str {
    source.slice(source.line_span(source.line_of(item.origin.span.start)))
}

#[cfg(test)]
mod tests;
