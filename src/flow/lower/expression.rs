//! Expressions with awaited calls inside: taken apart so that everything is evaluated in Python's
//! order, and nothing that Python would not evaluate.

use super::Lowering;
use crate::diagnostic::Diagnostic;
use crate::flow::callee::Callee;
use crate::flow::code::{Code, Effect};
use crate::flow::codes;
use crate::flow::graph::{BlockId, BranchKind, End, Step};
use crate::flow::objects;
use crate::source::Span;
use crate::syntax::children;
use crate::syntax::tree::{ComprehensionKind, Expr, ExprKind, SequenceKind};

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
            ExprKind::Conditional { test, body, orelse } => {
                let name = self.fresh.make("choice");
                let (then, otherwise) = (self.add(), self.add());
                self.condition(test, then, otherwise, BranchKind::If, *at);
                let mut ends = Vec::new();
                for (part, start) in [(&**body, then), (&**orelse, otherwise)] {
                    let mut end = start;
                    let value = self.top_value(part, &mut end);
                    self.assign(&name, value, part.span, end);
                    ends.push(end);
                }
                *at = self.meet(&ends).unwrap_or(*at);
                Value::variable(&name)
            }
            ExprKind::Comparison { operands, .. } => self.comparison(expr, operands, at),
            ExprKind::Named { target, value } => {
                let lowered = self.top_value(value, at);
                let name = self.right_name(target.as_name().unwrap_or_default());
                self.assign(&name, lowered, expr.span, *at);
                Value { is_settled: false, ..Value::variable(&name) }
            }
            ExprKind::Call { callee, .. } if self.waited.contains(&callee.span) => self.waited_call(expr, at),
            ExprKind::Call { callee, arguments } if self.is_module_path(callee) => {
                let piece = if self.collects { self.waiting_piece(expr, callee) } else { None };
                let callee_code = match piece {
                    Some(piece) => Code { pieces: vec![piece] },
                    // Its name is checked and carried like any other.
                    None => Code::with(callee.span, self.check(callee)),
                };
                if let ExprKind::Attribute { value, .. } = &callee.kind
                    && arguments.iter().any(|argument| self.is_taken_apart(&argument.value))
                {
                    let object = self.plain(value);
                    self.look_for_method(expr, &object, *at);
                }
                let (code, effect) = self.arguments(callee, expr, arguments, at);
                Value { code: callee_code.and(code), effect, is_settled: false }
            }
            ExprKind::Call { callee, .. } => {
                let mut parts = Vec::new();
                match &callee.kind {
                    // The object first: what the arguments do may change what its name means.
                    ExprKind::Attribute { value, .. } => parts.push(&**value),
                    _ => parts.push(&**callee),
                }
                let (named, plain): (Vec<&'a Expr>, Vec<&'a Expr>) = split_arguments(expr);
                parts.extend(plain);
                parts.extend(named);
                self.compose_call(expr, &parts, at)
            }
            ExprKind::Comprehension { kind, elements, clauses } => {
                self.opened_comprehension(expr, *kind, elements, clauses, at)
            }
            ExprKind::Lambda { .. } | ExprKind::Yield(_) => self.plain(expr),
            ExprKind::Operation(_) => {
                self.shows_itself(expr);
                self.compose(expr.span, &children(expr), at)
            }
            _ => self.compose(expr.span, &children(expr), at),
        }
    }

    /// An expression without awaits.
    pub(super) fn plain(&mut self, expr: &'a Expr) -> Value {
        let instead = self.check(expr);
        let is_settled = match &expr.kind {
            ExprKind::Literal(_) => true,
            ExprKind::Name(name) => !self.rebound.contains(name),
            // What it reads, it reads when it is called; only defaults are evaluated now.
            ExprKind::Lambda { parameters, .. } => {
                parameters.positional.iter().chain(&parameters.keyword_only).all(|one| one.default.is_none())
            }
            _ => false,
        };
        Value { code: Code::with(expr.span, instead), effect: self.effect(expr), is_settled }
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
        let mut instead = Vec::new();
        let mut effect = Effect::default();
        for (number, part) in parts.iter().enumerate() {
            let inner = match &part.kind {
                ExprKind::Starred(value) => value,
                _ => *part,
            };
            // What is spread is gone through where it stands.
            let spread = match &part.kind {
                ExprKind::Starred(_) => Some(("[*", "]")),
                _ if self.is_double_starred(place, part) => Some(("{**", "}")),
                _ => None,
            };
            let value = if last.is_some_and(|last| number <= last) {
                let value = self.value(inner, at);
                let value = match spread {
                    _ if last == Some(number) => value,
                    Some((open, close)) => {
                        let code = Code::text(open).and(value.code).then(close);
                        self.keep(inner, Value { code, effect: value.effect, is_settled: false }, *at)
                    }
                    None if value.is_settled || self.can_wait(inner, &parts[number + 1..=last.unwrap_or(number)]) => {
                        self.look_at(inner, &value, *at);
                        value
                    }
                    None => self.keep(inner, value, *at),
                };
                if let Some(call) = call.filter(|_| number == 0 && last != Some(0)) {
                    self.look_for_method(call, &value, *at);
                }
                value
            } else {
                self.plain(inner)
            };
            effect.then(&value.effect);
            instead.push((inner.span, value.code));
        }
        Value { code: Code::with(place, instead), effect, is_settled: false }
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

    /// `a and b`, `a or b` with awaits in it.
    fn bool_op(&mut self, expr: &'a Expr, items: &'a [Expr], at: &mut BlockId) -> Value {
        let name = self.fresh.make("choice");
        let is_and = self.is_and(items);
        let after = self.add();
        for (number, item) in items.iter().enumerate() {
            let value = self.top_value(item, at);
            self.assign(&name, value, item.span, *at);
            if number + 1 == items.len() {
                self.goto(*at, after);
                break;
            }
            let more = self.add();
            let (then, orelse) = if is_and { (more, after) } else { (after, more) };
            let test = Step::made(Code::text(&name), expr.span, Effect::reading([name.as_str()]));
            self.graph.blocks[*at].end = End::Branch { test: Box::new(test), kind: BranchKind::If, then, orelse };
            *at = more;
        }
        *at = after;
        Value::variable(&name)
    }

    /// `a < b < c` with awaits in it.
    fn comparison(&mut self, expr: &'a Expr, operands: &'a [Expr], at: &mut BlockId) -> Value {
        let is_late = operands.iter().skip(2).any(|part| self.awaits(part));
        if !is_late {
            // The rest is evaluated only when the first comparison holds, and Python does so itself.
            let (first, rest) = operands.split_at(operands.len().min(2));
            let first: Vec<&Expr> = first.iter().collect();
            let mut value = self.compose(expr.span, &first, at);
            rest.iter().for_each(|operand| {
                let more = self.plain(operand);
                value.effect.perhaps(&more.effect);
            });
            return value;
        }
        let name = self.fresh.make("choice");
        let after = self.add();
        let mut left = self.value(&operands[0], at);
        if left.is_settled {
            self.look_at(&operands[0], &left, *at);
        } else {
            left = self.keep(&operands[0], left, *at);
        }
        for (number, pair) in operands.windows(2).enumerate() {
            let operator = self.between(&pair[0], &pair[1]);
            let mut right = self.value(&pair[1], at);
            if !right.is_settled {
                right = self.keep(&pair[1], right, *at);
            }
            let mut effect = left.effect.clone();
            effect.then(&right.effect);
            let code = left.code.then(format!(" {operator} ")).and(right.code.clone());
            self.assign(&name, Value { code, effect, is_settled: false }, expr.span, *at);
            if number + 2 == operands.len() {
                self.goto(*at, after);
                break;
            }
            let more = self.add();
            let test = Step::made(Code::text(&name), expr.span, Effect::reading([name.as_str()]));
            self.graph.blocks[*at].end =
                End::Branch { test: Box::new(test), kind: BranchKind::If, then: more, orelse: after };
            *at = more;
            left = right;
        }
        *at = after;
        Value::variable(&name)
    }

    /// Goes on in `then` or `orelse`, whatever has to be awaited to decide.
    pub(super) fn condition(&mut self, expr: &'a Expr, then: BlockId, orelse: BlockId, kind: BranchKind, at: BlockId) {
        let mut at = at;
        if self.awaits(expr) {
            match &expr.kind {
                ExprKind::BoolOp(items) => {
                    let is_and = self.is_and(items);
                    for (number, item) in items.iter().enumerate() {
                        if number + 1 == items.len() {
                            return self.condition(item, then, orelse, kind, at);
                        }
                        let more = self.add();
                        let (yes, no) = if is_and { (more, orelse) } else { (then, more) };
                        self.condition(item, yes, no, kind, at);
                        at = more;
                    }
                    return;
                }
                ExprKind::Operation(operands) if operands.len() == 1 && self.starts_with_not(expr) => {
                    return self.condition(&operands[0], orelse, then, kind, at);
                }
                _ => {}
            }
        }
        let value = self.value(expr, &mut at);
        let test = Step::made(value.code, expr.span, value.effect);
        self.graph.blocks[at].end = End::Branch { test: Box::new(test), kind, then, orelse };
    }

    fn starts_with_not(&self, expr: &Expr) -> bool {
        self.around.source.slice(expr.span).strip_prefix("not").is_some_and(|rest| !rest.starts_with(is_word))
    }

    fn is_and(&self, items: &[Expr]) -> bool {
        items.len() > 1 && self.between(&items[0], &items[1]) == "and"
    }

    /// The operator between two operands.
    fn between(&self, left: &Expr, right: &Expr) -> String {
        let text = self.around.source.slice(Span::new(left.span.end, right.span.start));
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
        let words: Vec<String> = lines.map(|line| line.replace(['(', ')', '\\'], " ")).collect();
        words.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// `f"{await f()=}"` shows the text of the expression, which is not there any more.
    fn shows_itself(&mut self, expr: &Expr) {
        for part in children(expr) {
            let after = self.around.source.slice(Span::new(part.span.end, expr.span.end));
            let after = after.trim_start_matches([')', ' ']);
            let before = self.around.source.slice(Span::new(expr.span.start, part.span.start));
            let is_shown =
                after.starts_with('=') && !after.starts_with("==") && before.trim_end().ends_with(['{', '(']);
            if is_shown && self.awaits(part) {
                self.diagnostics.push(
                    Diagnostic::error(part.span, "an awaited call that shows its own text")
                        .code(codes::NESTED_CALL)
                        .help("assign the result to a variable first and show that"),
                );
            }
        }
    }

    /// A call that is waited for without an `await`, inside a larger expression.
    fn waited_call(&mut self, expr: &'a Expr, at: &mut BlockId) -> Value {
        let Some(actor) = self.actor_call(expr) else { return self.plain(expr) };
        let name = self.fresh.make(&format!("{}_result", actor.handler.function.trim_start_matches('_')));
        self.one_call(&actor, expr.span, Some(name.clone()), at);
        Value::variable(&name)
    }

    /// Whether a call is one of a function inside the flow that was refused already.
    fn is_refused_function(&self, call: &Expr) -> bool {
        let ExprKind::Call { callee, .. } = &call.kind else { return false };
        let Some(name) = callee.as_name() else { return false };
        let text = self.around.source.text();
        let refused = self.diagnostics.iter().filter(|one| one.code == Some(codes::STATEMENT));
        refused.into_iter().any(|one| text.get(one.span.start..one.span.end) == Some(name))
    }

    /// `await value`.
    fn awaited(&mut self, expr: &'a Expr, value: &'a Expr, at: &mut BlockId) -> Value {
        self.awaits_left = self.awaits_left.saturating_sub(1);
        let Some(actor) = self.actor_call(expr) else {
            self.may_await(expr.span);
            if !self.is_refused_function(value) {
                // Says what is wrong with it.
                self.check(expr);
            }
            return Value { code: Code::of(expr.span), effect: Effect::default(), is_settled: true };
        };
        let inside = self.awaits_left;
        let is_last = {
            // Awaits inside the arguments come before this one.
            let in_arguments = count_awaits_in(value);
            inside <= in_arguments || self.outermost == Some(expr.span)
        };
        if is_last {
            self.one_call(&actor, expr.span, None, at);
            return Value { code: self.answer(actor.call.span), effect: Effect::default(), is_settled: false };
        }
        let wanted = format!("{}_result", actor.handler.function.trim_start_matches('_'));
        let name = self.fresh.make(&wanted);
        self.one_call(&actor, expr.span, Some(name.clone()), at);
        Value::variable(&name)
    }
}

pub(super) fn count_awaits_in(expr: &Expr) -> usize {
    let mut count = 0;
    crate::syntax::walk(expr, &mut |expr| {
        match expr.kind {
            ExprKind::Await(_) => count += 1,
            ExprKind::Comprehension { .. } => count += 2,
            _ => {}
        }
        true
    });
    count
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

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
