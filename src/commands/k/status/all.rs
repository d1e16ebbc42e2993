//! The status of all flows, a line each.

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::Status;
use super::super::place::Place;
use super::document::{AllStatus, ClusterDocument, FlowLine, context_name};
use super::human;
use crate::cluster::{self, ActorView, Overview};
use crate::error::{Error, Result};
use crate::event::{Event, Standing};
use crate::gateway::{Detected, Sight};
use crate::settings::Settings;
use crate::ui::Ui;

pub(super) fn run(settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let place = Place::load(settings)?;
    let known: BTreeSet<String> = place.project.flow_names()?.iter().map(ToString::to_string).collect();
    let document = cluster::run(async {
        let cluster = place.connect(settings).await?;
        let namespaces = place.located(&cluster);
        let overview = cluster.overview(&namespaces.actors).await?;
        if overview.actors.is_empty() {
            cluster.check_namespace(&namespaces.actors, "namespace").await?;
        }
        let sight = Sight::of(&cluster, &namespaces.gateway, place.gateway()).await;
        warn(overview.blind.iter().chain(sight.as_ref().err()), ui);
        if let Ok(Detected::Several(_)) = sight.as_ref().map(|sight| &sight.detected) {
            ui.event(Event::Warning {
                message: format!("there are several gateways in namespace `{}`", namespaces.gateway),
                hint: Some("name one: `gateway` of the context in `.asya/config.yaml`".to_owned()),
            });
        }
        Ok(AllStatus {
            version: 1,
            context: context_name(place.context.as_ref()),
            cluster: ClusterDocument::of(&cluster, &namespaces.actors),
            flows: lines(&known, &overview, sight.ok().as_ref()),
        })
    })?;
    ui.report(&document, |_| human::all(&document));
    Ok(Status::Done)
}

fn lines(known: &BTreeSet<String>, overview: &Overview, sight: Option<&Sight>) -> Vec<FlowLine> {
    let mut flows: BTreeMap<&str, Vec<(&String, &ActorView)>> =
        known.iter().map(|name| (name.as_str(), Vec::new())).collect();
    for (name, view) in &overview.actors {
        if let Some(flow) = view.flow() {
            flows.entry(flow).or_default().push((name, view));
        }
    }
    let line = |(flow, actors): (&str, Vec<(&String, &ActorView)>)| {
        let standing = |wanted: Standing| actors.iter().filter(move |(_, view)| view.readiness.standing == wanted);
        let pods: Option<usize> = actors.iter().map(|(_, view)| Some(view.pods.as_ref()?.len())).sum();
        FlowLine {
            name: flow.to_owned(),
            in_project: known.contains(flow),
            actors: actors.len(),
            ready: standing(Standing::Ready).count(),
            pods,
            failed: standing(Standing::Failed).map(|(name, view)| format!("{name}: {}", view.readiness.text)).collect(),
            served: sight.filter(|sight| can_tell(sight)).map(|sight| protocols(sight, flow)),
        }
    };
    flows.into_iter().map(line).collect()
}

/// Each of the errors once: several looks may lack one permission.
pub(super) fn warn<'a>(errors: impl Iterator<Item = &'a Error>, ui: &mut Ui) {
    let mut told = BTreeSet::new();
    for error in errors.filter(|error| told.insert(error.message())) {
        ui.event(Event::Warning { message: error.message().to_owned(), hint: error.hints().first().cloned() });
    }
}

/// Whether the gateway tells what it serves; where there is none, it serves nothing.
fn can_tell(sight: &Sight) -> bool {
    !sight.opaque && matches!(sight.detected, Detected::One(_) | Detected::None)
}

fn protocols(sight: &Sight, flow: &str) -> Vec<&'static str> {
    let Some(served) = sight.flows.get(flow) else { return Vec::new() };
    [(served.mcp, "mcp"), (served.a2a, "a2a")].into_iter().filter_map(|(is, name)| is.then_some(name)).collect()
}
