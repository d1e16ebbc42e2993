//! What validating reports, for people and as JSON.

use serde::Serialize;
use serde_json::Value;

use super::super::documents::ActorDocument;
use super::Finding;
use crate::error::{Error, ErrorKind};
use crate::names::counted;
use crate::program::{Program, RouterHops};
use crate::ui::{DiagnosticDocument, ErrorDocument, Style, Ui};

/// The result, version 1.
#[derive(Serialize)]
pub(super) struct ValidateDocument {
    version: u32,
    flows: Vec<FlowDocument>,
    valid: usize,
    invalid: usize,
}

#[derive(Serialize)]
struct FlowDocument {
    source: String,
    function: Option<String>,
    valid: bool,
    /// What the flow would become; `null` when it is not valid.
    program: Option<ProgramDocument>,
    diagnostics: Vec<DiagnosticDocument>,
    /// Why the file could not be looked at, and what is wrong besides its diagnostics.
    error: Option<ErrorDocument>,
}

#[derive(Serialize)]
struct ProgramDocument {
    flow: String,
    entry: String,
    actors: Vec<ActorDocument>,
    router_hops: HopsDocument,
    input_schema: Value,
}

/// How often one message visits the router; `most` is `null` where a loop has no bound.
#[derive(Serialize)]
struct HopsDocument {
    least: usize,
    most: Option<usize>,
}

pub(super) fn document(findings: &[Finding]) -> ValidateDocument {
    let valid = findings.iter().filter(|finding| finding.result.is_ok()).count();
    let flows = findings.iter().map(flow).collect();
    ValidateDocument { version: 1, flows, valid, invalid: findings.len() - valid }
}

fn flow(finding: &Finding) -> FlowDocument {
    let mut diagnostics = finding.warnings.as_ref().map(DiagnosticDocument::all).unwrap_or_default();
    let mut failure = None;
    if let Err(error) = &finding.result {
        diagnostics.extend(error.located().iter().flat_map(DiagnosticDocument::all));
        let is_told = error.kind() == ErrorKind::Negative && !error.located().is_empty();
        failure = (!is_told).then(|| ErrorDocument::of(&error.clone().instead_at(Vec::new())));
    }
    FlowDocument {
        source: finding.source.clone(),
        function: finding.function.clone(),
        valid: finding.result.is_ok(),
        program: finding.result.as_ref().ok().map(program),
        diagnostics,
        error: failure,
    }
}

fn program(program: &Program) -> ProgramDocument {
    let RouterHops { least, most } = program.router_hops;
    ProgramDocument {
        flow: program.flow.to_string(),
        entry: program.entry.to_string(),
        actors: ActorDocument::all(program),
        router_hops: HopsDocument { least, most },
        input_schema: program.input_schema.clone(),
    }
}

/// A line for each flow, and a summary where there are several.
pub(super) fn text(findings: &[Finding], ui: &Ui) -> String {
    let name = |finding: &Finding| match &finding.function {
        Some(function) => format!("{}:{function}", finding.source),
        None => finding.source.clone(),
    };
    let width = findings.iter().map(|finding| name(finding).chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for finding in findings {
        let (style, word, about) = match &finding.result {
            Ok(program) => (Style::Good, "valid", becomes(program, finding)),
            Err(error) => (Style::Bad, "invalid", wrong(error)),
        };
        text += &format!("{} {:<width$}  {about}\n", ui.paint(style, &format!("{word:<8}")), name(finding));
    }
    if findings.len() > 1 {
        let valid = findings.iter().filter(|finding| finding.result.is_ok()).count();
        let counts =
            [(valid, "valid"), (findings.len() - valid, "invalid")].into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts.map(|(count, word)| format!("{count} {word}")).collect();
        text += &format!("{}: {}\n", counted(findings.len(), "flow"), counts.join(", "));
    }
    text
}

/// What a flow would become, on one line.
fn becomes(program: &Program, finding: &Finding) -> String {
    let actors: Vec<&str> = program.actors.iter().map(|actor| actor.name.as_str()).collect();
    let actors = if actors.is_empty() { "no actors".to_owned() } else { format!("actors {}", actors.join(", ")) };
    let hops = match program.router_hops {
        RouterHops { most: Some(0), .. } => "no router".to_owned(),
        RouterHops { least, most: None } => format!("{least} or more router hops"),
        RouterHops { least, most: Some(most) } if least == most => counted(most, "router hop"),
        RouterHops { least, most: Some(most) } => format!("{least} to {most} router hops"),
    };
    let warnings = finding.warnings.as_ref().map(|found| counted(found.diagnostics.len(), "warning"));
    let parts = [Some(format!("entry {}", program.entry)), Some(actors), Some(hops), warnings];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn wrong(error: &Error) -> String {
    match error.located() {
        [] => error.to_string(),
        located => counted(located.iter().map(|it| it.errors()).sum(), "error"),
    }
}
