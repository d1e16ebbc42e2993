//! `asya demo`.

mod example;
mod view;

use std::path::{Path, PathBuf};

use clap::{Args, Parser};
use serde::Serialize;
use serde_json::Value;

use super::arguments::Cli;
use super::{Status, dispatch};
use crate::error::{Error, ErrorKind, Result, io_reason};
use crate::project::{Project, read_source};
use crate::settings::Settings;
use crate::store::Plan;
use crate::ui::{Style, Transcript, Ui};

const INIT: &str = "asya init --registry ghcr.io/example";
const COMPILE: &str = "asya compile text-flow -f src/flows/text_flow.py";
const EXPOSE: &str = "asya expose text-flow";
const RENDER: &str = "asya render text-flow";
const RUN: &str = "asya run text-flow --payload @payload.json --trace";

/// What to type after the demo, and what it is good for.
const NEXT: &[(&str, &str)] = &[
    ("asya status", "what the project has"),
    ("asya run text-flow -p '{\"text\": \"One. Two.\", \"max_words\": 1}'", "another message"),
    ("asya compile text-flow", "after a change of the Python"),
    ("asya k apply text-flow --context NAME", "to a cluster of `.asya/config.yaml`"),
];

/// Take an example flow from Python to a result, step by step
///
/// Makes a new project, needs no cluster, and shows each command as you would type it. The project
/// stays, to be looked at and changed.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Make the project in DIR, which must be empty or new [default: a new temporary directory]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// The result, version 1.
#[derive(Serialize)]
struct DemoDocument {
    version: u32,
    project: String,
    steps: Vec<StepDocument>,
    /// The payload at the end of the flow.
    payload: Value,
    next: Vec<&'static str>,
}

#[derive(Serialize)]
struct StepDocument {
    command: &'static str,
    /// The command's own document.
    result: Value,
}

pub(super) fn run(args: &DemoArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let home = Home::new(args.dir.as_deref(), settings)?;
    let mut demo = Demo {
        // The demo is the same everywhere: a chosen context belongs to another project.
        settings: Settings { start: home.path.clone(), context: None, environment: settings.environment.clone() },
        steps: Vec::new(),
    };
    match demo.play(ui) {
        Ok(payload) => {
            let project = home.keep();
            let steps = demo.steps;
            let next = NEXT.iter().map(|(command, _)| *command).collect();
            let document = DemoDocument { version: 1, project: project.display().to_string(), steps, payload, next };
            ui.report(&document, |ui| closing(&project, &document.payload, ui));
            Ok(Status::Done)
        }
        Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
        Err(error) => Err(match demo.steps.last() {
            Some(step) => {
                let cd = format!("cd {}", quoted(&home.keep()));
                error.hint(format!("then go on in the project of the demo: `{cd}` and `{}`", step.command))
            }
            None => error,
        }),
    }
}

/// The directory of the demo's project. A temporary one goes when the demo does not get far enough
/// to [`keep`](Self::keep) it.
struct Home {
    path: PathBuf,
    temporary: Option<tempfile::TempDir>,
}

impl Home {
    fn new(wanted: Option<&Path>, settings: &Settings) -> Result<Self> {
        let Some(wanted) = wanted else {
            let made = tempfile::Builder::new().prefix("asya-demo-").tempdir();
            let temporary = made.map_err(|error| {
                Error::project("a temporary directory cannot be made")
                    .because(io_reason(&error))
                    .hint("name a directory: `asya demo --dir DIR`")
            })?;
            return Ok(Self { path: temporary.path().to_owned(), temporary: Some(temporary) });
        };
        let path = settings.start.join(wanted);
        let path = std::path::absolute(&path).unwrap_or(path);
        let refused = |why: String| {
            Error::project(format!("the demo does not use `{}`", wanted.display()))
                .because(why)
                .hint("name a directory that is empty or not there yet, or leave `--dir` out")
        };
        match std::fs::read_dir(&path).map(|mut entries| entries.next().is_none()) {
            Ok(false) => Err(refused("it is not empty".to_owned())),
            Ok(true) => Ok(Self { path, temporary: None }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self { path, temporary: None }),
            Err(error) => Err(refused(io_reason(&error))),
        }
    }

    fn keep(self) -> PathBuf {
        if let Some(temporary) = self.temporary {
            // The path is the same; what is given up is its removal.
            let _ = temporary.keep();
        }
        self.path
    }
}

/// A path as a shell reads it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    match text.chars().all(|c| c.is_alphanumeric() || "/._-+@%,".contains(c)) {
        true => text,
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

struct Demo {
    settings: Settings,
    steps: Vec<StepDocument>,
}

impl Demo {
    /// All steps; answers the payload at the end.
    fn play(&mut self, ui: &mut Ui) -> Result<Value> {
        let mut plan = Plan::new(&self.settings.start);
        for (path, text) in example::FILES {
            plan.create(path, *text);
        }
        plan.commit(&mut |_| {})?;
        tell(ui, &format!("A flow is a Python function that calls handlers, such as {}:", example::SOURCE));
        show(ui, &view::indented(example::flow_text()));

        self.step(ui, "1. A new project", INIT, |_, said| Ok(view::changes(&said.text)))?;
        self.step(ui, "2. From Python to a router program and manifests", COMPILE, |settings, said| {
            let path = Path::new("compiled/text-flow/code/router.py");
            let project = Project::find(&settings.start, &|_| None)?;
            let router = read_source(&project.absolute(path), &path.display().to_string())?;
            Ok(format!("{}\nThe loop in {}:\n\n{}", said.text, path.display(), view::loop_of(router.text())))
        })?;
        self.step(ui, "3. A tool that agents see, once it is deployed", EXPOSE, |_, said| Ok(said.text.clone()))?;
        self.step(ui, "4. The objects for the cluster (as YAML, here their names)", RENDER, |_, said| {
            Ok(view::objects(&said.document))
        })?;
        self.step(ui, "5. The same manifests on this machine, one line a hop", RUN, |_, said| Ok(said.text.clone()))?;
        Ok(self.steps.last().and_then(|step| step.result.get("payload")).cloned().unwrap_or_default())
    }

    /// Does what typing `command` in the project would do, and shows what `view` makes of it.
    fn step(
        &mut self,
        ui: &mut Ui,
        title: &str,
        command: &'static str,
        view: impl FnOnce(&Settings, &Transcript) -> Result<String>,
    ) -> Result<()> {
        tell(ui, &format!("{title}\n\n$ {}", ui.paint(Style::Strong, command)));
        self.steps.push(StepDocument { command, result: Value::Null });
        let cli = Cli::try_parse_from(command.split_whitespace())
            .map_err(|error| Error::usage(format!("the demo's `{command}` is not a command")).because(error))?;
        let mut recorder = Ui::recording(ui.is_quiet());
        let status = dispatch(cli.command, &self.settings, &mut recorder);
        let said = recorder.into_transcript();
        let shown = match &status {
            Ok(Status::Done) => view(&self.settings, &said)?,
            _ => said.text.clone(),
        };
        show(ui, &view::indented(&shown));
        if status? == Status::Negative {
            return Err(Error::negative(format!("`{command}` failed")));
        }
        if let Some(step) = self.steps.last_mut() {
            step.result = said.document;
        }
        Ok(())
    }
}

/// A paragraph of the demo; nothing under JSON.
fn tell(ui: &mut Ui, text: &str) {
    if !ui.is_json() {
        ui.data(&format!("{text}\n\n"));
    }
}

fn show(ui: &mut Ui, block: &str) {
    if !ui.is_json() && !block.is_empty() {
        ui.data(&format!("{block}\n"));
    }
}

fn closing(project: &Path, payload: &Value, ui: &Ui) -> String {
    let report = payload.get("report").and_then(Value::as_str).unwrap_or_default();
    let next: String =
        NEXT.iter().map(|(command, why)| format!("  {}\n      {why}\n", ui.paint(Style::Strong, command))).collect();
    format!(
        "{}: {report}\n\nThe project stays in {}. Try next:\n\n  {}\n{next}",
        ui.paint(Style::Good, "Result"),
        project.display(),
        ui.paint(Style::Strong, &format!("cd {}", quoted(project))),
    )
}
