//! `asya expose --list`.

use std::sync::Arc;

use serde::Serialize;

use super::Status;
use super::exposed::{Effect, Exposed, one_line};
use super::exposing::Exposing;
use crate::artifacts::{FlowEntry, exposure};
use crate::error::Result;
use crate::event::Event;
use crate::names::FlowName;
use crate::project::{LOCAL, Project};
use crate::settings::Settings;
use crate::ui::{Table, Ui};

/// The result, version 1.
#[derive(Serialize)]
struct ListDocument {
    version: u32,
    flows: Vec<FlowDocument>,
}

#[derive(Serialize)]
struct FlowDocument {
    flow: String,
    config_map: String,
    /// What counts without a context, then in every context; with `--context` in that one.
    environments: Vec<EnvironmentDocument>,
    problems: Vec<String>,
}

#[derive(Serialize)]
struct EnvironmentDocument {
    /// `null` where no context is chosen.
    context: Option<String>,
    /// `null` where the files that decide cannot be read.
    offered: Option<bool>,
    /// `mcp`, `a2a`.
    protocols: Vec<&'static str>,
    /// The file that decides; `null` where no file says anything.
    file: Option<String>,
    /// Decided by this environment itself, not by what it is built on.
    own: bool,
    /// What the gateway is told.
    entry: Option<FlowEntry>,
}

pub(super) fn run(flow: Option<&FlowName>, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let project = Arc::new(settings.project()?);
    if settings.context.is_some() {
        project.context(settings.context.as_ref())?;
    }
    let names = match flow {
        Some(flow) => vec![project.flow(flow)?.name],
        None => project.flow_names()?,
    };
    let flows = names.iter().map(|name| described(&project, name, settings)).collect::<Result<Vec<_>>>()?;
    for problem in flows.iter().flat_map(|flow| &flow.problems) {
        ui.event(Event::Warning { message: problem.clone(), hint: None });
    }
    let document = ListDocument { version: 1, flows };
    ui.report(&document, |_| human(&document, settings.context.is_some()));
    Ok(Status::Done)
}

fn described(project: &Arc<Project>, flow: &FlowName, settings: &Settings) -> Result<FlowDocument> {
    let mut exposed = Exposed::read(project, flow)?;
    let mut effects = match &settings.context {
        Some(context) => vec![exposed.effect_in(context)],
        None => exposed.effects(),
    };
    if settings.context.is_none() {
        for context in project.config().contexts.keys().filter(|name| name.as_str() != LOCAL) {
            if !effects.iter().any(|effect| effect.context.as_ref() == Some(context)) {
                effects.push(exposed.effect_in(context));
            }
        }
        effects.sort_by(|a, b| a.context.cmp(&b.context));
    }
    let mut problems: Vec<String> = exposed.problems.iter().map(one_line).collect();
    problems.extend(
        exposed
            .unlisted()
            .iter()
            .map(|file| format!("`{}` has no effect: the kustomization beside it does not list it", file.display())),
    );
    problems.extend(Exposing::outdated_entries(project, flow));
    Ok(FlowDocument {
        flow: flow.to_string(),
        config_map: exposure::config_map_name(flow),
        environments: effects.into_iter().map(environment).collect(),
        problems,
    })
}

fn environment(effect: Effect) -> EnvironmentDocument {
    EnvironmentDocument {
        context: effect.context.map(|name| name.to_string()),
        offered: effect.is_known.then_some(effect.entry.is_some()),
        protocols: effect.entry.as_ref().map(FlowEntry::protocols).unwrap_or_default(),
        file: effect.file.map(|file| file.display().to_string()),
        own: effect.is_own,
        entry: effect.entry,
    }
}

/// One row for all environments, one for each that differs; with a context one row a flow.
fn human(document: &ListDocument, in_one_context: bool) -> String {
    let mut table = Table::new(&["FLOW", "CONTEXT", "OFFERED AS", "ENTERED AT", "SAID BY"]);
    let mut offered = false;
    for flow in &document.flows {
        let mut shown = false;
        for environment in &flow.environments {
            let is_shared = environment.context.is_none();
            let has_say = environment.own || is_shared || in_one_context;
            let says_something = environment.file.is_some() && has_say || environment.offered.is_none();
            if !says_something {
                continue;
            }
            (shown, offered) = (true, true);
            let how = match environment.offered {
                None => "unknown".to_owned(),
                Some(false) => "not offered".to_owned(),
                Some(true) => environment.protocols.join(", "),
            };
            table.row([
                flow.flow.clone(),
                environment.context.clone().unwrap_or_else(|| "(all)".to_owned()),
                how,
                environment.entry.as_ref().map_or("-".to_owned(), route),
                environment.file.clone().unwrap_or_else(|| "-".to_owned()),
            ]);
        }
        if !shown {
            table.row([&flow.flow, "-", "not offered", "-", "-"].map(str::to_owned));
        }
    }
    match (document.flows.is_empty(), offered) {
        (true, _) => "no flows yet; make one with `asya compile FLOW -f FILE`\n".to_owned(),
        (false, true) => table.render(),
        (false, false) => format!("{}nothing is exposed; type `asya expose FLOW`\n", table.render()),
    }
}

/// The actors a call visits first, as far as the gateway knows.
fn route(entry: &FlowEntry) -> String {
    let names: Vec<&str> =
        std::iter::once(entry.entrypoint.as_str()).chain(entry.route_next.iter().map(String::as_str)).collect();
    names.join(" > ")
}
