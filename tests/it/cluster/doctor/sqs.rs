//! Checks for SQS and RabbitMQ.

use serde_json::json;

use super::super::fixture::Project;
use super::super::mesh_platform::{account, actor, platform, runtime, secret};
use super::super::platform::compose;
use super::super::server::{Server, server};
use super::{ROLE, changed, chart, said, shown};

#[test]
fn sqs_with_a_gateway_where_much_is_wrong() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    chart(server);
    let project = Project::new(server, "doctor-sqs").transport("sqs");
    secret(server, "crossplane-system", "aws-creds", &[("credentials", "AWS_SECRET_ACCESS_KEY=hunter2")]);
    account(server, "doctor-sqs", "asya-actors", ROLE, "arn:aws:iam::ACCOUNT_ID:role/asya-{namespace}");
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
fail    C20 Secret crossplane-system/aws-creds: `credentials` is not an AWS profile: a line `[default]`, then `aws_access_key_id = …`
            → kubectl -n crossplane-system create secret generic aws-creds --from-file=credentials=CREDENTIALS.ini
fail    P7  ServiceAccount doctor-sqs/asya-actors: its role `arn:aws:iam::ACCOUNT_ID:role/asya-{namespace}` was not filled in
            → write the whole ARN into `irsa.roleArnPattern` of the chart `asya-crossplane`: nothing in it is replaced
warn    C22 ServiceAccount keda/keda-operator: it is not there under this name
            → find the account of KEDA's operator, and see that it has a role of AWS: kubectl get serviceaccount -A
unknown C24 queue asya-doctor-sqs-dlq: Crossplane did not make it; actors' queues need it once a redrive policy is set
            → aws sqs get-queue-url --queue-name asya-doctor-sqs-dlq; or install the chart asya-crew in namespace doctor-sqs with sqs.dlq.enabled=true
fail    C43 AsyncActor doctor-sqs/x-sink: it is missing: finished messages cannot be sent and come back
            → helm upgrade --install asya-crew asya/asya-crew -n doctor-sqs
fail    C43 AsyncActor doctor-sqs/x-sump: it is missing: finished messages cannot be sent and come back
            → helm upgrade --install asya-crew asya/asya-crew -n doctor-sqs
fail    C50 Secret doctor-sqs/asya-gateway-auth: it has no key `a2a-api-key`; asya-gateway-api cannot start without it
            → asya k secret set asya-gateway-auth a2a-api-key --namespace doctor-sqs
fail    P6  Secret doctor-sqs/asya-gateway-db: `database-url` cannot be read: a special character of the user or password is not written as %XX
            → choose a password of letters and digits, or write special characters as %XX
fail    C54 Secret doctor-sqs/asya-gateway-auth: `mcp-api-key` ends with a line break, which callers do not send
            → openssl rand -hex 32 | asya k secret set asya-gateway-auth mcp-api-key --namespace doctor-sqs
fail    P11 gateway in doctor-sqs: tokens are not checked at all, for lack of ASYA_A2A_JWT_ISSUER and ASYA_A2A_JWT_AUDIENCE
            → set all of ASYA_A2A_JWT_JWKS_URL, _ISSUER and _AUDIENCE in `env` of the chart `asya-gateway`, or none
fail    C55 ServiceAccount doctor-sqs/default: it acts as nobody: the gateway cannot send to queues
            → set `serviceAccount.annotations` with `eks.amazonaws.com/role-arn` in the values of the chart `asya-gateway`
fail    C56 gateway in doctor-sqs: it sends to queues of namespace `elsewhere`, and the actors are in `doctor-sqs`
            → give the actors' namespace a gateway of its own, or deploy the actors to the gateway's
warn    C57 ASYA_GATEWAY_URL of actors in doctor-sqs: it is not set: actors do not tell the gateway how far they are
            → set `sidecar.gatewayURL` in the values of the chart `asya-crossplane` to the mesh Service, without a path
namespace doctor-sqs: 13 ok, 11 fail, 2 warn, 1 unknown
--- stderr
look at namespace doctor-sqs (sqs, told by the actors)
"#);
}

#[test]
fn sqs_where_all_is_well() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    chart(server);
    let namespace = "doctor-aws";
    let project = Project::without_gateway(server, namespace).transport("sqs");
    runtime(server, namespace, "run()\n", false);
    let profile = "[default]\naws_access_key_id = hunter2\naws_secret_access_key = hunter2\n";
    secret(server, "crossplane-system", "aws-creds", &[("credentials", profile)]);
    let variables = [("AWS_ACCESS_KEY_ID", "hunter2"), ("AWS_SECRET_ACCESS_KEY", "hunter2")];
    secret(server, namespace, "aws-creds", &variables);
    account(server, namespace, "asya-actors", ROLE, "arn:aws:iam::123456789012:role/asya");
    account(server, "keda", "keda-operator", ROLE, "arn:aws:iam::123456789012:role/keda");
    for name in ["x-sink", "x-sump", "score"] {
        actor(server, namespace, name, "sqs", None);
    }
    compose(server, namespace, "score", 0);
    let patch = json!({"spec": {"template": {"spec": {"containers": [
        {"name": "asya-sidecar", "envFrom": [{"secretRef": {"name": "aws-creds"}}]},
    ]}}}});
    server.kubectl(&["-n", namespace, "patch", "deployment", "score", "-p", &patch.to_string()], None);
    dead_letters(server, namespace, None);
    let shown = shown(&project, &["--all"]);
    server.kubectl(&["-n", "keda", "delete", "serviceaccount", "keda-operator"], None);
    insta::assert_snapshot!(shown, @r#"
exit: 0
--- stdout
ok      C01 ConfigMap doctor-aws/asya-runtime: has `asya_runtime.py`
ok      C02 ConfigMap doctor-aws/asya-runtime: equals the one in namespace `doctor-chart`
ok      C03 definition xasyncactors.asya.sh: is installed
ok      C03 Composition asyncactor-sqs: is installed
ok      C03 Function function-go-templating: is healthy
ok      C03 Provider provider-kubernetes: is healthy
ok      C04 ProviderConfig default (aws.upbound.io): is there
ok      C20 Secret crossplane-system/aws-creds: is a profile of AWS
ok      C21 ServiceAccount doctor-aws/asya-actors: acts as arn:aws:iam::123456789012:role/asya
unknown C21 trust of arn:aws:iam::123456789012:role/asya: whether AWS lets this account act as the role cannot be seen from here
            → aws iam get-role --role-name asya: it must trust system:serviceaccount:doctor-aws:asya-actors
ok      C22 ServiceAccount keda/keda-operator: acts as arn:aws:iam::123456789012:role/keda
ok      C23 Secret doctor-aws/aws-creds: has the variables of AWS
ok      C24 queue asya-doctor-aws-dlq: is ready
ok      C40 AsyncActor doctor-aws/score: is napping
ok      C40 AsyncActor doctor-aws/x-sink: is napping
ok      C40 AsyncActor doctor-aws/x-sump: is napping
ok      C41 ScaledObject doctor-aws/score: is ready
ok      C41 ScaledObject doctor-aws/x-sink: is ready
ok      C41 ScaledObject doctor-aws/x-sump: is ready
ok      C42 pods of namespace doctor-aws: none of 0 is stuck
ok      C43 AsyncActor doctor-aws/x-sink: is there
ok      C43 AsyncActor doctor-aws/x-sump: is there
ok      C44 what pods of namespace doctor-aws refer to: all 1 are there
skip    C50 gateway: there is none in namespace `doctor-aws`
namespace doctor-aws: 22 ok, 1 skip, 1 unknown
--- stderr
look at namespace doctor-aws (sqs, told by the actors)
"#);
}

/// The queue for dead letters of a namespace; `trouble` is why it is not ready.
fn dead_letters(server: &Server, namespace: &str, trouble: Option<&str>) {
    let status = if trouble.is_some() { "False" } else { "True" };
    let condition = json!({"type": "Ready", "status": status, "message": trouble.unwrap_or_default()});
    let queue = json!({
        "apiVersion": "sqs.aws.upbound.io/v1beta1", "kind": "Queue", "metadata": {"name": format!("{namespace}-x")},
        "spec": {"forProvider": {"name": format!("asya-{namespace}-dlq")}}, "status": {"conditions": [condition]},
    });
    server.apply(&queue.to_string());
}

#[test]
fn what_sqs_needs_and_does_not_have() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-amazon";
    let project = Project::without_gateway(server, namespace).transport("sqs");
    let mut shown = String::new();
    let mut look = |title: &str, text: String| shown.push_str(&format!("--- {title}\n{text}"));
    // Made for Crossplane, given to sidecars.
    let profile = "[default]\naws_access_key_id = hunter2\n";
    secret(server, namespace, "aws-creds", &[("credentials", profile)]);
    secret(server, namespace, "half", &[("AWS_ACCESS_KEY_ID", "hunter2")]);
    for (name, from) in [("score", "aws-creds"), ("clean", "half")] {
        actor(server, namespace, name, "sqs", Some(("aws-keda", "AWS_ACCESS_KEY_ID")));
        compose(server, namespace, name, 0);
        let patch = json!({"spec": {"template": {"spec": {"containers": [
            {"name": "asya-sidecar", "envFrom": [{"secretRef": {"name": from}}]},
        ]}}}});
        server.kubectl(&["-n", namespace, "patch", "deployment", name, "-p", &patch.to_string()], None);
    }
    look("variables and a profile", said(&project, &["C21", "C22", "C23"]));
    account(server, namespace, "asya-actors", "other", "x");
    secret(server, namespace, "aws-keda", &[("AWS_ACCESS_KEY_ID", "hunter2")]);
    look("an account without a role", said(&project, &["C21", "C22"]));
    server.kubectl(&["-n", "crossplane-system", "delete", "secret", "aws-creds", "--ignore-not-found"], None);
    look("nothing for Crossplane", said(&project, &["C20"]));
    secret(server, "crossplane-system", "aws-creds", &[("credentials", profile)]);
    let renamed = json!({"spec": {"credentials": {"secretRef": {"name": "ours"}}}});
    look(
        "another name",
        changed(server, "providerconfigs.aws.upbound.io", "default", &renamed, || said(&project, &["C20", "P10"])),
    );
    // An account that two actors made.
    let object = |actor: &str| {
        json!({
            "apiVersion": "kubernetes.crossplane.io/v1alpha2", "kind": "Object",
            "metadata": {"name": format!("{actor}-{namespace}-account")},
            "spec": {"forProvider": {"manifest": {
                "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "asya-actors", "namespace": namespace},
            }}},
        })
        .to_string()
    };
    server.apply(&object("score"));
    look("one owner", said(&project, &["P8"]));
    server.apply(&object("clean"));
    look("two owners", said(&project, &["P8"]));
    dead_letters(server, namespace, Some("AccessDenied: sqs:SetQueueAttributes"));
    look("dead letters", said(&project, &["C24"]));
    insta::assert_snapshot!(shown, @r#"
--- variables and a profile
fail    C21 ServiceAccount doctor-amazon/asya-actors: it is missing: pods have no credentials
            → it is made by the composition; see what keeps the actors from being ready
fail    C22 Secret doctor-amazon/aws-keda: `AWS_ACCESS_KEY_ID` is missing: KEDA cannot read the queue, so pods are never added
            → asya k secret set aws-keda AWS_ACCESS_KEY_ID --namespace doctor-amazon
fail    C23 Secret doctor-amazon/aws-creds: sidecars get it as variables, and it is a profile, as Crossplane reads it
            → asya k secret set aws-creds AWS_ACCESS_KEY_ID --namespace doctor-amazon; asya k secret set aws-creds AWS_SECRET_ACCESS_KEY --namespace doctor-amazon
fail    C23 Secret doctor-amazon/half: sidecars get it as variables, and it lacks AWS_SECRET_ACCESS_KEY
            → asya k secret set half AWS_SECRET_ACCESS_KEY --namespace doctor-amazon
--- an account without a role
fail    C21 ServiceAccount doctor-amazon/asya-actors: it has no role
            → set `irsa.roleArnPattern` in the values of the chart `asya-crossplane`
ok      C22 Secret doctor-amazon/aws-keda: has `AWS_ACCESS_KEY_ID`
--- nothing for Crossplane
fail    C20 Secret crossplane-system/aws-creds: it is missing: Crossplane cannot make queues
            → kubectl -n crossplane-system create secret generic aws-creds --from-file=credentials=CREDENTIALS.ini
--- another name
fail    P10 Secret crossplane-system/ours: key `credentials` of it is what is read, and is missing; `aws-creds` with `credentials` is the default, and not in force
            → make ours with key credentials, or take `awsProviderConfig.secretRef` out of the values of the chart `asya-crossplane`
--- one owner
--- two owners
warn    P8  ServiceAccount doctor-amazon/asya-actors: 2 actors own it together: deleting one may take it from all until another makes it again
            → after deleting an actor: kubectl -n doctor-amazon get serviceaccount asya-actors; pods that run keep their role
--- dead letters
fail    C24 queue asya-doctor-amazon-dlq: it is not ready: AccessDenied: sqs:SetQueueAttributes
            → kubectl describe queues.sqs.aws.upbound.io doctor-amazon-x
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
      "fix": "asya k secret set rabbitmq-keda-secret host --namespace doctor-rabbit, with amqp://USER:PASSWORD@HOST:5672/"
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
fn rabbitmq_where_it_is_well_or_named_otherwise() {
    let Some(server) = server() else { return };
    let _turn = platform(server);
    let namespace = "doctor-hare";
    let project = Project::without_gateway(server, namespace).transport("rabbitmq");
    let mut shown = said(&project, &["C30"]);
    secret(server, namespace, "rabbitmq-keda-secret", &[("host", "amqp://guest:hunter2@rabbit:5672/")]);
    shown.push_str(&said(&project, &["C30"]));
    actor(server, namespace, "score", "rabbitmq", Some(("rabbit", "url")));
    shown.push_str(&said(&project, &["C30", "P10"]));
    insta::assert_snapshot!(shown, @r#"
fail    C30 Secret doctor-hare/rabbitmq-keda-secret: it is missing: KEDA cannot read the queue, so pods are never added
            → asya k secret set rabbitmq-keda-secret host --namespace doctor-hare, with amqp://USER:PASSWORD@HOST:5672/
ok      C30 Secret doctor-hare/rabbitmq-keda-secret: `host` is the address of a RabbitMQ
fail    P10 Secret doctor-hare/rabbit: key `url` of it is what is read, and is missing; `rabbitmq-keda-secret` with `host` is the default, and not in force
            → make rabbit with key url, or take `rabbitmq.keda.secretRef` out of the values of the chart `asya-crossplane`
"#);
}
