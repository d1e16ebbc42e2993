//! Which actor names the flows of a project use, and for which handlers.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::event::Event;
use crate::names::{FlowName, JOIN_HANDLER};
use crate::program::{self, Actor};
use crate::project::{GraphActor, Project};
use crate::ui::Ui;

/// Names of actors, with the handler that each flow runs under that name.
#[derive(Debug, Clone, Default)]
pub(in crate::commands) struct Names {
    users: BTreeMap<String, BTreeMap<FlowName, String>>,
    used: BTreeMap<FlowName, Vec<String>>,
}

impl Names {
    /// The names in the compiled files of all registered flows. What cannot be read is told.
    pub(in crate::commands) fn on_disk(project: &Project, name_limit: usize, ui: &mut Ui) -> Result<Self> {
        let (flows, _) = project.registry()?;
        let actors = super::parallel(&flows, |flow| project.compiled_actors(flow))?;
        let mut names = Self::default();
        for (flow, actors) in flows.into_iter().zip(actors) {
            let router = format!("router.start_{}", flow.as_identifier());
            names.reserve(&flow, program::router_name(&flow, name_limit), router);
            names.reserve(&flow, program::join_name(&flow, name_limit), JOIN_HANDLER.to_owned());
            match actors {
                Ok(actors) => {
                    let called = actors.into_iter().filter(|actor| !actor.generated);
                    names.replace(&flow, called.map(|GraphActor { name, handler, .. }| (name, handler)));
                }
                Err(message) => ui.event(Event::Warning {
                    message: format!("the actor names of `{flow}` are not known: {message}"),
                    hint: Some(format!("type `asya compile {flow}`: it writes the file anew")),
                }),
            }
        }
        Ok(names)
    }

    /// Keeps the name of a generated actor, whether or not the flow needs one today.
    fn reserve(&mut self, flow: &FlowName, name: String, handler: String) {
        self.users.entry(name).or_default().insert(flow.clone(), handler);
    }

    /// `flow` calls these actors now.
    pub(in crate::commands) fn set(&mut self, flow: &FlowName, actors: &[Actor]) {
        self.replace(flow, actors.iter().map(|actor| (actor.name.to_string(), actor.handler.clone())));
    }

    fn replace(&mut self, flow: &FlowName, actors: impl Iterator<Item = (String, String)>) {
        for name in self.used.remove(flow).unwrap_or_default() {
            if let Some(users) = self.users.get_mut(&name) {
                users.remove(flow);
            }
        }
        let mut used = Vec::new();
        for (name, handler) in actors {
            self.users.entry(name.clone()).or_default().insert(flow.clone(), handler);
            used.push(name);
        }
        self.used.insert(flow.clone(), used);
    }

    /// A handler other than `handler` that another flow than `flow` runs under this name.
    pub(in crate::commands) fn other(&self, flow: &FlowName, name: &str, handler: &str) -> Option<String> {
        let users = self.users.get(name)?;
        users.iter().find(|(user, other)| *user != flow && *other != handler).map(|(_, other)| other.clone())
    }
}
