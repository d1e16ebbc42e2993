//! The running gateway follows what is applied.

use serde_json::{Value, json};

use super::client::{call, mcp, post, send};
use super::{Gateway, applied, offer, project};

fn tools(gateway: &Gateway) -> Vec<String> {
    let tools = mcp(gateway.port, "tools/list", &json!({}))["result"]["tools"].clone();
    tools.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn flows_come_change_and_go_while_it_runs() {
    let sandbox = project(&["linear", "text-flow"]);
    let gateway = Gateway::start(&sandbox);
    assert_eq!(tools(&gateway), [""; 0]);
    let mut listening = send(gateway.port, "GET", "/mcp", &[("accept", "text/event-stream")], "");
    listening.until("200");
    offer(&sandbox, "linear", &["--mcp", "-d", "One"]);
    assert_eq!(tools(&gateway), ["linear"]);
    listening.until("notifications/tools/list_changed");
    offer(&sandbox, "text-flow", &["--mcp", "-d", "Two"]);
    assert_eq!(tools(&gateway), ["linear", "text-flow"]);
    assert_eq!(call(gateway.port, "text-flow", &json!({"text": "a b"}))["result"]["structuredContent"]["n"], 2);
    offer(&sandbox, "linear", &["--mcp", "-d", "Another"]);
    let described = mcp(gateway.port, "tools/list", &json!({}))["result"]["tools"][0]["description"].clone();
    assert_eq!(described, "Another");
    sandbox.ok(&["k", "delete", "linear", "--context", "local"]);
    assert_eq!(tools(&gateway), ["text-flow"]);
    sandbox.ok(&["unexpose", "text-flow", "--context", "local"]);
    sandbox.ok(&["k", "apply", "text-flow", "--context", "local"]);
    assert_eq!(tools(&gateway), [""; 0]);
    let said = gateway.said();
    let about: Vec<&str> = said.iter().filter(|line| line.contains(" is served ")).map(|line| line.trim()).collect();
    assert_eq!(
        about,
        [
            "linear is served as tool",
            "text-flow is served as tool",
            "linear is served anew as tool",
            "linear is served no longer",
            "text-flow is served no longer",
        ]
    );
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn it_notices_without_being_asked() {
    let sandbox = project(&["linear"]);
    let gateway = Gateway::start(&sandbox);
    sandbox.ok(&["expose", "linear", "--context", "local"]);
    sandbox.ok(&["k", "apply", "linear", "--context", "local", "--no-verify"]);
    gateway.wait_for("linear is served as tool");
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn a_broken_file_is_named_and_leaves_all_as_it_was() {
    let sandbox = applied(&["linear", "text-flow"], &["--mcp"]);
    let gateway = Gateway::start(&sandbox);
    let good = sandbox.read(".asya/local/linear.yaml");
    let broken = [
        (good.replace("entrypoint: clean", "entrypoint: gone"), "`linear` begins at actor `gone`, which is not there"),
        (good.replace("    flows:", "    flows: 1 #"), "the gateway does not take the flow file `linear.yaml`"),
        ("kind: [".to_owned(), "linear.yaml"),
    ];
    for (text, said) in broken {
        sandbox.write(".asya/local/linear.yaml", &text);
        let reloaded = post(gateway.port, "/mesh/config-reload", &Value::Null).json();
        assert_eq!(reloaded["problems"].as_array().unwrap().len(), 1, "{reloaded}");
        assert!(reloaded["problems"][0].as_str().unwrap().contains(said), "{reloaded}");
        gateway.wait_for(said);
        // The last good state is served, and others all the more.
        assert_eq!(tools(&gateway), ["linear", "text-flow"]);
        assert_eq!(call(gateway.port, "linear", &json!({"text": "a"}))["result"]["structuredContent"]["n"], 1);
    }
    let status = sandbox.run(&["k", "status", "linear", "--context", "local"]);
    assert_eq!(status.code, 3, "{}", status.show());
    // Another start has no good state of it.
    assert_eq!(gateway.stop(), Some(130));
    let gateway = Gateway::start(&sandbox);
    assert_eq!(tools(&gateway), ["text-flow"]);
    // Applying writes it anew.
    sandbox.ok(&["k", "apply", "linear", "--context", "local"]);
    assert_eq!(tools(&gateway), ["linear", "text-flow"]);
    assert_eq!(gateway.stop(), Some(130));
}
