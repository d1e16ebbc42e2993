//! `--arg NAME=VALUE`: what `${arg:NAME}` in the configuration means.

use std::collections::BTreeMap;

use clap::Args;

use crate::error::{Error, Result};
use crate::names::{listed, near_matches};
use crate::project::Project;

/// Arguments of the configuration.
#[derive(Debug, Args)]
pub(super) struct FillArgs {
    /// Fill in `${arg:NAME}` in the configuration; may be given several times
    #[arg(long = "arg", value_name = "NAME=VALUE", value_parser = argument)]
    arguments: Vec<(String, String)>,
}

impl FillArgs {
    /// Names and values; the last of several counts.
    pub(super) fn map(&self) -> BTreeMap<String, String> {
        self.arguments.iter().cloned().collect()
    }

    /// Refuses arguments that no value of the configuration asks for.
    pub(super) fn check(&self, project: &Project) -> Result<()> {
        let known: Vec<String> = project.asked_arguments().into_iter().collect();
        let Some((unknown, _)) = self.arguments.iter().find(|(name, _)| !known.contains(name)) else { return Ok(()) };
        let near = near_matches(unknown, known.iter().map(String::as_str));
        let hint = match near.as_slice() {
            [] if known.is_empty() => None,
            [] => Some(format!("it asks for {}", listed(&known))),
            near => Some(format!("did you mean {}?", listed(near))),
        };
        Err(Error::usage(format!("nothing in the configuration asks for `${{arg:{unknown}}}`")).hint_opt(hint))
    }
}

fn argument(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}
