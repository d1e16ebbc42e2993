//! `asya config`: what the configuration says, where it says so, and how to change it.

mod get;
mod list;
mod set;
mod unset;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::Status;
use super::filling::FillArgs;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::project::{AssignedValue, KeyPath, Provenance, Setting};
use crate::settings::Settings;
use crate::ui::{ErrorDocument, Table, Ui};

/// Read and change the project's configuration
///
/// Keys are paths such as `contexts.dev.namespace`; docs/configuration.md lists them. With
/// `--context dev` that one is `namespace`.
#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    Get(get::GetArgs),
    Set(set::SetArgs),
    Unset(unset::UnsetArgs),
    List(list::ListArgs),
}

pub(super) fn run(args: &ConfigArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    match &args.command {
        ConfigCommand::Get(args) => get::run(args, settings, ui),
        ConfigCommand::Set(args) => set::run(args, settings, ui),
        ConfigCommand::Unset(args) => unset::run(args, settings, ui),
        ConfigCommand::List(args) => list::run(args, settings, ui),
    }
}

/// What `get` and `list` have in common.
#[derive(Debug, Args)]
struct ReadArgs {
    /// Also say where each value was set
    #[arg(long)]
    show_origin: bool,
    #[command(flatten)]
    fill: FillArgs,
}

/// The whole key: with `--context` the fields of a context need no path.
fn whole(key: &KeyPath, settings: &Settings) -> KeyPath {
    settings.context.as_ref().map_or_else(|| key.clone(), |context| key.within(context))
}

/// One value in a JSON document.
#[derive(Debug, Serialize)]
struct ValueDocument {
    key: String,
    /// `null` where it cannot be told, and for secrets.
    value: serde_json::Value,
    /// As it was written, where that is something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<serde_json::Value>,
    origin: OriginDocument,
    /// Environment variables whose values are part of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    variables: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    secret: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ErrorDocument>,
}

/// The value a key had before it was changed.
#[derive(Serialize)]
struct PreviousDocument {
    value: String,
    origin: String,
}

impl PreviousDocument {
    fn of(value: &AssignedValue) -> Option<Self> {
        value.before.as_ref().map(|(value, origin)| Self { value: raw(value), origin: origin.clone() })
    }
}

/// Says so where an environment variable wins over what was written.
fn warn_shadowed(value: &AssignedValue, ui: &mut Ui) {
    if let Some(variable) = &value.shadowed_by {
        ui.event(Event::Warning {
            message: format!("`{variable}` is set and wins over the file, so `{}` stays as it is here", value.key),
            hint: Some(format!("unset {variable}")),
        });
    }
}

/// Where a value comes from.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum OriginDocument {
    Default,
    File { file: String, line: usize },
    Environment { variable: String },
}

impl ValueDocument {
    fn new(setting: &Setting) -> Self {
        let (value, problem) = match &setting.value {
            Ok(_) if setting.secret => (serde_json::Value::Null, None),
            Ok(value) => (value.clone(), None),
            Err(error) => (serde_json::Value::Null, Some(ErrorDocument::of(error))),
        };
        Self {
            key: setting.key.to_string(),
            written: Some(setting.written.clone()).filter(|written| *written != value),
            value,
            origin: OriginDocument::new(&setting.provenance),
            variables: setting.variables.clone(),
            secret: setting.secret,
            problem,
        }
    }
}

impl OriginDocument {
    fn new(provenance: &Provenance) -> Self {
        match provenance.clone() {
            Provenance::Default => Self::Default,
            Provenance::File { file, line } => Self::File { file, line },
            Provenance::Environment { variable } => Self::Environment { variable },
        }
    }
}

/// Values as lines for people.
fn table(settings: &[Setting], show_origin: bool) -> String {
    let mut table = match show_origin {
        true => Table::new(&["KEY", "VALUE", "ORIGIN"]),
        false => Table::new(&["KEY", "VALUE"]),
    };
    for setting in settings {
        let value = match &setting.value {
            Ok(value) => one_line(&raw(value)),
            Err(_) => format!("{} (cannot be evaluated)", one_line(&raw(&setting.written))),
        };
        let mut cells = vec![setting.key.to_string(), value];
        if show_origin {
            cells.push(origin(setting));
        }
        table.row(cells);
    }
    table.render()
}

/// Where a value comes from, with the variables that are part of it.
fn origin(setting: &Setting) -> String {
    match setting.variables.as_slice() {
        [] => setting.provenance.to_string(),
        variables => format!("{} with {}", setting.provenance, variables.join(", ")),
    }
}

/// A single value as a script wants it.
fn raw(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn one_line(text: &str) -> String {
    if text.is_empty() { "\"\"".to_owned() } else { text.replace('\n', "\\n").replace(|c: char| c.is_control(), " ") }
}

/// What is said about a key that is right and not set.
fn not_set(key: &str, near: &[String]) -> Error {
    Error::negative(format!("`{key}` is not set"))
        .hint_opt((!near.is_empty()).then(|| format!("did you mean {}?", crate::names::listed(near))))
        .hint(format!("set it with `asya config set {key} VALUE`"))
}
