//! A directory on disk as the tree that rendering reads.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::error::io_reason;
use crate::kustomize::{FILE_MAX, FileTree};

/// Files below (and, by `..`, beside) a directory. Relative paths start there; which of them a
/// kustomization may use is decided by the renderer.
#[derive(Debug, Clone)]
pub struct DiskTree {
    start: PathBuf,
    /// Directories with their links resolved, as files of one are asked for one after the other.
    resolved: RefCell<HashMap<PathBuf, PathBuf>>,
}

impl DiskTree {
    /// A tree whose relative paths start at `start`.
    pub fn new(start: impl Into<PathBuf>) -> Self {
        Self { start: start.into(), resolved: RefCell::default() }
    }
}

impl FileTree for DiskTree {
    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        let path = self.start.join(path);
        let size = std::fs::metadata(&path).map_err(|error| io_reason(&error))?.len();
        if size > FILE_MAX {
            return Err(format!("it has {size} bytes, and files up to {FILE_MAX} are read"));
        }
        std::fs::read(path).map_err(|error| io_reason(&error))
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.start.join(path).is_dir()
    }

    fn is_file(&self, path: &Path) -> bool {
        self.start.join(path).is_file()
    }

    fn canonical(&self, path: &Path) -> Result<PathBuf, String> {
        let path = self.start.join(path);
        let resolve = |path: &Path| path.canonicalize().map_err(|error| io_reason(&error));
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return resolve(&path) };
        // What is no link itself is where its directory is.
        let plain = std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        if !plain || parent.as_os_str().is_empty() {
            return resolve(&path);
        }
        if let Some(parent) = self.resolved.borrow().get(parent) {
            return Ok(parent.join(name));
        }
        let resolved = resolve(parent)?;
        let full = resolved.join(name);
        self.resolved.borrow_mut().insert(parent.to_owned(), resolved);
        Ok(full)
    }
}
