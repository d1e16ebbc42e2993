//! The program to files: actors, ConfigMaps, kustomizations, the flow entry.

mod actor;
mod entry;
pub mod exposure;
pub mod fields;
mod images;
mod inputs;
mod join;
mod kustomizations;
pub mod orphans;
pub mod patching;
pub mod placement;
mod reference;
pub mod schema;
pub mod settings;
mod stencil;
pub mod template;
mod tree;
mod wrapping;
pub mod yaml;

use std::path::PathBuf;

use crate::program::Text;

pub use actor::{LABEL_FLOW, LABEL_GENERATED, LABEL_MANAGED_BY, LABEL_ROLE};
pub use entry::{A2a, FlowEntry, Mcp};
pub use images::{BuildContext, BuildRule, Images};
pub use inputs::{Inputs, Overlay, StateProxy, Templates, Transport};
pub use kustomizations::{CONFIGURATION, CONFIGURATION_TEXT, KUSTOMIZATION, overlay as overlay_files};
pub use reference::ImageReference;
pub use tree::{Tree, Warning, assemble};
pub use wrapping::told_retries;

/// One file to be written, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Where, relative to the tree it belongs to.
    pub path: PathBuf,
    /// The whole content.
    pub content: Text,
}

impl Artifact {
    /// A file at `path`.
    pub fn new(path: impl Into<PathBuf>, content: impl Into<Text>) -> Self {
        Self { path: path.into(), content: content.into() }
    }
}
