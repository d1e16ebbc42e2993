//! The ConfigMap that describes one flow to a gateway.

use serde_json::{Value, json};

use crate::kustomize::Object;

/// Label and value of ConfigMaps that describe flows (`docs/platform/gateway.md`, "Flow entries").
pub const CONFIG_TYPE: (&str, &str) = ("asya.sh/config-type", "flows");

/// Whether a rendered object describes a flow to a gateway, hence belongs into its namespace.
pub fn is_flow_entry(object: &Object) -> bool {
    object.kind() == "ConfigMap" && object.api_version() == "v1" && object.label(CONFIG_TYPE.0) == Some(CONFIG_TYPE.1)
}

/// Annotation of an entry whose tool changed and whose gateway was not restarted yet. It is written
/// together with the change and taken away after the restart, so that a run that ends in between
/// leaves the next one knowing what is still to be done.
const RESTART_PENDING: &str = "asya.sh/restart-pending";

/// The entry with the restart noted as pending.
pub(super) fn with_restart_pending(mut entry: Object) -> Object {
    if let Some(metadata) = entry.value_mut().get_mut("metadata").and_then(Value::as_object_mut) {
        let annotations = metadata.entry("annotations").or_insert_with(|| json!({}));
        if let Some(annotations) = annotations.as_object_mut() {
            annotations.insert(RESTART_PENDING.to_owned(), json!("true"));
        }
    }
    entry
}

/// Whether a restart is noted as pending.
pub(super) fn is_restart_pending(entry: &Value) -> bool {
    entry.pointer("/metadata/annotations").is_some_and(|annotations| annotations.get(RESTART_PENDING).is_some())
}

/// A merge patch that takes the note away.
pub(super) fn restarted_patch() -> Value {
    json!({"metadata": {"annotations": {RESTART_PENDING: null}}})
}

/// The label selector of the entries of one flow.
pub(super) fn selector(flow: &str) -> String {
    format!("{}={},asya.sh/flow={flow}", CONFIG_TYPE.0, CONFIG_TYPE.1)
}

/// `metadata.name`.
pub(super) fn name(object: &Value) -> &str {
    object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}
