//! What has to be done about the gateway, decided from everything it mounts.

use std::collections::BTreeSet;

use serde_json::Value;

use super::collisions::{Mounted, obstacles};
use super::detect::{self, Detected, Gateway, Layout, detect};
use super::entry::{self, is_flow_entry, name};
use super::loader;
use super::sources::{config_map, files, projected};
use crate::cluster::{Access, Cluster, Resource, is_applied_by};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::kustomize::Object;
use crate::names::{FlowName, counted, listed};

/// What the gateway of an environment shall know of a flow.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// The flow.
    pub flow: &'a FlowName,
    /// The context of the project, for hints.
    pub context: &'a str,
    /// The field manager the flow is applied with.
    pub manager: &'a str,
    /// The gateway's namespace.
    pub namespace: &'a str,
    /// The actors' namespace.
    pub actors_namespace: &'a str,
    /// Helm release or Deployment, where there are several gateways.
    pub gateway: Option<&'a str>,
    /// The flow's entries as rendered; none when it is not exposed.
    pub entries: &'a [Object],
    /// The message queue, if its queue names carry the namespace: a gateway then reaches only
    /// actors of its own namespace.
    pub namespaced_queue: Option<&'a str>,
}

/// What will be done about the gateway.
#[derive(Debug)]
pub struct GatewayPlan {
    pub(super) namespace: String,
    /// Where the flow is registered; `None` when it is not exposed.
    pub(super) gateway: Option<Gateway>,
    /// ConfigMaps the gateway must mount.
    pub(super) add: Vec<String>,
    /// Files of those ConfigMaps, as they will be.
    pub(super) own: Vec<Mounted>,
    /// ConfigMaps of other people that have been checked.
    pub(super) checked: BTreeSet<String>,
    /// Some of `add` is not mounted yet.
    pub(super) unmounted: bool,
    /// The gateway mounts it already, but only a restart makes it read the new tool.
    pub(super) restart: bool,
    /// Entries of this flow that are no longer wanted, as they are now.
    pub(super) stale: Vec<Value>,
    /// Deployments that mount a stale entry.
    pub(super) stale_in: Vec<String>,
    notes: Vec<Event>,
}

impl GatewayPlan {
    /// Looks at the gateway's namespace and decides. Writes nothing. Fails when the flow is
    /// exposed and there is no gateway for it, or when its entry would not work there.
    pub async fn new(cluster: &Cluster, wanted: &Wanted<'_>) -> Result<Self> {
        let mut plan = Self {
            namespace: wanted.namespace.to_owned(),
            gateway: None,
            add: wanted.entries.iter().map(|entry| entry.name().to_owned()).collect(),
            own: wanted.entries.iter().flat_map(mounted_by).collect(),
            checked: BTreeSet::new(),
            unmounted: false,
            restart: false,
            stale: Vec::new(),
            stale_in: Vec::new(),
            notes: Vec::new(),
        };
        plan.find_stale(cluster, wanted).await?;
        if wanted.entries.is_empty() && plan.stale.is_empty() {
            return Ok(plan);
        }
        let deployments = gateway_deployments(cluster, wanted.namespace).await?;
        plan.stale_in = mounting(&deployments, &plan.stale);
        if !wanted.entries.is_empty() {
            let gateway = chosen(detect(&deployments, wanted.gateway), wanted)?;
            supported(&gateway, wanted)?;
            reachable(&gateway, wanted)?;
            let deployment = deployments.iter().find(|deployment| name(deployment) == gateway.deployment);
            plan.gateway = Some(gateway);
            plan.check(cluster, deployment).await?;
        }
        Ok(plan)
    }

    /// What the user must be allowed to do to carry it out, besides applying the entries.
    pub fn access(&self) -> Vec<Access> {
        let mut access = Vec::new();
        let mut patched: BTreeSet<&str> = self.stale_in.iter().map(String::as_str).collect();
        if let Some(gateway) = self.gateway.as_ref().filter(|_| self.unmounted || self.restart) {
            patched.insert(&gateway.deployment);
        }
        for deployment in patched {
            access.push(Access::of("patch", &Resource::deployments(), &self.namespace, deployment));
        }
        for entry in &self.stale {
            access.push(Access::of("delete", &Resource::config_maps(), &self.namespace, name(entry)));
        }
        access
    }

    /// The objects to apply: the flow's entries note a restart that is still to be done.
    pub fn noted(&self, objects: Vec<Object>) -> Vec<Object> {
        let note = |object: Object| match self.restart && is_flow_entry(&object) {
            true => entry::with_restart_pending(object),
            false => object,
        };
        objects.into_iter().map(note).collect()
    }

    /// What the reader should know before anything is done.
    pub fn notes(&self) -> &[Event] {
        &self.notes
    }

    /// Entries of the flow that this flow applied and that are not rendered any more.
    async fn find_stale(&mut self, cluster: &Cluster, wanted: &Wanted<'_>) -> Result<()> {
        let selector = entry::selector(wanted.flow.as_str());
        let config_maps = Resource::config_maps();
        match cluster.list_visible(&config_maps, wanted.namespace, &selector).await? {
            Ok(entries) => {
                self.stale = entries
                    .into_iter()
                    .filter(|entry| {
                        is_applied_by(entry, wanted.manager) && !self.add.iter().any(|kept| kept == name(entry))
                    })
                    .collect();
            }
            Err(refusal) => self.notes.push(Event::Warning {
                message: format!(
                    "whether an earlier entry of `{}` is left in namespace `{}` cannot be seen: {}",
                    wanted.flow,
                    wanted.namespace,
                    refusal.message()
                ),
                hint: Some("if it was exposed before, ask somebody who may to apply it".to_owned()),
            }),
        }
        Ok(())
    }

    /// Compares the flow's entries with what the gateway mounts.
    async fn check(&mut self, cluster: &Cluster, deployment: Option<&Value>) -> Result<()> {
        let Some((_, sources)) = deployment.and_then(projected) else { return Ok(()) };
        self.check_foreign(cluster, &sources, "nothing was written").await?;
        for entry in &self.add {
            let is_listed = sources.iter().any(|source| config_map(source) == Some(entry.as_str()));
            if !is_listed {
                self.unmounted = true;
                continue;
            }
            let live = cluster.get(&Resource::config_maps(), &self.namespace, entry).await?;
            let before: Vec<Value> = live
                .iter()
                .filter_map(|live| live.get("data")?.as_object())
                .flatten()
                .filter_map(|(_, text)| text.as_str())
                .flat_map(tools)
                .collect();
            let after: Vec<Value> =
                self.own.iter().filter(|file| file.config_map == *entry).flat_map(|file| tools(&file.text)).collect();
            self.restart |= before != after || live.as_ref().is_some_and(entry::is_restart_pending);
        }
        Ok(())
    }

    /// Reads the sources that were not checked yet and fails when the flow's entry does not go
    /// with them. `so_far` says in the error what was done before.
    pub(super) async fn check_foreign(&mut self, cluster: &Cluster, sources: &[Value], so_far: &str) -> Result<()> {
        let mut others = Vec::new();
        for source in sources {
            let Some(other) = config_map(source) else { continue };
            if self.add.iter().any(|own| own == other) || !self.checked.insert(other.to_owned()) {
                continue;
            }
            // A stale entry of this very flow is about to leave.
            if self.stale.iter().any(|stale| name(stale) == other) {
                continue;
            }
            let Some(live) = cluster.get(&Resource::config_maps(), &self.namespace, other).await? else { continue };
            others.extend(files(source, &live).into_iter().map(|(file, text)| Mounted {
                config_map: other.to_owned(),
                file: file.to_owned(),
                text: text.to_owned(),
            }));
        }
        let found = obstacles(&self.own, &others);
        if found.is_empty() {
            return Ok(());
        }
        let mut error = Error::cluster(format!(
            "the flow cannot be registered with the gateway in namespace `{}`; {so_far}",
            self.namespace
        ));
        for obstacle in found {
            error = error.because(obstacle.message).hint(obstacle.hint);
        }
        Err(error)
    }
}

/// The Deployments of gateways in a namespace: by label, else by image.
pub(super) async fn gateway_deployments(cluster: &Cluster, namespace: &str) -> Result<Vec<Value>> {
    let labelled = cluster.list(&Resource::deployments(), namespace, &detect::selector()).await?;
    if !labelled.is_empty() {
        return Ok(labelled);
    }
    let all = cluster.list(&Resource::deployments(), namespace, "").await?;
    Ok(all.into_iter().filter(detect::runs_gateway_image).collect())
}

/// The Deployments whose flows volume lists one of `entries`.
fn mounting(deployments: &[Value], entries: &[Value]) -> Vec<String> {
    let mounts = |deployment: &&Value| {
        projected(deployment).is_some_and(|(_, sources)| {
            sources.iter().filter_map(config_map).any(|source| entries.iter().any(|entry| name(entry) == source))
        })
    };
    deployments.iter().filter(mounts).map(|deployment| name(deployment).to_owned()).collect()
}

fn mounted_by(entry: &Object) -> Vec<Mounted> {
    let data = entry.value().get("data").and_then(Value::as_object);
    data.into_iter()
        .flatten()
        .filter_map(|(file, text)| {
            Some(Mounted { config_map: entry.name().to_owned(), file: file.clone(), text: text.as_str()?.to_owned() })
        })
        .collect()
}

fn tools(text: &str) -> Vec<Value> {
    loader::load(text).unwrap_or_default().iter().filter_map(loader::Flow::tool).collect()
}

fn chosen(detected: Detected, wanted: &Wanted<'_>) -> Result<Gateway> {
    let Wanted { flow, context, namespace, .. } = wanted;
    let names =
        |gateways: &[Gateway]| listed(&gateways.iter().map(|gateway| gateway.release.as_str()).collect::<Vec<_>>());
    match detected {
        Detected::One(gateway) => Ok(gateway),
        Detected::None => Err(Error::cluster(format!(
            "flow `{flow}` is exposed, but there is no gateway in namespace `{namespace}`; nothing was written"
        ))
        .because("no Deployment there has the label `app.kubernetes.io/name=asya-gateway`, or an image `asya-gateway`")
        .hint(format!(
            "set `contexts.{context}.gateway_namespace` in `.asya/config.yaml`, or run `asya unexpose {flow} --context {context}`"
        ))),
        Detected::Several(found) => Err(Error::cluster(format!(
            "there are {} in namespace `{namespace}`: {}; nothing was written",
            counted(found.len(), "gateway"),
            names(&found)
        ))
        .hint(format!("choose one with `--gateway`, or set `contexts.{context}.gateway` in `.asya/config.yaml`"))),
        Detected::Unknown(found) => Err(Error::cluster(format!(
            "there is no gateway `{}` in namespace `{namespace}`; nothing was written",
            wanted.gateway.unwrap_or_default()
        ))
        .because(match found.as_slice() {
            [] => "there is no gateway at all".to_owned(),
            some => format!("there is {}", names(some)),
        })
        .hint(format!("change `--gateway`, or `contexts.{context}.gateway` in `.asya/config.yaml`"))),
    }
}

/// Only gateways that mount one ConfigMap a flow can be given one.
fn supported(gateway: &Gateway, wanted: &Wanted<'_>) -> Result<()> {
    let Gateway { deployment, .. } = gateway;
    let namespace = wanted.namespace;
    let (how, instead) = match gateway.layout {
        Layout::Projected => return Ok(()),
        Layout::OneConfigMap => (
            "it mounts one ConfigMap for all flows",
            format!(
                "add the entry as a data key of its own to the ConfigMap that volume `{}` of Deployment `{deployment}` \
                 mounts, or upgrade the chart to one with `flowConfigMaps`",
                detect::FLOWS_VOLUME
            ),
        ),
        Layout::Split => (
            "it is split into adapters with two shared ConfigMaps",
            format!(
                "add the entry to the ConfigMaps with label `asya.sh/config-type` `mcp-tools` or `a2a-agents` in namespace `{namespace}`"
            ),
        ),
        Layout::Legacy => (
            "it has no volume of flows: it is older than flows, or made by hand",
            "upgrade the chart `asya-gateway`, or mount the entry by hand".to_owned(),
        ),
    };
    let (flow, context) = (wanted.flow, wanted.context);
    Err(Error::cluster(format!(
        "`asya k apply` cannot register with gateway `{deployment}` in namespace `{namespace}` yet; nothing was written"
    ))
    .because(how)
    .hint(instead)
    .hint(format!("to deploy the actors alone, run `asya unexpose {flow} --context {context}` first")))
}

/// On queues whose names carry the namespace, a gateway reaches only its own.
fn reachable(gateway: &Gateway, wanted: &Wanted<'_>) -> Result<()> {
    let Some(queue) = wanted.namespaced_queue else { return Ok(()) };
    let gateways = gateway.queue_namespace.as_deref().unwrap_or(wanted.namespace);
    if gateways == wanted.actors_namespace {
        return Ok(());
    }
    Err(Error::cluster(format!(
        "gateway `{}` cannot reach actors in namespace `{}`; nothing was written",
        gateway.deployment, wanted.actors_namespace
    ))
    .because(format!("on {queue} the names of queues carry the namespace, and this gateway sends to `{gateways}`"))
    .hint(format!(
        "deploy the actors to `{gateways}`, or set `platform.transport` in `.asya/config.yaml` if the queue is another one"
    )))
}
