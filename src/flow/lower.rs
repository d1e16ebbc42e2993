//! Statements to blocks: cuts the function at its actor calls and checks every statement.

use std::collections::{BTreeMap, BTreeSet};

use super::actor_call::ActorCall;
use super::callee::{Callee, Instance, Surroundings, construction_error, is_just_payload};
use super::carry::local_names;
use super::codes;
use super::expression::{ExpressionCheck, Uses, local_variable};
use super::graph::{BlockId, BranchKind, Call, End, Graph};
use super::marks::{Marks, Moment};
use super::refusal::refused;
use super::rules::{Behaviour, Ledger, Names, Rules};
use super::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::tree::{Argument, Branch, Expr, ExprKind, Function, Literal, SequenceKind, Stmt, StmtKind};

/// Python refuses more than 20 nested blocks; the router's own loop and some room are left.
const MAX_VERBATIM_LOOPS: usize = 15;

/// A statement that nests deeper is cut up: Python allows 100 levels of indentation, of which the
/// router needs up to 45 itself.
const MAX_VERBATIM_LEVELS: usize = 40;

/// The result of lowering: a graph, and the module names its code uses.
pub(super) struct Lowered {
    /// The graph; meaningful only when no error was found.
    pub(super) graph: Graph,
    /// Module names that router code uses.
    pub(super) uses: Uses,
    /// The calls with the blocks they stand in.
    pub(super) ledger: Ledger,
}

/// What is known about the surroundings of a flow.
#[derive(Clone, Copy)]
pub(super) struct Known<'c> {
    /// The dotted name of the flow's own module.
    pub(super) module: &'c str,
    /// Top-level modules and packages of the project.
    pub(super) project_modules: &'c BTreeSet<String>,
    /// What comments, wrappers, decorators and rules say.
    pub(super) rules: &'c Rules,
}

/// Lowers the body of a flow.
pub(super) fn lower(
    function: &Function,
    payload: &str,
    known: &Known<'_>,
    scope: &Scope<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Lowered {
    let mut lowering = Lowering {
        payload,
        known: *known,
        ledger: Ledger::default(),
        locals: local_names(function),
        scope,
        is_async: function.is_async,
        diagnostics,
        graph: Graph::default(),
        uses: Uses::new(),
        instances: BTreeMap::new(),
        made: Vec::new(),
        loops: Vec::new(),
        marks: Marks::default(),
    };
    let entry = lowering.graph.add();
    lowering.graph.entry = entry;
    lowering.block(&function.body, Some(entry));
    let Lowering { graph, uses, ledger, .. } = lowering;
    Lowered { graph, uses, ledger }
}

struct Lowering<'c, 'a> {
    payload: &'c str,
    known: Known<'c>,
    ledger: Ledger,
    /// Names bound in the function.
    locals: BTreeSet<&'a str>,
    scope: &'c Scope<'a>,
    is_async: bool,
    diagnostics: &'c mut Vec<Diagnostic>,
    graph: Graph,
    uses: Uses,
    instances: BTreeMap<String, Instance<'a>>,
    /// Every name put into `instances` in the open blocks, and what it stood for before.
    made: Vec<(String, Option<Instance<'a>>)>,
    loops: Vec<Loop>,
    marks: Marks,
}

/// Where `continue` and `break` of a loop go.
#[derive(Clone, Copy)]
struct Loop {
    head: BlockId,
    after: BlockId,
}

impl<'a> Lowering<'_, 'a> {
    /// Lowers statements that start in `current`; answers where the next statement goes, or
    /// `None` when it cannot be reached.
    fn block(&mut self, body: &'a [Stmt], mut current: Option<BlockId>) -> Option<BlockId> {
        let made = self.made.len();
        for stmt in body {
            let reached = current.is_some();
            let calls = self.marks.calls;
            // Unreachable statements are still checked, into a block nothing leads to.
            let start = current.unwrap_or_else(|| self.graph.add());
            let next = self.statement(stmt, start);
            if !reached && self.marks.calls > calls {
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
        match &stmt.kind {
            StmtKind::Pass => Some(current),
            StmtKind::Expr(value) => self.expression_statement(stmt, value, current),
            StmtKind::Assign { targets, value } => self.assignment(stmt, targets, value, current),
            StmtKind::AugAssign { target, value } => {
                self.target(target);
                self.check(value);
                self.run(stmt, current)
            }
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
                self.run(stmt, current)
            }
            StmtKind::Assert { test, message } => {
                self.check(test);
                message.iter().for_each(|message| self.check(message));
                self.run(stmt, current)
            }
            StmtKind::Raise { exception: Some(exception), cause } => {
                self.check(exception);
                cause.iter().for_each(|cause| self.check(cause));
                self.marks.exits += 1;
                self.graph.blocks[current].statements.push(stmt.span);
                self.graph.blocks[current].end = End::Raise;
                None
            }
            StmtKind::If { branches, orelse } => self.conditional(stmt, branches, orelse, current),
            StmtKind::While { test, body, orelse } => self.while_loop(stmt, test, body, orelse, current),
            StmtKind::With { is_async, items, body } => self.with_block(stmt, *is_async, items, body, current),
            StmtKind::Break => self.jump(stmt, current, |target| target.after),
            StmtKind::Continue => self.jump(stmt, current, |target| target.head),
            StmtKind::Return(value) => self.exit(stmt, value.as_ref(), current),
            _ => {
                self.diagnostics.push(refused(stmt, self.payload));
                Some(current)
            }
        }
    }

    /// Copies a statement into the block.
    fn run(&mut self, stmt: &Stmt, current: BlockId) -> Option<BlockId> {
        self.graph.blocks[current].statements.push(stmt.span);
        Some(current)
    }

    fn expression_statement(&mut self, stmt: &'a Stmt, value: &'a Expr, current: BlockId) -> Option<BlockId> {
        if matches!(value.kind, ExprKind::Literal(_)) {
            return Some(current);
        }
        if let Some(actor) = self.actor_call(value) {
            let (payload, callee) = (self.payload, &actor.handler.function);
            let awaited = if actor.is_awaited { "await " } else { "" };
            self.diagnostics.push(
                Diagnostic::error(stmt.span, format!("the result of `{callee}` is not used"))
                    .code(codes::RESULT_DROPPED)
                    .note("an actor's result is the payload the flow goes on with")
                    .help(format!("write `{payload} = {awaited}{callee}({payload})`")),
            );
            return Some(current);
        }
        self.check(value);
        self.run(stmt, current)
    }

    fn assignment(
        &mut self,
        stmt: &'a Stmt,
        targets: &'a [Expr],
        value: &'a Expr,
        current: BlockId,
    ) -> Option<BlockId> {
        if let [target] = targets {
            if let Some(actor) = self.actor_call(value) {
                if target.is_name(self.payload) {
                    actor.check(self.payload, self.is_async, self.diagnostics);
                    return Some(self.call(Call { handler: actor.handler, span: stmt.span }, current));
                }
                self.diagnostics.push(actor.result_into_part(target, self.payload));
                return Some(current);
            }
            let (call, _) = value.awaited();
            if let ExprKind::Call { callee, arguments } = &call.kind
                && let Callee::Class { handler } = self.around().callee(callee, &[])
                && !target.is_name(self.payload)
            {
                self.instance(target, call, arguments, handler);
                return Some(current);
            }
        }
        for target in targets {
            self.target(target);
        }
        if targets.iter().any(|target| target.is_name(self.payload)) {
            self.payload_value(value);
        }
        self.check(value);
        self.run(stmt, current)
    }

    /// A value that can never be a payload.
    fn payload_value(&mut self, value: &Expr) {
        let what = match &value.kind {
            ExprKind::Literal(Literal::None) => "`None`",
            ExprKind::Literal(Literal::Bytes | Literal::Complex | Literal::Ellipsis) | ExprKind::Lambda { .. } => {
                "a value that is not JSON"
            }
            ExprKind::Sequence { kind: SequenceKind::Set, .. } => "a set",
            _ => return,
        };
        self.diagnostics.push(
            Diagnostic::error(value.span, format!("the payload cannot be {what}"))
                .code(codes::NOT_JSON)
                .note("the payload travels between actors as JSON, and a message without a payload is not sent"),
        );
    }

    fn instance(&mut self, target: &Expr, call: &Expr, arguments: &[Argument], class: super::callee::ClassPath<'a>) {
        let Some(name) = target.as_name() else {
            self.error(target.span, codes::INSTANCE, "an object cannot be kept in the payload");
            return;
        };
        if !arguments.is_empty() {
            self.diagnostics.push(
                Diagnostic::error(call.span, format!("`{}` is constructed with arguments", class.name))
                    .code(codes::CONSTRUCTION)
                    .note("an actor makes one object when it starts, with no arguments")
                    .help("give every parameter of `__init__` a default, or read the settings inside `__init__`"),
            );
        }
        self.diagnostics.extend(construction_error(&class, call.span));
        if let Some(before) = self.instances.get(name) {
            self.diagnostics.push(
                Diagnostic::error(target.span, format!("`{name}` already stands for an object"))
                    .code(codes::INSTANCE)
                    .related(before.span, "made here")
                    .help("give the second object a name of its own"),
            );
        }
        let before = self.instances.insert(name.to_owned(), Instance { class, span: target.span });
        self.made.push((name.to_owned(), before));
    }

    fn call(&mut self, call: Call, current: BlockId) -> BlockId {
        self.marks.calls += 1;
        self.ledger.call(&call.handler, call.span, self.loops.len());
        let next = self.graph.add();
        self.graph.blocks[current].end = End::Call { call, next };
        next
    }

    fn conditional(
        &mut self,
        stmt: &'a Stmt,
        branches: &'a [Branch],
        orelse: &'a [Stmt],
        current: BlockId,
    ) -> Option<BlockId> {
        let before = self.marks.enter();
        let block_count = self.graph.blocks.len();
        let mut ends = Vec::new();
        let mut at = current;
        for branch in branches {
            self.check(&branch.test);
            let (then, otherwise) = (self.graph.add(), self.graph.add());
            self.graph.blocks[at].end =
                End::Branch { test: branch.test.span, kind: BranchKind::If, then, orelse: otherwise };
            ends.extend(self.block(&branch.body, Some(then)));
            at = otherwise;
        }
        ends.extend(self.block(orelse, Some(at)));
        if self.is_verbatim(&before, false) {
            self.graph.blocks.truncate(block_count);
            self.graph.blocks[current].end = End::Open;
            return self.run(stmt, current);
        }
        if ends.is_empty() {
            return None;
        }
        let after = self.graph.add();
        for end in ends {
            self.graph.blocks[end].end = End::Goto(after);
        }
        Some(after)
    }

    fn while_loop(
        &mut self,
        stmt: &'a Stmt,
        test: &'a Expr,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
        current: BlockId,
    ) -> Option<BlockId> {
        if let Some(first) = orelse.first() {
            self.diagnostics.push(
                Diagnostic::error(first.span, "an `else` on a loop cannot be compiled yet")
                    .code(codes::LOOP_ELSE)
                    .help("set a flag in the payload before each `break` and test it after the loop"),
            );
        }
        self.check(test);
        let before = self.marks.enter();
        let block_count = self.graph.blocks.len();
        let head = self.graph.add();
        let first = self.graph.add();
        let after = self.graph.add();
        self.graph.blocks[current].end = End::Goto(head);
        let is_endless = is_always_true(test);
        self.graph.blocks[head].end = if is_endless {
            End::Goto(first)
        } else {
            End::Branch { test: test.span, kind: BranchKind::While, then: first, orelse: after }
        };
        self.loops.push(Loop { head, after });
        if let Some(end) = self.block(body, Some(first)) {
            self.graph.blocks[end].end = End::Goto(head);
        }
        self.loops.pop();
        let leaves = !is_endless || self.breaks_to(after, block_count);
        if self.is_verbatim(&before, true) && leaves {
            self.graph.blocks.truncate(block_count);
            self.graph.blocks[current].end = End::Open;
            return self.run(stmt, current);
        }
        leaves.then_some(after)
    }

    /// A block whose managers become settings of the actors called in it; its statements stand in
    /// the router without it.
    fn with_block(
        &mut self,
        stmt: &Stmt,
        is_async: bool,
        items: &'a [(Expr, Option<Expr>)],
        body: &'a [Stmt],
        current: BlockId,
    ) -> Option<BlockId> {
        let head = items.last().map_or(stmt.span, |(manager, _)| Span::new(stmt.span.start, manager.span.end));
        if is_async && !self.is_async {
            self.error(head, codes::AWAIT_IN_SYNC, "`async with` in a function that is not `async`");
        }
        // Copied as it stands, a statement around this one would enter the block.
        self.marks.exits += 1;
        let names = Names { scope: self.scope, module: self.known.module, locals: self.locals.clone() };
        match self.known.rules.with_block(items, &names, self.diagnostics) {
            Ok(settings) => {
                self.ledger.enter(settings, head, self.loops.len());
                let end = self.block(body, Some(current));
                self.ledger.leave();
                end
            }
            Err(problem) => {
                self.diagnostics.push(*problem);
                self.ledger.give_up();
                self.block(body, Some(current))
            }
        }
    }

    /// Whether a block made since there were `since` goes to `after`.
    fn breaks_to(&self, after: BlockId, since: usize) -> bool {
        self.graph.blocks[since..].iter().any(|block| matches!(block.end, End::Goto(next) if next == after))
    }

    /// Whether nothing since `before` leaves the statement: no call, no return, no jump out; and
    /// whether Python takes it inside the router's own loop and indentation.
    fn is_verbatim(&mut self, before: &Moment, is_loop: bool) -> bool {
        let depth = self.loops.len();
        let nesting = self.marks.leave(before, is_loop);
        let now = &self.marks;
        let stays = now.calls == before.calls
            && now.exits == before.exits
            && now.jumps[before.jumps..].iter().all(|&jump| jump > depth)
            && nesting.loops <= MAX_VERBATIM_LOOPS
            && nesting.levels <= MAX_VERBATIM_LEVELS;
        if stays {
            self.marks.jumps.truncate(before.jumps);
        }
        stays
    }

    fn jump(&mut self, stmt: &Stmt, current: BlockId, to: impl Fn(&Loop) -> BlockId) -> Option<BlockId> {
        match self.loops.last() {
            Some(innermost) => {
                self.graph.blocks[current].end = End::Goto(to(innermost));
                self.marks.jumps.push(self.loops.len());
            }
            None => {
                let message = format!("{} outside a loop", stmt.kind.describe());
                self.error(stmt.span, codes::OUTSIDE_LOOP, message);
            }
        }
        None
    }

    fn exit(&mut self, stmt: &'a Stmt, value: Option<&'a Expr>, current: BlockId) -> Option<BlockId> {
        self.marks.exits += 1;
        let payload = self.payload;
        match value {
            Some(value) if value.is_name(payload) => {
                self.graph.blocks[current].end = End::Return(stmt.span);
                return None;
            }
            Some(value) => {
                if let Some(actor) = self.actor_call(value) {
                    actor.check(self.payload, self.is_async, self.diagnostics);
                    let next = self.call(Call { handler: actor.handler, span: stmt.span }, current);
                    self.graph.blocks[next].end = End::Return(stmt.span);
                    return None;
                }
                self.check(value);
                self.diagnostics.push(
                    Diagnostic::error(value.span, "a flow returns its payload and nothing else")
                        .code(codes::RETURN_VALUE)
                        .help(format!("assign it first: `{payload} = …`, then `return {payload}`")),
                );
            }
            None => self.diagnostics.push(
                Diagnostic::error(stmt.span, "`return` without the payload")
                    .code(codes::RETURN_VALUE)
                    .note("the flow would end with `None`, which is no message")
                    .help(format!("write `return {payload}`")),
            ),
        }
        self.graph.blocks[current].end = End::Return(stmt.span);
        None
    }

    /// Checks the target of an assignment or `del`: parts of the payload only.
    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) if name == self.payload => {}
            ExprKind::Name(name) => {
                let diagnostic = local_variable(name, target.span, self.payload);
                self.diagnostics.push(diagnostic);
            }
            ExprKind::Sequence { items, .. } => items.iter().for_each(|item| self.target(item)),
            ExprKind::Starred(value) => self.target(value),
            ExprKind::Subscript { value, index } if target.root().is_name(self.payload) => {
                self.check(value);
                self.check(index);
            }
            ExprKind::Attribute { attribute, .. } if target.root().is_name(self.payload) => {
                let (payload, name) = (self.payload, &attribute.name);
                self.diagnostics.push(
                    Diagnostic::error(target.span, "the payload is JSON and has no attributes")
                        .code(codes::TARGET)
                        .help(format!("write `{payload}[\"{name}\"]`")),
                );
            }
            _ => self.error(target.span, codes::TARGET, "only the payload and its parts can be assigned in a flow"),
        }
    }

    fn check(&mut self, expr: &Expr) {
        let around = Surroundings {
            scope: self.scope,
            module: self.known.module,
            payload: self.payload,
            instances: &self.instances,
            project_modules: self.known.project_modules,
            rules: self.known.rules,
        };
        ExpressionCheck { around: &around, diagnostics: self.diagnostics, uses: &mut self.uses }.check(expr);
    }

    fn around(&self) -> Surroundings<'a, '_> {
        Surroundings {
            scope: self.scope,
            module: self.known.module,
            payload: self.payload,
            instances: &self.instances,
            project_modules: self.known.project_modules,
            rules: self.known.rules,
        }
    }

    /// The handler, when a whole right-hand side or statement is an actor call.
    fn actor_call(&self, value: &'a Expr) -> Option<ActorCall<'a>> {
        let (call, is_awaited) = value.awaited();
        let ExprKind::Call { callee, arguments } = &call.kind else { return None };
        let around = self.around();
        let Callee::Handler { handler, definition, is_method } = around.callee(callee, &[]) else { return None };
        let decision = self.known.rules.classify(call.span, &handler, definition);
        let (is_actor, is_composed) = match decision.map(|decision| decision.behaviour) {
            Some(Behaviour::Actor) => (true, false),
            Some(Behaviour::Flow | Behaviour::Unfold) => (true, true),
            Some(Behaviour::Inline | Behaviour::Config) => (false, false),
            None => {
                let implicit = is_awaited || around.is_project(&handler) || is_just_payload(arguments, self.payload);
                (implicit, false)
            }
        };
        is_actor.then_some(ActorCall {
            handler,
            definition,
            is_method,
            call,
            callee,
            arguments,
            is_awaited,
            is_composed,
        })
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
