//! Carries a gateway plan out. Every write is guarded by what was read, and read again when
//! somebody else was faster.

use serde_json::Value;

use super::detect::Layout;
use super::entry::name;
use super::keys::{self, MANAGER, Owner};
use super::mount::{Contents, Mount};
use super::patience::Patience;
use super::plan::GatewayPlan;
use super::template::{self, Edit};
use super::via::Via;
use super::way::Way;
use crate::cluster::{Cluster, Deleted, Patched, Resource};
use crate::error::{Error, Result};
use crate::event::{Change, Event, Events};

/// What became of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// The flow is not exposed and was not registered.
    None,
    /// The gateway has the entry since now.
    Registered,
    /// The gateway has it already and reads changes by itself.
    Unchanged,
    /// The gateway has it already and was restarted to read the new tool.
    Restarted,
    /// The gateway does not have it any more.
    Removed,
}

impl Registration {
    /// The stable word for JSON output.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Registered => "registered",
            Self::Unchanged => "unchanged",
            Self::Restarted => "restarted",
            Self::Removed => "removed",
        }
    }
}

impl Registration {
    /// Whether the gateway is changed.
    pub fn is_change(self) -> bool {
        !matches!(self, Self::None | Self::Unchanged)
    }
}

/// What was done about the gateway.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What became of the registration.
    pub registration: Registration,
    /// How the flow gets into the gateway.
    pub via: Option<Via>,
    /// The gateway's namespace.
    pub namespace: String,
    /// The gateway's Deployment; `None` when none was involved.
    pub deployment: Option<String>,
    /// The pods of these Deployments are being replaced.
    pub rollouts: Vec<String>,
    /// Entries that were deleted.
    pub deleted: Vec<String>,
}

impl GatewayPlan {
    /// Takes what is not wanted any more away: out of the gateway first, then the ConfigMaps.
    pub async fn unregister(&mut self, cluster: &Cluster, events: Events<'_>) -> Result<Outcome> {
        let mut outcome = self.outcome();
        let owner = self.owner();
        let config_maps = Resource::config_maps();
        let mut taken: Vec<&str> = Vec::new();
        for shared in &self.stale.keys {
            if keys::take(cluster, &owner, shared).await? {
                taken.push(shared);
            }
        }
        for (shared, format) in &self.stale.items {
            if keys::unlist(cluster, &owner, (shared, *format)).await? {
                taken.push(shared);
            }
        }
        for shared in taken {
            let object = config_maps.describe(&self.namespace, shared);
            events(Event::Object { object, change: Change::Changed });
        }
        let edit =
            Edit { remove: self.stale.entries.iter().map(|entry| name(entry).to_owned()).collect(), ..Edit::default() };
        for deployment in &self.stale.deployments {
            if self.converge(cluster, deployment, &edit, false).await?.is_some() {
                events(self.changed(deployment));
                outcome.rollouts.push(deployment.clone());
            }
        }
        for entry in &self.stale.entries {
            let object = config_maps.describe(&self.namespace, name(entry));
            match cluster.delete(&config_maps, entry).await? {
                Deleted::Done => {
                    events(Event::Object { object, change: Change::Removed });
                    outcome.deleted.push(name(entry).to_owned());
                }
                Deleted::Gone => {}
                Deleted::Changed => {
                    return Err(Error::cluster(format!("`{object}` was not deleted"))
                        .because("somebody changed it at the same time")
                        .hint("look at it, then run the same command again"));
                }
            }
        }
        if !self.stale.is_empty() {
            outcome.registration = Registration::Removed;
            outcome.deployment = outcome.rollouts.first().or(self.stale.served_by.first()).cloned();
        }
        Ok(outcome)
    }

    /// How the gateway comes to be as it was before the flow was registered, when its new pods do not
    /// start with it; `None` when it was not registered.
    pub fn way_back(&self, registered: &Outcome, context: &str) -> Option<String> {
        let flow = &self.flow;
        let out =
            format!("run `asya unexpose {flow} --context {context}` and `asya k apply {flow} --context {context}`");
        match registered.registration {
            Registration::Registered => Some(format!("to go back, {out}: that takes the flow out of the gateway")),
            Registration::Restarted | Registration::Unchanged => {
                Some(format!("to go back, apply the version before; or {out}: that takes the flow out of the gateway"))
            }
            Registration::None | Registration::Removed => None,
        }
    }

    /// Makes the gateway serve the flow, whose own ConfigMaps are applied already.
    pub async fn register(&mut self, cluster: &Cluster, events: Events<'_>) -> Result<Outcome> {
        let mut outcome = self.outcome();
        let Some(gateway) = self.gateway.clone() else { return Ok(outcome) };
        outcome.deployment = Some(gateway.deployment.clone());
        outcome.via = self.way.via();
        let owner = self.owner();
        let check = |live: &Value| self.check_shared(live, "its objects are applied already");
        let mut shared = Vec::new();
        match &self.way {
            Way::Keys(all) => {
                for part in all {
                    // Files of a volume are checked together with those beside them.
                    let is_split = gateway.layout == Layout::Split;
                    let changed = match is_split {
                        true => keys::put(cluster, &owner, part, &check).await?,
                        false => self.put_mounted(cluster, &owner, &gateway.deployment, part).await?,
                    };
                    shared.push((&part.config_map, changed));
                }
            }
            Way::Entries(all) => {
                for part in all {
                    shared.push((&part.config_map, keys::list(cluster, &owner, part, &check).await?));
                }
            }
            Way::Source { .. } | Way::Nowhere => {}
        }
        let any = shared.iter().any(|(_, changed)| *changed);
        for (config_map, changed) in shared {
            let object = Resource::config_maps().describe(&self.namespace, config_map);
            let change = if changed { Change::Changed } else { Change::Unchanged };
            events(Event::Object { object, change });
        }
        let rolled = match gateway.layout {
            Layout::Split => None,
            _ => self.converge(cluster, &gateway.deployment, &self.edit(), true).await?,
        };
        outcome.registration = match rolled {
            Some(sources) if sources || self.new => Registration::Registered,
            Some(_) => Registration::Restarted,
            None if any && self.new => Registration::Registered,
            None => Registration::Unchanged,
        };
        if rolled.is_some() {
            events(self.changed(&gateway.deployment));
            outcome.rollouts.push(gateway.deployment);
        } else if self.way.via() == Some(Via::Source) {
            events(Event::Object {
                object: Resource::deployments().describe(&self.namespace, &gateway.deployment),
                change: Change::Unchanged,
            });
        }
        Ok(outcome)
    }

    /// What [`GatewayPlan::unregister`] and [`GatewayPlan::register`] will come to, from what was
    /// seen.
    pub fn expected(&self) -> Outcome {
        let mut outcome = self.outcome();
        let is_served = self.gateway.is_some();
        outcome.registration = match (is_served, self.planned.is_empty()) {
            (true, true) => Registration::Unchanged,
            (true, false) if self.new || self.lost => Registration::Registered,
            (true, false) => Registration::Restarted,
            (false, false) => Registration::Removed,
            (false, true) => Registration::None,
        };
        outcome.via = self.way.via();
        let stale = &self.stale;
        outcome.deployment = match &self.gateway {
            Some(gateway) => Some(gateway.deployment.clone()),
            None => stale.deployments.first().or(stale.served_by.first()).cloned(),
        };
        outcome.deleted = stale.entries.iter().map(|entry| name(entry).to_owned()).collect();
        outcome
    }

    fn outcome(&self) -> Outcome {
        Outcome {
            registration: Registration::None,
            via: None,
            namespace: self.namespace.clone(),
            deployment: None,
            rollouts: Vec::new(),
            deleted: Vec::new(),
        }
    }

    fn owner(&self) -> Owner<'_> {
        Owner {
            flow: &self.flow,
            manager: &self.manager,
            namespace: &self.namespace,
            actors: &self.actors_namespace,
            force: self.force,
        }
    }

    fn changed(&self, deployment: &str) -> Event {
        Event::Object { object: Resource::deployments().describe(&self.namespace, deployment), change: Change::Changed }
    }

    /// Adds data keys to a ConfigMap that is mounted beside others.
    async fn put_mounted(
        &self,
        cluster: &Cluster,
        owner: &Owner<'_>,
        deployment: &str,
        part: &super::way::Keys,
    ) -> Result<bool> {
        let live = cluster.get(&Resource::deployments(), &self.namespace, deployment).await?;
        let Some(mount) = live.as_ref().and_then(Mount::of) else { return Err(self.vanished(deployment)) };
        let names: Vec<String> = mount.config_maps().map(str::to_owned).collect();
        let beside = Contents::read(cluster, &self.namespace, &names).await?;
        let check = |live: &Value| {
            let mut contents = beside.clone();
            contents.put(&part.config_map, live.clone());
            self.check_mounted(&mount, &contents, "its objects are applied already")
        };
        keys::put(cluster, owner, part, &check).await
    }

    /// Makes a Deployment mount what it should, and read its tools anew if they have changed.
    /// `None` when it does already; else whether sources were changed.
    async fn converge(
        &self,
        cluster: &Cluster,
        deployment: &str,
        edit: &Edit,
        registering: bool,
    ) -> Result<Option<bool>> {
        let deployments = Resource::deployments();
        let object = deployments.describe(&self.namespace, deployment);
        let mut patience = Patience::new();
        let mut refused: Option<Value> = None;
        loop {
            let live = cluster.get(&deployments, &self.namespace, deployment).await?;
            let found = live.and_then(|live| Some((Mount::of(&live)?, live)));
            let Some((mount, live)) = found else {
                return if registering { Err(self.vanished(deployment)) } else { Ok(None) };
            };
            if registering && !mount.projected && !edit.add.is_empty() && !edit.convert {
                return Err(self.vanished(deployment));
            }
            let names: Vec<String> = mount.config_maps().map(str::to_owned).chain(edit.add.iter().cloned()).collect();
            let contents = Contents::read(cluster, &self.namespace, &names).await?;
            if registering {
                self.check_mounted(&mount, &contents, "its objects are applied already")?;
            }
            let Some(change) = template::change(&live, &mount, &contents, edit) else { return Ok(None) };
            match cluster.json_patch(&deployments, &self.namespace, deployment, &change.patch, MANAGER).await? {
                Patched::Done(_) => return Ok(Some(change.sources)),
                Patched::Gone if registering => return Err(self.vanished(deployment)),
                Patched::Gone => return Ok(None),
                Patched::Raced => refused = None,
                Patched::Refused(reason) => {
                    let based_on = live.pointer("/spec/template").cloned();
                    if refused == based_on {
                        // Nobody changed it, so it is the patch that the server does not like.
                        return Err(
                            Error::cluster(format!("the cluster refuses the change of {object}")).because(reason)
                        );
                    }
                    refused = based_on;
                }
            }
            patience.again(&object).await?;
        }
    }

    fn vanished(&self, deployment: &str) -> Error {
        Error::cluster(format!(
            "Deployment `{}/{deployment}` has gone, or its volume of flows has, while the flow was applied",
            self.namespace
        ))
        .hint("run the same command again")
    }
}
