//! The type that an annotation names, in whichever module it stands.

use super::Typing;
use super::classes::ClassKind;
use super::kind::Type;
use super::known::{self, Former};
use crate::flow::modules::{ClassRef, Found, ModuleRef};
use crate::flow::schema::{items, parsed, string};
use crate::syntax::tree::{Expr, ExprKind, Literal};

/// Reads annotations of one module.
pub(super) struct Reader<'t, 'a> {
    pub(super) typing: &'t Typing<'a>,
    pub(super) module: ModuleRef<'a>,
    /// Of fields: what is a tuple or a set there is a list in the message.
    pub(super) in_field: bool,
}

/// Deeper annotations and longer chains of aliases are not followed.
const MAX_DEPTH: usize = 24;

impl<'a> Reader<'_, 'a> {
    /// The type of an annotation.
    pub(super) fn read(&self, annotation: &Expr) -> Type {
        self.at(annotation, 0)
    }

    fn at(&self, annotation: &Expr, depth: usize) -> Type {
        if depth > MAX_DEPTH {
            return Type::Unknown;
        }
        match &annotation.kind {
            ExprKind::Literal(Literal::None) => Type::None,
            ExprKind::Literal(Literal::Str(_)) => match string(annotation).and_then(parsed) {
                Some(inner) => self.at(&inner, depth + 1),
                None => Type::Foreign("annotation".to_owned()),
            },
            // The only operator with a meaning in annotations is `|`.
            ExprKind::Operation(members) if members.len() == 2 => self.union(members, depth),
            ExprKind::Subscript { value, index } => match self.former(value) {
                Some(former) => self.formed(former, items(index), depth),
                None => self.named(value, depth),
            },
            ExprKind::Name(_) | ExprKind::Attribute { .. } => match self.former(annotation) {
                Some(former) => self.formed(former, &[], depth),
                None => self.named(annotation, depth),
            },
            _ => Type::Unknown,
        }
    }

    fn former(&self, expr: &Expr) -> Option<Former> {
        known::former(&self.typing.full_name(self.module, expr)?)
    }

    fn union(&self, members: &[Expr], depth: usize) -> Type {
        members.iter().fold(Type::Never, |all, member| all.join(&self.at(member, depth + 1)))
    }

    fn formed(&self, former: Former, arguments: &[Expr], depth: usize) -> Type {
        let inner = |at: usize| arguments.get(at).map_or(Type::Json, |one| self.at(one, depth + 1));
        match former {
            Former::Optional => inner(0).or_none(),
            Former::Union => self.union(arguments, depth),
            Former::Wrapper | Former::Emits => inner(0),
            Former::Awaitable => inner(arguments.len().saturating_sub(1)),
            Former::Literal => Type::Json,
            Former::List => simple(Type::list(inner(0))),
            Former::Dict => simple(Type::Dict(Box::new(inner(1)))),
            Former::Set if self.in_field => Type::Other("a `set`"),
            Former::Set => Type::Unknown,
            Former::Tuple if self.in_field => Type::Other("a `tuple`"),
            Former::Tuple => match arguments {
                [only, rest] if matches!(rest.kind, ExprKind::Literal(Literal::Ellipsis)) => {
                    simple(Type::list(self.at(only, depth + 1)))
                }
                _ => simple(Type::Tuple(arguments.iter().map(|one| self.at(one, depth + 1)).collect())),
            },
        }
    }

    fn named(&self, expr: &Expr, depth: usize) -> Type {
        let Some(path) = expr.dotted() else { return Type::Unknown };
        let full = self.typing.full_name(self.module, expr).unwrap_or_else(|| path.join("."));
        if known::is_plain(&full) {
            return Type::Json;
        }
        if let Some(what) = known::other(&full) {
            return if self.in_field { Type::Other(what) } else { Type::Unknown };
        }
        match self.typing.modules.resolve(self.module, &path) {
            Some(Found::Class(class)) => self.class(&class),
            Some(Found::Value { module, value, .. }) => {
                let reader = Reader { module, ..*self };
                match &value.kind {
                    ExprKind::Call { callee, arguments } => match self.typing.full_name(module, callee).as_deref() {
                        Some("typing.NewType") => {
                            arguments.get(1).map_or(Type::Unknown, |one| reader.at(&one.value, depth + 1))
                        }
                        _ => Type::Foreign(path.join(".")),
                    },
                    _ => reader.at(value, depth + 1),
                }
            }
            _ => Type::Foreign(path.join(".")),
        }
    }

    fn class(&self, class: &ClassRef<'a>) -> Type {
        match self.typing.class_kind(class, 0) {
            Some(ClassKind::Record(_)) => match self.typing.record_of(class) {
                Some(id) => Type::Record(id),
                None => Type::Foreign(class.name()),
            },
            Some(ClassKind::TypedDict) => Type::Json,
            Some(ClassKind::Enum { is_plain }) => Type::Enum { is_plain },
            Some(ClassKind::NamedTuple) if self.in_field => Type::Other("a named tuple"),
            Some(ClassKind::NamedTuple) => Type::Mixed,
            None => Type::Foreign(class.name()),
        }
    }
}

/// A container of nothing but JSON is just JSON.
fn simple(container: Type) -> Type {
    if container.is_typed() || container.is_foreign() { container } else { Type::Json }
}
