//! `asya k`: everything that talks to a cluster.

mod apply;
mod consent;
mod context;
mod delete;
mod diff;
mod doctor;
mod duration;
mod events;
mod local;
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

impl KCommand {
    /// What to do in the context `local` instead of a command that only clusters have.
    fn instead_of_a_cluster(&self) -> Option<&'static str> {
        match self {
            Self::Apply(_) | Self::Diff(_) | Self::Delete(_) | Self::Status(_) | Self::Context(_) => None,
            Self::Wait(_) => {
                Some("nothing is to be waited for here: what `asya k apply` takes in can be called at once")
            }
            Self::Logs(_) => Some("`asya gateway serve` prints what handlers print, and every call"),
            Self::Events(_) => Some("`asya gateway serve` prints every call, and every change of what it serves"),
            Self::PortForward(_) => Some("the gateway of this machine is `asya gateway serve`"),
            Self::Secret(_) => {
                Some("here handlers take secrets from the environment of `asya gateway serve` and `asya run`")
            }
            Self::Rbac(_) => Some("nobody is kept from anything here: the applied state is files below `.asya/local`"),
            Self::Doctor(_) => {
                Some("`asya status` looks at the project, `asya k status --context local` at what is applied")
            }
            Self::Namespace(_) => Some("there are no namespaces here: `asya k apply` needs nothing prepared"),
        }
    }
}

pub(super) fn run(args: &KArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    if let Some(instead) = args.command.instead_of_a_cluster()
        && local::is_chosen(settings)?
    {
        return Err(local::refused(instead));
    }
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
