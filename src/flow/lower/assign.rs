//! Assignments: of values, of results, and of objects that stand for actors.

use super::Lowering;
use super::call::count_awaits_in;
use super::expression::Value;
use super::parallel::whole_value;
use crate::diagnostic::Diagnostic;
use crate::flow::callee::{Callee as Called, ClassPath, Instance, construction_error};
use crate::flow::code::{Code, Effect};
use crate::flow::codes;
use crate::flow::graph::{BlockId, Step};
use crate::flow::refusal::{self, not_of_the_flow};
use crate::source::Span;
use crate::syntax::expressions;
use crate::syntax::tree::{Argument, Expr, ExprKind, Stmt, StmtKind};

impl<'a> Lowering<'_, 'a> {
    /// Whether a statement calls an actor by its own expressions, or makes an object that stands
    /// for actors.
    pub(super) fn suspends(&self, stmt: &Stmt) -> bool {
        if self.statement_awaits(stmt) {
            return true;
        }
        if self.collects_calls(stmt) {
            return false;
        }
        let value = match &stmt.kind {
            StmtKind::Assign { value, .. }
            | StmtKind::Expr(value)
            | StmtKind::AugAssign { value, .. }
            | StmtKind::AnnAssign { value: Some(value), .. }
            | StmtKind::Return(Some(value)) => value,
            StmtKind::With { items, .. } => {
                return items.iter().any(|(manager, _)| self.is_task_group(manager) || self.is_setting(manager));
            }
            _ => return false,
        };
        self.is_call_of_handler(value)
            || self.makes_object(value).is_some()
            || self.has_parallel_in(value, whole_value(stmt))
    }

    fn is_call_of_handler(&self, value: &Expr) -> bool {
        let ExprKind::Call { callee, arguments } = &value.kind else { return false };
        match self.surroundings().callee(callee, &[]) {
            Called::Handler { handler, .. } => {
                self.surroundings().is_project(&handler)
                    || crate::flow::callee::is_just_payload(arguments, self.payload)
            }
            Called::Helper(_) => true,
            _ => false,
        }
    }

    fn makes_object(&self, value: &Expr) -> Option<ClassPath<'a>> {
        let (call, _) = value.awaited();
        let ExprKind::Call { callee, .. } = &call.kind else { return None };
        self.surroundings().class(callee)
    }

    /// Every object that stands for actors, wherever it is made: for the survey.
    pub(super) fn find_instances(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            if let StmtKind::Assign { targets, value } = &stmt.kind
                && let [target] = targets.as_slice()
                && let Some(name) = target.as_name()
                && let Some(class) = self.makes_object(value)
            {
                self.instances.insert(name.to_owned(), Instance { class, span: target.span });
            }
            if !matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_)) {
                crate::syntax::blocks(stmt).into_iter().for_each(|block| self.find_instances(block));
            }
        }
    }

    pub(super) fn assignment(
        &mut self,
        stmt: &'a Stmt,
        targets: &'a [Expr],
        value: &'a Expr,
        current: BlockId,
    ) -> Option<BlockId> {
        let mut at = current;
        if let [target] = targets
            && let (call, _) = value.awaited()
            && let ExprKind::Call { arguments, .. } = &call.kind
            && let Some(class) = self.makes_object(value)
            && !target.is_name(self.payload)
        {
            self.instance(target, call, arguments, class);
            return Some(current);
        }
        if targets.iter().any(|target| target.is_name(self.payload)) {
            self.never_a_payload(value, "assignment");
        }
        if let Some(actor) = self.actor_call(value).filter(|_| !self.collects) {
            if let [target] = targets
                && target.is_name(self.payload)
                && self.is_payload_call(&actor)
            {
                self.payload_call(&actor, stmt.span, &mut at);
                return Some(at);
            }
            if let [target] = targets
                && let Some(name) = target.as_name()
            {
                let name = name.to_owned();
                self.not_an_object(&name, target.span);
                self.awaits_left = self.awaits_left.saturating_sub(usize::from(actor.is_awaited));
                self.one_call(&actor, stmt.span, Some(name), &mut at);
                return Some(at);
            }
            self.awaits_left = self.awaits_left.saturating_sub(usize::from(actor.is_awaited));
            let is_last = self.awaits_left == count_awaits_in(actor.call);
            let name = if is_last { None } else { Some(self.fresh.make("kept")) };
            self.one_call(&actor, stmt.span, name.clone(), &mut at);
            let value = match name {
                None => Value { code: self.answer(actor.call.span), effect: Default::default(), is_settled: true },
                Some(name) => Value::variable(&name),
            };
            self.assign_targets(stmt, targets, value, &mut at);
            return Some(at);
        }
        if !self.statement_awaits(stmt) && !self.has_parallel(value) {
            for target in targets {
                self.target(target);
            }
            return self.as_it_stands(stmt, &expressions(stmt), current);
        }
        let lowered = self.top_value(value, &mut at);
        self.assign_targets(stmt, targets, lowered, &mut at);
        Some(at)
    }

    /// `targets = value`, when something in the statement was awaited.
    fn assign_targets(&mut self, stmt: &'a Stmt, targets: &'a [Expr], value: Value, at: &mut BlockId) {
        let mut value = value;
        if targets.iter().any(|part| self.awaits(part)) && !value.is_settled {
            let name = self.fresh.make("kept");
            self.assign(&name, value, stmt.span, *at);
            value = Value::variable(&name);
        }
        let mut code = Code::default();
        let mut effect = value.effect.clone();
        for target in targets {
            self.target(target);
            let text = if self.awaits(target) {
                let place = self.awaited_target(target, at);
                effect.then(&place.effect);
                place.code
            } else {
                let of_target = self.effects().of_target(target);
                effect.then(&self.put_right(of_target));
                Code::of(target.span)
            };
            code = code.and(text).then(" = ");
        }
        let mut step = Step::made(code.and(value.code), stmt.span, effect);
        step.binds_object = self.object(stmt).map(Box::new);
        self.push(*at, step);
    }

    /// `del` with calls inside its targets.
    pub(super) fn delete(&mut self, stmt: &'a Stmt, targets: &'a [Expr], current: BlockId) -> BlockId {
        let mut at = current;
        for target in targets {
            let (code, effect) = if self.awaits(target) {
                let place = self.awaited_target(target, &mut at);
                (place.code, place.effect)
            } else {
                let mut names = std::collections::BTreeSet::new();
                crate::flow::effects::target_names(target, &mut names);
                let mut effect = self.effect(target);
                effect.then(&crate::flow::code::Effect::unbinding(names));
                (Code::of(target.span), effect)
            };
            self.push(at, Step::made(Code::text("del ").and(code), stmt.span, effect));
        }
        at
    }

    /// A target with calls inside: its parts are evaluated from left to right.
    fn awaited_target(&mut self, target: &'a Expr, at: &mut BlockId) -> Value {
        let ExprKind::Sequence { items, .. } = &target.kind else {
            let parts = crate::syntax::children(target);
            return self.compose(target.span, &parts, at);
        };
        let mut replacements = Vec::new();
        let mut effect = crate::flow::code::Effect::default();
        for item in items {
            if self.awaits(item) {
                self.diagnostics.push(
                    Diagnostic::error(
                        item.span,
                        "a call inside a target that is unpacked would come after the first parts are set",
                    )
                    .code(codes::TARGET)
                    .help("give the call a line of its own before this one: `at = await f(…)`"),
                );
            }
            let of_target = self.effects().of_target(item);
            effect.then(&self.put_right(of_target));
            replacements.push((item.span, Code::of(item.span)));
        }
        Value { code: Code::with(target.span, replacements), effect, is_settled: false }
    }

    pub(super) fn augmented(
        &mut self,
        stmt: &'a Stmt,
        target: &'a Expr,
        value: &'a Expr,
        current: BlockId,
    ) -> Option<BlockId> {
        self.target(target);
        let mut at = current;
        if !self.statement_awaits(stmt) && !self.is_call_of_handler(value) && !self.has_parallel(value) {
            return self.as_it_stands(stmt, &expressions(stmt), current);
        }
        let operator = self.operator(target, value);
        // Python reads the target before it evaluates the value.
        let (place, of_place) = match &target.kind {
            ExprKind::Name(_) => (Code::of(target.span), self.effect(target)),
            _ => {
                let mut kept = Vec::new();
                let mut effect = Effect::default();
                for part in crate::syntax::children(target) {
                    let mut value = self.value(part, &mut at);
                    if !value.is_settled {
                        value = self.keep(part, value, at);
                    }
                    effect.then(&value.effect);
                    kept.push((part.span, value.code));
                }
                (Code::with(target.span, kept), effect)
            }
        };
        let before = self.fresh.make("before");
        self.assign(
            &before,
            Value { code: place.clone(), effect: of_place.clone(), is_settled: false },
            target.span,
            at,
        );
        let lowered = match self.actor_call(value) {
            Some(actor) => {
                self.one_call(&actor, stmt.span, None, &mut at);
                Value { code: self.answer(actor.call.span), effect: Default::default(), is_settled: true }
            }
            None => self.top_value(value, &mut at),
        };
        let mut effect = Value::variable(&before).effect;
        effect.then(&lowered.effect);
        effect = effect.writing(&before);
        self.push(at, Step::made(Code::text(format!("{before} {operator} ")).and(lowered.code), stmt.span, effect));
        let mut effect = Value::variable(&before).effect;
        match &target.kind {
            ExprKind::Name(name) => effect = effect.writing(name),
            _ => effect.then(&of_place),
        }
        self.push(at, Step::made(place.then(format!(" = {before}")), stmt.span, effect));
        Some(at)
    }

    /// `+=` and its like, as written.
    fn operator(&self, target: &Expr, value: &Expr) -> String {
        let text = self.around.source.slice(Span::new(target.span.end, value.span.start));
        let end = text.find('=').map_or(text.len(), |at| at + 1);
        text[..end].trim_matches(|c: char| c.is_whitespace() || c == ')' || c == '\\').to_owned()
    }

    fn instance(&mut self, target: &Expr, call: &Expr, arguments: &[Argument], class: ClassPath<'a>) {
        let Some(name) = target.as_name() else {
            self.diagnostics.push(
                Diagnostic::error(target.span, "an object cannot be kept in the payload")
                    .code(codes::INSTANCE)
                    .note("the payload is JSON, and the object lives in the actors of its methods")
                    .help(format!("give it a variable of its own: `name = {}()`", class.name)),
            );
            return;
        };
        if !arguments.is_empty() {
            self.diagnostics.push(refusal::constructed_with_arguments(call.span, &class.name));
        }
        self.diagnostics.extend(construction_error(self.around.modules, &class, call.span));
        self.not_an_object(name, target.span);
        let before = self.instances.insert(name.to_owned(), Instance { class, span: target.span });
        self.made.push((name.to_owned(), before));
    }

    /// A name that stands for an object cannot become something else.
    fn not_an_object(&mut self, name: &str, place: Span) {
        if let Some(before) = self.instances.get(name) {
            self.diagnostics.push(
                Diagnostic::error(place, format!("`{name}` already stands for an object"))
                    .code(codes::INSTANCE)
                    .related(before.span, "made here")
                    .help("give the second value a name of its own"),
            );
        }
    }

    /// Checks the target of an assignment or `del`.
    pub(super) fn target(&mut self, target: &'a Expr) {
        match &target.kind {
            ExprKind::Name(name) => self.not_an_object(name, target.span),
            ExprKind::Sequence { items, .. } => items.iter().for_each(|item| self.target(item)),
            ExprKind::Starred(value) => self.target(value),
            ExprKind::Subscript { value, index } => {
                let is_own = target.root().as_name().is_none_or(|name| self.locals.contains(name));
                if is_own {
                    for part in [value, index] {
                        if !self.awaits(part) {
                            self.check(part);
                        }
                    }
                } else {
                    self.not_a_part(target);
                }
            }
            // A field of an object, or one that was refused with its reason.
            ExprKind::Attribute { value, .. }
                if self.typed.keys.contains(&target.span)
                    || self.diagnostics.iter().any(|known| target.span.contains(known.span)) =>
            {
                if !self.awaits(value) {
                    self.check(value);
                }
            }
            ExprKind::Attribute { attribute, .. } if target.root().is_name(self.payload) => {
                let (payload, name) = (self.payload, &attribute.name);
                self.diagnostics.push(
                    Diagnostic::error(target.span, "the payload is JSON and has no attributes")
                        .code(codes::TARGET)
                        .help(format!("write `{payload}[\"{name}\"]`")),
                );
            }
            _ => self.not_a_part(target),
        }
    }

    fn not_a_part(&mut self, target: &Expr) {
        self.diagnostics
            .push(not_of_the_flow(target.span).help("keep the value in a variable of the flow or in the payload"));
    }
}
