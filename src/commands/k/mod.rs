//! `asya k`: everything that talks to a cluster.

mod apply;
mod consent;
mod context;
mod delete;
mod diff;
mod doctor;
mod duration;
mod events;
mod logs;
mod namespace;
mod place;
mod port_forward;
mod prepared;
mod rbac;
mod registering;
mod report;
mod secret;
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
    Logs(logs::LogsArgs),
    Events(events::EventsArgs),
    PortForward(port_forward::PortForwardArgs),
    Secret(secret::SecretArgs),
    Rbac(rbac::RbacArgs),
    Doctor(doctor::DoctorArgs),
    Namespace(namespace::NamespaceArgs),
    Diff(diff::DiffArgs),
    Delete(delete::DeleteArgs),
    Context(context::ContextArgs),
}

pub(super) fn run(args: &KArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    match &args.command {
        KCommand::Apply(args) => apply::run(args, settings, ui),
        KCommand::Doctor(args) => doctor::run(args, settings, ui),
        KCommand::Namespace(args) => namespace::run(args, settings, ui),
        KCommand::Logs(args) => logs::run(args, settings, ui),
        KCommand::Events(args) => events::run(args, settings, ui),
        KCommand::PortForward(args) => port_forward::run(args, settings, ui),
        KCommand::Secret(args) => secret::run(args, settings, ui),
        KCommand::Rbac(args) => rbac::run(args, settings, ui),
        KCommand::Status(args) => status::run(args, settings, ui),
        KCommand::Wait(args) => wait::run(args, settings, ui),
        KCommand::Diff(args) => diff::run(args, settings, ui),
        KCommand::Delete(args) => delete::run(args, settings, ui),
        KCommand::Context(args) => context::run(args, settings, ui),
    }
}
