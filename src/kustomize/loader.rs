//! Files of one kustomization: below its directory and nowhere else; directories anywhere.

use std::path::{Component, Path, PathBuf};

use super::FileTree;
use super::error::{Fault, RenderError};
use super::kustomization::Text;
use crate::source::Source;

/// Names a kustomization file may have.
const FILE_NAMES: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// Longest chain of directories, one listing the next.
const CHAIN_MAX: usize = 64;

/// The directory of a kustomization and those that led to it.
pub(super) struct Loader<'a> {
    tree: &'a dyn FileTree,
    /// The directory as it is shown.
    shown: PathBuf,
    /// The directory with symbolic links resolved.
    root: PathBuf,
    /// Directories on the way here, resolved.
    above: Vec<PathBuf>,
}

impl<'a> Loader<'a> {
    /// The directory that was asked for.
    pub(super) fn new(tree: &'a dyn FileTree, directory: &Path) -> Result<Self, RenderError> {
        let shown = normal(directory);
        if !tree.is_dir(directory) {
            return Err(RenderError::plain(
                format!("there is no directory `{}`", show(&shown)),
                "nothing can be rendered from it",
                "name a directory with a kustomization.yaml",
            ));
        }
        let root = tree.canonical(directory).map_err(|reason| unreadable(&shown, reason))?;
        Ok(Self { tree, shown, root, above: Vec::new() })
    }

    /// The directory as it is shown.
    pub(super) fn shown(&self) -> String {
        show(&self.shown)
    }

    /// Name and bytes of the kustomization file.
    pub(super) fn kustomization(&self) -> Result<(String, Vec<u8>), RenderError> {
        let found: Vec<&&str> = FILE_NAMES.iter().filter(|name| self.tree.is_file(&self.root.join(name))).collect();
        match found.as_slice() {
            [name] => {
                let shown = show(&self.shown.join(name));
                let bytes = self
                    .tree
                    .read(&self.root.join(name))
                    .map_err(|reason| unreadable(&self.shown.join(name), reason))?;
                Ok((shown, bytes))
            }
            [] => Err(RenderError::plain(
                format!("`{}` cannot be rendered", self.shown()),
                "there is no kustomization.yaml in it",
                "create one that lists the manifests under `resources`",
            )),
            _ => Err(RenderError::plain(
                format!("`{}` cannot be rendered", self.shown()),
                format!("there are several kustomization files: {}", crate::names::listed(&found)),
                "keep one",
            )),
        }
    }

    pub(super) fn is_dir(&self, path: &str) -> bool {
        !path.is_empty() && self.tree.is_dir(&self.root.join(path))
    }

    pub(super) fn is_file(&self, path: &str) -> bool {
        !path.is_empty() && self.tree.is_file(&self.root.join(path))
    }

    /// Name and bytes of a file; it must be below the directory, also once links are resolved.
    pub(super) fn file(&self, path: &Text, from: &Source) -> Result<(String, Vec<u8>), RenderError> {
        let shown = show(&normal(&self.shown.join(&path.text)));
        let wrong = |message: String| Fault::new(path.span, message);
        let full = self.root.join(&path.text);
        if path.text.is_empty() || !self.tree.is_file(&full) {
            let what = if self.is_dir(&path.text) { "it is a directory" } else { "there is no such file" };
            return Err(wrong(format!("`{shown}` cannot be read: {what}"))
                .help("paths start at the directory of the kustomization")
                .of(from));
        }
        let real = self.tree.canonical(&full).map_err(|reason| wrong(format!("`{shown}`: {reason}")).of(from))?;
        if !real.starts_with(&self.root) {
            return Err(wrong(format!("`{shown}` is outside of `{}`", self.shown()))
                .note("a kustomization may only use files in or below its own directory, also through links")
                .help("give that directory a kustomization.yaml of its own and list the directory instead")
                .of(from));
        }
        let bytes = self.tree.read(&real).map_err(|reason| wrong(format!("`{shown}`: {reason}")).of(from))?;
        Ok((shown, bytes))
    }

    /// Another kustomization, listed in this one.
    pub(super) fn directory(&self, path: &Text, from: &Source) -> Result<Self, RenderError> {
        let shown = normal(&self.shown.join(&path.text));
        let wrong = |message: String| Fault::new(path.span, message);
        if Path::new(&path.text).is_absolute() {
            return Err(wrong(format!("`{}` is an absolute path", path.text)).help("use a relative one").of(from));
        }
        let root = self
            .tree
            .canonical(&self.root.join(&path.text))
            .map_err(|reason| wrong(format!("`{}`: {reason}", show(&shown))).of(from))?;
        if self.root.starts_with(&root) || self.above.iter().any(|above| above.starts_with(&root)) {
            return Err(wrong(format!("`{}` would hold itself", show(&shown)))
                .note("a kustomization cannot list its own directory, or one that leads to it")
                .of(from));
        }
        if self.above.len() >= CHAIN_MAX {
            return Err(wrong(format!("more than {CHAIN_MAX} directories list one another")).of(from));
        }
        let mut above = self.above.clone();
        above.push(self.root.clone());
        Ok(Self { tree: self.tree, shown, root, above })
    }
}

fn unreadable(path: &Path, reason: String) -> RenderError {
    RenderError::plain(format!("`{}` cannot be read", show(path)), reason, "")
}

fn show(path: &Path) -> String {
    let text = path.display().to_string();
    if text.is_empty() { ".".to_owned() } else { text }
}

/// The path without `.` and with `..` taken literally, for showing.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}
