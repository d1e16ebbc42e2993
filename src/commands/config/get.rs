//! `asya config get`.

use clap::Args;
use serde::Serialize;

use super::{ReadArgs, ValueDocument, not_set, origin, raw, table, whole};
use crate::commands::Status;
use crate::error::Result;
use crate::project::KeyPath;
use crate::settings::Settings;
use crate::ui::Ui;
use crate::yaml::write_ordered;

/// Print the value of a key
///
/// A single value is printed as it is, a mapping or a list as YAML. A key that nothing sets ends
/// with exit code 1.
#[derive(Debug, Args)]
pub(super) struct GetArgs {
    /// The key, such as contexts.dev.namespace
    key: KeyPath,
    #[command(flatten)]
    read: ReadArgs,
}

/// The result, version 1.
#[derive(Serialize)]
struct GetDocument {
    version: u32,
    key: String,
    value: serde_json::Value,
    /// The single values it is made of.
    values: Vec<ValueDocument>,
}

pub(super) fn run(args: &GetArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let project = settings.project()?;
    let key = whole(&args.key, settings);
    let arguments = args.read.fill.map();
    let (value, parts) = settings.with_inputs(|inputs| {
        let value = project.value(&key, inputs, &arguments)?;
        Ok::<_, crate::error::Error>((value, project.settings_at(&key, inputs, &arguments)?))
    })?;
    let Some(value) = value else {
        return Err(not_set(&key.to_string(), &project.near_keys(&key)));
    };
    let document =
        GetDocument { version: 1, key: key.to_string(), values: parts.iter().map(ValueDocument::new).collect(), value };
    ui.report(&document, |_| match (&document.value, parts.as_slice()) {
        (serde_json::Value::Object(_) | serde_json::Value::Array(_), parts) if args.read.show_origin => {
            table(parts, true)
        }
        (value @ (serde_json::Value::Object(_) | serde_json::Value::Array(_)), _) => write_ordered(value),
        (value, [one]) if args.read.show_origin => format!("{}\t{}\n", raw(value), origin(one)),
        (value, _) => format!("{}\n", raw(value)),
    });
    Ok(Status::Done)
}
