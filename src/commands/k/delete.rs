//! `asya k delete`.

use clap::Args;

use super::super::Status;
use super::consent::{confirm, summary};
use super::local;
use super::prepared::{Prepared, Purpose, prepare};
use super::registering::{AskingArgs, Means, WayArgs};
use super::report::ApplyReport;
use super::target::{Target, load_if_there};
use crate::cluster::{self, When};
use crate::error::Result;
use crate::event::Event;
use crate::gateway::Outcome;
use crate::names::FlowName;
use crate::settings::Settings;
use crate::ui::Ui;

/// Take back everything that `asya k apply` made of a flow
///
/// The gateway forgets the flow first. What other flows have too stays, and so does what was there
/// before the flow. Deleting an actor deletes its queue with all messages in it.
#[derive(Debug, Args)]
pub(super) struct DeleteArgs {
    /// The flow
    flow: FlowName,
    /// Delete without asking
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    asking: AskingArgs,
}

pub(super) fn run(args: &DeleteArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    if local::is_chosen(settings)? {
        let AskingArgs { verify, no_verify, .. } = args.asking;
        return local::delete(&args.flow, (verify, no_verify), settings, ui);
    }
    let target = load_if_there(&args.flow, settings, ui)?;
    target.check_writable("delete")?;
    let report = cluster::run(undo(args, settings, &target, ui))?;
    ui.report(&report, |_| report.summary());
    Ok(Status::Done)
}

async fn undo(args: &DeleteArgs, settings: &Settings, target: &Target, ui: &mut Ui) -> Result<ApplyReport> {
    let way = WayArgs::default();
    let purpose = Purpose { verb: "delete", flow: &args.flow, way: &way, force: false, nothing_stays: true };
    let means = Means::of(target, settings)?;
    let mut prepared = prepare(&purpose, settings, target, ui).await?;
    let Prepared { cluster, plan, gateway, .. } = &mut prepared;
    let needed: Vec<_> = plan.access().into_iter().chain(gateway.access()).collect();
    cluster.require(&needed).await?;
    cluster.look_for_work(plan).await?;
    if let Some(summary) = summary(plan, gateway) {
        ui.event(Event::Note(summary));
    }
    confirm(plan, args.yes, ui)?;
    let removed = gateway.unregister(cluster, &mut |event| ui.event(event)).await?;
    let done = cluster.prune(plan, When::Now, &mut |event| ui.event(event)).await?;
    let nothing = Outcome { rollouts: Vec::new(), ..removed.clone() };
    let outcomes = [&removed, &nothing];
    let seen = args.asking.confirm(cluster, gateway, outcomes, &means, &mut |event| ui.event(event)).await?;
    Ok(ApplyReport::new(&args.flow, target, &prepared, done, (&removed, &nothing), seen))
}
