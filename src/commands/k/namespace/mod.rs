//! `asya k namespace`.

mod prepare;
mod steps;

use clap::{Args, Subcommand};

use super::super::Status;
use crate::error::Result;
use crate::settings::Settings;
use crate::ui::Ui;

/// Make namespaces fit for actors
#[derive(Debug, Args)]
pub(super) struct NamespaceArgs {
    #[command(subcommand)]
    command: NamespaceCommand,
}

#[derive(Debug, Subcommand)]
enum NamespaceCommand {
    Prepare(prepare::PrepareArgs),
}

pub(super) fn run(args: &NamespaceArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    match &args.command {
        NamespaceCommand::Prepare(args) => prepare::run(args, settings, ui),
    }
}
