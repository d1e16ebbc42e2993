//! An AsyncActor as the local mesh needs it (`docs/platform/protocol.md`, "Actors").

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::kustomize::Object;
use crate::names::{WRAPPER_HANDLER, WRAPPER_TARGET};

use super::resiliency::Resiliency;

/// Where the platform's runtime lives; first on `sys.path`.
const RUNTIME_DIRECTORY: &str = "/opt/asya";

/// What a worker is started from.
#[derive(Debug, Clone)]
pub(super) struct Actor {
    pub(super) name: String,
    pub(super) handler: String,
    /// Environment in manifest order.
    pub(super) env: Vec<(String, String)>,
    /// Mounted files: absolute path in the container, content.
    pub(super) files: Vec<(PathBuf, Vec<u8>)>,
    pub(super) resiliency: Resiliency,
}

impl Actor {
    /// The handler as people know it: the one behind the call wrapper, if there is one.
    pub(super) fn shown_handler(&self) -> &str {
        let target = self.env.iter().find(|(name, _)| name == WRAPPER_TARGET).map(|(_, value)| value.as_str());
        target.filter(|_| self.handler == WRAPPER_HANDLER).unwrap_or(&self.handler)
    }

    /// Directories of the container that come first on `sys.path`: the runtime's, then those of
    /// its `PYTHONPATH` that have mounted files.
    pub(super) fn import_directories(&self) -> Vec<PathBuf> {
        let mut directories = vec![PathBuf::from(RUNTIME_DIRECTORY)];
        for (_, value) in self.env.iter().filter(|(name, _)| name == "PYTHONPATH") {
            let mounted = value
                .split(':')
                .map(PathBuf::from)
                .filter(|entry| self.files.iter().any(|(file, _)| file.starts_with(entry)));
            directories.extend(mounted);
        }
        directories
    }
}

/// All actors among `objects`, and what a person should know about differences to a cluster.
/// `variable` looks up the caller's environment for values that live in a cluster's secrets.
pub(super) fn actors_of(
    objects: &[Object],
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(BTreeMap<String, Actor>, Vec<String>)> {
    let mut actors = BTreeMap::new();
    let mut notes = Vec::new();
    for object in objects.iter().filter(|object| object.kind() == "AsyncActor") {
        let actor = actor_of(object, objects, variable, &mut notes)?;
        if let Some(other) = actors.insert(actor.name.clone(), actor) {
            let name = other.name;
            return Err(Error::project(format!("two AsyncActors have the name `{name}` in `spec.actor`"))
                .hint("give one of them another name: it is the name of its queue"));
        }
    }
    Ok((actors, notes))
}

fn actor_of(
    object: &Object,
    objects: &[Object],
    variable: &dyn Fn(&str) -> Option<String>,
    notes: &mut Vec<String>,
) -> Result<Actor> {
    let shown = object.id().to_string();
    let spec = object.value().get("spec").unwrap_or(&Value::Null);
    let name = text(spec, "actor").unwrap_or(object.name()).to_owned();
    let handler = text(spec, "handler")
        .ok_or_else(|| Error::project(format!("{shown} has no `spec.handler`")).hint("every actor needs a handler"))?
        .to_owned();
    let mut env = Vec::new();
    for item in items(spec, "env") {
        let Some(key) = text(item, "name") else { continue };
        match (item.get("value").and_then(Value::as_str), item.get("valueFrom")) {
            (Some(value), _) => env.push((key.to_owned(), value.to_owned())),
            (None, Some(from)) => match config_map_value(from, objects).or_else(|| variable(key)) {
                Some(value) => env.push((key.to_owned(), value)),
                None => notes.push(not_set(&name, key, &source_of(from))),
            },
            (None, None) => env.push((key.to_owned(), String::new())),
        }
    }
    for secret in items(spec, "secretRefs") {
        for item in items(secret, "keys") {
            let Some(key) = text(item, "envVar") else { continue };
            match variable(key) {
                Some(value) => env.push((key.to_owned(), value)),
                None => {
                    let from = format!("secret `{}`", text(secret, "secretName").unwrap_or("?"));
                    notes.push(not_set(&name, key, &from));
                }
            }
        }
    }
    let files = files_of(&name, spec, objects, notes)?;
    Ok(Actor { name, handler, env, files, resiliency: Resiliency::of(spec.get("resiliency")) })
}

fn not_set(actor: &str, variable: &str, source: &str) -> String {
    format!("`{variable}` of actor `{actor}` comes from {source} on a cluster and is not set here")
}

fn source_of(from: &Value) -> String {
    for (field, what) in [("secretKeyRef", "secret"), ("configMapKeyRef", "ConfigMap")] {
        if let Some(name) = from.get(field).and_then(|reference| text(reference, "name")) {
            return format!("{what} `{name}`");
        }
    }
    "the pod".to_owned()
}

fn config_map_value(from: &Value, objects: &[Object]) -> Option<String> {
    let reference = from.get("configMapKeyRef")?;
    let map = config_map(objects, text(reference, "name")?)?;
    map.value().get("data")?.get(text(reference, "key")?)?.as_str().map(str::to_owned)
}

fn config_map<'a>(objects: &'a [Object], name: &str) -> Option<&'a Object> {
    objects.iter().find(|object| object.kind() == "ConfigMap" && object.name() == name)
}

/// The files that the actor's ConfigMap volumes put into its container.
fn files_of(actor: &str, spec: &Value, objects: &[Object], notes: &mut Vec<String>) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    for mount in items(spec, "volumeMounts") {
        let (Some(volume_name), Some(path)) = (text(mount, "name"), text(mount, "mountPath")) else { continue };
        let volume =
            items(spec, "volumes").find(|volume| text(volume, "name") == Some(volume_name)).ok_or_else(|| {
                Error::project(format!("actor `{actor}` mounts volume `{volume_name}` and has no such volume"))
                    .hint("add it to `spec.volumes`")
            })?;
        let Some(source) = volume.get("configMap") else {
            notes.push(format!(
                "volume `{volume_name}` of actor `{actor}` is not a ConfigMap: `{path}` is not mounted here"
            ));
            continue;
        };
        let map_name = text(source, "name").unwrap_or_default();
        let Some(map) = config_map(objects, map_name) else {
            if source.get("optional").and_then(Value::as_bool) == Some(true) {
                continue;
            }
            return Err(Error::project(format!(
                "actor `{actor}` mounts ConfigMap `{map_name}`, which is not rendered"
            ))
            .because("the pod would not start on a cluster either, unless it exists there already")
            .hint(format!("add ConfigMap `{map_name}` to the kustomization")));
        };
        let keys = projected(map, source);
        if let Some(sub_path) = text(mount, "subPath") {
            let content = keys.into_iter().find(|(file, _)| file == sub_path).ok_or_else(|| {
                Error::project(format!("ConfigMap `{map_name}` has no key `{sub_path}`, which actor `{actor}` mounts"))
            })?;
            files.push((inside(actor, Path::new(path))?, content.1));
        } else {
            for (file, content) in keys {
                files.push((inside(actor, &Path::new(path).join(file))?, content));
            }
        }
    }
    Ok(files)
}

/// File name and content of each key of a ConfigMap, as `items` selects and renames them.
fn projected(map: &Object, source: &Value) -> Vec<(String, Vec<u8>)> {
    let mut keys: Vec<(String, Vec<u8>)> = Vec::new();
    if let Some(data) = map.value().get("data").and_then(Value::as_object) {
        keys.extend(data.iter().filter_map(|(key, text)| Some((key.clone(), text.as_str()?.as_bytes().to_vec()))));
    }
    if let Some(data) = map.value().get("binaryData").and_then(Value::as_object) {
        keys.extend(data.iter().filter_map(|(key, text)| Some((key.clone(), STANDARD.decode(text.as_str()?).ok()?))));
    }
    if source.get("items").is_none() {
        return keys;
    }
    items(source, "items")
        .filter_map(|item| {
            let (key, path) = (text(item, "key")?, text(item, "path")?);
            keys.iter().find(|(known, _)| known == key).map(|(_, content)| (path.to_owned(), content.clone()))
        })
        .collect()
}

/// An absolute path without `..`, so that it stays in the directory that stands for `/`.
fn inside(actor: &str, path: &Path) -> Result<PathBuf> {
    let plain = path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    if path.is_absolute() && plain {
        return Ok(path.to_owned());
    }
    Err(Error::project(format!("actor `{actor}` mounts a file at `{}`", path.display()))
        .because("a mount path must be absolute and must not contain `..`"))
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn items<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter()
}
