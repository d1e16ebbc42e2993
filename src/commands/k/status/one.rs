//! The status of one flow.

use futures::future;
use serde_json::Value;

use super::super::super::Status;
use super::super::registering::WayArgs;
use super::super::target::{Namespaces, Target, load};
use super::all::warn;
use super::document::{ActorDocument, ClusterDocument, DriftDocument, FlowStatus, GatewayDocument, context_name};
use super::human;
use crate::cluster::{self, Cluster, Connect, Plan, Resources};
use crate::error::{Error, Result};
use crate::event::Standing;
use crate::gateway::{self, Detected, GatewayPlan, Sight};
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
    let manager = cluster::field_manager(flow);
    let names: Vec<String> =
        actors.iter().filter(|object| object.kind() == "AsyncActor").map(|object| object.name().to_owned()).collect();
    let objects: Vec<Object> = actors.into_iter().chain(entries.iter().cloned()).collect();
    let resources = Resources::discover(&cluster, &objects).await?;
    let overview = cluster.overview(&namespaces.actors).await?;
    if overview.actors.is_empty() {
        cluster.check_namespace(&namespaces.actors, "namespace").await?;
    }
    let way = WayArgs::default();
    let wanted = way.wanted(flow, target, &namespaces, &manager, &entries, false);
    let (sight, gateway) =
        future::join(Sight::of(&cluster, &namespaces.gateway, target.gateway()), GatewayPlan::new(&cluster, &wanted))
            .await;
    // An entry is an object of its own only where the gateway mounts it as such.
    let objects = match &gateway {
        Ok(gateway) => gateway.to_apply(objects),
        Err(_) => objects.into_iter().filter(|object| !gateway::is_flow_entry(object)).collect(),
    };
    let plan = cluster.plan(&manager, objects, &resources, &namespaces.actors).await;
    // Without what may not be seen the rest is still worth telling.
    warn(overview.blind.iter().chain(plan.as_ref().err()).chain(sight.as_ref().err()), ui);
    let actors: Vec<ActorDocument> =
        names.iter().map(|name| ActorDocument::of(name, overview.actors.get(name))).collect();
    let drift = plan.ok().map(|plan| drifted(&plan, &manager));
    let gateway = match sight {
        Ok(sight) => registration(flow, exposed, &namespaces, &sight, gateway.as_ref()),
        Err(error) => unknown(exposed, &namespaces, error.message()),
    };
    let ready = actors.iter().all(|actor| actor.state == Standing::Ready.name());
    Ok(FlowStatus {
        version: 1,
        flow: flow.to_string(),
        context: context_name(target.context.as_ref()),
        cluster: ClusterDocument::of(&cluster, &namespaces.actors),
        healthy: ready && drift.as_ref().is_none_or(Vec::is_empty) && gateway.is_well(),
        actors,
        gateway,
        drift,
    })
}

fn drifted(plan: &Plan, manager: &str) -> Vec<DriftDocument> {
    let differs = plan.steps().filter_map(|step| cluster::drift(&step.object, step.live.as_ref(), manager));
    let left = plan.removals().iter().map(|removal| DriftDocument::not_rendered(removal.id().to_string()));
    differs.map(DriftDocument::of).chain(left).collect()
}

/// `plan` is what applying would do to the gateway, or why it cannot.
fn registration(
    flow: &FlowName,
    exposed: bool,
    namespaces: &Namespaces,
    sight: &Sight,
    plan: Result<&GatewayPlan, &Error>,
) -> GatewayDocument {
    let served = sight.flows.get(flow.as_str());
    let (registration, message) = match (&sight.detected, exposed) {
        (Detected::One(_), true) if sight.opaque && plan.is_err() => ("refused", refusal(plan)),
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
        (Detected::One(_), true) => match (served, plan) {
            (_, Err(_)) => ("refused", refusal(plan)),
            (Some(_), Ok(plan)) if !plan.planned().is_empty() => {
                let what: Vec<&str> = plan.planned().iter().map(|planned| planned.what.as_str()).collect();
                ("outdated", format!("applying would change it: {}; run `asya k apply`", what.join(", ")))
            }
            (Some(served), Ok(_)) => ("registered", served_over(served.mcp, served.a2a)),
            (None, Ok(plan)) if plan.is_lost() => (
                "not-registered",
                "the gateway does not mount its entry; a Helm upgrade may have taken it out; run `asya k apply`"
                    .to_owned(),
            ),
            (None, Ok(_)) => ("not-registered", "the gateway does not serve it; run `asya k apply`".to_owned()),
        },
        (Detected::One(_), false) if served.is_some() => (
            "left-over",
            "the gateway still serves it, though it is not exposed any more; run `asya k apply`".to_owned(),
        ),
        (_, false) => ("none", "not exposed".to_owned()),
        (Detected::None, true) => ("no-gateway", format!("there is no gateway in namespace `{}`", namespaces.gateway)),
        (Detected::Several(found), true) => {
            let names: Vec<&str> = found.iter().map(|gateway| gateway.release.as_str()).collect();
            let several = format!("namespace `{}` has several: {}", namespaces.gateway, names.join(", "));
            ("no-gateway", format!("{several}; name one with `gateway` of the context"))
        }
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

/// Why a gateway does not take the flow.
fn refusal(plan: Result<&GatewayPlan, &Error>) -> String {
    let Err(error) = plan else { return String::new() };
    let cause = error.causes().first().map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{}{cause}", error.message().trim_end_matches("; nothing was written"))
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
