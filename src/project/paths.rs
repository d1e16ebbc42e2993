//! Where the files of a flow are.

use std::path::{Path, PathBuf};

use super::Project;
use super::interpolate::with_flow;
use crate::error::{Error, Result};
use crate::names::{ContextName, FlowName};

/// The places of one flow, all absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowPaths {
    /// Generated code; replaced as a whole.
    pub code: PathBuf,
    /// `flow.yaml`, `graph.json` and diagrams; replaced as a whole.
    pub artifacts: PathBuf,
    /// Parent of the three below.
    pub manifests: PathBuf,
    /// Generated manifests; replaced as a whole.
    pub base: PathBuf,
    /// What all environments share; the user's.
    pub common: PathBuf,
}

impl FlowPaths {
    /// What one environment adds; the user's.
    pub fn overlay(&self, context: &ContextName) -> PathBuf {
        self.overlays().join(context.as_str())
    }

    /// The parent of all overlays.
    pub fn overlays(&self) -> PathBuf {
        self.manifests.join("overlays")
    }
}

impl Project {
    /// The places of `flow`, whether or not anything is there.
    pub fn paths(&self, flow: &FlowName) -> FlowPaths {
        let compiler = &self.config().compiler;
        let filled = |path: &Path| PathBuf::from(with_flow(&path.to_string_lossy(), flow.as_str()));
        let manifests = filled(&compiler.manifests);
        FlowPaths {
            code: filled(&compiler.code),
            artifacts: filled(&compiler.artifacts),
            base: manifests.join("base"),
            common: manifests.join("common"),
            manifests,
        }
    }

    /// Generated directories are replaced as a whole, so none may hold anything else of value.
    pub(super) fn check_paths(&self) -> Result<()> {
        let Ok(example) = FlowName::new("flow") else { return Ok(()) };
        let paths = self.paths(&example);
        let generated = [("compiler.code", &paths.code), ("compiler.artifacts", &paths.artifacts)];
        let others = [
            ("the project itself", self.root().to_owned()),
            ("`compiler.manifests`", paths.manifests.clone()),
            ("`compiler.templates`", self.config().compiler.templates.clone()),
        ];
        let base = ("`compiler.manifests`, `base/`", &paths.base);
        let clash = |what: &str, path: &Path, other: &str| {
            Error::project(format!("`{what}` and {other} are in each other's way"))
                .because(format!("`{}` is generated and replaced as a whole", self.relative(path).display()))
                .hint(format!("choose another directory for `{what}` ({})", self.origin(what).unwrap_or_default()))
        };
        for (what, path) in generated {
            for (other, kept) in &others {
                if kept.starts_with(path) {
                    return Err(clash(what, path, other));
                }
            }
            if path.starts_with(base.1) {
                return Err(clash(what, path, base.0));
            }
        }
        if paths.code.starts_with(&paths.artifacts) || paths.artifacts.starts_with(&paths.code) {
            return Err(clash("compiler.artifacts", &paths.artifacts, "`compiler.code`"));
        }
        Ok(())
    }
}
