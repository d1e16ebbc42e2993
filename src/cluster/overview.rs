//! The actors of a namespace with their pods and queues, as they are now.

use std::collections::BTreeMap;

use serde_json::Value;

use super::containers::{not_ready, statuses};
use super::readiness::{Readiness, actor_readiness};
use super::waiting::ACTOR_LABEL;
use super::{Cluster, Resource};
use crate::error::{Error, Result};

/// All actors of a namespace.
#[derive(Debug)]
pub struct Overview {
    /// By name.
    pub actors: BTreeMap<String, ActorView>,
    /// What the user may not see: pods, Deployments. The rest is told without.
    pub blind: Vec<Error>,
}

/// One actor.
#[derive(Debug)]
pub struct ActorView {
    /// The AsyncActor.
    pub live: Value,
    /// How it stands.
    pub readiness: Readiness,
    /// Its pods; `None` when they may not be seen.
    pub pods: Option<Vec<PodView>>,
}

/// One pod.
#[derive(Debug, Clone)]
pub struct PodView {
    /// Its name.
    pub name: String,
    /// All of its containers are ready.
    pub ready: bool,
    /// How often its containers were restarted.
    pub restarts: u64,
    /// Why it is not ready, in a few words.
    pub trouble: Option<String>,
}

impl Cluster {
    /// Looks at the actors of a namespace.
    pub async fn overview(&self, namespace: &str) -> Result<Overview> {
        let (kind, deployments, pods) = (Resource::actors(), Resource::deployments(), Resource::pods());
        // All, so that of several failures it is always the same that is told.
        let (actors, deployments, pods) = futures::future::join3(
            self.first(self.list(&kind, namespace, "")),
            self.list_visible(&deployments, namespace, ACTOR_LABEL),
            self.list_visible(&pods, namespace, ACTOR_LABEL),
        )
        .await;
        let actors = actors?;
        let mut blind = Vec::new();
        // Whatever keeps it from being seen, the rest is worth telling.
        let mut seen = |answer: Result<Result<Vec<Value>>>| match answer {
            Ok(Ok(objects)) => Some(objects),
            Ok(Err(error)) | Err(error) => {
                blind.push(error);
                None
            }
        };
        let (deployments, pods) = (seen(deployments), seen(pods));
        let view = |live: Value| {
            let name = name(&live).to_owned();
            let deployment = deployments.iter().flatten().find(|deployment| self::name(deployment) == name);
            let its: Option<Vec<&Value>> =
                pods.as_ref().map(|pods| pods.iter().filter(|pod| label(pod, ACTOR_LABEL) == Some(&name)).collect());
            let readiness = actor_readiness(Some(&live), deployment, its.as_deref().unwrap_or_default());
            let pods = its.map(|pods| pods.into_iter().map(pod_view).collect());
            (name, ActorView { live, readiness, pods })
        };
        let actors = actors.into_iter().map(view).collect();
        Ok(Overview { actors, blind })
    }
}

fn pod_view(pod: &Value) -> PodView {
    let trouble = match pod.pointer("/metadata/deletionTimestamp") {
        Some(_) => Some("Terminating".to_owned()),
        None => not_ready(pod),
    };
    PodView {
        name: name(pod).to_owned(),
        ready: trouble.is_none(),
        restarts: statuses(pod).filter_map(|status| status.get("restartCount")?.as_u64()).sum(),
        trouble,
    }
}

impl ActorView {
    /// The flow that its label names.
    pub fn flow(&self) -> Option<&str> {
        label(&self.live, "asya.sh/flow")
    }

    /// Text at a JSON pointer of the AsyncActor; `None` when there is none.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.live.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
    }
}

fn name(object: &Value) -> &str {
    object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}

fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.pointer("/metadata/labels")?.get(key)?.as_str()
}
