//! The project on disk: discovery, layered configuration, the flow registry, edits that keep comments.

mod model;

pub use model::{Build, Compiler, Config, Context, Generation, Platform, Transport};
