//! Keeps the inventory of a flow in the cluster, also when several applies of the flow run at the
//! same time: each writes only over what it has read, and leaves what others wrote.

use std::time::Duration;

use serde_json::{Value, json};

use super::exchange::jitter;
use super::identity::Identity;
use super::inventory::{self, Inventory};
use super::plan::Plan;
use super::removal::parting;
use super::request::Created;
use super::{Cluster, Deleted, Patched, Resources};
use crate::error::{Error, Result};
use crate::event::{Event, Events};
use crate::kustomize::ObjectId;
use crate::names::counted;

/// How often what others write at the same time is read again.
const ATTEMPTS: u32 = 30;

impl Cluster {
    /// Writes down what the plan is about to apply, before it does: what is not written down cannot
    /// be taken away later.
    pub(super) async fn record(&self, plan: &Plan) -> Result<()> {
        let wanted = plan.inventory_after(&[]);
        let first = Some(plan.inventory_live.clone());
        self.write(plan, first, &|theirs| theirs.merged(&plan.inventory, &wanted, false)).await.map(|_| ())
    }

    /// Leaves in the inventory what the flow still has: what was applied, what is `kept`, and what
    /// other applies of the flow wrote down meanwhile. Without all that, it goes.
    pub(super) async fn settle(&self, plan: &Plan, kept: &[ObjectId], events: Events<'_>) -> Result<()> {
        let (known, wanted) = (plan.inventory_during(), plan.inventory_after(kept));
        let others = self.write(plan, None, &|theirs| theirs.merged(&known, &wanted, true)).await?.without(&wanted);
        if !others.is_empty() {
            let count = counted(others.entries().count(), "object");
            events(Event::Note(format!(
                "another apply of the flow was at work at the same time and has {count} more: the next apply takes away what it does not have"
            )));
        }
        let gone = known.without(&wanted);
        let back = self.still_there(plan, &gone).await?;
        if back.is_empty() {
            return Ok(());
        }
        for entry in back.entries() {
            events(Event::Note(format!("{} was made anew meanwhile by another apply of the flow", entry.id)));
        }
        self.write(plan, None, &|theirs| theirs.merged(&Inventory::default(), &back, false)).await.map(|_| ())
    }

    /// Which objects the flow has, though they were taken away: another apply of it was at work.
    async fn still_there(&self, plan: &Plan, gone: &Inventory) -> Result<Inventory> {
        let mut back = Inventory::default();
        if gone.is_empty() {
            return Ok(back);
        }
        let resources = Resources::discover_known(self, gone.entries().map(|entry| &entry.id)).await?;
        let wanted = gone
            .entries()
            .filter_map(|entry| Some((entry.id.clone().into(), resources.of_id(&entry.id)?.clone())))
            .collect();
        let seen = self.read_live(wanted, None).await?;
        for (resource, live) in seen.rest() {
            let identity = Identity::of_live(&resource, &live);
            let Some(entry) = gone.get(&identity) else { continue };
            // Without a part in it, or while it is going, the flow does not have it.
            if parting(&resource, &live, entry.adopted, plan.manager()).is_some() {
                back.insert(entry.clone());
            }
        }
        Ok(back)
    }

    /// Makes of what stands there what `merged` makes of it, and answers that. Nothing is written when
    /// it is the same. `read` is what stood there when it was last read, if it was: nothing is written
    /// over anything newer.
    async fn write(
        &self,
        plan: &Plan,
        read: Option<Option<Value>>,
        merged: &dyn Fn(&Inventory) -> Inventory,
    ) -> Result<Inventory> {
        let (manager, namespace) = (plan.manager(), plan.namespace.as_str());
        let (resource, name) = (inventory::resource(), inventory::config_map_name(manager));
        let of = |live: &Option<Value>| live.as_ref().map(Inventory::of_config_map).unwrap_or_default();
        // That nothing has to be written is only certain of what stands there now.
        let mut read = read.filter(|live| merged(&of(live)) != of(live));
        let version = |live: &Value| live.pointer("/metadata/resourceVersion").cloned();
        let mut refused: Option<(Option<Value>, String)> = None;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                tokio::time::sleep(jitter() + Duration::from_millis(u64::from(attempt) * 5)).await;
            }
            let live = match read.take() {
                Some(live) => live,
                None => self.get(&resource, namespace, &name).await?,
            };
            let theirs = of(&live);
            let wanted = merged(&theirs);
            let Some(live) = live else {
                if wanted.is_empty()
                    || self.create(&resource, &wanted.config_map(manager, namespace), manager).await? == Created::Done
                {
                    return Ok(wanted);
                }
                continue;
            };
            if wanted.is_empty() {
                if self.delete(&resource, &live).await? != Deleted::Changed {
                    return Ok(wanted);
                }
                continue;
            }
            if wanted == theirs {
                return Ok(wanted);
            }
            if let Some((version_then, why)) = refused.take()
                && version_then == version(&live)
            {
                let what = resource.describe(namespace, &name);
                return Err(Error::cluster(format!("the cluster refused to write {what}")).because(why));
            }
            let patch = json!([
                {"op": "test", "path": "/metadata/resourceVersion", "value": version(&live)},
                {"op": "add", "path": "/data", "value": wanted.config_map(manager, namespace)["data"]},
            ]);
            let patch = serde_json::from_value(patch)
                .map_err(|error| Error::cluster("the inventory cannot be written").because(error))?;
            match self.json_patch(&resource, namespace, &name, &patch, manager).await? {
                Patched::Done(_) => return Ok(wanted),
                Patched::Refused(why) => refused = Some((version(&live), why)),
                Patched::Raced | Patched::Gone => {}
            }
        }
        Err(Error::cluster(format!("{} keeps changing", resource.describe(namespace, &name)))
            .because("other applies of the flow write it at the same time and were always faster")
            .hint("run the same command again"))
    }
}
