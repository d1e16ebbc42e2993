//! What `expose` and `unexpose` share: the flow's layers as found, and the files as changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use crate::artifacts::FlowEntry;
use crate::artifacts::exposure;
use crate::artifacts::placement::{self, FILE, Found, Layer, Layers, List, Step};
use crate::error::{Error, Result, io_reason};
use crate::event::{Change, Event};
use crate::names::{ContextName, FlowName};
use crate::project::{FlowPaths, FlowRecord, Freshness, Project, edit, read_source};
use crate::settings::Settings;
use crate::source::Source;
use crate::store::{self, Plan};
use crate::ui::Ui;

const KUSTOMIZATION: &str = "kustomization.yaml";

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
    /// Reads everything; changes nothing.
    pub(super) fn open(flow: &FlowName, settings: &Settings) -> Result<Self> {
        let project = settings.project()?;
        let context = match &settings.context {
            Some(context) => project.context(Some(context))?.map(|context| context.name.clone()),
            None => None,
        };
        Self::of(Arc::new(project), flow, context)
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
        for needed in [&entry, &paths.artifacts.join("graph.json"), &paths.common.join(KUSTOMIZATION)] {
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
        let layers = layers(&paths, &read)?;
        let layer = context.map_or(Layer::Common, Layer::Overlay);
        if let (Layer::Overlay(context), false) = (&layer, layers.contains_key(&layer)) {
            let missing = paths.overlay(context).join(KUSTOMIZATION);
            return Err(Error::project(format!("`{flow}` has no overlay for context `{context}`"))
                .because(format!("there is no `{}`", project.relative(&missing).display()))
                .hint(if project.config().contexts.contains_key(context) {
                    format!("type `asya compile {flow}`: it creates the overlays of all configured contexts")
                } else {
                    format!(
                        "leave `--context` and ASYA_CONTEXT out: `{context}` takes what counts in every environment"
                    )
                }));
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
        for (layer, text) in placement::entries(&self.layers).filter(|(layer, _)| Some(*layer) != except) {
            let path = self.project.relative(&self.directory(layer).join(FILE)).display().to_string();
            let entry = exposure::entry_of(&Source::new(path.clone(), text), &self.record.name);
            let why = match entry {
                Ok(entry) => match exposure::outdated(&entry, &self.compiled, &self.start) {
                    Some(why) => why,
                    None => continue,
                },
                Err(error) => error.to_string(),
            };
            let context = match layer {
                Layer::Common => String::new(),
                Layer::Overlay(context) => format!(" --context {context}"),
            };
            ui.event(Event::Warning {
                message: format!("`{path}` does not fit the compiled flow: {why}"),
                hint: Some(format!("type `asya expose {}{context}` with the options it should have", self.record.name)),
            });
        }
    }

    /// Writes all changes or none, and tells which file became what.
    pub(super) fn carry_out(&self, steps: &[(Layer, Step)], ui: &mut Ui) -> Result<Vec<FileChange>> {
        let mut plan = Plan::new(self.project.root());
        plan.allow(self.project.outermost());
        for layer in self.layers.keys() {
            let directory = self.directory(layer);
            let kustomization = directory.join(KUSTOMIZATION);
            let before = self.read(&kustomization)?;
            let mut after = before.clone();
            for (_, step) in steps.iter().filter(|(changed, _)| changed == layer) {
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
        let mut changes = plan.commit(&mut |event| ui.event(event))?;
        if changes.is_empty() {
            let path = self.project.relative(&self.directory(&self.layer).join(FILE));
            ui.event(Event::File { path: path.clone(), change: Change::Unchanged });
            changes.push(store::FileChange { path, change: Change::Unchanged });
        }
        Ok(changes.iter().map(FileChange::of).collect())
    }

    /// The command that brings an environment to the new state.
    pub(super) fn apply_command(&self) -> String {
        let flow = &self.record.name;
        match &self.layer {
            Layer::Overlay(context) if self.project.config().default_context.as_ref() != Some(context) => {
                format!("asya k apply {flow} --context {context}")
            }
            _ => format!("asya k apply {flow}"),
        }
    }

    /// The chosen context.
    pub(super) fn context(&self) -> Option<&ContextName> {
        match &self.layer {
            Layer::Common => None,
            Layer::Overlay(context) => Some(context),
        }
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

fn layers(paths: &FlowPaths, read: &dyn Fn(&Path) -> Result<Source>) -> Result<Layers> {
    let mut directories = vec![(Layer::Common, paths.common.clone())];
    for path in entries(&paths.overlays())? {
        let name = path.file_name().and_then(|name| ContextName::new(name.to_str()?).ok());
        if let (Some(context), true) = (name, path.join(KUSTOMIZATION).is_file()) {
            directories.push((Layer::Overlay(context), path));
        }
    }
    let found = |directory: &Path| {
        let file = directory.join(FILE);
        let file = if file.exists() { Some(read(&file)?) } else { None };
        Found::read(&read(&directory.join(KUSTOMIZATION))?, file.as_ref())
    };
    directories.into_iter().map(|(layer, directory)| Ok((layer, found(&directory)?))).collect()
}

fn yaml_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "yaml");
    Ok(entries(directory)?.into_iter().filter(is_yaml).collect())
}

/// What is in a directory, sorted; nothing when it does not exist.
fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let failed = |error: std::io::Error| {
        Error::project(format!("`{}` cannot be read", directory.display())).because(io_reason(&error))
    };
    let listed = std::fs::read_dir(directory).map_err(failed)?;
    let mut paths = listed.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
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
