//! `asya graph`.

mod open;
mod outline;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::value::RawValue;

use super::Status;
use super::compiling::{Compiler, Names, Target, Wanted, flow_name, on_large_stack, project_of};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::names::FlowName;
use crate::program::Program;
use crate::settings::Settings;
use crate::store;
use crate::ui::Ui;

/// Print the control flow of a flow
///
/// The flow is compiled in memory from its source as it is now; nothing is written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asya graph text-flow
  asya graph text-flow --open
  asya graph text-flow --format svg > flow.svg
  asya graph -f src/flows/draft.py --format mermaid")]
pub(super) struct GraphArgs {
    /// The flow
    #[arg(required_unless_present = "file")]
    flow: Option<FlowName>,
    /// The Python file of a flow that is not registered, or another one than the registered
    #[arg(short, long, value_name = "FILE[:FUNCTION]")]
    file: Option<String>,
    /// How to draw it [default: text]
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "open")]
    format: Option<Format>,
    /// Show the picture in the browser, or in what the system opens pictures with
    #[arg(long)]
    open: bool,
    /// Also look for Python modules in DIR
    #[arg(short = 'I', long = "python-path", value_name = "DIR")]
    python_path: Vec<PathBuf>,
}

/// A way to draw a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table of steps
    Text,
    /// A Mermaid flowchart
    Mermaid,
    /// A Graphviz digraph
    Dot,
    /// A picture
    Svg,
    /// The flow as data (`docs/graph.md`)
    Json,
}

/// `asya graph --open -o json`, version 1.
#[derive(Serialize)]
struct OpenDocument {
    version: u32,
    flow: String,
    picture: String,
    opened_with: String,
}

pub(super) fn run(args: &GraphArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    if let (true, Some(format)) = (ui.is_json(), args.format.filter(|format| *format != Format::Json)) {
        let name = format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        return Err(Error::usage(format!("`-o json` and `--format {name}` contradict each other"))
            .hint("leave one of the two out"));
    }
    let program = on_large_stack(|| program(args, settings, ui))??;
    if args.open {
        return open(&program, settings, ui);
    }
    let text = match args.format.unwrap_or(Format::Text) {
        _ if ui.is_json() => program.graph.text().to_string(),
        Format::Text => outline::text(&program.graph),
        Format::Mermaid => program.mermaid.to_string(),
        Format::Dot => program.dot.to_string(),
        Format::Svg => program.svg.to_string(),
        Format::Json => program.graph.text().to_string(),
    };
    if ui.is_json() {
        // The file itself, byte for byte.
        let document: &RawValue = serde_json::from_str(&text)
            .map_err(|error| Error::project("the graph is not JSON, which is a defect").because(error))?;
        ui.report(&document, |_| String::new());
    } else {
        ui.report(&program.graph, |_| text);
    }
    Ok(Status::Done)
}

fn program(args: &GraphArgs, settings: &Settings, ui: &mut Ui) -> Result<Program> {
    let target = args.file.as_deref().map(Target::of);
    let path = target.map(|target| settings.start.join(target.file));
    let project = match (&path, &args.flow) {
        (None, Some(_)) => Some(settings.project()?),
        _ => project_of(path.as_deref(), settings)?,
    };
    let compiler = Compiler::new(project.as_ref(), &args.python_path, settings)?;
    let record = match (&args.flow, &project, &path) {
        (Some(flow), Some(project), None) => Some(project.flow(flow)?),
        _ => None,
    };
    let (path, function) = match (path, &record, &project) {
        (Some(path), ..) => {
            (std::path::absolute(&path).unwrap_or(path), target.and_then(|target| target.function).map(str::to_owned))
        }
        (None, Some(record), Some(project)) => (project.absolute(&record.source), Some(record.function.clone())),
        (None, ..) => return Err(Error::usage("name a flow, or a file with `-f`")),
    };
    let name = match (&args.flow, path.file_stem()) {
        (Some(flow), _) => flow.clone(),
        (None, stem) => flow_name(&stem.unwrap_or_default().to_string_lossy()).or_else(|_| flow_name("flow"))?,
    };
    let mut analysis = compiler.analyse(&Wanted { flow: name, path, function })?;
    if args.flow.is_none() {
        analysis.rename(flow_name(analysis.function())?);
    }
    let names = match &project {
        Some(project) => Names::on_disk(project, compiler.name_limit(), ui)?,
        None => Names::default(),
    };
    let (program, warnings) = analysis.build_beside(&names)?;
    if !warnings.diagnostics.is_empty() {
        ui.event(Event::Diagnostics(warnings));
    }
    Ok(program)
}

fn open(program: &Program, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let picture = store::temporary_file(&format!("asya-{}-", program.flow), ".svg", &program.svg)?;
    let opened_with = open::show(&picture, settings)?;
    let document = OpenDocument {
        version: 1,
        flow: program.flow.to_string(),
        picture: picture.display().to_string(),
        opened_with,
    };
    ui.report(&document, |_| format!("opened {} with `{}`\n", document.picture, document.opened_with));
    Ok(Status::Done)
}
