//! Checks of the actors themselves.

use serde_json::json;

use super::super::fixture::Project;
use super::super::looking::happened;
use super::super::mesh_platform::{actor, platform};
use super::super::platform::{compose, running_pods, set_container, set_status};
use super::super::server::server;
use super::said;

#[test]
fn the_deepest_resource_says_why() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-deep";
    let project = Project::without_gateway(server, namespace).transport("sqs");
    actor(server, namespace, "score", "sqs", None);
    set_status(server, namespace, "score", &json!({"phase": "Creating", "infrastructure": {}}));
    let reference = json!({"spec": {"resourceRef": {"name": "score-x7k2p"}}}).to_string();
    server.kubectl(&["-n", namespace, "patch", "asyncactor", "score", "--type=merge", "-p", &reference], None);
    let items = json!([
        {
            "apiVersion": "asya.sh/v1alpha1", "kind": "XAsyncActor", "metadata": {"name": "score-x7k2p"},
            "spec": {"resourceRefs": [
                {"apiVersion": "sqs.aws.upbound.io/v1beta1", "kind": "Queue"},
                {"apiVersion": "sqs.aws.upbound.io/v1beta1", "kind": "Queue", "name": "score-x7k2p-queue"},
            ]},
        },
        {
            "apiVersion": "sqs.aws.upbound.io/v1beta1", "kind": "Queue", "metadata": {"name": "score-x7k2p-queue"},
            "status": {"conditions": [{"type": "Synced", "status": "False", "message": "AccessDenied: sqs:CreateQueue"}]},
        },
    ]);
    server.apply(&json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string());
    let mut shown = said(&project, &["C40", "C41", "C43"]);
    // The scaler is there, and KEDA does not like it.
    let condition =
        json!({"type": "Ready", "status": "False", "reason": "ScaledObjectCheckFailed", "message": "no queue"});
    let sick = json!({
        "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "score", "namespace": namespace},
        "status": {"conditions": [condition]},
    });
    server.apply(&sick.to_string());
    let about = ("ScaledObject", "score");
    let message = "error parsing SQS queue metadata: no AWS credentials";
    happened(server, namespace, about, "Warning", "2026-01-01T00:00:00Z", "KEDAScalerFailed", message);
    shown.push_str(&said(&project, &["C41"]));
    for name in ["score", "x-sink", "x-sump"] {
        actor(server, namespace, name, "sqs", None);
    }
    shown.push_str(&said(&project, &["C40", "C41", "C43"]));
    insta::assert_snapshot!(shown, @r#"
fail    C40 AsyncActor doctor-deep/score: its phase is Creating; Queue score-x7k2p-queue: AccessDenied: sqs:CreateQueue
            → kubectl -n doctor-deep describe asyncactor score; asya k events FLOW shows what was tried
ok      C41 ScaledObject doctor-deep/score: is ready
fail    C43 AsyncActor doctor-deep/x-sink: it is missing: finished messages cannot be sent and come back
            → helm upgrade --install asya-crew asya/asya-crew -n doctor-deep
fail    C43 AsyncActor doctor-deep/x-sump: it is missing: finished messages cannot be sent and come back
            → helm upgrade --install asya-crew asya/asya-crew -n doctor-deep
fail    C41 ScaledObject doctor-deep/score: it is not ready, so pods are not added: no queue; error parsing SQS queue metadata: no AWS credentials
            → kubectl -n doctor-deep describe scaledobject score; mostly KEDA lacks its Secret
ok      C40 AsyncActor doctor-deep/score: is napping
ok      C40 AsyncActor doctor-deep/x-sink: is napping
ok      C40 AsyncActor doctor-deep/x-sump: is napping
ok      C41 ScaledObject doctor-deep/score: is ready
ok      C41 ScaledObject doctor-deep/x-sink: is ready
ok      C41 ScaledObject doctor-deep/x-sump: is ready
ok      C43 AsyncActor doctor-deep/x-sink: is there
ok      C43 AsyncActor doctor-deep/x-sump: is there
"#);
}

#[test]
fn pods_that_wait_for_what_does_not_come() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let _turn = platform(server);
    let namespace = "doctor-stuck";
    let project = Project::without_gateway(server, namespace).transport("sqs");
    for (name, replicas) in [("score", 1), ("clean", 1), ("route", 1), ("idle", 0)] {
        actor(server, namespace, name, "sqs", None);
        compose(server, namespace, name, replicas);
    }
    let pod = |name: &str| running_pods(server, namespace, name, 1).remove(0);
    let (score, clean, route) = (pod("score"), pod("clean"), pod("route"));
    let mut shown = said(&project, &["C42", "C44"]);
    let waiting = |reason: &str, message: &str| json!({"waiting": {"reason": reason, "message": message}});
    let ended = json!({"terminated": {"exitCode": 1, "reason": "Error"}});
    set_container(server, namespace, &score, &waiting("CrashLoopBackOff", "back-off"), &ended);
    let missing = waiting("CreateContainerConfigError", "secret \"model\" not found");
    set_container(server, namespace, &clean, &missing, &json!({}));
    let pending = json!({"status": {"phase": "Pending"}}).to_string();
    let patch = ["-n", namespace, "patch", "pod", &route, "--subresource=status", "--type=merge", "-p", &pending];
    server.kubectl(&patch, None);
    let message = "MountVolume.SetUp failed for volume \"asya-runtime\": configmap \"asya-runtime\" not found";
    happened(server, namespace, ("Pod", &route), "Warning", "2026-01-01T00:00:00Z", "FailedMount", message);
    // What the templates refer to.
    let from = json!([{"secretRef": {"name": "model"}}]);
    let containers = json!([{"name": "asya-runtime", "envFrom": from}]);
    let volumes = json!([{"name": "asya-runtime", "configMap": {"name": "asya-runtime"}}]);
    let template = json!({"spec": {"serviceAccountName": "asya-actors", "containers": containers, "volumes": volumes}});
    let patch = json!({"spec": {"template": template}}).to_string();
    server.kubectl(&["-n", namespace, "patch", "deployment", "idle", "-p", &patch], None);
    let mut ill = said(&project, &["C42", "C44"]);
    for (pod, shown) in [(&score, "score-[POD]"), (&clean, "clean-[POD]"), (&route, "route-[POD]")] {
        ill = ill.replace(pod.as_str(), shown);
    }
    shown.push_str(&ill);
    server.kubectl(&["-n", namespace, "create", "serviceaccount", "asya-actors"], None);
    server.kubectl(&["-n", namespace, "create", "configmap", "asya-runtime"], None);
    server.kubectl(&["-n", namespace, "create", "secret", "generic", "model"], None);
    shown.push_str(&said(&project, &["C44"]));
    insta::assert_snapshot!(shown, @r#"
ok      C42 pods of namespace doctor-stuck: none of 3 is stuck
fail    C42 Pod doctor-stuck/clean-[POD]: container asya-runtime: CreateContainerConfigError: secret "model" not found
            → kubectl -n doctor-stuck describe pod clean-[POD]
fail    C42 Pod doctor-stuck/score-[POD]: container asya-runtime: CrashLoopBackOff: it ends with exit code 1
            → kubectl -n doctor-stuck logs score-[POD] -c asya-runtime --previous
fail    C42 Pod doctor-stuck/route-[POD]: MountVolume.SetUp failed for volume "asya-runtime": configmap "asya-runtime" not found
            → make what is missing, see C01 and C44; the pod starts by itself then: asya k doctor --namespace doctor-stuck
fail    C44 ConfigMap doctor-stuck/asya-runtime: it is missing; idle cannot start without it
            → asya k namespace prepare doctor-stuck
fail    C44 Secret doctor-stuck/model: it is missing; idle cannot start without it
            → asya k secret set model KEY --namespace doctor-stuck
fail    C44 ServiceAccount doctor-stuck/asya-actors: it is missing; idle cannot start without it
            → kubectl -n doctor-stuck create serviceaccount asya-actors; SQS actors get theirs from the composition
ok      C44 what pods of namespace doctor-stuck refer to: all 3 are there
"#);
}
