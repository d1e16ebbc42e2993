//! A file that says that a process is at work, for as long as it is.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::{Error, Result, io_reason};

/// How long somebody who only looks may hold a claim up.
const PATIENCE: Duration = Duration::from_millis(500);

/// The right to be the only one of a kind. The file is locked and taken away with it, also when the
/// process is killed: then the lock goes, and the file means nothing.
#[derive(Debug)]
pub struct Claim {
    path: PathBuf,
    file: File,
}

impl Claim {
    /// Takes the claim at `path`, whose directory exists; `Err` in the answer is what the one who holds
    /// it says about itself.
    pub fn take(path: &Path) -> Result<Result<Self, String>> {
        let failed = |error: std::io::Error| {
            Error::project(format!("`{}` cannot be written", path.display())).because(io_reason(&error))
        };
        let until = Instant::now() + PATIENCE;
        loop {
            let mut file =
                File::options().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
            match file.try_lock() {
                // The one who held it before took it away in between.
                Ok(()) if !is_at(&file, path) => {}
                Ok(()) => return Ok(Ok(Self { path: path.to_owned(), file })),
                Err(TryLockError::WouldBlock) if Instant::now() > until => return Ok(Err(text(&mut file))),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
    }

    /// Says something about the holder.
    pub fn say(&mut self, text: &str) -> Result<()> {
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(text.as_bytes())
        };
        write(&mut self.file).map_err(|error| {
            Error::project(format!("`{}` cannot be written", self.path.display())).because(io_reason(&error))
        })
    }

    /// What the holder of the claim at `path` says about itself; `None` when there is none, or it has not
    /// said anything yet.
    pub fn holder(path: &Path) -> Option<String> {
        let mut file = File::open(path).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(text(&mut file)).filter(|text| !text.is_empty()),
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Under the lock, so that it is nobody else's.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn text(file: &mut File) -> String {
    let mut text = String::new();
    let _ = file.read_to_string(&mut text);
    text
}

/// Whether an open file is still the one at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), path.metadata()) {
        (Ok(open), Ok(there)) => (open.dev(), open.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}
