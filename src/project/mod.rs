//! The project on disk: discovery, layered configuration, the flow registry, edits that keep comments.

mod disk_tree;
mod model;

pub use disk_tree::DiskTree;
pub use model::{Build, Compiler, Config, Context, Generation, Platform, Transport};
