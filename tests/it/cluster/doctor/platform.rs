//! Checks of the runtime and of Crossplane.

use serde_json::json;

use super::super::fixture::Project;
use super::super::mesh_platform::{actor, platform, runtime};
use super::super::server::server;
use super::{changed, chart, said};

#[test]
fn the_runtimes_file() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    chart(server);
    let project = Project::without_gateway(server, "doctor-runtime");
    let mut shown = said(&project, &["C01", "C02"]);
    for text in [" \n", "run_anew()\n", "run()\n"] {
        runtime(server, "doctor-runtime", text, false);
        shown.push_str(&said(&project, &["C01", "C02"]));
    }
    let chart = Project::in_existing(server, "doctor-chart");
    shown.push_str(&said(&chart, &["C01", "C02"]));
    insta::assert_snapshot!(shown, @r#"
fail    C01 ConfigMap doctor-runtime/asya-runtime: it is missing: pods of actors stay in ContainerCreating
            → asya k namespace prepare doctor-runtime
fail    C01 ConfigMap doctor-runtime/asya-runtime: it has no `asya_runtime.py`, or an empty one
            → asya k namespace prepare doctor-runtime
ok      C01 ConfigMap doctor-runtime/asya-runtime: has `asya_runtime.py`
fail    C02 ConfigMap doctor-runtime/asya-runtime: differs from the one in namespace `doctor-chart`: the chart was upgraded since it was copied
            → asya k namespace prepare doctor-runtime --from doctor-chart, then kubectl -n doctor-runtime rollout restart deployment -l asya.sh/actor
ok      C01 ConfigMap doctor-runtime/asya-runtime: has `asya_runtime.py`
ok      C02 ConfigMap doctor-runtime/asya-runtime: equals the one in namespace `doctor-chart`
ok      C01 ConfigMap doctor-chart/asya-runtime: has `asya_runtime.py`
ok      C02 ConfigMap doctor-chart/asya-runtime: is the chart's own
"#);
}

#[test]
fn what_is_not_installed_or_not_healthy() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let project = Project::without_gateway(server, "doctor-crossplane").transport("sqs");
    let ids = ["C03", "C04"];
    let mut shown = said(&project, &ids);
    let condition = |kind: &str, message: &str| json!({"status": {"conditions": [{"type": kind, "status": "False", "message": message}]}});
    let sick = condition("Healthy", "cannot pull the package");
    shown.push_str(&changed(server, "provider", "provider-kubernetes", &sick, || said(&project, &ids)));
    let sick = condition("Established", "the names are taken");
    shown.push_str(&changed(server, "compositeresourcedefinition", "xasyncactors.asya.sh", &sick, || {
        said(&project, &ids)
    }));
    // The composition says which ProviderConfig counts.
    let template = "apiVersion: sqs.aws.upbound.io/v1beta1\nkind: Queue\nspec:\n  providerConfigRef:\n    name: ours\n";
    let renamed = json!({"spec": {"pipeline": [{"step": "render", "input": {"inline": {"template": template}}}]}});
    shown.push_str(&changed(server, "composition", "asyncactor-sqs", &renamed, || said(&project, &["C04"])));
    let saved = server.kubectl(&["get", "composition", "asyncactor-sqs", "-o", "json"], None);
    server.kubectl(&["delete", "composition", "asyncactor-sqs"], None);
    let without = said(&project, &ids);
    let mut back: serde_json::Value = serde_json::from_str(&saved).expect("JSON");
    back["metadata"] = json!({"name": "asyncactor-sqs", "labels": {"asya.sh/transport": "sqs"}});
    server.apply(&back.to_string());
    shown.push_str(&without);
    insta::assert_snapshot!(shown, @r#"
ok      C03 definition xasyncactors.asya.sh: is installed
ok      C03 Composition asyncactor-sqs: is installed
ok      C03 Function function-go-templating: is healthy
ok      C03 Provider provider-kubernetes: is healthy
ok      C04 ProviderConfig default (aws.upbound.io): is there
ok      C03 definition xasyncactors.asya.sh: is installed
ok      C03 Composition asyncactor-sqs: is installed
ok      C03 Function function-go-templating: is healthy
fail    C03 Provider provider-kubernetes: it is not healthy: cannot pull the package
            → kubectl describe providers.pkg.crossplane.io provider-kubernetes
ok      C04 ProviderConfig default (aws.upbound.io): is there
fail    C03 definition xasyncactors.asya.sh: it is not established: the names are taken
            → kubectl describe compositeresourcedefinition xasyncactors.asya.sh
ok      C03 Composition asyncactor-sqs: is installed
ok      C03 Function function-go-templating: is healthy
ok      C03 Provider provider-kubernetes: is healthy
ok      C04 ProviderConfig default (aws.upbound.io): is there
fail    C04 ProviderConfig ours (aws.upbound.io): it is missing: no queue can be made
            → set `providerConfigs.install: true` in the values of the chart `asya-crossplane` and upgrade it
ok      C03 definition xasyncactors.asya.sh: is installed
fail    C03 Composition asyncactor-sqs: it is not installed
            → install Crossplane and its providers, then the Helm chart `asya-crossplane`
ok      C03 Function function-go-templating: is healthy
ok      C03 Provider provider-kubernetes: is healthy
ok      C04 ProviderConfig default (aws.upbound.io): is there
"#);
}

#[test]
fn actors_that_are_bound_to_another_queue() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let project = Project::without_gateway(server, "doctor-bound");
    for (name, transport) in [("well", "pubsub"), ("wrong", "sqs"), ("selects", "rabbitmq"), ("silent", "sqs")] {
        actor(server, "doctor-bound", name, transport, None);
    }
    for (name, transport) in [("well", "pubsub"), ("wrong", "pubsub"), ("selects", "sqs")] {
        let labels = json!({"asya.sh/transport": transport});
        let patch = json!({"spec": {"compositionSelector": {"matchLabels": labels}}}).to_string();
        server.kubectl(&["-n", "doctor-bound", "patch", "asyncactor", name, "--type=merge", "-p", &patch], None);
    }
    let mut shown = said(&project, &["P2"]);
    let default = json!({"spec": {"defaultCompositionRef": {"name": "asyncactor-pubsub"}}});
    shown.push_str("--- with a default\n");
    let with =
        changed(server, "compositeresourcedefinition", "xasyncactors.asya.sh", &default, || said(&project, &["P2"]));
    shown.push_str(&with);
    insta::assert_snapshot!(shown, @r#"
fail    P2  AsyncActor doctor-bound/selects: it is bound to `asyncactor-rabbitmq`, and asks for sqs; a binding is never changed later
            → kubectl -n doctor-bound delete asyncactor selects, then apply again; its queue goes with its messages
fail    P2  AsyncActor doctor-bound/wrong: it is bound to `asyncactor-sqs`, and asks for pubsub; a binding is never changed later
            → kubectl -n doctor-bound delete asyncactor wrong, then apply again; its queue goes with its messages
--- with a default
fail    P2  AsyncActor doctor-bound/selects: it is bound to `asyncactor-rabbitmq`, and asks for sqs; a binding is never changed later
            → kubectl -n doctor-bound delete asyncactor selects, then apply again; its queue goes with its messages
fail    P2  AsyncActor doctor-bound/silent: it is bound to `asyncactor-sqs`, and the default is `asyncactor-pubsub` by now; a binding is never changed later
            → kubectl -n doctor-bound delete asyncactor silent, then apply again; its queue goes with its messages
fail    P2  AsyncActor doctor-bound/wrong: it is bound to `asyncactor-sqs`, and asks for pubsub; a binding is never changed later
            → kubectl -n doctor-bound delete asyncactor wrong, then apply again; its queue goes with its messages
"#);
}
