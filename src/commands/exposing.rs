//! What `expose` and `unexpose` share: the flow's layers as found, and the files as changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::exposed::{Exposed, entries, kustomization};
use super::next;
use crate::artifacts::exposure;
use crate::artifacts::placement::{self, FILE, Found, Layer, Layers, List, Step, Wish};
use crate::artifacts::{Artifact, FlowEntry, KUSTOMIZATION, Overlay, overlay_files};
use crate::error::{Error, Result};
use crate::event::{Change, Event};
use crate::names::{ContextName, FlowName};
use crate::project::{FlowPaths, FlowRecord, Freshness, LOCAL, Project, edit, read_source};
use crate::settings::Settings;
use crate::source::Source;
use crate::store::{self, Lock, Plan};
use crate::ui::Ui;

/// A compiled flow of a project, and the layer a command works on.
pub(super) struct Exposing {
    project: Arc<Project>,
    record: FlowRecord,
    paths: FlowPaths,
    /// What the gateway would be told of the flow.
    pub(super) compiled: FlowEntry,
    /// The actor that drives it from the beginning.
    pub(super) start: String,
    /// All layers as found.
    pub(super) layers: Layers,
    /// The layer of the chosen context, else `common/`.
    pub(super) layer: Layer,
}

/// A file that a command looked at or wrote.
#[derive(Debug, Serialize)]
pub(super) struct FileChange {
    path: String,
    change: &'static str,
}

impl FileChange {
    pub(super) fn of(change: &store::FileChange) -> Self {
        Self { path: change.path.display().to_string(), change: change.change.name() }
    }
}

impl Exposing {
    /// Reads everything, for what all environments share; changes nothing, and knows only how it was.
    pub(super) fn open(flow: &FlowName, settings: &Settings) -> Result<Self> {
        Self::of(Arc::new(settings.project()?), flow, None)
    }

    /// Reads everything under the lock that it will be written under, so that what another `asya`
    /// writes in the meantime is not lost.
    pub(super) fn locked(flow: &FlowName, settings: &Settings) -> Result<(Self, Lock)> {
        let (project, context) = chosen(settings)?;
        let lock = Lock::wait(project.root())?;
        Ok((Self::of(project, flow, context)?, lock))
    }

    /// The same in a project that is open already; `None` where the flow has no entry anywhere.
    pub(super) fn find(project: &Arc<Project>, flow: &FlowName) -> Result<Option<Self>> {
        let paths = project.paths(flow);
        let overlays = entries(&paths.overlays())?;
        let is_exposed = overlays.iter().chain([&paths.common]).any(|directory| directory.join(FILE).exists());
        if is_exposed { Self::of(Arc::clone(project), flow, None).map(Some) } else { Ok(None) }
    }

    fn of(project: Arc<Project>, flow: &FlowName, context: Option<ContextName>) -> Result<Self> {
        let record = project.flow(flow)?;
        let paths = project.paths(flow);
        let read = |path: &Path| read_source(path, &project.relative(path).display().to_string());
        let entry = paths.artifacts.join("flow.yaml");
        let common = kustomization(&paths.common).unwrap_or_else(|| paths.common.join("kustomization.yaml"));
        for needed in [&entry, &paths.artifacts.join("graph.json"), &common] {
            if !needed.is_file() {
                return Err(Error::project(format!("`{flow}` is not compiled"))
                    .because(format!("there is no `{}`", project.relative(needed).display()))
                    .hint(format!("type `asya compile {flow}`")));
            }
        }
        let anew = |error: Error| error.hint(format!("type `asya compile {flow}`: it writes the file anew"));
        let compiled = FlowEntry::read(&read(&entry)?, flow.as_str()).map_err(anew)?;
        let manifests = yaml_files(&paths.base)?.iter().map(|path| read(path)).collect::<Result<Vec<_>>>()?;
        let start = exposure::start_actor(&manifests).ok_or_else(|| {
            Error::project(format!("no actor of `{flow}` is its start"))
                .because(format!(
                    "no AsyncActor in `{}` has the label `asya.sh/role: start`",
                    project.relative(&paths.base).display()
                ))
                .hint(format!("type `asya compile {flow}`"))
        })?;
        let mut layers = Exposed::read(&project, flow)?.complete()?.layers;
        let layer = context.map_or(Layer::Common, Layer::Overlay);
        if let Layer::Overlay(local) = &layer
            && local.as_str() == LOCAL
            && !layers.contains_key(&layer)
        {
            layers.insert(layer.clone(), unmade(flow, local)?);
        }
        if let (Layer::Overlay(context), false) = (&layer, layers.contains_key(&layer)) {
            let missing = paths.overlay(context).join("kustomization.yaml");
            return Err(Error::project(format!("`{flow}` has no overlay for context `{context}`"))
                .because(format!("there is no `{}`", project.relative(&missing).display()))
                .hint(format!("type `asya compile {flow}`: it creates the overlays of all configured contexts")));
        }
        Ok(Self { project, record, paths, compiled, start, layers, layer })
    }

    /// Warns when the source has changed since it was compiled.
    pub(super) fn tell_stale(&self, ui: &mut Ui) {
        if self.project.compiled(&self.record).freshness == Freshness::Stale {
            let message = format!("`{}` has changed since it was compiled", self.record.source.display());
            ui.event(Event::Warning { message, hint: Some(format!("type `asya compile {}`", self.record.name)) });
        }
    }

    /// Warns of entries, but for the one in `except`, that do not enter the flow as it is compiled
    /// now.
    pub(super) fn tell_outdated(&self, except: Option<&Layer>, ui: &mut Ui) {
        for (layer, message) in self.outdated().into_iter().filter(|(layer, _)| Some(*layer) != except) {
            let context = match layer {
                Layer::Common => String::new(),
                Layer::Overlay(context) => format!(" --context {context}"),
            };
            ui.event(Event::Warning {
                message,
                hint: Some(format!("type `asya expose {}{context}` with the options it should have", self.record.name)),
            });
        }
    }

    /// What is wrong with entries of `flow`, a sentence each; nothing where it is not compiled.
    pub(super) fn outdated_entries(project: &Arc<Project>, flow: &FlowName) -> Vec<String> {
        match Self::find(project, flow) {
            Ok(Some(exposing)) => {
                let readable = |layer: &Layer, text: &str| exposing.entry(layer, text).is_ok();
                let readable: Vec<&Layer> = placement::entries(&exposing.layers)
                    .filter(|(layer, text)| readable(layer, text))
                    .map(|(layer, _)| layer)
                    .collect();
                let found = exposing.outdated().into_iter().filter(|(layer, _)| readable.contains(layer));
                found.map(|(_, message)| message).collect()
            }
            // Whatever cannot be read is told by who reads it.
            Ok(None) | Err(_) => Vec::new(),
        }
    }

    fn outdated(&self) -> Vec<(&Layer, String)> {
        let mut found = Vec::new();
        for (layer, text) in placement::entries(&self.layers) {
            let why = match self.entry(layer, text) {
                Ok(entry) => exposure::outdated(&entry, &self.compiled, &self.start),
                Err(error) => Some(error.to_string()),
            };
            if let Some(why) = why {
                let file = self.file(layer);
                found.push((layer, format!("`{}` does not fit the compiled flow: {why}", file.display())));
            }
        }
        found
    }

    fn entry(&self, layer: &Layer, text: &str) -> Result<FlowEntry> {
        exposure::entry_of(&Source::new(self.file(layer).display().to_string(), text), &self.record.name)
    }

    fn file(&self, layer: &Layer) -> PathBuf {
        self.project.relative(&self.directory(layer).join(FILE))
    }

    /// Refuses a `wish` by which another flow's entry of the same name would be in force in the same
    /// environment: the gateway would serve one of the two and tell nobody.
    pub(super) fn refuse_duplicates(&self, wish: &Wish, ui: &mut Ui) -> Result<()> {
        let own = placement::offering_after(&self.layers, &self.layer, wish);
        for other in self.project.registry()?.0.iter().filter(|other| **other != self.record.name) {
            let exposed = Exposed::read(&self.project, other)?;
            for problem in &exposed.problems {
                let message = format!("it is not known what `{other}` is exposed as: {problem}");
                ui.event(Event::Warning { message, hint: None });
            }
            for layer in own.iter().chain(exposed.layers.keys()) {
                // An environment without an overlay of one of the two gets what all share.
                let in_force = |layers: &Layers| if layers.contains_key(layer) { layer.clone() } else { Layer::Common };
                let theirs = in_force(&exposed.layers);
                let placement::Decision::Offered(at, text) = placement::decision(&exposed.layers, &theirs) else {
                    continue;
                };
                if !own.contains(&in_force(&self.layers)) {
                    continue;
                }
                let file = exposed.file(at);
                let names = exposure::names_in(&Source::new(file.display().to_string(), text));
                if names.contains(&self.compiled.name) {
                    let place = match layer {
                        Layer::Common => String::new(),
                        Layer::Overlay(context) => format!(" in context `{context}`"),
                    };
                    return Err(Error::project(format!(
                        "two flows would be called `{}`{place}",
                        self.compiled.name
                    ))
                    .because(format!("`{}` of flow `{other}` has an entry of this name", file.display()))
                    .because("MCP clients of the gateway would get one of them, A2A clients the other, and nobody would be told")
                    .hint(format!("type `asya expose {other}` to write that entry anew, or rename one of the flows")));
                }
            }
        }
        Ok(())
    }

    /// Writes all changes or none, and tells which file became what.
    pub(super) fn carry_out(&self, steps: &[(Layer, Step)], lock: &Lock, ui: &mut Ui) -> Result<Vec<FileChange>> {
        let mut plan = Plan::new(self.project.root());
        plan.allow(self.project.outermost());
        for layer in self.layers.keys() {
            let directory = self.directory(layer);
            let changes: Vec<&Step> = steps.iter().filter(|(at, _)| at == layer).map(|(_, step)| step).collect();
            if changes.is_empty() {
                continue;
            }
            let (kustomization, before) = match (kustomization(&directory), layer) {
                (Some(kustomization), _) => (kustomization.clone(), self.read(&kustomization)?),
                (None, Layer::Common) => continue,
                (None, Layer::Overlay(context)) => {
                    let mut files = local_overlay(&self.record.name, context)?;
                    files.retain(|file| {
                        let is_other = file.path != Path::new(KUSTOMIZATION);
                        if is_other {
                            plan.create(directory.join(&file.path), &*file.content);
                        }
                        !is_other
                    });
                    let text = files.pop().map(|file| file.content.to_string()).unwrap_or_default();
                    (directory.join(KUSTOMIZATION), Source::new(KUSTOMIZATION, text))
                }
            };
            let mut after = before.clone();
            for step in changes {
                match step {
                    Step::Write(content) => {
                        plan.write(directory.join(FILE), content.clone());
                    }
                    Step::Remove => {
                        plan.remove(directory.join(FILE));
                    }
                    Step::Add(list) => after = edited(&after, *list, true)?,
                    Step::Drop(list) => after = edited(&after, *list, false)?,
                }
            }
            if after.text() != before.text() {
                plan.write(kustomization, after.text());
            }
        }
        let mut changes = plan.commit_under(lock)?;
        for file in &changes {
            ui.event(Event::File { path: file.path.clone(), change: file.change });
        }
        if changes.is_empty() {
            let path = self.file(&self.layer);
            ui.event(Event::File { path: path.clone(), change: Change::Unchanged });
            changes.push(store::FileChange { path, change: Change::Unchanged });
        }
        Ok(changes.iter().map(FileChange::of).collect())
    }

    /// The command that brings an environment to the new state.
    pub(super) fn apply_command(&self) -> String {
        next::apply(&self.project, &self.record.name, self.context())
    }

    /// The chosen context.
    pub(super) fn context(&self) -> Option<&ContextName> {
        self.layer.context()
    }

    fn directory(&self, layer: &Layer) -> PathBuf {
        match layer {
            Layer::Common => self.paths.common.clone(),
            Layer::Overlay(context) => self.paths.overlay(context),
        }
    }

    fn read(&self, path: &Path) -> Result<Source> {
        read_source(path, &self.project.relative(path).display().to_string())
    }
}

/// The files of the overlay of the context `local`, which no configuration names: it is made when it
/// has something to say.
fn local_overlay(flow: &FlowName, local: &ContextName) -> Result<Vec<Artifact>> {
    overlay_files(flow, &Overlay { context: local.clone(), namespace: None })
}

/// What the overlay of `local` holds before it is made: all that environments share.
fn unmade(flow: &FlowName, local: &ContextName) -> Result<Found> {
    let files = local_overlay(flow, local)?;
    let text = files.iter().find(|file| file.path == Path::new(KUSTOMIZATION)).map(|file| file.content.to_string());
    let source = Source::new(KUSTOMIZATION, text.unwrap_or_default());
    Found::read(&source, None, &|path| (path == "../../common").then_some(Layer::Common))
}

/// The project, and the context that is named; a default one is not.
fn chosen(settings: &Settings) -> Result<(Arc<Project>, Option<ContextName>)> {
    let project = settings.project()?;
    let context = match &settings.context {
        Some(context) => project.context(Some(context))?.map(|context| context.name.clone()),
        None => None,
    };
    Ok((Arc::new(project), context))
}

fn yaml_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "yaml");
    Ok(entries(directory)?.into_iter().filter(is_yaml).collect())
}

fn edited(kustomization: &Source, list: List, named: bool) -> Result<Source> {
    let source = |text: String| Source::new(kustomization.name(), text);
    if named {
        return Ok(source(match list {
            List::Resources => edit::add_list_item(kustomization, "resources", FILE)?,
            List::Patches => edit::add_list_mapping(kustomization, "patches", "path", FILE)?,
        }));
    }
    // People write either.
    let mut after = kustomization.clone();
    for file in [FILE.to_owned(), format!("./{FILE}")] {
        after = source(match list {
            List::Resources => edit::remove_list_item(&after, "resources", &file)?,
            List::Patches => edit::remove_list_mapping(&after, "patches", "path", &file)?,
        });
    }
    Ok(after)
}
