//! Flow files as the gateway's loader reads them: what it accepts, what it refuses
//! (`docs/platform/gateway.md`, "Flow files"). One refused file blocks all others.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// One entry of a flow file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Flow {
    /// The name agents know it by.
    pub(super) name: String,
    /// The whole entry.
    pub(super) entry: Value,
}

impl Flow {
    /// What the MCP side of a gateway makes of it, once, when it starts; `None` when it is no tool.
    pub(super) fn tool(&self) -> Option<Value> {
        self.entry.get("mcp").filter(|mcp| !mcp.is_null())?;
        let mut tool = self.entry.clone();
        if let Some(fields) = tool.as_object_mut() {
            fields.shift_remove("a2a");
        }
        Some(tool)
    }
}

/// Whether the loader looks at a file of this name at all.
pub(super) fn is_flow_file(name: &str) -> bool {
    !name.contains('/') && (name.ends_with(".yaml") || name.ends_with(".yml"))
}

/// Why the gateway would refuse a file with this text, and with it all flows; `None` when it loads.
pub fn refusal(text: &str) -> Option<String> {
    load(text).err()
}

/// The flows of a file, or the reason why the loader refuses it.
pub(super) fn load(text: &str) -> Result<Vec<Flow>, String> {
    let options = serde_saphyr::options! { strict_booleans: true };
    let mut reader = text.as_bytes();
    // Only the first document counts.
    let document: Option<Result<Yaml, _>> = serde_saphyr::read_with_options(&mut reader, options).next();
    let document = match document {
        None => return Ok(Vec::new()),
        Some(Ok(document)) => document,
        Some(Err(error)) => return Err(yaml_error(&error)),
    };
    let fields = match document.value {
        Value::Null => return Ok(Vec::new()),
        Value::Object(fields) => fields,
        other => return Err(format!("it must be a mapping with `flows`, not {}", kind(&other))),
    };
    let flows = match fields.get("flows") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(flows)) => flows,
        Some(other) => return Err(format!("`flows` must be a list, not {}", kind(other))),
    };
    let loaded = flows.iter().map(flow).collect::<Result<Vec<Flow>, String>>()?;
    match document.odd_key {
        Some(key) => Err(format!("the key `{key}` is not text; JSON has no such keys")),
        None => Ok(loaded),
    }
}

fn flow(entry: &Value) -> Result<Flow, String> {
    let Value::Object(fields) = entry else {
        return Err(format!("an entry of `flows` must be a mapping, not {}", kind(entry)));
    };
    let name = scalar(fields, "name")?.unwrap_or_default();
    if name.is_empty() {
        return Err("flow name is required".to_owned());
    }
    check(fields).map_err(|reason| format!("flow `{name}`: {reason}"))?;
    Ok(Flow { name, entry: entry.clone() })
}

fn check(fields: &Map<String, Value>) -> Result<(), String> {
    if scalar(fields, "entrypoint")?.is_none_or(|entrypoint| entrypoint.is_empty()) {
        return Err("entrypoint is required".to_owned());
    }
    scalar(fields, "description")?;
    strings(fields, "route_next")?;
    match fields.get("timeout") {
        None | Some(Value::Null) => {}
        Some(Value::Number(number)) if number.is_i64() || number.is_u64() => {}
        Some(other) => return Err(format!("`timeout` must be a whole number of seconds, not {}", kind(other))),
    }
    if let Some(mcp) = mapping(fields, "mcp")? {
        match mcp.get("progress") {
            None | Some(Value::Null | Value::Bool(_)) => {}
            Some(other) => return Err(format!("`mcp.progress` must be `true` or `false`, not {}", kind(other))),
        }
    }
    if let Some(a2a) = mapping(fields, "a2a")? {
        for list in ["tags", "input_modes", "output_modes", "examples"] {
            strings(a2a, list)?;
        }
    }
    Ok(())
}

/// A scalar as text: the loader takes numbers and booleans for text as they are written.
fn scalar(fields: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(Some(value.to_string())),
        Some(other) => Err(format!("`{name}` must be text, not {}", kind(other))),
    }
}

fn strings(fields: &Map<String, Value>, name: &str) -> Result<(), String> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Array(items)) => match items.iter().find(|item| item.is_array() || item.is_object()) {
            None => Ok(()),
            Some(item) => Err(format!("`{name}` must be a list of texts, but holds {}", kind(item))),
        },
        Some(other) => Err(format!("`{name}` must be a list, not {}", kind(other))),
    }
}

fn mapping<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a Map<String, Value>>, String> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(fields)) => Ok(Some(fields)),
        Some(other) => Err(format!("`{name}` must be a mapping, not {}", kind(other))),
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
        scalar => format!("`{scalar}`"),
    }
}

fn yaml_error(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    format!("it is not valid YAML: {}", text.lines().next().unwrap_or_default())
}

/// A YAML document as JSON, and the first mapping key that is not text.
struct Yaml {
    value: Value,
    odd_key: Option<String>,
}

impl Yaml {
    fn of(value: Value) -> Self {
        Self { value, odd_key: None }
    }
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(YamlVisitor)
    }
}

struct YamlVisitor;

impl<'de> Visitor<'de> for YamlVisitor {
    type Value = Yaml;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("YAML")
    }

    fn visit_unit<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::of(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::of(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Yaml, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Yaml, E> {
        Ok(Yaml::of(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Yaml, E> {
        Ok(Yaml::of(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Yaml, E> {
        Ok(Yaml::of(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Yaml, E> {
        Ok(Yaml::of(Number::from_f64(value).map_or(Value::Null, Value::Number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Yaml, E> {
        Ok(Yaml::of(Value::String(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Yaml, A::Error> {
        let mut all = Vec::new();
        let mut odd_key = None;
        while let Some(item) = items.next_element::<Yaml>()? {
            odd_key = odd_key.or(item.odd_key);
            all.push(item.value);
        }
        Ok(Yaml { value: Value::Array(all), odd_key })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Yaml, A::Error> {
        let mut all = Map::new();
        let mut odd_key = None;
        while let Some((key, value)) = entries.next_entry::<Yaml, Yaml>()? {
            let key = match key.value {
                Value::String(text) => text,
                other => {
                    let shown = other.to_string();
                    odd_key.get_or_insert(shown.clone());
                    shown
                }
            };
            odd_key = odd_key.or(value.odd_key);
            all.insert(key, value.value);
        }
        Ok(Yaml { value: Value::Object(all), odd_key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<Vec<String>, String> {
        load(text).map(|flows| flows.into_iter().map(|flow| flow.name).collect())
    }

    #[test]
    fn what_the_loader_accepts() {
        let good = "flows:\n- {name: a, entrypoint: start-a, mcp: {}, extra: 1}\n- {name: b, entrypoint: x, a2a:}\n";
        assert_eq!(names(good).unwrap(), ["a", "b"]);
        for empty in ["", "# nothing\n", "flows:\n", "flows: []\n", "name: a\nentrypoint: b\n"] {
            assert_eq!(names(empty).unwrap(), [""; 0], "{empty:?}");
        }
        assert_eq!(names("flows: [{name: 12, entrypoint: e, timeout: 30}]").unwrap(), ["12"]);
        assert_eq!(names("flows: [{name: a, entrypoint: e}]\n---\nnot: [valid\n").unwrap(), ["a"]);
    }

    #[test]
    fn what_the_loader_refuses() {
        for (bad, reason) in [
            ("- a\n", "it must be a mapping"),
            ("flows: [{entrypoint: e}]", "flow name is required"),
            ("flows: [{name: a}]", "flow `a`: entrypoint is required"),
            ("flows: [{name: a, entrypoint: e, timeout: 120s}]", "`timeout` must be"),
            ("flows: [{name: a, entrypoint: e, mcp: true}]", "`mcp` must be a mapping"),
            ("flows: [{name: a, entrypoint: e, route_next: foo}]", "`route_next` must be a list"),
            ("flows: [{name: a, name: b, entrypoint: e}]", "not valid YAML"),
            ("flows: [{name: a, entrypoint: e, mcp: {inputSchema: {1: x}}}]", "the key `1` is not text"),
            ("flows: [", "not valid YAML"),
        ] {
            let said = names(bad).unwrap_err();
            assert!(said.contains(reason), "{bad:?} says {said:?}");
        }
    }
}
