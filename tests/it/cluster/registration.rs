//! `asya k apply`: what becomes of the gateway.

use serde_json::{Value, json};

use super::fixture::{Project, actors, entry_with, exposed, gateway};
use super::server::{Server, server};

#[test]
fn the_entry_is_mounted_exactly_once_after_the_charts_own() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "mounts");
    project.render("text-flow", &exposed("text-flow"));
    project.apply("text-flow");
    project.apply("text-flow");
    assert_eq!(project.sources(), ["asya-gateway-flows", "asya-flow-text-flow-config"]);
}

#[test]
fn the_entry_goes_to_the_gateways_namespace() {
    let Some(server) = server() else { return };
    server.namespace("gateway-apart");
    server.apply(&gateway("gateway-apart", "asya-gateway"));
    let project = Project::without_gateway(server, "actors-apart").transport("rabbitmq").gateway_in("gateway-apart");
    project.render("text-flow", &exposed("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 0
--- stdout
text-flow: 5 created; registered with gateway asya-gateway-api
--- stderr
apply text-flow → dev: test/actors-apart (5 objects)
  plan: create 5, register with gateway asya-gateway-api
  created   ConfigMap actors-apart/text-flow-router-0a1b2c
  created   ConfigMap gateway-apart/asya-flow-text-flow-config
  created   AsyncActor actors-apart/start-text-flow
  created   AsyncActor actors-apart/text-flow-clean
  created   AsyncActor actors-apart/text-flow-score
  changed   Deployment gateway-apart/asya-gateway-api
  the gateway replaces its pods; to wait for it: kubectl --context test -n gateway-apart rollout status deployment/asya-gateway-api
"#);
    assert!(server.get("configmap", "gateway-apart", "asya-flow-text-flow-config").is_some());
    assert!(server.get("configmap", "actors-apart", "asya-flow-text-flow-config").is_none());
    assert_eq!(project.sources(), ["asya-gateway-flows", "asya-flow-text-flow-config"]);
}

#[test]
fn unexposing_takes_source_and_entry_away_and_leaves_the_pods_as_they_were() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "unexposes");
    let before = project.gateway_deployment()["spec"].clone();
    project.render("text-flow", &exposed("text-flow"));
    project.apply("text-flow");
    assert_ne!(project.gateway_deployment()["spec"], before);
    project.render("text-flow", &actors("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 0
--- stdout
text-flow: 4 unchanged, 1 removed; taken out of gateway asya-gateway-api
--- stderr
apply text-flow → dev: test/unexposes (4 objects)
  plan: take out of gateway asya-gateway-api
  changed   Deployment unexposes/asya-gateway-api
  removed   ConfigMap unexposes/asya-flow-text-flow-config
  unchanged ConfigMap unexposes/text-flow-router-0a1b2c
  unchanged AsyncActor unexposes/start-text-flow
  unchanged AsyncActor unexposes/text-flow-clean
  unchanged AsyncActor unexposes/text-flow-score
  the gateway replaces its pods; to wait for it: kubectl --context test -n unexposes rollout status deployment/asya-gateway-api
"#);
    assert_eq!(project.gateway_deployment()["spec"], before);
    assert!(server.get("configmap", "unexposes", "asya-flow-text-flow-config").is_none());
    insta::assert_snapshot!(project.apply("text-flow").stdout, @"text-flow: 4 unchanged; not exposed");
}

#[test]
fn a_changed_tool_restarts_the_gateway_and_a_changed_skill_does_not() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "restarts");
    let with = |description: &str, tags: &str| {
        let text = format!(
            "flows:\n- {{name: text-flow, entrypoint: start-text-flow, description: {description}, mcp: {{}}, a2a: {{tags: [{tags}]}}}}\n"
        );
        let mut objects = actors("text-flow");
        objects.push(entry_with("text-flow", "text-flow.yaml", &text));
        objects
    };
    let tools = || project.gateway_deployment()["spec"]["template"]["metadata"]["annotations"]["asya.sh/tools"].clone();
    project.render("text-flow", &with("one", "a"));
    project.apply("text-flow");
    let before = tools();
    project.render("text-flow", &with("one", "b"));
    insta::assert_snapshot!(project.apply("text-flow").stdout, @"text-flow: 1 changed, 4 unchanged; still registered with gateway asya-gateway-api");
    assert_eq!(tools(), before);
    project.render("text-flow", &with("two", "b"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 0
--- stdout
text-flow: 1 changed, 4 unchanged; gateway asya-gateway-api restarted to read the new tool
--- stderr
apply text-flow → dev: test/restarts (5 objects)
  plan: change 1, change gateway asya-gateway-api
  unchanged ConfigMap restarts/text-flow-router-0a1b2c
  changed   ConfigMap restarts/asya-flow-text-flow-config
  unchanged AsyncActor restarts/start-text-flow
  unchanged AsyncActor restarts/text-flow-clean
  unchanged AsyncActor restarts/text-flow-score
  changed   Deployment restarts/asya-gateway-api
  the gateway replaces its pods; to wait for it: kubectl --context test -n restarts rollout status deployment/asya-gateway-api
"#);
    assert_ne!(tools(), before);
    assert_eq!(project.sources(), ["asya-gateway-flows", "asya-flow-text-flow-config"]);
    let before = server.versions("restarts");
    project.apply("text-flow");
    assert_eq!(server.versions("restarts"), before);
}

#[test]
fn a_restart_that_an_earlier_run_did_not_get_to_is_made_up_for() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "made-up");
    project.render("text-flow", &exposed("text-flow"));
    project.apply("text-flow");
    // What a run leaves behind that ends between changing the entry and restarting.
    let mut objects = exposed("text-flow");
    let mut entry = objects.pop().expect("the entry");
    entry["data"]["text-flow.yaml"] =
        json!("flows: [{name: text-flow, entrypoint: start-text-flow, description: new, mcp: {}}]\n");
    entry["metadata"]["namespace"] = json!("made-up");
    let arguments = ["apply", "--server-side", "--field-manager=asya-flow-text-flow", "-f", "-"];
    server.kubectl(&arguments, Some(&entry.to_string()));
    objects.push(entry);
    project.render("text-flow", &objects);
    insta::assert_snapshot!(project.apply("text-flow").stdout, @"text-flow: 5 unchanged; gateway asya-gateway-api restarted to read the new tool");
    let before = server.versions("made-up");
    insta::assert_snapshot!(project.apply("text-flow").stdout, @"text-flow: 5 unchanged; still registered with gateway asya-gateway-api");
    assert_eq!(server.versions("made-up"), before);
}

#[test]
fn a_source_that_somebody_adds_between_reading_and_writing_is_kept() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "guards");
    let patch = "PATCH /apis/apps/v1/namespaces/guards/deployments/asya-gateway-api";
    project.kubeconfig(&server.meddling(patch, || add_source(server, "guards", "somebody-elses")));
    project.render("text-flow", &exposed("text-flow"));
    project.apply("text-flow");
    assert_eq!(project.sources(), ["asya-gateway-flows", "somebody-elses", "asya-flow-text-flow-config"]);

    // The same while it is taken away.
    project.kubeconfig(&server.meddling(patch, || add_source(server, "guards", "a-third-ones")));
    project.render("text-flow", &actors("text-flow"));
    project.apply("text-flow");
    assert_eq!(project.sources(), ["asya-gateway-flows", "somebody-elses", "a-third-ones"]);
}

#[test]
fn what_collides_is_noticed_also_when_it_comes_at_the_last_moment() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "last-moment");
    let patch = "PATCH /apis/apps/v1/namespaces/last-moment/deployments/asya-gateway-api";
    project.kubeconfig(&server.meddling(patch, || {
        let mut theirs = entry_with("theirs", "text-flow.yaml", "flows: []\n");
        theirs["metadata"]["namespace"] = json!("last-moment");
        server.apply(&theirs.to_string());
        add_source(server, "last-moment", "asya-flow-theirs-config");
    }));
    project.render("text-flow", &exposed("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 4
--- stdout
--- stderr
apply text-flow → dev: test/last-moment (5 objects)
  plan: create 5, register with gateway asya-gateway-api
  created   ConfigMap last-moment/text-flow-router-0a1b2c
  created   ConfigMap last-moment/asya-flow-text-flow-config
  created   AsyncActor last-moment/start-text-flow
  created   AsyncActor last-moment/text-flow-clean
  created   AsyncActor last-moment/text-flow-score
error: the flow cannot be registered with the gateway in namespace `last-moment`; its objects are applied already
  because the file `text-flow.yaml` of `asya-flow-text-flow-config` is also in ConfigMap `asya-flow-theirs-config`; the gateway would see only one
hint: give the flow another name
"#);
    assert_eq!(project.sources(), ["asya-gateway-flows", "asya-flow-theirs-config"]);
}

#[test]
fn one_of_several_gateways_is_never_guessed() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "several");
    server.apply(&gateway("several", "second"));
    project.render("text-flow", &exposed("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/several (5 objects)
    error: there are 2 gateways in namespace `several`: `asya-gateway` and `second`; nothing was written
    hint: choose one with `--gateway`, or set `contexts.dev.gateway` in `.asya/config.yaml`
    ");
    insta::assert_snapshot!(project.run(&["k", "apply", "text-flow", "--gateway", "secnd"]).show(), @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/several (5 objects)
    error: there is no gateway `secnd` in namespace `several`; nothing was written
      because there is `asya-gateway` and `second`
    hint: change `--gateway`, or `contexts.dev.gateway` in `.asya/config.yaml`
    ");
    assert!(server.get("asyncactor", "several", "start-text-flow").is_none());
    insta::assert_snapshot!(project.run(&["k", "apply", "text-flow", "--gateway", "second"]).show(), @r#"
exit: 0
--- stdout
text-flow: 5 created; registered with gateway second-asya-gateway-api
--- stderr
apply text-flow → dev: test/several (5 objects)
  plan: create 5, register with gateway second-asya-gateway-api
  created   ConfigMap several/text-flow-router-0a1b2c
  created   ConfigMap several/asya-flow-text-flow-config
  created   AsyncActor several/start-text-flow
  created   AsyncActor several/text-flow-clean
  created   AsyncActor several/text-flow-score
  changed   Deployment several/second-asya-gateway-api
  the gateway replaces its pods; to wait for it: kubectl --context test -n several rollout status deployment/second-asya-gateway-api
"#);
    assert_eq!(project.sources(), ["asya-gateway-flows"]);
}

#[test]
fn without_a_gateway_an_exposed_flow_is_refused_before_anything_is_written() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "no-gateway");
    project.render("text-flow", &exposed("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/no-gateway (5 objects)
    error: flow `text-flow` is exposed, but there is no gateway in namespace `no-gateway`; nothing was written
      because no Deployment there has the label `app.kubernetes.io/name=asya-gateway`, or an image `asya-gateway`
    hint: set `contexts.dev.gateway_namespace` in `.asya/config.yaml`, or run `asya unexpose text-flow --context dev`
    ");
    assert!(server.get("asyncactor", "no-gateway", "start-text-flow").is_none());
}

#[test]
fn what_other_people_mount_is_checked_before_anything_is_written() {
    let Some(server) = server() else { return };
    let cases = [
        ("foreign-broken", "theirs.yaml", "flows:\n- name: theirs\n"),
        ("foreign-name", "theirs.yaml", "flows: [{name: text-flow, entrypoint: x, mcp: {}}]\n"),
        ("foreign-key", "text-flow.yaml", "flows: []\n"),
    ];
    let mut shown = String::new();
    for (namespace, key, text) in cases {
        let project = Project::new(server, namespace);
        let mut theirs = entry_with("theirs", key, text);
        theirs["metadata"]["namespace"] = json!(namespace);
        server.apply(&theirs.to_string());
        add_source(server, namespace, "asya-flow-theirs-config");
        project.render("text-flow", &exposed("text-flow"));
        shown.push_str(&format!("=== {namespace}\n{}", project.show_apply("text-flow")));
        assert!(server.get("asyncactor", namespace, "start-text-flow").is_none());
        assert_eq!(project.sources(), ["asya-gateway-flows", "asya-flow-theirs-config"]);
    }
    insta::assert_snapshot!(shown, @r"
    === foreign-broken
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/foreign-broken (5 objects)
    error: the flow cannot be registered with the gateway in namespace `foreign-broken`; nothing was written
      because the gateway refuses `theirs.yaml` of ConfigMap `asya-flow-theirs-config`, and with it every flow: flow `theirs`: entrypoint is required
    hint: have ConfigMap `asya-flow-theirs-config` repaired or taken out of the gateway first
    === foreign-name
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/foreign-name (5 objects)
    error: the flow cannot be registered with the gateway in namespace `foreign-name`; nothing was written
      because ConfigMap `asya-flow-theirs-config` (`theirs.yaml`) already describes a flow `text-flow`
    hint: give one of them another name, or have the other one taken away
    === foreign-key
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/foreign-key (5 objects)
    error: the flow cannot be registered with the gateway in namespace `foreign-key`; nothing was written
      because the file `text-flow.yaml` of `asya-flow-text-flow-config` is also in ConfigMap `asya-flow-theirs-config`; the gateway would see only one
    hint: give the flow another name
    ");
}

#[test]
fn an_entry_the_gateway_would_refuse_is_refused_here() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "own-broken");
    let mut objects = actors("text-flow");
    objects.push(entry_with("text-flow", "text-flow.yaml", "flows: [{name: text-flow, timeout: 120s, entrypoint: a}]"));
    project.render("text-flow", &objects);
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/own-broken (5 objects)
    error: the flow cannot be registered with the gateway in namespace `own-broken`; nothing was written
      because the gateway would refuse `text-flow.yaml` of `asya-flow-text-flow-config`: flow `text-flow`: `timeout` must be a whole number of seconds, not `"120s"`
    hint: correct the entry, or write it again with `asya expose`
    "#);
}

#[test]
fn a_gateway_of_another_namespace_is_refused_where_the_queue_does_not_reach() {
    let Some(server) = server() else { return };
    server.namespace("gateway-far");
    server.apply(&gateway("gateway-far", "asya-gateway"));
    let project = Project::without_gateway(server, "actors-far").gateway_in("gateway-far");
    project.render("text-flow", &exposed("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/actors-far (5 objects)
    error: gateway `asya-gateway-api` cannot reach actors in namespace `actors-far`; nothing was written
      because on SQS the names of queues carry the namespace, and this gateway sends to `gateway-far`
    hint: deploy the actors to `gateway-far`, or set `platform.transport` in `.asya/config.yaml` if the queue is another one
    ");
}

#[test]
fn the_gateway_rolls_out_with_the_entry_mounted() {
    let Some(server) = server() else { return };
    if !server.rolls_out() {
        return;
    }
    let project = Project::new(server, "rolls-out");
    server.kubectl(&["-n", "rolls-out", "rollout", "status", "deployment/asya-gateway-api", "--timeout=60s"], None);
    project.render("text-flow", &exposed("text-flow"));
    project.apply("text-flow");
    server.kubectl(&["-n", "rolls-out", "rollout", "status", "deployment/asya-gateway-api", "--timeout=60s"], None);
    let selector = "app.kubernetes.io/component=api";
    server.wait_until("only the new pod is left", || {
        let pods = server.kubectl(&["-n", "rolls-out", "get", "pods", "-l", selector, "-o", "json"], None);
        let pods: Value = serde_json::from_str(&pods).expect("JSON");
        let pods = pods["items"].as_array().expect("pods");
        pods.len() == 1 && pods[0].to_string().contains("asya-flow-text-flow-config")
    });
}

/// Appends a source as another tool would.
fn add_source(server: &Server, namespace: &str, config_map: &str) {
    let patch = json!([{
        "op": "add", "path": "/spec/template/spec/volumes/1/projected/sources/-",
        "value": {"configMap": {"name": config_map, "optional": true}},
    }]);
    patch_gateway(server, namespace, &patch);
}

fn patch_gateway(server: &Server, namespace: &str, patch: &Value) {
    let patch = patch.to_string();
    server.kubectl(&["-n", namespace, "patch", "deployment", "asya-gateway-api", "--type=json", "-p", &patch], None);
}
