//! Decorators whose effect is known.

use super::{ModuleRef, Modules};
use crate::syntax::tree::{Expr, ExprKind};

/// Decorators that leave parameters, result and `async` as they are, by their full names.
const TRANSPARENT: &[&str] = &[
    "abc.abstractmethod",
    "backoff.on_exception",
    "backoff.on_predicate",
    "functools.cache",
    "functools.lru_cache",
    "stamina.retry",
    "tenacity.retry",
    "typing.final",
    "typing.no_type_check",
    "typing.override",
    "typing_extensions.override",
];

/// Marks of the flow language, under whatever module they are imported from.
const MARKS: &[&str] = &["actor", "flow", "inline", "unfold"];

/// Whether a decorator is known to leave the signature of what it decorates alone.
pub(super) fn decorator_keeps_signature(modules: &Modules<'_>, module: ModuleRef<'_>, decorator: &Expr) -> bool {
    let target = match &decorator.kind {
        ExprKind::Call { callee, .. } => callee,
        _ => decorator,
    };
    let Some(path) = target.dotted() else { return false };
    if path.last().is_some_and(|last| MARKS.contains(last)) || matches!(path[..], ["staticmethod" | "classmethod"]) {
        return true;
    }
    modules.full_name(module, &path).is_some_and(|name| TRANSPARENT.contains(&name.as_str()))
}
