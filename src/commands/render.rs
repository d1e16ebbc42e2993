//! `asya render`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{Status, external_kustomize, overlay};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::kustomize::{Object, RenderError, Rendering, render};
use crate::names::{ActorName, FlowName, listed, near_matches};
use crate::project::DiskTree;
use crate::settings::Settings;
use crate::ui::Ui;

/// Print the objects an environment will get
///
/// Without --context (or a default context) the part that all environments share is printed.
#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// The flow
    #[arg(required_unless_present = "path", conflicts_with = "path")]
    flow: Option<FlowName>,
    /// Render the kustomization in DIR instead of a flow
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// Print the AsyncActor of this name alone
    #[arg(long, value_name = "ACTOR")]
    actor: Option<ActorName>,
}

/// `asya render -o json`, version 1.
#[derive(Serialize)]
struct RenderDocument<'a> {
    version: u32,
    directory: String,
    /// The program that rendered, `null` for the built-in renderer.
    rendered_by: Option<String>,
    objects: Vec<&'a serde_json::Value>,
}

pub(super) fn run(args: &RenderArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let (start, directory) = match (&args.path, &args.flow) {
        (Some(path), _) => (settings.start.clone(), path.clone()),
        (None, Some(flow)) => {
            let project = settings.project()?;
            let context = project.context(settings.context.as_ref())?;
            let directory = overlay::directory(&project, flow, context.map(|context| &context.name))?;
            (project.root().to_owned(), directory)
        }
        (None, None) => return Err(Error::usage("name a flow, or a directory with `--path`")),
    };
    let (mut rendering, rendered_by) = rendered(&start, &directory, settings, ui)?;
    if let Some(actor) = &args.actor {
        rendering = only_actor(rendering, actor)?;
    }
    let document = RenderDocument {
        version: 1,
        directory: directory.display().to_string(),
        rendered_by,
        objects: rendering.objects.iter().map(Object::value).collect(),
    };
    ui.report(&document, |_| rendering.to_yaml());
    Ok(Status::Done)
}

/// The objects of a directory (relative to `start`), and the program that rendered them when
/// something in it is not built in.
pub(super) fn rendered(
    start: &Path,
    directory: &Path,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<(Rendering, Option<String>)> {
    let unsupported = match render(&DiskTree::new(start), directory) {
        Ok(rendering) => return Ok((rendering, None)),
        Err(RenderError::Invalid(error)) => return Err(error),
        Err(unsupported) => unsupported,
    };
    let path = settings.environment.path();
    match external_kustomize::render(&start.join(directory), &path) {
        None => Err(unsupported.into()),
        Some(outcome) => {
            let (program, rendering) = outcome?;
            if let RenderError::Unsupported { file, field, .. } = &unsupported {
                ui.event(Event::Note(format!("rendered by `{program}`: `{field}` in `{file}` is not built in")));
            }
            Ok((rendering, Some(program)))
        }
    }
}

fn only_actor(rendering: Rendering, actor: &ActorName) -> Result<Rendering> {
    let is_actor = |object: &&Object| object.kind() == "AsyncActor";
    if let Some(object) = rendering.objects.iter().filter(is_actor).find(|object| object.name() == actor.as_str()) {
        return Ok(Rendering { objects: vec![object.clone()] });
    }
    let names: Vec<&str> = rendering.objects.iter().filter(is_actor).map(Object::name).collect();
    let near = near_matches(actor.as_str(), names.iter().copied());
    let error = Error::project(format!("there is no actor `{actor}`"));
    Err(match near.first() {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None if names.is_empty() => error.because("the directory has no actors"),
        None => error.hint(format!("there are {}", listed(&names))),
    })
}
