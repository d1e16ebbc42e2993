//! `asya config set`.

use clap::Args;
use serde::Serialize;

use super::raw;
use crate::commands::Status;
use crate::commands::assigning::write;
use crate::error::Result;
use crate::event::{Change, Event};
use crate::project::{Assignment, KeyPath};
use crate::settings::Settings;
use crate::ui::Ui;

/// Set a single value, comments kept
///
/// It is checked first, and nothing is written unless the configuration is right with it. It goes
/// into the nearest .asya/: into the file that has the key, else into the section it belongs in,
/// else into config.yaml. `asya -C DIR config set` changes an outer project.
#[derive(Debug, Args)]
pub(super) struct SetArgs {
    /// The key, such as contexts.dev.namespace
    key: KeyPath,
    /// The value; `${env:NAME}` and `${other.key}` may be part of it
    #[arg(allow_hyphen_values = true)]
    value: String,
}

/// The result, version 1.
#[derive(Serialize)]
struct SetDocument {
    version: u32,
    key: String,
    value: serde_json::Value,
    /// The value it had so far, if any.
    previous: Option<PreviousDocument>,
    file: String,
    change: &'static str,
}

#[derive(Serialize)]
struct PreviousDocument {
    value: String,
    origin: String,
}

pub(super) fn run(args: &SetArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let assignment = Assignment { key: args.key.clone(), value: args.value.clone() };
    let (assigned, changes) = write(&[assignment], settings, ui)?;
    for value in &assigned.values {
        if let Some(variable) = &value.shadowed_by {
            ui.event(Event::Warning {
                message: format!("`{variable}` is set and wins over the file, so `{}` stays as it is here", value.key),
                hint: Some(format!("unset {variable}")),
            });
        }
        let change = changes.iter().find(|file| file.path == value.file).map_or(Change::Unchanged, |file| file.change);
        let document = SetDocument {
            version: 1,
            key: value.key.to_string(),
            value: value.value.clone(),
            previous: value.before.clone().map(|(value, origin)| PreviousDocument { value, origin }),
            file: value.file.display().to_string(),
            change: change.name(),
        };
        ui.report(&document, |_| {
            let (key, now) = (&document.key, raw(&document.value));
            match &document.previous {
                _ if change == Change::Unchanged => format!("{key} is {now} already\n"),
                Some(before) => format!("{key} is {now} now; it was {} ({})\n", before.value, before.origin),
                None => format!("{key} is {now} now\n"),
            }
        });
    }
    Ok(Status::Done)
}
