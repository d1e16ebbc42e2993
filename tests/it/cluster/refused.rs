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
      because `AsyncActor unknown-field/text-flow-clean`: `.spec.imge` is not a field of its kind
      because `AsyncActor unknown-field/text-flow-score`: `.spec.scaling.maxReplicas` is not a field of its kind
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
      because `AsyncActor bad-value/text-flow-score`: failed to create typed patch object (bad-value/text-flow-score; asya.sh/v1alpha1, Kind=AsyncActor): .spec.scaling.maxReplicaCount: expected numeric (int or float), got string
    "#);
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
    insta::assert_snapshot!(project.show_apply("text-flow"), @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/conflict (4 objects)
    error: the cluster refuses `AsyncActor conflict/text-flow-clean`; nothing was written
      because field `.spec.image` belongs to `kubectl-edit`, with another value
      because field `.spec.scaling.maxReplicaCount` belongs to `kubectl-edit`, with another value
    hint: leave these fields out of the manifests, or take them over with `--force-conflicts`
    ");
    assert_eq!(server.versions("conflict"), before);
    insta::assert_snapshot!(project.run(&["k", "apply", "text-flow", "--force-conflicts"]).show(), @r"
    exit: 0
    --- stdout
    text-flow: 1 changed, 3 unchanged; not exposed
    --- stderr
    apply text-flow → dev: test/conflict (4 objects)
      unchanged ConfigMap conflict/text-flow-router-0a1b2c
      unchanged AsyncActor conflict/start-text-flow
      changed   AsyncActor conflict/text-flow-clean
      unchanged AsyncActor conflict/text-flow-score
    ");
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
    objects.push(json!({"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "x"}}));
    project.render("text-flow", &objects);
    insta::assert_snapshot!(project.show_apply("text-flow"), @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/unknown-kind (5 objects)
    error: the cluster of context `test` does not know `ScaledObject` of `keda.sh/v1alpha1`
      because `ScaledObject x` is one
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
    error: the cluster refuses 4 objects; nothing was written
      because `ConfigMap nowhere/text-flow-router-0a1b2c`: there is no namespace `nowhere`
      because `AsyncActor nowhere/start-text-flow`: there is no namespace `nowhere`
      because `AsyncActor nowhere/text-flow-clean`: there is no namespace `nowhere`
      because `AsyncActor nowhere/text-flow-score`: there is no namespace `nowhere`
    hint: create it with `kubectl create namespace nowhere`
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
fn the_context_local_is_no_cluster() {
    let Some(server) = server() else { return };
    let project = Project::in_existing(server, "not-local");
    project.render("text-flow", &actors("text-flow"));
    insta::assert_snapshot!(project.run(&["k", "apply", "text-flow", "--context", "local"]).show(), @r"
    exit: 2
    --- stdout
    --- stderr
    error: the context `local` is this machine, not a cluster
    hint: run the flow here with `asya run text-flow`, or choose a cluster with `--context`
    ");
}

#[test]
fn credentials_that_are_not_accepted() {
    let Some(server) = server() else { return };
    let project = Project::in_existing(server, "unauthorized");
    project.kubeconfig(&server.kubeconfig("wrong"));
    project.render("text-flow", &actors("text-flow"));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/unauthorized (4 objects)
    error: the cluster at https://[SERVER] does not accept the credentials of user `tester` (context `test`)
      because it answered 401 Unauthorized to: read the kinds of `asya.sh/v1alpha1`
    hint: log in again, or renew the token or certificate in the kubeconfig
    ");
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
    let token = server.kubectl(&["-n", "forbidden", "create", "token", "dev"], None);
    project.kubeconfig(&server.kubeconfig(token.trim()));
    project.render("text-flow", &exposed("text-flow"));
    let before = server.versions("forbidden");
    insta::assert_snapshot!(project.show_apply("text-flow"), @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/forbidden (5 objects)
    error: user `system:serviceaccount:forbidden:dev` lacks 3 permissions that this needs; nothing was written
      because it may not create configmaps in namespace `forbidden`
      because it may not patch configmaps in namespace `forbidden`
      because it may not patch deployments.apps in namespace `forbidden`
    hint: ask for a Role with these rules, bound in each namespace named
    ");
    assert_eq!(server.versions("forbidden"), before);

    // Not even allowed to look: the server's own words, taken apart.
    server.namespace("forbidden-elsewhere");
    let elsewhere = Project::in_existing(server, "forbidden-elsewhere");
    elsewhere.kubeconfig(&server.kubeconfig(token.trim()));
    elsewhere.render("text-flow", &actors("text-flow"));
    insta::assert_snapshot!(elsewhere.show_apply("text-flow"), @r"
    exit: 4
    --- stdout
    --- stderr
    apply text-flow → dev: test/forbidden-elsewhere (4 objects)
    error: user `system:serviceaccount:forbidden:dev` may not get configmaps in namespace `forbidden-elsewhere`
      because the cluster answered 403 Forbidden to: read ConfigMap forbidden-elsewhere/text-flow-router-0a1b2c
    hint: ask for a Role that allows `get` on `configmaps` in namespace `forbidden-elsewhere`
    ");
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
      because it is not valid YAML for a kubeconfig: error: line 1 column 11: unclosed bracket '['
    === no kubeconfig
    exit: 4
    --- stdout
    --- stderr
    error: there is no kubeconfig
      because KUBECONFIG names `[SANDBOX]/kubeconfig`, which does not exist
    hint: set KUBECONFIG to the file that your cluster's provider gave you
    ");
}
