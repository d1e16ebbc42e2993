//! What an apply would do, decided from what is there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Resource;
use super::access::Access;
use super::applied::is_applied;
use super::shared::without_anothers_label;
use super::wrapped::{puts_wrapper_before_anothers, without_anothers_wrapper};
use crate::event::Change;
use crate::kustomize::Object;

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
}

/// Everything an apply would do to a set of objects, in the order it would do it.
#[derive(Debug, Clone)]
pub struct Plan {
    manager: String,
    stages: Vec<Vec<Step>>,
}

impl Plan {
    /// Decides what to do about each object, given what is live. `manager` is the field manager
    /// that applies.
    pub fn new(manager: &str, objects: Vec<(Object, Resource, Option<Value>)>) -> Self {
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
                stage.push(Step { object, resource, live, change, shared_with, takes_over });
            }
        }
        Self { manager: manager.to_owned(), stages }
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
                Change::Unchanged | Change::Removed | Change::Kept => {}
            }
        }
        access
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
