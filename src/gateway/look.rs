//! What a gateway serves right now, read from what it mounts. Nothing is written.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use super::detect::{Detected, Gateway, Layout, detect, flows_volume, release};
use super::entry::{is_restart_pending, name};
use super::loader;
use super::plan::gateway_deployments;
use super::sources::{config_map, files, projected};
use crate::cluster::{Cluster, Resource};
use crate::error::Result;

/// How many ConfigMaps are read at a time.
const PARALLEL: usize = 16;

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
    /// Its tool changed, and the gateway was not restarted since.
    pub restart_pending: bool,
}

impl Sight {
    /// Looks at the gateway in `namespace`; `wanted` is a Helm release or a Deployment, where
    /// there are several.
    pub async fn of(cluster: &Cluster, namespace: &str, wanted: Option<&str>) -> Result<Self> {
        let deployments = gateway_deployments(cluster, namespace).await?;
        let detected = detect(&deployments, wanted);
        let mut sight = Self {
            detected,
            flows: BTreeMap::new(),
            refused: Vec::new(),
            missing: Vec::new(),
            deployments: Vec::new(),
            opaque: false,
        };
        let Some(gateway) = sight.gateway().cloned() else { return Ok(sight) };
        let Some(deployment) = deployments.iter().find(|deployment| name(deployment) == gateway.deployment) else {
            return Ok(sight);
        };
        let of_release = |deployment: &&Value| release(deployment) == gateway.release;
        sight.deployments = deployments.iter().filter(of_release).cloned().collect();
        let sources = match gateway.layout {
            Layout::Projected => projected(deployment).map(|(_, sources)| sources).unwrap_or_default(),
            // As a projected volume would mount it.
            Layout::OneConfigMap => flows_volume(deployment).into_iter().map(|(_, volume)| volume.clone()).collect(),
            Layout::Split | Layout::Legacy => {
                sight.opaque = true;
                return Ok(sight);
            }
        };
        let read: Vec<Option<(Value, Value)>> = stream::iter(sources)
            .map(|source| async move {
                let Some(name) = config_map(&source).map(str::to_owned) else { return Ok(None) };
                let live = cluster.get(&Resource::config_maps(), namespace, &name).await?;
                Ok::<_, crate::error::Error>(Some((source, live.unwrap_or(Value::Null))))
            })
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        for (source, live) in read.into_iter().flatten() {
            sight.note(&source, &live);
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

    fn note(&mut self, source: &Value, live: &Value) {
        let Some(config_map) = config_map(source) else { return };
        if live.is_null() {
            self.missing.push(config_map.to_owned());
            return;
        }
        for (file, text) in files(source, live).into_iter().filter(|(file, _)| loader::is_flow_file(file)) {
            match loader::load(text) {
                Ok(flows) => {
                    for flow in flows {
                        let has = |key: &str| flow.entry.get(key).is_some_and(|value| !value.is_null());
                        let served = Served {
                            config_map: config_map.to_owned(),
                            mcp: has("mcp"),
                            a2a: has("a2a"),
                            restart_pending: is_restart_pending(live),
                        };
                        self.flows.insert(flow.name, served);
                    }
                }
                Err(reason) => self.refused.push((config_map.to_owned(), file.to_owned(), reason)),
            }
        }
    }
}
