//! Objects before and after, as a person compares them: without what the server itself writes, and
//! without secrets.

use serde_json::{Value, json};

use super::plan::Plan;
use super::removal::Parting;
use crate::event::Change;
use crate::kustomize::ObjectId;

/// How one object would change.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The object.
    pub id: ObjectId,
    /// What would become of it.
    pub change: Change,
    /// As it is; `None` when there is none.
    pub before: Option<Value>,
    /// As it would be; `None` when it would be gone.
    pub after: Option<Value>,
    /// Why it stays, if it is released.
    pub reason: Option<String>,
}

impl Plan {
    /// How every object would change, in the order of the plan. After
    /// [`Cluster::try_out`](super::Cluster::try_out) with everything, as the server would have it.
    pub fn previews(&self) -> Vec<Preview> {
        let applied = self.steps().map(|step| {
            let secret = step.object.kind() == "Secret";
            let (mut before, mut after) =
                (step.live.clone(), step.tried.clone().unwrap_or_else(|| step.object.value().clone()));
            if step.change == Change::Unchanged {
                after = before.clone().unwrap_or(after);
            }
            before.iter_mut().for_each(clean);
            clean(&mut after);
            if secret {
                mask(&mut before, &mut after);
            }
            // What differs is only what the server writes.
            let same = before.as_ref() == Some(&after);
            let change = if same { Change::Unchanged } else { step.change };
            Preview { id: step.object.id(), change, before, after: Some(after), reason: None }
        });
        let removed = self.removals().iter().map(|removal| {
            let mut before = removal.live.clone();
            clean(&mut before);
            let mut before = Some(before);
            if removal.resource.kind == "Secret" {
                mask(&mut before, &mut Value::Null);
            }
            let after = (removal.parting != Parting::Delete).then(|| before.clone()).flatten();
            Preview { id: removal.id(), change: removal.change(), before, after, reason: removal.reason() }
        });
        applied.chain(removed).collect()
    }
}

/// Takes out what the server writes, not the person.
fn clean(object: &mut Value) {
    let Some(map) = object.as_object_mut() else { return };
    map.remove("status");
    let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    for field in ["managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink"] {
        metadata.remove(field);
    }
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
    }
}

/// Replaces the values of a Secret: `***`, and where they differ, before and after.
fn mask(before: &mut Option<Value>, after: &mut Value) {
    for field in ["data", "stringData"] {
        let old = before.as_ref().and_then(|before| before.get(field)).cloned().unwrap_or_default();
        let new = after.get(field).cloned().unwrap_or_default();
        let masked = |values: &mut Value, other: &Value, when: &str| {
            for (key, value) in values.as_object_mut().into_iter().flatten() {
                let same = other.get(key).is_none_or(|other| other == value);
                *value = if same { json!("***") } else { json!(format!("*** ({when})")) };
            }
        };
        if let Some(values) = before.as_mut().and_then(|before| before.get_mut(field)) {
            masked(values, &new, "before");
        }
        if let Some(values) = after.get_mut(field) {
            masked(values, &old, "after");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_secrets_are_not_shown() {
        let mut before = Some(json!({"data": {"same": "YQ==", "other": "Yg==", "old": "Yw=="}}));
        let mut after = json!({"data": {"same": "YQ==", "other": "ZA==", "new": "ZQ=="}, "stringData": {"plain": "x"}});
        mask(&mut before, &mut after);
        assert_eq!(before, Some(json!({"data": {"same": "***", "other": "*** (before)", "old": "***"}})));
        let masked =
            json!({"data": {"same": "***", "other": "*** (after)", "new": "***"}, "stringData": {"plain": "***"}});
        assert_eq!(after, masked);
    }
}
