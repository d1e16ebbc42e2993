//! `asya config set`.

use clap::Args;
use serde::Serialize;

use super::{PreviousDocument, raw, warn_shadowed, whole};
use crate::commands::Status;
use crate::commands::assigning::write;
use crate::error::Result;
use crate::event::Change;
use crate::project::{Action, Assignment, KeyPath};
use crate::settings::Settings;
use crate::ui::Ui;

/// Set a value, comments kept
///
/// It is checked first, and nothing is written unless the configuration is right with it. It goes
/// into the nearest .asya/: into the file that has the key, else into the section it belongs in,
/// else into config.yaml. `asya -C DIR config set` changes an outer project. Lists and mappings are
/// written as in YAML: '[A, B]', '{KEY: VALUE}'; an item of a list has its index in the key.
#[derive(Debug, Args)]
pub(super) struct SetArgs {
    /// The key, such as contexts.dev.namespace or build.0.image
    key: KeyPath,
    /// The value; `${env:NAME}` and `${other.key}` may be part of it
    #[arg(allow_hyphen_values = true)]
    value: String,
    /// Put the value at the end of the list
    #[arg(long)]
    add: bool,
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

pub(super) fn run(args: &SetArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let key = whole(&args.key, settings);
    let value = args.value.clone();
    let action = if args.add { Action::Add(value) } else { Action::Set(value) };
    let (assigned, changes) = write(&[Assignment { key, action }], settings, ui)?;
    for value in &assigned.values {
        warn_shadowed(value, ui);
        let change = changes.first().map_or(Change::Unchanged, |file| file.change);
        let document = SetDocument {
            version: 1,
            key: value.key.to_string(),
            value: value.value.clone().unwrap_or_default(),
            previous: PreviousDocument::of(value),
            file: value.shown_files(),
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
