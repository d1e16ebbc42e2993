//! Values of a module that are changed after they are made: what the router would take along is
//! not what the module has.

use std::collections::BTreeMap;

use super::Carrier;
use crate::diagnostic::Diagnostic;
use crate::flow::codes;
use crate::flow::effects::local_names;
use crate::flow::python;
use crate::flow::scope::{Binding, Scope};
use crate::source::Span;
use crate::syntax::tree::{Expr, ExprKind, Module, SequenceKind, Stmt, StmtKind};
use crate::syntax::{blocks, expressions, walk};

/// The names of a module whose values are changed, with the first place where.
pub(super) type Changes = BTreeMap<String, Span>;

/// Finds what the statements and functions of a module change.
pub(super) fn changes(module: &Module, scope: &Scope<'_>) -> Changes {
    let mut finder = Finder { scope, hidden: Vec::new(), found: Changes::new() };
    finder.block(&module.body);
    finder.found
}

impl Carrier<'_, '_> {
    /// Whether the module changes the value of `name` somewhere, which is then said.
    pub(super) fn is_changed(&mut self, home: &str, name: &str, used: Span) -> bool {
        let at = self.at(home);
        let home_of = &mut self.homes[at];
        let scope = &home_of.scope;
        let tree = home_of.tree;
        let Some(&place) = home_of.changes.get_or_insert_with(|| changes(tree, scope)).get(name) else { return false };
        // A change by the flow itself has been told.
        if self.diagnostics.iter().any(|one| one.span.start <= place.start && place.end <= one.span.end) {
            return true;
        }
        let diagnostic = Diagnostic::error(used, format!("`{name}` cannot be used in the flow's own code"))
            .code(codes::NOT_CARRIED)
            .label("this runs in the router")
            .related(place, "changed here")
            .note("the router makes a value of its own, as the module first makes it")
            .help("write the whole value where it is defined, or let an actor answer it");
        self.add_problems(home, vec![diagnostic]);
        true
    }
}

struct Finder<'s, 'a> {
    scope: &'s Scope<'a>,
    /// Variables of the functions around.
    hidden: Vec<String>,
    found: Changes,
}

impl Finder<'_, '_> {
    fn block(&mut self, body: &[Stmt]) {
        for stmt in body {
            match &stmt.kind {
                StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                    targets.iter().for_each(|target| self.target(target));
                }
                StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, value: Some(_), .. } => {
                    self.target(target);
                }
                StmtKind::Expr(value) if self.hidden.is_empty() => self.handed_over(value),
                _ => {}
            }
            for expr in expressions(stmt) {
                walk(expr, &mut |expr| {
                    self.method(expr);
                    true
                });
            }
            let before = self.hidden.len();
            if let StmtKind::Function(function) = &stmt.kind {
                self.hidden.extend(local_names(function));
                // Something is hidden in any function.
                self.hidden.push(String::new());
            }
            blocks(stmt).into_iter().for_each(|block| self.block(block));
            self.hidden.truncate(before);
        }
    }

    fn change(&mut self, expr: &Expr) {
        if let Some(name) = expr.root().as_name()
            && !self.hidden.iter().any(|hidden| hidden == name)
        {
            self.found.entry(name.to_owned()).or_insert(expr.span);
        }
    }

    /// `TABLE["a"] = …`, `del TABLE["a"]`.
    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Subscript { .. } | ExprKind::Attribute { .. } => self.change(target),
            ExprKind::Sequence { items, .. } => items.iter().for_each(|item| self.target(item)),
            _ => {}
        }
    }

    /// `NAMES.append(…)`.
    fn method(&mut self, expr: &Expr) {
        if let ExprKind::Call { callee, .. } = &expr.kind
            && let ExprKind::Attribute { value, attribute } = &callee.kind
            && CHANGING_METHODS.contains(&attribute.name.as_str())
            && self.may_have(value, &attribute.name)
        {
            self.change(value);
        }
    }

    /// Whether something may have the method, as far as its definition shows it.
    fn may_have(&self, value: &Expr, method: &str) -> bool {
        match value.as_name().and_then(|name| self.scope.constant(name)).map(|constant| &constant.kind) {
            Some(ExprKind::Sequence { kind: SequenceKind::List, .. }) => python::LIST_METHODS.contains(&method),
            Some(ExprKind::Dict(_)) => python::DICT_METHODS.contains(&method),
            _ => true,
        }
    }

    /// `register(TABLE)`, `random.shuffle(NAMES)` as a statement of the module.
    fn handed_over(&mut self, value: &Expr) {
        let ExprKind::Call { callee, arguments } = &value.kind else { return };
        let Some(found) = callee.root().as_name().and_then(|name| self.scope.get(name)) else { return };
        if matches!(found.binding, Binding::Function(_) | Binding::Member { .. } | Binding::Module(_)) {
            for argument in arguments {
                if argument.value.as_name().and_then(|name| self.scope.constant(name)).is_some_and(is_changeable) {
                    self.change(&argument.value);
                }
            }
        }
    }
}

/// Whether a value is a container of its own.
fn is_changeable(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Sequence { .. } | ExprKind::Dict(_) | ExprKind::Comprehension { .. } => true,
        ExprKind::Call { callee, .. } => callee.dotted().and_then(|path| path.last().copied()).is_some_and(|name| {
            matches!(name, "dict" | "list" | "set" | "defaultdict" | "OrderedDict" | "Counter" | "deque" | "sorted")
        }),
        _ => false,
    }
}

/// Methods of containers that change them.
const CHANGING_METHODS: &[&str] = &[
    "add",
    "append",
    "appendleft",
    "clear",
    "difference_update",
    "discard",
    "extend",
    "extendleft",
    "insert",
    "intersection_update",
    "move_to_end",
    "pop",
    "popitem",
    "popleft",
    "remove",
    "reverse",
    "rotate",
    "setdefault",
    "sort",
    "subtract",
    "symmetric_difference_update",
    "update",
];
