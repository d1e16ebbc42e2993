//! Requests: JSON in, JSON out, errors in words.

use http::Request;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::conflict::conflicts;
use super::exchange::Guarded;
use super::failure::{self, Doing};
use super::refusal::nowhere;
use super::{Cluster, Resource};
use crate::error::{Error, Result};

/// How many objects a list answers at a time.
const LIST_PAGE: &str = "?limit=500";

/// What became of a guarded patch.
#[derive(Debug)]
pub enum Patched {
    /// The object as it is now.
    Done(Value),
    /// A `test` of the patch failed, or what it makes is not valid; the server's words.
    Refused(String),
    /// Others wrote the object at the same time; nothing was changed.
    Raced,
    /// There is no such object any more.
    Gone,
}

/// What became of a creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Created {
    /// It is there now, as it was sent.
    Done,
    /// There was one already, or there is one by now.
    Exists,
}

/// What became of a guarded deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    /// It is deleted, or being deleted.
    Done,
    /// It was not there.
    Gone,
    /// It changed since it was read.
    Changed,
}

impl Cluster {
    /// Reads one object; `None` when there is none.
    pub async fn get(&self, resource: &Resource, namespace: &str, name: &str) -> Result<Option<Value>> {
        let path = format!("{}/{}", resource.path(namespace), segment(name)?);
        self.read_path(&path, &resource.describe(namespace, name)).await
    }

    /// As [`Cluster::get`], and `None` also when the user may not look.
    pub async fn get_visible(&self, resource: &Resource, namespace: &str, name: &str) -> Result<Option<Value>> {
        let path = format!("{}/{}", resource.path(namespace), segment(name)?);
        self.read_visible(&path, &resource.describe(namespace, name)).await
    }

    /// Reads all objects of a kind in `namespace` that match a label selector (empty for all).
    pub async fn list(&self, resource: &Resource, namespace: &str, selector: &str) -> Result<Vec<Value>> {
        match self.list_visible(resource, namespace, selector).await? {
            Ok(items) => Ok(items),
            Err(forbidden) => Err(forbidden),
        }
    }

    /// As [`Cluster::list`], for callers that can go on when the user may not look: then the
    /// inner result holds the refusal.
    pub async fn list_visible(
        &self,
        resource: &Resource,
        namespace: &str,
        selector: &str,
    ) -> Result<Result<Vec<Value>>> {
        let what = format!("{} in namespace `{namespace}`", resource.plural);
        let doing = Doing { verb: "list", what: &what };
        let mut items = Vec::new();
        let mut page = String::new();
        let mut in_pages = true;
        loop {
            let mut path = resource.path(namespace);
            path.push_str(if in_pages { LIST_PAGE } else { "?limit=0" });
            if !selector.is_empty() {
                path.push_str(&format!("&labelSelector={}", encoded(selector)));
            }
            if !page.is_empty() {
                path.push_str(&format!("&continue={}", encoded(&page)));
            }
            let request = self.request(&doing, Request::get(path), None)?;
            let mut list: Value = match self.exchange(request).await {
                Ok(list) => list,
                Err(error @ kube::Error::Api(_)) if is_forbidden(&error) => {
                    return Ok(Err(failure::explain(self, &doing, &error)));
                }
                // The kind is not served: there are none.
                Err(kube::Error::Api(status)) if status.code == 404 => return Ok(Ok(Vec::new())),
                // The server has forgotten how the list began.
                Err(kube::Error::Api(status)) if status.code == 410 && in_pages => {
                    in_pages = false;
                    items.clear();
                    page.clear();
                    continue;
                }
                Err(error) => return Err(failure::explain(self, &doing, &error)),
            };
            if let Some(Value::Array(more)) = list.get_mut("items").map(Value::take) {
                items.extend(more);
            }
            match list.pointer("/metadata/continue").and_then(Value::as_str) {
                Some(next) if !next.is_empty() => next.clone_into(&mut page),
                _ => break,
            }
        }
        for item in &mut items {
            // The server leaves both out of the items of a list.
            if let Some(item) = item.as_object_mut() {
                item.insert("apiVersion".to_owned(), json!(resource.api_version()));
                item.insert("kind".to_owned(), json!(resource.kind));
            }
        }
        Ok(Ok(items))
    }

    /// Makes an object, unless there is one of its name.
    pub(super) async fn create(&self, resource: &Resource, object: &Value, manager: &str) -> Result<Created> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
        let what = resource.describe(namespace, name);
        let doing = Doing { verb: "create", what: &what };
        let path = format!("{}?fieldManager={}&fieldValidation=Strict", resource.path(namespace), encoded(manager));
        let body = Some(("application/json", object.to_string().into_bytes()));
        let mut request = self.request(&doing, Request::post(path), body)?;
        request.extensions_mut().insert(Guarded);
        match self.exchange::<Value>(request).await {
            Ok(_) => Ok(Created::Done),
            Err(kube::Error::Api(status)) if status.code == 409 => Ok(Created::Exists),
            Err(kube::Error::Api(status))
                if status.code == 404
                    && status.details.as_ref().is_some_and(|details| details.kind == "namespaces") =>
            {
                Err(nowhere(namespace, ""))
            }
            Err(error) => Err(failure::explain(self, &doing, &error)),
        }
    }

    /// Applies a JSON patch. A failed `test` of the patch is [`Patched::Refused`].
    pub async fn json_patch(
        &self,
        resource: &Resource,
        namespace: &str,
        name: &str,
        patch: &json_patch::Patch,
        manager: &str,
    ) -> Result<Patched> {
        let body = serde_json::to_vec(patch).map_err(|error| Error::cluster("the patch is not JSON").because(error))?;
        self.patch(resource, namespace, name, "application/json-patch+json", body, manager).await
    }

    /// Applies a JSON merge patch.
    pub async fn merge_patch(
        &self,
        resource: &Resource,
        namespace: &str,
        name: &str,
        patch: &Value,
        manager: &str,
    ) -> Result<Patched> {
        self.patch(resource, namespace, name, "application/merge-patch+json", patch.to_string().into_bytes(), manager)
            .await
    }

    /// Applies a part of an object that is there already, as `manager`: what `manager` applied
    /// before and is not in `object` is taken away. A `resourceVersion` in it is a guard. A field
    /// that belongs to somebody else is [`Patched::Refused`], unless `force`.
    pub async fn apply_part(&self, resource: &Resource, object: &Value, manager: &str, force: bool) -> Result<Patched> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
        let what = resource.describe(namespace, name);
        let doing = Doing { verb: "apply", what: &what };
        let path = format!(
            "{}/{}?fieldManager={}&fieldValidation=Strict&force={force}",
            resource.path(namespace),
            segment(name)?,
            encoded(manager)
        );
        // JSON is YAML.
        let body = Some(("application/apply-patch+yaml", object.to_string().into_bytes()));
        let mut request = self.request(&doing, Request::patch(path), body)?;
        if !text("/metadata/resourceVersion").is_empty() {
            request.extensions_mut().insert(Guarded);
        }
        match self.exchange::<Value>(request).await {
            Ok(object) => Ok(Patched::Done(object)),
            Err(kube::Error::Api(status)) if status.code == 409 => Ok(match conflicts(&status).as_slice() {
                [] => Patched::Raced,
                [first, ..] => {
                    let field = first.field.strip_prefix('.').unwrap_or(&first.field);
                    Patched::Refused(format!("`{field}` belongs to `{}`, with another value", first.manager))
                }
            }),
            Err(kube::Error::Api(status)) if status.code == 422 => Ok(Patched::Refused(failure::message(&status))),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(Patched::Gone),
            Err(error) => Err(failure::explain(self, &doing, &error)),
        }
    }

    async fn patch(
        &self,
        resource: &Resource,
        namespace: &str,
        name: &str,
        content_type: &str,
        body: Vec<u8>,
        manager: &str,
    ) -> Result<Patched> {
        let what = resource.describe(namespace, name);
        let doing = Doing { verb: "patch", what: &what };
        let path = format!(
            "{}/{}?fieldManager={}&fieldValidation=Strict",
            resource.path(namespace),
            segment(name)?,
            encoded(manager)
        );
        let request = self.request(&doing, Request::patch(path), Some((content_type, body)))?;
        match self.exchange::<Value>(request).await {
            Ok(object) => Ok(Patched::Done(object)),
            Err(kube::Error::Api(status)) if status.code == 422 => Ok(Patched::Refused(failure::message(&status))),
            Err(kube::Error::Api(status)) if status.code == 409 => Ok(Patched::Raced),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(Patched::Gone),
            Err(error) => Err(failure::explain(self, &doing, &error)),
        }
    }

    /// Deletes `object`, as it was read: not if it was changed or replaced since.
    pub async fn delete(&self, resource: &Resource, object: &Value) -> Result<Deleted> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
        let what = resource.describe(namespace, name);
        let doing = Doing { verb: "delete", what: &what };
        let body = json!({
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
            "preconditions": {"uid": text("/metadata/uid"), "resourceVersion": text("/metadata/resourceVersion")},
        });
        let path = format!("{}/{}", resource.path(namespace), segment(name)?);
        let body = Some(("application/json", body.to_string().into_bytes()));
        let request = self.request(&doing, Request::delete(path), body)?;
        match self.exchange::<Value>(request).await {
            Ok(_) => Ok(Deleted::Done),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(Deleted::Gone),
            Err(kube::Error::Api(status)) if status.code == 409 => Ok(Deleted::Changed),
            Err(error) => Err(failure::explain(self, &doing, &error)),
        }
    }

    /// Creates a review: an object that is answered and not stored.
    pub(super) async fn review(&self, path: &str, body: &Value, what: &str) -> Result<Value> {
        let doing = Doing { verb: "ask for", what };
        let body = Some(("application/json", body.to_string().into_bytes()));
        let request = self.request(&doing, Request::post(path), body)?;
        self.send(&doing, request).await
    }

    /// Reads any path; `None` when there is nothing.
    pub(super) async fn read_path<T: DeserializeOwned>(&self, path: &str, what: &str) -> Result<Option<T>> {
        self.read(path, what, false).await
    }

    /// As [`Cluster::read_path`], and `None` also when the user may not look.
    pub(super) async fn read_visible<T: DeserializeOwned>(&self, path: &str, what: &str) -> Result<Option<T>> {
        self.read(path, what, true).await
    }

    async fn read<T: DeserializeOwned>(&self, path: &str, what: &str, blind: bool) -> Result<Option<T>> {
        let doing = Doing { verb: "read", what };
        let request = self.request(&doing, Request::get(path), None)?;
        match self.exchange::<T>(request).await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if blind && is_forbidden(&error) => Ok(None),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
            Err(error) => Err(failure::explain(self, &doing, &error)),
        }
    }

    pub(super) fn request(
        &self,
        doing: &Doing<'_>,
        request: http::request::Builder,
        body: Option<(&str, Vec<u8>)>,
    ) -> Result<Request<Vec<u8>>> {
        let request = request.header("Accept", "application/json");
        let request = match body {
            Some((content_type, body)) => request.header("Content-Type", content_type).body(body),
            None => request.body(Vec::new()),
        };
        request.map_err(|error| Error::cluster(format!("cannot {} {}", doing.verb, doing.what)).because(error))
    }

    async fn send<T: DeserializeOwned>(&self, doing: &Doing<'_>, request: Request<Vec<u8>>) -> Result<T> {
        self.exchange::<T>(request).await.map_err(|error| failure::explain(self, doing, &error))
    }
}

pub(super) fn is_forbidden(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 403)
}

/// A name as one segment of a path. Names that could leave it are refused, as the server would.
pub(super) fn segment(name: &str) -> Result<&str> {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':' | '@' | '~');
    if name.is_empty() || name == "." || name == ".." || !name.chars().all(safe) {
        return Err(Error::cluster(format!("`{}` cannot be the name of an object", name.escape_debug())));
    }
    Ok(name)
}

/// Text as a part of a query.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
