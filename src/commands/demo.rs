//! `asya demo`.

use clap::Args;

use super::Status;
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::ui::Ui;

/// Compile, expose, render and run an example flow in a new directory
#[derive(Debug, Args)]
pub(super) struct DemoArgs {}

pub(super) fn run(_args: &DemoArgs, _settings: &Settings, _ui: &mut Ui) -> Result<Status> {
    Err(Error::usage("`asya demo` is not here yet"))
}
