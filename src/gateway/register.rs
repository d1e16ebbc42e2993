//! Carries a gateway plan out. Every write is guarded by what was read, and read again when
//! somebody else was faster.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::entry::{name, restarted_patch};
use super::patch::{restart_patch, sources_patch};
use super::plan::GatewayPlan;
use super::sources::projected;
use crate::cluster::{Cluster, Deleted, Patched, Resource};
use crate::error::{Error, Result};
use crate::event::{Change, Event, Events};
use crate::kustomize::ObjectId;

/// How long other writers may get in the way.
const PATIENCE: Duration = Duration::from_secs(60);

/// What became of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// The flow is not exposed and was not registered.
    None,
    /// The gateway mounts the entry since now.
    Registered,
    /// The gateway mounts it already and reads changes by itself.
    Unchanged,
    /// The gateway mounts it already and was restarted to read the new tool.
    Restarted,
    /// The gateway does not mount it any more.
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
    /// What [`GatewayPlan::unregister`] and [`GatewayPlan::register`] will do, from what was seen.
    pub fn expected(&self) -> (Outcome, Outcome) {
        let (mut removed, mut registered) = (self.outcome(), self.outcome());
        if !self.stale.is_empty() {
            removed.registration = Registration::Removed;
            removed.deployment = self.stale_in.first().cloned();
            removed.deleted = self.stale.iter().map(|entry| name(entry).to_owned()).collect();
        }
        if let Some(gateway) = &self.gateway {
            registered.deployment = Some(gateway.deployment.clone());
            registered.registration = match (self.unmounted, self.restart) {
                (true, _) => Registration::Registered,
                (false, true) => Registration::Restarted,
                (false, false) => Registration::Unchanged,
            };
        }
        (removed, registered)
    }

    /// The entries that will be deleted, as they are, without what the server writes.
    pub fn deletions(&self) -> Vec<(ObjectId, Value)> {
        let deletion = |entry: &Value| {
            let id = ObjectId {
                group: String::new(),
                version: "v1".to_owned(),
                kind: "ConfigMap".to_owned(),
                namespace: self.namespace.clone(),
                name: name(entry).to_owned(),
            };
            let metadata = json!({"name": id.name, "namespace": id.namespace});
            let before =
                json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": entry.get("data")});
            (id, before)
        };
        self.stale.iter().map(deletion).collect()
    }

    /// Takes entries away that are not wanted any more: out of the gateway first, then the
    /// ConfigMaps.
    pub async fn unregister(&mut self, cluster: &Cluster, events: Events<'_>) -> Result<Outcome> {
        let mut outcome = self.outcome();
        let gone: Vec<String> = self.stale.iter().map(|entry| name(entry).to_owned()).collect();
        for deployment in self.stale_in.clone() {
            if self.edit_sources(cluster, &deployment, &[], &gone).await? {
                events(self.changed(&deployment));
                outcome.rollouts.push(deployment);
            }
        }
        for entry in &self.stale {
            let object = Resource::config_maps().describe(&self.namespace, name(entry));
            match cluster.delete(&Resource::config_maps(), entry).await? {
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
            outcome.deployment = outcome.rollouts.first().cloned();
        }
        Ok(outcome)
    }

    /// Makes the gateway mount the flow's entries, which are applied already.
    pub async fn register(&mut self, cluster: &Cluster, events: Events<'_>) -> Result<Outcome> {
        let mut outcome = self.outcome();
        let Some(gateway) = self.gateway.clone() else { return Ok(outcome) };
        let add = self.add.clone();
        outcome.deployment = Some(gateway.deployment.clone());
        outcome.registration = if self.edit_sources(cluster, &gateway.deployment, &add, &[]).await? {
            Registration::Registered
        } else if self.restart {
            self.restart(cluster, &gateway.deployment).await?;
            Registration::Restarted
        } else {
            Registration::Unchanged
        };
        if self.restart {
            self.note_restarted(cluster).await?;
        }
        if outcome.registration == Registration::Unchanged {
            events(Event::Object {
                object: Resource::deployments().describe(&self.namespace, &gateway.deployment),
                change: Change::Unchanged,
            });
        } else {
            events(self.changed(&gateway.deployment));
            outcome.rollouts.push(gateway.deployment);
        }
        Ok(outcome)
    }

    fn outcome(&self) -> Outcome {
        Outcome {
            registration: Registration::None,
            namespace: self.namespace.clone(),
            deployment: None,
            rollouts: Vec::new(),
            deleted: Vec::new(),
        }
    }

    fn changed(&self, deployment: &str) -> Event {
        Event::Object { object: Resource::deployments().describe(&self.namespace, deployment), change: Change::Changed }
    }

    /// Adds and removes sources of the flows volume; answers whether anything was to be done.
    async fn edit_sources(
        &mut self,
        cluster: &Cluster,
        deployment: &str,
        add: &[String],
        remove: &[String],
    ) -> Result<bool> {
        let started = Instant::now();
        let mut guarded: Option<(usize, Vec<Value>)> = None;
        let mut said = String::new();
        for attempt in 0.. {
            let live = cluster.get(&Resource::deployments(), &self.namespace, deployment).await?;
            let Some((volume, sources)) = live.as_ref().and_then(projected) else {
                return if add.is_empty() { Ok(false) } else { Err(self.vanished(deployment)) };
            };
            let now = Some((volume, sources));
            if guarded == now {
                // Nobody changed it, so it is the patch that the server does not like.
                return Err(Error::cluster(format!(
                    "the cluster refuses the change of Deployment `{}/{deployment}`",
                    self.namespace
                ))
                .because(said));
            }
            let Some((volume, sources)) = now else { return Ok(false) };
            if !add.is_empty() {
                self.check_foreign(cluster, &sources, "its objects are applied already").await?;
            }
            let Some(patch) = sources_patch(volume, &sources, add, remove) else { return Ok(false) };
            let deployments = Resource::deployments();
            match cluster.json_patch(&deployments, &self.namespace, deployment, &patch, MANAGER).await? {
                Patched::Done(_) => return Ok(true),
                Patched::Gone if add.is_empty() => return Ok(false),
                Patched::Gone => return Err(self.vanished(deployment)),
                Patched::Raced => guarded = None,
                Patched::Refused(reason) => {
                    said = reason;
                    guarded = Some((volume, sources));
                }
            }
            if started.elapsed() > PATIENCE {
                break;
            }
            tokio::time::sleep(pause(attempt)).await;
        }
        Err(Error::cluster(format!("Deployment `{}/{deployment}` keeps changing", self.namespace))
            .because(format!("for {} seconds somebody else was always faster", PATIENCE.as_secs()))
            .hint("run the same command again"))
    }

    async fn restart(&self, cluster: &Cluster, deployment: &str) -> Result<()> {
        let deployments = Resource::deployments();
        let patch = restart_patch(&cluster.now());
        match cluster.merge_patch(&deployments, &self.namespace, deployment, &patch, MANAGER).await? {
            Patched::Done(_) => Ok(()),
            Patched::Gone => Err(self.vanished(deployment)),
            // Without a guard the server itself resolves races.
            Patched::Raced => Err(self.vanished(deployment)),
            Patched::Refused(reason) => {
                Err(Error::cluster(format!("Deployment `{}/{deployment}` cannot be restarted", self.namespace))
                    .because(reason))
            }
        }
    }

    async fn note_restarted(&self, cluster: &Cluster) -> Result<()> {
        for entry in &self.add {
            let config_maps = Resource::config_maps();
            // An entry that somebody deleted in between has nothing to be noted on.
            cluster.merge_patch(&config_maps, &self.namespace, entry, &restarted_patch(), MANAGER).await?;
        }
        Ok(())
    }

    fn vanished(&self, deployment: &str) -> Error {
        Error::cluster(format!(
            "Deployment `{}/{deployment}` has gone, or its volume of flows has, while the flow was applied",
            self.namespace
        ))
        .hint("run the same command again")
    }
}

/// The field manager of changes to gateways: one for all flows, as the list of sources is one field.
const MANAGER: &str = "asya-gateway";

/// Grows to a quarter of a second and differs between processes, so that they do not meet again.
fn pause(attempt: u32) -> Duration {
    let most = 10_u64 << attempt.min(5);
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| u64::from(since.subsec_nanos()) / 1000 + u64::from(std::process::id()));
    Duration::from_millis(5 + nanos % most)
}
