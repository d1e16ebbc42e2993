//! `asya k` in the context `local`: the applied state is files, and the gateway is `asya gateway serve`.

mod apply;
mod delete;
mod diff;
mod gateway;
mod status;

pub(super) use apply::{ApplyLocal, apply};
pub(super) use delete::delete;
pub(super) use diff::diff;
pub(super) use status::status;

use super::super::local_state::LocalState;
use super::super::overlay;
use super::super::render::rendered;
use crate::error::{Error, Result};
use crate::event::{Change, Event};
use crate::kustomize::{Object, ObjectId};
use crate::local::Applied;
use crate::names::FlowName;
use crate::project::{LOCAL, Project};
use crate::settings::Settings;
use crate::ui::Ui;

/// Whether the chosen context is `local`.
pub(super) fn is_chosen(settings: &Settings) -> Result<bool> {
    if let Some(context) = &settings.context {
        return Ok(context.as_str() == LOCAL);
    }
    // Without a project the command itself says what is missing.
    let Ok(project) = settings.project() else { return Ok(false) };
    Ok(project.config().default_context.as_ref().is_some_and(|context| context.as_str() == LOCAL))
}

/// The refusal of what only a cluster has; `instead` says what to do here.
pub(super) fn refused(instead: &str) -> Error {
    Error::usage("the context `local` is this machine, not a cluster")
        .hint(instead)
        .hint("choose a cluster with `--context`")
}

/// A flow in the context `local`: as it is rendered, as it was applied.
struct Place {
    flow: FlowName,
    state: LocalState,
    rendered: Vec<Object>,
    /// `None` when it is not applied, or when what was applied cannot be read.
    applied: Option<Vec<Object>>,
    /// Why it cannot be read.
    unreadable: Option<Error>,
}

impl Place {
    /// Reads the project and the applied state, and renders the flow.
    fn load(flow: &FlowName, settings: &Settings, ui: &mut Ui) -> Result<Self> {
        let project = settings.project()?;
        let local = project.context(settings.context.as_ref())?.map(|context| &context.name);
        let directory = overlay::directory(&project, flow, local)?;
        let (rendering, _) = rendered(project.root(), &directory, settings, ui)?;
        let (secrets, objects): (Vec<Object>, Vec<Object>) =
            rendering.objects.into_iter().partition(|object| object.kind() == "Secret");
        for secret in &secrets {
            ui.event(Event::Note(format!(
                "{} is left out: here handlers take secrets from the environment",
                secret.id()
            )));
        }
        if objects.is_empty() {
            return Err(Error::project(format!("`{}` renders to nothing", directory.display()))
                .hint(format!("make its manifests with `asya compile {flow}`")));
        }
        Ok(Self { rendered: objects, ..Self::as_applied(flow, &project) })
    }

    /// The same for a flow that need not be there to be rendered any more.
    fn as_applied(flow: &FlowName, project: &Project) -> Self {
        let state = LocalState::of(project);
        let (applied, unreadable) = match Applied::read(&state.directory(), flow) {
            Ok(applied) => (applied.map(|applied| applied.objects), None),
            Err(error) => (None, Some(error)),
        };
        Self { flow: flow.clone(), state, rendered: Vec::new(), applied, unreadable }
    }

    /// What applying would do to each object: as rendered, then what is not rendered any more.
    fn changes(&self) -> Vec<(ObjectId, Change)> {
        let applied = self.applied.as_deref().unwrap_or_default();
        let change = |object: &Object| match applied.iter().find(|known| known.id() == object.id()) {
            None => Change::Created,
            Some(known) if known == object => Change::Unchanged,
            Some(_) => Change::Changed,
        };
        let changes = self.rendered.iter().map(|object| (object.id(), change(object)));
        let gone = applied.iter().filter(|known| !self.rendered.iter().any(|object| object.id() == known.id()));
        changes.chain(gone.map(|object| (object.id(), Change::Removed))).collect()
    }

    /// The names that gateways serve `objects` under.
    fn names(objects: Option<&[Object]>) -> Vec<String> {
        let objects = objects.unwrap_or_default().to_vec();
        // What cannot be read is served nowhere.
        let entries = Applied { objects }.entries().unwrap_or_default();
        entries.into_iter().map(|entry| entry.name).collect()
    }
}
