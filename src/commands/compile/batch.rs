//! Compiles flows at once, with the outcome of compiling them one after the other.
//!
//! The only thing flows of a project have in common is the names of their actors: a name belongs to
//! the handler that had it first. Everything that does not depend on names is therefore done at
//! once; names are then given in the order of the flows, from what the files on disk and the flows
//! before say; and what does depend on them is done at once again. A flow that fails keeps its files
//! and their names, so names are given anew where a failure comes to light later.

use std::collections::{BTreeMap, BTreeSet};

use super::super::assembling::Assembling;
use super::super::compiling::{Analysis, Compiler, Names, Wanted, parallel};
use super::super::patching::findings;
use crate::artifacts::{self, Tree, Warning};
use crate::diagnostic::SourceDiagnostics;
use crate::error::{Error, Result};
use crate::event::Change;
use crate::interrupt;
use crate::names::{FlowName, counted};
use crate::program::Program;
use crate::project::{FlowRecord, Project};
use crate::store::{FileChange, Lock, Plan};

/// How flows are compiled.
pub(super) struct Batch<'a> {
    pub(super) project: &'a Project,
    pub(super) compiler: &'a Compiler<'a>,
    pub(super) assembling: &'a Assembling<'a>,
    /// Warnings are failures.
    pub(super) strict: bool,
    /// The right to write; without it nothing is written.
    pub(super) lock: Option<Lock>,
}

/// What became of one flow.
pub(super) struct Outcome {
    pub(super) flow: FlowName,
    pub(super) warnings: Option<SourceDiagnostics>,
    /// What is wrong with its files although they are complete.
    pub(super) about_files: Vec<Warning>,
    pub(super) result: Result<Compiled>,
    /// Compiling it again would give the same names to its actors. It would not where a later flow
    /// let go of a name.
    pub(super) is_settled: bool,
}

/// A flow whose files are, or would be, as its source says.
pub(super) struct Compiled {
    pub(super) program: Program,
    pub(super) files: Vec<FileChange>,
    pub(super) plan: Plan,
}

/// A flow made with the names it has to keep clear of.
struct Made {
    taken: BTreeMap<String, String>,
    warnings: Option<SourceDiagnostics>,
    about_files: Vec<Warning>,
    result: Result<Compiled>,
    is_written: bool,
    /// What was written of it before its names changed.
    earlier: Vec<FileChange>,
}

impl Made {
    /// All changes that were written.
    fn written(self) -> Vec<FileChange> {
        match self.result {
            Ok(compiled) if self.is_written => together(self.earlier, compiled.files),
            _ => self.earlier,
        }
    }
}

impl Batch<'_> {
    /// Compiles `flows`, which are sorted by name. An error is one of the whole, such as Ctrl-C; what
    /// is wrong with a flow is in its outcome.
    pub(super) fn compile(&self, flows: Vec<(FlowName, Result<Wanted>)>, names: &Names) -> Result<Vec<Outcome>> {
        let analysed = parallel(&flows, |(_, wanted)| {
            interrupt::check()?;
            self.compiler.analyse(wanted.as_ref().map_err(Error::clone)?)
        })?;
        // Large next to what is made of them.
        self.compiler.forget_files();
        interrupt::check()?;
        let mut made: Vec<Option<Made>> = flows.iter().map(|_| None).collect();
        let mut settled = names.clone();
        loop {
            settled.clone_from(names);
            let open = unmade(&flows, &analysed, &made, &mut settled);
            if !open.is_empty() {
                let new = parallel(&open, |(_, analysis, taken)| self.make(analysis, taken))?;
                for ((at, ..), mut new) in open.into_iter().zip(new) {
                    new.earlier = made[at].take().map(Made::written).unwrap_or_default();
                    made[at] = Some(new);
                }
            } else if !self.write(&mut made)? {
                break;
            }
            interrupt::check()?;
        }
        let again: BTreeSet<usize> =
            unmade(&flows, &analysed, &made, &mut settled).into_iter().map(|(at, ..)| at).collect();
        let mut outcomes = Vec::new();
        for (at, (((flow, _), analysed), made)) in flows.into_iter().zip(analysed).zip(made).enumerate() {
            let (warnings, about_files, result) = match (made, analysed) {
                (Some(made), _) => {
                    let earlier = made.earlier;
                    let all = |compiled: Compiled| Compiled { files: together(earlier, compiled.files), ..compiled };
                    (made.warnings, made.about_files, made.result.map(all))
                }
                (None, Err(error)) => (None, Vec::new(), Err(error)),
                // The loop ends only when all that was analysed is made.
                (None, Ok(_)) => continue,
            };
            let is_settled = result.is_err() || !again.contains(&at);
            outcomes.push(Outcome { flow, warnings, about_files, result, is_settled });
        }
        Ok(outcomes)
    }

    fn make(&self, analysis: &Analysis, taken: &BTreeMap<String, String>) -> Made {
        let mut made = Made {
            taken: taken.clone(),
            warnings: None,
            about_files: Vec::new(),
            result: Err(Error::project("not made")),
            is_written: false,
            earlier: Vec::new(),
        };
        made.result = self.made(analysis, &mut made);
        made
    }

    fn made(&self, analysis: &Analysis, made: &mut Made) -> Result<Compiled> {
        interrupt::check()?;
        let (program, warnings) = analysis.build(made.taken.clone())?;
        let found = warnings.diagnostics.len();
        made.warnings = (found > 0).then_some(warnings);
        let mut tree = artifacts::assemble(&program, &self.assembling.inputs(&program.flow)?)?;
        made.about_files = std::mem::take(&mut tree.warnings);
        made.about_files.extend(findings(self.project, &program.flow, &tree.base));
        let found = found + made.about_files.len();
        if self.strict && found > 0 {
            let count = counted(found, "warning");
            return Err(Error::negative(format!("`{}` compiles with {count}, and --strict allows none", program.flow)));
        }
        let plan = plan(self.project, &program, tree)?;
        let files = match &self.lock {
            Some(lock) => plan.changes_under(lock)?,
            None => plan.changes()?,
        };
        Ok(Compiled { program, files, plan })
    }

    /// Writes what is not written yet. Answers whether a flow failed, so that names may change.
    fn write(&self, made: &mut [Option<Made>]) -> Result<bool> {
        let Some(lock) = &self.lock else { return Ok(false) };
        let open: Vec<(usize, &Plan)> = made
            .iter()
            .enumerate()
            .filter_map(|(at, made)| match made {
                Some(Made { result: Ok(compiled), is_written: false, .. }) if is_work(&compiled.files) => {
                    Some((at, &compiled.plan))
                }
                _ => None,
            })
            .collect();
        let written = parallel(&open, |(at, plan)| (*at, plan.commit_under(lock)))?;
        let mut has_failed = false;
        for (at, written) in written {
            let Some(made) = &mut made[at] else { continue };
            made.is_written = true;
            if let Err(error) = written {
                made.result = Err(error);
                has_failed = true;
            }
        }
        interrupt::check()?;
        Ok(has_failed)
    }
}

/// Gives names in order, and keeps `names` up to date. Answers the flows that are still to be made with theirs.
fn unmade<'a>(
    flows: &[(FlowName, Result<Wanted>)],
    analysed: &'a [Result<Analysis>],
    made: &[Option<Made>],
    names: &mut Names,
) -> Vec<(usize, &'a Analysis, BTreeMap<String, String>)> {
    let mut open = Vec::new();
    for (at, (flow, _)) in flows.iter().enumerate() {
        let Ok(analysis) = &analysed[at] else { continue };
        let (taken, actors) = analysis.name(names);
        let known = made[at].as_ref().filter(|made| made.taken == taken);
        if let Ok(actors) = actors
            && known.is_none_or(|made| made.result.is_ok())
        {
            names.set(flow, &actors);
        }
        if known.is_none() {
            open.push((at, analysis, taken));
        }
    }
    open
}

/// What two writes, one after the other, did to each file.
fn together(earlier: Vec<FileChange>, mut files: Vec<FileChange>) -> Vec<FileChange> {
    for FileChange { path, change: before } in earlier {
        let Some(at) = files.iter().position(|file| file.path == path) else {
            // What was made and taken away again was never there; the rest is as the first write left it.
            if before == Change::Removed {
                files.push(FileChange { path, change: before });
            }
            continue;
        };
        match (before, files[at].change) {
            (Change::Created, Change::Removed) => {
                files.remove(at);
            }
            (Change::Created, _) => files[at].change = Change::Created,
            (Change::Changed, Change::Unchanged) | (Change::Removed, Change::Created) => {
                files[at].change = Change::Changed;
            }
            _ => {}
        }
    }
    files
}

fn is_work(files: &[FileChange]) -> bool {
    files.iter().any(|file| !matches!(file.change, Change::Unchanged | Change::Kept))
}

fn plan(project: &Project, program: &Program, tree: Tree) -> Result<Plan> {
    let paths = project.paths(&program.flow);
    let mut plan = Plan::new(project.root());
    plan.allow(project.outermost());
    plan.replace_tree(&paths.code, tree.code);
    plan.replace_tree(&paths.artifacts, tree.artifacts);
    plan.replace_tree(&paths.base, tree.base);
    for file in tree.common {
        plan.create(paths.common.join(file.path), &*file.content);
    }
    for (context, files) in tree.overlays {
        for file in files {
            plan.create(paths.overlay(&context).join(file.path), &*file.content);
        }
    }
    let record = FlowRecord {
        name: program.flow.clone(),
        source: program.source.clone().into(),
        function: program.function.clone(),
    };
    let (path, text) = project.register_text(&record)?;
    plan.write(path, text);
    Ok(plan)
}
