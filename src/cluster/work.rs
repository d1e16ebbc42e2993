//! Whether an actor has work: what its pods and its scaler show.

use std::collections::BTreeSet;

use futures::future::join;
use serde_json::Value;

use super::plan::Plan;
use super::{Cluster, Resource};
use crate::error::Result;
use crate::names::counted;

/// KEDA's scaler of an actor has the actor's name (`docs/platform/asyncactor.md`, "Signs of work").
fn scaled_objects() -> Resource {
    Resource {
        group: "keda.sh".to_owned(),
        version: "v1alpha1".to_owned(),
        kind: "ScaledObject".to_owned(),
        plural: "scaledobjects".to_owned(),
        namespaced: true,
    }
}

impl Cluster {
    /// Looks what the actors that a plan deletes are doing, and notes it in the plan. What may not
    /// be seen is no sign.
    pub async fn look_for_work(&self, plan: &mut Plan) -> Result<()> {
        if !plan.removals().iter().any(|removal| removal.deletes_actor()) {
            return Ok(());
        }
        let namespaces: BTreeSet<String> = plan.removals().iter().map(|removal| removal.id().namespace).collect();
        for namespace in namespaces.iter().filter(|namespace| !namespace.is_empty()) {
            let (pods, scalers) = (Resource::pods(), scaled_objects());
            // Both, so that of two failures it is always the same that is told.
            let (pods, scalers) =
                join(self.list_visible(&pods, namespace, "asya.sh/actor"), self.list_visible(&scalers, namespace, ""))
                    .await;
            let (pods, scalers) = (pods?.unwrap_or_default(), scalers?.unwrap_or_default());
            for removal in plan.removals_mut() {
                let id = removal.id();
                if removal.deletes_actor() && id.namespace == *namespace && removal.work.is_empty() {
                    removal.work = signs(&removal.live, &id.name, &pods, &scalers);
                }
            }
        }
        Ok(())
    }
}

/// What shows that an actor has work.
fn signs(actor: &Value, name: &str, pods: &[Value], scalers: &[Value]) -> Vec<String> {
    let mut signs = Vec::new();
    let is_active = |scaler: &&Value| {
        scaler.pointer("/metadata/name").is_some_and(|it| it == name)
            && conditions(scaler).any(|condition| condition["type"] == "Active" && condition["status"] == "True")
    };
    if scalers.iter().any(|scaler| is_active(&scaler)) {
        signs.push("its queue has messages".to_owned());
    }
    let is_up = |pod: &&Value| {
        let phase = pod.pointer("/status/phase").and_then(Value::as_str).unwrap_or_default();
        pod.pointer("/metadata/labels/asya.sh~1actor").is_some_and(|it| it == name)
            && pod.pointer("/metadata/deletionTimestamp").is_none()
            && matches!(phase, "Pending" | "Running")
    };
    let up = pods.iter().filter(is_up).count();
    // As many as it always has say nothing.
    let idle = actor.pointer("/spec/scaling/minReplicaCount").and_then(Value::as_u64);
    let idle = idle.or_else(|| actor.pointer("/spec/replicas")?.as_u64()).unwrap_or(0);
    if u64::try_from(up).unwrap_or(u64::MAX) > idle {
        signs.push(format!("{} up", counted(up, "pod")));
    }
    signs
}

fn conditions(object: &Value) -> impl Iterator<Item = &Value> {
    object.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten()
}
