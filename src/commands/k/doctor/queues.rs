//! Checks for SQS and RabbitMQ.

use serde_json::Value;

use super::check::Check;
use super::platform::cloud;
use super::references::{annotation, list, text};
use super::ward::{CROSSPLANE, Found, Ward, accounts};
use crate::cluster::{Look, Resource};
use crate::error::Result;
use crate::project::Transport;

/// The annotation that lets a Kubernetes account act as a role of AWS.
pub(super) const ROLE: &str = "eks.amazonaws.com/role-arn";

/// The Secret KEDA reads for RabbitMQ, where no TriggerAuthentication says another.
pub(in super::super) const RABBITMQ_SECRET: (&str, &str) = ("rabbitmq-keda-secret", "host");

pub(super) async fn sqs(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
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
            out.push(Check::skip("C20", "credentials of the provider", "its ProviderConfig cannot be seen"));
            return Ok(());
        }
    };
    let source = text(&config, "/spec/credentials/source");
    if source != "Secret" {
        out.push(Check::skip("C20", "credentials of the provider", format!("their source is `{source}`")));
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
    out.push(match ward.secret(&namespace, &name, &key).await? {
        Look::Denied(what) => Check::denied("C20", subject, &what),
        Look::Seen(Found::Missing) => {
            Check::fail("C20", subject, "it is missing: Crossplane cannot make queues").fix(fix)
        }
        Look::Seen(Found::NoKey) => {
            Check::fail("C20", subject, format!("it has no key `{key}`; a Secret of variables is another thing"))
                .fix(fix)
        }
        Look::Seen(Found::Value(value)) if is_profile(&value) => Check::ok("C20", subject, "is a profile of AWS"),
        Look::Seen(Found::Value(_)) => Check::fail(
            "C20",
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
        out.push(Check::skip("C21", "roles for accounts", "the composition does not use them"));
        return Ok(());
    }
    let (namespace, name) = (&ward.namespace, account_name(ward));
    let subject = format!("ServiceAccount {namespace}/{name}");
    let found = match ward.cluster.look(&accounts(), namespace, &name).await? {
        Look::Denied(what) => {
            out.push(Check::denied("C21", subject, &what));
            return Ok(());
        }
        Look::Seen(found) => found,
    };
    let Some(found) = found else {
        out.push(match ward.actors.is_empty() {
            true => Check::skip("C21", subject, "the first actor of the namespace makes it"),
            false => Check::fail("C21", subject, "it is missing: pods have no credentials")
                .fix("it is made by the composition; see what keeps the actors from being ready"),
        });
        return Ok(());
    };
    let role = annotation(&found, ROLE).to_owned();
    let arn = role.starts_with("arn:") && role.contains(":iam::") && role.contains(":role/");
    if role.contains('{') || role.contains("ACCOUNT_ID") {
        out.push(Check::fail("P7", subject, format!("its role `{role}` was not filled in")).fix(
            "write the whole ARN into `irsa.roleArnPattern` of the chart `asya-crossplane`: nothing in it is replaced",
        ));
    } else if !arn {
        out.push(
            Check::fail(
                "C21",
                subject,
                if role.is_empty() { "it has no role".to_owned() } else { format!("`{role}` is no ARN of a role") },
            )
            .fix("set `irsa.roleArnPattern` in the values of the chart `asya-crossplane`"),
        );
    } else {
        out.push(Check::ok("C21", subject, format!("acts as {role}")));
        out.push(
            Check::unknown(
                "C21",
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
        Look::Denied(what) => {
            out.push(Check::denied("C22", "TriggerAuthentications", what));
            return Ok(());
        }
        Look::Seen(triggers) => triggers,
    };
    let namespace = &ward.namespace;
    let mut secrets: Vec<(String, String)> = triggers
        .iter()
        .flat_map(|trigger| list(trigger, "/spec/secretTargetRef"))
        .map(|reference| (text(reference, "/name").to_owned(), text(reference, "/key").to_owned()))
        .collect();
    secrets.sort();
    secrets.dedup();
    for (name, key) in secrets {
        let subject = format!("Secret {namespace}/{name}");
        out.push(match ward.secret(namespace, &name, &key).await? {
            Look::Denied(what) => Check::denied("C22", subject, &what),
            Look::Seen(Found::Value(value)) if !value.is_empty() => Check::ok("C22", subject, format!("has `{key}`")),
            Look::Seen(_) => Check::fail(
                "C22",
                subject,
                format!("`{key}` is missing: KEDA cannot read the queue, so pods are never added"),
            )
            .fix(format!("asya k secret set {name} {key}")),
        });
    }
    if triggers.iter().any(|trigger| trigger.pointer("/spec/podIdentity").is_some()) {
        let operator = match ward.cluster.look(&accounts(), "keda", "keda-operator").await? {
            Look::Denied(what) => {
                out.push(Check::denied("C22", "ServiceAccount keda/keda-operator", &what));
                return Ok(());
            }
            Look::Seen(operator) => operator,
        };
        out.push(match operator.as_ref().map(|operator| annotation(operator, ROLE)) {
            Some(role) if !role.is_empty() => {
                Check::ok("C22", "ServiceAccount keda/keda-operator", format!("acts as {role}"))
            }
            Some(_) => Check::warn(
                "C22",
                "ServiceAccount keda/keda-operator",
                "it has no role, while actors rely on its identity",
            )
            .fix(format!(
                "kubectl -n keda annotate serviceaccount keda-operator {ROLE}=arn:aws:iam::ACCOUNT:role/NAME"
            )),
            None => Check::warn("C22", "ServiceAccount keda/keda-operator", "it is not there under this name"),
        });
    }
    Ok(())
}

/// One name is used for two formats: a profile for Crossplane, variables for sidecars.
async fn sidecar_secret(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let templates = ward.templates_of_actors();
    let sources = templates.iter().flat_map(|(_, pod)| list(pod, "/containers")).flat_map(|it| list(it, "/envFrom"));
    let Some(name) = sources.map(|source| text(source, "/secretRef/name")).find(|name| !name.is_empty()) else {
        return Ok(());
    };
    let subject = format!("Secret {}/{name}", ward.namespace);
    out.push(match ward.cluster.look(&Resource::secrets(), &ward.namespace, name).await? {
        Look::Denied(what) => Check::denied("C23", subject, &what),
        // Told with everything else that pods refer to.
        Look::Seen(None) => return Ok(()),
        Look::Seen(Some(secret)) => {
            let has = |key: &str| secret.get("data").is_some_and(|data| data.get(key).is_some());
            match has("AWS_ACCESS_KEY_ID") && has("AWS_SECRET_ACCESS_KEY") {
                true => Check::ok("C23", subject, "has the variables of AWS"),
                false => Check::fail(
                    "C23",
                    subject,
                    "the sidecar gets it as variables, and it lacks `AWS_ACCESS_KEY_ID` or `AWS_SECRET_ACCESS_KEY`",
                )
                .fix(format!(
                    "asya k secret set {name} AWS_ACCESS_KEY_ID; asya k secret set {name} AWS_SECRET_ACCESS_KEY"
                )),
            }
        }
    });
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
    let queues = match ward.cluster.look_all(&resource, "", "").await? {
        Look::Denied(what) => {
            out.push(Check::denied("C24", subject, &what));
            return Ok(());
        }
        Look::Seen(queues) => queues,
    };
    let found = queues.iter().find(|queue| {
        text(queue, "/metadata/name") == name
            || text(queue, "/spec/forProvider/name") == name
            || annotation(queue, "crossplane.io/external-name").ends_with(&name)
    });
    out.push(match found.map(|queue| super::references::condition(queue, "Ready")) {
        Some(Some((true, _))) => Check::ok("C24", subject, "is ready"),
        Some(other) => Check::fail("C24", subject, format!("it is not ready: {}", other.map_or("it says nothing", |(_, why)| why))),
        None => Check::unknown("C24", subject, "Crossplane did not make it; actors' queues need it once a redrive policy is set")
            .fix(format!("aws sqs get-queue-url --queue-name {name}; or install the chart asya-crew in namespace {} with sqs.dlq.enabled=true", ward.namespace)),
    });
    Ok(())
}

/// Each actor renders the shared account as an object of its own.
async fn shared_account(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let resource = Resource::new("kubernetes.crossplane.io", "v1alpha2", "Object", "objects", false);
    let Look::Seen(objects) = ward.cluster.look_all(&resource, "", "").await? else { return Ok(()) };
    let name = account_name(ward);
    let is_it = |object: &&Value| {
        let manifest = |key: &str| text(object, &format!("/spec/forProvider/manifest/{key}")).to_owned();
        manifest("kind") == "ServiceAccount"
            && manifest("metadata/name") == name
            && manifest("metadata/namespace") == ward.namespace
    };
    let owners = objects.iter().filter(is_it).count();
    if owners > 1 {
        out.push(Check::warn(
            "P8",
            format!("ServiceAccount {}/{name}", ward.namespace),
            format!("{owners} actors own it together: deleting one may take it from all until another makes it again"),
        ));
    }
    Ok(())
}

pub(super) async fn rabbitmq(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let mut secrets: Vec<(String, String)> = match &ward.triggers {
        Look::Seen(triggers) => triggers
            .iter()
            .flat_map(|trigger| list(trigger, "/spec/secretTargetRef"))
            .map(|reference| (text(reference, "/name").to_owned(), text(reference, "/key").to_owned()))
            .collect(),
        Look::Denied(_) => Vec::new(),
    };
    if secrets.is_empty() {
        secrets.push((RABBITMQ_SECRET.0.to_owned(), RABBITMQ_SECRET.1.to_owned()));
    }
    secrets.sort();
    secrets.dedup();
    for (name, key) in secrets {
        let subject = format!("Secret {}/{name}", ward.namespace);
        let fix = format!("asya k secret set {name} {key}, with amqp://USER:PASSWORD@HOST:5672/");
        out.push(match ward.secret(&ward.namespace, &name, &key).await? {
            Look::Denied(what) => Check::denied("C30", subject, &what),
            Look::Seen(Found::Missing) => {
                Check::fail("C30", subject, "it is missing: KEDA cannot read the queue, so pods are never added")
                    .fix(fix)
            }
            Look::Seen(Found::NoKey) => Check::fail("C30", subject, format!("it has no key `{key}`")).fix(fix),
            Look::Seen(Found::Value(value)) => {
                let url = String::from_utf8_lossy(&value).into_owned();
                match (url.starts_with("amqp://") || url.starts_with("amqps://")) && url.trim_end() == url {
                    true => Check::ok("C30", subject, format!("`{key}` is the address of a RabbitMQ")),
                    false => Check::fail(
                        "C30",
                        subject,
                        format!("`{key}` is no amqp:// or amqps:// address, or ends with a line break"),
                    )
                    .fix(fix),
                }
            }
        });
    }
    Ok(())
}
