//! The platform's own page on credentials, followed by hand and with our commands: both end at the
//! same place, and what the page warns of is found.

use serde_json::{Value, json};

use super::fixture::Project;
use super::mesh_platform::{GOOGLE_KEY, account, actor, platform, runtime, secret};
use super::server::{Server, server};

const IDENTITY: &str = "iam.gke.io/gcp-service-account";
const GOOGLE: &str = "asya-actor@acme.iam.gserviceaccount.com";

/// A namespace in which actors work on Pub/Sub.
fn seeded(server: &Server, namespace: &str) {
    runtime(server, namespace, "run()\n", false);
    secret(server, "crossplane-system", "gcp-creds", &[("credentials.json", GOOGLE_KEY)]);
    secret(server, namespace, "gcp-keda-secret", &[("credentials.json", GOOGLE_KEY)]);
    account(server, namespace, "default", IDENTITY, GOOGLE);
    for name in ["x-sink", "x-sump"] {
        actor(server, namespace, name, "pubsub", Some(("gcp-keda-secret", "credentials.json")));
    }
}

/// Lines of the doctor that are not well; the chart's own runtime is not of this test.
fn ill(project: &Project<'_>, namespace: &str) -> String {
    let shown = project.run(&["k", "doctor", "--namespace", namespace]).stdout;
    let wrong = |line: &&str| line.starts_with("fail") && !line.contains(" C02 ");
    shown.lines().filter(wrong).map(|line| format!("{line}\n")).collect()
}

/// `kubectl -n FROM get KIND NAME -o json | jq '.metadata = {name, namespace}' | kubectl apply -f -`
fn copied_by_hand(server: &Server, kind: &str, name: &str, from: &str, to: &str) {
    let text = server.kubectl(&["-n", from, "get", kind, name, "-o", "json"], None);
    let mut object: Value = serde_json::from_str(&text).expect("JSON");
    object["metadata"] = json!({"name": name, "namespace": to});
    server.kubectl(&["apply", "-f", "-"], Some(&object.to_string()));
}

#[test]
fn a_new_namespace_by_hand_and_with_one_command() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let project = Project::without_gateway(server, "map-seed").transport("pubsub");
    seeded(server, "map-seed");
    assert_eq!(ill(&project, "map-seed"), "");

    // By hand, step by step; after each, one finding less.
    let mut shown = String::new();
    let mut look = |title: &str| shown.push_str(&format!("--- {title}\n{}", ill(&project, "map-by-hand")));
    server.kubectl(&["create", "namespace", "map-by-hand"], None);
    look("kubectl create namespace");
    copied_by_hand(server, "cm", "asya-runtime", "map-seed", "map-by-hand");
    look("asya-runtime is copied");
    copied_by_hand(server, "secret", "gcp-keda-secret", "map-seed", "map-by-hand");
    look("gcp-keda-secret is copied");
    account(server, "map-by-hand", "default", "some", "thing");
    let annotation = format!("{IDENTITY}={GOOGLE}");
    server.kubectl(&["annotate", "serviceaccount", "default", "-n", "map-by-hand", &annotation], None);
    look("the account is annotated");
    insta::assert_snapshot!(shown, @r#"
--- kubectl create namespace
fail    C01 ConfigMap map-by-hand/asya-runtime: it is missing: pods of actors stay in ContainerCreating
fail    C12 Secret map-by-hand/gcp-keda-secret: it is missing: KEDA cannot read the backlog, so pods are never added
fail    C13 ServiceAccount map-by-hand/default: it does not act as a Google service account: pods are refused by Pub/Sub
fail    C43 AsyncActor map-by-hand/x-sink: it is missing: finished messages cannot be sent and come back
fail    C43 AsyncActor map-by-hand/x-sump: it is missing: finished messages cannot be sent and come back
--- asya-runtime is copied
fail    C12 Secret map-by-hand/gcp-keda-secret: it is missing: KEDA cannot read the backlog, so pods are never added
fail    C13 ServiceAccount map-by-hand/default: it does not act as a Google service account: pods are refused by Pub/Sub
fail    C43 AsyncActor map-by-hand/x-sink: it is missing: finished messages cannot be sent and come back
fail    C43 AsyncActor map-by-hand/x-sump: it is missing: finished messages cannot be sent and come back
--- gcp-keda-secret is copied
fail    C13 ServiceAccount map-by-hand/default: it does not act as a Google service account: pods are refused by Pub/Sub
fail    C43 AsyncActor map-by-hand/x-sink: it is missing: finished messages cannot be sent and come back
fail    C43 AsyncActor map-by-hand/x-sump: it is missing: finished messages cannot be sent and come back
--- the account is annotated
fail    C43 AsyncActor map-by-hand/x-sink: it is missing: finished messages cannot be sent and come back
fail    C43 AsyncActor map-by-hand/x-sump: it is missing: finished messages cannot be sent and come back
"#);

    // With one command: the same, and nothing is left to do where somebody did it by hand.
    let prepare = |namespace: &str, how: &str| {
        project.run(&["k", "namespace", "prepare", namespace, "--from", "map-seed", how]).show()
    };
    insta::assert_snapshot!(prepare("map-by-hand", "--dry-run"), @r#"
exit: 0
--- stdout
unchanged Namespace map-by-hand: it exists
unchanged ConfigMap map-by-hand/asya-runtime: as in namespace `map-seed`
unchanged Secret map-by-hand/gcp-keda-secret: as in namespace `map-seed`
unchanged ServiceAccount map-by-hand/default: acts as asya-actor@acme.iam.gserviceaccount.com
manual    IAM binding of map-by-hand/default: Google must let the namespace's account act as that one; doing it twice does no harm
            → gcloud iam service-accounts add-iam-policy-binding asya-actor@acme.iam.gserviceaccount.com --project acme --condition=None --role roles/iam.workloadIdentityUser --member "serviceAccount:acme.svc.id.goog[map-by-hand/default]"
manual    crew of namespace map-by-hand: x-sink and x-sump take finished messages, in every namespace
            → helm upgrade --install asya-crew asya/asya-crew -n map-by-hand
manual    gateway for namespace map-by-hand: on this queue a gateway reaches only its own namespace; needed once a flow is exposed there
            → helm upgrade --install asya-gateway asya/asya-gateway -n map-by-hand
namespace map-by-hand (after map-seed): nothing to write; 3 steps by hand
--- stderr
"#);
    assert!(prepare("map-at-once", "--yes").starts_with("exit: 0"));
    for (kind, name) in [("configmap", "asya-runtime"), ("secret", "gcp-keda-secret")] {
        let content = |namespace: &str| {
            let object = server.get(kind, namespace, name).expect("a copy");
            (object["data"].clone(), object["type"].clone())
        };
        assert_eq!(content("map-by-hand"), content("map-at-once"), "{kind} {name}");
    }
    let acts_as = |namespace: &str| {
        let account = server.get("serviceaccount", namespace, "default").expect("the account");
        account["metadata"]["annotations"][IDENTITY].clone()
    };
    assert_eq!(acts_as("map-by-hand"), acts_as("map-at-once"));
    assert_eq!(ill(&project, "map-at-once"), ill(&project, "map-by-hand").replace("map-by-hand", "map-at-once"));
}
