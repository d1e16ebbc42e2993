//! What statements do to variables.

use super::Walker;
use crate::diagnostic::Diagnostic;
use crate::flow::codes;
use crate::flow::types::Place;
use crate::flow::types::kind::Type;
use crate::source::Span;
use crate::syntax::tree::{Case, Expr, ExprKind, Function, Stmt, StmtKind};
use crate::syntax::{blocks, expressions};

impl<'a> Walker<'_, 'a, '_> {
    pub(super) fn block(&mut self, body: &'a [Stmt]) {
        body.iter().for_each(|stmt| self.statement(stmt));
    }

    fn statement(&mut self, stmt: &'a Stmt) {
        self.whole.clear();
        self.here = stmt.span;
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                let expected = match targets.as_slice() {
                    [target] => self.expected(target),
                    _ => None,
                };
                let ty = self.assigned(value, expected.as_ref());
                targets.iter().for_each(|target| self.bind(target, &ty));
            }
            StmtKind::AnnAssign { target, annotation, value } => self.annotated(target, annotation, value.as_ref()),
            StmtKind::AugAssign { target, value } => self.augmented(target, value),
            StmtKind::Expr(value) => {
                self.assigned(value, None);
            }
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    let expected = self.returns.clone();
                    let ty = self.assigned(value, expected.as_ref());
                    self.returned(value, &ty);
                }
            }
            StmtKind::For { target, iterable, .. } => {
                let ty = self.gone_over(iterable);
                self.bind(target, &ty.element());
            }
            StmtKind::Delete(targets) => targets.iter().for_each(|target| self.delete(target)),
            StmtKind::With { items, .. } => {
                for (manager, target) in items {
                    self.value(manager);
                    target.iter().for_each(|target| self.bind(target, &Type::Unknown));
                }
            }
            StmtKind::Try { handlers, .. } => {
                for handler in handlers {
                    self.values(handler.exception.as_ref());
                    handler.name.iter().for_each(|name| self.holds(&name.name, &Type::Unknown));
                }
            }
            StmtKind::Match { subject, cases } => self.match_statement(subject, cases),
            StmtKind::Function(function) => {
                self.inner(function);
                return;
            }
            StmtKind::Class(_) => return,
            _ => self.values(expressions(stmt)),
        }
        blocks(stmt).into_iter().for_each(|block| self.block(block));
    }

    fn match_statement(&mut self, subject: &'a Expr, cases: &'a [Case]) {
        let ty = self.value(subject);
        let member = match ty.present() {
            Type::Enum { is_plain } => Some(*is_plain),
            _ => None,
        };
        if member.is_none() {
            self.no_object(&ty, subject, "matches an object");
        }
        let inside = match (member, ty.is_typed()) {
            (Some(_), _) => ty.clone(),
            (None, true) => Type::Mixed,
            (None, false) => Type::Unknown,
        };
        for case in cases {
            case.captures.iter().for_each(|name| self.holds(&name.name, &inside));
            let mut is_fine = member != Some(false) || self.is_of_members(case);
            for value in &case.values {
                let of_value = self.value(value);
                is_fine &= member != Some(false) || matches!(of_value, Type::Enum { .. });
                if !ty.is_typed() && matches!(of_value, Type::Enum { is_plain: false }) {
                    let diagnostic = self.typing.object_only(
                        None,
                        "this compares a member of an enum with plain JSON",
                        "match the text or number: a member is no more than its value in a message",
                        value.span,
                    );
                    self.refuse(diagnostic);
                }
            }
            if !is_fine {
                self.no_object(&ty, subject, "matches an object");
            }
            self.values(&case.guard);
        }
    }

    /// Whether a pattern has no more than members of enums, names and `None`: what else is in it could equal the value
    /// of a member, which the member itself does not.
    fn is_of_members(&self, case: &Case) -> bool {
        let mut parts: Vec<Span> = case.captures.iter().map(|name| name.span).collect();
        parts.extend(case.values.iter().map(|value| value.span));
        parts.sort();
        let mut at = case.pattern.start;
        let mut rest = String::new();
        for part in parts {
            rest.push_str(self.source.slice(Span::new(at, part.start.max(at))));
            rest.push('|');
            at = part.end.max(at);
        }
        rest.push_str(self.source.slice(Span::new(at, case.pattern.end.max(at))));
        let words = rest.split(|c: char| c.is_whitespace() || c == '|');
        words.map(|word| word.trim_matches(['(', ')'])).all(|word| matches!(word, "" | "_" | "as" | "None"))
            && !rest.contains("|(")
    }

    /// A function inside the function sees its variables.
    fn inner(&mut self, function: &'a Function) {
        let before = self.local.len();
        let parameters = &function.parameters;
        for parameter in parameters.positional.iter().chain(&parameters.keyword_only) {
            let ty = parameter.annotation.as_ref().map_or(Type::Unknown, |annotation| self.reader().read(annotation));
            self.local.push((parameter.name.name.clone(), ty));
        }
        let names = parameters.variadic.iter().chain(&parameters.keywords);
        self.local.extend(names.map(|name| (name.name.clone(), Type::Unknown)));
        let (returns, place) = (self.returns.take(), self.place);
        self.returns = function.returns.as_ref().map(|annotation| self.reader().read(annotation));
        self.place = Place::Part;
        self.block(&function.body);
        (self.returns, self.place) = (returns, place);
        self.local.truncate(before);
        self.holds(&function.name.name, &Type::Unknown);
    }

    /// The value of a statement, which may be the call of an actor even without `await`.
    fn assigned(&mut self, value: &'a Expr, expected: Option<&Type>) -> Type {
        let (call, _) = value.awaited();
        self.whole.push(call.span);
        let elements = match &call.kind {
            ExprKind::Sequence { items, .. } => items.as_slice(),
            ExprKind::Comprehension { elements, .. } => elements.as_slice(),
            _ => &[],
        };
        self.whole.extend(elements.iter().map(|element| element.awaited().0.span));
        let ty = self.value(value);
        let is_answer = matches!(value.kind, ExprKind::Await(_))
            || matches!(call.kind, ExprKind::Call { .. })
            || !elements.is_empty();
        match expected {
            Some(expected) if is_answer && expected.is_typed() && expected.adopts(&ty) => {
                self.completes(value, expected);
                expected.clone()
            }
            _ => ty,
        }
    }

    /// What is declared of a target.
    fn expected(&mut self, target: &'a Expr) -> Option<Type> {
        match &target.kind {
            ExprKind::Name(name) => self.declared.get(name).cloned(),
            ExprKind::Attribute { value, attribute } => {
                let writes = std::mem::replace(&mut self.writes, false);
                let id = self.value(value).record();
                self.writes = writes;
                self.typing.record(id?).field(&attribute.name).map(|field| field.ty.clone())
            }
            _ => None,
        }
    }

    fn annotated(&mut self, target: &'a Expr, annotation: &'a Expr, value: Option<&'a Expr>) {
        let ty = self.reader().read(annotation);
        if let Some(name) = target.as_name()
            && ty.is_typed()
        {
            match self.declared.get(name) {
                Some(before) if *before != ty => {
                    self.holds(name, &Type::Mixed);
                    return;
                }
                _ => self.declared.insert(name.to_owned(), ty.clone()),
            };
            // `items: list[Item] = []`
            self.holds(name, &ty);
        }
        if let Some(value) = value {
            let got = self.assigned(value, Some(&ty));
            if ty.is_typed() && !ty.takes(&got) && !is_empty(&got) {
                let diagnostic = self.typing.mismatch("this", &ty, &got, value.span);
                self.refuse(diagnostic);
            }
            self.bind(target, &if ty.is_typed() { ty } else { got });
        }
    }

    fn augmented(&mut self, target: &'a Expr, value: &'a Expr) {
        let before = self.value(target);
        let after = self.value(value);
        self.no_object(&before, target, "calculates with an object");
        self.no_object(&after, value, "calculates with an object");
        match &target.kind {
            ExprKind::Name(name) => {
                let ty = if after.is_typed() || before.is_typed() { before.join(&after) } else { Type::Unknown };
                if ty != Type::Unknown || !before.is_typed() && before != Type::Json {
                    self.holds(name, &ty);
                }
            }
            _ => self.bind(target, if after.is_typed() { &after } else { &before }),
        }
    }

    fn returned(&mut self, value: &'a Expr, ty: &Type) {
        if self.place == Place::Flow || !ty.is_typed() {
            return;
        }
        match self.returns.clone() {
            Some(returns) if returns.is_typed() && returns.takes(ty) => {}
            returns => {
                let got = self.typing.shown(ty);
                let diagnostic = Diagnostic::error(value.span, format!("this answers {got}, and the function does not say so"))
                    .code(codes::ATTRIBUTE)
                    .note("what calls the function has to know what it gets: attributes become keys only of values whose class is certain")
                    .help(match returns {
                        None => "annotate the function: `-> …`",
                        Some(_) => "make the annotation of the function say what it answers",
                    });
                self.refuse(diagnostic);
            }
        }
    }
}

/// An empty container fits everywhere.
fn is_empty(ty: &Type) -> bool {
    match ty {
        Type::List(inner) | Type::Dict(inner) => **inner == Type::Never,
        Type::Never | Type::None => true,
        _ => false,
    }
}
