//! `asya k doctor`.

mod actors;
mod check;
mod crossplane;
mod gateway;
mod known;
mod pubsub;
mod rabbitmq;
mod references;
mod resolved;
mod runtime;
mod sqs;
mod ward;

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::super::Status;
use super::place::Place;
use crate::cluster;
use crate::error::Result;
use crate::event::Event;
use crate::gateway as gateways;
use crate::project::Transport;
use crate::settings::Settings;
use crate::ui::{Style, Table, Ui};
use check::{Check, Verdict};
use known::{ALL, Id, Known};

pub(super) use crossplane::cloud;
pub(super) use pubsub::IDENTITY;
pub(super) use references::{annotation, text};
pub(super) use runtime::{COPIED_FROM, RUNTIME_LABELS, runtime_name};
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
    /// Say what is checked, and look at nothing
    #[arg(long, conflicts_with_all = ["namespace", "all"])]
    list: bool,
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

/// All checks there are, version 1.
#[derive(Serialize)]
struct ListDocument {
    version: u32,
    checks: &'static [Known],
}

pub(super) fn run(args: &DoctorArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    if args.list {
        ui.report(&ListDocument { version: 1, checks: ALL }, |_| listed());
        return Ok(Status::Done);
    }
    let place = Place::load(settings)?;
    let document = cluster::run(async {
        let cluster = place.connect(settings).await?;
        let mut namespaces = place.located(&cluster);
        if let Some(namespace) = &args.namespace {
            namespaces.actors = namespace.to_string();
        }
        let configured = place.project.config().platform.transport;
        let ward = Ward::enter(&cluster, &namespaces.actors, &namespaces.gateway, configured).await?;
        if ward.actors.is_empty() {
            cluster.check_namespace(&ward.namespace, "namespace").await?;
        }
        let transports: Vec<&'static str> = ward.transports.iter().map(|transport| transport.name()).collect();
        ui.event(Event::Step(format!(
            "look at namespace {} ({}, told by {})",
            ward.namespace,
            transports.join(", "),
            ward.told_by
        )));
        let mut checks = ward.unseen();
        runtime::run(&ward, &mut checks).await?;
        crossplane::run(&ward, &mut checks).await?;
        for transport in &ward.transports {
            match transport {
                Transport::Pubsub => pubsub::run(&ward, &mut checks).await?,
                Transport::Sqs => sqs::run(&ward, &mut checks).await?,
                Transport::Rabbitmq => rabbitmq::run(&ward, &mut checks).await?,
            }
        }
        actors::run(&ward, &mut checks).await?;
        let templates: Vec<(String, Value)> =
            ward.templates_of_actors().into_iter().map(|(name, pod)| (name.to_owned(), pod.clone())).collect();
        resolved::run(Id::C44, &ward, &ward.namespace, &templates, &mut checks).await?;
        let sight = gateways::Sight::of(&cluster, &ward.gateway, place.gateway()).await;
        match sight {
            Ok(sight) => {
                let has_skills = sight.flows.values().any(|served| served.a2a);
                gateway::run(&ward, &sight.deployments, has_skills, &mut checks).await?;
                registrations(&ward, &sight, &mut checks);
            }
            Err(error) => checks.push(Check::skip(Id::C50, "gateway", ward::in_words(&error))),
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
                Id::C58,
                format!("ConfigMap {}/{map}", ward.gateway),
                format!("the gateway refuses `{file}`, and with it every flow: {reason}"),
            )
            .fix(format!(
                "kubectl -n {} edit configmap {map}; or take it out of volume gateway-flows of the gateway",
                ward.gateway
            )),
        );
    }
    for map in &sight.missing {
        out.push(
            Check::warn(
                Id::C58,
                format!("ConfigMap {}/{map}", ward.gateway),
                "the gateway is told to mount it, and it is missing: its flow is invisible",
            )
            .fix("apply its flow again, or asya k delete FLOW to take it out of the gateway"),
        );
    }
    if sight.refused.is_empty() && sight.missing.is_empty() && !sight.flows.is_empty() {
        out.push(Check::ok(
            Id::C58,
            format!("flows of the gateway in {}", ward.gateway),
            format!("all {} can be read", sight.flows.len()),
        ));
    }
}

fn listed() -> String {
    let mut table = Table::new(&["ID", "FOR", "WHAT MUST BE SO"]);
    for known in ALL {
        table.row([known.id.name(), known.scope, known.wanted].map(str::to_owned));
    }
    table.render()
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
        out.push_str(&format!("{word} {:<3} {}: {}\n", check.id.name(), check.subject, check.finding));
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
