//! `try`: where errors go, and what has to happen on every way out.

use super::expression::Value;
use super::{Context, Lowering};
use crate::flow::code::{Code, Effect};
use crate::flow::effects::bound_names;
use crate::flow::graph::{BlockId, BranchKind, Catcher, End, Step};
use crate::flow::modules::{Found, ModuleRef};
use crate::flow::scope::{Binding, is_standard};
use crate::source::Span;
use crate::syntax::tree::{Expr, ExprKind, Handler, SequenceKind, Stmt};

/// How many values that are names of others are followed.
const MAX_VALUES: usize = 20;

/// A `finally` block that is entered from several places and goes on where `leaving` says.
pub(super) struct Finally {
    /// Where it starts.
    entry: BlockId,
    /// The variable that holds where to go on, and with what: `("return", value)`.
    leaving: String,
    /// The ways out that were taken so far.
    ways: Vec<Way>,
    span: Span,
}

/// A way out of a `try` with `finally`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    On,
    Return,
    Break,
    Continue,
    Raise,
}

impl Way {
    fn word(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Return => "return",
            Self::Break => "break",
            Self::Continue => "continue",
            Self::Raise => "raise",
        }
    }
}

impl<'a> Lowering<'_, 'a> {
    pub(super) fn try_statement(
        &mut self,
        stmt: &'a Stmt,
        body: &'a [Stmt],
        handlers: &'a [Handler],
        orelse: &'a [Stmt],
        finalbody: &'a [Stmt],
        current: BlockId,
    ) -> Option<BlockId> {
        let head = Span::new(stmt.span.start, stmt.span.start + 3);
        if finalbody.is_empty() {
            return self.try_except(head, body, handlers, orelse, current);
        }
        let outer = self.catcher;
        let entry = self.add();
        let caught = self.add();
        let leaving = self.fresh.make("leaving");
        self.contexts.push(Context::Finally(Finally { entry, leaving: leaving.clone(), ways: Vec::new(), span: head }));
        self.catcher = Some(Catcher { block: caught, span: head });
        let start = self.add();
        self.goto(current, start);
        let end = if handlers.is_empty() {
            self.block(body, Some(start))
        } else {
            self.try_except(head, body, handlers, orelse, start)
        };
        self.catcher = outer;
        let Some(Context::Finally(mut finally)) = self.contexts.pop() else { return None };
        let error = Value { code: Code::text(&self.around.names.error), effect: Effect::default(), is_settled: true };
        enter(self, &mut finally, Way::Raise, Some(error), caught);
        if let Some(end) = end {
            enter(self, &mut finally, Way::On, None, end);
        }
        let end = self.block(finalbody, Some(entry))?;
        self.after_finally(&finally, end)
    }

    /// Goes on where the way into the `finally` says.
    fn after_finally(&mut self, finally: &Finally, end: BlockId) -> Option<BlockId> {
        let mut at = end;
        let mut goes_on = None;
        for (number, way) in finally.ways.iter().enumerate() {
            let target = self.add();
            if number + 1 == finally.ways.len() {
                self.goto(at, target);
            } else {
                let next = self.add();
                let test = Step::made(
                    Code::text(format!("{}[0] == \"{}\"", finally.leaving, way.word())),
                    finally.span,
                    Effect::reading([finally.leaving.as_str()]),
                );
                self.goto_if(at, test, BranchKind::Finally, target, next);
                at = next;
            }
            match way {
                Way::On => goes_on = Some(target),
                Way::Raise => {
                    let code = Code::text(format!("raise {}[1]", finally.leaving));
                    let step = Step::made(code, finally.span, Effect::reading([finally.leaving.as_str()]));
                    self.push(target, step);
                    self.graph.blocks[target].end = End::Raise;
                }
                Way::Return => {
                    let code = Code::text(format!("{}[1]", finally.leaving));
                    let step = Step::made(code, finally.span, Effect::reading([finally.leaving.as_str()]));
                    self.leave_function(step, target);
                }
                Way::Break => self.leave_loop(true, target),
                Way::Continue => self.leave_loop(false, target),
            }
        }
        goes_on
    }

    fn try_except(
        &mut self,
        head: Span,
        body: &'a [Stmt],
        handlers: &'a [Handler],
        orelse: &'a [Stmt],
        current: BlockId,
    ) -> Option<BlockId> {
        let outer = self.catcher;
        let dispatch = self.add();
        self.catcher = Some(Catcher { block: dispatch, span: head });
        let start = self.add();
        self.goto(current, start);
        let mut end = self.block(body, Some(start));
        self.catcher = outer;
        if let Some(inside) = end {
            // What follows is outside, so it must not run where the error would be caught.
            let outside = self.add();
            self.goto(inside, outside);
            end = self.block(orelse, Some(outside));
        } else {
            let nowhere = self.add();
            self.block(orelse, Some(nowhere));
        }
        let mut ends: Vec<BlockId> = end.into_iter().collect();
        let caught = self.fresh.make("caught");
        let taken = Value { code: Code::text(&self.around.names.error), effect: Effect::default(), is_settled: true };
        self.assign(&caught, taken, head, dispatch);
        let mut at = dispatch;
        let mut is_complete = false;
        for handler in handlers {
            let inside = match &handler.exception {
                None => {
                    is_complete = true;
                    at
                }
                Some(exception) => {
                    let (then, orelse) = (self.add(), self.add());
                    let test = self.catches(&[exception], exception.span, &caught, &mut at);
                    self.goto_if(at, test, BranchKind::Except, then, orelse);
                    at = orelse;
                    then
                }
            };
            ends.extend(self.except_body(handler, &caught, inside));
        }
        if !is_complete {
            let step = Step::made(Code::text(format!("raise {caught}")), head, Effect::reading([caught.as_str()]));
            self.push(at, step);
            self.graph.blocks[at].end = End::Raise;
        }
        self.meet(&ends)
    }

    /// Whether a context manager is `contextlib.suppress(…)`.
    pub(super) fn is_suppress(&self, manager: &Expr) -> bool {
        let ExprKind::Call { callee, arguments } = &manager.kind else { return false };
        let is_plain = arguments
            .iter()
            .all(|argument| argument.keyword.is_none() && !matches!(argument.value.kind, ExprKind::Starred(_)));
        let Some(parts) = callee.dotted() else { return false };
        let found = self.around.scope.get(parts[0]).map(|bound| bound.binding);
        is_plain
            && matches!(
                (found, parts.as_slice()),
                (Some(Binding::Member { module: "contextlib", member: "suppress" }), [_])
                    | (Some(Binding::Module("contextlib")), [_, "suppress"])
            )
    }

    /// `with suppress(A, B):` is `try: … except (A, B): pass`.
    pub(super) fn suppress(
        &mut self,
        stmt: &'a Stmt,
        manager: &'a Expr,
        body: &'a [Stmt],
        current: BlockId,
    ) -> Option<BlockId> {
        let ExprKind::Call { arguments, .. } = &manager.kind else { return Some(current) };
        let head = Span::new(stmt.span.start, manager.span.end);
        let (outer, dispatch) = (self.catcher, self.add());
        self.catcher = Some(Catcher { block: dispatch, span: head });
        let start = self.add();
        self.goto(current, start);
        let end = self.block(body, Some(start));
        self.catcher = outer;
        let caught = self.fresh.make("caught");
        let taken = Value { code: Code::text(&self.around.names.error), effect: Effect::default(), is_settled: true };
        self.assign(&caught, taken, head, dispatch);
        let types: Vec<&'a Expr> = arguments.iter().map(|argument| &argument.value).collect();
        let mut at = dispatch;
        let test = self.catches(&types, manager.span, &caught, &mut at);
        let (fine, other) = (self.add(), self.add());
        self.goto_if(at, test, BranchKind::Except, fine, other);
        let step = Step::made(Code::text(format!("raise {caught}")), head, Effect::reading([caught.as_str()]));
        self.push(other, step);
        self.graph.blocks[other].end = End::Raise;
        let after = self.add();
        self.goto(fine, after);
        if let Some(end) = end {
            self.goto(end, after);
        }
        Some(after)
    }

    fn except_body(&mut self, handler: &'a Handler, caught: &str, start: BlockId) -> Option<BlockId> {
        let name = handler.name.as_ref().map(|name| name.name.clone());
        let name = name.filter(|name| !bound_names(&handler.body).contains(name));
        self.contexts.push(Context::Except { caught: caught.to_owned(), name });
        if let Some(name) = &handler.name {
            let value = Value::variable(caught);
            self.assign(&name.name, value, handler.span, start);
        }
        let end = self.block(&handler.body, Some(start));
        self.contexts.pop();
        if let (Some(end), Some(name)) = (end, &handler.name) {
            // Python forgets the name at the end of the clause.
            let gone = Effect::unbinding([name.name.clone()]);
            let mut step = Step::made(Code::text(format!("del {}", name.name)), handler.span, gone);
            step.only_for = Some(name.name.as_str().into());
            self.push(end, step);
        }
        end
    }

    /// The condition under which an `except` clause catches.
    fn catches(&mut self, types: &[&'a Expr], span: Span, caught: &str, at: &mut BlockId) -> Step {
        let mut by_name = Vec::new();
        let mut native = Vec::new();
        types.iter().for_each(|exception| self.exception_types(exception, &mut native, &mut by_name));
        let is_a = &self.around.names.is_a;
        let foreign: Vec<String> = by_name.iter().map(|name| format!("{is_a}({caught}, \"{name}\")")).collect();
        let isinstance = self.builtin("isinstance");
        let mut code = Code::default();
        let mut effect = Effect::reading([caught]);
        match native.as_slice() {
            [] => {}
            [only] => {
                let value = self.value(only, at);
                effect.then(&value.effect);
                code = code.then(format!("{isinstance}({caught}, ")).and(value.code).then(")");
            }
            all => {
                code = code.then(format!("{isinstance}({caught}, ("));
                for (number, one) in all.iter().enumerate() {
                    let value = self.value(one, at);
                    effect.then(&value.effect);
                    code = code.then(if number > 0 { ", " } else { "" }).and(value.code);
                }
                code = code.then("))");
            }
        }
        if !foreign.is_empty() {
            let or = if native.is_empty() { "" } else { " or " };
            code = code.then(format!("{or}{}", foreign.join(" or ")));
        }
        if native.is_empty() && foreign.is_empty() {
            code = Code::text("False");
        }
        Step::made(code, span, effect)
    }

    /// Sorts the types of an `except` clause into those the router has itself and those it knows
    /// by name alone: `package.Class`.
    fn exception_types<'e>(&self, exception: &'e Expr, native: &mut Vec<&'e Expr>, by_name: &mut Vec<String>)
    where
        'a: 'e,
    {
        if let ExprKind::Sequence { kind: SequenceKind::Tuple, items } = &exception.kind {
            items.iter().for_each(|item| self.exception_types(item, native, by_name));
            return;
        }
        let Some(parts) = exception.dotted() else {
            native.push(exception);
            return;
        };
        if self.locals.contains(parts[0]) {
            native.push(exception);
            return;
        }
        if let Some(Found::Value { module, value, .. }) = self.around.modules.resolve(self.around.home, &parts)
            && module.name() != self.around.home.name()
        {
            match self.classes_of(module, value, 0) {
                Some(names) => by_name.extend(names),
                None => native.push(exception),
            }
            return;
        }
        let rest = parts[1..].iter().map(|part| format!(".{part}")).collect::<String>();
        match self.around.scope.get(parts[0]).map(|bound| bound.binding) {
            Some(Binding::Module(module) | Binding::Member { module, .. }) if is_standard(module) => {
                native.push(exception);
            }
            Some(Binding::Module(module)) => by_name.push(self.runtime_name(&parts, format!("{module}{rest}"))),
            Some(Binding::Member { module, member }) => {
                by_name.push(self.runtime_name(&parts, format!("{module}.{member}{rest}")));
            }
            Some(Binding::Class(class)) => {
                let own = self.around.home.name();
                by_name.push(format!("{own}.{}{rest}", class.name.name));
            }
            Some(Binding::Constant(_)) => match self.around.scope.constant(parts[0]) {
                Some(value) if parts.len() == 1 => self.exception_types(value, native, by_name),
                _ => native.push(exception),
            },
            _ => native.push(exception),
        }
    }

    /// The names of the classes in a value of another module, such as a tuple of them; `None` when it is
    /// something else.
    fn classes_of(&self, module: ModuleRef<'_>, value: &Expr, depth: usize) -> Option<Vec<String>> {
        if let ExprKind::Sequence { kind: SequenceKind::Tuple, items } = &value.kind {
            let each: Option<Vec<_>> = items.iter().map(|item| self.classes_of(module, item, depth)).collect();
            return each.map(|each| each.concat());
        }
        let (parts, modules) = (value.dotted()?, self.around.modules);
        if let Some(chain) = modules.resolve_class(module, &parts) {
            return Some(vec![chain.links.first()?.runtime_name()]);
        }
        if modules.is_of_standard_library(module, &parts) {
            return None;
        }
        match modules.resolve(module, &parts)? {
            Found::Value { module, value, .. } if depth < MAX_VALUES => self.classes_of(module, value, depth + 1),
            Found::Unknown { module, path } => Some(vec![format!("{module}.{}", path.join("."))]),
            _ => None,
        }
    }

    /// What the platform calls a class: by the module that defines it.
    fn runtime_name(&self, parts: &[&str], imported_as: String) -> String {
        let chain = self.around.modules.resolve_class(self.around.home, parts);
        chain
            .and_then(|chain| chain.links.first().map(crate::flow::modules::ClassLink::runtime_name))
            .unwrap_or(imported_as)
    }

    /// Leaves the function with a value, through every `finally` around.
    pub(super) fn leave_function(&mut self, value: Step, at: BlockId) {
        let Some(place) = self.contexts.iter().rposition(|context| matches!(context, Context::Finally(_))) else {
            self.graph.blocks[at].end = End::Return(Box::new(value));
            return;
        };
        let inner = self.contexts.split_off(place + 1);
        if let Some(Context::Finally(mut finally)) = self.contexts.pop() {
            let value = Value { code: value.code, effect: value.effect, is_settled: false };
            enter(self, &mut finally, Way::Return, Some(value), at);
            self.contexts.push(Context::Finally(finally));
        }
        self.contexts.extend(inner);
    }

    /// Leaves the innermost loop (`break`) or starts its next round, through every `finally` in it.
    pub(super) fn leave_loop(&mut self, is_break: bool, at: BlockId) {
        let place =
            self.contexts.iter().rposition(|context| matches!(context, Context::Finally(_) | Context::Loop { .. }));
        let Some(place) = place else { return };
        let inner = self.contexts.split_off(place + 1);
        match self.contexts.pop() {
            Some(Context::Loop { head, after, is_left }) => {
                self.goto(at, if is_break { after } else { head });
                self.contexts.push(Context::Loop { head, after, is_left: is_left || is_break });
            }
            Some(Context::Finally(mut finally)) => {
                enter(self, &mut finally, if is_break { Way::Break } else { Way::Continue }, None, at);
                self.contexts.push(Context::Finally(finally));
            }
            other => self.contexts.extend(other),
        }
        self.contexts.extend(inner);
    }
}

/// Enters a `finally` and notes where to go on, and with what.
fn enter(lowering: &mut Lowering<'_, '_>, finally: &mut Finally, way: Way, with: Option<Value>, at: BlockId) {
    if !finally.ways.contains(&way) {
        finally.ways.push(way);
    }
    let (code, effect) = match with {
        None => (Code::text(format!("(\"{}\",)", way.word())), Effect::default()),
        Some(value) => (Code::text(format!("(\"{}\", ", way.word())).and(value.code).then(")"), value.effect),
    };
    let leaving = finally.leaving.clone();
    lowering.assign(&leaving, Value { code, effect, is_settled: false }, finally.span, at);
    lowering.goto(at, finally.entry);
}
