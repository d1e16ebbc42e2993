//! Checks for SQS.

use serde_json::Value;

use super::check::Check;
use super::crossplane::cloud;
use super::known::Id;
use super::references::{annotation, condition, text};
use super::resolved::misnamed;
use super::ward::{CROSSPLANE, Found, Ward, accounts, secret_value};
use crate::cluster::{Look, Resource};
use crate::error::Result;
use crate::project::Transport;

/// The annotation that lets a Kubernetes account act as a role of AWS.
pub(super) const ROLE: &str = "eks.amazonaws.com/role-arn";

pub(super) async fn run(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    provider_secret(ward, out).await?;
    account(ward, out).await?;
    keda(ward, out).await?;
    sidecar_secret(ward, out).await?;
    dead_letters(ward, out).await?;
    shared_account(ward, out).await
}

async fn provider_secret(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let config = match cloud(ward, Transport::Sqs).await? {
        Look::Seen(Some(config)) => config,
        _ => {
            out.push(Check::skip(Id::C20, "credentials of the provider", "its ProviderConfig cannot be seen"));
            return Ok(());
        }
    };
    let source = text(&config, "/spec/credentials/source");
    if source != "Secret" {
        out.push(Check::skip(Id::C20, "credentials of the provider", format!("their source is `{source}`")));
        return Ok(());
    }
    let named = |pointer: &str, otherwise: &str| match text(&config, pointer) {
        "" => otherwise.to_owned(),
        found => found.to_owned(),
    };
    let namespace = named("/spec/credentials/secretRef/namespace", CROSSPLANE);
    let name = named("/spec/credentials/secretRef/name", "aws-creds");
    let key = named("/spec/credentials/secretRef/key", "credentials");
    let subject = format!("Secret {namespace}/{name}");
    let fix = format!("kubectl -n {namespace} create secret generic {name} --from-file={key}=CREDENTIALS.ini");
    let default = ("aws-creds", "credentials");
    out.push(match ward.secret(&namespace, &name, &key).await? {
        Look::Unseen(what) => Check::unseen(Id::C20, subject, &what),
        Look::Seen(Found::Missing | Found::NoKey) if ward.is_misnamed(&namespace, (&name, &key), default).await? => {
            misnamed(subject, (&name, &key), default, "awsProviderConfig.secretRef")
        }
        Look::Seen(Found::Missing) => {
            Check::fail(Id::C20, subject, "it is missing: Crossplane cannot make queues").fix(fix)
        }
        Look::Seen(Found::NoKey) => {
            Check::fail(Id::C20, subject, format!("it has no key `{key}`; a Secret of variables is another thing"))
                .fix(fix)
        }
        Look::Seen(Found::Value(value)) if is_profile(&value) => Check::ok(Id::C20, subject, "is a profile of AWS"),
        Look::Seen(Found::Value(_)) => Check::fail(
            Id::C20,
            subject,
            format!("`{key}` is not an AWS profile: a line `[default]`, then `aws_access_key_id = …`"),
        )
        .fix(fix),
    });
    Ok(())
}

fn is_profile(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    let has = |wanted: fn(&str) -> bool| text.lines().map(str::trim).any(wanted);
    has(|line| line.starts_with('[') && line.ends_with(']'))
        && has(|line| {
            line.split_once('=')
                .is_some_and(|(key, value)| key.trim() == "aws_access_key_id" && !value.trim().is_empty())
        })
}

/// The account of SQS actors: what they run as, else the chart's default.
fn account_name(ward: &Ward<'_>) -> String {
    let used = ward.templates_of_actors().into_iter().find_map(|(_, pod)| {
        Some(text(pod, "/serviceAccountName")).filter(|name| !name.is_empty() && *name != "default")
    });
    used.unwrap_or("asya-actors").to_owned()
}

async fn account(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let templates = ward.templates(Transport::Sqs);
    if !templates.is_empty() && !templates.contains(ROLE) {
        out.push(Check::skip(Id::C21, "roles for accounts", "the composition does not use them"));
        return Ok(());
    }
    let (namespace, name) = (&ward.namespace, account_name(ward));
    let subject = format!("ServiceAccount {namespace}/{name}");
    let found = match ward.look(&accounts(), namespace, &name).await {
        Look::Unseen(what) => {
            out.push(Check::unseen(Id::C21, subject, &what));
            return Ok(());
        }
        Look::Seen(found) => found,
    };
    let Some(found) = found else {
        out.push(match ward.actors.is_empty() {
            true => Check::skip(Id::C21, subject, "the first actor of the namespace makes it"),
            false => Check::fail(Id::C21, subject, "it is missing: pods have no credentials")
                .fix("it is made by the composition; see what keeps the actors from being ready"),
        });
        return Ok(());
    };
    let role = annotation(&found, ROLE).to_owned();
    let arn = role.starts_with("arn:") && role.contains(":iam::") && role.contains(":role/");
    if role.contains('{') || role.contains("ACCOUNT_ID") {
        out.push(Check::fail(Id::P7, subject, format!("its role `{role}` was not filled in")).fix(
            "write the whole ARN into `irsa.roleArnPattern` of the chart `asya-crossplane`: nothing in it is replaced",
        ));
    } else if !arn {
        out.push(
            Check::fail(
                Id::C21,
                subject,
                if role.is_empty() { "it has no role".to_owned() } else { format!("`{role}` is no ARN of a role") },
            )
            .fix("set `irsa.roleArnPattern` in the values of the chart `asya-crossplane`"),
        );
    } else {
        out.push(Check::ok(Id::C21, subject, format!("acts as {role}")));
        out.push(
            Check::unknown(
                Id::C21,
                format!("trust of {role}"),
                "whether AWS lets this account act as the role cannot be seen from here",
            )
            .fix(format!(
                "aws iam get-role --role-name {}: it must trust system:serviceaccount:{namespace}:{name}",
                role.rsplit('/').next().unwrap_or_default()
            )),
        );
    }
    Ok(())
}

async fn keda(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let triggers = match &ward.triggers {
        Look::Unseen(what) => {
            out.push(Check::unseen(Id::C22, "TriggerAuthentications", what));
            return Ok(());
        }
        Look::Seen(triggers) => triggers,
    };
    let namespace = &ward.namespace;
    for (name, key) in ward.keda_secrets(Transport::Sqs) {
        let subject = format!("Secret {namespace}/{name}");
        out.push(match ward.secret(namespace, &name, &key).await? {
            Look::Unseen(what) => Check::unseen(Id::C22, subject, &what),
            Look::Seen(Found::Value(value)) if !value.is_empty() => Check::ok(Id::C22, subject, format!("has `{key}`")),
            Look::Seen(_) => Check::fail(
                Id::C22,
                subject,
                format!("`{key}` is missing: KEDA cannot read the queue, so pods are never added"),
            )
            .fix(format!("asya k secret set {name} {key} --namespace {namespace}")),
        });
    }
    if triggers.iter().any(|trigger| trigger.pointer("/spec/podIdentity").is_some()) {
        let operator = match ward.look(&accounts(), "keda", "keda-operator").await {
            Look::Unseen(what) => {
                out.push(Check::unseen(Id::C22, "ServiceAccount keda/keda-operator", &what));
                return Ok(());
            }
            Look::Seen(operator) => operator,
        };
        out.push(match operator.as_ref().map(|operator| annotation(operator, ROLE)) {
            Some(role) if !role.is_empty() => {
                Check::ok(Id::C22, "ServiceAccount keda/keda-operator", format!("acts as {role}"))
            }
            Some(_) => Check::warn(
                Id::C22,
                "ServiceAccount keda/keda-operator",
                "it has no role, while actors rely on its identity",
            )
            .fix(format!(
                "kubectl -n keda annotate serviceaccount keda-operator {ROLE}=arn:aws:iam::ACCOUNT:role/NAME"
            )),
            None => Check::warn(Id::C22, "ServiceAccount keda/keda-operator", "it is not there under this name").fix(
                "find the account of KEDA's operator, and see that it has a role of AWS: kubectl get serviceaccount -A",
            ),
        });
    }
    Ok(())
}

/// One name is used for two formats: a profile for Crossplane, variables for sidecars.
async fn sidecar_secret(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let wanted = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    for name in ward.sidecar_secrets() {
        let subject = format!("Secret {}/{name}", ward.namespace);
        let secret = match ward.look(&Resource::secrets(), &ward.namespace, name).await {
            Look::Unseen(what) => {
                out.push(Check::unseen(Id::C23, subject, &what));
                continue;
            }
            // Told with everything else that pods refer to.
            Look::Seen(None) => continue,
            Look::Seen(Some(secret)) => secret,
        };
        let missing: Vec<&str> = wanted.into_iter().filter(|key| secret_value(&secret, key).is_none()).collect();
        let keys = secret.get("data").and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key);
        let profile = keys.clone().any(|key| secret_value(&secret, key).is_some_and(|value| is_profile(&value)));
        out.push(if missing.is_empty() {
            Check::ok(Id::C23, subject, "has the variables of AWS")
        } else {
            let finding = match profile {
                true => "sidecars get it as variables, and it is a profile, as Crossplane reads it".to_owned(),
                false => format!("sidecars get it as variables, and it lacks {}", missing.join(" and ")),
            };
            let set: Vec<String> = missing
                .iter()
                .map(|key| format!("asya k secret set {name} {key} --namespace {}", ward.namespace))
                .collect();
            Check::fail(Id::C23, subject, finding).fix(set.join("; "))
        });
    }
    Ok(())
}

async fn dead_letters(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let templates = ward.templates(Transport::Sqs);
    if !templates.is_empty() && !templates.contains("redrivePolicy") {
        return Ok(());
    }
    let name = format!("asya-{}-dlq", ward.namespace);
    let subject = format!("queue {name}");
    let resource = Resource::new("sqs.aws.upbound.io", "v1beta1", "Queue", "queues", false);
    let queues = match ward.look_all(&resource, "", "").await {
        Look::Unseen(what) => {
            out.push(Check::unseen(Id::C24, subject, &what));
            return Ok(());
        }
        Look::Seen(queues) => queues,
    };
    let found = queues.iter().find(|queue| {
        text(queue, "/metadata/name") == name
            || text(queue, "/spec/forProvider/name") == name
            || annotation(queue, "crossplane.io/external-name").ends_with(&name)
    });
    out.push(match found.map(|queue| condition(queue, "Ready")) {
        Some(Some((true, _))) => Check::ok(Id::C24, subject, "is ready"),
        Some(other) => {
            let why = other.map_or("it says nothing", |(_, why)| why);
            Check::fail(Id::C24, subject, format!("it is not ready: {why}")).fix(format!(
                "kubectl describe queues.sqs.aws.upbound.io {}",
                found.map(|queue| text(queue, "/metadata/name")).unwrap_or_default()
            ))
        }
        None => Check::unknown(Id::C24, subject, "Crossplane did not make it; actors' queues need it once a redrive policy is set")
            .fix(format!("aws sqs get-queue-url --queue-name {name}; or install the chart asya-crew in namespace {} with sqs.dlq.enabled=true", ward.namespace)),
    });
    Ok(())
}

/// Each actor renders the shared account as an object of its own.
async fn shared_account(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let name = account_name(ward);
    let subject = format!("ServiceAccount {}/{name}", ward.namespace);
    let mut objects = Vec::new();
    for version in ["v1alpha2", "v1alpha1"] {
        let resource = Resource::new("kubernetes.crossplane.io", version, "Object", "objects", false);
        match ward.look_all(&resource, "", "").await {
            Look::Unseen(what) => {
                out.push(Check::unseen(Id::P8, subject, &what));
                return Ok(());
            }
            Look::Seen(found) => objects = found,
        }
        if !objects.is_empty() {
            break;
        }
    }
    let is_it = |object: &&Value| {
        let manifest = |key: &str| text(object, &format!("/spec/forProvider/manifest/{key}")).to_owned();
        manifest("kind") == "ServiceAccount"
            && manifest("metadata/name") == name
            && manifest("metadata/namespace") == ward.namespace
    };
    let owners = objects.iter().filter(is_it).count();
    if owners > 1 {
        out.push(
            Check::warn(
                Id::P8,
                subject,
                format!(
                    "{owners} actors own it together: deleting one may take it from all until another makes it again"
                ),
            )
            .fix(format!(
                "after deleting an actor: kubectl -n {} get serviceaccount {name}; pods that run keep their role",
                ward.namespace
            )),
        );
    }
    Ok(())
}
