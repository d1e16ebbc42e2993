//! What Python looks at before a call inside an expression, though it is used only behind the call:
//! a name that is not bound and a method that is not there are errors before the call is made.

use std::collections::{BTreeMap, BTreeSet};

use super::Lowering;
use super::expression::Value;
use crate::flow::effects::target_names;
use crate::flow::graph::{BlockId, Step};
use crate::flow::scope::Binding;
use crate::syntax::tree::{ComprehensionKind, Expr, ExprKind, Function, Literal, SequenceKind, Stmt, StmtKind};
use crate::syntax::{blocks, expressions, walk};

/// What has the methods of its class and no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    List,
    Dict,
    Text,
}

/// The class of variables all of whose values are of one class.
pub(super) type Classes = BTreeMap<String, Option<Class>>;

impl<'a> Lowering<'_, 'a> {
    /// A part that is a name, or changes nothing and is the same after the calls.
    pub(super) fn look_at(&mut self, part: &'a Expr, value: &Value, at: BlockId) {
        let mut step = Step::made(value.code.clone(), part.span, value.effect.clone());
        match &part.kind {
            ExprKind::Name(name) if !self.locals.contains(name) || self.instances.contains_key(name) => return,
            ExprKind::Name(_) => step.only_unbound = value.effect.reads.iter().next().map(|name| name.as_str().into()),
            _ if value.is_settled => return,
            _ => {}
        }
        self.push(at, step);
    }

    /// The method of `call`, whose object is `object`.
    pub(super) fn look_for_method(&mut self, call: &'a Expr, object: &Value, at: BlockId) {
        let ExprKind::Call { callee, .. } = &call.kind else { return };
        let ExprKind::Attribute { value, attribute } = &callee.kind else { return };
        let is_typed = self.typed.methods.contains_key(&call.span)
            || [&self.typed.settled, &self.typed.keys].iter().any(|known| known.contains(&callee.span));
        if !is_typed && !self.has_method(value, &attribute.name) {
            let code = object.code.clone().then(format!(".{}", attribute.name));
            self.push(at, Step::made(code, callee.span, object.effect.clone()));
        }
    }

    /// Whether a method is certain to be there.
    fn has_method(&self, value: &Expr, method: &str) -> bool {
        let class = match value.as_name() {
            Some(name) if self.locals.contains(name) => self.classes.get(name).copied().flatten(),
            Some(name) => match (self.around.scope.get(name).map(|found| found.binding), name) {
                (Some(Binding::Constant(value)), _) => class_of(value),
                (None, "list") => Some(Class::List),
                (None, "dict") => Some(Class::Dict),
                (None, "str") => Some(Class::Text),
                (None | Some(Binding::Unclear), _) => None,
                // What modules and classes of the project have is looked at when they are called.
                (Some(_), _) => return true,
            },
            None if value.dotted().is_some_and(|path| !self.locals.contains(path[0])) => return true,
            None => class_of(value),
        };
        class.is_some_and(|class| methods(class).contains(&method))
    }
}

/// The classes of a function's variables, as far as its assignments show them.
pub(super) fn classes(function: &Function) -> Classes {
    let mut classes: Classes =
        crate::flow::effects::parameter_names(&function.parameters).map(|name| (name.to_owned(), None)).collect();
    find(&function.body, &mut classes);
    classes
}

fn find(body: &[Stmt], classes: &mut Classes) {
    let bind = |classes: &mut Classes, name: &str, class: Option<Class>| {
        let known = classes.entry(name.to_owned()).or_insert(class);
        if *known != class {
            *known = None;
        }
    };
    for stmt in body {
        let mut others = BTreeSet::new();
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if let ExprKind::Named { target, .. } = &expr.kind {
                    others.extend(target.as_name().map(str::to_owned));
                }
                true
            });
        }
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                for target in targets {
                    match target.as_name() {
                        Some(name) => bind(classes, name, class_of(value)),
                        None => target_names(target, &mut others),
                    }
                }
            }
            StmtKind::AnnAssign { target, value, .. } => match (target.as_name(), value) {
                (Some(name), Some(value)) => bind(classes, name, class_of(value)),
                _ => target_names(target, &mut others),
            },
            // A list stays a list, whatever is added.
            StmtKind::AugAssign { .. } => {}
            StmtKind::For { target, .. } => target_names(target, &mut others),
            StmtKind::With { items, .. } => {
                items.iter().filter_map(|(_, target)| target.as_ref()).for_each(|one| target_names(one, &mut others));
            }
            StmtKind::Try { handlers, .. } => {
                others.extend(handlers.iter().filter_map(|one| one.name.as_ref()).map(|name| name.name.clone()));
            }
            StmtKind::Match { cases, .. } => {
                others.extend(cases.iter().flat_map(|case| &case.captures).map(|name| name.name.clone()));
            }
            StmtKind::Function(function) => _ = others.insert(function.name.name.clone()),
            StmtKind::Class(class) => _ = others.insert(class.name.name.clone()),
            _ => {}
        }
        others.iter().for_each(|name| bind(classes, name, None));
        if !matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_)) {
            blocks(stmt).into_iter().for_each(|block| find(block, classes));
        }
    }
}

fn class_of(value: &Expr) -> Option<Class> {
    match &value.kind {
        ExprKind::Sequence { kind: SequenceKind::List, .. }
        | ExprKind::Comprehension { kind: ComprehensionKind::List, .. } => Some(Class::List),
        ExprKind::Dict(_) | ExprKind::Comprehension { kind: ComprehensionKind::Dict, .. } => Some(Class::Dict),
        ExprKind::Literal(Literal::Str(_)) => Some(Class::Text),
        _ => None,
    }
}

/// The methods that objects of a class have in every version of Python.
fn methods(class: Class) -> &'static [&'static str] {
    match class {
        Class::List => {
            &["append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"]
        }
        Class::Dict => {
            &["clear", "copy", "fromkeys", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"]
        }
        Class::Text => &[
            "capitalize",
            "casefold",
            "center",
            "count",
            "encode",
            "endswith",
            "expandtabs",
            "find",
            "format",
            "format_map",
            "index",
            "isalnum",
            "isalpha",
            "isascii",
            "isdecimal",
            "isdigit",
            "isidentifier",
            "islower",
            "isnumeric",
            "isprintable",
            "isspace",
            "istitle",
            "isupper",
            "join",
            "ljust",
            "lower",
            "lstrip",
            "maketrans",
            "partition",
            "removeprefix",
            "removesuffix",
            "replace",
            "rfind",
            "rindex",
            "rjust",
            "rpartition",
            "rsplit",
            "rstrip",
            "split",
            "splitlines",
            "startswith",
            "strip",
            "swapcase",
            "title",
            "translate",
            "upper",
            "zfill",
        ],
    }
}
