//! Checks of whom the gateway reaches, and who reaches it: queues, and actors on their way.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::check::Check;
use super::super::known::Id;
use super::super::pubsub::IDENTITY;
use super::super::references::{annotation, containers, list, text, variable};
use super::super::sqs::ROLE;
use super::super::ward::{Ward, accounts, services};
use super::{Pods, mode};
use crate::cluster::{Look, Resource};
use crate::error::Result;
use crate::project::Transport;

/// The gateway sends to queues itself.
pub(super) async fn identity(ward: &Ward<'_>, pods: &Pods, out: &mut Vec<Check>) -> Result<()> {
    let name = pods.templates.iter().map(|(_, pod)| text(pod, "/serviceAccountName")).find(|name| !name.is_empty());
    let name = name.unwrap_or("default");
    let subject = format!("ServiceAccount {}/{name}", ward.gateway);
    if pods.has("GOOGLE_APPLICATION_CREDENTIALS") || pods.has("AWS_ACCESS_KEY_ID") {
        out.push(Check::ok(Id::C55, subject, "is not needed: the gateway has a key"));
        return Ok(());
    }
    let mark = if ward.uses(Transport::Pubsub) { IDENTITY } else { ROLE };
    let account = match ward.look(&accounts(), &ward.gateway, name).await {
        Look::Unseen(what) => {
            out.push(Check::unseen(Id::C55, subject, &what));
            return Ok(());
        }
        Look::Seen(account) => account.unwrap_or_default(),
    };
    out.push(match annotation(&account, mark) {
        "" => Check::fail(Id::C55, subject, "it acts as nobody: the gateway cannot send to queues")
            .fix(format!("set `serviceAccount.annotations` with `{mark}` in the values of the chart `asya-gateway`")),
        identity => Check::ok(Id::C55, subject, format!("acts as {identity}")),
    });
    Ok(())
}

/// The names of queues carry a namespace: the gateway's.
pub(super) fn queues(ward: &Ward<'_>, pods: &Pods, out: &mut Vec<Check>) {
    let sends_to = pods.value_of("ASYA_NAMESPACE").unwrap_or_else(|| ward.gateway.clone());
    let subject = format!("gateway in {}", ward.gateway);
    out.push(match sends_to == ward.namespace {
        true => Check::ok(Id::C56, subject, format!("sends to queues of namespace `{sends_to}`")),
        false => Check::fail(
            Id::C56,
            subject,
            format!("it sends to queues of namespace `{sends_to}`, and the actors are in `{}`", ward.namespace),
        )
        .fix("give the actors' namespace a gateway of its own, or deploy the actors to the gateway's"),
    });
}

const SET_URL: &str =
    "set `sidecar.gatewayURL` in the values of the chart `asya-crossplane` to the mesh Service, without a path";

/// Actors tell the gateway how far they are.
pub(super) async fn back_channel(ward: &Ward<'_>, pods: &Pods, out: &mut Vec<Check>) -> Result<()> {
    let templates = ward.templates_of_actors();
    if templates.is_empty() {
        return Ok(());
    }
    let urls: BTreeSet<&str> = templates
        .iter()
        .flat_map(|(_, pod)| containers(pod))
        .filter_map(|container| variable(container, "ASYA_GATEWAY_URL"))
        .map(|entry| text(entry, "/value"))
        .filter(|url| !url.is_empty())
        .collect();
    let subject = format!("ASYA_GATEWAY_URL of actors in {}", ward.namespace);
    if urls.is_empty() {
        out.push(
            Check::warn(Id::C57, subject, "it is not set: actors do not tell the gateway how far they are")
                .fix(SET_URL),
        );
        return Ok(());
    }
    for url in urls {
        out.push(match told(ward, pods, url).await? {
            Told::Well(finding) => Check::ok(Id::C57, subject.clone(), finding),
            Told::Badly(finding) => Check::fail(Id::C57, subject.clone(), finding).fix(SET_URL),
            Told::Elsewhere(finding) => Check::unknown(Id::C57, subject.clone(), finding),
            Told::Denied(what) => Check::unseen(Id::C57, subject.clone(), &what),
        });
    }
    Ok(())
}

enum Told {
    Well(String),
    Badly(String),
    /// It cannot be seen from here.
    Elsewhere(String),
    Denied(String),
}

async fn told(ward: &Ward<'_>, pods: &Pods, url: &str) -> Result<Told> {
    let address = match url.parse::<http::Uri>() {
        Ok(address) if matches!(address.scheme_str(), Some("http" | "https")) => address,
        _ => return Ok(Told::Badly(format!("`{url}` is no http:// address"))),
    };
    if address.path() != "/" || url.ends_with('/') {
        return Ok(Told::Badly(format!("`{url}` has a path")));
    }
    let host = address.host().unwrap_or_default();
    let Some((namespace, name)) = service_of(host, &ward.namespace) else {
        return Ok(Told::Elsewhere(format!("`{url}` is outside of the cluster")));
    };
    let service = match ward.look(&services(), &namespace, &name).await {
        Look::Unseen(what) => return Ok(Told::Denied(what)),
        Look::Seen(Some(service)) => service,
        Look::Seen(None) => return Ok(Told::Badly(format!("it names Service {namespace}/{name}, which is missing"))),
    };
    let port = address.port_u16().unwrap_or(if address.scheme_str() == Some("https") { 443 } else { 80 });
    let ports: Vec<u64> =
        list(&service, "/spec/ports").filter_map(|it| it.get("port").and_then(Value::as_u64)).collect();
    if !ports.contains(&u64::from(port)) {
        let ports: Vec<String> = ports.iter().map(u64::to_string).collect();
        return Ok(Told::Badly(format!("Service {namespace}/{name} has no port {port}; it has {}", ports.join(", "))));
    }
    let well = Told::Well(format!("is Service {namespace}/{name}"));
    let deployments = match ward.look_all(&Resource::deployments(), &namespace, "").await {
        Look::Seen(deployments) if pods.halves => deployments,
        _ => return Ok(well),
    };
    let modes: Vec<&str> = deployments
        .iter()
        .filter(|deployment| selects(&service, deployment))
        .filter_map(|deployment| deployment.pointer("/spec/template/spec"))
        .map(mode)
        .collect();
    Ok(match modes.as_slice() {
        [] => Told::Badly(format!("Service {namespace}/{name} leads to no Deployment")),
        modes if modes.contains(&"api") => {
            Told::Badly(format!("Service {namespace}/{name} leads to the half for agents (`api`), not to `mesh`"))
        }
        _ => well,
    })
}

/// Whether a Service leads to the pods of a Deployment.
pub(super) fn selects(service: &Value, deployment: &Value) -> bool {
    let labels = deployment.pointer("/spec/template/metadata/labels");
    let selector = service.pointer("/spec/selector").and_then(Value::as_object);
    selector.is_some_and(|selector| {
        !selector.is_empty()
            && selector.iter().all(|(key, value)| labels.and_then(|labels| labels.get(key)) == Some(value))
    })
}

/// Namespace and name of the Service that a host is, seen from namespace `from`; `None` for hosts
/// outside of the cluster.
pub(super) fn service_of(host: &str, from: &str) -> Option<(String, String)> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() || host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    let parts: Vec<&str> = host.split('.').collect();
    match parts.as_slice() {
        [name] => Some((from.to_owned(), (*name).to_owned())),
        [name, namespace] | [name, namespace, "svc", ..] => Some(((*namespace).to_owned(), (*name).to_owned())),
        _ => None,
    }
}
