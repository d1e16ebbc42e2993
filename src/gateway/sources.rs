//! The projected volume: which ConfigMaps a gateway mounts, and which files they become.

use serde_json::{Value, json};

use super::detect::flows_volume;

/// The sources of the flows volume of a Deployment, with the volume's index; `None` when the
/// volume is missing or not projected.
pub(super) fn projected(deployment: &Value) -> Option<(usize, Vec<Value>)> {
    let (index, volume) = flows_volume(deployment)?;
    let projected = volume.get("projected")?.as_object()?;
    Some((index, projected.get("sources").and_then(Value::as_array).cloned().unwrap_or_default()))
}

/// The name of the ConfigMap a source mounts; `None` for other kinds of sources.
pub(super) fn config_map(source: &Value) -> Option<&str> {
    source.get("configMap")?.get("name")?.as_str()
}

/// A source that mounts all of a ConfigMap and does not mind its absence.
pub(super) fn source_of(config_map: &str) -> Value {
    json!({"configMap": {"name": config_map, "optional": true}})
}

/// The files that a ConfigMap becomes through a source: all keys, or those that `items` names.
pub(super) fn files<'a>(source: &'a Value, config_map: &'a Value) -> Vec<(&'a str, &'a str)> {
    let data = config_map.get("data").and_then(Value::as_object);
    let text = |key: &str| data.and_then(|data| data.get(key)).and_then(Value::as_str);
    match source.get("configMap").and_then(|source| source.get("items")).and_then(Value::as_array) {
        Some(items) => items
            .iter()
            .filter_map(|item| Some((item.get("path")?.as_str()?, text(item.get("key")?.as_str()?)?)))
            .collect(),
        None => data.into_iter().flatten().filter_map(|(key, text)| Some((key.as_str(), text.as_str()?))).collect(),
    }
}
