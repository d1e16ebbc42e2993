//! The gateway's part of `asya k`: which way a flow gets in, and whether it serves it then.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::target::{Namespaces, Target};
use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gateway::{self, Asking, Authorities, GatewayPlan, Outcome, Queue, Registration, Verification, Via, Wanted};
use crate::kustomize::Object;
use crate::names::FlowName;
use crate::project::Transport;
use crate::settings::Settings;

/// How a flow is registered.
#[derive(Debug, Args)]
pub(super) struct RegisteringArgs {
    #[command(flatten)]
    pub(super) way: WayArgs,
    #[command(flatten)]
    pub(super) asking: AskingArgs,
}

/// Which gateway, and which way in.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Gateway options")]
pub(super) struct WayArgs {
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

/// Whether the gateway is asked afterwards.
#[derive(Debug, Args)]
#[command(next_help_heading = "Gateway options")]
pub(super) struct AskingArgs {
    /// Ask the gateway whether it serves the flow, and fail if it cannot be asked [default: ask, and
    /// say so if it cannot be asked]
    #[arg(long, overrides_with = "no_verify")]
    pub(super) verify: bool,
    /// Neither wait for the gateway's new pods nor ask it
    #[arg(long)]
    pub(super) no_verify: bool,
    /// How long the gateway may take to replace its pods, and again to show the flow
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    gateway_timeout: u64,
}

/// `--via`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum ViaArg {
    Source,
    Key,
    Entry,
}

impl WayArgs {
    /// Refuses options that only a cluster's gateway has.
    pub(super) fn refuse_local(&self) -> Result<()> {
        let given = [
            ("--gateway", self.gateway.is_some()),
            ("--via", self.via.is_some()),
            ("--convert-volume", self.convert_volume),
        ];
        match given.iter().find(|(_, is_given)| *is_given) {
            Some((option, _)) => Err(Error::usage(format!("`{option}` means nothing in the context `local`"))
                .because("`asya gateway serve` serves what is applied there")
                .hint(format!("leave `{option}` out, or choose a cluster with `--context`"))),
            None => Ok(()),
        }
    }

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

/// What a gateway is asked with, read before anything is written.
pub(super) struct Means<'a> {
    context: &'a str,
    url: Option<&'a str>,
    token: Option<&'a str>,
    authorities: Authorities,
}

impl<'a> Means<'a> {
    /// Those of the target's context and the environment; fails when the certificates that the
    /// context names cannot be read.
    pub(super) fn of(target: &'a Target, settings: &'a Settings) -> Result<Self> {
        let authorities = target.gateway_ca().map(Authorities::read).transpose()?.unwrap_or_default();
        Ok(Self {
            context: target.context_name(),
            url: target.gateway_url(),
            token: settings.environment.get("ASYA_GATEWAY_TOKEN"),
            authorities,
        })
    }
}

impl AskingArgs {
    /// Waits for the gateway's new pods and asks it whether it shows the flow, or shows it no
    /// longer.
    pub(super) async fn confirm(
        &self,
        cluster: &Cluster,
        plan: &GatewayPlan,
        outcomes: [&Outcome; 2],
        means: &Means<'_>,
        events: &mut dyn FnMut(Event),
    ) -> Result<Option<Verification>> {
        let mut rollouts: Vec<(&str, &str)> = outcomes
            .iter()
            .flat_map(|outcome| outcome.rollouts.iter().map(|name| (outcome.namespace.as_str(), name.as_str())))
            .collect();
        rollouts.dedup();
        let nothing_rolls = rollouts.is_empty();
        let timeout = Duration::from_secs(self.gateway_timeout);
        for (namespace, deployment) in rollouts {
            if self.no_verify {
                events(Event::Note(format!(
                    "the gateway replaces its pods; to wait for it: kubectl --context {} -n {namespace} rollout status deployment/{deployment}",
                    cluster.context()
                )));
                continue;
            }
            let rolled = gateway::rolled_out(cluster, (namespace, deployment), timeout, events).await;
            let took = rolled.map_err(|error| error.hint_opt(plan.way_back(outcomes[1], means.context)))?;
            events(Event::Note(format!("gateway `{deployment}` has new pods (after {:.1} s)", took.as_secs_f64())));
        }
        if self.no_verify {
            return Ok(None);
        }
        let [removed, registered] = outcomes;
        if let (true, Some(deployment)) = (nothing_rolls, &registered.deployment) {
            // What an earlier run left behind is not as good as done.
            let stuck = gateway::not_stuck(cluster, (&registered.namespace, deployment), events).await;
            stuck.map_err(|error| error.hint_opt(plan.way_back(registered, means.context)))?;
        }
        let outcome = if registered.registration == Registration::None { removed } else { registered };
        let asking = Asking {
            url: means.url,
            authorities: &means.authorities,
            token: means.token,
            timeout,
            required: self.verify,
        };
        let seen = plan.verify(cluster, outcome, &asking, events).await?;
        if let (Some(seen), Some(deployment)) = (&seen, &outcome.deployment) {
            events(Event::Note(format!("gateway `{deployment}` {}", seen.summary())));
        }
        Ok(seen)
    }
}

fn queue(transport: Transport) -> Queue {
    match transport {
        Transport::Sqs => Queue::Sqs,
        Transport::Pubsub => Queue::Pubsub,
        Transport::Rabbitmq => Queue::Rabbitmq,
    }
}
