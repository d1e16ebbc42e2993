//! What compiling reports, for people and as JSON.

use serde::Serialize;

use super::super::documents::ActorDocument;
use super::batch::{Compiled, Outcome};
use super::difference;
use crate::artifacts::Warning;
use crate::diagnostic::SourceDiagnostics;
use crate::error::Error;
use crate::event::Change;
use crate::names::{FlowName, counted, listed};
use crate::project::Project;
use crate::ui::{DiagnosticDocument, ErrorDocument, Style, Ui};

/// The result for one flow, version 1.
#[derive(Serialize)]
pub(super) struct CompileDocument {
    version: u32,
    #[serde(flatten)]
    flow: FlowDocument,
}

/// A compiled flow.
#[derive(Serialize)]
struct FlowDocument {
    flow: String,
    source: String,
    function: String,
    entry: String,
    actors: Vec<ActorDocument>,
    warnings: Vec<DiagnosticDocument>,
    /// Only with `--check`.
    #[serde(skip_serializing_if = "Option::is_none")]
    up_to_date: Option<bool>,
    files: Vec<FileDocument>,
}

#[derive(Serialize)]
struct FileDocument {
    path: String,
    change: &'static str,
    /// A unified diff of a file that would change; only with `--check`.
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
}

/// The result for all flows, version 1.
#[derive(Serialize)]
pub(super) struct EveryDocument {
    version: u32,
    flows: Vec<OutcomeDocument>,
    /// What is wrong with the registry itself.
    errors: Vec<ErrorDocument>,
    pub(super) summary: Summary,
}

#[derive(Serialize)]
#[serde(untagged)]
enum OutcomeDocument {
    Compiled {
        result: &'static str,
        #[serde(flatten)]
        flow: Box<FlowDocument>,
    },
    Failed {
        result: &'static str,
        flow: String,
        warnings: Vec<DiagnosticDocument>,
        error: ErrorDocument,
    },
}

/// How many flows became what.
#[derive(Default, Serialize)]
pub(super) struct Summary {
    pub(super) flows: usize,
    created: usize,
    changed: usize,
    unchanged: usize,
    pub(super) failed: usize,
}

impl Summary {
    pub(super) fn with_changes(&self) -> usize {
        self.created + self.changed
    }
}

impl Compiled {
    /// Whether a file is, or would be, created, changed or removed.
    pub(super) fn has_changes(&self) -> bool {
        self.change() != Change::Unchanged
    }

    /// What became of the flow as a whole: created when there were no compiled files of it.
    fn change(&self) -> Change {
        let is = |wanted: &[Change]| self.files.iter().any(|file| wanted.contains(&file.change));
        match is(&[Change::Created, Change::Changed, Change::Removed]) {
            false => Change::Unchanged,
            true if !is(&[Change::Changed, Change::Removed]) && self.is_new() => Change::Created,
            true => Change::Changed,
        }
    }

    fn is_new(&self) -> bool {
        let of_base = |path: &std::path::Path| path.file_name().is_some_and(|name| name == "graph.json");
        self.files.iter().any(|file| of_base(&file.path) && file.change == Change::Created)
    }

    /// `2 changed, 13 unchanged`.
    fn counts(&self, wanted: &[Change]) -> String {
        let count = |wanted: Change| self.files.iter().filter(|file| file.change == wanted).count();
        let counts = wanted.iter().filter(|change| count(**change) > 0);
        counts.map(|change| format!("{} {}", count(*change), change.name())).collect::<Vec<_>>().join(", ")
    }
}

const CHANGES: &[Change] = &[Change::Created, Change::Changed, Change::Removed];
const ALL_CHANGES: &[Change] = &[Change::Created, Change::Changed, Change::Removed, Change::Unchanged, Change::Kept];

impl CompileDocument {
    pub(super) fn of(
        compiled: &Compiled,
        warnings: Vec<DiagnosticDocument>,
        project: &Project,
        is_check: bool,
    ) -> Self {
        Self { version: 1, flow: FlowDocument::of(compiled, warnings, project, is_check) }
    }
}

impl FlowDocument {
    fn of(compiled: &Compiled, warnings: Vec<DiagnosticDocument>, project: &Project, is_check: bool) -> Self {
        let program = &compiled.program;
        let file = |file: &crate::store::FileChange| FileDocument {
            path: project.relative(&file.path).display().to_string(),
            change: file.change.name(),
            diff: if is_check { difference::unified(compiled, file) } else { None },
        };
        Self {
            flow: program.flow.to_string(),
            source: program.source.clone(),
            function: program.function.clone(),
            entry: program.entry.to_string(),
            actors: ActorDocument::all(program),
            warnings,
            up_to_date: is_check.then(|| !compiled.has_changes()),
            files: compiled.files.iter().map(file).collect(),
        }
    }
}

impl EveryDocument {
    pub(super) fn of(outcomes: &[Outcome], misnamed: &[Error], project: &Project, is_check: bool) -> Self {
        let mut summary =
            Summary { flows: outcomes.len() + misnamed.len(), failed: misnamed.len(), ..Summary::default() };
        let flows = outcomes
            .iter()
            .map(|outcome| (outcome, warnings(outcome.warnings.as_ref(), &outcome.about_files)))
            .map(|(outcome, warnings)| match &outcome.result {
                Ok(compiled) => {
                    let change = compiled.change();
                    match change {
                        Change::Created => summary.created += 1,
                        Change::Unchanged => summary.unchanged += 1,
                        _ => summary.changed += 1,
                    }
                    let flow = FlowDocument::of(compiled, warnings, project, is_check);
                    OutcomeDocument::Compiled { result: change.name(), flow: Box::new(flow) }
                }
                Err(error) => {
                    summary.failed += 1;
                    OutcomeDocument::Failed {
                        result: "failed",
                        flow: outcome.flow.to_string(),
                        warnings,
                        error: ErrorDocument::of(error),
                    }
                }
            })
            .collect();
        Self { version: 1, flows, errors: misnamed.iter().map(ErrorDocument::of).collect(), summary }
    }
}

/// The warnings about a source and about the files made of it.
pub(super) fn warnings(found: Option<&SourceDiagnostics>, about_files: &[Warning]) -> Vec<DiagnosticDocument> {
    let about_source = found.map(DiagnosticDocument::all).unwrap_or_default();
    let about_files = about_files.iter().map(|Warning { message, hint }| DiagnosticDocument::warning(message, hint));
    about_source.into_iter().chain(about_files).collect()
}

/// What a person is told of one compiled flow, and what to type next.
pub(super) fn summary(compiled: &Compiled, next: Option<&str>, project: &Project, ui: &Ui) -> String {
    let program = &compiled.program;
    let actors: Vec<&str> = program.actors.iter().map(|actor| actor.name.as_str()).collect();
    let router = match &program.router {
        Some(router) => format!("{} (generated)", router.name),
        None => "none: the flow is a single call".to_owned(),
    };
    let manifests = project.relative(&project.paths(&program.flow).manifests);
    let next = next.map(|next| format!("next: {}\n", ui.paint(Style::Strong, next))).unwrap_or_default();
    format!(
        "{} {} from {}:{}\n  actors     {}\n  router     {router}\n  files      {}\n  manifests  {}\n{next}",
        ui.paint(Style::Good, "compiled"),
        ui.paint(Style::Strong, program.flow.as_str()),
        program.source,
        program.function,
        if actors.is_empty() { "none: the flow calls nothing".to_owned() } else { actors.join(", ") },
        compiled.counts(ALL_CHANGES),
        manifests.display(),
    )
}

/// What a person is told of one checked flow: the files that would change, and how.
pub(super) fn check(compiled: &Compiled, ui: &Ui) -> String {
    let flow = ui.paint(Style::Strong, compiled.program.flow.as_str());
    if !compiled.has_changes() {
        return format!("{flow} is up to date\n");
    }
    let mut shown = difference::Shown::new(ui);
    let files = shown.files(compiled, "  ");
    format!("{flow} is not up to date\n{files}{}", shown.diffs())
}

/// What a person is told of all flows: a line for each that is news, and a summary.
pub(super) fn every(document: &EveryDocument, outcomes: &[Outcome], is_check: bool, ui: &Ui) -> String {
    let mut text = String::new();
    let mut shown = difference::Shown::new(ui);
    let width = outcomes.iter().map(|outcome| outcome.flow.as_str().len()).max().unwrap_or(0);
    for outcome in outcomes {
        let (word, style, about) = match &outcome.result {
            Ok(compiled) if !compiled.has_changes() => continue,
            Ok(compiled) => (compiled.change().name(), Style::Good, compiled.counts(CHANGES)),
            Err(error) => ("failed", Style::Bad, error.message().to_owned()),
        };
        let word = ui.paint(style, &format!("{word:<9}"));
        text += format!("  {word} {:<width$}  {about}", outcome.flow.as_str()).trim_end();
        text += "\n";
        if let (true, Ok(compiled)) = (is_check, &outcome.result) {
            text += &shown.files(compiled, "    ");
        }
    }
    let diffs = shown.diffs();
    let gap = if diffs.is_empty() { "" } else { "\n" };
    text + &diffs + gap + &totals(&document.summary, is_check)
}

fn totals(summary: &Summary, is_check: bool) -> String {
    let flows = counted(summary.flows, "flow");
    if is_check && summary.with_changes() == 0 && summary.failed == 0 {
        return match summary.flows {
            1 => "1 flow is up to date\n".to_owned(),
            _ => format!("{flows} are up to date\n"),
        };
    }
    let words = if is_check { ["to create", "to change", "up to date"] } else { ["created", "changed", "unchanged"] };
    let counts: Vec<String> = [summary.created, summary.changed, summary.unchanged, summary.failed]
        .into_iter()
        .zip(words.into_iter().chain(["failed"]))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    format!("{flows}: {}\n", counts.join(", "))
}

/// The names of some flows, at most five of them.
pub(super) fn some(flows: &[FlowName], noun: &str) -> String {
    const MOST: usize = 5;
    let plural = if flows.len() == 1 { "" } else { "s" };
    match flows.len().saturating_sub(MOST) {
        0 => format!("{noun}{plural} {}", listed(flows)),
        more => {
            let names: Vec<String> = flows.iter().take(MOST).map(|name| format!("`{name}`")).collect();
            format!("{noun}{plural} {} and {more} more", names.join(", "))
        }
    }
}
