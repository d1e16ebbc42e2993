//! `asya status`.

mod findings;

use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use super::Status;
use super::compile;
use super::documents::ActorDocument;
use super::exposed::{Effect, Exposed, one_line};
use super::exposing::Exposing;
use crate::artifacts::FlowEntry;
use crate::error::Result;
use crate::event::Event;
use crate::names::{FlowName, JOIN_HANDLER, counted, listed};
use crate::project::{Freshness, GraphActor, Project};
use crate::settings::Settings;
use crate::store::FileChange;
use crate::ui::{Table, Ui};
use findings::{Findings, ImageDocument, OrphanDocument, findings};

/// Show the flows of the project
///
/// For every flow: whether its compiled files are what compiling it now would give, its actors, where
/// agents can reach it, whether clusters can pull its images, and patches whose actor is gone. With
/// --context, only what concerns that environment.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asya status
  asya status --context prod
  asya status --check    # in CI: exit 1 if anything is to be done")]
pub(super) struct StatusArgs {
    /// Exit 1 if a flow is not compiled, is stale, or has problems
    #[arg(long)]
    check: bool,
}

/// The result, version 1.
#[derive(Serialize)]
struct StatusDocument {
    version: u32,
    project: String,
    flows: Vec<FlowDocument>,
}

#[derive(Serialize)]
struct FlowDocument {
    name: String,
    source: Option<String>,
    function: Option<String>,
    compiled: &'static str,
    /// Files that compiling the flow now would create, change or remove.
    outdated_files: Vec<String>,
    actors: Vec<ActorDocument>,
    exposed: Vec<ExposureDocument>,
    unresolved_images: Vec<ImageDocument>,
    orphan_patches: Vec<OrphanDocument>,
    problems: Vec<String>,
    /// Every environment could be looked at.
    #[serde(skip)]
    knows_images: bool,
}

#[derive(Serialize)]
struct ExposureDocument {
    /// `null` for all environments.
    context: Option<String>,
    /// Empty when this environment withdraws what all others offer.
    protocols: Vec<&'static str>,
    /// The file that says so.
    file: String,
}

impl FlowDocument {
    /// Whether there is nothing to do.
    fn is_well(&self) -> bool {
        self.compiled == Freshness::Current.name()
            && self.unresolved_images.is_empty()
            && self.orphan_patches.is_empty()
            && self.problems.is_empty()
    }
}

pub(super) fn run(args: &StatusArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let project = Arc::new(settings.project()?);
    if settings.context.is_some() {
        project.context(settings.context.as_ref())?;
    }
    let names = project.flow_names()?;
    let mut looked_at = compile::looked_at(&project, &names, settings)?;
    let mut flows = Vec::new();
    for name in &names {
        let changes = looked_at.remove(name).unwrap_or_else(|| Ok(Vec::new()));
        flows.push(described(&project, name, changes, settings)?);
    }
    for flow in &flows {
        tell(flow, args.check, ui);
    }
    let document = StatusDocument { version: 1, project: project.root().display().to_string(), flows };
    ui.report(&document, |_| human(&document));
    let is_well = document.flows.iter().all(FlowDocument::is_well);
    Ok(if args.check && !is_well { Status::Negative } else { Status::Done })
}

fn described(
    project: &Arc<Project>,
    name: &FlowName,
    changes: Result<Vec<FileChange>>,
    settings: &Settings,
) -> Result<FlowDocument> {
    let mut document = FlowDocument {
        name: name.to_string(),
        source: None,
        function: None,
        compiled: Freshness::Unknown.name(),
        outdated_files: Vec::new(),
        actors: Vec::new(),
        exposed: Vec::new(),
        unresolved_images: Vec::new(),
        orphan_patches: Vec::new(),
        problems: Vec::new(),
        knows_images: false,
    };
    let record = match project.flow(name) {
        Ok(record) => record,
        Err(error) => {
            document.problems.push(one_line(&error));
            return Ok(document);
        }
    };
    let compiled = project.compiled(&record);
    let actor = |GraphActor { name, handler, generated }| ActorDocument { name, handler, generated };
    document.source = Some(record.source.display().to_string());
    document.function = Some(record.function);
    document.actors = compiled.actors.into_iter().map(actor).collect();
    let is_readable = compiled.problems.is_empty();
    document.problems = compiled.problems;
    let freshness = match (compiled.freshness, changes) {
        (Freshness::Missing, _) => Freshness::Missing,
        (_, Ok(changes)) if is_readable => {
            document.outdated_files = changes.iter().map(|file| file.path.display().to_string()).collect();
            if changes.is_empty() { Freshness::Current } else { Freshness::Stale }
        }
        (_, Err(error)) if is_readable => {
            document.problems.push(format!("`{name}` does not compile any more: {}", one_line(&error)));
            Freshness::Stale
        }
        (unknown, _) => unknown,
    };
    document.compiled = freshness.name();
    let mut exposed = Exposed::read(project, name)?;
    document.exposed = exposures(&mut exposed, settings);
    let listed = exposed.problems.iter().map(one_line);
    let without_effect = exposed.unlisted();
    let without_effect = without_effect
        .iter()
        .map(|file| format!("`{}` has no effect: the kustomization beside it does not list it", file.display()));
    document.problems.extend(listed.chain(without_effect));
    document.problems.extend(Exposing::outdated_entries(project, name));
    if freshness != Freshness::Missing {
        let Findings { orphans, images, problems } = findings(project, name, &exposed, settings)?;
        document.knows_images = is_readable && problems.is_empty() && orphans.is_empty();
        (document.orphan_patches, document.unresolved_images) = (orphans, images);
        document.problems.extend(problems.iter().map(one_line));
    }
    Ok(document)
}

/// `common` and the overlays that say something themselves; with a context what counts there.
fn exposures(exposed: &mut Exposed<'_>, settings: &Settings) -> Vec<ExposureDocument> {
    let effects = match &settings.context {
        Some(context) => vec![exposed.effect_in(context)],
        None => exposed.effects().into_iter().filter(|effect| effect.is_own).collect(),
    };
    let document = |effect: Effect| {
        Some(ExposureDocument {
            context: effect.context.map(|name| name.to_string()),
            file: effect.file.filter(|_| effect.is_known)?.display().to_string(),
            protocols: effect.entry.as_ref().map(FlowEntry::protocols).unwrap_or_default(),
        })
    };
    effects.into_iter().filter_map(document).collect()
}

/// Tells what is to be done about a flow; what the table says already only for `--check`.
fn tell(flow: &FlowDocument, is_check: bool, ui: &mut Ui) {
    let mut warn = |message: String, hint: Option<String>| ui.event(Event::Warning { message, hint });
    let name = &flow.name;
    if is_check && flow.compiled == Freshness::Missing.name() {
        warn(format!("`{name}` is not compiled"), Some(format!("type `asya compile {name}`")));
    }
    if is_check && !flow.outdated_files.is_empty() {
        let files = counted(flow.outdated_files.len(), "file");
        warn(
            format!("`{name}` is stale: compiling it would change {files}"),
            Some(format!("type `asya compile {name}`; `--check` lists the files")),
        );
    }
    for problem in &flow.problems {
        warn(problem.clone(), None);
    }
    for OrphanDocument { file, actor, near, .. } in &flow.orphan_patches {
        let hint = match near {
            Some(near) => format!("perhaps it is called `{near}` now; else take the patch out"),
            None => "name another actor, or take the patch out".to_owned(),
        };
        warn(format!("`{file}` is for an actor `{actor}`, which `{name}` does not have"), Some(hint));
    }
    let mut told: Vec<&str> = Vec::new();
    for ImageDocument { image, why, .. } in &flow.unresolved_images {
        if told.contains(&image.as_str()) {
            continue;
        }
        told.push(image);
        let same = flow.unresolved_images.iter().filter(|other| other.image == *image);
        let contexts: Vec<&str> = same.filter_map(|other| other.context.as_deref()).collect();
        let places = if contexts.is_empty() { String::new() } else { format!(" in {}", listed(&contexts)) };
        warn(
            format!("clusters cannot pull the image `{image}` of `{name}`{places}: {why}"),
            Some(format!("say which one is meant: `asya images {name} --set {image}=REGISTRY/NAME:TAG`")),
        );
    }
}

fn human(document: &StatusDocument) -> String {
    if document.flows.is_empty() {
        return "no flows yet; make one with `asya compile FLOW -f FILE`\n".to_owned();
    }
    let mut table = Table::new(&["FLOW", "COMPILED", "ACTORS", "EXPOSED", "IMAGES", "SOURCE"]);
    for flow in &document.flows {
        let source = match (&flow.source, &flow.function) {
            (Some(source), Some(function)) => format!("{source}:{function}"),
            _ => "-".to_owned(),
        };
        let row = [flow.name.clone(), flow.compiled.to_owned(), actors(flow), exposed(flow), images(flow), source];
        table.row(row);
    }
    table.render()
}

/// `3`, `3 + router`, `3 + router + join`, or `-` where nothing is known.
fn actors(flow: &FlowDocument) -> String {
    let generated = flow.actors.iter().filter(|actor| actor.generated).count();
    let join = if flow.actors.iter().any(|actor| actor.handler == JOIN_HANDLER) { " + join" } else { "" };
    match (flow.actors.len() - generated, generated) {
        (0, 0) => "-".to_owned(),
        (own, 0) => own.to_string(),
        (own, _) => format!("{own} + router{join}"),
    }
}

/// `mcp` for all environments, then `dev: mcp, a2a` for each that differs.
fn exposed(flow: &FlowDocument) -> String {
    let places: Vec<String> = flow
        .exposed
        .iter()
        .map(|exposure| {
            let protocols = match exposure.protocols.is_empty() {
                true => "no".to_owned(),
                false => exposure.protocols.join(", "),
            };
            match &exposure.context {
                Some(context) => format!("{context}: {protocols}"),
                None => protocols,
            }
        })
        .collect();
    if places.is_empty() { "no".to_owned() } else { places.join("; ") }
}

/// `ok`, or how many images no cluster can pull.
fn images(flow: &FlowDocument) -> String {
    let mut names: Vec<&str> = flow.unresolved_images.iter().map(|image| image.image.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    match names.len() {
        _ if flow.compiled == Freshness::Missing.name() => "-".to_owned(),
        0 if flow.knows_images => "ok".to_owned(),
        0 => "?".to_owned(),
        count => format!("{count} unresolved"),
    }
}
