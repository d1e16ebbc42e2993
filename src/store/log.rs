//! Files that other programs write what they say to.

use std::fs::File;
use std::path::Path;

use crate::error::{Error, Result, io_reason};

/// Makes the file `path` anew, with the directories it needs, for a program's output.
pub fn open_log(path: &Path) -> Result<File> {
    let failed = |error: std::io::Error| {
        Error::project(format!("the log `{}` cannot be written", path.display())).because(io_reason(&error))
    };
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).map_err(failed)?;
    }
    File::create(path).map_err(failed)
}
