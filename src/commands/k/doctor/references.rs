//! What a pod needs of its own namespace, read from its template.

use std::collections::BTreeSet;

use serde_json::Value;

/// A Secret, ConfigMap or ServiceAccount that a pod refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference {
    /// `Secret`, `ConfigMap` or `ServiceAccount`.
    pub(super) kind: &'static str,
    /// Its name.
    pub(super) name: String,
    /// The key that must be in it.
    pub(super) key: Option<String>,
}

/// Everything a pod cannot start without. What is marked as optional is left out.
pub(super) fn references(pod: &Value) -> BTreeSet<Reference> {
    let mut found = BTreeSet::new();
    for container in containers(pod) {
        for entry in list(container, "/env") {
            for (pointer, kind) in [("/valueFrom/secretKeyRef", "Secret"), ("/valueFrom/configMapKeyRef", "ConfigMap")]
            {
                if let Some(reference) = entry.pointer(pointer) {
                    add(&mut found, kind, reference, "name", reference.get("key"));
                }
            }
        }
        for source in list(container, "/envFrom") {
            for (key, kind) in [("secretRef", "Secret"), ("configMapRef", "ConfigMap")] {
                if let Some(reference) = source.get(key) {
                    add(&mut found, kind, reference, "name", None);
                }
            }
        }
    }
    for volume in list(pod, "/volumes") {
        let keys = sub_paths(pod, text(volume, "/name"));
        if let Some(secret) = volume.get("secret") {
            mounted(&mut found, "Secret", secret, "secretName", &keys);
        }
        if let Some(config_map) = volume.get("configMap") {
            mounted(&mut found, "ConfigMap", config_map, "name", &keys);
        }
        for source in list(volume, "/projected/sources") {
            for (key, kind) in [("secret", "Secret"), ("configMap", "ConfigMap")] {
                if let Some(reference) = source.get(key) {
                    mounted(&mut found, kind, reference, "name", &[]);
                }
            }
        }
    }
    let account = text(pod, "/serviceAccountName");
    if !account.is_empty() && account != "default" {
        found.insert(Reference { kind: "ServiceAccount", name: account.to_owned(), key: None });
    }
    found
}

fn mounted(found: &mut BTreeSet<Reference>, kind: &'static str, source: &Value, name: &str, sub_paths: &[&str]) {
    let items: Vec<&Value> = list(source, "/items").filter_map(|item| item.get("key")).collect();
    if items.is_empty() {
        add(found, kind, source, name, None);
        for key in sub_paths {
            add(found, kind, source, name, Some(&Value::String((*key).to_owned())));
        }
    }
    for key in items {
        add(found, kind, source, name, Some(key));
    }
}

fn add(found: &mut BTreeSet<Reference>, kind: &'static str, reference: &Value, name: &str, key: Option<&Value>) {
    let optional = reference.get("optional").and_then(Value::as_bool).unwrap_or(false);
    let Some(name) = reference.get(name).and_then(Value::as_str).filter(|name| !name.is_empty() && !optional) else {
        return;
    };
    let key = key.and_then(Value::as_str).map(str::to_owned);
    found.insert(Reference { kind, name: name.to_owned(), key });
}

/// Files of a volume that containers mount alone: a key that is missing keeps them from starting.
fn sub_paths<'a>(pod: &'a Value, volume: &str) -> Vec<&'a str> {
    let mounts = containers(pod).flat_map(|container| list(container, "/volumeMounts"));
    mounts
        .filter(|mount| text(mount, "/name") == volume)
        .map(|mount| text(mount, "/subPath"))
        .filter(|path| !path.is_empty() && !path.contains('/'))
        .collect()
}

/// All containers of a pod, init containers first.
pub(super) fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    list(pod, "/initContainers").chain(list(pod, "/containers"))
}

/// The items at a pointer; none where there is no list.
pub(in super::super) fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// The text at a pointer; empty where there is none.
pub(in super::super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// An annotation; empty where there is none.
pub(in super::super) fn annotation<'a>(object: &'a Value, key: &str) -> &'a str {
    let annotations = object.pointer("/metadata/annotations");
    annotations.and_then(|annotations| annotations.get(key)).and_then(Value::as_str).unwrap_or_default()
}

/// A variable of a container: its entry.
pub(super) fn variable<'a>(container: &'a Value, name: &str) -> Option<&'a Value> {
    list(container, "/env").find(|entry| text(entry, "/name") == name)
}

/// Whether a condition of an object has this status; the condition's message otherwise.
pub(super) fn condition<'a>(object: &'a Value, kind: &str) -> Option<(bool, &'a str)> {
    let found = list(object, "/status/conditions").find(|condition| text(condition, "/type") == kind)?;
    let message = match text(found, "/message") {
        "" => text(found, "/reason"),
        message => message,
    };
    Some((text(found, "/status") == "True", message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_a_pod_cannot_start_without() {
        let pod = json!({
            "serviceAccountName": "runner",
            "initContainers": [{"env": [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]}],
            "containers": [{
                "envFrom": [{"secretRef": {"name": "creds"}}, {"configMapRef": {"name": "maybe", "optional": true}}],
                "volumeMounts": [{"name": "code", "subPath": "a.py"}, {"name": "all"}],
            }],
            "volumes": [
                {"name": "code", "configMap": {"name": "runtime"}},
                {"name": "all", "secret": {"secretName": "files", "items": [{"key": "k", "path": "p"}]}},
                {"name": "many", "projected": {"sources": [{"configMap": {"name": "one"}}]}},
            ],
        });
        let found: Vec<String> = references(&pod)
            .into_iter()
            .map(|it| format!("{} {} {}", it.kind, it.name, it.key.as_deref().unwrap_or("-")))
            .collect();
        assert_eq!(
            found,
            [
                "ConfigMap one -",
                "ConfigMap runtime -",
                "ConfigMap runtime a.py",
                "Secret creds -",
                "Secret db password",
                "Secret files k",
                "ServiceAccount runner -",
            ]
        );
    }
}
