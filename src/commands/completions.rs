//! `asya completions`.

use clap::Args;

use super::Status;
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::ui::Ui;

/// Print a completion script for a shell
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {}

pub(super) fn run(_args: &CompletionsArgs, _settings: &Settings, _ui: &mut Ui) -> Result<Status> {
    Err(Error::usage("`asya completions` is not here yet"))
}
