//! `asya k doctor`.

mod check;
mod gateway;
mod platform;
mod pubsub;
mod queues;
mod references;
mod ward;

use clap::Args;
use serde::Serialize;

use super::super::Status;
use super::place::Place;
use crate::cluster;
use crate::error::Result;
use crate::event::Event;
use crate::gateway as gateways;
use crate::project::Transport;
use crate::settings::Settings;
use crate::ui::{Style, Ui};
use check::{Check, Verdict};

pub(super) use platform::{COPIED_FROM, RUNTIME_LABELS, cloud, runtime_name};
pub(super) use pubsub::{IDENTITY, KEDA_SECRET};
pub(super) use queues::RABBITMQ_SECRET;
pub(super) use references::{annotation, text};
pub(super) use ward::{Ward, accounts};

/// Look for what keeps actors and gateway from working
///
/// Credentials, identities, Secrets, the platform's own parts: every check that can be made from
/// the outside, for the message queue in use, with the command that puts it right. Nothing is
/// written, no value of a Secret is shown; what you may not see is skipped and named. Exit code 1
/// when something fails.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Look at this namespace instead of the context's
    #[arg(short, long, value_name = "NAMESPACE")]
    namespace: Option<crate::names::Namespace>,
    /// Show checks that are well, too
    #[arg(long)]
    all: bool,
}

/// The result, version 1.
#[derive(Serialize)]
struct DoctorDocument {
    version: u32,
    namespace: String,
    gateway_namespace: String,
    transports: Vec<&'static str>,
    healthy: bool,
    checks: Vec<Check>,
}

pub(super) fn run(args: &DoctorArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let place = Place::load(settings)?;
    let document = cluster::run(async {
        let cluster = place.connect(settings).await?;
        let mut namespaces = place.located(&cluster);
        if let Some(namespace) = &args.namespace {
            namespaces.actors = namespace.to_string();
        }
        let configured = place.project.config().platform.transport;
        let ward = Ward::enter(&cluster, &namespaces.actors, &namespaces.gateway, configured).await?;
        let transports: Vec<&'static str> = ward.transports.iter().map(|transport| transport.name()).collect();
        ui.event(Event::Step(format!(
            "look at namespace {} ({}, told by {})",
            ward.namespace,
            transports.join(", "),
            ward.told_by
        )));
        let mut checks = Vec::new();
        platform::run(&ward, &mut checks).await?;
        for transport in &ward.transports {
            match transport {
                Transport::Pubsub => pubsub::run(&ward, &mut checks).await?,
                Transport::Sqs => queues::sqs(&ward, &mut checks).await?,
                Transport::Rabbitmq => queues::rabbitmq(&ward, &mut checks).await?,
            }
        }
        let sight = gateways::Sight::of(&cluster, &ward.gateway, place.gateway()).await;
        match sight {
            Ok(sight) => {
                gateway::run(&ward, &sight.deployments, &mut checks).await?;
                registrations(&ward, &sight, &mut checks);
            }
            Err(error) => checks.push(Check::skip("C50", "gateway", error.message())),
        }
        Ok(DoctorDocument {
            version: 1,
            namespace: ward.namespace.clone(),
            gateway_namespace: ward.gateway.clone(),
            transports,
            healthy: !checks.iter().any(|check| check.verdict == Verdict::Fail),
            checks,
        })
    })?;
    ui.report(&document, |ui| human(&document, args.all, ui));
    Ok(if document.healthy { Status::Done } else { Status::Negative })
}

/// What the gateway makes of the files it mounts.
fn registrations(ward: &Ward<'_>, sight: &gateways::Sight, out: &mut Vec<Check>) {
    for (map, file, reason) in &sight.refused {
        out.push(
            Check::fail(
                "C58",
                format!("ConfigMap {}/{map}", ward.gateway),
                format!("the gateway refuses `{file}`, and with it every flow: {reason}"),
            )
            .fix(format!(
                "have it repaired, or take it out of volume gateway-flows of the gateway in {}",
                ward.gateway
            )),
        );
    }
    for map in &sight.missing {
        out.push(Check::warn(
            "C58",
            format!("ConfigMap {}/{map}", ward.gateway),
            "the gateway is told to mount it, and it is missing: its flow is invisible",
        ));
    }
    if sight.refused.is_empty() && sight.missing.is_empty() && !sight.flows.is_empty() {
        out.push(Check::ok(
            "C58",
            format!("flows of the gateway in {}", ward.gateway),
            format!("all {} can be read", sight.flows.len()),
        ));
    }
}

fn human(document: &DoctorDocument, all: bool, ui: &Ui) -> String {
    let mut out = String::new();
    for check in document.checks.iter().filter(|check| all || check.verdict != Verdict::Ok) {
        let style = match check.verdict {
            Verdict::Ok => Style::Good,
            Verdict::Fail => Style::Bad,
            Verdict::Warn => Style::Warn,
            Verdict::Skip | Verdict::Unknown => Style::Dim,
        };
        let word = ui.paint(style, &format!("{:<7}", check.verdict.name()));
        out.push_str(&format!("{word} {:<3} {}: {}\n", check.id, check.subject, check.finding));
        if let Some(fix) = &check.fix {
            out.push_str(&format!("            → {fix}\n"));
        }
    }
    let count = |verdict: Verdict| document.checks.iter().filter(|check| check.verdict == verdict).count();
    let counts: Vec<String> = [Verdict::Ok, Verdict::Fail, Verdict::Warn, Verdict::Skip, Verdict::Unknown]
        .into_iter()
        .map(|verdict| (count(verdict), verdict.name()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    out.push_str(&format!("namespace {}: {}\n", document.namespace, counts.join(", ")));
    out
}
