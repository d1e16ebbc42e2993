//! Which flows the arguments mean.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::compiling::{Compiler, PythonFile, Target, Wanted, flow_name, parallel, project_of};
use crate::error::{Error, Result, io_reason};
use crate::flow::marked_functions;
use crate::names::FlowName;
use crate::project::{Project, python_files};
use crate::settings::Settings;

/// How stdin is shown.
const STDIN: &str = "<stdin>";

/// A project with files to be checked, or all files without a project.
pub(super) struct Place {
    pub(super) project: Option<Project>,
    /// Registered functions by file.
    registered: BTreeMap<PathBuf, Vec<(String, FlowName)>>,
}

/// A function to be checked.
pub(super) struct Candidate {
    /// The number of its place.
    pub(super) place: usize,
    /// The file as people know it.
    pub(super) shown: String,
    pub(super) wanted: Wanted,
    /// The flow has a name; else it gets that of its function.
    pub(super) is_named: bool,
    /// The text, where it is not on disk.
    pub(super) file: Option<Result<Arc<PythonFile>>>,
}

/// The places of all targets.
pub(super) fn places(targets: &[String], settings: &Settings) -> Result<Vec<Place>> {
    if targets.iter().filter(|target| Target::of(target).file == "-").count() > 1 {
        return Err(Error::usage("stdin can be read only once"));
    }
    let mut places: Vec<Place> = Vec::new();
    for target in targets {
        let path = path_of(target, settings);
        let project = project_of(path.as_deref(), settings)?;
        if place_of(&places, project.as_ref()).is_none() {
            let registered = project.as_ref().map(registered).unwrap_or_default();
            places.push(Place { project, registered });
        }
    }
    Ok(places)
}

/// The flows of a project by their files. What is wrong with a record is told by who uses it.
fn registered(project: &Project) -> BTreeMap<PathBuf, Vec<(String, FlowName)>> {
    let mut registered: BTreeMap<PathBuf, Vec<(String, FlowName)>> = BTreeMap::new();
    for name in project.registry().map(|(names, _)| names).unwrap_or_default() {
        if let Ok(record) = project.flow(&name) {
            registered.entry(project.absolute(&record.source)).or_default().push((record.function, name));
        }
    }
    registered
}

fn place_of(places: &[Place], project: Option<&Project>) -> Option<usize> {
    let root = project.map(Project::root);
    places.iter().position(|place| place.project.as_ref().map(Project::root) == root)
}

/// The absolute path of a target; none for stdin. Something in a directory stands for it.
fn path_of(target: &str, settings: &Settings) -> Option<PathBuf> {
    let whole = settings.start.join(target);
    let file = Target::of(target).file;
    if file == "-" {
        return None;
    }
    if whole.is_dir() {
        return Some(real(&whole).join("any.py"));
    }
    Some(real(&settings.start.join(file)))
}

/// As the project knows it: without `..` and symbolic links, as far as there is such a file.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

/// The functions of all targets, in the order of the arguments, each once.
pub(super) fn candidates(
    targets: &[String],
    places: &[Place],
    compilers: &[&Compiler<'_>],
    settings: &Settings,
) -> Result<Vec<Candidate>> {
    let mut found: Vec<Candidate> = Vec::new();
    for text in targets {
        let path = path_of(text, settings);
        let project = project_of(path.as_deref(), settings)?;
        let number = place_of(places, project.as_ref()).unwrap_or(0);
        let (place, compiler) = (&places[number], compilers[number]);
        let target = Target::of(text);
        let Some(path) = path else {
            found.push(stdin(number, target, settings)?);
            continue;
        };
        let directory = settings.start.join(text);
        let search = Search { number, place, compiler };
        if directory.is_dir() {
            let files = python_files(&real(&directory))
                .map_err(|error| Error::project(format!("`{text}` cannot be searched")).because(io_reason(&error)))?;
            for candidates in parallel(&files, |file| search.in_file(file, false))? {
                found.extend(candidates?);
            }
        } else if let Some(function) = target.function {
            found.push(search.candidate(&path, Some(function.to_owned()))?);
        } else {
            found.extend(search.in_file(&path, true)?);
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|it| it.file.is_some() || seen.insert((it.wanted.path.clone(), it.wanted.function.clone())));
    Ok(found)
}

fn stdin(place: usize, target: Target<'_>, settings: &Settings) -> Result<Candidate> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|error| Error::project("stdin cannot be read").because(io_reason(&error)))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        Error::project("stdin is not text").because(format!("byte {} is not UTF-8", error.utf8_error().valid_up_to()))
    });
    let file = text.and_then(|text| PythonFile::of_text(STDIN, &text)).map(Arc::new);
    let function = target.function.map(str::to_owned);
    let wanted = Wanted { flow: flow_name("stdin")?, path: settings.start.join("stdin.py"), function };
    Ok(Candidate { place, shown: STDIN.to_owned(), wanted, is_named: false, file: Some(file) })
}

/// Looks for flows in files of one place.
struct Search<'a> {
    number: usize,
    place: &'a Place,
    compiler: &'a Compiler<'a>,
}

impl Search<'_> {
    /// The flows of a file: those that are registered or marked, else, where the file was `named`,
    /// whatever looks like one.
    fn in_file(&self, path: &Path, named: bool) -> Result<Vec<Candidate>> {
        let mut functions: Vec<String> = Vec::new();
        let known = self.place.registered.get(path).into_iter().flatten();
        functions.extend(known.map(|(function, _)| function.clone()));
        if let Ok(file) = self.compiler.file(path) {
            match &file.module {
                Ok(module) => functions.extend(marked_functions(module, &file.source)),
                // What the file holds is unknown; a mark in its text says that a flow is meant.
                Err(_) if !named && functions.is_empty() && !is_marked(file.source.text()) => return Ok(Vec::new()),
                // Its errors are those of each flow in it.
                Err(_) => functions.truncate(1),
            }
            if functions.is_empty() && (named || file.module.is_err()) {
                return Ok(vec![self.candidate(path, None)?]);
            }
        } else if named || !functions.is_empty() {
            return Ok(vec![self.candidate(path, None)?]);
        }
        let mut seen = std::collections::BTreeSet::new();
        functions.retain(|function| seen.insert(function.clone()));
        functions.into_iter().map(|function| self.candidate(path, Some(function))).collect()
    }

    fn candidate(&self, path: &Path, function: Option<String>) -> Result<Candidate> {
        let known = self.place.registered.get(path).into_iter().flatten();
        let name = known.filter(|(known, _)| Some(known) == function.as_ref()).map(|(_, name)| name.clone()).next();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let is_named = name.is_some();
        let flow = match name {
            Some(name) => name,
            // Until the function is known, for messages.
            None => {
                let function = function.as_deref().unwrap_or(&stem);
                flow_name(function).or_else(|_| flow_name("flow"))?
            }
        };
        Ok(Candidate {
            place: self.number,
            shown: self.compiler.shown(path).display().to_string(),
            wanted: Wanted { flow, path: path.to_owned(), function },
            is_named,
            file: None,
        })
    }
}

fn is_marked(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with("@flow") || line.contains("asya: flow"))
}
