//! What a gateway serves right now, read from what it mounts. Nothing is written.

use std::collections::BTreeMap;

use serde_json::Value;

use super::choose::{deployment_of, deployments};
use super::detect::{A2A_ADAPTER, Detected, Gateway, Layout, MCP_ADAPTER, adapter_config_map, detect, release};
use super::loader::{self, Flow, Format};
use super::mount::{Contents, Mount};
use crate::cluster::{Cluster, Resource};
use crate::error::Result;

/// What was seen of the gateway of a namespace.
#[derive(Debug)]
pub struct Sight {
    /// Which gateway there is.
    pub detected: Detected,
    /// The flows that its files describe, by name.
    pub flows: BTreeMap<String, Served>,
    /// Files the gateway refuses, and with them all others: ConfigMap, file, reason.
    pub refused: Vec<(String, String, String)>,
    /// ConfigMaps it is told to mount and that are not there.
    pub missing: Vec<String>,
    /// The Deployments of that gateway: one, or the halves for agents and for actors.
    pub deployments: Vec<Value>,
    /// Where flows come from cannot be told: a generation without flow files.
    pub opaque: bool,
}

/// One flow that a gateway serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The ConfigMap that describes it.
    pub config_map: String,
    /// It is a tool.
    pub mcp: bool,
    /// It is a skill.
    pub a2a: bool,
}

impl Sight {
    /// Looks at the gateway in `namespace`; `wanted` is a Helm release or a Deployment, where
    /// there are several.
    pub async fn of(cluster: &Cluster, namespace: &str, wanted: Option<&str>) -> Result<Self> {
        let deployments = deployments(cluster, namespace).await?;
        let mut sight = Self {
            detected: detect(&deployments, wanted),
            flows: BTreeMap::new(),
            refused: Vec::new(),
            missing: Vec::new(),
            deployments: Vec::new(),
            opaque: false,
        };
        let Some(gateway) = sight.gateway().cloned() else { return Ok(sight) };
        let Some(deployment) = deployment_of(&deployments, &gateway) else { return Ok(sight) };
        let of_release = |deployment: &&Value| release(deployment) == gateway.release;
        sight.deployments = deployments.iter().filter(of_release).cloned().collect();
        match (gateway.layout, Mount::of(deployment)) {
            (Layout::Split, _) => {
                for (adapter, format) in [(MCP_ADAPTER, Format::Tools), (A2A_ADAPTER, Format::Agents)] {
                    let Some(shared) = adapter_config_map(deployment, adapter) else { continue };
                    let live = cluster.get(&Resource::config_maps(), namespace, shared).await?;
                    sight.note_shared(shared, format, live.as_ref());
                }
            }
            (Layout::Legacy, _) | (_, None) => sight.opaque = true,
            (_, Some(mount)) => {
                let names: Vec<String> = mount.config_maps().map(str::to_owned).collect();
                let contents = Contents::read(cluster, namespace, &names).await?;
                sight.missing = names.into_iter().filter(|name| contents.get(name).is_none()).collect();
                for file in contents.files(&mount.sources) {
                    sight.note(&file.config_map, &file.file, &file.text, Format::Flows);
                }
            }
        }
        Ok(sight)
    }

    /// The one gateway there is, or that was asked for.
    pub fn gateway(&self) -> Option<&Gateway> {
        match &self.detected {
            Detected::One(gateway) => Some(gateway),
            _ => None,
        }
    }

    fn note_shared(&mut self, config_map: &str, format: Format, live: Option<&Value>) {
        let Some(live) = live else {
            self.missing.push(config_map.to_owned());
            return;
        };
        let data = live.get("data").and_then(Value::as_object);
        for (file, text) in data.into_iter().flatten().filter_map(|(file, text)| Some((file, text.as_str()?))) {
            self.note(config_map, file, text, format);
        }
    }

    fn note(&mut self, config_map: &str, file: &str, text: &str, format: Format) {
        if !loader::is_flow_file(file) {
            return;
        }
        match loader::load(format, text) {
            Ok(flows) => {
                for Flow { name, entry } in flows {
                    let has = |key: &str| entry.get(key).is_some_and(|value| !value.is_null());
                    let (mcp, a2a) = match format {
                        Format::Flows => (has("mcp"), has("a2a")),
                        Format::Tools => (true, false),
                        Format::Agents => (false, true),
                    };
                    let none = Served { config_map: config_map.to_owned(), mcp: false, a2a: false };
                    let served = self.flows.entry(name).or_insert(none);
                    served.mcp |= mcp;
                    served.a2a |= a2a;
                }
            }
            Err(reason) => self.refused.push((config_map.to_owned(), file.to_owned(), reason)),
        }
    }
}
