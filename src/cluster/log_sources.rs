//! Which containers have logs, and why others have none.

use serde_json::Value;

use super::containers::{not_begun, statuses};
use super::logs::LogRequest;

/// A container of a pod.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Source {
    pub(super) actor: String,
    pub(super) pod: String,
    pub(super) container: String,
}

/// The actor that a pod is of.
pub(super) fn actor(pod: &Value) -> &str {
    pod.pointer("/metadata/labels/asya.sh~1actor").and_then(Value::as_str).unwrap_or_default()
}

fn name(pod: &Value) -> &str {
    pod.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}

/// The containers of a pod, init containers first.
pub(super) fn containers(pod: &Value) -> impl Iterator<Item = &str> {
    let list = |key: &str| pod.pointer(&format!("/spec/{key}")).and_then(Value::as_array).into_iter().flatten();
    list("initContainers").chain(list("containers")).filter_map(|container| container.get("name")?.as_str())
}

fn is_wanted(request: &LogRequest, container: &str) -> bool {
    request.containers.is_empty() || request.containers.contains(container)
}

/// The containers of a pod whose logs are wanted and that have one.
pub(super) fn sources(pod: &Value, request: &LogRequest) -> Vec<Source> {
    if !request.actors.contains(actor(pod)) {
        return Vec::new();
    }
    let began = |status: &&Value| {
        ["/state/running", "/state/terminated", "/lastState/terminated"].iter().any(|pointer| is_set(status, pointer))
    };
    statuses(pod)
        .filter(began)
        .filter_map(|status| status.get("name")?.as_str())
        .filter(|container| is_wanted(request, container))
        .map(|container| Source {
            actor: actor(pod).to_owned(),
            pod: name(pod).to_owned(),
            container: container.to_owned(),
        })
        .collect()
}

/// Whether a container of a pod ran before.
pub(super) fn restarted(pod: &Value, container: &str) -> bool {
    let named = |status: &&Value| status.get("name").and_then(Value::as_str) == Some(container);
    statuses(pod).find(named).is_some_and(|status| is_set(status, "/lastState/terminated"))
}

fn is_set(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).is_some_and(|found| !found.is_null())
}

/// What is said of the containers whose logs are wanted and that have none yet.
pub(super) fn silent(pod: &Value, request: &LogRequest) -> Vec<String> {
    if !request.actors.contains(actor(pod)) || pod.pointer("/metadata/deletionTimestamp").is_some() {
        return Vec::new();
    }
    let begun = sources(pod, request);
    containers(pod)
        .filter(|container| is_wanted(request, container))
        .filter(|container| begun.iter().all(|source| source.container != *container))
        .map(|container| {
            format!("{}: container {container} has not begun to run: {}", name(pod), not_begun(pod, container))
        })
        .collect()
}
