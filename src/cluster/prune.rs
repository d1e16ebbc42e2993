//! Takes away what a flow does not have any more, after what it has is ready.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::identity::Identity;
use super::plan::Plan;
use super::removal::{Parting, Removal, handed_over, parting};
use super::waiting::{Awaited, Patience};
use super::{Cluster, Deleted, Patched, Resource};
use crate::error::{Error, Result};
use crate::event::{Change, Event, Events, Standing};
use crate::kustomize::ObjectId;

/// How often an object that others write at the same time is read again.
const ATTEMPTS: u32 = 20;

/// When old objects may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// When what the plan has is ready, or not at all when patience ends; and what pods still use
    /// stays for the next apply.
    Ready(Patience),
    /// Now: nothing of the flow stays.
    Now,
}

impl Cluster {
    /// Carries out the removals of a plan that has been applied, and writes down what is left.
    /// Answers what became of each object. Fails as [`Cluster::wait`] does when actors are to be
    /// deleted and those that take their place do not become ready; nothing is deleted then.
    pub async fn prune(&self, plan: &Plan, when: When, events: Events<'_>) -> Result<Vec<(ObjectId, Change)>> {
        let mut done = Vec::new();
        if plan.removals().iter().any(Removal::deletes_actor)
            && let When::Ready(patience) = when
        {
            self.wait_until_ready(plan, patience, events).await?;
        }
        let mut kept = Vec::new();
        let is_mounted = |removal: &&Removal| {
            removal.parting == Parting::Delete && matches!(removal.resource.kind.as_str(), "ConfigMap" | "Secret")
        };
        let (mounted, others): (Vec<&Removal>, Vec<&Removal>) = plan.removals().iter().partition(is_mounted);
        for removal in others {
            self.part(plan.manager(), removal, &mut done, events).await?;
        }
        let in_use = match when {
            When::Ready(_) if !mounted.is_empty() => self.mounted(&mounted).await?,
            _ => InUse::default(),
        };
        for removal in mounted {
            let id = removal.id();
            if let Some(by) = in_use.by(&id) {
                events(Event::Note(format!("{id} stays for now: {by}; the next apply deletes it")));
                done.push((id.clone(), Change::Kept));
                kept.push(id);
                continue;
            }
            self.part(plan.manager(), removal, &mut done, events).await?;
        }
        self.settle(plan, &kept, events).await?;
        Ok(done)
    }

    /// Parts with one object as planned, and otherwise as others have it by now.
    async fn part(
        &self,
        manager: &str,
        removal: &Removal,
        done: &mut Vec<(ObjectId, Change)>,
        events: Events<'_>,
    ) -> Result<()> {
        let id = removal.id();
        let resource = &removal.resource;
        let mut live = removal.live.clone();
        let mut how = removal.parting.clone();
        for attempt in 0..ATTEMPTS {
            let is_done = match &how {
                Parting::Delete => self.delete(resource, &live).await? != Deleted::Changed,
                Parting::Share(_) => self.share(resource, &live, manager).await?,
                Parting::Leave(_) => self.disown(resource, &live, manager).await?,
            };
            if is_done {
                let change = if how == Parting::Delete { Change::Removed } else { Change::Released };
                events(Event::Object { object: id.to_string(), change });
                done.push((id, change));
                return Ok(());
            }
            if attempt > 2 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            // Others write it too, its own controller first of all.
            let Some(now) = self.get(resource, &id.namespace, &id.name).await? else { return Ok(()) };
            let adopted = matches!(removal.parting, Parting::Leave(_));
            let Some(next) = parting(resource, &now, adopted, manager) else { return Ok(()) };
            (live, how) = (now, next);
        }
        Err(keeps_changing(&id.to_string()))
    }

    /// Takes away what only `manager` wanted of an object that other flows have, after handing over
    /// what they need. Answers whether the object was still as it was read.
    async fn share(&self, resource: &Resource, live: &Value, manager: &str) -> Result<bool> {
        if let Some((heir, mut value)) = handed_over(live, manager) {
            guard(&mut value, live);
            // What is handed over was this flow's: the other has nothing to lose by it.
            if self.apply_value(resource, &heir, &value, true).await?.is_err() {
                return self.disown_unless_changed(resource, live, manager).await;
            }
            // The version has changed: on with what is there now.
            return Ok(false);
        }
        let mut nothing = json!({
            "apiVersion": resource.api_version(), "kind": resource.kind,
            "metadata": {"name": live.pointer("/metadata/name"), "namespace": live.pointer("/metadata/namespace")},
        });
        guard(&mut nothing, live);
        match self.apply_value(resource, manager, &nothing, false).await? {
            Ok(_) => Ok(true),
            // Without its fields it would not be valid.
            Err(_) => self.disown_unless_changed(resource, live, manager).await,
        }
    }

    async fn disown_unless_changed(&self, resource: &Resource, live: &Value, manager: &str) -> Result<bool> {
        let id = Identity::of_live(resource, live);
        let now = self.get(resource, &id.namespace, &id.name).await?;
        match now {
            Some(now) if now.pointer("/metadata/resourceVersion") == live.pointer("/metadata/resourceVersion") => {
                self.disown(resource, live, manager).await
            }
            _ => Ok(false),
        }
    }

    /// Takes `manager` out of the record of an object and leaves every value. Answers whether the
    /// object was still as it was read.
    async fn disown(&self, resource: &Resource, live: &Value, manager: &str) -> Result<bool> {
        let entries = live.pointer("/metadata/managedFields").and_then(Value::as_array).cloned().unwrap_or_default();
        let is_ours = |entry: &Value| entry.get("manager").is_some_and(|name| name == manager);
        let mut left: Vec<Value> = entries.into_iter().filter(|entry| !is_ours(entry)).collect();
        if left.is_empty() {
            // An empty list would mean: as before.
            left.push(json!({}));
        }
        let patch = json!([
            {"op": "test", "path": "/metadata/resourceVersion", "value": live.pointer("/metadata/resourceVersion")},
            {"op": "replace", "path": "/metadata/managedFields", "value": left},
        ]);
        let Ok(patch) = serde_json::from_value(patch) else { return Ok(false) };
        let id = Identity::of_live(resource, live);
        match self.json_patch(resource, &id.namespace, &id.name, &patch, manager).await? {
            Patched::Done(_) | Patched::Gone => Ok(true),
            Patched::Refused(_) | Patched::Raced => Ok(false),
        }
    }

    /// What pods, and what makes pods, still mount in the namespaces of `removals`.
    async fn mounted(&self, removals: &[&Removal]) -> Result<InUse> {
        let namespaces: BTreeSet<String> = removals.iter().map(|removal| removal.id().namespace).collect();
        let mut in_use = InUse::default();
        for namespace in namespaces {
            // A Deployment that has not followed its actor yet makes pods that need the old ones.
            let users = [
                (Resource::pods(), "a pod"),
                (Resource::deployments(), "a Deployment"),
                (Resource::actors(), "an actor"),
            ];
            for (resource, who) in users {
                match self.list_visible(&resource, &namespace, "").await? {
                    Ok(objects) => {
                        for object in objects.iter().filter(|object| !is_over(object)) {
                            names(object.get("spec").unwrap_or(&Value::Null), &mut |kind, name| {
                                in_use.mounts.push((kind, namespace.clone(), name.to_owned(), who));
                            });
                        }
                    }
                    Err(_) => in_use.unseen.push(namespace.clone()),
                }
            }
        }
        Ok(in_use)
    }

    /// Waits for what takes the place of actors that go, as `asya k wait` does.
    async fn wait_until_ready(&self, plan: &Plan, patience: Patience, events: Events<'_>) -> Result<()> {
        let awaited = Awaited::of(plan.steps().map(|step| &step.object), &plan.namespace);
        let mut told = false;
        // Nothing is said where nothing has to be waited for.
        let mut tell = |event: Event| match &event {
            Event::Waiting { standing: Standing::Ready, .. } | Event::WaitingOver if !told => {}
            _ => {
                if !std::mem::replace(&mut told, true) {
                    events(Event::Note("before anything is deleted, the rest has to be ready".to_owned()));
                }
                events(event);
            }
        };
        let waited = self.wait(&awaited, patience, &mut tell).await;
        waited.map(|_| ()).map_err(|error| {
            error
                .because("nothing was deleted: what goes may still be needed until then; everything else is applied")
                .hint("the same command, run again, deletes it when everything is ready")
        })
    }
}

/// What is mounted by whom.
#[derive(Debug, Default)]
struct InUse {
    mounts: Vec<(&'static str, String, String, &'static str)>,
    /// Namespaces that could not be looked into.
    unseen: Vec<String>,
}

impl InUse {
    fn by(&self, id: &ObjectId) -> Option<String> {
        let found = self
            .mounts
            .iter()
            .find(|(kind, namespace, name, _)| *kind == id.kind && *namespace == id.namespace && *name == id.name);
        match found {
            Some((_, _, _, who)) => Some(format!("{who} uses it")),
            None if self.unseen.contains(&id.namespace) => Some("whether pods use it may not be seen".to_owned()),
            None => None,
        }
    }
}

/// Whether a pod has ended or an object is being deleted.
fn is_over(object: &Value) -> bool {
    let phase = object.pointer("/status/phase").and_then(Value::as_str).unwrap_or_default();
    object.pointer("/metadata/deletionTimestamp").is_some() || matches!(phase, "Succeeded" | "Failed")
}

/// The ConfigMaps and Secrets that a spec names, wherever it names them.
fn names(value: &Value, found: &mut dyn FnMut(&'static str, &str)) {
    match value {
        Value::Object(map) => {
            for (key, below) in map {
                let kind = match key.as_str() {
                    "configMap" | "configMapRef" | "configMapKeyRef" => Some("ConfigMap"),
                    "secret" | "secretRef" | "secretKeyRef" | "secretRefs" | "imagePullSecrets" => Some("Secret"),
                    _ => None,
                };
                if let Some(kind) = kind {
                    let refs = below.as_array().map_or(std::slice::from_ref(below), Vec::as_slice);
                    for one in refs {
                        let name = one.get("name").or_else(|| one.get("secretName")).and_then(Value::as_str);
                        if let Some(name) = name {
                            found(kind, name);
                        }
                    }
                }
                names(below, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        _ => {}
    }
}

/// Names the version that a value is meant for.
fn guard(value: &mut Value, live: &Value) {
    if let (Some(metadata), Some(version)) =
        (value.get_mut("metadata").and_then(Value::as_object_mut), live.pointer("/metadata/resourceVersion"))
    {
        metadata.insert("resourceVersion".to_owned(), version.clone());
        metadata.retain(|_, value| !value.is_null());
    }
}

fn keeps_changing(what: &str) -> Error {
    Error::cluster(format!("`{what}` keeps changing"))
        .because("somebody else was always faster")
        .hint("run the same command again")
}
