//! Server-side apply: tried first, then done, many objects at a time.

use futures::{StreamExt, TryStreamExt, stream};
use http::Request;
use kube::core::Status;
use serde_json::Value;

use super::conflict::{Conflict, conflicts};
use super::failure::{self, Doing};
use super::plan::{Plan, Step};
use super::request::{encoded, segment};
use super::{Cluster, Resources};
use crate::error::{Error, Result};
use crate::event::{Change, Event, Events};
use crate::kustomize::{Object, ObjectId};
use crate::names::{FlowName, counted};

/// How many requests are under way at a time.
pub(super) const PARALLEL: usize = 16;

/// How conflicts are dealt with.
#[derive(Debug, Clone, Copy, Default)]
pub struct ApplyOptions {
    /// Take fields over that other managers own.
    pub force_conflicts: bool,
}

/// The field manager under which a flow's objects are applied.
pub fn field_manager(flow: &FlowName) -> String {
    format!("asya-flow-{flow}")
}

/// Why an object was not applied.
enum Failed {
    /// The server refused this object: what it said, what to do.
    Refused { because: Vec<String>, hint: Option<String> },
    /// Its namespace does not exist.
    Nowhere(String),
    /// The server could not be asked.
    Broken(Error),
}

impl Cluster {
    /// Reads what is live and plans the apply of `objects`. Objects without a namespace go to
    /// `namespace`.
    pub async fn plan(
        &self,
        manager: &str,
        objects: Vec<Object>,
        resources: &Resources,
        namespace: &str,
    ) -> Result<Plan> {
        let objects: Vec<(Object, super::Resource, Option<Value>)> = stream::iter(objects)
            .map(|object| async move {
                let Some(resource) = resources.of(&object) else {
                    return Err(Error::cluster(format!("`{}` is of an unknown kind", object.id())));
                };
                let object = match (resource.namespaced, object.namespace()) {
                    (true, None) => object.in_namespace(namespace),
                    _ => object,
                };
                let live = self.get(resource, object.namespace().unwrap_or_default(), object.name()).await?;
                Ok((object, resource.clone(), live))
            })
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        Ok(Plan::new(manager, objects))
    }

    /// Sends the whole plan through the server's validation, admission and conflict detection
    /// without writing anything. Answers all refusals together.
    pub async fn try_out(&self, plan: &Plan, options: ApplyOptions) -> Result<()> {
        let new_namespaces = plan.new_namespaces();
        let steps = plan.steps().filter(|step| {
            step.change != Change::Unchanged
                && !step.object.namespace().is_some_and(|namespace| new_namespaces.contains(namespace))
        });
        let answers: Vec<(ObjectId, Result<Value, Failed>)> = stream::iter(steps)
            .map(|step| async move { (step.object.id(), self.apply_one(plan.manager(), step, options, true).await) })
            .buffered(PARALLEL)
            .collect()
            .await;
        let failed = answers.into_iter().filter_map(|(id, answer)| Some((id, answer.err()?))).collect();
        refusal(failed, "; nothing was written")
    }

    /// Carries the plan out, stage by stage, and answers what became of each object. A refusal
    /// ends it after the stage it happened in.
    pub async fn apply(
        &self,
        plan: &Plan,
        options: ApplyOptions,
        events: Events<'_>,
    ) -> Result<Vec<(ObjectId, Change)>> {
        let mut done = Vec::new();
        for stage in plan.stages() {
            let mut failed = Vec::new();
            let mut answers = stream::iter(stage)
                .map(|step| async move {
                    if step.change == Change::Unchanged {
                        return (step, Ok(Change::Unchanged));
                    }
                    let answer = self.apply_one(plan.manager(), step, options, false).await;
                    (step, answer.map(|now| became(step, &now)))
                })
                .buffered(PARALLEL);
            while let Some((step, answer)) = answers.next().await {
                let id = step.object.id();
                match answer {
                    Ok(change) => {
                        events(Event::Object { object: id.to_string(), change });
                        done.push((id, change));
                    }
                    Err(reason) => failed.push((id, reason)),
                }
            }
            refusal(failed, "")?;
        }
        Ok(done)
    }

    async fn apply_one(
        &self,
        manager: &str,
        step: &Step,
        options: ApplyOptions,
        dry_run: bool,
    ) -> Result<Value, Failed> {
        let Step { object, resource, .. } = step;
        let namespace = object.namespace().unwrap_or_default();
        let path = format!(
            "{}/{}?fieldManager={}&fieldValidation=Strict&force={}{}",
            resource.path(namespace),
            segment(object.name()).map_err(Failed::Broken)?,
            encoded(manager),
            options.force_conflicts || step.takes_over,
            if dry_run { "&dryRun=All" } else { "" },
        );
        let what = resource.describe(namespace, object.name());
        let doing = Doing { verb: "apply", what: &what };
        // JSON is YAML.
        let body = Some(("application/apply-patch+yaml", object.value().to_string().into_bytes()));
        let request = self.request(&doing, Request::patch(path), body).map_err(Failed::Broken)?;
        match self.client.request::<Value>(request).await {
            Ok(now) => Ok(now),
            Err(kube::Error::Api(status)) if dry_run && status.message.contains("does not support dry run") => {
                Ok(Value::Null)
            }
            Err(kube::Error::Api(status)) if !matches!(status.code, 401 | 403) => Err(refused(&status)),
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

fn refused(status: &Status) -> Failed {
    let conflicts = conflicts(status);
    if !conflicts.is_empty() {
        let because = conflicts
            .into_iter()
            .map(|Conflict { field, manager }| format!("`{}` belongs to `{manager}`, with another value", bare(&field)))
            .collect();
        let hint = "leave these fields out of the manifests, or take them over with `--force-conflicts`";
        return Failed::Refused { because, hint: Some(hint.to_owned()) };
    }
    let details = status.details.as_ref();
    if status.code == 404
        && let Some(details) = details
        && details.kind == "namespaces"
    {
        return Failed::Nowhere(details.name.clone());
    }
    if let Some(fields) = unknown_fields(&status.message) {
        return Failed::Refused {
            because: fields.iter().map(|field| format!("`{}` is not a field of its kind", bare(field))).collect(),
            hint: Some(
                "check the spelling in the manifests, and `platform.generation` in `.asya/config.yaml`".to_owned(),
            ),
        };
    }
    let causes: Vec<String> = details
        .iter()
        .flat_map(|details| &details.causes)
        .filter(|cause| !cause.field.is_empty())
        .map(|cause| format!("`{}`: {}", cause.field, cause.message))
        .collect();
    let because = if causes.is_empty() { vec![type_error(status)] } else { causes };
    Failed::Refused { because, hint: None }
}

/// The server's words; of a value of the wrong type only the field and what is wrong with it.
fn type_error(status: &Status) -> String {
    let text = failure::message(status);
    let typed = text.strip_prefix("failed to create typed patch object (").and_then(|rest| rest.split_once("): "));
    match typed.and_then(|(_, rest)| rest.split_once(": ")) {
        Some((field, wrong)) => format!("`{}`: {wrong}", bare(field)),
        None => text,
    }
}

/// A field without the dot that some answers begin it with.
fn bare(field: &str) -> &str {
    field.strip_prefix('.').unwrap_or(field)
}

/// The fields of strict validation: `….spec.imge: field not declared in schema` and
/// `unknown field "spec.imge"`.
fn unknown_fields(message: &str) -> Option<Vec<String>> {
    let mut fields: Vec<String> = message
        .match_indices(": field not declared in schema")
        .filter_map(|(at, _)| message.get(..at)?.split_whitespace().next_back().map(str::to_owned))
        .collect();
    for (at, word) in message.match_indices("unknown field \"") {
        if let Some((field, _)) = message.get(at + word.len()..).and_then(|rest| rest.split_once('"')) {
            fields.push(format!(".{field}"));
        }
    }
    (!fields.is_empty()).then_some(fields)
}

/// One error for everything that failed, unless nothing did.
fn refusal(failed: Vec<(ObjectId, Failed)>, tail: &str) -> Result<()> {
    let mut refused = Vec::new();
    for (id, reason) in failed {
        match reason {
            // The same would be said of every object.
            Failed::Broken(error) => return Err(error),
            Failed::Nowhere(namespace) => {
                return Err(Error::cluster(format!("there is no namespace `{namespace}`{tail}"))
                    .hint(format!("create it with `kubectl create namespace {namespace}`"))
                    .hint("or set another one: `namespace` of the context in `.asya/config.yaml`"));
            }
            Failed::Refused { because, hint } => refused.push((id, because, hint)),
        }
    }
    let mut error = match refused.as_slice() {
        [] => return Ok(()),
        [(id, ..)] => Error::cluster(format!("the cluster refuses `{id}`{tail}")),
        many => Error::cluster(format!("the cluster refuses {}{tail}", counted(many.len(), "object"))),
    };
    let several = refused.len() > 1;
    for (id, because, hint) in refused {
        for reason in because {
            error = error.because(if several { format!("`{id}`: {reason}") } else { reason });
        }
        error = error.hint_opt(hint);
    }
    Err(error)
}
