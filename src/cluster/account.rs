//! Accounts that actors share: each actor's composition makes the same one, and deletes it with the
//! actor (`docs/platform/credentials.md`).

use std::collections::BTreeSet;

use serde_json::Value;

use super::plan::Plan;
use super::{Cluster, Look, Resource};
use crate::error::Result;
use crate::event::Event;

/// What Crossplane makes objects of Kubernetes with, newest first.
const VERSIONS: [&str; 2] = ["v1alpha2", "v1alpha1"];

impl Cluster {
    /// Warnings of accounts that other actors share with those that the plan deletes. What may not be
    /// seen is not warned of.
    pub async fn shared_accounts(&self, plan: &Plan) -> Result<Vec<Event>> {
        let mut warnings = Vec::new();
        let leaving: BTreeSet<(String, String)> = plan
            .removals()
            .iter()
            .filter(|removal| removal.deletes_actor())
            .map(|removal| (removal.id().namespace, removal.id().name))
            .collect();
        let namespaces: BTreeSet<&String> = leaving.iter().map(|(namespace, _)| namespace).collect();
        for namespace in namespaces {
            let stays = |name: &str| !leaving.contains(&(namespace.clone(), name.to_owned()));
            let shared = match self.makers_of_accounts(namespace).await? {
                Some(makers) => shared_by(&makers),
                None => self.used_accounts(namespace, &stays).await?,
            };
            let others = self.list_visible(&Resource::actors(), namespace, "").await?.unwrap_or_default();
            if !others.iter().any(|actor| stays(name_of(actor))) {
                continue;
            }
            warnings.extend(shared.into_iter().map(|account| Event::Warning {
                message: format!(
                    "actors of namespace `{namespace}` share ServiceAccount `{account}`: deleting one may take it from all until another makes it again"
                ),
                hint: Some(format!(
                    "look afterwards: `kubectl --context {} -n {namespace} get serviceaccount {account}`; pods that run keep their credentials",
                    self.context()
                )),
            }));
        }
        Ok(warnings)
    }

    /// The accounts that are made in a namespace, each as often as something makes it; `None` where that
    /// may not be seen.
    async fn makers_of_accounts(&self, namespace: &str) -> Result<Option<Vec<String>>> {
        for version in VERSIONS {
            let resource = Resource::new("kubernetes.crossplane.io", version, "Object", "objects", false);
            let Look::Seen(objects) = self.look_all(&resource, "", "").await? else { return Ok(None) };
            if objects.is_empty() {
                continue;
            }
            let account = |object: &Value| {
                let manifest = object.pointer("/spec/forProvider/manifest")?;
                let text = |pointer: &str| manifest.pointer(pointer).and_then(Value::as_str);
                let is_it = text("/kind") == Some("ServiceAccount") && text("/metadata/namespace") == Some(namespace);
                text("/metadata/name").filter(|_| is_it).map(str::to_owned)
            };
            return Ok(Some(objects.iter().filter_map(account).collect()));
        }
        Ok(Some(Vec::new()))
    }

    /// The accounts that pods of leaving and of staying actors run as, but for the namespace's own.
    async fn used_accounts(&self, namespace: &str, stays: &dyn Fn(&str) -> bool) -> Result<BTreeSet<String>> {
        let deployments = self.list_visible(&Resource::deployments(), namespace, "asya.sh/actor").await?;
        let deployments = deployments.unwrap_or_default();
        let of = |staying: bool| -> BTreeSet<String> {
            let its = deployments.iter().filter(|deployment| stays(name_of(deployment)) == staying);
            let account = |deployment: &Value| {
                let name = deployment.pointer("/spec/template/spec/serviceAccountName")?.as_str()?;
                (!matches!(name, "" | "default")).then(|| name.to_owned())
            };
            its.filter_map(account).collect()
        };
        Ok(of(true).intersection(&of(false)).cloned().collect())
    }
}

fn shared_by(makers: &[String]) -> BTreeSet<String> {
    let is_shared = |name: &&String| makers.iter().filter(|other| other == name).count() > 1;
    makers.iter().filter(is_shared).cloned().collect()
}

fn name_of(object: &Value) -> &str {
    object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}
