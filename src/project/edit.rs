//! Edits of YAML files that people own: one thing changes, every comment and blank line stays.
//!
//! An edit is believed only after reading its result again: exactly the intended value must have
//! changed, and no comment may be gone. Otherwise the file is left to its owner, with words on
//! which line to write.

mod entries;
mod fields;
mod values;

use std::str::FromStr;

use yaml_edit::{Document, Mapping, Sequence};

use super::yaml::{Entry, Node, Origin, Value, parse};
use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result};
use crate::source::Source;

pub use entries::{Field, set_list_entry};
pub use fields::set_document;
pub(super) use values::{Obstacle, Operation, change_value};

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

/// `source` with the top-level `key` set to the text `value`; the key is made if it is missing. The
/// text comes back as it is when the key has the value already. Errors as for [`add_list_item`].
pub fn set_scalar(source: &Source, key: &str, value: &str) -> Result<String> {
    let before = read(source)?;
    let by_hand = format!("set `{key}: {value}`");
    match before.get(key) {
        Some(known) if is_text(known, value) => return Ok(source.text().to_owned()),
        Some(Node { value: other @ (Value::List(_) | Value::Map(_)), origin }) => {
            let message = format!("`{key}` is {} here, not a single value", other.kind());
            return Err(unusable(source, Diagnostic::error(origin.span, message)));
        }
        _ => {}
    }
    if before.value == Value::Null {
        return Ok(appended(source, &format!("{key}: {value}\n")));
    }
    let mut wanted = before.clone();
    match value_mut(&mut wanted, key) {
        Some(known) => *known = Value::Text(value.to_owned()),
        None => append(&mut wanted, key, Value::Text(value.to_owned())),
    }
    edit(source, &by_hand, &wanted, 0, |document| document.set(key, value))
}

pub(super) fn read(source: &Source) -> Result<Node> {
    let tree = parse(source).map_err(|problem| unusable(source, *problem))?;
    match tree.value {
        Value::Map(_) | Value::Null => Ok(tree),
        other => {
            let span = source.line_span(source.line_of(tree.origin.span.start));
            Err(unusable(source, Diagnostic::error(span, format!("the file must be a mapping, not {}", other.kind()))))
        }
    }
}

fn list<'a>(source: &Source, tree: &'a Node, key: &str) -> Result<&'a [Node]> {
    match tree.get(key) {
        None | Some(Node { value: Value::Null, .. }) => Ok(&[]),
        Some(Node { value: Value::List(items), .. }) => Ok(items),
        Some(Node { value, origin }) => {
            let message = format!("`{key}` must be a list, not {}", value.kind());
            Err(unusable(source, Diagnostic::error(origin.span, message)))
        }
    }
}

pub(super) fn edit(
    source: &Source,
    by_hand: &str,
    wanted: &Node,
    lost: usize,
    change: impl FnOnce(&Document) -> bool,
) -> Result<String> {
    let refused = || {
        Error::project(format!("`{}` is written in a way that cannot be edited safely", source.name()))
            .hint(format!("by hand: {by_hand}"))
    };
    let document = Document::from_str(source.text()).map_err(|_| refused())?;
    if !change(&document) {
        return Err(refused());
    }
    let text = with_line_ends_of(source, document.to_string());
    let changed = Source::new(source.name(), text);
    let intended = parse(&changed).is_ok_and(|tree| tree == *wanted);
    if intended && comments(changed.text()) + lost >= comments(source.text()) {
        Ok(changed.text().to_owned())
    } else {
        Err(refused())
    }
}

pub(super) fn unusable(source: &Source, problem: Diagnostic) -> Error {
    Error::project(format!("`{}` cannot be edited", source.name())).at(SourceDiagnostics::one(source, problem))
}

fn is_text(node: &Node, text: &str) -> bool {
    matches!(&node.value, Value::Text(known) if known == text)
}

fn value_mut<'a>(tree: &'a mut Node, key: &str) -> Option<&'a mut Value> {
    let Value::Map(entries) = &mut tree.value else { return None };
    entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.node.value)
}

fn append(tree: &mut Node, key: &str, value: Value) {
    let at = tree.origin.clone();
    if let Value::Map(entries) = &mut tree.value {
        entries.push(Entry { key: key.to_owned(), at: at.clone(), node: Node { value, origin: at } });
    }
}

/// A file of nothing but comments gets its first lines.
pub(super) fn appended(source: &Source, lines: &str) -> String {
    let text = source.text();
    let between = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    with_line_ends_of(source, format!("{text}{between}{lines}"))
}

fn with_line_ends_of(source: &Source, text: String) -> String {
    let windows = source.text().matches("\r\n").count();
    if windows > 0 && windows == source.text().matches('\n').count() {
        return text.replace("\r\n", "\n").replace('\n', "\r\n");
    }
    text
}

fn own_line<'a>(source: &'a Source, item: &Node) -> &'a str {
    source.slice(source.line_span(source.line_of(item.origin.span.start)))
}

/// Roughly the number of comments; enough to notice a lost one.
fn comments(text: &str) -> usize {
    text.matches('#').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(text: &str) -> String {
        show(add_list_item(&Source::new("k.yaml", text), "resources", "new.yaml"))
    }

    fn remove(text: &str, item: &str) -> String {
        show(remove_list_item(&Source::new("k.yaml", text), "resources", item))
    }

    fn show(result: Result<String>) -> String {
        result.unwrap_or_else(|error| {
            let places = error.located().iter().flat_map(|located| &located.diagnostics);
            let places: Vec<String> = places.map(|place| format!(" ({})", place.message)).collect();
            format!("{error}{}; {}", places.concat(), error.hints().join("; "))
        })
    }

    const FILES: &[&str] = &[
        "resources:\n- a.yaml\n- b.yaml\n",
        "resources:\n  - a.yaml # why\n  # tail\n\n# patches come here\npatches:\n  - path: x\n",
        "resources: [a.yaml, b.yaml]\n",
        "resources: [a.yaml, b.yaml] # flow\nx: 1\n",
        "resources: []\n",
        "resources: [] # none yet\nx: 1\n",
        "resources:\n",
        "resources: # none yet\nx: 1\n",
        "resources:\n  # - a.yaml\n  # - b.yaml\nx: 1\n",
        "resources:\n- a.yaml",
        "resources: [a.yaml]",
        "kind: K",
        "",
        "# nothing here\n",
        "# nothing here",
        "resources:\r\n- a.yaml\r\nnamespace: x\r\n",
        "kind: K\r\n",
        "kind: K\r\n# end\r\n",
        "# head\nkind: K\n# foot\n",
        "resources: [\n  a.yaml, # first\n  b.yaml,\n]\n",
        "resources: # why\n  # first\n  - a.yaml\n\n  # second\n  - b.yaml\nx: 1\n",
        "resources: ~\nx: 1\n",
        "---\n# head\nresources:\n- a.yaml\n",
        "resources:\n- a.yaml\n...\n",
        "x:\n  resources:\n  - c\nresources:\n- a.yaml\n",
        "resources:\n- 'a.yaml'\n- \"b.yaml\"\n",
        "{resources: [a.yaml], kind: K}\n",
        "\"resources\":\n- a.yaml\nx: 1\n",
        "resources:\n-   a.yaml\n-   b.yaml\n\n\n",
        "resources:\n    - a.yaml\n\n    - b.yaml\nx:\n    y: 1\n",
        "patches:\n- target:\n    kind: A\n  patch: |-\n    - op: add # no comment\n      path: /x\nresources:\n- a.yaml\n",
        "resources:\n- a.yaml\n- |\n  odd\n",
        "resources: &r\n- a.yaml\nother: *r\n",
        "\u{feff}resources:\n- a.yaml\n",
        "resources:\n- a.yaml\n# last words\n",
        "resources:\n- a.yaml\n\t\nx: 1\n",
    ];

    #[test]
    fn what_was_added_is_there_once_and_can_be_taken_out_again() {
        for text in FILES {
            let added = add(text);
            if added.contains("cannot be edited") {
                continue;
            }
            assert_eq!(add(&added), added, "adding twice changed {text:?}");
            let removed = remove(&added, "new.yaml");
            assert!(!removed.contains("new.yaml"), "{text:?} → {removed:?}");
            for comment in text.lines().filter_map(|line| line.find('#').map(|at| &line[at..])) {
                assert!(removed.contains(comment), "{text:?} lost {comment:?}: {removed:?}");
            }
            let plain = |text: &str| parse(&Source::new("k.yaml", text)).ok();
            if plain(text)
                .is_some_and(|tree| tree.get("resources").is_some_and(|node| !matches!(node.value, Value::Null)))
            {
                assert_eq!(plain(&removed), plain(text), "{text:?} → {removed:?}");
            }
        }
    }

    #[test]
    fn broken_files_are_refused_and_never_made_worse() {
        for text in FILES {
            for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)).step_by(2) {
                let shorter: String = text[..at].chars().chain(text[at..].chars().skip(1)).collect();
                for broken in [&text[..at], &shorter] {
                    let source = Source::new("k.yaml", broken);
                    let Ok(added) = add_list_item(&source, "resources", "new.yaml") else { continue };
                    let again = Source::new("k.yaml", added.as_str());
                    assert_eq!(show(add_list_item(&again, "resources", "new.yaml")), added, "{broken:?}");
                    let removed = remove_list_item(&again, "resources", "new.yaml");
                    assert!(!removed.is_ok_and(|text| text.contains("new.yaml")), "{broken:?}");
                }
            }
        }
    }

    #[test]
    fn edits_look_like_the_file_they_are_in() {
        let shown: Vec<String> = FILES
            .iter()
            .map(|text| format!("{text:?}\n  + {:?}\n  - {:?}", add(text), remove(text, "a.yaml")))
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r##"
        "resources:\n- a.yaml\n- b.yaml\n"
          + "resources:\n- a.yaml\n- b.yaml\n- new.yaml\n"
          - "resources:\n- b.yaml\n"
        "resources:\n  - a.yaml # why\n  # tail\n\n# patches come here\npatches:\n  - path: x\n"
          + "resources:\n  - a.yaml # why\n  - new.yaml\n  # tail\n\n# patches come here\npatches:\n  - path: x\n"
          - "resources: []\n  # tail\n\n# patches come here\npatches:\n  - path: x\n"
        "resources: [a.yaml, b.yaml]\n"
          + "resources: [a.yaml, b.yaml, new.yaml]\n"
          - "resources: [b.yaml]\n"
        "resources: [a.yaml, b.yaml] # flow\nx: 1\n"
          + "resources: [a.yaml, b.yaml, new.yaml] # flow\nx: 1\n"
          - "resources: [b.yaml] # flow\nx: 1\n"
        "resources: []\n"
          + "resources: [new.yaml]\n"
          - "resources: []\n"
        "resources: [] # none yet\nx: 1\n"
          + "resources: [new.yaml] # none yet\nx: 1\n"
          - "resources: [] # none yet\nx: 1\n"
        "resources:\n"
          + "resources:\n  - new.yaml\n"
          - "resources:\n"
        "resources: # none yet\nx: 1\n"
          + "resources: # none yet\n  - new.yaml\nx: 1\n"
          - "resources: # none yet\nx: 1\n"
        "resources:\n  # - a.yaml\n  # - b.yaml\nx: 1\n"
          + "resources:\n  - new.yaml\n  # - a.yaml\n  # - b.yaml\nx: 1\n"
          - "resources:\n  # - a.yaml\n  # - b.yaml\nx: 1\n"
        "resources:\n- a.yaml"
          + "resources:\n- a.yaml\n- new.yaml"
          - "resources: []"
        "resources: [a.yaml]"
          + "resources: [a.yaml, new.yaml]"
          - "resources: []"
        "kind: K"
          + "kind: K\nresources:\n  - new.yaml\n"
          - "kind: K"
        ""
          + "resources:\n- new.yaml\n"
          - ""
        "# nothing here\n"
          + "# nothing here\nresources:\n- new.yaml\n"
          - "# nothing here\n"
        "# nothing here"
          + "# nothing here\nresources:\n- new.yaml\n"
          - "# nothing here"
        "resources:\r\n- a.yaml\r\nnamespace: x\r\n"
          + "resources:\r\n- a.yaml\r\n- new.yaml\r\nnamespace: x\r\n"
          - "resources: []\r\nnamespace: x\r\n"
        "kind: K\r\n"
          + "kind: K\r\nresources:\r\n  - new.yaml\r\n"
          - "kind: K\r\n"
        "kind: K\r\n# end\r\n"
          + "kind: K\r\n# end\r\nresources:\r\n  - new.yaml\r\n"
          - "kind: K\r\n# end\r\n"
        "# head\nkind: K\n# foot\n"
          + "# head\nkind: K\n# foot\nresources:\n  - new.yaml\n"
          - "# head\nkind: K\n# foot\n"
        "resources: [\n  a.yaml, # first\n  b.yaml,\n]\n"
          + "resources: [\n  a.yaml, # first\n  b.yaml, new.yaml,\n]\n"
          - "resources: [\n  b.yaml,\n]\n"
        "resources: # why\n  # first\n  - a.yaml\n\n  # second\n  - b.yaml\nx: 1\n"
          + "resources: # why\n  # first\n  - a.yaml\n\n  # second\n  - b.yaml\n  - new.yaml\nx: 1\n"
          - "resources: # why\n  # first\n\n  # second\n  - b.yaml\nx: 1\n"
        "resources: ~\nx: 1\n"
          + "resources:\n  - new.yaml\nx: 1\n"
          - "resources: ~\nx: 1\n"
        "---\n# head\nresources:\n- a.yaml\n"
          + "---\n# head\nresources:\n- a.yaml\n- new.yaml\n"
          - "---\n# head\nresources: []\n"
        "resources:\n- a.yaml\n...\n"
          + "resources:\n- a.yaml\n- new.yaml\n...\n"
          - "resources: []\n...\n"
        "x:\n  resources:\n  - c\nresources:\n- a.yaml\n"
          + "x:\n  resources:\n  - c\nresources:\n- a.yaml\n- new.yaml\n"
          - "x:\n  resources:\n  - c\nresources: []\n"
        "resources:\n- 'a.yaml'\n- \"b.yaml\"\n"
          + "resources:\n- 'a.yaml'\n- \"b.yaml\"\n- new.yaml\n"
          - "resources:\n- \"b.yaml\"\n"
        "{resources: [a.yaml], kind: K}\n"
          + "{resources: [a.yaml, new.yaml], kind: K}\n"
          - "{resources: [], kind: K}\n"
        "\"resources\":\n- a.yaml\nx: 1\n"
          + "\"resources\":\n- a.yaml\n- new.yaml\nx: 1\n"
          - "\"resources\": []\nx: 1\n"
        "resources:\n-   a.yaml\n-   b.yaml\n\n\n"
          + "resources:\n-   a.yaml\n-   b.yaml\n- new.yaml\n\n\n"
          - "resources:\n-   b.yaml\n\n\n"
        "resources:\n    - a.yaml\n\n    - b.yaml\nx:\n    y: 1\n"
          + "resources:\n    - a.yaml\n\n    - b.yaml\n    - new.yaml\nx:\n    y: 1\n"
          - "resources:\n\n    - b.yaml\nx:\n    y: 1\n"
        "patches:\n- target:\n    kind: A\n  patch: |-\n    - op: add # no comment\n      path: /x\nresources:\n- a.yaml\n"
          + "patches:\n- target:\n    kind: A\n  patch: |-\n    - op: add # no comment\n      path: /x\nresources:\n- a.yaml\n- new.yaml\n"
          - "patches:\n- target:\n    kind: A\n  patch: |-\n    - op: add # no comment\n      path: /x\nresources: []\n"
        "resources:\n- a.yaml\n- |\n  odd\n"
          + "resources:\n- a.yaml\n- |\n  odd\n- new.yaml\n"
          - "resources:\n- |\n  odd\n"
        "resources: &r\n- a.yaml\nother: *r\n"
          + "`k.yaml` is written in a way that cannot be edited safely; by hand: add the line `- new.yaml` under `resources:`"
          - "`k.yaml` is written in a way that cannot be edited safely; by hand: remove the line `- a.yaml` under `resources:`"
        "\u{feff}resources:\n- a.yaml\n"
          + "\u{feff}resources:\n- a.yaml\n- new.yaml\n"
          - "\u{feff}resources: []\n"
        "resources:\n- a.yaml\n# last words\n"
          + "resources:\n- a.yaml\n- new.yaml\n# last words\n"
          - "resources: []\n# last words\n"
        "resources:\n- a.yaml\n\t\nx: 1\n"
          + "resources:\n- a.yaml\n- new.yaml\n\t\nx: 1\n"
          - "resources: []\n\t\nx: 1\n"
        "##);
    }

    #[test]
    fn mappings_in_lists_are_added_once_and_taken_out_again() {
        let texts = [
            "kind: K\n",
            "patches: []\nx: 1\n",
            "# mine\npatches:\n# first\n- path: a.yaml # why\n  target:\n    kind: A\nx: 1\n",
            "patches: [{path: a.yaml}]\n",
            "kind: K\n# end",
            "",
            "patches: a\n",
            "kind: K\r\n",
        ];
        let file = |text: &str| Source::new("k.yaml", text);
        let shown: Vec<String> = texts
            .iter()
            .map(|text| {
                let added = show(add_list_mapping(&file(text), "patches", "path", "new.yaml"));
                let again = |text: &str| show(add_list_mapping(&file(text), "patches", "path", "new.yaml"));
                assert!(added.contains("edited") || again(&added) == added, "{added:?}");
                let edited = if added.contains("edited") { text } else { added.as_str() };
                let removed = show(remove_list_mapping(&file(edited), "patches", "path", "new.yaml"));
                let other = show(remove_list_mapping(&file(text), "patches", "path", "a.yaml"));
                format!("{text:?}\n  + {added:?}\n  - {removed:?}\n  a {other:?}")
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r##"
        "kind: K\n"
          + "kind: K\npatches:\n  - path: new.yaml\n"
          - "kind: K\n"
          a "kind: K\n"
        "patches: []\nx: 1\n"
          + "patches: [{path: new.yaml}]\nx: 1\n"
          - "x: 1\n"
          a "patches: []\nx: 1\n"
        "# mine\npatches:\n# first\n- path: a.yaml # why\n  target:\n    kind: A\nx: 1\n"
          + "# mine\npatches:\n# first\n- path: a.yaml # why\n  target:\n    kind: A\n- path: new.yaml\nx: 1\n"
          - "# mine\npatches:\n# first\n- path: a.yaml # why\n  target:\n    kind: A\nx: 1\n"
          a "# mine\npatches:\n# first\n  []\nx: 1\n"
        "patches: [{path: a.yaml}]\n"
          + "patches: [{path: a.yaml}, {path: new.yaml}]\n"
          - "patches: [{path: a.yaml}]\n"
          a "{}\n"
        "kind: K\n# end"
          + "kind: K\n# end\npatches:\n  - path: new.yaml\n"
          - "kind: K\n# end\n"
          a "kind: K\n# end"
        ""
          + "patches:\n- path: new.yaml\n"
          - "{}\n"
          a ""
        "patches: a\n"
          + "`k.yaml` cannot be edited (`patches` must be a list, not text); "
          - "`k.yaml` cannot be edited (`patches` must be a list, not text); "
          a "`k.yaml` cannot be edited (`patches` must be a list, not text); "
        "kind: K\r\n"
          + "kind: K\r\npatches:\r\n  - path: new.yaml\r\n"
          - "kind: K\r\n"
          a "kind: K\r\n"
        "##);
    }

    #[test]
    fn scalars_are_set_in_place() {
        let texts = [
            "# who\ndefault_context: dev # now\nx: 1\n",
            "x: 1\n",
            "",
            "default_context:\nx: 1\n",
            "default_context: [a]\n",
            "default_context: 'prod'\n",
            "default_context: \"dev\"\r\nx: 1\r\n",
        ];
        let shown: Vec<String> = texts
            .iter()
            .map(|text| {
                format!(
                    "{text:?}\n  = {:?}",
                    show(set_scalar(&Source::new("c.yaml", *text), "default_context", "prod"))
                )
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r##"
        "# who\ndefault_context: dev # now\nx: 1\n"
          = "# who\ndefault_context: prod # now\nx: 1\n"
        "x: 1\n"
          = "x: 1\ndefault_context: prod\n"
        ""
          = "default_context: prod\n"
        "default_context:\nx: 1\n"
          = "default_context: prod\nx: 1\n"
        "default_context: [a]\n"
          = "`c.yaml` cannot be edited (`default_context` is a list here, not a single value); "
        "default_context: 'prod'\n"
          = "default_context: 'prod'\n"
        "default_context: \"dev\"\r\nx: 1\r\n"
          = "default_context: prod\r\nx: 1\r\n"
        "##);
    }
}
