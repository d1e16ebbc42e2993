//! The ConfigMap that describes one flow to a gateway.

use serde_json::Value;

use crate::kustomize::Object;

/// Label and value of ConfigMaps that describe flows (`docs/platform/gateway.md`, "Flow entries").
pub const CONFIG_TYPE: (&str, &str) = ("asya.sh/config-type", "flows");

/// Whether a rendered object describes a flow to a gateway, hence belongs into its namespace.
pub fn is_flow_entry(object: &Object) -> bool {
    object.kind() == "ConfigMap" && object.api_version() == "v1" && object.label(CONFIG_TYPE.0) == Some(CONFIG_TYPE.1)
}

/// The label selector of the entries of one flow.
pub(super) fn selector(flow: &str) -> String {
    format!("{}={},asya.sh/flow={flow}", CONFIG_TYPE.0, CONFIG_TYPE.1)
}

/// `metadata.name`.
pub(super) fn name(object: &Value) -> &str {
    object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}

/// Whether `manager` ever applied `object`.
pub(super) fn is_applied_by(object: &Value, manager: &str) -> bool {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    entries.is_some_and(|entries| {
        entries.iter().any(|entry| {
            entry.get("manager").and_then(Value::as_str) == Some(manager)
                && entry.get("operation").and_then(Value::as_str) == Some("Apply")
        })
    })
}
