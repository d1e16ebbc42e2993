//! What makes two objects one, whatever version they are written in.

use serde_json::Value;

use super::Resource;
use crate::kustomize::{Object, ObjectId};

/// Group, kind, namespace and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    pub(super) group: String,
    pub(super) kind: String,
    /// Empty for kinds without namespaces.
    pub(super) namespace: String,
    pub(super) name: String,
}

impl Identity {
    pub(super) fn of(object: &Object) -> Self {
        object.id().into()
    }

    /// The id of a live object of a kind.
    pub(super) fn id_of(resource: &Resource, live: &Value) -> ObjectId {
        let Self { group, kind, namespace, name } = Self::of_live(resource, live);
        ObjectId { group, version: resource.version.clone(), kind, namespace, name }
    }

    /// Of a live object of a kind.
    pub(super) fn of_live(resource: &Resource, live: &Value) -> Self {
        let text = |pointer: &str| live.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self {
            group: resource.group.clone(),
            kind: resource.kind.clone(),
            namespace: text("/metadata/namespace"),
            name: text("/metadata/name"),
        }
    }
}

impl From<ObjectId> for Identity {
    fn from(id: ObjectId) -> Self {
        Self { group: id.group, kind: id.kind, namespace: id.namespace, name: id.name }
    }
}
