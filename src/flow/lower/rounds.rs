//! What loops with calls go over: things with a length and an index, because both have to travel with
//! the message. What Python makes bit by bit is made bit by bit here, too.

use super::expression::Value;
use super::{Lowering, survey};
use crate::diagnostic::Diagnostic;
use crate::flow::callee::Callee;
use crate::flow::code::{Code, Effect};
use crate::flow::codes;
use crate::flow::graph::{BlockId, BranchKind, End, Step};
use crate::flow::scope::Binding;
use crate::source::Span;
use crate::syntax::tree::{Argument, Clause, ComprehensionKind, Expr, ExprKind, Literal, SequenceKind};

/// The blocks of a loop.
pub(super) struct Rounds {
    /// Starts the next round.
    pub(super) again: BlockId,
    /// The body of a round.
    pub(super) inside: BlockId,
    /// Only a `break` leaves it.
    pub(super) is_endless: bool,
}

/// What a loop carries along, and the texts that use it.
struct Walk {
    /// The number of the round.
    index: String,
    /// What has to hold for another round.
    tests: Vec<String>,
    /// The variables that the tests read.
    tested: Effect,
    /// The element.
    value: Value,
    /// Leaves out the elements for which it is false: its text before and after the element.
    filter: Option<(Code, Effect)>,
}

/// Something that makes its elements when they are asked for.
enum Lazy<'e> {
    Enumerate { over: &'e Expr, start: Option<&'e Expr> },
    Zip(Vec<&'e Expr>),
    Reversed(&'e Expr),
    Map { function: &'e Expr, over: Vec<&'e Expr> },
    Filter { function: &'e Expr, over: &'e Expr },
    Cycle(&'e Expr),
    Count { start: i64, step: i64 },
    Repeat(&'e Expr),
}

/// How what a loop goes over becomes something with a length and an index.
enum Listing<'e> {
    /// It is that already.
    AsItIs,
    /// The view of a mapping: which one.
    View { of: &'e Expr, kind: &'e str },
    /// Nobody knows before it runs.
    Unknown,
}

impl<'a> Lowering<'_, 'a> {
    /// Starts going over `iterable`, and goes to `otherwise` when nothing is left.
    pub(super) fn rounds(
        &mut self,
        target: &'a Expr,
        iterable: &'a Expr,
        label: Span,
        otherwise: BlockId,
        at: &mut BlockId,
    ) -> Rounds {
        if let ExprKind::Comprehension { kind: ComprehensionKind::Generator, elements, clauses } = &iterable.kind
            && !survey::has_await(iterable)
            && clauses.iter().all(|clause| !clause.is_async)
        {
            return self.generated(target, elements, clauses, label, otherwise, at);
        }
        let walk = self.walk(target, iterable, label, at);
        let head = self.add();
        self.goto(*at, head);
        let inside = self.go_round(&walk, target, label, head, otherwise);
        Rounds { again: head, inside, is_endless: walk.tests.is_empty() }
    }

    /// A generator expression that a loop goes over becomes loops of its own.
    fn generated(
        &mut self,
        target: &'a Expr,
        elements: &'a [Expr],
        clauses: &'a [Clause],
        label: Span,
        otherwise: BlockId,
        at: &mut BlockId,
    ) -> Rounds {
        let (renamed, opened) = (self.renamed.clone(), self.opened.len());
        let heads = self.open_clauses(clauses, label, at);
        let value = elements.first().map(|element| self.top_value(element, at));
        self.close_scope(renamed, opened);
        let mut next = otherwise;
        for &(head, after) in &heads {
            self.goto(after, next);
            next = head;
        }
        if let Some(value) = value {
            let mut effect = value.effect;
            let of_target = self.effects().of_target(target);
            effect.then(&self.put_right(of_target));
            let code = self.target_code(target).then(" = ").and(value.code);
            self.push(*at, Step::made(code, label, effect));
        }
        Rounds { again: next, inside: *at, is_endless: false }
    }

    /// Evaluates what a clause of a comprehension goes over, with the names around it, and starts
    /// going over it with those of the clause; answers the body of a round.
    pub(super) fn clause_rounds(
        &mut self,
        clause: &'a Clause,
        label: Span,
        names: std::collections::BTreeMap<String, String>,
        blocks: (BlockId, BlockId),
        at: &mut BlockId,
    ) -> BlockId {
        let (head, after) = blocks;
        let walk = self.walk(&clause.target, &clause.iterable, label, at);
        self.goto(*at, head);
        self.renamed = names;
        self.go_round(&walk, &clause.target, label, head, after)
    }

    fn walk(&mut self, target: &'a Expr, iterable: &'a Expr, label: Span, at: &mut BlockId) -> Walk {
        let name = target.as_name().unwrap_or("row").trim_start_matches('_');
        let name = if name.is_empty() { "item" } else { name };
        let index = self.fresh.make(&format!("{name}_index"));
        let walk = match self.lazy(iterable) {
            Some(Lazy::Filter { function, over }) => {
                let inner = self.part(name, &index, over, label, at);
                let filter = match &function.kind {
                    ExprKind::Literal(Literal::None) => (Code::default(), Effect::default()),
                    _ => self.function(function),
                };
                Walk { filter: Some(filter), ..inner }
            }
            _ => self.part(name, &index, iterable, label, at),
        };
        let zero = Value { code: Code::text("0"), effect: Effect::default(), is_settled: true };
        self.assign(&index, zero, label, *at);
        walk
    }

    /// Evaluates something that is gone over with `index`.
    fn part(&mut self, name: &str, index: &str, iterable: &'a Expr, label: Span, at: &mut BlockId) -> Walk {
        let wanted = format!("{name}_items");
        let len = self.builtin("len");
        let made = |tests: Vec<String>, reads: &[&str], value: String, more: &[&str]| {
            let tested = Effect::reading(reads.iter().copied().chain([index]));
            let effect = Effect::reading(reads.iter().chain(more).copied().chain([index]));
            let value = Value { code: Code::text(value), effect, is_settled: false };
            Walk { index: index.to_owned(), tests, tested, value, filter: None }
        };
        match self.lazy(iterable) {
            Some(Lazy::Enumerate { over, start }) => {
                let mut walk = self.part(name, index, over, label, at);
                let number = match start {
                    None => index.to_owned(),
                    Some(start) => {
                        let value = self.top_value(start, at);
                        let start = self.fresh.make(&format!("{name}_start"));
                        self.assign(&start, value, label, *at);
                        walk.value.effect.reads.insert(start.clone());
                        format!("{start} + {index}")
                    }
                };
                walk.value.code = Code::text(format!("({number}, ")).and(walk.value.code).then(")");
                walk
            }
            Some(Lazy::Zip(all)) => {
                let mut parts = self.parts(name, index, all, label, at);
                parts.value.code = Code::text("(").and(parts.value.code).then(")");
                parts
            }
            Some(Lazy::Map { function, over }) => {
                let (function, effect) = self.function(function);
                let mut parts = self.parts(name, index, over, label, at);
                parts.value.code = function.then("(").and(parts.value.code).then(")");
                parts.value.effect.reads.extend(effect.reads);
                parts
            }
            Some(Lazy::Reversed(over)) => {
                let items = self.fresh.make(&wanted);
                let value = self.top_value(over, at);
                let check = format!(", check={})", self.builtin("reversed"));
                let code = Code::text(format!("{}(", self.items())).and(value.code).then(check);
                self.assign(&items, Value { code, ..value }, label, *at);
                let last = self.fresh.make(&format!("{name}_last"));
                let effect = Effect::reading([items.as_str()]);
                let value = Value { code: Code::text(format!("{len}({items}) - 1")), effect, is_settled: false };
                self.assign(&last, value, label, *at);
                let test = format!("0 <= {last} - {index} < {len}({items})");
                made(vec![test], &[&items, &last], format!("{items}[{last} - {index}]"), &[])
            }
            Some(Lazy::Cycle(over)) => {
                let items = self.list(&wanted, over, label, at);
                made(vec![items.clone()], &[&items], format!("{items}[{index} % {len}({items})]"), &[])
            }
            Some(Lazy::Count { start, step }) => {
                let value = match (start, step) {
                    (0, 1) => index.to_owned(),
                    (start, 1) => format!("{start} + {index}"),
                    (start, step) => format!("{start} + {step} * {index}"),
                };
                made(Vec::new(), &[], value, &[])
            }
            Some(Lazy::Repeat(over)) => {
                let value = self.top_value(over, at);
                let kept = self.fresh.make(name);
                self.assign(&kept, value, label, *at);
                made(Vec::new(), &[], kept.clone(), &[&kept])
            }
            Some(Lazy::Filter { .. }) | None => {
                self.endless_iterator(iterable);
                let items = self.list(&wanted, iterable, label, at);
                made(vec![format!("{index} < {len}({items})")], &[&items], format!("{items}[{index}]"), &[])
            }
        }
    }

    /// Several things that are gone over side by side: the elements with commas between them.
    fn parts(&mut self, name: &str, index: &str, all: Vec<&'a Expr>, label: Span, at: &mut BlockId) -> Walk {
        let mut whole: Option<Walk> = None;
        for iterable in all {
            let part = self.part(name, index, iterable, label, at);
            whole = Some(match whole {
                None => part,
                Some(mut whole) => {
                    whole.tests.extend(part.tests);
                    whole.tested.reads.extend(part.tested.reads);
                    whole.value.code = whole.value.code.then(", ").and(part.value.code);
                    whole.value.effect.reads.extend(part.value.effect.reads);
                    whole
                }
            });
        }
        whole.unwrap_or_else(|| Walk {
            index: index.to_owned(),
            tests: Vec::new(),
            tested: Effect::default(),
            value: Value { code: Code::default(), effect: Effect::default(), is_settled: true },
            filter: None,
        })
    }

    /// The text of a function that is called in every round.
    fn function(&mut self, function: &'a Expr) -> (Code, Effect) {
        let value = self.plain(function);
        match function.kind {
            ExprKind::Lambda { .. } => (Code::text("(").and(value.code).then(")"), value.effect),
            _ => (value.code, value.effect),
        }
    }

    /// What the router calls the function that makes something with a length and an index.
    fn items(&mut self) -> String {
        self.graph.needs_support = true;
        self.around.names.items.clone()
    }

    /// Keeps what a loop goes over as something with a length and an index.
    fn list(&mut self, wanted: &str, iterable: &'a Expr, label: Span, at: &mut BlockId) -> String {
        let items = self.fresh.make(wanted);
        let listing = if self.awaits(iterable) { Listing::Unknown } else { self.listing(iterable) };
        let make = if matches!(listing, Listing::AsItIs) { String::new() } else { self.items() };
        let value = match listing {
            Listing::AsItIs => self.top_value(iterable, at),
            Listing::View { of, kind } => {
                let value = self.top_value(of, at);
                let code = Code::text(format!("{make}(")).and(value.code).then(format!(", \"{kind}\")"));
                Value { code, ..value }
            }
            Listing::Unknown => {
                let value = self.top_value(iterable, at);
                Value { code: Code::text(format!("{make}(")).and(value.code).then(")"), ..value }
            }
        };
        self.assign(&items, value, label, *at);
        items
    }

    fn listing(&self, iterable: &'a Expr) -> Listing<'a> {
        match &iterable.kind {
            ExprKind::Sequence { kind: SequenceKind::List, .. }
            | ExprKind::Comprehension { kind: ComprehensionKind::List, .. } => Listing::AsItIs,
            ExprKind::Call { callee, arguments } => match &callee.kind {
                ExprKind::Name(name) if self.is_builtin(name) => match name.as_str() {
                    "range" | "sorted" | "list" => Listing::AsItIs,
                    _ => Listing::Unknown,
                },
                ExprKind::Attribute { value, attribute } if arguments.is_empty() => match attribute.name.as_str() {
                    kind @ ("items" | "keys" | "values") if !self.is_module_path(callee) => {
                        Listing::View { of: value, kind }
                    }
                    _ => Listing::Unknown,
                },
                _ => Listing::Unknown,
            },
            _ => Listing::Unknown,
        }
    }

    /// What a loop goes over, when Python makes its elements bit by bit.
    fn lazy(&self, iterable: &'a Expr) -> Option<Lazy<'a>> {
        let ExprKind::Call { callee, arguments } = &iterable.kind else { return None };
        let is_plain = |argument: &Argument| {
            argument.keyword.is_none()
                && !argument.is_double_starred
                && !matches!(argument.value.kind, ExprKind::Starred(_))
        };
        let values = || arguments.iter().map(|argument| &argument.value).collect::<Vec<_>>();
        let all_plain = arguments.iter().all(is_plain);
        if let Some(member) = self.of_itertools(callee) {
            return match (member, values().as_slice()) {
                ("count", []) => Some(Lazy::Count { start: 0, step: 1 }),
                ("count", [start]) if all_plain => Some(Lazy::Count { start: whole_number(start)?, step: 1 }),
                ("count", [start, step]) if all_plain => {
                    Some(Lazy::Count { start: whole_number(start)?, step: whole_number(step)? })
                }
                ("cycle", [over]) if all_plain => Some(Lazy::Cycle(over)),
                ("repeat", [value]) if all_plain => Some(Lazy::Repeat(value)),
                _ => None,
            };
        }
        let name = callee.as_name().filter(|name| self.is_builtin(name))?;
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
            ("zip", all) if all.len() > 1 && all_plain => Some(Lazy::Zip(values())),
            ("map", [function, _, ..]) if all_plain && self.stays_the_same(&function.value) => {
                Some(Lazy::Map { function: &function.value, over: values().split_off(1) })
            }
            ("filter", [function, over])
                if all_plain
                    && (matches!(function.value.kind, ExprKind::Literal(Literal::None))
                        || self.stays_the_same(&function.value)) =>
            {
                Some(Lazy::Filter { function: &function.value, over: &over.value })
            }
            _ => None,
        }
    }

    /// Whether a function can be written where it is called instead of where it is named.
    fn stays_the_same(&self, function: &Expr) -> bool {
        match &function.kind {
            ExprKind::Lambda { parameters, body } => {
                !survey::has_await(body)
                    && parameters.positional.iter().chain(&parameters.keyword_only).all(|one| one.default.is_none())
            }
            _ => {
                self.is_module_path(function)
                    && match self.surroundings().callee(function, &[]) {
                        Callee::Router => true,
                        Callee::Handler { definition, .. } => definition.is_some_and(|one| !one.must_be_awaited()),
                        _ => false,
                    }
            }
        }
    }

    fn is_builtin(&self, name: &str) -> bool {
        !self.locals.contains(name) && self.around.scope.get(name).is_none()
    }

    /// The name of a member of `itertools`, however it is imported.
    fn of_itertools<'e>(&self, callee: &'e Expr) -> Option<&'e str>
    where
        'a: 'e,
    {
        let parts = callee.dotted()?;
        if self.locals.contains(parts[0]) {
            return None;
        }
        match (self.around.scope.get(parts[0]).map(|bound| bound.binding), parts.as_slice()) {
            (Some(Binding::Module("itertools")), [_, member]) => Some(member),
            (Some(Binding::Member { module: "itertools", member }), [name]) => (member == *name).then_some(*name),
            _ => None,
        }
    }

    /// An iterator that has no end would be listed for ever.
    fn endless_iterator(&mut self, iterable: &Expr) {
        let ExprKind::Call { callee, arguments } = &iterable.kind else { return };
        let is_endless = match self.of_itertools(callee) {
            Some("count" | "cycle") => true,
            Some("repeat") => arguments.len() == 1,
            _ => callee.is_name("iter") && arguments.len() == 2,
        };
        if is_endless {
            self.diagnostics.push(
                Diagnostic::error(iterable.span, "a loop over something without an end cannot call actors")
                    .code(codes::ENDLESS_ITERATOR)
                    .note("what a loop goes over travels with the message, so all of it has to be there")
                    .help("write it as a `while` loop"),
            );
        }
    }

    /// The head of a loop and the beginning of its round; answers where the body starts.
    fn go_round(&mut self, walk: &Walk, target: &Expr, label: Span, head: BlockId, otherwise: BlockId) -> BlockId {
        let index = &walk.index;
        let first = self.add();
        if walk.tests.is_empty() {
            self.goto(head, first);
        } else {
            let test = Step::made(Code::text(walk.tests.join(" and ")), label, walk.tested.clone());
            self.graph.blocks[head].end =
                End::Branch { test: Box::new(test), kind: BranchKind::Loop, then: first, orelse: otherwise };
        }
        let place = self.target_code(target);
        let of_target = self.effects().of_target(target);
        let of_target = self.put_right(of_target);
        let count = |lowering: &mut Self| {
            let effect = Effect::reading([index.as_str()]).writing(index);
            lowering.push(first, Step::made(Code::text(format!("{index} += 1")), label, effect));
        };
        let mut effect = walk.value.effect.clone();
        let Some((filter, of_filter)) = &walk.filter else {
            effect.then(&of_target);
            self.push(first, Step::made(place.then(" = ").and(walk.value.code.clone()), label, effect));
            count(self);
            return first;
        };
        let found = self.fresh.make("found");
        self.assign(&found, Value { code: walk.value.code.clone(), effect, is_settled: false }, label, first);
        count(self);
        let inside = self.add();
        let mut effect = Effect::reading([found.as_str()]);
        effect.then(of_filter);
        let code = match filter.pieces.is_empty() {
            true => Code::text(&found),
            false => filter.clone().then(format!("({found})")),
        };
        let test = Step::made(code, label, effect);
        self.graph.blocks[first].end =
            End::Branch { test: Box::new(test), kind: BranchKind::If, then: inside, orelse: head };
        let mut effect = Effect::reading([found.as_str()]);
        effect.then(&of_target);
        self.push(inside, Step::made(place.then(format!(" = {found}")), label, effect));
        inside
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
}

/// A whole number as it is written, perhaps with a sign.
fn whole_number(expr: &Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Literal(Literal::Int(value)) => *value,
        _ => None,
    }
}
