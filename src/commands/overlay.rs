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
    if !paths.base.is_dir() {
        return Err(Error::project(format!("flow `{flow}` is not compiled"))
            .because(format!("there is no `{}`", project.relative(&paths.base).display()))
            .hint(format!("compile it: `asya compile {flow}`")));
    }
    let directory = match context.map(|context| (context, paths.overlay(context))) {
        Some((_, overlay)) if overlay.is_dir() => overlay,
        Some((context, overlay)) if context.as_str() != LOCAL => {
            return Err(Error::project(format!("`{flow}` has no overlay for the context `{context}`"))
                .because(format!("there is no `{}`", project.relative(&overlay).display()))
                .hint(format!("`asya compile {flow}` makes one for every context; there are {}", existing(&paths))));
        }
        _ if paths.common.is_dir() => paths.common,
        _ => paths.base,
    };
    Ok(project.relative(&directory))
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
