//! `asya unexpose`.

use clap::Args;

use super::Status;
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::ui::Ui;

/// Stop offering a flow to the gateway
#[derive(Debug, Args)]
pub(super) struct UnexposeArgs {
    /// The flow
    flow: crate::names::FlowName,
}

pub(super) fn run(_args: &UnexposeArgs, _settings: &Settings, _ui: &mut Ui) -> Result<Status> {
    Err(Error::usage("`asya unexpose` is not here yet"))
}
