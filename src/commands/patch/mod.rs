//! `asya patch`.

pub(super) mod actors;
mod gateway;
pub(super) mod report;

use std::collections::BTreeMap;
use std::rc::Rc;

use clap::Args;

use super::Status;
use super::assembling::fields;
use super::exposing::FileChange;
use super::next;
use super::patching::{Actors, Workspace, orphan_hint, successor, unfit_common};
use super::previewing::Preview;
use crate::artifacts::fields::Fields;
use crate::artifacts::patching::{self, Edit, Patch, Place, Refused};
use crate::artifacts::placement::Layer;
use crate::error::{Error, Result};
use crate::event::{Change, Event};
use crate::names::{ContextName, FlowName};
use crate::project::Project;
use crate::settings::Settings;
use crate::source::{Source, Span};
use crate::store::Lock;
use crate::ui::Ui;
use report::{ActorChange, PatchDocument};

/// Change how actors of a flow run
///
/// Writes patches into `common/`, for every environment, or with --context into the overlay of one,
/// and shows what the rendered actors gain and lose. KEY=VALUE sets a field below `spec`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asya patch text-flow --actor clean scaling.min=1 scaling.max=20 --context prod
  asya patch text-flow -a clean env.LOG_LEVEL=debug env.TOKEN=secret:models:token
  asya patch text-flow -a clean resources.limits.memory=2Gi resiliency.actorTimeout=90s
  asya patch text-flow -a clean --remove env.LOG_LEVEL
  asya patch text-flow -a clean -p '{\"spec\": {\"tolerations\": [{\"key\": \"gpu\", \"operator\": \"Exists\"}]}}'
  asya patch text-flow --all-actors scaling.max=5 --context dev
  asya patch text-flow --gateway timeout=60 tags=text,editing")]
pub(super) struct PatchArgs {
    /// The flow
    flow: FlowName,
    /// Fields and their values
    #[arg(value_name = "KEY=VALUE", value_parser = assignment)]
    assignments: Vec<(String, String)>,
    /// The actor: its name, or the name of its function
    #[arg(short, long, value_name = "ACTOR", required_unless_present_any = ["all_actors", "gateway"])]
    actor: Option<String>,
    /// Change all actors of the flow, its router too
    #[arg(long, conflicts_with_all = ["actor", "gateway"])]
    all_actors: bool,
    /// Change what the gateway tells agents of the flow
    #[arg(long, conflicts_with_all = ["actor", "patch", "clear", "move_to"])]
    gateway: bool,
    /// A merge patch as JSON: items of lists are merged by name, null takes a field away
    #[arg(short, long, value_name = "JSON")]
    patch: Option<String>,
    /// Take back what was patched: a field, a mapping or an item; may be given several times
    #[arg(long, value_name = "KEY")]
    remove: Vec<String>,
    /// Take back everything that was patched
    #[arg(long, conflicts_with_all = ["assignments", "patch", "remove", "move_to"])]
    clear: bool,
    /// Patch this actor instead, for one that has another name now
    #[arg(long, value_name = "ACTOR", requires = "actor", conflicts_with_all = ["assignments", "patch", "remove"])]
    move_to: Option<String>,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some(("", _)) => Err("there is no key before `=`".to_owned()),
        Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
        None => Err(format!("there is no value: write `{text}=VALUE`, or `--remove {text}` to take one back")),
    }
}

pub(super) fn run(args: &PatchArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let project = settings.project()?;
    let layer = layer(&project, settings, "patch")?;
    if args.gateway {
        drop(project);
        return gateway::run(&args.flow, &args.assignments, &args.remove, settings, ui);
    }
    let fields = fields(&project);
    let edits = edits(args, &fields)?;
    let forgotten = places(args, &fields)?;
    if let Some(place) = forgotten.iter().find(|place| edits.iter().any(|edit| edit.place() == **place)) {
        return Err(Error::usage(format!("`{}` is set and removed at once", shown(place))));
    }
    let lock = Rc::new(Lock::wait(project.root())?);
    let preview = Preview::new(&project, &args.flow, settings, Rc::clone(&lock));
    let mut workspace = Workspace::open(&project, &args.flow, preview)?;
    let had_overlay = workspace.layers().contains(&layer);
    workspace.make_overlay(&layer)?;
    workspace.find_orphans(&Layer::Common)?;
    workspace.find_orphans(&layer)?;
    let known = workspace.patchable(&layer)?;
    let wanted = actors::wanted(args, &workspace, &layer, &known)?;
    let before = seen(&workspace, &layer);

    let changes = changes(args, &workspace, &layer, &wanted, &edits, &forgotten, ui)?;
    let is_idle = changes.iter().all(|(actor, patch)| workspace.patch(&layer, actor).is_ok_and(|old| old == *patch));
    if let Err(error) = workspace.fit(&layer, &changes) {
        let is_overlay = layer != Layer::Common;
        return Err(error.hint_opt(is_overlay.then(|| unfit_common(&workspace)).flatten()));
    }
    let mut others = BTreeMap::new();
    // Of an overlay only the overlay itself was looked at.
    for (other, was) in before.iter().filter(|(other, _)| **other != layer) {
        others.extend(refit(&mut workspace, other, was.is_ok(), ui)?.map(|actors| (other, actors)));
    }
    let now = workspace.actors(&layer)?;
    actors::check(&changes, &now, ui);
    let mut files = Vec::new();
    if !is_idle || had_overlay || !edits.is_empty() {
        let plan = workspace.plan();
        for change in plan.commit_under(&lock)? {
            ui.event(Event::File { path: change.path.clone(), change: change.change });
            files.push(FileChange::of(&change));
        }
    }
    workspace.preview().tell(ui);
    let was = before.get(&layer).and_then(|actors| actors.as_ref().ok());
    // One that is gone has nothing to show.
    let present = changes.keys().filter(|actor| now.contains_key(*actor));
    let shown_actors: Vec<ActorChange> = present.map(|actor| ActorChange::of(actor, was, &now)).collect();
    if files.is_empty() {
        let path = workspace.shown(&workspace.directory(&layer));
        ui.event(Event::File { path: path.into(), change: Change::Unchanged });
    }
    tell_orphans(&workspace, &layer, ui);
    if !files.is_empty() {
        tell_shared(&project, &args.flow, &shown_actors, ui);
    }
    for (other, actors) in others {
        tell_hidden(other, &shown_actors, before.get(other), &actors, ui);
    }
    let next = (!files.is_empty()).then(|| next::apply(&project, &args.flow, layer.context()));
    let document = PatchDocument::new(&args.flow, &layer, shown_actors, files, next);
    ui.report(&document, |ui| document.human(ui));
    Ok(Status::Done)
}

/// The layer that the chosen context means. Without a context it is what all share, also where there
/// is a default one. Refuses contexts that are only to be looked at.
pub(super) fn layer(project: &Project, settings: &Settings, verb: &str) -> Result<Layer> {
    let Some(name) = &settings.context else { return Ok(Layer::Common) };
    match project.context(Some(name))? {
        Some(context) if context.readonly => {
            Err(Error::project(format!("the context `{name}` is read-only: `asya {verb}` does not write to it"))
                .hint(format!("to allow writes, take `readonly` out of `contexts.{name}` in `.asya/config.yaml`")))
        }
        Some(context) => Ok(Layer::Overlay(context.name.clone())),
        None => Ok(Layer::Common),
    }
}

fn edits(args: &PatchArgs, fields: &Fields) -> Result<Vec<Edit>> {
    let mut edits = match &args.patch {
        Some(text) => patching::document(&Source::new("--patch", text.as_str()), fields)?,
        None => Vec::new(),
    };
    for (key, value) in &args.assignments {
        let edit = patching::edit_of(key, value, fields)
            .map_err(|refused| error(format!("`{key}={value}` cannot be set"), refused))?;
        edits.push(edit);
    }
    Ok(edits)
}

fn places(args: &PatchArgs, fields: &Fields) -> Result<Vec<Place>> {
    let place = |key: &String| {
        patching::place_of(key, fields).map_err(|refused| error(format!("`{key}` cannot be removed"), refused))
    };
    args.remove.iter().map(place).collect()
}

fn error(what: String, refused: Refused) -> Error {
    Error::usage(what).because(refused.why).hint_opt(refused.hint)
}

fn shown(place: &Place) -> String {
    match place {
        Place::Field(path) => patching::fields::shown(path),
        Place::Item(list, name) => format!("{}.{name}", list.shown()),
        Place::Items(list) => list.shown(),
    }
}

/// What the layer is to say about each actor.
fn changes(
    args: &PatchArgs,
    workspace: &Workspace<'_>,
    layer: &Layer,
    wanted: &[String],
    edits: &[Edit],
    forgotten: &[Place],
    ui: &mut Ui,
) -> Result<BTreeMap<String, Patch>> {
    let mut changes = BTreeMap::new();
    let mut had: Vec<bool> = vec![false; forgotten.len()];
    for actor in wanted {
        let mut patch = if args.clear { Patch::default() } else { workspace.patch(layer, actor)? };
        edits.iter().for_each(|edit| patch.apply(edit));
        for (place, had) in forgotten.iter().zip(&mut had) {
            *had |= patch.forget(place);
        }
        changes.insert(actor.clone(), patch);
    }
    for (place, _) in forgotten.iter().zip(had).filter(|(_, had)| !had) {
        ui.event(Event::Note(format!("`{}` is not patched here", shown(place))));
    }
    if let (Some(new), [old]) = (&args.move_to, wanted) {
        let known = workspace.patchable(layer)?;
        let new = actors::resolve(new, &workspace.flow, &known)?;
        if new == *old {
            return Err(Error::usage(format!("`{old}` is patched already")));
        }
        let moved = changes.remove(old).unwrap_or_default();
        if moved.is_empty() {
            return Err(Error::usage(format!("nothing is patched of `{old}` here")));
        }
        changes.insert(new.clone(), workspace.patch(layer, &new)?.over(moved));
        changes.insert(old.clone(), Patch::default());
    }
    Ok(changes)
}

pub(super) type Seen = BTreeMap<Layer, Result<Actors>>;

/// The layer as it renders now; for `common/` also the overlays, which stand on it.
pub(super) fn seen(workspace: &Workspace<'_>, layer: &Layer) -> Seen {
    let layers = if *layer == Layer::Common { workspace.layers() } else { vec![layer.clone()] };
    let mut workspace = workspace.clone();
    let mut all = BTreeMap::new();
    for layer in layers {
        let actors = workspace.find_orphans(&layer).and_then(|()| workspace.actors(&layer));
        all.insert(layer, actors);
    }
    all
}

/// Makes an overlay fit a changed `common/`, and answers what it renders to. One that was broken before
/// stays so, and is told.
pub(super) fn refit(
    workspace: &mut Workspace<'_>,
    layer: &Layer,
    was_fine: bool,
    ui: &mut Ui,
) -> Result<Option<Actors>> {
    let mut tried = workspace.clone();
    match tried.find_orphans(layer).and_then(|()| tried.fit(layer, &BTreeMap::new())).and_then(|()| tried.actors(layer))
    {
        Ok(actors) => {
            *workspace = tried;
            return Ok(Some(actors));
        }
        Err(error) if was_fine => return Err(error),
        Err(error) => {
            let path = workspace.shown(&workspace.directory(layer));
            let mut places = error.located().iter().flat_map(|located| {
                let line = |span: Span| located.source.line_of(span.start);
                located
                    .diagnostics
                    .iter()
                    .map(move |it| format!("{}:{}: {}", located.source.name(), line(it.span), it.message))
            });
            let why = places.next().unwrap_or_else(|| error.to_string());
            ui.event(Event::Warning { message: format!("`{path}` cannot be rendered: {why}"), hint: None });
        }
    }
    Ok(None)
}

/// Patches that wait for an actor that is gone.
fn tell_orphans(workspace: &Workspace<'_>, layer: &Layer, ui: &mut Ui) {
    let Ok(known) = workspace.patchable(layer) else { return };
    for one in if *layer == Layer::Common { vec![layer] } else { vec![&Layer::Common, layer] } {
        for actor in workspace.orphans(one) {
            let files = workspace.files_of(one, actor);
            let Some(file) = files.first() else { continue };
            let near = successor(actor, known.keys().map(String::as_str), &[]);
            ui.event(Event::Warning {
                message: format!(
                    "`{file}` patches `{actor}`, and there is no such actor: `{}` cannot be rendered",
                    workspace.shown(&workspace.directory(one))
                ),
                hint: Some(orphan_hint(&workspace.flow, actor, near.as_deref(), one)),
            });
        }
    }
}

/// Flows that call one handler apply the same object; what they say of it must not differ.
fn tell_shared(project: &Project, flow: &FlowName, changes: &[ActorChange], ui: &mut Ui) {
    let Ok((flows, _)) = project.registry() else { return };
    for other in flows.iter().filter(|other| *other != flow) {
        let theirs = project.compiled_actors(other).unwrap_or_default();
        for change in changes.iter().filter(|change| theirs.iter().any(|actor| actor.name == change.name())) {
            ui.event(Event::Warning {
                message: format!("`{}` is an actor of flow `{other}` as well", change.name()),
                hint: Some(format!("patch it the same way there: `asya patch {other} --actor {} …`", change.name())),
            });
        }
    }
}

/// Says where a common change does not count, so that nobody looks for it.
fn tell_hidden(layer: &Layer, changes: &[ActorChange], before: Option<&Result<Actors>>, now: &Actors, ui: &mut Ui) {
    let (Layer::Overlay(context), Some(Ok(before))) = (layer, before) else { return };
    let hidden = |change: &&ActorChange| change.is_change() && before.get(change.name()) == now.get(change.name());
    for change in changes.iter().filter(hidden) {
        tell_own(context, change.name(), ui);
    }
}

fn tell_own(context: &ContextName, actor: &str, ui: &mut Ui) {
    ui.event(Event::Note(format!("nothing changes for `{context}`: there the overlay decides this of `{actor}`")));
}
