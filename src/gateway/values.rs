//! The Helm values that keep what is registered over an upgrade of the gateway's chart.

use serde_json::{Map, Value, json};

use super::choose::{self, Search};
use super::detect::{self, Layout};
use super::entry::{self, name};
use super::loader::{self, Format};
use super::mount::{Contents, Mount};
use super::way::list_key;
use crate::cluster::{Cluster, Resource};
use crate::error::{Error, Result};
use crate::event::Event;

/// Helm values, and for which gateway.
#[derive(Debug)]
pub struct Values {
    /// The Deployment of the gateway.
    pub deployment: String,
    /// The Helm release; the Deployment's name where it is not labelled.
    pub release: String,
    /// The values, by key; empty when nothing has to be kept.
    pub values: Map<String, Value>,
    /// What the reader should know.
    pub notes: Vec<Event>,
}

/// Reads a gateway and answers the values to keep. Writes nothing.
pub async fn values(cluster: &Cluster, search: &Search<'_>) -> Result<Values> {
    let deployments = choose::deployments(cluster, search.namespace).await?;
    let gateway = choose::choose(&deployments, search, "", "").map_err(|error| {
        let context = search.context;
        error.hint(format!("set `contexts.{context}.gateway_namespace` in `.asya/config.yaml`"))
    })?;
    let deployment = choose::deployment_of(&deployments, &gateway).unwrap_or(&Value::Null);
    let mut found = Values {
        deployment: gateway.deployment.clone(),
        release: gateway.release,
        values: Map::new(),
        notes: Vec::new(),
    };
    match gateway.layout {
        Layout::Legacy => {
            return Err(Error::cluster(format!("gateway `{}` has no values for flows", found.deployment))
                .because("it has no volume of flows: it is older than flows, or made by hand"));
        }
        Layout::OneConfigMap => found
            .notes
            .push(Event::Note("what is registered are data keys of their own; upgrades leave them alone".to_owned())),
        Layout::Projected => sources(cluster, search.namespace, deployment, &deployments, &mut found).await?,
        Layout::Split => {
            for (format, adapter, key) in
                [(Format::Tools, detect::MCP_ADAPTER, "mcpTools"), (Format::Agents, detect::A2A_ADAPTER, "a2aAgents")]
            {
                let Some(shared) = detect::adapter_config_map(deployment, adapter) else { continue };
                let live = cluster.get(&Resource::config_maps(), search.namespace, shared).await?;
                let text = live.as_ref().and_then(|live| live.get("data")?.get(list_key(format))?.as_str());
                let items = loader::load(format, text.unwrap_or_default()).map_err(|reason| {
                    Error::cluster(format!("`{}` of ConfigMap `{shared}` cannot be read", list_key(format)))
                        .because(reason)
                })?;
                let items: Vec<Value> = items.into_iter().map(|item| item.entry).collect();
                found.values.insert(key.to_owned(), json!(items));
            }
        }
    }
    Ok(found)
}

/// The sources after the chart's own, and the entries that were taken out.
async fn sources(
    cluster: &Cluster,
    namespace: &str,
    deployment: &Value,
    deployments: &[Value],
    found: &mut Values,
) -> Result<()> {
    let Some(mount) = Mount::of(deployment) else { return Ok(()) };
    let names: Vec<String> = mount.config_maps().map(str::to_owned).collect();
    let contents = Contents::read(cluster, namespace, &names).await?;
    let is_chart = |name: &String| contents.get(name).and_then(entry::flow_of).is_none();
    // The chart's own is the first; without it, all are to be kept.
    let own = names.first().filter(|name| is_chart(name)).cloned();
    let mut kept: Vec<String> = names.into_iter().filter(|name| Some(name) != own.as_ref()).collect();
    let mounts: Vec<Mount> = deployments.iter().filter_map(Mount::of).collect();
    if let Ok(entries) = cluster.list_visible(&Resource::config_maps(), namespace, &entry::selector()).await? {
        for lost in entries.iter().filter(|entry| entry::is_registered(entry)).map(name) {
            if !mounts.iter().any(|mount| mount.lists(lost)) {
                found.notes.push(Event::Warning {
                    message: format!("gateway `{}` does not mount `{lost}` any more", found.deployment),
                    hint: Some("apply its flow again, or upgrade the chart with these values".to_owned()),
                });
                kept.push(lost.to_owned());
            }
        }
    }
    found.values.insert("flowConfigMaps".to_owned(), json!(kept));
    Ok(())
}
