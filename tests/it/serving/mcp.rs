//! The Model Context Protocol: sessions, errors, streams.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::client::{call, get, mcp, post, request, send};
use super::{Gateway, applied, offer};

#[test]
fn a_session_is_opened_used_and_ended() {
    let sandbox = applied(&["linear"], &["--mcp"]);
    let gateway = Gateway::start(&sandbox);
    let port = gateway.port;
    let ask = |session: Option<&str>, body: &Value| {
        let headers: Vec<(&str, &str)> = session.map(|session| ("mcp-session-id", session)).into_iter().collect();
        send(port, "POST", "/mcp", &headers, &body.to_string()).answer()
    };
    let opened = ask(None, &request("initialize", &json!({"protocolVersion": "2025-03-26", "capabilities": {}})));
    let session = opened.header("mcp-session-id").unwrap().to_owned();
    assert!(session.starts_with("mcp-session-"), "{session}");
    assert_eq!(opened.json()["result"]["protocolVersion"], "2025-03-26");
    let newer = ask(None, &request("initialize", &json!({"protocolVersion": "2027-01-01"})));
    assert_eq!(newer.json()["result"]["protocolVersion"], "2025-06-18");

    let notified = ask(Some(&session), &json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    assert_eq!((notified.status, notified.body.as_str()), (202, ""));
    assert_eq!(ask(Some(&session), &request("ping", &json!({}))).json()["result"], json!({}));
    assert_eq!(ask(Some("mine"), &request("ping", &json!({}))).status, 400);
    let wrong = [("mcp-protocol-version", "1999-01-01")];
    assert_eq!(send(port, "POST", "/mcp", &wrong, &request("ping", &json!({})).to_string()).answer().status, 400);

    let ended = |session: &str| send(port, "DELETE", "/mcp", &[("mcp-session-id", session)], "").answer().status;
    assert_eq!(ended(&session), 204);
    assert_eq!(ask(Some(&session), &request("ping", &json!({}))).status, 404);
    assert_eq!(ended(&session), 404);
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn what_is_wrong_with_a_request_is_said() {
    let sandbox = applied(&["text-flow", "risky"], &["--mcp"]);
    let schema = r#"{"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}"#;
    offer(&sandbox, "text-flow", &["--mcp", "--input-schema", schema]);
    let gateway = Gateway::start(&sandbox);
    let port = gateway.port;
    let mut said = String::new();
    let mut show = |what: &str, answer: super::client::Answer| {
        let mut json = answer.json();
        if let Some(result) = json.get_mut("result").and_then(Value::as_object_mut) {
            result.remove("_meta");
        }
        if let Some(result) = json.as_object_mut() {
            result.remove("_meta");
        }
        said.push_str(&format!("{what}: {} {json}\n", answer.status));
    };
    let body = |method: &str, params: Value| request(method, &params);
    show("unknown method", post(port, "/mcp", &body("resources/list", json!({}))));
    show("unknown tool", post(port, "/mcp", &body("tools/call", json!({"name": "nope"}))));
    show("no arguments", post(port, "/mcp", &body("tools/call", json!({"name": "text-flow"}))));
    show("wrong arguments", post(port, "/mcp", &body("tools/call", json!({"name": "text-flow", "arguments": [1]}))));
    show("wrong parameters", post(port, "/mcp", &body("tools/call", json!({"name": 1}))));
    show("failing handler", post(port, "/mcp", &body("tools/call", json!({"name": "risky"}))));
    show("no JSON", send(port, "POST", "/mcp", &[], "{\"jsonrpc\":").answer());
    show("no request", send(port, "POST", "/mcp", &[], "{}").answer());
    show("several", send(port, "POST", "/mcp", &[], "[]").answer());
    show("another type", send(port, "POST", "/mcp", &[("content-type", "text/plain")], "{}").answer());
    show("REST: no JSON", send(port, "POST", "/tools/call", &[], "{").answer());
    show("REST: no name", post(port, "/tools/call", &json!({"arguments": {}})));
    show("REST: unknown tool", post(port, "/tools/call", &json!({"name": "nope"})));
    show("REST: no arguments", post(port, "/tools/call", &json!({"name": "text-flow"})));
    show("REST: good", post(port, "/tools/call", &json!({"name": "text-flow", "arguments": {"text": "a"}})));
    show("elsewhere", get(port, "/nowhere"));
    assert_snapshot!(said, @r#"
unknown method: 200 {"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"there is no method `resources/list` here"}}
unknown tool: 200 {"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"tool 'nope' not found"}}
no arguments: 200 {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"missing required parameter: text"}],"isError":true}}
wrong arguments: 200 {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"the arguments must be an object"}],"isError":true}}
wrong parameters: 200 {"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"tools/call does not take these parameters: invalid type: integer `1`, expected a string"}}
failing handler: 200 {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"actor `fail` raised `LookupError`: no such customer"}],"isError":true}}
no JSON: 400 {"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"the body is not JSON: EOF while parsing a value at line 1 column 11"}}
no request: 400 {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the body is no request: `jsonrpc` must be \"2.0\""}}
several: 400 {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"several messages in one body are not taken: send them one by one"}}
another type: 400 {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Content-Type must be application/json"}}
REST: no JSON: 400 {"error":"the body is no call: EOF while parsing an object at line 1 column 1"}
REST: no name: 400 {"error":"the body has no `name`"}
REST: unknown tool: 404 {"error":"tool 'nope' not found"}
REST: no arguments: 200 {"content":[{"type":"text","text":"missing required parameter: text"}],"isError":true}
REST: good: 200 {"content":[{"type":"text","text":"{\"text\":\"a\",\"words\":[\"a\"],\"n\":1}"}],"structuredContent":{"text":"a","words":["a"],"n":1},"isError":false}
elsewhere: 404 {"error":"there is nothing here: MCP is at /mcp, A2A at /a2a/, its card at /.well-known/agent.json"}
"#);
    assert_eq!(get(port, "/tools/call").status, 405);
    assert_eq!(get(port, "/mcp").status, 406);
    let health = get(port, "/health");
    assert_eq!((health.status, health.body.as_str()), (200, "OK"));
    // The person at the terminal sees where it happened.
    assert!(gateway.said().iter().any(|line| line.contains("raise LookupError")), "{:?}", gateway.said());
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn numbers_pass_through_unchanged() {
    let sandbox = applied(&["linear"], &["--mcp"]);
    let gateway = Gateway::start(&sandbox);
    let body = r#"{"name": "linear", "arguments": {"text": "a", "big": 1180591620717411303424}}"#;
    let answer = send(gateway.port, "POST", "/tools/call", &[], body).answer();
    assert!(
        answer.body.contains(r#""structuredContent":{"text":"a","big":1180591620717411303424,"#),
        "{}",
        answer.body
    );
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let body = format!(r#"{{"name": "linear", "arguments": {{"text": "a", "deep": {deep}}}}}"#);
    let answer = send(gateway.port, "POST", "/tools/call", &[], &body).answer();
    assert!(answer.body.contains(&format!(r#""deep":{deep},"words""#)), "{}", answer.body);
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn progress_comes_as_a_stream() {
    let sandbox = applied(&["text-flow"], &["--mcp"]);
    let gateway = Gateway::start(&sandbox);
    let accept = [("accept", "application/json, text/event-stream")];
    let call = |meta: Value| {
        let params = json!({"name": "text-flow", "arguments": {"text": "a b"}, "_meta": meta});
        send(gateway.port, "POST", "/mcp", &accept, &request("tools/call", &params).to_string()).answer()
    };
    let streamed = call(json!({"progressToken": "t"}));
    assert_eq!(streamed.header("content-type"), Some("text/event-stream"));
    let events = streamed.events();
    let (last, before) = events.split_last().unwrap();
    assert_eq!(last["result"]["structuredContent"]["n"], 2);
    let actors: Vec<&str> = before.iter().map(|event| event["params"]["message"].as_str().unwrap()).collect();
    assert_eq!(
        actors,
        ["start-text-flow", "clean", "start-text-flow", "count", "start-text-flow", "count", "start-text-flow"]
    );
    assert!(before.iter().enumerate().all(|(at, event)| event["params"]["progress"] == at + 1));
    // Who does not ask for progress gets one document.
    assert_eq!(call(json!({})).header("content-type"), Some("application/json"));
    let only = [("accept", "text/event-stream")];
    let params = json!({"name": "text-flow", "arguments": {"text": "a"}});
    let only = send(gateway.port, "POST", "/mcp", &only, &request("tools/call", &params).to_string()).answer();
    assert_eq!(only.events().len(), 1);
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn a_call_can_be_looked_at_and_followed() {
    let sandbox = applied(&["linear"], &["--mcp"]);
    let gateway = Gateway::start(&sandbox);
    let meta = call(gateway.port, "linear", &json!({"text": "a"}))["result"]["_meta"].clone();
    let url = meta["status_url"].as_str().unwrap();
    let task = get(gateway.port, url).json();
    assert_eq!((&task["status"], &task["result"]["n"]), (&json!("succeeded"), &json!(1)));
    assert_eq!(get(gateway.port, &format!("{url}/active")).status, 410);
    // A stream that begins late tells everything and ends by itself.
    let followed = get(gateway.port, &format!("{url}/stream")).events();
    let actors: Vec<&Value> = followed.iter().filter_map(|event| event.get("actor")).collect();
    assert_eq!(actors, ["clean", "count"]);
    assert_eq!(followed.last().unwrap()["status"], "succeeded");
    assert_eq!(get(gateway.port, "/mesh/nobody").status, 404);
    assert_eq!(mcp(gateway.port, "tools/list", &json!({}))["result"]["tools"][0]["name"], "linear");
    assert_eq!(gateway.stop(), Some(130));
}
