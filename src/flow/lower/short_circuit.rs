//! Expressions of which Python may evaluate only a part, with awaits inside: `and`, `or`, chains of
//! comparisons, `a if b else c`.

use super::Lowering;
use super::expression::Value;
use crate::flow::code::{Code, Effect};
use crate::flow::graph::{BlockId, BranchKind, Step};
use crate::flow::tokens;
use crate::syntax::tree::{Expr, ExprKind};

impl<'a> Lowering<'_, 'a> {
    /// `a and b`, `a or b` with awaits in it.
    pub(super) fn bool_op(&mut self, expr: &'a Expr, items: &'a [Expr], at: &mut BlockId) -> Value {
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
            self.goto_if(*at, test, BranchKind::If, then, orelse);
            *at = more;
        }
        *at = after;
        Value::variable(&name)
    }

    /// `body if test else orelse` with awaits in it.
    pub(super) fn conditional_value(
        &mut self,
        test: &'a Expr,
        body: &'a Expr,
        orelse: &'a Expr,
        at: &mut BlockId,
    ) -> Value {
        let name = self.fresh.make("choice");
        let (then, otherwise) = (self.add(), self.add());
        self.condition(test, then, otherwise, BranchKind::If, *at);
        let mut ends = Vec::new();
        for (part, start) in [(body, then), (orelse, otherwise)] {
            let mut end = start;
            let value = self.top_value(part, &mut end);
            self.assign(&name, value, part.span, end);
            ends.push(end);
        }
        *at = self.meet(&ends).unwrap_or(*at);
        Value::variable(&name)
    }

    /// `a < b < c` with awaits in it.
    pub(super) fn comparison(&mut self, expr: &'a Expr, operands: &'a [Expr], at: &mut BlockId) -> Value {
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
            let operator = tokens::operator(self.around.source, &pair[0], &pair[1]);
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
            self.goto_if(*at, test, BranchKind::If, more, after);
            *at = more;
            left = right;
        }
        *at = after;
        Value::variable(&name)
    }

    /// Goes on in `then` or `orelse`, whatever has to be awaited to decide.
    pub(super) fn condition(&mut self, expr: &'a Expr, then: BlockId, orelse: BlockId, kind: BranchKind, at: BlockId) {
        let mut at = at;
        match &expr.kind {
            ExprKind::BoolOp(items) if self.awaits(expr) => {
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
            ExprKind::Operation(operands) if operands.len() == 1 && self.awaits(expr) && self.starts_with_not(expr) => {
                return self.condition(&operands[0], orelse, then, kind, at);
            }
            _ => {}
        }
        let value = self.value(expr, &mut at);
        let test = Step::made(value.code, expr.span, value.effect);
        self.goto_if(at, test, kind, then, orelse);
    }

    fn starts_with_not(&self, expr: &Expr) -> bool {
        self.around.source.slice(expr.span).strip_prefix("not").is_some_and(|rest| !rest.starts_with(is_word))
    }

    fn is_and(&self, items: &[Expr]) -> bool {
        items.len() > 1 && tokens::operator(self.around.source, &items[0], &items[1]) == "and"
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
