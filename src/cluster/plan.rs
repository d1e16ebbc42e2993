//! What an apply would do, decided from what is there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Resource;
use super::access::Access;
use super::applied::is_applied;
use super::inventory::{self, Entry, Inventory};
use super::managed::{appliers, flow_of};
use super::removal::{Parting, Removal};
use super::shared::without_anothers_label;
use super::wrapped::{puts_wrapper_before_anothers, without_anothers_wrapper};
use crate::event::Change;
use crate::kustomize::{Object, ObjectId};

/// One object of a plan.
#[derive(Debug, Clone)]
pub struct Step {
    /// The object as it will be applied; its namespace is set.
    pub object: Object,
    /// Its kind.
    pub resource: Resource,
    /// The object as it is now.
    pub live: Option<Value>,
    /// What is expected: created, changed or unchanged.
    pub change: Change,
    /// Another flow that calls this actor too and deployed it first.
    pub shared_with: Option<String>,
    /// Fields of other flows are taken over: they have the actor without the call wrapper.
    pub(super) takes_over: bool,
    /// The object as the server would have it after the apply, if it was asked.
    pub(super) tried: Option<Value>,
    /// It is new and fits the schema that the cluster publishes, field by field.
    pub(super) fits: bool,
}

/// Everything an apply would do to a set of objects, in the order it would do it.
#[derive(Debug, Clone)]
pub struct Plan {
    manager: String,
    stages: Vec<Vec<Step>>,
    removals: Vec<Removal>,
    /// What the flow applied before.
    pub(super) inventory: Inventory,
    /// The inventory's ConfigMap as it is.
    pub(super) inventory_live: Option<Value>,
    /// Where it is.
    pub(super) namespace: String,
}

impl Plan {
    /// Decides what to do about each object, given what is live. `manager` is the field manager
    /// that applies.
    pub(super) fn new(manager: &str, namespace: &str, objects: Vec<(Object, Resource, Option<Value>)>) -> Self {
        let mut stages: Vec<Vec<Step>> = vec![Vec::new(); STAGES];
        for (object, resource, live) in objects {
            let (object, shared_with) = without_anothers_label(object, live.as_ref(), manager);
            let object = without_anothers_wrapper(object, live.as_ref(), manager);
            let takes_over = puts_wrapper_before_anothers(object.value(), live.as_ref(), manager);
            let change = match &live {
                None => Change::Created,
                Some(live) if is_applied(object.value(), live, manager) => Change::Unchanged,
                Some(_) => Change::Changed,
            };
            if let Some(stage) = stages.get_mut(stage(&resource)) {
                stage.push(Step { object, resource, live, change, shared_with, takes_over, tried: None, fits: false });
            }
        }
        Self {
            manager: manager.to_owned(),
            stages,
            removals: Vec::new(),
            inventory: Inventory::default(),
            inventory_live: None,
            namespace: namespace.to_owned(),
        }
    }

    /// Adds what the flow does not have any more.
    pub(super) fn with_removals(mut self, removals: Vec<Removal>) -> Self {
        self.removals = removals;
        self
    }

    /// What the flow does not have any more, in the order it goes.
    pub fn removals(&self) -> &[Removal] {
        &self.removals
    }

    /// Removals, to be completed by what is known of them.
    pub(super) fn removals_mut(&mut self) -> &mut Vec<Removal> {
        &mut self.removals
    }

    /// Leaves removals to somebody else.
    pub fn leave(&mut self, is_left: impl Fn(&Removal) -> bool) {
        self.removals.retain(|removal| !is_left(removal));
    }

    /// The inventory while the plan is carried out: what was there and what comes.
    pub(super) fn inventory_during(&self) -> Inventory {
        let mut inventory = self.inventory.clone();
        for step in self.steps() {
            let id = step.object.id();
            let known = self.inventory.get(&id.clone().into()).is_some_and(|entry| entry.adopted);
            let adopted = match &step.live {
                // Somebody made it, and no flow has applied it yet.
                Some(live) => known || !appliers(live).any(|(name, _)| flow_of(name).is_some()),
                None => false,
            };
            inventory.insert(Entry { id, adopted });
        }
        inventory
    }

    /// The inventory when all is done: what the flow has, and of what it does not have `kept`.
    pub(super) fn inventory_after(&self, kept: &[ObjectId]) -> Inventory {
        let during = self.inventory_during();
        let mut inventory = Inventory::default();
        let ids = self.steps().map(|step| step.object.id()).chain(kept.iter().cloned());
        for id in ids {
            let entry = during.get(&id.clone().into()).cloned();
            inventory.insert(entry.unwrap_or(Entry { id, adopted: false }));
        }
        inventory
    }

    /// What the server made of the steps it tried: those that would change nothing are unchanged.
    pub(super) fn take_tried(&mut self, tried: Vec<((usize, usize), Value)>) {
        for ((stage, at), merged) in tried {
            let Some(step) = self.stages.get_mut(stage).and_then(|stage| stage.get_mut(at)) else { continue };
            if step.live.as_ref() == Some(&merged) {
                step.change = Change::Unchanged;
            }
            step.tried = (!merged.is_null()).then_some(merged);
        }
    }

    /// Notes which steps fit the cluster's schema.
    pub(super) fn take_fitting(&mut self, fitting: &[(usize, usize)]) {
        for (stage, at) in fitting {
            if let Some(step) = self.stages.get_mut(*stage).and_then(|stage| stage.get_mut(*at)) {
                step.fits = true;
            }
        }
    }

    /// The field manager.
    pub fn manager(&self) -> &str {
        &self.manager
    }

    /// The steps, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.stages.iter().flatten()
    }

    /// The steps of each stage; a stage starts when the one before is done.
    pub fn stages(&self) -> &[Vec<Step>] {
        &self.stages
    }

    /// What the user must be allowed to do to carry it out.
    pub fn access(&self) -> Vec<Access> {
        let mut access = Vec::new();
        for step in self.steps() {
            let namespace = step.object.namespace().unwrap_or_default();
            let of = |verb| Access::of(verb, &step.resource, namespace, step.object.name());
            match step.change {
                // Server-side apply is a patch that may create.
                Change::Created => access.extend([Access::any("create", &step.resource, namespace), of("patch")]),
                Change::Changed => access.push(of("patch")),
                Change::Unchanged | Change::Removed | Change::Released | Change::Kept => {}
            }
        }
        for removal in &self.removals {
            let id = removal.id();
            let verb = if removal.parting == Parting::Delete { "delete" } else { "patch" };
            access.push(Access::of(verb, &removal.resource, &id.namespace, &id.name));
        }
        self.inventory_access(&mut access);
        // What takes the place of actors that go is waited for.
        if self.removals.iter().any(Removal::deletes_actor)
            && self.steps().any(|step| step.object.kind() == "AsyncActor")
        {
            access.extend(["list", "watch"].map(|verb| Access::any(verb, &Resource::actors(), &self.namespace)));
        }
        access
    }

    /// What keeping the inventory takes.
    fn inventory_access(&self, access: &mut Vec<Access>) {
        let config_maps = inventory::resource();
        let name = inventory::config_map_name(&self.manager);
        let (during, after) = (self.inventory_during(), self.inventory_after(&[]));
        if self.inventory_live.is_none() && !during.is_empty() {
            access.push(Access::any("create", &config_maps, &self.namespace));
        }
        if during != self.inventory || (after != during && !after.is_empty()) {
            access.push(Access::of("patch", &config_maps, &self.namespace, &name));
        }
        if after.is_empty() && self.inventory_live.is_some() {
            access.push(Access::of("delete", &config_maps, &self.namespace, &name));
        }
    }

    /// Namespaces that the plan itself creates; what goes into them cannot be tried before.
    pub(super) fn new_namespaces(&self) -> BTreeSet<&str> {
        self.steps()
            .filter(|step| step.resource.kind == "Namespace" && step.change == Change::Created)
            .map(|step| step.object.name())
            .collect()
    }
}

const STAGES: usize = 3;

/// Namespaces and definitions first, then what actors mount and run as, then the actors.
fn stage(resource: &Resource) -> usize {
    match (resource.group.as_str(), resource.kind.as_str()) {
        ("", "Namespace") | ("apiextensions.k8s.io" | "apiextensions.crossplane.io", _) => 0,
        ("asya.sh", _) => 2,
        ("apps" | "batch" | "keda.sh", _) | ("", "Pod") => 2,
        _ => 1,
    }
}
