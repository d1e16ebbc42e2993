//! Whether a new actor is certain to be accepted, by the schema that the cluster itself publishes.
//!
//! Many new actors are not sent twice, once to try and once to write, where nothing but the schema
//! judges them. The answer is `true` only for what is understood completely; everything else is the
//! server's to judge.

use regex_lite::Regex;
use serde_json::{Map, Value};

use super::Cluster;
use super::plan::Step;
use crate::error::Result;
use crate::event::Change;

/// From how many new actors on the schema is asked for: fewer are simply tried.
const MANY: usize = 16;

/// Keywords that say nothing about what is valid, or only how lists and maps are merged.
const SILENT: [&str; 9] = [
    "description",
    "title",
    "default",
    "example",
    "nullable",
    "x-kubernetes-group-version-kind",
    "x-kubernetes-map-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-preserve-unknown-fields",
];

/// Steps of a plan, each with its place there.
pub(super) struct Judged<'a, At> {
    /// Those that the server may refuse.
    pub(super) doubtful: Vec<(At, &'a Step)>,
    /// Where those are that fit the schema.
    pub(super) fitting: Vec<At>,
}

impl Cluster {
    /// Which steps the server may refuse. Of new actors that fit its schema one is among them, for
    /// what no schema says, and all of them where policies or webhooks judge them too.
    pub(super) async fn judge<'a, At: Copy>(&self, steps: Vec<(At, &'a Step)>) -> Result<Judged<'a, At>> {
        let is_new_actor = |step: &Step| step.change == Change::Created && step.object.kind() == "AsyncActor";
        if steps.iter().filter(|(_, step)| is_new_actor(step)).count() < MANY {
            return Ok(Judged { doubtful: steps, fitting: Vec::new() });
        }
        let Some(spec) = self.actor_document().await?.and_then(spec_schema) else {
            return Ok(Judged { doubtful: steps, fitting: Vec::new() });
        };
        let is_fitting = |(_, step): &(At, &'a Step)| is_new_actor(step) && fits(spec, step.object.value());
        let (fitting, mut doubtful): (Vec<_>, Vec<_>) = steps.into_iter().partition(is_fitting);
        let tried = if self.may_object().await? { fitting.len() } else { fitting.len().min(1) };
        doubtful.extend(fitting.iter().take(tried).copied());
        Ok(Judged { doubtful, fitting: fitting.into_iter().map(|(at, _)| at).collect() })
    }
}

/// The schema of `spec`, unless more than `spec` has rules.
fn spec_schema(document: &Value) -> Option<&Value> {
    let schemas = document.pointer("/components/schemas")?.as_object()?;
    let is_actor = |schema: &&Value| {
        let kinds = schema.get("x-kubernetes-group-version-kind").and_then(Value::as_array);
        kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind.get("kind").is_some_and(|it| it == "AsyncActor")))
    };
    let schema = schemas.values().find(is_actor)?.as_object()?;
    let known = ["type", "properties", "required"];
    let understood = schema.keys().all(|key| known.contains(&key.as_str()) || SILENT.contains(&key.as_str()));
    understood.then(|| schema.get("properties")?.get("spec"))?
}

/// Whether the server is certain to accept an actor, as far as its schema goes.
fn fits(spec: &Value, actor: &Value) -> bool {
    let Some(actor) = actor.as_object() else { return false };
    let known = ["apiVersion", "kind", "metadata", "spec"];
    actor.keys().all(|key| known.contains(&key.as_str()))
        && actor.get("metadata").is_some_and(is_plain_metadata)
        && actor.get("spec").is_some_and(|value| is_valid(spec, value))
}

/// Names and labels that need no second look.
fn is_plain_metadata(metadata: &Value) -> bool {
    let Some(metadata) = metadata.as_object() else { return false };
    let part = |text: &str, most: usize, more: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
        let is_edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        text.len() <= most
            && is_edge(text.chars().next())
            && is_edge(text.chars().next_back())
            && text.chars().all(inner)
    };
    let name = |text: &str| part(text, 63, "-") && !text.chars().any(|c| c.is_ascii_uppercase());
    let key = |text: &str| match text.split_once('/') {
        Some((prefix, rest)) => prefix.split('.').all(name) && part(rest, 63, "-_."),
        None => part(text, 63, "-_."),
    };
    metadata.iter().all(|(field, value)| match (field.as_str(), value) {
        ("name" | "namespace", Value::String(text)) => name(text),
        ("labels", Value::Object(labels)) => labels.iter().all(|(label, value)| {
            key(label) && value.as_str().is_some_and(|value| value.is_empty() || part(value, 63, "-_."))
        }),
        ("annotations", Value::Object(annotations)) => annotations
            .iter()
            .all(|(label, value)| key(label) && value.as_str().is_some_and(|text| text.len() < 10_000)),
        _ => false,
    })
}

/// Whether `value` is valid for sure. A keyword that is not known here makes it uncertain.
fn is_valid(schema: &Value, value: &Value) -> bool {
    let Some(schema) = schema.as_object() else { return false };
    let holds = |(keyword, rule): (&String, &Value)| -> bool {
        match keyword.as_str() {
            "type" => is_of_type(rule, value),
            "properties" => properties_hold(schema, value),
            "required" => {
                let names = rule.as_array().into_iter().flatten().filter_map(Value::as_str);
                value.as_object().is_some_and(|map| names.into_iter().all(|name| map.contains_key(name)))
            }
            "additionalProperties" => match rule {
                Value::Bool(_) => true,
                rule => value.as_object().is_some_and(|map| map.values().all(|value| is_valid(rule, value))),
            },
            "items" => value.as_array().is_some_and(|items| items.iter().all(|item| is_valid(rule, item))),
            "enum" => rule.as_array().is_some_and(|values| values.contains(value)),
            "minItems" => count(rule).is_some_and(|least| value.as_array().is_some_and(|items| items.len() >= least)),
            "maxItems" => count(rule).is_some_and(|most| value.as_array().is_some_and(|items| items.len() <= most)),
            "minLength" => count(rule).is_some_and(|least| length(value).is_some_and(|length| length >= least)),
            "maxLength" => count(rule).is_some_and(|most| length(value).is_some_and(|length| length <= most)),
            "minimum" => number(value, rule, |value, least| value >= least),
            "maximum" => number(value, rule, |value, most| value <= most),
            "pattern" => {
                let pattern = rule.as_str().and_then(|pattern| Regex::new(pattern).ok());
                pattern.is_some_and(|pattern| value.as_str().is_some_and(|text| pattern.is_match(text)))
            }
            "format" => rule.as_str().is_some_and(|format| matches!(format, "int32" | "int64")) && value.is_i64(),
            // A set or a map must not hold an item twice.
            "x-kubernetes-list-type" => rule == "atomic" || value.as_array().is_some_and(|items| items.len() < 2),
            other => SILENT.contains(&other),
        }
    };
    !value.is_null() && schema.iter().all(holds) && (schema.contains_key("type") || preserves(schema))
}

fn properties_hold(schema: &Map<String, Value>, value: &Value) -> bool {
    let properties = schema.get("properties").and_then(Value::as_object);
    let (Some(properties), Some(map)) = (properties, value.as_object()) else { return false };
    map.iter().all(|(name, value)| match properties.get(name) {
        Some(schema) => is_valid(schema, value),
        None => preserves(schema),
    })
}

fn preserves(schema: &Map<String, Value>) -> bool {
    schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true))
}

fn is_of_type(rule: &Value, value: &Value) -> bool {
    match rule.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64(),
        Some("number") => value.is_number(),
        _ => false,
    }
}

fn count(rule: &Value) -> Option<usize> {
    usize::try_from(rule.as_u64()?).ok()
}

fn length(value: &Value) -> Option<usize> {
    Some(value.as_str()?.chars().count())
}

fn number(value: &Value, rule: &Value, holds: impl Fn(f64, f64) -> bool) -> bool {
    value.as_f64().zip(rule.as_f64()).is_some_and(|(value, rule)| holds(value, rule))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Value {
        json!({"type": "object", "required": ["actor"], "properties": {
            "actor": {"type": "string", "minLength": 1, "maxLength": 5, "pattern": "^[a-z]+$", "description": "x"},
            "policy": {"type": "string", "enum": ["A", "B"], "default": "A"},
            "count": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 9},
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
            "list": {"type": "array", "minItems": 1, "items": {"type": "object", "properties": {"n": {"type": "string"}}}},
            "ruled": {"type": "string", "x-kubernetes-validations": [{"rule": "self != 'x'"}]},
        }})
    }

    fn actor(spec: Value) -> Value {
        json!({"apiVersion": "asya.sh/v1alpha1", "kind": "AsyncActor", "metadata": {"name": "a"}, "spec": spec})
    }

    #[test]
    fn what_is_understood_and_valid_is_certain() {
        let spec = json!({"actor": "a", "policy": "B", "count": 9, "free": {"x": [1]}, "list": [{"n": "m"}]});
        assert!(fits(&schema(), &actor(spec)));
    }

    #[test]
    fn everything_else_is_not() {
        for spec in [
            json!({}),
            json!({"actor": ""}),
            json!({"actor": "abcdef"}),
            json!({"actor": "A"}),
            json!({"actor": 1}),
            json!({"actor": "a", "policy": "C"}),
            json!({"actor": "a", "policy": null}),
            json!({"actor": "a", "count": 10}),
            json!({"actor": "a", "count": 1.5}),
            json!({"actor": "a", "count": "1"}),
            json!({"actor": "a", "list": []}),
            json!({"actor": "a", "list": [{"m": "n"}]}),
            json!({"actor": "a", "unknown": 1}),
            json!({"actor": "a", "ruled": "y"}),
        ] {
            assert!(!fits(&schema(), &actor(spec.clone())), "{spec}");
        }
        for (pointer, value) in [
            ("/metadata/name", json!("A_b")),
            ("/metadata", json!({"name": "a", "labels": {"k": 1}})),
            ("/metadata", json!({"name": "a", "labels": {"k": "a b"}})),
            ("/metadata", json!({"name": "a", "finalizers": []})),
        ] {
            let mut actor = actor(json!({"actor": "a"}));
            *actor.pointer_mut(pointer).unwrap() = value.clone();
            assert!(!fits(&schema(), &actor), "{value}");
        }
    }
}
