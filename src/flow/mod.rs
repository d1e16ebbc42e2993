//! The tree to a control-flow graph: which calls are actors, what every statement does, all diagnostics.

mod actor_call;
mod callee;
mod carry;
pub mod codes;
mod expression;
mod graph;
mod lower;
mod marks;
mod python;
mod refusal;
mod schema;
mod scope;
mod select;
mod signature;

use std::collections::BTreeSet;

pub use carry::Carried;
pub use graph::{Block, BlockId, BranchKind, Call, End, Graph, Handler};
pub use python::is_builtin;
pub use select::marked_functions;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{Source, Span};
use crate::syntax::tree::{Function, Module};
use scope::Scope;

/// What the analysis has to know besides the text.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The function to compile; `None` finds it.
    pub function: Option<String>,
    /// The dotted name under which Python imports the file.
    pub module: String,
    /// The file is a package's `__init__.py`.
    pub is_package: bool,
    /// Top-level modules and packages of the project.
    pub project_modules: BTreeSet<String>,
}

/// A flow, understood.
#[derive(Debug, Clone)]
pub struct Flow {
    /// The function's name.
    pub function: String,
    /// The name of its one parameter.
    pub payload: String,
    /// The first paragraph of the docstring, on one line.
    pub description: Option<String>,
    /// JSON Schema of the payload, as far as the source tells.
    pub input_schema: serde_json::Value,
    /// What happens; empty blocks are skipped.
    pub graph: Graph,
    /// Definitions of the module that the router needs, in source order.
    pub carried: Vec<Carried>,
    /// String tokens over several lines, which must not be re-indented.
    pub long_strings: Vec<Span>,
    /// What the reader should know though the flow compiles.
    pub warnings: Vec<Diagnostic>,
}

/// Analyses the flow of a file. On failure all errors (and warnings) of the file are returned.
pub fn analyse(source: &Source, module: &Module, around: &Surroundings) -> Result<Flow, Vec<Diagnostic>> {
    let function =
        select::flow_function(module, source, around.function.as_deref()).map_err(|diagnostic| vec![*diagnostic])?;
    let scope = Scope::of(module, &around.module, around.is_package);
    let mut diagnostics = Vec::new();
    let Some(payload) = signature::check(function, &scope, &mut diagnostics) else { return Err(diagnostics) };
    directives(module, source, function, &mut diagnostics);
    let lowered = lower::lower(function, &payload, &around.module, &around.project_modules, &scope, &mut diagnostics);
    let mut graph = lowered.graph;
    graph.skip_empty_blocks();
    missing_return(&graph, function, &payload, source, &mut diagnostics);
    missing_modules(&graph, &around.module, &around.project_modules, &mut diagnostics);
    let carried = carry::definitions(module, source, &scope, lowered.uses, &mut diagnostics);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(diagnostics);
    }
    Ok(Flow {
        function: function.name.name.clone(),
        description: schema::docstring(&function.body),
        input_schema: schema::of(function, &payload, &scope, &graph),
        payload,
        graph,
        carried,
        long_strings: module.long_strings.clone(),
        warnings: diagnostics,
    })
}

/// Directive comments inside the flow: none is followed yet, so none may be passed over.
fn directives(module: &Module, source: &Source, function: &Function, diagnostics: &mut Vec<Diagnostic>) {
    let end = function.body.last().map_or(function.signature.end, |stmt| stmt.span.end);
    let last_line = source.line_of(end);
    let lines = source.line_of(function.name.span.start)..=last_line;
    for comment in &module.comments {
        let line = source.line_of(comment.start);
        if !lines.contains(&line) {
            continue;
        }
        let Some(word) = select::directive(source.slice(*comment)) else { continue };
        if word == "flow" && line <= source.line_of(function.signature.end) {
            continue;
        }
        diagnostics.push(
            Diagnostic::error(*comment, format!("the directive `{word}` is not followed here"))
                .code(codes::DIRECTIVE)
                .note("passing over it would change what the flow means")
                .help("remove the comment"),
        );
    }
}

fn missing_return(
    graph: &Graph,
    function: &Function,
    payload: &str,
    source: &Source,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let falls_off = graph.reachable().into_iter().any(|block| matches!(graph.blocks[block].end, End::Open));
    if !falls_off || diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return;
    }
    let last = function.body.last().map_or(function.signature, |stmt| stmt.span);
    let line = source.line_of(last.end.saturating_sub(1).max(last.start));
    let name = &function.name.name;
    diagnostics.push(
        Diagnostic::error(
            trimmed(source, source.line_span(line)),
            format!("`{name}` can end here without returning the payload"),
        )
        .code(codes::NO_RETURN)
        .note("Python would return `None`, which is no message")
        .help(format!("add `return {payload}` as the last line")),
    );
}

fn trimmed(source: &Source, line: Span) -> Span {
    let text = source.slice(line);
    Span::new(line.start + (text.len() - text.trim_start().len()), line.end)
}

fn missing_modules(graph: &Graph, own: &str, known: &BTreeSet<String>, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for block in graph.reachable() {
        let End::Call { call, .. } = &graph.blocks[block].end else { continue };
        let module = &call.handler.module;
        let top = module.split('.').next().unwrap_or_default();
        if module == own || known.contains(top) || !seen.insert(module.clone()) {
            continue;
        }
        diagnostics.push(
            Diagnostic::warning(call.span, format!("there is no module `{module}` in this project"))
                .code(codes::MODULE_NOT_FOUND)
                .note(format!("the actor will run `{}`; its image must have that module", call.handler.dotted()))
                .help("if it is in another directory, name that with `-I DIR` or `compiler.python_path`"),
        );
    }
}
