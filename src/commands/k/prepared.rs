//! A flow and its cluster, looked at: what has to be done, and nothing done yet.

use super::registering::WayArgs;
use super::target::{Namespaces, Target};
use crate::cluster::{self, ActorShape, Cluster, Connect, Plan, Resources, beside};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gateway::{CONFIG_TYPE, GatewayPlan};
use crate::kustomize::Object;
use crate::names::{FlowName, counted};
use crate::project::Generation;
use crate::settings::Settings;
use crate::ui::Ui;

/// What an apply, a diff or a deletion begins with.
pub(super) struct Prepared {
    pub(super) cluster: Cluster,
    pub(super) namespaces: Namespaces,
    pub(super) plan: Plan,
    pub(super) gateway: GatewayPlan,
}

/// What is prepared.
pub(super) struct Purpose<'a> {
    /// The verb, for the first line: `apply`.
    pub(super) verb: &'a str,
    pub(super) flow: &'a FlowName,
    /// How the flow gets into the gateway.
    pub(super) way: &'a WayArgs,
    /// Fields of others are taken over.
    pub(super) force: bool,
    /// Everything is to go, whatever is rendered.
    pub(super) nothing_stays: bool,
}

/// Looks at everything. Writes nothing.
pub(super) async fn prepare(
    purpose: &Purpose<'_>,
    settings: &Settings,
    target: &Target,
    ui: &mut Ui,
) -> Result<Prepared> {
    let flow = purpose.flow;
    let environment = |name: &str| settings.environment.get(name).map(str::to_owned);
    let cluster = Cluster::connect(Connect { context: target.kubectl_context(), environment: &environment }).await?;
    let namespaces = target.namespaces(cluster.namespace())?;
    let (entries, actors) = if purpose.nothing_stays { Default::default() } else { target.split(&namespaces) };
    let objects: Vec<Object> = actors.into_iter().chain(entries.iter().cloned()).collect();
    let place = format!("{}/{}", target.named(cluster.context()), namespaces.actors);
    ui.event(Event::Step(match purpose.nothing_stays {
        true => format!("{} {flow} → {place}", purpose.verb),
        false => format!("{} {flow} → {place} ({})", purpose.verb, counted(objects.len(), "object")),
    }));

    let manager = cluster::field_manager(flow);
    let wanted = purpose.way.wanted(flow, target, &namespaces, &manager, &entries, purpose.force);
    let has_actors = objects.iter().any(|object| object.kind() == "AsyncActor");
    let platform = async {
        let (resources, shape) = beside(Resources::discover(&cluster, &objects), cluster.actor_shape()).await?;
        if has_actors {
            check_generation(shape, target, flow, ui)?;
        }
        Ok(resources)
    };
    let registration = async {
        match GatewayPlan::new(&cluster, &wanted).await {
            Ok(gateway) => Ok(gateway),
            // Where there is no namespace, that is why there is nothing in it.
            Err(error) => {
                for (namespace, setting) in namespaces.settings() {
                    let is_made = |object: &Object| object.kind() == "Namespace" && object.name() == namespace;
                    if !objects.iter().any(is_made) {
                        cluster.check_namespace(namespace, setting).await?;
                    }
                }
                Err(error)
            }
        }
    };
    let (resources, gateway) = beside(platform, registration).await.map_err(|error| with_roles(error, flow))?;
    for note in gateway.notes() {
        ui.event(note.clone());
    }
    let plan = cluster.plan(&manager, gateway.to_apply(objects), &resources, &namespaces.actors).await;
    let mut plan = plan.map_err(|error| with_roles(error, flow))?;
    // The gateway's plan takes them out of the gateway first.
    plan.leave(|removal| {
        let labels = removal.live.pointer("/metadata/labels");
        removal.resource.kind == "ConfigMap"
            && removal.id().namespace == namespaces.gateway
            && labels.and_then(|labels| labels.get(CONFIG_TYPE.0)).is_some_and(|value| value == CONFIG_TYPE.1)
    });
    for step in plan.steps() {
        if let Some(other) = &step.shared_with {
            ui.event(Event::Note(format!("{} is shared with flow `{other}`", step.object.id())));
        }
    }
    Ok(Prepared { cluster, namespaces, plan, gateway })
}

/// Names what prints all Roles at once, where one is missing: otherwise they are found one by one.
fn with_roles(error: Error, flow: &FlowName) -> Error {
    match error.hints().iter().any(|hint| hint.contains(" with these rules allows it")) {
        true => error.hint(format!("`asya k rbac {flow}` prints the Roles for all that it needs")),
        false => error,
    }
}

fn check_generation(shape: Option<ActorShape>, target: &Target, flow: &FlowName, ui: &mut Ui) -> Result<()> {
    let wanted = match target.generation {
        Generation::B => ActorShape::B,
        Generation::C1 => ActorShape::C1,
        Generation::C2 => ActorShape::C2,
    };
    match shape {
        Some(shape) if shape != wanted => Err(Error::cluster(format!(
            "the cluster serves AsyncActors of generation {}, the manifests are written for {}; nothing was written",
            shape.name(),
            wanted.name()
        ))
        .hint(format!(
            "set `platform.generation: {}` in `.asya/config.yaml` and run `asya compile {flow}`",
            shape.name()
        ))
        .hint("if the cluster is the wrong one, choose another with `--context`")),
        Some(_) => Ok(()),
        None => {
            ui.event(Event::Warning {
                message: format!(
                    "the cluster does not tell which generation of AsyncActor it serves; taken for {}",
                    wanted.name()
                ),
                hint: None,
            });
            Ok(())
        }
    }
}
