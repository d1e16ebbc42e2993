//! Names that a shell offers at TAB, read from the project's files. Where there is no project, or
//! a broken one, there are none: completion has no place to say why.

use std::collections::BTreeMap;

use clap::Command;
use clap_complete::{ArgValueCandidates, CompletionCandidate};

use crate::project::{LOCAL, Project};
use crate::settings::{Environment, Settings};

/// The command line whose arguments `flow` and `context` know their values. For completion alone, so
/// that nothing else pays for it.
pub(super) fn with_names(command: Command) -> Command {
    let command = command.mut_args(|arg| match arg.get_id().as_str() {
        "flow" => arg.add(ArgValueCandidates::new(flows)),
        "context" => arg.add(ArgValueCandidates::new(contexts)),
        "key" => arg.add(ArgValueCandidates::new(keys)),
        _ => arg,
    });
    command.mut_subcommands(with_names)
}

/// The flows of the project.
fn flows() -> Vec<CompletionCandidate> {
    let names = project().and_then(|project| project.flow_names().ok()).unwrap_or_default();
    names.iter().map(|name| CompletionCandidate::new(name.as_str())).collect()
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

/// The project around the working directory; `-C` is not known here.
fn project() -> Option<Project> {
    settings()?.project().ok()
}

fn settings() -> Option<Settings> {
    let start = std::env::current_dir().ok()?;
    Some(Settings { start, context: None, environment: Environment::of_process() })
}
