//! The program to files: actors, ConfigMaps, kustomizations, the flow entry.

use std::path::PathBuf;

/// One file to be written, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Where, relative to the tree it belongs to.
    pub path: PathBuf,
    /// The whole content.
    pub content: String,
}

impl Artifact {
    /// A file at `path`.
    pub fn new(path: impl Into<PathBuf>, content: impl Into<String>) -> Self {
        Self { path: path.into(), content: content.into() }
    }
}
