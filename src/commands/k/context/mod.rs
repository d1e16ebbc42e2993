//! `asya k context`: the environments of the project.

mod add;
mod choose;
mod list;

use clap::{Args, Subcommand};

use super::super::Status;
use crate::cluster::{KnownContexts, known_contexts};
use crate::error::Result;
use crate::project::Context;
use crate::settings::Settings;
use crate::ui::Ui;

/// List, choose and add environments
#[derive(Debug, Args)]
pub(super) struct ContextArgs {
    #[command(subcommand)]
    command: ContextCommand,
}

#[derive(Debug, Subcommand)]
enum ContextCommand {
    List(list::ListArgs),
    Use(choose::UseArgs),
    Add(add::AddArgs),
}

pub(super) fn run(args: &ContextArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    match &args.command {
        ContextCommand::List(args) => list::run(args, settings, ui),
        ContextCommand::Use(args) => choose::run(args, settings, ui),
        ContextCommand::Add(args) => add::run(args, settings, ui),
    }
}

fn kubeconfig(settings: &Settings) -> Result<KnownContexts> {
    known_contexts(&|name| settings.environment.get(name).map(str::to_owned))
}

/// Where the objects of a context go.
struct Place {
    /// Context of the kubeconfig; `None` where there is none.
    cluster: Option<String>,
    namespace: Option<String>,
}

impl Place {
    fn of(context: &Context, known: &KnownContexts) -> Self {
        let cluster = context.kubectl_context.clone().or_else(|| known.current.clone());
        let inherited = || known.get(cluster.as_deref()?)?.namespace.clone();
        let namespace = context.namespace.as_ref().map(|namespace| namespace.as_str().to_owned());
        Self { namespace: namespace.or_else(inherited), cluster }
    }

    /// `cluster/namespace`.
    fn shown(&self) -> String {
        let cluster = self.cluster.as_deref().unwrap_or("no cluster");
        format!("{cluster}/{}", self.namespace.as_deref().unwrap_or("default"))
    }
}
