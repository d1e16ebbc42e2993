//! Refuses what only works on the object itself, where the router has the dict of a message.

use super::Walker;
use crate::diagnostic::Diagnostic;
use crate::flow::types::kind::Type;
use crate::flow::types::record::Field;
use crate::flow::types::refuse;
use crate::source::Span;
use crate::syntax::tree::{Argument, Expr};

impl<'a> Walker<'_, 'a, '_> {
    /// Refuses what only works on the object itself.
    pub(super) fn no_object(&mut self, ty: &Type, place: &Expr, does: &str) {
        if !ty.is_object() {
            return;
        }
        let text = short(self.source.slice(place.span));
        let diagnostic = match ty.present() {
            Type::Record(id) => self.typing.object_only(
                Some(*id),
                &format!("this {does}: `{text}` is one of `{}`", self.typing.record(*id).name),
                "use the fields one by one, or make a dict first: `asdict(…)`, `.model_dump()`",
                place.span,
            ),
            Type::Enum { .. } => self.typing.object_only(
                None,
                &format!("this {does}: `{text}` is a member of an enum"),
                &format!("write `{text}.value`"),
                place.span,
            ),
            _ => self.uncertain(place, "…", place.span),
        };
        self.refuse(diagnostic);
    }

    pub(super) fn no_object_key(&mut self, ty: &Type, place: &Expr) {
        if !matches!(ty.present(), Type::Enum { is_plain: true }) {
            self.no_object(ty, place, "uses an object as a key");
        }
    }

    /// Refuses a value of a class that a field is not declared with.
    pub(super) fn check_field(&mut self, field: &Field, ty: &Type, span: Span) {
        if field.ty.is_typed() && !field.ty.takes(ty) {
            self.refuse(self.typing.mismatch(&format!("`{}`", field.name), &field.ty, ty, span));
        }
    }

    /// An attribute of something that may be an object.
    pub(super) fn uncertain(&self, value: &Expr, name: &str, span: Span) -> Diagnostic {
        let diagnostic = refuse::uncertain(&short(self.source.slice(value.span)), name, span);
        match value.root().as_name().and_then(|root| self.blurred.get(root)) {
            Some(place) => diagnostic.related(*place, "here it gets something of another class"),
            None => diagnostic,
        }
    }

    /// The text of an object, which shows its class in Python.
    pub(super) fn shown_object(&mut self, ty: &Type, place: &Expr) {
        let text = short(self.source.slice(place.span));
        let help = match ty.present() {
            Type::Enum { .. } => format!("write `{text}.value`"),
            _ => "show its fields".to_owned(),
        };
        let id = match ty.present() {
            Type::List(inner) | Type::Dict(inner) => inner.record(),
            other => other.record(),
        };
        let what = format!("the text of {} is another one in the router", self.typing.shown(ty));
        let diagnostic = self.typing.object_only(id, &what, &help, place.span);
        self.refuse(diagnostic);
    }

    /// Arguments of a call that is not followed.
    pub(super) fn handed_on(&mut self, callee: &'a Expr, arguments: &'a [Argument]) {
        let types: Vec<Type> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
        self.handed_on_types(callee, arguments, &types);
    }

    pub(super) fn handed_on_types(&mut self, callee: &'a Expr, arguments: &'a [Argument], types: &[Type]) {
        for (argument, ty) in arguments.iter().zip(types) {
            if ty.is_typed() && !matches!(ty, Type::Pending(_)) {
                let name = short(self.source.slice(callee.span));
                self.object_handed_on(&name, ty, &argument.value);
            }
        }
    }

    pub(super) fn object_handed_on(&mut self, callee: &str, ty: &Type, place: &Expr) {
        let shown = self.typing.shown(ty);
        let id = match ty.present() {
            Type::List(inner) | Type::Dict(inner) => inner.record(),
            other => other.record(),
        };
        let diagnostic = self.typing.object_only(
            id,
            &format!("`{callee}` is handed {shown}"),
            "hand over the fields it needs, or a dict: `asdict(…)`, `.model_dump()`",
            place.span,
        );
        self.refuse(diagnostic);
    }
}

/// Text on one line, cut where it is long.
pub(super) fn short(text: &str) -> String {
    // Its beginning is enough: every part of a long chain is shown once.
    let beginning: String = text.chars().take(400).collect();
    let text = beginning.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > 40 { text.chars().take(39).chain(['…']).collect() } else { text }
}
