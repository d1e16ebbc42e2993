//! The restart of a gateway that a new tool needs, when the new pod does not come up.

use serde_json::{Value, json};

use super::fixture::{Project, actors, entry, gateway};
use super::platform::Log;
use super::server::{Server, server};
use super::waiting::Running;

/// A gateway whose new pod finds no room beside the old one, so that the test says how it fares.
pub fn crowded(namespace: &str) -> String {
    let mut objects: Value = serde_json::from_str(&gateway(namespace, "asya-gateway")).expect("JSON");
    let labels = objects["items"][0]["spec"]["selector"].clone();
    objects["items"][0]["spec"]["template"]["spec"]["affinity"] = json!({"podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {"labelSelector": labels, "topologyKey": "kubernetes.io/hostname"},
        ],
    }});
    objects.to_string()
}

fn pods(server: &Server, namespace: &str, phase: &str) -> Vec<String> {
    let query = format!("labelSelector=app.kubernetes.io/component=api&fieldSelector=status.phase={phase}");
    server.pods(namespace, &query)
}

fn set_status(server: &Server, namespace: &str, pod: &str, state: &Value, last: &Value) {
    let container = |name: &str, state: &Value, last: &Value| {
        json!({
            "name": name, "image": "x", "imageID": "", "ready": false, "restartCount": 3, "state": state, "lastState": last,
        })
    };
    let patch = json!({"status": {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "False"}],
        "containerStatuses": [
            container("proxy", &json!({"running": {"startedAt": null}}), &json!({})), container("gateway", state, last),
        ],
    }});
    server.api().merge(&format!("/api/v1/namespaces/{namespace}/pods/{pod}/status"), &patch);
}

/// Applies an exposed flow to the gateway, whose new pod comes to be in `state`.
fn with_a_new_pod(server: &Server, project: &Project<'_>, args: &[&str], state: &Value, words: &[&str]) -> String {
    let namespace = &project.namespace;
    let mut running = Running::start(project, args);
    running.until("changed   Deployment");
    let mut new = Vec::new();
    server.wait_until("a new pod waits for a node", || {
        new = pods(server, namespace, "Pending");
        new.len() == 1
    });
    let pod = &new[0];
    set_status(server, namespace, pod, &json!({"running": {"startedAt": null}}), &json!({}));
    let binding = json!({
        "apiVersion": "v1", "kind": "Binding", "metadata": {"name": pod},
        "target": {"apiVersion": "v1", "kind": "Node", "name": "node-0"},
    });
    server.api().create(&format!("/api/v1/namespaces/{namespace}/pods/{pod}/binding"), &binding);
    let log = Log::of(server, namespace, pod, &[("gateway", true)]);
    for (at, line) in words.iter().enumerate() {
        log[0].line(&format!("2026-01-02T03:04:0{at}.000000000Z"), line);
    }
    server.wait_until("the kubelet has the log", || {
        server.try_kubectl(&["-n", namespace, "logs", pod, "-c", "gateway", "--previous"]).is_some()
    });
    let last = match words {
        [] => json!({}),
        _ => json!({"terminated": {"exitCode": 2, "reason": "Error"}}),
    };
    set_status(server, namespace, pod, state, &last);
    server.normal(&running.end()).replace(pod.as_str(), "[POD]")
}

fn project<'a>(server: &'a Server, namespace: &str) -> Project<'a> {
    let project = Project::without_gateway(server, namespace).asking();
    server.apply(&crowded(namespace));
    server.wait_until("the gateway runs", || pods(server, namespace, "Running").len() == 1);
    let mut objects = actors("text-flow");
    objects.push(entry("text-flow"));
    project.render("text-flow", &objects);
    project
}

#[test]
fn a_gateway_that_crashes_with_the_new_tool_ends_the_wait_with_its_last_lines() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let namespace = "restart-crash";
    let project = project(server, namespace);
    let state = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting"}});
    let words = [
        "level=INFO msg=\"starting gateway\"",
        "panic: tool text-flow: parameter of unknown type",
        "goroutine 1 [running]:",
    ];
    let args = ["k", "apply", "text-flow", "--gateway-timeout", "100"];
    insta::assert_snapshot!(with_a_new_pod(server, &project, &args, &state, &words), @r#"
exit: 1
--- stdout
--- stderr
apply text-flow → dev: test/restart-crash (5 objects)
  plan: create 5, register with gateway asya-gateway-api
  created   ConfigMap restart-crash/text-flow-router-0a1b2c
  created   ConfigMap restart-crash/asya-flow-text-flow-config
  created   AsyncActor restart-crash/start-text-flow
  created   AsyncActor restart-crash/text-flow-clean
  created   AsyncActor restart-crash/text-flow-score
  changed   Deployment restart-crash/asya-gateway-api
  the last lines of container gateway of Deployment restart-crash/asya-gateway-api:
  level=INFO msg="starting gateway"
  panic: tool text-flow: parameter of unknown type
  goroutine 1 [running]:
error: a new pod of gateway `asya-gateway-api` does not start; the old ones keep serving
  because CrashLoopBackOff in container gateway of pod [POD]: it ends with exit code 2
hint: look at it with `kubectl --context test -n restart-crash describe deployment/asya-gateway-api`
hint: to go back, run `asya unexpose text-flow --context dev` and `asya k apply text-flow --context dev`: that takes the flow out of the gateway
"#);

    // Running it again does not make it good.
    let pod = pods(server, namespace, "Running");
    let again = project.run(&["k", "apply", "text-flow"]).show();
    let again = pod.iter().fold(again, |text, pod| text.replace(pod.as_str(), "[POD]"));
    insta::assert_snapshot!(again, @r#"
exit: 1
--- stdout
--- stderr
apply text-flow → dev: test/restart-crash (5 objects)
  unchanged ConfigMap restart-crash/text-flow-router-0a1b2c
  unchanged ConfigMap restart-crash/asya-flow-text-flow-config
  unchanged AsyncActor restart-crash/start-text-flow
  unchanged AsyncActor restart-crash/text-flow-clean
  unchanged AsyncActor restart-crash/text-flow-score
  unchanged Deployment restart-crash/asya-gateway-api
  the last lines of container gateway of Deployment restart-crash/asya-gateway-api:
  level=INFO msg="starting gateway"
  panic: tool text-flow: parameter of unknown type
  goroutine 1 [running]:
error: a new pod of gateway `asya-gateway-api` does not start; the old ones keep serving
  because CrashLoopBackOff in container gateway of pod [POD]: it ends with exit code 2
hint: look at it with `kubectl --context test -n restart-crash describe deployment/asya-gateway-api`
hint: to go back, apply the version before; or run `asya unexpose text-flow --context dev` and `asya k apply text-flow --context dev`: that takes the flow out of the gateway
"#);

    // And back it goes, as it was said.
    project.render("text-flow", &actors("text-flow"));
    let outcome = project.run(&["k", "apply", "text-flow", "--yes"]);
    assert!(outcome.stderr.contains("gateway `asya-gateway-api` has new pods"), "{}", outcome.show());
    assert_eq!(project.sources(), ["asya-gateway-flows"]);
}

#[test]
fn an_image_that_is_gone_ends_it_too() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let project = project(server, "restart-image");
    let state = json!({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image \"x\""}});
    let args = ["k", "apply", "text-flow"];
    insta::assert_snapshot!(with_a_new_pod(server, &project, &args, &state, &[]), @r#"
exit: 1
--- stdout
--- stderr
apply text-flow → dev: test/restart-image (5 objects)
  plan: create 5, register with gateway asya-gateway-api
  created   ConfigMap restart-image/text-flow-router-0a1b2c
  created   ConfigMap restart-image/asya-flow-text-flow-config
  created   AsyncActor restart-image/start-text-flow
  created   AsyncActor restart-image/text-flow-clean
  created   AsyncActor restart-image/text-flow-score
  changed   Deployment restart-image/asya-gateway-api
error: a new pod of gateway `asya-gateway-api` does not start; the old ones keep serving
  because ImagePullBackOff in container gateway of pod [POD]: Back-off pulling image "x"
hint: look at it with `kubectl --context test -n restart-image describe deployment/asya-gateway-api`
hint: to go back, run `asya unexpose text-flow --context dev` and `asya k apply text-flow --context dev`: that takes the flow out of the gateway
"#);
}
