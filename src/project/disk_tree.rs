//! A directory on disk as the tree that rendering reads.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::text::absolute;
use crate::error::io_reason;
use crate::kustomize::{FILE_MAX, FileTree};

/// Files below (and, by `..`, beside) a directory. Relative paths start there; which of them a
/// kustomization may use is decided by the renderer.
#[derive(Debug, Clone)]
pub struct DiskTree {
    start: PathBuf,
    /// What is to be seen instead of the disk; `None` for no file.
    instead: BTreeMap<PathBuf, Option<Vec<u8>>>,
    /// Directories with their links resolved, as files of one are asked for one after the other.
    resolved: RefCell<HashMap<PathBuf, PathBuf>>,
}

impl DiskTree {
    /// A tree whose relative paths start at `start`.
    pub fn new(start: impl Into<PathBuf>) -> Self {
        Self { start: start.into(), instead: BTreeMap::new(), resolved: RefCell::default() }
    }

    /// Shows `content` at `path` instead of what the disk has there; `None` shows no file. Directories
    /// that it needs are there as well.
    pub fn set(&mut self, path: &Path, content: Option<Vec<u8>>) {
        let place = self.place(path);
        self.instead.insert(place, content);
    }

    /// What is shown instead of the disk: paths without links, and `None` for no file.
    pub fn changes(&self) -> impl Iterator<Item = (&Path, Option<&[u8]>)> {
        self.instead.iter().map(|(path, content)| (path.as_path(), content.as_deref()))
    }

    /// The path without `.`, `..` and symbolic links, as far as it exists.
    fn place(&self, path: &Path) -> PathBuf {
        let path = self.start.join(path);
        for existing in path.ancestors() {
            if let (Ok(real), Ok(rest)) = (existing.canonicalize(), path.strip_prefix(existing)) {
                return absolute(&real, rest);
            }
        }
        path
    }

    /// The path of something that exists, without `.`, `..` and symbolic links.
    fn resolve(&self, path: &Path) -> std::io::Result<PathBuf> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return path.canonicalize() };
        // What is no link itself is where its directory is.
        let plain = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
        if !plain || parent.as_os_str().is_empty() {
            return path.canonicalize();
        }
        if let Some(parent) = self.resolved.borrow().get(parent) {
            return Ok(parent.join(name));
        }
        let resolved = parent.canonicalize()?;
        let full = resolved.join(name);
        self.resolved.borrow_mut().insert(parent.to_owned(), resolved);
        Ok(full)
    }

    fn is_shown_below(&self, path: &Path) -> bool {
        self.instead.iter().any(|(file, content)| content.is_some() && file != path && file.starts_with(path))
    }
}

impl FileTree for DiskTree {
    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        let path = if self.instead.is_empty() { self.start.join(path) } else { self.place(path) };
        if let Some(content) = self.instead.get(&path) {
            return content.clone().ok_or_else(|| io_reason(&std::io::ErrorKind::NotFound.into()));
        }
        let size = std::fs::metadata(&path).map_err(|error| io_reason(&error))?.len();
        if size > FILE_MAX {
            return Err(format!("it has {size} bytes, and files up to {FILE_MAX} are read"));
        }
        std::fs::read(path).map_err(|error| io_reason(&error))
    }

    fn is_dir(&self, path: &Path) -> bool {
        if self.instead.is_empty() {
            return self.start.join(path).is_dir();
        }
        let place = self.place(path);
        place.is_dir() || self.is_shown_below(&place)
    }

    fn is_file(&self, path: &Path) -> bool {
        if self.instead.is_empty() {
            return self.start.join(path).is_file();
        }
        let place = self.place(path);
        self.instead.get(&place).map_or_else(|| place.is_file(), Option::is_some)
    }

    fn canonical(&self, path: &Path) -> Result<PathBuf, String> {
        if !self.instead.is_empty() {
            let place = self.place(path);
            if self.instead.get(&place).is_some_and(Option::is_some) || self.is_shown_below(&place) {
                return Ok(place);
            }
            return place.canonicalize().map_err(|error| io_reason(&error));
        }
        self.resolve(&self.start.join(path)).map_err(|error| io_reason(&error))
    }
}
