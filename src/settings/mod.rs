//! What a command runs with, decided once: flag, else environment, else project file, else default.

mod environment;

use std::path::PathBuf;

use crate::names::ContextName;

pub use environment::{Environment, VARIABLES, Variable};

/// What every command knows. Project files are not read yet.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the search for the project starts: `-C`, else the working directory. Absolute.
    pub start: PathBuf,
    /// `--context`, else `ASYA_CONTEXT`; `default_context` is decided by `project`.
    pub context: Option<ContextName>,
    /// The process environment, read once.
    pub environment: Environment,
}
