//! `asya k context list`.

use clap::Args;
use serde::Serialize;

use super::{Place, kubeconfig};
use crate::cluster::KnownContexts;
use crate::commands::Status;
use crate::error::Result;
use crate::event::Event;
use crate::names::{listed, near_matches};
use crate::project::{Context, LOCAL, Project};
use crate::settings::Settings;
use crate::ui::{Table, Ui};

/// List the environments of the project; the current one has a star
#[derive(Debug, Args)]
pub(in crate::commands::k) struct ListArgs {}

/// The result, version 1.
#[derive(Serialize)]
struct ListDocument {
    version: u32,
    /// `null` when none is chosen.
    current: Option<String>,
    contexts: Vec<ContextDocument>,
}

#[derive(Serialize)]
struct ContextDocument {
    name: String,
    current: bool,
    readonly: bool,
    /// Context of the kubeconfig; `null` for this machine, and where there is no kubeconfig.
    kubectl_context: Option<String>,
    /// Whether the kubeconfig has it.
    known: bool,
    server: Option<String>,
    namespace: Option<String>,
    gateway_namespace: Option<String>,
    gateway_url: Option<String>,
    /// Where the context is written first: `.asya/config.yaml:9`.
    origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

pub(super) fn run(_args: &ListArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let project = settings.project()?;
    let known = match kubeconfig(settings) {
        Ok(known) => known,
        Err(error) => {
            ui.event(Event::Warning { message: error.to_string(), hint: None });
            KnownContexts::default()
        }
    };
    let current = settings.context.as_ref().or(project.config().default_context.as_ref()).map(|name| name.as_str());
    let mut contexts: Vec<ContextDocument> =
        project.config().contexts.values().map(|context| document(context, &project, &known, current)).collect();
    contexts.push(this_machine(current));
    let chosen = contexts.iter().find(|context| context.current).map(|context| context.name.clone());
    if let (Some(asked), None) = (current, &chosen) {
        let near = near_matches(asked, contexts.iter().map(|context| context.name.as_str()));
        ui.event(Event::Warning {
            message: format!("there is no context `{asked}`"),
            hint: (!near.is_empty()).then(|| format!("did you mean {}?", listed(&near))),
        });
    }
    let document = ListDocument { version: 1, current: chosen, contexts };
    ui.report(&document, |_| human(&document));
    Ok(Status::Done)
}

fn document(context: &Context, project: &Project, known: &KnownContexts, current: Option<&str>) -> ContextDocument {
    let place = Place::of(context, known);
    let found = place.cluster.as_deref().and_then(|name| known.get(name));
    ContextDocument {
        name: context.name.to_string(),
        current: current == Some(context.name.as_str()),
        readonly: context.readonly,
        known: found.is_some(),
        server: found.and_then(|found| found.server.clone()),
        namespace: place.namespace,
        gateway_namespace: context.gateway_namespace.as_ref().map(ToString::to_string),
        gateway_url: context.gateway_url.clone(),
        origin: project.origin(&format!("contexts.{}", context.name)),
        problem: project.context(Some(&context.name)).err().map(|error| {
            let reason = error.located().iter().flat_map(|located| &located.diagnostics).next();
            reason.map_or_else(|| error.to_string(), |reason| reason.message.clone())
        }),
        kubectl_context: place.cluster,
    }
}

fn this_machine(current: Option<&str>) -> ContextDocument {
    ContextDocument {
        name: LOCAL.to_owned(),
        current: current == Some(LOCAL),
        readonly: false,
        kubectl_context: None,
        known: false,
        server: None,
        namespace: None,
        gateway_namespace: None,
        gateway_url: None,
        origin: None,
        problem: None,
    }
}

fn human(document: &ListDocument) -> String {
    let mut table = Table::new(&["", "NAME", "CLUSTER", "NAMESPACE", "NOTES"]);
    for context in &document.contexts {
        let local = context.name == LOCAL;
        let (cluster, namespace) = match local {
            true => ("this machine".to_owned(), String::new()),
            false => (
                context.kubectl_context.clone().unwrap_or_else(|| "-".to_owned()),
                context.namespace.clone().unwrap_or_else(|| "default".to_owned()),
            ),
        };
        let mut notes = Vec::new();
        if context.readonly {
            notes.push("read-only".to_owned());
        }
        match &context.kubectl_context {
            _ if local => {}
            None => notes.push("there is no kubeconfig".to_owned()),
            Some(_) if !context.known => notes.push("not in the kubeconfig".to_owned()),
            Some(_) => {}
        }
        notes.extend(context.problem.clone());
        let star = if context.current { "*" } else { "" };
        table.row([star.to_owned(), context.name.clone(), cluster, namespace, notes.join("; ")]);
    }
    table.render()
}
