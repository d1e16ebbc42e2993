//! The flow's input schema, read from the source: what the parameter's annotation says, else what
//! the function reads from the payload. Nothing of the user's is run.

mod annotation;
mod bits;
mod fields;
mod paths;
mod reads;

pub(super) use annotation::{items, parsed};

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::callee::Surroundings;
use super::graph::{End, Graph};
use crate::source::Span;
use crate::syntax::tree::{Expr, ExprKind, Function, Literal, SequenceKind, Stmt, StmtKind};

/// The JSON Schema of a flow's payload; always one with `"type": "object"`.
///
/// `graph` tells which statements of `function` are actor calls; at `settings` begin the blocks that
/// are settings of actors.
pub(super) fn of<'a>(
    function: &'a Function,
    payload: &str,
    around: &Surroundings<'a, '_>,
    graph: &Graph,
    settings: &BTreeSet<usize>,
) -> Value {
    let annotation = function.parameters.positional.first().and_then(|parameter| parameter.annotation.as_ref());
    if let Some(schema) = annotation.and_then(|annotation| annotation::payload(annotation, around.modules, around.home))
    {
        return schema;
    }
    let calls: BTreeSet<Span> = graph
        .blocks
        .iter()
        .filter_map(|block| match &block.end {
            End::Call { call, .. } => Some(call.span),
            _ => None,
        })
        .collect();
    reads::schema(function, payload, around, &calls, settings)
}

/// The value of a literal that JSON has too, containers of such literals included.
pub(super) fn json_literal(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Literal(Literal::None) => Some(Value::Null),
        ExprKind::Literal(Literal::Bool(value)) => Some(json!(value)),
        ExprKind::Literal(Literal::Int(value)) => value.map(|value| json!(value)),
        ExprKind::Literal(Literal::Float(value)) => value.is_finite().then(|| json!(value)),
        ExprKind::Literal(Literal::Str(text)) => Some(json!(text)),
        ExprKind::Sequence { kind: SequenceKind::List | SequenceKind::Tuple, items } => {
            items.iter().map(json_literal).collect::<Option<Vec<Value>>>().map(Value::Array)
        }
        ExprKind::Dict(items) => {
            let mut object = Map::new();
            for (key, value) in items {
                object.insert(string(key.as_ref()?)?.to_owned(), json_literal(value)?);
            }
            Some(Value::Object(object))
        }
        _ => None,
    }
}

/// The name of a value's type in JSON Schema.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The text of a string literal.
pub(super) fn string(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(Literal::Str(text)) => Some(text),
        _ => None,
    }
}

/// The first paragraph of a body's docstring on one line.
pub(super) fn docstring(body: &[Stmt]) -> Option<String> {
    body.first().and_then(documentation)
}

/// The first paragraph of a statement that is nothing but a string, on one line.
fn documentation(stmt: &Stmt) -> Option<String> {
    let StmtKind::Expr(value) = &stmt.kind else { return None };
    paragraph(string(value)?)
}

fn paragraph(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.trim().lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    Some(lines.join(" ")).filter(|text| !text.is_empty())
}

fn is_ellipsis(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(Literal::Ellipsis))
}
