//! `asya k doctor`.

use serde_json::json;

use super::fixture::Project;
use super::mesh_platform::{GOOGLE_KEY, account, actor, platform, runtime, secret};
use super::platform::{compose, set_status};
use super::server::{Server, server};

const IDENTITY: &str = "iam.gke.io/gcp-service-account";

/// What is printed, without what other tests leave in the cluster: nodes.
fn shown(project: &Project<'_>, args: &[&str]) -> String {
    let shown = project.run(&[&["k", "doctor"], args].concat()).show();
    for value in ["TOP-SECRET", "hunter2", "sesame"] {
        assert!(!shown.contains(value), "a Secret was shown: {shown}");
    }
    shown
}

/// The chart's own runtime is in one namespace of the whole cluster.
fn chart(server: &Server) {
    if server.get("namespace", "", "doctor-chart").is_none() {
        server.namespace("doctor-chart");
    }
    runtime(server, "doctor-chart", "run()\n", true);
}

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
ok      C40 AsyncActor doctor-pubsub/score: is napping
ok      C40 AsyncActor doctor-pubsub/x-sink: is napping
ok      C40 AsyncActor doctor-pubsub/x-sump: is napping
ok      C41 ScaledObject doctor-pubsub/score: is ready
ok      C41 ScaledObject doctor-pubsub/x-sink: is ready
ok      C41 ScaledObject doctor-pubsub/x-sump: is ready
ok      C42 pods of namespace doctor-pubsub: none of 0 is stuck
ok      C43 AsyncActor doctor-pubsub/x-sink: is there
ok      C43 AsyncActor doctor-pubsub/x-sump: is there
ok      C10 Secret crossplane-system/gcp-creds: is a key of a service account
ok      C12 Secret doctor-pubsub/gcp-keda-secret: is a key of a service account
ok      C13 ServiceAccount doctor-pubsub/default: acts as asya-actor@acme.iam.gserviceaccount.com
unknown C14 IAM binding of doctor-pubsub/default: whether Google lets this account act as that one cannot be seen from here
            → gcloud iam service-accounts get-iam-policy asya-actor@acme.iam.gserviceaccount.com --project acme
warn    C16 nodes: none has Workload Identity; on Autopilot it is always there
            → gcloud container node-pools update POOL --cluster CLUSTER --workload-metadata=GKE_METADATA
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
fail    C40 AsyncActor doctor-ill/score: its queue is not ready; Synced is False: cannot resolve credentials
            → kubectl -n doctor-ill describe asyncactor score; asya k events FLOW shows what was tried
fail    C41 ScaledObject doctor-ill/score: it is missing; it is made once the queue is ready
            → see what keeps the queue: the checks of the provider's credentials
fail    C43 AsyncActor doctor-ill/x-sink: it is missing: finished messages cannot be sent and come back
            → helm upgrade --install asya-crew asya/asya-crew -n doctor-ill
fail    C43 AsyncActor doctor-ill/x-sump: it is missing: finished messages cannot be sent and come back
            → helm upgrade --install asya-crew asya/asya-crew -n doctor-ill
fail    C10 Secret crossplane-system/gcp-creds: `credentials.json` is not the key of a service account (`type`)
            → kubectl -n crossplane-system create secret generic gcp-creds --from-file=credentials.json=KEY.json
fail    P1  Secret doctor-ill/gcp-keda-secret: it is in namespace `keda` alone; KEDA reads it in the actors' namespace, so pods are never added
            → asya k namespace prepare doctor-ill, or: asya k secret set gcp-keda-secret credentials.json < KEY.json
fail    C13 ServiceAccount doctor-ill/default: it does not act as a Google service account: pods are refused by Pub/Sub
            → kubectl -n doctor-ill annotate serviceaccount default iam.gke.io/gcp-service-account=asya-actor@acme.iam.gserviceaccount.com
warn    C16 nodes: none has Workload Identity; on Autopilot it is always there
            → gcloud container node-pools update POOL --cluster CLUSTER --workload-metadata=GKE_METADATA
skip    C50 gateway: there is none in namespace `doctor-ill`
namespace doctor-ill: 7 ok, 8 fail, 1 warn, 1 skip
--- stderr
look at namespace doctor-ill (pubsub, told by the actors)
"#);
}

#[test]
fn sqs_and_the_gateways_database() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    chart(server);
    let project = Project::new(server, "doctor-sqs").transport("sqs");
    secret(server, "crossplane-system", "aws-creds", &[("credentials", "AWS_SECRET_ACCESS_KEY=hunter2")]);
    account(
        server,
        "doctor-sqs",
        "asya-actors",
        "eks.amazonaws.com/role-arn",
        "arn:aws:iam::ACCOUNT_ID:role/asya-{namespace}",
    );
    actor(server, "doctor-sqs", "score", "sqs", None);
    compose(server, "doctor-sqs", "score", 0);
    // The gateway: a database whose password cannot be read, a key with a line break, half a JWT.
    secret(server, "doctor-sqs", "asya-gateway-db", &[("database-url", "postgres://asya:hunter2@open@db:5432/asya")]);
    secret(server, "doctor-sqs", "asya-gateway-auth", &[("mcp-api-key", "open-sesame-open-sesame\n")]);
    let reference = |name: &str, secret: &str, key: &str| json!({"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}});
    let env = json!([
        reference("ASYA_DATABASE_URL", "asya-gateway-db", "database-url"),
        reference("ASYA_MCP_API_KEY", "asya-gateway-auth", "mcp-api-key"),
        reference("ASYA_A2A_API_KEY", "asya-gateway-auth", "a2a-api-key"),
        {"name": "ASYA_A2A_JWT_JWKS_URL", "value": "https://example.org/keys"},
        {"name": "ASYA_NAMESPACE", "value": "elsewhere"},
    ]);
    let patch = json!({"spec": {"template": {"spec": {"containers": [{"name": "gateway", "env": env}]}}}}).to_string();
    server.kubectl(&["-n", "doctor-sqs", "patch", "deployment", "asya-gateway-api", "-p", &patch], None);
    insta::assert_snapshot!(shown(&project, &[]), @r#"
exit: 1
--- stdout
fail    C01 ConfigMap doctor-sqs/asya-runtime: it is missing: pods of actors stay in ContainerCreating
            → asya k namespace prepare doctor-sqs
fail    C43 AsyncActor doctor-sqs/x-sink: it is missing: finished messages cannot be sent and come back
            → helm upgrade --install asya-crew asya/asya-crew -n doctor-sqs
fail    C43 AsyncActor doctor-sqs/x-sump: it is missing: finished messages cannot be sent and come back
            → helm upgrade --install asya-crew asya/asya-crew -n doctor-sqs
fail    C20 Secret crossplane-system/aws-creds: `credentials` is not an AWS profile: a line `[default]`, then `aws_access_key_id = …`
            → kubectl -n crossplane-system create secret generic aws-creds --from-file=credentials=CREDENTIALS.ini
fail    P7  ServiceAccount doctor-sqs/asya-actors: its role `arn:aws:iam::ACCOUNT_ID:role/asya-{namespace}` was not filled in
            → write the whole ARN into `irsa.roleArnPattern` of the chart `asya-crossplane`: nothing in it is replaced
warn    C22 ServiceAccount keda/keda-operator: it is not there under this name
unknown C24 queue asya-doctor-sqs-dlq: Crossplane did not make it; actors' queues need it once a redrive policy is set
            → aws sqs get-queue-url --queue-name asya-doctor-sqs-dlq; or install the chart asya-crew in namespace doctor-sqs with sqs.dlq.enabled=true
fail    C50 Secret doctor-sqs/asya-gateway-auth: it has no key `a2a-api-key`; asya-gateway-api cannot start without it
            → asya k secret set NAME KEY --namespace NAMESPACE, or set it in the values of the chart `asya-gateway`
fail    P6  Secret doctor-sqs/asya-gateway-db: `database-url` cannot be read: a special character of the user or password is not written as %XX
            → choose a password of letters and digits, or write special characters as %XX
fail    C54 Secret doctor-sqs/asya-gateway-auth: `mcp-api-key` ends with a line break, which callers do not send
            → openssl rand -hex 32 | asya k secret set asya-gateway-auth mcp-api-key --namespace doctor-sqs
fail    P11 gateway in doctor-sqs: tokens are not checked at all, for lack of ASYA_A2A_JWT_ISSUER and ASYA_A2A_JWT_AUDIENCE
            → set all of ASYA_A2A_JWT_JWKS_URL, _ISSUER and _AUDIENCE, or none
fail    C55 ServiceAccount doctor-sqs/default: it acts as nobody: the gateway cannot send to queues
            → set `serviceAccount.annotations` with `eks.amazonaws.com/role-arn` in the values of the chart `asya-gateway`
fail    C56 gateway in doctor-sqs: it sends to queues of namespace `elsewhere`, and the actors are in `doctor-sqs`
            → give the actors' namespace a gateway of its own, or deploy the actors to the gateway's
namespace doctor-sqs: 9 ok, 11 fail, 1 warn, 1 unknown
--- stderr
look at namespace doctor-sqs (sqs, told by the actors)
"#);
    // Two passwords that differ.
    secret(server, "doctor-sqs", "asya-gateway-db", &[("database-url", "postgres://asya:hunter2@db:5432/asya")]);
    secret(server, "doctor-sqs", "asya-gateway-postgresql", &[("password", "hunter22")]);
    let init = json!([{"name": "wait", "image": "x", "env": [reference("PGPASSWORD", "asya-gateway-postgresql", "password")]}]);
    let patch = json!({"spec": {"template": {"spec": {"initContainers": init}}}}).to_string();
    server.kubectl(&["-n", "doctor-sqs", "patch", "deployment", "asya-gateway-api", "-p", &patch], None);
    let differ: String =
        shown(&project, &[]).lines().filter(|line| line.contains("C52")).map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(differ, @r#"
fail    C52 Service doctor-sqs/db: the database's address names it, and it is missing
fail    C52 Secrets doctor-sqs/asya-gateway-db and doctor-sqs/asya-gateway-postgresql: their passwords differ: the gateway waits for the database with one and connects with the other
"#);
}

#[test]
fn rabbitmq_as_json() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    chart(server);
    let project = Project::without_gateway(server, "doctor-rabbit").transport("rabbitmq");
    runtime(server, "doctor-rabbit", "run()\n", false);
    secret(server, "doctor-rabbit", "rabbitmq-keda-secret", &[("host", "http://guest:hunter2@rabbit")]);
    for name in ["x-sink", "x-sump"] {
        actor(server, "doctor-rabbit", name, "rabbitmq", Some(("rabbitmq-keda-secret", "host")));
    }
    let shown = shown(&project, &["-o", "json"]);
    let document = &shown[shown.find('{').expect("JSON")..=shown.rfind('}').expect("JSON")];
    let mut document: serde_json::Value = serde_json::from_str(document).expect("JSON");
    let checks = document["checks"].as_array_mut().expect("checks");
    checks.retain(|check| check["verdict"] != "ok");
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).expect("JSON"), @r#"
{
  "version": 1,
  "namespace": "doctor-rabbit",
  "gateway_namespace": "doctor-rabbit",
  "transports": [
    "rabbitmq"
  ],
  "healthy": false,
  "checks": [
    {
      "id": "C30",
      "verdict": "fail",
      "subject": "Secret doctor-rabbit/rabbitmq-keda-secret",
      "finding": "`host` is no amqp:// or amqps:// address, or ends with a line break",
      "fix": "asya k secret set rabbitmq-keda-secret host, with amqp://USER:PASSWORD@HOST:5672/"
    },
    {
      "id": "C50",
      "verdict": "skip",
      "subject": "gateway",
      "finding": "there is none in namespace `doctor-rabbit`"
    }
  ]
}
"#);
}

#[test]
fn what_may_not_be_seen_is_skipped_and_named() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let project = Project::without_gateway(server, "doctor-blind").transport("pubsub");
    server.kubectl(&["-n", "doctor-blind", "create", "serviceaccount", "nobody"], None);
    let token = server.kubectl(&["-n", "doctor-blind", "create", "token", "nobody"], None);
    project.kubeconfig(&server.kubeconfig(token.trim()));
    insta::assert_snapshot!(shown(&project, &[]), @r#"
exit: 0
--- stdout
skip    C01 ConfigMap doctor-blind/asya-runtime: no permission: get configmaps in namespace doctor-blind
skip    C03 definition xasyncactors.asya.sh: no permission: get compositeresourcedefinitions.apiextensions.crossplane.io
skip    C03 compositions: no permission: list compositions.apiextensions.crossplane.io
skip    C03 Functions of Crossplane: no permission: list functions.pkg.crossplane.io
skip    C03 Providers of Crossplane: no permission: list providers.pkg.crossplane.io
skip    C04 ProviderConfig default (gcp.upbound.io): no permission: get providerconfigs.gcp.upbound.io
skip    C40 actors of namespace doctor-blind: no permission: list asyncactors.asya.sh in namespace doctor-blind
skip    C42 pods: no permission: list pods in namespace doctor-blind
skip    C43 crew of namespace doctor-blind: no permission: list asyncactors.asya.sh in namespace doctor-blind
skip    C10 credentials of the provider: its ProviderConfig cannot be seen
skip    C12 Secret doctor-blind/gcp-keda-secret: no permission: get secrets in namespace doctor-blind
skip    C13 ServiceAccount doctor-blind/default: no permission: get serviceaccounts in namespace doctor-blind
skip    C16 nodes: no permission: list nodes
skip    C50 gateway: user `system:serviceaccount:doctor-blind:nobody` may not list deployments.apps in namespace `doctor-blind`
namespace doctor-blind: 14 skip
--- stderr
look at namespace doctor-blind (pubsub, told by `platform.transport` of the project)
"#);
}
