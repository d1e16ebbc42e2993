//! `asya compile`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use super::documents::ActorDocument;
use super::exposing::Exposing;
use super::{Status, assembling, explaining, watching};
use crate::artifacts::{self, Tree, Warning};
use crate::diagnostic::{Diagnostic, Severity, SourceDiagnostics};
use crate::error::{Error, Result};
use crate::event::{Change, Event};
use crate::flow::Surroundings;
use crate::names::{FlowName, JOIN_HANDLER, Namespace, counted};
use crate::program::{self, Program, default_name_limit};
use crate::project::{
    DiskModules, FlowRecord, MARKER, Project, Transport, module_name, python_modules, python_text, read_source, sha256,
};
use crate::settings::Settings;
use crate::source::Source;
use crate::store::{FileChange, Plan};
use crate::ui::{Style, Ui};

/// Compile a Python flow to a router program and manifests
///
/// The first time, -f names the file; it is remembered. Generated directories are replaced as a
/// whole, `common/` and `overlays/` are yours after they were created.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asya compile text-flow -f src/flows/text_flow.py
  asya compile text-flow -f src/flows/text_flow.py:text_flow --strict
  asya compile text-flow
  asya compile text-flow --explain 10    # which actor does line 10 call, and what does it cost?")]
pub(super) struct CompileArgs {
    /// Name of the flow: lower-case letters, digits and `-`
    flow: FlowName,
    /// The Python file, and the function when the file has several candidates
    #[arg(short, long, value_name = "FILE[:FUNCTION]")]
    file: Option<String>,
    /// Also look for Python modules in DIR
    #[arg(short = 'I', long = "python-path", value_name = "DIR")]
    python_path: Vec<PathBuf>,
    /// Fail on warnings
    #[arg(long)]
    strict: bool,
    /// Compile again whenever the source, a module it uses, the configuration or a template changes
    #[arg(long)]
    watch: bool,
    /// Write nothing: say what became of a line of the flow
    #[arg(long, value_name = "[FILE:]LINE", conflicts_with_all = ["strict", "watch"])]
    explain: Option<explaining::Wanted>,
}

/// The result, version 1.
#[derive(Serialize)]
struct CompileDocument {
    version: u32,
    flow: String,
    source: String,
    function: String,
    entry: String,
    actors: Vec<ActorDocument>,
    warnings: Vec<WarningDocument>,
    files: Vec<FileDocument>,
}

#[derive(Serialize)]
struct WarningDocument {
    code: Option<&'static str>,
    /// The place in the sources; `null` when it is not about them.
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    message: String,
}

#[derive(Serialize)]
struct FileDocument {
    path: String,
    change: &'static str,
}

pub(super) fn run(args: &CompileArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    if !args.watch {
        return once(args, settings, ui, &mut Vec::new());
    }
    if ui.is_json() {
        return Err(Error::usage("`--watch` has no end and therefore no result as JSON"));
    }
    let project = settings.project()?;
    let source = project.absolute(&Wanted::of(args, &project, settings)?.source);
    let fixed = [source, project.root().join(MARKER)];
    watching::repeat(&fixed, ui, |ui, read| once(args, settings, ui, read))
}

/// Compiles and writes. `read` receives the files of other modules that were read.
fn once(args: &CompileArgs, settings: &Settings, ui: &mut Ui, read: &mut Vec<PathBuf>) -> Result<Status> {
    let project = settings.project()?;
    let wanted = Wanted::of(args, &project, settings)?;
    let path = project.absolute(&wanted.source);
    let file = PythonFile::read(&path, &project.relative(&path))?;
    if let Some(line) = &args.explain {
        let asked = line.asked(&project, settings);
        let explain = |source: &Source, around: &Surroundings, settings: &program::Settings| {
            explaining::explanation(source, around, settings, &asked)
        };
        let (found, _) = compile(&project, args, &wanted, &file, settings, read, explain, |_| None)?;
        return explaining::report(&args.flow, &file.source, &asked, found, ui);
    }
    let (program, warnings) =
        compile(&project, args, &wanted, &file, settings, read, program::compile, |program| Some(program))?;
    if !warnings.diagnostics.is_empty() {
        ui.event(Event::Diagnostics(warnings.clone()));
    }
    let tree = artifacts::assemble(&program, &assembling::inputs(&project, &args.flow)?)?;
    for Warning { message, hint } in &tree.warnings {
        ui.event(Event::Warning { message: message.clone(), hint: Some(hint.clone()) });
    }
    let count = warnings.diagnostics.len() + tree.warnings.len();
    if args.strict && count > 0 {
        let count = counted(count, "warning");
        return Err(Error::negative(format!("`{}` compiles with {count}, and --strict allows none", args.flow)));
    }
    let about_files: Vec<Warning> = tree.warnings.clone();
    let record = FlowRecord { name: args.flow.clone(), source: wanted.source, function: program.function.clone() };
    let files = write(&project, &record, tree)?;
    Exposing::open(&args.flow, settings)?.tell_outdated(None, ui);
    let document = document(&project, &program, (&warnings, &about_files), &files);
    ui.report(&document, |ui| summary(&program, &files, &project, ui));
    Ok(Status::Done)
}

/// Which function of which file is to be compiled.
struct Wanted {
    /// Relative to the project root.
    source: PathBuf,
    function: Option<String>,
}

impl Wanted {
    fn of(args: &CompileArgs, project: &Project, settings: &Settings) -> Result<Self> {
        let Some(text) = &args.file else {
            let record = project.flow(&args.flow)?;
            return Ok(Self { source: record.source, function: Some(record.function) });
        };
        let (file, function) = split_target(text);
        let path = settings.start.join(file);
        if !path.is_file() {
            let why = if path.is_dir() { "it is a directory" } else { "there is no such file" };
            return Err(Error::project(format!("the flow's source `{file}` cannot be read"))
                .because(why)
                .hint("name the Python file: `-f src/flows/my_flow.py`"));
        }
        let source = project.source_inside(&path.canonicalize().unwrap_or(path))?;
        Ok(Self { source, function: function.map(str::to_owned) })
    }
}

/// `flow.py:function` in its parts; a colon without an identifier behind it belongs to the path.
fn split_target(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((file, function))
            if !file.is_empty()
                && function.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && function.chars().all(|c| c.is_alphanumeric() || c == '_') =>
        {
            (file, Some(function))
        }
        _ => (text, None),
    }
}

/// A source file.
struct PythonFile {
    path: PathBuf,
    source: Source,
    /// Of the bytes on disk.
    sha256: String,
}

impl PythonFile {
    fn read(path: &Path, shown: &Path) -> Result<Self> {
        let shown = shown.display().to_string().replace('\\', "/");
        let raw = read_source(path, &shown)?;
        if raw.text().len() > MAX_SOURCE {
            return Err(Error::project(format!("`{shown}` is too large for a flow"))
                .because(format!("it has {} bytes, {MAX_SOURCE} are allowed", raw.text().len())));
        }
        let sha256 = sha256(raw.text().as_bytes());
        Ok(Self { path: path.to_owned(), source: python_text(&raw), sha256 })
    }
}

fn compile<T: Send>(
    project: &Project,
    args: &CompileArgs,
    wanted: &Wanted,
    file: &PythonFile,
    settings: &Settings,
    read: &mut Vec<PathBuf>,
    work: impl FnOnce(&Source, &Surroundings, &program::Settings) -> Result<(T, Vec<Diagnostic>), Vec<Diagnostic>> + Send,
    program_of: impl Fn(&T) -> Option<&Program>,
) -> Result<(T, SourceDiagnostics)> {
    let mut roots = project.python_roots(&file.path)?;
    roots.extend(named_directories(&args.python_path, &settings.start)?);
    artifacts::fields::check_rules(&project.config().compiler.rules)?;
    let modules = Arc::new(DiskModules::new(project, roots.clone()));
    let around = Surroundings {
        function: wanted.function.clone(),
        module: module_name(&file.path),
        is_package: file.path.file_name().is_some_and(|name| name == "__init__.py"),
        project_modules: python_modules(&roots),
        files: modules.clone(),
        rules: project.config().compiler.rules.clone(),
    };
    let config = project.config();
    let namespaces = config.contexts.values().filter_map(|context| context.namespace.as_ref());
    let is_sqs = config.platform.transport == Transport::Sqs;
    let program_settings = program::Settings {
        flow: args.flow.clone(),
        name_limit: default_name_limit(namespaces.map(Namespace::as_str), is_sqs),
        source_sha256: file.sha256.clone(),
        taken: taken(project, &args.flow)?,
    };
    let source = &file.source;
    let compiled = on_large_stack(|| work(source, &around, &program_settings));
    read.extend(modules.files_read());
    let refused = |located: SourceDiagnostics| {
        let errors = counted(located.errors(), "error");
        let files = located.files_with_errors().join(" and ");
        let message = format!("flow `{}` does not compile: {errors} in {files}", args.flow);
        Error::negative(message).at(located)
    };
    match compiled? {
        Ok((made, mut diagnostics)) => {
            if let Some(program) = program_of(&made) {
                diagnostics.extend(artifacts::settings::check(program, assembling::fields(project)));
            }
            let located = SourceDiagnostics::new(source, diagnostics);
            if located.errors() == 0 { Ok((made, located)) } else { Err(refused(located)) }
        }
        Err(diagnostics) => Err(refused(SourceDiagnostics::new(source, diagnostics))),
    }
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

/// Stack for sources that nest as deeply as their length allows; untouched pages cost nothing.
const STACK: usize = 512 << 20;

/// Longest source; no flow is near it, and the stack is sized for it.
const MAX_SOURCE: usize = 4 << 20;

/// Runs the compiler where deeply nested expressions do not exhaust the stack.
fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| Error::project("the compiler cannot start a thread").because(error))?;
        thread.join().map_err(|_| Error::project("the compiler stopped on this source, which is a defect in it"))
    })
}

/// Actor names of all other compiled flows, with their handlers.
fn taken(project: &Project, flow: &FlowName) -> Result<BTreeMap<String, String>> {
    let mut taken = BTreeMap::new();
    for record in project.flows()?.iter().filter(|record| record.name != *flow) {
        for actor in project.compiled(record).actors {
            taken.insert(actor.name, actor.handler);
        }
    }
    Ok(taken)
}

fn write(project: &Project, record: &FlowRecord, tree: Tree) -> Result<Vec<FileChange>> {
    let paths = project.paths(&record.name);
    let mut plan = Plan::new(project.root());
    plan.allow(project.outermost());
    plan.replace_tree(&paths.code, tree.code);
    plan.replace_tree(&paths.artifacts, tree.artifacts);
    plan.replace_tree(&paths.base, tree.base);
    for file in tree.common {
        plan.create(paths.common.join(file.path), file.content);
    }
    for (context, files) in tree.overlays {
        for file in files {
            plan.create(paths.overlay(&context).join(file.path), file.content);
        }
    }
    let (path, text) = project.register_text(record)?;
    plan.write(path, text);
    plan.commit(&mut |_| {})
}

fn document(
    project: &Project,
    program: &Program,
    (warnings, about_files): (&SourceDiagnostics, &[Warning]),
    files: &[FileChange],
) -> CompileDocument {
    let router = program.router.iter().map(|router| ActorDocument {
        name: router.name.to_string(),
        handler: router.handler.clone(),
        generated: true,
    });
    let join = program.join.iter().map(|name| ActorDocument {
        name: name.to_string(),
        handler: JOIN_HANDLER.to_owned(),
        generated: true,
    });
    let actors = program.actors.iter().map(|actor| ActorDocument {
        name: actor.name.to_string(),
        handler: actor.handler.clone(),
        generated: false,
    });
    CompileDocument {
        version: 1,
        flow: program.flow.to_string(),
        source: program.source.clone(),
        function: program.function.clone(),
        entry: program.entry.to_string(),
        actors: router.chain(join).chain(actors).collect(),
        warnings: warnings
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Warning)
            .map(|diagnostic| {
                let source = warnings.source_of(diagnostic);
                let position = source.position(diagnostic.span.start);
                WarningDocument {
                    code: diagnostic.code,
                    file: Some(source.name().to_owned()),
                    line: Some(position.line),
                    column: Some(position.column),
                    message: diagnostic.message.clone(),
                }
            })
            .chain(about_files.iter().map(|warning| WarningDocument {
                file: None,
                code: None,
                line: None,
                column: None,
                message: warning.message.clone(),
            }))
            .collect(),
        files: files
            .iter()
            .map(|file| FileDocument {
                path: project.relative(&file.path).display().to_string(),
                change: file.change.name(),
            })
            .collect(),
    }
}

fn summary(program: &Program, files: &[FileChange], project: &Project, ui: &Ui) -> String {
    let actors: Vec<&str> = program.actors.iter().map(|actor| actor.name.as_str()).collect();
    let router = match &program.router {
        Some(router) => format!("{} (generated)", router.name),
        None => "none: the flow is a single call".to_owned(),
    };
    let count = |wanted: Change| files.iter().filter(|file| file.change == wanted).count();
    let counts: Vec<String> = [Change::Created, Change::Changed, Change::Removed, Change::Unchanged, Change::Kept]
        .into_iter()
        .filter(|change| count(*change) > 0)
        .map(|change| format!("{} {}", count(change), change.name()))
        .collect();
    let manifests = project.relative(&project.paths(&program.flow).manifests);
    format!(
        "{} {} from {}:{}\n  actors     {}\n  router     {router}\n  files      {}\n  manifests  {}\n",
        ui.paint(Style::Good, "compiled"),
        ui.paint(Style::Strong, program.flow.as_str()),
        program.source,
        program.function,
        if actors.is_empty() { "none: the flow calls nothing".to_owned() } else { actors.join(", ") },
        counts.join(", "),
        manifests.display(),
    )
}
