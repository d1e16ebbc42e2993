//! `asya init`.

use clap::Args;

use super::Status;
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::ui::Ui;

/// Set up a project: .asya/ with configuration and templates
#[derive(Debug, Args)]
pub(super) struct InitArgs {}

pub(super) fn run(_args: &InitArgs, _settings: &Settings, _ui: &mut Ui) -> Result<Status> {
    Err(Error::usage("`asya init` is not here yet"))
}
