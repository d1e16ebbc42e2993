//! Methods of containers and of other values that a message holds.

use super::Walker;
use super::refusals::short;
use crate::flow::types::kind::Type;
use crate::flow::types::{known, refuse};
use crate::source::Span;
use crate::syntax::tree::{Argument, Expr, ExprKind};

/// A call `value.name(arguments)`, with the types of the arguments.
struct Invocation<'e, 'n> {
    /// The whole call.
    span: Span,
    value: &'e Expr,
    callee: &'e Expr,
    name: &'n str,
    arguments: &'e [Argument],
    types: Vec<Type>,
}

impl Invocation<'_, '_> {
    fn first(&self) -> Type {
        self.types.first().cloned().unwrap_or(Type::Never)
    }

    fn second(&self) -> Option<Type> {
        self.types.get(1).cloned()
    }
}

impl<'a> Walker<'_, 'a, '_> {
    /// `value.name(arguments)`.
    pub(super) fn method(
        &mut self,
        expr: &'a Expr,
        base: &Type,
        value: &'a Expr,
        callee: &'a Expr,
        name: &str,
        arguments: &'a [Argument],
    ) -> Type {
        if let Some(id) = base.record() {
            return self.method_of_object(expr, id, value, callee, name, arguments);
        }
        let element = base.element();
        let types: Vec<Type> = arguments
            .iter()
            .map(|argument| match (&argument.value.kind, name) {
                (ExprKind::Lambda { .. }, "sort") => self.lambda(&argument.value, &element),
                _ => self.value(&argument.value),
            })
            .collect();
        let call = Invocation { span: expr.span, value, callee, name, arguments, types };
        match base.present() {
            Type::Pending(inner) if name == "result" => (**inner).clone(),
            Type::Pending(_) => Type::Unknown,
            Type::List(inner) => self.method_of_list(&call, base, inner),
            Type::Dict(inner) => self.method_of_dict(&call, base, inner),
            Type::Json | Type::Loose if known::is_json_method(name) => self.method_of_json(&call),
            Type::Mixed if known::is_json_method(name) => Type::Mixed,
            Type::Enum { is_plain: true } if known::is_json_method(name) => Type::Json,
            Type::Foreign(_) if known::is_json_method(name) => self.method_of_other(&call),
            Type::Json | Type::Loose | Type::Mixed | Type::Foreign(_) | Type::Enum { .. } => {
                self.no_such_method(&call, base)
            }
            _ => self.method_of_other(&call),
        }
    }

    fn method_of_list(&mut self, call: &Invocation<'a, '_>, base: &Type, inner: &Type) -> Type {
        match call.name {
            "append" => self.put(call.value, base, &call.first(), call.span),
            "insert" => self.put(call.value, base, &call.second().unwrap_or(Type::Never), call.span),
            "extend" => self.put(call.value, base, &call.first().element(), call.span),
            "pop" => return inner.clone(),
            "copy" => return base.present().clone(),
            "index" | "count" | "remove" if inner.is_typed() && !equals_element(inner, &call.first()) => {
                self.handed_on_types(call.callee, call.arguments, &call.types);
            }
            "index" | "count" | "remove" | "sort" | "reverse" | "clear" => {}
            _ => self.handed_on_types(call.callee, call.arguments, &call.types),
        }
        Type::Unknown
    }

    fn method_of_dict(&mut self, call: &Invocation<'a, '_>, base: &Type, inner: &Type) -> Type {
        match call.name {
            "get" => return inner.join(&call.second().unwrap_or(Type::None)),
            "pop" => return call.second().map_or_else(|| inner.clone(), |default| inner.join(&default)),
            "setdefault" => {
                let default = call.second().unwrap_or(Type::None);
                self.put(call.value, base, &default, call.span);
                return inner.join(&default);
            }
            "update" => {
                for ty in &call.types {
                    let inside = match ty {
                        Type::Dict(inner) => inner,
                        other => other,
                    };
                    self.put(call.value, base, inside, call.span);
                }
            }
            "values" => return Type::list(inner.clone()),
            "items" => return Type::list(Type::Tuple(vec![Type::Json, inner.clone()])),
            "popitem" => return Type::Tuple(vec![Type::Json, inner.clone()]),
            "copy" => return base.present().clone(),
            "keys" | "clear" => return Type::Json,
            _ => self.handed_on_types(call.callee, call.arguments, &call.types),
        }
        Type::Unknown
    }

    fn method_of_json(&mut self, call: &Invocation<'a, '_>) -> Type {
        let mut put = |ty: &Type| self.put(call.value, &Type::Json, ty, call.span);
        match call.name {
            "append" | "add" => put(&call.first()),
            "insert" | "setdefault" => put(&call.second().unwrap_or(Type::Never)),
            "extend" => put(&call.first().element()),
            "update" => call.types.iter().for_each(put),
            "get" | "pop" if call.second().is_some_and(|default| default.is_typed()) => return Type::Mixed,
            "get" | "pop" => {}
            // Bytes have methods that nothing in JSON has.
            "encode" | "to_bytes" => return Type::Unknown,
            _ => self.handed_on_types(call.callee, call.arguments, &call.types),
        }
        Type::Json
    }

    /// A method that the value does not have in a message.
    fn no_such_method(&mut self, call: &Invocation<'a, '_>, base: &Type) -> Type {
        let ExprKind::Attribute { attribute, .. } = &call.callee.kind else { return Type::Unknown };
        match base.present() {
            Type::Mixed => {
                self.refuse(self.uncertain(call.value, call.name, attribute.span));
                return Type::Mixed;
            }
            Type::Foreign(class) => {
                let text = short(self.source.slice(call.value.span));
                self.refuse(refuse::foreign(class, &text, call.name, attribute.span));
            }
            _ => {
                self.attribute_of(base, call.value, attribute, call.callee, false);
            }
        }
        Type::Unknown
    }

    fn method_of_other(&mut self, call: &Invocation<'a, '_>) -> Type {
        // `group.create_task(call)` gives what the call gives.
        if let [pending @ Type::Pending(_)] = call.types.as_slice() {
            return pending.clone();
        }
        self.handed_on_types(call.callee, call.arguments, &call.types);
        Type::Unknown
    }
}

fn equals_element(inner: &Type, value: &Type) -> bool {
    inner == value || *value == Type::Never
}
