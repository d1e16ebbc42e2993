//! Expressions with awaited calls inside: taken apart so that everything is evaluated in Python's
//! order, and nothing that Python would not evaluate.

use super::Lowering;
use super::parallel::is_asyncio;
use crate::diagnostic::Diagnostic;
use crate::flow::callee::Callee;
use crate::flow::code::{Code, Effect};
use crate::flow::codes;
use crate::flow::graph::{BlockId, Step};
use crate::flow::{objects, refusal, tokens};
use crate::source::Span;
use crate::syntax::children;
use crate::syntax::tree::{Argument, ComprehensionKind, Expr, ExprKind, SequenceKind};

/// An expression whose awaits are done: its text, to be evaluated where it is put.
pub(super) struct Value {
    pub(super) code: Code,
    pub(super) effect: Effect,
    /// Evaluating it later gives the same, and does nothing.
    pub(super) is_settled: bool,
}

impl Value {
    /// A variable of the compiler's.
    pub(super) fn variable(name: &str) -> Self {
        Self { code: Code::text(name), effect: Effect::reading([name]), is_settled: true }
    }
}

impl<'a> Lowering<'_, 'a> {
    /// An expression that stands alone, so that a line break in it needs parentheses.
    pub(super) fn top_value(&mut self, expr: &'a Expr, at: &mut BlockId) -> Value {
        let value = self.value(expr, at);
        let code = self.alone(expr, value.code);
        Value { code, ..value }
    }

    /// Code of an expression that becomes an argument; in the source a tuple needs no brackets.
    pub(super) fn as_argument(&self, expr: &Expr, code: Code) -> Code {
        if tokens::is_bare_tuple(self.around.source, expr) { Code::text("(").and(code).then(")") } else { code }
    }

    /// Code that is to stand alone as the value of a statement.
    fn alone(&self, expr: &Expr, code: Code) -> Code {
        let is_long = self.around.source.slice(expr.span).contains('\n') && !has_brackets(expr);
        let needs = is_long
            || matches!(expr.kind, ExprKind::Named { .. })
            || matches!(expr.kind, ExprKind::Comprehension { kind: ComprehensionKind::Generator, .. });
        if needs { Code::text("(").and(code).then(")") } else { code }
    }

    /// Lowers the awaits of an expression; what is left of it is evaluated by whoever uses the text.
    pub(super) fn value(&mut self, expr: &'a Expr, at: &mut BlockId) -> Value {
        if let Some(value) = self.parallel(expr, at) {
            return value;
        }
        if !self.is_taken_apart(expr) {
            return self.plain(expr);
        }
        match &expr.kind {
            ExprKind::Await(value) => self.awaited(expr, value, at),
            ExprKind::BoolOp(items) => self.bool_op(expr, items, at),
            ExprKind::Conditional { test, body, orelse } => self.conditional_value(test, body, orelse, at),
            ExprKind::Comparison { operands, .. } => self.comparison(expr, operands, at),
            ExprKind::Named { target, value } => {
                let lowered = self.top_value(value, at);
                let name = self.right_name(target.as_name().unwrap_or_default());
                self.assign(&name, lowered, expr.span, *at);
                Value { is_settled: false, ..Value::variable(&name) }
            }
            ExprKind::Call { callee, .. } if self.waited.contains(&callee.span) => self.waited_call(expr, at),
            ExprKind::Call { callee, arguments } if self.group_of_task(callee).is_some() => {
                self.task(expr, callee, arguments, at)
            }
            ExprKind::Call { callee, arguments } if self.is_module_path(callee) => {
                self.call_of_module(expr, callee, arguments, at)
            }
            ExprKind::Call { callee, .. } => {
                // The object first: what the arguments do may change what its name means.
                let object = match &callee.kind {
                    ExprKind::Attribute { value, .. } => value,
                    _ => callee,
                };
                let (named, plain): (Vec<&'a Expr>, Vec<&'a Expr>) = split_arguments(expr);
                let parts: Vec<&'a Expr> = std::iter::once(&**object).chain(plain).chain(named).collect();
                self.compose_call(expr, &parts, at)
            }
            ExprKind::Comprehension { kind, elements, clauses } => match clauses.as_slice() {
                [first, ..] if self.awaits_at_first(elements, clauses) => {
                    self.comprehension_over((expr, &first.iterable), None, elements, clauses, at)
                }
                _ => self.opened_comprehension(expr, *kind, elements, clauses, at),
            },
            ExprKind::Lambda { .. } | ExprKind::Yield(_) => self.plain(expr),
            ExprKind::Operation(_) => {
                self.shows_itself(expr);
                self.compose(expr.span, &children(expr), at)
            }
            _ => self.compose(expr.span, &children(expr), at),
        }
    }

    /// A call of a function of a module or of a builtin.
    fn call_of_module(
        &mut self,
        expr: &'a Expr,
        callee: &'a Expr,
        arguments: &'a [Argument],
        at: &mut BlockId,
    ) -> Value {
        let scope = self.around.scope;
        if ["create_task", "ensure_future"].iter().any(|name| is_asyncio(scope, callee, name)) {
            self.diagnostics.push(refusal::detached(expr.span));
        } else if is_asyncio(scope, callee, "gather") {
            self.diagnostics.push(refusal::not_awaited(expr.span));
        }
        let piece = if self.collects { self.waiting_piece(expr, callee) } else { None };
        let callee_code = match piece {
            Some(piece) => Code { pieces: vec![piece] },
            // Its name is checked and carried like any other.
            None => Code::with(callee.span, self.check(callee)),
        };
        let (modules, home) = (self.around.modules, self.around.home);
        // `config.double` is a function of the project, and there.
        let is_found = callee.dotted().is_some_and(|path| modules.through_modules(home, &path).is_some());
        if let ExprKind::Attribute { value, .. } = &callee.kind
            && !is_found
            && arguments.iter().any(|argument| self.is_taken_apart(&argument.value))
        {
            let object = self.plain(value);
            self.look_for_method(expr, &object, *at);
        }
        let (code, effect) = self.arguments(callee, expr, arguments, at);
        Value { code: callee_code.and(code), effect, is_settled: false }
    }

    /// An expression without awaits.
    pub(super) fn plain(&mut self, expr: &'a Expr) -> Value {
        let replacements = self.check(expr);
        let is_settled = match &expr.kind {
            ExprKind::Literal(_) => true,
            ExprKind::Name(name) => !self.rebound.contains(name),
            // `operator.add`, `str.lower`: a function of a module could not travel, and stays what it is.
            ExprKind::Attribute { .. } => self.is_module_path(expr),
            // What it reads, it reads when it is called; only defaults are evaluated now.
            ExprKind::Lambda { parameters, .. } => {
                parameters.positional.iter().chain(&parameters.keyword_only).all(|one| one.default.is_none())
            }
            _ => false,
        };
        Value { code: Code::with(expr.span, replacements), effect: self.effect(expr), is_settled }
    }

    /// The text of `place` with its parts evaluated from left to right.
    pub(super) fn compose(&mut self, place: Span, parts: &[&'a Expr], at: &mut BlockId) -> Value {
        self.compose_parts(place, None, parts, at)
    }

    /// The same for a call, of which the first part is the object or the function.
    fn compose_call(&mut self, call: &'a Expr, parts: &[&'a Expr], at: &mut BlockId) -> Value {
        self.compose_parts(call.span, Some(call), parts, at)
    }

    fn compose_parts(&mut self, place: Span, call: Option<&'a Expr>, parts: &[&'a Expr], at: &mut BlockId) -> Value {
        let last = parts.iter().rposition(|part| self.is_taken_apart(part));
        let mut replacements = Vec::new();
        let mut effect = Effect::default();
        for (number, part) in parts.iter().enumerate() {
            let inner = match &part.kind {
                ExprKind::Starred(value) => value,
                _ => *part,
            };
            let value = match last {
                Some(last) if number < last => {
                    let value = self.value_before(place, part, inner, &parts[number + 1..=last], at);
                    if let Some(call) = call.filter(|_| number == 0) {
                        self.look_for_method(call, &value, *at);
                    }
                    value
                }
                Some(last) if number == last => self.value(inner, at),
                _ => self.plain(inner),
            };
            effect.then(&value.effect);
            replacements.push((inner.span, value.code));
        }
        Value { code: Code::with(place, replacements), effect, is_settled: false }
    }

    /// A part that Python evaluates before the calls in the parts `later`; `inner` is the part without
    /// its star.
    fn value_before(
        &mut self,
        place: Span,
        part: &'a Expr,
        inner: &'a Expr,
        later: &[&'a Expr],
        at: &mut BlockId,
    ) -> Value {
        // What is spread is gone through where it stands.
        let spread = match &part.kind {
            ExprKind::Starred(_) => Some(("[*", "]")),
            _ if self.is_double_starred(place, part) => Some(("{**", "}")),
            _ => None,
        };
        let value = self.value(inner, at);
        match spread {
            Some((open, close)) => {
                let code = Code::text(open).and(after_star(inner, value.code)).then(close);
                self.keep(inner, Value { code, effect: value.effect, is_settled: false }, *at)
            }
            None if value.is_settled || self.can_wait(inner, later) => {
                self.look_at(inner, &value, *at);
                value
            }
            None => self.keep(inner, value, *at),
        }
    }

    /// Whether a part of a dict or of arguments is `**part`.
    fn is_double_starred(&self, place: Span, part: &Expr) -> bool {
        let before = self.around.source.slice(Span::new(place.start, part.span.start.max(place.start)));
        // After an operand `**` is a power, after a comma or bracket it spreads.
        let before = before.trim_end_matches([' ', '(', '\n']);
        before.strip_suffix("**").is_some_and(|before| before.trim_end().ends_with(['{', '(', ',']))
    }

    /// Whether an expression is cut by calls.
    pub(super) fn is_taken_apart(&self, expr: &Expr) -> bool {
        self.awaits(expr) || self.has_parallel(expr)
    }

    /// Whether something that could not be kept, as a set or the view of a dict, is the same after
    /// the calls in `others` as before.
    fn can_wait(&self, expr: &Expr, others: &[&Expr]) -> bool {
        // What a module or a builtin class has stays what it is: `operator.add`, `str.upper`.
        if matches!(expr.kind, ExprKind::Attribute { .. }) && self.is_module_path(expr) {
            return true;
        }
        let is_object = objects::kind(expr, self.around.scope, &self.locals).is_some();
        (is_object || is_view(expr)) && self.is_calm(expr) && others.iter().all(|other| self.is_calm(other))
    }

    /// Whether evaluating an expression changes nothing here: what actors do, they do elsewhere.
    fn is_calm(&self, expr: &Expr) -> bool {
        let mut is_calm = true;
        crate::syntax::walk(expr, &mut |expr| {
            is_calm &= match &expr.kind {
                ExprKind::Named { .. } | ExprKind::Yield(_) => false,
                ExprKind::Call { callee, .. } => {
                    is_view(expr)
                        || match self.surroundings().callee(callee, &[]) {
                            Callee::Handler { .. } => true,
                            Callee::Router => self.is_module_path(callee),
                            _ => false,
                        }
                }
                _ => true,
            };
            is_calm
        });
        is_calm
    }

    /// Evaluates a value now and keeps it in a variable.
    pub(super) fn keep(&mut self, expr: &'a Expr, value: Value, at: BlockId) -> Value {
        let name = self.fresh.make("kept");
        let code = self.alone(expr, value.code);
        self.assign(&name, Value { code, ..value }, expr.span, at);
        Value::variable(&name)
    }

    /// `name = value`.
    pub(super) fn assign(&mut self, name: &str, value: Value, span: Span, at: BlockId) {
        let mut effect = value.effect;
        effect = effect.writing(name);
        self.push(at, Step::made(Code::text(format!("{name} = ")).and(value.code), span, effect));
    }

    fn right_name(&self, name: &str) -> String {
        self.renamed.get(name).cloned().unwrap_or_else(|| name.to_owned())
    }

    /// Whether a callee is a function of a module or a builtin: something that stays what it is.
    pub(super) fn is_module_path(&self, callee: &Expr) -> bool {
        callee.dotted().is_some_and(|parts| !self.locals.contains(parts[0]) && !self.instances.contains_key(parts[0]))
    }

    /// `f"{await f()=}"` shows the text of the expression, which is not there any more.
    fn shows_itself(&mut self, expr: &'a Expr) {
        let parts = children(expr);
        let last = parts.iter().rposition(|part| self.is_taken_apart(part));
        for (number, part) in parts.into_iter().enumerate() {
            let before = self.around.source.slice(Span::new(expr.span.start, part.span.start));
            let is_shown =
                tokens::shows_itself(self.around.source, expr, part) && before.trim_end().ends_with(['{', '(']);
            if !is_shown {
                continue;
            }
            let message = match last {
                Some(last) if number <= last && self.is_taken_apart(part) => "an awaited call that shows its own text",
                // It is evaluated before the call, and what is left of it is a variable.
                Some(last) if number < last && part.as_name().is_none() => {
                    "an expression before an awaited call that shows its own text"
                }
                _ => continue,
            };
            let diagnostic = Diagnostic::error(part.span, message).code(codes::NESTED_CALL);
            self.diagnostics.push(diagnostic.help("assign the result to a variable first and show that"));
        }
    }
}

/// The code of `expr` behind a star, which binds closer than most operators.
pub(super) fn after_star(expr: &Expr, code: Code) -> Code {
    let is_one = matches!(
        expr.kind,
        ExprKind::Name(_)
            | ExprKind::Literal(_)
            | ExprKind::Attribute { .. }
            | ExprKind::Subscript { .. }
            | ExprKind::Call { .. }
            | ExprKind::Await(_)
            | ExprKind::Sequence { .. }
            | ExprKind::Dict(_)
            | ExprKind::Comprehension { .. }
    );
    if is_one { code } else { Code::text("(").and(code).then(")") }
}

/// `d.keys()` and the like: what it shows changes with the dict.
fn is_view(expr: &Expr) -> bool {
    let ExprKind::Call { callee, arguments } = &expr.kind else { return false };
    matches!(&callee.kind, ExprKind::Attribute { attribute, .. }
        if arguments.is_empty() && matches!(attribute.name.as_str(), "keys" | "values" | "items"))
}

/// Positional arguments and those with a keyword.
fn split_arguments(call: &Expr) -> (Vec<&Expr>, Vec<&Expr>) {
    let ExprKind::Call { arguments, .. } = &call.kind else { return Default::default() };
    let (named, plain): (Vec<_>, Vec<_>) =
        arguments.iter().partition(|argument| argument.keyword.is_some() || argument.is_double_starred);
    (named.into_iter().map(|one| &one.value).collect(), plain.into_iter().map(|one| &one.value).collect())
}

/// Whether the text of an expression begins and ends with brackets of its own.
fn has_brackets(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Dict(_) | ExprKind::Comprehension { .. } => true,
        ExprKind::Sequence { kind, .. } => *kind != SequenceKind::Tuple,
        _ => false,
    }
}
