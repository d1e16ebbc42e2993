//! `asya k`: everything that talks to a cluster.

mod apply;
mod consent;
mod context;
mod delete;
mod diff;
mod prepared;
mod registering;
mod report;
mod target;

use clap::{Args, Subcommand};

use super::Status;
use crate::error::Result;
use crate::settings::Settings;
use crate::ui::Ui;

/// Work on a Kubernetes cluster
#[derive(Debug, Args)]
pub(super) struct KArgs {
    #[command(subcommand)]
    command: KCommand,
}

#[derive(Debug, Subcommand)]
enum KCommand {
    Apply(apply::ApplyArgs),
    Diff(diff::DiffArgs),
    Delete(delete::DeleteArgs),
    Context(context::ContextArgs),
}

pub(super) fn run(args: &KArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    match &args.command {
        KCommand::Apply(args) => apply::run(args, settings, ui),
        KCommand::Diff(args) => diff::run(args, settings, ui),
        KCommand::Delete(args) => delete::run(args, settings, ui),
        KCommand::Context(args) => context::run(args, settings, ui),
    }
}
