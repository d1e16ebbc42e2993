//! Which Python runs the handlers.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, io_reason};

/// The interpreter: `configured` (the value of `ASYA_PYTHON`) or `python3` in one of the
/// directories of `path`. Errors say what was looked for and where. Its version is not checked
/// here: the interpreter says it when it starts. The answer is absolute and keeps symbolic links,
/// by which a virtual environment knows itself.
pub fn find_python(configured: Option<&Path>, path: &[PathBuf]) -> Result<PathBuf> {
    let Some(configured) = configured else {
        return on_path("python3", path)
            .ok_or_else(|| missing(Error::project("there is no `python3` on PATH to run handlers with"), path));
    };
    if configured.components().count() == 1 {
        let name = configured.to_string_lossy();
        return on_path(&name, path)
            .ok_or_else(|| missing(Error::project(format!("ASYA_PYTHON is `{name}`, which is not on PATH")), path));
    }
    let shown = configured.display();
    let metadata = std::fs::metadata(configured)
        .map_err(|error| Error::project(format!("ASYA_PYTHON is `{shown}`")).because(io_reason(&error)).hint(SET_IT))?;
    if !metadata.is_file() || metadata.permissions().mode() & 0o111 == 0 {
        return Err(Error::project(format!("ASYA_PYTHON is `{shown}`, which is not executable")).hint(SET_IT));
    }
    Ok(absolute(configured))
}

const SET_IT: &str = "set ASYA_PYTHON to a Python interpreter, 3.10 or newer";

fn missing(error: Error, path: &[PathBuf]) -> Error {
    let searched: Vec<String> = path.iter().map(|directory| directory.display().to_string()).collect();
    error.because(format!("PATH is `{}`", searched.join(":"))).hint("install Python 3.10 or newer").hint(SET_IT)
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn on_path(name: &str, path: &[PathBuf]) -> Option<PathBuf> {
    path.iter().map(|directory| absolute(&directory.join(name))).find(|candidate| {
        std::fs::metadata(candidate).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    })
}
