//! `asya edit`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use clap::Args;
use serde::Serialize;

use super::assembling::fields;
use super::exposing::FileChange;
use super::patch::{actors, layer, refit, seen};
use super::patching::Workspace;
use super::previewing::Preview;
use super::{Status, next};
use crate::artifacts::patching::{self, Patch, merge_text};
use crate::artifacts::placement::{FILE, Layer};
use crate::error::{Error, Result, io_reason};
use crate::event::{Change, Event};
use crate::names::{FlowName, listed};
use crate::project::{Project, read_source};
use crate::settings::Settings;
use crate::source::Source;
use crate::store::{Lock, remove_temporary_file, temporary_file};
use crate::ui::{Style, Ui};

/// Edit the files of an environment in your editor
///
/// Opens the kustomization of `common/`, or with --context of an overlay; with --actor the patch of an
/// actor. What you save is rendered before it is taken over; a text that does not render is kept aside.
/// The editor is $VISUAL, else $EDITOR, else vi.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asya edit text-flow --context dev
  asya edit text-flow --actor clean --context prod
  EDITOR='code --wait' asya edit text-flow")]
pub(super) struct EditArgs {
    /// The flow
    flow: FlowName,
    /// The patch of this actor: its name, or the name of its function
    #[arg(short, long, value_name = "ACTOR")]
    actor: Option<String>,
    /// What the gateway tells agents of the flow
    #[arg(long, conflicts_with = "actor")]
    gateway: bool,
    /// Go on with this text instead of the file's own
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

/// The result of `asya edit`, version 1.
#[derive(Serialize)]
struct EditDocument {
    version: u32,
    flow: String,
    context: Option<String>,
    file: String,
    changed: bool,
    files: Vec<FileChange>,
    /// `null` when nothing changed.
    next: Option<String>,
}

/// The file that is edited.
struct Subject {
    path: PathBuf,
    /// The actor whose patch it is.
    actor: Option<String>,
    /// As it was when the editor was opened.
    before: Option<String>,
}

pub(super) fn run(args: &EditArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let project = settings.project()?;
    let layer = layer(&project, settings, "edit")?;
    let (subject, shown, mut text) = offered(args, &project, &layer, settings)?;
    let first = text.clone();
    let aside = temporary_file("asya-edit-", ".yaml", &text)?;
    let files = loop {
        let edited = open(&aside, settings).and_then(|()| read_source(&aside, &shown));
        text = match edited {
            Ok(source) => without_notes(source.text()),
            Err(error) => return Err(kept(error, &aside, args, &layer)),
        };
        if args.from.is_none() && text == without_notes(&first) {
            remove_temporary_file(&aside);
            break Vec::new();
        }
        match take_over(&project, &args.flow, &layer, &subject, &text, settings, ui) {
            Ok(files) => {
                remove_temporary_file(&aside);
                break files;
            }
            Err(error) if ui.can_prompt() => {
                ui.problem(&error);
                if !ui.confirm("Edit again?", true)? {
                    return Err(kept(Error::project(format!("`{shown}` is as it was")), &aside, args, &layer));
                }
            }
            Err(error) => return Err(kept(error, &aside, args, &layer)),
        }
    };
    if files.is_empty() {
        ui.event(Event::File { path: shown.clone().into(), change: Change::Unchanged });
    }
    let next = (!files.is_empty()).then(|| next::apply(&project, &args.flow, layer.context()));
    let context = layer.context().map(ToString::to_string);
    let changed = !files.is_empty();
    let document = EditDocument { version: 1, flow: args.flow.to_string(), context, file: shown, changed, files, next };
    ui.report(&document, |ui| match &document.next {
        Some(next) => format!("`{}` renders\n\nnext: {}\n", document.file, ui.paint(Style::Strong, next)),
        None => "nothing changed\n".to_owned(),
    });
    Ok(Status::Done)
}

/// What is edited, its name, and the text to begin with.
fn offered(
    args: &EditArgs,
    project: &Project,
    layer: &Layer,
    settings: &Settings,
) -> Result<(Subject, String, String)> {
    let lock = Rc::new(Lock::wait(project.root())?);
    let mut workspace = opened(project, &args.flow, layer, settings, &lock)?;
    let subject = subject(args, &mut workspace, layer)?;
    let text = match (&args.from, &subject.before) {
        (Some(file), _) => read_source(&settings.start.join(file), &file.display().to_string())?.text().to_owned(),
        (None, Some(text)) => text.clone(),
        (None, None) => starter(&workspace, layer, &subject)?,
    };
    let shown = workspace.shown(&subject.path);
    Ok((subject, shown, text))
}

/// The layers, with the overlay that is asked for even where there is none yet.
fn opened<'p>(
    project: &'p Project,
    flow: &FlowName,
    layer: &Layer,
    settings: &Settings,
    lock: &Rc<Lock>,
) -> Result<Workspace<'p>> {
    let preview = Preview::new(project, flow, settings, Rc::clone(lock));
    let mut workspace = Workspace::open(project, flow, preview)?;
    workspace.make_overlay(layer)?;
    Ok(workspace)
}

fn subject(args: &EditArgs, workspace: &mut Workspace<'_>, layer: &Layer) -> Result<Subject> {
    let (path, actor) = match &args.actor {
        Some(given) => {
            let actor = actors::resolve(given, &args.flow, &workspace.patchable(layer)?)?;
            (workspace.directory(layer).join(patching::merge_file(&actor)), Some(actor))
        }
        None if args.gateway => (workspace.directory(layer).join(FILE), None),
        None => (workspace.kustomization(layer)?.0, None),
    };
    let before = workspace.read(&path)?.map(|source| source.text().to_owned());
    if args.gateway && before.is_none() {
        return Err(Error::project(format!("there is no `{}`", workspace.shown(&path)))
            .hint(format!("type `asya expose {}` with the context, if any: it makes the file", args.flow)));
    }
    Ok(Subject { path, actor, before })
}

/// The mark of lines that are for reading only.
const NOTE: &str = "#| ";

/// What the patch of an actor starts with.
fn starter(workspace: &Workspace<'_>, layer: &Layer, subject: &Subject) -> Result<String> {
    let Some(actor) = &subject.actor else { return Ok(String::new()) };
    let place = match layer {
        Layer::Common => "in every environment".to_owned(),
        Layer::Overlay(context) => format!("in `{context}`"),
    };
    let patch = serde_json::json!({
        "apiVersion": "asya.sh/v1alpha1", "kind": "AsyncActor", "metadata": {"name": actor}, "spec": {},
    });
    let mut text = merge_text(&patch, actor, &place);
    text += &format!("{NOTE}Write what is to be different below `spec:`, in the place of `{{}}`.\n");
    text += &format!("{NOTE}A list takes the place of the whole list; `asya patch` changes single items.\n");
    text += &format!("{NOTE}Without these changes it is:\n");
    let now = workspace.actors(layer)?.remove(actor).unwrap_or_default();
    text.extend(crate::yaml::write_sorted(&now).lines().map(|line| format!("{NOTE}{line}\n")));
    Ok(text)
}

fn without_notes(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.starts_with(NOTE.trim_end())).collect()
}

/// Runs the editor on a file until it ends.
fn open(file: &Path, settings: &Settings) -> Result<()> {
    let editor = settings.environment.get("VISUAL").or_else(|| settings.environment.get("EDITOR")).unwrap_or("vi");
    // The variables hold a command with options, as a shell reads it.
    let status = Command::new("sh").arg("-c").arg(format!("{editor} \"$1\"")).arg("asya-edit").arg(file).status();
    crate::interrupt::check()?;
    let failed = |why: String| {
        Error::project(format!("the editor `{editor}` failed"))
            .because(why)
            .hint("set VISUAL or EDITOR to an editor that waits until the file is closed")
    };
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            Err(failed(status.code().map_or("it was killed".to_owned(), |code| format!("it ended with {code}"))))
        }
        Err(error) => Err(failed(io_reason(&error))),
    }
}

fn kept(error: Error, aside: &Path, args: &EditArgs, layer: &Layer) -> Error {
    let mut options = args.actor.as_ref().map(|actor| format!(" --actor {actor}")).unwrap_or_default();
    if args.gateway {
        options += " --gateway";
    }
    if let Layer::Overlay(context) = layer {
        options += &format!(" --context {context}");
    }
    error.hint(format!(
        "the project is as before; your text is kept: `asya edit {}{options} --from {}` goes on with it",
        args.flow,
        aside.display()
    ))
}

/// Writes the text and what has to fit it, if everything renders.
fn take_over(
    project: &Project,
    flow: &FlowName,
    layer: &Layer,
    subject: &Subject,
    text: &str,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Vec<FileChange>> {
    let lock = Rc::new(Lock::wait(project.root())?);
    let mut workspace = opened(project, flow, layer, settings, &lock)?;
    let shown = workspace.shown(&subject.path);
    if workspace.read(&subject.path)?.map(|source| source.text().to_owned()) != subject.before {
        return Err(Error::project(format!("`{shown}` was changed while you edited it")));
    }
    if *layer != Layer::Common {
        workspace.find_orphans(&Layer::Common)?;
    }
    let before = seen(&workspace, layer);
    let mut changes = BTreeMap::new();
    if let Some(actor) = &subject.actor {
        let source = Source::new(shown, text);
        let patch = patch_of(actor, &source, &workspace, layer, ui)?;
        if !patch.merge.is_empty() {
            workspace.set(subject.path.clone(), Some(text.to_owned()));
        }
        changes.insert(actor.clone(), patch);
    } else {
        workspace.set(subject.path.clone(), Some(text.to_owned()));
    }
    workspace.fit(layer, &changes)?;
    workspace.actors(layer)?;
    if *layer == Layer::Common {
        for (other, was) in before.iter().filter(|(other, _)| *other != layer) {
            refit(&mut workspace, other, was.is_ok(), ui)?;
        }
    }
    let mut files = Vec::new();
    for change in workspace.plan().commit_under(&lock)? {
        ui.event(Event::File { path: change.path.clone(), change: change.change });
        files.push(FileChange::of(&change));
    }
    workspace.preview().tell(ui);
    Ok(files)
}

/// What the layer says about an actor with this text as its merge patch; nothing but comments takes
/// the patch away.
fn patch_of(actor: &str, source: &Source, workspace: &Workspace<'_>, layer: &Layer, ui: &mut Ui) -> Result<Patch> {
    let items = workspace.patch(layer, actor).map(|patch| patch.items).unwrap_or_default();
    let is_empty = patching::read(source)?.is_null();
    let mut patch = Patch::read(actor, Some(source).filter(|_| !is_empty), None)?;
    patching::check_merge(&patch.merge, &fields(workspace.project())).map_err(|(field, refused)| {
        Error::project(format!("`{}` cannot be taken over", source.name()))
            .because(format!("`{field}`: {}", refused.why))
            .hint_opt(refused.hint)
    })?;
    let whole = patch.whole_lists();
    if !whole.is_empty() {
        ui.event(Event::Warning {
            message: format!(
                "{} of `{actor}` is replaced as a whole, also what the compiler put there",
                listed(&whole)
            ),
            hint: Some("`asya patch` changes single items".to_owned()),
        });
    }
    patch.items = items;
    Ok(patch)
}
