//! `asya k apply`.

use clap::{Args, ValueEnum};

use super::super::Status;
use super::consent::{confirm, summary};
use super::local::{self, ApplyLocal};
use super::prepared::{Prepared, Purpose, prepare};
use super::registering::{AskingArgs, Means, RegisteringArgs};
use super::report::ApplyReport;
use super::target::{Target, load};
use super::wait;
use crate::cluster::{self, ApplyOptions, Try, When};
use crate::error::Result;
use crate::event::Event;
use crate::names::FlowName;
use crate::settings::Settings;
use crate::ui::Ui;

/// Deploy a flow and make the running gateway serve it
///
/// What the flow does not have any more is deleted once the new state is ready. Deleting an actor
/// deletes its queue with all messages in it.
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// The flow
    flow: FlowName,
    /// Take fields over that somebody else changed in the cluster
    #[arg(long)]
    force_conflicts: bool,
    /// Write nothing: let the server check everything, or only compare
    #[arg(long, value_enum, value_name = "WHERE")]
    dry_run: Option<DryRun>,
    /// Delete what the flow does not have any more without asking
    #[arg(short, long)]
    yes: bool,
    /// Wait until everything is ready; scaled to zero counts. What deletes actors waits in any case
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    patience: wait::PatienceArgs,
    #[command(flatten)]
    registering: RegisteringArgs,
}

/// Who judges an apply that writes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DryRun {
    /// The server's validation, admission and conflict detection.
    Server,
    /// Only a comparison with what is there.
    Client,
}

impl DryRun {
    fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
        }
    }
}

pub(super) fn run(args: &ApplyArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    if local::is_chosen(settings)? {
        args.registering.way.refuse_local()?;
        let dry_run = args.dry_run.map(DryRun::name);
        let AskingArgs { verify, no_verify, .. } = args.registering.asking;
        return local::apply(&ApplyLocal { flow: &args.flow, dry_run, verify, no_verify }, settings, ui);
    }
    let target = load(&args.flow, settings, ui)?;
    if args.dry_run.is_none() {
        target.check_writable("apply")?;
    }
    let report = cluster::run(deploy(args, settings, &target, ui))?;
    ui.report(&report, |_| report.summary());
    Ok(Status::Done)
}

async fn deploy(args: &ApplyArgs, settings: &Settings, target: &Target, ui: &mut Ui) -> Result<ApplyReport> {
    let force = args.force_conflicts;
    let purpose = Purpose { verb: "apply", flow: &args.flow, way: &args.registering.way, force, nothing_stays: false };
    let means = Means::of(target, settings)?;
    let mut prepared = prepare(&purpose, settings, target, ui).await?;
    let options = ApplyOptions { force_conflicts: args.force_conflicts };
    if let Some(how) = args.dry_run {
        return dry_run(args, how, options, target, &mut prepared, ui).await;
    }
    let Prepared { cluster, plan, gateway, .. } = &mut prepared;
    let needed: Vec<_> = plan.access().into_iter().chain(gateway.access()).collect();
    cluster.require(&needed).await?;
    cluster.try_out(plan, Try::Doubtful, options).await?;
    cluster.look_for_work(plan).await?;
    if let Some(summary) = summary(plan, gateway) {
        ui.event(Event::Note(summary));
    }
    confirm(plan, args.yes, ui)?;

    let removed = gateway.unregister(cluster, &mut |event| ui.event(event)).await?;
    let mut done = cluster.apply(plan, options, &mut |event| ui.event(event)).await?;
    let registered = gateway.register(cluster, &mut |event| ui.event(event)).await?;
    let outcomes = [&removed, &registered];
    let asking = &args.registering.asking;
    let seen = asking.confirm(cluster, gateway, outcomes, &means, &mut |event| ui.event(event)).await?;
    let patience = args.patience.begin();
    done.extend(cluster.prune(plan, When::Ready(patience), &mut |event| ui.event(event)).await?);
    let waited = match args.wait {
        true => Some(wait::after(&prepared, outcomes, patience, ui).await?),
        false => None,
    };
    Ok(ApplyReport::new(&args.flow, target, &prepared, done, (&removed, &registered), seen).ready(waited))
}

async fn dry_run(
    args: &ApplyArgs,
    how: DryRun,
    options: ApplyOptions,
    target: &Target,
    prepared: &mut Prepared,
    ui: &mut Ui,
) -> Result<ApplyReport> {
    let how = match how {
        DryRun::Server => {
            prepared.cluster.try_out(&mut prepared.plan, Try::Everything, options).await?;
            "server"
        }
        DryRun::Client => "client",
    };
    let plan = &prepared.plan;
    let steps = plan.steps().map(|step| (step.object.id(), step.change));
    let done: Vec<_> = steps.chain(plan.removals().iter().map(|removal| (removal.id(), removal.change()))).collect();
    for (id, change) in &done {
        ui.event(Event::Object { object: id.to_string(), change: *change });
    }
    for planned in prepared.gateway.planned() {
        ui.event(Event::Object { object: planned.object.clone(), change: planned.change });
    }
    let expected = prepared.gateway.expected();
    Ok(ApplyReport::new(&args.flow, target, prepared, done, (&expected, &expected), None).dry(how))
}
