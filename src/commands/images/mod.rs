//! `asya images`.

mod layered;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::exposed::Exposed;
use super::previewing::Preview;
use super::{Status, next};
use crate::artifacts::placement::Layer;
use crate::artifacts::{self, ImageReference, yaml};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::names::{ContextName, FlowName, listed, near_matches};
use crate::project::{LOCAL, Project, edit};
use crate::settings::Settings;
use crate::source::Source;
use crate::store::{Lock, Plan};
use crate::ui::{Style, Table, Ui};
use layered::{Given, Layered, name_of};
use wanted::Wanted;

/// Show the images of a flow, or say which ones an environment runs
///
/// Writes `images:` into `common/`, for every environment, or with --context into the overlay of one.
/// An overlay that renames an image itself goes on doing so.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asya images text-flow
  asya images text-flow --set words=reg.example/words:1.4 --context prod
  asya build text-flow --push && asya images text-flow --from .asya/build/build.json")]
pub(super) struct ImagesArgs {
    /// The flow
    flow: FlowName,
    /// Run this image in the place of NAME, as it is called in `base/`; may be given several times
    #[arg(long, value_name = "NAME=REFERENCE", value_parser = wanted::assignment, conflicts_with = "from")]
    set: Vec<Wanted>,
    /// Take the images from the output of `asya build` or `skaffold build --file-output`
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

/// The result, version 1.
#[derive(Serialize)]
struct ImagesDocument {
    version: u32,
    flow: String,
    context: Option<String>,
    actors: Vec<ActorDocument>,
    files: Vec<FileDocument>,
    /// `null` where nothing was to be changed.
    next: Option<String>,
}

#[derive(Serialize)]
struct ActorDocument {
    actor: String,
    /// As `base/` has it.
    base: String,
    /// As it was rendered before.
    before: String,
    /// As it is rendered now.
    image: String,
}

#[derive(Serialize)]
struct FileDocument {
    path: String,
    change: &'static str,
}

pub(super) fn run(args: &ImagesArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let project = settings.project()?;
    let context = match &settings.context {
        Some(context) => project.context(Some(context))?.map(|context| context.name.clone()),
        None => None,
    };
    project.flow(&args.flow)?;
    // What is read is what is written later, so nobody else may write in between.
    let changes = !args.set.is_empty() || args.from.is_some();
    let lock = if changes { Some(Rc::new(Lock::wait(project.root())?)) } else { None };
    let exposed = Exposed::read(&project, &args.flow)?.complete()?;
    let layer = layer(&project, &args.flow, context.as_ref(), &exposed)?;
    let wanted = match &args.from {
        Some(path) => wanted::from_file(&settings.start.join(path), &path.display().to_string())?,
        None => args.set.clone(),
    };
    let preview = match &lock {
        Some(lock) => Preview::new(&project, &args.flow, settings, Rc::clone(lock)),
        None => Preview::of_disk(&project, &args.flow, settings),
    };
    let mut editing = Editing::new(&project, args, &exposed, preview)?;
    let before = editing.layered.result(&layer)?;
    if !wanted.is_empty() {
        editing.set(&layer, &wanted, ui)?;
    }
    let after = editing.layered.result(&layer)?;
    let files = match &lock {
        Some(lock) => editing.commit(lock, ui)?,
        None => Vec::new(),
    };
    drop(lock);
    editing.layered.tell(ui);
    let base = editing.base;
    let actors = after.into_iter().map(|(actor, image)| ActorDocument {
        base: base.get(&actor).cloned().unwrap_or_default(),
        before: before.get(&actor).cloned().unwrap_or_default(),
        actor,
        image,
    });
    let shown = context.as_ref().map(ContextName::as_str);
    let next = (!files.is_empty()).then(|| next::apply(&project, &args.flow, context.as_ref()));
    let document = ImagesDocument {
        version: 1,
        flow: args.flow.to_string(),
        context: shown.map(str::to_owned),
        actors: actors.collect(),
        files,
        next,
    };
    ui.report(&document, |ui| human(&document, ui));
    Ok(Status::Done)
}

fn human(document: &ImagesDocument, ui: &Ui) -> String {
    let mut table = Table::new(&["ACTOR", "IMAGE", "IN BASE"]);
    for ActorDocument { actor, base, image, .. } in &document.actors {
        let base = if base == image { "the same" } else { base };
        table.row([actor.clone(), image.clone(), base.to_owned()]);
    }
    match &document.next {
        Some(next) => format!("{}\nnext: {}\n", table.render(), ui.paint(Style::Strong, next)),
        None => table.render(),
    }
}

/// The layer that is worked on; like `expose`, `common/` unless a context is named.
fn layer(project: &Project, flow: &FlowName, context: Option<&ContextName>, exposed: &Exposed<'_>) -> Result<Layer> {
    let layer = match context.filter(|context| context.as_str() != LOCAL) {
        Some(context) => Layer::Overlay(context.clone()),
        None => Layer::Common,
    };
    if exposed.layers.contains_key(&layer) {
        return Ok(layer);
    }
    let missing = project.relative(&exposed.directory(&layer));
    let message = match &layer {
        Layer::Common => format!("`{flow}` is not compiled"),
        Layer::Overlay(context) => format!("`{flow}` has no overlay for context `{context}`"),
    };
    Err(Error::project(message)
        .because(format!("there is no kustomization in `{}`", missing.display()))
        .hint(format!("type `asya compile {flow}`")))
}

/// The images of one flow's layers while they are changed.
struct Editing<'a> {
    project: &'a Project,
    flow: &'a FlowName,
    from_file: bool,
    exposed: &'a Exposed<'a>,
    layered: Layered<'a>,
    /// The images in `base/`.
    base: Given,
}

impl<'a> Editing<'a> {
    fn new(project: &'a Project, args: &'a ImagesArgs, exposed: &'a Exposed<'_>, preview: Preview<'a>) -> Result<Self> {
        let layered = Layered::new(project, exposed, preview)?;
        let base = layered.images_of(&project.paths(&args.flow).base)?;
        Ok(Self { project, flow: &args.flow, from_file: args.from.is_some(), exposed, layered, base })
    }

    /// Changes `layer`, and what stands above it so that it keeps its effect.
    fn set(&mut self, layer: &Layer, wanted: &[Wanted], ui: &mut Ui) -> Result<()> {
        let order = self.layered.in_order(self.exposed);
        let mut before: BTreeMap<&Layer, Given> = BTreeMap::new();
        for other in order.iter().filter(|other| *other != layer && !self.entries(other).is_empty()) {
            before.insert(other, self.layered.given(other)?);
        }
        for next in &order {
            match before.get(next) {
                _ if next == layer => self.set_here(layer, wanted, ui)?,
                Some(before) => self.keep_effect(next, before, ui)?,
                None => {}
            }
        }
        let result = self.layered.result(layer)?;
        for Wanted { name, reference } in wanted {
            // Something else than `images:` may have the last word, such as a patch above.
            let lost: Vec<&String> = self
                .base
                .iter()
                .filter(|(actor, image)| name_of(image) == *name && result.contains_key(*actor))
                .filter(|(actor, _)| result.get(*actor).is_some_and(|image| !is_as_wanted(image, reference)))
                .map(|(actor, _)| actor)
                .collect();
            if !lost.is_empty() {
                return Err(Error::project(format!("`{name}` cannot be set by `images:`"))
                    .because(format!("{} would still run another image", listed(&lost)))
                    .hint("look for further entries under `images:` that rename it, and for patches of `spec.image`"));
            }
        }
        Ok(())
    }

    fn set_here(&mut self, layer: &Layer, wanted: &[Wanted], ui: &mut Ui) -> Result<()> {
        let given = self.layered.given(layer)?;
        let mut matched = 0;
        for Wanted { name, reference } in wanted {
            let names: BTreeSet<String> = given
                .iter()
                .filter(|(actor, image)| {
                    name_of(image) == *name || self.base.get(*actor).is_some_and(|image| name_of(image) == *name)
                })
                .map(|(_, image)| name_of(image))
                .collect();
            if names.is_empty() {
                self.not_used(name, &given, ui)?;
                continue;
            }
            if !reference.has_version() {
                ui.event(Event::Warning {
                    message: format!("`{reference}` has neither tag nor digest"),
                    hint: Some("clusters take what is `latest` when a pod starts; name a version".to_owned()),
                });
            }
            matched += 1;
            for name in names {
                self.write(layer, &name, reference)?;
            }
        }
        if matched == 0 {
            return Err(Error::project(format!("no actor of `{}` uses an image of this build", self.flow))
                .because(format!("its images are {}", listed(&names_in(&given)))));
        }
        self.make_effective(layer)
    }

    fn not_used(&self, name: &str, given: &Given, ui: &mut Ui) -> Result<()> {
        if self.from_file {
            // A build has the images of other flows, too.
            ui.event(Event::Note(format!("no actor of `{}` uses `{name}`", self.flow)));
            return Ok(());
        }
        let mut known = names_in(given);
        known.extend(names_in(&self.base));
        let known: Vec<String> = known.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let near =
            near_matches(name, known.iter().map(String::as_str)).first().map(|near| format!("did you mean `{near}`?"));
        Err(Error::project(format!("no actor of `{}` uses an image `{name}`", self.flow))
            .because(format!("its images are {}", listed(&known)))
            .hint_opt(near))
    }

    fn write(&mut self, layer: &Layer, name: &str, reference: &ImageReference) -> Result<()> {
        let Some(source) = self.layered.source(layer) else { return Ok(()) };
        let new_name = (reference.name != name).then_some(reference.name.as_str());
        let fields =
            [("newName", new_name), ("newTag", reference.tag.as_deref()), ("digest", reference.digest.as_deref())];
        let text = edit::set_list_entry(source, "images", ("name", name), &fields)?;
        self.layered.set(layer, text);
        Ok(())
    }

    /// Lets the layer know where an AsyncActor has its image: every kustomization must say so itself.
    fn make_effective(&mut self, layer: &Layer) -> Result<()> {
        let Some(source) = self.layered.source(layer) else { return Ok(()) };
        let directory = self.exposed.directory(layer);
        let listed = yaml::read(source).unwrap_or_default();
        let configurations = listed.get("configurations").and_then(Value::as_array).into_iter().flatten();
        let knows = |path: &str| {
            let read = std::fs::read_to_string(directory.join(path)).unwrap_or_default();
            yaml::read(&Source::new(path, read)).is_ok_and(|config| knows_images(&config))
        };
        if configurations.filter_map(Value::as_str).any(knows) {
            return Ok(());
        }
        let mut name = artifacts::CONFIGURATION.to_owned();
        if directory.join(&name).exists() && !knows(&name) {
            name = format!("asya-{name}");
        }
        let text = edit::add_list_item(source, "configurations", &name)?;
        if !directory.join(&name).exists() {
            self.layered.add(layer, &name, artifacts::CONFIGURATION_TEXT);
        }
        self.layered.set(layer, text);
        Ok(())
    }

    /// The names under `images:` of a layer.
    fn entries(&self, layer: &Layer) -> Vec<String> {
        let listed = self.layered.source(layer).and_then(|source| yaml::read(source).ok()).unwrap_or_default();
        let entries = listed.get("images").and_then(Value::as_array).into_iter().flatten();
        entries.filter_map(|entry| entry.get("name")?.as_str().map(str::to_owned)).collect()
    }

    /// Where a layer's own entry found an image by a name that it no longer has, it gets the new name.
    fn keep_effect(&mut self, layer: &Layer, before: &Given, ui: &mut Ui) -> Result<()> {
        let after = self.layered.given(layer)?;
        for name in self.entries(layer) {
            let users = before.iter().filter(|(_, image)| name_of(image) == name).map(|(actor, _)| actor);
            let now: BTreeSet<String> =
                users.filter_map(|actor| after.get(actor)).map(|image| name_of(image)).collect();
            let Some(new) = now.iter().next().filter(|new| **new != name) else { continue };
            let Some(source) = self.layered.source(layer) else { continue };
            let shown = source.name().to_owned();
            if now.len() > 1 {
                ui.event(Event::Warning {
                    message: format!(
                        "`{name}` under `images:` of `{shown}` has several names now: {}",
                        listed(&now.iter().collect::<Vec<_>>())
                    ),
                    hint: Some("write an entry for each of them".to_owned()),
                });
                continue;
            }
            let text = edit::set_list_entry(source, "images", ("name", &name), &[("name", Some(new.as_str()))])?;
            ui.event(Event::Note(format!("`{shown}` finds `{name}` under its new name `{new}`")));
            self.layered.set(layer, text);
        }
        Ok(())
    }

    fn commit(&self, lock: &Lock, ui: &mut Ui) -> Result<Vec<FileDocument>> {
        let mut plan = Plan::new(self.project.root());
        plan.allow(self.project.outermost());
        for (path, text) in self.layered.edits() {
            plan.write(path, text);
        }
        let changes = plan.commit_under(lock)?;
        for file in &changes {
            ui.event(Event::File { path: file.path.clone(), change: file.change });
        }
        let document = |change: &crate::store::FileChange| FileDocument {
            path: change.path.display().to_string(),
            change: change.change.name(),
        };
        Ok(changes.iter().map(document).collect())
    }
}

/// Whether a rendered image is the wanted one; what the reference does not say stays as it was.
fn is_as_wanted(image: &str, wanted: &ImageReference) -> bool {
    let Ok(found) = image.parse::<ImageReference>() else { return false };
    found.name == wanted.name && (!wanted.has_version() || found == *wanted)
}

fn names_in(images: &Given) -> Vec<String> {
    let names: BTreeMap<String, ()> = images.values().map(|image| (name_of(image), ())).collect();
    names.into_keys().collect()
}

/// Whether a transformer configuration says that `spec.image` of an AsyncActor is an image.
fn knows_images(config: &Value) -> bool {
    let places = config.get("images").and_then(Value::as_array).into_iter().flatten();
    places.into_iter().any(|place| {
        let is = |key: &str, wanted: &str| {
            place.get(key).and_then(Value::as_str).is_some_and(|it| it.trim_matches('/') == wanted)
        };
        is("path", "spec/image") && (is("kind", "AsyncActor") || place.get("kind").is_none())
    })
}
