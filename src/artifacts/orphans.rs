//! Patches for actors that are not there (any more): a strategic merge patch of one makes the whole
//! environment fail, a patch with a target is passed over in silence.

use std::collections::BTreeSet;

use regex_lite::Regex;
use serde_json::Value;

use super::yaml;
use crate::names::near_matches;
use crate::source::Source;

/// A patch whose actor does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// The file with the patch: its own, or the kustomization where it stands inline.
    pub file: String,
    /// The actor it is for; a pattern where it has a target.
    pub actor: String,
    /// What the actor may be called now.
    pub near: Option<String>,
}

/// The patches of a kustomization for AsyncActors that are not among `actors`. `file` reads a file
/// beside it; what cannot be read is left to who renders it.
pub fn orphans(
    kustomization: &Source,
    file: &dyn Fn(&str) -> Option<Source>,
    actors: &BTreeSet<String>,
) -> Vec<Orphan> {
    let Ok(listed) = yaml::read(kustomization) else { return Vec::new() };
    let mut found = Vec::new();
    for key in ["patches", "patchesStrategicMerge", "patchesJson6902"] {
        for patch in listed.get(key).and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| patch.get(key).and_then(Value::as_str);
            let (path, inline) = match patch.as_str() {
                // The older list holds paths and whole patches.
                Some(text) if text.contains('\n') => (None, Some(text)),
                Some(path) => (Some(path), None),
                None => (text("path"), text("patch")),
            };
            let missing = match patch.get("target") {
                Some(target) => by_target(target, actors).into_iter().collect(),
                None => {
                    let inline = inline.map(|text| Source::new(kustomization.name(), text));
                    let body = path.and_then(file).or(inline);
                    body.map(|body| by_body(&body, actors)).unwrap_or_default()
                }
            };
            let place = path.and_then(file).map_or(kustomization.name().to_owned(), |it| it.name().to_owned());
            found.extend(missing.into_iter().map(|actor: String| Orphan {
                near: near_matches(&actor, actors.iter().map(String::as_str)).first().map(|&near| near.to_owned()),
                file: place.clone(),
                actor,
            }));
        }
    }
    found
}

/// The pattern of a target that names AsyncActors and finds none.
fn by_target(target: &Value, actors: &BTreeSet<String>) -> Option<String> {
    let whole = |pattern: &str| Regex::new(&format!("^(?:{pattern})$")).ok();
    let kind = target.get("kind").and_then(Value::as_str)?;
    let name = target.get("name").and_then(Value::as_str)?;
    let pattern = whole(name)?;
    let is_lost = whole(kind)?.is_match("AsyncActor") && !actors.iter().any(|actor| pattern.is_match(actor));
    is_lost.then(|| name.to_owned())
}

/// The AsyncActors that a patch without a target is for and that do not exist.
fn by_body(body: &Source, actors: &BTreeSet<String>) -> Vec<String> {
    let documents = body.text().split("\n---").filter_map(|text| yaml::read(&Source::new(body.name(), text)).ok());
    let objects = documents.flat_map(|document| match document {
        Value::Array(items) => items,
        other => vec![other],
    });
    objects
        .filter(|object| object.get("kind").is_some_and(|kind| kind == "AsyncActor"))
        .filter_map(|object| object.get("metadata")?.get("name")?.as_str().map(str::to_owned))
        .filter(|name| !actors.contains(name))
        .collect()
}

/// The names of the AsyncActors in a manifest.
pub fn actors_in(manifest: &Source) -> Vec<String> {
    by_body(manifest, &BTreeSet::new())
}
