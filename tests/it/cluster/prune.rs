//! What a flow does not have any more, and `asya k delete`.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixture::{Project, actors, exposed};
use super::server::{Server, server};

/// Says what the platform says of actors that are up, or scaled to zero.
fn become_ready(server: &Server, namespace: &str) {
    for actor in server.list(&["asyncactors"], namespace) {
        let name = actor["metadata"]["name"].as_str().expect("a name");
        let path = format!("/apis/asya.sh/v1alpha1/namespaces/{namespace}/asyncactors/{name}/status");
        let status = json!({"status": {"phase": "Napping"}});
        // One that is deleted at this moment has no status to set.
        let _ = server.api().call("PATCH", &path, Some(("application/merge-patch+json", &status)));
    }
}

/// Names of AsyncActors and ConfigMaps.
fn names(server: &Server, namespace: &str) -> Vec<String> {
    let objects = server.list(&["asyncactors", "configmaps"], namespace);
    objects.iter().map(|object| object["metadata"]["name"].as_str().expect("a name").to_owned()).collect()
}

/// The flow `text-flow`, and what of it was applied.
fn applied<'a>(server: &'a Server, namespace: &str) -> (Project<'a>, Vec<Value>) {
    let project = Project::without_gateway(server, namespace);
    let objects = actors("text-flow");
    project.render("text-flow", &objects);
    project.apply("text-flow");
    (project, objects)
}

/// The same, to be applied again without its last actor.
fn one_less<'a>(server: &'a Server, namespace: &str) -> Project<'a> {
    let (project, mut objects) = applied(server, namespace);
    objects.pop();
    project.render("text-flow", &objects);
    project
}

fn actor<'a>(objects: &'a mut [Value], name: &str) -> &'a mut Value {
    objects.iter_mut().find(|object| object["metadata"]["name"] == name).expect("an actor")
}

#[test]
fn an_actor_that_is_gone_is_deleted_after_the_others_are_ready() {
    let Some(server) = server() else { return };
    let project = one_less(server, "prunes");

    let before = server.versions("prunes");
    assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 2
--- stdout
--- stderr
apply text-flow → dev: test/prunes (3 objects)
  plan: delete 1
error: this deletes actor `text-flow-score` and its queue with all messages in it; nothing was written
  because to be deleted: `AsyncActor prunes/text-flow-score`
hint: to delete it, add `--yes`
"#);
    assert_eq!(server.versions("prunes"), before, "nothing was written");
    assert_snapshot!(project.run(&["k", "diff", "text-flow"]).stdout, @r#"
delete AsyncActor prunes/text-flow-score
@@ -1,20 +0,0 @@
-apiVersion: asya.sh/v1alpha1
-kind: AsyncActor
-metadata:
-  labels:
-    asya.sh/flow: text-flow
-  name: text-flow-score
-  namespace: prunes
-spec:
-  actor: text-flow-score
-  env:
-  - name: MODE
-    value: fast
-  handler: handlers.score
-  image: example.org/flows:1
-  imagePullPolicy: IfNotPresent
-  pythonExecutable: python3
-  replicas: 1
-  scaling:
-    maxReplicaCount: 2
-    minReplicaCount: 0
"#);

    assert_snapshot!(project.run(&["k", "apply", "text-flow", "--yes", "--timeout", "0"]).show(), @r#"
exit: 5
--- stdout
--- stderr
apply text-flow → dev: test/prunes (3 objects)
  plan: delete 1
  unchanged ConfigMap prunes/text-flow-router-0a1b2c
  unchanged AsyncActor prunes/start-text-flow
  unchanged AsyncActor prunes/text-flow-clean
  before anything is deleted, the rest has to be ready
  waiting   AsyncActor prunes/start-text-flow: nothing has taken it up yet
  waiting   AsyncActor prunes/text-flow-clean: nothing has taken it up yet
error: 2 objects were not ready after 0s
  because `AsyncActor prunes/start-text-flow`: nothing has taken it up yet
  because `AsyncActor prunes/text-flow-clean`: nothing has taken it up yet
  because nothing was deleted: what goes may still be needed until then; everything else is applied
hint: wait longer with `--timeout`, or look for the reason with `asya k doctor` and `asya k events`
hint: the same command, run again, deletes it when everything is ready
"#);
    assert!(names(server, "prunes").contains(&"text-flow-score".to_owned()));
    become_ready(server, "prunes");
    assert_snapshot!(project.run(&["k", "apply", "text-flow", "--yes"]).show(), @r#"
exit: 0
--- stdout
text-flow: 3 unchanged, 1 removed; not exposed
--- stderr
apply text-flow → dev: test/prunes (3 objects)
  plan: delete 1
  unchanged ConfigMap prunes/text-flow-router-0a1b2c
  unchanged AsyncActor prunes/start-text-flow
  unchanged AsyncActor prunes/text-flow-clean
  removed   AsyncActor prunes/text-flow-score
"#);
    let left = ["start-text-flow", "text-flow-clean", "asya-flow-text-flow-inventory", "text-flow-router-0a1b2c"];
    assert_eq!(names(server, "prunes"), left);
    let before = server.versions("prunes");
    assert_eq!(project.apply("text-flow").stdout, "text-flow: 3 unchanged; not exposed\n");
    assert_eq!(server.versions("prunes"), before);
}

#[test]
fn an_actor_at_work_is_deleted_only_with_yes() {
    let Some(server) = server() else { return };
    let (project, mut objects) = applied(server, "at-work");
    become_ready(server, "at-work");
    server.apply(&json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "text-flow-score-1", "namespace": "at-work", "labels": {"asya.sh/actor": "text-flow-score"}},
        "spec": {"containers": [{"name": "asya-runtime", "image": "x"}]},
    }).to_string());
    objects.pop();
    project.render("text-flow", &objects);
    assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 2
--- stdout
--- stderr
apply text-flow → dev: test/at-work (3 objects)
  plan: delete 1
error: this deletes actor `text-flow-score` and its queue with all messages in it; nothing was written
  because to be deleted: `AsyncActor at-work/text-flow-score`: 1 pod up
hint: wait until its work is done, or delete it nevertheless with `--yes`
"#);
    let outcome = project.run(&["k", "delete", "text-flow"]);
    assert_eq!(outcome.code, 2, "{}", outcome.show());
    assert!(outcome.stderr.contains("1 pod up"), "{}", outcome.show());
    let outcome = project.run(&["k", "apply", "text-flow", "-y"]);
    assert!(outcome.stderr.contains("removed   AsyncActor at-work/text-flow-score"), "{}", outcome.show());
}

#[test]
fn old_code_goes_when_no_pod_uses_it() {
    let Some(server) = server() else { return };
    let (project, mut objects) = applied(server, "old-code");
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "router", "namespace": "old-code"},
        "spec": {
            "containers": [{"name": "asya-runtime", "image": "x"}],
            "volumes": [{"name": "router", "configMap": {"name": "text-flow-router-0a1b2c"}}],
        },
    });
    server.apply(&pod.to_string());
    objects[0]["metadata"]["name"] = json!("text-flow-router-ffffff");
    objects[1]["spec"]["volumes"][0]["configMap"]["name"] = json!("text-flow-router-ffffff");
    project.render("text-flow", &objects);
    assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 0
--- stdout
text-flow: 1 created, 1 changed, 2 unchanged, 1 kept; not exposed
--- stderr
apply text-flow → dev: test/old-code (4 objects)
  plan: create 1, change 1, delete 1
  created   ConfigMap old-code/text-flow-router-ffffff
  changed   AsyncActor old-code/start-text-flow
  unchanged AsyncActor old-code/text-flow-clean
  unchanged AsyncActor old-code/text-flow-score
  ConfigMap old-code/text-flow-router-0a1b2c stays for now: a pod uses it; the next apply deletes it
"#);
    server.kubectl(&["delete", "pod", "router", "-n", "old-code", "--force", "--grace-period=0"], None);
    assert_snapshot!(project.show_apply("text-flow"), @r#"
exit: 0
--- stdout
text-flow: 4 unchanged, 1 removed; not exposed
--- stderr
apply text-flow → dev: test/old-code (4 objects)
  plan: delete 1
  unchanged ConfigMap old-code/text-flow-router-ffffff
  unchanged AsyncActor old-code/start-text-flow
  unchanged AsyncActor old-code/text-flow-clean
  unchanged AsyncActor old-code/text-flow-score
  removed   ConfigMap old-code/text-flow-router-0a1b2c
"#);
    assert!(!names(server, "old-code").contains(&"text-flow-router-0a1b2c".to_owned()));
}

#[test]
fn nothing_outside_the_inventory_is_touched() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "strangers");
    // It looks like the flow's, and was there before.
    let mut adopted = actors("text-flow").remove(2);
    adopted["metadata"]["namespace"] = json!("strangers");
    server.apply(&adopted.to_string());
    let mut lookalike = actors("text-flow").remove(3);
    lookalike["metadata"]["name"] = json!("text-flow-other");
    lookalike["metadata"]["namespace"] = json!("strangers");
    lookalike["spec"]["actor"] = json!("text-flow-other");
    server.apply(&lookalike.to_string());
    let mut objects = actors("text-flow");
    objects.push(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "metrics"},
        "spec": {"selector": {"app": "x"}, "ports": [{"port": 80}]}}));
    project.render("text-flow", &objects);
    project.apply("text-flow");
    assert_snapshot!(project.run(&["k", "delete", "text-flow", "--yes", "--no-verify"]).show(), @r#"
exit: 0
--- stdout
text-flow: 4 removed, 1 released; not exposed
--- stderr
delete text-flow → dev: test/strangers
  plan: delete 4, release 1
  removed   AsyncActor strangers/start-text-flow
  released  AsyncActor strangers/text-flow-clean
  removed   AsyncActor strangers/text-flow-score
  removed   Service strangers/metrics
  removed   ConfigMap strangers/text-flow-router-0a1b2c
"#);
    assert_eq!(names(server, "strangers"), ["text-flow-clean", "text-flow-other"]);
    let left = server.get("asyncactor", "strangers", "text-flow-clean").expect("it stays");
    let managers: Vec<&Value> =
        left["metadata"]["managedFields"].as_array().expect("managers").iter().map(|entry| &entry["manager"]).collect();
    assert_eq!(managers, ["helm"]);
    assert_eq!(left["spec"]["image"], "example.org/flows:1", "with its values");
    assert!(server.get("service", "strangers", "metrics").is_none());
}

#[test]
fn deleting_a_flow_undoes_its_apply_also_when_its_files_are_gone() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "undone");
    let gateway = project.gateway_deployment()["spec"]["template"].clone();
    let before = names(server, "undone");
    project.render("text-flow", &exposed("text-flow"));
    project.apply("text-flow");
    for directory in [".asya/flows", "compiled"] {
        std::fs::remove_dir_all(project.sandbox.project().join(directory)).expect("removed");
    }
    assert_snapshot!(project.run(&["k", "delete", "text-flow"]).show(), @r#"
exit: 2
--- stdout
--- stderr
delete text-flow → dev: test/undone
  plan: delete 4, take out of gateway asya-gateway-api
error: this deletes 3 actors and their queues with all messages in them; nothing was written
  because to be deleted: `AsyncActor undone/start-text-flow`
  because to be deleted: `AsyncActor undone/text-flow-clean`
  because to be deleted: `AsyncActor undone/text-flow-score`
hint: to delete it, add `--yes`
"#);
    assert_snapshot!(project.run(&["k", "delete", "text-flow", "--yes", "--no-verify"]).show(), @r#"
exit: 0
--- stdout
text-flow: 5 removed; taken out of gateway asya-gateway-api
--- stderr
delete text-flow → dev: test/undone
  plan: delete 4, take out of gateway asya-gateway-api
  changed   Deployment undone/asya-gateway-api
  removed   ConfigMap undone/asya-flow-text-flow-config
  removed   AsyncActor undone/start-text-flow
  removed   AsyncActor undone/text-flow-clean
  removed   AsyncActor undone/text-flow-score
  removed   ConfigMap undone/text-flow-router-0a1b2c
  the gateway replaces its pods; to wait for it: kubectl --context test -n undone rollout status deployment/asya-gateway-api
"#);
    assert_eq!(names(server, "undone"), before);
    assert_eq!(project.gateway_deployment()["spec"]["template"], gateway);
    assert_snapshot!(project.run(&["k", "delete", "text-flow"]).show(), @r#"
exit: 0
--- stdout
text-flow: nothing to do; not exposed
--- stderr
delete text-flow → dev: test/undone
"#);
}

/// An actor that `flow` calls, with the wrapper or without.
fn shared(flow: &str, wrapped: bool) -> Vec<Value> {
    let mut actor = actors(flow).remove(2);
    actor["metadata"]["name"] = json!("score");
    actor["spec"]["actor"] = json!("score");
    if !wrapped {
        return vec![actor];
    }
    actor["spec"]["handler"] = json!("asya_call.invoke");
    actor["spec"]["env"] = json!([
        {"name": "MODE", "value": "fast"}, {"name": "ASYA_CALL_TARGET", "value": "handlers.clean"},
    ]);
    actor["spec"]["volumes"] = json!([{"name": "asya-call", "configMap": {"name": "asya-call-1"}}]);
    let code = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "asya-call-1", "labels": {"asya.sh/generated": "true", "asya.sh/managed-by": "asya"}},
        "data": {"asya_call.py": "invoke = None\n"},
    });
    vec![code, actor]
}

#[test]
fn an_actor_of_two_flows_stays_for_the_other_bare_and_with_its_label() {
    let Some(server) = server() else { return };
    for (namespace, order) in [("parting", ["trying", "plain"]), ("parting-2", ["plain", "trying"])] {
        let project = Project::without_gateway(server, namespace);
        project.render("plain", &shared("plain", false));
        project.render("trying", &shared("trying", true));
        for flow in order.iter().chain(order.iter()) {
            project.apply(flow);
        }
        let outcome = project.run(&["k", "delete", "trying"]);
        assert_eq!(outcome.code, 0, "an actor that stays needs no consent: {}", outcome.show());
        let left = server.get("asyncactor", namespace, "score").expect("it stays");
        assert_eq!(left["spec"]["handler"], "handlers.clean", "{left}");
        assert_eq!(left["spec"]["env"], json!([{"name": "MODE", "value": "fast"}]));
        assert_eq!(left["spec"]["volumes"], json!(null));
        assert_eq!(left["metadata"]["labels"]["asya.sh/flow"], "plain");
        let managers = left["metadata"]["managedFields"].as_array().expect("managers");
        assert!(managers.iter().all(|entry| entry["manager"] == "asya-flow-plain"), "{managers:?}");
        assert_eq!(names(server, namespace), ["score", "asya-flow-plain-inventory"]);
        let before = server.versions(namespace);
        assert_eq!(project.apply("plain").stdout, "plain: 1 unchanged; not exposed\n", "nothing is left to do");
        assert_eq!(server.versions(namespace), before);
        let outcome = project.run(&["k", "delete", "plain", "--yes"]);
        assert_eq!(outcome.code, 0, "{}", outcome.show());
        assert!(names(server, namespace).is_empty());
    }
}

#[test]
fn a_flow_that_does_not_call_a_shared_actor_any_more_leaves_it() {
    let Some(server) = server() else { return };
    let project = Project::without_gateway(server, "leaving");
    let mut both = actors("trying");
    both.extend(shared("trying", true));
    project.render("trying", &both);
    project.render("plain", &shared("plain", false));
    for flow in ["trying", "plain"] {
        project.apply(flow);
    }
    project.render("trying", &actors("trying"));
    assert_snapshot!(project.show_apply("trying"), @r#"
exit: 0
--- stdout
trying: 4 unchanged, 1 removed, 1 released; not exposed
--- stderr
apply trying → dev: test/leaving (4 objects)
  plan: delete 1, release 1
  unchanged ConfigMap leaving/trying-router-0a1b2c
  unchanged AsyncActor leaving/start-trying
  unchanged AsyncActor leaving/trying-clean
  unchanged AsyncActor leaving/trying-score
  released  AsyncActor leaving/score
  removed   ConfigMap leaving/asya-call-1
"#);
    let left = server.get("asyncactor", "leaving", "score").expect("it stays");
    assert_eq!(left["spec"]["handler"], "handlers.clean");
    assert_eq!(left["metadata"]["labels"]["asya.sh/flow"], "plain");
    let mut objects = actors("trying");
    actor(&mut objects, "trying-clean")["spec"]["image"] = json!("example.org/flows:2");
    project.render("trying", &objects);
    project.apply("trying");
}

/// Runs the binary on a terminal, answers the question with `answer`; the exit code and all that
/// was shown.
fn on_a_terminal(project: &Project<'_>, args: &[&str], answer: &str) -> (i32, String) {
    let script = r#"
import os, pty, sys
answer, command = sys.argv[1], sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
shown = b""
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    if b"?" in piece and b"?" not in shown:
        os.write(terminal, answer.encode())
    shown += piece
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;
    let command = project.sandbox.command(args);
    let mut python = std::process::Command::new("python3");
    python.args(["-c", script, answer]).arg(command.get_program()).args(command.get_args());
    python.current_dir(project.sandbox.project()).stdin(std::process::Stdio::null());
    python.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("TERM", "xterm");
    python.env_remove("CI").env_remove("NO_COLOR");
    let output = python.output().expect("python3 starts");
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn on_a_terminal_it_is_asked_for() {
    let Some(server) = server() else { return };
    let project = one_less(server, "asked");
    become_ready(server, "asked");
    let (code, shown) = on_a_terminal(&project, &["k", "apply", "text-flow"], "n");
    assert_eq!(code, 1, "{shown}");
    assert!(shown.contains("Delete actor `text-flow-score` and its queue with all messages in it?"), "{shown}");
    assert!(shown.contains("nothing was written: the deletion was not confirmed"), "{shown}");
    assert!(names(server, "asked").contains(&"text-flow-score".to_owned()));
    let (code, shown) = on_a_terminal(&project, &["k", "apply", "text-flow"], "y");
    assert_eq!(code, 0, "{shown}");
    assert!(!names(server, "asked").contains(&"text-flow-score".to_owned()));
}

#[test]
fn actors_that_become_ready_meanwhile_are_waited_for() {
    let Some(server) = server() else { return };
    let project = one_less(server, "meanwhile");
    let mut command = project.sandbox.command(&["k", "apply", "text-flow", "--yes"]);
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().expect("it starts");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().expect("a pipe")));
    let waits = lines.by_ref().map_while(Result::ok).any(|line| line.contains("before anything is deleted, the rest"));
    assert!(waits);
    assert!(names(server, "meanwhile").contains(&"text-flow-score".to_owned()));
    become_ready(server, "meanwhile");
    let last = lines.map_while(Result::ok).last();
    assert_eq!(last.as_deref(), Some("  removed   AsyncActor meanwhile/text-flow-score"));
    assert!(child.wait().expect("it ends").success());
}
