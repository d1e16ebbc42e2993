//! All of a plan or nothing.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::tree::Checked;
use super::{FileChange, Plan, Step};
use crate::error::{Error, Result};
use crate::interrupt;

/// Names of what is being prepared start with this; anything of that name found under the lock
/// was left by a run that was killed.
pub(super) const TEMPORARY: &str = ".asya-tmp.";

/// How long another `asya` may write before this one gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// The right to write below a directory, alone, until it is dropped. Several plans that are carried
/// out under one lock may be carried out at once.
#[derive(Debug)]
pub struct Lock {
    _directory: Option<File>,
    /// Directories without leftovers of killed runs: what looks like one there now belongs to a plan
    /// that is being carried out.
    clear: Mutex<BTreeSet<PathBuf>>,
}

impl Lock {
    /// Waits for other writers below `root`. The directory itself is locked, so that no lock file is
    /// left behind; where the system cannot lock a directory, writing goes on without.
    pub fn wait(root: &Path) -> Result<Self> {
        let lock = |directory| Self { _directory: directory, clear: Mutex::new(BTreeSet::new()) };
        let Ok(directory) = File::open(root) else { return Ok(lock(None)) };
        let start = Instant::now();
        loop {
            match directory.try_lock() {
                Ok(()) => return Ok(lock(Some(directory))),
                Err(TryLockError::Error(_)) => return Ok(lock(None)),
                Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => {
                    interrupt::check()?;
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::project(format!("`{}` is locked", root.display()))
                        .because(format!("another `asya` has been writing there for {} seconds", PATIENCE.as_secs()))
                        .hint("wait for it to end, then try again"));
                }
            }
        }
    }

    /// Clears what killed runs left beside the places of `plan`, once per directory.
    pub(super) fn clear_beside(&self, plan: &Plan) -> Result<()> {
        let mut clear = self.clear.lock().unwrap_or_else(PoisonError::into_inner);
        let bases = plan.bases()?;
        for step in &plan.steps {
            if let Some(parent) = plan.place(step.path(), &bases)?.parent()
                && clear.insert(parent.to_owned())
            {
                clear_leftovers(parent);
            }
        }
        Ok(())
    }
}

pub(super) fn commit(plan: &Plan) -> Result<Vec<FileChange>> {
    interrupt::check()?;
    let mut undo = Undo::default();
    undo.make_directories(&plan.root).map_err(|error| plan.failed("made", &plan.root, &error))?;
    let lock = Lock::wait(&plan.root)?;
    let changes = commit_under(plan, &lock)?;
    undo.keep();
    Ok(changes)
}

pub(super) fn commit_under(plan: &Plan, lock: &Lock) -> Result<Vec<FileChange>> {
    interrupt::check()?;
    let mut undo = Undo::default();
    lock.clear_beside(plan)?;
    // Compared only now: another run may have written while this one waited for the lock.
    let checked = plan.checked()?;
    let mut moves = Vec::new();
    for step in checked.iter().filter(|step| step.is_work()) {
        interrupt::check()?;
        prepare(step, &mut moves, &mut undo).map_err(|(path, error)| plan.failed("written", &path, &error))?;
    }
    interrupt::check()?;
    for next in &moves {
        next.perform(&mut undo).map_err(|error| plan.failed("written", &next.place, &error))?;
    }
    undo.keep();
    Ok(plan.shown_changes(checked.into_iter().flat_map(|step| step.changes)))
}

/// One move into place, everything prepared.
struct Move {
    place: PathBuf,
    /// What comes; `None` when the place becomes empty.
    new: Option<PathBuf>,
    /// Where what is there goes; `None` when it is replaced in one step.
    aside: Option<PathBuf>,
    /// The bytes to restore when `aside` is `None` and a file is replaced.
    before: Option<Vec<u8>>,
}

type Failed = (PathBuf, io::Error);

fn prepare(checked: &Checked<'_>, moves: &mut Vec<Move>, undo: &mut Undo) -> Result<(), Failed> {
    let place = &checked.place;
    let at = |error: io::Error| (place.clone(), error);
    let parent = place.parent().unwrap_or(Path::new("/"));
    undo.make_directories(parent).map_err(at)?;
    let exists = place.symlink_metadata().is_ok();
    let mut next = Move { place: place.clone(), new: None, aside: None, before: None };
    match checked.step {
        Step::Tree { files, .. } => {
            if !files.is_empty() {
                let new = undo.temporary(place, "new");
                fs::create_dir(&new).map_err(at)?;
                for file in files {
                    let path = new.join(&file.path);
                    let shown = |error| (place.join(&file.path), error);
                    if let Some(directory) = path.parent().filter(|directory| *directory != new) {
                        fs::create_dir_all(directory).map_err(shown)?;
                    }
                    // What is generated can be generated again; only the user's files are worth a sync.
                    fs::write(&path, file.content.as_bytes()).map_err(shown)?;
                }
                if exists {
                    let permissions = fs::metadata(place).map_err(at)?.permissions();
                    fs::set_permissions(&new, permissions).map_err(at)?;
                }
                next.new = Some(new);
            }
            let purpose = if files.is_empty() { "gone" } else { "old" };
            next.aside = exists.then(|| undo.temporary(place, purpose));
        }
        Step::Create { content, .. } | Step::Write { content, .. } => {
            let new = undo.temporary(place, "new");
            // What is created is generated, too, until somebody edits it.
            let is_users = matches!(checked.step, Step::Write { .. });
            write_new(&new, content, is_users).map_err(at)?;
            if exists {
                let permissions = fs::metadata(place).map_err(at)?.permissions();
                if permissions.readonly() {
                    return Err(at(io::ErrorKind::PermissionDenied.into()));
                }
                fs::set_permissions(&new, permissions).map_err(at)?;
                next.before = Some(fs::read(place).map_err(at)?);
            }
            next.new = Some(new);
        }
        Step::Remove { .. } => next.aside = exists.then(|| undo.temporary(place, "gone")),
    }
    moves.push(next);
    Ok(())
}

fn write_new(path: &Path, content: &[u8], sync: bool) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(content)?;
    if sync { file.sync_data() } else { Ok(()) }
}

impl Move {
    fn perform(&self, undo: &mut Undo) -> io::Result<()> {
        if let Some(aside) = &self.aside {
            fs::rename(&self.place, aside)?;
            undo.steps.push(Back::Move { from: aside.clone(), to: self.place.clone() });
        }
        if let Some(new) = &self.new {
            fs::rename(new, &self.place)?;
            undo.steps.push(match &self.before {
                Some(before) => Back::Write { path: self.place.clone(), content: before.clone() },
                None => Back::Delete { path: self.place.clone() },
            });
        }
        Ok(())
    }
}

/// How to get back to the old state. Dropping it goes back, [`keep`](Undo::keep) does not.
#[derive(Default)]
struct Undo {
    directories: Vec<PathBuf>,
    temporaries: Vec<PathBuf>,
    steps: Vec<Back>,
    kept: bool,
}

enum Back {
    Move { from: PathBuf, to: PathBuf },
    Write { path: PathBuf, content: Vec<u8> },
    Delete { path: PathBuf },
}

impl Undo {
    /// A name beside `place`, on the same file system, that says what it is for.
    fn temporary(&mut self, place: &Path, purpose: &str) -> PathBuf {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let path = place.with_file_name(format!("{TEMPORARY}{purpose}.{name}"));
        self.temporaries.push(path.clone());
        path
    }

    fn make_directories(&mut self, path: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = path.ancestors().take_while(|directory| !directory.exists()).collect();
        for directory in missing.into_iter().rev().filter(|directory| !directory.as_os_str().is_empty()) {
            match fs::create_dir(directory) {
                Ok(()) => self.directories.push(directory.to_owned()),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && directory.is_dir() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn keep(&mut self) {
        self.kept = true;
    }
}

impl Drop for Undo {
    fn drop(&mut self) {
        // Best effort throughout: there is nowhere left to report to, and the next run clears up.
        if !self.kept {
            for step in self.steps.drain(..).rev() {
                let _ = match step {
                    Back::Move { from, to } => fs::rename(from, to),
                    Back::Write { path, content } => fs::write(path, content),
                    Back::Delete { path } => delete(&path),
                };
            }
        }
        for path in &self.temporaries {
            let _ = delete(path);
        }
        if !self.kept {
            for directory in self.directories.iter().rev() {
                let _ = fs::remove_dir(directory);
            }
        }
    }
}

fn delete(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(_) => Ok(()),
    }
}

/// Clears what a killed run left in `directory`: a tree it had moved aside goes back if nothing
/// came in its place, everything else goes away. Only under the lock.
fn clear_leftovers(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(rest) = name.strip_prefix(TEMPORARY) else { continue };
        let path = entry.path();
        let restored = rest
            .strip_prefix("old.")
            .map(|name| directory.join(name))
            .is_some_and(|place| place.symlink_metadata().is_err() && fs::rename(&path, place).is_ok());
        if !restored {
            let _ = delete(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifacts::Artifact;

    #[test]
    fn a_failure_while_moving_is_rolled_back() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        fs::create_dir(path("tree")).unwrap();
        for (name, text) in [("tree/a", "old"), ("edited", "old"), ("gone", "old"), ("last", "old")] {
            fs::write(path(name), text).unwrap();
        }
        let mut plan = Plan::new(root.path());
        plan.replace_tree("tree", vec![Artifact::new("a", "new"), Artifact::new("b", "new")])
            .replace_tree("fresh/tree", vec![Artifact::new("a", "new")])
            .write("edited", "new")
            .remove("gone")
            .create("made/here", "new")
            .write("last", "new");
        let mut undo = Undo::default();
        let mut moves = Vec::new();
        for step in plan.checked().unwrap() {
            prepare(&step, &mut moves, &mut undo).unwrap();
        }
        fs::remove_file(path(".asya-tmp.new.last")).unwrap();
        let done = moves.iter().take_while(|next| next.perform(&mut undo).is_ok()).count();
        assert_eq!(done, 5);
        assert_eq!(fs::read_to_string(path("tree/a")).unwrap(), "new");
        assert!(path("made/here").exists() && !path("gone").exists());
        drop(undo);
        let mut left: Vec<_> = fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["edited", "gone", "last", "tree"]);
        for name in ["tree/a", "edited", "gone", "last"] {
            assert_eq!(fs::read_to_string(path(name)).unwrap(), "old", "{name}");
        }
        assert!(!path("tree/b").exists());
    }
}
