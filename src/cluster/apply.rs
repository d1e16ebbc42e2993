//! Server-side apply: planned, tried, then done, many objects at a time.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use http::{HeaderValue, Request, header};
use serde_json::Value;

use super::exchange::Guarded;
use super::failure::{self, Doing};
use super::halfway::Halfway;
use super::identity::Identity;
use super::inventory::{self, Inventory};
use super::managed::is_applied_by;
use super::plan::{Plan, Step};
use super::refusal::{Failed, Refused, refusal, refused};
use super::removal::removals;
use super::request::{encoded, segment};
use super::schema::Judged;
use super::{Cluster, Resource, Resources, beside};
use crate::error::{Error, Result};
use crate::event::{Change, Event, Events};
use crate::kustomize::{Object, ObjectId};
use crate::names::FlowName;

/// How many requests are under way at a time. On the same machine eight keep a server busy; one that
/// is far away is waited for less with more.
pub(super) const PARALLEL: usize = 16;

/// Asks for the metadata of an object alone, and for the object where a server does not know that.
const IN_BRIEF: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

/// How one object is applied.
#[derive(Debug, Clone, Copy)]
struct How {
    /// Take fields over that other managers own.
    force: bool,
    /// Write nothing.
    dry_run: bool,
    /// Every field of it is known to be in the schema: the server need not read it twice to find those
    /// that are not, which an apply refuses in any case.
    fits: bool,
    /// Answer with its metadata alone.
    in_brief: bool,
}

/// How conflicts are dealt with.
#[derive(Debug, Clone, Copy, Default)]
pub struct ApplyOptions {
    /// Take fields over that other managers own.
    pub force_conflicts: bool,
}

/// How much of a plan the server is asked to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Try {
    /// What may be refused: changes, and what is new unless it is certain to be accepted.
    Doubtful,
    /// Everything that is to be written.
    Everything,
}

/// The field manager under which a flow's objects are applied.
pub fn field_manager(flow: &FlowName) -> String {
    format!("{}{flow}", super::managed::FLOWS)
}

impl Cluster {
    /// Reads what is live and plans the apply of `objects`, and the removal of what `manager`
    /// applied before and that is not among them. Objects without a namespace go to `namespace`,
    /// where the flow's inventory is too.
    pub async fn plan(
        &self,
        manager: &str,
        objects: Vec<Object>,
        resources: &Resources,
        namespace: &str,
    ) -> Result<Plan> {
        let mut placed: Vec<(Object, Resource)> = Vec::new();
        for object in objects {
            let Some(resource) = resources.of(&object) else {
                return Err(Error::cluster(format!("`{}` is of an unknown kind", object.id())));
            };
            let object = match (resource.namespaced, object.namespace()) {
                (true, None) => object.in_namespace(namespace),
                _ => object,
            };
            placed.push((object, resource.clone()));
        }
        let wanted: BTreeMap<Identity, Resource> =
            placed.iter().map(|(object, resource)| (Identity::of(object), resource.clone())).collect();
        let (inventory_live, mut seen) = beside(
            self.get(&inventory::resource(), namespace, &inventory::config_map_name(manager)),
            self.read_live(wanted.clone(), Some((namespace, &|actor| is_applied_by(actor, manager)))),
        )
        .await?;
        let inventory = inventory_live.as_ref().map(Inventory::of_config_map).unwrap_or_default();
        let known = Resources::discover_known(
            self,
            inventory.entries().map(|entry| &entry.id).filter(|id| resources.of_id(id).is_none()),
        )
        .await?;
        let further = inventory.entries().filter_map(|entry| {
            let identity: Identity = entry.id.clone().into();
            let resource = resources.of_id(&entry.id).or_else(|| known.of_id(&entry.id))?;
            (!wanted.contains_key(&identity) && !seen.has(&identity)).then(|| (identity, resource.clone()))
        });
        let further: BTreeMap<Identity, Resource> = further.collect();
        seen.add(self.read_live(further, None).await?);
        let objects: Vec<_> = placed
            .into_iter()
            .map(|(object, resource)| {
                let live = seen.take(&Identity::of(&object));
                (object, resource, live)
            })
            .collect();
        let mut plan = Plan::new(manager, namespace, objects);
        let removals = removals(&inventory, seen.rest(), manager);
        plan.inventory = inventory;
        plan.inventory_live = inventory_live;
        Ok(plan.with_removals(removals))
    }

    /// Sends steps of the plan through the server's validation, admission and conflict detection
    /// without writing anything. Answers all refusals together; steps that would change nothing
    /// become unchanged.
    pub async fn try_out(&self, plan: &mut Plan, what: Try, options: ApplyOptions) -> Result<()> {
        let new_namespaces = plan.new_namespaces();
        let is_tried = |step: &Step| {
            step.change != Change::Unchanged
                && !step.object.namespace().is_some_and(|namespace| new_namespaces.contains(namespace))
        };
        let manager = plan.manager();
        let steps: Vec<((usize, usize), &Step)> = plan
            .stages()
            .iter()
            .enumerate()
            .flat_map(|(stage, steps)| steps.iter().enumerate().map(move |(at, step)| ((stage, at), step)))
            .filter(|(_, step)| is_tried(step))
            .collect();
        let Judged { doubtful: steps, fitting } = match what {
            Try::Everything => Judged { doubtful: steps, fitting: Vec::new() },
            Try::Doubtful => self.judge(steps).await?,
        };
        let answers: Vec<_> = stream::iter(steps)
            .map(|(at, step)| async move { (at, step, self.apply_one(manager, step, options, true).await) })
            .buffered(PARALLEL)
            .collect()
            .await;
        let mut tried = Vec::new();
        let mut failed = Vec::new();
        for (at, step, answer) in answers {
            match answer {
                Ok(merged) => tried.push((at, merged)),
                Err(reason) => failed.push((step.object.id(), reason)),
            }
        }
        refusal(failed, "; nothing was written")?;
        plan.take_tried(tried);
        plan.take_fitting(&fitting);
        Ok(())
    }

    /// Carries the plan out, stage by stage, and answers what became of each object. A refusal
    /// ends it after the stage it happened in. Removals are left to [`Cluster::prune`].
    pub async fn apply(
        &self,
        plan: &Plan,
        options: ApplyOptions,
        events: Events<'_>,
    ) -> Result<Vec<(ObjectId, Change)>> {
        let mut done = Vec::new();
        for (number, stage) in plan.stages().iter().enumerate() {
            // Its namespace is there now, and nothing else of the flow.
            if number == 1 {
                self.record(plan).await?;
            }
            let mut failed = Vec::new();
            // What takes long does not hold up the rest, and is still told of in its turn.
            let mut answers = stream::iter(stage.iter().enumerate())
                .map(|(at, step)| async move {
                    if step.change == Change::Unchanged {
                        return (at, Ok(Change::Unchanged));
                    }
                    let answer = self.apply_one(plan.manager(), step, options, false).await;
                    (at, answer.map(|now| became(step, &now)))
                })
                .buffer_unordered(PARALLEL);
            let mut early = BTreeMap::new();
            let mut turns = stage.iter().enumerate();
            let mut turn = turns.next();
            while let Some((at, answer)) = answers.next().await {
                early.insert(at, answer);
                while let Some((at, step)) = turn
                    && let Some(answer) = early.remove(&at)
                {
                    turn = turns.next();
                    let id = step.object.id();
                    match answer {
                        Ok(change) => {
                            events(Event::Object { object: id.to_string(), change });
                            done.push((id, change));
                        }
                        Err(reason) => failed.push((id, reason)),
                    }
                }
            }
            let named = failed.iter().filter(|(_, reason)| matches!(reason, Failed::Refused(_)));
            let named = named.map(|(id, _)| id.clone()).collect();
            let halfway = Halfway { plan, done: &done, named };
            refusal(failed, &halfway.tail()).map_err(|error| halfway.explain(error))?;
        }
        Ok(done)
    }

    /// Applies one object outside a plan, and answers what the server has then.
    pub(super) async fn apply_value(
        &self,
        resource: &Resource,
        manager: &str,
        value: &Value,
        force: bool,
    ) -> Result<Result<Value, Refused>> {
        let how = How { force, dry_run: false, fits: false, in_brief: false };
        match self.send_apply(resource, manager, (value, None), how).await {
            Ok(now) => Ok(Ok(now)),
            Err(Failed::Refused(refused)) => Ok(Err(refused)),
            Err(Failed::Nowhere(namespace)) => Err(super::refusal::nowhere(&namespace, "")),
            Err(Failed::Broken(error)) => Err(error),
        }
    }

    async fn apply_one(
        &self,
        manager: &str,
        step: &Step,
        options: ApplyOptions,
        dry_run: bool,
    ) -> Result<Value, Failed> {
        let force = options.force_conflicts || step.takes_over;
        let how = How { force, dry_run, fits: step.fits, in_brief: !dry_run };
        self.send_apply(&step.resource, manager, (step.object.value(), step.live.as_ref()), how).await
    }

    /// Applies a value over what is live, as far as that is known.
    async fn send_apply(
        &self,
        resource: &Resource,
        manager: &str,
        (value, live): (&Value, Option<&Value>),
        How { force, dry_run, fits, in_brief }: How,
    ) -> Result<Value, Failed> {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
        let path = format!(
            "{}/{}?fieldManager={}&fieldValidation={}&force={force}{}",
            resource.path(namespace),
            segment(name).map_err(Failed::Broken)?,
            encoded(manager),
            if fits && !dry_run { "Ignore" } else { "Strict" },
            if dry_run { "&dryRun=All" } else { "" },
        );
        let what = resource.describe(namespace, name);
        let doing = Doing { verb: "apply", what: &what };
        // JSON is YAML.
        let body = Some(("application/apply-patch+yaml", value.to_string().into_bytes()));
        let mut request = self.request(&doing, Request::patch(path), body).map_err(Failed::Broken)?;
        if !text("/metadata/resourceVersion").is_empty() {
            request.extensions_mut().insert(Guarded);
        }
        if in_brief {
            request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(IN_BRIEF));
        }
        match self.exchange::<Value>(request).await {
            Ok(now) => Ok(now),
            Err(kube::Error::Api(status)) if dry_run && status.message.contains("does not support dry run") => {
                Ok(Value::Null)
            }
            // Admission forbids objects, with the same code that is for what the user may not do.
            Err(kube::Error::Api(status))
                if !matches!(status.code, 401 | 403 | 429 | 502..=504)
                    || (status.code == 403 && !failure::is_about_permissions(&status)) =>
            {
                Err(refused(&status, value, live))
            }
            Err(error) => Err(Failed::Broken(failure::explain(self, &doing, &error))),
        }
    }
}

/// What an apply did, seen from the object's version before and after.
fn became(step: &Step, now: &Value) -> Change {
    let version =
        |object: &Value| object.pointer("/metadata/resourceVersion").and_then(Value::as_str).map(str::to_owned);
    match &step.live {
        None => Change::Created,
        Some(live) if version(live).is_some() && version(live) == version(now) => Change::Unchanged,
        Some(_) => Change::Changed,
    }
}
