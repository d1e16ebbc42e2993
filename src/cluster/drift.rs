//! What of an object in the cluster is not as it was rendered, told from the object alone: no
//! permission to write is needed, and what the server adds does not count.

use serde_json::{Map, Value};

use crate::kustomize::{Object, ObjectId};

/// How a rendered object and the one in the cluster differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// The object.
    pub object: ObjectId,
    /// It is not in the cluster.
    pub missing: bool,
    /// Fields with another value, or none, in the cluster.
    pub fields: Vec<FieldDrift>,
    /// Fields that an earlier apply of the same manager set and that are not rendered any more.
    pub left: Vec<String>,
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldDrift {
    /// Its path: `spec.scaling.maxReplicaCount`.
    pub field: String,
    /// What is rendered; `None` for values that are not to be shown.
    pub rendered: Option<Value>,
    /// What is there; `null` for nothing, `None` for values that are not to be shown.
    pub live: Option<Value>,
}

/// Compares a rendered object with the one in the cluster; `None` when nothing differs.
pub fn drift(rendered: &Object, live: Option<&Value>, manager: &str) -> Option<Drift> {
    let mut found = Drift { object: rendered.id(), missing: live.is_none(), fields: Vec::new(), left: Vec::new() };
    let Some(live) = live else { return Some(found) };
    let secret = rendered.kind() == "Secret";
    let wanted = comparable(rendered.value(), secret);
    compare(&wanted, live, &mut String::new(), &mut found.fields);
    if secret {
        for field in &mut found.fields {
            (field.rendered, field.live) = (None, None);
        }
    }
    if let Some(fields) = applied(live, manager) {
        left_over(&wanted, fields, &mut String::new(), &mut found.left);
    }
    (!found.fields.is_empty() || !found.left.is_empty()).then_some(found)
}

/// The object as the server stores it: `stringData` of a Secret becomes `data`.
fn comparable(rendered: &Value, secret: bool) -> Value {
    use base64::Engine;
    let mut value = rendered.clone();
    let Some(object) = value.as_object_mut().filter(|_| secret) else { return value };
    if let Some(Value::Object(texts)) = object.shift_remove("stringData") {
        let data = object.entry("data").or_insert_with(|| Value::Object(Map::new()));
        if let Some(data) = data.as_object_mut() {
            for (key, text) in texts {
                let encoded = base64::engine::general_purpose::STANDARD.encode(text.as_str().unwrap_or_default());
                data.insert(key, Value::String(encoded));
            }
        }
    }
    value
}

fn compare(rendered: &Value, live: &Value, path: &mut String, out: &mut Vec<FieldDrift>) {
    match (rendered, live) {
        // Nothing is applied for it.
        (Value::Null, _) => {}
        (Value::Object(rendered), Value::Object(live)) => {
            for (key, value) in rendered {
                below(path, key, |path| compare(value, live.get(key).unwrap_or(&Value::Null), path, out));
            }
        }
        // An empty mapping is often not stored.
        (Value::Object(fields), Value::Null) if fields.is_empty() => {}
        (Value::Array(rendered_items), Value::Array(live_items)) => {
            if let Some(names) = names(rendered_items) {
                // The server merges lists whose items have names; others may have added to them.
                for (name, item) in names.into_iter().zip(rendered_items) {
                    let found = live_items.iter().find(|live| live.get("name").and_then(Value::as_str) == Some(name));
                    below(path, &format!("[{name}]"), |path| compare(item, found.unwrap_or(&Value::Null), path, out));
                }
            } else if rendered_items.len() == live_items.len() {
                for (at, (item, live)) in rendered_items.iter().zip(live_items).enumerate() {
                    below(path, &format!("[{at}]"), |path| compare(item, live, path, out));
                }
            } else {
                out.push(differs(path, rendered, live));
            }
        }
        (rendered, live) if rendered == live || same_number(rendered, live) => {}
        (rendered, live) if path.contains("resources") && same_quantity(rendered, live) => {}
        _ => out.push(differs(path, rendered, live)),
    }
}

fn differs(path: &str, rendered: &Value, live: &Value) -> FieldDrift {
    FieldDrift { field: path.to_owned(), rendered: Some(rendered.clone()), live: Some(live.clone()) }
}

/// `1` and `1.0` are one number.
fn same_number(rendered: &Value, live: &Value) -> bool {
    matches!((rendered.as_f64(), live.as_f64()), (Some(a), Some(b)) if a.to_bits() == b.to_bits())
}

/// Quantities are stored in another spelling.
fn same_quantity(rendered: &Value, live: &Value) -> bool {
    matches!((quantity(rendered), quantity(live)), (Some(a), Some(b)) if (a - b).abs() <= a.abs() * 1e-12)
}

/// `500m`, `0.5`, `1Gi` as a number; `None` for text that is no quantity.
fn quantity(value: &Value) -> Option<f64> {
    let text = match value {
        Value::Number(number) => return number.as_f64(),
        Value::String(text) => text,
        _ => return None,
    };
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text.get(..digits)?.parse().ok()?;
    let scale = match text.get(digits..)? {
        "" => 1.0,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        "Ti" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some(number * scale)
}

fn names(items: &[Value]) -> Option<Vec<&str>> {
    let names: Option<Vec<&str>> = items.iter().map(|item| item.get("name")?.as_str()).collect();
    names.filter(|names| !names.is_empty())
}

/// The fields that `manager` applied.
fn applied<'a>(live: &'a Value, manager: &str) -> Option<&'a Map<String, Value>> {
    let entries = live.pointer("/metadata/managedFields")?.as_array()?;
    let entry = entries.iter().find(|entry| {
        entry.get("manager").and_then(Value::as_str) == Some(manager)
            && entry.get("operation").and_then(Value::as_str) == Some("Apply")
    })?;
    entry.get("fieldsV1")?.as_object()
}

fn left_over(rendered: &Value, fields: &Map<String, Value>, path: &mut String, out: &mut Vec<String>) {
    for (key, inner) in fields {
        let Some(name) = key.strip_prefix("f:") else { continue };
        below(path, name, |path| match (rendered.get(name), inner.as_object()) {
            (None, _) => out.push(path.clone()),
            (Some(value), Some(inner)) => left_over(value, inner, path, out),
            (Some(_), None) => {}
        });
    }
}

fn below(path: &mut String, key: &str, then: impl FnOnce(&mut String)) {
    let before = path.len();
    if !path.is_empty() && !key.starts_with('[') {
        path.push('.');
    }
    path.push_str(key);
    then(path);
    path.truncate(before);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(rendered: Value, live: Value) -> Vec<String> {
        let mut out = Vec::new();
        compare(&rendered, &live, &mut String::new(), &mut out);
        out.into_iter().map(|drift| drift.field).collect()
    }

    #[test]
    fn what_the_server_adds_and_respells_is_no_drift() {
        assert!(fields(json!({"a": {"b": 1}}), json!({"a": {"b": 1.0, "c": 2}, "d": 3})).is_empty());
        let resources = |cpu: Value, memory: &str| json!({"resources": {"cpu": cpu, "memory": memory}});
        assert!(fields(resources(json!("500m"), "1024Mi"), resources(json!(0.5), "1Gi")).is_empty());
        let env = |value: &str| json!({"env": [{"name": "A", "value": value}]});
        assert!(fields(env("1"), json!({"env": [{"name": "B"}, {"name": "A", "value": "1"}]})).is_empty());
        assert!(fields(json!({"a": null, "b": {}}), json!({})).is_empty());
    }

    #[test]
    fn other_values_missing_fields_and_other_lists_are() {
        assert_eq!(fields(json!({"a": {"b": 1, "c": "x"}}), json!({"a": {"b": 2}})), ["a.b", "a.c"]);
        let env = |value: &str| json!({"env": [{"name": "A", "value": value}]});
        assert_eq!(fields(env("1"), env("x")), ["env[A].value"]);
        assert_eq!(fields(json!({"l": [1, 2]}), json!({"l": [1, 3]})), ["l[1]"]);
        assert_eq!(fields(json!({"l": [1, 2]}), json!({"l": [1]})), ["l"]);
        assert_eq!(fields(json!({"tag": "1.0"}), json!({"tag": "1"})), ["tag"]);
        assert_eq!(fields(json!({"s": "1"}), json!({"s": "one"})), ["s"]);
    }
}
