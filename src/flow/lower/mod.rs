//! Statements to blocks: cuts a function at its actor calls and checks every statement.

mod assign;
mod beforehand;
mod call;
mod checking;
mod choice;
mod collected;
mod errors;
mod expression;
mod iterables;
mod iteration;
mod loop_heads;
mod names;
mod native;
mod parallel;
mod settings;
mod short_circuit;
mod simple;
mod survey;
mod tasks;
mod typing;

use std::collections::{BTreeMap, BTreeSet};

use super::callee::{Instance, Surroundings};
use super::codes;
use super::effects::local_names;
use super::expression::Uses;
use super::graph::{BlockId, BranchKind, Catcher, End, Graph, Step};
use super::modules::{Definition, ModuleRef, Modules};
use super::refusal::{self, refused};
use super::rules::Ledger;
use super::scope::Scope;
use super::types::{FunctionTypes, Typing};
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
use crate::syntax::expressions;
use crate::syntax::tree::{Expr, ExprKind, Function, Literal, Stmt, StmtKind};

pub use names::RouterNames;
pub(super) use names::{FreshNames, words};
pub(super) use parallel::is_asyncio;
use survey::{Known, Survey};

/// What lowering has to know besides the function.
pub(super) struct Environment<'c, 'a> {
    /// The file.
    pub(super) source: &'c Source,
    /// The module the function stands in.
    pub(super) home: ModuleRef<'a>,
    /// The dotted name of the flow's module.
    pub(super) flow_module: &'c str,
    /// The modules of the project.
    pub(super) modules: &'a Modules<'a>,
    /// Top-level modules and packages of the project.
    pub(super) project_modules: &'c BTreeSet<String>,
    /// The module's names.
    pub(super) scope: &'c Scope<'a>,
    /// What is known about types.
    pub(super) typing: &'c Typing<'a>,
    /// What the router calls its own things.
    pub(super) names: &'c RouterNames,
}

/// The result of lowering: a graph, and the module names its code uses.
pub(super) struct Lowered<'a> {
    /// The graph; meaningful only when no error was found.
    pub(super) graph: Graph,
    /// Module names that router code uses.
    pub(super) uses: Uses,
    /// The helpers it calls, and where.
    pub(super) helpers: Vec<CalledHelper<'a>>,
    /// Its calls with the blocks they stand in.
    pub(super) ledger: Ledger,
}

/// A call of a helper.
#[derive(Debug, Clone)]
pub(super) struct CalledHelper<'a> {
    /// What the program calls it.
    pub(super) key: String,
    /// Its definition.
    pub(super) definition: Definition<'a>,
    /// The call.
    pub(super) span: Span,
}

/// What kind of function is lowered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The flow itself: takes the payload and answers the payload.
    Flow,
    /// A helper whose one parameter is the payload of the flow.
    Step,
    /// Any other helper.
    Helper,
}

/// Lowers the body of a function.
pub(super) fn lower<'a>(
    function: &'a Function,
    role: Role,
    payload: &str,
    around: &Environment<'_, 'a>,
    fresh: &mut FreshNames,
    diagnostics: &mut Vec<Diagnostic>,
) -> Lowered<'a> {
    let locals = local_names(function);
    let mut lowering = Lowering {
        role,
        has_payload: role != Role::Helper,
        called_helpers: Vec::new(),
        payload,
        around,
        is_async: function.is_async,
        locals,
        diagnostics,
        graph: Graph::default(),
        uses: Uses::new(),
        instances: BTreeMap::new(),
        made: Vec::new(),
        contexts: Vec::new(),
        catcher: None,
        survey: Survey::of(&[], &|_| false),
        known: Known::default(),
        fresh,
        calls: 0,
        awaits_left: 0,
        outermost: None,
        whole: None,
        rebound: BTreeSet::new(),
        renamed: BTreeMap::new(),
        opened: Vec::new(),
        gathered: collected::gathered_names(&function.body),
        collects: false,
        handed_over: Vec::new(),
        groups: BTreeMap::new(),
        typed: FunctionTypes::default(),
        classes: beforehand::classes(function),
        waited: BTreeSet::new(),
        tasks: BTreeSet::new(),
        ledger: Ledger::default(),
        open_comprehensions: 0,
    };
    lowering.find_types(function);
    lowering.find_instances(&function.body);
    lowering.waited = lowering.waited_in(&function.body, &[]);
    lowering.survey = Survey::of(&function.body, &|stmt| lowering.suspends(stmt));
    lowering.tasks = lowering.gathered_tasks(&function.body);
    lowering.instances.clear();
    lowering.graph.is_flow = role == Role::Flow;
    let entry = lowering.add();
    lowering.graph.entry = entry;
    lowering.complete_payload(function, entry);
    if role != Role::Flow {
        lowering.defaults(function);
    }
    lowering.block(&function.body, Some(entry));
    let Lowering { mut graph, uses, called_helpers: helpers, typed, ledger, .. } = lowering;
    typed.drop_idle(&mut graph);
    Lowered { graph, uses, helpers, ledger }
}

struct Lowering<'c, 'a> {
    role: Role,
    /// There is a payload that actors take and answer.
    has_payload: bool,
    called_helpers: Vec<CalledHelper<'a>>,
    payload: &'c str,
    around: &'c Environment<'c, 'a>,
    is_async: bool,
    /// Every name the function binds.
    locals: BTreeSet<String>,
    diagnostics: &'c mut Vec<Diagnostic>,
    graph: Graph,
    uses: Uses,
    instances: BTreeMap<String, Instance<'a>>,
    /// Every name put into `instances` in the open blocks, and what it stood for before.
    made: Vec<(String, Option<Instance<'a>>)>,
    /// The statements around, innermost last.
    contexts: Vec<Context>,
    /// Where errors of new blocks go.
    catcher: Option<Catcher>,
    survey: Survey,
    /// What is known about the expressions of the present statement.
    known: Known,
    fresh: &'c mut FreshNames,
    /// Actor calls met so far.
    calls: usize,
    /// Awaits of the present statement that are not lowered yet.
    awaits_left: usize,
    /// The value of the present statement, which is evaluated last.
    outermost: Option<Span>,
    /// The value of the present statement, without `list(…)` around it.
    whole: Option<Span>,
    /// Names the present statement binds with `:=`.
    rebound: BTreeSet<String>,
    /// Variables of opened comprehensions, and what they are called in the function.
    renamed: BTreeMap<String, String>,
    /// Variables that are known only inside the comprehensions that are open.
    opened: Vec<String>,
    /// Names handed to `asyncio.gather` somewhere.
    gathered: BTreeSet<String>,
    /// The present statement puts calls into something that is gathered later.
    collects: bool,
    /// The calls of it, or of the argument of `gather` at hand, whose results are awaited there.
    handed_over: Vec<Span>,
    /// Task groups in sight: their names.
    groups: BTreeMap<String, Span>,
    /// What the types of its values say.
    typed: FunctionTypes,
    /// The classes of variables, as far as they are certain.
    classes: beforehand::Classes,
    /// The callees of calls that are waited for without an `await`.
    waited: BTreeSet<Span>,
    /// Where tasks are made that are gathered before anything else is waited for.
    tasks: BTreeSet<Span>,
    /// The calls met so far, with the blocks they stand in.
    ledger: Ledger,
    /// How many comprehensions are open.
    open_comprehensions: usize,
}

/// A statement around that `break`, `continue`, `return` and `raise` have to do with.
enum Context {
    /// A loop: where `continue` and `break` go.
    Loop { head: BlockId, after: BlockId, is_left: bool },
    /// A `try` with `finally`, inside which leaving means going through that.
    Finally(errors::Finally),
    /// An `except` clause: what a bare `raise` raises, and what it calls the error.
    Except { caught: String, name: Option<String> },
    /// A task group, out of which nothing jumps.
    Group(Span),
}

impl<'a> Lowering<'_, 'a> {
    fn add(&mut self) -> BlockId {
        self.graph.add(self.catcher)
    }

    fn push(&mut self, at: BlockId, step: Step) {
        let steps = &mut self.graph.blocks[at].steps;
        // Most blocks have one step, and a vector that grows by itself begins with room for four.
        if steps.len() == steps.capacity() {
            steps.reserve_exact(1 + steps.len() / 2);
        }
        steps.push(step);
    }

    fn goto_if(&mut self, from: BlockId, test: Step, kind: BranchKind, then: BlockId, orelse: BlockId) {
        self.graph.blocks[from].end = End::Branch { test: Box::new(test), kind, then, orelse };
    }

    fn goto(&mut self, from: BlockId, to: BlockId) {
        self.graph.blocks[from].end = End::Goto(to);
    }

    /// Lowers statements that start in `current`; answers where the next statement goes, or
    /// `None` when it cannot be reached.
    fn block(&mut self, body: &'a [Stmt], mut current: Option<BlockId>) -> Option<BlockId> {
        let made = self.made.len();
        for stmt in body {
            let reached = current.is_some();
            let calls = self.calls;
            // Unreachable statements are still checked, into a block nothing leads to.
            let start = current.unwrap_or_else(|| self.add());
            let next = self.statement(stmt, start);
            if !reached && self.calls > calls {
                self.diagnostics
                    .push(Diagnostic::warning(stmt.span, "this actor call is never reached").code(codes::UNREACHABLE));
            }
            current = if reached { next } else { None };
        }
        for (name, before) in self.made.split_off(made).into_iter().rev() {
            match before {
                Some(before) => self.instances.insert(name, before),
                None => self.instances.remove(&name),
            };
        }
        current
    }

    fn statement(&mut self, stmt: &'a Stmt, current: BlockId) -> Option<BlockId> {
        self.begin_statement(stmt);
        let is_compound = matches!(
            stmt.kind,
            StmtKind::If { .. }
                | StmtKind::While { .. }
                | StmtKind::For { is_async: false, .. }
                | StmtKind::Try { .. }
                | StmtKind::With { is_async: false, .. }
                | StmtKind::Match { .. }
        );
        // A `return` of the copied text would pass by a `finally` that was taken apart.
        let passes_by = self.survey.get(stmt).returns
            && self.contexts.iter().any(|context| matches!(context, Context::Finally(_) | Context::Group(_)));
        if is_compound && self.survey.is_native(stmt) && !passes_by {
            return self.native(stmt, current);
        }
        match &stmt.kind {
            StmtKind::Pass => Some(current),
            StmtKind::Expr(value) => self.expression_statement(stmt, value, current),
            StmtKind::Assign { targets, value } => self.assignment(stmt, targets, value, current),
            StmtKind::AugAssign { target, value } => self.augmented(stmt, target, value, current),
            StmtKind::AnnAssign { target, value, .. } => match value {
                None => Some(current),
                Some(value) => self.assignment(stmt, std::slice::from_ref(target), value, current),
            },
            StmtKind::Delete(targets) => {
                for target in targets {
                    if target.is_name(self.payload) {
                        self.error(target.span, codes::TARGET, "the payload itself cannot be deleted");
                    } else {
                        self.target(target);
                    }
                }
                if self.statement_awaits(stmt) {
                    return Some(self.delete(stmt, targets, current));
                }
                self.as_it_stands(stmt, &expressions(stmt), current)
            }
            StmtKind::Assert { test, message } => self.assert(stmt, test, message.as_ref(), current),
            StmtKind::Raise { exception, cause } => self.raise(stmt, exception.as_ref(), cause.as_ref(), current),
            StmtKind::If { branches, orelse } => self.conditional(branches, orelse, current),
            StmtKind::While { test, body, orelse } => self.while_loop(stmt, test, body, orelse, current),
            StmtKind::For { iterable, .. } if let Some(instead) = self.repeats(iterable) => {
                self.diagnostics.push(refusal::loop_of_attempts(iterable.span, instead));
                Some(current)
            }
            StmtKind::For { is_async: false, target, iterable, body, orelse } => {
                self.for_loop(stmt, target, iterable, body, orelse, current)
            }
            StmtKind::Match { subject, cases } => self.match_statement(stmt, subject, cases, current),
            StmtKind::Try { is_star: false, body, handlers, orelse, finalbody } => {
                self.try_statement(stmt, body, handlers, orelse, finalbody, current)
            }
            StmtKind::With { items, body, is_async } => self.with_statement(stmt, items, body, *is_async, current),
            StmtKind::Function(function) if self.is_plain_inner(function) => {
                self.inner_function(stmt, function, current)
            }
            StmtKind::Break | StmtKind::Continue => self.jump(stmt, current),
            StmtKind::Return(value) => self.exit(stmt, value.as_ref(), current),
            _ => {
                self.diagnostics.push(refused(stmt));
                self.look_inside(stmt);
                Some(current)
            }
        }
    }

    /// Checks the blocks of a statement that is refused.
    fn look_inside(&mut self, stmt: &'a Stmt) {
        let nowhere = self.add();
        let around = self.contexts.len();
        match &stmt.kind {
            StmtKind::Function(_) | StmtKind::Class(_) => return,
            StmtKind::For { .. } => {
                self.contexts.push(Context::Loop { head: nowhere, after: nowhere, is_left: false });
            }
            StmtKind::Try { .. } => {
                self.contexts.push(Context::Except { caught: self.around.names.error.clone(), name: None });
            }
            _ => {}
        }
        for block in crate::syntax::blocks(stmt) {
            let start = self.add();
            self.block(block, Some(start));
        }
        self.contexts.truncate(around);
    }

    /// A block where all of `ends` go on; `None` when there are none.
    fn meet(&mut self, ends: &[BlockId]) -> Option<BlockId> {
        if ends.is_empty() {
            return None;
        }
        let after = self.add();
        ends.iter().for_each(|&end| self.goto(end, after));
        Some(after)
    }

    fn surroundings(&self) -> Surroundings<'a, '_> {
        Surroundings {
            scope: self.around.scope,
            modules: self.around.modules,
            home: self.around.home,
            module: self.around.home.name(),
            locals: &self.locals,
            instances: &self.instances,
            settled: &self.typed.settled,
            project_modules: self.around.project_modules,
        }
    }

    fn error(&mut self, span: Span, code: &'static str, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(span, message).code(code));
    }
}

/// Whether a condition needs no look at the payload to be true.
pub(super) fn is_always_true(test: &Expr) -> bool {
    match &test.kind {
        ExprKind::Literal(Literal::Bool(value)) => *value,
        ExprKind::Literal(Literal::Int(value)) => *value != Some(0),
        ExprKind::Literal(Literal::Str(text)) => !text.is_empty(),
        _ => false,
    }
}
