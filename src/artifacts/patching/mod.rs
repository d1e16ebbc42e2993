//! Changes that one layer (`common/` or an overlay) makes to an actor.
//!
//! Fields and mappings are a strategic merge patch, `patch-<actor>.yaml`, which its owner may edit.
//! Items of lists are a JSON patch, `patch-<actor>.lists.yaml`, which depends on what the layers
//! below have and is written anew whenever that changes.

mod assignment;
pub mod fields;
pub mod lists;

use serde_json::{Map, Value, json};

pub use assignment::{Edit, check_merge, document, edit_of, place_of};
pub use fields::{Place, Refused};
pub use lists::{Item, List};

use super::yaml;
use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result};
use crate::source::Source;

/// What a layer says about one actor.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Patch {
    /// `metadata` and `spec` of the merge patch, without the name.
    pub merge: Map<String, Value>,
    /// Items of lists.
    pub items: Vec<Item>,
}

/// The file of an actor's merge patch.
pub fn merge_file(actor: &str) -> String {
    format!("patch-{actor}.yaml")
}

/// The file of an actor's list items. Names of actors have no dots, so it is no other actor's.
pub fn lists_file(actor: &str) -> String {
    format!("patch-{actor}.lists.yaml")
}

/// The actor whose file this is, and whether it is the one with list items.
pub fn actor_of_file(file: &str) -> Option<(&str, bool)> {
    let name = file.strip_prefix("./").unwrap_or(file).strip_prefix("patch-")?.strip_suffix(".yaml")?;
    let (actor, is_lists) = name.strip_suffix(".lists").map_or((name, false), |actor| (actor, true));
    crate::names::ActorName::new(actor).ok().map(|_| (actor, is_lists))
}

/// The name of the actor that a document patches by its own name.
pub fn patched_actor(document: &Value) -> Option<&str> {
    let is_actor = document.get("kind").is_some_and(|kind| kind == "AsyncActor");
    if is_actor { document.pointer("/metadata/name")?.as_str() } else { None }
}

impl Patch {
    /// Reads the two files of an actor. Fails where they are not what they should be.
    pub fn read(actor: &str, merge: Option<&Source>, lists: Option<&Source>) -> Result<Self> {
        let mut patch = Self::default();
        if let Some(source) = merge {
            let document = read(source)?;
            if patched_actor(&document) != Some(actor) {
                return Err(unusable(source, &format!("it is no patch of the AsyncActor `{actor}`")));
            }
            let Value::Object(mut fields) = document else { return Ok(patch) };
            fields.retain(|key, _| key != "apiVersion" && key != "kind");
            if let Some(Value::Object(metadata)) = fields.get_mut("metadata") {
                metadata.remove("name");
            }
            prune(&mut fields);
            patch.merge = fields;
        }
        if let Some(source) = lists {
            patch.items = lists::items(&read(source)?).map_err(|why| unusable(source, &why))?;
        }
        Ok(patch)
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.merge.is_empty() && self.items.is_empty()
    }

    /// The lists with named items that its merge patch replaces as a whole.
    pub fn whole_lists(&self) -> Vec<String> {
        let merge = Value::Object(self.merge.clone());
        lists::LISTS.iter().filter(|list| list.items(&merge).is_some()).map(List::shown).collect()
    }

    /// Makes `edit` true.
    pub fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::Field { path, value } => {
                let Some((last, above)) = path.split_last() else { return };
                let mut fields = &mut self.merge;
                for key in above {
                    let next = fields.entry(key.clone()).or_insert_with(|| json!({}));
                    if !next.is_object() {
                        *next = json!({});
                    }
                    let Some(object) = next.as_object_mut() else { return };
                    fields = object;
                }
                fields.insert(last.clone(), value.clone());
            }
            Edit::Item(item) => {
                match self.items.iter_mut().find(|known| known.list == item.list && known.key == item.key) {
                    Some(known) => *known = item.clone(),
                    None => self.items.push(item.clone()),
                }
            }
        }
    }

    /// Takes back what it says about `place`; answers whether it said anything.
    pub fn forget(&mut self, place: &Place) -> bool {
        let before = self.items.len();
        match place {
            Place::Item(list, key) => self.items.retain(|item| item.list != *list || item.key != *key),
            Place::Items(list) => self.items.retain(|item| item.list != *list),
            Place::Field(path) => {
                let prefix = path.join(".");
                self.items.retain(|item| {
                    let list = item.list.path();
                    list != prefix && !list.starts_with(&format!("{prefix}."))
                });
                return forget(&mut self.merge, path) || self.items.len() != before;
            }
        }
        self.items.len() != before
    }

    /// All that `other` says, with what this says on top.
    pub fn over(mut self, other: Self) -> Self {
        let mut merged = other;
        merge_maps(&mut merged.merge, std::mem::take(&mut self.merge));
        for item in self.items {
            merged.apply(&Edit::Item(item));
        }
        merged
    }

    /// The document of its merge patch; `None` when it has none.
    pub fn merge_document(&self, actor: &str) -> Option<Value> {
        if self.merge.is_empty() {
            return None;
        }
        let mut document = json!({"apiVersion": "asya.sh/v1alpha1", "kind": "AsyncActor", "metadata": {"name": actor}});
        if let Value::Object(fields) = &mut document {
            merge_maps(fields, self.merge.clone());
        }
        Some(document)
    }
}

/// The text of a new merge patch, with a comment on top. `place` says where it counts.
pub fn merge_text(document: &Value, actor: &str, place: &str) -> String {
    format!("# `{actor}` {place}. Written by `asya patch`, yours to edit.\n{}", yaml::write(document))
}

/// A YAML document; the error shows the place.
pub fn read(source: &Source) -> Result<Value> {
    yaml::read(source).map_err(|wrong| {
        Error::project(format!("`{}` cannot be read", source.name())).at(SourceDiagnostics::one(source, *wrong))
    })
}

fn unusable(source: &Source, why: &str) -> Error {
    let span = source.line_span(1);
    Error::project(format!("`{}` cannot be changed by `asya patch`", source.name()))
        .at(SourceDiagnostics::one(source, Diagnostic::error(span, why)))
        .hint("change it by hand, or move it away and take its line out of the kustomization")
}

/// Takes a value out, and the mappings around it that become empty.
fn forget(fields: &mut Map<String, Value>, path: &[String]) -> bool {
    match path {
        [] => false,
        [last] => fields.shift_remove(last).is_some(),
        [first, rest @ ..] => {
            let Some(below) = fields.get_mut(first).and_then(Value::as_object_mut) else { return false };
            let had = forget(below, rest);
            if had && below.is_empty() {
                fields.shift_remove(first);
            }
            had
        }
    }
}

/// What is left empty at the top says nothing.
fn prune(fields: &mut Map<String, Value>) {
    fields.retain(|key, value| {
        !matches!(key.as_str(), "spec" | "metadata") || value.as_object().is_none_or(|it| !it.is_empty())
    });
}

fn merge_maps(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Object(into)), Value::Object(from)) => merge_maps(into, from),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}
