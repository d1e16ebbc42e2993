//! The commands that look, in every state a cluster can be in: nothing there, no namespace, half of
//! it there, no permission, no answer.

use serde_json::{Value, json};

use super::fixture::{Project, actors, exposed, gateway, plain_gateway, split_gateway};
use super::platform::{Log, NAMES, compose, deployed, running_pods, set_container, set_phase};
use super::server::{Server, server};

/// The commands that look at a flow.
const LOOKS: [&[&str]; 9] = [
    &["status"],
    &["status", "text-flow"],
    &["wait", "text-flow", "--timeout", "1s"],
    &["logs", "text-flow"],
    &["events", "text-flow"],
    &["port-forward"],
    &["port-forward", "text-flow-clean"],
    &["secret", "list", "text-flow"],
    &["diff", "text-flow"],
];

/// What all of them say.
fn all(project: &Project<'_>) -> String {
    LOOKS.iter().map(|args| one(project, args)).collect()
}

fn one(project: &Project<'_>, args: &[&str]) -> String {
    let shown = project.run(&[&["k"], args].concat()).show();
    let shown = shown.replace("--- stdout\n", "").replace("--- stderr\n", "");
    format!("=== {}: {shown}", args.join(" "))
}

#[test]
fn the_namespace_does_not_exist() {
    let Some(server) = server() else { return };
    let project = Project::in_existing(server, "states-nowhere");
    project.render("text-flow", &exposed("text-flow"));
    insta::assert_snapshot!(all(&project), @r#"
=== status: exit: 4
error: there is no namespace `states-nowhere` in the cluster at https://[SERVER] (context `test`)
hint: correct `namespace` of the context in `.asya/config.yaml`, or choose another with `--context`
hint: make it with `asya k namespace prepare states-nowhere`
=== status text-flow: exit: 4
error: there is no namespace `states-nowhere` in the cluster at https://[SERVER] (context `test`)
hint: correct `namespace` of the context in `.asya/config.yaml`, or choose another with `--context`
hint: make it with `asya k namespace prepare states-nowhere`
=== wait text-flow --timeout 1s: exit: 4
wait for text-flow in dev: test/states-nowhere (3 objects)
error: there is no namespace `states-nowhere` in the cluster at https://[SERVER] (context `test`)
hint: correct `namespace` of the context in `.asya/config.yaml`, or choose another with `--context`
hint: make it with `asya k namespace prepare states-nowhere`
=== logs text-flow: exit: 4
error: there is no namespace `states-nowhere` in the cluster at https://[SERVER] (context `test`)
hint: correct `namespace` of the context in `.asya/config.yaml`, or choose another with `--context`
hint: make it with `asya k namespace prepare states-nowhere`
=== events text-flow: exit: 4
error: there is no namespace `states-nowhere` in the cluster at https://[SERVER] (context `test`)
hint: correct `namespace` of the context in `.asya/config.yaml`, or choose another with `--context`
hint: make it with `asya k namespace prepare states-nowhere`
=== port-forward: exit: 4
error: there is no namespace `states-nowhere` in the cluster at https://[SERVER] (context `test`)
hint: correct `gateway_namespace` of the context in `.asya/config.yaml`, or choose another with `--context`
hint: make it with `asya k namespace prepare states-nowhere`
=== port-forward text-flow-clean: exit: 4
error: there is no namespace `states-nowhere` in the cluster at https://[SERVER] (context `test`)
hint: correct `namespace` of the context in `.asya/config.yaml`, or choose another with `--context`
hint: make it with `asya k namespace prepare states-nowhere`
=== secret list text-flow: exit: 4
error: there is no namespace `states-nowhere` in the cluster at https://[SERVER] (context `test`)
hint: correct `namespace` of the context in `.asya/config.yaml`, or choose another with `--context`
hint: make it with `asya k namespace prepare states-nowhere`
=== diff text-flow: exit: 4
diff text-flow → dev: test/states-nowhere (5 objects)
error: there is no namespace `states-nowhere` in the cluster at https://[SERVER] (context `test`)
hint: correct `namespace` of the context in `.asya/config.yaml`, or choose another with `--context`
hint: make it with `asya k namespace prepare states-nowhere`
"#);
}

#[test]
fn the_doctor_and_namespaces_that_do_not_exist() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "states-patient").gateway_in("states-no-gateway");
    let shown = one(&project, &["doctor"]);
    let mut gateway: String =
        shown.lines().filter(|line| line.contains(" C50 ")).map(|line| format!("{line}\n")).collect();
    gateway.push_str(&one(&project, &["doctor", "--namespace", "states-nobody"]));
    insta::assert_snapshot!(gateway, @r#"
skip    C50 gateway: there is no namespace `states-no-gateway` in the cluster at https://[SERVER] (context `test`)
=== doctor --namespace states-nobody: exit: 4
error: there is no namespace `states-nobody` in the cluster at https://[SERVER] (context `test`)
hint: correct `namespace` of the context in `.asya/config.yaml`, or choose another with `--context`
hint: make it with `asya k namespace prepare states-nobody`
"#);
}

#[test]
fn the_cluster_does_not_answer() {
    let Some(server) = server() else { return };
    let project = Project::in_existing(server, "states-silent");
    project.render("text-flow", &exposed("text-flow"));
    project.kubeconfig(&server.admin_at("http://127.0.0.1:9"));
    insta::assert_snapshot!(all(&project), @r#"
=== status: exit: 4
error: the cluster at http://127.0.0.1:9 (context `test`) does not answer
  because connection refused
hint: check with `kubectl --context test version`
=== status text-flow: exit: 4
error: the cluster at http://127.0.0.1:9 (context `test`) does not answer
  because connection refused
hint: check with `kubectl --context test version`
=== wait text-flow --timeout 1s: exit: 4
wait for text-flow in dev: test/states-silent (3 objects)
error: the cluster at http://127.0.0.1:9 (context `test`) does not answer
  because connection refused
hint: check with `kubectl --context test version`
=== logs text-flow: exit: 4
error: the cluster at http://127.0.0.1:9 (context `test`) does not answer
  because connection refused
hint: check with `kubectl --context test version`
=== events text-flow: exit: 4
error: the cluster at http://127.0.0.1:9 (context `test`) does not answer
  because connection refused
hint: check with `kubectl --context test version`
=== port-forward: exit: 4
error: the cluster at http://127.0.0.1:9 (context `test`) does not answer
  because connection refused
hint: check with `kubectl --context test version`
=== port-forward text-flow-clean: exit: 4
error: the cluster at http://127.0.0.1:9 (context `test`) does not answer
  because connection refused
hint: check with `kubectl --context test version`
=== secret list text-flow: exit: 4
error: the cluster at http://127.0.0.1:9 (context `test`) does not answer
  because connection refused
hint: check with `kubectl --context test version`
=== diff text-flow: exit: 4
diff text-flow → dev: test/states-silent (5 objects)
error: the cluster at http://127.0.0.1:9 (context `test`) does not answer
  because connection refused
hint: check with `kubectl --context test version`
"#);
}

#[test]
fn half_of_it_is_applied_and_the_gateway_is_elsewhere() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "states-half").gateway_in("states-gone").transport("rabbitmq");
    project.render("text-flow", &actors("text-flow"));
    project.apply("text-flow");
    server.kubectl(&["-n", "states-half", "delete", "asyncactor", "text-flow-score"], None);
    set_phase(server, "states-half", "start-text-flow", "Napping");
    project.render("text-flow", &exposed("text-flow"));
    insta::assert_snapshot!(all(&project), @r#"
=== status: exit: 0
FLOW       ACTORS     PODS  GATEWAY  NOTE
text-flow  1/2 ready  0     no
=== status text-flow: exit: 1
text-flow in dev/states-half: not well

ACTOR            STATE    PODS  RESTARTS  QUEUE  MESSAGE
start-text-flow  ready    0     0         ready  scaled to zero
text-flow-clean  waiting  0     0         ?      nothing has taken it up yet
text-flow-score  waiting  0     0         ?      it does not exist

gateway: no-gateway: there is no gateway in namespace `states-gone`
drift: 1 object not as rendered
  AsyncActor states-half/text-flow-score is missing
=== wait text-flow --timeout 1s: exit: 5
wait for text-flow in dev: test/states-half (3 objects)
  ready     AsyncActor states-half/start-text-flow: scaled to zero
  waiting   AsyncActor states-half/text-flow-clean: nothing has taken it up yet
  waiting   AsyncActor states-half/text-flow-score: it does not exist
error: 2 objects were not ready after 1s
  because `AsyncActor states-half/text-flow-clean`: nothing has taken it up yet
  because `AsyncActor states-half/text-flow-score`: it does not exist
hint: wait longer with `--timeout`, or look for the reason with `asya k doctor` and `asya k events`
=== logs text-flow: exit: 0
  nothing: the actors have no pods; they are scaled to zero, or do not start
=== events text-flow: exit: 0
  nothing happened that the cluster remembers
=== port-forward: exit: 4
error: there is no namespace `states-gone` in the cluster at https://[SERVER] (context `test`)
hint: correct `gateway_namespace` of the context in `.asya/config.yaml`, or choose another with `--context`
hint: make it with `asya k namespace prepare states-gone`
=== port-forward text-flow-clean: exit: 1
error: actor `text-flow-clean` has no pods in namespace `states-half`
  because scaled to zero, or not deployed
=== secret list text-flow: exit: 0
its actors need no Secrets
=== diff text-flow: exit: 4
diff text-flow → dev: test/states-half (5 objects)
error: there is no namespace `states-gone` in the cluster at https://[SERVER] (context `test`)
hint: correct `gateway_namespace` of the context in `.asya/config.yaml`, or choose another with `--context`
hint: make it with `asya k namespace prepare states-gone`
"#);
}

/// A project whose user may read everything but `kinds` in its namespace.
pub fn without(server: &Server, project: &Project<'_>, kinds: &[&str]) {
    let namespace = &project.namespace;
    let token = match server.get("serviceaccount", namespace, "looker") {
        Some(_) => server.token(namespace, "looker"),
        None => server.account(namespace, "looker"),
    };
    let every = [
        ("", "pods"),
        ("", "pods/log"),
        ("", "pods/portforward"),
        ("", "configmaps"),
        ("", "secrets"),
        ("", "events"),
        ("apps", "deployments"),
        ("asya.sh", "asyncactors"),
    ];
    let rules: Vec<Value> = every
        .iter()
        .filter(|(_, kind)| !kinds.contains(kind))
        .map(|(group, kind)| json!({"apiGroups": [group], "resources": [kind], "verbs": ["get", "list", "watch", "create"]}))
        .collect();
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": {"name": "looker", "namespace": namespace}, "rules": rules,
    });
    server.apply(&role.to_string());
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": {"name": "looker", "namespace": namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "looker"},
        "subjects": [{"kind": "ServiceAccount", "name": "looker", "namespace": namespace}],
    });
    server.apply(&binding.to_string());
    server.goes_by(&role, &format!("{namespace}:looker"));
    for (group, kind) in every.iter().filter(|(_, kind)| kinds.contains(kind)) {
        server.wait_until(&format!("nobody may list {kind}"), || {
            !server.may(&format!("{namespace}:looker"), "list", (group, kind), (namespace, ""))
        });
    }
    project.kubeconfig(&server.kubeconfig(&token));
}

#[test]
fn a_kind_may_not_be_seen() {
    let Some(server) = server() else { return };
    let project = deployed(server, "states-blind");
    without(server, &project, &[]);
    let usual = LOOKS.map(|args| one(&project, args));
    let mut shown = usual.concat();
    for kinds in [
        &["pods", "pods/log", "pods/portforward"][..],
        &["deployments"],
        &["configmaps"],
        &["events"],
        &["secrets"],
        &["asyncactors"],
    ] {
        without(server, &project, kinds);
        shown.push_str(&format!("##### without {}\n", kinds.join(", ")));
        for (args, usual) in LOOKS.iter().zip(&usual) {
            let seen = one(&project, args);
            shown.push_str(&if seen == *usual { format!("=== {}: as ever\n", args.join(" ")) } else { seen });
        }
    }
    insta::assert_snapshot!(shown, @r#"
=== status: exit: 0
FLOW       ACTORS     PODS  GATEWAY  NOTE
text-flow  3/3 ready  0     no
=== status text-flow: exit: 0
text-flow in dev/states-blind: well

ACTOR            STATE  PODS  RESTARTS  QUEUE  MESSAGE
start-text-flow  ready  0     0         ready  scaled to zero
text-flow-clean  ready  0     0         ready  scaled to zero
text-flow-score  ready  0     0         ready  scaled to zero

gateway: none: not exposed
drift: none; the cluster has what is rendered
=== wait text-flow --timeout 1s: exit: 0
text-flow: 3 objects ready
wait for text-flow in dev: test/states-blind (3 objects)
  ready     AsyncActor states-blind/start-text-flow: scaled to zero
  ready     AsyncActor states-blind/text-flow-clean: scaled to zero
  ready     AsyncActor states-blind/text-flow-score: scaled to zero
=== logs text-flow: exit: 0
  nothing: the actors have no pods; they are scaled to zero, or do not start
=== events text-flow: exit: 0
  nothing happened that the cluster remembers
=== port-forward: exit: 4
error: there is no gateway in namespace `states-blind`
hint: set `gateway_namespace` of the context in `.asya/config.yaml`
=== port-forward text-flow-clean: exit: 1
error: actor `text-flow-clean` has no pods in namespace `states-blind`
  because scaled to zero, or not deployed
=== secret list text-flow: exit: 0
its actors need no Secrets
=== diff text-flow: exit: 0
text-flow: no differences
diff text-flow → dev: test/states-blind (4 objects)
##### without pods, pods/log, pods/portforward
=== status: exit: 0
FLOW       ACTORS     PODS  GATEWAY  NOTE
text-flow  3/3 ready  ?     no
warning: user `system:serviceaccount:states-blind:looker` may not list pods in namespace `states-blind`
  hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [""], resources: [pods], verbs: [list]}]
=== status text-flow: exit: 0
text-flow in dev/states-blind: well

ACTOR            STATE  PODS  RESTARTS  QUEUE  MESSAGE
start-text-flow  ready  ?     ?         ready  scaled to zero
text-flow-clean  ready  ?     ?         ready  scaled to zero
text-flow-score  ready  ?     ?         ready  scaled to zero

gateway: none: not exposed
drift: none; the cluster has what is rendered
warning: user `system:serviceaccount:states-blind:looker` may not list pods in namespace `states-blind`
  hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [""], resources: [pods], verbs: [list]}]
=== wait text-flow --timeout 1s: exit: 0
text-flow: 3 objects ready
wait for text-flow in dev: test/states-blind (3 objects)
warning: user `system:serviceaccount:states-blind:looker` may not list pods in namespace `states-blind`; broken containers are not noticed without it
  hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [""], resources: [pods], verbs: [list]}]
  ready     AsyncActor states-blind/start-text-flow: scaled to zero
  ready     AsyncActor states-blind/text-flow-clean: scaled to zero
  ready     AsyncActor states-blind/text-flow-score: scaled to zero
=== logs text-flow: exit: 4
error: user `system:serviceaccount:states-blind:looker` may not list pods in namespace `states-blind`
  because the cluster answered 403 Forbidden to: list pods in namespace `states-blind`
hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [""], resources: [pods], verbs: [list]}]
=== events text-flow: as ever
=== port-forward: as ever
=== port-forward text-flow-clean: exit: 4
error: user `system:serviceaccount:states-blind:looker` may not list pods in namespace `states-blind`
  because the cluster answered 403 Forbidden to: list pods in namespace `states-blind`
hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [""], resources: [pods], verbs: [list]}]
=== secret list text-flow: as ever
=== diff text-flow: as ever
##### without deployments
=== status: exit: 0
FLOW       ACTORS     PODS  GATEWAY  NOTE
text-flow  3/3 ready  0     ?
warning: user `system:serviceaccount:states-blind:looker` may not list deployments.apps in namespace `states-blind`
  hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [apps], resources: [deployments], verbs: [list]}]
=== status text-flow: exit: 0
text-flow in dev/states-blind: well

ACTOR            STATE  PODS  RESTARTS  QUEUE  MESSAGE
start-text-flow  ready  0     0         ready  scaled to zero
text-flow-clean  ready  0     0         ready  scaled to zero
text-flow-score  ready  0     0         ready  scaled to zero

gateway: unknown: user `system:serviceaccount:states-blind:looker` may not list deployments.apps in namespace `states-blind`
drift: none; the cluster has what is rendered
warning: user `system:serviceaccount:states-blind:looker` may not list deployments.apps in namespace `states-blind`
  hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [apps], resources: [deployments], verbs: [list]}]
=== wait text-flow --timeout 1s: exit: 0
text-flow: 3 objects ready
wait for text-flow in dev: test/states-blind (3 objects)
warning: user `system:serviceaccount:states-blind:looker` may not list deployments.apps in namespace `states-blind`; broken containers are not noticed without it
  hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [apps], resources: [deployments], verbs: [list]}]
  ready     AsyncActor states-blind/start-text-flow: scaled to zero
  ready     AsyncActor states-blind/text-flow-clean: scaled to zero
  ready     AsyncActor states-blind/text-flow-score: scaled to zero
=== logs text-flow: as ever
=== events text-flow: as ever
=== port-forward: exit: 4
error: user `system:serviceaccount:states-blind:looker` may not list deployments.apps in namespace `states-blind`
  because the cluster answered 403 Forbidden to: list deployments in namespace `states-blind`
hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [apps], resources: [deployments], verbs: [list]}]
=== port-forward text-flow-clean: as ever
=== secret list text-flow: as ever
=== diff text-flow: as ever
##### without configmaps
=== status: as ever
=== status text-flow: exit: 0
text-flow in dev/states-blind: well

ACTOR            STATE  PODS  RESTARTS  QUEUE  MESSAGE
start-text-flow  ready  0     0         ready  scaled to zero
text-flow-clean  ready  0     0         ready  scaled to zero
text-flow-score  ready  0     0         ready  scaled to zero

gateway: none: not exposed
drift: unknown; what was applied cannot be seen
warning: user `system:serviceaccount:states-blind:looker` may not get configmaps in namespace `states-blind`
  hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
=== wait text-flow --timeout 1s: as ever
=== logs text-flow: as ever
=== events text-flow: as ever
=== port-forward: as ever
=== port-forward text-flow-clean: as ever
=== secret list text-flow: as ever
=== diff text-flow: exit: 4
diff text-flow → dev: test/states-blind (4 objects)
warning: whether an earlier entry of `text-flow` is left in namespace `states-blind` cannot be seen: user `system:serviceaccount:states-blind:looker` may not list configmaps in namespace `states-blind`
  hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [""], resources: [configmaps], verbs: [list]}]; if it was exposed before, ask somebody who may to apply it
error: user `system:serviceaccount:states-blind:looker` may not get configmaps in namespace `states-blind`
  because the cluster answered 403 Forbidden to: read ConfigMap states-blind/asya-flow-text-flow-inventory
hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
hint: `asya k rbac text-flow` prints the Roles for all that it needs
##### without events
=== status: as ever
=== status text-flow: as ever
=== wait text-flow --timeout 1s: as ever
=== logs text-flow: as ever
=== events text-flow: exit: 4
error: user `system:serviceaccount:states-blind:looker` may not list events in namespace `states-blind`
  because the cluster answered 403 Forbidden to: list events in namespace `states-blind`
hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [""], resources: [events], verbs: [list]}]
=== port-forward: as ever
=== port-forward text-flow-clean: as ever
=== secret list text-flow: as ever
=== diff text-flow: as ever
##### without secrets
=== status: as ever
=== status text-flow: as ever
=== wait text-flow --timeout 1s: as ever
=== logs text-flow: as ever
=== events text-flow: as ever
=== port-forward: as ever
=== port-forward text-flow-clean: as ever
=== secret list text-flow: exit: 4
error: user `system:serviceaccount:states-blind:looker` may not list secrets in namespace `states-blind`
  because the cluster answered 403 Forbidden to: list secrets in namespace `states-blind`
hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [""], resources: [secrets], verbs: [list]}]
=== diff text-flow: as ever
##### without asyncactors
=== status: exit: 4
error: user `system:serviceaccount:states-blind:looker` may not list asyncactors.asya.sh in namespace `states-blind`
  because the cluster answered 403 Forbidden to: list asyncactors in namespace `states-blind`
hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [asya.sh], resources: [asyncactors], verbs: [list]}]
=== status text-flow: exit: 4
error: user `system:serviceaccount:states-blind:looker` may not list asyncactors.asya.sh in namespace `states-blind`
  because the cluster answered 403 Forbidden to: list asyncactors in namespace `states-blind`
hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [asya.sh], resources: [asyncactors], verbs: [list]}]
=== wait text-flow --timeout 1s: exit: 4
wait for text-flow in dev: test/states-blind (3 objects)
error: user `system:serviceaccount:states-blind:looker` may not list asyncactors.asya.sh in namespace `states-blind`
  because the cluster answered 403 Forbidden to: watch asyncactors in namespace `states-blind`
hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [asya.sh], resources: [asyncactors], verbs: [list]}]
=== logs text-flow: as ever
=== events text-flow: as ever
=== port-forward: as ever
=== port-forward text-flow-clean: as ever
=== secret list text-flow: as ever
=== diff text-flow: exit: 4
diff text-flow → dev: test/states-blind (4 objects)
error: user `system:serviceaccount:states-blind:looker` may not get asyncactors.asya.sh in namespace `states-blind`
  because the cluster answered 403 Forbidden to: read AsyncActor states-blind/start-text-flow
hint: a Role in namespace `states-blind` with these rules allows it: [{apiGroups: [asya.sh], resources: [asyncactors], verbs: [get]}]
hint: `asya k rbac text-flow` prints the Roles for all that it needs
"#);
}

#[test]
fn gateways_of_other_generations() {
    let Some(server) = server() else { return };
    type Chart = fn(&str, &str) -> String;
    let legacy: Chart = |namespace, release| {
        let mut objects: Value = serde_json::from_str(&gateway(namespace, release)).expect("JSON");
        objects["items"].as_array_mut().expect("items").truncate(1);
        let pod = &mut objects["items"][0]["spec"]["template"]["spec"];
        pod["volumes"] = json!([]);
        for container in pod["containers"].as_array_mut().expect("containers") {
            container["volumeMounts"] = json!([]);
        }
        objects.to_string()
    };
    let two: Chart = |namespace, _| {
        let mut one: Value = serde_json::from_str(&gateway(namespace, "asya-gateway")).expect("JSON");
        let other: Value = serde_json::from_str(&gateway(namespace, "other-asya-gateway")).expect("JSON");
        one["items"].as_array_mut().expect("items").extend(other["items"].as_array().expect("items").clone());
        one.to_string()
    };
    let charts: [(&str, Chart); 4] = [
        ("states-plain", plain_gateway),
        ("states-split", split_gateway),
        ("states-legacy", legacy),
        ("states-two", two),
    ];
    let mut shown = String::new();
    for (namespace, chart) in charts {
        let project = Project::without_gateway(server, namespace);
        project.render("text-flow", &actors("text-flow"));
        project.apply("text-flow");
        server.apply(&chart(namespace, "asya-gateway"));
        project.render("text-flow", &exposed("text-flow"));
        shown.push_str(&one(&project, &["status"]));
        shown.push_str(&one(&project, &["status", "text-flow"]));
        let applied = project.run(&["k", "apply", "text-flow"]);
        shown.push_str(&format!("apply: {}\n", applied.stdout));
        if applied.code == 0 {
            shown.push_str(&one(&project, &["status"]));
            shown.push_str(&one(&project, &["status", "text-flow"]));
            let mut changed = exposed("text-flow");
            let entry = changed[4]["data"]["text-flow.yaml"].as_str().expect("an entry").replace("Looks", "Stares");
            changed[4]["data"]["text-flow.yaml"] = json!(entry);
            project.render("text-flow", &changed);
            let status = one(&project, &["status", "text-flow"]);
            shown.extend(status.lines().filter(|line| line.contains("gateway:")).map(|line| format!("{line}\n")));
        }
    }
    insta::assert_snapshot!(shown, @r#"
=== status: exit: 0
FLOW       ACTORS     PODS  GATEWAY  NOTE
text-flow  0/3 ready  0     no
=== status text-flow: exit: 1
text-flow in dev/states-plain: not well

ACTOR            STATE    PODS  RESTARTS  QUEUE  MESSAGE
start-text-flow  waiting  0     0         ?      nothing has taken it up yet
text-flow-clean  waiting  0     0         ?      nothing has taken it up yet
text-flow-score  waiting  0     0         ?      nothing has taken it up yet

gateway: not-registered (asya-gateway-api): the gateway does not serve it; run `asya k apply`
drift: none; the cluster has what is rendered
apply: text-flow: 4 unchanged; registered with gateway asya-gateway-api

=== status: exit: 0
FLOW       ACTORS     PODS  GATEWAY  NOTE
text-flow  0/3 ready  0     mcp
=== status text-flow: exit: 1
text-flow in dev/states-plain: not well

ACTOR            STATE    PODS  RESTARTS  QUEUE  MESSAGE
start-text-flow  waiting  0     0         ?      nothing has taken it up yet
text-flow-clean  waiting  0     0         ?      nothing has taken it up yet
text-flow-score  waiting  0     0         ?      nothing has taken it up yet

gateway: registered (asya-gateway-api): served over MCP
drift: none; the cluster has what is rendered
gateway: outdated (asya-gateway-api): applying would change it: has asya-cli.text-flow.yaml, restarts to read the tools; run `asya k apply`
=== status: exit: 0
FLOW       ACTORS     PODS  GATEWAY  NOTE
text-flow  0/3 ready  0     no
=== status text-flow: exit: 1
text-flow in dev/states-split: not well

ACTOR            STATE    PODS  RESTARTS  QUEUE  MESSAGE
start-text-flow  waiting  0     0         ?      nothing has taken it up yet
text-flow-clean  waiting  0     0         ?      nothing has taken it up yet
text-flow-score  waiting  0     0         ?      nothing has taken it up yet

gateway: not-registered (asya-gateway): the gateway does not serve it; run `asya k apply`
drift: none; the cluster has what is rendered
apply: text-flow: 4 unchanged; registered with gateway asya-gateway

=== status: exit: 0
FLOW       ACTORS     PODS  GATEWAY  NOTE
text-flow  0/3 ready  0     mcp
=== status text-flow: exit: 1
text-flow in dev/states-split: not well

ACTOR            STATE    PODS  RESTARTS  QUEUE  MESSAGE
start-text-flow  waiting  0     0         ?      nothing has taken it up yet
text-flow-clean  waiting  0     0         ?      nothing has taken it up yet
text-flow-score  waiting  0     0         ?      nothing has taken it up yet

gateway: registered (asya-gateway): served over MCP
drift: none; the cluster has what is rendered
gateway: outdated (asya-gateway): applying would change it: lists tool `text-flow`; run `asya k apply`
=== status: exit: 0
FLOW       ACTORS     PODS  GATEWAY  NOTE
text-flow  0/3 ready  0     ?
=== status text-flow: exit: 1
text-flow in dev/states-legacy: not well

ACTOR            STATE    PODS  RESTARTS  QUEUE  MESSAGE
start-text-flow  waiting  0     0         ?      nothing has taken it up yet
text-flow-clean  waiting  0     0         ?      nothing has taken it up yet
text-flow-score  waiting  0     0         ?      nothing has taken it up yet

gateway: refused (asya-gateway-api): flow `text-flow` cannot be registered with gateway `asya-gateway-api` in namespace `states-legacy`: it has no volume of flows: it is older than flows, or made by hand
drift: none; the cluster has what is rendered
apply: 
=== status: exit: 0
FLOW       ACTORS     PODS  GATEWAY  NOTE
text-flow  0/3 ready  0     ?
warning: there are several gateways in namespace `states-two`
  hint: name one: `gateway` of the context in `.asya/config.yaml`
=== status text-flow: exit: 1
text-flow in dev/states-two: not well

ACTOR            STATE    PODS  RESTARTS  QUEUE  MESSAGE
start-text-flow  waiting  0     0         ?      nothing has taken it up yet
text-flow-clean  waiting  0     0         ?      nothing has taken it up yet
text-flow-score  waiting  0     0         ?      nothing has taken it up yet

gateway: no-gateway: namespace `states-two` has several: asya-gateway, other-asya-gateway; name one with `gateway` of the context
drift: none; the cluster has what is rendered
apply:
"#);
}

#[test]
fn pods_that_do_not_run() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let namespace = "states-ill";
    let project = deployed(server, namespace);
    for name in NAMES {
        compose(server, namespace, name, 1);
    }
    let pods: Vec<String> = NAMES.iter().map(|name| running_pods(server, namespace, name, 1).remove(0)).collect();
    let waiting = |reason: &str, message: &str| json!({"waiting": {"reason": reason, "message": message}});
    let ended = json!({"terminated": {"exitCode": 1, "reason": "Error"}});
    set_container(server, namespace, &pods[0], &waiting("CrashLoopBackOff", "back-off"), &ended);
    set_container(server, namespace, &pods[1], &waiting("ContainerCreating", ""), &json!({}));
    set_container(server, namespace, &pods[2], &waiting("ImagePullBackOff", "no such image"), &json!({}));
    let logs = Log::of(server, namespace, &pods[0], &[("asya-runtime", true), ("asya-sidecar", false)]);
    logs[0].line("2026-01-02T03:04:01Z", "ModuleNotFoundError: No module named 'router'");
    // What is written when differs from run to run.
    let mut shown: String = LOOKS.iter().filter(|args| args[0] != "events").map(|args| one(&project, args)).collect();
    shown.push_str(&one(&project, &["logs", "text-flow", "-c", "asya-runtim"]));
    for (pod, name) in pods.iter().zip(NAMES) {
        shown = shown.replace(pod.as_str(), &format!("[{name}]"));
    }
    insta::assert_snapshot!(shown, @r#"
=== status: exit: 0
FLOW       ACTORS     PODS  GATEWAY  NOTE
text-flow  0/3 ready  3     no       start-text-flow: CrashLoopBackOff in container asya-runtime of pod [start-text-flow]: it ends with exit code 1
=== status text-flow: exit: 1
text-flow in dev/states-ill: not well

ACTOR            STATE    PODS  RESTARTS  QUEUE  MESSAGE
start-text-flow  failed   0/1   6         ready  CrashLoopBackOff in container asya-runtime of pod [start-text-flow]: it ends with exit code 1
text-flow-clean  waiting  0/1   6         ready  a pod is not ready: ContainerCreating
text-flow-score  failed   0/1   6         ready  ImagePullBackOff in container asya-runtime of pod [text-flow-score]: no such image

gateway: none: not exposed
drift: none; the cluster has what is rendered
=== wait text-flow --timeout 1s: exit: 1
wait for text-flow in dev: test/states-ill (3 objects)
  failed    AsyncActor states-ill/start-text-flow: CrashLoopBackOff in container asya-runtime of pod [start-text-flow]: it ends with exit code 1
  waiting   AsyncActor states-ill/text-flow-clean: a pod is not ready: ContainerCreating
  failed    AsyncActor states-ill/text-flow-score: ImagePullBackOff in container asya-runtime of pod [text-flow-score]: no such image
  the last lines of container asya-runtime of AsyncActor states-ill/start-text-flow:
  ModuleNotFoundError: No module named 'router'
error: 2 objects do not become ready
  because `AsyncActor states-ill/start-text-flow`: CrashLoopBackOff in container asya-runtime of pod [start-text-flow]: it ends with exit code 1
  because `AsyncActor states-ill/text-flow-score`: ImagePullBackOff in container asya-runtime of pod [text-flow-score]: no such image
hint: correct it, then apply again; the pods that are there are replaced
hint: check the image's name in the overlay, that it was pushed, and that the nodes may pull it
=== logs text-flow: exit: 0
[start-text-flow] ModuleNotFoundError: No module named 'router'
  [text-flow-clean]: container asya-runtime has not begun to run: ContainerCreating
  [text-flow-score]: container asya-runtime has not begun to run: ImagePullBackOff: no such image
=== port-forward: exit: 4
error: there is no gateway in namespace `states-ill`
hint: set `gateway_namespace` of the context in `.asya/config.yaml`
=== port-forward text-flow-clean: exit: 2
error: pods of actor `text-flow-clean` name no ports
hint: name one with `--remote`
=== secret list text-flow: exit: 0
its actors need no Secrets
=== diff text-flow: exit: 0
text-flow: no differences
diff text-flow → dev: test/states-ill (4 objects)
=== logs text-flow -c asya-runtim: exit: 2
error: the pods have no container `asya-runtim`
  because they have `asya-runtime` and `asya-sidecar`
"#);
}
