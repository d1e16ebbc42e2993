//! Reads what is live: one list where many objects of a kind are asked for, else one by one.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use super::apply::PARALLEL;
use super::identity::Identity;
use super::{Cluster, Resource};
use crate::error::{Error, Result};

/// From how many objects of a kind in a namespace on a list is cheaper than reading each.
const LIST_FROM: usize = 6;

/// Objects as they are in the cluster.
#[derive(Debug, Default)]
pub(super) struct Seen {
    found: BTreeMap<Identity, (Resource, Value)>,
}

impl Seen {
    pub(super) fn has(&self, identity: &Identity) -> bool {
        self.found.contains_key(identity)
    }

    pub(super) fn add(&mut self, more: Self) {
        self.found.extend(more.found);
    }

    pub(super) fn take(&mut self, identity: &Identity) -> Option<Value> {
        self.found.remove(identity).map(|(_, live)| live)
    }

    /// Everything that was found and not taken.
    pub(super) fn rest(self) -> Vec<(Resource, Value)> {
        self.found.into_values().collect()
    }
}

/// A namespace, and which of its AsyncActors are wanted too.
type Keep<'a> = (&'a str, &'a dyn Fn(&Value) -> bool);

impl Cluster {
    /// Reads the objects `wanted` that exist, and of the AsyncActors of a namespace also those that
    /// `keep` wants, as far as they may be listed.
    pub(super) async fn read_live(&self, wanted: BTreeMap<Identity, Resource>, keep: Option<Keep<'_>>) -> Result<Seen> {
        let mut groups: BTreeMap<(String, String, String), (Resource, Vec<Identity>)> = BTreeMap::new();
        for (identity, resource) in wanted {
            let key = (resource.api_version(), resource.kind.clone(), identity.namespace.clone());
            groups.entry(key).or_insert_with(|| (resource, Vec::new())).1.push(identity);
        }
        if let Some((namespace, _)) = keep {
            let actors = Resource::actors();
            let key = (actors.api_version(), actors.kind.clone(), namespace.to_owned());
            groups.entry(key).or_insert_with(|| (actors, Vec::new()));
        }
        let read: Vec<Vec<_>> = stream::iter(groups)
            .map(|((_, _, namespace), (resource, identities))| async move {
                let kept = keep.filter(|(place, _)| *place == namespace && resource == Resource::actors());
                // Secrets are not read beyond what is needed.
                let is_listed = kept.is_some() || (identities.len() >= LIST_FROM && resource.kind != "Secret");
                let listed = match is_listed {
                    true => self.list_existing(&resource, &namespace).await?,
                    false => None,
                };
                let Some(items) = listed else { return self.read_each(&resource, identities).await };
                let identities: BTreeSet<Identity> = identities.into_iter().collect();
                let found = items.into_iter().filter_map(|item| {
                    let identity = Identity::of_live(&resource, &item);
                    let is_wanted = identities.contains(&identity) || kept.is_some_and(|(_, keep)| keep(&item));
                    is_wanted.then(|| (identity, (resource.clone(), item)))
                });
                Ok::<_, Error>(found.collect())
            })
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        Ok(Seen { found: read.into_iter().flatten().collect() })
    }

    async fn read_each(
        &self,
        resource: &Resource,
        identities: Vec<Identity>,
    ) -> Result<Vec<(Identity, (Resource, Value))>> {
        let read: Vec<_> = stream::iter(identities)
            .map(|identity| async move {
                let live = self.get(resource, &identity.namespace, &identity.name).await?;
                Ok::<_, Error>(live.map(|live| (identity, (resource.clone(), live))))
            })
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        Ok(read.into_iter().flatten().collect())
    }

    /// All objects of a kind; `None` when the user may not list them, none when the kind is not
    /// served.
    async fn list_existing(&self, resource: &Resource, namespace: &str) -> Result<Option<Vec<Value>>> {
        Ok(self.list_visible(resource, namespace, "").await?.ok())
    }
}
