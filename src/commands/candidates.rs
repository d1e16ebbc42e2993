//! Names that a shell offers at TAB, read from the project's files. Where there is no project, or
//! a broken one, there are none: completion has no place to say why.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::Command;
use clap_complete::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate};

use super::exposed::entries;
use crate::names::{ContextName, FlowName};
use crate::project::{LOCAL, Project};
use crate::settings::{Environment, Settings};

/// The command line whose arguments `flow`, `actor`, `context` and `path` know their values. For
/// completion alone, so that nothing else pays for it.
pub(super) fn with_names(command: Command) -> Command {
    let command = command.mut_args(|arg| match arg.get_id().as_str() {
        "flow" => arg.add(ArgValueCandidates::new(flows)),
        "actor" => arg.add(ArgValueCandidates::new(actors)),
        "context" => arg.add(ArgValueCandidates::new(contexts)),
        "key" => arg.add(ArgValueCandidates::new(keys)),
        "path" if arg.get_long() == Some("path") => arg.add(ArgValueCompleter::new(layers)),
        _ => arg,
    });
    command.mut_subcommands(with_names)
}

/// The flows of the project.
fn flows() -> Vec<CompletionCandidate> {
    names().into_iter().map(|name| CompletionCandidate::new(name.to_string())).collect()
}

fn names() -> Vec<FlowName> {
    project().and_then(|project| Some(project.registry().ok()?.0)).unwrap_or_default()
}

/// The actors of the flows that stand in the line, else of all.
fn actors() -> Vec<CompletionCandidate> {
    let Some(project) = project() else { return Vec::new() };
    let flows = typed_flows(&project);
    let mut names: Vec<String> = flows
        .iter()
        .flat_map(|flow| project.compiled_actors(flow).unwrap_or_default())
        .map(|actor| actor.name)
        .collect();
    names.sort();
    names.dedup();
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// The contexts of the project, and `local`.
fn contexts() -> Vec<CompletionCandidate> {
    let project = project();
    let configured = project.iter().flat_map(|project| project.config().contexts.keys());
    let names = configured.map(|name| name.as_str()).filter(|name| *name != LOCAL);
    names.chain([LOCAL]).map(CompletionCandidate::new).collect()
}

/// The keys of the configuration that are set, by defaults as well.
fn keys() -> Vec<CompletionCandidate> {
    let Some((settings, project)) = settings().zip(project()) else { return Vec::new() };
    let found = settings.with_inputs(|inputs| project.settings(inputs, &BTreeMap::new()));
    found.iter().map(|setting| CompletionCandidate::new(setting.key.to_string())).collect()
}

/// The directories that environments are rendered from, as paths from where the command runs.
fn layers(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(project) = project() else { return Vec::new() };
    let Some(start) = start().and_then(|start| start.canonicalize().ok()) else { return Vec::new() };
    let mut found: Vec<PathBuf> = Vec::new();
    for flow in typed_flows(&project) {
        let paths = project.paths(&flow);
        let is_overlay = |path: &PathBuf| {
            path.is_dir() && path.file_name().and_then(OsStr::to_str).is_some_and(|name| ContextName::new(name).is_ok())
        };
        let overlays = entries(&paths.overlays()).unwrap_or_default().into_iter().filter(is_overlay);
        found.extend(
            [paths.base.clone(), paths.common.clone()].into_iter().filter(|path| path.is_dir()).chain(overlays),
        );
    }
    let typed = typed.to_string_lossy();
    let shown = found.iter().filter_map(|path| Some(path.strip_prefix(&start).ok()?.display().to_string()));
    shown.filter(|path| path.starts_with(&*typed)).map(CompletionCandidate::new).collect()
}

/// The flows among the words of the line, else all.
fn typed_flows(project: &Project) -> Vec<FlowName> {
    let all = project.registry().map(|(names, _)| names).unwrap_or_default();
    let typed: Vec<FlowName> = words()
        .iter()
        .filter_map(|word| FlowName::new(word.to_str()?).ok())
        .filter(|name| all.contains(name))
        .collect();
    if typed.is_empty() { all } else { typed }
}

/// The project around the working directory, or around what `-C` says.
fn project() -> Option<Project> {
    settings()?.project().ok()
}

fn settings() -> Option<Settings> {
    Some(Settings { start: start()?, context: None, environment: Environment::of_process() })
}

fn start() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let words = words();
    let long = |word: &OsString| word.to_str().and_then(|word| word.strip_prefix("--directory=")).map(PathBuf::from);
    let given = words.iter().enumerate().find_map(|(at, word)| match word.to_str() {
        Some("-C" | "--directory") => words.get(at + 1).map(PathBuf::from),
        _ => long(word),
    });
    Some(given.map_or_else(|| here.clone(), |given| here.join(untilded(&given))))
}

/// A shell has not yet put the home directory in the place of `~`.
fn untilded(path: &Path) -> PathBuf {
    let home = Environment::of_process().get("HOME").map(PathBuf::from);
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

/// The words of the line that is completed.
fn words() -> Vec<OsString> {
    std::env::args_os().skip_while(|word| word != "--").skip(1).collect()
}
