//! `asya k logs -f` while pods come and go.

use serde_json::json;

use super::credentials::Plugin;
use super::logs::{Following, logs};
use super::platform::{compose, deployed, running_pods, set_container};
use super::proxy::{Fault, Proxy};
use super::server::server;
use super::states::without;

#[test]
fn a_pod_that_starts_late_is_deleted_and_replaced() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let namespace = "follow-late";
    let project = deployed(server, namespace);
    compose(server, namespace, "text-flow-clean", 1);
    let first = running_pods(server, namespace, "text-flow-clean", 1).remove(0);
    let (runtime, _sidecar) = logs(server, namespace, &first);
    let waiting = json!({"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}});
    set_container(server, namespace, &first, &waiting, &json!({}));
    let mut following = Following::start(&project, &["k", "logs", "text-flow", "-f"]);
    let told = format!("  {first}: container asya-runtime has not begun to run: ImagePullBackOff: no such image\n");
    assert_eq!(following.told(), told);
    runtime.line("2026-01-02T03:04:01.000000000Z", "at last");
    set_container(server, namespace, &first, &json!({"running": {"startedAt": "2026-01-02T03:04:00Z"}}), &json!({}));
    assert_eq!(following.line(), format!("{first} at last"));
    // A restart is the same pod: what was shown is not shown again.
    let ended = json!({"terminated": {"exitCode": 1, "reason": "Error"}});
    set_container(server, namespace, &first, &json!({"running": {"startedAt": "2026-01-02T03:04:02Z"}}), &ended);
    runtime.line("2026-01-02T03:04:03.000000000Z", "again");
    assert_eq!(following.line(), format!("{first} again"));
    server.kubectl(&["-n", namespace, "delete", "pod", &first, "--now"], None);
    let mut second = String::new();
    server.wait_until("there is another pod", || {
        second = running_pods(server, namespace, "text-flow-clean", 1).remove(0);
        second != first
    });
    let (runtime, _sidecar) = logs(server, namespace, &second);
    runtime.line("2026-01-02T03:05:00.000000000Z", "I am new");
    assert_eq!(following.line(), format!("{second} I am new"));
    following.interrupt();
    let (code, stderr) = following.end();
    assert_eq!((code, stderr.as_str()), (130, ""));
}

#[test]
fn logs_that_may_not_be_read() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let namespace = "follow-refused";
    let project = deployed(server, namespace);
    compose(server, namespace, "text-flow-clean", 1);
    let pod = running_pods(server, namespace, "text-flow-clean", 1).remove(0);
    let _logs = logs(server, namespace, &pod);
    without(server, &project, &["pods/log"]);
    let shown = |args: &[&str]| project.run(args).show().replace(&pod, "[POD]");
    let said = shown(&["k", "logs", "text-flow"]);
    insta::assert_snapshot!(said, @r#"
exit: 4
--- stdout
--- stderr
error: user `system:serviceaccount:follow-refused:looker` may not get pods/log in namespace `follow-refused`
  because the cluster answered 403 Forbidden to: read the log of pod follow-refused/[POD]
hint: a Role in namespace `follow-refused` with these rules allows it: [{apiGroups: [""], resources: [pods/log], verbs: [get]}]
"#);
    assert_eq!(shown(&["k", "logs", "text-flow", "-f"]), said);
}

#[test]
fn a_namespace_that_is_not_there_is_not_waited_for() {
    let Some(server) = server() else { return };
    let project = super::fixture::Project::in_existing(server, "follow-nowhere");
    project.render("text-flow", &super::fixture::actors("text-flow"));
    insta::assert_snapshot!(project.run(&["k", "logs", "text-flow", "-f"]).show(), @r#"
exit: 4
--- stdout
--- stderr
error: there is no namespace `follow-nowhere` in the cluster at https://[SERVER] (context `test`)
hint: correct `namespace` of the context in `.asya/config.yaml`, or choose another with `--context`
hint: make it with `asya k namespace prepare follow-nowhere`
"#);
}

#[test]
fn logs_are_read_on_with_a_new_token_whichever_call_the_old_one_ended_at() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let namespace = "follow-login";
    let project = deployed(server, namespace);
    compose(server, namespace, "text-flow-clean", 1);
    let pod = running_pods(server, namespace, "text-flow-clean", 1).remove(0);
    let (runtime, _sidecar) = logs(server, namespace, &pod);
    runtime.line("2026-01-02T03:04:01.000000000Z", "one");
    let plugin = Plugin::new(project.sandbox.root());
    let proxy = Proxy::start(server.plain_socket());
    project.kubeconfig(&server.admin_at(&proxy.address).replace("token: admin-of-the-tests", &plugin.user));
    for args in [&["k", "logs", "text-flow"][..], &["k", "logs", "text-flow", "-f"]] {
        let mut at = 0;
        loop {
            plugin.forget();
            let file = plugin.runs.clone();
            let decide = move |number, _| {
                if number >= at && super::credentials::runs(&file) < 2 { Fault::Answer(401) } else { Fault::None }
            };
            proxy.reset(Box::new(decide), Box::new(|_| ()));
            let mut following = Following::start(&project, args);
            assert_eq!(following.line(), format!("{pod} one"), "{args:?}, call {at}");
            if args.contains(&"-f") {
                following.interrupt();
            }
            let (code, stderr) = following.end();
            assert!(matches!(code, 0 | 130) && !stderr.contains("401"), "{args:?}, call {at}: {stderr}");
            let calls = proxy.calls();
            let opened = calls.iter().any(|call| call.contains("/log?"));
            assert!(opened, "{calls:?}");
            // The log was open with the first token.
            if plugin.runs() == 1 {
                break;
            }
            at += 1;
        }
        assert!(at > 1, "{args:?}: the log itself was one of the calls");
    }
}
