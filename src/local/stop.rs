//! Breaking off one run of a mesh while others go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, ErrorKind, Result};

/// Says whether a run is to stop. Clones mean the same run.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the run to stop; it does within a few hundredths of a second.
    pub fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was asked to.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// An error of kind `Interrupted` when it was asked to.
    pub(super) fn check(&self) -> Result<()> {
        match self.is_requested() {
            true => Err(Error::new(ErrorKind::Interrupted, "stopped")),
            false => Ok(()),
        }
    }
}
