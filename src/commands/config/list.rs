//! `asya config list`.

use clap::Args;
use serde::Serialize;

use super::{ReadArgs, ValueDocument, not_set, table, whole};
use crate::commands::Status;
use crate::error::Result;
use crate::project::{KeyPath, MARKER};
use crate::settings::Settings;
use crate::ui::Ui;

/// List all values that count, with those of outer projects, defaults and environment
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Only what is below this key
    key: Option<KeyPath>,
    #[command(flatten)]
    read: ReadArgs,
}

/// The result, version 1.
#[derive(Serialize)]
struct ListDocument {
    version: u32,
    project: String,
    /// The directories of configuration, outermost first.
    layers: Vec<String>,
    values: Vec<ValueDocument>,
}

pub(super) fn run(args: &ListArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let project = settings.project()?;
    let arguments = args.read.fill.map();
    let key = args.key.as_ref().map(|key| whole(key, settings));
    let values = settings.with_inputs(|inputs| match &key {
        Some(key) => project.settings_at(key, inputs, &arguments),
        None => Ok(project.settings(inputs, &arguments)),
    })?;
    if let Some(key) = key.as_ref().filter(|_| values.is_empty()) {
        return Err(not_set(&key.to_string(), &project.near_keys(key)));
    }
    let document = ListDocument {
        version: 1,
        project: project.root().display().to_string(),
        layers: project.layers().iter().map(|layer| layer.join(MARKER).display().to_string()).collect(),
        values: values.iter().map(ValueDocument::new).collect(),
    };
    ui.report(&document, |_| table(&values, args.read.show_origin));
    Ok(Status::Done)
}
