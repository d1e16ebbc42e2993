//! `asya k context use`.

use clap::Args;
use serde::Serialize;

use super::{Place, kubeconfig};
use crate::commands::Status;
use crate::commands::assigning::write;
use crate::error::Result;
use crate::event::{Change, Event};
use crate::names::ContextName;
use crate::project::{Assignment, KeyPath, LOCAL};
use crate::settings::Settings;
use crate::ui::Ui;

/// Work on an environment from now on: sets `default_context`
///
/// Other commands take it when neither --context nor ASYA_CONTEXT names another.
#[derive(Debug, Args)]
pub(in crate::commands::k) struct UseArgs {
    /// The environment
    #[arg(value_name = "CONTEXT")]
    name: ContextName,
}

/// The result, version 1.
#[derive(Serialize)]
struct UseDocument {
    version: u32,
    context: String,
    file: String,
    change: &'static str,
}

pub(super) fn run(args: &UseArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let project = settings.project()?;
    // An unknown one is reported with its neighbours.
    let context = project.context(Some(&args.name))?.cloned();
    let Some(key) = KeyPath::new(["default_context"]) else { return Ok(Status::Done) };
    let (assigned, changes) = write(&[Assignment::set(key, args.name.to_string())], settings, ui)?;
    for value in &assigned.values {
        if let Some(variable) = &value.shadowed_by {
            warn(variable, &args.name, ui);
        }
    }
    if settings.environment.get("ASYA_CONTEXT").is_some_and(|other| other != args.name.as_str()) {
        warn("ASYA_CONTEXT", &args.name, ui);
    }
    let change = changes.first().map_or(Change::Unchanged, |file| file.change);
    let document = UseDocument {
        version: 1,
        context: args.name.to_string(),
        file: assigned.values.first().map(|value| value.shown_files()).unwrap_or_default(),
        change: change.name(),
    };
    let place = match &context {
        Some(context) if context.name.as_str() != LOCAL => {
            kubeconfig(settings).map(|known| Place::of(context, &known).shown()).unwrap_or_default()
        }
        _ => "this machine".to_owned(),
    };
    let readonly = if context.is_some_and(|context| context.readonly) { ", read-only" } else { "" };
    ui.report(&document, |_| format!("the context is {} now ({place}{readonly})\n", document.context));
    Ok(Status::Done)
}

fn warn(variable: &str, name: &ContextName, ui: &mut Ui) {
    ui.event(Event::Warning {
        message: format!("`{variable}` is set and wins over `{name}` in this shell"),
        hint: Some(format!("unset {variable}")),
    });
}
