//! `asya status`.

use clap::Args;
use serde::Serialize;

use super::Status;
use super::documents::ActorDocument;
use super::exposed::one_line;
use crate::error::Result;
use crate::event::Event;
use crate::names::{ContextName, FlowName, JOIN_HANDLER};
use crate::project::{Compiled, Exposure, FlowRecord, Freshness, GraphActor, Project};
use crate::settings::Settings;
use crate::ui::{Table, Ui};

/// Show the flows of the project
///
/// For every flow: whether its compiled files fit its source, its actors, and where agents can
/// reach it. With --context, only what that environment offers.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {}

/// The result, version 1.
#[derive(Serialize)]
struct StatusDocument {
    version: u32,
    project: String,
    flows: Vec<FlowDocument>,
}

#[derive(Serialize)]
struct FlowDocument {
    name: String,
    source: Option<String>,
    function: Option<String>,
    compiled: &'static str,
    actors: Vec<ActorDocument>,
    exposed: Vec<ExposureDocument>,
    problems: Vec<String>,
}

#[derive(Serialize)]
struct ExposureDocument {
    /// `null` for all environments.
    context: Option<String>,
    /// Empty when this environment withdraws what all others offer.
    protocols: Vec<&'static str>,
}

pub(super) fn run(_args: &StatusArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let project = settings.project()?;
    if settings.context.is_some() {
        project.context(settings.context.as_ref())?;
    }
    let names = project.flow_names()?;
    let flows: Vec<FlowDocument> = names.iter().map(|name| flow(&project, name, settings.context.as_ref())).collect();
    for problem in flows.iter().flat_map(|flow| &flow.problems) {
        ui.event(Event::Warning { message: problem.clone(), hint: None });
    }
    let document = StatusDocument { version: 1, project: project.root().display().to_string(), flows };
    ui.report(&document, |_| human(&document));
    Ok(Status::Done)
}

fn flow(project: &Project, name: &FlowName, context: Option<&ContextName>) -> FlowDocument {
    match project.flow(name) {
        Ok(record) => {
            let mut compiled = project.compiled(&record);
            if let Some(context) = context {
                compiled.exposures.retain(|it| it.context.as_ref().is_none_or(|name| name == context));
            }
            described(record, compiled)
        }
        Err(error) => FlowDocument {
            name: name.to_string(),
            source: None,
            function: None,
            compiled: Freshness::Unknown.name(),
            actors: Vec::new(),
            exposed: Vec::new(),
            problems: vec![one_line(&error)],
        },
    }
}

fn described(record: FlowRecord, compiled: Compiled) -> FlowDocument {
    let actor = |GraphActor { name, handler, generated }| ActorDocument { name, handler, generated };
    let exposure = |Exposure { context, protocols }| ExposureDocument {
        context: context.map(|name| name.to_string()),
        protocols: protocols.into_iter().map(|protocol| protocol.name()).collect(),
    };
    FlowDocument {
        name: record.name.to_string(),
        source: Some(record.source.display().to_string()),
        function: Some(record.function),
        compiled: compiled.freshness.name(),
        actors: compiled.actors.into_iter().map(actor).collect(),
        exposed: compiled.exposures.into_iter().map(exposure).collect(),
        problems: compiled.problems,
    }
}

fn human(document: &StatusDocument) -> String {
    if document.flows.is_empty() {
        return "no flows yet; make one with `asya compile FLOW -f FILE`\n".to_owned();
    }
    let mut table = Table::new(&["FLOW", "COMPILED", "ACTORS", "EXPOSED", "SOURCE"]);
    for flow in &document.flows {
        let source = match (&flow.source, &flow.function) {
            (Some(source), Some(function)) => format!("{source}:{function}"),
            _ => "-".to_owned(),
        };
        table.row([flow.name.clone(), flow.compiled.to_owned(), actors(flow), exposed(flow), source]);
    }
    table.render()
}

/// `3`, `3 + router`, `3 + router + join`, or `-` where nothing is known.
fn actors(flow: &FlowDocument) -> String {
    let generated = flow.actors.iter().filter(|actor| actor.generated).count();
    let join = if flow.actors.iter().any(|actor| actor.handler == JOIN_HANDLER) { " + join" } else { "" };
    match (flow.actors.len() - generated, generated) {
        (0, 0) => "-".to_owned(),
        (own, 0) => own.to_string(),
        (own, _) => format!("{own} + router{join}"),
    }
}

/// `mcp` for all environments, then `dev: mcp, a2a` for each that differs.
fn exposed(flow: &FlowDocument) -> String {
    let places: Vec<String> = flow
        .exposed
        .iter()
        .map(|exposure| {
            let protocols = match exposure.protocols.is_empty() {
                true => "no".to_owned(),
                false => exposure.protocols.join(", "),
            };
            match &exposure.context {
                Some(context) => format!("{context}: {protocols}"),
                None => protocols,
            }
        })
        .collect();
    if places.is_empty() { "no".to_owned() } else { places.join("; ") }
}
