//! What a flow applied once and does not have any more: what is to become of each object.

use serde_json::{Map, Value, json};

use super::Resource;
use super::identity::Identity;
use super::inventory::Inventory;
use super::managed::{applied_again, appliers, flow_of, is_applied_by, owners};
use super::shared::{FLOW_LABEL, label_pointer};
use super::wrapped::{FIELDS, bare, is_wrapped};
use crate::event::Change;
use crate::kustomize::ObjectId;

/// An object that the flow does not have any more.
#[derive(Debug, Clone)]
pub struct Removal {
    /// Its kind.
    pub resource: Resource,
    /// The object as it is now.
    pub live: Value,
    /// What is to become of it.
    pub parting: Parting,
    /// What shows that an actor has work: its pods, its queue. In words.
    pub work: Vec<String>,
}

/// How a flow parts with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parting {
    /// It is deleted.
    Delete,
    /// Other flows have it too: it stays, without what only this flow wanted of it.
    Share(String),
    /// It stays as it is, and the flow does not own anything of it any more.
    Leave(String),
}

impl Removal {
    /// Group, version, kind, namespace and name.
    pub fn id(&self) -> ObjectId {
        Identity::id_of(&self.resource, &self.live)
    }

    /// What it is called in reports.
    pub fn change(&self) -> Change {
        match self.parting {
            Parting::Delete => Change::Removed,
            Parting::Share(_) | Parting::Leave(_) => Change::Released,
        }
    }

    /// Whether it deletes something that applying the flow again would not bring back: an actor
    /// has a queue with messages, and only of ConfigMaps the manifests hold everything.
    pub fn loses(&self) -> bool {
        self.parting == Parting::Delete && self.resource.kind != "ConfigMap"
    }

    /// Whether it deletes an actor.
    pub fn deletes_actor(&self) -> bool {
        self.parting == Parting::Delete && self.resource.kind == "AsyncActor"
    }

    /// Why the object stays; `None` when it does not.
    pub fn reason(&self) -> Option<String> {
        match &self.parting {
            Parting::Delete => None,
            Parting::Share(flow) => Some(format!("flow `{flow}` has it too")),
            Parting::Leave(why) => Some(why.clone()),
        }
    }
}

/// How `manager` parts with `live`; `None` when it has no part in it, or the object is going.
pub(super) fn parting(resource: &Resource, live: &Value, adopted: bool, manager: &str) -> Option<Parting> {
    if !is_applied_by(live, manager) || live.pointer("/metadata/deletionTimestamp").is_some() {
        return None;
    }
    let others: Vec<&str> = appliers(live).map(|(name, _)| name).filter(|name| *name != manager).collect();
    if let Some(flow) = others.iter().find_map(|name| flow_of(name)) {
        return Some(Parting::Share(flow.to_owned()));
    }
    if let Some(other) = others.first() {
        return Some(Parting::Leave(format!("`{other}` applied it too")));
    }
    if adopted {
        return Some(Parting::Leave("it was there before the flow".to_owned()));
    }
    if holds_others(resource) {
        return Some(Parting::Leave("deleting it would delete what others have in it".to_owned()));
    }
    Some(Parting::Delete)
}

/// Kinds whose deletion takes objects along that nobody has looked at.
fn holds_others(resource: &Resource) -> bool {
    let definitions = ["apiextensions.k8s.io", "apiextensions.crossplane.io"];
    (resource.group.is_empty() && resource.kind == "Namespace") || definitions.contains(&resource.group.as_str())
}

/// What becomes of objects that were `seen` and that the flow does not have any more.
pub(super) fn removals(inventory: &Inventory, seen: Vec<(Resource, Value)>, manager: &str) -> Vec<Removal> {
    let mut found: Vec<(Identity, Removal)> = Vec::new();
    for (resource, live) in seen {
        let identity = Identity::of_live(&resource, &live);
        let adopted = inventory.get(&identity).is_some_and(|entry| entry.adopted);
        if let Some(parting) = parting(&resource, &live, adopted, manager) {
            found.push((identity, Removal { resource, live, parting, work: Vec::new() }));
        }
    }
    // Actors before what they mount.
    found.sort_by_key(|(identity, removal)| (removal.resource.kind != "AsyncActor", identity.clone()));
    found.into_iter().map(|(_, removal)| removal).collect()
}

/// Fields that only `manager` has and that another flow needs when it goes, as that flow has to
/// apply them, with that flow's manager: the label with a flow's name, and what the call wrapper
/// was put in front of. `None` when there is nothing to hand over.
pub(super) fn handed_over(live: &Value, manager: &str) -> Option<(String, Value)> {
    let heirs: Vec<&str> =
        appliers(live).map(|(name, _)| name).filter(|name| *name != manager && flow_of(name).is_some()).collect();
    let heir = *heirs.first()?;
    let mut again = applied_again(live, heir)?;
    let only_ours = |path: &[&str]| {
        let owners = owners(live, path);
        owners.contains(&manager) && owners.iter().all(|owner| *owner == manager)
    };
    let mut changed = false;
    if live.pointer(label_pointer()).is_some() && only_ours(&["metadata", "labels", FLOW_LABEL]) {
        let metadata = again.get_mut("metadata")?.as_object_mut()?;
        let labels = metadata.entry("labels").or_insert_with(|| Value::Object(Map::new())).as_object_mut()?;
        labels.insert(FLOW_LABEL.to_owned(), json!(flow_of(heir)?));
        changed = true;
    }
    if is_wrapped(live) && only_ours(&["spec", "handler"]) {
        let spec = again.as_object_mut()?.entry("spec").or_insert_with(|| Value::Object(Map::new())).as_object_mut()?;
        for (field, value) in bare(live) {
            if FIELDS.contains(&field.as_str()) {
                spec.insert(field, value);
            }
        }
        changed = true;
    }
    changed.then(|| (heir.to_owned(), again))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(managers: &[(&str, Value)]) -> Value {
        let fields: Vec<Value> = managers
            .iter()
            .map(|(manager, fields)| json!({"manager": manager, "operation": "Apply", "fieldsV1": fields}))
            .collect();
        json!({
            "apiVersion": "asya.sh/v1alpha1", "kind": "AsyncActor",
            "metadata": {
                "name": "score", "namespace": "n", "labels": {FLOW_LABEL: "one"}, "managedFields": fields,
            },
            "spec": {
                "image": "i", "handler": "asya_call.invoke",
                "env": [{"name": "ASYA_CALL_TARGET", "value": "handlers.score"}],
                "volumes": [{"name": "asya-call"}],
            },
        })
    }

    fn resource(kind: &str) -> Resource {
        Resource { kind: kind.to_owned(), ..Resource::config_maps() }
    }

    #[test]
    fn what_others_have_too_stays() {
        let one = ("asya-flow-one", json!({}));
        let of = |managers: &[(&str, Value)], adopted: bool, kind: &str| {
            parting(&resource(kind), &live(managers), adopted, "asya-flow-one")
        };
        assert_eq!(of(std::slice::from_ref(&one), false, "ConfigMap"), Some(Parting::Delete));
        assert_eq!(of(&[("helm", json!({}))], false, "ConfigMap"), None, "the flow has no part in it");
        let two = ("asya-flow-two", json!({}));
        assert_eq!(of(&[one.clone(), two], true, "ConfigMap"), Some(Parting::Share("two".to_owned())));
        assert!(matches!(of(&[one.clone(), ("helm", json!({}))], false, "ConfigMap"), Some(Parting::Leave(_))));
        assert!(matches!(of(std::slice::from_ref(&one), true, "ConfigMap"), Some(Parting::Leave(_))));
        assert!(matches!(of(&[one], false, "Namespace"), Some(Parting::Leave(_))));
    }

    #[test]
    fn the_label_and_the_bare_handler_are_handed_over() {
        let ours = json!({
            "f:metadata": {"f:labels": {"f:asya.sh/flow": {}}},
            "f:spec": {"f:image": {}, "f:handler": {}, "f:env": {}, "f:volumes": {}},
        });
        let theirs = json!({"f:spec": {"f:image": {}}});
        let live = live(&[("asya-flow-one", ours.clone()), ("asya-flow-two", theirs)]);
        let (heir, again) = handed_over(&live, "asya-flow-one").unwrap();
        assert_eq!(heir, "asya-flow-two");
        assert_eq!(again["metadata"]["labels"], json!({FLOW_LABEL: "two"}));
        assert_eq!(again["spec"], json!({"image": "i", "handler": "handlers.score"}));
        assert_eq!(handed_over(&live, "asya-flow-two"), None, "it has nothing alone");
    }
}
