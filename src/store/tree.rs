//! What is on the disk beside what is wanted.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::{Plan, Step};
use crate::artifacts::Artifact;
use crate::error::{Error, Result};
use crate::event::Change;

/// A step with its real place and what it will change; paths are absolute.
pub(in crate::store) struct Checked<'a> {
    pub(in crate::store) place: PathBuf,
    pub(in crate::store) step: &'a Step,
    pub(in crate::store) changes: Vec<(PathBuf, Change)>,
}

impl Checked<'_> {
    /// Whether the disk has to be touched.
    pub(in crate::store) fn is_work(&self) -> bool {
        self.changes.iter().any(|(_, change)| !matches!(change, Change::Unchanged | Change::Kept))
    }
}

impl Plan {
    /// Every step compared with the disk.
    pub(in crate::store) fn checked(&self) -> Result<Vec<Checked<'_>>> {
        let bases = self.bases()?;
        let mut checked: Vec<Checked<'_>> = Vec::new();
        for step in &self.steps {
            let place = self.place(step.path(), &bases)?;
            if let Some(other) = checked.iter().find(|other| overlap(other, step, &place)) {
                let (one, two) = (self.shown(&place), self.shown(&other.place));
                return Err(Error::project(format!(
                    "`{}` and `{}` cannot be written together: one would overwrite the other",
                    one.display(),
                    two.display()
                )));
            }
            let changes = self.compare(step, &place)?;
            checked.push(Checked { place, step, changes });
        }
        Ok(checked)
    }

    fn compare(&self, step: &Step, place: &Path) -> Result<Vec<(PathBuf, Change)>> {
        match step {
            Step::Tree { files, .. } => self.compare_tree(place, files),
            Step::Create { .. } => {
                self.not_a_directory(place)?;
                let change = if place.exists() { Change::Kept } else { Change::Created };
                Ok(vec![(place.to_owned(), change)])
            }
            Step::Write { content, .. } => {
                self.not_a_directory(place)?;
                let change = match std::fs::read(place) {
                    Ok(old) if old == *content => Change::Unchanged,
                    Ok(_) => Change::Changed,
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => Change::Created,
                    Err(error) => return Err(self.failed("read", place, &error)),
                };
                Ok(vec![(place.to_owned(), change)])
            }
            Step::Remove { .. } => {
                let change = if place.symlink_metadata().is_ok() { Change::Removed } else { Change::Unchanged };
                Ok(vec![(place.to_owned(), change)])
            }
        }
    }

    fn compare_tree(&self, place: &Path, files: &[Artifact]) -> Result<Vec<(PathBuf, Change)>> {
        let wanted = self.wanted(place, files)?;
        let present = self.present(place)?;
        if !wanted.is_empty() && !present.is_empty() && !wanted.keys().any(|path| present.contains_key(path)) {
            let some: Vec<String> = present.keys().take(3).map(|path| path.display().to_string()).collect();
            return Err(Error::project(format!("refused to replace the directory `{}`", self.shown(place).display()))
                .because(format!("it holds files that asya did not make: {}", crate::names::listed(&some)))
                .hint("choose another directory in `.asya/config.yaml`, or move these files away"));
        }
        let mut changes: Vec<(PathBuf, Change)> = Vec::new();
        for (path, content) in &wanted {
            let change = match present.get(path) {
                None => Change::Created,
                Some(old) if old.as_deref() == Some(content.as_bytes()) => Change::Unchanged,
                Some(_) => Change::Changed,
            };
            changes.push((place.join(path), change));
        }
        for path in present.keys().filter(|path| !wanted.contains_key(*path)) {
            changes.push((place.join(path), Change::Removed));
        }
        Ok(changes)
    }

    /// The files of a tree by their path, which must stay inside it.
    fn wanted<'a>(&self, place: &Path, files: &'a [Artifact]) -> Result<BTreeMap<PathBuf, &'a str>> {
        let mut wanted: BTreeMap<PathBuf, &str> = BTreeMap::new();
        for file in files {
            let inside = file.path.components().all(|part| matches!(part, Component::Normal(_)));
            if !inside || file.path.as_os_str().is_empty() {
                return Err(Error::project(format!("refused to write `{}`", file.path.display()))
                    .because(format!("it does not stay inside `{}`", self.shown(place).display())));
            }
            if wanted.insert(file.path.clone(), &file.content).is_some() {
                let path = self.shown(&place.join(&file.path));
                return Err(Error::project(format!("`{}` would be written twice", path.display())));
            }
        }
        Ok(wanted)
    }

    /// The files below `place` with their bytes; `None` for what is no regular file. What Python
    /// and file managers leave behind does not count.
    fn present(&self, place: &Path) -> Result<BTreeMap<PathBuf, Option<Vec<u8>>>> {
        let mut present = BTreeMap::new();
        if place.exists() && !place.is_dir() {
            return Err(Error::project(format!("`{}` is in the way", self.shown(place).display()))
                .because("it is a file, and a directory of generated files belongs there")
                .hint("move it away"));
        }
        let mut open = vec![place.to_owned()];
        while let Some(directory) = open.pop() {
            let entries = match std::fs::read_dir(&directory) {
                Ok(entries) => entries,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(self.failed("read", &directory, &error)),
            };
            for entry in entries {
                let entry = entry.map_err(|error| self.failed("read", &directory, &error))?;
                let (path, name) = (entry.path(), entry.file_name());
                if name == "__pycache__" || name == ".DS_Store" {
                    continue;
                }
                let kind = entry.file_type().map_err(|error| self.failed("read", &path, &error))?;
                if kind.is_dir() {
                    open.push(path);
                    continue;
                }
                let bytes = if kind.is_file() {
                    Some(std::fs::read(&path).map_err(|error| self.failed("read", &path, &error))?)
                } else {
                    None
                };
                present.insert(path.strip_prefix(place).unwrap_or(&path).to_owned(), bytes);
            }
        }
        Ok(present)
    }

    fn not_a_directory(&self, place: &Path) -> Result<()> {
        if place.is_dir() {
            return Err(Error::project(format!("`{}` is in the way", self.shown(place).display()))
                .because("it is a directory, and a file belongs there")
                .hint("move it away"));
        }
        Ok(())
    }
}

fn overlap(other: &Checked<'_>, step: &Step, place: &Path) -> bool {
    let is_tree = |step: &Step| matches!(step, Step::Tree { .. } | Step::Remove { .. });
    other.place == place
        || (is_tree(other.step) && place.starts_with(&other.place))
        || (is_tree(step) && other.place.starts_with(place))
}
