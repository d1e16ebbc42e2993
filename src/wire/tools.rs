//! MCP from the server's side: what a tool is shown as, what a call asks for, what it is answered.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::flow_file::Flow;

/// The revisions that are spoken, newest first.
pub const REVISIONS: [&str; 3] = ["2025-06-18", "2025-03-26", "2024-11-05"];

/// The parameters of `tools/call`, and the body of `POST /tools/call`.
#[derive(Debug, Deserialize)]
pub struct CallParams {
    /// The tool.
    #[serde(default)]
    pub name: String,
    /// Its arguments.
    #[serde(default)]
    pub arguments: Option<Box<RawValue>>,
    /// What the client says about the request itself.
    #[serde(default, rename = "_meta")]
    pub meta: Option<Meta>,
}

/// `_meta` of a request.
#[derive(Debug, Deserialize)]
pub struct Meta {
    /// Progress is to be told under this token.
    #[serde(rename = "progressToken")]
    pub progress_token: Option<Value>,
}

/// The result of `tools/call`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallResult {
    content: Vec<Text>,
    /// The result once more, where it is an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    structured_content: Option<Box<RawValue>>,
    /// It is a failure in the words of `content`.
    pub is_error: bool,
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<Value>,
}

#[derive(Debug, Serialize)]
struct Text {
    r#type: &'static str,
    text: String,
}

impl CallResult {
    /// The value that a flow came to, as JSON text.
    pub fn of(payload: &str) -> Self {
        let structured_content =
            payload.starts_with('{').then(|| RawValue::from_string(payload.to_owned()).ok()).flatten();
        Self {
            content: vec![Text { r#type: "text", text: payload.to_owned() }],
            structured_content,
            is_error: false,
            meta: None,
        }
    }

    /// A failure, in words for the agent.
    pub fn failed(reason: impl Into<String>) -> Self {
        let content = vec![Text { r#type: "text", text: reason.into() }];
        Self { content, structured_content: None, is_error: true, meta: None }
    }

    /// The same, naming the task that did it.
    pub fn of_task(mut self, id: &str) -> Self {
        self.meta = Some(json!({"task_id": id, "status_url": format!("/mesh/{id}")}));
        self
    }
}

/// The result of `initialize` for a client that asks for `wanted`.
pub fn initialized(wanted: Option<&str>) -> Value {
    let known = REVISIONS.iter().find(|revision| Some(**revision) == wanted);
    json!({
        "protocolVersion": known.unwrap_or(&REVISIONS[0]),
        "capabilities": {"tools": {"listChanged": true}},
        "serverInfo": {"name": "asya-gateway", "version": env!("CARGO_PKG_VERSION")},
    })
}

/// The tool that a flow is, as `tools/list` shows it; `None` when it is none.
pub fn tool(flow: &Flow) -> Option<Value> {
    let mcp = flow.section("mcp")?;
    Some(json!({
        "name": flow.name,
        "description": flow.text("description").unwrap_or_default(),
        "inputSchema": shown_schema(mcp.get("inputSchema").unwrap_or(&Value::Null)),
    }))
}

/// What is shown of a schema (`docs/platform/gateway.md`, "Calling a gateway"): the first level, each
/// property with its type, description and texts to choose from.
fn shown_schema(schema: &Value) -> Value {
    let mut properties = Map::new();
    for (name, property) in parameters(schema).into_iter().flatten() {
        let kind = match property.get("type").and_then(Value::as_str) {
            Some("integer" | "number") => "number",
            Some("boolean") => "boolean",
            Some("array") if property.get("items").is_some() => "array",
            _ => "string",
        };
        let mut shown = Map::from_iter([("type".to_owned(), Value::from(kind))]);
        if let (true, Some(items)) = (kind == "array", property.get("items")) {
            shown.insert("items".to_owned(), items.clone());
        }
        if let Some(text @ Value::String(_)) = property.get("description") {
            shown.insert("description".to_owned(), text.clone());
        }
        if let Some(choices) = property.get("enum").and_then(Value::as_array)
            && choices.iter().all(Value::is_string)
        {
            shown.insert("enum".to_owned(), choices.clone().into());
        }
        properties.insert(name.clone(), Value::Object(shown));
    }
    let mut shown = json!({"type": "object", "properties": properties});
    let required: Vec<String> = required(schema);
    if let (false, Some(fields)) = (required.is_empty(), shown.as_object_mut()) {
        fields.insert("required".to_owned(), required.into());
    }
    shown
}

/// The parameters of a schema: without `properties` the keys themselves.
fn parameters(schema: &Value) -> Option<&Map<String, Value>> {
    match schema.get("properties") {
        Some(properties) => properties.as_object(),
        None if schema.get("type").is_some_and(Value::is_string) => None,
        None => schema.as_object(),
    }
}

/// The parameters that a call must give.
fn required(schema: &Value) -> Vec<String> {
    let Some(known) = parameters(schema) else { return Vec::new() };
    if schema.get("properties").is_none() {
        let is_required = |property: &Value| property.get("required") == Some(&Value::Bool(true));
        return known.iter().filter(|(_, property)| is_required(property)).map(|(name, _)| name.clone()).collect();
    }
    let names = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    names.filter(|name| known.contains_key(*name)).map(str::to_owned).collect()
}

/// The first required parameter that is not among the arguments `given`. Nothing else is checked, as
/// on the platform.
pub fn missing(flow: &Flow, given: &[&str]) -> Option<String> {
    let schema = flow.section("mcp")?.get("inputSchema")?;
    required(schema).into_iter().find(|name| !given.contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::flow_file::{Format, load};

    fn flow(schema: &str) -> Flow {
        let text = format!("flows: [{{name: f, entrypoint: e, description: d, mcp: {{inputSchema: {schema}}}}}]");
        load(Format::Flows, &text).unwrap().remove(0)
    }

    #[test]
    fn a_tool_is_shown_as_the_platform_shows_it() {
        let rich = flow(
            "{type: object, additionalProperties: false, required: [n, gone], properties: {n: {type: integer, minimum: 1}, \
             s: {type: string, description: said, enum: [a, b], default: a}, o: {type: object}, l: {type: array}, \
             t: {type: array, items: {type: string}}, u: {type: [string, 'null']}}}",
        );
        assert_eq!(
            tool(&rich).unwrap()["inputSchema"],
            json!({
                "type": "object",
                "properties": {
                    "n": {"type": "number"},
                    "s": {"type": "string", "description": "said", "enum": ["a", "b"]},
                    "o": {"type": "string"}, "l": {"type": "string"},
                    "t": {"type": "array", "items": {"type": "string"}},
                    "u": {"type": "string"},
                },
                "required": ["n"],
            })
        );
        assert_eq!(missing(&rich, &[]).as_deref(), Some("n"));
        assert_eq!(missing(&rich, &["n"]), None);
        let flat = flow("{a: {type: string, required: true}, b: {type: boolean}}");
        assert_eq!(tool(&flat).unwrap()["inputSchema"]["required"], json!(["a"]));
        assert_eq!(missing(&flat, &["b"]).as_deref(), Some("a"));
        assert_eq!(tool(&flow("{type: object}")).unwrap()["inputSchema"], json!({"type": "object", "properties": {}}));
    }
}
