//! What is left of earlier registrations of a flow: entries, data keys, items of lists.

use serde_json::Value;

use super::detect::{A2A_ADAPTER, Gateway, Layout, MCP_ADAPTER, adapter_config_map};
use super::entry::{self, AGENTS_TYPE, CONFIG_TYPE, TOOLS_TYPE, annotation, label, name};
use super::loader::Format;
use super::mount::Mount;
use super::plan::Planned;
use super::template::has_checksum;
use super::via::{Via, is_key};
use super::way::{Way, registered_key};
use crate::cluster::Resource;
use crate::event::Change;

/// What is left of earlier registrations.
#[derive(Debug, Default)]
pub(super) struct Stale {
    /// ConfigMaps of the flow, as they are now.
    pub(super) entries: Vec<Value>,
    /// Shared ConfigMaps with data keys of the flow.
    pub(super) keys: Vec<String>,
    /// Shared ConfigMaps with items of the flow.
    pub(super) items: Vec<(String, Format)>,
    /// Deployments whose pods have to be replaced.
    pub(super) deployments: Vec<String>,
    /// Deployments that serve the flow.
    pub(super) served_by: Vec<String>,
}

impl Stale {
    /// Everything that `manager` put into ConfigMaps for the flow, wanted or not.
    pub(super) fn find(config_maps: &[Value], flow: &str, manager: &str) -> Self {
        let mut found = Self::default();
        for object in config_maps {
            if entry::flow_of(object) == Some(flow) && entry::is_applied_by(object, manager) {
                found.entries.push(object.clone());
            } else if entry::keys_applied_by(object, manager).into_iter().any(is_key) {
                found.keys.push(name(object).to_owned());
            }
            let format = match label(object, CONFIG_TYPE.0) {
                Some(TOOLS_TYPE) => Format::Tools,
                Some(AGENTS_TYPE) => Format::Agents,
                _ => continue,
            };
            if annotation(object, &registered_key(flow)).is_some() {
                found.items.push((name(object).to_owned(), format));
            }
        }
        found
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.keys.is_empty() && self.items.is_empty()
    }

    /// How the flow is registered with a gateway; `None` when it is not.
    pub(super) fn via_in(&self, gateway: &Gateway, deployment: &Value) -> Option<Via> {
        if gateway.layout == Layout::Split {
            return match (self.keys.is_empty(), self.items.is_empty()) {
                (_, false) => Some(Via::Entry),
                (false, true) => Some(Via::Key),
                (true, true) => None,
            };
        }
        let mount = Mount::of(deployment)?;
        if self.keys.iter().any(|shared| mount.lists(shared)) {
            return Some(Via::Key);
        }
        self.entries.iter().any(|entry| mount.lists(name(entry))).then_some(Via::Source)
    }

    /// Leaves out what `way` writes.
    pub(super) fn keep(&mut self, way: &Way) {
        self.entries.retain(|entry| !way.sources().iter().any(|kept| kept == name(entry)));
        let shared = way.shared();
        match way {
            Way::Keys(_) => self.keys.retain(|config_map| !shared.contains(&config_map.as_str())),
            Way::Entries(_) => self.items.retain(|(config_map, _)| !shared.contains(&config_map.as_str())),
            Way::Nowhere | Way::Source { .. } => {}
        }
    }

    /// Finds out which gateways mount it.
    pub(super) fn locate(&mut self, deployments: &[Value]) {
        for deployment in deployments {
            let mount = Mount::of(deployment);
            let lists = |shared: &str| mount.as_ref().is_some_and(|mount| mount.lists(shared));
            let adapters = [MCP_ADAPTER, A2A_ADAPTER].map(|adapter| adapter_config_map(deployment, adapter));
            let has_source = self.entries.iter().any(|entry| lists(name(entry)));
            let has_key = self.keys.iter().any(|shared| lists(shared));
            let reads = |shared: &String| adapters.contains(&Some(shared.as_str()));
            let is_read = self.keys.iter().any(reads) || self.items.iter().any(|(shared, _)| reads(shared));
            if has_source || has_key || is_read {
                self.served_by.push(name(deployment).to_owned());
            }
            // A key goes without new pods, unless they have read a tool from it.
            if has_source || (has_key && has_checksum(deployment)) {
                self.deployments.push(name(deployment).to_owned());
            }
        }
    }

    /// What will be done about it.
    pub(super) fn planned(&self, namespace: &str) -> Vec<Planned> {
        let config_map = |name: &str| Resource::config_maps().describe(namespace, name);
        let changed = |object: String, what: &str| Planned { object, change: Change::Changed, what: what.to_owned() };
        let mut planned: Vec<Planned> = Vec::new();
        for shared in self.keys.iter().chain(self.items.iter().map(|(shared, _)| shared)) {
            planned.push(changed(config_map(shared), "has the flow no longer"));
        }
        for deployment in &self.deployments {
            let object = Resource::deployments().describe(namespace, deployment);
            planned.push(changed(object, "serves the flow no longer"));
        }
        for entry in &self.entries {
            planned.push(Planned {
                object: config_map(name(entry)),
                change: Change::Removed,
                what: "is not wanted any more".to_owned(),
            });
        }
        planned
    }
}
