//! `asya init`.

mod contexts;
mod images;

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::Status;
use crate::cluster::known_contexts;
use crate::error::{Error, Result};
use crate::event::{Change, Event};
use crate::names::ContextName;
use crate::project::{Discovery, Generation, MARKER, Project, Transport, discover};
use crate::settings::Settings;
use crate::store::{FileChange, Plan};
use crate::ui::{Style, Ui};

use contexts::NewContext;
use images::Images;

const CONFIG: &str = include_str!("../../../templates/config.yaml");
const RULES: &str = include_str!("../../../templates/config.compiler.rules.yaml");
const ACTOR: &str = include_str!("../../../templates/actor.yaml");
const ROUTER: &str = include_str!("../../../templates/router.yaml");
const JOIN: &str = include_str!("../../../templates/join.yaml");
const ACTOR_B: &str = include_str!("../../../templates/actor-b.yaml");
const ROUTER_B: &str = include_str!("../../../templates/router-b.yaml");

/// What the configuration shows where there is nothing to say yet.
const BUILD_EXAMPLE: &str = "\
# build:
#   - module: my_handlers.text
#     image: text-handlers
";
const CONTEXTS_EXAMPLE: &str = "\
#   dev:
#     namespace: my-actors
#     kubectl_context: kind-dev
#     gateway_namespace: asya-system
#     gateway_url: https://gateway.dev.example.com
#   prod:
#     namespace: my-actors
#     readonly: true # changed through GitOps only
";
const DEFAULT_CONTEXT_EXAMPLE: &str = "# default_context: dev\n";

/// Where images come from until somebody says otherwise.
const REGISTRY: &str = "ghcr.io/my-org";
/// The file people keep secrets in; it must not get into git.
const SECRETS: &str = ".env.secret";

/// Set up a project: .asya/ with configuration and templates
///
/// Files that are there already are kept, so it can be run again at any time. What a new project
/// needs to know is asked for on a terminal; else, and with --yes, it comes from the flags, from the
/// kubeconfig (contexts), and from skaffold.yaml or Dockerfiles (images).
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The project's directory; made if need be [default: the working directory]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Registry for images that nothing else names [default: ghcr.io/my-org]
    #[arg(long, value_name = "REGISTRY", value_parser = registry)]
    registry: Option<String>,
    /// Shape of AsyncActor that the clusters serve: B, C1 or C2 [default: C2]
    #[arg(long, value_name = "GENERATION")]
    generation: Option<Generation>,
    /// Message queue of the clusters: sqs, rabbitmq or pubsub [default: sqs]
    #[arg(long, value_name = "TRANSPORT")]
    transport: Option<Transport>,
    /// Context of the kubeconfig that becomes an environment; may be given several times [default: all]
    #[arg(long = "kubectl-context", value_name = "CONTEXT")]
    kubectl_contexts: Vec<String>,
    /// Take no environments over from the kubeconfig
    #[arg(long, conflicts_with = "kubectl_contexts")]
    no_contexts: bool,
    /// Ask nothing
    #[arg(short, long)]
    yes: bool,
}

/// The result, version 1.
#[derive(Serialize)]
struct InitDocument {
    version: u32,
    project: String,
    parents: Vec<String>,
    files: Vec<FileDocument>,
    next: Vec<&'static str>,
}

#[derive(Serialize)]
struct FileDocument {
    path: String,
    change: &'static str,
}

/// What the new files say.
struct Choice {
    registry: String,
    generation: Generation,
    transport: Transport,
    templates: PathBuf,
    contexts: Vec<NewContext>,
    default_context: Option<ContextName>,
    images: Option<Images>,
}

pub(super) fn run(args: &InitArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let root = match &args.dir {
        Some(directory) => settings.start.join(directory),
        None => settings.start.clone(),
    };
    if root.exists() && !root.is_dir() {
        return Err(Error::project(format!("`{}` is not a directory", root.display())));
    }
    let above = root.ancestors().find(|directory| directory.is_dir()).unwrap_or(Path::new("/")).to_owned();
    let found = discover(&above)?;
    let root = match (above.canonicalize(), root.strip_prefix(&above)) {
        (Ok(real), Ok(rest)) if !rest.as_os_str().is_empty() => real.join(rest),
        (Ok(real), Ok(_)) => real,
        _ => root,
    };
    let existing = match found.layers.is_empty() {
        true => None,
        false => Some(settings.project_at(&above)?),
    };
    let choice = choose(args, &root, existing.as_ref(), settings, ui)?;
    let plan = plan(&root, &found, &choice)?;
    let changes = plan.commit(&mut |event| ui.event(event))?;
    let kept_config = changes.iter().any(|file| is_config(file) && file.change == Change::Kept);
    if kept_config {
        warn_about_ignored(args, existing.as_ref(), ui);
    }
    let parents: Vec<PathBuf> = found.layers.iter().filter(|layer| **layer != root).cloned().collect();
    for parent in &parents {
        let parent = parent.join(MARKER);
        ui.event(Event::Note(format!("`{}` applies here as well, below what this project says", parent.display())));
    }
    if choice.registry == REGISTRY && choice.images.is_none() && !kept_config {
        ui.event(Event::Note(format!(
            "images are looked for in `{REGISTRY}`; set `compiler.image_registry` in `{MARKER}/config.yaml` before you deploy"
        )));
    }
    report(&root, &parents, &changes, ui);
    Ok(Status::Done)
}

fn choose(
    args: &InitArgs,
    root: &Path,
    existing: Option<&Project>,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Choice> {
    let own = existing.filter(|project| project.root() == root);
    let known = existing.map(Project::config);
    let has_config = root.join(MARKER).join("config.yaml").exists();
    let ask = !args.yes && !has_config && ui.can_prompt();
    let inherited = known.and_then(|config| config.compiler.image_registry.clone());
    let registry = match (&args.registry, inherited) {
        (Some(registry), _) => registry.clone(),
        (None, Some(registry)) => registry,
        (None, None) if ask => ui.ask("Registry for images that nothing else names", REGISTRY, registry)?,
        (None, None) => REGISTRY.to_owned(),
    };
    let platform = known.map(|config| config.platform.clone());
    // New templates beside a kept configuration must fit that configuration.
    let flag_counts = !has_config;
    let asks_platform = ask && platform.is_none();
    let platform = platform.unwrap_or_default();
    let generation = match args.generation.filter(|_| flag_counts) {
        Some(generation) => generation,
        None if asks_platform => one_of(
            "Shape of AsyncActor your clusters serve (C2 if in doubt)",
            &Generation::ALL,
            platform.generation,
            ui,
        )?,
        None => platform.generation,
    };
    let transport = match args.transport.filter(|_| flag_counts) {
        Some(transport) => transport,
        None if asks_platform => one_of("Message queue of your clusters", &Transport::ALL, platform.transport, ui)?,
        None => platform.transport,
    };
    let (mut contexts, mut default_context, mut images) = (Vec::new(), None, None);
    if !has_config {
        if known.is_none_or(|config| config.contexts.is_empty()) && !args.no_contexts {
            (contexts, default_context) = environments(args, ask, settings, ui)?;
        }
        // An enclosing project says what builds its images.
        if known.is_none_or(|config| config.build.is_empty()) {
            images = Some(images::found(root, &registry, ask, ui)?).filter(|images| !images.is_empty());
        }
    }
    let templates = own.map(|project| project.config().compiler.templates.clone());
    Ok(Choice {
        registry,
        generation,
        transport,
        contexts,
        default_context,
        images,
        templates: templates
            .and_then(|path| path.strip_prefix(root).ok().map(Path::to_owned))
            .unwrap_or_else(|| Path::new(MARKER).join("templates")),
    })
}

fn environments(
    args: &InitArgs,
    ask: bool,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<(Vec<NewContext>, Option<ContextName>)> {
    let environment = |name: &str| settings.environment.get(name).map(str::to_owned);
    let known = match known_contexts(&environment) {
        Ok(known) => known,
        Err(error) if args.kubectl_contexts.is_empty() => {
            ui.event(Event::Warning {
                message: error.to_string(),
                hint: Some("add environments later with `asya k context add`".to_owned()),
            });
            return Ok((Vec::new(), None));
        }
        Err(error) => return Err(error),
    };
    let (taken, default) = contexts::chosen(&known, &args.kubectl_contexts, ask, &environment, ui)?;
    if !taken.is_empty() {
        let names: Vec<String> = taken.iter().map(contexts::described).collect();
        ui.event(Event::Note(format!("environments of your kubeconfig: {}", names.join(", "))));
    }
    Ok((taken, default))
}

/// Asks which of several words is meant.
fn one_of<T: Copy + PartialEq>(question: &str, all: &[(&'static str, T)], default: T, ui: &mut Ui) -> Result<T> {
    let words: Vec<String> = all.iter().map(|(word, _)| (*word).to_owned()).collect();
    let place = all.iter().position(|(_, value)| *value == default).unwrap_or(0);
    let chosen = ui.choose_from(question, &words, place)?;
    Ok(all.get(chosen).map_or(default, |(_, value)| *value))
}

fn plan(root: &Path, found: &Discovery, choice: &Choice) -> Result<Plan> {
    let asya = Path::new(MARKER);
    let (actor, router, value) = match choice.generation {
        Generation::B => (ACTOR_B, ROUTER_B, "  transport: ${platform.transport}\n"),
        Generation::C1 | Generation::C2 => (ACTOR, ROUTER, ""),
    };
    let default_context = choice.default_context.as_ref().map(|name| format!("default_context: {name}\n"));
    let contexts = if choice.contexts.is_empty() { None } else { Some(contexts::lines(&choice.contexts)) };
    let (python_path, build) = match &choice.images {
        Some(images) => (images.python_path(), images.lines()),
        None => (String::new(), BUILD_EXAMPLE.to_owned()),
    };
    // Words that people wrote come last, so that no placeholder is looked for in them.
    let config = CONFIG
        .replace("TRANSPORT_VALUE\n", &format!("{value}\n"))
        .replace("GENERATION", choice.generation.name())
        .replace("TRANSPORT", choice.transport.name())
        .replace("DEFAULT_CONTEXT\n", default_context.as_deref().unwrap_or(DEFAULT_CONTEXT_EXAMPLE))
        .replace("IMAGE_REGISTRY", &choice.registry)
        .replace("PYTHON_PATH\n", &format!("{python_path}\n"))
        .replace("BUILD\n", &build)
        .replace("CONTEXTS\n", &format!("{}\n", contexts.as_deref().unwrap_or(CONTEXTS_EXAMPLE)));
    let mut plan = Plan::new(root);
    plan.create(asya.join("config.yaml"), config)
        .create(asya.join("config.compiler.rules.yaml"), RULES)
        .create(choice.templates.join("actor.yaml"), actor)
        .create(choice.templates.join("router.yaml"), router)
        .create(choice.templates.join("join.yaml"), JOIN);
    if found.git_root.is_some() {
        ignore_secrets(&mut plan, root)?;
    }
    Ok(plan)
}

fn ignore_secrets(plan: &mut Plan, root: &Path) -> Result<()> {
    let path = root.join(".gitignore");
    let old = match path.exists() {
        true => crate::project::read_source(&path, ".gitignore")?.text().to_owned(),
        false => String::new(),
    };
    let ignored = |line: &str| matches!(line.trim().trim_start_matches('/'), SECRETS | ".env.*" | ".env*" | "*.secret");
    let text = match old.lines().any(ignored) {
        true => old,
        false if old.is_empty() || old.ends_with('\n') => format!("{old}{SECRETS}\n"),
        false => format!("{old}\n{SECRETS}\n"),
    };
    plan.write(".gitignore", text);
    Ok(())
}

fn warn_about_ignored(args: &InitArgs, existing: Option<&Project>, ui: &mut Ui) {
    let Some(config) = existing.map(Project::config) else { return };
    let differs = [
        ("compiler.image_registry", args.registry.clone(), config.compiler.image_registry.clone()),
        (
            "platform.generation",
            args.generation.map(|it| it.name().to_owned()),
            Some(config.platform.generation.name().to_owned()),
        ),
        (
            "platform.transport",
            args.transport.map(|it| it.name().to_owned()),
            Some(config.platform.transport.name().to_owned()),
        ),
    ];
    for (key, asked, known) in differs {
        if let Some(asked) = asked.filter(|asked| Some(asked) != known.as_ref()) {
            ui.event(Event::Warning {
                message: format!("`{MARKER}/config.yaml` is yours and was kept, so `{key}` is not `{asked}`"),
                hint: Some(format!("set `{key}` there")),
            });
        }
    }
}

fn report(root: &Path, parents: &[PathBuf], changes: &[FileChange], ui: &mut Ui) {
    let shown = |path: &Path| path.display().to_string();
    let document = InitDocument {
        version: 1,
        project: shown(root),
        parents: parents.iter().map(|parent| shown(parent)).collect(),
        files: changes
            .iter()
            .map(|file| FileDocument { path: shown(&file.path), change: file.change.name() })
            .collect(),
        next: vec!["asya compile FLOW -f FILE"],
    };
    ui.report(&document, |ui| {
        let new = changes.iter().any(|file| is_config(file) && file.change == Change::Created);
        let state = if new { "is an asya project now" } else { "is an asya project" };
        let next = ui.paint(Style::Strong, "asya compile my-flow -f my_flow.py");
        format!("{} {state}\nnext: {next}\n", document.project)
    });
}

fn is_config(file: &FileChange) -> bool {
    file.path == Path::new(MARKER).join("config.yaml")
}

/// Checks the beginning of an image reference: `host[:port]/path`.
fn registry(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/');
    if let Some((scheme, _)) = text.split_once("://") {
        return Err(format!("a registry has no `{scheme}://` in front"));
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/:".contains(c);
    match text.chars().find(|c| !allowed(*c)) {
        Some(bad) => Err(format!("`{}` cannot be part of an image's name", bad.escape_debug())),
        None if text.starts_with(|c: char| c.is_ascii_alphanumeric()) => Ok(text.to_owned()),
        None => Err("a registry starts with a letter or a digit, such as `ghcr.io/my-org`".to_owned()),
    }
}
