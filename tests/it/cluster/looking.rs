//! `asya k events`, `asya k port-forward`, `asya k secret`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use serde_json::json;

use super::fixture::{Project, actors, gateway};
use super::platform::deployed;
use super::server::{Server, server};

/// Makes an event.
pub fn happened(
    server: &Server,
    namespace: &str,
    about: (&str, &str),
    kind: &str,
    time: &str,
    reason: &str,
    message: &str,
) {
    let (about_kind, about_name) = about;
    let event = json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": {"name": format!("{about_name}.{}", reason.to_lowercase()), "namespace": namespace},
        "involvedObject": {"kind": about_kind, "name": about_name, "namespace": namespace},
        "type": kind, "reason": reason, "message": message, "count": 3,
        "firstTimestamp": time, "lastTimestamp": time, "source": {"component": "test"},
    });
    server.kubectl(&["create", "-f", "-"], Some(&event.to_string()));
}

#[test]
fn events_of_the_flows_objects_alone_in_order() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "events");
    project.render("text-flow", &actors("text-flow"));
    let normal = "Normal";
    happened(
        server,
        "events",
        ("Pod", "text-flow-clean-7fc48bb9d6-hddhs"),
        "Warning",
        "2026-01-02T03:04:06Z",
        "FailedMount",
        "configmap \"asya-runtime\" not found",
    );
    happened(
        server,
        "events",
        ("AsyncActor", "text-flow-clean"),
        normal,
        "2026-01-02T03:04:05Z",
        "BindComposite",
        "bound",
    );
    happened(
        server,
        "events",
        ("ReplicaSet", "text-flow-clean-7fc48bb9d6"),
        normal,
        "2026-01-02T03:04:07Z",
        "SuccessfulCreate",
        "Created pod",
    );
    happened(
        server,
        "events",
        ("Pod", "other-clean-7fc48bb9d6-hddhs"),
        "Warning",
        "2026-01-02T03:04:08Z",
        "BackOff",
        "not of this flow",
    );
    happened(
        server,
        "events",
        ("Pod", "text-flow-clean-more-7fc48bb9d6-hddhs"),
        "Warning",
        "2026-01-02T03:04:08Z",
        "BackOff",
        "nor this",
    );
    insta::assert_snapshot!(project.run(&["k", "events", "text-flow"]).show(), @r#"
exit: 0
--- stdout
LAST                  TYPE     COUNT  OBJECT                                 REASON            MESSAGE
2026-01-02T03:04:05Z  Normal   3      AsyncActor text-flow-clean             BindComposite     bound
2026-01-02T03:04:06Z  Warning  3      Pod text-flow-clean-7fc48bb9d6-hddhs   FailedMount       configmap "asya-runtime" not found
2026-01-02T03:04:07Z  Normal   3      ReplicaSet text-flow-clean-7fc48bb9d6  SuccessfulCreate  Created pod
--- stderr
"#);
    insta::assert_snapshot!(project.run(&["k", "events", "text-flow", "--warnings", "-o", "json"]).show(), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "flow": "text-flow",
  "events": [
    {
      "time": "2026-01-02T03:04:06Z",
      "type": "Warning",
      "count": 3,
      "object": "Pod text-flow-clean-7fc48bb9d6-hddhs",
      "reason": "FailedMount",
      "message": "configmap \"asya-runtime\" not found"
    }
  ]
}
--- stderr
"#);
}

#[test]
fn secrets_are_set_from_stdin_and_never_shown() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "secret-set");
    let mut objects = actors("text-flow");
    objects[2]["spec"]["secretRefs"] = json!([{"secretName": "model", "keys": [
        {"key": "token", "envVar": "TOKEN"}, {"key": "url", "envVar": "URL"},
    ]}]);
    project.render("text-flow", &objects);
    let set = |args: &[&str], value: &[u8]| {
        let mut command = project.sandbox.command(&[&["k", "secret", "set"], args].concat());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        // A command that refuses may be gone before it reads.
        let _ = child.stdin.take().expect("a pipe").write_all(value);
        let output = child.wait_with_output().expect("it ends");
        let shown = format!(
            "exit: {}\n--- stdout\n{}--- stderr\n{}",
            output.status.code().expect("a code"),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(!shown.contains("hunter") && !shown.contains("aHVudGVy"), "{shown}");
        shown
    };
    let data = || server.get("secret", "secret-set", "model").expect("the Secret")["data"].clone();
    insta::assert_snapshot!(project.run(&["k", "secret", "list", "text-flow"]).show(), @r#"
exit: 1
--- stdout
SECRET  KEY    STATE    ACTORS
model   token  missing  text-flow-clean
model   url    missing  text-flow-clean
--- stderr
"#);
    insta::assert_snapshot!(set(&["model", "token"], b"hunter2\n"), @r#"
exit: 0
--- stdout
Secret secret-set/model: token created
--- stderr
"#);
    assert_eq!(data(), json!({"token": "aHVudGVyMg=="}));
    insta::assert_snapshot!(set(&["model", "token"], b"hunter2"), @r#"
exit: 0
--- stdout
Secret secret-set/model: token unchanged
--- stderr
"#);
    insta::assert_snapshot!(set(&["model", "token"], b"hunter3\r\n"), @r#"
exit: 0
--- stdout
Secret secret-set/model: token changed
--- stderr
  pods that run keep the old value; kubectl -n secret-set rollout restart deployment NAME
"#);
    insta::assert_snapshot!(set(&["model", "url", "--exact", "-o", "json"], b"hunter\n"), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "namespace": "secret-set",
  "name": "model",
  "key": "url",
  "change": "created"
}
--- stderr
"#);
    assert_eq!(data(), json!({"token": "aHVudGVyMw==", "url": "aHVudGVyCg=="}));
    insta::assert_snapshot!(project.run(&["k", "secret", "list", "text-flow"]).show(), @r#"
exit: 0
--- stdout
SECRET  KEY    STATE  ACTORS
model   token  there  text-flow-clean
model   url    there  text-flow-clean
--- stderr
"#);
    insta::assert_snapshot!(project.run(&["k", "secret", "list"]).show(), @r#"
exit: 0
--- stdout
SECRET  KEY
model   token
model   url
--- stderr
"#);
    insta::assert_snapshot!(set(&["model", "token"], b""), @r#"
exit: 2
--- stdout
--- stderr
error: the value is empty
hint: give it on stdin
"#);
    insta::assert_snapshot!(set(&["model", "to/ken"], b"x"), @r#"
exit: 2
--- stdout
--- stderr
error: `to/ken` cannot be a key
  because keys are made of letters, digits, `-`, `_` and `.`
"#);
    insta::assert_snapshot!(project.run(&["k", "secret", "set", "model", "token", "hunter2"]).show().replace("hunter2", "[ARG]"), @r#"
exit: 2
--- stdout
--- stderr
error: unexpected argument '[ARG]' found

Usage: asya k secret set [OPTIONS] <NAME> <KEY>

For more information, try '--help'.
"#);
}

/// A pod's port, as the kubelet forwards it: to a server of the test.
pub fn serve(server: &Server, namespace: &str, pod: &str, port: u16) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let local = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 1024];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK");
        }
    });
    let object = json!({
        "apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "PortForward",
        "metadata": {"name": pod, "namespace": namespace},
        "spec": {"forwards": [{"ports": [port], "target": {"port": local, "address": "127.0.0.1"}}]},
    });
    server.apply(&object.to_string());
}

/// The answer to a request; what came of it when no more does for a while.
pub fn ask(address: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(std::time::Duration::from_secs(5))).expect("a timeout");
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").expect("it takes a request");
    let mut answer = String::new();
    let mut bytes = [0; 256];
    while !answer.ends_with("OK") {
        match stream.read(&mut bytes) {
            Ok(length @ 1..) => answer.push_str(&String::from_utf8_lossy(&bytes[..length])),
            _ => break,
        }
    }
    answer
}

#[test]
fn the_gateway_on_a_port_of_this_machine() {
    let Some(server) = server() else { return };
    if !server.rolls_out() {
        return;
    }
    let project = Project::without_gateway(server, "forward");
    insta::assert_snapshot!(project.run(&["k", "port-forward"]).show(), @r#"
exit: 4
--- stdout
--- stderr
error: there is no gateway in namespace `forward`
hint: set `gateway_namespace` of the context in `.asya/config.yaml`
"#);
    server.apply(&gateway("forward", "asya-gateway"));
    let mut pod = String::new();
    server.wait_until("the gateway runs", || {
        let args = [
            "-n",
            "forward",
            "get",
            "pods",
            "-l",
            "app.kubernetes.io/component=api",
            "--field-selector=status.phase=Running",
            "-o",
            "name",
        ];
        pod = server.kubectl(&args, None).trim().trim_start_matches("pod/").to_owned();
        !pod.is_empty()
    });
    serve(server, "forward", &pod, 8080);
    let mut child = project
        .sandbox
        .command(&["k", "port-forward", "gateway", "--port", "0", "-o", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut text = String::new();
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
    while !text.ends_with("}\n") {
        assert!(lines.read_line(&mut text).expect("stdout") > 0, "it ended: {text}");
    }
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["pod"], json!(pod));
    assert_eq!(document["port"], 8080);
    let address = document["address"].as_str().expect("an address");
    assert!(address.starts_with("127.0.0.1:"), "{address}");
    // The kubelet learns of its pods' ports in its own time.
    server.wait_until("the gateway answers", || ask(address).ends_with("OK"));
    assert!(ask(address).starts_with("HTTP/1.1 200 OK"), "and again");
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}

#[test]
fn an_actor_without_pods_has_no_port() {
    let Some(server) = server() else { return };
    let project = deployed(server, "forward-actor");
    insta::assert_snapshot!(project.run(&["k", "port-forward", "text-flow-clean"]).show(), @r#"
exit: 1
--- stdout
--- stderr
error: actor `text-flow-clean` has no pods in namespace `forward-actor`
  because scaled to zero, or not deployed
"#);
}
