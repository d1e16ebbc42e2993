//! The ConfigMap that describes one flow to a gateway.

use serde_json::Value;

use crate::kustomize::Object;

/// Label and value of ConfigMaps that describe flows (`docs/platform/gateway.md`, "Flow entries").
pub const CONFIG_TYPE: (&str, &str) = ("asya.sh/config-type", "flows");

/// The label with the flow's name.
const FLOW: &str = "asya.sh/flow";

/// Values of the label of the config type in gateways that are split into adapters.
pub(super) const TOOLS_TYPE: &str = "mcp-tools";
pub(super) const AGENTS_TYPE: &str = "a2a-agents";

/// Whether a rendered object describes a flow to a gateway, hence belongs into its namespace.
pub fn is_flow_entry(object: &Object) -> bool {
    object.kind() == "ConfigMap" && object.api_version() == "v1" && object.label(CONFIG_TYPE.0) == Some(CONFIG_TYPE.1)
}

/// The label selector of everything gateways read flows from.
pub(super) fn selector() -> String {
    format!("{} in ({},{TOOLS_TYPE},{AGENTS_TYPE})", CONFIG_TYPE.0, CONFIG_TYPE.1)
}

/// `metadata.name`.
pub(super) fn name(object: &Value) -> &str {
    object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}

/// A label of an object.
pub(super) fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get("metadata")?.get("labels")?.get(key)?.as_str().filter(|value| !value.is_empty())
}

/// An annotation of an object.
pub(super) fn annotation<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get("metadata")?.get("annotations")?.get(key)?.as_str()
}

/// The flow that a ConfigMap is the entry of.
pub(super) fn flow_of(object: &Value) -> Option<&str> {
    label(object, FLOW).filter(|_| label(object, CONFIG_TYPE.0) == Some(CONFIG_TYPE.1))
}

/// Whether `asya k apply` put this entry there. The tool's predecessor used the same labels and
/// managers, and one label more.
pub(super) fn is_registered(object: &Value) -> bool {
    flow_of(object).is_some_and(|flow| is_applied_by(object, &format!("asya-flow-{flow}")))
        && label(object, "asya.sh/managed-by") != Some("asya-lab")
}

/// Whether `manager` ever applied `object`.
pub(super) fn is_applied_by(object: &Value, manager: &str) -> bool {
    applied_fields(object, manager).is_some()
}

/// The data keys that `manager` applied.
pub(super) fn keys_applied_by<'a>(object: &'a Value, manager: &str) -> Vec<&'a str> {
    let data = applied_fields(object, manager).and_then(|fields| fields.get("f:data")?.as_object());
    data.into_iter().flatten().filter_map(|(key, _)| key.strip_prefix("f:")).collect()
}

fn applied_fields<'a>(object: &'a Value, manager: &str) -> Option<&'a Value> {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array)?;
    let entry = entries.iter().find(|entry| {
        entry.get("manager").and_then(Value::as_str) == Some(manager)
            && entry.get("operation").and_then(Value::as_str) == Some("Apply")
    })?;
    entry.get("fieldsV1")
}
