//! Which shape of AsyncActor a cluster serves. The version string never changed, so the schema
//! is what tells (`docs/platform/asyncactor.md`, "Shapes").

use serde_json::Value;

use super::Cluster;
use crate::error::Result;

/// The shape of AsyncActor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorShape {
    /// Flat, with `spec.transport`.
    B,
    /// Without `spec.transport`, with `resiliency.retry`.
    C1,
    /// With `resiliency.policies`.
    C2,
}

impl ActorShape {
    /// The word for it in `platform.generation`.
    pub fn name(self) -> &'static str {
        match self {
            Self::B => "B",
            Self::C1 => "C1",
            Self::C2 => "C2",
        }
    }

    /// Reads the shape from the schema of an AsyncActor; `None` when it says nothing about `spec`.
    pub fn of_schema(schema: &Value) -> Option<Self> {
        let spec = schema.pointer("/properties/spec/properties")?.as_object()?;
        if spec.contains_key("transport") {
            return Some(Self::B);
        }
        let policies = spec.get("resiliency").and_then(|resiliency| resiliency.pointer("/properties/policies"));
        Some(if policies.is_some() { Self::C2 } else { Self::C1 })
    }
}

impl Cluster {
    /// The shape the cluster serves; `None` when it does not publish a schema that this user may
    /// read. The OpenAPI document is asked first: every user may read it.
    pub async fn actor_shape(&self) -> Result<Option<ActorShape>> {
        if let Some(shape) = self.actor_document().await?.and_then(in_document) {
            return Ok(Some(shape));
        }
        let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/asyncactors.asya.sh";
        let definition: Option<Value> = self.read_visible(path, "CustomResourceDefinition asyncactors.asya.sh").await?;
        Ok(definition.as_ref().and_then(in_definition))
    }

    /// The OpenAPI document with the schema of AsyncActor, read once; `None` where there is none.
    pub(super) async fn actor_document(&self) -> Result<Option<&Value>> {
        let path = "/openapi/v3/apis/asya.sh/v1alpha1";
        let read = || self.first(self.read_visible(path, "the schema of AsyncActor"));
        Ok(self.actor_document.get_or_try_init(read).await?.as_ref())
    }
}

fn in_document(document: &Value) -> Option<ActorShape> {
    let schemas = document.pointer("/components/schemas")?.as_object()?;
    schemas.values().filter(|schema| is_actor(schema)).find_map(ActorShape::of_schema)
}

fn is_actor(schema: &Value) -> bool {
    let kinds = schema.get("x-kubernetes-group-version-kind").and_then(Value::as_array);
    kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind.get("kind").and_then(Value::as_str) == Some("AsyncActor")))
}

fn in_definition(definition: &Value) -> Option<ActorShape> {
    let versions = definition.pointer("/spec/versions")?.as_array()?;
    let served = |version: &&Value| {
        version.get("name").and_then(Value::as_str) == Some("v1alpha1")
            && version.get("served").and_then(Value::as_bool) == Some(true)
    };
    ActorShape::of_schema(versions.iter().find(served)?.pointer("/schema/openAPIV3Schema")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_schema_tells_the_shapes_apart() {
        let schema = |spec: Value| json!({"properties": {"spec": {"properties": spec}}});
        let policies = json!({"resiliency": {"properties": {"policies": {}, "rules": {}}}});
        let retry = json!({"resiliency": {"properties": {"retry": {}}}});
        assert_eq!(ActorShape::of_schema(&schema(json!({"transport": {}}))), Some(ActorShape::B));
        assert_eq!(ActorShape::of_schema(&schema(retry)), Some(ActorShape::C1));
        assert_eq!(ActorShape::of_schema(&schema(policies)), Some(ActorShape::C2));
        assert_eq!(ActorShape::of_schema(&json!({"x-kubernetes-preserve-unknown-fields": true})), None);
    }
}
