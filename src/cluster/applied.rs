//! Whether applying an object would change nothing, decided without asking the server.
//!
//! The server records for each manager which fields it applied. When those are exactly the
//! fields of the object and every value is already there, a further apply does nothing. The
//! answer is `true` only when that is certain: a default or a normalised quantity makes it
//! `false`, and the server decides.

use serde_json::{Map, Value};

use super::managed::names_item;

/// Whether `manager` already applied exactly `desired` to `live`, and nothing has changed since.
pub(super) fn is_applied(desired: &Value, live: &Value, manager: &str) -> bool {
    let Some(fields) = applied_fields(desired, live, manager) else { return false };
    let (Some(desired), Some(live)) = (desired.as_object(), live.as_object()) else { return false };
    // Identity is never recorded as applied.
    same_fields(desired, live, fields, &["apiVersion", "kind"])
}

/// The fields that `manager` applied in the version `desired` is written in.
fn applied_fields<'a>(desired: &Value, live: &'a Value, manager: &str) -> Option<&'a Map<String, Value>> {
    let entries = live.pointer("/metadata/managedFields")?.as_array()?;
    let text = |entry: &'a Value, key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
    let entry = entries.iter().find(|entry| {
        text(entry, "manager") == manager
            && text(entry, "operation") == "Apply"
            && text(entry, "subresource").is_empty()
            && Some(text(entry, "apiVersion")) == desired.get("apiVersion").and_then(Value::as_str)
    })?;
    entry.get("fieldsV1")?.as_object()
}

fn same_fields(
    desired: &Map<String, Value>,
    live: &Map<String, Value>,
    fields: &Map<String, Value>,
    not_recorded: &[&str],
) -> bool {
    let recorded = fields.keys().filter_map(|key| key.strip_prefix("f:"));
    let nothing_left_over = recorded.into_iter().all(|name| desired.contains_key(name));
    let only_fields = fields.keys().all(|key| key == "." || key.starts_with("f:"));
    nothing_left_over
        && only_fields
        && desired.iter().filter(|(name, _)| !not_recorded.contains(&name.as_str())).all(|(name, value)| {
            let Some(live) = live.get(name) else { return false };
            match fields.get(&format!("f:{name}")).and_then(Value::as_object) {
                Some(below) => same_value(value, live, below, name == "metadata"),
                None => false,
            }
        })
}

fn same_value(desired: &Value, live: &Value, fields: &Map<String, Value>, metadata: bool) -> bool {
    if fields.is_empty() {
        return desired == live;
    }
    match (desired, live) {
        (Value::Object(desired), Value::Object(live)) => {
            let not_recorded: &[&str] = if metadata { &["name", "namespace"] } else { &[] };
            same_fields(desired, live, fields, not_recorded)
        }
        (Value::Array(desired), Value::Array(live)) => same_items(desired, live, fields),
        _ => false,
    }
}

/// Lists whose items are known by a key (`k:{"name":"x"}`) or by their value (`v:"x"`).
fn same_items(desired: &[Value], live: &[Value], fields: &Map<String, Value>) -> bool {
    if desired.len() != fields.keys().filter(|key| *key != ".").count() {
        return false;
    }
    let mut after = 0;
    desired.iter().all(|item| {
        let Some((key, below)) = fields.iter().find(|(key, _)| names_item(key, item)) else { return false };
        // The order of items may matter to somebody: it must be the same.
        let Some(found) = live.iter().skip(after).position(|candidate| names_item(key, candidate)) else {
            return false;
        };
        let Some(live_item) = live.get(after + found) else { return false };
        after += found + 1;
        match below.as_object() {
            Some(below) => same_value(item, live_item, below, false),
            None => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn live(fields: Value) -> Value {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {
                "name": "a", "namespace": "n", "uid": "1", "labels": {"x": "1", "other": "2"},
                "managedFields": [{"manager": "m", "operation": "Apply", "apiVersion": "v1", "fieldsV1": fields}],
            },
            "data": {"k": "v"},
            "ports": [{"name": "p", "port": 1, "protocol": "TCP"}, {"name": "q", "port": 2}],
            "set": ["a", "b"],
        })
    }

    fn desired() -> Value {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "a", "namespace": "n", "labels": {"x": "1"}},
            "data": {"k": "v"},
        })
    }

    fn fields() -> Value {
        json!({"f:metadata": {"f:labels": {"f:x": {}}}, "f:data": {".": {}, "f:k": {}}})
    }

    #[test]
    fn the_same_fields_with_the_same_values_are_applied() {
        assert!(is_applied(&desired(), &live(fields()), "m"));
    }

    #[test]
    fn another_value_another_field_or_another_manager_is_not() {
        let with = |pointer: &str, value: Value| {
            let mut object = desired();
            *object.pointer_mut(pointer).unwrap() = value;
            object
        };
        assert!(!is_applied(&with("/data/k", json!("w")), &live(fields()), "m"));
        assert!(!is_applied(&with("/data", json!({"k": "v", "new": "1"})), &live(fields()), "m"));
        assert!(!is_applied(&with("/data", json!({})), &live(fields()), "m"), "a field was taken out");
        assert!(!is_applied(&desired(), &live(fields()), "somebody"));
        let unowned = json!({"f:metadata": {"f:labels": {"f:x": {}}}});
        assert!(!is_applied(&desired(), &live(unowned), "m"), "the value is there but not ours");
    }

    #[test]
    fn items_of_keyed_lists_are_compared_by_key_and_in_order() {
        let with = |ports: Value, set: Value| {
            let mut object = desired();
            object["ports"] = ports;
            object["set"] = set;
            object
        };
        let mut owned = fields();
        owned["f:ports"] = json!({
            "k:{\"name\":\"p\"}": {".": {}, "f:name": {}, "f:port": {}},
            "k:{\"name\":\"q\"}": {".": {}, "f:name": {}, "f:port": {}},
        });
        owned["f:set"] = json!({"v:\"a\"": {}, "v:\"b\"": {}});
        let p = json!({"name": "p", "port": 1});
        let q = json!({"name": "q", "port": 2});
        assert!(is_applied(&with(json!([p, q]), json!(["a", "b"])), &live(owned.clone()), "m"));
        assert!(!is_applied(&with(json!([q, p]), json!(["a", "b"])), &live(owned.clone()), "m"));
        assert!(!is_applied(&with(json!([p]), json!(["a", "b"])), &live(owned.clone()), "m"));
        assert!(!is_applied(&with(json!([p, q]), json!(["b", "a"])), &live(owned), "m"));
    }
}
