//! `asya k apply`: asking the gateway whether it serves the flow.

use serde_json::{Value, json};

use super::fixture::{Project, actors, entry_with, gateway, plain_gateway, split_gateway};
use super::gateway_server::{Behaviour, Gateway};
use super::server::{Server, server};
use super::states::without;

/// A flow that is a tool and a skill.
pub fn both(flow: &str, description: &str) -> Vec<Value> {
    let text = format!(
        "flows:\n- name: {flow}\n  entrypoint: start-{flow}\n  description: {description}\n  mcp:\n    inputSchema:\n      \
         type: object\n      properties:\n        text: {{type: string, minLength: 1}}\n        depth: {{type: integer}}\n      \
         required: [text]\n  a2a:\n    tags: [text]\n"
    );
    let mut objects = actors(flow);
    objects.push(entry_with(flow, &format!("{flow}.yaml"), &text));
    objects
}

/// A project whose gateway answers; `None` where pods are not run.
fn serving(
    namespace: &str,
    chart: fn(&str, &str) -> String,
    behaviour: Behaviour,
) -> Option<(&'static Server, Project<'static>, Gateway)> {
    let server = server().filter(|server| server.rolls_out())?;
    let project = Project::without_gateway(server, namespace).asking();
    server.apply(&chart(namespace, "asya-gateway"));
    let gateway = Gateway::start(server, namespace, behaviour);
    Some((server, project, gateway))
}

#[test]
fn a_gateway_of_each_generation_is_asked_through_its_pod() {
    type Chart = fn(&str, &str) -> String;
    let charts: [(&str, Chart, &[u16]); 3] = [
        ("asked-projected", gateway, &[8080]),
        ("asked-plain", plain_gateway, &[8080]),
        ("asked-split", split_gateway, &[8082, 8083]),
    ];
    let mut shown = String::new();
    for (namespace, chart, ports) in charts {
        let Some((_, project, gateway)) = serving(namespace, chart, Behaviour::default()) else { return };
        gateway.behind_pods(ports);
        for objects in [both("text-flow", "one"), both("text-flow", "two"), actors("text-flow")] {
            project.render("text-flow", &objects);
            let outcome = project.run(&["k", "apply", "text-flow", "--verify"]);
            let told = outcome.stderr.lines().filter(|line| line.contains("gateway `") || line.starts_with("error"));
            shown.push_str(&format!("{namespace}: {}{}\n", outcome.stdout, told.collect::<Vec<_>>().join("\n")));
        }
    }
    insta::assert_snapshot!(shown, @r"
    asked-projected: text-flow: 5 created; registered with gateway asya-gateway-api
      gateway `asya-gateway-api` has new pods (after [TIME])
      gateway `asya-gateway-api` shows the tool and the skill (asked through a port-forward, after [TIME])
    asked-projected: text-flow: 1 changed, 4 unchanged; gateway asya-gateway-api restarted to read the new tool
      gateway `asya-gateway-api` has new pods (after [TIME])
      gateway `asya-gateway-api` shows the tool and the skill (asked through a port-forward, after [TIME])
    asked-projected: text-flow: 4 unchanged, 1 removed; taken out of gateway asya-gateway-api
      gateway `asya-gateway-api` has new pods (after [TIME])
      gateway `asya-gateway-api` shows it no longer (asked through a port-forward, after [TIME])
    asked-plain: text-flow: 4 created; registered with gateway asya-gateway-api
      gateway `asya-gateway-api` has new pods (after [TIME])
      gateway `asya-gateway-api` shows the tool and the skill (asked through a port-forward, after [TIME])
    asked-plain: text-flow: 4 unchanged; gateway asya-gateway-api restarted to read the new tool
      gateway `asya-gateway-api` has new pods (after [TIME])
      gateway `asya-gateway-api` shows the tool and the skill (asked through a port-forward, after [TIME])
    asked-plain: text-flow: 4 unchanged; taken out of gateway asya-gateway-api
      gateway `asya-gateway-api` has new pods (after [TIME])
      gateway `asya-gateway-api` shows it no longer (asked through a port-forward, after [TIME])
    asked-split: text-flow: 4 created; registered with gateway asya-gateway
      gateway `asya-gateway` shows the tool and the skill (asked through a port-forward, after [TIME])
    asked-split: text-flow: 4 unchanged; still registered with gateway asya-gateway
      gateway `asya-gateway` shows the tool and the skill (asked through a port-forward, after [TIME])
    asked-split: text-flow: 4 unchanged; taken out of gateway asya-gateway
      gateway `asya-gateway` shows it no longer (asked through a port-forward, after [TIME])
    ");
}

#[test]
fn sessions_streams_pages_and_newer_cards_are_coped_with() {
    let cases = [
        ("ask-streams", Behaviour { streams: true, ..Behaviour::default() }),
        ("ask-forgets", Behaviour { forgets: Some(400), ..Behaviour::default() }),
        ("ask-forgets-streams", Behaviour { forgets: Some(404), streams: true, ..Behaviour::default() }),
        ("ask-pages", Behaviour { pages: true, newer_card: true, ..Behaviour::default() }),
        ("ask-forgets-all", Behaviour { forgets: Some(400), forgets_all: true, ..Behaviour::default() }),
    ];
    let mut shown = String::new();
    for (namespace, behaviour) in cases {
        let Some((server, project, gateway)) = serving(namespace, gateway, behaviour) else { return };
        let project = project.context(&format!("gateway_url: {}", gateway.url()));
        let patch = json!({"data": {"flows.yaml": "flows: [{name: theirs, entrypoint: x, mcp: {}}]\n"}}).to_string();
        let patched = ["-n", namespace, "patch", "configmap", "asya-gateway-flows", "--type=merge", "-p", &patch];
        server.kubectl(&patched, None);
        project.render("text-flow", &both("text-flow", "one"));
        let outcome = project.run(&["k", "apply", "text-flow", "--verify", "--gateway-timeout", "3"]);
        let told = outcome.stderr.lines().filter(|line| line.contains("gateway `") || line.contains("because"));
        let told: Vec<&str> = told.collect();
        // How often it asks again within the time depends on the machine.
        let asked: Vec<String> = gateway.asked().into_iter().take(8).collect();
        shown.push_str(&format!("{namespace}: {}\n{}\n  {}\n", outcome.code, told.join("\n"), asked.join(", ")));
    }
    insta::assert_snapshot!(shown, @r#"
ask-streams: 0
  gateway `asya-gateway-api` has new pods (after [TIME])
  gateway `asya-gateway-api` shows the tool and the skill (asked at its URL, after [TIME])
  POST /mcp initialize, POST /mcp notifications/initialized, POST /mcp tools/list, DELETE /mcp, GET /.well-known/agent.json
ask-forgets: 0
  gateway `asya-gateway-api` has new pods (after [TIME])
  gateway `asya-gateway-api` shows the tool and the skill (asked at its URL, after [TIME])
  POST /mcp initialize, POST /mcp notifications/initialized, POST /mcp tools/list, POST /mcp initialize, POST /mcp notifications/initialized, POST /mcp tools/list, DELETE /mcp, GET /.well-known/agent.json
ask-forgets-streams: 0
  gateway `asya-gateway-api` has new pods (after [TIME])
  gateway `asya-gateway-api` shows the tool and the skill (asked at its URL, after [TIME])
  POST /mcp initialize, POST /mcp notifications/initialized, POST /mcp tools/list, POST /mcp initialize, POST /mcp notifications/initialized, POST /mcp tools/list, DELETE /mcp, GET /.well-known/agent.json
ask-pages: 0
  gateway `asya-gateway-api` has new pods (after [TIME])
  gateway `asya-gateway-api` shows the tool and the skill (asked at its URL, after [TIME])
  POST /mcp initialize, POST /mcp notifications/initialized, POST /mcp tools/list, POST /mcp tools/list, DELETE /mcp, GET /.well-known/agent.json, GET /.well-known/agent-card.json
ask-forgets-all: 5
  gateway `asya-gateway-api` has new pods (after [TIME])
  gateway `asya-gateway-api` does not show it yet; mounted files follow a change within about a minute
error: gateway `asya-gateway-api` does not show `text-flow` after 3 s
  because it opens sessions and does not know them afterwards
  POST /mcp initialize, POST /mcp notifications/initialized, POST /mcp tools/list, POST /mcp initialize, POST /mcp notifications/initialized, POST /mcp tools/list, DELETE /mcp, POST /mcp initialize
"#);
}

#[test]
fn a_gateway_that_does_not_show_the_flow_is_reported_with_its_own_words() {
    let behaviour = Behaviour { deaf: true, ..Behaviour::default() };
    let Some((_, project, gateway)) = serving("ask-deaf", gateway, behaviour) else { return };
    gateway.behind_pods(&[8080]);
    gateway.logs(&[
        "level=INFO msg=\"Tool registry reloaded from ConfigMap\" dir=/etc/asya/flows tools=1",
        "level=ERROR msg=\"Failed to reload tool registry from ConfigMap\" error=\"flow name is required\"",
        "level=INFO msg=\"listening\"",
    ]);
    project.render("text-flow", &both("text-flow", "one"));
    project.run(&["k", "apply", "text-flow", "--verify"]);
    project.render("text-flow", &both("text-flow", "two"));
    let outcome = project.run(&["k", "apply", "text-flow", "--verify", "--gateway-timeout", "10"]);
    insta::assert_snapshot!(outcome.show(), @r#"
exit: 5
--- stdout
--- stderr
apply text-flow → dev: test/ask-deaf (5 objects)
  plan: change 1, change gateway asya-gateway-api
  unchanged ConfigMap ask-deaf/text-flow-router-0a1b2c
  changed   ConfigMap ask-deaf/asya-flow-text-flow-config
  unchanged AsyncActor ask-deaf/start-text-flow
  unchanged AsyncActor ask-deaf/text-flow-clean
  unchanged AsyncActor ask-deaf/text-flow-score
  changed   Deployment ask-deaf/asya-gateway-api
  gateway `asya-gateway-api` has new pods (after [TIME])
  gateway `asya-gateway-api` does not show it yet; mounted files follow a change within about a minute
error: gateway `asya-gateway-api` does not show `text-flow` after 10 s
  because tools/list has `text-flow` with another description
  because its log says: level=ERROR msg="Failed to reload tool registry from ConfigMap" error="flow name is required"
hint: look at its log with `kubectl --context test -n ask-deaf logs deployment/asya-gateway-api --all-containers`
"#);
}

#[test]
fn nobody_needs_to_be_asked() {
    let Some((_, project, gateway)) = serving("ask-not", gateway, Behaviour::default()) else { return };
    project.render("text-flow", &both("text-flow", "one"));
    insta::assert_snapshot!(project.run(&["k", "apply", "text-flow", "--no-verify"]).show(), @r#"
exit: 0
--- stdout
text-flow: 5 created; registered with gateway asya-gateway-api
--- stderr
apply text-flow → dev: test/ask-not (5 objects)
  plan: create 5, register with gateway asya-gateway-api
  created   ConfigMap ask-not/text-flow-router-0a1b2c
  created   ConfigMap ask-not/asya-flow-text-flow-config
  created   AsyncActor ask-not/start-text-flow
  created   AsyncActor ask-not/text-flow-clean
  created   AsyncActor ask-not/text-flow-score
  changed   Deployment ask-not/asya-gateway-api
  the gateway replaces its pods; to wait for it: kubectl --context test -n ask-not rollout status deployment/asya-gateway-api
"#);
    assert_eq!(gateway.asked(), [""; 0]);
    insta::assert_snapshot!(project.run(&["k", "apply", "text-flow", "--verify", "--gateway-timeout", "1"]).code, @"4");
}

#[test]
fn what_may_not_be_read_of_the_gateway_is_named_with_the_role_that_allows_it() {
    let behaviour = Behaviour { deaf: true, ..Behaviour::default() };
    let Some((server, project, gateway)) = serving("ask-blind", gateway, behaviour) else { return };
    gateway.behind_pods(&[8080]);
    project.render("text-flow", &both("text-flow", "one"));
    project.run(&["k", "apply", "text-flow", "--verify"]);
    project.render("text-flow", &both("text-flow", "two"));
    project.run(&["k", "apply", "text-flow", "--no-verify"]);
    server.kubectl(&["-n", "ask-blind", "rollout", "status", "deployment/asya-gateway-api", "--timeout=60s"], None);
    let mut shown = String::new();
    for kind in ["pods", "pods/log"] {
        without(server, &project, &[kind]);
        for args in [&["--verify"][..], &[]] {
            let all = [&["k", "apply", "text-flow", "--gateway-timeout", "1"], args].concat();
            let outcome = project.run(&all).show();
            // Whether it is asked twice in that second is a matter of the machine.
            let is_told = |line: &&str| !line.starts_with("  unchanged ") && !line.contains("does not show it yet");
            let told = outcome.lines().filter(is_told);
            let title = format!("=== without {kind} {}", args.join(" "));
            shown.push_str(&format!("{}\n{}\n", title.trim_end(), told.collect::<Vec<_>>().join("\n")));
        }
    }
    insta::assert_snapshot!(shown, @r#"
=== without pods --verify
exit: 4
--- stdout
--- stderr
apply text-flow → dev: test/ask-blind (5 objects)
error: gateway `asya-gateway-api` cannot be asked whether it serves the flow
  because user `system:serviceaccount:ask-blind:looker` may not list pods in namespace `ask-blind`
hint: a Role in namespace `ask-blind` with these rules allows it: [{apiGroups: [""], resources: [pods], verbs: [list]}]
hint: set `gateway_url` of the context, where it can be asked without the cluster's API
hint: the flow is applied and registered; to leave it at that, ask without `--verify`
=== without pods
exit: 0
--- stdout
text-flow: 5 unchanged; still registered with gateway asya-gateway-api
--- stderr
apply text-flow → dev: test/ask-blind (5 objects)
warning: gateway `asya-gateway-api` was not asked whether it serves the flow: [REASON]
  hint: a Role in namespace `ask-blind` with these rules allows it: [{apiGroups: [""], resources: [pods], verbs: [list]}]; set `gateway_url` of the context, where it can be asked without the cluster's API
=== without pods/log --verify
exit: 5
--- stdout
--- stderr
apply text-flow → dev: test/ask-blind (5 objects)
error: gateway `asya-gateway-api` does not show `text-flow` after 1 s
  because tools/list has `text-flow` with another description
  because its log may tell more, but user `system:serviceaccount:ask-blind:looker` may not get pods/log in namespace `ask-blind`
hint: a Role in namespace `ask-blind` with these rules allows it: [{apiGroups: [""], resources: [pods/log], verbs: [get]}]
hint: look at its log with `kubectl --context test -n ask-blind logs deployment/asya-gateway-api --all-containers`
=== without pods/log
exit: 5
--- stdout
--- stderr
apply text-flow → dev: test/ask-blind (5 objects)
error: gateway `asya-gateway-api` does not show `text-flow` after 1 s
  because tools/list has `text-flow` with another description
  because its log may tell more, but user `system:serviceaccount:ask-blind:looker` may not get pods/log in namespace `ask-blind`
hint: a Role in namespace `ask-blind` with these rules allows it: [{apiGroups: [""], resources: [pods/log], verbs: [get]}]
hint: look at its log with `kubectl --context test -n ask-blind logs deployment/asya-gateway-api --all-containers`
"#);
}
