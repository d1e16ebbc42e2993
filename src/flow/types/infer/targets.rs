//! Targets: what names, fields and containers are given.

use std::collections::BTreeSet;

use super::Walker;
use crate::diagnostic::Diagnostic;
use crate::flow::codes;
use crate::flow::effects::target_names;
use crate::flow::types::kind::Type;
use crate::source::Span;
use crate::syntax::tree::{Expr, ExprKind, Identifier};

impl<'a> Walker<'_, 'a, '_> {
    /// `target = value`, `for target in …`.
    pub(super) fn bind(&mut self, target: &'a Expr, ty: &Type) {
        match &target.kind {
            ExprKind::Name(name) => self.holds(name, ty),
            ExprKind::Starred(inner) => self.bind(inner, ty),
            ExprKind::Sequence { items, .. } => {
                self.no_object(ty, target, "takes an object apart");
                let has_star = items.iter().any(|item| matches!(item.kind, ExprKind::Starred(_)));
                match ty.present() {
                    Type::Tuple(parts) if parts.len() == items.len() && !has_star => {
                        items.iter().zip(parts).for_each(|(item, part)| self.bind(item, part));
                    }
                    _ => {
                        for item in items {
                            let element = ty.element();
                            let is_star = matches!(item.kind, ExprKind::Starred(_));
                            self.bind(item, &if is_star { Type::list(element) } else { element });
                        }
                    }
                }
            }
            ExprKind::Attribute { value, attribute } => self.set_attribute(target, value, attribute, ty),
            ExprKind::Subscript { value, index } => {
                let base = self.value(value);
                let key = self.value(index);
                self.no_object(&base, value, "takes a part of an object");
                self.no_object_key(&key, index);
                self.put(value, &base, ty, target.span);
            }
            _ => {
                self.value(target);
            }
        }
    }

    /// Notes that something is put into the container `place`, which is of type `base`.
    pub(super) fn put(&mut self, place: &'a Expr, base: &Type, ty: &Type, span: Span) {
        match (&place.kind, base.present()) {
            (ExprKind::Name(name), Type::List(_)) => self.holds(name, &Type::list(ty.clone())),
            (ExprKind::Name(name), Type::Dict(_)) => self.holds(name, &Type::Dict(Box::new(ty.clone()))),
            (_, Type::List(inner) | Type::Dict(inner)) if inner.is_typed() && !inner.takes(ty) => {
                let diagnostic = self.typing.mismatch("what this holds", inner, ty, span);
                self.refuse(diagnostic);
            }
            (_, Type::Json | Type::Loose | Type::Unknown | Type::List(_) | Type::Dict(_)) if ty.is_typed() => {
                if let Some(root) = place.root().as_name()
                    && self.holding.insert(root.to_owned())
                {
                    self.changed = true;
                }
            }
            _ => {}
        }
    }

    pub(super) fn delete(&mut self, target: &'a Expr) {
        match &target.kind {
            ExprKind::Name(_) => {}
            ExprKind::Sequence { items, .. } => items.iter().for_each(|item| self.delete(item)),
            ExprKind::Attribute { value, attribute } => {
                let ty = self.value(value);
                if ty.record().is_some() {
                    let what = format!("the field `{}` cannot be deleted", attribute.name);
                    let diagnostic = self.typing.object_only(
                        ty.record(),
                        &what,
                        "set it to `None`, or to what it has by default",
                        target.span,
                    );
                    self.refuse(diagnostic);
                }
            }
            ExprKind::Subscript { value, index } => {
                let base = self.value(value);
                self.no_object(&base, value, "takes a part of an object");
                self.value(index);
            }
            _ => {
                self.value(target);
            }
        }
    }

    /// `value.attribute = …`.
    fn set_attribute(&mut self, target: &'a Expr, value: &'a Expr, attribute: &'a Identifier, ty: &Type) {
        let base = self.value(value);
        let Some(id) = base.record() else {
            self.attribute_of(&base, value, attribute, target, true);
            return;
        };
        self.attribute_of(&base, value, attribute, target, true);
        let record = self.typing.record(id);
        let Some(field) = record.field(&attribute.name) else { return };
        if record.is_frozen || field.is_frozen {
            let diagnostic = Diagnostic::error(target.span, format!("`{}` is frozen: Python raises here", record.name))
                .code(codes::OBJECT_ONLY)
                .related_in(&record.source, record.span, "the class")
                .help("make a changed copy: `dataclasses.replace(…)`, `.model_copy(update={…})`");
            self.refuse(diagnostic);
        } else if field.ty.is_typed() {
            self.check_field(field, ty, target.span);
        } else if ty.is_typed() {
            self.put(target, &Type::Json, ty, target.span);
        }
    }

    /// Binds the names of a target for as long as a comprehension lasts.
    pub(super) fn open(&mut self, target: &'a Expr, ty: &Type) {
        let mut names = BTreeSet::new();
        target_names(target, &mut names);
        self.local.extend(names.into_iter().map(|name| (name, Type::Never)));
        self.bind(target, ty);
    }
}
