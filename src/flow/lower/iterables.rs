//! What a loop goes over: things with a length and an index, and what Python makes bit by bit.

use super::{Lowering, survey};
use crate::diagnostic::Diagnostic;
use crate::flow::callee::Callee;
use crate::flow::scope::Binding;
use crate::flow::{codes, objects};
use crate::syntax::tree::{Argument, ComprehensionKind, Expr, ExprKind, Literal, SequenceKind};

/// Something that makes its elements when they are asked for.
pub(super) enum Lazy<'e> {
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
pub(super) enum Listing<'e> {
    /// It is that already.
    AsItIs,
    /// The view of a mapping: which one.
    View { of: &'e Expr, kind: &'e str },
    /// Nobody knows before it runs.
    Unknown,
}

impl<'a> Lowering<'_, 'a> {
    pub(super) fn listing(&self, iterable: &'a Expr) -> Listing<'a> {
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
    pub(super) fn lazy(&self, iterable: &'a Expr) -> Option<Lazy<'a>> {
        let ExprKind::Call { callee, arguments } = &iterable.kind else { return None };
        let is_plain = |argument: &Argument| {
            argument.keyword.is_none()
                && !argument.is_double_starred
                && !matches!(argument.value.kind, ExprKind::Starred(_))
        };
        let values = || arguments.iter().map(|argument| &argument.value).collect::<Vec<_>>();
        let all_plain = arguments.iter().all(is_plain);
        if let Some(member) = self.of_itertools(callee) {
            return match (member.as_str(), values().as_slice()) {
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

    /// The name of a member of `itertools`, however it is imported.
    fn of_itertools(&self, callee: &Expr) -> Option<String> {
        let parts = callee.dotted()?;
        if self.locals.contains(parts[0]) {
            return None;
        }
        match (self.around.scope.get(parts[0]).map(|bound| bound.binding), parts.as_slice()) {
            (Some(Binding::Module("itertools")), [_, member]) => Some((*member).to_owned()),
            (Some(Binding::Member { module: "itertools", member }), [_]) => Some(member.to_owned()),
            _ => None,
        }
    }

    /// What to write for a loop over the attempts of a library that repeats things.
    pub(super) fn repeats(&self, iterable: &Expr) -> Option<&'static str> {
        let ExprKind::Call { callee, .. } = &iterable.kind else { return None };
        match objects::path_of(callee, self.around.scope)?.as_str() {
            "tenacity.AsyncRetrying" | "tenacity.Retrying" => Some("@tenacity.retry(stop=…)"),
            "stamina.retry_context" => Some("@stamina.retry(on=Exception, attempts=…)"),
            _ => None,
        }
    }

    /// What an iterator gives out that is not JSON, and what to go over instead.
    fn cannot_travel(&self, callee: &Expr) -> Option<(&'static str, &'static str)> {
        let is_matches = match &callee.kind {
            ExprKind::Attribute { attribute, .. } => attribute.name == "finditer",
            _ => objects::path_of(callee, self.around.scope).is_some_and(|path| path == "re.finditer"),
        };
        if is_matches {
            return Some((
                "matches of a pattern",
                "make a list of what you need of them first: `found = [match.group() for match in …]`",
            ));
        }
        (self.of_itertools(callee).as_deref() == Some("groupby")).then_some((
            "groups that are iterators",
            "make lists of them first: `groups = [(key, list(group)) for key, group in groupby(…)]`",
        ))
    }

    /// An iterator that has no end would be listed for ever.
    pub(super) fn endless_iterator(&mut self, iterable: &Expr) {
        let ExprKind::Call { callee, arguments } = &iterable.kind else { return };
        if let Some((elements, instead)) = self.cannot_travel(callee) {
            self.diagnostics.push(
                Diagnostic::error(iterable.span, format!("this loop with calls goes over {elements}"))
                    .code(codes::NOT_JSON)
                    .note("what a loop goes over travels with the message of each call, as JSON")
                    .help(instead),
            );
            return;
        }
        let is_endless = match self.of_itertools(callee).as_deref() {
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
}

/// A whole number as it is written, perhaps with a sign.
fn whole_number(expr: &Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Literal(Literal::Int(value)) => *value,
        _ => None,
    }
}
