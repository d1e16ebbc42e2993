//! The command line as a whole.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::{
    build, compile, completions, config, demo, edit, expose, gateway, graph, images, init, k, patch, render, run,
    status, unexpose, validate,
};
use crate::names::ContextName;
use crate::ui::{ColorChoice, EventsFormat, OutputFormat};

/// Compile Python flows to the Asya actor mesh, expose them to agents, deploy them
#[derive(Debug, Parser)]
#[command(name = "asya", version, disable_help_subcommand = true, max_term_width = 100)]
#[command(after_help = "New here? `asya demo` shows all of it on an example, without a cluster.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(super) global: GlobalArgs,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Arguments that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct GlobalArgs {
    /// Start in DIR instead of the working directory
    #[arg(short = 'C', long, value_name = "DIR", global = true)]
    pub(super) directory: Option<PathBuf>,
    /// Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]
    #[arg(long, value_name = "CONTEXT", global = true)]
    pub(super) context: Option<ContextName>,
    /// Write the result as text for people or as one JSON document: human, json [default: human]
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t, global = true)]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub(super) output: OutputFormat,
    /// Tell on stderr what happens as text for people or as one line of JSON an event: human, json
    /// [default: human]
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t, global = true)]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub(super) events: EventsFormat,
    /// Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, global = true)]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub(super) color: ColorChoice,
    /// Print results and problems only
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Init(init::InitArgs),
    Compile(compile::CompileArgs),
    Validate(validate::ValidateArgs),
    Graph(graph::GraphArgs),
    Expose(expose::ExposeArgs),
    Unexpose(unexpose::UnexposeArgs),
    Patch(patch::PatchArgs),
    Edit(edit::EditArgs),
    Build(build::BuildArgs),
    Images(images::ImagesArgs),
    Render(render::RenderArgs),
    Status(status::StatusArgs),
    Run(run::RunArgs),
    K(k::KArgs),
    Config(config::ConfigArgs),
    Gateway(gateway::GatewayArgs),
    Demo(demo::DemoArgs),
    Completions(completions::CompletionsArgs),
}
