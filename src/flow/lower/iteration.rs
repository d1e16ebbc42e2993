//! Loops with calls inside, and comprehensions that are loops with calls inside.

use std::collections::BTreeMap;

use super::expression::Value;
use super::{Context, Lowering, is_always_true};
use crate::flow::code::{Code, Effect};
use crate::flow::effects::target_names;
use crate::flow::graph::{BlockId, BranchKind, Step};
use crate::flow::refusal::{asynchronous_comprehension, asynchronous_generator};
use crate::source::Span;
use crate::syntax::tree::{Clause, ComprehensionKind, Expr, Stmt};

impl<'a> Lowering<'_, 'a> {
    pub(super) fn while_loop(
        &mut self,
        stmt: &'a Stmt,
        test: &'a Expr,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
        current: BlockId,
    ) -> Option<BlockId> {
        let (head, first, after) = (self.add(), self.add(), self.add());
        self.goto(current, head);
        let is_endless = is_always_true(test);
        let mut ends = Vec::new();
        if is_endless {
            self.goto(head, first);
        } else {
            let otherwise = if orelse.is_empty() { after } else { self.add() };
            self.begin_statement(stmt);
            self.condition(test, first, otherwise, BranchKind::Loop, head);
            if !orelse.is_empty() {
                ends.extend(self.block(orelse, Some(otherwise)));
            }
        }
        let is_left = self.loop_body(body, head, first, after);
        ends.iter().for_each(|&end| self.goto(end, after));
        let goes_on = is_left || !ends.is_empty() || (!is_endless && orelse.is_empty());
        goes_on.then_some(after)
    }

    /// The body of a loop; answers whether a `break` leaves it.
    fn loop_body(&mut self, body: &'a [Stmt], head: BlockId, first: BlockId, after: BlockId) -> bool {
        self.contexts.push(Context::Loop { head, after, is_left: false });
        if let Some(end) = self.block(body, Some(first)) {
            self.goto(end, head);
        }
        matches!(self.contexts.pop(), Some(Context::Loop { is_left: true, .. }))
    }

    pub(super) fn for_loop(
        &mut self,
        stmt: &'a Stmt,
        target: &'a Expr,
        iterable: &'a Expr,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
        current: BlockId,
    ) -> Option<BlockId> {
        let after = self.add();
        self.target(target);
        let mut at = current;
        let label = Span::new(stmt.span.start, iterable.span.end);
        let otherwise = if orelse.is_empty() { after } else { self.add() };
        let head = self.loop_head(target, iterable, label, otherwise, &mut at);
        let mut ends = Vec::new();
        if !orelse.is_empty() {
            ends.extend(self.block(orelse, Some(otherwise)));
        }
        let is_left = self.loop_body(body, head.again, head.inside, after);
        ends.iter().for_each(|&end| self.goto(end, after));
        let ends_by_itself = !head.is_endless && (orelse.is_empty() || !ends.is_empty());
        (is_left || ends_by_itself).then_some(after)
    }

    /// Whether a comprehension awaits nothing but in what it goes over: Python evaluates that at once,
    /// outside of it.
    pub(super) fn awaits_at_first(&self, elements: &[Expr], clauses: &[Clause]) -> bool {
        let mut later = elements
            .iter()
            .chain(clauses.iter().flat_map(|clause| &clause.conditions))
            .chain(clauses.iter().skip(1).map(|clause| &clause.iterable));
        !clauses.iter().any(|clause| clause.is_async) && !later.any(|part| self.is_taken_apart(part))
    }

    /// A comprehension that awaits nothing but in `first`, what it goes over. `branch` is its element
    /// when that is a call that is to wait.
    pub(super) fn comprehension_over(
        &mut self,
        (expr, first): (&'a Expr, &'a Expr),
        branch: Option<&'a Expr>,
        elements: &'a [Expr],
        clauses: &'a [Clause],
        at: &mut BlockId,
    ) -> Value {
        let mut bound = std::collections::BTreeSet::new();
        clauses.iter().for_each(|clause| target_names(&clause.target, &mut bound));
        let bound: Vec<String> = bound.into_iter().collect();
        let Value { code, mut effect, .. } = self.value(first, at);
        let mut replacements = vec![(first.span, code)];
        let conditions = clauses.iter().flat_map(|clause| &clause.conditions);
        let further = clauses.iter().skip(1).map(|clause| &clause.iterable);
        for part in elements.iter().chain(conditions).chain(further) {
            replacements.extend(self.check_with(part, self.collects || branch.is_some(), branch, &bound));
        }
        effect.then(&self.effect(expr));
        Value { code: Code::with(expr.span, replacements), effect, is_settled: false }
    }

    /// A comprehension with awaits in it: loops that run one call after the other, as in Python.
    pub(super) fn opened_comprehension(
        &mut self,
        expr: &'a Expr,
        kind: ComprehensionKind,
        elements: &'a [Expr],
        clauses: &'a [Clause],
        at: &mut BlockId,
    ) -> Value {
        if kind == ComprehensionKind::Generator || clauses.iter().any(|clause| clause.is_async) {
            let is_generator = kind == ComprehensionKind::Generator;
            let refused = if is_generator { asynchronous_generator } else { asynchronous_comprehension };
            self.diagnostics.push(refused(expr.span));
            return Value { code: Code::of(expr.span), effect: Effect::default(), is_settled: true };
        }
        let name = self.fresh.make("made");
        let empty = match kind {
            ComprehensionKind::Dict => "{}",
            // A set does not travel with the message; it is made of the list at the end.
            _ => "[]",
        };
        let start = Value { code: Code::text(empty), effect: Effect::default(), is_settled: true };
        self.assign(&name, start, expr.span, *at);
        let (renamed, opened) = (self.renamed.clone(), self.opened.len());
        self.open_comprehensions += 1;
        let heads = self.open_clauses(clauses, expr.span, at);
        match elements {
            [key, value] => {
                let parts = [key, value];
                let pair = self.compose(Span::new(key.span.start, value.span.end), &parts, at);
                let mut effect = pair.effect;
                effect.reads.insert(name.clone());
                let code = Code::text(format!("{name}.update({{")).and(pair.code).then("})");
                self.push(*at, Step::made(code, expr.span, effect));
            }
            _ => {
                let element = elements.first().unwrap_or(expr);
                let value = self.top_value(element, at);
                let mut effect = value.effect;
                effect.reads.insert(name.clone());
                let code = match kind {
                    ComprehensionKind::List => Code::text(format!("{name}.append(")).and(value.code).then(")"),
                    // In brackets, so that what cannot be in a set fails here.
                    _ => Code::text(format!("{name}.extend({{")).and(value.code).then("})"),
                };
                self.push(*at, Step::made(code, expr.span, effect));
            }
        }
        self.open_comprehensions -= 1;
        self.close_scope(renamed, opened);
        self.close_clauses(&heads, at);
        match kind {
            ComprehensionKind::Set => {
                Value { code: Code::text(format!("{{*{name}}}")), is_settled: false, ..Value::variable(&name) }
            }
            _ => Value::variable(&name),
        }
    }

    /// Forgets the names of opened clauses.
    pub(super) fn close_scope(&mut self, renamed: BTreeMap<String, String>, opened: usize) {
        self.renamed = renamed;
        for name in self.opened.split_off(opened) {
            self.locals.remove(&name);
        }
    }

    /// Opens the loops of a comprehension; answers the heads, outermost first, each with the block
    /// that comes after it.
    pub(super) fn open_clauses(
        &mut self,
        clauses: &'a [Clause],
        span: Span,
        at: &mut BlockId,
    ) -> Vec<(BlockId, BlockId)> {
        let mut heads: Vec<(BlockId, BlockId)> = Vec::new();
        for clause in clauses {
            let (head, after) = (self.add(), self.add());
            let mut names = std::collections::BTreeSet::new();
            target_names(&clause.target, &mut names);
            // The iterable is evaluated before the names of this clause are bound.
            let renames: Vec<(String, String)> = names
                .into_iter()
                .map(|name| {
                    let is_known = self.locals.contains(&name)
                        || self.around.scope.get(&name).is_some()
                        || crate::flow::python::is_builtin(&name);
                    let own = if is_known { self.fresh.make(&format!("{name}_here")) } else { name.clone() };
                    if self.locals.insert(name.clone()) {
                        self.opened.push(name.clone());
                    }
                    (name, own)
                })
                .collect();
            let label = Span::new(span.start.max(clause.target.span.start), clause.iterable.span.end);
            let names = self.renamed.clone().into_iter().chain(renames).collect();
            *at = self.clause_head(clause, label, names, (head, after), at);
            for condition in &clause.conditions {
                let inside = self.add();
                self.condition(condition, inside, head, BranchKind::If, *at);
                *at = inside;
            }
            heads.push((head, after));
        }
        heads
    }

    fn close_clauses(&mut self, heads: &[(BlockId, BlockId)], at: &mut BlockId) {
        let mut inner_end = *at;
        for &(head, after) in heads.iter().rev() {
            self.goto(inner_end, head);
            inner_end = after;
        }
        *at = inner_end;
    }
}
