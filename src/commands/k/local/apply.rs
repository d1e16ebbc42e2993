//! `asya k apply` in the context `local`.

use serde::Serialize;

use super::super::report::ObjectReport;
use super::gateway::{self, Asking, LocalGateway};
use super::{Place, Settings, Ui};
use crate::commands::Status;
use crate::commands::local_state::LocalState;
use crate::error::{Error, Result};
use crate::event::{Change, Event};
use crate::kustomize::{Object, ObjectId};
use crate::local::{Applied, applied_flows};
use crate::names::{FlowName, counted, listed};
use crate::project::LOCAL;

/// What is asked for.
pub(in crate::commands::k) struct ApplyLocal<'a> {
    pub(in crate::commands::k) flow: &'a FlowName,
    /// `server` or `client`: nothing is written.
    pub(in crate::commands::k) dry_run: Option<&'static str>,
    pub(in crate::commands::k) verify: bool,
    pub(in crate::commands::k) no_verify: bool,
}

/// The result of an apply or a deletion, version 1.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LocalReport {
    version: u32,
    flow: String,
    context: &'static str,
    /// Where the applied state is.
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dry_run: Option<&'static str>,
    objects: Vec<ObjectReport>,
    gateway: LocalGateway,
}

pub(in crate::commands::k) fn apply(wish: &ApplyLocal<'_>, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let place = Place::load(wish.flow, settings, ui)?;
    let changes = place.changes();
    ui.event(Event::Step(format!("apply {} → {LOCAL} ({})", wish.flow, counted(place.rendered.len(), "object"))));
    check(&place, settings)?;
    if let Some(error) = &place.unreadable {
        let message = format!("what was applied before cannot be read, and is replaced: {error}");
        ui.event(Event::Warning { message, hint: None });
    }
    if wish.dry_run.is_none() {
        place.state.write(wish.flow, Some(Applied::text(wish.flow, place.rendered.clone())))?;
    }
    let asking = Asking { required: wish.verify, never: wish.no_verify };
    report(&place, &place.rendered, changes, wish.dry_run, asking, settings, ui)
}

/// Tells what was done, and what the gateway makes of it.
pub(super) fn report(
    place: &Place,
    now: &[Object],
    changes: Vec<(ObjectId, Change)>,
    dry_run: Option<&'static str>,
    asking: Asking,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Status> {
    for (id, change) in &changes {
        ui.event(Event::Object { object: id.to_string(), change: *change });
    }
    let gateway = gateway::of(place, now, asking, dry_run.is_none(), settings, ui)?;
    let report = LocalReport {
        version: 1,
        flow: place.flow.to_string(),
        context: LOCAL,
        file: LocalState::file(&place.flow).display().to_string(),
        dry_run,
        objects: changes.into_iter().map(|(id, change)| ObjectReport::new(id, change)).collect(),
        gateway,
    };
    ui.report(&report, |_| report.summary());
    Ok(Status::Done)
}

impl LocalReport {
    /// One line: `text-flow: 4 created, 1 unchanged; served at http://127.0.0.1:8080`.
    fn summary(&self) -> String {
        let counts: Vec<String> = [Change::Created, Change::Changed, Change::Unchanged, Change::Removed]
            .iter()
            .map(|change| (change.name(), self.objects.iter().filter(|object| object.is(*change)).count()))
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        let counts = if counts.is_empty() { "nothing to do".to_owned() } else { counts.join(", ") };
        let dry = if self.dry_run.is_some() { " (dry run: nothing was written)" } else { "" };
        format!("{}: {counts}; {}{dry}\n", self.flow, self.gateway.summary())
    }
}

/// Refuses what the gateway would not serve, before anything is written.
fn check(place: &Place, settings: &Settings) -> Result<()> {
    let applied = Applied { objects: place.rendered.clone() };
    let variable = |name: &str| settings.environment.get(name).map(str::to_owned);
    let entries = applied.check(&variable).map_err(|error| {
        let refused = Error::project(format!("`{}` cannot be served; nothing was written", place.flow));
        let refused = refused.because(error.message());
        let refused = error.causes().iter().fold(refused, Error::because);
        error.hints().iter().fold(refused, |refused, hint| refused.hint(hint))
    })?;
    let directory = place.state.directory();
    for other in applied_flows(&directory)?.iter().filter(|other| **other != place.flow) {
        // One that cannot be read is told by who serves it.
        let Ok(Some(theirs)) = Applied::read(&directory, other) else { continue };
        let names: Vec<String> = theirs.entries().unwrap_or_default().into_iter().map(|entry| entry.name).collect();
        let both: Vec<&str> =
            entries.iter().map(|entry| entry.name.as_str()).filter(|name| names.iter().any(|it| it == name)).collect();
        if !both.is_empty() {
            return Err(Error::project(format!("two flows would be called {}; nothing was written", listed(&both)))
                .because(format!("flow `{other}` is applied under this name"))
                .hint(format!(
                    "rename one of them, or take the other away with `asya k delete {other} --context local`"
                )));
        }
    }
    Ok(())
}
