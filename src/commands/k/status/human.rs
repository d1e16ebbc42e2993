//! The status as text.

use super::document::{ActorDocument, AllStatus, DriftDocument, FlowStatus, PodDocument};
use super::one::shown;
use crate::names::counted;
use crate::ui::{Style, Table, Ui};

/// One flow: a line for the whole, a table of its actors, the gateway, what drifted.
pub(super) fn one(status: &FlowStatus, ui: &Ui) -> String {
    let whole = match status.healthy {
        true => ui.paint(Style::Good, "well"),
        false => ui.paint(Style::Bad, "not well"),
    };
    let mut out = format!("{} in {}: {whole}\n\n", status.flow, status.cluster_namespace());
    let mut table = Table::new(&["ACTOR", "STATE", "PODS", "RESTARTS", "QUEUE", "MESSAGE"]);
    for actor in &status.actors {
        table.row([
            actor.name.clone(),
            actor.state.to_owned(),
            pods(actor.pods.as_deref()),
            restarts(actor.pods.as_deref()),
            queue(actor).to_owned(),
            actor.message.clone(),
        ]);
    }
    out.push_str(&table.render());
    let gateway = &status.gateway;
    let deployment = gateway.deployment.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
    out.push_str(&format!("\ngateway: {}{deployment}: {}\n", gateway.registration, gateway.message));
    let Some(drift) = &status.drift else {
        out.push_str("drift: unknown; what was applied cannot be seen\n");
        return out;
    };
    if drift.is_empty() {
        out.push_str("drift: none; the cluster has what is rendered\n");
        return out;
    }
    out.push_str(&format!("drift: {} not as rendered\n", counted(drift.len(), "object")));
    for drift in drift {
        out.push_str(&format!("  {}\n", drift_line(drift)));
        for field in &drift.fields {
            let line = format!(
                "    {}: {}, rendered {}\n",
                field.field,
                shown(field.live.as_ref()),
                shown(field.rendered.as_ref())
            );
            out.push_str(&line);
        }
        for field in &drift.left {
            out.push_str(&format!("    {field}: not rendered any more\n"));
        }
    }
    out
}

fn drift_line(drift: &DriftDocument) -> String {
    match drift.state {
        "missing" => format!("{} is missing", drift.object),
        "not-rendered" => format!("{} is not rendered any more", drift.object),
        _ => format!("{} differs", drift.object),
    }
}

fn pods(pods: Option<&[PodDocument]>) -> String {
    match pods {
        None => "?".to_owned(),
        Some([]) => "0".to_owned(),
        Some(pods) => format!("{}/{}", pods.iter().filter(|pod| pod.ready).count(), pods.len()),
    }
}

fn restarts(pods: Option<&[PodDocument]>) -> String {
    pods.map_or_else(|| "?".to_owned(), |pods| pods.iter().map(|pod| pod.restarts).sum::<u64>().to_string())
}

fn queue(actor: &ActorDocument) -> &'static str {
    match actor.queue.ready {
        Some(true) => "ready",
        Some(false) => "not ready",
        None => "?",
    }
}

/// All flows: a table.
pub(super) fn all(status: &AllStatus) -> String {
    if status.flows.is_empty() {
        return "no flows, neither in the project nor in the namespace\n".to_owned();
    }
    let mut table = Table::new(&["FLOW", "ACTORS", "PODS", "GATEWAY", "NOTE"]);
    for flow in &status.flows {
        let actors = match flow.actors {
            0 => "not deployed".to_owned(),
            actors => format!("{}/{actors} ready", flow.ready),
        };
        let served = match &flow.served {
            None => "?".to_owned(),
            Some(protocols) if protocols.is_empty() => "no".to_owned(),
            Some(protocols) => protocols.join(", "),
        };
        let note = match flow.failed.first() {
            Some(failed) => failed.clone(),
            None if !flow.in_project => "not of this project".to_owned(),
            None => String::new(),
        };
        let pods = flow.pods.map_or_else(|| "?".to_owned(), |pods| pods.to_string());
        table.row([flow.name.clone(), actors, pods, served, note]);
    }
    table.render()
}
