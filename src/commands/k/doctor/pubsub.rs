//! Checks for Pub/Sub.

use serde_json::Value;

use super::check::Check;
use super::crossplane::cloud;
use super::known::Id;
use super::references::{annotation, list, text};
use super::resolved::misnamed;
use super::ward::{CROSSPLANE, Found, SIDECAR, Ward, accounts};
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
        Some("InjectedIdentity") => provider_identity(ward, shown(&project), out).await?,
        Some("Secret") => provider_secret(ward, config.as_ref(), &project, out).await?,
        Some(other) => {
            out.push(Check::skip(Id::C10, "credentials of the provider", format!("their source is `{other}`")))
        }
        None => out.push(Check::skip(Id::C10, "credentials of the provider", "its ProviderConfig cannot be seen")),
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
    let default = ("gcp-creds", "credentials.json");
    out.push(match ward.secret(&namespace, &name, &key).await? {
        Look::Unseen(what) => Check::unseen(Id::C10, subject, &what),
        Look::Seen(Found::Missing | Found::NoKey) if ward.is_misnamed(&namespace, (&name, &key), default).await? => {
            misnamed(subject, (&name, &key), default, "gcpProviderConfig.secretRef")
        }
        Look::Seen(Found::Missing) => {
            Check::fail(Id::C10, subject, "it is missing: Crossplane cannot make queues").fix(fix)
        }
        Look::Seen(Found::NoKey) => Check::fail(Id::C10, subject, format!("it has no key `{key}`")).fix(fix),
        Look::Seen(Found::Value(value)) => match key_of_account(&value) {
            Err(why) => Check::fail(Id::C10, subject, format!("`{key}` {why}")).fix(fix),
            Ok(of) if !project.is_empty() && of != project => Check::fail(
                Id::C10,
                subject,
                format!("it is a key of project `{of}`, while the ProviderConfig says `{project}`"),
            )
            .fix(fix),
            Ok(_) => Check::ok(Id::C10, subject, "is a key of a service account"),
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

async fn provider_identity(ward: &Ward<'_>, project: &str, out: &mut Vec<Check>) -> Result<()> {
    let all = match ward.look_all(&accounts(), CROSSPLANE, "").await {
        Look::Unseen(what) => {
            out.push(Check::unseen(Id::C11, "ServiceAccount of the Pub/Sub provider", &what));
            return Ok(());
        }
        Look::Seen(all) => all,
    };
    // Its name ends with a hash of the package.
    let found = all.iter().find(|account| text(account, "/metadata/name").contains("provider-gcp-pubsub"));
    out.push(match found {
        None => Check::fail(Id::C11, "ServiceAccount of the Pub/Sub provider", format!("there is none in namespace `{CROSSPLANE}`"))
            .fix("install the provider `provider-gcp-pubsub`"),
        Some(account) => {
            let name = text(account, "/metadata/name");
            let subject = format!("ServiceAccount {CROSSPLANE}/{name}");
            match annotation(account, IDENTITY) {
                "" => Check::fail(Id::C11, subject, "it does not act as a Google service account: Crossplane cannot make queues").fix(format!(
                    "kubectl -n {CROSSPLANE} annotate serviceaccount {name} {IDENTITY}=asya-crossplane@{project}.iam.gserviceaccount.com; then {}",
                    bind(&format!("asya-crossplane@{project}.iam.gserviceaccount.com"), project, CROSSPLANE, name)
                )),
                identity => Check::ok(Id::C11, subject, format!("acts as {identity}")),
            }
        }
    });
    Ok(())
}

async fn keda(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let namespace = &ward.namespace;
    for (name, key) in ward.keda_secrets(Transport::Pubsub) {
        let subject = format!("Secret {namespace}/{name}");
        let fix = format!(
            "asya k namespace prepare {namespace}, or: asya k secret set {name} {key} --namespace {namespace} < KEY.json"
        );
        out.push(match ward.secret(namespace, &name, &key).await? {
            Look::Unseen(what) => Check::unseen(Id::C12, subject, &what),
            Look::Seen(Found::Missing | Found::NoKey)
                if ward.is_misnamed(namespace, (&name, &key), KEDA_SECRET).await? =>
            {
                misnamed(subject, (&name, &key), KEDA_SECRET, "pubsub.keda.secretRef")
            }
            Look::Seen(Found::Missing) => {
                let elsewhere = ward.secret("keda", &name, &key).await?;
                let (id, finding) = match elsewhere {
                    Look::Seen(Found::Value(_) | Found::NoKey) => (
                        Id::P1,
                        "it is in namespace `keda` alone; KEDA reads it in the actors' namespace, so pods are never added",
                    ),
                    _ => (Id::C12, "it is missing: KEDA cannot read the backlog, so pods are never added"),
                };
                Check::fail(id, subject, finding).fix(fix)
            }
            Look::Seen(Found::NoKey) => Check::fail(Id::C12, subject, format!("it has no key `{key}`")).fix(fix),
            Look::Seen(Found::Value(value)) => match key_of_account(&value) {
                Err(why) => Check::fail(Id::C12, subject, format!("`{key}` {why}")).fix(fix),
                Ok(_) => Check::ok(Id::C12, subject, "is a key of a service account"),
            },
        });
    }
    Ok(())
}

async fn identity(ward: &Ward<'_>, project: &str, out: &mut Vec<Check>) -> Result<()> {
    let namespace = &ward.namespace;
    let subject = format!("ServiceAccount {namespace}/default");
    let account = match ward.look(&accounts(), namespace, "default").await {
        Look::Unseen(what) => {
            out.push(Check::unseen(Id::C13, subject, &what));
            return Ok(());
        }
        Look::Seen(account) => account.unwrap_or_default(),
    };
    let shown_project = shown(project);
    let identity = annotation(&account, IDENTITY).to_owned();
    out.push(match identity.as_str() {
        "" => Check::fail(Id::C13, subject.clone(), "it does not act as a Google service account: pods are refused by Pub/Sub").fix(
            format!("kubectl -n {namespace} annotate serviceaccount default {IDENTITY}=asya-actor@{shown_project}.iam.gserviceaccount.com"),
        ),
        identity => match identity.strip_suffix(".iam.gserviceaccount.com").and_then(|it| it.split_once('@')) {
            None => Check::fail(Id::C13, subject.clone(), format!("`{identity}` is no Google service account")).fix(format!(
                "kubectl -n {namespace} annotate --overwrite serviceaccount default {IDENTITY}=asya-actor@{shown_project}.iam.gserviceaccount.com"
            )),
            Some((_, of)) if !project.is_empty() && of != project => Check::warn(
                Id::C13,
                subject.clone(),
                format!("acts as {identity}, of another project than the topics (`{project}`)"),
            )
            .fix(format!("let it use them: roles/pubsub.publisher and roles/pubsub.subscriber in project {shown_project}, for {identity}")),
            Some(_) => Check::ok(Id::C13, subject.clone(), format!("acts as {identity}")),
        },
    });
    if !identity.is_empty() {
        binding(ward, &identity, shown_project, out).await;
        older_pods(ward, &account, out);
    }
    file_credentials(ward, !identity.is_empty(), out);
    Ok(())
}

/// A project for a command.
fn shown(project: &str) -> &str {
    if project.is_empty() { "PROJECT" } else { project }
}

/// The command that lets a Kubernetes account act as a Google one.
fn bind(identity: &str, project: &str, namespace: &str, account: &str) -> String {
    format!(
        "gcloud iam service-accounts add-iam-policy-binding {identity} --project {project} --condition=None \
         --role roles/iam.workloadIdentityUser --member \"serviceAccount:{project}.svc.id.goog[{namespace}/{account}]\""
    )
}

/// How many sidecars are asked what they met.
const ASKED: usize = 10;

/// Only Google knows the binding; sidecars that were refused tell of it.
async fn binding(ward: &Ward<'_>, identity: &str, project: &str, out: &mut Vec<Check>) {
    let namespace = &ward.namespace;
    let subject = format!("IAM binding of {namespace}/default");
    let pods = match &ward.pods {
        Look::Seen(pods) => pods.as_slice(),
        Look::Unseen(_) => &[],
    };
    let running = pods.iter().filter(|pod| text(pod, "/status/phase") == "Running").take(ASKED);
    let logs = running.map(|pod| {
        let pod = text(pod, "/metadata/name");
        async move { (pod, ward.cluster.last_lines(namespace, pod, SIDECAR, 50, false).await) }
    });
    let told = futures::future::join_all(logs).await;
    let refused = told.iter().find(|(_, log)| matches!(log, Ok(Ok(Some(log))) if log.lines().any(is_refusal)));
    out.push(match refused {
        Some((pod, _)) => Check::fail(
            Id::C14,
            subject,
            format!("Google refuses the sidecar of Pod {namespace}/{pod} (403); a new binding takes up to a minute"),
        )
        .fix(bind(identity, project, namespace, "default")),
        None => Check::unknown(
            Id::C14,
            subject,
            "whether Google lets this account act as that one cannot be seen from here",
        )
        .fix(format!("gcloud iam service-accounts get-iam-policy {identity} --project {project}")),
    });
}

/// Whether a line of a sidecar's log is about being refused by Google.
fn is_refusal(line: &str) -> bool {
    ["PermissionDenied", "PERMISSION_DENIED", "iam.serviceAccounts.getAccessToken", "403 Forbidden", "Error 403"]
        .iter()
        .any(|word| line.contains(word))
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
    let subject = format!("pods of namespace {}", ward.namespace);
    out.push(match (older.count(), pods.len()) {
        (_, 0) => return,
        (0, all) => Check::ok(Id::C15, subject, format!("none of {all} is older than the identity of the account")),
        (count, all) => {
            Check::warn(Id::C15, subject, format!("{count} of {all} started before the account got its identity"))
                .fix(format!("kubectl -n {} rollout restart deployment -l asya.sh/actor", ward.namespace))
        }
    });
}

/// A key file given as variables does nothing: the client libraries do not look there.
fn file_credentials(ward: &Ward<'_>, has_identity: bool, out: &mut Vec<Check>) {
    for name in ward.sidecar_secrets() {
        let subject = format!("Secret {}/{name}", ward.namespace);
        let empty = "leave `sidecar.gcpCredsSecret` empty in the values of the chart `asya-crossplane`";
        out.push(match has_identity {
            true => Check::warn(
                Id::P5,
                subject,
                "sidecars get it as variables, beside the identity of their account; Google's libraries read none of them, and those with dots in their names may be dropped",
            )
            .fix(empty),
            false => Check::fail(
                Id::P5,
                subject,
                "it is all the credentials that sidecars have, as variables, which Google's libraries do not read",
            )
            .fix(format!("give the account an identity (C13), and {empty}")),
        });
    }
}

async fn nodes(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let resource = Resource::new("", "v1", "Node", "nodes", false);
    out.push(match ward.look_all(&resource, "", "").await {
        Look::Unseen(what) => Check::unseen(Id::C16, "nodes", &what),
        Look::Seen(nodes) => {
            let label = "/metadata/labels/iam.gke.io~1gke-metadata-server-enabled";
            let with = nodes.iter().filter(|node| text(node, label) == "true").count();
            match (with, nodes.len()) {
                (with, all) if with == all => Check::ok(Id::C16, "nodes", "all have Workload Identity"),
                (0, _) => Check::warn(Id::C16, "nodes", "none has Workload Identity; on Autopilot it is always there")
                    .fix("gcloud container node-pools update POOL --cluster CLUSTER --workload-metadata=GKE_METADATA"),
                (with, all) => Check::warn(Id::C16, "nodes", format!("{with} of {all} have Workload Identity"))
                    .fix("gcloud container node-pools update POOL --cluster CLUSTER --workload-metadata=GKE_METADATA"),
            }
        }
    });
    Ok(())
}
