//! Loops with calls inside. What a `for` goes over becomes a list with an index, because both have
//! to travel with the message.

use super::expression::Value;
use super::{Context, Lowering, is_always_true};
use crate::diagnostic::Diagnostic;
use crate::flow::code::{Code, Effect};
use crate::flow::codes;
use crate::flow::effects::target_names;
use crate::flow::graph::{BlockId, BranchKind, End, Step};
use crate::flow::refusal::{asynchronous_comprehension, asynchronous_generator};
use crate::source::Span;
use crate::syntax::tree::{Argument, Clause, ComprehensionKind, Expr, ExprKind, SequenceKind, Stmt};

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
        let walk = self.walk(target, iterable, label, at);
        self.goto(*at, head);
        self.go_round(&walk, target, label, head, first);
        Rounds { again: head, inside: first }
    }

    /// Evaluates what a loop goes over. `enumerate`, `zip` and `reversed` look at what they are given anew in
    /// every round, so what they are given is what travels.
    fn walk(&mut self, target: &'a Expr, iterable: &'a Expr, label: Span, at: &mut BlockId) -> Walk {
        self.endless_iterator(iterable);
        let name = target.as_name().unwrap_or("row").trim_start_matches('_');
        let name = if name.is_empty() { "item" } else { name };
        let index = self.fresh.make(&format!("{name}_index"));
        let wanted = format!("{name}_items");
        let walk = match self.lazy(iterable) {
            Some(Lazy::Enumerate { over, start }) => {
                let items = self.list(&wanted, over, label, at);
                let start = start.map(|start| {
                    let value = self.top_value(start, at);
                    let name = self.fresh.make(&format!("{name}_start"));
                    self.assign(&name, value, label, *at);
                    name
                });
                let number = start.as_ref().map_or(index.clone(), |start| format!("{start} + {index}"));
                let text = format!("({number}, {items}[{index}])");
                let reads = [Some(items.clone()), Some(index.clone()), start].into_iter().flatten().collect();
                Walk { test: format!("{index} < len({items})"), value: text, index, reads }
            }
            Some(Lazy::Reversed(over)) => {
                let items = self.fresh.make(&wanted);
                let value = self.top_value(over, at);
                let code = Code::text(format!("{}(", self.around.names.items)).and(value.code).then(", reversed)");
                self.assign(&items, Value { code, ..value }, label, *at);
                let last = self.fresh.make(&format!("{name}_last"));
                let effect = Effect::reading([items.as_str()]);
                let value = Value { code: Code::text(format!("len({items}) - 1")), effect, is_settled: false };
                self.assign(&last, value, label, *at);
                let test = format!("0 <= {last} - {index} < len({items})");
                let reads = vec![items.clone(), index.clone(), last.clone()];
                Walk { test, value: format!("{items}[{last} - {index}]"), index, reads }
            }
            Some(Lazy::Zip(all)) => {
                let lists: Vec<String> = all.into_iter().map(|one| self.list(&wanted, one, label, at)).collect();
                let lengths: Vec<String> = lists.iter().map(|list| format!("len({list})")).collect();
                let values: Vec<String> = lists.iter().map(|list| format!("{list}[{index}]")).collect();
                let test = format!("{index} < min({})", lengths.join(", "));
                let value = format!("({})", values.join(", "));
                let reads = lists.into_iter().chain([index.clone()]).collect();
                Walk { test, value, index, reads }
            }
            None => {
                let items = self.list(&wanted, iterable, label, at);
                let reads = vec![items.clone(), index.clone()];
                Walk { test: format!("{index} < len({items})"), value: format!("{items}[{index}]"), index, reads }
            }
        };
        let zero = Value { code: Code::text("0"), effect: Effect::default(), is_settled: true };
        self.assign(&walk.index, zero, label, *at);
        walk
    }

    /// Keeps what a loop goes over as something with a length and an index.
    fn list(&mut self, wanted: &str, iterable: &'a Expr, label: Span, at: &mut BlockId) -> String {
        let items = self.fresh.make(wanted);
        let value = self.top_value(iterable, at);
        let listing = if self.awaits(iterable) { Listing::Unknown } else { listing(iterable, &self.locals) };
        let code = match listing {
            Listing::AsItIs => value.code,
            Listing::List => Code::text("list(").and(value.code).then(")"),
            Listing::Unknown => Code::text(format!("{}(", self.around.names.items)).and(value.code).then(")"),
        };
        self.assign(&items, Value { code, ..value }, label, *at);
        items
    }

    /// Whether a loop goes over `enumerate(…)`, `zip(…)` or `reversed(…)` itself.
    fn lazy(&self, iterable: &'a Expr) -> Option<Lazy<'a>> {
        let ExprKind::Call { callee, arguments } = &iterable.kind else { return None };
        let name =
            callee.as_name().filter(|name| !self.locals.contains(*name) && self.around.scope.get(name).is_none())?;
        let is_plain = |argument: &Argument| {
            argument.keyword.is_none()
                && !argument.is_double_starred
                && !matches!(argument.value.kind, ExprKind::Starred(_))
        };
        match (name, arguments.as_slice()) {
            ("enumerate", [over]) if is_plain(over) => Some(Lazy::Enumerate { over: &over.value, start: None }),
            ("enumerate", [over, start])
                if is_plain(over)
                    && !start.is_double_starred
                    && start.keyword.as_ref().is_none_or(|keyword| keyword.name == "start") =>
            {
                Some(Lazy::Enumerate { over: &over.value, start: Some(&start.value) })
            }
            ("reversed", [over]) if is_plain(over) => Some(Lazy::Reversed(&over.value)),
            ("zip", all) if all.len() > 1 && all.iter().all(is_plain) => {
                Some(Lazy::Zip(all.iter().map(|argument| &argument.value).collect()))
            }
            _ => None,
        }
    }

    /// The head of a loop and the beginning of its round.
    fn go_round(&mut self, walk: &Walk, target: &Expr, label: Span, head: BlockId, first: BlockId) {
        let reading = || Effect::reading(walk.reads.iter().map(String::as_str));
        let test = Step::made(Code::text(&walk.test), label, reading());
        self.graph.blocks[head].end = End::Branch { test, kind: BranchKind::Loop, then: first, orelse: head };
        let mut effect = reading();
        let of_target = self.effects().of_target(target);
        effect.then(&self.put_right(of_target));
        let place = self.target_code(target);
        let index = &walk.index;
        self.push(first, Step::made(place.then(format!(" = {}", walk.value)), label, effect));
        let effect = Effect::reading([index.as_str()]).writing(index);
        self.push(first, Step::made(Code::text(format!("{index} += 1")), label, effect));
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
            let is_generator = kind == ComprehensionKind::Generator;
            let refused = if is_generator { asynchronous_generator } else { asynchronous_comprehension };
            self.diagnostics.push(refused(expr.span));
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
        self.rounds += 1;
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
        self.rounds -= 1;
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
            let walk = self.walk(&clause.target, &clause.iterable, label, at);
            self.goto(*at, head);
            self.renamed = inner;
            self.go_round(&walk, &clause.target, label, head, first);
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

/// What a loop carries along, and the texts that use it.
struct Walk {
    /// Whether there is another element.
    test: String,
    /// The element.
    value: String,
    index: String,
    reads: Vec<String>,
}

/// Something that makes its elements when they are asked for.
enum Lazy<'e> {
    Enumerate { over: &'e Expr, start: Option<&'e Expr> },
    Zip(Vec<&'e Expr>),
    Reversed(&'e Expr),
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
