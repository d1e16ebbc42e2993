//! `asya k wait`, and `--wait` of `asya k apply`.

use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use super::super::Status;
use super::duration;
use super::prepared::Prepared;
use super::target::load;
use crate::cluster::{self, Awaited, Cluster, Connect, Patience, Waited};
use crate::error::Result;
use crate::event::Event;
use crate::gateway::Outcome;
use crate::names::{FlowName, counted};
use crate::settings::Settings;
use crate::ui::Ui;

/// Wait until a flow's actors are ready
///
/// An actor that is scaled to zero is ready. A container that keeps crashing, or an image that
/// cannot be pulled, ends the wait at once, with the container's last lines.
#[derive(Debug, Args)]
pub(super) struct WaitArgs {
    /// The flow
    flow: FlowName,
    #[command(flatten)]
    patience: PatienceArgs,
}

/// How long a flow may take to become ready.
#[derive(Debug, Args)]
pub(super) struct PatienceArgs {
    /// How long everything together may take to become ready, with exit code 5 after that: 90s, 5m
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = duration::parse_or_seconds)]
    timeout: Duration,
}

impl PatienceArgs {
    /// From now on.
    pub(super) fn begin(&self) -> Patience {
        Patience::new(self.timeout)
    }
}

/// Waits for what was applied, and for the gateways whose pods are replaced.
pub(super) async fn after(
    prepared: &Prepared,
    outcomes: [&Outcome; 2],
    patience: Patience,
    ui: &mut Ui,
) -> Result<Vec<WaitedDocument>> {
    let of = |outcome: &Outcome| {
        let namespace = outcome.namespace.clone();
        outcome.rollouts.clone().into_iter().map(move |deployment| (namespace.clone(), deployment))
    };
    let mut awaited = Awaited::of(prepared.plan.steps().map(|step| &step.object), &prepared.namespaces.actors);
    awaited.deployments.extend(outcomes.into_iter().flat_map(of));
    Ok(documents(prepared.cluster.wait(&awaited, patience, &mut |event| ui.event(event)).await?))
}

/// One object of the result.
#[derive(Debug, Serialize)]
pub(super) struct WaitedDocument {
    kind: &'static str,
    namespace: String,
    name: String,
    state: &'static str,
    message: String,
}

/// The result, version 1.
#[derive(Serialize)]
struct WaitDocument {
    version: u32,
    flow: String,
    seconds: f64,
    objects: Vec<WaitedDocument>,
}

pub(super) fn run(args: &WaitArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let target = load(&args.flow, settings, ui)?;
    let document = cluster::run(async {
        let environment = |name: &str| settings.environment.get(name).map(str::to_owned);
        let cluster =
            Cluster::connect(Connect { context: target.kubectl_context(), environment: &environment }).await?;
        let namespaces = target.namespaces(cluster.namespace())?;
        let awaited = Awaited::of(target.objects().iter(), &namespaces.actors);
        ui.event(Event::Step(format!(
            "wait for {} in {}/{} ({})",
            args.flow,
            target.named(cluster.context()),
            namespaces.actors,
            counted(awaited.actors.len() + awaited.deployments.len(), "object")
        )));
        // Told at once and in words, before the watches begin to try and try again.
        cluster.actor_shape().await?;
        cluster.check_namespace(&namespaces.actors, "namespace").await?;
        let started = Instant::now();
        let waited = cluster.wait(&awaited, args.patience.begin(), &mut |event| ui.event(event)).await?;
        Ok(WaitDocument {
            version: 1,
            flow: args.flow.to_string(),
            seconds: (started.elapsed().as_secs_f64() * 10.0).round() / 10.0,
            objects: documents(waited),
        })
    })?;
    ui.report(&document, |_| format!("{}: {} ready\n", document.flow, counted(document.objects.len(), "object")));
    Ok(Status::Done)
}

/// What was waited for, as parts of a document.
fn documents(waited: Vec<Waited>) -> Vec<WaitedDocument> {
    let document = |Waited { kind, namespace, name, readiness }: Waited| WaitedDocument {
        kind,
        namespace,
        name,
        state: readiness.standing.name(),
        message: readiness.text,
    };
    waited.into_iter().map(document).collect()
}
