//! The types of expressions, and what stands in the router in the place of their attributes.

use super::infer::{Walker, short};
use super::kind::Type;
use super::record::{Default, quoted};
use super::{known, refuse, text};
use crate::diagnostic::Diagnostic;
use crate::flow::codes;
use crate::source::Span;
use crate::syntax::tree::{Clause, ComprehensionKind, Expr, ExprKind, Identifier, Literal, SequenceKind};
use crate::syntax::{children, walk};

impl<'a> Walker<'_, 'a, '_> {
    /// The type of an expression.
    pub(super) fn value(&mut self, expr: &'a Expr) -> Type {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, expr.span),
            ExprKind::Literal(Literal::None) => Type::None,
            ExprKind::Literal(Literal::Bytes | Literal::Complex | Literal::Ellipsis) => Type::Unknown,
            ExprKind::Literal(_) => Type::Json,
            ExprKind::Attribute { value, attribute } => self.attribute(expr, value, attribute),
            ExprKind::Subscript { value, index } => self.subscript(value, index),
            ExprKind::Call { callee, arguments } => self.call(expr, callee, arguments, false),
            ExprKind::Await(value) => self.awaited(expr, value),
            ExprKind::Sequence { kind, items } => self.sequence(*kind, items),
            ExprKind::Dict(items) => {
                let mut inner = Type::Never;
                for (key, value) in items {
                    let ty = self.value(value);
                    match key {
                        Some(key) => {
                            let key_type = self.value(key);
                            self.no_object_key(&key_type, key);
                            inner = inner.join(&ty);
                        }
                        None => {
                            self.no_object(&ty, value, "unpacks an object");
                            inner = inner.join(&match ty {
                                Type::Dict(inner) => *inner,
                                Type::Mixed => Type::Mixed,
                                _ => Type::Json,
                            });
                        }
                    }
                }
                Type::Dict(Box::new(inner))
            }
            ExprKind::Lambda { .. } => self.lambda(expr, &Type::Unknown),
            ExprKind::Comprehension { kind, elements, clauses } => self.comprehension(*kind, elements, clauses),
            ExprKind::Named { target, value } => {
                let ty = self.value(value);
                if let Some(name) = target.as_name() {
                    self.holds(name, &ty);
                }
                ty
            }
            ExprKind::Conditional { test, body, orelse } => {
                self.value(test);
                let body = self.value(body);
                body.join(&self.value(orelse))
            }
            ExprKind::BoolOp(items) => items.iter().fold(Type::Never, |all, item| {
                let ty = self.value(item);
                all.join(&ty)
            }),
            ExprKind::Comparison { operands, .. } => self.comparison(operands),
            ExprKind::Operation(operands) => self.operation(expr, operands),
            ExprKind::Starred(value) => {
                let ty = self.value(value);
                self.no_object(&ty, value, "goes over an object");
                ty.element()
            }
            ExprKind::Yield(value) => {
                value.iter().for_each(|value| {
                    self.value(value);
                });
                Type::Unknown
            }
        }
    }

    fn name(&mut self, name: &str, span: Span) -> Type {
        if let Some((_, ty)) = self.local.iter().rev().find(|(known, _)| known == name) {
            return ty.clone();
        }
        if self.around.locals.contains(name) {
            return self.known.get(name).cloned().unwrap_or(Type::Never);
        }
        let class = self.typing.class_at(self.around.home, &[name], 0);
        if let Some(id) = class.and_then(|class| self.typing.record_of(&class)) {
            let diagnostic = self.typing.object_only(
                Some(id),
                &format!("the class `{name}` itself is used here"),
                "make an object of it, or do this in an actor",
                span,
            );
            self.settle(span);
            self.refuse(diagnostic);
        }
        Type::Unknown
    }

    /// Nobody else has to look at what stands here.
    pub(super) fn settle(&mut self, span: Span) {
        if self.writes {
            self.typed.settled.insert(span);
        }
    }

    fn attribute(&mut self, expr: &'a Expr, value: &'a Expr, attribute: &'a Identifier) -> Type {
        if let Some(parts) = expr.dotted()
            && !self.is_bound(parts[0])
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
        let shown = short(self.source.slice(value.span));
        match base.present() {
            Type::Record(id) => {
                let record = self.typing.record(*id);
                let Some(field) = record.field(name) else {
                    self.refuse(refuse::no_field(&record, name, span, is_written));
                    return Type::Unknown;
                };
                if record.obstacle.is_some() {
                    self.refuse(refuse::obstacle(&record, span));
                    return field.ty.clone();
                }
                if let (Some(what), false) = (other_form(&field.ty), is_written) {
                    self.refuse(refuse::other_form(&record, name, what, span));
                    return Type::Unknown;
                }
                if field.default == Default::Unknown && !is_written {
                    self.refuse(refuse::unknown_default(&record, name, span));
                }
                let Some(quote) = self.quote(span) else { return field.ty.clone() };
                let dot = text::dot(self.source, value, span);
                self.edit(Span::new(dot, span.end), format!("[{}]", quoted(name, quote)));
                if self.writes {
                    self.typed.keys.insert(whole.span);
                }
                field.ty.clone()
            }
            Type::Enum { .. } if name == "value" => {
                let dot = text::dot(self.source, value, span);
                self.edit(Span::new(dot, span.end), "");
                Type::Json
            }
            Type::Enum { .. } => {
                let diagnostic = self.typing.object_only(
                    None,
                    &format!("`.{name}` of a member of an enum"),
                    &format!("write `{shown}.value`: that is what a message holds"),
                    span,
                );
                self.refuse(diagnostic);
                Type::Unknown
            }
            Type::Mixed | Type::List(_) | Type::Dict(_) | Type::Tuple(_)
                if !known::is_json_method(name) && (*base.present() == Type::Mixed || base.is_typed()) =>
            {
                self.refuse(refuse::uncertain(&shown, name, span));
                Type::Unknown
            }
            Type::Foreign(class) if !known::is_json_method(name) => {
                self.refuse(refuse::foreign(class, &shown, name, span));
                Type::Unknown
            }
            Type::Json | Type::Loose | Type::Dict(_) | Type::List(_) if !known::is_json_method(name) => {
                let is_holding = value.root().as_name().is_some_and(|root| self.holding.contains(root));
                if is_holding {
                    self.refuse(refuse::uncertain(&shown, name, span));
                } else if value.as_name().is_some() {
                    self.refuse(refuse::of_json(&shown, name, span));
                }
                Type::Unknown
            }
            Type::Mixed => Type::Mixed,
            _ => Type::Unknown,
        }
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

    fn subscript(&mut self, value: &'a Expr, index: &'a Expr) -> Type {
        let base = self.value(value);
        let key = self.value(index);
        self.no_object_key(&key, index);
        match base.present() {
            Type::Record(id) => {
                let name = super::record::text(index).unwrap_or("name");
                let text = short(self.source.slice(value.span));
                let diagnostic = self.typing.object_only(
                    Some(*id),
                    &format!("`{text}` is a {}, which has no keys in Python", self.typing.record(*id).name),
                    &format!("write `{text}.{name}`"),
                    index.span,
                );
                self.refuse(diagnostic);
                Type::Unknown
            }
            Type::List(inner) => match &index.kind {
                ExprKind::Operation(operands) if text::is_slice(self.source, index, operands) => base.present().clone(),
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

    fn sequence(&mut self, kind: SequenceKind, items: &'a [Expr]) -> Type {
        let types: Vec<Type> = items.iter().map(|item| self.value(item)).collect();
        let has_star = items.iter().any(|item| matches!(item.kind, ExprKind::Starred(_)));
        match kind {
            SequenceKind::Tuple if !has_star => Type::Tuple(types),
            SequenceKind::Set => {
                for (item, ty) in items.iter().zip(&types) {
                    self.no_object_key(ty, item);
                }
                Type::Unknown
            }
            _ => Type::list(types.iter().fold(Type::Never, |all, ty| all.join(ty))),
        }
    }

    /// A function whose first parameter gets values of type `given`.
    pub(super) fn lambda(&mut self, expr: &'a Expr, given: &Type) -> Type {
        let ExprKind::Lambda { parameters, body } = &expr.kind else { return self.value(expr) };
        let before = self.local.len();
        for (at, parameter) in parameters.positional.iter().chain(&parameters.keyword_only).enumerate() {
            let ty = match &parameter.default {
                Some(default) => self.value(default),
                None if at == 0 => given.clone(),
                None => Type::Unknown,
            };
            self.local.push((parameter.name.name.clone(), ty));
        }
        let names = parameters.variadic.iter().chain(&parameters.keywords);
        self.local.extend(names.map(|name| (name.name.clone(), Type::Unknown)));
        let ty = self.value(body);
        self.local.truncate(before);
        ty
    }

    fn comprehension(&mut self, kind: ComprehensionKind, elements: &'a [Expr], clauses: &'a [Clause]) -> Type {
        let before = self.local.len();
        for clause in clauses {
            let ty = self.value(&clause.iterable);
            self.no_object(&ty, &clause.iterable, "goes over an object");
            self.open(&clause.target, &ty.element());
            clause.conditions.iter().for_each(|condition| {
                self.value(condition);
            });
        }
        let types: Vec<Type> = elements.iter().map(|element| self.value(element)).collect();
        self.local.truncate(before);
        match (kind, types.as_slice()) {
            (ComprehensionKind::Dict, [_, value]) => Type::Dict(Box::new(value.clone())),
            (ComprehensionKind::Set, [only]) => {
                self.no_object_key(only, &elements[0]);
                Type::Unknown
            }
            (_, [only]) => Type::list(only.clone()),
            _ => Type::Unknown,
        }
    }

    fn comparison(&mut self, operands: &'a [Expr]) -> Type {
        let types: Vec<Type> = operands.iter().map(|operand| self.value(operand)).collect();
        for (pair, types) in operands.windows(2).zip(types.windows(2)) {
            let ([left, right], [one, other]) = (pair, types) else { continue };
            if !one.is_typed() && !other.is_typed() || [one, other].contains(&&Type::None) {
                continue;
            }
            let is_fine = match text::between(self.source, left, right).as_str() {
                "is" | "is not" => one.record().is_some() && other.record().is_some(),
                "==" | "!=" => equals(one, other),
                "in" | "not in" => {
                    !other.is_object()
                        && match other.present() {
                            Type::Dict(_) => !one.is_object() || matches!(one, Type::Enum { is_plain: true }),
                            Type::Json | Type::Loose | Type::Unknown => matches!(one, Type::Enum { is_plain: true }),
                            other => equals(one, &other.element()),
                        }
                }
                _ => false,
            };
            if !is_fine {
                let diagnostic = self.typing.object_only(
                    one.record().or(other.record()),
                    &format!("this compares {} with {}", self.typing.shown(one), self.typing.shown(other)),
                    "compare fields, or the `.value` of members of enums",
                    left.span.to(right.span),
                );
                self.refuse(diagnostic);
            }
        }
        Type::Json
    }

    fn operation(&mut self, expr: &'a Expr, operands: &'a [Expr]) -> Type {
        if let Some(quotes) = text::quotes(self.source, expr, operands) {
            for (at, operand) in operands.iter().enumerate() {
                self.quotes.push(quotes.get(at).copied().unwrap_or('"'));
                let edits = self.typed.keys.len();
                let ty = self.value(operand);
                self.quotes.pop();
                if ty.is_typed() {
                    self.shown_object(&ty, operand);
                } else if self.typed.keys.len() > edits && text::shows_itself(self.source, expr, operand) {
                    self.refuse(
                        Diagnostic::error(operand.span, "a field that shows its own text")
                            .code(codes::ATTRIBUTE)
                            .help("write the name before it: `name={…}`"),
                    );
                }
            }
            return Type::Json;
        }
        let types: Vec<Type> = operands.iter().map(|operand| self.value(operand)).collect();
        let is_not = self.source.slice(expr.span).starts_with("not") && operands.len() == 1;
        if is_not {
            return Type::Json;
        }
        for (operand, ty) in operands.iter().zip(&types) {
            self.no_object(ty, operand, "calculates with an object");
        }
        let typed: Vec<&Type> = types.iter().filter(|ty| ty.is_typed()).collect();
        if !typed.is_empty() {
            let containers = types
                .iter()
                .filter(|ty| matches!(ty.present(), Type::List(_) | Type::Dict(_) | Type::Tuple(_)) || ty.is_typed());
            return containers.fold(Type::Never, |all, ty| all.join(ty));
        }
        if types.iter().all(|ty| matches!(ty, Type::Json | Type::Loose)) { Type::Json } else { Type::Unknown }
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

    /// Whether anything is awaited inside.
    pub(super) fn awaits(expr: &Expr) -> bool {
        let mut found = false;
        walk(expr, &mut |expr| {
            found |= matches!(expr.kind, ExprKind::Await(_));
            !found
        });
        found
    }

    /// Looks at the parts of an expression, whatever it is.
    pub(super) fn parts(&mut self, expr: &'a Expr) {
        children(expr).into_iter().for_each(|child| {
            self.value(child);
        });
    }
}

/// Whether two values are equal in the router when they are equal in Python.
fn equals(one: &Type, other: &Type) -> bool {
    match (one.present(), other.present()) {
        (Type::Never | Type::None, _) | (_, Type::Never | Type::None) => true,
        (Type::Enum { .. }, Type::Enum { .. }) => true,
        (Type::Enum { is_plain }, other) | (other, Type::Enum { is_plain }) => *is_plain && !other.is_typed(),
        (Type::Mixed, _) | (_, Type::Mixed) => false,
        (one, other) => one == other || (one.takes(other) && other.takes(one)),
    }
}

/// What a message holds in another form, in a field of this type.
fn other_form(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Other(what) => Some(what),
        Type::Optional(inner) | Type::List(inner) | Type::Dict(inner) => other_form(inner),
        _ => None,
    }
}
