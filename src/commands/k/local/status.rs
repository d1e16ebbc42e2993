//! `asya k status` in the context `local`.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::{Place, Settings, Ui};
use crate::cluster;
use crate::commands::Status;
use crate::commands::local_state::{LocalState, Running};
use crate::error::Result;
use crate::event::Change;
use crate::gateway::{self, is_flow_entry};
use crate::kustomize::Object;
use crate::local::applied_flows;
use crate::names::{FlowName, counted};
use crate::project::LOCAL;
use crate::ui::{Style, Table};

/// One flow, version 1.
#[derive(Serialize)]
struct FlowStatus {
    version: u32,
    flow: String,
    context: &'static str,
    file: String,
    /// All is well: applied, as rendered, and served if it is exposed.
    healthy: bool,
    applied: bool,
    actors: Vec<String>,
    gateway: GatewayStatus,
    drift: Vec<DriftDocument>,
}

#[derive(Serialize)]
struct GatewayStatus {
    url: Option<String>,
    /// The flow is applied with a gateway entry.
    exposed: bool,
    /// `none`, `registered`, `not-registered`, `not-running` or `unknown`.
    registration: &'static str,
    message: String,
}

#[derive(Serialize)]
struct DriftDocument {
    object: String,
    /// `missing`, `differs` or `not-rendered`.
    state: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<String>,
}

/// All flows, version 1.
#[derive(Serialize)]
struct AllStatus {
    version: u32,
    context: &'static str,
    /// Where the gateway serves; `null` when none is running.
    gateway: Option<Running>,
    flows: Vec<FlowLine>,
}

#[derive(Serialize)]
struct FlowLine {
    name: String,
    /// It is a flow of this project.
    in_project: bool,
    applied: bool,
    actors: usize,
    /// Names it can be called by.
    offered: Vec<String>,
    problem: Option<String>,
}

pub(in crate::commands::k) fn status(flow: Option<&FlowName>, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    match flow {
        Some(flow) => one(flow, settings, ui),
        None => all(settings, ui),
    }
}

fn one(flow: &FlowName, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let place = Place::load(flow, settings, ui)?;
    if let Some(error) = place.unreadable {
        return Err(error.hint(format!("`asya k apply {flow} --context local` writes it anew")));
    }
    let applied = place.applied.as_deref().unwrap_or_default();
    let gateway = standing(&place, applied, settings);
    let drift = drift(&place, applied);
    let is_served = matches!(gateway.registration, "none" | "registered" | "unknown");
    let status = FlowStatus {
        version: 1,
        flow: flow.to_string(),
        context: LOCAL,
        file: LocalState::file(flow).display().to_string(),
        healthy: place.applied.is_some() && drift.is_empty() && is_served,
        applied: place.applied.is_some(),
        actors: actors(applied).map(|actor| actor.name().to_owned()).collect(),
        gateway,
        drift,
    };
    ui.report(&status, |ui| status.human(ui));
    Ok(if status.healthy { Status::Done } else { Status::Negative })
}

impl FlowStatus {
    fn human(&self, ui: &Ui) -> String {
        let whole = match self.healthy {
            true => ui.paint(Style::Good, "well"),
            false => ui.paint(Style::Bad, "not well"),
        };
        let mut out = format!("{} in {LOCAL}: {whole}\n\n", self.flow);
        if !self.applied {
            out.push_str(&format!("not applied: `asya k apply {} --context local`\n", self.flow));
            return out;
        }
        out.push_str(&format!("actors: {}\n", self.actors.join(", ")));
        out.push_str(&format!("gateway: {}: {}\n", self.gateway.registration, self.gateway.message));
        if self.drift.is_empty() {
            out.push_str("drift: none; what is applied is what is rendered\n");
            return out;
        }
        out.push_str(&format!("drift: {} not as rendered\n", counted(self.drift.len(), "object")));
        for DriftDocument { object, state, fields } in &self.drift {
            out.push_str(&match *state {
                "missing" => format!("  {object} is missing\n"),
                "not-rendered" => format!("  {object} is not rendered any more\n"),
                _ => format!("  {object} differs: {}\n", fields.join(", ")),
            });
        }
        out
    }
}

fn actors(objects: &[Object]) -> impl Iterator<Item = &Object> {
    objects.iter().filter(|object| object.kind() == "AsyncActor")
}

/// How what is applied stands with the gateway.
fn standing(place: &Place, applied: &[Object], settings: &Settings) -> GatewayStatus {
    let names = Place::names(Some(applied));
    let running = place.state.running();
    let url = running.map(|running| running.url);
    let (registration, message) = match (&url, names.is_empty()) {
        (_, true) => ("none", "not exposed".to_owned()),
        (None, false) => ("not-running", "no gateway is running; start it with `asya gateway serve`".to_owned()),
        (Some(url), false) => {
            let entries: Vec<Object> = applied.iter().filter(|object| is_flow_entry(object)).cloned().collect();
            let token = super::gateway::token(settings);
            match cluster::run(gateway::ask(url, token, &entries, &[])) {
                Ok(Ok(seen)) => ("registered", format!("{url} {}", seen.summary())),
                Ok(Err(error)) => ("unknown", error.to_string()),
                Err(error) => ("not-registered", error.to_string()),
            }
        }
    };
    GatewayStatus { url, exposed: !names.is_empty(), registration, message }
}

fn drift(place: &Place, applied: &[Object]) -> Vec<DriftDocument> {
    let changes = place.changes().into_iter().filter(|(_, change)| *change != Change::Unchanged);
    changes
        .map(|(id, change)| {
            let value = |objects: &[Object]| {
                let object = objects.iter().find(|object| object.id() == id);
                object.map_or(Value::Null, |object| object.value().clone())
            };
            let (state, fields) = match change {
                Change::Created => ("missing", Vec::new()),
                Change::Removed => ("not-rendered", Vec::new()),
                _ => ("differs", different(&value(applied), &value(&place.rendered))),
            };
            DriftDocument { object: id.to_string(), state, fields }
        })
        .collect()
}

/// The fields in which two objects differ, as `.spec.image`.
fn different(one: &Value, two: &Value) -> Vec<String> {
    let fields: BTreeSet<String> = json_patch::diff(one, two)
        .0
        .iter()
        .map(|operation| operation.path().as_str().replace('/', ".").replace("~1", "/").replace("~0", "~"))
        .collect();
    fields.into_iter().collect()
}

fn all(settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let project = settings.project()?;
    let state = LocalState::of(&project);
    let known: BTreeSet<String> = project.flow_names()?.iter().map(ToString::to_string).collect();
    let applied = applied_flows(&state.directory())?;
    let mut flows: Vec<FlowLine> = applied
        .iter()
        .map(|flow| {
            let place = Place::as_applied(flow, &project);
            let objects = place.applied.as_deref().unwrap_or_default();
            FlowLine {
                name: flow.to_string(),
                in_project: known.contains(flow.as_str()),
                applied: true,
                actors: actors(objects).count(),
                offered: Place::names(Some(objects)),
                problem: place.unreadable.map(|error| error.to_string()),
            }
        })
        .collect();
    let missing = known.iter().filter(|name| !applied.iter().any(|flow| flow.as_str() == name.as_str()));
    flows.extend(missing.map(|name| FlowLine {
        name: name.clone(),
        in_project: true,
        applied: false,
        actors: 0,
        offered: Vec::new(),
        problem: None,
    }));
    flows.sort_by(|one, two| one.name.cmp(&two.name));
    let status = AllStatus { version: 1, context: LOCAL, gateway: state.running(), flows };
    ui.report(&status, |_| status.human());
    Ok(Status::Done)
}

impl AllStatus {
    fn human(&self) -> String {
        if self.flows.is_empty() {
            return "no flows, neither in the project nor applied\n".to_owned();
        }
        let mut table = Table::new(&["FLOW", "ACTORS", "OFFERED AS", "NOTE"]);
        for flow in &self.flows {
            let actors = if flow.applied { flow.actors.to_string() } else { "not applied".to_owned() };
            let note = match &flow.problem {
                Some(problem) => problem.clone(),
                None if !flow.in_project => "not of this project any more".to_owned(),
                None => String::new(),
            };
            let offered = if flow.offered.is_empty() { "no".to_owned() } else { flow.offered.join(", ") };
            table.row([flow.name.clone(), actors, offered, note]);
        }
        let gateway = match &self.gateway {
            Some(Running { url, pid }) => format!("gateway: {url} (process {pid})"),
            None => "gateway: not running; start it with `asya gateway serve`".to_owned(),
        };
        format!("{}\n{gateway}\n", table.render())
    }
}
