//! Actors that one flow runs behind the call wrapper and another does not. The wrapper changes
//! nothing for flows that do not need it, so the actor keeps it as long as one flow does
//! (`docs/platform/names.md`, "The call wrapper").

use serde_json::{Map, Value};

use super::managed::{FLOWS, owners};
use crate::kustomize::Object;
use crate::names::{WRAPPER_HANDLER, WRAPPER_RESILIENCY, WRAPPER_TARGET, WRAPPER_VOLUME};

/// The fields of `spec` that the wrapper changes.
pub(super) const FIELDS: [&str; 4] = ["handler", "env", "volumes", "volumeMounts"];

/// The object as `manager` applies it: a bare actor leaves to another flow what that flow put in
/// front of it. Fields that differ beyond the wrapper stay, and are conflicts.
pub(super) fn without_anothers_wrapper(mut object: Object, live: Option<&Value>, manager: &str) -> Object {
    let Some(live) = live.filter(|live| is_wrapped(live) && anothers(live, "handler", manager)) else { return object };
    if is_wrapped(object.value()) {
        return object;
    }
    let bare = bare(live);
    if let Some(spec) = object.value_mut().get_mut("spec").and_then(Value::as_object_mut) {
        for field in FIELDS {
            if spec.get(field) == bare.get(field) {
                spec.shift_remove(field);
            }
        }
    }
    object
}

/// Whether `manager` has to take fields over from other flows to put the wrapper in front of an
/// actor, and from nobody else, and nothing but the wrapper is in dispute.
pub(super) fn puts_wrapper_before_anothers(object: &Value, live: Option<&Value>, manager: &str) -> bool {
    let Some(live) = live.filter(|_| is_wrapped(object)) else { return false };
    let (ours, theirs) = (bare(object), bare(live));
    let spec = |object: &Value, field: &str| object.pointer(&format!("/spec/{field}")).cloned();
    let is_disputed = |field: &&&str| {
        let now = spec(live, field);
        now.is_some() && now != spec(object, field) && owners(live, &["spec", field]).iter().any(|it| *it != manager)
    };
    let disputed: Vec<&&str> = FIELDS.iter().filter(is_disputed).collect();
    let is_the_wrapper =
        |field: &str| theirs.get(field).is_none_or(|bare| ours.get(field) == Some(bare)) && !strangers(live, field);
    !disputed.is_empty()
        && disputed.iter().all(|field| is_the_wrapper(field))
        && !conflicts_elsewhere(object, live, &[], manager)
}

pub(super) fn is_wrapped(object: &Value) -> bool {
    object.pointer("/spec/handler").is_some_and(|handler| handler == WRAPPER_HANDLER)
}

/// The fields of `spec` as they are without the wrapper; lists that become empty are left out.
pub(super) fn bare(object: &Value) -> Map<String, Value> {
    let mut fields = Map::new();
    let Some(spec) = object.get("spec").and_then(Value::as_object) else { return fields };
    let items = |field: &str| spec.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let name = |item: &Value| item.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let target = items("env").iter().find(|item| name(item) == WRAPPER_TARGET).and_then(|item| item.get("value"));
    let handler = if is_wrapped(object) { target } else { spec.get("handler") };
    fields.extend(handler.map(|handler| ("handler".to_owned(), handler.clone())));
    for (field, ours) in [
        ("env", [WRAPPER_TARGET, WRAPPER_RESILIENCY]),
        ("volumes", [WRAPPER_VOLUME; 2]),
        ("volumeMounts", [WRAPPER_VOLUME; 2]),
    ] {
        let kept: Vec<Value> =
            items(field).iter().filter(|item| !ours.contains(&name(item).as_str())).cloned().collect();
        if !kept.is_empty() {
            fields.insert(field.to_owned(), Value::Array(kept));
        }
    }
    fields
}

/// Whether a flow other than `manager`'s owns a field of `spec`.
fn anothers(live: &Value, field: &str, manager: &str) -> bool {
    owners(live, &["spec", field]).iter().any(|owner| *owner != manager && owner.starts_with(FLOWS))
}

/// Whether somebody who is no flow owns a field of `spec`.
fn strangers(live: &Value, field: &str) -> bool {
    owners(live, &["spec", field]).iter().any(|owner| !owner.starts_with(FLOWS))
}

/// Whether another manager owns, with another value, a field besides those of the wrapper.
fn conflicts_elsewhere(desired: &Value, live: &Value, path: &[&str], manager: &str) -> bool {
    let Some(fields) = value_at(desired, path).and_then(Value::as_object) else {
        let owned = || owners(live, path).iter().any(|owner| *owner != manager);
        return value_at(desired, path) != value_at(live, path) && owned();
    };
    fields.keys().filter(|key| !(path == ["spec"] && FIELDS.contains(&key.as_str()))).any(|key| {
        let below: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
        conflicts_elsewhere(desired, live, &below, manager)
    })
}

fn value_at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, part| value.get(part))
}
