//! `asya validate`.

mod report;
mod targets;

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::Status;
use super::compiling::{Analysis, Compiler, Names, on_large_stack, parallel};
use crate::diagnostic::SourceDiagnostics;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::interrupt;
use crate::names::counted;
use crate::program::Program;
use crate::settings::Settings;
use crate::ui::Ui;
use targets::Candidate;

/// Check Python files for what cannot be compiled
///
/// Needs no project and writes nothing. A file is checked as the flow or flows it holds; of a
/// directory, all functions are checked that are marked `@flow` or `# asya: flow`, or registered.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asya validate src/flows/text_flow.py
  asya validate src/flows --strict
  cat flow.py | asya validate - -o json")]
pub(super) struct ValidateArgs {
    /// Python files or directories; `-` is stdin
    #[arg(required = true, value_name = "FILE[:FUNCTION]", value_hint = ValueHint::AnyPath)]
    targets: Vec<String>,
    /// Also look for Python modules in DIR
    #[arg(short = 'I', long = "python-path", value_name = "DIR")]
    python_path: Vec<PathBuf>,
    /// Fail on warnings
    #[arg(long)]
    strict: bool,
}

/// What was found out about one flow.
struct Finding {
    /// The file as people know it.
    source: String,
    /// The function, as far as it is known.
    function: Option<String>,
    warnings: Option<SourceDiagnostics>,
    result: Result<Program>,
}

pub(super) fn run(args: &ValidateArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    on_large_stack(|| validate(args, settings, ui))?
}

fn validate(args: &ValidateArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let places = targets::places(&args.targets, settings)?;
    let mut beside = Vec::new();
    for place in &places {
        let compiler = Compiler::new(place.project.as_ref(), &args.python_path, settings)?;
        let names = match &place.project {
            Some(project) => Names::on_disk(project, compiler.name_limit(), ui)?,
            None => Names::default(),
        };
        beside.push((compiler, names));
    }
    let compilers: Vec<&Compiler<'_>> = beside.iter().map(|(compiler, _)| compiler).collect();
    let candidates = targets::candidates(&args.targets, &places, &compilers, settings)?;
    if candidates.is_empty() {
        return Err(Error::negative(format!("there is no flow in {}", crate::names::listed(&args.targets)))
            .because("no function there is marked as a flow or registered as one")
            .hint("write `# asya: flow` behind the colon of its `def` line, or decorate it with `@flow`"));
    }
    let findings = parallel(&candidates, |candidate| {
        let (compiler, names) = &beside[candidate.place];
        finding(candidate, compiler, names, args.strict)
    })?;
    interrupt::check()?;
    for finding in &findings {
        if let Some(warnings) = &finding.warnings {
            ui.event(Event::Diagnostics(warnings.clone()));
        }
        if let Err(error) = &finding.result {
            ui.problem(error);
        }
    }
    let document = report::document(&findings);
    ui.report(&document, |ui| report::text(&findings, ui));
    // A file that could not be looked at is worse than one that is wrong.
    let worst = findings.iter().filter_map(|finding| finding.result.as_ref().err()).map(Error::kind);
    match worst.max_by_key(|kind| kind.exit_code()) {
        None => Ok(Status::Done),
        Some(ErrorKind::Negative) => Ok(Status::Negative),
        Some(kind) => Ok(Status::Failed(kind)),
    }
}

fn finding(candidate: &Candidate, compiler: &Compiler<'_>, names: &Names, strict: bool) -> Finding {
    let mut finding = Finding {
        source: candidate.shown.clone(),
        function: candidate.wanted.function.clone(),
        warnings: None,
        result: Err(Error::negative("not looked at")),
    };
    finding.result = (|| {
        interrupt::check()?;
        let mut analysis: Analysis = match &candidate.file {
            Some(file) => compiler.analyse_file(&candidate.wanted, file.clone()?)?,
            None => compiler.analyse(&candidate.wanted)?,
        };
        finding.function = Some(analysis.function().to_owned());
        if !candidate.is_named {
            analysis.rename(super::compiling::flow_name(analysis.function())?);
        }
        let (program, warnings) = analysis.build_beside(names)?;
        let found = warnings.diagnostics.len();
        finding.warnings = (found > 0).then_some(warnings);
        if strict && found > 0 {
            let count = counted(found, "warning");
            return Err(Error::negative(format!("`{}` has {count}, and --strict allows none", candidate.shown)));
        }
        Ok(program)
    })();
    finding
}
