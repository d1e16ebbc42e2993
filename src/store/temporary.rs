//! Files for other programs to look at.

use std::io::Write;
use std::path::PathBuf;

use crate::error::{Error, Result, io_reason};

/// Makes a file of a new name in the system's temporary directory, which is left to the system to
/// clear: the program that is to look at it may start long after this one has ended.
pub fn temporary_file(prefix: &str, suffix: &str, content: &str) -> Result<PathBuf> {
    let failed = |error: std::io::Error| {
        let directory = std::env::temp_dir();
        Error::project(format!("a temporary file cannot be made in `{}`", directory.display()))
            .because(io_reason(&error))
            .hint("set TMPDIR to a directory that can be written to")
    };
    let mut file = tempfile::Builder::new().prefix(prefix).suffix(suffix).tempfile().map_err(failed)?;
    file.write_all(content.as_bytes()).map_err(failed)?;
    let (_, path) = file.keep().map_err(|error| failed(error.error))?;
    Ok(path)
}

/// Takes such a file away again.
pub fn remove_temporary_file(path: &std::path::Path) {
    // A file that stays behind is left to the system.
    let _ = std::fs::remove_file(path);
}
