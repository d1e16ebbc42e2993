//! `asya k apply` with gateways of each generation.

use serde_json::{Value, json};

use super::fixture::{Project, actors, entry_with, exposed, gateway, plain_gateway, split_gateway};
use super::server::{Server, server};

/// A flow that is a tool and a skill.
fn both(flow: &str, description: &str) -> Vec<Value> {
    let text = format!(
        "flows:\n- name: {flow}\n  entrypoint: start-{flow}\n  description: {description}\n  mcp:\n    inputSchema:\n      \
         type: object\n  a2a:\n    tags: [text]\n"
    );
    let mut objects = actors(flow);
    objects.push(entry_with(flow, &format!("{flow}.yaml"), &text));
    objects
}

fn with_gateway<'a>(server: &'a Server, namespace: &str, gateway: &str) -> Project<'a> {
    let project = Project::without_gateway(server, namespace);
    server.apply(gateway);
    // Helm and kubectl leave annotations behind that controllers add to.
    server.wait_until("the Deployments are seen", || {
        !server.rolls_out() || !server.kubectl(&["-n", namespace, "get", "replicasets", "-o", "name"], None).is_empty()
    });
    project
}

#[test]
fn a_plain_volume_gets_a_data_key_and_loses_it() {
    let Some(server) = server() else { return };
    let project = with_gateway(server, "plain", &plain_gateway("plain", "asya-gateway"));
    let before = project.gateway_state();
    project.render("text-flow", &exposed("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 0
--- stdout
text-flow: 4 created; registered with gateway asya-gateway-api
--- stderr
apply text-flow → dev: test/plain (5 objects)
  plan: create 4, register with gateway asya-gateway-api
  created   ConfigMap plain/text-flow-router-0a1b2c
  created   AsyncActor plain/start-text-flow
  created   AsyncActor plain/text-flow-clean
  created   AsyncActor plain/text-flow-score
  changed   ConfigMap plain/asya-gateway-flows
  changed   Deployment plain/asya-gateway-api
  the gateway replaces its pods; to wait for it: kubectl --context test -n plain rollout status deployment/asya-gateway-api
"#);
    insta::assert_snapshot!(serde_json::to_string_pretty(&project.data("asya-gateway-flows")).unwrap(), @r#"
    {
      "asya-cli.text-flow.yaml": "flows:\n- name: text-flow\n  entrypoint: start-text-flow\n  description: Looks at text\n  mcp:\n    inputSchema:\n      type: object\n",
      "flows.yaml": "flows: []\n"
    }
    "#);
    assert!(server.get("configmap", "plain", "asya-flow-text-flow-config").is_none());
    insta::assert_snapshot!(project.run(&["gateway", "values"]).show(), @r"
    exit: 0
    --- stdout
    --- stderr
      what is registered are data keys of their own; upgrades leave them alone
    ");
    let versions = server.versions("plain");
    insta::assert_snapshot!(project.apply("text-flow").stdout, @"text-flow: 4 unchanged; still registered with gateway asya-gateway-api");
    assert_eq!(server.versions("plain"), versions);

    project.render("text-flow", &actors("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 0
--- stdout
text-flow: 4 unchanged; taken out of gateway asya-gateway-api
--- stderr
apply text-flow → dev: test/plain (4 objects)
  plan: take out of gateway asya-gateway-api
  changed   ConfigMap plain/asya-gateway-flows
  changed   Deployment plain/asya-gateway-api
  unchanged ConfigMap plain/text-flow-router-0a1b2c
  unchanged AsyncActor plain/start-text-flow
  unchanged AsyncActor plain/text-flow-clean
  unchanged AsyncActor plain/text-flow-score
  the gateway replaces its pods; to wait for it: kubectl --context test -n plain rollout status deployment/asya-gateway-api
"#);
    assert_eq!(project.gateway_state(), before);
}

#[test]
fn a_skill_in_a_plain_volume_needs_no_restart() {
    let Some(server) = server() else { return };
    let project = with_gateway(server, "plain-skill", &plain_gateway("plain-skill", "asya-gateway"));
    let before = project.gateway_deployment()["spec"].clone();
    let text = "flows: [{name: text-flow, entrypoint: start-text-flow, a2a: {}}]\n";
    let mut objects = actors("text-flow");
    objects.push(entry_with("text-flow", "text-flow.yaml", text));
    project.render("text-flow", &objects);
    insta::assert_snapshot!(project.apply("text-flow").stdout, @"text-flow: 4 created; registered with gateway asya-gateway-api");
    assert_eq!(project.gateway_deployment()["spec"], before);
    project.render("text-flow", &actors("text-flow"));
    insta::assert_snapshot!(project.apply("text-flow").stdout, @"text-flow: 4 unchanged; taken out of gateway asya-gateway-api");
    assert_eq!(project.data("asya-gateway-flows"), json!({"flows.yaml": "flows: []\n"}));
}

#[test]
fn a_plain_volume_becomes_projected_when_asked_and_plain_again() {
    let Some(server) = server() else { return };
    let project = with_gateway(server, "converts", &plain_gateway("converts", "asya-gateway"));
    let before = project.gateway_state();
    project.render("text-flow", &exposed("text-flow"));
    insta::assert_snapshot!(project.run(&["k", "apply", "text-flow", "--via", "source"]).show(), @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/converts (5 objects)
    error: flow `text-flow` cannot be registered with gateway `asya-gateway-api` in namespace `converts`; nothing was written
      because its volume `gateway-flows` is one plain ConfigMap, to which no source can be added
    hint: leave `--via` out to add a data key to that ConfigMap, or have the volume changed with `--convert-volume`
    hint: to deploy the actors alone, run `asya unexpose text-flow --context dev` first
    ");
    insta::assert_snapshot!(project.run(&["k", "apply", "text-flow", "--convert-volume"]).show(), @r#"
exit: 0
--- stdout
text-flow: 5 created; registered with gateway asya-gateway-api
--- stderr
apply text-flow → dev: test/converts (5 objects)
  plan: create 5, register with gateway asya-gateway-api
  created   ConfigMap converts/text-flow-router-0a1b2c
  created   ConfigMap converts/asya-flow-text-flow-config
  created   AsyncActor converts/start-text-flow
  created   AsyncActor converts/text-flow-clean
  created   AsyncActor converts/text-flow-score
  changed   Deployment converts/asya-gateway-api
  the gateway replaces its pods; to wait for it: kubectl --context test -n converts rollout status deployment/asya-gateway-api
"#);
    assert_eq!(project.sources(), ["asya-gateway-flows", "asya-flow-text-flow-config"]);
    let versions = server.versions("converts");
    project.apply("text-flow");
    assert_eq!(server.versions("converts"), versions);
    project.render("text-flow", &actors("text-flow"));
    project.apply("text-flow");
    assert_eq!(project.gateway_state(), before);
}

#[test]
fn a_data_key_survives_what_takes_a_source_away() {
    let Some(server) = server() else { return };
    let project = with_gateway(server, "via-key", &gateway("via-key", "asya-gateway"));
    let before = project.gateway_state();
    project.render("text-flow", &exposed("text-flow"));
    project.apply("text-flow");
    // From one way to the other, and it stays there.
    insta::assert_snapshot!(project.run(&["k", "apply", "text-flow", "--via", "key"]).show(), @r#"
exit: 0
--- stdout
text-flow: 4 unchanged, 1 removed; registered with gateway asya-gateway-api
--- stderr
apply text-flow → dev: test/via-key (5 objects)
  plan: register with gateway asya-gateway-api
  changed   Deployment via-key/asya-gateway-api
  removed   ConfigMap via-key/asya-flow-text-flow-config
  unchanged ConfigMap via-key/text-flow-router-0a1b2c
  unchanged AsyncActor via-key/start-text-flow
  unchanged AsyncActor via-key/text-flow-clean
  unchanged AsyncActor via-key/text-flow-score
  changed   ConfigMap via-key/asya-gateway-flows
  changed   Deployment via-key/asya-gateway-api
  the gateway replaces its pods; to wait for it: kubectl --context test -n via-key rollout status deployment/asya-gateway-api
"#);
    assert_eq!(project.sources(), ["asya-gateway-flows"]);
    helm_upgrade(server, &gateway("via-key", "asya-gateway"));
    let versions = server.versions("via-key");
    insta::assert_snapshot!(project.apply("text-flow").stdout, @"text-flow: 4 unchanged; still registered with gateway asya-gateway-api");
    assert_eq!(server.versions("via-key"), versions);
    project.run(&["k", "apply", "text-flow", "--via", "source"]);
    assert_eq!(project.sources(), ["asya-gateway-flows", "asya-flow-text-flow-config"]);
    project.render("text-flow", &actors("text-flow"));
    project.apply("text-flow");
    assert_eq!(project.gateway_state(), before);
}

#[test]
fn a_source_that_a_helm_upgrade_took_away_is_noticed_and_mounted_again() {
    let Some(server) = server() else { return };
    let project = with_gateway(server, "upgraded", &gateway("upgraded", "asya-gateway"));
    project.render("text-flow", &exposed("text-flow"));
    project.apply("text-flow");
    helm_upgrade(server, &gateway("upgraded", "asya-gateway"));
    assert_eq!(project.sources(), ["asya-gateway-flows"]);
    insta::assert_snapshot!(project.run(&["gateway", "values"]).show(), @r"
    exit: 0
    --- stdout
    flowConfigMaps:
    - asya-flow-text-flow-config
    --- stderr
    warning: gateway `asya-gateway-api` does not mount `asya-flow-text-flow-config` any more
      hint: apply its flow again, or upgrade the chart with these values
    ");
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 0
--- stdout
text-flow: 5 unchanged; registered with gateway asya-gateway-api
--- stderr
apply text-flow → dev: test/upgraded (5 objects)
  gateway `asya-gateway-api` does not serve `text-flow` any more, as after a Helm upgrade; it is registered again
  plan: register with gateway asya-gateway-api
  unchanged ConfigMap upgraded/text-flow-router-0a1b2c
  unchanged ConfigMap upgraded/asya-flow-text-flow-config
  unchanged AsyncActor upgraded/start-text-flow
  unchanged AsyncActor upgraded/text-flow-clean
  unchanged AsyncActor upgraded/text-flow-score
  changed   Deployment upgraded/asya-gateway-api
  the gateway replaces its pods; to wait for it: kubectl --context test -n upgraded rollout status deployment/asya-gateway-api
"#);
    assert_eq!(project.sources(), ["asya-gateway-flows", "asya-flow-text-flow-config"]);

    // With the values that are printed, nothing is lost the next time.
    let values = project.run(&["gateway", "values"]);
    insta::assert_snapshot!(values.show(), @r"
    exit: 0
    --- stdout
    flowConfigMaps:
    - asya-flow-text-flow-config
    --- stderr
    ");
    let values: Value = serde_saphyr::from_str(&values.stdout).expect("YAML");
    let mut chart: Value = serde_json::from_str(&gateway("upgraded", "asya-gateway")).expect("JSON");
    let volume = &mut chart["items"][0]["spec"]["template"]["spec"]["volumes"][1];
    for name in values["flowConfigMaps"].as_array().expect("names") {
        let source = json!({"configMap": {"name": name, "optional": true}});
        volume["projected"]["sources"].as_array_mut().expect("sources").push(source);
    }
    helm_upgrade(server, &chart.to_string());
    let versions = server.versions("upgraded");
    insta::assert_snapshot!(project.apply("text-flow").stdout, @"text-flow: 5 unchanged; still registered with gateway asya-gateway-api");
    assert_eq!(server.versions("upgraded"), versions);
}

#[test]
fn a_split_gateway_gets_an_item_in_each_list_and_loses_it() {
    let Some(server) = server() else { return };
    let project = with_gateway(server, "split", &split_gateway("split", "asya-gateway"));
    let theirs = "# by hand\ntools:\n- name: theirs # keep\n  actor: x\n";
    let patch = json!({"data": {"tools.yaml": theirs}}).to_string();
    server
        .kubectl(&["-n", "split", "patch", "configmap", "asya-gateway-mcp-tools", "--type=merge", "-p", &patch], None);
    let before = project.gateway_state();
    project.render("text-flow", &both("text-flow", "one"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 0
--- stdout
text-flow: 4 created; registered with gateway asya-gateway
--- stderr
apply text-flow → dev: test/split (5 objects)
  plan: create 4, register with gateway asya-gateway
  created   ConfigMap split/text-flow-router-0a1b2c
  created   AsyncActor split/start-text-flow
  created   AsyncActor split/text-flow-clean
  created   AsyncActor split/text-flow-score
  changed   ConfigMap split/asya-gateway-mcp-tools
  changed   ConfigMap split/asya-gateway-a2a-agents
"#);
    insta::assert_snapshot!(project.data("asya-gateway-mcp-tools")["tools.yaml"].as_str().unwrap(), @r"
    # by hand
    tools:
    - name: theirs # keep
      actor: x
    - name: text-flow
      actor: start-text-flow
      description: one
      inputSchema:
        type: object
    ");
    insta::assert_snapshot!(project.data("asya-gateway-a2a-agents")["agents.yaml"].as_str().unwrap(), @r"
    agents:
    - name: text-flow
      actor: start-text-flow
      description: one
      skills:
      - id: text-flow
        name: text-flow
        description: one
        tags:
        - text
    ");
    let versions = server.versions("split");
    insta::assert_snapshot!(project.apply("text-flow").stdout, @"text-flow: 4 unchanged; still registered with gateway asya-gateway");
    assert_eq!(server.versions("split"), versions);
    project.render("text-flow", &both("text-flow", "two"));
    insta::assert_snapshot!(project.apply("text-flow").stdout, @"text-flow: 4 unchanged; still registered with gateway asya-gateway");

    insta::assert_snapshot!(project.run(&["gateway", "values"]).show(), @r"
    exit: 0
    --- stdout
    mcpTools:
    - name: theirs
      actor: x
    - name: text-flow
      actor: start-text-flow
      description: two
      inputSchema:
        type: object
    a2aAgents:
    - name: text-flow
      actor: start-text-flow
      description: two
      skills:
      - id: text-flow
        name: text-flow
        description: two
        tags:
        - text
    --- stderr
    ");
    insta::assert_snapshot!(project.run(&["gateway", "values", "-o", "json"]).show(), @r#"
    exit: 0
    --- stdout
    {
      "version": 1,
      "namespace": "split",
      "deployment": "asya-gateway",
      "release": "asya-gateway",
      "values": {
        "mcpTools": [
          {
            "name": "theirs",
            "actor": "x"
          },
          {
            "name": "text-flow",
            "actor": "start-text-flow",
            "description": "two",
            "inputSchema": {
              "type": "object"
            }
          }
        ],
        "a2aAgents": [
          {
            "name": "text-flow",
            "actor": "start-text-flow",
            "description": "two",
            "skills": [
              {
                "id": "text-flow",
                "name": "text-flow",
                "description": "two",
                "tags": [
                  "text"
                ]
              }
            ]
          }
        ]
      }
    }
    --- stderr
    "#);

    // A Helm upgrade writes the chart's lists back.
    helm_upgrade(server, &split_gateway("split", "asya-gateway"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 0
--- stdout
text-flow: 4 unchanged; registered with gateway asya-gateway
--- stderr
apply text-flow → dev: test/split (5 objects)
  gateway `asya-gateway` does not serve `text-flow` any more, as after a Helm upgrade; it is registered again
  plan: register with gateway asya-gateway
  unchanged ConfigMap split/text-flow-router-0a1b2c
  unchanged AsyncActor split/start-text-flow
  unchanged AsyncActor split/text-flow-clean
  unchanged AsyncActor split/text-flow-score
  changed   ConfigMap split/asya-gateway-mcp-tools
  changed   ConfigMap split/asya-gateway-a2a-agents
"#);
    server
        .kubectl(&["-n", "split", "patch", "configmap", "asya-gateway-mcp-tools", "--type=merge", "-p", &patch], None);
    project.apply("text-flow");

    project.render("text-flow", &actors("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 0
--- stdout
text-flow: 4 unchanged; taken out of gateway asya-gateway
--- stderr
apply text-flow → dev: test/split (4 objects)
  plan: take out of gateway asya-gateway
  changed   ConfigMap split/asya-gateway-a2a-agents
  changed   ConfigMap split/asya-gateway-mcp-tools
  unchanged ConfigMap split/text-flow-router-0a1b2c
  unchanged AsyncActor split/start-text-flow
  unchanged AsyncActor split/text-flow-clean
  unchanged AsyncActor split/text-flow-score
"#);
    assert_eq!(project.gateway_state(), before);
}

#[test]
fn a_split_gateway_takes_data_keys_too() {
    let Some(server) = server() else { return };
    let project = with_gateway(server, "split-key", &split_gateway("split-key", "asya-gateway"));
    let before = project.gateway_state();
    project.render("text-flow", &both("text-flow", "one"));
    insta::assert_snapshot!(project.run(&["k", "apply", "text-flow", "--via", "key"]).stdout, @"text-flow: 4 created; registered with gateway asya-gateway");
    insta::assert_snapshot!(project.data("asya-gateway-mcp-tools")["asya-cli.text-flow.yaml"].as_str().unwrap(), @r"
    tools:
    - name: text-flow
      actor: start-text-flow
      description: one
      inputSchema:
        type: object
    ");
    helm_upgrade(server, &split_gateway("split-key", "asya-gateway"));
    insta::assert_snapshot!(project.apply("text-flow").stdout, @"text-flow: 4 unchanged; still registered with gateway asya-gateway");
    project.render("text-flow", &actors("text-flow"));
    project.apply("text-flow");
    assert_eq!(project.gateway_state(), before);
}

#[test]
fn an_item_of_somebody_else_is_not_taken_over() {
    let Some(server) = server() else { return };
    let project = with_gateway(server, "split-theirs", &split_gateway("split-theirs", "asya-gateway"));
    let patch = json!({"data": {"tools.yaml": "tools: [{name: text-flow, actor: theirs}]\n"}}).to_string();
    let patched = ["-n", "split-theirs", "patch", "configmap", "asya-gateway-mcp-tools", "--type=merge", "-p", &patch];
    server.kubectl(&patched, None);
    let before = project.gateway_state();
    project.render("text-flow", &both("text-flow", "one"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/split-theirs (5 objects)
    error: the flow cannot be registered with the gateway in namespace `split-theirs`; nothing was written
      because ConfigMap `asya-gateway-mcp-tools` (`tools.yaml`) already describes a tool `text-flow`
    hint: give one of them another name, or have the other one taken away
    ");
    assert_eq!(project.gateway_state(), before);
}

#[test]
fn what_a_generation_cannot_do_is_refused_before_anything_is_written() {
    let Some(server) = server() else { return };
    let volumes = "/spec/template/spec/volumes";
    let container = "/spec/template/spec/containers/1/env/-";
    let plain = |volume: Value| json!([{"op": "replace", "path": volumes, "value": [volume]}]);
    let shared = |more: Value| {
        let mut volume = json!({"name": "gateway-flows", "configMap": {"name": "asya-gateway-flows"}});
        volume["configMap"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        plain(volume)
    };
    let cases: [(&str, Value, &[&str]); 6] = [
        ("by-hand", plain(json!({"name": "gateway-flows", "emptyDir": {}})), &[]),
        ("no-config-map", shared(json!({"name": "missing"})), &[]),
        ("some-keys", shared(json!({"items": [{"key": "flows.yaml", "path": "flows.yaml"}]})), &[]),
        ("no-lists", json!([]), &["--via", "entry"]),
        (
            "rabbit",
            json!([{"op": "add", "path": container, "value": {"name": "ASYA_RABBITMQ_URL", "value": "amqp://x"}}]),
            &[],
        ),
        ("no-adapter", Value::Null, &[]),
    ];
    let mut shown = String::new();
    for (namespace, change, more) in cases {
        let project = if change.is_null() {
            let mut objects: Value = serde_json::from_str(&split_gateway(namespace, "asya-gateway")).unwrap();
            objects["items"][0]["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap().remove(1);
            with_gateway(server, namespace, &objects.to_string())
        } else {
            let project = with_gateway(server, namespace, &gateway(namespace, "asya-gateway"));
            let patch = change.to_string();
            let patched = ["-n", namespace, "patch", "deployment", "asya-gateway-api", "--type=json", "-p", &patch];
            server.kubectl(&patched, None);
            project
        };
        project.render("text-flow", &exposed("text-flow"));
        let mut words = vec!["k", "apply", "text-flow"];
        words.extend(more);
        shown.push_str(&format!("=== {namespace}\n{}", project.run(&words).show()));
        assert!(server.get("asyncactor", namespace, "start-text-flow").is_none(), "{shown}");
    }
    insta::assert_snapshot!(shown, @r"
    === by-hand
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/by-hand (5 objects)
    error: flow `text-flow` cannot be registered with gateway `asya-gateway-api` in namespace `by-hand`; nothing was written
      because it has no volume of flows: it is older than flows, or made by hand
    hint: upgrade the chart `asya-gateway`, or mount the entry by hand
    hint: to deploy the actors alone, run `asya unexpose text-flow --context dev` first
    === no-config-map
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/no-config-map (5 objects)
    error: flow `text-flow` cannot be registered with gateway `asya-gateway-api` in namespace `no-config-map`; nothing was written
      because ConfigMap `missing`, which it mounts, does not exist
    hint: have the gateway's chart upgraded, which makes it
    hint: to deploy the actors alone, run `asya unexpose text-flow --context dev` first
    === some-keys
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/some-keys (5 objects)
    error: flow `text-flow` cannot be registered with gateway `asya-gateway-api` in namespace `some-keys`; nothing was written
      because it mounts only some keys of ConfigMap `asya-gateway-flows`
    hint: mount all of it: `volumes` of the Deployment must not list `items` or `subPath`
    hint: to deploy the actors alone, run `asya unexpose text-flow --context dev` first
    === no-lists
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/no-lists (5 objects)
    error: flow `text-flow` cannot be registered with gateway `asya-gateway-api` in namespace `no-lists`; nothing was written
      because it has no lists of tools and agents; only split gateways do
    hint: leave `--via` out, or say `--via key`
    hint: to deploy the actors alone, run `asya unexpose text-flow --context dev` first
    === rabbit
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/rabbit (5 objects)
    error: gateway `asya-gateway-api` cannot reach actors in namespace `rabbit`; nothing was written
      because it sends over RabbitMQ, and this project's actors read from SQS
    hint: set `platform.transport` in `.asya/config.yaml` to what the cluster has, or choose another gateway
    === no-adapter
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/no-adapter (5 objects)
    error: flow `text-flow` cannot be registered with gateway `asya-gateway` in namespace `no-adapter`; nothing was written
      because it has no container `mcp-adapter` with a volume `mcp-tools`
    hint: enable it in the chart's values: `mcp.enabled`
    hint: to deploy the actors alone, run `asya unexpose text-flow --context dev` first
    ");
}

/// Writes back what the chart has, as Helm 3 does: keys of maps that it never had stay.
fn helm_upgrade(server: &Server, chart: &str) {
    let chart: Value = serde_json::from_str(chart).expect("JSON");
    for object in chart["items"].as_array().expect("items") {
        let name = object["metadata"]["name"].as_str().expect("a name");
        let namespace = object["metadata"]["namespace"].as_str().expect("a namespace");
        let kind = object["kind"].as_str().expect("a kind");
        let part = json!({"data": object["data"], "spec": {"template": object["spec"]["template"]}});
        let patch = match kind {
            "Deployment" => json!({"spec": part["spec"]}),
            _ => json!({"data": part["data"]}),
        };
        let patch = patch.to_string();
        server.kubectl(&["-n", namespace, "patch", kind, name, "--type=strategic", "-p", &patch], None);
    }
}
