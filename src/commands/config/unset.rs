//! `asya config unset`.

use clap::Args;
use serde::Serialize;

use super::{PreviousDocument, raw, warn_shadowed, whole};
use crate::commands::Status;
use crate::commands::assigning::write;
use crate::error::Result;
use crate::project::{Action, Assignment, KeyPath};
use crate::settings::Settings;
use crate::ui::Ui;

/// Take a value out of the configuration, comments kept
///
/// It is taken out of all files of the nearest .asya/. What an outer project or a default says
/// counts again; `asya -C DIR config unset` changes an outer project. Nothing is written unless the
/// configuration is right without it. A key that nothing sets ends with exit code 1.
#[derive(Debug, Args)]
pub(super) struct UnsetArgs {
    /// The key, such as contexts.dev.namespace; build.0 is the first item of a list
    key: KeyPath,
}

/// The result, version 1.
#[derive(Serialize)]
struct UnsetDocument {
    version: u32,
    key: String,
    /// The value it had so far.
    previous: Option<PreviousDocument>,
    /// The value that counts instead, if any.
    value: Option<serde_json::Value>,
    /// Where that is set.
    origin: Option<String>,
    /// The files it was taken out of.
    files: Vec<String>,
}

pub(super) fn run(args: &UnsetArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let assignment = Assignment { key: whole(&args.key, settings), action: Action::Unset };
    let (assigned, _) = write(&[assignment], settings, ui)?;
    for value in &assigned.values {
        warn_shadowed(value, ui);
        let document = UnsetDocument {
            version: 1,
            key: value.key.to_string(),
            previous: PreviousDocument::of(value),
            value: value.value.clone(),
            origin: value.origin.clone(),
            files: value.files.iter().map(|file| file.display().to_string()).collect(),
        };
        ui.report(&document, |_| {
            let before = match &document.previous {
                Some(before) => format!("; it was {} ({})", before.value, before.origin),
                None => String::new(),
            };
            match (&document.value, &document.origin) {
                (Some(now), Some(origin)) => format!("{} is {} ({origin}) now{before}\n", document.key, raw(now)),
                _ if value.is_item => format!("{} is taken out of its list{before}\n", document.key),
                _ => format!("{} is not set any more{before}\n", document.key),
            }
        });
    }
    Ok(Status::Done)
}
