//! `asya k doctor`.

mod actors;
mod gateway;
mod gateway_deployment;
mod gateway_pods;
mod list;
mod platform;
mod pubsub;
mod reads;
mod sqs;

use serde_json::{Value, json};

use super::fixture::Project;
use super::mesh_platform::runtime;
use super::server::Server;

const IDENTITY: &str = "iam.gke.io/gcp-service-account";
const ROLE: &str = "eks.amazonaws.com/role-arn";

/// What is printed; nothing of a Secret is in it, and with everything found is what to do.
fn shown(project: &Project<'_>, args: &[&str]) -> String {
    let shown = project.run(&[&["k", "doctor"], args].concat()).show();
    for value in ["TOP-SECRET", "hunter2", "sesame"] {
        assert!(!shown.contains(value), "a Secret was shown: {shown}");
    }
    let lines: Vec<&str> = shown.lines().collect();
    for pair in lines.windows(2) {
        let found = pair[0].starts_with("fail ") || pair[0].starts_with("warn ");
        assert!(!found || pair[1].contains("→"), "nothing says what to do: {}", pair[0]);
    }
    shown
}

/// What some checks say, well or not, with what puts them right.
fn said(project: &Project<'_>, ids: &[&str]) -> String {
    let shown = shown(project, &["--all"]);
    let mut wanted = false;
    let mut out = String::new();
    for line in shown.lines() {
        if !line.starts_with("            →") {
            wanted = line.get(8..).is_some_and(|rest| ids.iter().any(|id| rest.split(' ').next() == Some(id)));
        }
        if wanted {
            out.push_str(&format!("{line}\n"));
        }
    }
    out
}

/// The chart's own runtime is in one namespace of the whole cluster.
fn chart(server: &Server) {
    if server.get("namespace", "", "doctor-chart").is_none() {
        server.namespace("doctor-chart");
    }
    runtime(server, "doctor-chart", "run()\n", true);
}

/// Changes one of the platform's cluster-wide objects for the time of `during`.
fn changed<T>(server: &Server, kind: &str, name: &str, patch: &Value, during: impl FnOnce() -> T) -> T {
    let before = server.get(kind, "", name).expect("an object of the platform");
    server.kubectl(&["patch", kind, name, "--type=merge", "-p", &patch.to_string()], None);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(during));
    let mut back = json!({"apiVersion": before["apiVersion"], "kind": before["kind"], "metadata": {"name": name}});
    for part in ["spec", "status"] {
        if !before[part].is_null() {
            back[part] = before[part].clone();
        }
    }
    server.kubectl(&["replace", "-f", "-"], Some(&back.to_string()));
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
