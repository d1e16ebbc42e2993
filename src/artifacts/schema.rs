//! The input schema of a tool: whether it is one, and what the gateway shows of it.

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};

use super::yaml;
use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result};
use crate::source::{Source, Span};

/// Reads a JSON Schema (2020-12 unless `$schema` says otherwise) of an object from JSON text, or from
/// YAML where the source is called `….yaml` or `….yml`.
///
/// Fails with a caret where the text is no JSON or gives a key twice, and with the JSON path where it
/// is no schema.
pub fn parse(source: &Source) -> Result<Value> {
    let value = if source.name().ends_with(".yaml") || source.name().ends_with(".yml") {
        yaml::read(source).map_err(|wrong| {
            Error::usage(format!("the input schema in `{}` is not YAML", source.name()))
                .at(SourceDiagnostics::one(source, *wrong))
        })?
    } else {
        from_json(source)?
    };
    check(&value, source.name())?;
    Ok(with_properties(value))
}

fn from_json(source: &Source) -> Result<Value> {
    let read: serde_json::Result<Unique> = serde_json::from_str(source.text());
    read.map(|Unique(value)| value).map_err(|error| {
        let span = word_at(source, error.line(), error.column());
        let text = error.to_string();
        let reason = text.rfind(" at line ").map_or(text.as_str(), |end| &text[..end]);
        let reason = match reason.strip_prefix("EOF while parsing ") {
            Some(_) if source.text().trim().is_empty() => "it is empty".to_owned(),
            Some(inside) => format!("the text ends inside {inside}"),
            None if matches!(reason, "expected ident" | "expected value") => "this is no JSON value".to_owned(),
            None => reason.to_owned(),
        };
        Error::usage(format!("the input schema in `{}` is not JSON", source.name()))
            .at(SourceDiagnostics::one(source, Diagnostic::error(span, reason)))
            .hint(format!("a schema looks like '{EXAMPLE}'"))
    })
}

/// JSON in which no object has a key twice: of two values one would be lost unnoticed.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Unique)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, text: &str) -> std::result::Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> std::result::Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if all.contains_key(&key) {
                return Err(A::Error::custom(format!("the key `{}` is given twice", key.escape_debug())));
            }
            let Unique(value) = entries.next_value()?;
            all.insert(key, value);
        }
        Ok(Value::Object(all))
    }
}

/// The word at a position as serde_json counts: lines from 1, bytes from 1.
fn word_at(source: &Source, line: usize, byte: usize) -> Span {
    let start = source.line_start(line);
    let end = (start + byte.saturating_sub(1)).min(source.text().len());
    let at = (start..=end).rev().find(|at| source.text().is_char_boundary(*at)).unwrap_or(start);
    let place = source.position(at);
    source.span_at(place.line, place.column)
}

const EXAMPLE: &str = r#"{"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}"#;

/// Whether `schema` is a JSON Schema whose instances are objects; `name` is where it came from.
pub fn check(schema: &Value, name: &str) -> Result<()> {
    let wrong = |why: String| Error::usage(format!("the input schema in `{name}` is not a JSON Schema")).because(why);
    if !schema.is_object() {
        return Err(wrong(format!("it is {}, a schema is an object", kind_of(schema))));
    }
    if let Some(dialect) = schema.get("$schema")
        && !dialect.as_str().is_some_and(is_published)
    {
        return Err(wrong(format!("its `$schema` is {dialect}, which is no published draft"))
            .hint(format!("leave `$schema` out, or write \"{LATEST}\"")));
    }
    if let Err(error) = jsonschema::meta::validate(schema) {
        let path = error.instance_path().to_string();
        let why = match error.instance().as_ref() {
            found if path.ends_with("/type") => {
                format!(
                    "{found} is no type; there are `string`, `number`, `integer`, `boolean`, `object`, `array` and `null`"
                )
            }
            _ => error.masked().to_string(),
        };
        return Err(wrong(format!("at `{}`: {why}", if path.is_empty() { "/" } else { &path })));
    }
    jsonschema::validator_for(schema).map_err(|error| {
        let text = error.to_string();
        // The library's words are about its own ways to fetch.
        match text.strip_prefix("Resource '").and_then(|rest| rest.split_once("' is not present")) {
            Some((outside, _)) => wrong(format!("it refers to `{outside}`, which nobody fetches"))
                .hint("put that schema under `$defs` and refer to it with `#/$defs/<name>`"),
            None => wrong(text),
        }
    })?;
    if schema.get("type") != Some(&json!("object")) {
        let found = schema.get("type").map_or("there is none".to_owned(), |found| format!("it is `{found}`"));
        return Err(Error::usage(format!("the input schema in `{name}` does not describe an object"))
            .because(format!("a tool takes named arguments, so `type` must be `\"object\"`; {found}"))
            .hint(format!("a schema looks like '{EXAMPLE}'")));
    }
    Ok(())
}

const LATEST: &str = "https://json-schema.org/draft/2020-12/schema";

fn is_published(dialect: &str) -> bool {
    let name = dialect.trim_end_matches('#');
    let name = name.strip_prefix("https://").or_else(|| name.strip_prefix("http://"));
    let drafts = ["draft/2020-12", "draft/2019-09", "draft-07", "draft-06", "draft-04"];
    name.is_some_and(|name| drafts.iter().any(|draft| name == format!("json-schema.org/{draft}/schema")))
}

/// A schema without `properties` would be read by the gateway as a list of parameters, so that
/// `type` became one; an empty `properties` means the same to everyone.
pub fn with_properties(mut schema: Value) -> Value {
    if let Some(fields) = schema.as_object_mut() {
        fields.entry("properties").or_insert_with(|| json!({}));
    }
    schema
}

/// What an MCP client will not see of `schema`, a sentence each, starting with the property: the
/// gateway passes on the first level's `type`, `description`, `enum` of strings and `required`.
pub fn not_shown(schema: &Value) -> Vec<String> {
    let mut lost = Vec::new();
    let Some(schema) = schema.as_object() else { return lost };
    for (key, value) in schema {
        match key.as_str() {
            "type" | "properties" | "required" | "$schema" | "title" | "description" | "$defs" | "definitions" => {}
            "additionalProperties" if value == &json!(true) => {}
            _ => lost.push(format!("`{key}` of the whole schema is left out")),
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if !properties.is_some_and(|properties| properties.contains_key(name)) {
            lost.push(format!("`{name}` is required, but not shown, because it is not among `properties`"));
        }
    }
    for (name, property) in properties.into_iter().flatten() {
        match property.as_object() {
            Some(property) => property_not_shown(name, property, &mut lost),
            None => lost.push(format!("`{name}` is shown as a string")),
        }
    }
    lost
}

fn property_not_shown(name: &str, property: &Map<String, Value>, lost: &mut Vec<String>) {
    match property.get("type").and_then(Value::as_str) {
        Some("string" | "number" | "boolean") => {}
        Some("integer") => lost.push(format!("`{name}` is shown as a number, not as an integer")),
        Some("array") => lost.push(format!("`{name}` is shown as an array without the type of its items")),
        Some("object") => lost.push(format!("`{name}` is shown as a string, without the properties inside")),
        Some(other) => lost.push(format!("`{name}` is shown as a string, not as `{other}`")),
        None => lost.push(format!("`{name}` is shown as a string, because it has no single `type`")),
    }
    let dropped: Vec<String> = property
        .iter()
        .filter(|(key, value)| match key.as_str() {
            "type" | "description" | "title" | "items" | "properties" | "required" | "additionalProperties" => false,
            "enum" => !value.as_array().is_some_and(|values| values.iter().all(Value::is_string)),
            "anyOf" | "oneOf" | "allOf" | "$ref" => property.contains_key("type"),
            _ => true,
        })
        .map(|(key, _)| format!("`{key}`"))
        .collect();
    if !dropped.is_empty() {
        lost.push(format!("`{name}` is shown without {}", dropped.join(", ")));
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
