//! Who catches errors.

use super::call_sites::find_statement;
use super::document::{Caught, Clause};
use super::spot::Region;
use super::{Explainer, Routine};
use crate::flow::BlockId;
use crate::source::Span;
use crate::syntax::tree::{Handler, Stmt, StmtKind};

impl Explainer<'_> {
    /// Who catches what is raised in `block`, innermost first.
    pub(super) fn catchers(&self, routine: &Routine<'_>, block: BlockId, place: Span) -> Vec<Caught> {
        let mut found: Vec<Caught> = Vec::new();
        let mut at = block;
        let mut before: Option<Span> = None;
        while let Some(catcher) = routine.graph.blocks[at].catcher {
            let head = catcher.span;
            let stmt = find_statement(&self.module.body, &|stmt| {
                stmt.span.start == head.start && matches!(stmt.kind, StmtKind::Try { .. } | StmtKind::With { .. })
            });
            let mut caught = self.caught(stmt, head);
            // With `except` and `finally`, only errors of the body itself meet the clauses first.
            let is_in_body = matches!(stmt.map(|stmt| &stmt.kind), Some(StmtKind::Try { body, .. })
                if body.iter().any(|stmt| stmt.span.contains(place)));
            let has_finally = caught.finally.is_some();
            if has_finally && (before == Some(head) || !is_in_body) {
                caught.clauses.clear();
            } else if !caught.clauses.is_empty() {
                caught.finally = None;
            }
            found.push(caught);
            before = Some(head);
            at = catcher.block;
            if found.len() > routine.graph.blocks.len() {
                break;
            }
        }
        found
    }

    fn caught(&self, stmt: Option<&Stmt>, head: Span) -> Caught {
        let line = self.source.line_of(head.start);
        let Some(StmtKind::Try { handlers, finalbody, .. }) = stmt.map(|stmt| &stmt.kind) else {
            return Caught { line, clauses: Vec::new(), finally: None, is_group: true };
        };
        let clause = |handler: &Handler| {
            let text = self.source.slice(handler.span).lines().next().unwrap_or_default();
            let text = text.split(" #").next().unwrap_or_default().trim_end().trim_end_matches(':');
            Clause { line: self.source.line_of(handler.span.start), text: text.to_owned() }
        };
        Caught {
            line,
            clauses: handlers.iter().map(clause).collect(),
            finally: finalbody.first().map(|first| self.source.line_of(first.span.start)),
            is_group: false,
        }
    }

    /// What a `try` line is.
    pub(super) fn try_statement(&self, region: &Region<'_>) -> Option<Caught> {
        let start = self.source.line_of(region.stmt.span.start);
        let is_head = matches!(region.stmt.kind, StmtKind::Try { .. }) && region.is_clause && region.first == start;
        is_head.then(|| self.caught(Some(region.stmt), region.stmt.span))
    }
}
