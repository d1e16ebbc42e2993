//! Places in the text of expressions that the tree does not name.

use crate::source::{Source, Span};
use crate::syntax::tree::{Expr, ExprKind, SequenceKind};

/// Where the dot between a value and its attribute stands.
pub(super) fn dot(source: &Source, value: &Expr, attribute: Span) -> usize {
    let between = Span::new(value.span.end, attribute.start);
    skip(source, between, |c| c == '.').unwrap_or(attribute.start)
}

/// Where the parenthesis of a call opens.
pub(super) fn parenthesis(source: &Source, callee: &Expr, call: Span) -> usize {
    skip(source, Span::new(callee.span.end, call.end), |c| c == '(').unwrap_or(callee.span.end)
}

/// The first character that is `wanted` and stands in no comment.
fn skip(source: &Source, span: Span, wanted: impl Fn(char) -> bool) -> Option<usize> {
    let mut in_comment = false;
    for (at, c) in source.slice(span).char_indices() {
        match c {
            '\n' => in_comment = false,
            '#' => in_comment = true,
            c if !in_comment && wanted(c) => return Some(span.start + at),
            _ => {}
        }
    }
    None
}

/// Whether an expression is a tuple without brackets around it, which as an argument would be several.
pub(super) fn is_bare_tuple(source: &Source, expr: &Expr) -> bool {
    let ExprKind::Sequence { kind: SequenceKind::Tuple, items } = &expr.kind else { return false };
    let Some(first) = items.first() else { return false };
    let next = items.get(1).map_or(expr.span.end, |next| next.span.start);
    let opened = source.slice(Span::new(expr.span.start, first.span.start)).matches('(').count();
    let after = source.slice(Span::new(first.span.end, next));
    // `(a), b` begins with a bracket that is the first item's own.
    opened == after.split(',').next().unwrap_or_default().matches(')').count()
}

/// The operator between two operands, without parentheses and comments.
pub(super) fn operator(source: &Source, left: &Expr, right: &Expr) -> String {
    let text = source.slice(Span::new(left.span.end, right.span.start));
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let words: Vec<String> = lines.map(|line| line.replace(['(', ')', '\\'], " ")).collect();
    words.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether an operation over `operands` is a slice.
pub(super) fn is_slice(source: &Source, expr: &Expr, operands: &[Expr]) -> bool {
    outside(source, expr, operands).contains(':')
}

/// The text of an expression without that of its operands.
fn outside(source: &Source, expr: &Expr, operands: &[Expr]) -> String {
    let mut at = expr.span.start;
    let mut text = String::new();
    for operand in operands {
        text.push_str(source.slice(Span::new(at, operand.span.start.max(at))));
        at = operand.span.end.max(at);
    }
    text.push_str(source.slice(Span::new(at, expr.span.end.max(at))));
    text
}

/// The quote of an f-string around each of its operands; `None` when the expression is none.
pub(super) fn quotes(source: &Source, expr: &Expr, operands: &[Expr]) -> Option<Vec<char>> {
    let text = source.slice(expr.span);
    let prefix: String = text.chars().take_while(|c| c.is_ascii_alphabetic()).collect();
    let opens = text[prefix.len()..].starts_with(['"', '\'']) && prefix.len() <= 2;
    if !opens || operands.first().is_some_and(|first| first.span.start == expr.span.start) {
        return None;
    }
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut operands = operands.iter().peekable();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'') => {
                let is_long = bytes[at..].starts_with(&[quote; 3]);
                let width = if is_long { 3 } else { 1 };
                at += width;
                while at < bytes.len() && !(bytes[at..].starts_with(&[quote; 3][..width])) {
                    match operands.peek() {
                        Some(operand) if expr.span.start + at >= operand.span.start => {
                            found.push(char::from(quote));
                            at = (operand.span.end - expr.span.start).max(at + 1);
                            operands.next();
                        }
                        _ if bytes[at] == b'\\' => at += 2,
                        _ => at += 1,
                    }
                }
                at += width;
            }
            b'#' => at += text[at..].find('\n').unwrap_or(text.len() - at),
            _ => at += 1,
        }
    }
    Some(found)
}

/// Whether `{value=}` shows the text of a part of an f-string.
pub(super) fn shows_itself(source: &Source, expr: &Expr, part: &Expr) -> bool {
    let after = source.slice(Span::new(part.span.end, expr.span.end)).trim_start_matches([')', ' ']);
    after.starts_with('=') && !after.starts_with("==")
}
