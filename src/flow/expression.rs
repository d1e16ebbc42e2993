//! Expressions that run in the router: what they may use.

use std::collections::BTreeMap;

use super::callee::{Callee, Surroundings};
use super::code::{Code, Piece};
use super::codes;
use super::graph::Handler;
use super::helpers;
use super::lower::{RouterNames, is_asyncio};
use super::modules::{Definition, Found};
use super::python;
use super::refusal;
use super::rules::Behaviour;
use super::scope::{Binding, Scope, is_standard};
use super::types::MethodCall;
use crate::diagnostic::Diagnostic;
use crate::names::near_matches;
use crate::source::Span;
use crate::syntax::tree::{Argument, Clause, Expr, ExprKind};
use crate::syntax::{children, walk};

/// Module names used by router code, with the place of their first use.
pub(super) type Uses = BTreeMap<String, Span>;

/// Checks expressions one after the other, collecting problems and the module names they use.
pub(super) struct ExpressionCheck<'c, 'a, 's> {
    /// What is known here.
    pub(super) around: &'c Surroundings<'a, 's>,
    /// The payload's name.
    pub(super) payload: &'c str,
    /// Methods that functions stand for, by the place of the call.
    pub(super) methods: &'c BTreeMap<Span, MethodCall>,
    /// What the router calls its own things.
    pub(super) names: &'c RouterNames,
    /// The dotted name of the flow's module.
    pub(super) flow_module: &'c str,
    /// The task groups in sight.
    pub(super) groups: &'c BTreeMap<String, Span>,
    /// Problems found.
    pub(super) diagnostics: &'c mut Vec<Diagnostic>,
    /// Module names used.
    pub(super) uses: &'c mut Uses,
    /// Variables of opened comprehensions, and what they are called in the function.
    pub(super) renamed: &'c BTreeMap<String, String>,
    /// What has to stand in the place of parts of the text.
    pub(super) instead: Vec<(Span, Code)>,
    /// Helpers whose calls wait in the text, with the callees and the calls.
    pub(super) helpers: Vec<(Definition<'a>, Span, Span)>,
    /// The same for actors.
    pub(super) actors: Vec<(Handler, Span, Span)>,
    /// The callee of the call that is looked at.
    pub(super) said: Option<Span>,
    /// Calls of actors wait here until they are gathered.
    pub(super) waits: bool,
    /// The element of a comprehension that is the call of a branch.
    pub(super) branch: Option<&'c Expr>,
    /// A `lambda` is around.
    pub(super) in_lambda: bool,
}

impl<'a> ExpressionCheck<'_, 'a, '_> {
    /// Checks one expression of the flow; `hidden` names belong to functions inside it.
    pub(super) fn check(&mut self, expr: &Expr, hidden: &[String]) {
        self.visit(expr, &mut hidden.to_vec());
    }

    fn visit(&mut self, expr: &Expr, bound: &mut Vec<String>) {
        if self.around.settled.contains(&expr.span) {
            return;
        }
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, expr.span, bound),
            ExprKind::Await(value) => self.awaited(expr, value, bound),
            ExprKind::Named { target, value } => {
                self.rename(target, bound);
                self.visit(value, bound);
            }
            ExprKind::Yield(_) => self.diagnostics.push(refusal::yields(expr.span)),
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
                let outside = std::mem::replace(&mut self.in_lambda, true);
                self.visit(body, bound);
                self.in_lambda = outside;
                bound.truncate(before);
            }
            ExprKind::Comprehension { elements, clauses, .. } => self.comprehension(expr, elements, clauses, bound),
            ExprKind::Call { callee, arguments } => self.call(expr, callee, arguments, bound),
            ExprKind::Attribute { .. } if self.of_project_module(expr, bound) => {}
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
            self.diagnostics.push(refusal::asynchronous_comprehension(expr.span));
            return;
        }
        let before = bound.len();
        for (at, clause) in clauses.iter().enumerate() {
            if at == 0 {
                self.visit(&clause.iterable, bound);
            }
            bind_target(&clause.target, bound);
        }
        for clause in clauses.iter().skip(1) {
            self.visit(&clause.iterable, bound);
        }
        for part in clauses.iter().flat_map(|clause| &clause.conditions).chain(elements) {
            match (&part.kind, self.branch) {
                (ExprKind::Await(call), Some(branch)) if std::ptr::eq(branch, part) => self.visit(call, bound),
                _ => self.visit(part, bound),
            }
        }
        bound.truncate(before);
    }

    /// A method that a function stands for: `value.method(a)` becomes `function(value, a)`.
    fn method(&mut self, expr: &Expr, callee: &Expr, arguments: &[Argument], bound: &mut Vec<String>) -> bool {
        let methods = self.methods;
        let Some(MethodCall { function, between, has_arguments }) = methods.get(&expr.span) else { return false };
        let before = std::mem::take(&mut self.instead);
        self.visit(callee, bound);
        let head = std::mem::take(&mut self.instead);
        if *has_arguments {
            arguments.iter().for_each(|argument| self.visit(&argument.value, bound));
        }
        let tail = std::mem::replace(&mut self.instead, before);
        let code = Code::text(format!("{function}("))
            .and(Code::with(Span::new(expr.span.start, between.start), head))
            .then(if *has_arguments { ", " } else { "" })
            .and(Code::with(Span::new(between.end, expr.span.end), tail));
        self.instead.push((expr.span, code));
        true
    }

    /// A call without `await`.
    fn call(&mut self, expr: &Expr, callee: &Expr, arguments: &[Argument], bound: &mut Vec<String>) {
        if self.method(expr, callee, arguments, bound) || self.around.home.rules().is_broken(expr.span) {
            return;
        }
        if let Some([group, "create_task"]) = callee.dotted().as_deref()
            && self.groups.contains_key(*group)
        {
            let text = format!("{}({group})", self.names.task);
            self.instead.push((callee.span, Code::text(text)));
            let waits = std::mem::replace(&mut self.waits, true);
            arguments.iter().for_each(|argument| self.visit(&argument.value, bound));
            self.waits = waits;
            return;
        }
        if is_asyncio(self.around.scope, callee, "create_task")
            || is_asyncio(self.around.scope, callee, "ensure_future")
        {
            self.diagnostics.push(refusal::detached(expr.span));
            return;
        }
        if is_asyncio(self.around.scope, callee, "gather") {
            self.diagnostics.push(refusal::not_awaited(expr.span));
            return;
        }
        if self.mapped(callee, arguments, bound) {
            return;
        }
        let is_branch = self.branch.is_some_and(|branch| std::ptr::eq(branch.awaited().0, expr));
        match self.around.callee(callee, bound) {
            Callee::Helper(definition) if self.waits => {
                let key = helpers::key(self.flow_module, &definition);
                self.helpers.push((definition, callee.span, expr.span));
                self.wait_for(callee, Piece::Helper(key), arguments, bound);
                return;
            }
            // What is not `async` runs at once, wherever its result goes.
            Callee::Handler { handler, definition, .. }
                if is_branch || (self.waits && !definition.is_some_and(|one| one.cannot_be_awaited())) =>
            {
                self.actors.push((handler.clone(), callee.span, expr.span));
                self.wait_for(callee, Piece::Actor(Box::new(handler)), arguments, bound);
                return;
            }
            Callee::Helper(definition) => {
                let name = &definition.function.name.name;
                self.diagnostics.push(match self.in_lambda {
                    true => refusal::called_in_lambda(expr.span, name),
                    false => refusal::cannot_wait(expr.span),
                });
                return;
            }
            Callee::Handler { is_said: true, .. } => {
                self.diagnostics.push(refusal::cannot_wait(expr.span));
                return;
            }
            Callee::Router if self.cannot_follow(expr.span, callee.span) => return,
            _ => {}
        }
        if let ExprKind::Attribute { value, .. } = &callee.kind
            && let Some(name) = value.as_name()
            && !bound.iter().any(|known| known == name)
            && !self.around.locals.contains(name)
        {
            self.diagnostics.extend(refusal::changes_module(callee, self.around.scope.constant(name)));
        }
        if let Callee::Handler { handler, definition, .. } = self.around.callee(callee, bound) {
            if self.in_lambda && definition.is_some_and(|definition| definition.must_be_awaited()) {
                self.diagnostics.push(refusal::called_in_lambda(expr.span, &handler.function));
                return;
            }
            if definition.is_some_and(|definition| definition.must_be_awaited()) {
                let name = &handler.function;
                self.diagnostics.push(
                    Diagnostic::error(expr.span, format!("`{name}` is `async` and must be awaited"))
                        .code(codes::FORGOTTEN_AWAIT)
                        .help(format!("write `await {name}(…)`, or hand the call to `asyncio.gather`")),
                );
                return;
            }
        }
        // What this call is was decided; elsewhere its name may stand for a part of the flow.
        let said = self.said.replace(callee.span);
        self.visit(callee, bound);
        self.said = said;
        arguments.iter().for_each(|argument| self.visit(&argument.value, bound));
    }

    /// Makes a call wait; what its arguments call does not.
    fn wait_for(&mut self, callee: &Expr, piece: Piece, arguments: &[Argument], bound: &mut Vec<String>) {
        self.instead.push((callee.span, Code { pieces: vec![piece] }));
        let waits = std::mem::replace(&mut self.waits, false);
        arguments.iter().for_each(|argument| self.visit(&argument.value, bound));
        self.waits = waits;
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

    /// Puts the new name in the place of a variable of an opened comprehension.
    fn rename(&mut self, name: &Expr, bound: &[String]) {
        if let Some(text) = name.as_name()
            && !bound.iter().any(|known| known == text)
            && let Some(right) = self.renamed.get(text)
        {
            self.instead.push((name.span, Code::text(right)));
        }
    }

    fn awaited(&mut self, expr: &Expr, value: &Expr, bound: &mut Vec<String>) {
        let ExprKind::Call { callee, .. } = &value.kind else {
            self.diagnostics.extend(refusal::stored(expr.span, self.diagnostics));
            return;
        };
        if is_asyncio(self.around.scope, callee, "sleep") {
            let place = Span::new(expr.span.start, callee.span.end);
            self.instead.push((place, Code::text(&self.names.sleep)));
            if let ExprKind::Call { arguments, .. } = &value.kind {
                arguments.iter().for_each(|argument| self.visit(&argument.value, bound));
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
                self.diagnostics.push(refusal::called_by_variable(callee));
            }
            Callee::Router => self.diagnostics.push(refusal::not_an_actor(expr.span, callee)),
            Callee::Undefined | Callee::Unclear => self.visit(value, bound),
            _ => self.diagnostics.push(refusal::cannot_wait(expr.span)),
        }
    }

    /// `errs.Boom` of a module of the project: carried under its own name. Answers whether it is one.
    fn of_project_module(&mut self, expr: &Expr, bound: &[String]) -> bool {
        let Some(parts) = expr.dotted() else { return false };
        let root = parts[0];
        let is_hidden = bound.iter().any(|name| name == root) || self.around.locals.contains(root);
        if is_hidden || self.around.instances.contains_key(root) {
            return false;
        }
        let Some(Binding::Module(module)) = self.around.scope.get(root).map(|found| found.binding) else {
            return false;
        };
        if is_standard(module) {
            return false;
        }
        let name = match self.around.modules.resolve_absolute(module, &parts[1..]) {
            Found::Function { name, .. } | Found::Value { name, .. } => name,
            Found::Class(class) if class.path.len() == 1 => class.name(),
            _ => return false,
        };
        self.instead.push((expr.span, Code::text(name)));
        self.uses.entry(parts.join(".")).or_insert(expr.span);
        true
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
        self.instead.push((first.value.span, code));
        rest.iter().for_each(|argument| self.visit(&argument.value, bound));
        true
    }

    fn name(&mut self, name: &str, span: Span, bound: &[String]) {
        if bound.iter().any(|known| known == name) {
            return;
        }
        if let Some(right) = self.renamed.get(name) {
            self.instead.push((span, Code::text(right)));
            return;
        }
        if let Some(instance) = self.around.instances.get(name) {
            self.diagnostics.push(
                Diagnostic::error(span, format!("`{name}` can only be used to call its methods"))
                    .code(codes::INSTANCE)
                    .related(instance.span, "made here")
                    .note(format!("the object lives in the actors of `{}`, not in the flow", instance.class.name))
                    .help("let one of its methods answer what you need"),
            );
            return;
        }
        if self.around.locals.contains(name) {
            return;
        }
        if self.said != Some(span) && self.around.is_part(name) {
            self.diagnostics.push(refusal::part_as_value(span, name));
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
            self.diagnostics.push(undefined(name, span, self.around.scope, self.payload));
        }
    }
}

fn bind_target(target: &Expr, bound: &mut Vec<String>) {
    walk(target, &mut |expr| {
        if let Some(name) = expr.as_name()
            && !bound.iter().any(|known| known == name)
        {
            bound.push(name.to_owned());
        }
        matches!(expr.kind, ExprKind::Sequence { .. } | ExprKind::Starred(_))
    });
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
