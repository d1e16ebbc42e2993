//! `asya compile`.

use clap::Args;

use super::Status;
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::ui::Ui;

/// Compile a Python flow to a router program and manifests
#[derive(Debug, Args)]
pub(super) struct CompileArgs {
    /// The flow
    flow: crate::names::FlowName,
}

pub(super) fn run(_args: &CompileArgs, _settings: &Settings, _ui: &mut Ui) -> Result<Status> {
    Err(Error::usage("`asya compile` is not here yet"))
}
