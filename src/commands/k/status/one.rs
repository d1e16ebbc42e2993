//! The status of one flow.

use futures::future;
use serde_json::Value;

use super::super::super::Status;
use super::super::target::{Namespaces, Target, load};
use super::document::{ActorDocument, ClusterDocument, DriftDocument, FlowStatus, GatewayDocument, context_name};
use super::human;
use crate::cluster::{self, Cluster, Connect, Resources};
use crate::error::Result;
use crate::event::{Event, Standing};
use crate::gateway::{Detected, Sight};
use crate::kustomize::Object;
use crate::names::FlowName;
use crate::settings::Settings;
use crate::ui::Ui;

pub(super) fn run(flow: &FlowName, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let target = load(flow, settings, ui)?;
    let document = cluster::run(look(flow, settings, &target, ui))?;
    ui.report(&document, |ui| human::one(&document, ui));
    Ok(if document.healthy { Status::Done } else { Status::Negative })
}

async fn look(flow: &FlowName, settings: &Settings, target: &Target, ui: &mut Ui) -> Result<FlowStatus> {
    let environment = |name: &str| settings.environment.get(name).map(str::to_owned);
    let cluster = Cluster::connect(Connect { context: target.kubectl_context(), environment: &environment }).await?;
    let namespaces = target.namespaces(cluster.namespace())?;
    let (entries, actors) = target.split(&namespaces);
    let exposed = !entries.is_empty();
    let objects: Vec<Object> = actors.into_iter().chain(entries).collect();
    let resources = Resources::discover(&cluster, &objects).await?;
    let manager = cluster::field_manager(flow);
    let (overview, plan, sight) = future::try_join3(
        cluster.overview(&namespaces.actors),
        cluster.plan(&manager, objects, &resources, &namespaces.actors),
        async { Ok(Sight::of(&cluster, &namespaces.gateway, target.gateway()).await) },
    )
    .await?;
    for error in &overview.blind {
        ui.event(Event::Warning { message: error.message().to_owned(), hint: error.hints().first().cloned() });
    }
    let names: Vec<&str> =
        plan.steps().filter(|step| step.object.kind() == "AsyncActor").map(|step| step.object.name()).collect();
    let actors: Vec<ActorDocument> =
        names.iter().map(|name| ActorDocument::of(name, overview.actors.get(*name))).collect();
    let mut drift: Vec<DriftDocument> = plan
        .steps()
        .filter_map(|step| cluster::drift(&step.object, step.live.as_ref(), &manager))
        .map(DriftDocument::of)
        .collect();
    drift.extend(plan.removals().iter().map(|removal| DriftDocument::not_rendered(removal.id().to_string())));
    let gateway = match sight {
        Ok(sight) => registration(flow, exposed, &namespaces, &sight),
        // Without a look at the gateway the rest is still worth telling.
        Err(error) => {
            ui.event(Event::Warning { message: error.message().to_owned(), hint: error.hints().first().cloned() });
            unknown(exposed, &namespaces, error.message())
        }
    };
    let ready = actors.iter().all(|actor| actor.state == Standing::Ready.name());
    Ok(FlowStatus {
        version: 1,
        flow: flow.to_string(),
        context: context_name(target.context.as_ref()),
        cluster: ClusterDocument::of(&cluster, &namespaces.actors),
        healthy: ready && drift.is_empty() && gateway.is_well(),
        actors,
        gateway,
        drift,
    })
}

fn registration(flow: &FlowName, exposed: bool, namespaces: &Namespaces, sight: &Sight) -> GatewayDocument {
    let served = sight.flows.get(flow.as_str());
    let (registration, message) = match (&sight.detected, exposed) {
        (Detected::One(gateway), _) if sight.opaque => {
            ("unknown", format!("what gateway `{}` serves cannot be told from its volumes", gateway.deployment))
        }
        (Detected::One(_), true) if !sight.refused.is_empty() => {
            let refused: Vec<String> = sight
                .refused
                .iter()
                .map(|(map, file, reason)| format!("`{file}` of ConfigMap `{map}`: {reason}"))
                .collect();
            ("blocked", format!("the gateway refuses {}, and with it every flow", refused.join("; ")))
        }
        (Detected::One(_), true) => match served {
            Some(served) => ("registered", served_over(served.mcp, served.a2a)),
            None => (
                "not-registered",
                "the gateway does not mount its entry; a Helm upgrade may have taken it out; run `asya k apply`"
                    .to_owned(),
            ),
        },
        (Detected::One(_), false) if served.is_some() => (
            "left-over",
            "the gateway still serves it, though it is not exposed any more; run `asya k apply`".to_owned(),
        ),
        (_, false) => ("none", "not exposed".to_owned()),
        (Detected::None, true) => ("no-gateway", format!("there is no gateway in namespace `{}`", namespaces.gateway)),
        (Detected::Several(_), true) => (
            "no-gateway",
            format!("there are several gateways in namespace `{}`; name one in the context", namespaces.gateway),
        ),
        (Detected::Unknown(_), true) => {
            ("no-gateway", format!("the gateway of the context is not in namespace `{}`", namespaces.gateway))
        }
    };
    GatewayDocument {
        namespace: namespaces.gateway.clone(),
        deployment: sight.gateway().map(|gateway| gateway.deployment.clone()),
        exposed,
        registration,
        message,
    }
}

fn unknown(exposed: bool, namespaces: &Namespaces, message: &str) -> GatewayDocument {
    GatewayDocument {
        namespace: namespaces.gateway.clone(),
        deployment: None,
        exposed,
        registration: "unknown",
        message: message.to_owned(),
    }
}

fn served_over(mcp: bool, a2a: bool) -> String {
    match (mcp, a2a) {
        (true, true) => "served over MCP and A2A".to_owned(),
        (true, false) => "served over MCP".to_owned(),
        (false, true) => "served over A2A".to_owned(),
        (false, false) => "mounted, but neither tool nor skill".to_owned(),
    }
}

/// A value in a line of text.
pub(super) fn shown(value: Option<&Value>) -> String {
    const LONGEST: usize = 60;
    match value {
        None => "(not shown)".to_owned(),
        Some(Value::Null) => "nothing".to_owned(),
        Some(value) => {
            let text = value.to_string();
            match text.char_indices().nth(LONGEST) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        }
    }
}
