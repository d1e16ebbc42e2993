//! The part of the Model Context Protocol that lists tools (JSON-RPC 2.0, revision 2025-06-18 and
//! the two before).

use serde::Deserialize;
use serde_json::{Value, json};

/// The revision asked for; servers answer with one they know.
pub const REVISION: &str = "2025-06-18";

/// The request that opens a session.
pub fn initialize(id: u64) -> Value {
    let client = json!({"name": "asya", "version": env!("CARGO_PKG_VERSION")});
    let params = json!({"protocolVersion": REVISION, "capabilities": {}, "clientInfo": client});
    json!({"jsonrpc": "2.0", "id": id, "method": "initialize", "params": params})
}

/// The notification that ends the opening.
pub fn initialized() -> Value {
    json!({"jsonrpc": "2.0", "method": "notifications/initialized"})
}

/// The request for a page of tools; the first one has no cursor.
pub fn list_tools(id: u64, cursor: Option<&str>) -> Value {
    let params = cursor.map_or_else(|| json!({}), |cursor| json!({"cursor": cursor}));
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/list", "params": params})
}

/// A tool as a server shows it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does.
    #[serde(default)]
    pub description: Option<String>,
    /// JSON Schema of its arguments.
    #[serde(default)]
    pub input_schema: Value,
}

/// A page of tools.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tools {
    /// The tools.
    #[serde(default)]
    pub tools: Vec<Tool>,
    /// Where the next page begins; `None` on the last one.
    #[serde(default)]
    pub next_cursor: Option<String>,
}

/// The result in an answer to request `id`; `None` when the message is something else. An error of
/// the server is an error in its words.
pub fn result_of(message: &str, id: u64) -> Option<Result<Value, String>> {
    let message: Value = serde_json::from_str(message).ok()?;
    if message.get("id").and_then(Value::as_u64) != Some(id) {
        // An error before the request was understood has no id.
        let unread = message.get("id").is_none_or(Value::is_null) && message.get("error").is_some();
        return unread.then(|| Err(error_text(&message)));
    }
    Some(match message.get("result") {
        Some(result) => Ok(result.clone()),
        None => Err(error_text(&message)),
    })
}

fn error_text(message: &Value) -> String {
    let text = message.pointer("/error/message").and_then(Value::as_str);
    text.unwrap_or("an answer with neither result nor error").to_owned()
}
