//! Which actors are meant, and what is odd about them once they are patched.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::patching::{Actors, Workspace};
use super::PatchArgs;
use crate::artifacts::patching::{List, Patch};
use crate::artifacts::placement::Layer;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::names::{FlowName, WRAPPER_TARGET, kebab, listed, near_matches};
use crate::ui::Ui;

/// The actors to be changed, by name. `known` are those of the layer.
pub(in crate::commands) fn wanted(
    args: &PatchArgs,
    workspace: &Workspace<'_>,
    layer: &Layer,
    known: &Actors,
) -> Result<Vec<String>> {
    let Some(given) = &args.actor else {
        let mut all: Vec<String> = known.keys().cloned().collect();
        if args.clear {
            all.extend(workspace.orphans(layer).cloned());
        }
        if all.is_empty() {
            return Err(Error::project(format!("`{}` has no actors", args.flow)));
        }
        return Ok(all);
    };
    // What is gone may still be taken away or moved.
    if workspace.orphans(layer).any(|gone| gone == given)
        || !workspace.files_of(layer, given).is_empty() && !known.contains_key(given)
    {
        if args.clear || args.move_to.is_some() {
            return Ok(vec![given.clone()]);
        }
        return Err(resolve(given, &args.flow, known)
            .err()
            .unwrap_or_else(|| Error::project(format!("there is no actor `{given}`")))
            .hint("`--move-to ACTOR` moves its patches, `--clear` takes them away"));
    }
    Ok(vec![resolve(given, &args.flow, known)?])
}

/// The actor that people call `given`: by its name, by its function, or without `start-` or `actor-`.
pub(in crate::commands) fn resolve(given: &str, flow: &FlowName, known: &Actors) -> Result<String> {
    if known.contains_key(given) {
        return Ok(given.to_owned());
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if given.is_empty() || given.contains("..") || !given.chars().all(is_word) {
        return Err(Error::usage(format!("`{}` is not the name of an actor", given.escape_debug()))
            .because("names of actors have lower-case letters, digits and `-`")
            .hint(format!("the actors of `{flow}` are {}", names(known))));
    }
    let simple = kebab(given);
    let called = |name: &str| name == simple || name == format!("start-{simple}") || name == format!("actor-{simple}");
    let runs = |actor: &Value| handler(actor).is_some_and(|it| it == given || it.rsplit('.').next() == Some(given));
    let found: Vec<&String> =
        known.iter().filter(|(name, actor)| called(name) || runs(actor)).map(|(name, _)| name).collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let near = near_matches(&simple, known.keys().map(String::as_str));
            let error = Error::project(format!("`{flow}` has no actor `{given}`"));
            Err(match near.first() {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("there are {}", names(known))),
            })
        }
        several => Err(Error::usage(format!("`{given}` may be {}", listed(several))).hint("type the whole name")),
    }
}

fn names(known: &Actors) -> String {
    listed(&known.keys().collect::<Vec<_>>())
}

/// The handler of the user's, also behind the call wrapper.
fn handler(actor: &Value) -> Option<&str> {
    let target = List::env().item(actor, WRAPPER_TARGET).and_then(|item| item.get("value"));
    target.or_else(|| actor.pointer("/spec/handler"))?.as_str()
}

/// Warns of values that fit their fields and not each other.
pub(in crate::commands) fn check(changes: &BTreeMap<String, Patch>, now: &Actors, ui: &mut Ui) {
    for (actor, patch) in changes {
        let number = |field: &str, default| {
            now.get(actor).and_then(|it| it.pointer(&format!("/spec/scaling/{field}"))?.as_i64()).unwrap_or(default)
        };
        let (min, max) = (number("minReplicaCount", 0), number("maxReplicaCount", 10));
        if min > max && patch.merge.contains_key("spec") {
            ui.event(Event::Warning {
                message: format!("`{actor}` has at least {min} replicas and at most {max}"),
                hint: Some(format!("set `scaling.max` to {min} or more")),
            });
        }
        let is_open = |name: &str| {
            let name = name.to_ascii_uppercase();
            ["PASSWORD", "TOKEN", "SECRET", "API_KEY"].iter().any(|word| name.contains(word))
        };
        for item in patch.items.iter().filter(|item| item.list == List::env() && is_open(&item.key)) {
            if item.value.as_ref().is_some_and(|value| value.get("value").is_some()) {
                ui.event(Event::Warning {
                    message: format!("`{}` of `{actor}` is written as plain text into the manifests", item.key),
                    hint: Some(format!("refer to a Secret: `env.{}=secret:NAME:KEY`", item.key)),
                });
            }
        }
    }
}
