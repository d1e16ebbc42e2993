//! A directory as it would be, for programs that can only read what is on the disk.

use std::path::{Path, PathBuf};

use super::commit::TEMPORARY;
use crate::error::{Error, Result, io_reason};

/// A copy of a directory, beside it, so that paths that lead out of it lead to the same places. It is
/// taken away when this is dropped.
#[derive(Debug)]
pub struct View {
    copy: PathBuf,
}

impl View {
    /// A copy of `directory` with other `files` (absolute paths, links resolved) in the place of some
    /// of its own; `None` for those that would not be there. Files elsewhere are not looked at. The
    /// writer's lock has to be held: what killed runs left is cleared under it.
    pub fn of<'f>(
        directory: &Path,
        files: impl Iterator<Item = (&'f Path, Option<&'f [u8]>)>,
        _lock: &super::Lock,
    ) -> Result<Self> {
        let failed =
            |path: &Path, error: &std::io::Error| {
                Error::project(format!("a copy of `{}` cannot be made to render it", directory.display()))
                    .because(format!("`{}`: {}", path.display(), io_reason(error)))
            };
        let real = directory.canonicalize().map_err(|error| failed(directory, &error))?;
        let name = real.file_name().unwrap_or_default().to_string_lossy();
        let view = Self { copy: real.with_file_name(format!("{TEMPORARY}view.{name}")) };
        // What a killed run left.
        view.remove();
        copy(&real, &view.copy).map_err(|(path, error)| failed(&path, &error))?;
        for (path, content) in files {
            let Ok(inside) = path.strip_prefix(&real) else { continue };
            let place = view.copy.join(inside);
            let done = match content {
                Some(content) => {
                    let parent = place.parent().unwrap_or(&view.copy);
                    // Never through a link to what is linked.
                    std::fs::create_dir_all(parent).and_then(|()| {
                        let _ = std::fs::remove_file(&place);
                        std::fs::write(&place, content)
                    })
                }
                None => std::fs::remove_file(&place),
            };
            done.map_err(|error| failed(path, &error))?;
        }
        Ok(view)
    }

    /// Where the copy is.
    pub fn path(&self) -> &Path {
        &self.copy
    }

    fn remove(&self) {
        // The next one that writes there tries again.
        let _ = std::fs::remove_dir_all(&self.copy);
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.remove();
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), (PathBuf, std::io::Error)> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    std::fs::create_dir(to).map_err(at(to))?;
    for entry in std::fs::read_dir(from).map_err(at(from))? {
        let entry = entry.map_err(at(from))?;
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            continue;
        }
        let kind = entry.file_type().map_err(at(&path))?;
        if kind.is_dir() {
            copy(&path, &place)?;
        } else if kind.is_symlink() {
            link(&path, &place).map_err(at(&path))?;
        } else if kind.is_file() {
            std::fs::copy(&path, &place).map_err(at(&path))?;
        }
    }
    Ok(())
}

/// The same link; it leads to the same place, as the copy is as deep as the original.
#[cfg(unix)]
fn link(path: &Path, place: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(std::fs::read_link(path)?, place)
}

#[cfg(not(unix))]
fn link(path: &Path, place: &Path) -> std::io::Result<()> {
    match path.is_dir() {
        true => Ok(()),
        false => std::fs::copy(path, place).map(drop),
    }
}
