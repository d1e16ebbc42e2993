//! What a flow applied, written down in the cluster before it is applied: only what stands there
//! can be deleted later. One ConfigMap a flow, in the namespace of its actors.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Resource;
use super::identity::Identity;
use crate::kustomize::ObjectId;

/// The key of the ConfigMap that holds the list.
const KEY: &str = "objects";

/// The word behind objects that were there before the flow applied them.
const ADOPTED: &str = "adopted";

/// The objects that a flow applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Inventory {
    entries: BTreeMap<Identity, Entry>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its id, in the version it was applied in.
    pub(super) id: ObjectId,
    /// Somebody else made it; the flow only took it over.
    pub(super) adopted: bool,
}

/// Name of the ConfigMap for a field manager.
pub(super) fn config_map_name(manager: &str) -> String {
    format!("{manager}-inventory")
}

impl Inventory {
    /// Reads the ConfigMap. Lines that cannot be read are left out: what is not understood is not
    /// touched.
    pub(super) fn of_config_map(config_map: &Value) -> Self {
        let text = config_map.get("data").and_then(|data| data.get(KEY)).and_then(Value::as_str).unwrap_or_default();
        let mut inventory = Self::default();
        for entry in text.lines().filter_map(parsed) {
            inventory.insert(entry);
        }
        inventory
    }

    /// The ConfigMap, for `manager` in `namespace`.
    pub(super) fn config_map(&self, manager: &str, namespace: &str) -> Value {
        let flow = super::managed::flow_of(manager).unwrap_or(manager);
        let text: String = self.entries.values().map(|entry| line(entry) + "\n").collect();
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {
                "name": config_map_name(manager), "namespace": namespace,
                "labels": {"asya.sh/flow": flow, "asya.sh/managed-by": "asya", "asya.sh/config-type": "inventory"},
            },
            "data": {KEY: text},
        })
    }

    /// What is to stand there, after others may have written too: `self` is what stands there now,
    /// `known` what stood there when this was last looked at or written, `wanted` what has to stand
    /// there. With `alone`, what is known and not wanted goes, unless others wrote it anew.
    pub(super) fn merged(&self, known: &Self, wanted: &Self, alone: bool) -> Self {
        let mut merged = self.clone();
        if alone {
            for entry in known.entries() {
                let identity: Identity = entry.id.clone().into();
                if wanted.get(&identity).is_none() && self.get(&identity) == Some(entry) {
                    merged.entries.remove(&identity);
                }
            }
        }
        for entry in wanted.entries() {
            let identity: Identity = entry.id.clone().into();
            // Another apply of the flow saw it before the flow had a part in it.
            let others = self.get(&identity).filter(|theirs| known.get(&identity) != Some(theirs));
            let adopted = entry.adopted || others.is_some_and(|theirs| theirs.adopted);
            merged.insert(Entry { id: entry.id.clone(), adopted });
        }
        merged
    }

    /// What of this is not in `other`.
    pub(super) fn without(&self, other: &Self) -> Self {
        let entries = self.entries.iter().filter(|(identity, _)| other.get(identity).is_none());
        Self { entries: entries.map(|(identity, entry)| (identity.clone(), entry.clone())).collect() }
    }

    pub(super) fn insert(&mut self, entry: Entry) {
        self.entries.insert(entry.id.clone().into(), entry);
    }

    pub(super) fn get(&self, identity: &Identity) -> Option<&Entry> {
        self.entries.get(identity)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// The ConfigMap's own resource.
pub(super) fn resource() -> Resource {
    Resource::config_maps()
}

/// `asya.sh/v1alpha1 AsyncActor namespace/name`, `v1 Namespace name adopted`.
fn line(entry: &Entry) -> String {
    let Entry { id, adopted } = entry;
    let api_version = if id.group.is_empty() { id.version.clone() } else { format!("{}/{}", id.group, id.version) };
    // The id says kind, namespace and name.
    let mut line = format!("{api_version} {id}");
    if *adopted {
        line.push(' ');
        line.push_str(ADOPTED);
    }
    line
}

fn parsed(line: &str) -> Option<Entry> {
    let mut words = line.split(' ');
    let (api_version, kind, place) = (words.next()?, words.next()?, words.next()?);
    let adopted = match (words.next(), words.next()) {
        (None, _) => false,
        (Some(ADOPTED), None) => true,
        _ => return None,
    };
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let (namespace, name) = place.split_once('/').unwrap_or(("", place));
    let all = [version, kind, name];
    all.iter().all(|part| !part.is_empty()).then(|| Entry {
        id: ObjectId {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        },
        adopted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_the_rest_is_left_alone() {
        let text = "v1 ConfigMap flows/code adopted\nv1 Namespace flows\nasya.sh/v1alpha1 AsyncActor flows/start\n";
        let read = |text: &str| Inventory::of_config_map(&json!({"data": {KEY: text}}));
        let inventory = read(text);
        assert_eq!(inventory.entries().count(), 3);
        assert_eq!(inventory.config_map("asya-flow-x", "flows")["data"][KEY], text);
        for strange in ["", "v1 ConfigMap", "v1 ConfigMap a/b stolen", "v1 ConfigMap a/b adopted twice", "v1  a/b"] {
            assert!(read(strange).is_empty(), "{strange:?}");
        }
    }

    #[test]
    fn what_others_wrote_meanwhile_is_kept() {
        let of = |lines: &[&str]| Inventory::of_config_map(&json!({"data": {KEY: lines.join("\n")}}));
        let text = |inventory: &Inventory| inventory.config_map("asya-flow-x", "n")["data"][KEY].clone();
        let (a, b, c) = ("v1 ConfigMap n/a", "v1 ConfigMap n/b", "v1 ConfigMap n/c");
        let known = of(&[a, b]);
        let merged = |theirs: &[&str], wanted: &[&str], alone| of(theirs).merged(&known, &of(wanted), alone);
        assert_eq!(text(&merged(&[a, b], &[a], false)), format!("{a}\n{b}\n"));
        assert_eq!(text(&merged(&[a, b], &[a], true)), format!("{a}\n"));
        assert_eq!(text(&merged(&[a, b, c], &[a], true)), format!("{a}\n{c}\n"), "another apply's");
        assert_eq!(text(&merged(&[c], &[a], true)), format!("{a}\n{c}\n"), "another apply took it out");
        let adopted = "v1 ConfigMap n/a adopted";
        assert_eq!(text(&merged(&[adopted], &[a], true)), format!("{adopted}\n"), "another apply saw who made it");
        let anew = "v1 ConfigMap n/b adopted";
        assert_eq!(text(&merged(&[a, anew], &[a], true)), format!("{a}\n{anew}\n"));
    }
}
