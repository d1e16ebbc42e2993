//! What a gateway mounts: the volume of flows, its sources, the files they become.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use super::detect::flows_volume;
use super::entry::{self, CONFIG_TYPE};
use super::via::is_key;
use crate::cluster::{Cluster, Resource};
use crate::error::Result;

/// How many ConfigMaps are read at a time.
const PARALLEL: usize = 16;

/// A file of the gateway's flow directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mounted {
    /// The ConfigMap it comes from.
    pub(super) config_map: String,
    /// Its name in the directory.
    pub(super) file: String,
    /// Its text.
    pub(super) text: String,
    /// It was put there by `asya k apply`, for this flow or another.
    pub(super) registered: bool,
}

/// The volume of flows of a Deployment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mount {
    /// Its place among the volumes.
    pub(super) index: usize,
    /// The volume as it is.
    pub(super) volume: Value,
    /// Whether it is projected, so that sources can be added.
    pub(super) projected: bool,
    /// Its sources; a plain volume has one.
    pub(super) sources: Vec<Value>,
}

impl Mount {
    /// The volume of flows; `None` when there is none that holds ConfigMaps.
    pub(super) fn of(deployment: &Value) -> Option<Self> {
        let (index, volume) = flows_volume(deployment)?;
        let (projected, sources) = match (volume.get("projected"), volume.get("configMap")) {
            (Some(Value::Object(projected)), _) => {
                (true, projected.get("sources").and_then(Value::as_array).cloned().unwrap_or_default())
            }
            (_, Some(Value::Object(plain))) => (false, vec![source_like(plain)]),
            _ => return None,
        };
        Some(Self { index, volume: volume.clone(), projected, sources })
    }

    /// The ConfigMaps it mounts, in order.
    pub(super) fn config_maps(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().filter_map(config_map)
    }

    /// Whether a ConfigMap is one of its sources.
    pub(super) fn lists(&self, name: &str) -> bool {
        self.config_maps().any(|listed| listed == name)
    }
}

/// A plain `configMap` volume as the source of a projected one.
fn source_like(plain: &serde_json::Map<String, Value>) -> Value {
    let mut source = serde_json::Map::new();
    for (key, name) in [("name", "name"), ("items", "items"), ("optional", "optional")] {
        if let Some(value) = plain.get(key) {
            source.insert(name.to_owned(), value.clone());
        }
    }
    json!({ "configMap": source })
}

/// The name of the ConfigMap a source mounts; `None` for other kinds of sources.
pub(super) fn config_map(source: &Value) -> Option<&str> {
    source.get("configMap")?.get("name")?.as_str()
}

/// Whether a source mounts only some keys of its ConfigMap.
pub(super) fn picks_keys(source: &Value) -> bool {
    source.pointer("/configMap/items").and_then(Value::as_array).is_some_and(|items| !items.is_empty())
}

/// A source that mounts all of a ConfigMap and does not mind its absence.
pub(super) fn source_of(config_map: &str) -> Value {
    json!({"configMap": {"name": config_map, "optional": true}})
}

/// ConfigMaps of the gateway's namespace, by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Contents(BTreeMap<String, Value>);

impl Contents {
    /// Reads ConfigMaps; those that do not exist are left out. With one request where all carry
    /// the label of flow entries, and the user may list.
    pub(super) async fn read(cluster: &Cluster, namespace: &str, names: &[String]) -> Result<Self> {
        let config_maps = Resource::config_maps();
        let mut found = BTreeMap::new();
        if names.len() > 1 {
            let selector = format!("{}={}", CONFIG_TYPE.0, CONFIG_TYPE.1);
            if let Ok(listed) = cluster.list_visible(&config_maps, namespace, &selector).await? {
                found.extend(listed.into_iter().map(|object| (entry::name(&object).to_owned(), object)));
            }
        }
        let missing: Vec<&String> = names.iter().filter(|name| !found.contains_key(*name)).collect();
        let read: Vec<Option<Value>> = stream::iter(missing)
            .map(|name| cluster.get(&config_maps, namespace, name))
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        found.extend(read.into_iter().flatten().map(|object| (entry::name(&object).to_owned(), object)));
        Ok(Self(found))
    }

    /// One of them.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Puts an object as it will be in the place of the one that was read.
    pub(super) fn put(&mut self, name: &str, object: Value) {
        self.0.insert(name.to_owned(), object);
    }

    /// The files that sources become, in the order of the sources.
    pub(super) fn files(&self, sources: &[Value]) -> Vec<Mounted> {
        let mounted = |source: &Value| {
            let object = self.get(config_map(source)?)?;
            Some(files(source, object))
        };
        sources.iter().filter_map(mounted).flatten().collect()
    }
}

/// The files that a ConfigMap becomes through a source: all keys, or those that `items` names.
fn files(source: &Value, object: &Value) -> Vec<Mounted> {
    let data = object.get("data").and_then(Value::as_object);
    let text = |key: &str| data.and_then(|data| data.get(key)).and_then(Value::as_str);
    let is_entry = entry::is_registered(object);
    let mounted = |file: &str, key: &str, text: &str| Mounted {
        config_map: entry::name(object).to_owned(),
        file: file.to_owned(),
        text: text.to_owned(),
        registered: is_entry || is_key(key),
    };
    match source.pointer("/configMap/items").and_then(Value::as_array) {
        Some(items) if !items.is_empty() => items
            .iter()
            .filter_map(|item| {
                let key = item.get("key")?.as_str()?;
                Some(mounted(item.get("path")?.as_str()?, key, text(key)?))
            })
            .collect(),
        _ => data.into_iter().flatten().filter_map(|(key, text)| Some(mounted(key, key, text.as_str()?))).collect(),
    }
}
