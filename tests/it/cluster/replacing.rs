//! An actor that goes goes after what takes its place is ready, by the same measure as `asya k wait`.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixture::{Project, actors};
use super::platform::{Log, compose, deployed, running_pods, set_container, set_phase, set_status};
use super::server::{Server, server};

/// The flow without its last actor, and with another image for the one before.
fn replacement() -> Vec<Value> {
    let mut objects = actors("text-flow");
    objects.pop();
    objects[2]["spec"]["image"] = json!("example.org/flows:2");
    objects
}

fn replace(project: &Project<'_>, timeout: &str) -> String {
    project.run(&["k", "apply", "text-flow", "--yes", "--timeout", timeout]).show()
}

fn is_there(server: &Server, namespace: &str) -> bool {
    server.get("asyncactor", namespace, "text-flow-score").is_some()
}

#[test]
fn the_phase_of_the_state_before_is_not_enough() {
    let Some(server) = server() else { return };
    if !server.rolls_out() {
        return;
    }
    let namespace = "replacing-stale";
    let project = deployed(server, namespace);
    project.render("text-flow", &replacement());
    // Scaled to zero it was before the change, and says so still.
    assert_snapshot!(replace(&project, "2s"), @r#"
exit: 5
--- stdout
--- stderr
apply text-flow → dev: test/replacing-stale (3 objects)
  plan: change 1, delete 1
  unchanged ConfigMap replacing-stale/text-flow-router-0a1b2c
  unchanged AsyncActor replacing-stale/start-text-flow
  changed   AsyncActor replacing-stale/text-flow-clean
  before anything is deleted, the rest has to be ready
  waiting   AsyncActor replacing-stale/text-flow-clean: its Deployment is not renewed yet
error: `AsyncActor replacing-stale/text-flow-clean` was not ready after 2s
  because its Deployment is not renewed yet
  because nothing was deleted: what goes may still be needed until then; everything else is applied
hint: wait longer with `--timeout`, or look for the reason with `asya k doctor` and `asya k events`
hint: the same command, run again, deletes it when everything is ready
"#);
    assert!(is_there(server, namespace));
    compose(server, namespace, "text-flow-clean", 0);
    assert_snapshot!(replace(&project, "60s"), @r#"
exit: 0
--- stdout
text-flow: 3 unchanged, 1 removed; not exposed
--- stderr
apply text-flow → dev: test/replacing-stale (3 objects)
  plan: delete 1
  unchanged ConfigMap replacing-stale/text-flow-router-0a1b2c
  unchanged AsyncActor replacing-stale/start-text-flow
  unchanged AsyncActor replacing-stale/text-flow-clean
  removed   AsyncActor replacing-stale/text-flow-score
"#);
    assert!(!is_there(server, namespace));
}

#[test]
fn a_new_state_that_crashes_ends_it_and_nothing_goes() {
    let Some(server) = server() else { return };
    if !server.rolls_out() {
        return;
    }
    let namespace = "replacing-crash";
    let project = deployed(server, namespace);
    project.render("text-flow", &replacement());
    replace(&project, "0");
    compose(server, namespace, "text-flow-clean", 1);
    let pods = running_pods(server, namespace, "text-flow-clean", 1);
    set_phase(server, namespace, "text-flow-clean", "Creating");
    let log = Log::of(server, namespace, &pods[0], &[("asya-runtime", true)]);
    log[0].line("2026-01-02T03:04:00.000000000Z", "ModuleNotFoundError: No module named 'handlers'");
    server.wait_until("the kubelet has the log", || {
        server.try_kubectl(&["-n", namespace, "logs", &pods[0], "-c", "asya-runtime", "--previous"]).is_some()
    });
    let waiting = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}});
    let last = json!({"terminated": {"exitCode": 1, "reason": "Error"}});
    set_container(server, namespace, &pods[0], &waiting, &last);
    assert_snapshot!(replace(&project, "60s").replace(&pods[0], "[POD]"), @r#"
exit: 1
--- stdout
--- stderr
apply text-flow → dev: test/replacing-crash (3 objects)
  plan: delete 1
  unchanged ConfigMap replacing-crash/text-flow-router-0a1b2c
  unchanged AsyncActor replacing-crash/start-text-flow
  unchanged AsyncActor replacing-crash/text-flow-clean
  before anything is deleted, the rest has to be ready
  failed    AsyncActor replacing-crash/text-flow-clean: CrashLoopBackOff in container asya-runtime of pod [POD]: it ends with exit code 1
  the last lines of container asya-runtime of AsyncActor replacing-crash/text-flow-clean:
  ModuleNotFoundError: No module named 'handlers'
error: `AsyncActor replacing-crash/text-flow-clean` does not become ready
  because CrashLoopBackOff in container asya-runtime of pod [POD]: it ends with exit code 1
  because nothing was deleted: what goes may still be needed until then; everything else is applied
hint: correct it, then apply again; the pods that are there are replaced
hint: the same command, run again, deletes it when everything is ready
"#);
    assert!(is_there(server, namespace));
}

#[test]
fn an_actor_without_a_phase_is_ready_when_its_condition_says_so() {
    let Some(server) = server() else { return };
    let namespace = "replacing-condition";
    let project = Project::without_gateway(server, namespace);
    project.render("text-flow", &actors("text-flow"));
    project.apply("text-flow");
    let ready = |status: &str| {
        for name in ["start-text-flow", "text-flow-clean"] {
            set_status(server, namespace, name, &json!({"conditions": [{"type": "Ready", "status": status}]}));
        }
    };
    let mut objects = actors("text-flow");
    objects.pop();
    project.render("text-flow", &objects);
    ready("False");
    assert_snapshot!(project.run(&["k", "wait", "text-flow", "--timeout", "0"]).show(), @r#"
exit: 5
--- stdout
--- stderr
wait for text-flow in dev: test/replacing-condition (2 objects)
  waiting   AsyncActor replacing-condition/start-text-flow: its condition Ready is not True
  waiting   AsyncActor replacing-condition/text-flow-clean: its condition Ready is not True
error: 2 objects were not ready after 0s
  because `AsyncActor replacing-condition/start-text-flow`: its condition Ready is not True
  because `AsyncActor replacing-condition/text-flow-clean`: its condition Ready is not True
hint: wait longer with `--timeout`, or look for the reason with `asya k doctor` and `asya k events`
"#);
    assert!(replace(&project, "0").starts_with("exit: 5\n"));
    ready("True");
    assert_snapshot!(project.run(&["k", "wait", "text-flow", "--timeout", "0"]).show(), @r#"
exit: 0
--- stdout
text-flow: 2 objects ready
--- stderr
wait for text-flow in dev: test/replacing-condition (2 objects)
  ready     AsyncActor replacing-condition/start-text-flow: ready
  ready     AsyncActor replacing-condition/text-flow-clean: ready
"#);
    assert!(replace(&project, "0").starts_with("exit: 0\n"));
    assert!(!is_there(server, namespace));
}
