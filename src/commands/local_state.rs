//! The context `local` of a project: where its applied state is, and who serves it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::local::applied_file;
use crate::names::FlowName;
use crate::project::{MARKER, Project};
use crate::store::{Claim, Plan};

/// Below the project's `.asya/`.
const DIRECTORY: &str = "local";
/// Who serves the state.
const GATEWAY: &str = "gateway.json";
/// Keeps the state out of git, without a word in the user's own file.
const IGNORE: &str =
    "# The applied state of the context `local`: made by `asya k apply`, of use on this machine alone.\n*\n";

/// The state on the disk.
pub(super) struct LocalState {
    root: PathBuf,
}

/// The gateway that serves it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Running {
    /// Where.
    pub(super) url: String,
    /// Which process.
    pub(super) pid: u32,
}

impl LocalState {
    pub(super) fn of(project: &Project) -> Self {
        Self { root: project.root().to_owned() }
    }

    /// The directory of the state.
    pub(super) fn directory(&self) -> PathBuf {
        self.root.join(MARKER).join(DIRECTORY)
    }

    /// The file of a flow, relative to the project.
    pub(super) fn file(flow: &FlowName) -> PathBuf {
        applied_file(&Path::new(MARKER).join(DIRECTORY), flow)
    }

    /// Writes the state of a flow, or takes it away; all or nothing.
    pub(super) fn write(&self, flow: &FlowName, text: Option<String>) -> Result<()> {
        let mut plan = Plan::new(&self.root);
        match text {
            Some(text) => {
                plan.create(Path::new(MARKER).join(DIRECTORY).join(".gitignore"), IGNORE);
                plan.write(Self::file(flow), text);
            }
            None => {
                plan.remove(Self::file(flow));
            }
        }
        plan.commit(&mut |_| {}).map(drop)
    }

    /// Claims to be the gateway of this project; `Err` in the answer names the one that is.
    pub(super) fn claim(&self) -> Result<Result<Claim, Option<Running>>> {
        let mut plan = Plan::new(&self.root);
        plan.create(Path::new(MARKER).join(DIRECTORY).join(".gitignore"), IGNORE);
        plan.commit(&mut |_| {})?;
        let claim = Claim::take(&self.directory().join(GATEWAY))?;
        Ok(claim.map_err(|text| serde_json::from_str(&text).ok()))
    }

    /// The gateway that serves the state now.
    pub(super) fn running(&self) -> Option<Running> {
        serde_json::from_str(&Claim::holder(&self.directory().join(GATEWAY))?).ok()
    }
}
