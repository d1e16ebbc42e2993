//! Builtin functions that are handed objects.

use super::Walker;
use crate::flow::types::kind::Type;
use crate::flow::types::known;
use crate::syntax::tree::{Argument, Expr, ExprKind};

impl<'a> Walker<'_, 'a, '_> {
    /// What a builtin function gives for its arguments.
    pub(super) fn builtin(&mut self, name: &str, arguments: &'a [Argument]) -> Type {
        if matches!(name, "isinstance" | "issubclass") {
            return self.class_test(arguments);
        }
        let mut types: Vec<Type> = Vec::new();
        for (at, argument) in arguments.iter().enumerate() {
            let ty = match (name, types.as_slice()) {
                ("map" | "filter", _) if at == 0 && matches!(argument.value.kind, ExprKind::Lambda { .. }) => {
                    let given = arguments.get(1).map_or(Type::Unknown, |items| self.value(&items.value).element());
                    self.lambda(&argument.value, &given)
                }
                ("sorted" | "min" | "max", [first, ..]) => self.lambda(&argument.value, &first.element()),
                _ => self.value(&argument.value),
            };
            types.push(ty);
        }
        if !types.iter().any(Type::is_typed) {
            return untyped_result(name, &types);
        }
        if !known::CONTAINER_BUILTINS.contains(&name) {
            self.given_to_builtin(name, arguments, &types);
            return Type::Unknown;
        }
        for (argument, ty) in arguments.iter().zip(&types) {
            let is_default = argument.keyword.as_ref().is_some_and(|keyword| keyword.name == "default");
            if name != "bool"
                && name != "id"
                && !is_default
                && !matches!(argument.value.kind, ExprKind::Starred(_) | ExprKind::Lambda { .. })
                && arguments.len() == 1
            {
                self.no_object(ty, &argument.value, &format!("hands an object to `{name}`"));
            }
        }
        container_result(name, arguments, &types)
    }

    /// `isinstance(value, class)`.
    fn class_test(&mut self, arguments: &'a [Argument]) -> Type {
        let mut first = Type::Unknown;
        let mut is_refused = false;
        for (at, argument) in arguments.iter().enumerate() {
            match at {
                0 => first = self.value(&argument.value),
                1 if !matches!(argument.value.kind, ExprKind::Lambda { .. }) => {
                    is_refused = self.asked_class(&argument.value);
                }
                _ => {
                    self.value(&argument.value);
                }
            }
        }
        let asks_error = arguments.get(1).and_then(|class| class.value.dotted()).is_some_and(|parts| {
            parts.last().is_some_and(|last| last.ends_with("Exception") || last.ends_with("Error"))
        });
        if first.is_typed() && !asks_error && !is_refused {
            self.no_object(&first, &arguments[0].value, "asks for the class of an object");
        }
        Type::Json
    }

    /// Refuses objects as arguments of a builtin that would look at them.
    fn given_to_builtin(&mut self, name: &str, arguments: &'a [Argument], types: &[Type]) {
        for (argument, ty) in arguments.iter().zip(types) {
            if ty.is_typed() && !matches!(ty, Type::Pending(_)) {
                match name {
                    "str" | "repr" | "print" | "format" | "ascii" => self.shown_object(ty, &argument.value),
                    _ => self.object_handed_on(name, ty, &argument.value),
                }
            }
        }
    }

    /// The class that `isinstance` asks for; whether it was refused.
    fn asked_class(&mut self, expr: &'a Expr) -> bool {
        let mut is_refused = false;
        let items = match &expr.kind {
            ExprKind::Sequence { items, .. } | ExprKind::Operation(items) => items.as_slice(),
            _ => std::slice::from_ref(expr),
        };
        for item in items {
            let class = item
                .dotted()
                .filter(|parts| !self.is_bound(parts[0]))
                .and_then(|_| self.typing.class(self.around.home, item));
            match class.and_then(|class| self.typing.record_of(&class)) {
                Some(id) => {
                    let name = self.typing.record(id).name.clone();
                    self.settle(item.span);
                    is_refused = true;
                    self.refuse(self.typing.object_only(
                        Some(id),
                        &format!("whether a value is one of `{name}` cannot be seen in a message"),
                        "tell the cases apart by a field, for example `kind`",
                        item.span,
                    ));
                }
                None => {
                    self.value(item);
                }
            }
        }
        is_refused
    }
}

/// What a builtin gives for arguments without objects.
fn untyped_result(name: &str, types: &[Type]) -> Type {
    let element = types.first().map_or(Type::Unknown, Type::element);
    match name {
        "sorted" | "list" => Type::list(element),
        "len" | "str" | "int" | "float" | "bool" | "any" | "all" | "repr" => Type::Json,
        // Of numbers a number, of the difference of two dates another one.
        "round" | "abs" if types.first() == Some(&Type::Json) => Type::Json,
        "sum" if element == Type::Json => Type::Json,
        "enumerate" => Type::list(Type::Tuple(vec![Type::Json, element])),
        _ => Type::Unknown,
    }
}

/// What one of [`known::CONTAINER_BUILTINS`] gives for arguments with objects among them.
fn container_result(name: &str, arguments: &[Argument], types: &[Type]) -> Type {
    let first = types.first().cloned().unwrap_or(Type::Unknown);
    match name {
        "list" | "sorted" | "reversed" | "iter" | "tuple" => Type::list(first.element()),
        "enumerate" => Type::list(Type::Tuple(vec![Type::Json, first.element()])),
        "zip" => Type::list(Type::Tuple(types.iter().map(Type::element).collect())),
        "map" => Type::list(first),
        "filter" => Type::list(types.get(1).map_or(Type::Unknown, Type::element)),
        // `max(a, b)` of objects.
        "min" | "max" | "next" if first.is_object() => Type::Mixed,
        "min" | "max" | "next" => {
            let defaults = arguments
                .iter()
                .zip(types)
                .skip(1)
                .filter(|(argument, _)| argument.keyword.as_ref().is_none_or(|keyword| keyword.name == "default"));
            defaults.fold(first.element(), |all, (_, ty)| all.join(ty))
        }
        "dict" => match first {
            Type::Dict(inner) => Type::Dict(inner),
            _ => Type::Mixed,
        },
        "sum" => types.iter().fold(Type::Json, |all, ty| if ty.element().is_typed() { Type::Mixed } else { all }),
        _ => Type::Json,
    }
}
