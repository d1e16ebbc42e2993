//! `asya k apply`: what is refused, and in which words. Nothing is written before.

use serde_json::json;

use super::fixture::{Project, actors, exposed};
use super::server::server;

#[test]
fn a_field_that_does_not_exist_is_named() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "unknown-field");
    let mut objects = actors("text-flow");
    objects[2]["spec"]["imge"] = json!("x");
    objects[3]["spec"]["scaling"]["maxReplicas"] = json!(3);
    project.render("text-flow", &objects);
    insta::assert_snapshot!(project.show_apply("text-flow"), @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/unknown-field (4 objects)
    error: the cluster refuses 2 objects; nothing was written
      because `AsyncActor unknown-field/text-flow-clean`: `spec.imge` is not a field of its kind
      because `AsyncActor unknown-field/text-flow-score`: `spec.scaling.maxReplicas` is not a field of its kind
    hint: check the spelling in the manifests, and `platform.generation` in `.asya/config.yaml`
    ");
    assert!(server.get("configmap", "unknown-field", "text-flow-router-0a1b2c").is_none(), "nothing was written");
}

#[test]
fn a_value_the_schema_refuses_is_named() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "bad-value");
    let mut objects = actors("text-flow");
    objects[2]["spec"]["imagePullPolicy"] = json!("Sometimes");
    objects[3]["spec"]["scaling"]["maxReplicaCount"] = json!("3");
    project.render("text-flow", &objects);
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/bad-value (4 objects)
    error: the cluster refuses 2 objects; nothing was written
      because `AsyncActor bad-value/text-flow-clean`: `spec.imagePullPolicy`: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"
      because `AsyncActor bad-value/text-flow-score`: `spec.scaling.maxReplicaCount`: expected numeric (int or float), got string
    "#);
}

#[test]
fn among_many_new_actors_the_bad_ones_are_found_before_anything_is_written() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "many-new");
    let mut objects = actors("text-flow");
    for number in 0..40 {
        let mut actor = objects[2].clone();
        actor["metadata"]["name"] = json!(format!("step-{number}"));
        actor["spec"]["actor"] = json!(format!("step-{number}"));
        match number {
            17 => actor["spec"]["imge"] = json!("x"),
            23 => actor["spec"]["imagePullPolicy"] = json!("Sometimes"),
            31 => actor["metadata"]["labels"]["team"] = json!("not a label"),
            _ => {}
        }
        objects.push(actor);
    }
    project.render("text-flow", &objects);
    let outcome = project.run(&["k", "apply", "text-flow"]);
    assert_eq!(outcome.code, 4, "{}", outcome.show());
    assert!(outcome.stderr.contains("refuses 3 objects; nothing was written"), "{}", outcome.show());
    assert!(server.versions("many-new").is_empty(), "nothing was written");
    for number in [17, 23, 31] {
        assert!(outcome.stderr.contains(&format!("AsyncActor many-new/step-{number}`: ")), "{}", outcome.show());
        let good = objects[4].clone();
        let at = 4 + number;
        objects[at]["spec"] = good["spec"].clone();
        objects[at]["spec"]["actor"] = json!(format!("step-{number}"));
        objects[at]["metadata"]["labels"] = good["metadata"]["labels"].clone();
    }
    project.render("text-flow", &objects);
    assert_eq!(project.apply("text-flow").stdout, "text-flow: 44 created; not exposed\n");
}

#[test]
fn a_conflict_names_field_and_manager_and_can_be_forced() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "conflict");
    project.render("text-flow", &actors("text-flow"));
    project.apply("text-flow");
    let patch = r#"{"spec":{"scaling":{"maxReplicaCount":9},"image":"example.org/hotfix:1"}}"#;
    let args =
        ["-n", "conflict", "patch", "asyncactor", "text-flow-clean", "--type=merge", "--field-manager=kubectl-edit"];
    server.kubectl(&[&args[..], &["-p", patch]].concat(), None);
    let before = server.versions("conflict");
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 4
--- stdout
--- stderr
apply text-flow → dev: test/conflict (4 objects)
error: the cluster refuses `AsyncActor conflict/text-flow-clean`; nothing was written
  because `spec.image` belongs to `kubectl-edit`, who set `example.org/hotfix:1`; the manifests have `example.org/flows:1`
  because `spec.scaling.maxReplicaCount` belongs to `kubectl-edit`, who set `9`; the manifests have `2`
hint: leave these fields out of the manifests, or take them over with `--force-conflicts`
"#);
    assert_eq!(server.versions("conflict"), before);
    insta::assert_snapshot!(project.run(&["k", "apply", "text-flow", "--force-conflicts"]).show(), @r#"
exit: 0
--- stdout
text-flow: 1 changed, 3 unchanged; not exposed
--- stderr
apply text-flow → dev: test/conflict (4 objects)
  plan: change 1
  unchanged ConfigMap conflict/text-flow-router-0a1b2c
  unchanged AsyncActor conflict/start-text-flow
  changed   AsyncActor conflict/text-flow-clean
  unchanged AsyncActor conflict/text-flow-score
"#);
    let actor = server.get("asyncactor", "conflict", "text-flow-clean").expect("the actor");
    assert_eq!(actor["spec"]["scaling"]["maxReplicaCount"], 2);
}

#[test]
fn the_generation_of_the_cluster_must_be_the_projects() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "generation").generation("B");
    project.render("text-flow", &actors("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/generation (4 objects)
    error: the cluster serves AsyncActors of generation C2, the manifests are written for B; nothing was written
    hint: set `platform.generation: C2` in `.asya/config.yaml` and run `asya compile text-flow`
    hint: if the cluster is the wrong one, choose another with `--context`
    ");
}

#[test]
fn a_kind_the_cluster_does_not_know() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "unknown-kind");
    let mut objects = actors("text-flow");
    objects.push(json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "x"}}));
    project.render("text-flow", &objects);
    insta::assert_snapshot!(project.show_apply("text-flow"), @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/unknown-kind (5 objects)
    error: the cluster of context `test` does not know `Certificate` of `cert-manager.io/v1`
      because the flow has one: `Certificate x`
    hint: install what defines it, or take it out of the manifests
    ");
}

#[test]
fn a_namespace_that_does_not_exist() {
    let Some(server) = server() else { return };
    let project = Project::in_existing(server, "nowhere");
    project.render("text-flow", &actors("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/nowhere (4 objects)
    error: there is no namespace `nowhere`; nothing was written
    hint: create it with `kubectl create namespace nowhere`
    hint: or set another one: `namespace` of the context in `.asya/config.yaml`
    ");
}

#[test]
fn a_read_only_context() {
    let Some(server) = server() else { return };
    let project = Project::in_existing(server, "read-only").context("readonly: true");
    project.render("text-flow", &actors("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r"
    exit: 3
    --- stdout
    --- stderr
    error: the context `dev` is read-only: `asya k apply` does not write to it
    hint: deploy it the way your team agreed on, or choose another with `--context`
    hint: to allow writes, take `readonly` out of `contexts.dev` in `.asya/config.yaml`
    ");
}

#[test]
fn credentials_that_are_not_accepted() {
    let Some(server) = server() else { return };
    let project = Project::in_existing(server, "unauthorized");
    project.kubeconfig(&server.kubeconfig("wrong"));
    project.render("text-flow", &actors("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 4
--- stdout
--- stderr
apply text-flow → dev: test/unauthorized (4 objects)
error: the cluster at https://[SERVER] does not accept the credentials of user `tester` (context `test`)
  because it answered 401 Unauthorized to: read the kinds of `asya.sh/v1alpha1`
  because they are the token in the kubeconfig
hint: log in again, or renew that token
"#);
    // Of requests that go out together it is always the same that is told of.
    for args in [["k", "apply", "text-flow"], ["k", "diff", "text-flow"], ["k", "delete", "text-flow"]] {
        let first = project.run(&args).show();
        for _ in 0..4 {
            assert_eq!(project.run(&args).show(), first);
        }
    }
}

#[test]
fn permissions_that_are_missing_are_all_named_before_anything_is_written() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "forbidden");
    let role = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "dev", "namespace": "forbidden"}},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
         "metadata": {"name": "dev", "namespace": "forbidden"},
         "rules": [
            {"apiGroups": ["asya.sh"], "resources": ["asyncactors"], "verbs": ["get", "list", "create", "patch"]},
            {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]},
            {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list"]},
         ]},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
         "metadata": {"name": "dev", "namespace": "forbidden"},
         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "dev"},
         "subjects": [{"kind": "ServiceAccount", "name": "dev", "namespace": "forbidden"}]},
    ]});
    server.apply(&role.to_string());
    let kubeconfig = server.kubeconfig(&server.token("forbidden", "dev"));
    project.kubeconfig(&kubeconfig);
    project.render("text-flow", &exposed("text-flow"));
    let before = server.versions("forbidden");
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 4
--- stdout
--- stderr
apply text-flow → dev: test/forbidden (5 objects)
error: user `system:serviceaccount:forbidden:dev` lacks 3 permissions that this needs; nothing was written
  because it may not create configmaps in namespace `forbidden`
  because it may not patch configmaps in namespace `forbidden`
  because it may not patch deployments.apps in namespace `forbidden`
hint: a Role in namespace `forbidden` with these rules allows it: [{apiGroups: [""], resources: [configmaps], verbs: [create]}, {apiGroups: [""], resources: [configmaps], resourceNames: [asya-flow-text-flow-config, asya-flow-text-flow-inventory, text-flow-router-0a1b2c], verbs: [patch]}, {apiGroups: [apps], resources: [deployments], resourceNames: [asya-gateway-api], verbs: [patch]}]
hint: `asya k rbac FLOW` prints the Roles for all that a flow needs
"#);
    assert_eq!(server.versions("forbidden"), before);

    // Not even allowed to look: the server's own words, taken apart.
    server.namespace("forbidden-elsewhere");
    let elsewhere = Project::in_existing(server, "forbidden-elsewhere");
    elsewhere.kubeconfig(&kubeconfig);
    elsewhere.render("text-flow", &actors("text-flow"));
    insta::assert_snapshot!(elsewhere.show_apply("text-flow"), @r#"
exit: 4
--- stdout
--- stderr
apply text-flow → dev: test/forbidden-elsewhere (4 objects)
warning: whether an earlier entry of `text-flow` is left in namespace `forbidden-elsewhere` cannot be seen: user `system:serviceaccount:forbidden:dev` may not list configmaps in namespace `forbidden-elsewhere`
  hint: a Role in namespace `forbidden-elsewhere` with these rules allows it: [{apiGroups: [""], resources: [configmaps], verbs: [list]}]; if it was exposed before, ask somebody who may to apply it
error: user `system:serviceaccount:forbidden:dev` may not get configmaps in namespace `forbidden-elsewhere`
  because the cluster answered 403 Forbidden to: read ConfigMap forbidden-elsewhere/asya-flow-text-flow-inventory
hint: a Role in namespace `forbidden-elsewhere` with these rules allows it: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
hint: `asya k rbac text-flow` prints the Roles for all that it needs
"#);
}

#[test]
fn a_server_that_is_not_there_and_kubeconfigs_that_do_not_help() {
    let Some(server) = server() else { return };
    let project = Project::in_existing(server, "nobody");
    project.render("text-flow", &actors("text-flow"));
    let mut shown = String::new();
    let mut show = |title: &str| shown.push_str(&format!("=== {title}\n{}", project.show_apply("text-flow")));
    let admin = server.admin();
    let start = admin.find("https://").expect("a URL");
    let end = admin[start..].find('\n').expect("a line") + start;
    // Port 1 of loopback: nobody listens there.
    project.kubeconfig(&admin.replace(&admin[start..end], "https://127.0.0.1:1"));
    show("nobody listens");
    project.kubeconfig(&admin.replace("current-context: test", "current-context: tset"));
    show("no such context");
    project.kubeconfig(&admin.replace("current-context: test\n", ""));
    show("no current context");
    project.kubeconfig("contexts: [\n");
    show("no YAML");
    let plugin = |command: &str| {
        let exec = format!(
            "exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: {command}}}"
        );
        admin.replace("token: admin-of-the-tests", &exec)
    };
    project.kubeconfig(&plugin("no-such-plugin"));
    show("no credential plugin");
    project.kubeconfig(&plugin("sh, args: [-c, 'echo secret; echo please log in >&2; exit 3']"));
    show("a credential plugin that fails");
    std::fs::remove_file(project.sandbox.root().join("kubeconfig")).expect("removed");
    show("no kubeconfig");
    insta::assert_snapshot!(shown, @r"
    === nobody listens
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/nobody (4 objects)
    error: the cluster at https://127.0.0.1:1 (context `test`) does not answer
      because connection refused
    hint: check with `kubectl --context test version`
    === no such context
    exit: 4
    --- stdout
    --- stderr
    error: the kubeconfig has no context `tset`
      because `[SANDBOX]/kubeconfig` has only `test`
    hint: did you mean `test`?
    hint: run `kubectl config use-context` with one of them
    === no current context
    exit: 4
    --- stdout
    --- stderr
    error: the kubeconfig `[SANDBOX]/kubeconfig` has no current context
      because it has only `test`
    hint: set `kubectl_context` of the context in `.asya/config.yaml`, or run `kubectl config use-context`
    === no YAML
    exit: 4
    --- stdout
    --- stderr
    error: the kubeconfig `[SANDBOX]/kubeconfig` cannot be used
      because it is not a kubeconfig: line 1 column 11: unclosed bracket '['
    === no credential plugin
    exit: 4
    --- stdout
    --- stderr
    error: the credentials of user `tester` of the kubeconfig cannot be obtained
      because `no-such-plugin` cannot be started: there is no such file or directory
    hint: install `no-such-plugin`, or correct `exec` of the user in the kubeconfig
    === a credential plugin that fails
    exit: 4
    --- stdout
    --- stderr
    error: the credentials of user `tester` of the kubeconfig cannot be obtained
      because `sh` failed: please log in
    hint: log in again with the tool of your cluster's provider
    === no kubeconfig
    exit: 4
    --- stdout
    --- stderr
    error: there is no kubeconfig
      because KUBECONFIG names `[SANDBOX]/kubeconfig`, which does not exist
    hint: set KUBECONFIG to the file that your cluster's provider gave you
    ");
}

#[test]
fn a_flow_that_was_not_compiled_for_the_context() {
    let Some(server) = server() else { return };
    let project = Project::in_existing(server, "not-compiled");
    project.sandbox.write(".asya/flows/text-flow.yaml", "source: flow.py\nfunction: text_flow\n");
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 3
--- stdout
--- stderr
error: flow `text-flow` is not compiled
  because there is no `compiled/text-flow/manifests/overlays/dev`
hint: compile it: `asya compile text-flow`
"#);
    insta::assert_snapshot!(project.show_apply("txt-flow"), @r"
    exit: 3
    --- stdout
    --- stderr
    error: there is no flow `txt-flow`
      because known flows: `text-flow`
    hint: did you mean `text-flow`?
    hint: make it with `asya compile txt-flow -f FILE`
    ");
}

#[test]
fn the_namespaces_of_overlay_and_context_must_agree() {
    let Some(server) = server() else { return };
    let project = Project::in_existing(server, "agree");
    let mut objects = actors("text-flow");
    for object in &mut objects {
        object["metadata"]["namespace"] = json!("other");
    }
    project.render("text-flow", &objects);
    insta::assert_snapshot!(project.show_apply("text-flow"), @r"
    exit: 3
    --- stdout
    --- stderr
    error: the actors of `text-flow` are rendered for namespace `other`, but they belong to `agree`
    hint: make `namespace` in the overlay and `contexts.dev.namespace` in `.asya/config.yaml` the same
    ");
}

#[test]
fn a_server_that_accepts_and_says_nothing_is_given_up_on_and_can_be_interrupted() {
    let Some(server) = server() else { return };
    let project = Project::in_existing(server, "silent");
    project.render("text-flow", &actors("text-flow"));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let admin = server.admin();
    let start = admin.find("https://").expect("a URL");
    let end = admin[start..].find('\n').expect("a line") + start;
    project.kubeconfig(&admin.replace(&admin[start..end], &address));
    let started = std::time::Instant::now();
    let shown = project.show_apply("text-flow").replace(&address, "[SILENT]");
    assert!(started.elapsed().as_secs() < 20);
    insta::assert_snapshot!(shown, @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/silent (4 objects)
    error: the cluster at [SILENT] (context `test`) does not answer
      because nothing came back within 10 seconds
    hint: check with `kubectl --context test version`
    ");

    // The first connection of each run is accepted by the kernel; seeing it means: it waits now.
    let mut command = project.sandbox.command(&["k", "apply", "text-flow"]);
    while listener.set_nonblocking(true).is_ok() && listener.accept().is_ok() {}
    listener.set_nonblocking(false).expect("blocking");
    let child = command.stderr(std::process::Stdio::piped()).spawn().expect("it starts");
    let connection = listener.accept().expect("a connection");
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill").success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr), @r"
    apply text-flow → dev: test/silent (4 objects)
    error: interrupted
    hint: run the same command again; it continues where this one stopped
    ");
    drop(connection);
}
