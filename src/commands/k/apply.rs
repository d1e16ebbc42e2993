//! `asya k apply`.

use clap::Args;

use super::super::Status;
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::ui::Ui;

/// Deploy a flow and make the running gateway serve it
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// The flow
    flow: crate::names::FlowName,
}

pub(super) fn run(_args: &ApplyArgs, _settings: &Settings, _ui: &mut Ui) -> Result<Status> {
    Err(Error::usage("`asya k apply` is not here yet"))
}
