//! What questions say, and what their answers are called.

use super::own::{cut, without_await};
use super::sketch::Pen;
use crate::flow::{Block, BranchKind, MatchCase, Piece, Step};
use crate::source::Span;

/// Longest label of an edge.
const MAX_LABEL: usize = 34;

impl Pen<'_> {
    /// The text of a question and what its answers are called.
    pub(super) fn question(
        &self,
        block: &Block,
        test: &Step,
        kind: BranchKind,
    ) -> (String, &'static str, &'static str) {
        let text = self.own.slice(test.span);
        let is_made = test.code.as_source().is_none();
        match kind {
            BranchKind::Loop if text.starts_with("for ") || text.starts_with("async for ") => {
                (self.own.short("", test.span), "each", "done")
            }
            // A clause of a comprehension.
            BranchKind::Loop if is_made && !test.code.pieces.iter().any(is_source) => {
                (self.own.short("for ", test.span), "each", "done")
            }
            BranchKind::Loop => (self.own.short("while ", test.span), "yes", "no"),
            BranchKind::Except => (self.own.short("except ", test.span), "yes", "no"),
            BranchKind::If | BranchKind::Finally => {
                // `a or b` is decided by what has been evaluated of it.
                let decided = block
                    .steps
                    .last()
                    .filter(|step| is_made && test.effect.reads.iter().all(|name| step.effect.writes.contains(name)));
                (self.own.short("", decided.map_or(test.span, |step| step.span)), "yes", "no")
            }
        }
    }

    /// `case _:` or `case name:`.
    pub(super) fn always_fits(&self, case: &MatchCase) -> bool {
        let text = self.own.slice(case.head.span);
        text.starts_with(|it: char| it.is_alphabetic() || it == '_')
            && text.chars().all(|it| it.is_alphanumeric() || it == '_')
            && !matches!(text, "None" | "True" | "False")
    }

    /// A `case` as the label of an edge.
    pub(super) fn case_label(&self, case: &MatchCase) -> String {
        let pattern = self.own.first_line(case.head.span);
        cut(&without_await(&format!("case {pattern}")), MAX_LABEL)
    }

    /// An `except` clause as the label of an edge.
    pub(super) fn clause_label(&self, exception: Span) -> String {
        let text = self.own.first_line(exception);
        let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(&text);
        cut(inner, MAX_LABEL)
    }
}

fn is_source(piece: &Piece) -> bool {
    matches!(piece, Piece::Source(_))
}
