//! `asya gateway`: the gateway as it is, apart from any flow.

mod values;

use clap::{Args, Subcommand};

use super::Status;
use crate::error::Result;
use crate::settings::Settings;
use crate::ui::Ui;

/// Look at the gateway of an environment
#[derive(Debug, Args)]
pub(super) struct GatewayArgs {
    #[command(subcommand)]
    command: GatewayCommand,
}

#[derive(Debug, Subcommand)]
enum GatewayCommand {
    Values(values::ValuesArgs),
}

pub(super) fn run(args: &GatewayArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    match &args.command {
        GatewayCommand::Values(args) => values::run(args, settings, ui),
    }
}
