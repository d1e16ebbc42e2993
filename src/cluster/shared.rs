//! Actors that several flows call: one object, several field managers.

use serde_json::Value;

use super::managed::FLOWS;
use crate::kustomize::Object;

/// The label that names a flow; an object has one, so of several flows the first one keeps it.
pub(super) const FLOW_LABEL: &str = "asya.sh/flow";

/// Where that label stands in an object.
pub(super) fn label_pointer() -> &'static str {
    "/metadata/labels/asya.sh~1flow"
}

/// Where that label stands among the recorded fields of a manager.
const RECORDED: &str = "/fieldsV1/f:metadata/f:labels/f:asya.sh~1flow";

/// The object as `manager` may apply it without taking the flow's label from another flow that
/// applied the object before, and that flow.
pub(super) fn without_anothers_label(
    mut object: Object,
    live: Option<&Value>,
    manager: &str,
) -> (Object, Option<String>) {
    let Some(other) = live.and_then(|live| labelled_by_another(live, manager)) else { return (object, None) };
    let labels = object.value_mut().pointer_mut("/metadata/labels").and_then(Value::as_object_mut);
    if let Some(labels) = labels {
        labels.shift_remove(FLOW_LABEL);
    }
    (object, Some(other))
}

fn labelled_by_another(live: &Value, manager: &str) -> Option<String> {
    let entries = live.pointer("/metadata/managedFields")?.as_array()?;
    let owner = |entry: &Value| -> Option<String> {
        entry.pointer(RECORDED)?;
        let name = entry.get("manager")?.as_str()?;
        name.strip_prefix(FLOWS).map(str::to_owned)
    };
    let owners: Vec<String> = entries.iter().filter_map(owner).collect();
    // Whoever has the label keeps it; two that have it agree on its value.
    if owners.iter().any(|flow| manager.strip_prefix(FLOWS) == Some(flow)) {
        return None;
    }
    owners.into_iter().next()
}
