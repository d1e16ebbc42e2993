//! `asya k namespace prepare`.

use serde_json::json;

use super::fixture::Project;
use super::mesh_platform::{GOOGLE_KEY, account, actor, platform, runtime, secret};
use super::server::server;

const IDENTITY: &str = "iam.gke.io/gcp-service-account";

#[test]
fn a_namespace_for_pubsub_is_planned_then_made_and_the_second_run_does_nothing() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let project = Project::without_gateway(server, "prepare-from").transport("pubsub");
    runtime(server, "prepare-from", "run()\n", false);
    secret(server, "prepare-from", "gcp-keda-secret", &[("credentials.json", GOOGLE_KEY)]);
    account(server, "prepare-from", "default", IDENTITY, "asya-actor@acme.iam.gserviceaccount.com");
    actor(server, "prepare-from", "score", "pubsub", Some(("gcp-keda-secret", "credentials.json")));
    let prepare = |more: &[&str]| {
        let args = ["k", "namespace", "prepare", "prepare-to", "--from", "prepare-from"];
        let shown = project.run(&[&args[..], more].concat()).show();
        assert!(!shown.contains("TOP-SECRET"), "{shown}");
        shown
    };
    insta::assert_snapshot!(prepare(&[]), @r#"
exit: 1
--- stdout
create    Namespace prepare-to: it does not exist
create    ConfigMap prepare-to/asya-runtime: copied from namespace `prepare-from`
create    Secret prepare-to/gcp-keda-secret: copied from namespace `prepare-from`
create    ServiceAccount prepare-to/default: acts as asya-actor@acme.iam.gserviceaccount.com
manual    IAM binding of prepare-to/default: Google must let the namespace's account act as that one; doing it twice does no harm
            → gcloud iam service-accounts add-iam-policy-binding asya-actor@acme.iam.gserviceaccount.com --project acme --condition=None --role roles/iam.workloadIdentityUser --member "serviceAccount:acme.svc.id.goog[prepare-to/default]"
manual    crew of namespace prepare-to: x-sink and x-sump take finished messages, in every namespace
            → helm upgrade --install asya-crew asya/asya-crew -n prepare-to
manual    gateway for namespace prepare-to: on this queue a gateway reaches only its own namespace; needed once a flow is exposed there
            → helm upgrade --install asya-gateway asya/asya-gateway -n prepare-to
namespace prepare-to (after prepare-from): 4 objects to write; 3 steps by hand
--- stderr
warning: nothing was written; 4 objects to write
  hint: do it with `--yes`
"#);
    assert!(server.get("namespace", "", "prepare-to").is_none(), "nothing was written");
    insta::assert_snapshot!(prepare(&["--yes"]), @r#"
exit: 0
--- stdout
created   Namespace prepare-to: it does not exist
created   ConfigMap prepare-to/asya-runtime: copied from namespace `prepare-from`
created   Secret prepare-to/gcp-keda-secret: copied from namespace `prepare-from`
created   ServiceAccount prepare-to/default: acts as asya-actor@acme.iam.gserviceaccount.com
manual    IAM binding of prepare-to/default: Google must let the namespace's account act as that one; doing it twice does no harm
            → gcloud iam service-accounts add-iam-policy-binding asya-actor@acme.iam.gserviceaccount.com --project acme --condition=None --role roles/iam.workloadIdentityUser --member "serviceAccount:acme.svc.id.goog[prepare-to/default]"
manual    crew of namespace prepare-to: x-sink and x-sump take finished messages, in every namespace
            → helm upgrade --install asya-crew asya/asya-crew -n prepare-to
manual    gateway for namespace prepare-to: on this queue a gateway reaches only its own namespace; needed once a flow is exposed there
            → helm upgrade --install asya-gateway asya/asya-gateway -n prepare-to
namespace prepare-to (after prepare-from): 4 objects written; 3 steps by hand
--- stderr
  created   Namespace prepare-to
  created   ConfigMap prepare-to/asya-runtime
  created   Secret prepare-to/gcp-keda-secret
  created   ServiceAccount prepare-to/default
  look at the whole with: asya k doctor --namespace prepare-to
"#);
    let copy = server.get("secret", "prepare-to", "gcp-keda-secret").expect("the copy");
    let source = server.get("secret", "prepare-from", "gcp-keda-secret").expect("the source");
    assert_eq!(copy["data"], source["data"]);
    let annotations = copy["metadata"]["annotations"].as_object().expect("annotations");
    assert!(!annotations.contains_key("kubectl.kubernetes.io/last-applied-configuration"));
    let before = server.versions("prepare-to");
    insta::assert_snapshot!(prepare(&["--yes"]), @r#"
exit: 0
--- stdout
unchanged Namespace prepare-to: it exists
unchanged ConfigMap prepare-to/asya-runtime: as in namespace `prepare-from`
unchanged Secret prepare-to/gcp-keda-secret: as in namespace `prepare-from`
unchanged ServiceAccount prepare-to/default: acts as asya-actor@acme.iam.gserviceaccount.com
manual    IAM binding of prepare-to/default: Google must let the namespace's account act as that one; doing it twice does no harm
            → gcloud iam service-accounts add-iam-policy-binding asya-actor@acme.iam.gserviceaccount.com --project acme --condition=None --role roles/iam.workloadIdentityUser --member "serviceAccount:acme.svc.id.goog[prepare-to/default]"
manual    crew of namespace prepare-to: x-sink and x-sump take finished messages, in every namespace
            → helm upgrade --install asya-crew asya/asya-crew -n prepare-to
manual    gateway for namespace prepare-to: on this queue a gateway reaches only its own namespace; needed once a flow is exposed there
            → helm upgrade --install asya-gateway asya/asya-gateway -n prepare-to
namespace prepare-to (after prepare-from): nothing to write; 3 steps by hand
--- stderr
"#);
    assert_eq!(server.versions("prepare-to"), before);

    // The chart was upgraded: the copy is renewed, and nothing else.
    runtime(server, "prepare-from", "run_anew()\n", false);
    let shown = prepare(&["--yes"]);
    assert!(shown.contains("updated   ConfigMap prepare-to/asya-runtime: differs"), "{shown}");
    assert!(shown.contains("1 object written"), "{shown}");

    // Somebody else's identity is not replaced unasked.
    account(server, "prepare-to", "default", "other", "x");
    server.kubectl(
        &[
            "-n",
            "prepare-to",
            "annotate",
            "--overwrite",
            "serviceaccount",
            "default",
            &format!("{IDENTITY}=x@y.iam.gserviceaccount.com"),
        ],
        None,
    );
    insta::assert_snapshot!(prepare(&["--yes"]), @r#"
exit: 4
--- stdout
--- stderr
error: `ServiceAccount prepare-to/default` acts as `x@y.iam.gserviceaccount.com` already; nothing was written
  because `asya-actor@acme.iam.gserviceaccount.com` is wanted
hint: name the one you mean with `--gsa`, or replace it with `--force`
"#);
    assert!(prepare(&["--yes", "--force"]).contains("updated   ServiceAccount prepare-to/default"));
}

#[test]
fn what_the_other_namespace_lacks_stops_it_before_anything_is_written() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let project = Project::without_gateway(server, "prepare-poor").transport("rabbitmq");
    let args = ["k", "namespace", "prepare", "prepare-never", "--from", "prepare-poor", "--yes"];
    insta::assert_snapshot!(project.run(&args).show(), @r#"
exit: 4
--- stdout
--- stderr
error: ConfigMap prepare-poor/asya-runtime is missing; nothing was written
hint: make it there first, see `asya k doctor --namespace prepare-poor`
hint: or copy from another namespace with `--from`
"#);
    runtime(server, "prepare-poor", "run()\n", false);
    insta::assert_snapshot!(project.run(&args).show(), @r#"
exit: 4
--- stdout
--- stderr
error: Secret prepare-poor/rabbitmq-keda-secret is missing; nothing was written
hint: make it there first, see `asya k doctor --namespace prepare-poor`
hint: or copy from another namespace with `--from`
"#);
    secret(server, "prepare-poor", "rabbitmq-keda-secret", &[("host", "amqp://a:b@c/")]);
    assert!(server.get("namespace", "", "prepare-never").is_none());
    insta::assert_snapshot!(project.run(&["k", "namespace", "prepare", "prepare-poor", "--from", "prepare-poor"]).show(), @r#"
exit: 0
--- stdout
namespace prepare-poor (after prepare-poor): nothing to write
--- stderr
  namespace `prepare-poor` is the one others are made after
"#);
}

#[test]
fn as_json_and_in_a_read_only_context() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let project = Project::without_gateway(server, "prepare-json").transport("sqs").context("readonly: true");
    runtime(server, "prepare-json", "run()\n", false);
    let args = ["k", "namespace", "prepare", "prepare-json-to", "--from", "prepare-json"];
    insta::assert_snapshot!(project.run(&[&args[..], &["--yes"]].concat()).show(), @r#"
exit: 3
--- stdout
--- stderr
error: the context `dev` is read-only: `asya k namespace prepare` does not write to it
hint: deploy it the way your team agreed on, or choose another with `--context`
hint: to allow writes, take `readonly` out of `contexts.dev` in `.asya/config.yaml`
"#);
    // The plan is no writing.
    let mut looks = String::new();
    for more in [&["--dry-run"][..], &[]] {
        let shown = project.run(&[&args[..], more].concat()).show();
        looks.push_str(&shown);
    }
    assert!(server.get("namespace", "", "prepare-json-to").is_none());
    insta::assert_snapshot!(looks, @r#"
exit: 0
--- stdout
create    Namespace prepare-json-to: it does not exist
create    ConfigMap prepare-json-to/asya-runtime: copied from namespace `prepare-json`
manual    trust of the actors' role for namespace prepare-json-to: AWS must let the namespace's account act as the role
            → add to the role's trust policy: <oidc>:sub = system:serviceaccount:prepare-json-to:asya-actors, <oidc>:aud = sts.amazonaws.com
manual    crew of namespace prepare-json-to: x-sink and x-sump take finished messages, in every namespace
            → helm upgrade --install asya-crew asya/asya-crew -n prepare-json-to
manual    gateway for namespace prepare-json-to: on this queue a gateway reaches only its own namespace; needed once a flow is exposed there
            → helm upgrade --install asya-gateway asya/asya-gateway -n prepare-json-to
namespace prepare-json-to (after prepare-json): 2 objects to write; 3 steps by hand
--- stderr
exit: 1
--- stdout
create    Namespace prepare-json-to: it does not exist
create    ConfigMap prepare-json-to/asya-runtime: copied from namespace `prepare-json`
manual    trust of the actors' role for namespace prepare-json-to: AWS must let the namespace's account act as the role
            → add to the role's trust policy: <oidc>:sub = system:serviceaccount:prepare-json-to:asya-actors, <oidc>:aud = sts.amazonaws.com
manual    crew of namespace prepare-json-to: x-sink and x-sump take finished messages, in every namespace
            → helm upgrade --install asya-crew asya/asya-crew -n prepare-json-to
manual    gateway for namespace prepare-json-to: on this queue a gateway reaches only its own namespace; needed once a flow is exposed there
            → helm upgrade --install asya-gateway asya/asya-gateway -n prepare-json-to
namespace prepare-json-to (after prepare-json): 2 objects to write; 3 steps by hand
--- stderr
warning: nothing was written; 2 objects to write: the context `dev` is read-only: `asya k namespace prepare` does not write to it
  hint: deploy it the way your team agreed on, or choose another with `--context`
"#);
    let project = Project::in_existing(server, "prepare-json").transport("sqs");
    let shown = project.run(&[&args[..], &["-o", "json"]].concat()).show();
    insta::assert_snapshot!(shown, @r#"
exit: 1
--- stdout
{
  "version": 1,
  "namespace": "prepare-json-to",
  "from": "prepare-json",
  "applied": false,
  "steps": [
    {
      "action": "create",
      "subject": "Namespace prepare-json-to",
      "message": "it does not exist"
    },
    {
      "action": "create",
      "subject": "ConfigMap prepare-json-to/asya-runtime",
      "message": "copied from namespace `prepare-json`"
    },
    {
      "action": "manual",
      "subject": "trust of the actors' role for namespace prepare-json-to",
      "message": "AWS must let the namespace's account act as the role",
      "command": "add to the role's trust policy: <oidc>:sub = system:serviceaccount:prepare-json-to:asya-actors, <oidc>:aud = sts.amazonaws.com"
    },
    {
      "action": "manual",
      "subject": "crew of namespace prepare-json-to",
      "message": "x-sink and x-sump take finished messages, in every namespace",
      "command": "helm upgrade --install asya-crew asya/asya-crew -n prepare-json-to"
    },
    {
      "action": "manual",
      "subject": "gateway for namespace prepare-json-to",
      "message": "on this queue a gateway reaches only its own namespace; needed once a flow is exposed there",
      "command": "helm upgrade --install asya-gateway asya/asya-gateway -n prepare-json-to"
    }
  ]
}
--- stderr
warning: nothing was written; 2 objects to write
  hint: do it with `--yes`
"#);
    // A namespace on its way out.
    server.namespace("prepare-gone");
    let finalizer = json!({"metadata": {"finalizers": ["example.org/keep"]}}).to_string();
    server.kubectl(&["patch", "namespace", "prepare-gone", "--type=merge", "-p", &finalizer], None);
    server.kubectl(&["delete", "namespace", "prepare-gone", "--wait=false"], None);
    let shown = project.run(&["k", "namespace", "prepare", "prepare-gone", "--from", "prepare-json", "--yes"]).show();
    server.kubectl(
        &["patch", "namespace", "prepare-gone", "--type=merge", "-p", r#"{"metadata":{"finalizers":null}}"#],
        None,
    );
    insta::assert_snapshot!(shown, @r#"
exit: 4
--- stdout
--- stderr
error: namespace `prepare-gone` is being deleted; nothing was written
hint: wait until it is gone, or choose another name
"#);
}
