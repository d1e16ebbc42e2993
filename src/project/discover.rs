//! Where the project is: the nearest ancestor with `.asya/`, and every one above it.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result, io_reason};

/// The directory that makes a directory a project.
pub const MARKER: &str = ".asya";

/// What a walk upwards saw.
#[derive(Debug, Clone)]
pub struct Discovery {
    /// Directories that hold `.asya/`, outermost first. The last one is the project.
    pub layers: Vec<PathBuf>,
    /// Every directory that was looked at, the nearest first.
    pub searched: Vec<PathBuf>,
    /// The nearest directory with `.git`, where the walk ended.
    pub git_root: Option<PathBuf>,
}

/// Walks from `start` upwards to the git root, or to the root of the file system where there is
/// no git. Finding no project is not an error here; a `start` that is no directory is.
pub fn discover(start: &Path) -> Result<Discovery> {
    let refused = |reason: String| Error::project(format!("cannot start in `{}`", start.display())).because(reason);
    let start = start.canonicalize().map_err(|error| refused(io_reason(&error)))?;
    if !start.is_dir() {
        return Err(refused("it is not a directory".to_owned()));
    }
    let mut found = Discovery { layers: Vec::new(), searched: Vec::new(), git_root: None };
    for directory in start.ancestors() {
        found.searched.push(directory.to_owned());
        if directory.join(MARKER).is_dir() {
            found.layers.push(directory.to_owned());
        }
        if directory.join(".git").exists() {
            found.git_root = Some(directory.to_owned());
            break;
        }
    }
    found.layers.reverse();
    Ok(found)
}

/// The error for a walk that found no project: what was searched, and how to make one.
pub(super) fn nothing_found(found: &Discovery) -> Error {
    let searched: Vec<String> = found.searched.iter().map(|directory| format!("`{}`", directory.display())).collect();
    let end = match &found.git_root {
        Some(root) => format!(" (the search ends at the git repository `{}`)", root.display()),
        None => String::new(),
    };
    Error::project("this is not an asya project: there is no `.asya/` directory")
        .because(format!("none of these holds one: {}{end}", searched.join(", ")))
        .hint("run `asya init` to set up a project here")
}
