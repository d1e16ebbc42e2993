//! What is written where, for a flow that a gateway shall serve.

use serde_json::{Map, Value, json};

use super::choose::Search;
use super::collisions::obstacles;
use super::detect::{self, Gateway, Layout};
use super::entry::{annotation, name};
use super::lists::without_item;
use super::loader::{self, Flow, Format};
use super::mount::{Contents, Mount, Mounted, config_map, picks_keys};
use super::split;
use super::via::{Via, key_of};
use crate::error::{Error, Result};
use crate::kustomize::Object;

/// What is written where.
#[derive(Debug, Clone)]
pub(super) enum Way {
    /// Nothing: the flow is not exposed.
    Nowhere,
    /// ConfigMaps of the flow, mounted as sources.
    Source {
        /// Their names.
        add: Vec<String>,
        /// The plain volume is made a projected one.
        convert: bool,
    },
    /// Data keys in shared ConfigMaps.
    Keys(Vec<Keys>),
    /// Entries in shared lists.
    Entries(Vec<Entries>),
}

/// Data keys of a flow in a shared ConfigMap.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub(super) config_map: String,
    pub(super) format: Format,
    pub(super) data: Map<String, Value>,
}

/// Entries of a flow in a shared list.
#[derive(Debug, Clone)]
pub(super) struct Entries {
    pub(super) config_map: String,
    pub(super) format: Format,
    pub(super) items: Vec<Value>,
}

impl Entries {
    /// The data key of the list.
    pub(super) fn key(&self) -> &'static str {
        list_key(self.format)
    }
}

/// The data key with the list of a split gateway.
pub(super) fn list_key(format: Format) -> &'static str {
    match format {
        Format::Flows => "flows.yaml",
        Format::Tools => "tools.yaml",
        Format::Agents => "agents.yaml",
    }
}

/// The annotation of a shared ConfigMap that says whose entries of a name are.
pub(super) fn registered_key(flow: &str) -> String {
    format!("registered.asya.sh/{flow}")
}

impl Way {
    /// How it is called.
    pub(super) fn via(&self) -> Option<Via> {
        match self {
            Self::Nowhere => None,
            Self::Source { .. } => Some(Via::Source),
            Self::Keys(_) => Some(Via::Key),
            Self::Entries(_) => Some(Via::Entry),
        }
    }

    /// The ConfigMaps of the flow itself that it needs.
    pub(super) fn sources(&self) -> &[String] {
        match self {
            Self::Source { add, .. } => add,
            _ => &[],
        }
    }

    /// The shared ConfigMaps it writes into.
    pub(super) fn shared(&self) -> Vec<&str> {
        match self {
            Self::Keys(all) => all.iter().map(|keys| keys.config_map.as_str()).collect(),
            Self::Entries(all) => all.iter().map(|entries| entries.config_map.as_str()).collect(),
            _ => Vec::new(),
        }
    }
}

/// What decides on the way.
pub(super) struct Choice<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) deployment: &'a Value,
    pub(super) entries: &'a [Object],
    /// What was asked for.
    pub(super) asked: Option<Via>,
    /// How the flow is registered now.
    pub(super) now: Option<Via>,
    pub(super) convert: bool,
    /// The actor that drives the flow from its beginning.
    pub(super) start: Option<&'a str>,
    /// What is mounted.
    pub(super) contents: &'a Contents,
    pub(super) search: &'a Search<'a>,
    pub(super) flow: &'a str,
}

impl Choice<'_> {
    /// The way into the gateway: the one asked for, else the one it came by, else the one of its
    /// generation. Fails where the gateway has no such way.
    pub(super) fn way(&self) -> Result<Way> {
        let asked = self.asked.or(if self.convert { Some(Via::Source) } else { self.now });
        match (self.gateway.layout, asked) {
            (Layout::Legacy, _) => Err(self.refusal(
                "it has no volume of flows: it is older than flows, or made by hand",
                "upgrade the chart `asya-gateway`, or mount the entry by hand",
            )),
            (Layout::Split, Some(Via::Key)) => self.split_keys().map(Way::Keys),
            (Layout::Split, None | Some(Via::Entry)) => self.split_entries().map(Way::Entries),
            (Layout::Split, Some(Via::Source)) => Err(self.refusal(
                "it is split into adapters, which read two shared ConfigMaps and no volume of sources",
                "leave `--via` out, or say `--via key`",
            )),
            (_, Some(Via::Entry)) => Err(self.refusal(
                "it has no lists of tools and agents; only split gateways do",
                "leave `--via` out, or say `--via key`",
            )),
            (Layout::Projected, None | Some(Via::Source)) => Ok(self.source(false)),
            (Layout::OneConfigMap, Some(Via::Source)) if self.convert => Ok(self.source(true)),
            (Layout::OneConfigMap, Some(Via::Source)) if self.asked.is_some() => Err(self.refusal(
                &format!("its volume `{}` is one plain ConfigMap, to which no source can be added", detect::FLOWS_VOLUME),
                "leave `--via` out to add a data key to that ConfigMap, or have the volume changed with `--convert-volume`",
            )),
            (Layout::OneConfigMap, _) | (Layout::Projected, Some(Via::Key)) => self.keys().map(Way::Keys),
        }
    }

    fn source(&self, convert: bool) -> Way {
        Way::Source { add: self.entries.iter().map(|entry| entry.name().to_owned()).collect(), convert }
    }

    /// One data key for each file of the entries, in the chart's own ConfigMap.
    fn keys(&self) -> Result<Vec<Keys>> {
        let mount = Mount::of(self.deployment);
        let sources = mount.as_ref().map_or(&[][..], |mount| &mount.sources);
        // The chart's own is the first; the others are flows of somebody.
        let own = sources.iter().find(|source| {
            config_map(source).is_some_and(|name| self.contents.get(name).and_then(super::entry::flow_of).is_none())
        });
        let Some((source, shared)) = own.and_then(|source| Some((source, config_map(source)?))) else {
            return Err(self.refusal("it mounts no ConfigMap that several flows could share", "leave `--via` out"));
        };
        let whole = "mount all of it: `volumes` of the Deployment must not list `items` or `subPath`";
        if picks_keys(source) {
            return Err(self.refusal(&format!("it mounts only some keys of ConfigMap `{shared}`"), whole));
        }
        if detect::mounts_one_file(self.deployment) {
            return Err(self.refusal("its container mounts one file of the volume, not the whole", whole));
        }
        self.present(shared)?;
        let data = files_of(self.entries).map(|(_, file, text)| (key_of(file), json!(text))).collect();
        Ok(vec![Keys { config_map: shared.to_owned(), format: Format::Flows, data }])
    }

    fn split_keys(&self) -> Result<Vec<Keys>> {
        let keys = self.split_entries()?.into_iter().map(|entries| {
            let Entries { config_map, format, items } = entries;
            let text = crate::yaml::write_ordered(&json!({ format.list(): items }));
            let data = Map::from_iter([(key_of(&format!("{}.yaml", self.flow)), json!(text))]);
            Keys { config_map, format, data }
        });
        Ok(keys.collect())
    }

    fn split_entries(&self) -> Result<Vec<Entries>> {
        let mut all = Vec::new();
        for (format, adapter) in [(Format::Tools, detect::MCP_ADAPTER), (Format::Agents, detect::A2A_ADAPTER)] {
            let mut items = Vec::new();
            for flow in flows(self.entries) {
                let item = split::item(&flow, format, self.start).map_err(|reason| {
                    self.refusal(&reason, &format!("compile the flow again with `asya compile {}`", self.flow))
                })?;
                items.extend(item);
            }
            if items.is_empty() {
                continue;
            }
            let Some(shared) = detect::adapter_config_map(self.deployment, adapter) else {
                let (container, volume) = adapter;
                return Err(self.refusal(
                    &format!("it has no container `{container}` with a volume `{volume}`"),
                    &format!(
                        "enable it in the chart's values: `{}.enabled`",
                        if format == Format::Tools { "mcp" } else { "a2a" }
                    ),
                ));
            };
            self.present(shared)?;
            all.push(Entries { config_map: shared.to_owned(), format, items });
        }
        Ok(all)
    }

    fn present(&self, config_map: &str) -> Result<()> {
        match self.contents.get(config_map) {
            Some(_) => Ok(()),
            None => Err(self.refusal(
                &format!("ConfigMap `{config_map}`, which it mounts, does not exist"),
                "have the gateway's chart upgraded, which makes it",
            )),
        }
    }

    fn refusal(&self, how: &str, instead: &str) -> Error {
        let Search { namespace, context, .. } = self.search;
        let (flow, deployment) = (self.flow, &self.gateway.deployment);
        Error::cluster(format!(
            "flow `{flow}` cannot be registered with gateway `{deployment}` in namespace `{namespace}`; nothing was written"
        ))
        .because(how)
        .hint(instead)
        .hint(format!("to deploy the actors alone, run `asya unexpose {flow} --context {context}` first"))
    }
}

/// The files of entries: ConfigMap, file, text.
pub(super) fn files_of(entries: &[Object]) -> impl Iterator<Item = (&str, &str, &str)> {
    entries.iter().flat_map(|entry| {
        let data = entry.value().get("data").and_then(Value::as_object);
        data.into_iter().flatten().filter_map(|(file, text)| Some((entry.name(), file.as_str(), text.as_str()?)))
    })
}

/// The flows that entries describe; those the gateway would refuse are left out.
pub(super) fn flows(entries: &[Object]) -> Vec<Flow> {
    files_of(entries).flat_map(|(_, _, text)| loader::load(Format::Flows, text).unwrap_or_default()).collect()
}

/// Fails when a flow's part of a shared ConfigMap does not go with the parts of others. `owner` is
/// the namespace of the flow's actors.
pub(super) fn check_entries(
    entries: &Entries,
    live: &Value,
    flow: &str,
    owner: &str,
) -> Vec<super::collisions::Obstacle> {
    let config_map = name(live);
    let registered = annotation(live, &registered_key(flow));
    let mounted =
        |file: String, text: String| Mounted { config_map: config_map.to_owned(), file, text, registered: false };
    let mut others = Vec::new();
    for (key, text) in live.get("data").and_then(Value::as_object).into_iter().flatten() {
        let mut text = text.as_str().unwrap_or_default().to_owned();
        if key == entries.key() {
            for item in &entries.items {
                let item_name = item.get("name").and_then(Value::as_str).unwrap_or_default();
                let known = loader::load(entries.format, &text).unwrap_or_default();
                let same_actor =
                    known.iter().any(|known| known.name == item_name && known.entry.get("actor") == item.get("actor"));
                // Entries bear no owner. Ours is what we noted, and what leads to the same actor.
                if (registered.is_none() && same_actor) || registered == Some(owner) {
                    text = without_item(&text, entries.format.list(), item_name).unwrap_or(text);
                }
            }
        }
        others.push(mounted(key.clone(), text));
    }
    let own = crate::yaml::write_ordered(&json!({ entries.format.list(): entries.items }));
    // No data key can be called like that.
    obstacles(entries.format, &[mounted(format!("entry:{flow}"), own)], &others)
}
