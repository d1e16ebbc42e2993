//! Access reviews: may this user do what the plan needs? Asked before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use super::apply::PARALLEL;
use super::{Cluster, Resource, role};
use crate::error::{Error, Result};
use crate::names::counted;

/// One thing that somebody must be allowed to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Verb of the API: `get`, `list`, `create`, `patch`, `delete`.
    pub verb: &'static str,
    /// The kind.
    pub resource: Resource,
    /// The namespace; empty for kinds without one.
    pub namespace: String,
    /// The objects, for roles that name them; empty for any.
    pub names: BTreeSet<String>,
}

/// Something that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// What was asked for.
    pub access: Access,
    /// The authorizer's reason; mostly empty.
    pub reason: String,
}

impl Access {
    /// `verb` on any object of `resource` in `namespace`.
    pub fn any(verb: &'static str, resource: &Resource, namespace: &str) -> Self {
        let namespace = if resource.namespaced { namespace.to_owned() } else { String::new() };
        Self { verb, resource: resource.clone(), namespace, names: BTreeSet::new() }
    }

    /// `verb` on one object.
    pub fn of(verb: &'static str, resource: &Resource, namespace: &str, name: &str) -> Self {
        let mut access = Self::any(verb, resource, namespace);
        access.names.insert(name.to_owned());
        access
    }

    fn place(&self) -> String {
        match self.namespace.as_str() {
            "" => "in the whole cluster".to_owned(),
            namespace => format!("in namespace `{namespace}`"),
        }
    }
}

impl Cluster {
    /// Which of `wanted` the user may not do.
    pub async fn denied(&self, wanted: &[Access]) -> Result<Vec<Denied>> {
        let answers: Vec<Option<Denied>> = stream::iter(merged(wanted))
            .map(|access| async move { self.review_access(access).await })
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        Ok(answers.into_iter().flatten().collect())
    }

    /// Fails unless the user may do all of `wanted`, naming everything that is missing.
    pub async fn require(&self, wanted: &[Access]) -> Result<()> {
        let denied = self.denied(wanted).await?;
        if denied.is_empty() {
            return Ok(());
        }
        let user = match self.who_am_i().await {
            Some(name) => format!("user `{name}`"),
            None => format!("the kubeconfig's user `{}`", self.user()),
        };
        let mut error = Error::cluster(format!(
            "{user} lacks {} that this needs; nothing was written",
            counted(denied.len(), "permission")
        ));
        for Denied { access, reason } in &denied {
            let why = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
            error = error.because(format!(
                "it may not {} {} {}{why}",
                access.verb,
                access.resource.qualified(),
                access.place()
            ));
        }
        let mut places: BTreeMap<&str, Vec<&Access>> = BTreeMap::new();
        for Denied { access, .. } in &denied {
            places.entry(&access.namespace).or_default().push(access);
        }
        for (namespace, accesses) in places {
            let rules = role::in_one_line(&role::rules(&accesses));
            error = error.hint(match namespace {
                "" => format!("a ClusterRole with these rules allows it: {rules}"),
                namespace => format!("a Role in namespace `{namespace}` with these rules allows it: {rules}"),
            });
        }
        Err(error.hint("`asya k rbac FLOW` prints the Roles for all that a flow needs"))
    }

    async fn review_access(&self, access: Access) -> Result<Option<Denied>> {
        let first = match access.names.iter().next() {
            Some(name) if access.names.len() == 1 => self.allowed(&access, Some(name)).await?,
            _ => self.allowed(&access, None).await?,
        };
        let Err(reason) = first else { return Ok(None) };
        // A Role may allow it for exactly these names.
        if access.names.len() > 1 {
            let mut all = true;
            for name in &access.names {
                all = all && self.allowed(&access, Some(name)).await?.is_ok();
            }
            if all {
                return Ok(None);
            }
        }
        Ok(Some(Denied { access, reason }))
    }

    async fn allowed(&self, access: &Access, name: Option<&str>) -> Result<Result<(), String>> {
        let (resource, part) = access.resource.plural.split_once('/').unwrap_or((&access.resource.plural, ""));
        let mut attributes = json!({
            "verb": access.verb,
            "group": access.resource.group,
            "version": access.resource.version,
            "resource": resource,
        });
        if let Some(attributes) = attributes.as_object_mut() {
            if !part.is_empty() {
                attributes.insert("subresource".to_owned(), json!(part));
            }
            if !access.namespace.is_empty() {
                attributes.insert("namespace".to_owned(), json!(access.namespace));
            }
            if let Some(name) = name {
                attributes.insert("name".to_owned(), json!(name));
            }
        }
        let body = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        });
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        let answer = self.review(path, &body, "an access review").await?;
        let allowed = answer.pointer("/status/allowed").and_then(Value::as_bool).unwrap_or(false);
        let reason = answer.pointer("/status/reason").and_then(Value::as_str).unwrap_or_default();
        Ok(if allowed { Ok(()) } else { Err(reason.to_owned()) })
    }

    /// The name the server knows this user by; `None` when it does not say.
    async fn who_am_i(&self) -> Option<String> {
        let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
        let answer = self.review(path, &body, "the user's name").await.ok()?;
        Some(answer.pointer("/status/userInfo/username")?.as_str()?.to_owned())
    }
}

/// The same verb on the same kind in the same namespace is asked once.
fn merged(wanted: &[Access]) -> Vec<Access> {
    let mut out: Vec<Access> = Vec::new();
    for access in wanted {
        let same = |other: &&mut Access| {
            other.verb == access.verb && other.resource == access.resource && other.namespace == access.namespace
        };
        match out.iter_mut().find(same) {
            // Empty means any object: it covers every name.
            Some(known) if known.names.is_empty() || access.names.is_empty() => known.names.clear(),
            Some(known) => known.names.extend(access.names.iter().cloned()),
            None => out.push(access.clone()),
        }
    }
    out
}
