//! `asya status`.

use clap::Args;

use super::Status;
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::ui::Ui;

/// Show the flows of the project
#[derive(Debug, Args)]
pub(super) struct StatusArgs {}

pub(super) fn run(_args: &StatusArgs, _settings: &Settings, _ui: &mut Ui) -> Result<Status> {
    Err(Error::usage("`asya status` is not here yet"))
}
