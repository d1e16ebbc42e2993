//! `asya k secret`.

mod list;
mod set;

use clap::{Args, Subcommand};

use super::super::Status;
use crate::error::Result;
use crate::settings::Settings;
use crate::ui::Ui;

/// Keys of Secrets, never their values
#[derive(Debug, Args)]
pub(super) struct SecretArgs {
    #[command(subcommand)]
    command: SecretCommand,
}

#[derive(Debug, Subcommand)]
enum SecretCommand {
    Set(set::SetArgs),
    List(list::ListArgs),
}

pub(super) fn run(args: &SecretArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    match &args.command {
        SecretCommand::Set(args) => set::run(args, settings, ui),
        SecretCommand::List(args) => list::run(args, settings, ui),
    }
}
