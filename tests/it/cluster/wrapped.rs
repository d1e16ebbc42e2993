//! Two flows call one actor, and only one of them needs the call wrapper.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixture::Project;
use super::server::server;

/// The shared actor as a flow has it that calls it plainly.
fn bare(flow: &str) -> Value {
    json!({
        "apiVersion": "asya.sh/v1alpha1", "kind": "AsyncActor",
        "metadata": {"name": "score", "labels": {"asya.sh/flow": flow}},
        "spec": {
            "actor": "score", "image": "example.org/flows:1", "handler": "handlers.score",
            "scaling": {"minReplicaCount": 0, "maxReplicaCount": 2},
            "env": [{"name": "MODE", "value": "fast"}],
        },
    })
}

/// The shared actor as a flow has it that calls it inside `try`.
fn wrapped(flow: &str, hash: &str) -> Vec<Value> {
    let name = format!("asya-call-{hash}");
    let mut actor = bare(flow);
    actor["spec"]["handler"] = json!("asya_call.invoke");
    actor["spec"]["env"] =
        json!([{"name": "MODE", "value": "fast"}, {"name": "ASYA_CALL_TARGET", "value": "handlers.score"}]);
    actor["spec"]["volumes"] = json!([{"name": "asya-call", "configMap": {"name": name}}]);
    actor["spec"]["volumeMounts"] = json!([{
        "name": "asya-call", "mountPath": "/opt/asya/asya_call.py", "subPath": "asya_call.py", "readOnly": true,
    }]);
    let code = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "labels": {"asya.sh/generated": "true", "asya.sh/managed-by": "asya"}},
        "data": {"asya_call.py": "invoke = None\n"},
    });
    vec![code, actor]
}

fn spec(project: &Project<'_>) -> Value {
    project.server.get("asyncactor", &project.namespace, "score").expect("the actor")["spec"].clone()
}

fn handler(project: &Project<'_>) -> String {
    let spec = spec(project);
    let volume = spec["volumes"][0]["configMap"]["name"].as_str().unwrap_or("no volume");
    format!("{} {volume} {}", spec["handler"].as_str().unwrap_or("none"), spec["env"])
}

#[test]
fn the_wrapper_stays_whoever_applies_last() {
    let Some(server) = server() else { return };
    for (namespace, order) in [("wrapped-last", ["plain", "trying"]), ("wrapped-first", ["trying", "plain"])] {
        let project = Project::without_gateway(server, namespace);
        project.render("plain", &[bare("plain")]);
        project.render("trying", &wrapped("trying", "1"));
        for flow in order {
            project.apply(flow);
        }
        let expected = r#"asya_call.invoke asya-call-1 [{"name":"MODE","value":"fast"},{"name":"ASYA_CALL_TARGET","value":"handlers.score"}]"#;
        assert_eq!(handler(&project), expected, "{namespace}");
        for flow in order {
            let before = server.versions(namespace);
            let again = project.apply(flow);
            let after_first = server.versions(namespace);
            assert_eq!(handler(&project), expected, "{namespace} {flow}");
            // The first flow may have fields to give up that it had before the other came.
            let settled = project.apply(flow);
            assert!(settled.stdout.contains("unchanged") && !settled.stdout.contains(" changed"), "{}", settled.show());
            assert_eq!(server.versions(namespace), after_first);
            assert!(before.len() == after_first.len(), "{}", again.show());
        }
        // A flow that needs a newer wrapper gets it, and one that does not need it any more takes
        // it away.
        project.render("trying", &wrapped("trying", "2"));
        project.apply("trying");
        assert!(handler(&project).starts_with("asya_call.invoke asya-call-2"), "{}", handler(&project));
        project.apply("plain");
        project.render("trying", &[bare("trying")]);
        project.apply("trying");
        assert_eq!(handler(&project), r#"handlers.score no volume [{"name":"MODE","value":"fast"}]"#);
        project.apply("plain");
        assert_eq!(handler(&project), r#"handlers.score no volume [{"name":"MODE","value":"fast"}]"#);
    }
}

#[test]
fn two_flows_that_need_it_keep_it_until_both_do_not() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "wrapped-twice");
    for flow in ["one", "two"] {
        project.render(flow, &wrapped(flow, "1"));
        project.apply(flow);
    }
    project.render("one", &[bare("one")]);
    project.apply("one");
    assert!(handler(&project).starts_with("asya_call.invoke"), "{}", handler(&project));
    project.render("two", &[bare("two")]);
    project.apply("two");
    assert!(handler(&project).starts_with("handlers.score"), "{}", handler(&project));
}

#[test]
fn what_is_in_dispute_besides_the_wrapper_is_a_conflict() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "wrapped-conflict");
    project.render("plain", &[bare("plain")]);
    project.apply("plain");
    let mut other_image = wrapped("trying", "1");
    other_image[1]["spec"]["image"] = json!("example.org/flows:2");
    project.render("trying", &other_image);
    assert_snapshot!(project.show_apply("trying"), @r#"
exit: 4
--- stdout
--- stderr
apply trying → dev: test/wrapped-conflict (2 objects)
  AsyncActor wrapped-conflict/score is shared with flow `plain`
error: the cluster refuses `AsyncActor wrapped-conflict/score`; nothing was written
  because `spec.env` belongs to `asya-flow-plain`, with another value
  because `spec.handler` belongs to `asya-flow-plain`, who set `handlers.score`; the manifests have `asya_call.invoke`
  because `spec.image` belongs to `asya-flow-plain`, who set `example.org/flows:1`; the manifests have `example.org/flows:2`
hint: leave these fields out of the manifests, or take them over with `--force-conflicts`
"#);
    let mut other_env = wrapped("trying", "1");
    other_env[1]["spec"]["env"][0]["value"] = json!("slow");
    project.render("trying", &other_env);
    assert_snapshot!(project.show_apply("trying"), @r#"
exit: 4
--- stdout
--- stderr
apply trying → dev: test/wrapped-conflict (2 objects)
  AsyncActor wrapped-conflict/score is shared with flow `plain`
error: the cluster refuses `AsyncActor wrapped-conflict/score`; nothing was written
  because `spec.env` belongs to `asya-flow-plain`, with another value
  because `spec.handler` belongs to `asya-flow-plain`, who set `handlers.score`; the manifests have `asya_call.invoke`
hint: leave these fields out of the manifests, or take them over with `--force-conflicts`
"#);
    let mut other_handler = wrapped("trying", "1");
    other_handler[1]["spec"]["env"][1]["value"] = json!("handlers.other");
    project.render("trying", &other_handler);
    assert_snapshot!(project.show_apply("trying"), @r#"
exit: 4
--- stdout
--- stderr
apply trying → dev: test/wrapped-conflict (2 objects)
  AsyncActor wrapped-conflict/score is shared with flow `plain`
error: the cluster refuses `AsyncActor wrapped-conflict/score`; nothing was written
  because `spec.env` belongs to `asya-flow-plain`, with another value
  because `spec.handler` belongs to `asya-flow-plain`, who set `handlers.score`; the manifests have `asya_call.invoke`
hint: leave these fields out of the manifests, or take them over with `--force-conflicts`
"#);

    project.render("trying", &wrapped("trying", "1"));
    project.apply("trying");
    let mut different = bare("plain");
    different["spec"]["handler"] = json!("handlers.other");
    project.render("plain", &[different]);
    assert_snapshot!(project.show_apply("plain"), @r#"
exit: 4
--- stdout
--- stderr
apply plain → dev: test/wrapped-conflict (1 object)
error: the cluster refuses `AsyncActor wrapped-conflict/score`; nothing was written
  because `spec.handler` belongs to `asya-flow-trying`, who set `asya_call.invoke`; the manifests have `handlers.other`
hint: leave these fields out of the manifests, or take them over with `--force-conflicts`
"#);
}
