//! Flow files as the gateway's loader reads them: what it accepts, what it refuses
//! (`docs/platform/gateway.md`, "Flow files"). One refused file blocks all others.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// What a file lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Flows, each a tool, a skill or both.
    Flows,
    /// Tools of an MCP adapter.
    Tools,
    /// Agents of an A2A adapter.
    Agents,
}

impl Format {
    /// The key of the list.
    pub fn list(self) -> &'static str {
        match self {
            Self::Flows => "flows",
            Self::Tools => "tools",
            Self::Agents => "agents",
        }
    }

    /// What one entry is called.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Flows => "flow",
            Self::Tools => "tool",
            Self::Agents => "agent",
        }
    }

    /// The field that names the first actor.
    fn actor(self) -> &'static str {
        if self == Self::Flows { "entrypoint" } else { "actor" }
    }
}

/// One entry of a flow file.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// The name agents know it by.
    pub name: String,
    /// The whole entry.
    pub entry: Value,
}

impl Flow {
    /// The text of a field; `None` where it is absent or empty. Numbers and booleans are text as they are written.
    pub fn text(&self, field: &str) -> Option<String> {
        let fields = self.entry.as_object()?;
        scalar(fields, field).ok().flatten().filter(|text| !text.is_empty())
    }

    /// The section `mcp` or `a2a`; `None` where it is absent or has nothing after the colon, which does not expose.
    pub fn section(&self, name: &str) -> Option<&Map<String, Value>> {
        self.entry.get(name)?.as_object()
    }

    /// What the MCP side of a gateway makes of it, once, when it starts; `None` when it is no tool.
    pub fn tool(&self) -> Option<Value> {
        self.entry.get("mcp").filter(|mcp| !mcp.is_null())?;
        let mut tool = self.entry.clone();
        if let Some(fields) = tool.as_object_mut() {
            fields.shift_remove("a2a");
        }
        Some(tool)
    }
}

/// Whether the loader looks at a file of this name at all.
pub fn is_flow_file(name: &str) -> bool {
    !name.contains('/') && (name.ends_with(".yaml") || name.ends_with(".yml"))
}

/// Why the gateway would refuse a file of flows with this text, and with it all flows; `None` when it loads.
pub fn refusal(text: &str) -> Option<String> {
    load(Format::Flows, text).err()
}

/// The entries of a file, or the reason why the loader refuses it.
pub fn load(format: Format, text: &str) -> Result<Vec<Flow>, String> {
    let list = format.list();
    let document = match document(text)? {
        None => return Ok(Vec::new()),
        Some(document) => document,
    };
    let fields = match document.value {
        Value::Null => return Ok(Vec::new()),
        Value::Object(fields) => fields,
        other => return Err(format!("it must be a mapping with `{list}`, not {}", kind(&other))),
    };
    let entries = match fields.get(list) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(entries)) => entries,
        Some(other) => return Err(format!("`{list}` must be a list, not {}", kind(other))),
    };
    let loaded = entries.iter().map(|entry| flow(format, entry)).collect::<Result<Vec<Flow>, String>>()?;
    match document.odd_key {
        Some(key) => Err(format!("the key `{key}` is not text; JSON has no such keys")),
        None => Ok(loaded),
    }
}

/// The value of a text, as the loader reads it; `Null` for an empty one.
pub fn value(text: &str) -> Result<Value, String> {
    Ok(document(text)?.map_or(Value::Null, |document| document.value))
}

/// Only the first document counts.
fn document(text: &str) -> Result<Option<Yaml>, String> {
    let options = serde_saphyr::options! { strict_booleans: true };
    let mut reader = text.as_bytes();
    let document: Option<Result<Yaml, _>> = serde_saphyr::read_with_options(&mut reader, options).next();
    document.transpose().map_err(|error| yaml_error(&error))
}

fn flow(format: Format, entry: &Value) -> Result<Flow, String> {
    let Value::Object(fields) = entry else {
        return Err(format!("an entry of `{}` must be a mapping, not {}", format.list(), kind(entry)));
    };
    let name = scalar(fields, "name")?.unwrap_or_default();
    if name.is_empty() {
        return Err(format!("{} name is required", format.noun()));
    }
    check(format, fields).map_err(|reason| format!("{} `{name}`: {reason}", format.noun()))?;
    Ok(Flow { name, entry: entry.clone() })
}

fn check(format: Format, fields: &Map<String, Value>) -> Result<(), String> {
    let actor = format.actor();
    if scalar(fields, actor)?.is_none_or(|actor| actor.is_empty()) {
        return Err(format!("{actor} is required"));
    }
    scalar(fields, "description")?;
    match fields.get("timeout") {
        None | Some(Value::Null) => {}
        Some(Value::Number(number)) if number.is_i64() || number.is_u64() => {}
        Some(other) => return Err(format!("`timeout` must be a whole number of seconds, not {}", kind(other))),
    }
    match format {
        Format::Flows => {
            strings(fields, "route_next")?;
            if let Some(mcp) = mapping(fields, "mcp")? {
                switch(mcp, "mcp.progress")?;
            }
            if let Some(a2a) = mapping(fields, "a2a")? {
                for list in ["tags", "input_modes", "output_modes", "examples"] {
                    strings(a2a, list)?;
                }
            }
        }
        Format::Tools => switch(fields, "progress")?,
        Format::Agents => {
            switch(fields, "streaming")?;
            for list in ["inputModes", "outputModes"] {
                strings(fields, list)?;
            }
        }
    }
    Ok(())
}

/// A field that is `true` or `false`; `path` ends with its name.
fn switch(fields: &Map<String, Value>, path: &str) -> Result<(), String> {
    match fields.get(path.rsplit('.').next().unwrap_or(path)) {
        None | Some(Value::Null | Value::Bool(_)) => Ok(()),
        Some(other) => Err(format!("`{path}` must be `true` or `false`, not {}", kind(other))),
    }
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
        load(Format::Flows, text).map(|flows| flows.into_iter().map(|flow| flow.name).collect())
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
    fn adapters_read_lists_of_their_own() {
        for (format, bad, reason) in [
            (Format::Tools, "tools: [{name: a, entrypoint: e}]", "tool `a`: actor is required"),
            (Format::Agents, "agents: [{actor: e}]", "agent name is required"),
            (Format::Agents, "agents: [{name: a, actor: e, inputModes: text}]", "`inputModes` must be a list"),
        ] {
            assert!(load(format, bad).unwrap_err().contains(reason), "{bad}");
        }
        assert_eq!(load(Format::Tools, "tools: [{name: a, actor: e}]\nflows: 1\n").unwrap().len(), 1);
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
