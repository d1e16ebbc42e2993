//! Hands a directory to the program `kustomize` or `kubectl`, for what is not built in.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Error, Result, io_reason};
use crate::kustomize::Rendering;

/// Programs that render, with the arguments before the directory.
const PROGRAMS: &[(&str, &[&str])] = &[("kustomize", &["build"]), ("kubectl", &["kustomize"])];

/// Whether there is such a program.
pub(super) fn is_there(path: &[PathBuf]) -> bool {
    program(path).is_some()
}

/// Renders `directory` with the first program found in the directories `path`; answers its
/// name as well, and `None` when there is no such program.
pub(super) fn render(directory: &Path, path: &[PathBuf]) -> Option<Result<(String, Rendering)>> {
    let (program, arguments) = program(path)?;
    let name = program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let output = Command::new(&program).args(arguments).arg(directory).stdin(Stdio::null()).output();
    Some(match output {
        Err(error) => {
            Err(Error::project(format!("`{}` cannot be started", program.display())).because(io_reason(&error)))
        }
        Ok(output) if !output.status.success() => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(Error::project(format!("`{name}` cannot render `{}`", directory.display())).because(reason(&said)))
        }
        Ok(output) => Rendering::from_yaml(&format!("output of {name}"), &String::from_utf8_lossy(&output.stdout))
            .map(|rendering| (name, rendering))
            .map_err(Error::from),
    })
}

fn program(path: &[PathBuf]) -> Option<(PathBuf, &'static [&'static str])> {
    PROGRAMS.iter().find_map(|(name, arguments)| {
        let file = path.iter().map(|directory| directory.join(name)).find(|file| file.is_file())?;
        Some((file, *arguments))
    })
}

/// What a program said about its failure, without what stands around it in a log line:
/// `E1121 11:06:00.076454 12009 run.go:72] "command failed" err="…"`.
fn reason(said: &str) -> String {
    let logged = said.split_once("\"command failed\" err=").map(|(_, error)| error.trim());
    let inside = logged.and_then(|error| {
        let long = error.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).map(str::to_owned);
        long.or_else(|| serde_json::from_str::<String>(error).ok())
    });
    let said = inside.unwrap_or_else(|| said.to_owned());
    let lines: Vec<&str> =
        said.lines().map(|line| line.trim_end().trim_start_matches('\t')).filter(|line| !line.is_empty()).collect();
    lines.join("\n  ").trim_start_matches("error: ").trim_start_matches("Error: ").to_owned()
}
