//! Paths of a plan: inside the root, whatever names and symbolic links say.

use std::path::{Component, Path, PathBuf};

use super::{Plan, Step};
use crate::error::{Error, Result, io_reason};

/// The directories that a plan may write below, as they are on the disk.
pub(in crate::store) struct Bases(Vec<PathBuf>);

impl Plan {
    /// Looked up once for all steps: each look asks the file system about every directory above.
    pub(in crate::store) fn bases(&self) -> Result<Bases> {
        let real = |allowed: &PathBuf| {
            let (existing, rest) = split(allowed)?;
            Ok(existing.canonicalize().map(|real| real.join(rest)).unwrap_or_else(|_| allowed.clone()))
        };
        std::iter::once(&self.root).chain(&self.allowed).map(real).collect::<Result<_>>().map(Bases)
    }

    /// The real place of a step's path: absolute, every symbolic link on the way followed, inside
    /// the root or a directory that was allowed.
    pub(in crate::store) fn place(&self, path: &Path, bases: &Bases) -> Result<PathBuf> {
        let shown = path.display();
        if path.components().any(|part| part == Component::ParentDir) {
            return Err(Error::project(format!("refused to write `{shown}`"))
                .because("`..` in a path may lead out of the project"));
        }
        let (existing, rest) = split(&self.root.join(path))?;
        let real = existing.canonicalize().map_err(|error| {
            Error::project(format!("refused to write `{shown}`")).because(format!(
                "`{}` leads nowhere: {}",
                existing.display(),
                io_reason(&error)
            ))
        })?;
        let place = if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        if bases.0.iter().any(|base| place.starts_with(base) && place != *base) {
            return Ok(place);
        }
        Err(Error::project(format!("refused to write `{shown}`")).because(format!(
            "`{}` is not inside the project `{}`",
            place.display(),
            self.root.display()
        )))
    }
}

impl Step {
    pub(in crate::store) fn path(&self) -> &Path {
        match self {
            Self::Tree { directory, .. } => directory,
            Self::Create { path, .. } | Self::Write { path, .. } | Self::Remove { path } => path,
        }
    }
}

/// The longest part of `path` that exists (dangling links count as existing), and the rest.
fn split(path: &Path) -> Result<(PathBuf, PathBuf)> {
    for existing in path.ancestors() {
        match existing.symlink_metadata() {
            Ok(_) => {
                let rest = path.strip_prefix(existing).unwrap_or(Path::new("")).to_owned();
                return Ok((existing.to_owned(), rest));
            }
            Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {}
            Err(error) => {
                return Err(
                    Error::project(format!("`{}` cannot be looked at", existing.display())).because(io_reason(&error))
                );
            }
        }
    }
    Ok((PathBuf::from("."), path.to_owned()))
}
