//! The types of expressions.

use super::Walker;
use crate::diagnostic::Diagnostic;
use crate::flow::codes;
use crate::flow::tokens;
use crate::flow::types::kind::Type;
use crate::source::Span;
use crate::syntax::tree::{Clause, ComprehensionKind, Expr, ExprKind, Literal, SequenceKind};
use crate::syntax::walk;

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
            ExprKind::Dict(items) => self.dict(items),
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
                self.values(value.as_deref());
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

    fn dict(&mut self, items: &'a [(Option<Expr>, Expr)]) -> Type {
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
            let ty = self.gone_over(&clause.iterable);
            self.open(&clause.target, &ty.element());
            self.values(&clause.conditions);
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
            let is_member = |ty: &Type| matches!(ty.present(), Type::Enum { .. });
            let is_plain = |ty: &Type| matches!(ty, Type::Enum { is_plain: true }) || !ty.is_typed();
            let is_fine = match tokens::operator(self.source, left, right).as_str() {
                // There is one object of a member, and equal texts are it in the router.
                is @ ("is" | "is not") if is_member(one) && is_member(other) => {
                    self.equal_for_is(left, right, is == "is")
                }
                "is" | "is not" => one.record().is_some() && other.record().is_some(),
                "<" | "<=" | ">" | ">=" => is_plain(one) && is_plain(other),
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

    /// Writes `==` for the `is` between two expressions; answers whether it was found.
    fn equal_for_is(&mut self, left: &Expr, right: &Expr, is_same: bool) -> bool {
        let between = Span::new(left.span.end, right.span.start);
        let text = self.source.slice(between);
        let is_plain = |c: char| c.is_whitespace() || matches!(c, '(' | ')');
        let words = text.trim_start_matches(is_plain);
        let word = words.trim_end_matches(is_plain);
        if word.contains(['#', '\\']) {
            return false;
        }
        let start = between.start + (text.len() - words.len());
        self.edit(Span::new(start, start + word.len()), if is_same { "==" } else { "!=" });
        true
    }

    fn operation(&mut self, expr: &'a Expr, operands: &'a [Expr]) -> Type {
        if let Some(quotes) = tokens::quotes(self.source, expr, operands) {
            self.f_string(expr, operands, &quotes);
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

    fn f_string(&mut self, expr: &'a Expr, operands: &'a [Expr], quotes: &[char]) {
        for (at, operand) in operands.iter().enumerate() {
            self.quotes.push(quotes.get(at).copied().unwrap_or('"'));
            let keys = self.typed.keys.len();
            let ty = self.value(operand);
            self.quotes.pop();
            if ty.is_typed() {
                self.shown_object(&ty, operand);
            } else if self.typed.keys.len() > keys && tokens::shows_itself(self.source, expr, operand) {
                self.refuse(
                    Diagnostic::error(operand.span, "a field that shows its own text")
                        .code(codes::ATTRIBUTE)
                        .help("write the name before it: `name={…}`"),
                );
            }
        }
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

    /// Looks at expressions whose types do not matter.
    pub(super) fn values(&mut self, exprs: impl IntoIterator<Item = &'a Expr>) {
        for expr in exprs {
            self.value(expr);
        }
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
