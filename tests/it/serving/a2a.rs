//! The Agent2Agent protocol.

use serde_json::{Value, json};

use super::client::{a2a, get, message, request, send};
use super::{Gateway, applied};
use crate::sandbox::wait_until;

fn text(text: &str) -> Value {
    json!({"messageId": "m-2", "role": "user", "parts": [{"kind": "text", "text": text}]})
}

#[test]
fn a_message_becomes_a_task_with_a_result() {
    let sandbox = applied(&["linear", "risky"], &["--a2a", "--tags", "x,y", "--examples", "Try it"]);
    // A2A knows no row of actors, so the flow is entered at its router.
    let gateway = Gateway::start(&sandbox);
    let port = gateway.port;
    let send = |params: Value| a2a(port, "message/send", &params)["result"].clone();
    let card = get(port, "/.well-known/agent-card.json").json();
    let skill = json!({"id": "linear", "name": "linear", "description": "Clean and count", "tags": ["x", "y"], "examples": ["Try it"]});
    assert_eq!(card["skills"][0], skill);

    let task = send(json!({"message": message(&json!({"text": "a b"})), "metadata": {"skill": "linear"}}));
    let data = &task["artifacts"][0]["parts"][0]["data"];
    assert_eq!((&task["status"]["state"], &data["n"], &data["text"]), (&json!("completed"), &json!(1), &json!("a b")));
    // What the platform puts beside the data.
    assert_eq!(data["a2a"]["task"]["id"], task["id"]);
    assert_eq!(data["a2a"]["task"]["history"][0]["messageId"], "m-1");
    assert_eq!(task["history"][0]["messageId"], "m-1");
    let same = a2a(port, "tasks/get", &json!({"id": task["id"]}))["result"].clone();
    assert_eq!((&same["artifacts"], &same["contextId"]), (&task["artifacts"], &task["contextId"]));
    let again = a2a(port, "tasks/get", &json!({"id": task["id"], "historyLength": 0}))["result"].clone();
    assert_eq!(again.get("history"), None);

    let failed = send(json!({"message": text("hello"), "metadata": {"skill": "risky"}}));
    assert_eq!(failed["status"]["state"], "failed");
    let said = &failed["status"]["message"]["parts"][0]["text"];
    assert_eq!(said, "actor `fail` raised `LookupError`: no such customer");
    for (skill, reason) in [
        (json!({"skill": "nope"}), "skill \"nope\" not found"),
        (json!({}), "skill not specified. Available: [linear risky]"),
    ] {
        let rejected = send(json!({"message": text("hello"), "metadata": skill}));
        assert_eq!(rejected["status"]["state"], "rejected");
        assert_eq!(rejected["status"]["message"]["parts"][0]["text"], reason);
    }
    let listed = a2a(port, "tasks/list", &json!({}))["result"].clone();
    let states: Vec<&Value> = listed["tasks"].as_array().unwrap().iter().map(|task| &task["status"]["state"]).collect();
    assert_eq!(states, ["rejected", "rejected", "failed", "completed"]);
    let extended = a2a(port, "agent/getAuthenticatedExtendedCard", &Value::Null)["result"].clone();
    assert_eq!(extended["skills"][0]["tags"], json!(["x", "y", "x-actor:start-linear"]));
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn refusals_have_the_protocols_numbers() {
    let sandbox = applied(&["linear"], &["--a2a"]);
    let gateway = Gateway::start(&sandbox);
    let port = gateway.port;
    let code = |method: &str, params: Value| a2a(port, method, &params)["error"]["code"].as_i64().unwrap();
    let file = json!({"messageId": "m", "role": "user", "parts": [{"kind": "file", "file": {"uri": "file:///x"}}]});
    let two = json!({"messageId": "m", "role": "user", "parts": [{"kind": "data", "data": {}}, {"kind": "data", "data": {}}]});
    let done = a2a(port, "message/send", &json!({"message": message(&json!({"text": "a"}))}))["result"]["id"].clone();
    let mut more = text("more");
    more["taskId"] = done.clone();
    let got = [
        code("tasks/get", json!({"id": "nope"})),
        code("tasks/cancel", json!({"id": done})),
        code("tasks/pushNotificationConfig/set", json!({})),
        code("message/send", json!({"message": more})),
        code("message/send", json!({"message": file})),
        code("message/send", json!({"message": two})),
        code("message/send", json!({"message": {"messageId": "m", "role": "user", "parts": []}})),
        code("message/send", json!({})),
        code("SendMessage", json!({})),
        send(port, "POST", "/a2a/", &[], "{").answer().json()["error"]["code"].as_i64().unwrap(),
    ];
    assert_eq!(got, [-32001, -32002, -32003, -32004, -32005, -32005, -32602, -32602, -32601, -32700]);
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn a_stream_tells_of_a_task_from_its_beginning_to_its_end() {
    let sandbox = applied(&["linear"], &["--a2a"]);
    let gateway = Gateway::start(&sandbox);
    let params =
        json!({"message": message(&json!({"text": "a"})), "configuration": {"acceptedOutputModes": ["text/plain"]}});
    let body = request("message/stream", &params).to_string();
    let events = send(gateway.port, "POST", "/a2a/", &[("accept", "text/event-stream")], &body).answer().events();
    let results: Vec<&Value> = events.iter().map(|event| &event["result"]).collect();
    assert_eq!(results[0]["kind"], "task");
    let finals: Vec<bool> = results.iter().map(|result| result["final"] == true).collect();
    assert_eq!(finals.iter().position(|is_final| *is_final), Some(results.len() - 1));
    assert_eq!(results[results.len() - 1]["status"]["state"], "completed");
    let artifact = results[results.len() - 2];
    assert_eq!(
        (&artifact["kind"], &artifact["artifact"]["parts"][0]["kind"]),
        (&json!("artifact-update"), &json!("text"))
    );
    // Who comes back later hears how it ended.
    let id = results[0]["id"].clone();
    let body = request("tasks/resubscribe", &json!({"id": id})).to_string();
    let events = send(gateway.port, "POST", "/a2a/", &[], &body).answer().events();
    assert_eq!((events.len(), &events[0]["result"]["status"]["state"]), (1, &json!("completed")));
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn a_task_can_be_begun_watched_and_canceled() {
    let sandbox = applied(&["slow"], &["--a2a"]);
    let gateway = Gateway::start(&sandbox);
    let port = gateway.port;
    let params = json!({"message": message(&json!({"file": "pids"})), "configuration": {"blocking": false}});
    let task = a2a(port, "message/send", &params)["result"].clone();
    let id = task["id"].as_str().unwrap().to_owned();
    wait_until("the handler", || sandbox.exists("pids"));
    let pids: Vec<u32> = sandbox.read("pids").split(' ').map(|pid| pid.parse().unwrap()).collect();
    assert_eq!(a2a(port, "tasks/get", &json!({"id": id}))["result"]["status"]["state"], "working");
    assert_eq!(get(port, &format!("/mesh/{id}/active")).json(), json!({"active": true}));
    // One that only watches and goes away ends nothing.
    let mut watching = send(port, "POST", "/a2a/", &[], &request("tasks/resubscribe", &json!({"id": id})).to_string());
    watching.until("\"task\"");
    drop(watching);
    assert_eq!(a2a(port, "tasks/get", &json!({"id": id}))["result"]["status"]["state"], "working");
    let canceled = a2a(port, "tasks/cancel", &json!({"id": id}))["result"].clone();
    assert_eq!(canceled["status"]["state"], "canceled");
    pids.into_iter().for_each(crate::mesh::wait_until_gone);
    // Who waits for the answer and goes away has no id to come back with.
    let params = json!({"message": message(&json!({"file": "others"}))});
    let waiting = send(port, "POST", "/a2a/", &[], &request("message/send", &params).to_string());
    wait_until("the handler", || sandbox.exists("others"));
    let pids: Vec<u32> = sandbox.read("others").split(' ').map(|pid| pid.parse().unwrap()).collect();
    drop(waiting);
    pids.into_iter().for_each(crate::mesh::wait_until_gone);
    assert_eq!(gateway.stop(), Some(130));
}
