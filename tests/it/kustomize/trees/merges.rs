//! Strategic merge patches, derived from the object they are for.

use serde_json::{Map, Value, json};

use super::scalars::{text, valid};
use super::{Dice, Made};

/// Fields that tell the elements of a list apart.
const KEYS: &[&str] = &[
    "name",
    "containerPort",
    "port",
    "protocol",
    "mountPath",
    "devicePath",
    "ip",
    "topologyKey",
    "whenUnsatisfiable",
    "uid",
    "type",
];

/// A word that stands for a scalar as it may be written; replaced once the patch is text.
const RAW: &str = "rawscalar";

/// What a patch does to the object as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Change,
    Delete,
}

/// The text of a patch for `made`, and what it does.
pub fn merge_patch(dice: &mut Dice, made: &Made) -> (String, Effect) {
    let mut head = head(made);
    let Some(object) = made.value.as_object() else { return (written(dice, &Value::Object(head)), Effect::Change) };
    if dice.chance(6) {
        head.insert("$patch".to_owned(), json!("delete"));
        return (written(dice, &Value::Object(head)), Effect::Delete);
    }
    if dice.chance(25) {
        let mut labels = Map::new();
        for key in object["metadata"].get("labels").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
            if dice.chance(30) {
                labels.insert(key.clone(), json!(text_value(dice)));
            }
        }
        labels.insert("added".to_owned(), json!("yes"));
        if dice.chance(40) {
            // What a transformer may have set in other places as well.
            labels.insert(dice.pick(&["team0", "shared", "n"]).to_owned(), json!(text_value(dice)));
        }
        head["metadata"]["labels"] = Value::Object(labels);
    }
    if dice.chance(25) {
        head["metadata"]["annotations"] = json!({"a": "b", "note": null, "more": text_value(dice)});
    }
    if dice.chance(10) {
        head["metadata"]["finalizers"] = json!(["asya.sh/b", "asya.sh/c"]);
    }
    if dice.chance(3) {
        head.insert("$patch".to_owned(), json!(dice.pick(&["replace", "merge"])));
    }
    for (key, value) in object.iter().filter(|(key, _)| !matches!(key.as_str(), "apiVersion" | "kind" | "metadata")) {
        if dice.chance(75) {
            let value = if dice.chance(3) { Value::Null } else { derived(dice, value) };
            head.insert(key.clone(), value);
        }
    }
    (written(dice, &Value::Object(head)), Effect::Change)
}

/// A patch that fits objects of any kind.
pub fn any_kind(dice: &mut Dice) -> String {
    let mut patch = json!({"apiVersion": "v1", "kind": "Any", "metadata": {"name": "any"}});
    match dice.roll(4) {
        0 => patch["metadata"]["labels"] = json!({"added": "yes", "app": null}),
        1 => patch["metadata"]["annotations"] = json!({"added": text_value(dice)}),
        2 => patch["extra"] = json!({"deep": {"x": RAW, "gone": null}}),
        _ => patch["metadata"]["finalizers"] = json!(["asya.sh/a", "new"]),
    }
    written(dice, &patch)
}

fn head(made: &Made) -> Map<String, Value> {
    let mut metadata = json!({"name": made.name});
    if let Some(namespace) = made.namespace {
        metadata["namespace"] = json!(namespace);
    }
    let mut head = Map::new();
    head.insert("apiVersion".to_owned(), json!(super::api_version(made.kind)));
    head.insert("kind".to_owned(), json!(made.kind));
    head.insert("metadata".to_owned(), metadata);
    head
}

fn text_value(dice: &mut Dice) -> String {
    text(dice).trim_matches(['"', '\'']).to_owned()
}

fn derived(dice: &mut Dice, value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(derived_map(dice, map)),
        Value::Array(items) => Value::Array(derived_list(dice, items)),
        Value::String(_) if dice.chance(25) => json!(RAW),
        Value::String(_) => json!(text_value(dice)),
        Value::Number(number) => json!(number.as_i64().unwrap_or(3) + 1),
        Value::Bool(flag) => json!(!flag),
        Value::Null => json!(RAW),
    }
}

fn derived_map(dice: &mut Dice, map: &Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    match dice.roll(100) {
        0..3 => drop(out.insert("$patch".to_owned(), json!("replace"))),
        3..5 => drop(out.insert("$patch".to_owned(), json!("merge"))),
        5..7 => {
            out.insert("$patch".to_owned(), json!("delete"));
            return out;
        }
        _ => {}
    }
    for (key, value) in map {
        match dice.roll(20) {
            0 => drop(out.insert(key.clone(), Value::Null)),
            1..11 => drop(out.insert(key.clone(), derived(dice, value))),
            _ => {}
        }
    }
    if dice.chance(15) {
        out.insert("added".to_owned(), if dice.chance(20) { json!({"x": [1, {"y": null}]}) } else { json!(RAW) });
    }
    out
}

fn derived_list(dice: &mut Dice, items: &[Value]) -> Vec<Value> {
    let mut out = Vec::new();
    for item in items {
        let Some(map) = item.as_object() else {
            if dice.chance(50) {
                out.push(if dice.chance(40) { derived(dice, item) } else { item.clone() });
            }
            continue;
        };
        if !dice.chance(55) {
            continue;
        }
        let keys = map.iter().filter(|(key, value)| KEYS.contains(&key.as_str()) && !value.is_object());
        let keys: Map<String, Value> = keys.map(|(key, value)| (key.clone(), value.clone())).collect();
        let mut element = if dice.chance(10) {
            Map::from_iter([("$patch".to_owned(), json!(dice.pick(&["delete", "delete", "replace", "merge"])))])
        } else {
            let mut element = derived_map(dice, map);
            element.remove("$patch");
            element
        };
        for (key, value) in keys {
            // A port without its protocol, for one.
            if key != "protocol" || dice.chance(70) {
                element.insert(key, value);
            }
        }
        if dice.chance(15) {
            element.insert("added".to_owned(), json!(RAW));
        }
        out.push(Value::Object(element));
    }
    if dice.chance(35) {
        match items.first() {
            Some(Value::Object(first)) => {
                let mut element = first.clone();
                element.retain(|key, value| KEYS.contains(&key.as_str()) && !value.is_object());
                for (key, value) in &mut element {
                    match value {
                        Value::String(text) if key != "protocol" => *value = json!(format!("{text}-new")),
                        Value::Number(_) => *value = json!(9090),
                        _ => {}
                    }
                }
                element.insert("added".to_owned(), json!(RAW));
                out.push(Value::Object(element));
            }
            _ => out.push(json!("more")),
        }
    }
    if items.first().is_some_and(Value::is_object) && dice.chance(6) {
        out.insert(0, json!({"$patch": dice.pick(&["replace", "replace", "delete", "merge"])}));
    }
    if dice.chance(20) {
        dice.shuffle(&mut out);
    }
    out
}

/// The patch as YAML or JSON, with scalars as people write them, comments and anchors.
fn written(dice: &mut Dice, patch: &Value) -> String {
    let as_json = dice.chance(8);
    let mut rest = match dice.roll(2) {
        _ if as_json => format!("{patch:#}\n"),
        0 => asya::yaml::write_ordered(patch),
        _ => asya::yaml::write_sorted(patch),
    };
    if as_json {
        return rest.replace(RAW, "words");
    }
    let anchored = dice.chance(15);
    let mut out = if dice.chance(10) { "# a patch\n".to_owned() } else { String::new() };
    let mut number = 0;
    while let Some(at) = rest.find(RAW) {
        out.push_str(&rest[..at]);
        match (anchored, number) {
            (true, 0) => out.push_str("&value \"anchored: text\""),
            (true, _) => out.push_str("*value"),
            _ => {
                // Not a time: kustomize takes one that a patch adds to a manifest in JSON for text.
                let fits = |text: &&&str| {
                    !text.starts_with(['{', '['])
                        && !text.starts_with("2024-01-01T10")
                        && !text.starts_with("2024-01-01 10")
                };
                let scalars: Vec<&str> = valid().iter().filter(fits).copied().collect();
                out.push_str(dice.pick(&scalars));
            }
        }
        rest = rest.split_off(at + RAW.len());
        number += 1;
    }
    out + &rest
}
