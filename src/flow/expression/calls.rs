//! Calls in expressions: those that run in the router, those that wait, and those that can do neither.

use super::ExpressionCheck;
use crate::diagnostic::Diagnostic;
use crate::flow::actor_call::await_of_sync;
use crate::flow::callee::Callee;
use crate::flow::code::{Code, Piece};
use crate::flow::lower::is_asyncio;
use crate::flow::rules::Behaviour;
use crate::flow::scope::Binding;
use crate::flow::types::MethodCall;
use crate::flow::{codes, helpers, refusal};
use crate::source::Span;
use crate::syntax::tree::{Argument, Expr, ExprKind};

impl<'a> ExpressionCheck<'_, 'a, '_> {
    /// A call without `await`.
    pub(super) fn call(&mut self, expr: &Expr, callee: &Expr, arguments: &[Argument], bound: &mut Vec<String>) {
        if self.method(expr, callee, arguments, bound) || self.around.home.rules().is_broken(expr.span) {
            return;
        }
        if self.task(callee, arguments, bound) {
            return;
        }
        let is_of_asyncio = |name| is_asyncio(self.around.scope, callee, name);
        if is_of_asyncio("create_task") || is_of_asyncio("ensure_future") {
            if self.gathered_task(expr, arguments, bound) {
                return;
            }
            self.diagnostics.push(refusal::detached(expr.span));
            return;
        }
        if is_of_asyncio("gather") {
            self.diagnostics.push(refusal::not_awaited(expr.span));
            return;
        }
        let is_branch = self.waits && self.handed_over.contains(&expr.span);
        if is_branch && ["sleep", "to_thread", "shield", "wait", "wait_for"].into_iter().any(is_of_asyncio) {
            self.diagnostics.push(refusal::no_branch(expr.span, callee));
            return;
        }
        if self.mapped(callee, arguments, bound) || self.part_or_actor(expr, callee, arguments, bound) {
            return;
        }
        if let ExprKind::Attribute { value, .. } = &callee.kind
            && let Some(name) = value.as_name()
            && !bound.iter().any(|known| known == name)
            && !self.around.locals.contains(name)
        {
            self.diagnostics.extend(refusal::changes_module(callee, self.around.scope.constant(name)));
        }
        if self.forgotten_await(expr, callee, bound) {
            return;
        }
        // What this call is was decided; elsewhere its name may stand for a part of the flow.
        let outer = self.decided_callee.replace(callee.span);
        self.visit(callee, bound);
        self.decided_callee = outer;
        self.visit_arguments(arguments, bound);
    }

    /// `group.create_task(…)` of a task group in sight; answers whether it is that.
    fn task(&mut self, callee: &Expr, arguments: &[Argument], bound: &mut Vec<String>) -> bool {
        let path = callee.dotted();
        let Some([group, "create_task"]) = path.as_deref() else { return false };
        if !self.groups.contains_key(*group) {
            return false;
        }
        let text = format!("{}({group})", self.names.task);
        self.replacements.push((callee.span, Code::text(text)));
        let waits = std::mem::replace(&mut self.waits, true);
        self.handed_over.extend(arguments.first().map(|argument| argument.value.span));
        self.visit_arguments(arguments, bound);
        self.waits = waits;
        true
    }

    /// `asyncio.create_task(f(x))` that is gathered: what is left is the call, which waits as well.
    fn gathered_task(&mut self, expr: &Expr, arguments: &[Argument], bound: &mut Vec<String>) -> bool {
        let Some(call) = arguments.first().map(|argument| &argument.value) else { return false };
        if !self.waits || !self.tasks.contains(&expr.span) || !matches!(call.kind, ExprKind::Call { .. }) {
            return false;
        }
        self.replacements.push((Span::new(expr.span.start, call.span.start), Code::default()));
        self.replacements.push((Span::new(call.span.end, expr.span.end), Code::default()));
        self.handed_over.push(call.span);
        self.visit(call, bound);
        true
    }

    /// A call that does not run in the router: it waits here, or it is refused. Answers whether it is one.
    fn part_or_actor(&mut self, expr: &Expr, callee: &Expr, arguments: &[Argument], bound: &mut Vec<String>) -> bool {
        let is_branch = self.branch.is_some_and(|branch| std::ptr::eq(branch.awaited().0, expr));
        let is_awaited = self.handed_over.contains(&expr.span);
        match self.around.callee(callee, bound) {
            Callee::Helper(definition) if self.waits => {
                let key = helpers::key(self.flow_module, &definition);
                self.helpers.push((definition, callee.span, expr.span));
                self.wait_for(callee, Piece::Helper(key), arguments, bound);
            }
            // What is not `async` runs at once, unless somebody awaits it all the same.
            Callee::Handler { handler, definition, .. }
                if is_branch
                    || (self.waits && (is_awaited || !definition.is_some_and(|one| one.cannot_be_awaited()))) =>
            {
                if let Some(definition) = definition.filter(|one| is_awaited && one.cannot_be_awaited()) {
                    self.diagnostics.push(await_of_sync(expr.span, &handler.function, definition));
                }
                self.actors.push((handler.clone(), callee.span, expr.span));
                self.wait_for(callee, Piece::Actor(Box::new(handler)), arguments, bound);
            }
            Callee::Helper(definition) => {
                let name = &definition.function.name.name;
                self.diagnostics.push(match self.in_lambda {
                    true => refusal::called_in_lambda(expr.span, name),
                    false => refusal::cannot_wait(expr.span),
                });
            }
            Callee::Handler { is_explicit: true, .. } => self.diagnostics.push(refusal::cannot_wait(expr.span)),
            Callee::Router => return self.cannot_follow(expr.span, callee.span),
            _ => return false,
        }
        true
    }

    /// Refuses a call of an `async def` that nobody waits for; answers whether it is one.
    fn forgotten_await(&mut self, expr: &Expr, callee: &Expr, bound: &[String]) -> bool {
        let Callee::Handler { handler, definition, .. } = self.around.callee(callee, bound) else { return false };
        if !definition.is_some_and(|definition| definition.must_be_awaited()) {
            return false;
        }
        let name = &handler.function;
        self.diagnostics.push(match self.in_lambda {
            true => refusal::called_in_lambda(expr.span, name),
            false => Diagnostic::error(expr.span, format!("`{name}` is `async` and must be awaited"))
                .code(codes::FORGOTTEN_AWAIT)
                .help(format!("write `await {name}(…)`, or hand the call to `asyncio.gather`")),
        });
        true
    }

    fn visit_arguments(&mut self, arguments: &[Argument], bound: &mut Vec<String>) {
        arguments.iter().for_each(|argument| self.visit(&argument.value, bound));
    }

    /// A method that a function stands for: `value.method(a)` becomes `function(value, a)`.
    fn method(&mut self, expr: &Expr, callee: &Expr, arguments: &[Argument], bound: &mut Vec<String>) -> bool {
        let methods = self.methods;
        let Some(MethodCall { function, between, has_arguments }) = methods.get(&expr.span) else { return false };
        let before = std::mem::take(&mut self.replacements);
        self.visit(callee, bound);
        let head = std::mem::take(&mut self.replacements);
        if *has_arguments {
            self.visit_arguments(arguments, bound);
        }
        let tail = std::mem::replace(&mut self.replacements, before);
        let code = Code::text(format!("{function}("))
            .and(Code::with(Span::new(expr.span.start, between.start), head))
            .then(if *has_arguments { ", " } else { "" })
            .and(Code::with(Span::new(between.end, expr.span.end), tail));
        self.replacements.push((expr.span, code));
        true
    }

    /// Makes a call wait; what its arguments call does not.
    fn wait_for(&mut self, callee: &Expr, piece: Piece, arguments: &[Argument], bound: &mut Vec<String>) {
        self.replacements.push((callee.span, Code { pieces: vec![piece] }));
        let waits = std::mem::replace(&mut self.waits, false);
        self.visit_arguments(arguments, bound);
        self.waits = waits;
    }

    /// `map(f, xs)` where calls wait: `f` stands for calls of an actor.
    fn mapped(&mut self, callee: &Expr, arguments: &[Argument], bound: &mut Vec<String>) -> bool {
        let Some((first, rest)) = arguments.split_first() else { return false };
        if !self.waits || !callee.is_name("map") || first.keyword.is_some() {
            return false;
        }
        let code = match self.around.callee(&first.value, bound) {
            Callee::Handler { handler, .. } => {
                self.actors.push((handler.clone(), first.value.span, first.value.span));
                Code { pieces: vec![Piece::Actor(Box::new(handler))] }
            }
            Callee::Helper(definition) => {
                let key = helpers::key(self.flow_module, &definition);
                self.helpers.push((definition, first.value.span, first.value.span));
                Code { pieces: vec![Piece::Helper(key)] }
            }
            _ => return false,
        };
        self.replacements.push((first.value.span, code));
        self.visit_arguments(rest, bound);
        true
    }

    /// Refuses a call that runs in the router, whatever somebody says.
    fn cannot_follow(&mut self, call: Span, callee: Span) -> bool {
        let Some(decision) = self.around.home.rules().explicit(callee) else { return false };
        if decision.behaviour == Behaviour::Inline {
            return false;
        }
        let word = decision.behaviour.word();
        let diagnostic = Diagnostic::error(call, format!("this call cannot be treated as `{word}`"))
            .code(codes::TREATMENT)
            .note("it calls no function of the project or of a package")
            .help("call a function of your own that does it");
        self.diagnostics.push(match decision.place {
            Some(place) => diagnostic.related(place, format!("`{word}` is said here")),
            None => diagnostic,
        });
        true
    }

    /// The class of the project that `expr` makes an object of with arguments.
    fn class_made_with_arguments(&self, expr: &Expr, bound: &[String]) -> Option<String> {
        let ExprKind::Call { callee, arguments } = &expr.kind else { return None };
        match self.around.callee(callee, bound) {
            Callee::Class { handler } if !arguments.is_empty() => Some(handler.name.clone()),
            _ => None,
        }
    }

    pub(super) fn awaited(&mut self, expr: &Expr, value: &Expr, bound: &mut Vec<String>) {
        let ExprKind::Call { callee, .. } = &value.kind else {
            self.diagnostics.extend(refusal::stored(expr.span, value, self.diagnostics));
            return;
        };
        if is_asyncio(self.around.scope, callee, "sleep") {
            let place = Span::new(expr.span.start, callee.span.end);
            self.replacements.push((place, Code::text(&self.names.sleep)));
            if let ExprKind::Call { arguments, .. } = &value.kind {
                self.visit_arguments(arguments, bound);
            }
            return;
        }
        match self.around.callee(callee, bound) {
            Callee::Inline(place) => {
                let name = callee.dotted().unwrap_or_default().join(".");
                let diagnostic = Diagnostic::error(value.span, "a call in the router cannot be awaited")
                    .code(codes::TREATMENT)
                    .note("what runs in the router is a plain `def`, and its source is in the project")
                    .help(format!("call `{name}` without `await`, or let it be an actor"));
                self.diagnostics.push(match place {
                    Some(place) => diagnostic.related(place, "`inline` is said here"),
                    None => diagnostic,
                });
            }
            Callee::Router if callee.as_name().is_some_and(|name| self.around.locals.contains(name)) => {
                let name = callee.as_name().unwrap_or_default();
                let is_hidden = self.around.scope.get(name).is_some() || self.around.modules.star_with(name).is_some();
                self.diagnostics.push(match is_hidden {
                    true => refusal::hidden_by_variable(callee, name),
                    false => refusal::called_by_variable(callee),
                });
            }
            Callee::Router => {
                let diagnostic = match &callee.kind {
                    ExprKind::Attribute { value, .. }
                        if let Some(class) = self.class_made_with_arguments(value, bound) =>
                    {
                        refusal::constructed_with_arguments(value.span, &class)
                    }
                    _ => refusal::not_an_actor(expr.span, callee),
                };
                self.diagnostics.push(diagnostic);
            }
            Callee::Unclear
                if let Some(path) = callee.dotted()
                    && let Some(found) = self.around.scope.get(path[0])
                    && matches!(found.binding, Binding::Unclear) =>
            {
                self.diagnostics.push(refusal::called_by_uncertain_name(callee, path[0], found.span));
            }
            Callee::Undefined | Callee::Unclear => self.visit(value, bound),
            _ => self.diagnostics.push(refusal::cannot_wait(expr.span)),
        }
    }
}
