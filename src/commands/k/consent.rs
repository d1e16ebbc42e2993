//! What a plan comes to, and whether what it deletes may be deleted.

use crate::cluster::{Plan, Removal};
use crate::error::{Error, Result};
use crate::event::{Change, Event};
use crate::gateway::{GatewayPlan, Registration};
use crate::names::counted;
use crate::ui::Ui;

/// The plan in a line: `plan: create 2, change 1, delete 1, register with gateway x`; `None` when
/// there is nothing to do.
pub(super) fn summary(plan: &Plan, gateway: &GatewayPlan) -> Option<String> {
    let steps = |change| plan.steps().filter(|step| step.change == change).count();
    let removals = |change| plan.removals().iter().filter(|removal| removal.change() == change).count();
    let parts = [
        ("create", steps(Change::Created)),
        ("change", steps(Change::Changed)),
        ("delete", removals(Change::Removed)),
        ("release", removals(Change::Released)),
    ];
    let mut parts: Vec<String> =
        parts.iter().filter(|(_, count)| *count > 0).map(|(verb, count)| format!("{verb} {count}")).collect();
    let outcome = gateway.expected();
    let deployment = outcome.deployment.unwrap_or_default();
    match outcome.registration {
        Registration::Registered => parts.push(format!("register with gateway {deployment}")),
        Registration::Restarted => parts.push(format!("change gateway {deployment}")),
        Registration::Removed if !deployment.is_empty() => parts.push(format!("take out of gateway {deployment}")),
        Registration::Removed | Registration::None | Registration::Unchanged => {}
    }
    (!parts.is_empty()).then(|| format!("plan: {}", parts.join(", ")))
}

/// Makes sure that what a plan deletes may be deleted: by `--yes`, else by asking on a terminal,
/// else not. An actor that shows work is deleted with `--yes` only.
pub(super) fn confirm(plan: &Plan, yes: bool, ui: &mut Ui) -> Result<()> {
    let lost: Vec<&Removal> = plan.removals().iter().filter(|removal| removal.loses()).collect();
    if yes || lost.is_empty() {
        return Ok(());
    }
    let actors = lost.iter().filter(|removal| removal.deletes_actor()).count();
    let what = match actors {
        0 => counted(lost.len(), "object"),
        1 if lost.len() == 1 => format!("actor `{}` and its queue with all messages in it", name(&lost)),
        _ if actors == lost.len() => format!("{} and their queues with all messages in them", counted(actors, "actor")),
        _ => format!("{}, of actors also the queues with all messages in them", counted(lost.len(), "object")),
    };
    let is_busy = lost.iter().any(|removal| !removal.work.is_empty());
    if ui.can_prompt() && !is_busy {
        for removal in &lost {
            ui.event(Event::Note(format!("to be deleted: {}", removal.id())));
        }
        return match ui.confirm(&format!("Delete {what}?"), false)? {
            true => Ok(()),
            false => Err(Error::negative("nothing was written: the deletion was not confirmed")),
        };
    }
    let mut error = Error::usage(format!("this deletes {what}; nothing was written"));
    for removal in &lost {
        let work = if removal.work.is_empty() { String::new() } else { format!(": {}", removal.work.join(", ")) };
        error = error.because(format!("to be deleted: `{}`{work}", removal.id()));
    }
    let error = match is_busy {
        true => error.hint("wait until its work is done, or delete it nevertheless with `--yes`"),
        false => error.hint("to delete it, add `--yes`"),
    };
    Err(error)
}

fn name(lost: &[&Removal]) -> String {
    lost.first().map(|removal| removal.id().name).unwrap_or_default()
}
