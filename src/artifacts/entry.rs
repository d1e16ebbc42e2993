//! A flow as the gateway reads it: one entry of a `flows:` list
//! (`docs/platform/names.md`, "The gateway's flow entry").

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{schema, yaml};
use crate::diagnostic::SourceDiagnostics;
use crate::error::{Error, Result};
use crate::program::Program;
use crate::source::Source;

/// One flow of the gateway. Fields are written in this order; the gateway ignores unknown ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowEntry {
    /// Name of the MCP tool and of the A2A skill.
    pub name: String,
    /// The actor that receives the first message.
    pub entrypoint: String,
    /// The actors after it, for MCP calls; A2A ignores them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub route_next: Vec<String>,
    /// Shown to agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Seconds until a call is given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// Present: an MCP tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mcp: Option<Mcp>,
    /// Present: an A2A skill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub a2a: Option<A2a>,
}

/// The MCP side of an entry.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Mcp {
    /// Whether calls answer with a stream to follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<bool>,
    /// JSON Schema of the arguments.
    #[serde(default, rename = "inputSchema", skip_serializing_if = "Option::is_none")]
    pub input_schema: Option<Value>,
}

/// The A2A side of an entry. The keys of the file are in snake case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct A2a {
    /// Tags of the skill. Written even when there are none: agent cards must have a list, and the
    /// gateway makes `null` of a missing one.
    #[serde(default)]
    pub tags: Vec<String>,
    /// MIME types it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input_modes: Vec<String>,
    /// MIME types it gives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub output_modes: Vec<String>,
    /// Prompts that show how to use it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
}

impl FlowEntry {
    /// The entry of a compiled flow, as an MCP tool: entered at the first actor where the whole
    /// flow is a row of calls, else at the flow's entry.
    pub fn of(program: &Program) -> Self {
        let (entrypoint, route_next) = match program.straight_route.as_deref() {
            Some([first, rest @ ..]) => (first.to_string(), rest.iter().map(ToString::to_string).collect()),
            _ => (program.entry.to_string(), Vec::new()),
        };
        Self {
            name: program.flow.to_string(),
            entrypoint,
            route_next,
            description: program.description.clone(),
            timeout: None,
            mcp: Some(Mcp {
                progress: None,
                input_schema: Some(schema::with_properties(program.input_schema.clone())),
            }),
            a2a: None,
        }
    }

    /// How agents reach it: `mcp`, `a2a`, both or not at all.
    pub fn protocols(&self) -> Vec<&'static str> {
        let mcp = self.mcp.is_some().then_some("mcp");
        mcp.into_iter().chain(self.a2a.is_some().then_some("a2a")).collect()
    }

    /// The text of a file the gateway loads: a `flows:` list with this entry.
    pub fn to_yaml(&self) -> Result<String> {
        Ok(yaml::write(&json!({"flows": [self]})))
    }

    /// The entry called `name` in a file with a `flows:` list.
    pub fn read(source: &Source, name: &str) -> Result<Self> {
        let broken = || Error::project(format!("`{}` cannot be read as a flow of the gateway", source.name()));
        let value = yaml::read(source).map_err(|wrong| broken().at(SourceDiagnostics::one(source, *wrong)))?;
        let entries =
            value.get("flows").and_then(Value::as_array).ok_or_else(|| broken().because("it has no list `flows`"))?;
        let named = |entry: &&Value| entry.get("name").is_some_and(|found| found == name);
        let entry =
            entries.iter().find(named).ok_or_else(|| broken().because(format!("no entry is called `{name}`")))?;
        serde_json::from_value(entry.clone()).map_err(|error| broken().because(error))
    }
}
