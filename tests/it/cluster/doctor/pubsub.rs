//! Checks for Pub/Sub.

use serde_json::json;

use super::super::fixture::Project;
use super::super::mesh_platform::{GOOGLE_KEY, account, actor, platform, runtime, secret};
use super::super::platform::{Log, compose, running_pods, set_status};
use super::super::server::server;
use super::{IDENTITY, changed, chart, said, shown};

#[test]
fn pubsub_where_all_is_well() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    chart(server);
    let project = Project::without_gateway(server, "doctor-pubsub").transport("pubsub");
    runtime(server, "doctor-pubsub", "run()\n", false);
    secret(server, "crossplane-system", "gcp-creds", &[("credentials.json", GOOGLE_KEY)]);
    secret(server, "doctor-pubsub", "gcp-keda-secret", &[("credentials.json", GOOGLE_KEY)]);
    account(server, "doctor-pubsub", "default", IDENTITY, "asya-actor@acme.iam.gserviceaccount.com");
    for name in ["x-sink", "x-sump", "score"] {
        actor(server, "doctor-pubsub", name, "pubsub", Some(("gcp-keda-secret", "credentials.json")));
    }
    insta::assert_snapshot!(shown(&project, &["--all"]), @r#"
exit: 0
--- stdout
ok      C01 ConfigMap doctor-pubsub/asya-runtime: has `asya_runtime.py`
ok      C02 ConfigMap doctor-pubsub/asya-runtime: equals the one in namespace `doctor-chart`
ok      C03 definition xasyncactors.asya.sh: is installed
ok      C03 Composition asyncactor-pubsub: is installed
ok      C03 Function function-go-templating: is healthy
ok      C03 Provider provider-kubernetes: is healthy
ok      C04 ProviderConfig default (gcp.upbound.io): is there
ok      C10 Secret crossplane-system/gcp-creds: is a key of a service account
ok      C12 Secret doctor-pubsub/gcp-keda-secret: is a key of a service account
ok      C13 ServiceAccount doctor-pubsub/default: acts as asya-actor@acme.iam.gserviceaccount.com
unknown C14 IAM binding of doctor-pubsub/default: whether Google lets this account act as that one cannot be seen from here
            → gcloud iam service-accounts get-iam-policy asya-actor@acme.iam.gserviceaccount.com --project acme
warn    C16 nodes: none has Workload Identity; on Autopilot it is always there
            → gcloud container node-pools update POOL --cluster CLUSTER --workload-metadata=GKE_METADATA
ok      C40 AsyncActor doctor-pubsub/score: is napping
ok      C40 AsyncActor doctor-pubsub/x-sink: is napping
ok      C40 AsyncActor doctor-pubsub/x-sump: is napping
ok      C41 ScaledObject doctor-pubsub/score: is ready
ok      C41 ScaledObject doctor-pubsub/x-sink: is ready
ok      C41 ScaledObject doctor-pubsub/x-sump: is ready
ok      C42 pods of namespace doctor-pubsub: none of 0 is stuck
ok      C43 AsyncActor doctor-pubsub/x-sink: is there
ok      C43 AsyncActor doctor-pubsub/x-sump: is there
skip    C50 gateway: there is none in namespace `doctor-pubsub`
namespace doctor-pubsub: 19 ok, 1 warn, 1 skip, 1 unknown
--- stderr
look at namespace doctor-pubsub (pubsub, told by the actors)
"#);
    insta::assert_snapshot!(shown(&project, &[]), @r#"
exit: 0
--- stdout
unknown C14 IAM binding of doctor-pubsub/default: whether Google lets this account act as that one cannot be seen from here
            → gcloud iam service-accounts get-iam-policy asya-actor@acme.iam.gserviceaccount.com --project acme
warn    C16 nodes: none has Workload Identity; on Autopilot it is always there
            → gcloud container node-pools update POOL --cluster CLUSTER --workload-metadata=GKE_METADATA
skip    C50 gateway: there is none in namespace `doctor-pubsub`
namespace doctor-pubsub: 19 ok, 1 warn, 1 skip, 1 unknown
--- stderr
look at namespace doctor-pubsub (pubsub, told by the actors)
"#);
}

#[test]
fn pubsub_where_nothing_is() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    chart(server);
    let project = Project::without_gateway(server, "doctor-ill").transport("pubsub");
    runtime(server, "doctor-ill", "run_as_before()\n", false);
    secret(server, "crossplane-system", "gcp-creds", &[("credentials.json", "{\"type\": \"authorized_user\"}")]);
    secret(server, "keda", "gcp-keda-secret", &[("credentials.json", GOOGLE_KEY)]);
    actor(server, "doctor-ill", "score", "pubsub", Some(("gcp-keda-secret", "credentials.json")));
    let status = json!({
        "phase": "Creating", "infrastructure": {"queue": {"ready": false}},
        "conditions": [{"type": "Synced", "status": "False", "message": "cannot resolve credentials"}],
    });
    set_status(server, "doctor-ill", "score", &status);
    server.kubectl(&["-n", "doctor-ill", "delete", "scaledobject", "score"], None);
    insta::assert_snapshot!(shown(&project, &[]), @r#"
exit: 1
--- stdout
fail    C02 ConfigMap doctor-ill/asya-runtime: differs from the one in namespace `doctor-chart`: the chart was upgraded since it was copied
            → asya k namespace prepare doctor-ill --from doctor-chart, then kubectl -n doctor-ill rollout restart deployment -l asya.sh/actor
fail    C10 Secret crossplane-system/gcp-creds: `credentials.json` is not the key of a service account (`type`)
            → kubectl -n crossplane-system create secret generic gcp-creds --from-file=credentials.json=KEY.json
fail    P1  Secret doctor-ill/gcp-keda-secret: it is in namespace `keda` alone; KEDA reads it in the actors' namespace, so pods are never added
            → asya k namespace prepare doctor-ill, or: asya k secret set gcp-keda-secret credentials.json --namespace doctor-ill < KEY.json
fail    C13 ServiceAccount doctor-ill/default: it does not act as a Google service account: pods are refused by Pub/Sub
            → kubectl -n doctor-ill annotate serviceaccount default iam.gke.io/gcp-service-account=asya-actor@acme.iam.gserviceaccount.com
warn    C16 nodes: none has Workload Identity; on Autopilot it is always there
            → gcloud container node-pools update POOL --cluster CLUSTER --workload-metadata=GKE_METADATA
fail    C40 AsyncActor doctor-ill/score: its queue is not ready; Synced is False: cannot resolve credentials
            → kubectl -n doctor-ill describe asyncactor score; asya k events FLOW shows what was tried
fail    C41 ScaledObject doctor-ill/score: it is missing; it is made once the queue is ready
            → see what keeps the queue: the checks of the provider's credentials
fail    C43 AsyncActor doctor-ill/x-sink: it is missing: finished messages cannot be sent and come back
            → helm upgrade --install asya-crew asya/asya-crew -n doctor-ill
fail    C43 AsyncActor doctor-ill/x-sump: it is missing: finished messages cannot be sent and come back
            → helm upgrade --install asya-crew asya/asya-crew -n doctor-ill
skip    C50 gateway: there is none in namespace `doctor-ill`
namespace doctor-ill: 7 ok, 8 fail, 1 warn, 1 skip
--- stderr
look at namespace doctor-ill (pubsub, told by the actors)
"#);
}

#[test]
fn what_may_not_be_seen_is_skipped_and_named() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let project = Project::without_gateway(server, "doctor-blind").transport("pubsub");
    project.kubeconfig(&server.kubeconfig(&server.account("doctor-blind", "nobody")));
    insta::assert_snapshot!(shown(&project, &[]), @r#"
exit: 0
--- stdout
skip    C12 TriggerAuthentications in doctor-blind: no permission: list triggerauthentications.keda.sh in namespace doctor-blind
skip    C44 Deployments of actors in doctor-blind: no permission: list deployments.apps in namespace doctor-blind
skip    C01 ConfigMap doctor-blind/asya-runtime: no permission: get configmaps in namespace doctor-blind
skip    C03 definition xasyncactors.asya.sh: no permission: get compositeresourcedefinitions.apiextensions.crossplane.io
skip    C03 compositions: no permission: list compositions.apiextensions.crossplane.io
skip    C03 Functions of Crossplane: no permission: list functions.pkg.crossplane.io
skip    C03 Providers of Crossplane: no permission: list providers.pkg.crossplane.io
skip    C04 ProviderConfig default (gcp.upbound.io): no permission: get providerconfigs.gcp.upbound.io
skip    C10 credentials of the provider: its ProviderConfig cannot be seen
skip    C12 Secret doctor-blind/gcp-keda-secret: no permission: get secrets in namespace doctor-blind
skip    C13 ServiceAccount doctor-blind/default: no permission: get serviceaccounts in namespace doctor-blind
skip    C16 nodes: no permission: list nodes
skip    C40 actors of namespace doctor-blind: no permission: list asyncactors.asya.sh in namespace doctor-blind
skip    C42 pods: no permission: list pods in namespace doctor-blind
skip    C43 crew of namespace doctor-blind: no permission: list asyncactors.asya.sh in namespace doctor-blind
skip    C50 gateway: user `system:serviceaccount:doctor-blind:nobody` may not list deployments.apps in namespace `doctor-blind`
namespace doctor-blind: 16 skip
--- stderr
look at namespace doctor-blind (pubsub, told by `platform.transport` of the project)
"#);
}

#[test]
fn what_crossplane_and_keda_read() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-google";
    let project = Project::without_gateway(server, namespace).transport("pubsub");
    let ids = ["C10", "C11", "C12", "P1", "P10"];
    let mut shown = String::new();
    let mut look = |title: &str, text: String| shown.push_str(&format!("--- {title}\n{text}"));
    let other = GOOGLE_KEY.replace("acme", "other");
    secret(server, "crossplane-system", "gcp-creds", &[("credentials.json", &other)]);
    secret(server, namespace, "gcp-keda-secret", &[("credentials.json", "TOP-SECRET")]);
    look("another project's key, no JSON", said(&project, &ids));
    secret(server, "crossplane-system", "gcp-creds", &[("credentials.json", GOOGLE_KEY)]);
    secret(server, namespace, "gcp-keda-secret", &[("credentials.json", GOOGLE_KEY)]);
    // Names that are in force are not those of the chart.
    actor(server, namespace, "score", "pubsub", Some(("keda-creds", "key.json")));
    let renamed = json!({"spec": {"credentials": {"secretRef": {"name": "crossplane-creds", "key": "key.json"}}}});
    look(
        "other names",
        changed(server, "providerconfigs.gcp.upbound.io", "default", &renamed, || said(&project, &ids)),
    );
    secret(server, namespace, "keda-creds", &[("key.json", GOOGLE_KEY)]);
    look("made under that name", said(&project, &["C12", "P1", "P10"]));
    server.kubectl(&["-n", namespace, "delete", "triggerauthentication", "--all"], None);
    server.kubectl(&["-n", namespace, "delete", "secret", "keda-creds", "gcp-keda-secret"], None);
    server.kubectl(&["-n", "keda", "delete", "secret", "gcp-keda-secret", "--ignore-not-found"], None);
    let template = "kind: TriggerAuthentication\nspec:\n  secretTargetRef:\n    - parameter: GoogleApplicationCredentials\n      name: composed\n      key: \"k.json\"\n";
    let composed = json!({"spec": {"pipeline": [{"step": "render", "input": {"inline": {"template": template}}}]}});
    look(
        "before the first actor is ready",
        changed(server, "composition", "asyncactor-pubsub", &composed, || said(&project, &["C12", "P1", "P10"])),
    );
    look("nowhere", said(&project, &["C12", "P1"]));
    server.kubectl(&["-n", "crossplane-system", "delete", "secret", "gcp-creds"], None);
    look("no Secret for Crossplane", said(&project, &["C10"]));
    // The provider's own identity.
    let injected = json!({"spec": {"credentials": {"source": "InjectedIdentity", "secretRef": null}}});
    let texts = changed(server, "providerconfigs.gcp.upbound.io", "default", &injected, || {
        let none = said(&project, &ids[..2]);
        let provider = "provider-gcp-pubsub-1a2b3c";
        account(server, "crossplane-system", provider, "other", "x");
        let silent = said(&project, &ids[..2]);
        account(server, "crossplane-system", provider, IDENTITY, "asya-crossplane@acme.iam.gserviceaccount.com");
        let well = said(&project, &ids[..2]);
        server.kubectl(&["-n", "crossplane-system", "delete", "serviceaccount", provider], None);
        [none, silent, well].concat()
    });
    look("the provider's account", texts);
    insta::assert_snapshot!(shown, @r#"
--- another project's key, no JSON
fail    C10 Secret crossplane-system/gcp-creds: it is a key of project `other`, while the ProviderConfig says `acme`
            → kubectl -n crossplane-system create secret generic gcp-creds --from-file=credentials.json=KEY.json
fail    C12 Secret doctor-google/gcp-keda-secret: `credentials.json` is not JSON
            → asya k namespace prepare doctor-google, or: asya k secret set gcp-keda-secret credentials.json --namespace doctor-google < KEY.json
--- other names
fail    P10 Secret crossplane-system/crossplane-creds: key `key.json` of it is what is read, and is missing; `gcp-creds` with `credentials.json` is the default, and not in force
            → make crossplane-creds with key key.json, or take `gcpProviderConfig.secretRef` out of the values of the chart `asya-crossplane`
fail    P10 Secret doctor-google/keda-creds: key `key.json` of it is what is read, and is missing; `gcp-keda-secret` with `credentials.json` is the default, and not in force
            → make keda-creds with key key.json, or take `pubsub.keda.secretRef` out of the values of the chart `asya-crossplane`
--- made under that name
ok      C12 Secret doctor-google/keda-creds: is a key of a service account
--- before the first actor is ready
fail    C12 Secret doctor-google/composed: it is missing: KEDA cannot read the backlog, so pods are never added
            → asya k namespace prepare doctor-google, or: asya k secret set composed k.json --namespace doctor-google < KEY.json
--- nowhere
fail    C12 Secret doctor-google/gcp-keda-secret: it is missing: KEDA cannot read the backlog, so pods are never added
            → asya k namespace prepare doctor-google, or: asya k secret set gcp-keda-secret credentials.json --namespace doctor-google < KEY.json
--- no Secret for Crossplane
fail    C10 Secret crossplane-system/gcp-creds: it is missing: Crossplane cannot make queues
            → kubectl -n crossplane-system create secret generic gcp-creds --from-file=credentials.json=KEY.json
--- the provider's account
fail    C11 ServiceAccount of the Pub/Sub provider: there is none in namespace `crossplane-system`
            → install the provider `provider-gcp-pubsub`
fail    C11 ServiceAccount crossplane-system/provider-gcp-pubsub-1a2b3c: it does not act as a Google service account: Crossplane cannot make queues
            → kubectl -n crossplane-system annotate serviceaccount provider-gcp-pubsub-1a2b3c iam.gke.io/gcp-service-account=asya-crossplane@acme.iam.gserviceaccount.com; then gcloud iam service-accounts add-iam-policy-binding asya-crossplane@acme.iam.gserviceaccount.com --project acme --condition=None --role roles/iam.workloadIdentityUser --member "serviceAccount:acme.svc.id.goog[crossplane-system/provider-gcp-pubsub-1a2b3c]"
ok      C11 ServiceAccount crossplane-system/provider-gcp-pubsub-1a2b3c: acts as asya-crossplane@acme.iam.gserviceaccount.com
"#);
}

#[test]
fn whom_pods_act_as_and_since_when() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let _turn = platform(server);
    let namespace = "doctor-acting";
    let project = Project::without_gateway(server, namespace).transport("pubsub");
    let ids = ["C13", "C14", "C15", "P5"];
    let mut shown = String::new();
    let mut look = |title: &str, text: String| shown.push_str(&format!("--- {title}\n{text}"));
    actor(server, namespace, "score", "pubsub", None);
    compose(server, namespace, "score", 1);
    // A key file as variables, for the sidecar alone.
    let patch = json!({"spec": {"template": {"spec": {"containers": [
        {"name": "asya-sidecar", "envFrom": [{"secretRef": {"name": "asya-actor-creds"}}]},
        {"name": "asya-runtime", "envFrom": [{"secretRef": {"name": "of-the-handler"}}]},
    ]}}}});
    let patch = patch.to_string();
    server.kubectl(&["-n", namespace, "patch", "deployment", "score", "-p", &patch], None);
    server.kubectl(&["-n", namespace, "rollout", "status", "deployment/score", "--timeout=30s"], None);
    look("variables and no identity", said(&project, &ids));
    account(server, namespace, "default", IDENTITY, "asya-actor@elsewhere.iam.gserviceaccount.com");
    let started = |time: &str| {
        let pod = running_pods(server, namespace, "score", 1).remove(0);
        let status = json!({"status": {"startTime": time}}).to_string();
        let args = ["-n", namespace, "patch", "pod", &pod, "--subresource=status", "--type=merge", "-p", &status];
        server.kubectl(&args, None);
        pod
    };
    started("2020-01-01T00:00:00Z");
    look("an identity of another project, later than the pod", said(&project, &ids));
    let google = "asya-actor@acme.iam.gserviceaccount.com";
    account(server, namespace, "default", IDENTITY, google);
    let pod = started("2099-01-01T00:00:00Z");
    look("the right one, before the pod", said(&project, &ids));
    let log = Log::of(server, namespace, &pod, &[("asya-sidecar", false)]).remove(0);
    log.line("2026-01-01T00:00:00Z", "receive: rpc error: code = PermissionDenied desc = 403");
    look("and Google refuses it", said(&project, &["C14"]).replace(&pod, "[POD]"));
    account(server, namespace, "default", IDENTITY, "asya-actor");
    look("no account of Google's", said(&project, &["C13"]));
    insta::assert_snapshot!(shown, @r#"
--- variables and no identity
fail    C13 ServiceAccount doctor-acting/default: it does not act as a Google service account: pods are refused by Pub/Sub
            → kubectl -n doctor-acting annotate serviceaccount default iam.gke.io/gcp-service-account=asya-actor@acme.iam.gserviceaccount.com
fail    P5  Secret doctor-acting/asya-actor-creds: it is all the credentials that sidecars have, as variables, which Google's libraries do not read
            → give the account an identity (C13), and leave `sidecar.gcpCredsSecret` empty in the values of the chart `asya-crossplane`
--- an identity of another project, later than the pod
warn    C13 ServiceAccount doctor-acting/default: acts as asya-actor@elsewhere.iam.gserviceaccount.com, of another project than the topics (`acme`)
            → let it use them: roles/pubsub.publisher and roles/pubsub.subscriber in project acme, for asya-actor@elsewhere.iam.gserviceaccount.com
unknown C14 IAM binding of doctor-acting/default: whether Google lets this account act as that one cannot be seen from here
            → gcloud iam service-accounts get-iam-policy asya-actor@elsewhere.iam.gserviceaccount.com --project acme
warn    C15 pods of namespace doctor-acting: 1 of 1 started before the account got its identity
            → kubectl -n doctor-acting rollout restart deployment -l asya.sh/actor
warn    P5  Secret doctor-acting/asya-actor-creds: sidecars get it as variables, beside the identity of their account; Google's libraries read none of them, and those with dots in their names may be dropped
            → leave `sidecar.gcpCredsSecret` empty in the values of the chart `asya-crossplane`
--- the right one, before the pod
ok      C13 ServiceAccount doctor-acting/default: acts as asya-actor@acme.iam.gserviceaccount.com
unknown C14 IAM binding of doctor-acting/default: whether Google lets this account act as that one cannot be seen from here
            → gcloud iam service-accounts get-iam-policy asya-actor@acme.iam.gserviceaccount.com --project acme
ok      C15 pods of namespace doctor-acting: none of 1 is older than the identity of the account
warn    P5  Secret doctor-acting/asya-actor-creds: sidecars get it as variables, beside the identity of their account; Google's libraries read none of them, and those with dots in their names may be dropped
            → leave `sidecar.gcpCredsSecret` empty in the values of the chart `asya-crossplane`
--- and Google refuses it
fail    C14 IAM binding of doctor-acting/default: Google refuses the sidecar of Pod doctor-acting/[POD] (403); a new binding takes up to a minute
            → gcloud iam service-accounts add-iam-policy-binding asya-actor@acme.iam.gserviceaccount.com --project acme --condition=None --role roles/iam.workloadIdentityUser --member "serviceAccount:acme.svc.id.goog[doctor-acting/default]"
--- no account of Google's
fail    C13 ServiceAccount doctor-acting/default: `asya-actor` is no Google service account
            → kubectl -n doctor-acting annotate --overwrite serviceaccount default iam.gke.io/gcp-service-account=asya-actor@acme.iam.gserviceaccount.com
"#);
}

#[test]
fn nodes_with_workload_identity() {
    let Some(server) = server().filter(|server| server.rolls_out()) else { return };
    let _turn = platform(server);
    let project = Project::without_gateway(server, "doctor-nodes").transport("pubsub");
    let mut shown = said(&project, &["C16"]);
    let label = "iam.gke.io/gke-metadata-server-enabled";
    server.kubectl(&["label", "node", "--all", &format!("{label}=true")], None);
    shown.push_str(&said(&project, &["C16"]));
    server.kubectl(&["label", "node", "--all", &format!("{label}-")], None);
    insta::assert_snapshot!(shown, @r#"
warn    C16 nodes: none has Workload Identity; on Autopilot it is always there
            → gcloud container node-pools update POOL --cluster CLUSTER --workload-metadata=GKE_METADATA
ok      C16 nodes: all have Workload Identity
"#);
}
