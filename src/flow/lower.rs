//! Statements to blocks: cuts the function at its actor calls and checks every statement.

use std::collections::{BTreeMap, BTreeSet};

use super::callee::{Callee, Instance, Surroundings, construction_error, is_just_payload, takes_one_payload};
use super::codes;
use super::expression::{ExpressionCheck, Uses, local_variable, undefined};
use super::graph::{BlockId, BranchKind, Call, End, Graph, Handler};
use super::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::tree::{Argument, Branch, Expr, ExprKind, Function, Literal, SequenceKind, Stmt, StmtKind};

/// Python refuses more than 20 nested blocks; the router's own loop and some room are left.
const MAX_VERBATIM_LOOPS: usize = 15;

/// The result of lowering: a graph, and the module names its code uses.
pub(super) struct Lowered {
    /// The graph; meaningful only when no error was found.
    pub(super) graph: Graph,
    /// Module names that router code uses.
    pub(super) uses: Uses,
}

/// Lowers the body of a flow.
pub(super) fn lower(
    function: &Function,
    payload: &str,
    module: &str,
    project_modules: &BTreeSet<String>,
    scope: &Scope<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Lowered {
    let mut lowering = Lowering {
        payload,
        module,
        project_modules,
        scope,
        is_async: function.is_async,
        diagnostics,
        graph: Graph::default(),
        uses: Uses::new(),
        instances: BTreeMap::new(),
        loops: Vec::new(),
        marks: Marks::default(),
    };
    let entry = lowering.graph.add();
    lowering.graph.entry = entry;
    lowering.block(&function.body, Some(entry));
    let Lowering { graph, uses, .. } = lowering;
    Lowered { graph, uses }
}

struct Lowering<'c, 'a> {
    payload: &'c str,
    module: &'c str,
    project_modules: &'c BTreeSet<String>,
    scope: &'c Scope<'a>,
    is_async: bool,
    diagnostics: &'c mut Vec<Diagnostic>,
    graph: Graph,
    uses: Uses,
    instances: BTreeMap<String, Instance<'a>>,
    loops: Vec<Loop>,
    marks: Marks,
}

/// Where `continue` and `break` of a loop go.
#[derive(Clone, Copy)]
struct Loop {
    head: BlockId,
    after: BlockId,
}

/// What has been met so far; a compound statement in which nothing of this was met is copied as
/// it stands.
#[derive(Clone, Default)]
struct Marks {
    calls: usize,
    exits: usize,
    /// How many enclosing loops each `break` or `continue` had.
    jumps: Vec<usize>,
    deepest_loop: usize,
}

impl<'a> Lowering<'_, 'a> {
    /// Lowers statements that start in `current`; answers where the next statement goes, or
    /// `None` when it cannot be reached.
    fn block(&mut self, body: &'a [Stmt], mut current: Option<BlockId>) -> Option<BlockId> {
        let outer = self.instances.clone();
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
        self.instances = outer;
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
                    self.handler_checks(&actor);
                    return Some(self.call(Call { handler: actor.handler, span: stmt.span }, current));
                }
                self.diagnostics.push(result_into_part(target, &actor, self.payload));
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
        self.instances.insert(name.to_owned(), Instance { class, span: target.span });
    }

    fn handler_checks(&mut self, shape: &ActorCall<'_>) {
        let (payload, name) = (self.payload, &shape.handler.function);
        if !is_just_payload(shape.arguments, payload) {
            let place = shape.arguments.first().map_or(shape.call.span, |argument| argument.value.span);
            self.diagnostics.push(
                Diagnostic::error(place, format!("`{name}` is called with something other than the payload"))
                    .code(codes::ARGUMENT)
                    .note(format!("an actor receives the whole payload, `{payload}`"))
                    .help(format!("put what it needs into the payload and call `{name}({payload})`")),
            );
        }
        if shape.is_awaited && !self.is_async {
            self.error(shape.call.span, codes::AWAIT_IN_SYNC, "`await` in a function that is not `async`");
        }
        let Some(definition) = shape.definition else { return };
        if definition.is_async && !shape.is_awaited {
            self.diagnostics.push(
                Diagnostic::error(shape.call.span, format!("`{name}` is `async` and must be awaited"))
                    .code(codes::FORGOTTEN_AWAIT)
                    .related(definition.name.span, "defined here")
                    .help(format!("write `{payload} = await {name}({payload})`")),
            );
        } else if !definition.is_async && shape.is_awaited {
            self.diagnostics.push(
                Diagnostic::warning(shape.call.span, format!("`{name}` is not `async`"))
                    .code(codes::AWAIT_OF_SYNC)
                    .related(definition.name.span, "defined here")
                    .note("the compiled flow works, but running the function in Python fails here"),
            );
        }
        if !takes_one_payload(&definition.parameters, usize::from(shape.is_method)) {
            let place = definition.parameters.span.unwrap_or(definition.name.span);
            self.diagnostics.push(
                Diagnostic::error(shape.callee.span, format!("`{name}` cannot be called with one payload"))
                    .code(codes::HANDLER_SIGNATURE)
                    .related(place, "its parameters")
                    .help("give it one parameter for the payload, and defaults for all others"),
            );
        }
        if definition.decorators.iter().any(is_flow_mark) {
            self.diagnostics.push(
                Diagnostic::error(shape.call.span, format!("`{name}` is a flow of its own"))
                    .code(codes::COMPOSITION)
                    .related(definition.name.span, "marked as a flow here")
                    .note("calling a flow from a flow cannot be compiled yet"),
            );
        }
    }

    fn call(&mut self, call: Call, current: BlockId) -> BlockId {
        self.marks.calls += 1;
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
        let before = self.marks.clone();
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
        if self.is_verbatim(&before) {
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
        let before = self.marks.clone();
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
        self.marks.deepest_loop = self.marks.deepest_loop.max(self.loops.len());
        if let Some(end) = self.block(body, Some(first)) {
            self.graph.blocks[end].end = End::Goto(head);
        }
        self.loops.pop();
        let leaves = !is_endless || self.breaks_to(after, block_count);
        if self.is_verbatim(&before) && leaves {
            self.graph.blocks.truncate(block_count);
            self.graph.blocks[current].end = End::Open;
            return self.run(stmt, current);
        }
        leaves.then_some(after)
    }

    /// Whether a block made since there were `since` goes to `after`.
    fn breaks_to(&self, after: BlockId, since: usize) -> bool {
        self.graph.blocks[since..].iter().any(|block| matches!(block.end, End::Goto(next) if next == after))
    }

    /// Whether nothing since `before` leaves the statement: no call, no return, no jump out.
    fn is_verbatim(&mut self, before: &Marks) -> bool {
        let depth = self.loops.len();
        let now = &self.marks;
        let stays = now.calls == before.calls
            && now.exits == before.exits
            && now.jumps[before.jumps.len()..].iter().all(|&jump| jump > depth)
            && now.deepest_loop - depth.min(now.deepest_loop) <= MAX_VERBATIM_LOOPS;
        if stays {
            self.marks.jumps.truncate(before.jumps.len());
            self.marks.deepest_loop = before.deepest_loop;
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
                    self.handler_checks(&actor);
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
            module: self.module,
            payload: self.payload,
            instances: &self.instances,
            project_modules: self.project_modules,
        };
        ExpressionCheck { around: &around, diagnostics: self.diagnostics, uses: &mut self.uses }.check(expr);
    }

    fn around(&self) -> Surroundings<'a, '_> {
        Surroundings {
            scope: self.scope,
            module: self.module,
            payload: self.payload,
            instances: &self.instances,
            project_modules: self.project_modules,
        }
    }

    /// The handler, when a whole right-hand side or statement is an actor call.
    fn actor_call(&self, value: &'a Expr) -> Option<ActorCall<'a>> {
        let (call, is_awaited) = value.awaited();
        let ExprKind::Call { callee, arguments } = &call.kind else { return None };
        let around = self.around();
        let Callee::Handler { handler, definition, is_method } = around.callee(callee, &[]) else { return None };
        let is_actor = is_awaited || around.is_project(&handler) || is_just_payload(arguments, self.payload);
        is_actor.then_some(ActorCall { handler, definition, is_method, call, callee, arguments, is_awaited })
    }

    fn error(&mut self, span: Span, code: &'static str, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(span, message).code(code));
    }
}

/// An actor call as it stands in the source.
struct ActorCall<'e> {
    handler: Handler,
    definition: Option<&'e Function>,
    is_method: bool,
    call: &'e Expr,
    callee: &'e Expr,
    arguments: &'e [Argument],
    is_awaited: bool,
}

fn is_flow_mark(decorator: &Expr) -> bool {
    decorator.dotted().and_then(|parts| parts.last().copied()) == Some("flow")
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

fn result_into_part(target: &Expr, actor: &ActorCall<'_>, payload: &str) -> Diagnostic {
    let callee = &actor.handler.function;
    let awaited = if actor.is_awaited { "await " } else { "" };
    let instead = format!("{payload} = {awaited}{callee}({payload})");
    match target.as_name() {
        Some(name) => local_variable(name, target.span, payload)
            .help(format!("let `{callee}` take and return the payload: `{instead}`")),
        None => Diagnostic::error(target.span, format!("the result of `{callee}` does not become the payload"))
            .code(codes::RESULT_INTO_PART)
            .note("an actor receives the whole payload and its result is the whole payload")
            .help(format!("let `{callee}` write this part itself: `{instead}`")),
    }
}

/// Statements that flows cannot have, and what to write instead.
fn refused(stmt: &Stmt, payload: &str) -> Diagnostic {
    let what = stmt.kind.describe();
    let diagnostic = Diagnostic::error(first_line(stmt), format!("{what} cannot be compiled")).code(codes::STATEMENT);
    match &stmt.kind {
        StmtKind::For { .. } => diagnostic.help(format!(
            "keep an index in the payload: `{payload}[\"i\"] = 0` and `while {payload}[\"i\"] < len(…):`"
        )),
        StmtKind::Try { .. } => diagnostic.help("handle the error inside the actor and report it in the payload"),
        StmtKind::Raise { .. } => diagnostic
            .note("there is no error to raise again outside an `except`")
            .help("write `raise SomeError(\"…\")`"),
        StmtKind::Match { .. } => diagnostic.help("write it as `if … elif … else`"),
        StmtKind::With { .. } => diagnostic.help("open the resource inside the actor that needs it"),
        StmtKind::Function(_) | StmtKind::Class(_) => {
            diagnostic.help("define it at the top level of this file or in a module of its own")
        }
        StmtKind::Import(_) | StmtKind::ImportFrom { .. } => diagnostic.help("move the import to the top of the file"),
        StmtKind::Global(_) | StmtKind::Nonlocal(_) => {
            diagnostic.note("a flow runs in many processes and shares no variables; only the payload travels")
        }
        _ => diagnostic,
    }
}

/// Compound statements are pointed at by their keyword, not by their whole text.
fn first_line(stmt: &Stmt) -> Span {
    let width = match &stmt.kind {
        StmtKind::For { is_async: false, .. } | StmtKind::Try { .. } => 3,
        StmtKind::With { is_async: false, .. } => 4,
        StmtKind::Match { .. } => 5,
        StmtKind::For { .. } => 9,
        StmtKind::With { .. } => 10,
        StmtKind::Function(function) => return function.name.span,
        StmtKind::Class(class) => return class.name.span,
        _ => return stmt.span,
    };
    Span::new(stmt.span.start, stmt.span.start + width)
}

/// Checks of the function as a whole: its signature and its decorators.
pub(super) fn signature(function: &Function, scope: &Scope<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    for decorator in &function.decorators {
        if is_flow_mark(decorator) {
            continue;
        }
        diagnostics.push(
            Diagnostic::error(decorator.span, "a decorator on a flow cannot be compiled")
                .code(codes::FLOW_DECORATOR)
                .note("it would change what the flow does, and the compiled flow would not know")
                .help("move it to the handlers it is meant for"),
        );
        if let Some(name) = decorator.as_name()
            && scope.get(name).is_none()
        {
            diagnostics.push(undefined(name, decorator.span, scope, ""));
        }
    }
    let parameters = &function.parameters;
    let extra = parameters.variadic.as_ref().or(parameters.keywords.as_ref());
    let extra = extra.or(parameters.keyword_only.first().map(|parameter| &parameter.name));
    match (parameters.positional.as_slice(), extra) {
        ([payload], None) => Some(payload.name.name.clone()),
        (positional, extra) => {
            let place = extra.or(positional.get(1).map(|parameter| &parameter.name)).unwrap_or(&function.name).span;
            diagnostics.push(
                Diagnostic::error(
                    place,
                    format!("the flow `{}` does not take exactly one parameter", function.name.name),
                )
                .code(codes::FLOW_SIGNATURE)
                .help(format!("write `def {}(payload: dict) -> dict:`", function.name.name)),
            );
            None
        }
    }
}
