//! A2A (revision 0.3) from the server's side: the agent card, what a message asks for, tasks and
//! what is told of them.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::flow_file::Flow;

/// No such task.
pub const TASK_NOT_FOUND: i64 = -32001;
/// It is over.
pub const TASK_NOT_CANCELABLE: i64 = -32002;
/// There are no push notifications.
pub const PUSH_NOT_SUPPORTED: i64 = -32003;
/// Something that A2A has and this server has not.
pub const UNSUPPORTED_OPERATION: i64 = -32004;
/// What a message holds is not taken; also the number of the refusal of callers without a key.
pub const CONTENT_NOT_SUPPORTED: i64 = -32005;

/// What a card says of the server itself.
#[derive(Debug)]
pub struct Agent<'a> {
    /// The endpoint.
    pub url: &'a str,
    /// A key is wanted.
    pub has_key: bool,
}

/// The skill that a flow is, as the card shows it; `None` when it is none. An `extended` card also
/// says how the flow is entered.
pub fn skill(flow: &Flow, extended: bool) -> Option<Value> {
    let a2a = flow.section("a2a")?;
    let texts = |field: &str| -> Vec<String> {
        let items = a2a.get(field).and_then(Value::as_array).into_iter().flatten();
        items.map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
    };
    let mut tags = texts("tags");
    if extended {
        tags.push(format!("x-actor:{}", flow.text("entrypoint").unwrap_or_default()));
        tags.extend(flow.entry.get("timeout").and_then(Value::as_i64).map(|seconds| format!("x-timeout:{seconds}")));
        let progress = flow.section("mcp").and_then(|mcp| mcp.get("progress")) == Some(&Value::Bool(true));
        tags.extend(progress.then(|| "x-progress:true".to_owned()));
    }
    let mut skill = json!({
        "id": flow.name,
        "name": flow.name,
        "description": flow.text("description").unwrap_or_default(),
        "tags": tags,
    });
    if let Some(fields) = skill.as_object_mut() {
        for (name, field) in [("inputModes", "input_modes"), ("outputModes", "output_modes"), ("examples", "examples")]
        {
            let list = texts(field);
            if !list.is_empty() {
                fields.insert(name.to_owned(), list.into());
            }
        }
    }
    Some(skill)
}

/// The agent card with `skills`.
pub fn card(agent: &Agent<'_>, skills: Vec<Value>) -> Value {
    let mut card = json!({
        "protocolVersion": "0.3.0",
        "name": "Asya Gateway",
        "description": "The flows that are applied to the context `local` of a project",
        "url": agent.url,
        "preferredTransport": "JSONRPC",
        "version": env!("CARGO_PKG_VERSION"),
        "capabilities": {"streaming": true, "pushNotifications": false},
        "defaultInputModes": ["application/json", "text/plain"],
        "defaultOutputModes": ["application/json"],
        "skills": skills,
        "supportsAuthenticatedExtendedCard": true,
    });
    if let (true, Some(fields)) = (agent.has_key, card.as_object_mut()) {
        let scheme = json!({"apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"}});
        fields.insert("securitySchemes".to_owned(), scheme);
        fields.insert("security".to_owned(), json!([{"apiKey": []}]));
    }
    card
}

/// The parameters of `message/send` and `message/stream`.
#[derive(Debug, Deserialize)]
pub struct SendParams {
    /// The message as it was sent.
    pub message: Box<RawValue>,
    /// How it is to be answered.
    #[serde(default)]
    pub configuration: Configuration,
    /// `skill` names the flow.
    #[serde(default)]
    pub metadata: Value,
}

/// How a message is to be answered.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Configuration {
    /// `false`: with the task as it begins.
    pub blocking: Option<bool>,
    /// What the caller can read; nothing means everything.
    pub accepted_output_modes: Vec<String>,
    /// At most so many messages of the task's history.
    pub history_length: Option<usize>,
}

/// A message as far as it matters.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// What it says.
    pub parts: Vec<Part>,
    /// The conversation it belongs to.
    pub context_id: Option<String>,
    /// The task that it goes on with.
    pub task_id: Option<String>,
    /// `skill` may stand here, too.
    #[serde(default)]
    pub metadata: Value,
}

/// A part of a message.
#[derive(Debug, Deserialize)]
pub struct Part {
    /// `text`, `data` or `file`.
    #[serde(default)]
    pub kind: String,
    /// Of a text.
    pub text: Option<String>,
    /// Of data.
    pub data: Option<Box<RawValue>>,
}

/// The parameters of `tasks/get`, `tasks/cancel` and `tasks/resubscribe`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskParams {
    /// The task.
    pub id: String,
    /// At most so many messages of its history.
    pub history_length: Option<usize>,
}

/// A task as it is shown.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskView {
    kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its conversation.
    pub context_id: String,
    /// How it stands.
    pub status: StatusView,
    /// What came of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Artifact>,
    /// What was said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Box<RawValue>>,
}

/// How a task stands.
#[derive(Debug, Clone, Serialize)]
pub struct StatusView {
    /// `submitted`, `working`, `completed`, `failed`, `canceled` or `rejected`.
    pub state: &'static str,
    /// Since when.
    pub timestamp: String,
    /// Why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Value>,
}

/// A result.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    artifact_id: &'static str,
    name: String,
    parts: Vec<OutPart>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum OutPart {
    Text { text: String },
    Data { data: Box<RawValue> },
}

impl TaskView {
    /// A task without results.
    pub fn new(id: &str, context_id: &str, status: StatusView, history: Vec<Box<RawValue>>) -> Self {
        let (id, context_id) = (id.to_owned(), context_id.to_owned());
        Self { kind: "task", id, context_id, status, artifacts: Vec::new(), history }
    }
}

impl Artifact {
    /// The value that a flow came to, as JSON text: an object as data, unless only texts can be read,
    /// everything else as text.
    pub fn of(flow: &str, payload: &str, accepted: &[String]) -> Self {
        let takes = |mode: &str| accepted.is_empty() || accepted.iter().any(|it| it == mode || it == "*/*");
        let data = (payload.starts_with('{') && (takes("application/json") || !takes("text/plain")))
            .then(|| RawValue::from_string(payload.to_owned()).ok())
            .flatten();
        let part = match (data, serde_json::from_str::<String>(payload)) {
            (Some(data), _) => OutPart::Data { data },
            (None, Ok(text)) => OutPart::Text { text },
            (None, Err(_)) => OutPart::Text { text: payload.to_owned() },
        };
        Self { artifact_id: "result", name: flow.to_owned(), parts: vec![part] }
    }
}

/// A message of the agent about a task, in words.
pub fn said(task: &str, context: &str, text: &str) -> Value {
    json!({
        "kind": "message",
        "role": "agent",
        "messageId": format!("{task}-status"),
        "taskId": task,
        "contextId": context,
        "parts": [{"kind": "text", "text": text}],
    })
}

/// What a stream tells of a task.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum TaskEvent {
    /// The whole task, at the beginning.
    Task(TaskView),
    /// It stands differently.
    #[serde(rename_all = "camelCase")]
    Status {
        /// `status-update`.
        kind: &'static str,
        /// The task.
        task_id: String,
        /// Its conversation.
        context_id: String,
        /// How it stands now.
        status: StatusView,
        /// Nothing comes after this.
        r#final: bool,
    },
    /// A result.
    #[serde(rename_all = "camelCase")]
    Artifact {
        /// `artifact-update`.
        kind: &'static str,
        /// The task.
        task_id: String,
        /// Its conversation.
        context_id: String,
        /// The result, whole.
        artifact: Artifact,
        /// It is complete.
        last_chunk: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_data_or_text() {
        let part = |payload: &str, accepted: &[&str]| {
            let accepted: Vec<String> = accepted.iter().map(|mode| (*mode).to_owned()).collect();
            serde_json::to_value(Artifact::of("f", payload, &accepted)).unwrap()["parts"][0].clone()
        };
        assert_eq!(part(r#"{"a":1}"#, &[]), json!({"kind": "data", "data": {"a": 1}}));
        assert_eq!(part(r#"{"a":1}"#, &["text/plain"]), json!({"kind": "text", "text": "{\"a\":1}"}));
        assert_eq!(part(r#"{"a":1}"#, &["text/plain", "application/json"])["kind"], "data");
        assert_eq!(part("\"done\"", &[]), json!({"kind": "text", "text": "done"}));
        assert_eq!(part("[1]", &[]), json!({"kind": "text", "text": "[1]"}));
    }
}
