//! What expressions and statements do to the variables of a function.

use std::collections::BTreeSet;

use super::code::Effect;
use crate::syntax::tree::{ComprehensionKind, Expr, ExprKind, Function, Parameters, Stmt, StmtKind};
use crate::syntax::{blocks, children, expressions, walk};

/// Every name a function binds: its parameters and whatever its body assigns.
pub(super) fn local_names(function: &Function) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = parameter_names(&function.parameters).map(str::to_owned).collect();
    bound_in(&function.body, &mut names);
    names
}

/// The names of all parameters.
pub(super) fn parameter_names(parameters: &Parameters) -> impl Iterator<Item = &str> {
    let plain = parameters.positional.iter().chain(&parameters.keyword_only).map(|parameter| &parameter.name);
    plain.chain(&parameters.variadic).chain(&parameters.keywords).map(|name| name.name.as_str())
}

/// Every name that statements bind.
pub(super) fn bound_names(body: &[Stmt]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    bound_in(body, &mut names);
    names
}

fn bound_in(body: &[Stmt], names: &mut BTreeSet<String>) {
    for stmt in body {
        for expr in expressions(stmt) {
            walrus_targets(expr, names);
        }
        match &stmt.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                targets.iter().for_each(|target| target_names(target, names));
            }
            StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } | StmtKind::For { target, .. } => {
                target_names(target, names);
            }
            StmtKind::With { items, .. } => {
                items.iter().filter_map(|(_, target)| target.as_ref()).for_each(|target| target_names(target, names));
            }
            StmtKind::Try { handlers, .. } => {
                names.extend(handlers.iter().filter_map(|handler| handler.name.as_ref()).map(|name| name.name.clone()));
            }
            StmtKind::Match { cases, .. } => {
                names.extend(cases.iter().flat_map(|case| &case.captures).map(|name| name.name.clone()));
            }
            StmtKind::Function(function) => {
                names.insert(function.name.name.clone());
                continue;
            }
            StmtKind::Class(class) => {
                names.insert(class.name.name.clone());
                continue;
            }
            StmtKind::Import(aliases) | StmtKind::ImportFrom { names: aliases, .. } => {
                names.extend(aliases.iter().filter_map(|alias| {
                    alias.alias.as_deref().or_else(|| alias.name.split('.').next()).map(str::to_owned)
                }));
            }
            _ => {}
        }
        blocks(stmt).into_iter().for_each(|block| bound_in(block, names));
    }
}

/// Names bound by `:=`, also those inside comprehensions: they belong to the function.
fn walrus_targets(expr: &Expr, names: &mut BTreeSet<String>) {
    walk(expr, &mut |expr| {
        if let ExprKind::Named { target, .. } = &expr.kind {
            names.extend(target.as_name().map(str::to_owned));
        }
        !matches!(expr.kind, ExprKind::Lambda { .. })
    });
}

/// The plain names a target binds.
pub(super) fn target_names(target: &Expr, names: &mut BTreeSet<String>) {
    walk(target, &mut |expr| {
        names.extend(expr.as_name().map(str::to_owned));
        matches!(expr.kind, ExprKind::Name(_) | ExprKind::Sequence { .. } | ExprKind::Starred(_))
    });
}

/// Effects on the variables `locals`.
pub(super) struct Effects<'l> {
    pub(super) locals: &'l BTreeSet<String>,
}

impl Effects<'_> {
    /// The effect of evaluating an expression.
    pub(super) fn of(&self, expr: &Expr) -> Effect {
        let mut effect = Effect::default();
        self.expression(expr, &mut Vec::new(), &mut effect);
        effect
    }

    /// The effect of evaluating several expressions in order.
    pub(super) fn of_all<'e>(&self, all: impl IntoIterator<Item = &'e Expr>) -> Effect {
        let mut effect = Effect::default();
        for expr in all {
            self.expression(expr, &mut Vec::new(), &mut effect);
        }
        effect
    }

    fn expression(&self, expr: &Expr, hidden: &mut Vec<String>, effect: &mut Effect) {
        match &expr.kind {
            ExprKind::Name(name) => self.read(name, hidden, effect),
            ExprKind::Named { target, value } => {
                self.expression(value, hidden, effect);
                if let Some(name) = target.as_name() {
                    *effect = std::mem::take(effect).writing(name);
                }
            }
            ExprKind::BoolOp(items) => self.decided_on_the_way(items, 1, hidden, effect),
            ExprKind::Comparison { operands, .. } => self.decided_on_the_way(operands, 2, hidden, effect),
            ExprKind::Conditional { test, body, orelse } => {
                self.expression(test, hidden, effect);
                let (mut then, mut otherwise) = (Effect::default(), Effect::default());
                self.expression(body, hidden, &mut then);
                self.expression(orelse, hidden, &mut otherwise);
                then.or(&otherwise);
                effect.then(&then);
            }
            ExprKind::Lambda { parameters, body } => {
                for parameter in parameters.positional.iter().chain(&parameters.keyword_only) {
                    parameter.default.iter().for_each(|default| self.expression(default, hidden, effect));
                }
                let before = hidden.len();
                hidden.extend(parameter_names(parameters).map(str::to_owned));
                self.expression(body, hidden, effect);
                hidden.truncate(before);
            }
            ExprKind::Comprehension { elements, clauses, kind } => {
                let before = hidden.len();
                let mut inside = Effect::default();
                for (at, clause) in clauses.iter().enumerate() {
                    if at == 0 {
                        self.expression(&clause.iterable, hidden, effect);
                    } else {
                        self.expression(&clause.iterable, hidden, &mut inside);
                    }
                    let mut names = BTreeSet::new();
                    target_names(&clause.target, &mut names);
                    names.retain(|name| !hidden.contains(name));
                    hidden.extend(names);
                    clause.conditions.iter().for_each(|one| self.expression(one, hidden, &mut inside));
                }
                elements.iter().for_each(|element| self.expression(element, hidden, &mut inside));
                hidden.truncate(before);
                debug_assert!(elements.len() == 1 || *kind == ComprehensionKind::Dict);
                effect.perhaps(&inside);
            }
            _ => children(expr).into_iter().for_each(|child| self.expression(child, hidden, effect)),
        }
    }

    /// Operands of which the first `certain` ones are always evaluated.
    fn decided_on_the_way(&self, items: &[Expr], certain: usize, hidden: &mut Vec<String>, effect: &mut Effect) {
        for (at, item) in items.iter().enumerate() {
            if at < certain {
                self.expression(item, hidden, effect);
            } else {
                let mut own = Effect::default();
                self.expression(item, hidden, &mut own);
                effect.perhaps(&own);
            }
        }
    }

    fn read(&self, name: &str, hidden: &[String], effect: &mut Effect) {
        if self.locals.contains(name) && !hidden.iter().any(|other| other == name) && !effect.writes.contains(name) {
            effect.reads.insert(name.to_owned());
        }
    }

    /// The effect of assigning to a target; what the target itself evaluates is read first.
    pub(super) fn of_target(&self, target: &Expr) -> Effect {
        let mut effect = Effect::default();
        self.target(target, &mut effect);
        effect
    }

    fn target(&self, target: &Expr, effect: &mut Effect) {
        match &target.kind {
            ExprKind::Name(name) => *effect = std::mem::take(effect).writing(name),
            ExprKind::Sequence { items, .. } => items.iter().for_each(|item| self.target(item, effect)),
            ExprKind::Starred(value) => self.target(value, effect),
            _ => self.expression(target, &mut Vec::new(), effect),
        }
    }

    /// The effect of a statement that runs as it stands.
    pub(super) fn of_statement(&self, stmt: &Stmt) -> Effect {
        let mut effect = Effect::default();
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                effect = self.of(value);
                targets.iter().for_each(|target| effect.then(&self.of_target(target)));
            }
            StmtKind::AugAssign { target, value } => {
                effect = self.of(target);
                effect.then(&self.of(value));
                effect.then(&self.of_target(target));
            }
            StmtKind::AnnAssign { target, value, .. } => {
                if let Some(value) = value {
                    effect = self.of(value);
                    effect.then(&self.of_target(target));
                }
            }
            StmtKind::Delete(targets) => {
                for target in targets {
                    effect.then(&self.of(target));
                    let mut names = BTreeSet::new();
                    target_names(target, &mut names);
                    effect.then(&Effect::unbinding(names));
                }
            }
            StmtKind::If { branches, orelse } => {
                let mut otherwise = self.of_block(orelse);
                for branch in branches.iter().rev() {
                    let mut then = self.of_block(&branch.body);
                    then.or(&otherwise);
                    otherwise = self.of(&branch.test);
                    otherwise.then(&then);
                }
                effect = otherwise;
            }
            StmtKind::While { test, body, orelse } => {
                effect = self.of(test);
                effect.perhaps(&self.of_block(body));
                effect.perhaps(&self.of_block(orelse));
            }
            StmtKind::For { target, iterable, body, orelse, .. } => {
                effect = self.of(iterable);
                let mut round = self.of_target(target);
                round.then(&self.of_block(body));
                effect.perhaps(&round);
                effect.perhaps(&self.of_block(orelse));
            }
            StmtKind::With { items, body, .. } => {
                for (manager, target) in items {
                    effect.then(&self.of(manager));
                    target.iter().for_each(|target| effect.then(&self.of_target(target)));
                }
                // A manager may swallow an error anywhere in the block.
                effect.perhaps(&self.of_block(body));
            }
            StmtKind::Match { subject, cases } => {
                effect = self.of(subject);
                for case in cases {
                    effect.then(&self.of_all(&case.values));
                    let mut body = Effect::default();
                    for name in &case.captures {
                        body = body.writing(&name.name);
                    }
                    case.guard.iter().for_each(|guard| body.then(&self.of(guard)));
                    body.then(&self.of_block(&case.body));
                    effect.perhaps(&body);
                }
            }
            StmtKind::Try { body, handlers, orelse, finalbody, .. } => {
                effect.perhaps(&self.of_block(body));
                for handler in handlers {
                    let mut clause = self.of_all(&handler.exception);
                    clause = handler.name.iter().fold(clause, |clause, name| clause.writing(&name.name));
                    clause.then(&self.of_block(&handler.body));
                    handler.name.iter().for_each(|name| {
                        clause.then(&Effect::unbinding([name.name.clone()]));
                    });
                    effect.perhaps(&clause);
                }
                effect.perhaps(&self.of_block(orelse));
                effect.then(&self.of_block(finalbody));
            }
            StmtKind::Function(function) => {
                effect = self.of_all(expressions(stmt));
                let inner = local_names(function);
                let outer: BTreeSet<String> = self.locals.difference(&inner).cloned().collect();
                let inside = Effects { locals: &outer }.of_block(&function.body);
                effect.reads.extend(inside.reads);
                effect = effect.writing(&function.name.name);
            }
            StmtKind::Class(class) => {
                effect = self.of_all(expressions(stmt));
                effect.reads.extend(self.of_block(&class.body).reads);
                effect = effect.writing(&class.name.name);
            }
            StmtKind::Import(aliases) | StmtKind::ImportFrom { names: aliases, .. } => {
                for alias in aliases {
                    let name = alias.alias.as_deref().or_else(|| alias.name.split('.').next()).unwrap_or_default();
                    effect = effect.writing(name);
                }
            }
            _ => effect = self.of_all(expressions(stmt)),
        }
        effect
    }

    fn of_block(&self, body: &[Stmt]) -> Effect {
        let mut effect = Effect::default();
        for stmt in body {
            effect.then(&self.of_statement(stmt));
        }
        effect
    }
}
