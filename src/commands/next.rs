//! What to type next.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::artifacts::FlowEntry;
use crate::names::{ContextName, FlowName};
use crate::project::{Project, read_source};

/// The command that brings an environment to the new state of a flow; without a context the one that
/// all environments take.
pub(super) fn apply(project: &Project, flow: &FlowName, context: Option<&ContextName>) -> String {
    match context {
        Some(context) if project.config().default_context.as_ref() != Some(context) => {
            format!("asya k apply {flow} --context {context}")
        }
        _ => format!("asya k apply {flow}"),
    }
}

/// The command that executes a compiled flow on this machine, with a message it takes.
pub(super) fn run(project: &Project, flow: &FlowName, context: Option<&ContextName>) -> String {
    let mut command = format!("asya run {flow}");
    if let Some(example) = message(project, flow) {
        let _ = write!(command, " --payload {}", shell_words::quote(&example));
    }
    if let Some(context) = context {
        let _ = write!(command, " --context {context}");
    }
    command
}

/// A message of the shape that the flow's input schema asks for; `None` where it asks for nothing, or
/// is not known.
pub(super) fn message(project: &Project, flow: &FlowName) -> Option<String> {
    let file = project.paths(flow).artifacts.join("flow.yaml");
    let entry = FlowEntry::read(&read_source(&file, "flow.yaml").ok()?, flow.as_str()).ok()?;
    let schema = entry.mcp?.input_schema?;
    let wanted = schema.get("required")?.as_array()?.iter().filter_map(Value::as_str);
    let of_type = |name: &str| match schema.pointer(&format!("/properties/{name}/type")).and_then(Value::as_str) {
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        Some("object") => json!({}),
        _ => json!("…"),
    };
    let fields: Vec<String> = wanted.map(|name| format!("{}: {}", json!(name), of_type(name))).collect();
    (!fields.is_empty()).then(|| format!("{{{}}}", fields.join(", ")))
}
