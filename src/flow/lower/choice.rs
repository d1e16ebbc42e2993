//! `match` with calls inside: Python does the matching, the blocks of the cases are the flow's.

use super::Lowering;
use crate::flow::code::{Code, Effect};
use crate::flow::graph::{BlockId, BranchKind, End, MatchCase, Step};
use crate::source::Span;
use crate::syntax::tree::{Branch, Case, Expr, Stmt};

impl<'a> Lowering<'_, 'a> {
    pub(super) fn conditional(
        &mut self,
        branches: &'a [Branch],
        orelse: &'a [Stmt],
        current: BlockId,
    ) -> Option<BlockId> {
        let mut ends = Vec::new();
        let mut at = current;
        for branch in branches {
            let (then, otherwise) = (self.add(), self.add());
            self.begin_condition(&branch.test);
            self.condition(&branch.test, then, otherwise, BranchKind::If, at);
            ends.extend(self.block(&branch.body, Some(then)));
            at = otherwise;
        }
        ends.extend(self.block(orelse, Some(at)));
        self.meet(&ends)
    }

    pub(super) fn match_statement(
        &mut self,
        stmt: &'a Stmt,
        subject: &'a Expr,
        cases: &'a [Case],
        current: BlockId,
    ) -> Option<BlockId> {
        let mut at = current;
        let mut value = self.top_value(subject, &mut at);
        let has_late_guard = cases.iter().filter_map(|case| case.guard.as_ref()).any(|part| self.awaits(part));
        if has_late_guard && !value.is_settled {
            let name = self.fresh.make("subject");
            self.assign(&name, value, subject.span, at);
            value = super::expression::Value::variable(&name);
        }
        let after = self.add();
        let mut ends = Vec::new();
        let mut rest = cases;
        let mut makes_rest = false;
        loop {
            // A guard that awaits ends the matching; when it says no, the rest is matched anew.
            let late = rest.iter().position(|case| case.guard.as_ref().is_some_and(|part| self.awaits(part)));
            let (now, later) = rest.split_at(late.map_or(rest.len(), |at| at + 1));
            let otherwise = if later.is_empty() { after } else { self.add() };
            let mut arms = Vec::new();
            for case in now {
                let body = self.add();
                let head = self.case_head(case);
                arms.push(MatchCase { head, body });
            }
            let subject_step = Step::made(value.code.clone(), subject.span, value.effect.clone());
            let bodies: Vec<BlockId> = arms.iter().map(|arm| arm.body).collect();
            self.graph.blocks[at].end = End::Match { subject: Box::new(subject_step), cases: arms, otherwise };
            for (case, body) in now.iter().zip(bodies) {
                let start = match &case.guard {
                    Some(guard) if self.awaits(guard) => {
                        let inside = self.add();
                        self.begin_statement(stmt);
                        self.condition(guard, inside, otherwise, BranchKind::If, body);
                        inside
                    }
                    _ => body,
                };
                ends.extend(self.block(&case.body, Some(start)));
            }
            makes_rest |= otherwise == after;
            if later.is_empty() {
                break;
            }
            (rest, at) = (later, otherwise);
        }
        let always = cases.last().is_some_and(|case| self.is_irrefutable(case));
        ends.iter().for_each(|&end| self.goto(end, after));
        let goes_on = !ends.is_empty() || (makes_rest && !always);
        if !goes_on {
            // Nothing comes here: one of the cases fits.
            self.graph.blocks[after].end = End::Raise;
        }
        goes_on.then_some(after)
    }

    /// The pattern and its guard, as they stand.
    fn case_head(&mut self, case: &'a Case) -> Step {
        let mut instead = Vec::new();
        let mut effect = Effect::default();
        for value in &case.values {
            instead.extend(self.check(value));
            effect.then(&self.effect(value));
        }
        for name in &case.captures {
            effect = effect.writing(&name.name);
        }
        let mut code = Code::with(case.pattern, instead);
        let mut span = case.pattern;
        if let Some(guard) = &case.guard
            && !self.awaits(guard)
        {
            let guard_value = self.plain(guard);
            effect.then(&guard_value.effect);
            code = code.then(" if ").and(guard_value.code);
            span = Span::new(span.start, guard.span.end);
        }
        Step::made(code, span, effect)
    }

    /// `case _:` or `case name:`.
    fn is_irrefutable(&self, case: &Case) -> bool {
        let text = self.around.source.slice(case.pattern);
        case.guard.is_none() && (text == "_" || matches!(case.captures.as_slice(), [only] if only.span == case.pattern))
    }
}
