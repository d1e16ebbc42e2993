//! `asya k events`.

use std::collections::BTreeSet;

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::super::Status;
use super::doctor::text;
use super::target::load;
use crate::cluster::{self, Cluster, Connect, Look, Resource};
use crate::error::Result;
use crate::event::Event;
use crate::names::FlowName;
use crate::settings::Settings;
use crate::ui::{Table, Ui};

/// Show what happened to a flow's actors
///
/// The cluster's events about its AsyncActors, Deployments, pods and scalers, oldest first.
/// Clusters forget events, mostly after an hour.
#[derive(Debug, Args)]
pub(super) struct EventsArgs {
    /// The flow
    flow: FlowName,
    /// Warnings alone
    #[arg(long)]
    warnings: bool,
}

/// The result, version 1.
#[derive(Serialize)]
struct EventsDocument {
    version: u32,
    flow: String,
    events: Vec<EventDocument>,
}

#[derive(Serialize)]
struct EventDocument {
    /// When it happened last.
    time: String,
    /// `Normal` or `Warning`.
    r#type: String,
    count: u64,
    /// `Kind name`.
    object: String,
    reason: String,
    message: String,
}

pub(super) fn run(args: &EventsArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let target = load(&args.flow, settings, ui)?;
    let actors: BTreeSet<String> = target
        .objects()
        .iter()
        .filter(|object| object.kind() == "AsyncActor")
        .map(|object| object.name().to_owned())
        .collect();
    let found = cluster::run(async {
        let environment = |name: &str| settings.environment.get(name).map(str::to_owned);
        let cluster =
            Cluster::connect(Connect { context: target.kubectl_context(), environment: &environment }).await?;
        let namespace = target.namespaces(cluster.namespace())?.actors;
        cluster.actor_shape().await?;
        let mut all = cluster.list(&Resource::events(), &namespace, "").await?;
        // Events of objects without a namespace are kept in this one.
        if namespace != "default"
            && let Look::Seen(others) = cluster.look_all(&Resource::events(), "default", "").await?
        {
            all.extend(others.into_iter().filter(|event| text(event, "/involvedObject/kind") == "XAsyncActor"));
        }
        if !all.iter().any(|event| is_about(event, &actors)) {
            cluster.check_namespace(&namespace, "namespace").await?;
        }
        Ok(all)
    })?;
    let mut events: Vec<EventDocument> = found
        .iter()
        .filter(|event| is_about(event, &actors))
        .map(document)
        .filter(|event| !args.warnings || event.r#type == "Warning")
        .collect();
    events.sort_by(|a, b| (&a.time, &a.object).cmp(&(&b.time, &b.object)));
    if events.is_empty() {
        ui.event(Event::Note("nothing happened that the cluster remembers".to_owned()));
    }
    let document = EventsDocument { version: 1, flow: args.flow.to_string(), events };
    ui.report(&document, |_| human(&document));
    Ok(Status::Done)
}

/// Whether an event is about one of the actors: what has its name, or a name made from it.
fn is_about(event: &Value, actors: &BTreeSet<String>) -> bool {
    let name = text(event, "/involvedObject/name");
    // What controllers put behind a dash: a pod has the hash of its ReplicaSet and its own.
    let made = match text(event, "/involvedObject/kind") {
        "AsyncActor" | "Deployment" | "ScaledObject" => 0,
        "ReplicaSet" | "XAsyncActor" => 1,
        "Pod" => 2,
        "HorizontalPodAutoscaler" => return name.strip_prefix("keda-hpa-").is_some_and(|name| actors.contains(name)),
        "TriggerAuthentication" => return name.strip_suffix("-trigger-auth").is_some_and(|name| actors.contains(name)),
        _ => return false,
    };
    let base = (0..made).try_fold(name, |name, _| Some(name.rsplit_once('-')?.0));
    base.is_some_and(|base| actors.contains(base))
}

fn document(event: &Value) -> EventDocument {
    let first = |pointers: &[&str]| {
        let found = pointers.iter().map(|pointer| text(event, pointer)).find(|text| !text.is_empty());
        found.unwrap_or_default().to_owned()
    };
    let time = first(&["/series/lastObservedTime", "/lastTimestamp", "/eventTime", "/metadata/creationTimestamp"]);
    let count = ["/series/count", "/count"].iter().find_map(|pointer| event.pointer(pointer)?.as_u64());
    EventDocument {
        time,
        r#type: first(&["/type"]),
        count: count.unwrap_or(1),
        object: format!("{} {}", text(event, "/involvedObject/kind"), text(event, "/involvedObject/name")),
        reason: first(&["/reason"]),
        message: first(&["/message"]).lines().collect::<Vec<_>>().join(" "),
    }
}

fn human(document: &EventsDocument) -> String {
    if document.events.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&["LAST", "TYPE", "COUNT", "OBJECT", "REASON", "MESSAGE"]);
    for event in &document.events {
        table.row([
            event.time.clone(),
            event.r#type.clone(),
            event.count.to_string(),
            event.object.clone(),
            event.reason.clone(),
            event.message.clone(),
        ]);
    }
    table.render()
}
