//! Attributes and subscripts: what stands in the router in the place of attributes.

use super::Walker;
use super::refusals::short;
use crate::diagnostic::Diagnostic;
use crate::flow::codes;
use crate::flow::schema::string;
use crate::flow::tokens;
use crate::flow::types::kind::{RecordId, Type};
use crate::flow::types::literal::quoted;
use crate::flow::types::record::FieldDefault;
use crate::flow::types::{known, refuse};
use crate::source::Span;
use crate::syntax::tree::{Expr, ExprKind, Identifier, Literal};

impl<'a> Walker<'_, 'a, '_> {
    pub(super) fn attribute(&mut self, expr: &'a Expr, value: &'a Expr, attribute: &'a Identifier) -> Type {
        if let Some(root) = short_path(expr)
            && !self.is_bound(root)
        {
            if let Some((text, is_plain)) = self.typing.enum_member(self.around.home, expr) {
                self.settle(expr.span);
                match (text.starts_with('"'), self.quote(expr.span)) {
                    (true, Some('\'')) => self.edit(expr.span, quoted(text.trim_matches('"'), '\'')),
                    _ => self.edit(expr.span, text),
                }
                return Type::Enum { is_plain };
            }
            if !matches!(value.kind, ExprKind::Attribute { .. }) {
                return Type::Unknown;
            }
        }
        let base = self.value(value);
        self.attribute_of(&base, value, attribute, expr, false)
    }

    /// `value.attribute`, which becomes a key where `value` is an object.
    pub(super) fn attribute_of(
        &mut self,
        base: &Type,
        value: &'a Expr,
        attribute: &'a Identifier,
        whole: &'a Expr,
        is_written: bool,
    ) -> Type {
        let (name, span) = (attribute.name.as_str(), attribute.span);
        let source = self.source;
        let shown = || short(source.slice(value.span));
        match base.present() {
            Type::Record(id) => self.field(*id, value, attribute, whole, is_written),
            Type::Enum { .. } if name == "value" => {
                let dot = tokens::dot(self.source, value, span);
                self.edit(Span::new(dot, span.end), "");
                Type::Json
            }
            Type::Enum { .. } => {
                let diagnostic = self.typing.object_only(
                    None,
                    &format!("`.{name}` of a member of an enum"),
                    &format!("write `{}.value`: that is what a message holds", shown()),
                    span,
                );
                self.refuse(diagnostic);
                Type::Unknown
            }
            Type::Mixed | Type::List(_) | Type::Dict(_) | Type::Tuple(_)
                if !known::is_json_method(name) && (*base.present() == Type::Mixed || base.is_typed()) =>
            {
                self.refuse(self.uncertain(value, name, span));
                Type::Unknown
            }
            Type::Foreign(class) if !known::is_json_method(name) => {
                self.refuse(refuse::foreign(class, &shown(), name, span));
                Type::Unknown
            }
            Type::Json | Type::Loose | Type::Dict(_) | Type::List(_) if !known::is_json_method(name) => {
                let is_holding =
                    !self.holding.is_empty() && value.root().as_name().is_some_and(|root| self.holding.contains(root));
                if is_holding {
                    self.refuse(self.uncertain(value, name, span));
                } else if value.as_name().is_some() && !is_written {
                    self.refuse(refuse::of_json(&shown(), name, span));
                }
                Type::Unknown
            }
            Type::Mixed => Type::Mixed,
            _ => Type::Unknown,
        }
    }

    /// A field of an object, which becomes a key.
    fn field(
        &mut self,
        id: RecordId,
        value: &'a Expr,
        attribute: &'a Identifier,
        whole: &'a Expr,
        is_written: bool,
    ) -> Type {
        let (name, span) = (attribute.name.as_str(), attribute.span);
        let record = self.typing.record(id);
        let Some(field) = record.field(name) else {
            self.refuse(refuse::no_field(&record, name, span, is_written));
            return Type::Unknown;
        };
        if record.obstacle.is_some() {
            self.refuse_once(refuse::obstacle(&record, span));
            return field.ty.clone();
        }
        if let (Some(what), false) = (other_form(&field.ty), is_written) {
            self.refuse(refuse::other_form(&record, name, what, span));
            return Type::Unknown;
        }
        if field.default == FieldDefault::Unknown && !is_written {
            self.refuse_once(refuse::unknown_default(&record, name, span));
        }
        let Some(quote) = self.quote(span) else { return field.ty.clone() };
        let dot = tokens::dot(self.source, value, span);
        self.edit(Span::new(dot, span.end), format!("[{}]", quoted(name, quote)));
        if self.writes {
            self.typed.keys.insert(whole.span);
        }
        field.ty.clone()
    }

    /// The quote that a string can have here; none inside f-strings in f-strings.
    fn quote(&mut self, span: Span) -> Option<char> {
        let has = |quote| self.quotes.contains(&quote);
        match (has('"'), has('\'')) {
            (false, _) => Some('"'),
            (true, false) => Some('\''),
            (true, true) => {
                self.refuse(
                    Diagnostic::error(span, "a field in an f-string that stands in an f-string")
                        .code(codes::ATTRIBUTE)
                        .note("it becomes a key in quotes, and both kinds of quotes are taken")
                        .help("assign the inner text to a variable first"),
                );
                None
            }
        }
    }

    pub(super) fn subscript(&mut self, value: &'a Expr, index: &'a Expr) -> Type {
        let base = self.value(value);
        let key = self.value(index);
        self.no_object_key(&key, index);
        match base.present() {
            Type::Record(id) => {
                let name = string(index).unwrap_or("name");
                let text = short(self.source.slice(value.span));
                let diagnostic = self.typing.object_only(
                    Some(*id),
                    &format!("`{text}` is an object of `{}` and has no keys in Python", self.typing.record(*id).name),
                    &format!("write `{text}.{name}`"),
                    index.span,
                );
                self.refuse(diagnostic);
                Type::Unknown
            }
            Type::List(inner) => match &index.kind {
                ExprKind::Operation(operands) if tokens::is_slice(self.source, index, operands) => {
                    base.present().clone()
                }
                _ => (**inner).clone(),
            },
            Type::Tuple(items) => match &index.kind {
                ExprKind::Literal(Literal::Int(Some(at))) => {
                    let at = if *at < 0 { *at + items.len() as i64 } else { *at };
                    usize::try_from(at).ok().and_then(|at| items.get(at)).cloned().unwrap_or(Type::Unknown)
                }
                _ => base.element(),
            },
            Type::Dict(inner) => (**inner).clone(),
            Type::Json | Type::Loose => Type::Json,
            Type::Never => Type::Never,
            Type::Mixed | Type::Other(_) | Type::Enum { .. } => Type::Mixed,
            _ => Type::Unknown,
        }
    }
}

/// The first name of `module.Class.member`; nobody nests deeper.
fn short_path(expr: &Expr) -> Option<&str> {
    let mut at = expr;
    for _ in 0..8 {
        match &at.kind {
            ExprKind::Attribute { value, .. } => at = value,
            _ => return at.as_name(),
        }
    }
    None
}

/// What a message holds in another form, in a field of this type.
fn other_form(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Other(what) => Some(what),
        Type::Optional(inner) | Type::List(inner) | Type::Dict(inner) => other_form(inner),
        _ => None,
    }
}
