//! The heads of loops with calls: what they go over gets a length and an index, because both have to travel
//! with the message. What Python makes bit by bit is made bit by bit here, too.

use std::collections::BTreeMap;

use super::expression::Value;
use super::iterables::{Lazy, Listing};
use super::{Lowering, survey};
use crate::flow::code::{Code, Effect};
use crate::flow::graph::{BlockId, BranchKind, Step};
use crate::source::Span;
use crate::syntax::tree::{Clause, ComprehensionKind, Expr, ExprKind, Literal};

/// The blocks of a loop.
pub(super) struct LoopHead {
    /// Starts the next round.
    pub(super) again: BlockId,
    /// The body of a round.
    pub(super) inside: BlockId,
    /// Only a `break` leaves it.
    pub(super) is_endless: bool,
}

/// What a loop carries along, and the texts that use it.
struct Traversal {
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

impl Traversal {
    /// Goes over something with `index`; the test and the element read the variables `reads`, too.
    fn new(index: &str, test: Option<String>, reads: &[&str], element: String) -> Self {
        let effect = Effect::reading(reads.iter().copied().chain([index]));
        Self {
            index: index.to_owned(),
            tests: test.into_iter().collect(),
            tested: effect.clone(),
            value: Value { code: Code::text(element), effect, is_settled: false },
            filter: None,
        }
    }
}

impl<'a> Lowering<'_, 'a> {
    /// Starts going over `iterable`, and goes to `otherwise` when nothing is left.
    pub(super) fn loop_head(
        &mut self,
        target: &'a Expr,
        iterable: &'a Expr,
        label: Span,
        otherwise: BlockId,
        at: &mut BlockId,
    ) -> LoopHead {
        if let ExprKind::Comprehension { kind: ComprehensionKind::Generator, elements, clauses } = &iterable.kind
            && !survey::has_await(iterable)
            && clauses.iter().all(|clause| !clause.is_async)
        {
            return self.generator_head(target, elements, clauses, label, otherwise, at);
        }
        let traversal = self.traversal(target, iterable, label, at);
        let head = self.add();
        self.goto(*at, head);
        let inside = self.begin_round(&traversal, target, label, head, otherwise);
        LoopHead { again: head, inside, is_endless: traversal.tests.is_empty() }
    }

    /// A generator expression that a loop goes over becomes loops of its own.
    fn generator_head(
        &mut self,
        target: &'a Expr,
        elements: &'a [Expr],
        clauses: &'a [Clause],
        label: Span,
        otherwise: BlockId,
        at: &mut BlockId,
    ) -> LoopHead {
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
        LoopHead { again: next, inside: *at, is_endless: false }
    }

    /// Evaluates what a clause of a comprehension goes over, with the names around it, and starts
    /// going over it with those of the clause; answers the body of a round.
    pub(super) fn clause_head(
        &mut self,
        clause: &'a Clause,
        label: Span,
        names: BTreeMap<String, String>,
        blocks: (BlockId, BlockId),
        at: &mut BlockId,
    ) -> BlockId {
        let (head, after) = blocks;
        let traversal = self.traversal(&clause.target, &clause.iterable, label, at);
        self.goto(*at, head);
        self.renamed = names;
        self.begin_round(&traversal, &clause.target, label, head, after)
    }

    fn traversal(&mut self, target: &'a Expr, iterable: &'a Expr, label: Span, at: &mut BlockId) -> Traversal {
        let name = target.as_name().unwrap_or("row").trim_start_matches('_');
        let name = if name.is_empty() { "item" } else { name };
        let index = self.fresh.make(&format!("{name}_index"));
        let traversal = match self.lazy(iterable) {
            Some(Lazy::Filter { function, over }) => {
                let inner = self.part(name, &index, over, label, at);
                let filter = match &function.kind {
                    ExprKind::Literal(Literal::None) => (Code::default(), Effect::default()),
                    _ => self.function(function),
                };
                Traversal { filter: Some(filter), ..inner }
            }
            _ => self.part(name, &index, iterable, label, at),
        };
        let zero = Value { code: Code::text("0"), effect: Effect::default(), is_settled: true };
        self.assign(&index, zero, label, *at);
        traversal
    }

    /// Evaluates something that is gone over with `index`.
    fn part(&mut self, name: &str, index: &str, iterable: &'a Expr, label: Span, at: &mut BlockId) -> Traversal {
        let wanted = format!("{name}_items");
        match self.lazy(iterable) {
            Some(Lazy::Enumerate { over, start }) => {
                let inner = self.part(name, index, over, label, at);
                self.numbered(inner, name, start, label, at)
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
            Some(Lazy::Reversed(over)) => self.backwards(name, index, over, label, at),
            Some(Lazy::Cycle(over)) => {
                let len = self.builtin("len");
                let items = self.list(&wanted, over, label, at);
                let element = format!("{items}[{index} % {len}({items})]");
                Traversal::new(index, Some(items.clone()), &[&items], element)
            }
            Some(Lazy::Count { start, step }) => {
                let number = match (start, step) {
                    (0, 1) => index.to_owned(),
                    (start, 1) => format!("{start} + {index}"),
                    (start, step) => format!("{start} + {step} * {index}"),
                };
                Traversal::new(index, None, &[], number)
            }
            Some(Lazy::Repeat(over)) => {
                let value = self.top_value(over, at);
                let kept = self.fresh.make(name);
                self.assign(&kept, value, label, *at);
                let mut traversal = Traversal::new(index, None, &[], kept.clone());
                traversal.value.effect.reads.insert(kept);
                traversal
            }
            Some(Lazy::Filter { .. }) | None => {
                let len = self.builtin("len");
                self.endless_iterator(iterable);
                let items = self.list(&wanted, iterable, label, at);
                let test = format!("{index} < {len}({items})");
                Traversal::new(index, Some(test), &[&items], format!("{items}[{index}]"))
            }
        }
    }

    /// `enumerate(…, start)`: the elements of `inner` with their numbers.
    fn numbered(
        &mut self,
        mut inner: Traversal,
        name: &str,
        start: Option<&'a Expr>,
        label: Span,
        at: &mut BlockId,
    ) -> Traversal {
        let index = inner.index.clone();
        let number = match start {
            None => index,
            Some(start) => {
                let value = self.top_value(start, at);
                let start = self.fresh.make(&format!("{name}_start"));
                self.assign(&start, value, label, *at);
                inner.value.effect.reads.insert(start.clone());
                format!("{start} + {index}")
            }
        };
        inner.value.code = Code::text(format!("({number}, ")).and(inner.value.code).then(")");
        inner
    }

    /// `reversed(…)`.
    fn backwards(&mut self, name: &str, index: &str, over: &'a Expr, label: Span, at: &mut BlockId) -> Traversal {
        let len = self.builtin("len");
        let items = self.fresh.make(&format!("{name}_items"));
        let value = self.top_value(over, at);
        let check = format!(", check={})", self.builtin("reversed"));
        let code = Code::text(format!("{}(", self.items())).and(value.code).then(check);
        self.assign(&items, Value { code, ..value }, label, *at);
        let last = self.fresh.make(&format!("{name}_last"));
        let effect = Effect::reading([items.as_str()]);
        let value = Value { code: Code::text(format!("{len}({items}) - 1")), effect, is_settled: false };
        self.assign(&last, value, label, *at);
        let test = format!("0 <= {last} - {index} < {len}({items})");
        Traversal::new(index, Some(test), &[&items, &last], format!("{items}[{last} - {index}]"))
    }

    /// Several things that are gone over side by side: the elements with commas between them.
    fn parts(&mut self, name: &str, index: &str, all: Vec<&'a Expr>, label: Span, at: &mut BlockId) -> Traversal {
        let mut whole: Option<Traversal> = None;
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
        whole.unwrap_or_else(|| Traversal {
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
                let value = self.value(iterable, at);
                let code = self.as_argument(iterable, value.code);
                Value { code: Code::text(format!("{make}(")).and(code).then(")"), ..value }
            }
        };
        self.assign(&items, value, label, *at);
        items
    }

    /// The head of a loop and the beginning of its round; answers where the body starts.
    fn begin_round(
        &mut self,
        traversal: &Traversal,
        target: &Expr,
        label: Span,
        head: BlockId,
        otherwise: BlockId,
    ) -> BlockId {
        let index = &traversal.index;
        let first = self.add();
        if traversal.tests.is_empty() {
            self.goto(head, first);
        } else {
            let test = Step::made(Code::text(traversal.tests.join(" and ")), label, traversal.tested.clone());
            self.goto_if(head, test, BranchKind::Loop, first, otherwise);
        }
        let place = self.target_code(target);
        let of_target = self.effects().of_target(target);
        let of_target = self.put_right(of_target);
        let count = |lowering: &mut Self| {
            let effect = Effect::reading([index.as_str()]).writing(index);
            lowering.push(first, Step::made(Code::text(format!("{index} += 1")), label, effect));
        };
        let mut effect = traversal.value.effect.clone();
        let Some((filter, of_filter)) = &traversal.filter else {
            effect.then(&of_target);
            self.push(first, Step::made(place.then(" = ").and(traversal.value.code.clone()), label, effect));
            count(self);
            return first;
        };
        let found = self.fresh.make("found");
        self.assign(&found, Value { code: traversal.value.code.clone(), effect, is_settled: false }, label, first);
        count(self);
        let inside = self.add();
        let mut effect = Effect::reading([found.as_str()]);
        effect.then(of_filter);
        let code = match filter.pieces.is_empty() {
            true => Code::text(&found),
            false => filter.clone().then(format!("({found})")),
        };
        let test = Step::made(code, label, effect);
        self.goto_if(first, test, BranchKind::If, inside, head);
        let mut effect = Effect::reading([found.as_str()]);
        effect.then(&of_target);
        self.push(inside, Step::made(place.then(format!(" = {found}")), label, effect));
        inside
    }

    /// The text of a loop's target, with the names of opened comprehensions put right.
    fn target_code(&self, target: &Expr) -> Code {
        let mut replacements = Vec::new();
        crate::syntax::walk(target, &mut |expr| {
            if let Some(name) = expr.as_name()
                && let Some(right) = self.renamed.get(name)
            {
                replacements.push((expr.span, Code::text(right)));
            }
            true
        });
        Code::with(target.span, replacements)
    }
}
