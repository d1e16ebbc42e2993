//! Renders a directory of kustomizations, equal to `kubectl kustomize` byte for byte.

mod object;

use std::path::Path;

pub use object::{Object, ObjectId};

/// Read access to a tree of files, so that rendering itself touches no disk.
/// Paths are as written in kustomizations, joined to the directory that was asked for.
pub trait FileTree {
    /// The bytes of a file; the error is a short reason without the path.
    fn read(&self, path: &Path) -> Result<Vec<u8>, String>;
    /// Whether `path` is a directory.
    fn is_dir(&self, path: &Path) -> bool;
    /// Whether `path` is a file.
    fn is_file(&self, path: &Path) -> bool;
    /// The path with `.`, `..` and symbolic links resolved.
    fn canonical(&self, path: &Path) -> Result<std::path::PathBuf, String>;
}
