//! Writes files: a plan first, then all of it or nothing. The only room that writes into a project.

mod claim;
mod commit;
mod log;
mod paths;
mod temporary;
mod tree;
mod view;

use std::path::{Path, PathBuf};

use crate::artifacts::Artifact;
use crate::error::{Error, Result};
use crate::event::{Change, Event, Events};

pub use claim::Claim;
pub use commit::Lock;
pub use log::open_log;
pub use temporary::{remove_temporary_file, temporary_file};
pub use view::View;

/// Files to be written, as data. Nothing is touched before [`commit`](Plan::commit).
#[derive(Debug)]
pub struct Plan {
    root: PathBuf,
    allowed: Vec<PathBuf>,
    steps: Vec<Step>,
}

#[derive(Debug)]
pub(in crate::store) enum Step {
    /// A generated directory, replaced as a whole.
    Tree { directory: PathBuf, files: Vec<Artifact> },
    /// A file of the user's that is made only where there is none.
    Create { path: PathBuf, content: Vec<u8> },
    /// A file that is overwritten.
    Write { path: PathBuf, content: Vec<u8> },
    /// A file or a directory that is taken away.
    Remove { path: PathBuf },
}

/// What a plan does to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Relative to the root of the plan where it lies inside, else absolute.
    pub path: PathBuf,
    /// What becomes of it.
    pub change: Change,
}

impl Plan {
    /// An empty plan that writes below `root` and nowhere else. `root` is made if need be.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), allowed: Vec::new(), steps: Vec::new() }
    }

    /// Also allows writing below `outer`, where an enclosing project's configuration puts things.
    pub fn allow(&mut self, outer: impl Into<PathBuf>) -> &mut Self {
        self.allowed.push(outer.into());
        self
    }

    /// Makes `directory` hold exactly `files` (paths relative to it). It appears at once: a reader
    /// sees the old tree or the new one. A tree that is as wanted already is not touched at all.
    /// A directory that holds other files and none of these is taken for the user's and refused.
    /// Without `files` the directory is taken away.
    pub fn replace_tree(&mut self, directory: impl Into<PathBuf>, files: Vec<Artifact>) -> &mut Self {
        self.steps.push(Step::Tree { directory: directory.into(), files });
        self
    }

    /// Makes a file that belongs to the user from then on; an existing one is kept.
    pub fn create(&mut self, path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) -> &mut Self {
        self.steps.push(Step::Create { path: path.into(), content: content.into() });
        self
    }

    /// Writes one file at once, keeping its permissions if it exists.
    pub fn write(&mut self, path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) -> &mut Self {
        self.steps.push(Step::Write { path: path.into(), content: content.into() });
        self
    }

    /// Takes a file or a directory away, if it is there.
    pub fn remove(&mut self, path: impl Into<PathBuf>) -> &mut Self {
        self.steps.push(Step::Remove { path: path.into() });
        self
    }

    /// What [`commit`](Plan::commit) would do, in the order of the plan; nothing is written. Fails
    /// where the commit would fail before its first write.
    pub fn changes(&self) -> Result<Vec<FileChange>> {
        let changes = self.checked()?.into_iter().flat_map(|step| step.changes);
        Ok(self.shown_changes(changes))
    }

    /// Does it: everything is prepared beside its place first and moved into place last. When
    /// anything fails or the person interrupts before that, the old state is there as before; a
    /// failure while moving is rolled back. Tells `events` about every file.
    pub fn commit(&self, events: Events<'_>) -> Result<Vec<FileChange>> {
        commit::commit(self)?
            .into_iter()
            .map(|change| {
                events(Event::File { path: change.path.clone(), change: change.change });
                Ok(change)
            })
            .collect()
    }

    /// [`changes`](Plan::changes) for who holds the lock and goes on to
    /// [`commit_under`](Plan::commit_under) it.
    pub fn changes_under(&self, lock: &Lock) -> Result<Vec<FileChange>> {
        lock.clear_beside(self)?;
        self.changes()
    }

    /// [`commit`](Plan::commit) under a lock that is held already.
    pub fn commit_under(&self, lock: &Lock) -> Result<Vec<FileChange>> {
        commit::commit_under(self, lock)
    }

    /// What a file of [`changes`](Plan::changes) contains and would contain; `None` where one of the
    /// two is missing or no text.
    pub fn texts(&self, change: &FileChange) -> Option<(String, String)> {
        let path = self.root.join(&change.path);
        let bases = self.bases().ok()?;
        let content = self.steps.iter().find_map(|step| {
            let place = self.place(step.path(), &bases).ok()?;
            match step {
                Step::Tree { files, .. } => {
                    let inside = path.strip_prefix(&place).ok()?;
                    files.iter().find(|file| file.path == inside).map(|file| file.content.as_bytes())
                }
                Step::Create { content, .. } | Step::Write { content, .. } => {
                    (place == path).then_some(content.as_slice())
                }
                Step::Remove { .. } => None,
            }
        })?;
        let before = std::fs::read(&path).ok()?;
        Some((String::from_utf8(before).ok()?, std::str::from_utf8(content).ok()?.to_owned()))
    }

    pub(in crate::store) fn shown(&self, path: &Path) -> PathBuf {
        self.below(&self.real_root(), path)
    }

    /// Many files, for which the root is looked up once.
    pub(in crate::store) fn shown_changes(&self, changes: impl Iterator<Item = (PathBuf, Change)>) -> Vec<FileChange> {
        let real = self.real_root();
        changes.map(|(path, change)| FileChange { path: self.below(&real, &path), change }).collect()
    }

    fn real_root(&self) -> PathBuf {
        self.root.canonicalize().unwrap_or_else(|_| self.root.clone())
    }

    fn below(&self, real: &Path, path: &Path) -> PathBuf {
        path.strip_prefix(real).or_else(|_| path.strip_prefix(&self.root)).unwrap_or(path).to_owned()
    }

    pub(in crate::store) fn failed(&self, what: &str, path: &Path, error: &std::io::Error) -> Error {
        let shown = self.shown(path);
        // The root itself has no path below the root.
        let shown = if shown.as_os_str().is_empty() { path } else { &shown };
        Error::project(format!("`{}` cannot be {what}", shown.display())).because(crate::error::io_reason(error))
    }
}
