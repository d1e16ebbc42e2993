//! The tree to a control-flow graph: which calls are actors, what every statement does, all diagnostics.

mod actor_call;
mod arguments;
mod callee;
mod carry;
mod code;
pub mod codes;
mod effects;
mod expression;
mod graph;
mod helpers;
mod imports;
mod liveness;
mod lower;
mod modules;
mod name_set;
mod objects;
mod python;
mod refusal;
pub mod rules;
mod schema;
mod scope;
mod select;
mod signature;
mod tokens;
mod types;
mod unresolved;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use carry::{Carried, CarriedKind};
pub use code::{Code, Effect, Piece};
pub use graph::{Block, BlockId, BranchKind, Call, Callee, Catcher, End, Failures, Graph, Handler, MatchCase, Step};
pub use helpers::Helper;
pub use lower::RouterNames;
pub use modules::{FoundFile, Lookup, ModuleFiles, ModuleTree};
pub use name_set::NameSet;
pub use python::is_builtin;
pub use rules::{HandlerSettings, Rule, Setting};
pub use select::marked_functions;
pub use types::Edits;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{Source, Span};
use crate::syntax::tree::{Function, Module};
use lower::Role;
use modules::{Modules, Target};
use rules::{Account, Rules};
use scope::{Binding, Scope};
use types::Typing;

/// What the analysis has to know besides the text.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The function to compile; `None` finds it.
    pub function: Option<String>,
    /// The dotted name under which Python imports the file.
    pub module: String,
    /// The file is a package's `__init__.py`.
    pub is_package: bool,
    /// Top-level modules and packages of the project.
    pub project_modules: BTreeSet<String>,
    /// Where other modules are found.
    pub files: Arc<dyn ModuleFiles>,
    /// People's rules, those that count more first.
    pub rules: Vec<Rule>,
}

/// A file on its own.
impl Default for Surroundings {
    fn default() -> Self {
        Self {
            function: None,
            module: String::new(),
            is_package: false,
            project_modules: BTreeSet::new(),
            files: Arc::new(BTreeMap::<String, Source>::new()),
            rules: Vec::new(),
        }
    }
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
    /// The functions that run as parts of the flow, in the order of their first call.
    pub helpers: Vec<Helper>,
    /// What the router calls its own things.
    pub names: RouterNames,
    /// Every name that means something in the flow's lines.
    pub taken: BTreeSet<String>,
    /// Definitions of the module that the router needs, in source order.
    pub carried: Vec<Carried>,
    /// What the code says about how handlers run.
    pub settings: BTreeMap<Handler, HandlerSettings>,
    /// String tokens over several lines, which must not be re-indented.
    pub long_strings: Vec<Span>,
    /// What stands in the router in the place of parts of the source.
    pub edits: Edits,
    /// The files of the modules that were read, by dotted name.
    pub files: BTreeMap<String, String>,
    /// What the reader should know though the flow compiles.
    pub warnings: Vec<Diagnostic>,
}

impl Flow {
    /// The graphs of the flow and of its helpers.
    pub fn graphs(&self) -> impl Iterator<Item = &Graph> {
        std::iter::once(&self.graph).chain(self.helpers.iter().map(|helper| &helper.graph))
    }

    /// Whether calls run in parallel.
    pub fn has_parallel_calls(&self) -> bool {
        self.graphs().any(Graph::has_parallel_calls)
    }

    /// The handlers that are called in a way that needs the call wrapper: on values, in parallel, or
    /// where an error may be caught.
    pub fn wrapped_handlers(&self) -> BTreeSet<&Handler> {
        let mut wrapped: BTreeSet<&Handler> = self.graphs().flat_map(Graph::wrapped_handlers).collect();
        // Whoever calls a helper may catch what its actors raise.
        if self.has_parallel_calls() || self.graphs().any(Graph::catches) {
            let inside = self.helpers.iter().flat_map(|helper| {
                let graph = &helper.graph;
                graph.reachable().into_iter().flat_map(|block| graph.blocks[block].handlers())
            });
            wrapped.extend(inside.map(|(handler, _)| handler));
        }
        wrapped
    }
}

/// Analyses the flow of a file. On failure all errors (and warnings) of the file are returned.
pub fn analyse(source: &Source, module: &Module, around: &Surroundings) -> Result<Flow, Vec<Diagnostic>> {
    let lifted = imports::lifted(module, source, around.function.as_deref());
    let module = lifted.as_ref().unwrap_or(module);
    let flow = analyse_with(source, module, around, BTreeSet::new())?;
    // Only now it is known which other modules have a part in it: their variables and definitions want their names, too.
    let locals = flow.helpers.iter().flat_map(|helper| helper.locals.iter().cloned());
    let carried = flow.carried.iter().flat_map(|carried| lower::words(&carried.text));
    let foreign: BTreeSet<String> = locals.chain(carried).collect();
    if flow.names.all().iter().any(|name| foreign.contains(*name)) {
        return analyse_with(source, module, around, foreign);
    }
    Ok(flow)
}

/// The same, where the router calls nothing of its own by the names in `taken`.
fn analyse_with(
    source: &Source,
    module: &Module,
    around: &Surroundings,
    taken: BTreeSet<String>,
) -> Result<Flow, Vec<Diagnostic>> {
    let (read, module) = Rules::read(module, source, &around.module, around.is_package, &Rules::all(&around.rules));
    let module = &*module;
    let mut diagnostics: Vec<Diagnostic> = read.problems(Span::new(0, source.text().len())).cloned().collect();
    let function = match select::flow_function(module, source, around.function.as_deref()) {
        Ok(function) => function,
        Err(diagnostic) => {
            diagnostics.push(*diagnostic);
            return Err(diagnostics);
        }
    };
    let scope = Scope::of(module, &around.module, around.is_package);
    let modules = Modules::new(&*around.files, source, module, &around.module, around.is_package, read);
    signature::check_decorators(function, "a flow", modules.own(), &scope, &mut diagnostics);
    let Some(payload) = signature::check(function, &mut diagnostics) else { return Err(diagnostics) };
    let words = lower::words(source.text());
    let mut fresh = lower::FreshNames::new(words.clone());
    fresh.take(taken);
    let names = RouterNames::new(&mut fresh);
    let own = modules.own();
    let typing = Typing::new(&modules, lower::FreshNames::new(words));
    let surroundings = lower::Environment {
        source,
        home: own,
        flow_module: own.name(),
        modules: &modules,
        project_modules: &around.project_modules,
        scope: &scope,
        typing: &typing,
        names: &names,
    };
    let lowered = lower::lower(function, Role::Flow, &payload, &surroundings, &mut fresh, &mut diagnostics);
    let mut graph = lowered.graph;
    let settings_at = lowered.ledger.starts();
    let mut uses = carry::UsesByModule::from([(around.module.clone(), lowered.uses)]);
    liveness::decide(&mut graph, [&payload]);
    objects::check(&graph, &mut diagnostics);
    diagnostics.extend(helpers::calls_of_flow(&graph, &Handler::function(own.name(), &function.name.name)));
    let with = helpers::Surroundings {
        flow: function,
        payload: &payload,
        modules: &modules,
        project_modules: &around.project_modules,
        names: &names,
        typing: &typing,
        ledger: lowered.ledger,
    };
    let (helpers, accounts) = helpers::lower_all(with, lowered.helpers, &mut fresh, &mut uses, &mut diagnostics);
    let locals = effects::local_names(function);
    let mut taken = fresh.made();
    taken.extend(locals.iter().cloned());
    taken.extend(helpers.iter().flat_map(|helper| helper.locals.iter().cloned()));
    graph.settle(!helpers.is_empty());
    missing_return(&graph, function, &payload, source, &mut diagnostics);
    missing_modules(&graph, &modules, &around.project_modules, &mut diagnostics);
    let mut carried = carry::definitions(own, &modules, &names, &typing, uses, &mut fresh, &mut diagnostics);
    carried.extend(typing.definitions());
    let mut scopes = BTreeMap::new();
    let settings = Account::close(
        accounts,
        |handler, call, found| Rules::handler_settings(handler, &modules, &mut scopes, call, found),
        &mut diagnostics,
    );
    helpers::unused_marks(function, own, false, &mut diagnostics);
    typing.leave_out(own.source(), own.rules().dropped());
    diagnostics.extend(modules.problems(|module| import_of(module, &scope)));
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(diagnostics);
    }
    let calls_here = callee::Surroundings {
        scope: &scope,
        modules: &modules,
        home: own,
        module: own.name(),
        locals: &locals,
        instances: &BTreeMap::new(),
        settled: &BTreeSet::new(),
        project_modules: &around.project_modules,
    };
    Ok(Flow {
        function: function.name.name.clone(),
        description: schema::docstring(&function.body),
        input_schema: schema::of(function, &payload, &calls_here, &graph, &settings_at),
        payload,
        graph,
        helpers,
        names,
        taken,
        carried,
        settings,
        long_strings: module.long_strings.clone(),
        edits: typing.edits(),
        files: modules.read_files().into_iter().collect(),
        warnings: diagnostics,
    })
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

/// Where a top-level module is imported.
fn import_of(module: &str, scope: &Scope<'_>) -> Option<Span> {
    scope.names().filter_map(|name| scope.get(name)).find_map(|bound| match bound.binding {
        Binding::Module(from) | Binding::Member { module: from, .. } => {
            (from.split('.').next() == Some(module)).then_some(bound.span)
        }
        _ => None,
    })
}

fn missing_modules(graph: &Graph, modules: &Modules<'_>, known: &BTreeSet<String>, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for block in graph.reachable() {
        for (handler, span) in graph.blocks[block].handlers() {
            let module = &handler.module;
            let top = module.split('.').next().unwrap_or_default();
            let is_there = known.contains(top) || !matches!(modules.get(top), Target::Missing | Target::Standard);
            if (is_there && !modules.lacks(module)) || !seen.insert(module.clone()) {
                continue;
            }
            diagnostics.push(
                Diagnostic::warning(span, format!("there is no module `{module}` in this project"))
                    .code(codes::MODULE_NOT_FOUND)
                    .note(format!("the actor will run `{}`; its image must have that module", handler.dotted()))
                    .help("if it is in another directory, name that with `-I DIR` or `compiler.python_path`"),
            );
        }
    }
}
