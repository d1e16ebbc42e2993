//! Checks for Pub/Sub.

use serde_json::Value;

use super::check::Check;
use super::platform::cloud;
use super::references::{annotation, list, text};
use super::ward::{CROSSPLANE, Found, Ward, accounts};
use crate::cluster::{Look, Resource};
use crate::error::Result;
use crate::project::Transport;

/// The annotation that lets a Kubernetes account act as a Google one.
pub(in super::super) const IDENTITY: &str = "iam.gke.io/gcp-service-account";

/// The Secret KEDA reads, where no TriggerAuthentication says another.
pub(in super::super) const KEDA_SECRET: (&str, &str) = ("gcp-keda-secret", "credentials.json");

pub(super) async fn run(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let config = match cloud(ward, Transport::Pubsub).await? {
        Look::Seen(Some(config)) => Some(config),
        _ => None,
    };
    let project = config.as_ref().map(|config| text(config, "/spec/projectID").to_owned()).unwrap_or_default();
    match config.as_ref().map(|config| text(config, "/spec/credentials/source").to_owned()).as_deref() {
        Some("InjectedIdentity") => provider_identity(ward, out).await?,
        Some("Secret") => provider_secret(ward, config.as_ref(), &project, out).await?,
        Some(other) => {
            out.push(Check::skip("C10", "credentials of the provider", format!("their source is `{other}`")))
        }
        None => out.push(Check::skip("C10", "credentials of the provider", "its ProviderConfig cannot be seen")),
    }
    keda(ward, out).await?;
    identity(ward, &project, out).await?;
    nodes(ward, out).await
}

async fn provider_secret(ward: &Ward<'_>, config: Option<&Value>, project: &str, out: &mut Vec<Check>) -> Result<()> {
    let named = |pointer: &str, otherwise: &str| {
        let found = config.map(|config| text(config, pointer)).unwrap_or_default();
        if found.is_empty() { otherwise.to_owned() } else { found.to_owned() }
    };
    let namespace = named("/spec/credentials/secretRef/namespace", CROSSPLANE);
    let name = named("/spec/credentials/secretRef/name", "gcp-creds");
    let key = named("/spec/credentials/secretRef/key", "credentials.json");
    let subject = format!("Secret {namespace}/{name}");
    let fix = format!("kubectl -n {namespace} create secret generic {name} --from-file={key}=KEY.json");
    out.push(match ward.secret(&namespace, &name, &key).await? {
        Look::Denied(what) => Check::denied("C10", subject, &what),
        Look::Seen(Found::Missing) => {
            Check::fail("C10", subject, "it is missing: Crossplane cannot make queues").fix(fix)
        }
        Look::Seen(Found::NoKey) => Check::fail("C10", subject, format!("it has no key `{key}`")).fix(fix),
        Look::Seen(Found::Value(value)) => match key_of_account(&value) {
            Err(why) => Check::fail("C10", subject, format!("`{key}` {why}")).fix(fix),
            Ok(of) if !project.is_empty() && of != project => Check::fail(
                "C10",
                subject,
                format!("it is a key of project `{of}`, while the ProviderConfig says `{project}`"),
            )
            .fix(fix),
            Ok(_) => Check::ok("C10", subject, "is a key of a service account"),
        },
    });
    Ok(())
}

/// The project of a service account's key, or what is wrong with it.
fn key_of_account(value: &[u8]) -> Result<String, &'static str> {
    let key: Value = serde_json::from_slice(value).map_err(|_| "is not JSON")?;
    if text(&key, "/type") != "service_account" {
        return Err("is not the key of a service account (`type`)");
    }
    Ok(text(&key, "/project_id").to_owned())
}

async fn provider_identity(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let all = match ward.cluster.look_all(&accounts(), CROSSPLANE, "").await? {
        Look::Denied(what) => {
            out.push(Check::denied("C11", "ServiceAccount of the Pub/Sub provider", &what));
            return Ok(());
        }
        Look::Seen(all) => all,
    };
    // Its name ends with a hash of the package.
    let found = all.iter().find(|account| text(account, "/metadata/name").contains("provider-gcp-pubsub"));
    out.push(match found {
        None => Check::fail("C11", "ServiceAccount of the Pub/Sub provider", format!("there is none in namespace `{CROSSPLANE}`"))
            .fix("install the provider `provider-gcp-pubsub`"),
        Some(account) => {
            let name = text(account, "/metadata/name");
            let subject = format!("ServiceAccount {CROSSPLANE}/{name}");
            match annotation(account, IDENTITY) {
                "" => Check::fail("C11", subject, "it does not act as a Google service account").fix(format!(
                    "kubectl -n {CROSSPLANE} annotate serviceaccount {name} {IDENTITY}=asya-crossplane@PROJECT.iam.gserviceaccount.com"
                )),
                identity => Check::ok("C11", subject, format!("acts as {identity}")),
            }
        }
    });
    Ok(())
}

/// The Secrets and keys that TriggerAuthentications name; the chart's default without any.
fn keda_secrets(ward: &Ward<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Look::Seen(triggers) = &ward.triggers {
        for reference in triggers.iter().flat_map(|trigger| list(trigger, "/spec/secretTargetRef")) {
            let pair = (text(reference, "/name").to_owned(), text(reference, "/key").to_owned());
            if !found.contains(&pair) {
                found.push(pair);
            }
        }
    }
    if found.is_empty() {
        found.push((KEDA_SECRET.0.to_owned(), KEDA_SECRET.1.to_owned()));
    }
    found
}

async fn keda(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let namespace = &ward.namespace;
    for (name, key) in keda_secrets(ward) {
        let subject = format!("Secret {namespace}/{name}");
        let fix = format!("asya k namespace prepare {namespace}, or: asya k secret set {name} {key} < KEY.json");
        out.push(match ward.secret(namespace, &name, &key).await? {
            Look::Denied(what) => Check::denied("C12", subject, &what),
            Look::Seen(Found::Missing) => {
                let elsewhere = ward.secret("keda", &name, &key).await?;
                let (id, finding) = match elsewhere {
                    Look::Seen(Found::Value(_) | Found::NoKey) => (
                        "P1",
                        "it is in namespace `keda` alone; KEDA reads it in the actors' namespace, so pods are never added",
                    ),
                    _ => ("C12", "it is missing: KEDA cannot read the backlog, so pods are never added"),
                };
                Check::fail(id, subject, finding).fix(fix)
            }
            Look::Seen(Found::NoKey) => Check::fail("C12", subject, format!("it has no key `{key}`")).fix(fix),
            Look::Seen(Found::Value(value)) => match key_of_account(&value) {
                Err(why) => Check::fail("C12", subject, format!("`{key}` {why}")).fix(fix),
                Ok(_) => Check::ok("C12", subject, "is a key of a service account"),
            },
        });
    }
    Ok(())
}

async fn identity(ward: &Ward<'_>, project: &str, out: &mut Vec<Check>) -> Result<()> {
    let namespace = &ward.namespace;
    let subject = format!("ServiceAccount {namespace}/default");
    let account = match ward.cluster.look(&accounts(), namespace, "default").await? {
        Look::Denied(what) => {
            out.push(Check::denied("C13", subject, &what));
            return Ok(());
        }
        Look::Seen(account) => account.unwrap_or_default(),
    };
    let shown_project = if project.is_empty() { "PROJECT" } else { project };
    let identity = annotation(&account, IDENTITY).to_owned();
    out.push(match identity.as_str() {
        "" => Check::fail("C13", subject.clone(), "it does not act as a Google service account: pods are refused by Pub/Sub").fix(
            format!("kubectl -n {namespace} annotate serviceaccount default {IDENTITY}=asya-actor@{shown_project}.iam.gserviceaccount.com"),
        ),
        identity => match identity.strip_suffix(".iam.gserviceaccount.com").and_then(|it| it.split_once('@')) {
            None => Check::fail("C13", subject.clone(), format!("`{identity}` is no Google service account")),
            Some((_, of)) if !project.is_empty() && of != project => Check::warn(
                "C13",
                subject.clone(),
                format!("acts as {identity}, of another project than the topics (`{project}`)"),
            ),
            Some(_) => Check::ok("C13", subject.clone(), format!("acts as {identity}")),
        },
    });
    if identity.is_empty() {
        return Ok(());
    }
    out.push(
        Check::unknown(
            "C14",
            format!("IAM binding of {namespace}/default"),
            "whether Google lets this account act as that one cannot be seen from here",
        )
        .fix(format!("gcloud iam service-accounts get-iam-policy {identity} --project {shown_project}")),
    );
    older_pods(ward, &account, out);
    file_credentials(ward, out).await
}

/// Pods get their identity when they start.
fn older_pods(ward: &Ward<'_>, account: &Value, out: &mut Vec<Check>) {
    let Look::Seen(pods) = &ward.pods else { return };
    let marked = list(account, "/metadata/managedFields").find(|entry| {
        let annotations = entry.pointer("/fieldsV1/f:metadata/f:annotations");
        annotations.is_some_and(|annotations| annotations.get(format!("f:{IDENTITY}")).is_some())
    });
    let Some(since) = marked.map(|entry| text(entry, "/time")).filter(|time| !time.is_empty()) else { return };
    // Both are times in UTC to the second: text sorts as time does.
    let older = pods.iter().filter(|pod| {
        let started = text(pod, "/status/startTime");
        !started.is_empty() && started < since
    });
    let count = older.count();
    if count > 0 {
        out.push(
            Check::warn(
                "C15",
                format!("pods of namespace {}", ward.namespace),
                format!("{count} of them started before the account got its identity"),
            )
            .fix(format!("kubectl -n {} rollout restart deployment -l asya.sh/actor", ward.namespace)),
        );
    }
}

/// A key file given as variables does nothing: the client libraries do not look there.
async fn file_credentials(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let templates = ward.templates_of_actors();
    let sources = templates.iter().flat_map(|(_, pod)| list(pod, "/containers")).flat_map(|it| list(it, "/envFrom"));
    let Some(name) = sources.map(|source| text(source, "/secretRef/name")).find(|name| !name.is_empty()) else {
        return Ok(());
    };
    out.push(
        Check::warn(
            "P5",
            format!("Secret {}/{name}", ward.namespace),
            "the sidecar gets it as variables and the account has an identity; keys with dots are dropped, and Google's libraries do not read the others",
        )
        .fix("leave `sidecar.gcpCredsSecret` empty in the values of the chart `asya-crossplane`"),
    );
    Ok(())
}

async fn nodes(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let resource = Resource::new("", "v1", "Node", "nodes", false);
    out.push(match ward.cluster.look_all(&resource, "", "").await? {
        Look::Denied(what) => Check::denied("C16", "nodes", &what),
        Look::Seen(nodes) => {
            let label = "/metadata/labels/iam.gke.io~1gke-metadata-server-enabled";
            let with = nodes.iter().filter(|node| text(node, label) == "true").count();
            match (with, nodes.len()) {
                (with, all) if with == all => Check::ok("C16", "nodes", "all have Workload Identity"),
                (0, _) => Check::warn("C16", "nodes", "none has Workload Identity; on Autopilot it is always there")
                    .fix("gcloud container node-pools update POOL --cluster CLUSTER --workload-metadata=GKE_METADATA"),
                (with, all) => Check::warn("C16", "nodes", format!("{with} of {all} have Workload Identity"))
                    .fix("gcloud container node-pools update POOL --cluster CLUSTER --workload-metadata=GKE_METADATA"),
            }
        }
    });
    Ok(())
}
