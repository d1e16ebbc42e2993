//! `asya run`.

use clap::Args;

use super::Status;
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::ui::Ui;

/// Execute a flow on this machine
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// The flow
    flow: crate::names::FlowName,
}

pub(super) fn run(_args: &RunArgs, _settings: &Settings, _ui: &mut Ui) -> Result<Status> {
    Err(Error::usage("`asya run` is not here yet"))
}
