//! `asya k apply`.

use clap::Args;
use serde::Serialize;

use super::super::Status;
use super::registering::RegisteringArgs;
use super::target::{Target, load};
use super::wait::{WaitFlags, WaitedDocument};
use crate::cluster::{self, ActorShape, ApplyOptions, Cluster, Connect, Resources};
use crate::error::{Error, Result};
use crate::event::{Change, Event};
use crate::gateway::{GatewayPlan, Outcome, Registration, Verification, Via};
use crate::kustomize::{Object, ObjectId};
use crate::names::{FlowName, counted};
use crate::project::Generation;
use crate::settings::Settings;
use crate::ui::Ui;

/// Deploy a flow and make the running gateway serve it
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// The flow
    flow: FlowName,
    /// Take fields over that somebody else changed in the cluster
    #[arg(long)]
    force_conflicts: bool,
    #[command(flatten)]
    registering: RegisteringArgs,
    #[command(flatten)]
    waiting: WaitFlags,
}

pub(super) fn run(args: &ApplyArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let target = load(&args.flow, settings, ui)?;
    target.check_writable("apply")?;
    let report = cluster::run(deploy(args, settings, &target, ui))?;
    ui.report(&report, |_| report.summary());
    Ok(Status::Done)
}

async fn deploy(args: &ApplyArgs, settings: &Settings, target: &Target, ui: &mut Ui) -> Result<ApplyReport> {
    let environment = |name: &str| settings.environment.get(name).map(str::to_owned);
    let cluster = Cluster::connect(Connect { context: target.kubectl_context(), environment: &environment }).await?;
    let namespaces = target.namespaces(cluster.namespace())?;
    let (entries, actors) = target.split(&namespaces);
    let objects: Vec<Object> = actors.into_iter().chain(entries.iter().cloned()).collect();
    ui.event(Event::Step(format!(
        "apply {} → {}/{} ({})",
        args.flow,
        target.named(cluster.context()),
        namespaces.actors,
        counted(objects.len(), "object")
    )));

    let (resources, shape) =
        futures::future::try_join(Resources::discover(&cluster, &objects), cluster.actor_shape()).await?;
    if objects.iter().any(|object| object.kind() == "AsyncActor") {
        check_generation(shape, target, &args.flow, ui)?;
    }
    let options = ApplyOptions { force_conflicts: args.force_conflicts };
    let manager = cluster::field_manager(&args.flow);
    let force = args.force_conflicts;
    let wanted = args.registering.wanted(&args.flow, target, &namespaces, &manager, &entries, force);
    let mut gateway = GatewayPlan::new(&cluster, &wanted).await?;
    for note in gateway.notes() {
        ui.event(note.clone());
    }
    let plan = cluster.plan(&manager, gateway.to_apply(objects), &resources, &namespaces.actors).await?;
    for step in plan.steps() {
        if let Some(other) = &step.shared_with {
            ui.event(Event::Note(format!("{} is shared with flow `{other}`", step.object.id())));
        }
    }
    let needed: Vec<_> = plan.access().into_iter().chain(gateway.access()).collect();
    cluster.require(&needed).await?;
    cluster.try_out(&plan, options).await?;

    let removed = gateway.unregister(&cluster, &mut |event| ui.event(event)).await?;
    let applied = cluster.apply(&plan, options, &mut |event| ui.event(event)).await?;
    let registered = gateway.register(&cluster, &mut |event| ui.event(event)).await?;
    let asked = (target, settings.environment.get("ASYA_GATEWAY_TOKEN"));
    let outcomes = [&removed, &registered];
    let seen = args.registering.confirm(&cluster, &gateway, outcomes, asked, &mut |event| ui.event(event)).await?;
    let ready = args.waiting.run(&cluster, target, &namespaces, outcomes, ui).await?;
    let report =
        ApplyReport::new(&args.flow, target, &cluster, &namespaces.actors, applied, (&removed, &registered), seen);
    Ok(ApplyReport { ready, ..report })
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

/// The result of an apply, version 1.
#[derive(Debug, Serialize)]
struct ApplyReport {
    version: u32,
    flow: String,
    context: Option<String>,
    cluster: ClusterReport,
    objects: Vec<ObjectReport>,
    gateway: GatewayReport,
    /// With `--wait`: what was waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    ready: Option<Vec<WaitedDocument>>,
}

#[derive(Debug, Serialize)]
struct ClusterReport {
    context: String,
    server: String,
    namespace: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ObjectReport {
    api_version: String,
    kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    namespace: String,
    name: String,
    change: &'static str,
}

#[derive(Debug, Serialize)]
struct GatewayReport {
    namespace: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment: Option<String>,
    registration: &'static str,
    /// How the flow gets into the gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<&'static str>,
    /// Deployments whose pods were replaced.
    rollouts: Vec<String>,
    /// What the gateway showed when it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<Verification>,
}

impl ApplyReport {
    fn new(
        flow: &FlowName,
        target: &Target,
        cluster: &Cluster,
        namespace: &str,
        applied: Vec<(ObjectId, Change)>,
        (removed, registered): (&Outcome, &Outcome),
        verification: Option<Verification>,
    ) -> Self {
        let mut objects: Vec<ObjectReport> =
            applied.into_iter().map(|(id, change)| ObjectReport::new(id, change)).collect();
        objects.extend(removed.deleted.iter().map(|name| ObjectReport {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            namespace: removed.namespace.clone(),
            name: name.clone(),
            change: Change::Removed.name(),
        }));
        // An exposed flow's state is what counts, even where an older entry was taken away.
        let outcome = if registered.registration == Registration::None { removed } else { registered };
        Self {
            version: 1,
            flow: flow.to_string(),
            context: target.context.as_ref().map(|context| context.name.to_string()),
            cluster: ClusterReport {
                context: cluster.context().to_owned(),
                server: cluster.server().to_owned(),
                namespace: namespace.to_owned(),
            },
            objects,
            gateway: GatewayReport {
                namespace: outcome.namespace.clone(),
                deployment: outcome.deployment.clone(),
                registration: outcome.registration.name(),
                via: outcome.via.map(Via::name),
                rollouts: removed.rollouts.iter().chain(&registered.rollouts).cloned().collect(),
                verification,
            },
            ready: None,
        }
    }

    /// One line: `4 created, 1 unchanged; registered with gateway asya-gateway-api`.
    fn summary(&self) -> String {
        let changes = [Change::Created, Change::Changed, Change::Unchanged, Change::Removed];
        let counts: Vec<String> = changes
            .iter()
            .map(|change| (change.name(), self.objects.iter().filter(|object| object.change == change.name()).count()))
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        let deployment = self.gateway.deployment.as_deref().unwrap_or_default();
        let registration = match (self.gateway.registration, deployment) {
            ("registered", deployment) => format!("registered with gateway {deployment}"),
            ("unchanged", deployment) => format!("still registered with gateway {deployment}"),
            ("restarted", deployment) => format!("gateway {deployment} restarted to read the new tool"),
            ("removed", "") => "no gateway mounted it".to_owned(),
            ("removed", deployment) => format!("taken out of gateway {deployment}"),
            _ => "not exposed".to_owned(),
        };
        let ready =
            self.ready.as_ref().map_or_else(String::new, |ready| format!("; {} ready", counted(ready.len(), "object")));
        format!("{}: {}; {registration}{ready}\n", self.flow, counts.join(", "))
    }
}

impl ObjectReport {
    fn new(id: ObjectId, change: Change) -> Self {
        let api_version = if id.group.is_empty() { id.version } else { format!("{}/{}", id.group, id.version) };
        Self { api_version, kind: id.kind, namespace: id.namespace, name: id.name, change: change.name() }
    }
}
