//! `asya k status`.

use serde_json::json;

use super::fixture::{Project, actors, exposed};
use super::platform::{NAMES, compose, deployed, running_pods, set_container, set_phase, set_status};
use super::server::server;

#[test]
fn all_is_well() {
    let Some(server) = server() else { return };
    if !server.rolls_out() {
        return;
    }
    let project = Project::new(server, "status-well");
    project.render("text-flow", &exposed("text-flow"));
    project.apply("text-flow");
    for name in NAMES {
        compose(server, "status-well", name, 0);
        set_phase(server, "status-well", name, "Napping");
    }
    compose(server, "status-well", "text-flow-score", 2);
    running_pods(server, "status-well", "text-flow-score", 2);
    set_phase(server, "status-well", "text-flow-score", "Ready");
    server.wait_until("the rollout is complete", || {
        let deployment = server.get("deployment", "status-well", "text-flow-score").expect("it is there");
        deployment["status"]["readyReplicas"] == 2
    });
    insta::assert_snapshot!(project.run(&["k", "status", "text-flow"]).show(), @r#"
exit: 0
--- stdout
text-flow in dev/status-well: well

ACTOR            STATE  PODS  RESTARTS  QUEUE  MESSAGE
start-text-flow  ready  0     0         ready  scaled to zero
text-flow-clean  ready  0     0         ready  scaled to zero
text-flow-score  ready  2/2   0         ready  2 pods

gateway: registered (asya-gateway-api): served over MCP
drift: none; the cluster has what is rendered
--- stderr
"#);
    insta::assert_snapshot!(project.run(&["k", "status"]).show(), @r#"
exit: 0
--- stdout
FLOW       ACTORS     PODS  GATEWAY  NOTE
text-flow  3/3 ready  2     mcp
--- stderr
"#);
}

#[test]
fn drift_trouble_and_a_lost_registration_are_told() {
    let Some(server) = server() else { return };
    if !server.rolls_out() {
        return;
    }
    let project = Project::new(server, "status-ill");
    project.render("text-flow", &exposed("text-flow"));
    project.apply("text-flow");
    for name in NAMES {
        compose(server, "status-ill", name, 0);
        set_phase(server, "status-ill", name, "Napping");
    }
    // What a helm upgrade does.
    let chart = json!([{"op": "replace", "path": "/spec/template/spec/volumes/1/projected/sources", "value": []}]);
    let patch = chart.to_string();
    server.kubectl(&["-n", "status-ill", "patch", "deployment", "asya-gateway-api", "--type=json", "-p", &patch], None);
    // Somebody's hand.
    let patch = r#"{"spec":{"scaling":{"maxReplicaCount":9},"env":[{"name":"MODE","value":"slow"}]}}"#;
    server.kubectl(&["-n", "status-ill", "patch", "asyncactor", "text-flow-clean", "--type=merge", "-p", patch], None);
    server.kubectl(&["-n", "status-ill", "delete", "configmap", "text-flow-router-0a1b2c"], None);
    // A handler that cannot be imported.
    compose(server, "status-ill", "text-flow-score", 1);
    let pods = running_pods(server, "status-ill", "text-flow-score", 1);
    let waiting = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}});
    let last = json!({"terminated": {"exitCode": 137, "reason": "OOMKilled"}});
    set_container(server, "status-ill", &pods[0], &waiting, &last);
    set_status(
        server,
        "status-ill",
        "start-text-flow",
        &json!({"phase": "Creating", "infrastructure": {"queue": {"ready": false, "message": "AccessDenied"}}}),
    );
    let shown = |args: &[&str]| project.run(args).show().replace(&pods[0], "[POD]");
    insta::assert_snapshot!(shown(&["k", "status", "text-flow"]), @r#"
exit: 1
--- stdout
text-flow in dev/status-ill: not well

ACTOR            STATE    PODS  RESTARTS  QUEUE      MESSAGE
start-text-flow  waiting  0     0         not ready  queue: AccessDenied
text-flow-clean  waiting  0     0         ready      its Deployment is not renewed yet
text-flow-score  failed   0/1   6         ready      CrashLoopBackOff in container asya-runtime of pod [POD]: it needs more memory than it may have (OOMKilled)

gateway: not-registered (asya-gateway-api): the gateway does not mount its entry; a Helm upgrade may have taken it out; run `asya k apply`
drift: 2 objects not as rendered
  ConfigMap status-ill/text-flow-router-0a1b2c is missing
  AsyncActor status-ill/text-flow-clean differs
    spec.scaling.maxReplicaCount: 9, rendered 2
    spec.env[MODE].value: "slow", rendered "fast"
--- stderr
"#);
    insta::assert_snapshot!(shown(&["k", "status"]), @r#"
exit: 0
--- stdout
FLOW       ACTORS     PODS  GATEWAY  NOTE
text-flow  0/3 ready  1     no       text-flow-score: CrashLoopBackOff in container asya-runtime of pod [POD]: it needs more memory than it may have (OOMKilled)
--- stderr
"#);
}

#[test]
fn what_is_not_rendered_any_more_is_told() {
    let Some(server) = server() else { return };
    let project = deployed(server, "status-left");
    let mut objects = actors("text-flow");
    objects.truncate(3);
    objects[2]["spec"].as_object_mut().expect("a spec").remove("env");
    project.render("text-flow", &objects);
    insta::assert_snapshot!(project.run(&["k", "status", "text-flow", "-o", "json"]).show(), @r#"
exit: 1
--- stdout
{
  "version": 1,
  "flow": "text-flow",
  "context": "dev",
  "cluster": {
    "context": "test",
    "server": "https://[SERVER]",
    "namespace": "status-left"
  },
  "healthy": false,
  "actors": [
    {
      "name": "start-text-flow",
      "state": "ready",
      "message": "scaled to zero",
      "phase": "Napping",
      "pods": [],
      "queue": {
        "ready": true,
        "url": "https://sqs.eu-west-1.amazonaws.com/1/asya-status-left-start-text-flow",
        "identifier": null,
        "message": null
      }
    },
    {
      "name": "text-flow-clean",
      "state": "ready",
      "message": "scaled to zero",
      "phase": "Napping",
      "pods": [],
      "queue": {
        "ready": true,
        "url": "https://sqs.eu-west-1.amazonaws.com/1/asya-status-left-text-flow-clean",
        "identifier": null,
        "message": null
      }
    }
  ],
  "gateway": {
    "namespace": "status-left",
    "deployment": null,
    "exposed": false,
    "registration": "none",
    "message": "not exposed"
  },
  "drift": [
    {
      "object": "AsyncActor status-left/text-flow-clean",
      "state": "differs",
      "left": [
        "spec.env"
      ]
    },
    {
      "object": "AsyncActor status-left/text-flow-score",
      "state": "not-rendered"
    }
  ]
}
--- stderr
"#);
}

#[test]
fn before_the_first_apply_everything_is_missing() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "status-none");
    project.render("text-flow", &exposed("text-flow"));
    insta::assert_snapshot!(project.run(&["k", "status", "text-flow"]).show(), @r#"
exit: 1
--- stdout
text-flow in dev/status-none: not well

ACTOR            STATE    PODS  RESTARTS  QUEUE  MESSAGE
start-text-flow  waiting  0     0         ?      it does not exist
text-flow-clean  waiting  0     0         ?      it does not exist
text-flow-score  waiting  0     0         ?      it does not exist

gateway: no-gateway: there is no gateway in namespace `status-none`
drift: 4 objects not as rendered
  ConfigMap status-none/text-flow-router-0a1b2c is missing
  AsyncActor status-none/start-text-flow is missing
  AsyncActor status-none/text-flow-clean is missing
  AsyncActor status-none/text-flow-score is missing
--- stderr
"#);
    insta::assert_snapshot!(project.run(&["k", "status"]).show(), @r#"
exit: 0
--- stdout
FLOW       ACTORS        PODS  GATEWAY  NOTE
text-flow  not deployed  0     no
--- stderr
"#);
}
