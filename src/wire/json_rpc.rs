//! JSON-RPC 2.0 as MCP and A2A use it: one message a body.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// The text is no JSON.
pub const PARSE_ERROR: i64 = -32700;
/// It is JSON, and no request.
pub const INVALID_REQUEST: i64 = -32600;
/// Nobody knows the method.
pub const METHOD_NOT_FOUND: i64 = -32601;
/// The method does not take these parameters.
pub const INVALID_PARAMS: i64 = -32602;
/// The server could not do it.
pub const INTERNAL_ERROR: i64 = -32603;

/// A request or, without an id, a notification.
#[derive(Debug)]
pub struct Request {
    /// What the answer is to carry; a number or a text.
    pub id: Option<Value>,
    /// What is asked for.
    pub method: String,
    /// With what; numbers and the order of keys are as they were sent.
    pub params: Option<Box<RawValue>>,
}

/// What a body holds.
#[derive(Debug)]
pub enum Message {
    /// Something to be done.
    Request(Request),
    /// An answer to something that was asked.
    Answer,
}

/// Why a request has no result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failure {
    /// One of the protocol's numbers.
    pub code: i64,
    /// In words.
    pub message: String,
}

#[derive(Deserialize)]
struct Raw {
    jsonrpc: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    id: Option<Value>,
    method: Option<Value>,
    params: Option<Box<RawValue>>,
    result: Option<serde::de::IgnoredAny>,
    error: Option<serde::de::IgnoredAny>,
}

/// `null` is something else than nothing.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Failure {
    /// A failure.
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Reads a body.
pub fn read(body: &[u8]) -> Result<Message, Failure> {
    let raw: &RawValue = serde_json::from_slice(body)
        .map_err(|error| Failure::new(PARSE_ERROR, format!("the body is not JSON: {error}")))?;
    if raw.get().starts_with('[') {
        return Err(Failure::new(INVALID_REQUEST, "several messages in one body are not taken: send them one by one"));
    }
    let invalid = |why: &str| Failure::new(INVALID_REQUEST, format!("the body is no request: {why}"));
    let raw: Raw = serde_json::from_str(raw.get()).map_err(|error| invalid(&error.to_string()))?;
    if raw.jsonrpc != Some(Value::from("2.0")) {
        return Err(invalid("`jsonrpc` must be \"2.0\""));
    }
    let method = match raw.method {
        Some(Value::String(method)) => method,
        None if raw.result.is_some() || raw.error.is_some() => return Ok(Message::Answer),
        _ => return Err(invalid("`method` must be text")),
    };
    match &raw.id {
        None | Some(Value::String(_) | Value::Number(_)) => {}
        Some(_) => return Err(invalid("`id` must be a number or text")),
    }
    Ok(Message::Request(Request { id: raw.id, method, params: raw.params }))
}

impl Request {
    /// The parameters as `T`; without any, as those of an empty object.
    pub fn params<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Failure> {
        let text = self.params.as_ref().map_or("{}", |params| params.get());
        serde_json::from_str(text).map_err(|error| {
            let error = error.to_string();
            let reason = error.split(" at line ").next().unwrap_or_default().to_owned();
            Failure::new(INVALID_PARAMS, format!("{} does not take these parameters: {reason}", self.method))
        })
    }
}

/// The answer to request `id` as text.
pub fn answer<T: Serialize>(id: Option<&Value>, outcome: Result<T, Failure>) -> String {
    #[derive(Serialize)]
    struct Answer<'a, T> {
        jsonrpc: &'static str,
        id: Option<&'a Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        result: Option<T>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<Failure>,
    }
    let (result, error) = match outcome {
        Ok(result) => (Some(result), None),
        Err(failure) => (None, Some(failure)),
    };
    text(&Answer { jsonrpc: "2.0", id, result, error })
}

/// A notification as text.
pub fn notification<T: Serialize>(method: &str, params: &T) -> String {
    #[derive(Serialize)]
    struct Notification<'a, T> {
        jsonrpc: &'static str,
        method: &'a str,
        params: &'a T,
    }
    text(&Notification { jsonrpc: "2.0", method, params })
}

/// What was read from JSON or made for it can be written as such.
fn text<T: Serialize>(message: &T) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(body: &str) -> i64 {
        read(body.as_bytes()).map(|_| 0).unwrap_or_else(|failure| failure.code)
    }

    #[test]
    fn a_body_is_one_message() {
        assert_eq!(code(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#), 0);
        assert_eq!(code(r#"{"jsonrpc":"2.0","method":"x","params":{}}"#), 0);
        assert_eq!(code(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#), 0);
        assert_eq!(code("{"), PARSE_ERROR);
        assert_eq!(code("\u{0}"), PARSE_ERROR);
        for wrong in ["[]", "1", "{}", r#"{"jsonrpc":"2.0","id":null,"method":"x"}"#, r#"{"jsonrpc":"2.0","id":1}"#] {
            assert_eq!(code(wrong), INVALID_REQUEST, "{wrong}");
        }
    }

    #[test]
    fn numbers_stay_what_they_are() {
        let body = r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"n": 1180591620717411303424}}"#;
        let Ok(Message::Request(request)) = read(body.as_bytes()) else { panic!("a request") };
        let params: &RawValue = request.params().unwrap();
        assert_eq!(
            answer(request.id.as_ref(), Ok(params)),
            r#"{"jsonrpc":"2.0","id":1,"result":{"n": 1180591620717411303424}}"#
        );
    }
}
