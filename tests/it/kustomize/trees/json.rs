//! JSON 6902 patches, derived from the object they are for.

use serde_json::{Value, json};

use super::{Dice, Made};

/// Operations that fit `made` one after the other.
pub fn json_patch(dice: &mut Dice, made: &Made) -> String {
    if made.changed || made.value.is_null() {
        return any_kind(dice, Some(made.kind));
    }
    let mut model = made.value.clone();
    let mut operations = Vec::new();
    for _ in 0..=dice.roll(3) {
        let operation = operation(dice, &model);
        let patch: json_patch::Patch = serde_json::from_value(json!([operation])).unwrap();
        if json_patch::patch(&mut model, &patch).is_ok() {
            operations.push(operation);
        }
    }
    if operations.is_empty() { any_kind(dice, Some(made.kind)) } else { written(dice, &Value::Array(operations)) }
}

/// Operations that fit objects of `kind`, or of any.
pub fn any_kind(dice: &mut Dice, kind: Option<&str>) -> String {
    let operations = match dice.roll(6) {
        0 => json!([{"op": "add", "path": "/metadata/labels", "value": {"only": "label"}}]),
        1 => json!([{"op": "replace", "path": "/metadata/annotations", "value": {"note": "replaced", "n": "1"}}]),
        2 => json!([{"op": "add", "path": "/extra", "value": {"on": "yes", "list": [1, 1.5, 10_000_000, null]}}]),
        3 => json!([{"op": "copy", "from": "/metadata/name", "path": "/extra"}]),
        4 if kind.is_some() => json!([{"op": "test", "path": "/kind", "value": kind}]),
        _ => json!([
            {"op": "add", "path": "/x~1y", "value": []},
            {"op": "add", "path": "/x~1y/-", "value": "one"},
            {"op": "add", "path": "/x~1y/0", "value": "zero"},
            {"op": "move", "from": "/x~1y/1", "path": "/moved"},
            {"op": "remove", "path": "/x~1y/0"},
        ]),
    };
    written(dice, &operations)
}

/// One operation at a random place of `model`.
fn operation(dice: &mut Dice, model: &Value) -> Value {
    let mut places = Vec::new();
    collect(model, String::new(), &mut places);
    places.retain(|(path, _)| {
        !matches!(path.as_str(), "" | "/apiVersion" | "/kind" | "/metadata" | "/metadata/name" | "/metadata/namespace")
    });
    if places.is_empty() {
        return json!({"op": "add", "path": "/extra", "value": "only"});
    }
    let (path, value) = places[dice.roll(places.len())].clone();
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let in_list = model.pointer(parent).is_some_and(Value::is_array);
    let beside = if in_list { format!("{parent}/{}", dice.pick(&["-", "0"])) } else { format!("{parent}/be~1side") };
    match (dice.roll(9), &value) {
        (0, _) => json!({"op": "remove", "path": path}),
        (1, _) if !path.starts_with("/metadata") => json!({"op": "move", "from": path, "path": beside}),
        (2, _) => json!({"op": "copy", "from": path, "path": beside}),
        (3, Value::String(_)) => json!({"op": "test", "path": path, "value": value}),
        (4, _) => json!({"op": "add", "path": beside, "value": new(dice, &value)}),
        (5, Value::Array(_)) => json!({"op": "add", "path": format!("{path}/-"), "value": "more"}),
        (6, Value::Object(_)) => json!({"op": "replace", "path": format!("{path}/missing"), "value": "set"}),
        (_, _) => json!({"op": "replace", "path": path, "value": new(dice, &value)}),
    }
}

/// A value of the same type.
fn new(dice: &mut Dice, value: &Value) -> Value {
    match value {
        Value::String(_) => json!(dice.pick(&["new", "on", "1.10", "a: b", "", "line\nbreak", "2024-01-01", "é"])),
        Value::Number(_) => json!([7, 0, 1_000_000, 123_456_789_012_i64][dice.roll(4)]),
        Value::Bool(flag) => json!(!flag),
        Value::Null => Value::Null,
        Value::Array(items) => Value::Array(items.iter().rev().cloned().collect()),
        Value::Object(map) => {
            let mut map = map.clone();
            map.insert("another".to_owned(), json!("field"));
            Value::Object(map)
        }
    }
}

fn collect(value: &Value, path: String, places: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            let key = key.replace('~', "~0").replace('/', "~1");
            collect(value, format!("{path}/{key}"), places);
        }),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| collect(value, format!("{path}/{at}"), places));
        }
        _ => {}
    }
    places.push((path, value.clone()));
}

fn written(dice: &mut Dice, operations: &Value) -> String {
    let text = match dice.roll(5) {
        0 => format!("{operations}\n"),
        1 => format!("{operations:#}\n"),
        2 => format!("# operations\n{}", asya::yaml::write_ordered(operations)),
        3 => format!("---\n{}", asya::yaml::write_sorted(operations)),
        _ => asya::yaml::write_ordered(operations),
    };
    text.replace('\u{2028}', "-")
}
