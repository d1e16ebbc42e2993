//! Loops with calls inside. What a `for` goes over becomes a list with an index, because both have
//! to travel with the message.

use super::expression::Value;
use super::{Context, Lowering, is_always_true};
use crate::diagnostic::Diagnostic;
use crate::flow::code::{Code, Effect};
use crate::flow::codes;
use crate::flow::effects::target_names;
use crate::flow::graph::{BlockId, BranchKind, End, Step};
use crate::source::Span;
use crate::syntax::tree::{Clause, ComprehensionKind, Expr, ExprKind, SequenceKind, Stmt};

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
        let (head, first, after) = (self.add(), self.add(), self.add());
        self.target(target);
        let mut at = current;
        let label = Span::new(stmt.span.start, iterable.span.end);
        let rounds = self.rounds(target, iterable, label, head, first, &mut at);
        let mut ends = Vec::new();
        let otherwise = if orelse.is_empty() { after } else { self.add() };
        rounds.leave(&mut self.graph, head, otherwise);
        if !orelse.is_empty() {
            ends.extend(self.block(orelse, Some(otherwise)));
        }
        let is_left = self.loop_body(body, rounds.again, rounds.inside, after);
        ends.iter().for_each(|&end| self.goto(end, after));
        (is_left || !ends.is_empty() || orelse.is_empty()).then_some(after)
    }

    /// Starts going over `iterable`; a generator expression becomes loops of its own, because
    /// Python runs it bit by bit.
    fn rounds(
        &mut self,
        target: &'a Expr,
        iterable: &'a Expr,
        label: Span,
        head: BlockId,
        first: BlockId,
        at: &mut BlockId,
    ) -> Rounds {
        self.endless_iterator(iterable);
        let name = target.as_name().unwrap_or("row").trim_start_matches('_');
        let name = if name.is_empty() { "item" } else { name };
        let (items, index) = (self.fresh.make(&format!("{name}_items")), self.fresh.make(&format!("{name}_index")));
        let value = self.top_value(iterable, at);
        let listing = if self.awaits(iterable) { Listing::Unknown } else { listing(iterable, &self.locals) };
        let code = match listing {
            Listing::AsItIs => value.code,
            Listing::List => Code::text("list(").and(value.code).then(")"),
            Listing::Unknown => Code::text(format!("{}(", self.around.names.items)).and(value.code).then(")"),
        };
        self.assign(&items, Value { code, ..value }, label, *at);
        self.assign(&index, Value { code: Code::text("0"), effect: Effect::default(), is_settled: true }, label, *at);
        self.goto(*at, head);
        let test = Step::made(
            Code::text(format!("{index} < len({items})")),
            label,
            Effect::reading([index.as_str(), items.as_str()]),
        );
        self.graph.blocks[head].end = End::Branch { test, kind: BranchKind::Loop, then: first, orelse: head };
        let mut effect = Effect::reading([index.as_str(), items.as_str()]);
        let of_target = self.effects().of_target(target);
        effect.then(&self.put_right(of_target));
        let place = self.target_code(target);
        self.push(first, Step::made(place.then(format!(" = {items}[{index}]")), label, effect));
        let effect = Effect::reading([index.as_str()]).writing(&index);
        self.push(first, Step::made(Code::text(format!("{index} += 1")), label, effect));
        Rounds { again: head, inside: first }
    }

    /// The text of a loop's target, with the names of opened comprehensions put right.
    fn target_code(&self, target: &Expr) -> Code {
        let mut instead = Vec::new();
        crate::syntax::walk(target, &mut |expr| {
            if let Some(name) = expr.as_name()
                && let Some(right) = self.renamed.get(name)
            {
                instead.push((expr.span, Code::text(right)));
            }
            true
        });
        Code::with(target.span, instead)
    }

    /// An iterator that has no end would be listed for ever.
    fn endless_iterator(&mut self, iterable: &Expr) {
        let ExprKind::Call { callee, arguments } = &iterable.kind else { return };
        let Some(parts) = callee.dotted() else { return };
        let last = parts.last().copied().unwrap_or_default();
        let is_endless = matches!(last, "count" | "cycle") && parts.len() > 1 && parts[0] == "itertools"
            || matches!(parts.as_slice(), ["count" | "cycle"]) && self.around.scope.get(parts[0]).is_some()
            || last == "repeat" && arguments.len() == 1
            || parts == ["iter"] && arguments.len() == 2;
        if is_endless {
            self.diagnostics.push(
                Diagnostic::error(iterable.span, "a loop over something without an end cannot call actors")
                    .code(codes::ENDLESS_ITERATOR)
                    .note("what a loop goes over travels with the message, so all of it has to be there")
                    .help("write `while True:` and count yourself"),
            );
        }
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
            self.diagnostics.push(
                Diagnostic::error(expr.span, "an asynchronous generator cannot run in a flow")
                    .code(codes::AWAIT)
                    .note("it would stay half done while its calls are under way")
                    .help("write a list: `[await … for … in …]`"),
            );
            return Value { code: Code::of(expr.span), effect: Effect::default(), is_settled: true };
        }
        let name = self.fresh.make("made");
        let empty = match kind {
            ComprehensionKind::List => "[]",
            ComprehensionKind::Dict => "{}",
            _ => "set()",
        };
        let start = Value { code: Code::text(empty), effect: Effect::default(), is_settled: true };
        self.assign(&name, start, expr.span, *at);
        let before = self.renamed.clone();
        let opened = self.opened.len();
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
                let add = if kind == ComprehensionKind::List { "append" } else { "add" };
                let code = Code::text(format!("{name}.{add}(")).and(value.code).then(")");
                self.push(*at, Step::made(code, expr.span, effect));
            }
        }
        self.renamed = before;
        for name in self.opened.split_off(opened) {
            self.locals.remove(&name);
        }
        self.close_clauses(&heads, at);
        Value::variable(&name)
    }

    /// Opens the loops of a comprehension; answers the heads, outermost first, each with the block
    /// that comes after it.
    fn open_clauses(&mut self, clauses: &'a [Clause], span: Span, at: &mut BlockId) -> Vec<(BlockId, BlockId)> {
        let mut heads: Vec<(BlockId, BlockId)> = Vec::new();
        for clause in clauses {
            let (head, first, after) = (self.add(), self.add(), self.add());
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
            let outer = self.renamed.clone();
            let inner: std::collections::BTreeMap<String, String> =
                outer.iter().map(|(a, b)| (a.clone(), b.clone())).chain(renames).collect();
            let value_at = {
                let iterable = &clause.iterable;
                self.rounds_renamed(&clause.target, iterable, label, head, first, at, inner.clone())
            };
            let _ = value_at;
            self.renamed = inner;
            *at = first;
            if let End::Branch { orelse, .. } = &mut self.graph.blocks[head].end {
                *orelse = after;
            }
            for condition in &clause.conditions {
                let inside = self.add();
                self.condition(condition, inside, head, BranchKind::If, *at);
                *at = inside;
            }
            heads.push((head, after));
        }
        heads
    }

    #[allow(clippy::too_many_arguments)]
    fn rounds_renamed(
        &mut self,
        target: &'a Expr,
        iterable: &'a Expr,
        label: Span,
        head: BlockId,
        first: BlockId,
        at: &mut BlockId,
        inner: std::collections::BTreeMap<String, String>,
    ) -> Rounds {
        let list = self.fresh.make("rows");
        let value = self.top_value(iterable, at);
        self.assign(&list, value, label, *at);
        let outer = std::mem::replace(&mut self.renamed, inner);
        let (items, index) = (self.fresh.make("row_items"), self.fresh.make("row_index"));
        let code = Code::text(format!("{}({list})", self.around.names.items));
        let effect = Effect::reading([list.as_str()]);
        self.assign(&items, Value { code, effect, is_settled: true }, label, *at);
        self.assign(&index, Value { code: Code::text("0"), effect: Effect::default(), is_settled: true }, label, *at);
        self.goto(*at, head);
        let both = || Effect::reading([index.as_str(), items.as_str()]);
        let test = Step::made(Code::text(format!("{index} < len({items})")), label, both());
        self.graph.blocks[head].end = End::Branch { test, kind: BranchKind::Loop, then: first, orelse: head };
        let mut effect = both();
        let of_target = self.effects_with_targets(target);
        effect.then(&self.put_right(of_target));
        let place = self.target_code(target);
        self.push(first, Step::made(place.then(format!(" = {items}[{index}]")), label, effect));
        let effect = Effect::reading([index.as_str()]).writing(&index);
        self.push(first, Step::made(Code::text(format!("{index} += 1")), label, effect));
        self.renamed = outer;
        Rounds { again: head, inside: first }
    }

    fn effects_with_targets(&self, target: &Expr) -> Effect {
        self.effects().of_target(target)
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

/// The blocks of a loop over items.
struct Rounds {
    again: BlockId,
    inside: BlockId,
}

impl Rounds {
    /// Says where the loop goes on when nothing is left.
    fn leave(&self, graph: &mut crate::flow::graph::Graph, head: BlockId, to: BlockId) {
        if let End::Branch { orelse, .. } = &mut graph.blocks[head].end {
            *orelse = to;
        }
    }
}

/// How what a loop goes over becomes something with a length and an index.
enum Listing {
    /// It is that already.
    AsItIs,
    /// Its elements are listed at the start.
    List,
    /// Nobody knows before it runs.
    Unknown,
}

fn listing(iterable: &Expr, locals: &std::collections::BTreeSet<String>) -> Listing {
    match &iterable.kind {
        ExprKind::Sequence { kind: SequenceKind::List, .. }
        | ExprKind::Comprehension { kind: ComprehensionKind::List, .. } => Listing::AsItIs,
        ExprKind::Call { callee, .. } => match &callee.kind {
            ExprKind::Name(name) if locals.contains(name) => Listing::Unknown,
            ExprKind::Name(name) => match name.as_str() {
                "range" | "sorted" | "list" => Listing::AsItIs,
                "enumerate" | "zip" | "reversed" | "map" | "filter" | "set" => Listing::List,
                _ => Listing::Unknown,
            },
            ExprKind::Attribute { attribute, .. } if matches!(attribute.name.as_str(), "items" | "keys" | "values") => {
                Listing::List
            }
            _ => Listing::Unknown,
        },
        _ => Listing::Unknown,
    }
}
