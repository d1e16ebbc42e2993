//! Who applied what: the managers that the server records with every object.

use serde_json::{Map, Value};

/// What all field managers of flows start with.
pub(super) const FLOWS: &str = "asya-flow-";

/// The managers that applied an object, with the fields they applied, in the server's order.
pub(super) fn appliers(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    entries.into_iter().flatten().filter_map(|entry| {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        (text("operation") == "Apply" && text("subresource").is_empty())
            .then(|| Some((entry.get("manager")?.as_str()?, entry.get("fieldsV1")?)))?
    })
}

/// Whether `manager` applied `object`.
pub(super) fn is_applied_by(object: &Value, manager: &str) -> bool {
    appliers(object).any(|(name, _)| name == manager)
}

/// The flow of a manager; `None` for managers that are no flow's.
pub(super) fn flow_of(manager: &str) -> Option<&str> {
    manager.strip_prefix(FLOWS)
}

/// What `manager` applied, as it would have to apply it again; `None` when it did not. The fields
/// come from the record, their values from the object.
pub(super) fn applied_again(object: &Value, manager: &str) -> Option<Value> {
    let (_, fields) = appliers(object).find(|(name, _)| *name == manager)?;
    let Some(Value::Object(mut again)) = fields.as_object().map(|fields| picked(object, fields)) else { return None };
    for key in ["apiVersion", "kind"] {
        again.insert(key.to_owned(), object.get(key)?.clone());
    }
    let metadata = again.entry("metadata").or_insert_with(|| Value::Object(Map::new())).as_object_mut()?;
    for key in ["name", "namespace"] {
        if let Some(value) = object.get("metadata")?.get(key) {
            metadata.insert(key.to_owned(), value.clone());
        }
    }
    Some(Value::Object(again))
}

/// The part of `value` that `fields` name: `f:` fields, `k:` items by key, `v:` items by value.
fn picked(value: &Value, fields: &Map<String, Value>) -> Value {
    if fields.is_empty() {
        return value.clone();
    }
    let none = Map::new();
    let below = |key: &str| fields.get(key).and_then(Value::as_object).unwrap_or(&none);
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(name, _)| fields.contains_key(&format!("f:{name}")));
            Value::Object(
                kept.map(|(name, value)| (name.clone(), picked(value, below(&format!("f:{name}"))))).collect(),
            )
        }
        Value::Array(items) => {
            let of = |item: &Value| fields.keys().find(|key| names_item(key, item));
            Value::Array(items.iter().filter_map(|item| Some(picked(item, below(of(item)?)))).collect())
        }
        scalar => scalar.clone(),
    }
}

/// Whether `key`, as the server records items of lists (`k:{"name":"x"}`, `v:"x"`), means `item`.
pub(super) fn names_item(key: &str, item: &Value) -> bool {
    if let Some(keys) = key.strip_prefix("k:") {
        let Ok(Value::Object(keys)) = serde_json::from_str(keys) else { return false };
        return keys.iter().all(|(name, value)| item.get(name) == Some(value));
    }
    key.strip_prefix("v:").is_some_and(|value| serde_json::from_str::<Value>(value).is_ok_and(|value| &value == item))
}

/// The managers that own a field of the live object, or something in it.
pub(super) fn owners<'a>(live: &'a Value, path: &[&str]) -> Vec<&'a str> {
    let pointer: String =
        path.iter().map(|part| format!("/f:{}", part.replace('~', "~0").replace('/', "~1"))).collect();
    let entries =
        live.pointer("/metadata/managedFields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    entries
        .iter()
        .filter(|entry| entry.get("fieldsV1").is_some_and(|fields| fields.pointer(&pointer).is_some()))
        .filter_map(|entry| entry.get("manager").and_then(Value::as_str))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_manager_applied_is_put_together_from_record_and_object() {
        let object = json!({
            "apiVersion": "v1", "kind": "Thing",
            "metadata": {
                "name": "a", "namespace": "n", "uid": "1", "labels": {"mine": "1", "other": "2"},
                "managedFields": [
                    {"manager": "m", "operation": "Apply", "fieldsV1": {
                        "f:metadata": {"f:labels": {"f:mine": {}}},
                        "f:spec": {
                            "f:whole": {}, "f:ports": {"k:{\"name\":\"p\"}": {".": {}, "f:name": {}, "f:port": {}}},
                            "f:set": {"v:\"b\"": {}},
                        },
                    }},
                    {"manager": "n", "operation": "Update", "fieldsV1": {"f:spec": {"f:other": {}}}},
                ],
            },
            "spec": {
                "whole": {"x": [1, 2]}, "other": 1, "set": ["a", "b"],
                "ports": [{"name": "o", "port": 1}, {"name": "p", "port": 2, "protocol": "TCP"}],
            },
        });
        let again = json!({
            "apiVersion": "v1", "kind": "Thing",
            "metadata": {"name": "a", "namespace": "n", "labels": {"mine": "1"}},
            "spec": {"whole": {"x": [1, 2]}, "set": ["b"], "ports": [{"name": "p", "port": 2}]},
        });
        assert_eq!(applied_again(&object, "m"), Some(again));
        assert_eq!(applied_again(&object, "n"), None, "it did not apply");
    }
}
