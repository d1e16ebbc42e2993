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
    /// Templates of actors; the user's, usually shared by all flows.
    pub templates: PathBuf,
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
            templates: filled(&compiler.templates),
            manifests,
        }
    }

    /// Generated directories are replaced as a whole, so none may hold anything else of value.
    pub(super) fn check_paths(&self) -> Result<()> {
        let Ok(example) = FlowName::new("flow") else { return Ok(()) };
        let FlowPaths { code, artifacts, manifests, base, templates, .. } = self.paths(&example);
        let (code_key, artifacts_key, manifests_key) = ("compiler.code", "compiler.artifacts", "compiler.manifests");
        for (key, path) in [(code_key, &code), (artifacts_key, &artifacts), (manifests_key, &manifests)] {
            if !path.starts_with(self.outermost()) {
                return Err(self.clash(key, key, &format!("`{key}` leads out of the project")));
            }
            if self.root().starts_with(path) {
                return Err(self.clash(key, key, &format!("`{key}` holds the whole project")));
            }
        }
        for (key, path) in [(code_key, &code), (artifacts_key, &artifacts), (manifests_key, &base)] {
            let others = [(code_key, &code), (artifacts_key, &artifacts), (manifests_key, &manifests)];
            let others = others.into_iter().filter(|(other, _)| *other != key);
            for (other, kept) in others.chain([("compiler.templates", &templates)]) {
                if kept.starts_with(path) {
                    return Err(self.clash(key, other, &format!("`{other}` lies inside `{key}`")));
                }
            }
        }
        Ok(())
    }

    /// `key` stands in the way of `other`; shown at the one of the two that somebody wrote.
    fn clash(&self, key: &str, other: &str, what: &str) -> Error {
        let node = |key: &str| self.tree.at(&key.split('.').collect::<Vec<_>>());
        let written = [key, other].into_iter().filter_map(node).find(|node| !is_default(&node.origin));
        let headline = "the configuration cannot be used";
        let Some(node) = written else { return Error::project(headline).because(what) };
        let diagnostic = Diagnostic::error(node.origin.span, what)
            .note("generated directories are replaced as a whole, with everything in them")
            .help("choose a directory inside the project that holds nothing else");
        located(headline, vec![(node.origin.source.clone(), diagnostic)])
    }
}
