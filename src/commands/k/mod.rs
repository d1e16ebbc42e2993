//! `asya k`: everything that talks to a cluster.

mod apply;
mod duration;
mod place;
mod rbac;
mod status;
mod target;
mod wait;

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
    Wait(wait::WaitArgs),
    Status(status::StatusArgs),
    Rbac(rbac::RbacArgs),
}

pub(super) fn run(args: &KArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    match &args.command {
        KCommand::Apply(args) => apply::run(args, settings, ui),
        KCommand::Rbac(args) => rbac::run(args, settings, ui),
        KCommand::Status(args) => status::run(args, settings, ui),
        KCommand::Wait(args) => wait::run(args, settings, ui),
    }
}
