//! Statements to blocks: cuts a function at its actor calls and checks every statement.

mod assign;
mod beforehand;
mod call;
mod choice;
mod errors;
mod expression;
mod iteration;
mod names;
mod native;
mod parallel;
mod rounds;
mod settings;
mod survey;
mod typing;

use std::collections::{BTreeMap, BTreeSet};

use super::actor_call::ActorCall;
use super::callee::{Instance, Surroundings, is_just_payload};
use super::code::{Code, Effect};
use super::codes;
use super::effects::{Effects, local_names};
use super::expression::{ExpressionCheck, Uses};
use super::graph::{BlockId, BranchKind, Catcher, End, Graph, Step};
use super::modules::{Definition, ModuleRef, Modules};
use super::refusal::{leaves_group, refused};
use super::rules::{CallTarget, Ledger};
use super::scope::Scope;
use super::types::{Typed, Typing};
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
use crate::syntax::tree::{Branch, Expr, ExprKind, Function, Literal, Stmt, StmtKind};

pub(super) use names::{FreshNames, words};
pub(super) use parallel::is_asyncio;
use survey::{Known, Survey};

/// What lowering has to know besides the function.
pub(super) struct Around<'c, 'a> {
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

/// What the router calls its own things: names that hide nothing of the flow's.
#[derive(Debug, Clone)]
pub struct RouterNames {
    /// The result of a call, where the router goes on.
    pub result: String,
    /// The error it caught.
    pub error: String,
    /// Makes a call that waits: `call("actor")(a, k=b)`.
    pub call: String,
    /// Makes a call of a helper that waits.
    pub helper: String,
    /// Ends a function with a value.
    pub done: String,
    /// What a loop goes over, as something with a length and an index.
    pub items: String,
    /// Whether an error is of a class the router does not have.
    pub is_a: String,
    /// Adds a call to a task group.
    pub task: String,
    /// Gives the tasks of a group their results.
    pub finish: String,
    /// Waits some seconds.
    pub sleep: String,
    /// The module of Python's builtins, for those that the flow gives another meaning.
    pub builtins: String,
}

impl RouterNames {
    /// Names that are free.
    pub(super) fn new(fresh: &mut FreshNames) -> Self {
        let mut make = |name| fresh.make(name);
        Self {
            result: make("result"),
            error: make("error"),
            call: make("call"),
            helper: make("run"),
            done: make("done"),
            items: make("items"),
            is_a: make("is_a"),
            task: make("task"),
            finish: make("finish"),
            sleep: make("sleep"),
            builtins: make("_builtins"),
        }
    }

    /// Every one of them.
    pub(super) fn all(&self) -> [&str; 11] {
        let Self { result, error, call, helper, done, items, is_a, task, finish, sleep, builtins } = self;
        [result, error, call, helper, done, items, is_a, task, finish, sleep, builtins].map(String::as_str)
    }
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
    around: &Around<'_, 'a>,
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
        gathered: parallel::gathered_names(&function.body),
        collects: false,
        groups: BTreeMap::new(),
        typed: Typed::default(),
        classes: beforehand::classes(function),
        waited: BTreeSet::new(),
        ledger: Ledger::default(),
        rounds: 0,
    };
    lowering.find_types(function);
    lowering.find_instances(&function.body);
    lowering.waited = lowering.waited_in(&function.body, &[]);
    lowering.survey = Survey::of(&function.body, &|stmt| lowering.suspends(stmt));
    lowering.instances.clear();
    lowering.graph.is_flow = role == Role::Flow;
    let entry = lowering.add();
    lowering.graph.entry = entry;
    lowering.complete_payload(function, entry);
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
    around: &'c Around<'c, 'a>,
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
    /// Task groups in sight: their names.
    groups: BTreeMap<String, Span>,
    /// What the types of its values say.
    typed: Typed,
    /// The classes of variables, as far as they are certain.
    classes: beforehand::Classes,
    /// The callees of calls that are waited for without an `await`.
    waited: BTreeSet<Span>,
    /// The calls met so far, with the blocks they stand in.
    ledger: Ledger,
    /// Comprehensions that are open.
    rounds: usize,
}

/// A statement around that `break`, `continue`, `return` and `raise` have to do with.
enum Context {
    /// A loop: where `continue` and `break` go.
    Loop { head: BlockId, after: BlockId, is_left: bool },
    /// A `try` with `finally`, inside which leaving means going through that.
    Finally(errors::Finally),
    /// An `except` clause: what a bare `raise` raises.
    Except { caught: String },
    /// A task group, out of which nothing jumps.
    Group(Span),
}

impl<'a> Lowering<'_, 'a> {
    fn add(&mut self) -> BlockId {
        self.graph.add(self.catcher)
    }

    fn push(&mut self, at: BlockId, step: Step) {
        self.graph.blocks[at].steps.push(step);
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
                self.as_it_stands(stmt, &expressions_of(stmt), current)
            }
            StmtKind::Assert { test, message } => self.assert(stmt, test, message.as_ref(), current),
            StmtKind::Raise { exception, cause } => self.raise(stmt, exception.as_ref(), cause.as_ref(), current),
            StmtKind::If { branches, orelse } => self.conditional(branches, orelse, current),
            StmtKind::While { test, body, orelse } => self.while_loop(stmt, test, body, orelse, current),
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
                self.contexts.push(Context::Except { caught: self.around.names.error.clone() });
            }
            _ => {}
        }
        for block in crate::syntax::blocks(stmt) {
            let start = self.add();
            self.block(block, Some(start));
        }
        self.contexts.truncate(around);
    }

    /// Takes note of what the expressions of a statement hold.
    fn begin_statement(&mut self, stmt: &Stmt) {
        self.known = Known::default();
        self.collects = self.collects_calls(stmt);
        self.whole = parallel::whole_value(stmt);
        self.outermost = match &stmt.kind {
            StmtKind::Assign { targets, value } if !targets.iter().any(|part| self.awaits(part)) => Some(value.span),
            StmtKind::Return(Some(value)) | StmtKind::Expr(value) => Some(value.span),
            _ => None,
        };
        self.begin_expressions(&expressions_of(stmt));
    }

    /// The same for a condition that is evaluated apart from the rest of its statement.
    fn begin_condition(&mut self, test: &Expr) {
        self.known = Known::default();
        self.collects = false;
        self.outermost = None;
        self.begin_expressions(&[test]);
    }

    fn begin_expressions(&mut self, all: &[&Expr]) {
        self.awaits_left = 0;
        self.rebound.clear();
        for expr in all {
            crate::syntax::walk(expr, &mut |expr| {
                match &expr.kind {
                    ExprKind::Await(_) => self.awaits_left += 1,
                    ExprKind::Named { target, .. } => self.rebound.extend(target.as_name().map(str::to_owned)),
                    // What is awaited in there is awaited more than once.
                    ExprKind::Comprehension { .. } => self.awaits_left += 2,
                    _ => {}
                }
                true
            });
        }
    }

    /// Whether the flow has to wait inside an expression.
    fn awaits(&self, expr: &Expr) -> bool {
        if self.collects { survey::has_await(expr) } else { self.known.awaits(expr, &self.waited) }
    }

    /// Whether the flow has to wait inside the expressions of a statement itself.
    fn statement_awaits(&self, stmt: &Stmt) -> bool {
        let collects = self.collects_calls(stmt);
        let awaits = |part| if collects { survey::has_await(part) } else { survey::awaits(part, &self.waited) };
        !matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_)) && expressions_of(stmt).into_iter().any(awaits)
    }

    fn effects(&self) -> Effects<'_> {
        Effects { locals: &self.locals }
    }

    /// The effect of an expression, with the names of opened comprehensions put right.
    fn effect(&self, expr: &Expr) -> Effect {
        self.put_right(self.effects().of(expr))
    }

    fn put_right(&self, effect: Effect) -> Effect {
        if self.renamed.is_empty() {
            return effect;
        }
        let right = |names: BTreeSet<String>| -> BTreeSet<String> {
            names.into_iter().map(|name| self.renamed.get(&name).cloned().unwrap_or(name)).collect()
        };
        Effect {
            reads: right(effect.reads),
            writes: right(effect.writes),
            touches: right(effect.touches),
            unbinds: right(effect.unbinds),
        }
    }

    fn expression_statement(&mut self, stmt: &'a Stmt, value: &'a Expr, current: BlockId) -> Option<BlockId> {
        if matches!(value.kind, ExprKind::Literal(_)) {
            return Some(current);
        }
        let mut at = current;
        if let Some(actor) = self.actor_call(value) {
            let is_told = !actor.is_awaited && actor.definition.is_some_and(|one| one.must_be_awaited());
            // The result of `f(p)` that nobody takes is often a forgotten `p =`.
            if !is_told && self.has_payload && actor.helper.is_none() && is_just_payload(actor.arguments, self.payload)
            {
                self.result_dropped(stmt, &actor);
            }
            self.one_call(&actor, stmt.span, None, &mut at);
            return Some(at);
        }
        let lowered = self.value(value, &mut at);
        if !lowered.is_settled {
            self.push(at, Step::made(lowered.code, stmt.span, lowered.effect));
        }
        Some(at)
    }

    fn result_dropped(&mut self, stmt: &Stmt, actor: &ActorCall<'_>) {
        let (payload, callee) = (self.payload, &actor.handler.function);
        let awaited = if actor.is_awaited { "await " } else { "" };
        self.diagnostics.push(
            Diagnostic::warning(stmt.span, format!("the result of `{callee}` is not used"))
                .code(codes::RESULT_DROPPED)
                .note("an actor gets a copy of the payload: what it changes is in its result alone")
                .help(format!(
                    "write `{payload} = {awaited}{callee}({payload})`, or `_ = {awaited}{callee}({payload})` when that is meant"
                )),
        );
    }

    fn assert(
        &mut self,
        stmt: &'a Stmt,
        test: &'a Expr,
        message: Option<&'a Expr>,
        current: BlockId,
    ) -> Option<BlockId> {
        if !self.statement_awaits(stmt) {
            return self.as_it_stands(stmt, &expressions_of(stmt), current);
        }
        let (fine, broken) = (self.add(), self.add());
        self.condition(test, fine, broken, BranchKind::If, current);
        let mut at = broken;
        let (code, effect) = match message {
            None => (Code::text(format!("raise {}", self.builtin("AssertionError"))), Effect::default()),
            Some(message) => {
                let value = self.value(message, &mut at);
                let start = format!("raise {}(", self.builtin("AssertionError"));
                (Code::text(start).and(value.code).then(")"), value.effect)
            }
        };
        self.push(at, Step::made(code, stmt.span, effect));
        self.graph.blocks[at].end = End::Raise;
        Some(fine)
    }

    fn conditional(&mut self, branches: &'a [Branch], orelse: &'a [Stmt], current: BlockId) -> Option<BlockId> {
        let mut ends = Vec::new();
        let mut at = current;
        for branch in branches {
            let (then, otherwise) = (self.add(), self.add());
            self.begin_condition(&branch.test);
            self.condition(&branch.test, then, otherwise, BranchKind::If, at);
            ends.extend(self.block(&branch.body, Some(then)));
            at = otherwise;
        }
        ends.extend(self.block(orelse, Some(at)));
        self.meet(&ends)
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

    fn exit(&mut self, stmt: &'a Stmt, value: Option<&'a Expr>, current: BlockId) -> Option<BlockId> {
        let mut at = current;
        if let Some(span) = self.contexts.iter().find_map(|context| match context {
            Context::Group(span) => Some(*span),
            _ => None,
        }) {
            self.diagnostics.push(leaves_group(stmt, span));
            return None;
        }
        let Some(value) = value else {
            if self.role != Role::Flow {
                self.leave_function(Step::made(Code::text("None"), stmt.span, Effect::default()), at);
                return None;
            }
            self.diagnostics.push(
                Diagnostic::error(stmt.span, "`return` without the payload")
                    .code(codes::RETURN_VALUE)
                    .note("the flow would end with `None`, which is no message")
                    .help(format!("write `return {}`", self.payload)),
            );
            return None;
        };
        self.never_a_payload(value, "return");
        // What runs in a `finally` on the way out still sees the payload as it was.
        let ends_here = !self.contexts.iter().any(|context| matches!(context, Context::Finally(_)));
        let step = match self.actor_call(value) {
            Some(actor) if ends_here && self.is_payload_call(&actor) => {
                self.payload_call(&actor, stmt.span, &mut at);
                let payload = self.payload.to_owned();
                Step::made(Code::text(&payload), stmt.span, Effect::reading([payload.as_str()]))
            }
            Some(actor) => {
                self.one_call(&actor, stmt.span, None, &mut at);
                Step::made(Code::text(&self.around.names.result), stmt.span, Effect::default())
            }
            None => {
                let lowered = self.top_value(value, &mut at);
                Step::made(lowered.code, stmt.span, lowered.effect)
            }
        };
        self.leave_function(step, at);
        None
    }

    fn jump(&mut self, stmt: &Stmt, current: BlockId) -> Option<BlockId> {
        if let Some(Context::Group(span)) =
            self.contexts.iter().rev().find(|context| matches!(context, Context::Loop { .. } | Context::Group(_)))
        {
            let span = *span;
            self.diagnostics.push(leaves_group(stmt, span));
            return None;
        }
        if self.contexts.iter().any(|context| matches!(context, Context::Loop { .. })) {
            self.leave_loop(matches!(stmt.kind, StmtKind::Break), current);
        } else {
            let message = format!("{} outside a loop", stmt.kind.describe());
            self.error(stmt.span, codes::OUTSIDE_LOOP, message);
        }
        None
    }

    /// A value that can never be a payload.
    fn never_a_payload(&mut self, value: &Expr, _place: &str) {
        if self.role != Role::Flow {
            return;
        }
        let what = match &value.kind {
            ExprKind::Literal(Literal::None) => "`None`",
            ExprKind::Literal(Literal::Bytes | Literal::Complex | Literal::Ellipsis) | ExprKind::Lambda { .. } => {
                "a value that is not JSON"
            }
            ExprKind::Sequence { kind: crate::syntax::tree::SequenceKind::Set, .. } => "a set",
            _ => return,
        };
        self.diagnostics.push(
            Diagnostic::error(value.span, format!("the payload cannot be {what}"))
                .code(codes::NOT_JSON)
                .note("the payload travels between actors as JSON, and a message without a payload is not sent"),
        );
    }

    /// Checks an expression without awaits; answers what has to stand in the place of its parts.
    fn check(&mut self, expr: &Expr) -> Vec<(Span, Code)> {
        self.check_as(expr, self.collects)
    }

    /// The same where calls of actors are to wait.
    fn check_pending(&mut self, expr: &Expr) -> Vec<(Span, Code)> {
        self.check_as(expr, true)
    }

    /// The same for a comprehension of calls: the `await` of its element goes.
    fn check_pending_comprehension(&mut self, expr: &Expr, element: &Expr) -> Vec<(Span, Code)> {
        self.check_with(expr, true, Some(element), &[])
    }

    fn check_as(&mut self, expr: &Expr, waits: bool) -> Vec<(Span, Code)> {
        self.check_with(expr, waits, None, &[])
    }

    /// The same where `hidden` names belong to functions inside the flow.
    fn check_inside(&mut self, expr: &Expr, hidden: &[String]) -> Vec<(Span, Code)> {
        self.check_with(expr, false, None, hidden)
    }

    fn check_with(&mut self, expr: &Expr, waits: bool, branch: Option<&Expr>, hidden: &[String]) -> Vec<(Span, Code)> {
        let around = Surroundings {
            scope: self.around.scope,
            modules: self.around.modules,
            home: self.around.home,
            module: self.around.home.name(),
            locals: &self.locals,
            instances: &self.instances,
            settled: &self.typed.settled,
            project_modules: self.around.project_modules,
        };
        let mut check = ExpressionCheck {
            around: &around,
            payload: self.payload,
            methods: &self.typed.methods,
            names: self.around.names,
            flow_module: self.around.flow_module,
            groups: &self.groups,
            diagnostics: self.diagnostics,
            uses: &mut self.uses,
            renamed: &self.renamed,
            instead: Vec::new(),
            helpers: Vec::new(),
            actors: Vec::new(),
            said: None,
            waits,
            branch,
            in_lambda: false,
        };
        check.check(expr, hidden);
        let (instead, helpers, actors) = (check.instead, check.helpers, check.actors);
        self.graph.needs_support |= instead.iter().any(|(_, code)| *code == Code::text(&self.around.names.sleep));
        for (definition, callee, call) in helpers {
            self.note_helper(definition, callee, call, false);
        }
        for (handler, callee, call) in actors {
            self.note(CallTarget::Actor(handler), callee, call, false);
        }
        instead
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

    /// A builtin, whatever the flow calls by its name.
    fn builtin(&self, name: &str) -> String {
        let is_hidden = self.locals.contains(name) || self.around.scope.get(name).is_some();
        if is_hidden { format!("{}.{name}", self.around.names.builtins) } else { name.to_owned() }
    }

    fn error(&mut self, span: Span, code: &'static str, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(span, message).code(code));
    }
}

/// The expressions of a statement itself.
fn expressions_of(stmt: &Stmt) -> Vec<&Expr> {
    crate::syntax::expressions(stmt)
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
