//! What flows cannot have, and what to write instead.

use super::codes;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
use crate::syntax::tree::{Expr, ExprKind, Stmt, StmtKind};

/// The diagnostic for a statement that is not compiled.
pub(super) fn refused(stmt: &Stmt) -> Diagnostic {
    let what = stmt.kind.describe();
    let place = keyword(stmt);
    let because = |message: String| Diagnostic::error(place, message).code(codes::STATEMENT);
    match &stmt.kind {
        StmtKind::For { .. } => because(format!("{what} cannot be compiled"))
            .note("what it goes over runs bit by bit in one process, and the flow goes on in another")
            .help("let an actor make a list of it: `for item in await collect(…):`"),
        StmtKind::Try { .. } => because("`except*` around an actor call cannot be compiled".to_owned())
            .help("catch the group with `except ExceptionGroup as group:` and look into `group.exceptions`"),
        StmtKind::Raise { .. } => {
            because("`raise` with no error to raise again".to_owned()).help("write `raise SomeError(\"…\")`")
        }
        StmtKind::With { .. } => because(format!("{what} cannot be compiled"))
            .note("its manager would be awaited in the router, and only actor calls are awaited")
            .help("enter it inside the actor that needs it"),
        StmtKind::Function(function) if function.is_async => {
            because(format!("`{}` is an `async` function inside the flow", function.name.name))
                .note("only functions at the top level can be called with `await`")
                .help("define it at the top level: an actor, or with `# asya: unfold` a part of the flow")
        }
        StmtKind::Function(function) => {
            because(format!("the inner function `{}` is more than a plain function", function.name.name))
                .note(
                    "an inner function runs in one go: it has no decorator, calls no part of the flow, and does not \
                     `yield` or bind names outside of itself",
                )
                .help("define it at the top level of this file, and give it what it needs as arguments")
        }
        StmtKind::Class(class) => {
            because(format!("the class `{}` inside the flow cannot be compiled", class.name.name))
                .note("its objects would have to travel with the message, which is JSON")
                .help("define it at the top level of this file or in a module of its own, for the actors to use")
        }
        StmtKind::Import(_) | StmtKind::ImportFrom { .. } => {
            because(format!("{what} cannot be compiled")).help("move the import to the top of the file")
        }
        StmtKind::Global(_) | StmtKind::Nonlocal(_) => because(format!("{what} cannot be compiled"))
            .note("a flow runs in many processes, and none of them shares its variables with another")
            .help("remove this line: then it is a variable of the flow, which travels with the message"),
        StmtKind::TypeAlias(_) => {
            because(format!("{what} cannot be compiled")).help("move it to the top level of the file")
        }
        _ => because(format!("{what} cannot be compiled")),
    }
}

/// Compound statements are pointed at by their keyword, not by their whole text.
fn keyword(stmt: &Stmt) -> Span {
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

/// A manager that would have to stay entered while a message is under way.
pub(super) fn stays_open(manager: Option<&Expr>, stmt: &Stmt, source: &Source) -> Diagnostic {
    let place = manager.map_or(stmt.span, |manager| manager.span);
    Diagnostic::error(place, format!("`{}` cannot stay open across an actor call", source.slice(place)))
        .code(codes::WITH_BLOCK)
        .note("what it holds lives in one process, and the call goes to another")
        .help("open it inside the actor that needs it, close it before the call, or write a rule that makes it a setting of actors")
}

/// `return`, `break` or `continue` out of a task group.
pub(super) fn leaves_group(stmt: &Stmt, group: Span) -> Diagnostic {
    Diagnostic::error(stmt.span, format!("{} out of a task group", stmt.kind.describe()))
        .code(codes::STATEMENT)
        .related(group, "the group begins here")
        .note("its calls start together where the block ends")
        .help("set a variable here and leave after the block")
}

/// A `yield` in the flow's own code.
pub(super) fn yields(span: Span) -> Diagnostic {
    Diagnostic::error(span, "a flow cannot `yield`")
        .code(codes::YIELD)
        .note("a flow has one answer, which it returns")
        .help("`return` the payload, and let an actor `yield` what is to be streamed")
}

/// `async for` in a comprehension.
pub(super) fn asynchronous_comprehension(span: Span) -> Diagnostic {
    Diagnostic::error(span, "an asynchronous comprehension cannot run in a flow")
        .code(codes::AWAIT)
        .note("what it goes over runs bit by bit in one process, and the flow goes on in another")
        .help("let an actor make a list of it: `[… for item in await collect(…)]`")
}

/// A generator expression with calls inside.
pub(super) fn asynchronous_generator(span: Span) -> Diagnostic {
    Diagnostic::error(span, "an asynchronous generator cannot run in a flow")
        .code(codes::AWAIT)
        .note("it would stay half done while its calls are under way")
        .help("write a list: `[await … for … in …]`")
}

/// An `await` of something that is not a call: a coroutine or task from before. Nothing is said
/// when what is wrong with that has been told.
pub(super) fn stored(span: Span, value: &Expr, told: &[Diagnostic]) -> Option<Diagnostic> {
    let help = match &value.kind {
        ExprKind::Conditional { .. } => "await the one that is called: `await f(…) if … else await g(…)`",
        _ => "write the call here: `await f(…)`",
    };
    let is_told = told.iter().any(|one| one.code == Some(codes::FORGOTTEN_AWAIT) || one.code == Some(codes::FAN_OUT));
    (!is_told).then(|| {
        Diagnostic::error(span, "only the call of an actor can be awaited")
            .code(codes::AWAIT)
            .note("a call that waits cannot be kept in a flow: it would not survive the trip to the next actor")
            .help(help)
    })
}

/// An `await` of something that would run in the router.
pub(super) fn not_an_actor(span: Span, callee: &Expr) -> Diagnostic {
    let is_chosen = match &callee.kind {
        ExprKind::Subscript { .. } | ExprKind::Conditional { .. } | ExprKind::BoolOp(_) => true,
        ExprKind::Call { callee, .. } => callee.is_name("getattr"),
        _ => false,
    };
    if is_chosen {
        return called_by_variable(callee);
    }
    let diagnostic = Diagnostic::error(span, "only the call of an actor can be awaited")
        .code(codes::AWAIT)
        .label("this would run in the router");
    match callee.dotted().and_then(|parts| parts.last().copied()) {
        Some("wait_for") => diagnostic
            .note("how long a call may take is a setting of its actor")
            .help("await the call itself, and set `spec.resiliency.actorTimeout` of its actor"),
        Some("wait" | "as_completed") => {
            diagnostic.help("start the calls together and wait for all of them: `await asyncio.gather(…)`")
        }
        Some("shield") => diagnostic.note("no call of a flow is cancelled").help("await the call itself: `await f(…)`"),
        Some("to_thread") => {
            diagnostic.note("an actor has a process of its own").help("call the function by its name: `result = f(…)`")
        }
        _ => diagnostic.help("write an `async` function that does it, and await that: it becomes an actor"),
    }
}

/// `Model("large")` of a class whose methods are actors.
pub(super) fn constructed_with_arguments(span: Span, class: &str) -> Diagnostic {
    Diagnostic::error(span, format!("`{class}` is constructed with arguments"))
        .code(codes::CONSTRUCTION)
        .note("an actor makes one object when it starts, with no arguments")
        .help("give every parameter of `__init__` a default, or read the settings inside `__init__`")
}

/// An `await` of a call of what a variable holds.
pub(super) fn called_by_variable(callee: &Expr) -> Diagnostic {
    Diagnostic::error(callee.span, "only the call of an actor can be awaited")
        .code(codes::AWAIT)
        .label("which actor this calls is not known before the flow runs")
        .note("the actors of a flow are deployed with it, so each has to be called by its name")
        .help("choose with `if` or `match`, and call an actor by its name in each branch: `case \"a\": x = await f(…)`")
}

/// A loop over the attempts of `tenacity` or `stamina`.
pub(super) fn loop_of_attempts(span: Span, decorator: &str) -> Diagnostic {
    Diagnostic::error(span, "a loop over attempts cannot be compiled")
        .code(codes::STATEMENT)
        .note("the platform makes the attempts, and how many is a setting of the actor")
        .help(format!(
            "decorate the handler with `{decorator}`, or write `for attempt in range(…):` with `try` and `break`"
        ))
}

/// An `await` of a call of a variable that has the name of a function of the module.
pub(super) fn hidden_by_variable(callee: &Expr, name: &str) -> Diagnostic {
    Diagnostic::error(callee.span, "only the call of an actor can be awaited")
        .code(codes::AWAIT)
        .label("this is the variable")
        .note(format!(
            "`{name}` is assigned in this function, so all of it means the variable, not the function of that name"
        ))
        .help(format!("give the variable another name: `{name}_result = await {name}(…)`"))
}

/// A call of a name that the module binds more than once or under a condition.
pub(super) fn called_by_uncertain_name(callee: &Expr, name: &str, bound: Span) -> Diagnostic {
    Diagnostic::error(callee.span, format!("which actor `{name}` is, is not certain"))
        .code(codes::AWAIT)
        .related(bound, "bound here")
        .note("it is bound more than once or under a condition, and nothing of the module runs when a flow is compiled")
        .help("import it or define it once, outside `if` and `try`")
}

/// An awaited call where the router cannot stop.
pub(super) fn cannot_wait(span: Span) -> Diagnostic {
    Diagnostic::error(span, "an actor call where the flow cannot wait for it")
        .code(codes::NESTED_CALL)
        .note("what stands here runs in one go, and a call is a hop through the mesh")
        .help("give the call a line of its own before this one: `result = await f(…)`")
}

/// An actor that is called inside a `lambda`.
pub(super) fn called_in_lambda(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(span, format!("`{name}` is called inside a `lambda`"))
        .code(codes::NESTED_CALL)
        .note("a `lambda` runs in one go, and a call is a hop through the mesh")
        .help("write a loop or a comprehension: `[await … for … in …]`")
}

/// A function that runs as a part of the flow, used as a value.
pub(super) fn part_as_value(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(span, format!("`{name}` is a part of the flow and can only be called"))
        .code(codes::NESTED_CALL)
        .note("its actor calls are hops of this flow, so it runs nowhere else")
        .help(format!("write the call where it is needed: `{name}(…)`"))
}

/// A call that is started and left alone.
pub(super) fn detached(span: Span) -> Diagnostic {
    Diagnostic::error(span, "a task that runs on its own cannot be kept in a flow")
        .code(codes::FAN_OUT)
        .note("a running task lives in one process, and the flow goes on in another")
        .help("gather the tasks before anything else is awaited, or start them in `async with asyncio.TaskGroup() as group:`")
}

/// A `gather` whose result nobody waits for.
pub(super) fn not_awaited(span: Span) -> Diagnostic {
    Diagnostic::error(span, "`gather` is not awaited here")
        .code(codes::FAN_OUT)
        .note("a pending group of calls cannot be kept in a flow")
        .help("write `await asyncio.gather(…)` and go on with its results; inside another `gather`, call a function marked `# asya: flow` that returns it")
}

/// The error of an `except` clause as an argument of an actor.
pub(super) fn error_to_actor(span: Span, name: &str, callee: &Expr, may_run_here: bool) -> Diagnostic {
    let called = callee.dotted().unwrap_or_default().join(".");
    let instead = format!("hand over what it needs of the error: `str({name})`, `{name}.args`");
    let help = match may_run_here {
        true => format!("{instead}; or let it run in the router: `# asya: inline` on the line of the call"),
        false => instead,
    };
    Diagnostic::error(span, format!("`{name}` is an error, and the actor `{called}` gets JSON"))
        .code(codes::NOT_JSON)
        .help(help)
}

/// Something of `asyncio` among the calls that `gather` waits for.
pub(super) fn no_branch(span: Span, callee: &Expr) -> Diagnostic {
    let name = callee.dotted().and_then(|parts| parts.last().copied()).unwrap_or_default();
    let diagnostic = Diagnostic::error(span, "only calls of actors run in parallel")
        .code(codes::FAN_OUT)
        .note("each of them is a message, and this would run in the router");
    match name {
        "sleep" => diagnostic.help("sleep before or after: `await asyncio.sleep(…)`, or let an actor do it"),
        "to_thread" => diagnostic.help("hand the call itself over, `f(…)`: every actor runs in a process of its own"),
        _ => diagnostic.help("hand the call itself over: `f(…)`"),
    }
}

/// An option of `gather` that is not known before the flow runs.
pub(super) fn not_an_option(span: Span) -> Diagnostic {
    Diagnostic::error(span, "`return_exceptions` has to be `True` or `False` in a flow")
        .code(codes::FAN_OUT)
        .help("write both calls in an `if`, one of them with `return_exceptions=True`")
}

/// A task group that cannot be given calls.
pub(super) fn needs_name(span: Span) -> Diagnostic {
    Diagnostic::error(span, "a task group without a name")
        .code(codes::FAN_OUT)
        .help("write `async with asyncio.TaskGroup() as group:` and start its calls with `group.create_task(…)`")
}

/// Methods that change a list, dict or set in place.
const CHANGES: &[&str] = &[
    "add",
    "append",
    "clear",
    "discard",
    "extend",
    "insert",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "update",
];

/// A value of the module that the flow changes: `CACHE.append(…)` of a list, dict or set.
pub(super) fn changes_module(callee: &Expr, constant: Option<&Expr>) -> Option<Diagnostic> {
    let ExprKind::Attribute { value, attribute } = &callee.kind else { return None };
    let is_container =
        matches!(constant?.kind, ExprKind::Sequence { .. } | ExprKind::Dict(_) | ExprKind::Comprehension { .. });
    (is_container && CHANGES.contains(&attribute.name.as_str())).then(|| {
        let name = value.as_name().unwrap_or_default();
        not_of_the_flow(value.span).help(format!("start from a copy: `mine = {name}.copy()`, which travels along"))
    })
}

/// A change of something that does not travel with the message.
pub(super) fn not_of_the_flow(span: Span) -> Diagnostic {
    Diagnostic::error(span, "only variables, the payload and their parts can be changed in a flow")
        .code(codes::TARGET)
        .note("a flow runs in many processes, and each has a module of its own")
}
