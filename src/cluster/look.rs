//! Looking without insisting: what may not be seen, and kinds that are not installed, are answers.

use http::Request;
use serde_json::{Value, json};

use super::failure::{self, Doing};
use super::request::{encoded, segment};
use super::{Cluster, Resource};
use crate::error::Result;

/// What a look brought.
#[derive(Debug, Clone)]
pub enum Look<T> {
    /// This is there. A kind that the cluster does not have has no objects.
    Seen(T),
    /// It was not seen, and why: `no permission: get secrets in namespace x`, where the user may not look.
    Unseen(String),
}

impl Cluster {
    /// Looks for one object. An empty namespace is for kinds without one.
    pub async fn look(&self, resource: &Resource, namespace: &str, name: &str) -> Result<Look<Option<Value>>> {
        let path = format!("{}/{}", resource.path(namespace), segment(name)?);
        self.ask(&path, "get", resource, namespace).await
    }

    /// Looks for all objects of a kind that match a label selector (empty for all); an empty
    /// namespace means all of them.
    pub async fn look_all(&self, resource: &Resource, namespace: &str, selector: &str) -> Result<Look<Vec<Value>>> {
        let everywhere = Resource { namespaced: resource.namespaced && !namespace.is_empty(), ..resource.clone() };
        let mut path = everywhere.path(namespace);
        if !selector.is_empty() {
            path.push_str(&format!("?labelSelector={}", encoded(selector)));
        }
        Ok(match self.ask(&path, "list", resource, namespace).await? {
            Look::Unseen(what) => Look::Unseen(what),
            Look::Seen(mut list) => {
                let items = list.as_mut().and_then(|list| list.get_mut("items")).map(Value::take);
                let mut items = match items {
                    Some(Value::Array(items)) => items,
                    _ => Vec::new(),
                };
                for item in items.iter_mut().filter_map(Value::as_object_mut) {
                    item.insert("apiVersion".to_owned(), json!(resource.api_version()));
                    item.insert("kind".to_owned(), json!(resource.kind));
                }
                Look::Seen(items)
            }
        })
    }

    async fn ask(
        &self,
        path: &str,
        verb: &'static str,
        resource: &Resource,
        namespace: &str,
    ) -> Result<Look<Option<Value>>> {
        let place = match namespace {
            "" => String::new(),
            namespace => format!(" in namespace {namespace}"),
        };
        let what = format!("{}{place}", resource.qualified());
        let doing = Doing { verb: if verb == "get" { "read" } else { verb }, what: &what };
        let request = self.request(&doing, Request::get(path), None)?;
        match self.exchange::<Value>(request).await {
            Ok(answer) => Ok(Look::Seen(Some(answer))),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(Look::Seen(None)),
            Err(kube::Error::Api(status)) if status.code == 403 => {
                Ok(Look::Unseen(format!("no permission: {verb} {what}")))
            }
            Err(error) => Err(failure::explain(self, &doing, &error)),
        }
    }
}
