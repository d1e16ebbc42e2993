//! A flow's offer to the gateway: the entry, the ConfigMap that carries it, and whether it still
//! fits the compiled flow.

use serde_json::{Value, json};

use super::actor::{LABEL_FLOW, LABEL_MANAGED_BY, LABEL_ROLE};
use super::entry::{A2a, FlowEntry, Mcp};
use super::{schema, yaml};
use crate::error::{Error, Result};
use crate::names::FlowName;
use crate::source::Source;

/// The label by which gateways' flow files are found; its value is `flows`.
pub const LABEL_CONFIG_TYPE: &str = "asya.sh/config-type";

/// What the user wants to offer.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// Instead of the one from the docstring.
    pub description: Option<String>,
    /// Seconds, at least 1.
    pub timeout: Option<u64>,
    /// As an MCP tool.
    pub mcp: bool,
    /// As an A2A skill.
    pub a2a: Option<A2a>,
    /// Instead of the one from the source, already checked.
    pub input_schema: Option<Value>,
}

/// The entry for `offer`. `start` is the actor that drives the flow from its beginning (label
/// `asya.sh/role: start`); it is the entry wherever the row of calls in `compiled` cannot be used:
/// A2A ignores `route_next`.
///
/// Fails without a description, and on a schema that describes no object.
pub fn entry(compiled: &FlowEntry, start: &str, offer: &Offer) -> Result<FlowEntry> {
    check_name(&compiled.name)?;
    let description = offer.description.clone().or_else(|| compiled.description.clone());
    let description = description.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let Some(description) = description else {
        return Err(Error::usage(format!("`{}` has no description", compiled.name))
            .because("agents choose a tool by its description, and the function has no docstring")
            .hint("say what it does with `-d TEXT`, or write a docstring and compile again"));
    };
    let (entrypoint, route_next) = if offer.a2a.is_some() {
        (start.to_owned(), Vec::new())
    } else {
        (compiled.entrypoint.clone(), compiled.route_next.clone())
    };
    let mcp = if offer.mcp {
        let compiled_schema = compiled.mcp.as_ref().and_then(|mcp| mcp.input_schema.clone());
        let input_schema = match (&offer.input_schema, compiled_schema) {
            (Some(given), _) => given.clone(),
            (None, Some(found)) => {
                schema::check(&found, "artifacts/flow.yaml")?;
                found
            }
            (None, None) => json!({"type": "object"}),
        };
        Some(Mcp {
            progress: compiled.mcp.as_ref().and_then(|mcp| mcp.progress),
            input_schema: Some(schema::with_properties(input_schema)),
        })
    } else {
        None
    };
    Ok(FlowEntry {
        name: compiled.name.clone(),
        entrypoint,
        route_next,
        description: Some(description),
        timeout: offer.timeout.or(compiled.timeout),
        mcp,
        a2a: offer.a2a.clone(),
    })
}

/// What an MCP tool may be called (`docs/platform/names.md`, "Lengths").
fn check_name(name: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if (1..=128).contains(&name.len()) && name.chars().all(fits) {
        return Ok(());
    }
    Err(Error::project(format!("`{}` cannot be the name of an MCP tool", name.escape_debug()))
        .because("it must have 1 to 128 letters, digits, `_`, `-` or `.`"))
}

/// Name of the ConfigMap of a flow.
pub fn config_map_name(flow: &FlowName) -> String {
    format!("asya-flow-{flow}-config")
}

/// Key of the entry in the ConfigMap, hence its file name in the gateway. A gateway joins the
/// files of all flows in one directory with `flows.yaml`, which belongs to its Helm chart; flow
/// names have no dots, so the other name is free.
pub fn data_key(flow: &FlowName) -> String {
    if flow.as_str() == "flows" { "flows.flow.yaml".to_owned() } else { format!("{flow}.yaml") }
}

/// The most a ConfigMap may hold, in bytes (`docs/platform/gateway.md`, "Flow entries").
const SIZE_MAX: usize = 1 << 20;

/// The ConfigMap that offers `entry`, with a comment on top. Fails when a cluster would not take it.
pub fn config_map(flow: &FlowName, entry: &FlowEntry) -> Result<String> {
    let document = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": config_map_name(flow),
            "labels": {LABEL_FLOW: flow.as_str(), LABEL_CONFIG_TYPE: "flows", LABEL_MANAGED_BY: "asya"},
        },
        "data": {data_key(flow): entry.to_yaml()?},
    });
    let text = format!("# Written by `asya expose {flow}`; type it again to change this.\n{}", yaml::write(&document));
    if text.len() > SIZE_MAX {
        return Err(Error::usage(format!("the entry of `{flow}` is too large"))
            .because(format!("it has {} bytes, and a ConfigMap holds {SIZE_MAX}", text.len()))
            .hint("give a shorter description or a smaller input schema"));
    }
    Ok(text)
}

/// A patch that takes the ConfigMap of a flow out of one environment, with a comment on top.
pub fn removal(flow: &FlowName) -> Result<String> {
    let document = json!({
        "$patch": "delete",
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": config_map_name(flow)},
    });
    Ok(format!(
        "# Written by `asya unexpose {flow}`: what ../../common offers does not count here.\n{}",
        yaml::write(&document)
    ))
}

/// The entry inside a ConfigMap that [`config_map`] wrote.
pub fn entry_of(source: &Source, flow: &FlowName) -> Result<FlowEntry> {
    let broken = || Error::project(format!("`{}` is not an exposure of `{flow}`", source.name()));
    let object =
        yaml::read(source).map_err(|wrong| broken().at(crate::diagnostic::SourceDiagnostics::one(source, *wrong)))?;
    let key = data_key(flow);
    let text = object
        .get("data")
        .and_then(|data| data.get(&key))
        .and_then(Value::as_str)
        .ok_or_else(|| broken().because(format!("it has no text under `data`, `{key}`")))?;
    FlowEntry::read(&Source::new(format!("{} ({key})", source.name()), text), flow.as_str())
}

/// The names of all entries in a ConfigMap, whoever wrote it; none where it cannot be read.
pub fn names_in(source: &Source) -> Vec<String> {
    let Ok(object) = yaml::read(source) else { return Vec::new() };
    let files = object.get("data").and_then(Value::as_object).into_iter().flatten();
    let texts =
        files.filter(|(key, _)| key.ends_with(".yaml") || key.ends_with(".yml")).filter_map(|(_, it)| it.as_str());
    texts
        .filter_map(|text| yaml::read(&Source::new(source.name(), text)).ok())
        .flat_map(|file| file.get("flows").and_then(Value::as_array).cloned().unwrap_or_default())
        .filter_map(|entry| entry.get("name")?.as_str().map(str::to_owned))
        .collect()
}

/// The actor that drives a flow from its beginning: the AsyncActor with the label
/// `asya.sh/role: start` among the files of `base/`.
pub fn start_actor<'a>(manifests: impl IntoIterator<Item = &'a Source>) -> Option<String> {
    manifests.into_iter().find_map(|source| {
        let object = yaml::read(source).ok()?;
        let metadata = object.get("metadata")?;
        let starts = object.get("kind")? == "AsyncActor" && metadata.get("labels")?.get(LABEL_ROLE)? == "start";
        starts.then(|| metadata.get("name")?.as_str().map(str::to_owned)).flatten()
    })
}

/// Why `exposed` no longer enters the flow as it is compiled now; `None` when it does.
pub fn outdated(exposed: &FlowEntry, compiled: &FlowEntry, start: &str) -> Option<String> {
    let route = |entry: &FlowEntry| {
        let names: Vec<&str> =
            std::iter::once(entry.entrypoint.as_str()).chain(entry.route_next.iter().map(String::as_str)).collect();
        names.join(" > ")
    };
    let by_start = exposed.entrypoint == start && exposed.route_next.is_empty();
    let by_row = exposed.a2a.is_none() && route(exposed) == route(compiled);
    if by_start || by_row {
        return None;
    }
    let wanted = if exposed.a2a.is_some() { start.to_owned() } else { route(compiled) };
    Some(format!("the gateway would enter it at `{}`, it is now entered at `{wanted}`", route(exposed)))
}
