//! `asya compile --all`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::super::watching::Files;
use super::batch::Outcome;
use super::report::{self, EveryDocument};
use super::{CompileArgs, Status, compiled, opened, tell_outdated, wanted};
use crate::artifacts::Warning;
use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::names::FlowName;
use crate::project::Project;
use crate::settings::Settings;
use crate::ui::Ui;

pub(super) fn run(args: &CompileArgs, settings: &Settings, ui: &mut Ui, read: &mut Files) -> Result<Status> {
    let project = Arc::new(opened(settings)?);
    let (names, misnamed) = project.registry()?;
    if names.is_empty() && misnamed.is_empty() {
        return Err(Error::project("there is nothing to compile")
            .because("the project has no flows yet")
            .hint("make one with `asya compile FLOW -f FILE`"));
    }
    own_places(&project, &names)?;
    let flows = names.into_iter().map(|flow| {
        let wanted = wanted(args, &flow, &project, settings);
        (flow, wanted)
    });
    let mut outcomes = compiled(args, &project, flows.collect(), settings, ui, read)?;
    for outcome in &mut outcomes {
        let Ok(compiled) = &outcome.result else { continue };
        if args.check && compiled.has_changes() {
            continue;
        }
        if let Err(error) = tell_outdated(&project, &outcome.flow, ui) {
            outcome.result = Err(error);
        }
    }
    tell_problems(&outcomes, &misnamed, ui);
    let document = EveryDocument::of(&outcomes, &misnamed, &project, args.check);
    ui.report(&document, |ui| report::every(&document, &outcomes, args.check, ui));
    let failed = document.summary.failed > 0;
    let differs = args.check && document.summary.with_changes() > 0;
    if differs {
        ui.event(Event::Note("to write them: asya compile --all".to_owned()));
    }
    Ok(if failed || differs { Status::Negative } else { Status::Done })
}

/// Whether every flow has directories of its own. Two flows in one directory would overwrite each
/// other's files at every compile.
fn own_places(project: &Project, flows: &[FlowName]) -> Result<()> {
    let mut places: BTreeMap<PathBuf, (&'static str, &FlowName)> = BTreeMap::new();
    for flow in flows {
        let paths = project.paths(flow);
        for (key, path) in [
            ("compiler.code", paths.code),
            ("compiler.artifacts", paths.artifacts),
            ("compiler.manifests", paths.base),
            ("compiler.manifests", paths.common),
        ] {
            let before = places.insert(path.clone(), (key, flow));
            let Some((other_key, other)) = before.filter(|(_, other)| *other != flow) else { continue };
            return Err(Error::project(format!("flows `{other}` and `{flow}` would overwrite each other"))
                .because(format!(
                    "`{}` is `{other_key}` of `{other}` and `{key}` of `{flow}`",
                    project.relative(&path).display()
                ))
                .hint("give each kind of files a directory of its own in `.asya/config.yaml`"));
        }
    }
    Ok(())
}

/// Shows what is wrong, flow by flow; what several flows have in common once.
fn tell_problems(outcomes: &[Outcome], misnamed: &[Error], ui: &mut Ui) {
    let mut told = Told::default();
    for outcome in outcomes {
        if let Some(warnings) = outcome.warnings.as_ref().and_then(|found| told.new_of(found)) {
            ui.event(Event::Diagnostics(warnings));
        }
        for Warning { message, hint } in &outcome.about_files {
            let hint = told.hints.insert(hint.clone()).then(|| hint.clone());
            ui.event(Event::Warning { message: message.clone(), hint });
        }
        if let Err(error) = &outcome.result {
            told.tell(&outcome.flow, error, ui);
        }
    }
    for (error, others) in told.repeated.values().filter(|(_, others)| !others.is_empty()) {
        let others = report::some(others, "flow");
        ui.event(Event::Warning { message: format!("the same is true of {others}: {error}"), hint: None });
    }
    for error in misnamed {
        ui.problem(error);
    }
    let unsettled: Vec<FlowName> =
        outcomes.iter().filter(|outcome| !outcome.is_settled).map(|outcome| outcome.flow.clone()).collect();
    if !unsettled.is_empty() {
        ui.event(Event::Warning {
            message: format!(
                "actors of {} can have names now that other flows let go",
                report::some(&unsettled, "flow")
            ),
            hint: Some("type `asya compile --all` once more".to_owned()),
        });
    }
}

/// What was shown already.
#[derive(Default)]
struct Told {
    diagnostics: BTreeMap<String, Vec<Diagnostic>>,
    /// Errors that do not name their flow, and the flows after the first that they are about.
    repeated: BTreeMap<String, (String, Vec<FlowName>)>,
    /// How warnings are got rid of.
    hints: BTreeSet<String>,
}

impl Told {
    fn tell(&mut self, flow: &FlowName, error: &Error, ui: &mut Ui) {
        let places = error.located().iter().flat_map(|it| &it.diagnostics).map(|it| it.message.clone());
        let key = places.fold(error.to_string(), |key, message| key + "\n" + &message);
        if let Some((_, others)) = self.repeated.get_mut(&key) {
            others.push(flow.clone());
            return;
        }
        self.repeated.insert(key, (error.message().to_owned(), Vec::new()));
        let new: Vec<SourceDiagnostics> = error.located().iter().filter_map(|located| self.new_of(located)).collect();
        ui.problem(&error.clone().instead_at(new));
    }

    /// The diagnostics that were not shown yet.
    fn new_of(&mut self, found: &SourceDiagnostics) -> Option<SourceDiagnostics> {
        let mut new = Vec::new();
        for diagnostic in &found.diagnostics {
            // What is wrong with a module is the same for each flow that uses it.
            let source = found.source_of(diagnostic);
            let told = self.diagnostics.entry(source.name().to_owned()).or_default();
            let placed = diagnostic.clone().in_file(source);
            if !told.contains(&placed) {
                told.push(placed);
                new.push(diagnostic.clone());
            }
        }
        (!new.is_empty()).then(|| SourceDiagnostics { source: found.source.clone(), diagnostics: new })
    }
}
