//! From a Python file to a program in memory, for every command that compiles. What several flows
//! share is read once.

mod names;
mod once;
mod python_file;
mod threads;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::assembling::fields;
use super::watching::Files;
use crate::artifacts;
use crate::artifacts::fields::Fields;
use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result};
use crate::flow::{self, Flow, Surroundings};
use crate::names::{FlowName, Namespace, counted, kebab};
use crate::program::explanation::{self, Asked, Elsewhere, Explanation};
use crate::program::{self, Actor, Program, default_name_limit};
use crate::project::{
    DiskModules, ModuleCache, Project, Transport, discover, module_name, package_root, python_modules,
};
use crate::settings::Settings;
use crate::source::Source;

pub(super) use names::Names;
pub(super) use once::Once;
pub(super) use python_file::{PythonFile, Target};
pub(super) use threads::{on_large_stack, parallel};

/// Compiles files, with what the project (where there is one) says about them.
pub(super) struct Compiler<'p> {
    project: Option<&'p Project>,
    start: PathBuf,
    /// `-I`.
    python_path: Vec<PathBuf>,
    name_limit: usize,
    files: Once<PathBuf, Result<Arc<PythonFile>>>,
    modules_of_root: Once<PathBuf, BTreeSet<String>>,
    modules: Once<Vec<PathBuf>, BTreeSet<String>>,
    module_cache: Arc<ModuleCache>,
    disk: Once<Vec<PathBuf>, Arc<DiskModules>>,
}

/// A flow to be compiled.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Its name.
    pub(super) flow: FlowName,
    /// The Python file, absolute.
    pub(super) path: PathBuf,
    /// The function in it; `None` finds it.
    pub(super) function: Option<String>,
}

/// A flow, understood but without names for its actors.
pub(super) struct Analysis {
    source: Source,
    flow: Flow,
    settings: program::Settings,
    /// What clusters have for settings, as far as the project says.
    fields: Option<Fields>,
}

impl<'p> Compiler<'p> {
    /// Fails when a directory of `-I` does not exist, and on rules that cannot be used.
    pub(super) fn new(project: Option<&'p Project>, python_path: &[PathBuf], settings: &Settings) -> Result<Self> {
        let start = settings.start.canonicalize().unwrap_or_else(|_| settings.start.clone());
        if let Some(project) = project {
            artifacts::fields::check_rules(&project.config().compiler.rules)?;
        }
        let module_cache = Arc::new(ModuleCache::new(project.map_or(&start, Project::root)));
        Ok(Self {
            project,
            start,
            python_path: named_directories(python_path, &settings.start)?,
            name_limit: match project {
                Some(project) => {
                    let config = project.config();
                    let namespaces = config.contexts.values().filter_map(|context| context.namespace.as_ref());
                    let is_sqs = config.platform.transport == Transport::Sqs;
                    default_name_limit(namespaces.map(Namespace::as_str), is_sqs)
                }
                None => default_name_limit([], true),
            },
            files: Once::default(),
            modules_of_root: Once::default(),
            modules: Once::default(),
            module_cache,
            disk: Once::default(),
        })
    }

    /// The files of modules that were read for the flows, as they were then.
    pub(super) fn modules_read(&self) -> Files {
        self.module_cache.files_read()
    }

    /// Longest actor name.
    pub(super) fn name_limit(&self) -> usize {
        self.name_limit
    }

    /// A file as this command saw it first; read and parsed once.
    pub(super) fn file(&self, path: &Path) -> Result<Arc<PythonFile>> {
        let read = || PythonFile::read(path, &self.shown(path)).map(Arc::new);
        (*self.files.get(path.to_owned(), read)).clone()
    }

    /// Lets go of the trees of all files: for a command that has analysed all it wanted.
    pub(super) fn forget_files(&self) {
        self.files.clear();
    }

    /// `path` as people know it.
    pub(super) fn shown(&self, path: &Path) -> PathBuf {
        match self.project {
            Some(project) => project.relative(path),
            None => path.strip_prefix(&self.start).unwrap_or(path).to_owned(),
        }
    }

    /// Understands a flow of a file on disk.
    pub(super) fn analyse(&self, wanted: &Wanted) -> Result<Analysis> {
        self.analyse_file(wanted, self.file(&wanted.path)?)
    }

    /// Understands a flow of a text that stands for the file `wanted.path`.
    pub(super) fn analyse_file(&self, wanted: &Wanted, file: Arc<PythonFile>) -> Result<Analysis> {
        let module = match &file.module {
            Ok(module) => module,
            Err(errors) => return Err(refused(&wanted.flow, &file.source, errors.clone())),
        };
        let roots = self.roots(&wanted.path)?;
        let around = Surroundings {
            function: wanted.function.clone(),
            module: module_name(&wanted.path),
            is_package: wanted.path.file_name().is_some_and(|name| name == "__init__.py"),
            project_modules: self.project_modules(&roots),
            files: self.disk_modules(&roots),
            rules: self.project.map(|project| project.config().compiler.rules.clone()).unwrap_or_default(),
        };
        let flow =
            flow::analyse(&file.source, module, &around).map_err(|found| refused(&wanted.flow, &file.source, found))?;
        let settings = program::Settings {
            flow: wanted.flow.clone(),
            name_limit: self.name_limit,
            source_sha256: file.sha256.clone(),
            taken: BTreeMap::new(),
        };
        Ok(Analysis { source: file.source.clone(), flow, settings, fields: self.project.map(fields) })
    }

    /// The directories that imports of a file are looked up in, in order.
    fn roots(&self, path: &Path) -> Result<Vec<PathBuf>> {
        let mut roots = match self.project {
            Some(project) => project.python_roots(path)?,
            None => vec![package_root(path), path.parent().unwrap_or(Path::new("/")).to_owned(), self.start.clone()],
        };
        for root in &self.python_path {
            if !roots.contains(root) {
                roots.push(root.clone());
            }
        }
        Ok(roots)
    }

    fn disk_modules(&self, roots: &[PathBuf]) -> Arc<DiskModules> {
        let new = || Arc::new(DiskModules::new(Arc::clone(&self.module_cache), roots.to_vec()));
        Arc::clone(&self.disk.get(roots.to_vec(), new))
    }

    /// The top-level modules below `roots`.
    fn project_modules(&self, roots: &[PathBuf]) -> BTreeSet<String> {
        let all = self.modules.get(roots.to_vec(), || {
            let of_root = |root: &PathBuf| {
                let found = || python_modules(std::slice::from_ref(root));
                (*self.modules_of_root.get(root.clone(), found)).clone()
            };
            roots.iter().flat_map(of_root).collect()
        });
        (*all).clone()
    }
}

impl Analysis {
    /// The actors it calls, and the names that other flows use for other handlers as far as they
    /// matter here: what [`build`](Self::build) needs to give the same names.
    pub(super) fn name(&self, names: &Names) -> (BTreeMap<String, String>, Result<Vec<Actor>>) {
        let mut taken = BTreeMap::new();
        let actors = program::name_actors(&self.flow, &self.settings, &mut |name, handler| {
            let other = names.other(&self.settings.flow, name, handler)?;
            taken.insert(name.to_owned(), other.clone());
            Some(other)
        });
        (taken, actors.map_err(|found| refused(&self.settings.flow, &self.source, found)))
    }

    /// The program, with the warnings of its source.
    pub(super) fn build(&self, taken: BTreeMap<String, String>) -> Result<(Program, SourceDiagnostics)> {
        let settings = program::Settings { taken, ..self.settings.clone() };
        let program = program::build(&self.flow, &self.source, &settings)
            .map_err(|found| refused(&settings.flow, &self.source, found))?;
        let mut found = self.flow.warnings.clone();
        found.extend(self.fields.iter().flat_map(|fields| artifacts::settings::check(&program, *fields)));
        let located = SourceDiagnostics::new(&self.source, found);
        if located.errors() > 0 {
            return Err(refused(&settings.flow, &self.source, located.diagnostics));
        }
        Ok((program, located))
    }

    /// Explains a line beside the flows that `names` knows.
    pub(super) fn explain(&self, names: &Names, asked: &Asked) -> Result<Vec<Result<Explanation, Elsewhere>>> {
        let (taken, actors) = self.name(names);
        actors?;
        let settings = program::Settings { taken, ..self.settings.clone() };
        explanation::explain(&self.flow, &self.source, &settings, std::slice::from_ref(asked))
            .map_err(|found| refused(&settings.flow, &self.source, found))
    }

    /// The source of its function.
    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// The name of its function.
    pub(super) fn function(&self) -> &str {
        &self.flow.function
    }

    /// Gives the flow another name.
    pub(super) fn rename(&mut self, flow: FlowName) {
        self.settings.flow = flow;
    }

    /// The program beside the flows that `names` knows.
    pub(super) fn build_beside(&self, names: &Names) -> Result<(Program, SourceDiagnostics)> {
        let (taken, actors) = self.name(names);
        actors?;
        self.build(taken)
    }
}

/// The name a function's flow would get: `clean_text` is `clean-text`.
pub(super) fn flow_name(function: &str) -> Result<FlowName> {
    FlowName::new(&kebab(function)).map_err(|reason| {
        Error::project(format!("no flow can be named after `{function}`"))
            .because(reason)
            .hint("give the function a shorter name of ASCII letters, digits and `_`")
    })
}

/// The project a file is in, else the one around the start directory, else none.
pub(super) fn project_of(file: Option<&Path>, settings: &Settings) -> Result<Option<Project>> {
    let beside = file.and_then(Path::parent).filter(|directory| directory.is_dir());
    for directory in beside.into_iter().chain([settings.start.as_path()]) {
        if !discover(directory)?.layers.is_empty() {
            return settings.project_at(directory).map(Some);
        }
    }
    Ok(None)
}

/// What stands in the way of `flow`.
fn refused(flow: &FlowName, source: &Source, found: Vec<Diagnostic>) -> Error {
    let located = SourceDiagnostics::new(source, found);
    let errors = counted(located.errors(), "error");
    let files = located.files_with_errors().join(" and ");
    Error::negative(format!("flow `{flow}` does not compile: {errors} in {files}")).at(located)
}

/// The directories of `-I`.
fn named_directories(named: &[PathBuf], start: &Path) -> Result<Vec<PathBuf>> {
    let absolute = |directory: &PathBuf| {
        let path = start.join(directory);
        if path.is_dir() {
            return Ok(path);
        }
        let why = if path.exists() { "it is not a directory" } else { "there is no such directory" };
        let what = format!("Python modules cannot be looked up in `{}`", directory.display());
        Err(Error::project(what).because(why).hint("`-I` takes directories that are on Python's path in your images"))
    };
    named.iter().map(absolute).collect()
}
