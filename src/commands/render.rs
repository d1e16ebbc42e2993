//! `asya render`.

use clap::Args;

use super::Status;
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::ui::Ui;

/// Print the objects an environment will get
#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// The flow
    flow: crate::names::FlowName,
}

pub(super) fn run(_args: &RenderArgs, _settings: &Settings, _ui: &mut Ui) -> Result<Status> {
    Err(Error::usage("`asya render` is not here yet"))
}
