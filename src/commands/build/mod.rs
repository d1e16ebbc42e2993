//! `asya build`.

mod running;
mod steps;
mod words;

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use super::Status;
use super::filling::FillArgs;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::names::FlowName;
use crate::project::{MARKER, Project};
use crate::settings::Settings;
use crate::store::{Plan, open_log};
use crate::ui::{Style, Table, Ui};
use running::{Run, run as run_program};
use steps::{Kind, Step, steps};

/// Build the images of the project
///
/// Runs the project's own builds: the commands under `build:` in the configuration, and Skaffold for the
/// artifacts of skaffold.yaml. What they say is kept in `.asya/build/`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asya build
  asya build text-flow --push
  asya build --arg tag=1.4 --push
  asya images text-flow --from .asya/build/build.json")]
pub(super) struct BuildArgs {
    /// Build the images of this flow [default: all that the project builds]
    flow: Option<FlowName>,
    /// Push what was built to its registry
    #[arg(long)]
    push: bool,
    #[command(flatten)]
    fill: FillArgs,
}

/// The result, version 1.
#[derive(Serialize)]
struct BuildDocument {
    version: u32,
    flow: Option<String>,
    pushed: bool,
    builds: Vec<BuiltDocument>,
    /// The file for `asya images --from`.
    file: String,
    next: Option<String>,
}

#[derive(Serialize)]
struct BuiltDocument {
    image: String,
    /// The reference under which it can be pulled or run.
    tag: String,
    program: String,
    log: String,
}

/// What Skaffold writes, and `asya images --from` reads.
#[derive(Serialize, Deserialize)]
struct BuildOutput {
    builds: Vec<BuildEntry>,
}

#[derive(Serialize, Deserialize)]
struct BuildEntry {
    #[serde(rename = "imageName")]
    image_name: String,
    tag: String,
}

pub(super) fn run(args: &BuildArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let project = settings.project_with(&args.fill.map())?;
    args.fill.check(&project)?;
    let steps = steps(&project, args.flow.as_ref())?;
    let directory = project.root().join(MARKER).join("build");
    let mut plan = Plan::new(project.root());
    plan.create(directory.join(".gitignore"), "# Made by `asya build`.\n*\n");
    plan.commit(&mut |_| {})?;
    let mut builds = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let log = directory.join(format!("{}.log", file_name(step)));
        let what = format!("build {}", step.images.join(", "));
        ui.event(Event::Step(format!("[{}/{}] {what}  with {}", at + 1, steps.len(), step.program())));
        builds.extend(built(args, &project, step, &log, &what, ui)?);
    }
    let output = BuildOutput {
        builds: builds.iter().map(|it| BuildEntry { image_name: it.image.clone(), tag: it.tag.clone() }).collect(),
    };
    let text = serde_json::to_string_pretty(&output)
        .map_err(|error| Error::project("the builds cannot be written as JSON").because(error))?;
    let file = directory.join("build.json");
    let mut plan = Plan::new(project.root());
    plan.write(&file, format!("{text}\n"));
    plan.commit(&mut |_| {})?;
    let file = project.relative(&file).display().to_string();
    let next = args.flow.as_ref().map(|flow| format!("asya images {flow} --from {file}"));
    let flow = args.flow.as_ref().map(ToString::to_string);
    let document = BuildDocument { version: 1, flow, pushed: args.push, builds, file, next };
    ui.report(&document, |ui| human(&document, ui));
    Ok(Status::Done)
}

fn human(document: &BuildDocument, ui: &Ui) -> String {
    let mut table = Table::new(&["IMAGE", "BUILT AS", "LOG"]);
    for BuiltDocument { image, tag, log, .. } in &document.builds {
        table.row([image.clone(), tag.clone(), log.clone()]);
    }
    match &document.next {
        Some(next) => format!("{}\nnext: {}\n", table.render(), ui.paint(Style::Strong, next)),
        None => table.render(),
    }
}

fn built(
    args: &BuildArgs,
    project: &Project,
    step: &Step,
    log: &Path,
    what: &str,
    ui: &mut Ui,
) -> Result<Vec<BuiltDocument>> {
    let file = open_log(log)?;
    let shown = project.relative(log).display().to_string();
    let image = step.images.first().map_or("", String::as_str);
    let entry = |image: &str, tag: &str| BuiltDocument {
        image: image.to_owned(),
        tag: tag.to_owned(),
        program: step.program().to_owned(),
        log: shown.clone(),
    };
    match &step.kind {
        Kind::Command(words) => {
            let arguments = words.get(1..).unwrap_or_default();
            let wanted = Run { program: step.program(), arguments, directory: &step.directory, image, what };
            run_program(&wanted, &file, log, &shown, ui)?;
            if args.push {
                push(step, image, (&file, log, &shown), ui)?;
            }
            Ok(vec![entry(image, image)])
        }
        Kind::Skaffold(skaffold) => {
            let output = log.with_extension("json");
            // What an earlier build has left would be taken for that of this one.
            Plan::new(project.root()).remove(&output).commit(&mut |_| {})?;
            let arguments = skaffold_arguments(skaffold, &output, &step.images, args.push);
            let program = step.program();
            let wanted = Run { program, arguments: &arguments, directory: &step.directory, image, what };
            run_program(&wanted, &file, log, &shown, ui)?;
            let broken = |why: String| {
                Error::project("Skaffold did not say what it has built")
                    .because(why)
                    .hint(format!("all it said is in `{shown}`"))
            };
            let text = std::fs::read(&output).map_err(|error| broken(crate::error::io_reason(&error)))?;
            let read: BuildOutput = serde_json::from_slice(&text).map_err(|error| broken(error.to_string()))?;
            Ok(read.builds.iter().map(|build| entry(&build.image_name, &build.tag)).collect())
        }
    }
}

fn skaffold_arguments(file: &Path, output: &Path, images: &[String], push: bool) -> Vec<String> {
    let name = file.file_name().map(PathBuf::from).unwrap_or_default();
    let mut arguments = vec![
        "build".to_owned(),
        format!("--filename={}", name.display()),
        format!("--file-output={}", output.display()),
        format!("--push={push}"),
    ];
    arguments.extend(images.iter().map(|image| format!("--build-image={image}")));
    arguments
}

fn push(step: &Step, image: &str, (file, log, shown): (&File, &Path, &str), ui: &mut Ui) -> Result<()> {
    let (program, is_other) = words::pusher(step.program());
    if is_other {
        ui.event(Event::Warning {
            message: format!("`{}` cannot push; `{image}` is pushed with `docker`", step.program()),
            hint: Some("push in the command itself if docker does not have the image".to_owned()),
        });
    }
    let what = format!("push {image}");
    ui.event(Event::Note(format!("{what}  with {program}")));
    let arguments = ["push".to_owned(), image.to_owned()];
    let wanted = Run { program, arguments: &arguments, directory: &step.directory, image, what: &what };
    run_program(&wanted, file, log, shown, ui)
}

/// What the log of a step is called.
fn file_name(step: &Step) -> String {
    let name = match &step.kind {
        Kind::Command(_) => step.images.first().map_or("image", String::as_str),
        Kind::Skaffold(_) => {
            return format!("skaffold-{}", step.images.first().map_or("", |it| it.as_str()))
                .replace(['/', ':', '@'], "-");
        }
    };
    name.replace(['/', ':', '@'], "-")
}
