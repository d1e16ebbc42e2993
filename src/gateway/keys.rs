//! A flow's part of a shared ConfigMap: data keys that are its own by server-side apply, or items
//! of a list that is one value to the server.

use serde_json::{Map, Value, json};

use super::entry::{self, annotation};
use super::lists::{with_item, without_item};
use super::loader::Format;
use super::patience::Patience;
use super::way::{Entries, Keys, list_key, registered_key};
use crate::cluster::{Cluster, Patched, Resource};
use crate::error::{Error, Result};

/// The field manager of lists that all flows share.
pub(super) const MANAGER: &str = "asya-gateway";

/// Whose part it is, and where.
pub(super) struct Owner<'a> {
    pub(super) flow: &'a str,
    /// The field manager of the flow.
    pub(super) manager: &'a str,
    /// The gateway's namespace.
    pub(super) namespace: &'a str,
    /// The actors' namespace.
    pub(super) actors: &'a str,
    /// Take keys over that somebody else changed.
    pub(super) force: bool,
}

/// Whether a ConfigMap has not exactly these keys of the flow.
pub(super) fn differs(keys: &Keys, live: &Value, manager: &str) -> bool {
    let data = live.get("data").and_then(Value::as_object);
    let is_there = |(key, text): (&String, &Value)| data.and_then(|data| data.get(key)) == Some(text);
    let mut applied = entry::keys_applied_by(live, manager);
    applied.sort_unstable();
    let mut wanted: Vec<&str> = keys.data.keys().map(String::as_str).collect();
    wanted.sort_unstable();
    !keys.data.iter().all(is_there) || applied != wanted
}

/// What a change of a shared ConfigMap is based on is checked before each attempt.
pub(super) type Check<'a> = &'a dyn Fn(&Value) -> Result<()>;

/// Makes a ConfigMap have exactly these keys of the flow. Answers whether it was changed.
pub(super) async fn put(cluster: &Cluster, owner: &Owner<'_>, keys: &Keys, check: Check<'_>) -> Result<bool> {
    write_keys(cluster, owner, &keys.config_map, &keys.data, |live| {
        check(live)?;
        Ok(differs(keys, live, owner.manager))
    })
    .await
}

/// Takes all keys of the flow out of a ConfigMap. Answers whether there were any.
pub(super) async fn take(cluster: &Cluster, owner: &Owner<'_>, config_map: &str) -> Result<bool> {
    let has_any = |live: &Value| Ok(entry::is_applied_by(live, owner.manager));
    write_keys(cluster, owner, config_map, &Map::new(), has_any).await
}

async fn write_keys(
    cluster: &Cluster,
    owner: &Owner<'_>,
    config_map: &str,
    data: &Map<String, Value>,
    is_needed: impl Fn(&Value) -> Result<bool>,
) -> Result<bool> {
    let config_maps = Resource::config_maps();
    let object = config_maps.describe(owner.namespace, config_map);
    let mut patience = Patience::new();
    loop {
        let Some(live) = cluster.get(&config_maps, owner.namespace, config_map).await? else {
            return if data.is_empty() { Ok(false) } else { Err(vanished(&object)) };
        };
        if !is_needed(&live)? {
            return Ok(false);
        }
        let mut part = json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {
                "name": config_map, "namespace": owner.namespace, "uid": live.pointer("/metadata/uid"),
                "resourceVersion": live.pointer("/metadata/resourceVersion"),
            },
        });
        if let Some(fields) = part.as_object_mut().filter(|_| !data.is_empty()) {
            fields.insert("data".to_owned(), Value::Object(data.clone()));
        }
        match cluster.apply_part(&config_maps, &part, owner.manager, owner.force).await? {
            Patched::Done(_) => return Ok(true),
            Patched::Raced => {}
            Patched::Gone if data.is_empty() => return Ok(false),
            Patched::Gone => return Err(vanished(&object)),
            Patched::Refused(reason) => {
                return Err(Error::cluster(format!("the cluster refuses the change of {object}"))
                    .because(reason)
                    .hint("if it is to be as the flow says, take it over with `--force-conflicts`"));
            }
        }
        patience.again(&object).await?;
    }
}

/// Makes a list have these items. Answers whether it was changed.
pub(super) async fn list(cluster: &Cluster, owner: &Owner<'_>, entries: &Entries, check: Check<'_>) -> Result<bool> {
    let edit = |text: &str| {
        entries.items.iter().try_fold(text.to_owned(), |text, item| with_item(&text, entries.format.list(), item))
    };
    write_list(cluster, owner, (&entries.config_map, entries.format), json!(owner.actors), edit, check).await
}

/// Takes the flow's items out of a list. Answers whether there were any.
pub(super) async fn unlist(cluster: &Cluster, owner: &Owner<'_>, shared: (&str, Format)) -> Result<bool> {
    let edit = |text: &str| without_item(text, shared.1.list(), owner.flow);
    write_list(cluster, owner, shared, Value::Null, edit, &|_| Ok(())).await
}

/// `note` is what the ConfigMap's annotation says about the flow; `null` takes it away.
async fn write_list(
    cluster: &Cluster,
    owner: &Owner<'_>,
    (config_map, format): (&str, Format),
    note: Value,
    edit: impl Fn(&str) -> Result<String, String>,
    check: Check<'_>,
) -> Result<bool> {
    let config_maps = Resource::config_maps();
    let object = config_maps.describe(owner.namespace, config_map);
    let (key, noted) = (list_key(format), registered_key(owner.flow));
    let mut patience = Patience::new();
    loop {
        let Some(live) = cluster.get(&config_maps, owner.namespace, config_map).await? else {
            return if note.is_null() { Ok(false) } else { Err(vanished(&object)) };
        };
        check(&live)?;
        let before = live.get("data").and_then(|data| data.get(key)).and_then(Value::as_str).unwrap_or_default();
        let after = edit(before).map_err(|reason| {
            Error::cluster(format!("`{key}` of {object} cannot be changed")).because(reason).hint("have it repaired")
        })?;
        if after == before && annotation(&live, &noted) == note.as_str() {
            return Ok(false);
        }
        let patch = json!({
            "metadata": {
                "resourceVersion": live.pointer("/metadata/resourceVersion"),
                "annotations": {&noted: &note},
            },
            "data": {key: after},
        });
        match cluster.merge_patch(&config_maps, owner.namespace, config_map, &patch, MANAGER).await? {
            Patched::Done(_) => return Ok(true),
            Patched::Raced => {}
            Patched::Gone if note.is_null() => return Ok(false),
            Patched::Gone => return Err(vanished(&object)),
            Patched::Refused(reason) => {
                return Err(Error::cluster(format!("the cluster refuses the change of {object}")).because(reason));
            }
        }
        patience.again(&object).await?;
    }
}

fn vanished(object: &str) -> Error {
    Error::cluster(format!("{object} has gone while the flow was applied")).hint("run the same command again")
}
