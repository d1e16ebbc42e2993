//! `asya edit`.

use clap::Args;

use super::Status;
use crate::error::Result;
use crate::names::FlowName;
use crate::settings::Settings;
use crate::ui::Ui;

/// Edit
#[derive(Debug, Args)]
pub(super) struct EditArgs {
    /// The flow
    flow: FlowName,
}

pub(super) fn run(_args: &EditArgs, _settings: &Settings, _ui: &mut Ui) -> Result<Status> {
    Ok(Status::Done)
}
