//! Kinds as the server serves them: plural names and scopes.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;

use super::Cluster;
use crate::error::{Error, Result};
use crate::kustomize::{Object, ObjectId};
use crate::names::near_matches;

/// A kind with what is needed to address it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// API group; empty for the core group.
    pub group: String,
    /// API version, without the group.
    pub version: String,
    /// Kind, for messages.
    pub kind: String,
    /// Plural name, as in URLs and roles.
    pub plural: String,
    /// Whether objects live in a namespace.
    pub namespaced: bool,
}

impl Resource {
    fn new(group: &str, version: &str, kind: &str, plural: &str, namespaced: bool) -> Self {
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
            namespaced,
        }
    }

    /// ConfigMaps.
    pub fn config_maps() -> Self {
        Self::new("", "v1", "ConfigMap", "configmaps", true)
    }

    /// Deployments.
    pub fn deployments() -> Self {
        Self::new("apps", "v1", "Deployment", "deployments", true)
    }

    /// AsyncActors.
    pub fn actors() -> Self {
        Self::new("asya.sh", "v1alpha1", "AsyncActor", "asyncactors", true)
    }

    /// Pods.
    pub fn pods() -> Self {
        Self::new("", "v1", "Pod", "pods", true)
    }

    /// `group/version`, or the version alone for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// The plural name with its group, as `kubectl auth can-i` takes it.
    pub fn qualified(&self) -> String {
        if self.group.is_empty() { self.plural.clone() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// The path of the collection in `namespace` (ignored for kinds without namespaces).
    pub(super) fn path(&self, namespace: &str) -> String {
        let root = if self.group.is_empty() { "/api".to_owned() } else { format!("/apis/{}", self.group) };
        let version = &self.version;
        let plural = &self.plural;
        match self.namespaced {
            true => format!("{root}/{version}/namespaces/{namespace}/{plural}"),
            false => format!("{root}/{version}/{plural}"),
        }
    }

    /// How an object of this kind is called in messages: `Kind namespace/name`.
    pub fn describe(&self, namespace: &str, name: &str) -> String {
        if self.namespaced { format!("{} {namespace}/{name}", self.kind) } else { format!("{} {name}", self.kind) }
    }
}

/// The kinds a set of objects needs.
#[derive(Debug, Default)]
pub struct Resources(BTreeMap<(String, String), Resource>);

impl Resources {
    /// Asks the server for the kinds of `objects`: one request for each API group version, none
    /// for the core group. Fails when a kind is not served.
    pub async fn discover(cluster: &Cluster, objects: &[Object]) -> Result<Self> {
        let mut wanted: BTreeMap<&str, Vec<&Object>> = BTreeMap::new();
        for object in objects {
            wanted.entry(object.api_version()).or_default().push(object);
        }
        let answers: Vec<Vec<Resource>> = stream::iter(wanted.keys().copied())
            .map(|api_version| async move {
                match api_version {
                    "v1" => Ok(core_kinds()),
                    _ => served(cluster, api_version).await,
                }
            })
            .buffered(super::apply::PARALLEL)
            .try_collect()
            .await?;
        let mut found = BTreeMap::new();
        for ((api_version, objects), kinds) in wanted.iter().zip(answers) {
            for object in objects {
                let Some(resource) = kinds.iter().find(|resource| resource.kind == object.kind()) else {
                    return Err(not_served(cluster, object, &kinds));
                };
                found.insert(((*api_version).to_owned(), object.kind().to_owned()), resource.clone());
            }
        }
        Ok(Self(found))
    }

    /// Asks for the kinds of further objects too. What is not served any more is left out: there are
    /// no such objects.
    pub(super) async fn discover_known(cluster: &Cluster, ids: impl Iterator<Item = &ObjectId>) -> Result<Self> {
        let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for id in ids {
            let api_version =
                if id.group.is_empty() { id.version.clone() } else { format!("{}/{}", id.group, id.version) };
            wanted.entry(api_version).or_default().push(id.kind.clone());
        }
        let mut found = BTreeMap::new();
        for (api_version, kinds) in wanted {
            let known = if api_version == "v1" { core_kinds() } else { served(cluster, &api_version).await? };
            for resource in known.into_iter().filter(|resource| kinds.contains(&resource.kind)) {
                found.insert((api_version.clone(), resource.kind.clone()), resource);
            }
        }
        Ok(Self(found))
    }

    /// The resource of an object known by its id.
    pub(super) fn of_id(&self, id: &ObjectId) -> Option<&Resource> {
        let api_version = if id.group.is_empty() { id.version.clone() } else { format!("{}/{}", id.group, id.version) };
        self.0.get(&(api_version, id.kind.clone()))
    }

    /// The resource of an object; `None` for a kind that was not asked for.
    pub fn of(&self, object: &Object) -> Option<&Resource> {
        self.0.get(&(object.api_version().to_owned(), object.kind().to_owned()))
    }
}

fn not_served(cluster: &Cluster, object: &Object, kinds: &[Resource]) -> Error {
    let (api_version, kind) = (object.api_version(), object.kind());
    let error = Error::cluster(format!(
        "the cluster of context `{}` does not know `{kind}` of `{api_version}`",
        cluster.context()
    ))
    .because(format!("the flow has one: `{}`", object.id()));
    if kind == "AsyncActor" {
        return error.hint("install the Helm chart `asya-crossplane`, or choose another cluster with `--context`");
    }
    let near = near_matches(kind, kinds.iter().map(|resource| resource.kind.as_str()));
    error
        .hint_opt(near.first().map(|name| format!("did you mean `{name}`?")))
        .hint("install what defines it, or take it out of the manifests")
}

#[derive(Deserialize)]
struct ResourceList {
    #[serde(default)]
    resources: Vec<ResourceEntry>,
}

#[derive(Deserialize)]
struct ResourceEntry {
    name: String,
    kind: String,
    namespaced: bool,
}

/// The kinds of a group version; none when the server does not serve it.
async fn served(cluster: &Cluster, api_version: &str) -> Result<Vec<Resource>> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let path = format!("/apis/{api_version}");
    let what = format!("the kinds of `{api_version}`");
    let list: Option<ResourceList> = cluster.first(cluster.read_path(&path, &what)).await?;
    let entries = list.map(|list| list.resources).unwrap_or_default();
    Ok(entries
        .into_iter()
        // `deployments/status` is a part of an object, not a kind.
        .filter(|entry| !entry.name.contains('/'))
        .map(|entry| Resource::new(group, version, &entry.kind, &entry.name, entry.namespaced))
        .collect())
}

/// Kinds of the core group, the same in every cluster.
fn core_kinds() -> Vec<Resource> {
    [
        ("ConfigMap", "configmaps", true),
        ("Endpoints", "endpoints", true),
        ("LimitRange", "limitranges", true),
        ("Namespace", "namespaces", false),
        ("PersistentVolume", "persistentvolumes", false),
        ("PersistentVolumeClaim", "persistentvolumeclaims", true),
        ("Pod", "pods", true),
        ("PodTemplate", "podtemplates", true),
        ("ReplicationController", "replicationcontrollers", true),
        ("ResourceQuota", "resourcequotas", true),
        ("Secret", "secrets", true),
        ("Service", "services", true),
        ("ServiceAccount", "serviceaccounts", true),
    ]
    .into_iter()
    .map(|(kind, plural, namespaced)| Resource::new("", "v1", kind, plural, namespaced))
    .collect()
}
