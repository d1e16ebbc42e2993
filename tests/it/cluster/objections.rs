//! Objections that no schema tells of: admission policies of the cluster that refuse one of many new
//! actors.

use serde_json::{Value, json};

use super::fixture::{Project, actors};
use super::permissions::become_account;
use super::proxy::Proxy;
use super::server::{Server, server};

/// The objects of a flow with twenty actors.
fn many() -> Vec<Value> {
    let mut objects = actors("text-flow");
    for number in 0..17 {
        let mut actor = objects[2].clone();
        actor["metadata"]["name"] = json!(format!("step-{number}"));
        actor["spec"]["actor"] = json!(format!("step-{number}"));
        objects.push(actor);
    }
    objects
}

/// A policy for the AsyncActors of a namespace, in force when this returns.
fn object_to(server: &Server, namespace: &str, (reason, rule): (&str, &str), probe: &dyn Fn() -> bool) {
    let name = namespace;
    let api_version = "admissionregistration.k8s.io/v1";
    let policy = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": api_version, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name}, "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [{
                "apiGroups": ["asya.sh"], "apiVersions": ["*"], "resources": ["asyncactors"],
                "operations": ["CREATE", "UPDATE"],
            }]},
            "validations": [{
                "expression": rule, "message": "actors of this team are called otherwise", "reason": reason,
            }],
        }},
        {"apiVersion": api_version, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name}, "spec": {
            "policyName": name, "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}},
        }},
    ]});
    server.apply(&policy.to_string());
    server.wait_until("the policy is in force", probe);
}

fn lift(server: &Server, name: &str) {
    for kind in ["validatingadmissionpolicybinding", "validatingadmissionpolicy"] {
        server.kubectl(&["delete", kind, name], None);
    }
}

/// Whether the server refuses an actor of this name, and leaves nothing of it.
fn is_refused(server: &Server, namespace: &str, name: &str, dry_run: bool) -> bool {
    let mut actor = actors("text-flow").remove(2);
    actor["metadata"]["name"] = json!(name);
    let file = server.file(&format!("{namespace}-{name}.json"));
    std::fs::write(&file, actor.to_string()).expect("a file");
    let file = file.display().to_string();
    let mut args = vec!["-n", namespace, "create", "-f", &file];
    if dry_run {
        args.push("--dry-run=server");
    }
    let made = server.try_kubectl(&args).is_some();
    if made && !dry_run {
        server.kubectl(&["-n", namespace, "delete", "asyncactor", name], None);
    }
    !made
}

#[test]
fn an_objection_to_one_of_many_is_found_before_anything_is_written() {
    let Some(server) = server() else { return };
    let namespace = "objections";
    let project = Project::without_gateway(server, namespace);
    project.render("text-flow", &many());
    let rule = "object.metadata.name != 'step-11' && object.metadata.name != 'probe'";
    object_to(server, namespace, ("Invalid", rule), &|| is_refused(server, namespace, "probe", true));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 4
--- stdout
--- stderr
apply text-flow → dev: test/objections (21 objects)
error: the cluster refuses `AsyncActor objections/step-11`; nothing was written
  because asyncactors.asya.sh "step-11" is forbidden: ValidatingAdmissionPolicy 'objections' with binding 'objections' denied request: actors of this team are called otherwise
"#);
    assert!(server.versions(namespace).is_empty(), "nothing was written");

    // Somebody who may not look at policies.
    become_account(server, &project, &[]);
    let outcome = project.run(&["k", "apply", "text-flow"]);
    assert!(outcome.stderr.contains("step-11") && outcome.stderr.contains("nothing was written"), "{}", outcome.show());
    assert!(server.versions(namespace).is_empty(), "nothing was written");
    lift(server, "objections");
    server.wait_until("the policy is lifted", || !is_refused(server, namespace, "probe", true));
    assert_eq!(project.apply("text-flow").stdout, "text-flow: 21 created; not exposed\n");
}

#[test]
fn an_objection_that_no_trial_shows_says_what_was_written_and_what_not() {
    let Some(server) = server() else { return };
    let namespace = "objections-late";
    let project = Project::without_gateway(server, namespace);
    project.render("text-flow", &many());
    // Some webhooks leave trials alone.
    let rule = "request.dryRun || (object.metadata.name != 'step-11' && object.metadata.name != 'probe')";
    object_to(server, namespace, ("Forbidden", rule), &|| is_refused(server, namespace, "probe", false));
    insta::assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 4
--- stdout
--- stderr
apply text-flow → dev: test/objections-late (21 objects)
  plan: create 21
  created   ConfigMap objections-late/text-flow-router-0a1b2c
  created   AsyncActor objections-late/start-text-flow
  created   AsyncActor objections-late/step-0
  created   AsyncActor objections-late/step-1
  created   AsyncActor objections-late/step-10
  created   AsyncActor objections-late/step-12
  created   AsyncActor objections-late/step-13
  created   AsyncActor objections-late/step-14
  created   AsyncActor objections-late/step-15
  created   AsyncActor objections-late/step-16
  created   AsyncActor objections-late/step-2
  created   AsyncActor objections-late/step-3
  created   AsyncActor objections-late/step-4
  created   AsyncActor objections-late/step-5
  created   AsyncActor objections-late/step-6
  created   AsyncActor objections-late/step-7
  created   AsyncActor objections-late/step-8
  created   AsyncActor objections-late/step-9
  created   AsyncActor objections-late/text-flow-clean
  created   AsyncActor objections-late/text-flow-score
error: the cluster refuses `AsyncActor objections-late/step-11`; 20 objects were written, 1 was not
  because asyncactors.asya.sh "step-11" is forbidden: ValidatingAdmissionPolicy 'objections-late' with binding 'objections-late' denied request: actors of this team are called otherwise
hint: run the same command again when that is settled: it goes on from there
hint: to take back what was written: `asya k delete text-flow`
"#);
    let written = server.versions(namespace);
    assert!(!written.iter().any(|line| line.contains(" step-11 ")), "{written:?}");
    lift(server, "objections-late");
    server.wait_until("the policy is lifted", || !is_refused(server, namespace, "probe", false));
    assert_eq!(project.apply("text-flow").stdout, "text-flow: 1 created, 20 unchanged; not exposed\n");
}

#[test]
fn only_what_fits_the_published_schema_is_not_validated_twice_when_it_is_written() {
    let Some(server) = server() else { return };
    let namespace = "objections-strict";
    let project = Project::without_gateway(server, namespace);
    let proxy = Proxy::start(server.plain_socket());
    project.kubeconfig(&server.admin_at(&proxy.address));
    let mut objects = many();
    // As long as this it is the server that judges.
    objects[4]["metadata"]["annotations"] = json!({"a": "x".repeat(20_000)});
    project.render("text-flow", &objects);
    assert_eq!(project.apply("text-flow").stdout, "text-flow: 21 created; not exposed\n");
    let calls = proxy.calls();
    let patches = |word: &str, trial: bool| {
        let of_actors = |call: &&String| call.starts_with("PATCH") && call.contains("/asyncactors/");
        let is_meant = |call: &&String| call.contains(&format!("fieldValidation={word}"));
        let names = calls.iter().filter(of_actors).filter(|call| call.contains("dryRun") == trial).filter(is_meant);
        names.filter_map(|call| Some(call.split_once("/asyncactors/")?.1.split_once('?')?.0)).collect::<Vec<_>>()
    };
    // The one in doubt, and one for all the others.
    let mut tried = patches("Strict", true);
    tried.sort_unstable();
    assert_eq!(tried, ["start-text-flow", "step-0"]);
    assert_eq!(patches("Strict", false), ["step-0"]);
    assert_eq!((patches("Ignore", true).len(), patches("Ignore", false).len()), (0, 19));

    objects[5]["spec"]["imag"] = json!("x");
    project.render("text-flow", &objects);
    let outcome = project.run(&["k", "apply", "text-flow"]);
    assert_eq!(outcome.code, 4, "{}", outcome.show());
    assert!(outcome.stderr.contains("spec.imag"), "{}", outcome.show());
}
