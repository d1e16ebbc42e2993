//! Which configuration files are read at all: text of a sane size, inside the project, of this user.
//!
//! Configuration names commands, images and clusters. A file that somebody else left in a directory
//! above (`/tmp/.asya`), or a link that leads elsewhere, must not decide about them.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use super::text::read_source;
use crate::error::{Error, Result, io_reason};
use crate::source::Source;

/// The largest configuration file that is read. The largest that people write are some kilobytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// What files must be like to be read.
pub(super) struct Trust {
    /// No link may lead out of it.
    boundary: PathBuf,
    owners: Vec<u32>,
}

impl Trust {
    /// For layers below `boundary`, for a command that was started in `start`.
    pub(super) fn new(start: &Path, boundary: &Path) -> Self {
        Self { boundary: boundary.to_owned(), owners: owners(start) }
    }

    /// Reads the file at `path`, shown as `name`. An error of kind `Project` says what is wrong with
    /// the file.
    pub(super) fn read(&self, path: &Path, name: &str) -> Result<Source> {
        let unreadable = |error: std::io::Error| {
            Error::project(format!("`{name}` cannot be read")).because(match path.is_symlink() {
                true => format!("it is a link that leads nowhere: {}", io_reason(&error)),
                false => io_reason(&error),
            })
        };
        let found = path.metadata().map_err(unreadable)?;
        if !found.is_file() {
            let what = if found.is_dir() { "a directory" } else { "a pipe or a device" };
            return Err(Error::project(format!("`{name}` cannot be read")).because(format!("it is {what}, not a file")));
        }
        self.check_place(path, name)?;
        self.check_owner(path, name, &found)?;
        if found.len() > MOST_BYTES {
            return Err(Error::project(format!("`{name}` is too large for configuration"))
                .because(format!("it has {}, the most that is read is {}", size(found.len()), size(MOST_BYTES)))
                .hint("is it another file by mistake? keep data out of `.asya/config*.yaml`"));
        }
        read_source(path, name)
    }

    fn check_place(&self, path: &Path, name: &str) -> Result<()> {
        let linked = path.is_symlink() || path.parent().is_some_and(Path::is_symlink);
        if !linked {
            return Ok(());
        }
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if real.starts_with(&self.boundary) {
            return Ok(());
        }
        Err(Error::project(format!("`{name}` leads out of the project"))
            .because(format!("it is a link to `{}`, which is not inside `{}`", real.display(), self.boundary.display()))
            .hint("copy the file into the project instead"))
    }

    #[cfg(unix)]
    fn check_owner(&self, path: &Path, name: &str, found: &Metadata) -> Result<()> {
        use std::os::unix::fs::MetadataExt;
        let mut owners = vec![found.uid()];
        owners.extend(path.parent().and_then(|parent| parent.metadata().ok()).map(|parent| parent.uid()));
        let Some(stranger) = owners.into_iter().find(|owner| !self.owners.contains(owner)) else { return Ok(()) };
        Err(Error::project(format!("`{name}` belongs to another user"))
            .because(format!(
                "user {stranger} owns it, who is neither you nor root nor the owner of the directory you are in"
            ))
            .because("configuration names images, commands and clusters, so a stranger's is not read")
            .hint("if you trust it, take it over with `chown`, or start in a directory of the same owner"))
    }

    #[cfg(not(unix))]
    fn check_owner(&self, _path: &Path, _name: &str, _found: &Metadata) -> Result<()> {
        Ok(())
    }
}

/// This user, root, and who owns the directory that was gone into on purpose: in a container the
/// files of a mounted project belong to somebody else than the process.
#[cfg(unix)]
fn owners(start: &Path) -> Vec<u32> {
    use std::os::unix::fs::MetadataExt;
    let own = rustix::process::geteuid().as_raw();
    [0, own].into_iter().chain(start.metadata().ok().map(|found| found.uid())).collect()
}

#[cfg(not(unix))]
fn owners(_start: &Path) -> Vec<u32> {
    Vec::new()
}

fn size(bytes: u64) -> String {
    match bytes {
        0..=9_999 => format!("{bytes} bytes"),
        10_000..=999_999 => format!("{} kB", bytes / 1000),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
