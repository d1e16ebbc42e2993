//! The directory of a flow that an environment is rendered from.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::names::{ContextName, FlowName};
use crate::project::{LOCAL, Project};

/// The overlay of `context`; without a context (or for `local`, which needs no overlay of its own)
/// what all contexts share. Absolute. Errors say what is missing and which command makes it.
pub(super) fn directory(project: &Project, flow: &FlowName, context: Option<&ContextName>) -> Result<PathBuf> {
    let paths = project.paths(flow);
    if !paths.base.is_dir() {
        return Err(Error::project(format!("flow `{flow}` is not compiled"))
            .because(format!("there is no `{}`", project.relative(&paths.base).display()))
            .hint(format!("compile it: `asya compile {flow}`")));
    }
    let directory = match context.map(|context| (context, paths.overlay(context))) {
        Some((context, overlay)) if context.as_str() != LOCAL || overlay.is_dir() => overlay,
        _ if paths.common.is_dir() => paths.common,
        _ => paths.base,
    };
    if !directory.is_dir() {
        return Err(Error::project(format!("there is no overlay `{}`", project.relative(&directory).display()))
            .hint(format!("`asya compile {flow}` makes one for every context of the configuration")));
    }
    Ok(directory)
}
