//! Where the files of a flow are.

use std::path::{Path, PathBuf};

use super::Project;
use super::decode::located;
use super::interpolate::with_flow;
use super::layer::is_default;
use crate::diagnostic::Diagnostic;
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
        let FlowPaths { code, artifacts, manifests, base, .. } = self.paths(&example);
        let (code_key, artifacts_key, manifests_key) = ("compiler.code", "compiler.artifacts", "compiler.manifests");
        for (key, path) in [(code_key, &code), (artifacts_key, &artifacts), (manifests_key, &base)] {
            if self.root().starts_with(path) {
                return Err(self.clash(key, key, "would hold the whole project"));
            }
            if self.config().compiler.templates.starts_with(path) {
                return Err(self.clash(key, "compiler.templates", "would hold `compiler.templates`"));
            }
        }
        if manifests.starts_with(&code) {
            return Err(self.clash(code_key, manifests_key, "would hold `compiler.manifests`"));
        }
        if manifests.starts_with(&artifacts) {
            return Err(self.clash(artifacts_key, manifests_key, "would hold `compiler.manifests`"));
        }
        if code.starts_with(&base) || code.starts_with(&artifacts) || artifacts.starts_with(&code) {
            return Err(self.clash(code_key, artifacts_key, "overlaps with another generated directory"));
        }
        if artifacts.starts_with(&base) {
            return Err(self.clash(artifacts_key, manifests_key, "overlaps with `compiler.manifests`"));
        }
        Ok(())
    }

    /// `key` stands in the way of `other`; shown at the one that somebody wrote.
    fn clash(&self, key: &str, other: &str, what: &str) -> Error {
        let node = |key: &str| self.tree.at(&key.split('.').collect::<Vec<_>>());
        let written = [key, other].into_iter().filter_map(node).find(|node| !is_default(&node.origin));
        let headline = "the configuration cannot be used";
        let Some(node) = written else { return Error::project(headline).because(format!("`{key}` {what}")) };
        let diagnostic = Diagnostic::error(node.origin.span, format!("`{key}` {what}"))
            .note("what is generated is replaced as a whole, with everything in it")
            .help("choose a directory of its own");
        located(headline, vec![(node.origin.source.clone(), diagnostic)])
    }
}
