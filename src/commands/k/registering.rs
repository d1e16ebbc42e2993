//! The gateway's part of `asya k`: which way a flow gets in.

use clap::{Args, ValueEnum};

use super::target::{Namespaces, Target};
use crate::gateway::{Queue, Via, Wanted};
use crate::kustomize::Object;
use crate::names::FlowName;
use crate::project::Transport;

/// How a flow is registered.
#[derive(Debug, Args)]
#[command(next_help_heading = "Gateway options")]
pub(super) struct RegisteringArgs {
    /// The gateway's Helm release or Deployment, where its namespace holds several
    #[arg(long, value_name = "NAME")]
    gateway: Option<String>,
    /// How the flow gets into the gateway: a source of its own in the projected volume, a data key
    /// in the chart's ConfigMap (survives Helm upgrades), an entry in the lists of a split gateway
    /// [default: as it is registered, else what the gateway's generation has]
    #[arg(long, value_enum, value_name = "WAY", hide_possible_values = false)]
    via: Option<ViaArg>,
    /// Change a plain volume of flows to a projected one, to which sources can be added; the last
    /// flow that leaves changes it back
    #[arg(long)]
    convert_volume: bool,
}

/// `--via`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum ViaArg {
    Source,
    Key,
    Entry,
}

impl RegisteringArgs {
    /// What the gateway of `target` shall know of the flow.
    pub(super) fn wanted<'a>(
        &'a self,
        flow: &'a FlowName,
        target: &'a Target,
        namespaces: &'a Namespaces,
        manager: &'a str,
        entries: &'a [Object],
        force: bool,
    ) -> Wanted<'a> {
        Wanted {
            flow,
            context: target.context_name(),
            manager,
            namespace: &namespaces.gateway,
            actors_namespace: &namespaces.actors,
            gateway: self.gateway.as_deref().or(target.gateway()),
            entries,
            queue: queue(target.transport),
            start: target.start(),
            via: self.via.map(|via| match via {
                ViaArg::Source => Via::Source,
                ViaArg::Key => Via::Key,
                ViaArg::Entry => Via::Entry,
            }),
            convert_volume: self.convert_volume,
            force,
        }
    }
}

fn queue(transport: Transport) -> Queue {
    match transport {
        Transport::Sqs => Queue::Sqs,
        Transport::Pubsub => Queue::Pubsub,
        Transport::Rabbitmq => Queue::Rabbitmq,
    }
}
