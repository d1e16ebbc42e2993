//! How calls and gateways end: in time, too late, given up, together.

use std::process::Stdio;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::client::{call, get, mcp, request, send};
use super::{Gateway, applied, offer};
use crate::mesh::{alive, wait_until_gone};
use crate::sandbox::{Sandbox, wait_until};

/// Processes of the handler that waits.
fn pids(sandbox: &Sandbox, file: &str) -> Vec<u32> {
    wait_until("the handler", || sandbox.exists(file));
    sandbox.read(file).split(' ').map(|pid| pid.parse().unwrap()).collect()
}

fn slow_call(file: &str) -> String {
    request("tools/call", &json!({"name": "slow", "arguments": {"file": file}})).to_string()
}

#[test]
fn a_flow_that_takes_too_long_is_an_error() {
    let sandbox = applied(&["slow"], &["--mcp", "--timeout", "1"]);
    let gateway = Gateway::start(&sandbox);
    let result = call(gateway.port, "slow", &json!({"file": "pids"}))["result"].clone();
    assert_eq!(result["isError"], true);
    assert_eq!(result["content"][0]["text"], "no result within 1 s (`timeout` of the flow)");
    pids(&sandbox, "pids").into_iter().for_each(wait_until_gone);
    gateway.wait_for("mcp slow: failed");
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn a_client_that_goes_away_ends_its_call_and_no_other() {
    let sandbox = applied(&["slow", "linear"], &["--mcp"]);
    let gateway = Gateway::start(&sandbox);
    let port = gateway.port;
    let stream = [("accept", "text/event-stream")];
    let (one, two) =
        (send(port, "POST", "/mcp", &[], &slow_call("one")), send(port, "POST", "/mcp", &stream, &slow_call("two")));
    let (first, second) = (pids(&sandbox, "one"), pids(&sandbox, "two"));
    // A handler that waits blocks nobody else.
    assert_eq!(call(port, "linear", &json!({"text": "a"}))["result"]["structuredContent"]["n"], 1);
    drop(one);
    first.into_iter().for_each(wait_until_gone);
    gateway.wait_for("mcp slow: canceled");
    assert!(second.iter().all(|pid| alive(*pid)));
    drop(two);
    second.into_iter().for_each(wait_until_gone);
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn a_call_is_given_up_by_its_id() {
    let sandbox = applied(&["slow"], &["--mcp"]);
    let gateway = Gateway::start(&sandbox);
    let session = "mcp-session-11111111-2222-4333-8444-555555555555";
    let other = "mcp-session-11111111-2222-4333-8444-666666666666";
    let mine = [("mcp-session-id", session)];
    let under_way = send(gateway.port, "POST", "/mcp", &mine, &slow_call("pids"));
    let processes = pids(&sandbox, "pids");
    let cancel = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}).to_string();
    let theirs = [("mcp-session-id", other)];
    assert_eq!(send(gateway.port, "POST", "/mcp", &theirs, &cancel).answer().status, 202);
    assert!(processes.iter().all(|pid| alive(*pid)));
    assert_eq!(send(gateway.port, "POST", "/mcp", &mine, &cancel).answer().status, 202);
    let answer = under_way.answer().json();
    assert_eq!(answer["result"]["content"][0]["text"], "the caller gave it up");
    processes.into_iter().for_each(wait_until_gone);
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn twenty_calls_are_worked_on_at_a_time() {
    let sandbox = applied(&["meet"], &["--mcp"]);
    let gateway = Gateway::start(&sandbox);
    let port = gateway.port;
    let calls: Vec<_> = (0..20)
        .map(|me| std::thread::spawn(move || call(port, "meet", &json!({"me": me, "all": 20}))["result"].clone()))
        .collect();
    for (me, call) in calls.into_iter().enumerate() {
        assert_eq!(call.join().unwrap()["structuredContent"], json!({"me": me}));
    }
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn the_end_of_the_gateway_ends_what_is_under_way_and_leaves_nothing_behind() {
    let mut sandbox = applied(&["slow"], &["--mcp", "--a2a"]);
    let temporary = sandbox.root().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    sandbox.set("TMPDIR", temporary.display().to_string());
    for signal in ["-INT", "-TERM"] {
        let mut gateway = Gateway::start(&sandbox);
        let mut listening = send(gateway.port, "GET", "/mcp", &[("accept", "text/event-stream")], "");
        listening.until("200");
        let under_way = send(gateway.port, "POST", "/mcp", &[], &slow_call("pids"));
        let processes = pids(&sandbox, "pids");
        gateway.signal(signal);
        let answer = under_way.answer().json();
        assert_eq!(answer["result"]["content"][0]["text"], "the gateway was stopped");
        assert_eq!(gateway.child.wait().unwrap().code(), Some(130));
        processes.into_iter().for_each(wait_until_gone);
        std::fs::remove_file(sandbox.project().join("pids")).unwrap();
        let left: Vec<_> = std::fs::read_dir(&temporary).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(left, Vec::<std::path::PathBuf>::new());
        assert!(!sandbox.exists(".asya/local/gateway.json"));
    }
}

#[test]
fn a_gateway_that_was_killed_is_in_nobodys_way() {
    let sandbox = applied(&["linear"], &["--mcp"]);
    let mut gateway = Gateway::start(&sandbox);
    gateway.signal("-KILL");
    gateway.child.wait().unwrap();
    assert!(sandbox.exists(".asya/local/gateway.json"));
    let applied = sandbox.ok(&["k", "apply", "linear", "--context", "local"]).stdout;
    assert_eq!(applied, "linear: 5 unchanged; serve it with `asya gateway serve`\n");
    let gateway = Gateway::start(&sandbox);
    assert_eq!(mcp(gateway.port, "tools/list", &json!({}))["result"]["tools"][0]["name"], "linear");
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn a_second_gateway_and_a_port_in_use_are_errors() {
    let sandbox = applied(&["linear"], &["--mcp"]);
    let gateway = Gateway::start(&sandbox);
    let port = gateway.port.to_string();
    let second = sandbox.show(&["gateway", "serve"]).replace(&port, "[PORT]");
    assert_snapshot!(second.replace(&gateway.child.id().to_string(), "[PID]"), @r#"
exit: 3
--- stdout
--- stderr
error: a gateway of this project is running already
  because process [PID] serves at http://127.0.0.1:[PORT]
hint: it notices every `asya k apply --context local` by itself; end it with Ctrl-C where it runs
"#);
    let other = applied(&["linear"], &["--mcp"]);
    assert_snapshot!(other.show(&["gateway", "serve", "--port", &port]).replace(&port, "[PORT]"), @r#"
exit: 4
--- stdout
--- stderr
error: the gateway cannot listen on 127.0.0.1:[PORT]
  because another program listens there
hint: choose another port with `--port`; `--port 0` takes any that is free
"#);
    assert!(!other.exists(".asya/local/gateway.json"));
    assert_eq!(gateway.stop(), Some(130));
    assert_snapshot!(other.show(&["gateway", "serve", "--context", "dev"]), @r#"
exit: 2
--- stdout
--- stderr
error: the context `dev` has a gateway of its own, in its cluster
hint: reach it with `asya k port-forward gateway --context dev`
hint: leave `--context` and ASYA_CONTEXT out to serve what is applied to `local`
"#);
}

#[test]
fn code_that_changes_is_loaded_by_the_next_call() {
    let sandbox = applied(&["linear"], &["--mcp"]);
    let gateway = Gateway::start(&sandbox);
    let n = || call(gateway.port, "linear", &json!({"text": "a"}))["result"]["structuredContent"]["n"].clone();
    assert_eq!((n(), n()), (json!(1), json!(1)));
    let changed = sandbox.read("src/handlers.py").replace("state.get(\"n\", 0) + 1", "\"changed\"");
    sandbox.write("src/handlers.py", &changed);
    // By the next call, unless the machine is so busy that looking takes long.
    wait_until("the new code", || n() == "changed");
    // What was applied runs, whatever is compiled meanwhile.
    let flows = sandbox.read("src/flows.py").replace("\"\"\"Clean and count\"\"\"", "state[\"text\"] = \"x y\"");
    sandbox.write("src/flows.py", &flows);
    sandbox.ok(&["compile", "linear"]);
    let text = || call(gateway.port, "linear", &json!({"text": "a"}))["result"]["structuredContent"]["text"].clone();
    assert_eq!(text(), "a");
    offer(&sandbox, "linear", &["--mcp", "-d", "Clean"]);
    assert_eq!(text(), "x y");
    assert_eq!(gateway.stop(), Some(130));
}

#[test]
fn json_says_where_it_serves() {
    let sandbox = applied(&["linear"], &["--mcp", "-d", "Clean and count"]);
    let mut child = sandbox
        .command(&["gateway", "serve", "--port", "0", "-o", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut documents = serde_json::Deserializer::from_reader(stdout).into_iter::<Value>();
    let document = documents.next().unwrap().unwrap();
    let port: u16 = document["url"].as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap();
    let text = serde_json::to_string_pretty(&document).unwrap().replace(&port.to_string(), "[PORT]");
    assert_snapshot!(text, @r#"
{
  "version": 1,
  "url": "http://127.0.0.1:[PORT]",
  "mcp": "http://127.0.0.1:[PORT]/mcp",
  "a2a": "http://127.0.0.1:[PORT]/a2a/",
  "card": "http://127.0.0.1:[PORT]/.well-known/agent.json",
  "flows": [
    {
      "name": "linear",
      "tool": true,
      "skill": false,
      "description": "Clean and count"
    }
  ],
  "problems": []
}
"#);
    assert_eq!(get(port, "/health").status, 200);
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(documents.next().is_none());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(130), 0));
}
