//! `asya k delete` in the context `local`.

use super::gateway::Asking;
use super::{Place, Settings, Ui, apply};
use crate::commands::Status;
use crate::error::Result;
use crate::event::{Change, Event};
use crate::kustomize::ObjectId;
use crate::names::FlowName;
use crate::project::LOCAL;

/// Takes the applied state of a flow away. Nobody is asked: applying brings it back, and calls under
/// way end as they began.
pub(in crate::commands::k) fn delete(
    flow: &FlowName,
    (verify, no_verify): (bool, bool),
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Status> {
    let place = Place::as_applied(flow, &settings.project()?);
    ui.event(Event::Step(format!("delete {flow} → {LOCAL}")));
    place.state.write(flow, None)?;
    let applied = place.applied.as_deref().unwrap_or_default();
    let changes: Vec<(ObjectId, Change)> = applied.iter().map(|object| (object.id(), Change::Removed)).collect();
    let asking = Asking { required: verify, never: no_verify };
    apply::report(&place, &[], changes, None, asking, settings, ui)
}
