//! What is applied to the context `local`: one file a flow, the objects it was rendered to.
//!
//! The files lie in a directory of their own and are replaced one at a time, each at once, so that a
//! reader sees the old state of a flow or the new one.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;

use crate::error::{Error, Result, io_reason};
use crate::kustomize::{Object, Rendering};
use crate::names::{FlowName, listed};
use crate::wire::flow_file::{Flow, Format, is_flow_file, load};

use super::actor::actors_of;

/// The label and its value by which gateways find files of flows
/// (`docs/platform/gateway.md`, "Flow entries").
const CONFIG_TYPE: (&str, &str) = ("asya.sh/config-type", "flows");

/// A flow as it was applied.
#[derive(Debug)]
pub struct Applied {
    /// What it was rendered to.
    pub objects: Vec<Object>,
}

/// What a file was like when it was looked at; differs after every change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    modified: Option<SystemTime>,
    size: u64,
    inode: u64,
}

/// The file of a flow in `directory`.
pub fn applied_file(directory: &Path, flow: &FlowName) -> PathBuf {
    directory.join(format!("{flow}.yaml"))
}

/// The flows that are applied, by name. Without a directory there are none.
pub fn applied_flows(directory: &Path) -> Result<Vec<FlowName>> {
    Ok(stamps(directory)?.into_iter().map(|(flow, _)| flow).collect())
}

/// Every flow with the stamp of its file, by name. Other files are none of ours.
pub(super) fn stamps(directory: &Path) -> Result<Vec<(FlowName, Stamp)>> {
    let failed = |error: std::io::Error| {
        Error::project(format!("what is applied cannot be read: `{}`", directory.display())).because(io_reason(&error))
    };
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let flow = name.to_str().and_then(|name| name.strip_suffix(".yaml")).and_then(|stem| FlowName::new(stem).ok());
        // One that has gone in between is gone.
        let (Some(flow), Ok(metadata)) = (flow, entry.path().metadata()) else { continue };
        if metadata.is_file() {
            let stamp = Stamp { modified: metadata.modified().ok(), size: metadata.len(), inode: metadata.ino() };
            found.push((flow, stamp));
        }
    }
    found.sort_by(|(one, _), (two, _)| one.as_str().cmp(two.as_str()));
    Ok(found)
}

impl Applied {
    /// Reads the state of a flow; `None` when it is not applied. The error names the file.
    pub fn read(directory: &Path, flow: &FlowName) -> Result<Option<Self>> {
        let file = applied_file(directory, flow);
        let name = file.display().to_string();
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::project(format!("`{name}` cannot be read")).because(io_reason(&error))),
        };
        let rendering = Rendering::from_yaml(&name, &text)?;
        Ok(Some(Self { objects: rendering.objects }))
    }

    /// The text of the file that holds `objects`.
    pub fn text(flow: &FlowName, objects: Vec<Object>) -> String {
        let notice = format!("# What `{flow}` is in the context `local`, written by `asya k apply`.\n");
        notice + &Rendering { objects }.to_yaml()
    }

    /// What the gateway's files say. An error says which file it would refuse, and why.
    pub fn entries(&self) -> Result<Vec<Flow>> {
        let mut entries = Vec::new();
        for (file, text) in self.flow_files().filter(|(file, _)| is_flow_file(file)) {
            let loaded = load(Format::Flows, text).map_err(|reason| {
                Error::project(format!("the gateway does not take the flow file `{file}`")).because(reason)
            })?;
            entries.extend(loaded);
        }
        Ok(entries)
    }

    /// Whether all of it can be served: the entries, each of which begins at an actor that is there.
    /// `variable` looks up the caller's environment.
    pub fn check(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Flow>> {
        let entries = self.entries()?;
        let (actors, _) = actors_of(&self.objects, variable)?;
        for entry in &entries {
            let first = entry.text("entrypoint").unwrap_or_default();
            if !actors.contains_key(&first) {
                let names: Vec<&str> = actors.keys().map(String::as_str).collect();
                return Err(Error::project(format!("`{}` begins at actor `{first}`, which is not there", entry.name))
                    .because(format!("the actors are {}", listed(&names))));
            }
        }
        Ok(entries)
    }

    /// The files that a gateway reads, by name.
    fn flow_files(&self) -> impl Iterator<Item = (&str, &str)> {
        let entries = self.objects.iter().filter(|object| is_flow_entry(object));
        entries.flat_map(|entry| {
            let data = entry.value().get("data").and_then(Value::as_object);
            data.into_iter().flatten().filter_map(|(file, text)| Some((file.as_str(), text.as_str()?)))
        })
    }
}

/// Whether an object describes flows to a gateway.
fn is_flow_entry(object: &Object) -> bool {
    object.kind() == "ConfigMap" && object.api_version() == "v1" && object.label(CONFIG_TYPE.0) == Some(CONFIG_TYPE.1)
}
