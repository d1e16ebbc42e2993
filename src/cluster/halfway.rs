//! An apply that ended in the middle, in words: what was written, what was not, what to do.

use std::collections::BTreeSet;

use super::managed::flow_of;
use super::plan::Plan;
use crate::error::Error;
use crate::event::Change;
use crate::kustomize::ObjectId;
use crate::names::counted;

/// How many objects are named.
const NAMED: usize = 5;

/// How far an apply came.
pub(super) struct Halfway<'a> {
    pub(super) plan: &'a Plan,
    /// What became of the objects before it ended.
    pub(super) done: &'a [(ObjectId, Change)],
    /// What the refusal is about, which names it.
    pub(super) named: BTreeSet<ObjectId>,
}

impl Halfway<'_> {
    fn written(&self) -> usize {
        self.done.iter().filter(|(_, change)| *change != Change::Unchanged).count()
    }

    /// What was to be written and was not.
    fn left(&self) -> Vec<ObjectId> {
        let done: BTreeSet<&ObjectId> = self.done.iter().map(|(id, _)| id).collect();
        let steps = self.plan.steps().filter(|step| step.change != Change::Unchanged);
        steps.map(|step| step.object.id()).filter(|id| !done.contains(id)).collect()
    }

    /// Said behind the refusal itself.
    pub(super) fn tail(&self) -> String {
        match self.written() {
            0 => "; nothing was written".to_owned(),
            written => {
                let left = self.left().len();
                let were = |count| if count == 1 { "was" } else { "were" };
                let written = format!("{} {} written", counted(written, "object"), were(written));
                format!("; {written}, {left} {} not", were(left))
            }
        }
    }

    /// The refusal with what was not written besides, and what to do.
    pub(super) fn explain(&self, mut error: Error) -> Error {
        if self.written() == 0 {
            return error;
        }
        let besides: Vec<String> =
            self.left().iter().filter(|id| !self.named.contains(id)).map(|id| format!("`{id}`")).collect();
        if !besides.is_empty() {
            let named = besides.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
            let more = besides.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            error = error.because(format!("not written either: {named}{more}"));
        }
        let error = error.hint("run the same command again when that is settled: it goes on from there");
        let flow = flow_of(self.plan.manager());
        error.hint_opt(flow.map(|flow| format!("to take back what was written: `asya k delete {flow}`")))
    }
}
