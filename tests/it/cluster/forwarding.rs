//! `asya k port-forward` while pods come and go.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Stdio};

use serde_json::Value;

use super::fixture::Project;
use super::looking::{ask, serve};
use super::platform::{compose, deployed, running_pods};
use super::server::server;

/// A forwarding command that listens, and where.
struct Forwarding {
    child: Child,
    document: Value,
    /// Kept open: nobody reads on, and nothing more is written.
    _lines: BufReader<ChildStdout>,
}

impl Forwarding {
    fn start(project: &Project<'_>, args: &[&str]) -> Self {
        let all = [&["k", "port-forward", "-o", "json"], args].concat();
        let mut command = project.sandbox.command(&all);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut text = String::new();
        while !text.ends_with("}\n") {
            assert!(lines.read_line(&mut text).expect("stdout") > 0, "it ended: {text}");
        }
        Self { child, document: serde_json::from_str(&text).expect("JSON"), _lines: lines }
    }

    fn address(&self) -> &str {
        self.document["address"].as_str().expect("an address")
    }

    /// Exit code and stderr after Ctrl-C.
    fn end(mut self) -> (Option<i32>, String) {
        let pid = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill").success());
        let mut stderr = String::new();
        self.child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("stderr");
        (self.child.wait().expect("it ends").code(), stderr)
    }
}

#[test]
fn each_connection_goes_to_a_pod_that_is_ready_then() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let namespace = "forward-pods";
    let project = deployed(server, namespace);
    compose(server, namespace, "text-flow-clean", 1);
    let first = running_pods(server, namespace, "text-flow-clean", 1).remove(0);
    serve(server, namespace, &first, 8080);
    let forwarding = Forwarding::start(&project, &["text-flow-clean", "--remote", "8080", "--port", "0"]);
    server.wait_until("the pod answers", || ask(forwarding.address()).ends_with("OK"));
    // The pod dies, and there is none for a while.
    compose(server, namespace, "text-flow-clean", 0);
    running_pods(server, namespace, "text-flow-clean", 0);
    server.wait_until("the pod is gone", || server.get("pod", namespace, &first).is_none());
    assert_eq!(ask(forwarding.address()), "", "there is nobody to answer");
    compose(server, namespace, "text-flow-clean", 1);
    let second = running_pods(server, namespace, "text-flow-clean", 1).remove(0);
    assert_ne!(first, second);
    serve(server, namespace, &second, 8080);
    server.wait_until("the other pod answers", || ask(forwarding.address()).ends_with("OK"));
    let (code, stderr) = forwarding.end();
    assert_eq!(code, Some(130), "{stderr}");
    // How often somebody asked in vain depends on the machine; what is told does not.
    let mut told: Vec<&str> = stderr.lines().collect();
    told.dedup();
    let shown = told.join("\n").replace(&first, "[FIRST]").replace(&second, "[SECOND]");
    assert!(shown.contains("warning: a connection failed: there are no pods"), "{shown}");
    assert!(!shown.contains("error:"), "{shown}");
}

#[test]
fn ports_that_are_busy() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let namespace = "forward-busy";
    let project = deployed(server, namespace);
    compose(server, namespace, "text-flow-clean", 1);
    running_pods(server, namespace, "text-flow-clean", 1);
    let busy = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = busy.local_addr().expect("an address").port().to_string();
    let forward = ["text-flow-clean", "--remote", &port];
    let shown = project.run(&[&["k", "port-forward"], &forward[..], &["--port", &port]].concat()).show();
    insta::assert_snapshot!(shown.replace(&port, "[PORT]"), @r#"
exit: 4
--- stdout
--- stderr
error: port [PORT] of this machine cannot be used
  because Address already in use
hint: choose another with `--port`
"#);
    // Nobody asked for that one: any other is as good.
    let forwarding = Forwarding::start(&project, &forward);
    assert_ne!(forwarding.address(), format!("127.0.0.1:{port}"));
    assert_eq!(forwarding.document["port"].to_string(), port);
    assert_eq!(forwarding.end(), (Some(130), String::new()));
}

#[test]
fn a_pod_that_answers_on_no_port() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let namespace = "forward-deaf";
    let project = deployed(server, namespace);
    compose(server, namespace, "text-flow-clean", 1);
    let pod = running_pods(server, namespace, "text-flow-clean", 1).remove(0);
    let forwarding = Forwarding::start(&project, &["text-flow-clean", "--remote", "8080", "--port", "0"]);
    assert_eq!(ask(forwarding.address()), "");
    let (code, stderr) = forwarding.end();
    let stderr = stderr.replace(&pod, "[POD]");
    assert_eq!(code, Some(130), "{stderr}");
    insta::assert_snapshot!(stderr, @r#"warning: a connection failed: port 8080 of pod forward-deaf/[POD] cannot be reached: error forwarding port 8080 to pod [POD]/forward-deaf, uid : no forward found for port 8080 in pod "forward-deaf/[POD]""#);
}
