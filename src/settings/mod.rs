//! What a command runs with, decided once: flag, else environment, else project file, else default.

mod environment;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::names::ContextName;
use crate::project::{Inputs, Project};

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

impl Settings {
    /// The project around the start directory, with its configuration.
    pub fn project(&self) -> Result<Project> {
        self.project_at(&self.start)
    }

    /// The project around `directory`, with its configuration.
    pub fn project_at(&self, directory: &Path) -> Result<Project> {
        self.with_inputs(|inputs| Project::find_with(directory, inputs))
    }

    /// The project around the start directory, with `${arg:NAME}` answered by `arguments`.
    pub fn project_with(&self, arguments: &BTreeMap<String, String>) -> Result<Project> {
        self.with_arguments(arguments, |inputs| Project::find_with(&self.start, inputs))
    }

    /// Calls `read` with what configuration asks of the process.
    pub fn with_inputs<T>(&self, read: impl FnOnce(&Inputs<'_>) -> T) -> T {
        self.with_arguments(&BTreeMap::new(), read)
    }

    /// [`with_inputs`](Self::with_inputs) where `${arg:NAME}` is answered by `arguments`.
    pub fn with_arguments<T>(&self, arguments: &BTreeMap<String, String>, read: impl FnOnce(&Inputs<'_>) -> T) -> T {
        let environment = |name: &str| self.environment.get(name).map(str::to_owned);
        read(&Inputs { environment: &environment, overrides: &self.environment.overrides(), arguments })
    }
}
