//! Functions of the project that run as parts of the flow: with variables and returns of their own,
//! and without a hop.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::carry::UsesByModule;
use super::code::{Code, Effect, Piece};
use super::codes;
use super::effects::{local_names, parameter_names};
use super::graph::{End, Graph, Handler, Step};
use super::liveness;
use super::lower::{self, CalledHelper, Environment, FreshNames, Role, RouterNames};
use super::modules::{Definition, ModuleRef, Modules};
use super::objects;
use super::rules::{Account, Ledger};
use super::scope::Scope;
use super::signature;
use super::types::Typing;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{Source, Span};
use crate::syntax::tree::{Function, Module, Parameters};

/// A function that runs as a part of the flow.
#[derive(Debug, Clone)]
pub struct Helper {
    /// What the program calls it: its name, in other modules with the module in front.
    pub key: String,
    /// The name of the function.
    pub name: String,
    /// The file it stands in.
    pub source: Source,
    /// String tokens of that file over several lines.
    pub long_strings: Vec<Span>,
    /// Its parameters, without annotations.
    pub parameters: Code,
    /// The names of its parameters.
    pub parameter_names: Vec<String>,
    /// Every name it binds.
    pub locals: BTreeSet<String>,
    /// What happens in it.
    pub graph: Graph,
    /// Where it is defined: its name.
    pub span: Span,
}

impl Helper {
    /// Its parameters as they stand in its file, in brackets.
    pub fn signature(&self) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Source(span) => self.source.slice(*span).to_owned(),
            Piece::Text(text) => text.clone(),
            Piece::Actor(_) | Piece::Helper(_) => String::new(),
        };
        format!("({})", self.parameters.pieces.iter().map(text).collect::<String>())
    }
}

/// What the program calls a helper.
pub(super) fn key(flow_module: &str, definition: &Definition<'_>) -> String {
    let name = &definition.function.name.name;
    match definition.module.name() {
        module if module == flow_module => name.clone(),
        module => format!("{module}.{name}"),
    }
}

/// Where helpers are looked for, and what their lowering needs.
pub(super) struct Surroundings<'c, 'a> {
    pub(super) flow: &'a Function,
    pub(super) payload: &'c str,
    pub(super) modules: &'a Modules<'a>,
    pub(super) project_modules: &'c BTreeSet<String>,
    pub(super) names: &'c RouterNames,
    pub(super) typing: &'c Typing<'a>,
    /// The flow's own calls.
    pub(super) ledger: Ledger,
}

/// Lowers every helper that is called, directly or by another one.
pub(super) fn lower_all<'a>(
    around: Surroundings<'_, 'a>,
    called: Vec<CalledHelper<'a>>,
    fresh: &mut FreshNames,
    uses: &mut UsesByModule,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<Helper>, Vec<Account>) {
    let own = around.modules.own();
    let flow_name = around.flow.name.name.clone();
    let edges = |called: &[CalledHelper<'_>]| called.iter().map(|one| (one.key.clone(), one.span)).collect::<Vec<_>>();
    let of_flow = Handler::function(own.name(), &flow_name);
    let mut calls = BTreeMap::from([(flow_name.clone(), Calls { file: None, helpers: edges(&called) })]);
    let mut open: VecDeque<CalledHelper<'a>> = called.into();
    let mut helpers = Vec::new();
    let mut accounts = vec![Account { key: flow_name.clone(), ledger: around.ledger, source: None }];
    let mut scopes: BTreeMap<String, Scope<'a>> = BTreeMap::new();
    while let Some(CalledHelper { key, definition, .. }) = open.pop_front() {
        if calls.contains_key(&key) {
            continue;
        }
        let (function, home) = (definition.function, definition.module);
        let scope = scopes.entry(home.name().to_owned()).or_insert_with(|| {
            let words = lower::words(home.source().text());
            fresh.take(words.clone());
            around.typing.take(words);
            Scope::of(home.tree(), home.name(), home.is_package())
        });
        let surroundings = Environment {
            source: home.source(),
            home,
            flow_module: own.name(),
            modules: around.modules,
            project_modules: around.project_modules,
            scope,
            typing: around.typing,
            names: around.names,
        };
        let parameters: Vec<String> = parameter_names(&function.parameters).map(str::to_owned).collect();
        let first = parameters.first().cloned().unwrap_or_default();
        let role = if parameters.len() == 1 && first == around.payload { Role::Step } else { Role::Helper };
        let before = diagnostics.len();
        signature::check_decorators(function, "a part of a flow", home, scope, diagnostics);
        let mut lowered = lower::lower(function, role, &first, &surroundings, fresh, diagnostics);
        end_with_none(&mut lowered.graph, function);
        liveness::decide(&mut lowered.graph, &parameters);
        objects::check(&lowered.graph, diagnostics);
        diagnostics.extend(calls_of_flow(&lowered.graph, &of_flow));
        unused_marks(function, home, home.name() != own.name(), diagnostics);
        if home.name() != own.name() {
            for one in &mut diagnostics[before..] {
                if one.source.is_none() {
                    *one = one.clone().in_file(home.source());
                }
            }
        }
        around.typing.leave_out(home.source(), home.rules().dropped());
        lowered.graph.settle(true);
        let of_module = uses.entry(home.name().to_owned()).or_default();
        for (name, span) in lowered.uses {
            of_module.entry(name).or_insert(span);
        }
        let file = (home.name() != own.name()).then(|| home.source().clone());
        calls.insert(key.clone(), Calls { file, helpers: edges(&lowered.helpers) });
        open.extend(lowered.helpers);
        let source = (home.name() != own.name()).then(|| home.source().clone());
        accounts.push(Account { key: key.clone(), ledger: lowered.ledger, source });
        helpers.push(Helper {
            key,
            name: function.name.name.clone(),
            source: home.source().clone(),
            long_strings: strings_inside(function, home.tree()),
            parameters: self::parameters(&function.parameters),
            parameter_names: parameters,
            locals: local_names(function),
            graph: lowered.graph,
            span: function.name.span,
        });
    }
    recursion(&flow_name, &calls, diagnostics);
    (helpers, accounts)
}

/// Comments and wrappers of a function that cannot be followed; those of the flow's own file were
/// read with it.
pub(super) fn unused_marks(
    function: &Function,
    home: ModuleRef<'_>,
    is_other: bool,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let span = whole(function);
    if is_other {
        diagnostics.extend(home.rules().problems(span).cloned());
    }
    if diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error) {
        diagnostics.extend(home.rules().unfollowed(span));
    }
}

/// From the name of a function to its end.
fn whole(function: &Function) -> Span {
    let end = function.body.last().map_or(function.signature.end, |stmt| stmt.span.end);
    Span::new(function.name.span.start, end)
}

/// The strings over several lines that stand in a function.
fn strings_inside(function: &Function, module: &Module) -> Vec<Span> {
    let end = function.body.last().map_or(function.signature.end, |stmt| stmt.span.end);
    let all = &module.long_strings;
    let first = all.partition_point(|string| string.start < function.name.span.start);
    let last = all.partition_point(|string| string.start < end);
    all.get(first..last).unwrap_or_default().to_vec()
}

/// A function that ends without `return` returns `None`.
fn end_with_none(graph: &mut Graph, function: &Function) {
    for block in graph.reachable() {
        if matches!(graph.blocks[block].end, End::Open) {
            let span = function.body.last().map_or(function.name.span, |stmt| stmt.span);
            graph.blocks[block].end = End::Return(Box::new(Step::made(Code::text("None"), span, Effect::default())));
        }
    }
}

/// `a, b=2, *rest, key, **more`.
fn parameters(parameters: &Parameters) -> Code {
    let one = |parameter: &crate::syntax::tree::Parameter| match &parameter.default {
        Some(default) => Code::text(format!("{}=", parameter.name.name)).and(Code::of(default.span)),
        None => Code::text(&parameter.name.name),
    };
    let mut parts: Vec<Code> = parameters.positional.iter().map(one).collect();
    match &parameters.variadic {
        Some(name) => parts.push(Code::text(format!("*{}", name.name))),
        None if !parameters.keyword_only.is_empty() => parts.push(Code::text("*")),
        None => {}
    }
    parts.extend(parameters.keyword_only.iter().map(one));
    parts.extend(parameters.keywords.iter().map(|name| Code::text(format!("**{}", name.name))));
    let join = |all: Code, part: Code| if all.pieces.is_empty() { part } else { all.then(", ").and(part) };
    parts.into_iter().fold(Code::default(), join)
}

/// The calls of helpers that a function makes, and the other file it stands in, if it does.
struct Calls {
    file: Option<Source>,
    helpers: Vec<(String, Span)>,
}

/// A helper that calls itself, directly or through others, has no end that could be compiled.
fn recursion(start: &str, calls: &BTreeMap<String, Calls>, diagnostics: &mut Vec<Diagnostic>) {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    // Each function on the way here, with the number of its calls that were followed.
    let mut path: Vec<(&str, usize)> = vec![(start, 0)];
    let mut on_path: BTreeSet<&str> = BTreeSet::from([start]);
    while let Some((name, followed)) = path.last_mut() {
        let Some((of, (callee, span))) = calls.get(*name).and_then(|of| Some((of, of.helpers.get(*followed)?))) else {
            done.insert(name);
            on_path.remove(name);
            path.pop();
            continue;
        };
        *followed += 1;
        if on_path.contains(callee.as_str()) {
            let found = endless(callee, *span);
            diagnostics.push(match &of.file {
                Some(file) => found.in_file(file),
                None => found,
            });
        } else if !done.contains(callee.as_str()) {
            path.push((callee, 0));
            on_path.insert(callee);
        }
    }
}

/// Calls of the flow itself, which is no handler.
pub(super) fn calls_of_flow(graph: &Graph, flow: &Handler) -> Vec<Diagnostic> {
    let blocks = graph.reachable();
    let calls = blocks.iter().flat_map(|block| graph.blocks[*block].handlers());
    let places: BTreeSet<Span> = calls.filter(|(handler, _)| *handler == flow).map(|(_, span)| span).collect();
    places.into_iter().map(|span| endless(&flow.function, span)).collect()
}

fn endless(callee: &str, span: Span) -> Diagnostic {
    Diagnostic::error(span, format!("`{callee}` calls itself"))
        .code(codes::RECURSION)
        .note("a part of a flow is written into the flow, and this one would have no end")
        .help("write it as a loop")
}
