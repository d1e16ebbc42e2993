//! `asya gateway`: the gateway of this machine, and those of clusters apart from any flow.

mod serve;
mod values;

use clap::{Args, Subcommand};

use super::Status;
use crate::error::Result;
use crate::settings::Settings;
use crate::ui::Ui;

/// Serve flows on this machine, or look at the gateway of an environment
#[derive(Debug, Args)]
pub(super) struct GatewayArgs {
    #[command(subcommand)]
    command: GatewayCommand,
}

#[derive(Debug, Subcommand)]
enum GatewayCommand {
    Serve(serve::ServeArgs),
    Values(values::ValuesArgs),
}

pub(super) fn run(args: &GatewayArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    match &args.command {
        GatewayCommand::Serve(args) => serve::run(args, settings, ui),
        GatewayCommand::Values(args) => values::run(args, settings, ui),
    }
}
