//! Hands a directory to the program `kustomize` or `kubectl`, for what is not built in.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Error, Result, io_reason};
use crate::kustomize::Rendering;

/// Programs that render, with the arguments before the directory.
const PROGRAMS: &[(&str, &[&str])] = &[("kustomize", &["build"]), ("kubectl", &["kustomize"])];

/// Renders `directory` with the first program found in the directories `path`; answers its
/// name as well, and `None` when there is no such program.
pub(super) fn render(directory: &Path, path: &[PathBuf]) -> Option<Result<(String, Rendering)>> {
    let (program, arguments) = PROGRAMS.iter().find_map(|(name, arguments)| {
        let file = path.iter().map(|directory| directory.join(name)).find(|file| file.is_file())?;
        Some((file, arguments))
    })?;
    let name = program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let output = Command::new(&program).args(*arguments).arg(directory).stdin(Stdio::null()).output();
    Some(match output {
        Err(error) => {
            Err(Error::project(format!("`{}` cannot be started", program.display())).because(io_reason(&error)))
        }
        Ok(output) if !output.status.success() => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(Error::project(format!("`{name}` cannot render `{}`", directory.display()))
                .because(said.trim().trim_start_matches("error: ").trim_start_matches("Error: ")))
        }
        Ok(output) => Rendering::from_yaml(&format!("output of {name}"), &String::from_utf8_lossy(&output.stdout))
            .map(|rendering| (name, rendering))
            .map_err(Error::from),
    })
}
