//! One verb, one file: its arguments, what they mean, and the one call that does it.

mod arguments;
mod assembling;
mod assigning;
mod build;
mod candidates;
mod compile;
mod compiling;
mod completions;
mod config;
mod demo;
mod documents;
mod edit;
mod explaining;
mod expose;
mod exposed;
mod exposing;
mod exposure_list;
mod external_kustomize;
mod filling;
mod gateway;
mod graph;
mod images;
mod init;
mod k;
mod local_state;
mod next;
mod overlay;
mod patch;
mod patching;
mod previewing;
mod render;
mod run;
mod status;
mod unexpose;
mod validate;
mod watching;

use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::error::{Error, ErrorKind, Result, io_reason};
use crate::settings::{Environment, Settings};
use crate::ui::{ColorChoice, OutputFormat, Ui};

use arguments::{Cli, Command};

/// How a command ended when nothing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done (exit 0).
    Done,
    /// Done, and the answer is no (exit 1): differences, not ready, a check failed.
    Negative,
    /// Reported in the result already, item by item; the exit code is that of the worst of them.
    Failed(ErrorKind),
}

/// The command line as a description: the reference in `docs/` is made of it.
pub fn command_line() -> clap::Command {
    Cli::command()
}

/// The command line as it was typed. The description of all commands stays until the process ends: to
/// give it back piece by piece takes longer than to parse.
fn parsed(args: &[OsString]) -> Result<Cli, clap::Error> {
    let mut command = ManuallyDrop::new(Cli::command());
    let mut matches = command.try_get_matches_from_mut(args)?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

/// Parses `args` (the first is the program's name), runs the command and answers the exit code.
/// Everything is printed by the time this returns.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    clap_complete::CompleteEnv::with_factory(|| candidates::with_names(Cli::command())).complete();
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match parsed(&args) {
        Ok(cli) => cli,
        Err(error) => {
            let code = error.exit_code();
            // A closed pipe while printing help is not worth a word.
            let _ = error.print();
            if code != 0 && wants_json(&args) {
                Ui::new(OutputFormat::Json, ColorChoice::Never, true, true).error_document(&wrong_usage(&error));
            }
            return ExitCode::from(u8::try_from(code).unwrap_or(2));
        }
    };
    crate::interrupt::listen();
    crate::interrupt::outlive_file_limits();
    let environment = Environment::of_process();
    let global = &cli.global;
    let mut ui = Ui::new(global.output, global.color, global.quiet, environment.is_plain()).with_events(global.events);
    match settings(&cli, environment).and_then(|settings| dispatch(cli.command, &settings, &mut ui)) {
        Ok(Status::Done) => ExitCode::SUCCESS,
        Ok(Status::Negative) => ExitCode::from(1),
        Ok(Status::Failed(kind)) => ExitCode::from(kind.exit_code()),
        Err(error) => {
            ui.error(&error);
            ExitCode::from(error.kind().exit_code())
        }
    }
}

/// Whether a command line that cannot be read as a whole asks for JSON.
fn wants_json(args: &[OsString]) -> bool {
    let words: Vec<&str> = args.iter().filter_map(|word| word.to_str()).take_while(|word| *word != "--").collect();
    words.iter().any(|word| matches!(*word, "-ojson" | "-o=json" | "--output=json"))
        || words.windows(2).any(|pair| matches!(pair, ["-o" | "--output", "json"]))
}

/// What clap says in several paragraphs, as one error.
fn wrong_usage(error: &clap::Error) -> Error {
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n").map(str::trim);
    let message = paragraphs.next().unwrap_or_default().trim_start_matches("error: ");
    let lines: Vec<&str> = message.lines().map(str::trim).collect();
    let hints = paragraphs.filter_map(|paragraph| Some(paragraph.strip_prefix("tip: ")?.to_owned()));
    hints.fold(Error::usage(lines.join(" ")), Error::hint)
}

fn settings(cli: &Cli, environment: Environment) -> Result<Settings> {
    let here = std::env::current_dir()
        .map_err(|error| Error::project("the working directory cannot be read").because(io_reason(&error)))?;
    let start = match &cli.global.directory {
        Some(directory) => here.join(directory),
        None => here,
    };
    let context = match (&cli.global.context, environment.get("ASYA_CONTEXT")) {
        (Some(context), _) => Some(context.clone()),
        (None, Some(text)) => Some(
            text.parse()
                .map_err(|reason| Error::usage("ASYA_CONTEXT does not name a context").because(reason as String))?,
        ),
        (None, None) => None,
    };
    Ok(Settings { start, context, environment })
}

fn dispatch(command: Command, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    match command {
        Command::Init(args) => init::run(&args, settings, ui),
        Command::Config(args) => config::run(&args, settings, ui),
        Command::Compile(args) => compile::run(&args, settings, ui),
        Command::Validate(args) => validate::run(&args, settings, ui),
        Command::Graph(args) => graph::run(&args, settings, ui),
        Command::Expose(args) => expose::run(&args, settings, ui),
        Command::Unexpose(args) => unexpose::run(&args, settings, ui),
        Command::Patch(args) => patch::run(&args, settings, ui),
        Command::Edit(args) => edit::run(&args, settings, ui),
        Command::Render(args) => render::run(&args, settings, ui),
        Command::Status(args) => status::run(&args, settings, ui),
        Command::Build(args) => build::run(&args, settings, ui),
        Command::Images(args) => images::run(&args, settings, ui),
        Command::Run(args) => run::run(&args, settings, ui),
        Command::K(args) => k::run(&args, settings, ui),
        Command::Gateway(args) => gateway::run(&args, settings, ui),
        Command::Completions(args) => completions::run(&args, settings, ui),
        Command::Demo(args) => demo::run(&args, settings, ui),
    }
}
