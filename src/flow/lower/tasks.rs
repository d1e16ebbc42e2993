//! Tasks that `asyncio.gather` waits for before the flow waits for anything else: their calls start where
//! it stands, as Python starts them there.

use std::collections::BTreeSet;

use super::collected::gathered_name;
use super::parallel::is_asyncio;
use super::{Lowering, survey};
use crate::source::Span;
use crate::syntax::tree::{Argument, ComprehensionKind, Expr, ExprKind, Stmt, StmtKind};
use crate::syntax::{blocks, expressions, walk};

/// A task that is made, and the variable it is put into.
struct Made<'e> {
    task: Span,
    variable: Option<&'e str>,
    /// The variable is a dict of tasks.
    is_mapping: bool,
}

impl<'a> Lowering<'_, 'a> {
    /// The places where tasks are made that nothing is different for from calls that wait.
    pub(super) fn gathered_tasks(&self, body: &'a [Stmt]) -> BTreeSet<Span> {
        let mut found = BTreeSet::new();
        if self.makes_tasks(body) {
            self.look_for_tasks(body, Vec::new(), body, &mut found);
        }
        found
    }

    fn makes_tasks(&self, body: &[Stmt]) -> bool {
        body.iter().any(|stmt| {
            !self.tasks_in(stmt).is_empty() || blocks(stmt).into_iter().any(|block| self.makes_tasks(block))
        })
    }

    /// Goes through a block; `made` are the tasks from before it.
    fn look_for_tasks<'e>(
        &self,
        block: &'e [Stmt],
        mut made: Vec<Made<'e>>,
        function: &'e [Stmt],
        found: &mut BTreeSet<Span>,
    ) {
        for stmt in block {
            if !self.survey.get(stmt).suspends {
                // A flow that leaves lets go of tasks that have begun.
                let is_none = matches!(&stmt.kind, StmtKind::If { branches, .. }
                    if branches.len() == 1 && made.iter().all(|one| self.is_not(&branches[0].test, one)));
                if leaves(stmt) && !is_none {
                    made.clear();
                }
                self.made_in(stmt, &mut made);
                continue;
            }
            let before = std::mem::take(&mut made);
            match &stmt.kind {
                StmtKind::Try { body, .. } => {
                    self.look_for_tasks(body, before, function, found);
                    for inner in blocks(stmt).into_iter().skip(1) {
                        self.look_for_tasks(inner, Vec::new(), function, found);
                    }
                }
                StmtKind::With { body, .. } => self.look_for_tasks(body, before, function, found),
                StmtKind::If { branches, orelse }
                    if orelse.is_empty()
                        && branches.len() == 1
                        && before.iter().all(|one| one.variable.is_some_and(|name| branches[0].test.is_name(name))) =>
                {
                    self.look_for_tasks(&branches[0].body, before, function, found);
                }
                _ if !blocks(stmt).is_empty() => {
                    for inner in blocks(stmt) {
                        self.look_for_tasks(inner, Vec::new(), function, found);
                    }
                }
                _ => {
                    if let Some(arguments) = self.only_gather(stmt) {
                        found.extend(self.tasks_in(stmt));
                        let names: BTreeSet<String> = arguments.iter().filter_map(gathered_name).collect();
                        let is_gathered = |one: &Made<'_>| {
                            one.variable.is_some_and(|name| {
                                names.contains(name) && !is_used_otherwise(function, name, one.is_mapping)
                            })
                        };
                        if before.iter().all(is_gathered) {
                            found.extend(before.iter().map(|one| one.task));
                        }
                    }
                }
            }
        }
    }

    /// Adds the tasks that a statement makes without waiting for anything.
    fn made_in<'e>(&self, stmt: &'e Stmt, made: &mut Vec<Made<'e>>) {
        let collects = self.collects_calls(stmt);
        let variable = if collects { put_into(stmt) } else { None };
        let is_mapping = match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                matches!(targets.as_slice(), [Expr { kind: ExprKind::Subscript { .. }, .. }])
                    || matches!(
                        value.kind,
                        ExprKind::Dict(_) | ExprKind::Comprehension { kind: ComprehensionKind::Dict, .. }
                    )
            }
            _ => false,
        };
        made.extend(self.tasks_in(stmt).into_iter().map(|task| Made { task, variable, is_mapping }));
        blocks(stmt).into_iter().flatten().for_each(|stmt| self.made_in(stmt, made));
    }

    /// The tasks that the expressions of a statement itself make.
    fn tasks_in(&self, stmt: &Stmt) -> Vec<Span> {
        let mut tasks = Vec::new();
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if let ExprKind::Call { callee, arguments } = &expr.kind
                    && ["create_task", "ensure_future"].iter().any(|name| is_asyncio(self.around.scope, callee, name))
                    && arguments.first().is_some_and(|first| first.keyword.is_none())
                {
                    tasks.push(expr.span);
                }
                true
            });
        }
        tasks
    }

    /// Whether a test is `not tasks`.
    fn is_not(&self, test: &Expr, one: &Made<'_>) -> bool {
        one.variable.is_some_and(|name| {
            let words: Vec<&str> = self.around.source.slice(test.span).split_whitespace().collect();
            words == ["not", name]
        })
    }

    /// The arguments of `asyncio.gather`, where that is all that a statement waits for.
    fn only_gather<'e>(&self, stmt: &'e Stmt) -> Option<&'e [Argument]> {
        let mut awaited = Vec::new();
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if let ExprKind::Await(value) = &expr.kind {
                    awaited.push(&**value);
                }
                true
            });
        }
        match awaited.as_slice() {
            [Expr { kind: ExprKind::Call { callee, arguments }, .. }]
                if is_asyncio(self.around.scope, callee, "gather")
                    && !arguments.iter().any(|argument| survey::has_await(&argument.value)) =>
            {
                Some(arguments)
            }
            _ => None,
        }
    }
}

/// The variable that a statement puts tasks into.
fn put_into(stmt: &Stmt) -> Option<&str> {
    match &stmt.kind {
        StmtKind::Assign { targets, .. } => match targets.as_slice() {
            [Expr { kind: ExprKind::Subscript { value, .. }, .. }] => value.as_name(),
            [target] => target.as_name(),
            _ => None,
        },
        StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => target.as_name(),
        StmtKind::Expr(Expr { kind: ExprKind::Call { callee, .. }, .. }) => match &callee.kind {
            ExprKind::Attribute { value, .. } => value.as_name(),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a statement leaves the function or a loop around it.
fn leaves(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Return(_) | StmtKind::Raise { .. } | StmtKind::Break | StmtKind::Continue => true,
        StmtKind::For { .. } | StmtKind::While { .. } => {
            let returns = |stmt: &Stmt| matches!(stmt.kind, StmtKind::Return(_) | StmtKind::Raise { .. });
            any(stmt, &returns)
        }
        _ => blocks(stmt).into_iter().flatten().any(leaves),
    }
}

fn any(stmt: &Stmt, wanted: &dyn Fn(&Stmt) -> bool) -> bool {
    wanted(stmt) || blocks(stmt).into_iter().flatten().any(|stmt| any(stmt, wanted))
}

/// Whether a variable that holds tasks is used for more than gathering and counting them, or going over
/// their keys: a task has methods that a call which waits does not have.
fn is_used_otherwise(body: &[Stmt], name: &str, is_mapping: bool) -> bool {
    body.iter().any(|stmt| {
        let (mut all, mut fine) = (0, 0);
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                match &expr.kind {
                    ExprKind::Name(found) if found == name => all += 1,
                    ExprKind::Call { callee, arguments } => {
                        let callee = callee.dotted().unwrap_or_default();
                        if callee.last() == Some(&"gather") {
                            fine += arguments.iter().filter_map(gathered_name).filter(|one| one == name).count();
                        } else if callee[..] == ["len"]
                            || is_mapping && matches!(callee[..], ["list" | "sorted" | "zip"])
                        {
                            fine += arguments.iter().filter(|one| one.value.is_name(name)).count();
                        }
                        fine += usize::from(is_mapping && callee[..] == [name, "keys"]);
                    }
                    ExprKind::Comprehension { clauses, .. } if is_mapping => {
                        fine += clauses.iter().filter(|clause| clause.iterable.is_name(name)).count();
                    }
                    _ => {}
                }
                true
            });
        }
        fine += usize::from(put_into(stmt) == Some(name));
        match &stmt.kind {
            StmtKind::If { branches, .. } => {
                fine += branches.iter().filter(|branch| is_test_of(&branch.test, name)).count();
            }
            StmtKind::For { iterable, .. } => fine += usize::from(is_mapping && iterable.is_name(name)),
            _ => {}
        }
        all > fine || blocks(stmt).into_iter().any(|block| is_used_otherwise(block, name, is_mapping))
    })
}

/// `tasks` or `not tasks`.
fn is_test_of(test: &Expr, name: &str) -> bool {
    match &test.kind {
        ExprKind::Operation(operands) => matches!(operands.as_slice(), [only] if only.is_name(name)),
        _ => test.is_name(name),
    }
}
