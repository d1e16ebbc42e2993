//! Functions of the flow's own module that run as parts of it: with variables and returns of their
//! own, and without a hop.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::code::{Code, Effect};
use super::codes;
use super::effects::{local_names, parameter_names};
use super::expression::Uses;
use super::graph::{End, Graph, Step};
use super::liveness;
use super::lower::{Around, FreshNames, Role, lower};
use super::select;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
use crate::syntax::tree::{Expr, Function, Module, Parameters, StmtKind};

/// A function that runs as a part of the flow.
#[derive(Debug, Clone)]
pub struct Helper {
    /// Its name.
    pub name: String,
    /// Its parameters as Python text, without annotations.
    pub parameters: String,
    /// The names of its parameters.
    pub parameter_names: Vec<String>,
    /// Every name it binds.
    pub locals: BTreeSet<String>,
    /// What happens in it.
    pub graph: Graph,
    /// Where it is defined: its name.
    pub span: Span,
}

/// The functions that are marked to run as parts of the flow: `@flow`, `@unfold`, `@inline` or a comment
/// with one of these words on the `def` line. An `inline` one without calls runs as it is.
pub(super) fn names(flow: &Function, module: &Module, source: &Source) -> BTreeSet<String> {
    let functions = module.body.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Function(function) => Some(&**function),
        _ => None,
    });
    functions
        .filter(|function| !std::ptr::eq(*function, flow) && is_helper(function, module, source))
        .map(|function| function.name.name.clone())
        .collect()
}

fn is_helper(function: &Function, module: &Module, source: &Source) -> bool {
    let word = |decorator: &Expr| decorator.dotted().and_then(|parts| parts.last().map(|last| (*last).to_owned()));
    let is_marked = |words: &[&str]| {
        function.decorators.iter().filter_map(word).any(|word| words.contains(&word.as_str()))
            || select::definition_directive(function, module, source).is_some_and(|word| words.contains(&word))
    };
    is_marked(&["flow", "unfold"]) || (is_marked(&["inline"]) && function.is_async)
}

/// Lowers every helper that is called, directly or by another one.
pub(super) fn lower_all<'a>(
    flow: &Function,
    payload: &str,
    called: Vec<(String, Span)>,
    around: &Around<'_, 'a>,
    fresh: &mut FreshNames,
    uses: &mut Uses,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Helper> {
    let mut calls: BTreeMap<String, Vec<(String, Span)>> = BTreeMap::from([(flow.name.name.clone(), called.clone())]);
    let mut open: VecDeque<String> = called.into_iter().map(|(name, _)| name).collect();
    let mut helpers = Vec::new();
    while let Some(name) = open.pop_front() {
        if calls.contains_key(&name) {
            continue;
        }
        let Some(function) = around.scope.function(&name) else { continue };
        let own = parameter_names(&function.parameters).next().unwrap_or_default().to_owned();
        let is_single = parameter_names(&function.parameters).count() == 1;
        let role = if is_single && own == payload { Role::Step } else { Role::Helper };
        let mut lowered = lower(function, role, &own, around, fresh, diagnostics);
        end_with_none(&mut lowered.graph, function);
        let parameters: Vec<String> = parameter_names(&function.parameters).map(str::to_owned).collect();
        liveness::decide(&mut lowered.graph, &parameters);
        lowered.graph.settle(true);
        for (name, span) in lowered.uses {
            uses.entry(name).or_insert(span);
        }
        open.extend(lowered.helpers.iter().map(|(name, _)| name.clone()));
        calls.insert(name.clone(), lowered.helpers);
        helpers.push(Helper {
            name,
            parameters: parameters_text(&function.parameters, around.source),
            parameter_names: parameters,
            locals: local_names(function),
            graph: lowered.graph,
            span: function.name.span,
        });
    }
    recursion(&flow.name.name, &calls, diagnostics);
    helpers
}

/// A function that ends without `return` returns `None`.
fn end_with_none(graph: &mut Graph, function: &Function) {
    for block in graph.reachable() {
        if matches!(graph.blocks[block].end, End::Open) {
            let span = function.body.last().map_or(function.name.span, |stmt| stmt.span);
            graph.blocks[block].end = End::Return(Step::made(Code::text("None"), span, Effect::default()));
        }
    }
}

/// `a, b=2, *rest, key, **more`.
fn parameters_text(parameters: &Parameters, source: &Source) -> String {
    let one = |parameter: &crate::syntax::tree::Parameter| match &parameter.default {
        Some(default) => format!("{}={}", parameter.name.name, source.slice(default.span)),
        None => parameter.name.name.clone(),
    };
    let mut parts: Vec<String> = parameters.positional.iter().map(one).collect();
    match &parameters.variadic {
        Some(name) => parts.push(format!("*{}", name.name)),
        None if !parameters.keyword_only.is_empty() => parts.push("*".to_owned()),
        None => {}
    }
    parts.extend(parameters.keyword_only.iter().map(one));
    parts.extend(parameters.keywords.iter().map(|name| format!("**{}", name.name)));
    parts.join(", ")
}

/// A helper that calls itself, directly or through others, has no end that could be compiled.
fn recursion(start: &str, calls: &BTreeMap<String, Vec<(String, Span)>>, diagnostics: &mut Vec<Diagnostic>) {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut path: Vec<&str> = Vec::new();
    fn visit<'c>(
        name: &'c str,
        calls: &'c BTreeMap<String, Vec<(String, Span)>>,
        path: &mut Vec<&'c str>,
        done: &mut BTreeSet<&'c str>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        path.push(name);
        for (callee, span) in calls.get(name).map(Vec::as_slice).unwrap_or_default() {
            if path.contains(&callee.as_str()) {
                diagnostics.push(
                    Diagnostic::error(*span, format!("`{callee}` calls itself"))
                        .code(codes::RECURSION)
                        .note("a part of a flow is written into the flow, and this one would have no end")
                        .help("write it as a loop"),
                );
            } else if !done.contains(callee.as_str()) {
                visit(callee, calls, path, done, diagnostics);
            }
        }
        path.pop();
        done.insert(name);
    }
    visit(start, calls, &mut path, &mut done, diagnostics);
}
