//! What an expression reads from the payload, in order of evaluation.

use super::Walker;
use super::assignments::bound_names;
use super::chains::Chain;
use super::helpers::Answer;
use crate::flow::callee::Callee;
use crate::flow::python;
use crate::flow::schema::paths::ROOT;
use crate::flow::schema::string;
use crate::flow::scope::Binding;
use crate::syntax::children;
use crate::syntax::tree::{Argument, Clause, Expr, ExprKind, Parameters};

/// What becomes of a value that is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It is kept or handed on: whoever has it can change what is inside.
    Kept,
    /// Its entries are kept.
    Copied,
    /// It is looked at.
    Seen,
}

impl Walker<'_, '_, '_> {
    /// Reads an expression; `is_certain` when every way through the statement does.
    pub(super) fn read(&mut self, expr: &Expr, is_certain: bool, used: Use) {
        match self.chain(expr, is_certain) {
            Chain::Done => return,
            Chain::Place { path, .. } => return self.used(path, used),
            Chain::Other => {}
        }
        match &expr.kind {
            ExprKind::BoolOp(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.read(item, is_certain && at == 0, used);
                }
            }
            ExprKind::Conditional { test, body, orelse } => {
                self.read(test, is_certain, Use::Seen);
                self.read(body, false, used);
                self.read(orelse, false, used);
            }
            ExprKind::Comparison { operands, is_membership } => {
                self.comparison(operands, *is_membership, is_certain);
            }
            ExprKind::Comprehension { elements, clauses, .. } => {
                self.comprehension(expr, elements, clauses, is_certain);
            }
            ExprKind::Named { target, value } => {
                self.read(value, is_certain, Use::Kept);
                target.as_name().into_iter().for_each(|name| self.unbind(name));
            }
            ExprKind::Await(value) => {
                let before = std::mem::replace(&mut self.is_awaited, true);
                self.read(value, is_certain, used);
                self.is_awaited = before;
            }
            ExprKind::Sequence { .. } if self.calls.contains(&expr.span) => {
                let before = std::mem::replace(&mut self.is_awaited, true);
                children(expr).into_iter().for_each(|child| self.read(child, is_certain, Use::Kept));
                self.is_awaited = before;
            }
            ExprKind::Lambda { parameters, body } => self.lambda(parameters, body, is_certain),
            ExprKind::Call { callee, arguments } => match self.helper(expr, is_certain) {
                Some(Answer::Place(path, _)) => self.used(path, used),
                Some(_) => {}
                None => self.call(callee, arguments, is_certain),
            },
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    key.iter().for_each(|key| self.read(key, is_certain, Use::Kept));
                    self.read(value, is_certain, if key.is_some() { Use::Kept } else { Use::Copied });
                }
            }
            ExprKind::Operation(operands) => {
                let used = if operands.len() == 1 { Use::Seen } else { Use::Copied };
                operands.iter().for_each(|operand| self.read(operand, is_certain, used));
            }
            _ => children(expr).into_iter().for_each(|child| self.read(child, is_certain, Use::Kept)),
        }
    }

    fn comparison(&mut self, operands: &[Expr], is_membership: bool, is_certain: bool) {
        if let ([key, container], true) = (operands, is_membership)
            && let Some(key) = string(key)
        {
            match self.chain(container, is_certain) {
                Chain::Place { path, .. } => {
                    let child = self.paths.child(path, key);
                    self.listed(child);
                }
                Chain::Done => {}
                Chain::Other => self.read(container, is_certain, Use::Seen),
            }
            return;
        }
        for (at, operand) in operands.iter().enumerate() {
            self.read(operand, is_certain && at < 2, Use::Seen);
        }
    }

    fn comprehension(&mut self, expr: &Expr, elements: &[Expr], clauses: &[Clause], is_certain: bool) {
        let mut is_outside = true;
        let before = self.state.as_ref().map(|state| state.aliases.clone());
        let is_awaited = self.is_awaited;
        self.is_awaited |= self.calls.contains(&expr.span);
        for clause in clauses {
            // Going over the payload gives its keys, over anything else what is inside.
            let used = if self.peek(&clause.iterable) == Some(ROOT) { Use::Seen } else { Use::Kept };
            self.read(&clause.iterable, is_certain && is_outside, used);
            is_outside = false;
            if let Some(state) = &mut self.state {
                bound_names(&clause.target).iter().for_each(|name| {
                    state.aliases.remove(name);
                });
            }
            if !is_names(&clause.target) {
                self.open(ROOT);
            }
            clause.conditions.iter().for_each(|condition| self.read(condition, false, Use::Seen));
        }
        elements.iter().for_each(|element| self.read(element, false, Use::Kept));
        self.is_awaited = is_awaited;
        if let (Some(state), Some(before)) = (&mut self.state, before) {
            state.aliases = before;
        }
    }

    fn lambda(&mut self, parameters: &Parameters, body: &Expr, is_certain: bool) {
        let named = || parameters.positional.iter().chain(&parameters.keyword_only);
        named().filter_map(|one| one.default.as_ref()).for_each(|value| {
            self.read(value, is_certain, Use::Kept);
        });
        let names = named().map(|one| &one.name).chain(&parameters.variadic).chain(&parameters.keywords);
        let before = self.state.as_ref().map(|state| state.aliases.clone());
        if let Some(state) = &mut self.state {
            names.into_iter().for_each(|name| {
                state.aliases.remove(&name.name);
            });
        }
        self.read(body, false, Use::Kept);
        if let (Some(state), Some(before)) = (&mut self.state, before) {
            state.aliases = before;
        }
    }

    /// A call of anything but a helper.
    fn call(&mut self, callee: &Expr, arguments: &[Argument], is_certain: bool) {
        self.read(callee, is_certain, Use::Kept);
        let handed = self.handed_to(callee);
        // What is called with is computed here, before the actor gets it.
        let is_awaited = self.is_awaited;
        self.is_awaited &= is_gather(callee);
        self.arguments(arguments, is_certain, handed);
        self.is_awaited = is_awaited;
    }

    pub(super) fn arguments(&mut self, arguments: &[Argument], is_certain: bool, used: Use) {
        for argument in arguments {
            let used = if argument.is_double_starred { Use::Copied } else { used };
            self.read(&argument.value, is_certain, used);
        }
    }

    /// What becomes of the arguments of a call.
    fn handed_to(&self, callee: &Expr) -> Use {
        let scope = self.around.scope;
        if let Callee::Handler { definition, .. } = self.around.callee(callee, &[])
            && (self.is_awaited || definition.is_some_and(|definition| definition.must_be_awaited()))
        {
            return Use::Seen;
        }
        let is_free = |name: &str| python::is_builtin(name) && scope.get(name).is_none();
        let is_json =
            |name: &str| scope.get(name).is_some_and(|bound| matches!(bound.binding, Binding::Module("json")));
        match callee.dotted().as_deref() {
            Some([name]) if LOOKING.contains(name) && is_free(name) => Use::Seen,
            Some([name]) if COPYING.contains(name) && is_free(name) => Use::Copied,
            Some([module, "dumps"]) if is_json(module) => Use::Seen,
            _ => Use::Kept,
        }
    }
}

/// Builtins that look at a value and give back none of its parts.
const LOOKING: &[&str] = &["all", "any", "bool", "float", "int", "isinstance", "len", "print", "repr", "str", "type"];

/// Builtins that go over a value once and change nothing.
const COPYING: &[&str] =
    &["dict", "enumerate", "list", "max", "min", "reversed", "set", "sorted", "sum", "tuple", "zip"];

/// Whether a call waits for the calls it is handed.
fn is_gather(callee: &Expr) -> bool {
    callee
        .dotted()
        .is_some_and(|parts| matches!(parts.last(), Some(&("gather" | "wait_for" | "shield" | "create_task"))))
}

/// Whether a target binds names only: `for p["x"] in …` writes into the payload.
fn is_names(target: &Expr) -> bool {
    match &target.kind {
        ExprKind::Name(_) => true,
        ExprKind::Sequence { items, .. } => items.iter().all(is_names),
        ExprKind::Starred(value) => is_names(value),
        _ => false,
    }
}
