//! `asya run`.

mod payload;
mod report;
mod trace;

use std::sync::Arc;

use clap::Args;

use super::{Status, next, overlay, render};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::kustomize::Object;
use crate::local::{Failure, FailureKind, Happening, Interpreter, LocalSettings, Mesh, Phase, find_python};
use crate::names::{FlowName, listed};
use crate::settings::Settings;
use crate::ui::Ui;

use report::RunDocument;

/// Execute a flow on this machine
///
/// Routes one message through the flow's rendered manifests, without a cluster: each actor's
/// handler runs in a Python process of its own. The result goes to stdout as JSON.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asya run text-flow --payload '{\"text\": \"Hello.\"}' --trace
  asya run text-flow --payload @payload.json
  cat payload.json | asya run text-flow --payload - -o json")]
pub(super) struct RunArgs {
    /// The flow
    flow: FlowName,
    /// The message: JSON, `@FILE`, or `-` for stdin [default: {}]
    #[arg(short, long, value_name = "JSON", allow_hyphen_values = true)]
    payload: Option<String>,
    /// Print a line for every hop
    #[arg(long)]
    trace: bool,
}

pub(super) fn run(args: &RunArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let payload = payload::read(args.payload.as_deref().unwrap_or("{}"), &settings.start)?;
    let project = settings.project()?;
    let record = project.flow(&args.flow)?;
    let context = project.context(settings.context.as_ref())?;
    let directory = overlay::directory(&project, &args.flow, context.map(|context| &context.name))?;
    let objects = render::rendered(project.root(), &directory, settings, ui)?.0.objects;
    let entry = entry(&objects, &args.flow)?;
    let interpreter = Arc::new(Interpreter::new(LocalSettings {
        python: find_python(settings.environment.python().as_deref(), &settings.environment.path())?,
        python_path: project.python_roots(&project.absolute(&record.source))?,
        working_directory: project.root().to_owned(),
    }));
    let variable = |name: &str| settings.environment.get(name).map(str::to_owned);
    let mut mesh = Mesh::new(&objects, &interpreter, &variable)?;
    for note in mesh.notes() {
        ui.event(Event::Warning { message: note.clone(), hint: None });
    }
    let width = mesh.actors().map(str::len).max().unwrap_or(0).min(40);
    let outcome = mesh.send(&entry, &[], None, payload, &mut |happening| match happening {
        Happening::Hop(hop) if args.trace => ui.event(Event::Note(trace::line(hop, width))),
        Happening::Hop(_) => {}
        Happening::Printed { actor, line } => ui.event(Event::Note(format!("{actor} | {line}"))),
        Happening::Streamed { actor, payload } => {
            ui.event(Event::Note(format!("{actor} > {}", trace::shortened(payload.as_str()))));
        }
    })?;
    let routers: Vec<&str> = objects.iter().filter(|object| is_router(object)).map(actor_name).collect();
    let document = RunDocument::of(&args.flow, context.map(|context| &context.name), &outcome, &routers);
    ui.report(&document, |_| report::results(&outcome));
    let missing = args.payload.is_none().then(|| next::message(&project, &args.flow)).flatten();
    let missing = missing.map(|example| format!("the message was {{}}; give one: --payload '{example}'"));
    let mut status = Status::Done;
    for result in outcome.results.iter().filter(|result| result.phase == Phase::Failed) {
        status = Status::Negative;
        if let (Some(failure), false) = (&result.error, ui.is_json()) {
            show(failure, missing.as_deref(), ui);
        }
    }
    Ok(status)
}

/// The actor that receives the flow's messages.
fn entry(objects: &[Object], flow: &FlowName) -> Result<String> {
    let actors = || objects.iter().filter(|object| object.kind() == "AsyncActor");
    let of_flow = |object: &&Object| object.label("asya.sh/flow").is_none_or(|label| label == flow.as_str());
    let starts: Vec<&str> = actors()
        .filter(|object| object.label("asya.sh/role") == Some("start"))
        .filter(of_flow)
        .map(actor_name)
        .collect();
    match starts.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => {
            let known: Vec<&str> = actors().map(actor_name).collect();
            Err(Error::project(format!("flow `{flow}` has no actor to start at"))
                .because(format!("none of its actors ({}) has the label `asya.sh/role: start`", listed(&known)))
                .hint(format!("compile it again: `asya compile {flow}`")))
        }
        several => Err(Error::project(format!("flow `{flow}` has several actors to start at"))
            .because(format!("{} have the label `asya.sh/role: start`", listed(several)))),
    }
}

fn actor_name(object: &Object) -> &str {
    object.value().pointer("/spec/actor").and_then(serde_json::Value::as_str).unwrap_or(object.name())
}

fn is_router(object: &Object) -> bool {
    object.kind() == "AsyncActor" && object.label("asya.sh/generated") == Some("true")
}

/// Says why a message failed: Python's traceback as far as it is about the user's code, then the
/// actor and the error.
fn show(failure: &Failure, missing: Option<&str>, ui: &mut Ui) {
    let Failure { kind, actor, message, type_name, .. } = failure;
    if !failure.user_traceback.is_empty() {
        ui.event(Event::Excerpt(failure.user_traceback.trim_end().to_owned()));
    } else if ui.is_quiet() && !failure.last_output.is_empty() {
        ui.event(Event::Excerpt(failure.last_output.join("\n")));
    }
    let headline = match kind {
        FailureKind::Handler => format!("actor `{actor}` raised `{type_name}`"),
        FailureKind::UnknownActor | FailureKind::RouteMismatch => "the message cannot be delivered".to_owned(),
        _ => format!("actor `{actor}` failed"),
    };
    let mut error = Error::negative(headline);
    if !message.is_empty() {
        error = error.because(message);
    }
    error = error.hint_opt(missing.filter(|_| *kind == FailureKind::Handler).map(str::to_owned));
    ui.error(&match kind {
        FailureKind::Load if message.contains("there is no module `asya_crew`") => {
            error.hint("it is part of the platform's image; the local mesh has no fan-in")
        }
        FailureKind::Load if message.contains("there is no module") => {
            error.hint("put its directory into `compiler.python_path` of `.asya/config.yaml`")
        }
        FailureKind::Timeout => error.hint("give it more time with `resiliency.actorTimeout` in its manifest"),
        _ => error,
    });
}
