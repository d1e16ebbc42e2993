//! `asya compile`.

mod batch;
mod difference;
mod every;
mod report;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::assembling::Assembling;
use super::compiling::{Compiler, Names, Target, Wanted, on_large_stack};
use super::exposing::Exposing;
use super::watching::{self, Files};
use super::{Status, explaining, next};
use crate::artifacts::Warning;
use crate::error::{Error, Result};
use crate::event::{Change, Event};
use crate::names::FlowName;
use crate::program::explanation::Elsewhere;
use crate::project::{MARKER, Project};
use crate::settings::Settings;
use crate::store::{FileChange, Lock};
use crate::ui::Ui;
use batch::Batch;

/// Compile Python flows to router programs and manifests
///
/// The first time, -f names the file; it is remembered. Generated directories are replaced as a
/// whole, `common/` and `overlays/` are yours after they were created.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asya compile text-flow -f src/flows/text_flow.py
  asya compile text-flow -f src/flows/text_flow.py:text_flow --strict
  asya compile text-flow
  asya compile text-flow --explain 10    # which actor does line 10 call, and what does it cost?
  asya compile --all
  asya compile --all --check    # in CI: are the compiled files up to date?")]
pub(super) struct CompileArgs {
    /// Name of the flow: lower-case letters, digits and `-`
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    flow: Option<FlowName>,
    /// The Python file, and the function when the file has several candidates
    #[arg(short, long, value_name = "FILE[:FUNCTION]", conflicts_with = "all")]
    file: Option<String>,
    /// Compile every flow of the project; one that fails does not stop the others
    #[arg(short, long)]
    all: bool,
    /// Write nothing: list the files that would change, exit 1 if there are any
    #[arg(long, conflicts_with = "watch")]
    check: bool,
    /// Also look for Python modules in DIR
    #[arg(short = 'I', long = "python-path", value_name = "DIR")]
    python_path: Vec<PathBuf>,
    /// Fail on warnings
    #[arg(long)]
    strict: bool,
    /// Compile again whenever a source, a module it uses, the configuration or a template changes
    #[arg(long)]
    watch: bool,
    /// Write nothing: say what became of a line of the flow
    #[arg(long, value_name = "[FILE:]LINE", conflicts_with_all = ["all", "check", "strict", "watch"])]
    explain: Option<explaining::Wanted>,
}

pub(super) fn run(args: &CompileArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    if args.watch && ui.is_json() {
        return Err(Error::usage("`--watch` has no end and therefore no result as JSON"));
    }
    if !args.watch {
        return once(args, settings, ui, &mut Files::new());
    }
    // What can only be mistyped is told at once instead of waited on.
    let project = settings.project()?;
    if let Some(flow) = &args.flow {
        wanted(args, flow, &project, settings)?;
    }
    let fallback = vec![project.root().join(MARKER)];
    let paths = || watched(args, settings).unwrap_or_else(|_| fallback.clone());
    watching::repeat(paths, ui, |ui, read| once(args, settings, ui, read))
}

/// The files on which the outcome depends, besides modules that sources use.
fn watched(args: &CompileArgs, settings: &Settings) -> Result<Vec<PathBuf>> {
    let project = settings.project()?;
    let mut paths: Vec<PathBuf> = project.layers().iter().map(|layer| layer.join(MARKER)).collect();
    let flows = match &args.flow {
        Some(flow) => vec![flow.clone()],
        None => project.registry()?.0,
    };
    paths.extend(flows.iter().filter_map(|flow| Some(wanted(args, flow, &project, settings).ok()?.path)));
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// Compiles. `read` receives the files of modules that were read.
fn once(args: &CompileArgs, settings: &Settings, ui: &mut Ui, read: &mut Files) -> Result<Status> {
    on_large_stack(|| match &args.flow {
        Some(flow) => single(args, flow, settings, ui, read),
        None => every::run(args, settings, ui, read),
    })?
}

fn single(args: &CompileArgs, flow: &FlowName, settings: &Settings, ui: &mut Ui, read: &mut Files) -> Result<Status> {
    let project = Arc::new(opened(settings)?);
    let wanted = wanted(args, flow, &project, settings)?;
    if let Some(line) = &args.explain {
        return explain(args, line, &wanted, (&project, settings), ui);
    }
    let outcome = compiled(args, &project, vec![(flow.clone(), Ok(wanted))], settings, ui, read)?.pop();
    let Some(outcome) = outcome else { return Err(Error::project(format!("`{flow}` was passed over"))) };
    if let Some(warnings) = &outcome.warnings {
        ui.event(Event::Diagnostics(warnings.clone()));
    }
    for Warning { message, hint } in &outcome.about_files {
        ui.event(Event::Warning { message: message.clone(), hint: Some(hint.clone()) });
    }
    let compiled = outcome.result?;
    let is_fresh = !compiled.has_changes();
    let exposed = if is_fresh || !args.check { tell_outdated(&project, flow, ui)? } else { None };
    let warnings = report::warnings(outcome.warnings.as_ref(), &outcome.about_files);
    let document = report::CompileDocument::of(&compiled, warnings, &project, args.check);
    if !args.check {
        let next = (!is_fresh && !args.watch).then(|| match exposed {
            Some(_) => next::apply(&project, flow, settings.context.as_ref()),
            None => next::run(&project, flow, settings.context.as_ref()),
        });
        ui.report(&document, |ui| report::summary(&compiled, next.as_deref(), &project, ui));
        return Ok(Status::Done);
    }
    ui.report(&document, |ui| report::check(&compiled, ui));
    if is_fresh {
        return Ok(Status::Done);
    }
    let file = args.file.as_ref().map(|file| format!(" -f {file}")).unwrap_or_default();
    ui.event(Event::Note(format!("to write them: asya compile {flow}{file}")));
    Ok(Status::Negative)
}

fn explain(
    args: &CompileArgs,
    line: &explaining::Wanted,
    wanted: &Wanted,
    (project, settings): (&Project, &Settings),
    ui: &mut Ui,
) -> Result<Status> {
    let compiler = Compiler::new(Some(project), &args.python_path, settings)?;
    let names = Names::on_disk(project, compiler.name_limit(), ui)?;
    let asked = line.asked(project, settings);
    let analysis = compiler.analyse(wanted)?;
    let found = analysis.explain(&names, &asked)?.into_iter().next();
    let found = found.unwrap_or(Err(Elsewhere::Line { last: 0 }));
    explaining::report(&wanted.flow, analysis.source(), &asked, found, ui)
}

/// The project, and whether it knows the context that was asked for.
fn opened(settings: &Settings) -> Result<Project> {
    let project = settings.project()?;
    if settings.context.is_some() {
        project.context(settings.context.as_ref())?;
    }
    Ok(project)
}

fn compiled(
    args: &CompileArgs,
    project: &Project,
    flows: Vec<(FlowName, Result<Wanted>)>,
    settings: &Settings,
    ui: &mut Ui,
    read: &mut Files,
) -> Result<Vec<batch::Outcome>> {
    let compiler = Compiler::new(Some(project), &args.python_path, settings)?;
    let lock = if args.check { None } else { Some(Lock::wait(project.root())?) };
    let names = Names::on_disk(project, compiler.name_limit(), ui)?;
    let assembling = &Assembling::new(project);
    let outcomes = Batch { project, compiler: &compiler, assembling, strict: args.strict, lock }.compile(flows, &names);
    *read = compiler.modules_read();
    outcomes
}

/// What compiling `flows` (sorted) would do to their files, or why one does not compile; nothing is
/// written and nothing is told.
pub(super) fn looked_at(
    project: &Project,
    flows: &[FlowName],
    settings: &Settings,
) -> Result<BTreeMap<FlowName, Result<Vec<FileChange>>>> {
    let args = CompileArgs {
        flow: None,
        file: None,
        all: true,
        check: true,
        python_path: Vec::new(),
        strict: false,
        watch: false,
        explain: None,
    };
    let wanted = flows.iter().map(|flow| (flow.clone(), wanted(&args, flow, project, settings))).collect();
    let outcomes =
        on_large_stack(|| compiled(&args, project, wanted, settings, &mut Ui::recording(true), &mut Files::new()))??;
    let changes = |compiled: batch::Compiled| {
        let is_change = |file: &FileChange| !matches!(file.change, Change::Unchanged | Change::Kept);
        compiled.files.into_iter().filter(is_change).collect()
    };
    Ok(outcomes.into_iter().map(|outcome| (outcome.flow, outcome.result.map(changes))).collect())
}

/// Which function of which file is to be compiled.
fn wanted(args: &CompileArgs, flow: &FlowName, project: &Project, settings: &Settings) -> Result<Wanted> {
    let Some(text) = &args.file else {
        let record = project.flow(flow)?;
        let path = project.absolute(&record.source);
        return Ok(Wanted { flow: flow.clone(), path, function: Some(record.function) });
    };
    let Target { file, function } = Target::of(text);
    let path = settings.start.join(file);
    if !path.is_file() {
        let why = if path.is_dir() { "it is a directory" } else { "there is no such file" };
        return Err(Error::project(format!("the flow's source `{file}` cannot be read"))
            .because(why)
            .hint("name the Python file: `-f src/flows/my_flow.py`"));
    }
    let source = project.source_inside(&path.canonicalize().unwrap_or(path))?;
    Ok(Wanted { flow: flow.clone(), path: project.absolute(&source), function: function.map(str::to_owned) })
}

/// Warns of gateway entries that do not enter the flow as it is compiled now. Answers how the flow is
/// exposed, if it is.
fn tell_outdated(project: &Arc<Project>, flow: &FlowName, ui: &mut Ui) -> Result<Option<Exposing>> {
    let exposing = Exposing::find(project, flow)?;
    if let Some(exposing) = &exposing {
        exposing.tell_outdated(None, ui);
    }
    Ok(exposing)
}
