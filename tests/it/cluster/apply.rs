//! `asya k apply`: objects.

use serde_json::json;

use super::fixture::{Project, actors, exposed};
use super::server::server;

#[test]
fn everything_is_created_with_the_flows_field_manager() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "creates");
    project.render("text-flow", &exposed("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 0
--- stdout
text-flow: 5 created; registered with gateway asya-gateway-api
--- stderr
apply text-flow → dev: test/creates (5 objects)
  plan: create 5, register with gateway asya-gateway-api
  created   ConfigMap creates/text-flow-router-0a1b2c
  created   ConfigMap creates/asya-flow-text-flow-config
  created   AsyncActor creates/start-text-flow
  created   AsyncActor creates/text-flow-clean
  created   AsyncActor creates/text-flow-score
  changed   Deployment creates/asya-gateway-api
  the gateway replaces its pods; to wait for it: kubectl --context test -n creates rollout status deployment/asya-gateway-api
"#);
    for (kind, name) in [
        ("configmap", "text-flow-router-0a1b2c"),
        ("asyncactor", "start-text-flow"),
        ("asyncactor", "text-flow-clean"),
        ("configmap", "asya-flow-text-flow-config"),
    ] {
        let object = server.get(kind, "creates", name).expect("it was created");
        let managers = object["metadata"]["managedFields"].as_array().expect("managers");
        assert_eq!(managers.len(), 1, "{name}");
        assert_eq!(managers[0]["manager"], "asya-flow-text-flow");
        assert_eq!(managers[0]["operation"], "Apply");
    }
}

#[test]
fn the_second_apply_writes_nothing_and_says_so() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "twice");
    project.render("text-flow", &exposed("text-flow"));
    project.apply("text-flow");
    let before = server.versions("twice");
    insta::assert_snapshot!(project.show_apply("text-flow"), @r"
    exit: 0
    --- stdout
    text-flow: 5 unchanged; still registered with gateway asya-gateway-api
    --- stderr
    apply text-flow → dev: test/twice (5 objects)
      unchanged ConfigMap twice/text-flow-router-0a1b2c
      unchanged ConfigMap twice/asya-flow-text-flow-config
      unchanged AsyncActor twice/start-text-flow
      unchanged AsyncActor twice/text-flow-clean
      unchanged AsyncActor twice/text-flow-score
      unchanged Deployment twice/asya-gateway-api
    ");
    assert_eq!(server.versions("twice"), before);
}

#[test]
fn a_change_changes_only_what_changed() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "change");
    let mut objects = exposed("text-flow");
    project.render("text-flow", &objects);
    project.apply("text-flow");
    objects[2]["spec"]["image"] = json!("example.org/flows:2");
    objects[3]["spec"].as_object_mut().expect("a spec").remove("env");
    project.render("text-flow", &objects);
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 0
--- stdout
text-flow: 2 changed, 3 unchanged; still registered with gateway asya-gateway-api
--- stderr
apply text-flow → dev: test/change (5 objects)
  plan: change 2
  unchanged ConfigMap change/text-flow-router-0a1b2c
  unchanged ConfigMap change/asya-flow-text-flow-config
  unchanged AsyncActor change/start-text-flow
  changed   AsyncActor change/text-flow-clean
  changed   AsyncActor change/text-flow-score
  unchanged Deployment change/asya-gateway-api
"#);
    let actor = server.get("asyncactor", "change", "text-flow-score").expect("the actor");
    assert_eq!(actor["spec"]["env"], json!(null));
}

#[test]
fn the_result_as_json() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "as-json");
    project.render("text-flow", &exposed("text-flow"));
    insta::assert_snapshot!(project.run(&["k", "apply", "text-flow", "-o", "json"]).show(), @r#"
    exit: 0
    --- stdout
    {
      "version": 1,
      "flow": "text-flow",
      "context": "dev",
      "cluster": {
        "context": "test",
        "server": "https://[SERVER]",
        "namespace": "as-json"
      },
      "objects": [
        {
          "apiVersion": "v1",
          "kind": "ConfigMap",
          "namespace": "as-json",
          "name": "text-flow-router-0a1b2c",
          "change": "created"
        },
        {
          "apiVersion": "v1",
          "kind": "ConfigMap",
          "namespace": "as-json",
          "name": "asya-flow-text-flow-config",
          "change": "created"
        },
        {
          "apiVersion": "asya.sh/v1alpha1",
          "kind": "AsyncActor",
          "namespace": "as-json",
          "name": "start-text-flow",
          "change": "created"
        },
        {
          "apiVersion": "asya.sh/v1alpha1",
          "kind": "AsyncActor",
          "namespace": "as-json",
          "name": "text-flow-clean",
          "change": "created"
        },
        {
          "apiVersion": "asya.sh/v1alpha1",
          "kind": "AsyncActor",
          "namespace": "as-json",
          "name": "text-flow-score",
          "change": "created"
        }
      ],
      "gateway": {
        "namespace": "as-json",
        "deployment": "asya-gateway-api",
        "registration": "registered",
        "via": "source",
        "rollouts": [
          "asya-gateway-api"
        ]
      }
    }
    --- stderr
    "#);
}

#[test]
fn events_as_lines_of_json() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "as-events");
    project.render("text-flow", &actors("text-flow")[..2]);
    insta::assert_snapshot!(project.run(&["k", "apply", "text-flow", "--events", "json"]).show(), @r#"
exit: 0
--- stdout
text-flow: 2 created; not exposed
--- stderr
{"version":1,"event":"step","message":"apply text-flow → dev: test/as-events (2 objects)"}
{"version":1,"event":"note","message":"plan: create 2"}
{"version":1,"event":"object","object":"ConfigMap as-events/text-flow-router-0a1b2c","change":"created"}
{"version":1,"event":"object","object":"AsyncActor as-events/start-text-flow","change":"created"}
"#);
    project.render("text-flow", &[]);
    insta::assert_snapshot!(project.run(&["k", "apply", "text-flow", "--events", "json"]).show(), @r#"
exit: 3
--- stdout
--- stderr
{"version":1,"event":"error","error":{"kind":"project","message":"`compiled/text-flow/manifests/overlays/dev` renders to nothing","causes":[],"hints":["make its manifests with `asya compile text-flow`"],"diagnostics":[]}}
"#);
}

#[test]
fn a_flow_that_is_not_exposed_needs_no_gateway() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "unexposed");
    project.render("text-flow", &actors("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 0
--- stdout
text-flow: 4 created; not exposed
--- stderr
apply text-flow → dev: test/unexposed (4 objects)
  plan: create 4
  created   ConfigMap unexposed/text-flow-router-0a1b2c
  created   AsyncActor unexposed/start-text-flow
  created   AsyncActor unexposed/text-flow-clean
  created   AsyncActor unexposed/text-flow-score
"#);
}

#[test]
fn secrets_and_kinds_the_server_completes_are_unchanged_the_second_time() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "completes");
    let mut objects = actors("text-flow");
    objects.push(json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "stringData": {"token": "s3cret"},
    }));
    objects.push(json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "metrics"},
        "spec": {"selector": {"app": "x"}, "ports": [{"port": 80}]},
    }));
    project.render("text-flow", &objects);
    project.apply("text-flow");
    let before = server.versions("completes");
    let second = project.apply("text-flow");
    assert_eq!(second.stdout, "text-flow: 6 unchanged; not exposed\n");
    assert_eq!(server.versions("completes"), before);
}

#[test]
fn a_namespace_of_the_flow_itself_is_made_first() {
    let Some(server) = server() else { return };
    let project = Project::in_existing(server, "brings-its-own");
    let mut objects = actors("text-flow");
    objects.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "brings-its-own"}}));
    project.render("text-flow", &objects);
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 0
--- stdout
text-flow: 5 created; not exposed
--- stderr
apply text-flow → dev: test/brings-its-own (5 objects)
  plan: create 5
  created   Namespace brings-its-own
  created   ConfigMap brings-its-own/text-flow-router-0a1b2c
  created   AsyncActor brings-its-own/start-text-flow
  created   AsyncActor brings-its-own/text-flow-clean
  created   AsyncActor brings-its-own/text-flow-score
"#);
}

#[test]
fn the_two_shapes_of_actors_are_told_apart_by_their_schemas() {
    use asya::cluster::ActorShape;
    let Some(server) = server() else { return };
    for (yaml, shape) in
        [(include_str!("asyncactor-b.yaml"), ActorShape::B), (include_str!("asyncactor-c2.yaml"), ActorShape::C2)]
    {
        let args = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-o", "json", "-f", "-"];
        let definition: serde_json::Value = serde_json::from_str(&server.kubectl(&args, Some(yaml))).expect("JSON");
        let schema = definition.pointer("/spec/versions/0/schema/openAPIV3Schema").expect("a schema");
        assert_eq!(ActorShape::of_schema(schema), Some(shape));
    }
}
