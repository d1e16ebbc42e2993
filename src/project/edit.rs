//! Edits of YAML files that people own: one thing changes, every comment and blank line stays.
//!
//! An edit is believed only after reading its result again: exactly the intended value must have
//! changed, and no comment may be gone. Otherwise the file is left to its owner, with words on
//! which line to write.

mod entries;
mod fields;
mod lists;
mod tree;
mod values;

use std::str::FromStr;

use yaml_edit::Document;

use super::yaml::{Entry, Node, Origin, Value, parse};
use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result};
use crate::source::Source;

pub use entries::{Field, set_list_entry};
pub use fields::set_document;
pub use lists::{add_list_item, add_list_mapping, add_targeted_patch, remove_list_item, remove_list_mapping};
pub(super) use tree::{Obstacle, Operation};
pub(super) use values::change_value;

fn read(source: &Source) -> Result<Node> {
    let tree = parse(source).map_err(|problem| unusable(source, *problem))?;
    match tree.value {
        Value::Map(_) | Value::Null => Ok(tree),
        other => {
            let span = source.line_span(source.line_of(tree.origin.span.start));
            Err(unusable(source, Diagnostic::error(span, format!("the file must be a mapping, not {}", other.kind()))))
        }
    }
}

fn edit(
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

fn unusable(source: &Source, problem: Diagnostic) -> Error {
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
fn appended(source: &Source, lines: &str) -> String {
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

/// Roughly the number of comments; enough to notice a lost one.
fn comments(text: &str) -> usize {
    text.matches('#').count()
}
