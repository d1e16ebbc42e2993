//! `asya k diff` in the context `local`.

use serde::Serialize;

use super::super::diff::{ObjectDiff, human};
use super::{Place, Settings, Ui};
use crate::cluster::Preview;
use crate::commands::Status;
use crate::commands::local_state::LocalState;
use crate::error::Result;
use crate::event::Change;
use crate::kustomize::Object;
use crate::names::FlowName;
use crate::project::LOCAL;

/// The result, version 1.
#[derive(Serialize)]
struct LocalDiff {
    version: u32,
    flow: String,
    context: &'static str,
    /// Where the applied state is.
    file: String,
    different: bool,
    objects: Vec<ObjectDiff>,
}

pub(in crate::commands::k) fn diff(flow: &FlowName, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let place = Place::load(flow, settings, ui)?;
    if let Some(error) = place.unreadable {
        return Err(error);
    }
    let value =
        |objects: &[Object], id| objects.iter().find(|object| object.id() == id).map(|object| object.value().clone());
    let applied = place.applied.clone().unwrap_or_default();
    let objects: Vec<ObjectDiff> = place
        .changes()
        .into_iter()
        .map(|(id, change)| {
            let (before, after) = (value(&applied, id.clone()), value(&place.rendered, id.clone()));
            ObjectDiff::new(Preview { id, change, before, after, reason: None })
        })
        .collect();
    let different = place.changes().iter().any(|(_, change)| *change != Change::Unchanged);
    let report = LocalDiff {
        version: 1,
        flow: flow.to_string(),
        context: LOCAL,
        file: LocalState::file(flow).display().to_string(),
        different,
        objects,
    };
    ui.report(&report, |ui| match human(&report.objects, ui) {
        text if text.is_empty() => format!("{flow}: no differences\n"),
        text => text,
    });
    Ok(if different { Status::Negative } else { Status::Done })
}
