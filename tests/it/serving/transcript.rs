//! What a person types, from a function to a tool that is called and taken away again.

use insta::assert_snapshot;
use serde_json::json;

use super::client::{a2a, call, get, mcp, message};
use super::{Gateway, project};

#[test]
fn a_flow_is_compiled_exposed_applied_called_and_taken_away() {
    let sandbox = project(&["text-flow"]);
    let expose = ["expose", "text-flow", "-d", "Analyze text", "--mcp", "--a2a", "--context", "local"];
    assert_snapshot!(sandbox.show(&expose), @r#"
exit: 0
--- stdout
text-flow is an MCP tool and an A2A skill in context `local`:

flows:
- name: text-flow
  entrypoint: start-text-flow
  description: Analyze text
  mcp:
    inputSchema:
      type: object
      properties: {}
  a2a:
    tags: []

next: asya k apply text-flow --context local
--- stderr
  created   compiled/text-flow/manifests/overlays/local/kustomizeconfig.yaml
  created   compiled/text-flow/manifests/overlays/local/flow-expose.yaml
  created   compiled/text-flow/manifests/overlays/local/kustomization.yaml
"#);
    let apply = ["k", "apply", "text-flow", "--context", "local"];
    assert_snapshot!(sandbox.show(&apply), @r#"
exit: 0
--- stdout
text-flow: 5 created; serve it with `asya gateway serve`
--- stderr
apply text-flow → local (5 objects)
  created   ConfigMap asya-flow-text-flow-config
  created   ConfigMap text-flow-router-32263f7426
  created   AsyncActor clean
  created   AsyncActor count
  created   AsyncActor start-text-flow
"#);

    let gateway = Gateway::start(&sandbox);
    let port = gateway.port;
    let text = |text: &str| text.replace(&port.to_string(), "[PORT]");
    assert_snapshot!(text(&gateway.greeting.join("\n")), @r#"
http://127.0.0.1:[PORT] serves the context `local`; Ctrl-C ends it

  MCP  http://127.0.0.1:[PORT]/mcp
  A2A  http://127.0.0.1:[PORT]/.well-known/agent.json
"#);
    let tools = mcp(port, "tools/list", &json!({}));
    assert_snapshot!(serde_json::to_string_pretty(&tools["result"]).unwrap(), @r#"
{
  "tools": [
    {
      "name": "text-flow",
      "description": "Analyze text",
      "inputSchema": {
        "type": "object",
        "properties": {}
      }
    }
  ]
}
"#);
    let result = call(port, "text-flow", &json!({"text": "a b c"}))["result"].clone();
    assert_eq!(result["structuredContent"], json!({"text": "a b c", "words": ["a", "b", "c"], "n": 3}));
    assert_eq!(result["content"][0]["text"], r#"{"text":"a b c","words":["a","b","c"],"n":3}"#);
    assert_eq!(result["isError"], false);
    let card = get(port, "/.well-known/agent.json").json();
    assert_snapshot!(text(&serde_json::to_string_pretty(&card).unwrap()), @r#"
{
  "protocolVersion": "0.3.0",
  "name": "Asya Gateway",
  "description": "The flows that are applied to the context `local` of a project",
  "url": "http://127.0.0.1:[PORT]/a2a/",
  "preferredTransport": "JSONRPC",
  "version": "0.1.0",
  "capabilities": {
    "streaming": true,
    "pushNotifications": false
  },
  "defaultInputModes": [
    "application/json",
    "text/plain"
  ],
  "defaultOutputModes": [
    "application/json"
  ],
  "skills": [
    {
      "id": "text-flow",
      "name": "text-flow",
      "description": "Analyze text",
      "tags": []
    }
  ],
  "supportsAuthenticatedExtendedCard": true
}
"#);
    let task = a2a(port, "message/send", &json!({"message": message(&json!({"text": "x y"}))}))["result"].clone();
    assert_eq!(task["status"]["state"], "completed");
    assert_eq!(task["artifacts"][0]["parts"][0]["data"]["n"], 2);

    assert_snapshot!(text(&sandbox.show(&["k", "status", "text-flow", "--context", "local"])).replace(|c: char| c.is_ascii_digit(), "0"), @r#"
exit: 0
--- stdout
text-flow in local: well

actors: clean, count, start-text-flow
gateway: registered: http://000.0.0.0:[PORT] shows the tool and the skill (asked at its URL, after 0.0 s)
drift: none; what is applied is what is rendered
--- stderr
"#);
    assert_snapshot!(text(&sandbox.show(&["unexpose", "text-flow", "--context", "local"])), @r#"
exit: 0
--- stdout
text-flow is no longer offered in context `local`

next: asya k apply text-flow --context local
--- stderr
  removed   compiled/text-flow/manifests/overlays/local/flow-expose.yaml
  changed   compiled/text-flow/manifests/overlays/local/kustomization.yaml
"#);
    let applied = text(&sandbox.show(&apply));
    assert_snapshot!(applied.replace(|c: char| c.is_ascii_digit(), "0"), @r#"
exit: 0
--- stdout
text-flow: 0 unchanged, 0 removed; taken out of the gateway at http://000.0.0.0:[PORT]
--- stderr
apply text-flow → local (0 objects)
  unchanged ConfigMap text-flow-router-00000f0000
  unchanged AsyncActor clean
  unchanged AsyncActor count
  unchanged AsyncActor start-text-flow
  removed   ConfigMap asya-flow-text-flow-config
  the gateway at http://000.0.0.0:[PORT] shows it no longer (asked at its URL, after 0.0 s)
"#);
    assert_eq!(mcp(port, "tools/list", &json!({}))["result"], json!({"tools": []}));
    assert_eq!(get(port, "/.well-known/agent.json").json()["skills"], json!([]));
    assert_snapshot!(sandbox.show(&["k", "delete", "text-flow", "--context", "local"]), @r#"
exit: 0
--- stdout
text-flow: 4 removed; not exposed
--- stderr
delete text-flow → local
  removed   ConfigMap text-flow-router-32263f7426
  removed   AsyncActor clean
  removed   AsyncActor count
  removed   AsyncActor start-text-flow
"#);
    let lines = gateway.said();
    assert_eq!(gateway.stop(), Some(130));
    let said: Vec<String> = lines.iter().map(|line| without_time(line)).collect();
    assert_snapshot!(said.join("\n"), @r#"
clean | cleaning a b c
mcp text-flow: succeeded
clean | cleaning x y
a2a text-flow: succeeded
text-flow is served no longer
"#);
    assert!(!sandbox.exists(".asya/local/gateway.json"));
}

/// `mcp f: succeeded (1.2 ms)` without the time.
fn without_time(line: &str) -> String {
    match line.split_once(" (") {
        Some((before, rest)) if rest.contains(" ms)") => {
            format!("{before}{}", rest.split_once(" ms)").map(|(_, after)| after).unwrap_or_default())
        }
        _ => line.to_owned(),
    }
}

#[test]
fn the_commands_of_the_platforms_guide_work_as_they_stand() {
    let sandbox = super::applied(&["text-flow"], &["--mcp", "--a2a"]);
    let gateway = Gateway::start(&sandbox);
    let host = format!("http://localhost:{}", gateway.port);
    let curl = |args: &[&str]| {
        let output = std::process::Command::new("curl").arg("-sS").args(args).output().expect("curl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON")
    };
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let tools = curl(&["-X", "POST", &format!("{host}/mcp"), "-H", "Content-Type: application/json", "-d", list]);
    assert_eq!(tools["result"]["tools"][0]["name"], "text-flow");
    assert_eq!(curl(&[&format!("{host}/.well-known/agent.json")])["skills"][0]["id"], "text-flow");
    let reloaded = curl(&["-X", "POST", &format!("{host}/mesh/config-reload")]);
    assert_eq!(reloaded, json!({"status": "ok", "flows": 1, "problems": []}));
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn flows_of_every_shape_are_entered_as_their_entry_says() {
    let sandbox = super::applied(&["linear", "fan"], &["--mcp"]);
    // A row of actors is entered at its first one, without a router.
    assert!(sandbox.read(".asya/local/linear.yaml").contains("route_next"));
    let gateway = Gateway::start(&sandbox);
    let linear = call(gateway.port, "linear", &json!({"text": "a b"}))["result"].clone();
    assert_eq!(linear["structuredContent"], json!({"text": "a b", "words": ["a", "b"], "n": 1}));
    let task = get(gateway.port, linear["_meta"]["status_url"].as_str().unwrap()).json();
    assert_eq!(task["route"]["prev"], json!(["clean", "count"]));
    let fan = call(gateway.port, "fan", &json!({"words": ["one", "a", "three"]}))["result"].clone();
    assert_eq!(fan["structuredContent"], json!({"words": ["one", "a", "three"], "lengths": [3, 1, 5], "total": 8}));
    let long: Vec<String> = (0..12).map(|n| "x".repeat(n)).collect();
    let fan = call(gateway.port, "fan", &json!({"words": long}))["result"].clone();
    assert_eq!(fan["structuredContent"]["lengths"], json!((0..12).collect::<Vec<usize>>()));
    assert_eq!(gateway.stop(), Some(130));
}
