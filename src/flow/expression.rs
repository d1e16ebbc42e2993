//! Expressions that run in the router: what they may use.

use std::collections::BTreeMap;

use super::actor_call::composition;
use super::callee::{Callee, Surroundings};
use super::codes;
use super::python;
use super::rules::Behaviour;
use super::scope::{Binding, Scope};
use crate::diagnostic::Diagnostic;
use crate::names::near_matches;
use crate::source::Span;
use crate::syntax::tree::{Clause, Expr, ExprKind, SequenceKind};
use crate::syntax::{children, walk};

/// Module names used by router code, with the place of their first use.
pub(super) type Uses = BTreeMap<String, Span>;

/// Checks expressions one after the other, collecting problems and the module names they use.
pub(super) struct ExpressionCheck<'c, 'a, 's> {
    /// What is known here.
    pub(super) around: &'c Surroundings<'a, 's>,
    /// Problems found.
    pub(super) diagnostics: &'c mut Vec<Diagnostic>,
    /// Module names used.
    pub(super) uses: &'c mut Uses,
}

impl ExpressionCheck<'_, '_, '_> {
    /// Checks one expression of the flow.
    pub(super) fn check(&mut self, expr: &Expr) {
        self.visit(expr, &mut Vec::new());
    }

    fn visit(&mut self, expr: &Expr, bound: &mut Vec<String>) {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, expr.span, bound),
            ExprKind::Await(value) => self.awaited(expr, value, bound),
            ExprKind::Call { callee, .. } if self.is_refused(expr, callee, false, bound) => {}
            ExprKind::Named { target, .. } => {
                let name = target.as_name().unwrap_or_default();
                self.diagnostics.push(local_variable(name, target.span, self.around.payload));
            }
            ExprKind::Yield(_) => self.diagnostics.push(
                Diagnostic::error(expr.span, "a flow cannot `yield`")
                    .code(codes::YIELD)
                    .note("a flow is one function from payload to payload; streaming belongs into an actor"),
            ),
            ExprKind::Lambda { parameters, body } => {
                for parameter in parameters.positional.iter().chain(&parameters.keyword_only) {
                    if let Some(default) = &parameter.default {
                        self.visit(default, bound);
                    }
                }
                let names = parameters.positional.iter().chain(&parameters.keyword_only).map(|one| &one.name);
                let names = names.chain(&parameters.variadic).chain(&parameters.keywords);
                let before = bound.len();
                bound.extend(names.map(|name| name.name.clone()));
                self.visit(body, bound);
                bound.truncate(before);
            }
            ExprKind::Comprehension { elements, clauses } => self.comprehension(expr, elements, clauses, bound),
            ExprKind::Sequence { kind: SequenceKind::List, items }
                if items.iter().any(|item| self.calls_handler(item, bound)) =>
            {
                self.diagnostics.push(fan_out(expr.span));
            }
            ExprKind::Attribute { value, attribute } => {
                if let Some(name) = value.as_name()
                    && is_environment(self.around.scope, name, Some(&attribute.name))
                {
                    self.diagnostics.push(environment(expr.span));
                }
                self.visit(value, bound);
            }
            _ => {
                for child in children(expr) {
                    self.visit(child, bound);
                }
            }
        }
    }

    fn comprehension(&mut self, expr: &Expr, elements: &[Expr], clauses: &[Clause], bound: &mut Vec<String>) {
        if clauses.iter().any(|clause| clause.is_async) {
            self.diagnostics.push(
                Diagnostic::error(expr.span, "an asynchronous comprehension cannot run in a flow")
                    .code(codes::AWAIT)
                    .note("only actor calls are awaited"),
            );
            return;
        }
        let before = bound.len();
        for (at, clause) in clauses.iter().enumerate() {
            if at == 0 {
                self.visit(&clause.iterable, bound);
            }
            bind_target(&clause.target, bound);
        }
        if let [element] = elements
            && self.calls_handler(element, bound)
        {
            self.diagnostics.push(fan_out(expr.span));
            bound.truncate(before);
            return;
        }
        for clause in clauses.iter().skip(1) {
            self.visit(&clause.iterable, bound);
        }
        for part in clauses.iter().flat_map(|clause| &clause.conditions).chain(elements) {
            self.visit(part, bound);
        }
        bound.truncate(before);
    }

    /// Whether an element of a list is itself a call of the user's code, awaited or not.
    fn calls_handler(&self, element: &Expr, bound: &[String]) -> bool {
        let (call, is_awaited) = element.awaited();
        let ExprKind::Call { callee, .. } = &call.kind else { return false };
        let found = self.around.callee(callee, bound);
        match &found {
            Callee::Handler { handler, .. } => {
                self.around.is_actor(call, &found, is_awaited || self.around.is_project(handler))
            }
            _ => false,
        }
    }

    /// Refuses a call that cannot be what is said about it; `false` when it may stand here.
    fn is_refused(&mut self, call: &Expr, callee: &Expr, is_awaited: bool, bound: &[String]) -> bool {
        if self.around.rules.is_broken(call.span) {
            return true;
        }
        let found = self.around.callee(callee, bound);
        if matches!(found, Callee::Undefined | Callee::Unclear) {
            return false;
        }
        let Some(decision) = self.around.decision(call, &found) else { return false };
        let name = callee.dotted().unwrap_or_default().join(".");
        let diagnostic = match (decision.behaviour, &found) {
            (Behaviour::Inline, _) if is_awaited => {
                Diagnostic::error(call.span, "a call in the router cannot be awaited")
                    .code(codes::TREATMENT)
                    .note("the router's own code is not asynchronous")
                    .help(format!("let `{name}` be a plain `def` and call it without `await`, or let it be an actor"))
            }
            (Behaviour::Inline | Behaviour::Config, _) => return false,
            (Behaviour::Actor, Callee::Handler { .. }) => nested_call(call.span, self.around.payload),
            (_, Callee::Handler { handler, .. }) => composition(&handler.function, call.span),
            (behaviour, _) => {
                let word = behaviour.word();
                Diagnostic::error(call.span, format!("this call cannot be treated as `{word}`"))
                    .code(codes::TREATMENT)
                    .note("it calls no function of the project or of a package")
                    .help("call a function of your own that does it")
            }
        };
        self.diagnostics.push(match decision.place {
            Some(place) => diagnostic.related(place, format!("`{}` is said here", decision.behaviour.word())),
            None => diagnostic,
        });
        true
    }

    fn awaited(&mut self, expr: &Expr, value: &Expr, bound: &mut Vec<String>) {
        let ExprKind::Call { callee, .. } = &value.kind else {
            self.diagnostics.push(
                Diagnostic::error(expr.span, "only the call of an actor can be awaited")
                    .code(codes::AWAIT)
                    .note("a pending call cannot be kept in a flow: it would not survive the trip to the next actor"),
            );
            return;
        };
        if self.is_refused(value, callee, true, bound) {
            return;
        }
        match self.around.callee(callee, bound) {
            Callee::Router if is_gather(callee) => self.diagnostics.push(fan_out(expr.span)),
            Callee::Router => self.diagnostics.push(
                Diagnostic::error(expr.span, "only the call of an actor can be awaited")
                    .code(codes::AWAIT)
                    .label("this would run in the router")
                    .help("move it into an actor and await that"),
            ),
            Callee::Undefined | Callee::Unclear => self.visit(value, bound),
            _ => self.diagnostics.push(nested_call(expr.span, self.around.payload)),
        }
    }

    fn name(&mut self, name: &str, span: Span, bound: &[String]) {
        if name == self.around.payload || bound.iter().any(|known| known == name) {
            return;
        }
        if let Some(instance) = self.around.instances.get(name) {
            self.diagnostics.push(
                Diagnostic::error(span, format!("`{name}` can only be used to call its methods"))
                    .code(codes::INSTANCE)
                    .related(instance.span, "made here")
                    .note(format!("the object lives in the actors of `{}`, not in the flow", instance.class.name)),
            );
            return;
        }
        if self.around.scope.get(name).is_some() {
            if is_environment(self.around.scope, name, None) {
                self.diagnostics.push(environment(span));
                return;
            }
            self.uses.entry(name.to_owned()).or_insert(span);
            return;
        }
        if python::PROCESS_BUILTINS.contains(&name) {
            self.diagnostics.push(
                Diagnostic::error(span, format!("`{name}` cannot be used in a flow"))
                    .code(codes::PROCESS_BUILTIN)
                    .note("it sees the process it runs in, and a flow runs in many")
                    .help("move it into an actor"),
            );
            return;
        }
        if !python::is_builtin(name) {
            self.diagnostics.push(undefined(name, span, self.around.scope, self.around.payload));
        }
    }
}

fn nested_call(span: Span, payload: &str) -> Diagnostic {
    Diagnostic::error(span, "an actor call inside a larger expression")
        .code(codes::NESTED_CALL)
        .note("a call is a hop through the mesh and needs a statement of its own")
        .help(format!("write `{payload} = await …({payload})` on a line of its own"))
}

fn bind_target(target: &Expr, bound: &mut Vec<String>) {
    walk(target, &mut |expr| {
        if let Some(name) = expr.as_name() {
            bound.push(name.to_owned());
        }
        matches!(expr.kind, ExprKind::Sequence { .. } | ExprKind::Starred(_))
    });
}

fn is_gather(callee: &Expr) -> bool {
    callee.dotted().is_some_and(|parts| parts.last() == Some(&"gather"))
}

/// `os.environ`, `os.getenv` and their imported forms: the router has another environment.
fn is_environment(scope: &Scope<'_>, name: &str, attribute: Option<&str>) -> bool {
    let is_member = |member: &str| matches!(member, "environ" | "getenv" | "environb" | "getenvb");
    match (scope.get(name).map(|bound| bound.binding), attribute) {
        (Some(Binding::Module("os")), Some(attribute)) => is_member(attribute),
        (Some(Binding::Member { module: "os", member }), None) => is_member(member),
        _ => false,
    }
}

fn environment(span: Span) -> Diagnostic {
    Diagnostic::error(span, "a flow cannot read environment variables")
        .code(codes::NOT_CARRIED)
        .note("the router runs in a container of its own, with another environment than your handlers")
        .help("read it in an actor and put what you need into the payload")
}

/// The diagnostic for a fan-out.
pub(super) fn fan_out(span: Span) -> Diagnostic {
    Diagnostic::error(span, "calls that run in parallel")
        .code(codes::FAN_OUT)
        .note("a fan-out cannot be compiled yet")
        .help("call the actors one after the other, or give the whole list to one actor")
}

/// The diagnostic for a local variable.
pub(super) fn local_variable(name: &str, span: Span, payload: &str) -> Diagnostic {
    Diagnostic::error(span, format!("`{name}` is a local variable, and only the payload travels between actors"))
        .code(codes::LOCAL_VARIABLE)
        .help(format!("keep the value in the payload: `{payload}[\"{name}\"]`"))
}

/// The diagnostic for a name that is bound nowhere.
pub(super) fn undefined(name: &str, span: Span, scope: &Scope<'_>, payload: &str) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(span, format!("the name `{name}` is not defined")).code(codes::UNDEFINED);
    if let Some(star) = scope.stars().first() {
        diagnostic = diagnostic
            .related(*star, "it may come from here, but a `*` import is not followed")
            .help(format!("import it by name: `from … import {name}`"));
    } else if let Some(near) = near_matches(name, scope.names().chain([payload])).first() {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    } else {
        diagnostic = diagnostic.help("import it or define it at the top level of this file");
    }
    diagnostic
}
