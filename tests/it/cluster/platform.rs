//! What Crossplane, KEDA and the kubelets do in a real cluster, done by the test: Deployments of
//! actors, phases, containers that crash, logs.

use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::fixture::{Project, actors};
use super::server::Server;

/// The actors of the flow `text-flow` of the fixture.
pub const NAMES: [&str; 3] = ["start-text-flow", "text-flow-clean", "text-flow-score"];

/// Applies the flow and lets all of its actors be as a cluster would have them, scaled to zero.
pub fn deployed<'a>(server: &'a Server, namespace: &str) -> Project<'a> {
    let project = Project::without_gateway(server, namespace);
    project.render("text-flow", &actors("text-flow"));
    project.apply("text-flow");
    for name in NAMES {
        compose(server, namespace, name, 0);
        set_phase(server, namespace, name, "Napping");
    }
    project
}

/// An object of a namespace as the server has it; it must be there.
fn live(server: &Server, kind: &str, namespace: &str, name: &str) -> Value {
    server.get(kind, namespace, name).unwrap_or_else(|| panic!("{kind} {namespace}/{name} is not there"))
}

/// Makes or renews the Deployment of an actor, as the compositions do, from the actor as it is.
pub fn compose(server: &Server, namespace: &str, name: &str, replicas: u32) {
    let actor = live(server, "asyncactor", namespace, name);
    let spec = &actor["spec"];
    let mut env = vec![json!({"name": "ASYA_HANDLER", "value": spec["handler"]})];
    env.extend(spec["env"].as_array().cloned().unwrap_or_default());
    let mut labels = actor["metadata"]["labels"].clone();
    labels["asya.sh/actor"] = json!(name);
    labels["app.kubernetes.io/name"] = json!(name);
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app.kubernetes.io/name": name}},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "volumes": spec["volumes"],
                    "containers": [
                        {"name": "asya-runtime", "image": spec["image"], "env": env},
                        {"name": "asya-sidecar", "image": "ghcr.io/deliveryhero/asya-sidecar:1"},
                    ],
                },
            },
        },
    });
    server.api().apply(&deployment, "crossplane", true);
}

/// Sets the status of an actor.
pub fn set_status(server: &Server, namespace: &str, name: &str, status: &Value) {
    let path = format!("/apis/asya.sh/v1alpha1/namespaces/{namespace}/asyncactors/{name}/status");
    server.api().merge(&path, &json!({"status": status}));
}

/// Everything of an actor is ready; `Napping` without replicas.
pub fn set_phase(server: &Server, namespace: &str, name: &str, phase: &str) {
    let ready = json!({"ready": true});
    set_status(
        server,
        namespace,
        name,
        &json!({
            "phase": phase,
            "queueUrl": format!("https://sqs.eu-west-1.amazonaws.com/1/asya-{namespace}-{name}"),
            "infrastructure": {"queue": ready, "keda": ready, "workload": ready},
        }),
    );
}

/// The pods of an actor that run; waits until there are `count`.
pub fn running_pods(server: &Server, namespace: &str, actor: &str, count: usize) -> Vec<String> {
    let mut names = Vec::new();
    server.wait_until(&format!("{count} pods of {actor} run"), || {
        let query = format!("labelSelector=asya.sh/actor={actor}&fieldSelector=status.phase=Running");
        names = server.pods(namespace, &query);
        names.len() == count
    });
    names
}

/// The runtime of a pod is in a state: `state` is one of a container's, `last` the one before.
pub fn set_container(server: &Server, namespace: &str, pod: &str, state: &Value, last: &Value) {
    let status = |name: &str, state: &Value, last: &Value, ready: bool| json!({"name": name, "image": "x", "imageID": "", "ready": ready, "restartCount": 3, "state": state, "lastState": last});
    let sidecar = status("asya-sidecar", &json!({"running": {"startedAt": null}}), &json!({}), true);
    let patch = json!({"status": {
        "conditions": [{"type": "Ready", "status": "False"}],
        "containerStatuses": [status("asya-runtime", state, last, false), sidecar],
    }});
    server.api().merge(&format!("/api/v1/namespaces/{namespace}/pods/{pod}/status"), &patch);
}

/// The log of one container, as the kubelet keeps it. Lines can be added while it is read.
pub struct Log(PathBuf);

impl Log {
    /// Gives the container `container` of a pod a log; `previous` is the one before its restart.
    pub fn of(server: &Server, namespace: &str, pod: &str, containers: &[(&str, bool)]) -> Vec<Self> {
        let path = |container: &str, previous: bool| {
            server.file(&format!("{namespace}-{pod}-{container}{}.log", if previous { "-previous" } else { "" }))
        };
        let logs: Vec<Value> = containers
            .iter()
            .map(|(container, _)| {
                json!({
                    "containers": [container], "logsFile": path(container, false),
                    "previousLogsFile": path(container, true), "follow": true,
                })
            })
            .collect();
        let object = json!({
            "apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Logs",
            "metadata": {"name": pod, "namespace": namespace}, "spec": {"logs": logs},
        });
        let out = containers
            .iter()
            .map(|(container, previous)| {
                let path = path(container, *previous);
                std::fs::write(&path, "").expect("a log");
                Self(path)
            })
            .collect();
        server.apply(&object.to_string());
        out
    }

    /// Adds a line that was written at `time` (RFC 3339).
    pub fn line(&self, time: &str, text: &str) {
        let mut file = std::fs::OpenOptions::new().append(true).open(&self.0).expect("the log");
        file.write_all(format!("{time} stdout F {text}\n").as_bytes()).expect("a line");
    }
}
