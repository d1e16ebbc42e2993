//! What has to be done about the gateway, decided from everything it mounts.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::choose::{self, Search};
use super::collisions::{Obstacle, obstacles};
use super::detect::{Gateway, Layout};
use super::entry::{self, is_flow_entry, name};
use super::environment::Queue;
use super::loader::{Flow, Format};
use super::mount::{Contents, Mount, Mounted};
use super::reach::check_queue;
use super::stale::Stale;
use super::template::Edit;
use super::via::{Via, is_key};
use super::way::{Choice, Way, check_entries, files_of, flows};
use crate::cluster::{Access, Cluster, Resource};
use crate::error::{Error, Result};
use crate::event::{Change, Event};
use crate::kustomize::Object;
use crate::names::FlowName;

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
    /// The message queue of the actors.
    pub queue: Queue,
    /// The actor that drives the flow from its beginning, where one was rendered.
    pub start: Option<&'a str>,
    /// How to register; `None`: the way it is registered now, else the one of the gateway's
    /// generation.
    pub via: Option<Via>,
    /// Make a plain volume of flows a projected one.
    pub convert_volume: bool,
    /// Take data keys over that somebody else changed.
    pub force: bool,
}

/// One thing that will be done to the gateway, for those who show a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// `Kind namespace/name`.
    pub object: String,
    /// What becomes of it.
    pub change: Change,
    /// Why, in a few words: `mounts asya-flow-text-flow-config`.
    pub what: String,
}

/// What will be done about the gateway.
#[derive(Debug)]
pub struct GatewayPlan {
    pub(super) flow: String,
    pub(super) manager: String,
    pub(super) namespace: String,
    pub(super) actors_namespace: String,
    pub(super) force: bool,
    /// Where the flow is registered; `None` when it is not exposed.
    pub(super) gateway: Option<Gateway>,
    pub(super) way: Way,
    /// Files of the flow, as they will be mounted.
    pub(super) own: Vec<Mounted>,
    /// The flows in them.
    pub(super) flows: Vec<Flow>,
    /// What is left of earlier registrations.
    pub(super) stale: Stale,
    /// The flow was registered, and somebody took it out of the gateway.
    pub(super) lost: bool,
    /// The gateway serves the flow for the first time.
    pub(super) new: bool,
    pub(super) planned: Vec<Planned>,
    notes: Vec<Event>,
}

impl GatewayPlan {
    /// Looks at the gateway's namespace and decides. Writes nothing. Fails when the flow is
    /// exposed and there is no gateway for it, or when its entry would not work there.
    pub async fn new(cluster: &Cluster, wanted: &Wanted<'_>) -> Result<Self> {
        let mut plan = Self {
            flow: wanted.flow.to_string(),
            manager: wanted.manager.to_owned(),
            namespace: wanted.namespace.to_owned(),
            actors_namespace: wanted.actors_namespace.to_owned(),
            force: wanted.force,
            gateway: None,
            way: Way::Nowhere,
            own: Vec::new(),
            flows: flows(wanted.entries),
            stale: Stale::default(),
            lost: false,
            new: false,
            planned: Vec::new(),
            notes: Vec::new(),
        };
        let config_maps = Resource::config_maps();
        let found = match cluster.list_visible(&config_maps, wanted.namespace, &entry::selector()).await? {
            Ok(found) => Some(found),
            Err(refusal) => {
                plan.notes.push(unseen(wanted, &refusal));
                None
            }
        };
        let is_exposed = !wanted.entries.is_empty();
        let mut left = Stale::find(found.as_deref().unwrap_or_default(), &plan.flow, &plan.manager);
        if !is_exposed && left.is_empty() {
            return Ok(plan);
        }
        let deployments = choose::deployments(cluster, wanted.namespace).await?;
        if is_exposed {
            plan.decide(cluster, wanted, &deployments, &left).await?;
        }
        left.keep(&plan.way);
        left.locate(&deployments);
        plan.planned.extend(left.planned(&plan.namespace));
        plan.stale = left;
        Ok(plan)
    }

    /// What the user must be allowed to do to carry it out, besides applying the entries.
    pub fn access(&self) -> Vec<Access> {
        let mut access = Vec::new();
        for planned in &self.planned {
            let Some((kind, rest)) = planned.object.split_once(' ') else { continue };
            let object = rest.rsplit('/').next().unwrap_or_default();
            let resource = if kind == "Deployment" { Resource::deployments() } else { Resource::config_maps() };
            let verb = if planned.change == Change::Removed { "delete" } else { "patch" };
            access.push(Access::of(verb, &resource, &self.namespace, object));
        }
        access
    }

    /// The objects to apply: the flow's entries only where the gateway mounts them as they are.
    pub fn to_apply(&self, objects: Vec<Object>) -> Vec<Object> {
        let sources = self.way.sources();
        let is_wanted = |object: &Object| !is_flow_entry(object) || sources.iter().any(|name| name == object.name());
        objects.into_iter().filter(is_wanted).collect()
    }

    /// What will be done, besides applying the entries; nothing when the gateway is as it should
    /// be.
    pub fn planned(&self) -> &[Planned] {
        &self.planned
    }

    /// Whether the flow was registered before and is not mounted any more, as after a Helm
    /// upgrade. Applying registers it again.
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// The Deployment of the gateway, for an exposed flow.
    pub fn deployment(&self) -> Option<&str> {
        self.gateway.as_ref().map(|gateway| gateway.deployment.as_str())
    }

    /// How the flow gets into the gateway; `None` when it is not exposed.
    pub fn via(&self) -> Option<Via> {
        self.way.via()
    }

    /// What the reader should know before anything is done.
    pub fn notes(&self) -> &[Event] {
        &self.notes
    }

    /// Chooses gateway and way, and compares with what is there.
    async fn decide(
        &mut self,
        cluster: &Cluster,
        wanted: &Wanted<'_>,
        deployments: &[Value],
        left: &Stale,
    ) -> Result<()> {
        let Wanted { flow, context, namespace, .. } = wanted;
        let search = Search { namespace, gateway: wanted.gateway, context };
        let why = format!("flow `{flow}` is exposed, but ");
        let gateway = choose::choose(deployments, &search, &why, "; nothing was written").map_err(|error| {
            if !error.message().starts_with(&why) {
                return error;
            }
            error.hint(format!(
                "set `contexts.{context}.gateway_namespace` in `.asya/config.yaml`, or run `asya unexpose {flow} --context {context}`"
            ))
        })?;
        let Some(deployment) = choose::deployment_of(deployments, &gateway) else { return Ok(()) };
        check_queue(cluster, &gateway, deployment, wanted).await?;
        let mount = Mount::of(deployment).filter(|_| gateway.layout != Layout::Split);
        let adapters = [super::detect::MCP_ADAPTER, super::detect::A2A_ADAPTER];
        let shared = adapters.iter().filter_map(|adapter| super::detect::adapter_config_map(deployment, *adapter));
        let mut names: Vec<String> =
            mount.iter().flat_map(Mount::config_maps).chain(shared).map(str::to_owned).collect();
        names.extend(wanted.entries.iter().map(|entry| entry.name().to_owned()));
        let contents = Contents::read(cluster, namespace, &names).await?;
        self.way = Choice {
            gateway: &gateway,
            deployment,
            entries: wanted.entries,
            asked: wanted.via,
            now: left.via_in(&gateway, deployment),
            convert: wanted.convert_volume && gateway.layout == Layout::OneConfigMap,
            start: wanted.start,
            contents: &contents,
            search: &search,
            flow: flow.as_str(),
        }
        .way()?;
        self.own = self.files(wanted.entries);
        if gateway.layout != Layout::Split {
            if let Some(mount) = &mount {
                self.check_mounted(mount, &contents, "nothing was written")?;
                self.preview_mounted(deployment, mount, contents, wanted);
            }
        } else {
            for config_map in self.way.shared() {
                if let Some(live) = contents.get(config_map) {
                    self.check_shared(live, "nothing was written")?;
                }
            }
            self.preview_shared(&contents);
        }
        if self.lost {
            self.notes.push(Event::Note(format!(
                "gateway `{}` does not serve `{flow}` any more, as after a Helm upgrade; it is registered again",
                gateway.deployment
            )));
        }
        self.gateway = Some(gateway);
        Ok(())
    }

    fn files(&self, entries: &[Object]) -> Vec<Mounted> {
        let mounted = |config_map: &str, file: &str, text: &str| Mounted {
            config_map: config_map.to_owned(),
            file: file.to_owned(),
            text: text.to_owned(),
            registered: true,
        };
        match &self.way {
            Way::Source { .. } => files_of(entries).map(|(name, file, text)| mounted(name, file, text)).collect(),
            Way::Keys(all) => all
                .iter()
                .flat_map(|keys| {
                    let text = |text: &Value| text.as_str().unwrap_or_default().to_owned();
                    keys.data.iter().map(move |(key, value)| (&keys.config_map, key, text(value)))
                })
                .map(|(config_map, key, text)| mounted(config_map, key, &text))
                .collect(),
            Way::Nowhere | Way::Entries(_) => Vec::new(),
        }
    }

    /// Fails when the flow's files do not go with the others that are mounted. `so_far` says in the
    /// error what was done before.
    pub(super) fn check_mounted(&self, mount: &Mount, contents: &Contents, so_far: &str) -> Result<()> {
        let is_own = |file: &Mounted| {
            self.own.iter().any(|own| own.config_map == file.config_map && own.file == file.file)
                || self.way.sources().contains(&file.config_map)
                || self.is_earlier(contents.get(&file.config_map), file)
        };
        let others: Vec<Mounted> = contents.files(&mount.sources).into_iter().filter(|file| !is_own(file)).collect();
        self.refusal(obstacles(Format::Flows, &self.own, &others), so_far)
    }

    /// Fails when the flow's part of a ConfigMap of a split gateway does not go with the others.
    pub(super) fn check_shared(&self, live: &Value, so_far: &str) -> Result<()> {
        let found = match &self.way {
            Way::Entries(all) => all
                .iter()
                .filter(|entries| entries.config_map == name(live))
                .flat_map(|entries| check_entries(entries, live, &self.flow, &self.actors_namespace))
                .collect(),
            Way::Keys(all) => all
                .iter()
                .filter(|keys| keys.config_map == name(live))
                .flat_map(|keys| {
                    let own: Vec<Mounted> =
                        self.own.iter().filter(|own| own.config_map == keys.config_map).cloned().collect();
                    let whole = json!({"configMap": {"name": name(live)}});
                    let mut contents = Contents::default();
                    contents.put(name(live), live.clone());
                    let others = contents.files(&[whole]).into_iter();
                    let others = others.filter(|file| !own.iter().any(|own| own.file == file.file)).collect::<Vec<_>>();
                    obstacles(keys.format, &own, &others)
                })
                .collect(),
            _ => Vec::new(),
        };
        self.refusal(found, so_far)
    }

    fn refusal(&self, found: Vec<Obstacle>, so_far: &str) -> Result<()> {
        if found.is_empty() {
            return Ok(());
        }
        let mut error = Error::cluster(format!(
            "the flow cannot be registered with the gateway in namespace `{}`; {so_far}",
            self.namespace
        ));
        let mut hints = BTreeSet::new();
        for obstacle in found {
            error = error.because(obstacle.message);
            if hints.insert(obstacle.hint.clone()) {
                error = error.hint(obstacle.hint);
            }
        }
        Err(error)
    }

    /// Whether a file is what is left of an earlier registration of this flow.
    fn is_earlier(&self, object: Option<&Value>, file: &Mounted) -> bool {
        object.is_some_and(|object| match is_key(&file.file) {
            true => entry::keys_applied_by(object, &self.manager).contains(&file.file.as_str()),
            false => entry::flow_of(object) == Some(self.flow.as_str()) && entry::is_applied_by(object, &self.manager),
        })
    }

    /// What shall become of the sources of the gateway's volume.
    pub(super) fn edit(&self) -> Edit {
        match &self.way {
            Way::Source { add, convert } => Edit { add: add.clone(), remove: Vec::new(), convert: *convert },
            _ => Edit::default(),
        }
    }
}

fn unseen(wanted: &Wanted<'_>, refusal: &Error) -> Event {
    Event::Warning {
        message: format!(
            "whether an earlier entry of `{}` is left in namespace `{}` cannot be seen: {}",
            wanted.flow,
            wanted.namespace,
            refusal.message()
        ),
        hint: Some(
            refusal
                .hints()
                .iter()
                .map(String::as_str)
                .chain(["if it was exposed before, ask somebody who may to apply it"])
                .collect::<Vec<_>>()
                .join("; "),
        ),
    }
}
