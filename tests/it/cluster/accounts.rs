//! Accounts that actors share, when some of the actors go.

use serde_json::json;

use super::fixture::{Project, actors};
use super::mesh_platform::platform;
use super::permissions::become_account;
use super::platform::compose;
use super::server::{Server, server};

/// An account of the namespace as one actor's composition makes it.
fn made_by(server: &Server, namespace: &str, actor: &str) {
    let object = json!({
        "apiVersion": "kubernetes.crossplane.io/v1alpha2", "kind": "Object",
        "metadata": {"name": format!("{actor}-{namespace}-account")},
        "spec": {"forProvider": {"manifest": {
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "asya-actors", "namespace": namespace},
        }}},
    });
    server.apply(&object.to_string());
}

fn deployed<'a>(server: &'a Server, namespace: &str) -> Project<'a> {
    let project = Project::without_gateway(server, namespace);
    for flow in ["text-flow", "other"] {
        project.render(flow, &actors(flow));
        project.apply(flow);
    }
    project
}

fn warnings(project: &Project<'_>, args: &[&str]) -> String {
    let told = project.run(args).stderr;
    let is_about = |line: &&str| line.contains("share ServiceAccount") || line.contains("get serviceaccount");
    told.lines().filter(is_about).map(|line| format!("{line}\n")).collect()
}

#[test]
fn deleting_an_actor_that_shares_its_account_is_warned_of() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "shared-accounts";
    let project = deployed(server, namespace);
    made_by(server, namespace, "text-flow-clean");
    assert_eq!(warnings(&project, &["k", "delete", "text-flow"]), "", "it is its own");
    made_by(server, namespace, "other-clean");
    insta::assert_snapshot!(warnings(&project, &["k", "delete", "text-flow"]), @r#"
warning: actors of namespace `shared-accounts` share ServiceAccount `asya-actors`: deleting one may take it from all until another makes it again
  hint: look afterwards: `kubectl --context test -n shared-accounts get serviceaccount asya-actors`; pods that run keep their credentials
"#);
    let fewer: Vec<_> = actors("text-flow").into_iter().take(3).collect();
    project.render("text-flow", &fewer);
    insta::assert_snapshot!(warnings(&project, &["k", "apply", "text-flow"]), @r#"
warning: actors of namespace `shared-accounts` share ServiceAccount `asya-actors`: deleting one may take it from all until another makes it again
  hint: look afterwards: `kubectl --context test -n shared-accounts get serviceaccount asya-actors`; pods that run keep their credentials
"#);
    project.render("text-flow", &actors("text-flow"));
    assert_eq!(warnings(&project, &["k", "apply", "text-flow"]), "", "nothing goes");

    // Nobody is left to miss it.
    project.run(&["k", "delete", "other", "--yes"]);
    assert_eq!(warnings(&project, &["k", "delete", "text-flow"]), "");
}

#[test]
fn who_may_not_see_what_makes_the_account_is_told_by_the_pods_that_use_it() {
    let Some(server) = server() else { return };
    let namespace = "shared-by-pods";
    let project = deployed(server, namespace);
    let run_as = |actor: &str, account: &str| {
        compose(server, namespace, actor, 0);
        let patch = json!({"spec": {"template": {"spec": {"serviceAccountName": account}}}}).to_string();
        server.kubectl(&["-n", namespace, "patch", "deployment", actor, "-p", &patch], None);
    };
    run_as("text-flow-clean", "asya-actors");
    run_as("other-clean", "default");
    become_account(server, &project, &[]);
    assert_eq!(warnings(&project, &["k", "delete", "text-flow"]), "");
    run_as("other-clean", "asya-actors");
    insta::assert_snapshot!(warnings(&project, &["k", "delete", "text-flow"]), @r#"
warning: actors of namespace `shared-by-pods` share ServiceAccount `asya-actors`: deleting one may take it from all until another makes it again
  hint: look afterwards: `kubectl --context test -n shared-by-pods get serviceaccount asya-actors`; pods that run keep their credentials
"#);
    // On another queue every actor runs as the namespace's own.
    let project = project.transport("rabbitmq");
    assert_eq!(warnings(&project, &["k", "delete", "text-flow"]), "");
}
