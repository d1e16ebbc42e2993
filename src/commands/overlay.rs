//! The directory of a flow that an environment is rendered from.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::names::{ContextName, FlowName, listed};
use crate::project::{FlowPaths, LOCAL, Project};

/// The overlay of `context`; without a context (or for `local`, which needs no overlay of its own)
/// what all contexts share. Relative to the project's root. Errors say what is missing and which
/// command makes it.
pub(super) fn directory(project: &Project, flow: &FlowName, context: Option<&ContextName>) -> Result<PathBuf> {
    project.flow(flow)?;
    let paths = project.paths(flow);
    let needed = match context {
        Some(context) if context.as_str() != LOCAL || paths.overlay(context).is_dir() => paths.overlay(context),
        _ => paths.common.clone(),
    };
    if needed.is_dir() {
        return Ok(project.relative(&needed));
    }
    let missing = format!("there is no `{}`", project.relative(&needed).display());
    match context.filter(|_| paths.common.is_dir()) {
        Some(context) => Err(Error::project(format!("`{flow}` has no overlay for the context `{context}`"))
            .because(missing)
            .hint(format!("`asya compile {flow}` makes one for every context; so far: {}", existing(&paths)))),
        None => Err(Error::project(format!("flow `{flow}` is not compiled"))
            .because(missing)
            .hint(format!("compile it: `asya compile {flow}`"))),
    }
}

fn existing(paths: &FlowPaths) -> String {
    let entries = std::fs::read_dir(paths.overlays()).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    listed(&names)
}
