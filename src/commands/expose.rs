//! `asya expose`.

use clap::Args;

use super::Status;
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::ui::Ui;

/// Describe a flow to the gateway as an MCP tool or A2A skill
#[derive(Debug, Args)]
pub(super) struct ExposeArgs {
    /// The flow
    flow: crate::names::FlowName,
}

pub(super) fn run(_args: &ExposeArgs, _settings: &Settings, _ui: &mut Ui) -> Result<Status> {
    Err(Error::usage("`asya expose` is not here yet"))
}
