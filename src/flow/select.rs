//! Which function of a file is the flow.

use std::collections::BTreeSet;

use super::codes;
use super::rules::directive_word;
use crate::diagnostic::Diagnostic;
use crate::names::{listed, near_matches};
use crate::source::{Source, Span};
use crate::syntax::tree::{ExprKind, Function, Module, Stmt, StmtKind};
use crate::syntax::{blocks, expressions, walk};

/// Finds the flow: the function called `wanted`, else the one marked `@flow` or `# asya: flow`,
/// else the only function that looks like a flow (one parameter, calls something; those with a return
/// annotation first) and is not called by another such function.
pub(super) fn flow_function<'a>(
    module: &'a Module,
    source: &Source,
    wanted: Option<&str>,
) -> Result<&'a Function, Box<Diagnostic>> {
    let functions: Vec<&Function> = module
        .body
        .iter()
        .filter_map(|stmt| match &stmt.kind {
            StmtKind::Function(function) => Some(&**function),
            _ => None,
        })
        .collect();
    if let Some(wanted) = wanted {
        return named(&functions, wanted, source);
    }
    let marked: Vec<&Function> =
        functions.iter().copied().filter(|function| is_marked(function, module, source)).collect();
    if !marked.is_empty() {
        return only(&marked, source);
    }
    let mut looking: Vec<&Function> = functions.iter().copied().filter(|function| looks_like_flow(function)).collect();
    if looking.iter().any(|function| function.returns.is_some()) {
        looking.retain(|function| function.returns.is_some());
    }
    let called = called_by_others(&looking);
    let roots: Vec<&Function> =
        looking.iter().copied().filter(|function| !called.contains(&function.name.name)).collect();
    match roots.as_slice() {
        [] => Err(Box::new(nothing(source))),
        _ => only(&roots, source),
    }
}

/// The names of the functions of a file that are marked `@flow` or `# asya: flow`, in source order.
pub fn marked_functions(module: &Module, source: &Source) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for stmt in &module.body {
        let StmtKind::Function(function) = &stmt.kind else { continue };
        if is_marked(function, module, source) && !names.contains(&function.name.name) {
            names.push(function.name.name.clone());
        }
    }
    names
}

/// Whether a function carries the mark of a flow.
pub(super) fn is_marked(function: &Function, module: &Module, source: &Source) -> bool {
    function.decorators.iter().any(|decorator| {
        let target = match &decorator.kind {
            ExprKind::Call { callee, .. } => callee,
            _ => decorator,
        };
        target.dotted().and_then(|parts| parts.last().copied()) == Some("flow")
    }) || flow_comment(function, module, source)
}

/// A comment `# asya: flow` on a line of the signature.
fn flow_comment(function: &Function, module: &Module, source: &Source) -> bool {
    signature_comments(function, module, source)
        .iter()
        .any(|comment| directive_word(source.slice(*comment)) == Some("flow"))
}

/// The comments on the lines of the signature; all comments stand in source order.
fn signature_comments<'m>(function: &Function, module: &'m Module, source: &Source) -> &'m [Span] {
    let start = source.line_start(source.line_of(function.name.span.start));
    let end = source.line_span(source.line_of(function.signature.end)).end;
    let first = module.comments.partition_point(|comment| comment.start < start);
    let last = module.comments.partition_point(|comment| comment.start <= end);
    module.comments.get(first..last).unwrap_or_default()
}

fn named<'a>(functions: &[&'a Function], wanted: &str, source: &Source) -> Result<&'a Function, Box<Diagnostic>> {
    if let Some(function) = functions.iter().rev().find(|function| function.name.name == wanted) {
        return Ok(function);
    }
    let names: Vec<&str> = functions.iter().map(|function| function.name.name.as_str()).collect();
    let diagnostic =
        Diagnostic::error(start(source), format!("there is no function `{wanted}` in this file")).code(codes::NO_FLOW);
    Err(Box::new(match near_matches(wanted, names.iter().copied()).first() {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None if names.is_empty() => diagnostic.note("the file defines no functions at its top level"),
        None => diagnostic.note(format!("the file defines {}", listed(&names))),
    }))
}

fn only<'a>(candidates: &[&'a Function], source: &Source) -> Result<&'a Function, Box<Diagnostic>> {
    match candidates {
        [only] => Ok(only),
        _ => {
            let mut diagnostic =
                Diagnostic::error(candidates[0].name.span, "several functions of this file could be the flow")
                    .code(codes::SEVERAL_FLOWS)
                    .label("this one?");
            for other in &candidates[1..] {
                diagnostic = diagnostic.related(other.name.span, "or this one?");
            }
            let first = &candidates[0].name.name;
            Err(Box::new(diagnostic.help(format!("name it: `-f {}:{first}`, or mark it with `@flow`", source.name()))))
        }
    }
}

fn nothing(source: &Source) -> Diagnostic {
    Diagnostic::error(start(source), "no function of this file is a flow")
        .code(codes::NO_FLOW)
        .note("a flow is a top-level function with one parameter, the payload, that returns the payload")
        .help("write `# asya: flow` behind the colon of its `def` line, or decorate it with `@flow`")
}

fn start(source: &Source) -> Span {
    source.line_span(1)
}

fn looks_like_flow(function: &Function) -> bool {
    function.parameters.positional.len() == 1
        && function.parameters.variadic.is_none()
        && function.parameters.keywords.is_none()
        && function.parameters.keyword_only.is_empty()
        && calls_anything(&function.body)
}

fn calls_anything(body: &[Stmt]) -> bool {
    any_call(body, &mut |_| true)
}

/// What the functions call, except by themselves.
fn called_by_others(functions: &[&Function]) -> BTreeSet<String> {
    let mut called = BTreeSet::new();
    for function in functions {
        any_call(&function.body, &mut |callee| {
            if callee != function.name.name {
                called.insert(callee.to_owned());
            }
            false
        });
    }
    called
}

/// Whether a call stands anywhere in `body` for whose dotted callee `wanted` says yes.
fn any_call(body: &[Stmt], wanted: &mut dyn FnMut(&str) -> bool) -> bool {
    body.iter().any(|stmt| {
        let mut found = false;
        for value in expressions(stmt) {
            walk(value, &mut |expr| {
                if let ExprKind::Call { callee, .. } = &expr.kind
                    && let Some(parts) = callee.dotted()
                {
                    found |= wanted(&parts.join("."));
                }
                true
            });
        }
        found || blocks(stmt).into_iter().any(|block| any_call(block, wanted))
    })
}
