//! Tasks that `asyncio.gather` waits for before the flow waits for anything else: their calls start where
//! it stands, as Python starts them there.

use std::collections::{BTreeMap, BTreeSet};

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
            self.look_for_tasks(body, Vec::new(), &UsedOtherwise::in_body(body), &mut found);
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
        otherwise: &UsedOtherwise<'e>,
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
                    self.look_for_tasks(body, before, otherwise, found);
                    for inner in blocks(stmt).into_iter().skip(1) {
                        self.look_for_tasks(inner, Vec::new(), otherwise, found);
                    }
                }
                StmtKind::With { body, .. } => self.look_for_tasks(body, before, otherwise, found),
                StmtKind::If { branches, orelse }
                    if !before.is_empty()
                        && orelse.is_empty()
                        && branches.len() == 1
                        && before.iter().all(|one| one.variable.is_some_and(|name| branches[0].test.is_name(name))) =>
                {
                    self.look_for_tasks(&branches[0].body, before, otherwise, found);
                }
                _ => {
                    let is_head_first = match &stmt.kind {
                        StmtKind::If { branches, .. } => branches.len() == 1,
                        StmtKind::While { .. } => false,
                        _ => true,
                    };
                    if let Some(arguments) = self.only_gather(stmt).filter(|_| is_head_first) {
                        found.extend(self.tasks_in(stmt));
                        let names: BTreeSet<&str> = arguments.iter().filter_map(gathered_name).collect();
                        let is_gathered = |one: &Made<'_>| {
                            one.variable
                                .is_some_and(|name| names.contains(name) && !otherwise.has(name, one.is_mapping))
                        };
                        if before.iter().all(is_gathered) {
                            found.extend(before.iter().map(|one| one.task));
                        }
                    }
                    for inner in blocks(stmt) {
                        self.look_for_tasks(inner, Vec::new(), otherwise, found);
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

/// Variables that are used for more than what tasks are: a task has methods that a call which waits does
/// not have.
#[derive(Default)]
struct UsedOtherwise<'e> {
    /// For more than gathering, counting and testing.
    list: BTreeSet<&'e str>,
    /// For more than that and going over their keys.
    mapping: BTreeSet<&'e str>,
}

/// How often a statement has a variable, and how often in a place that is fine for tasks.
#[derive(Default)]
struct Uses {
    all: usize,
    fine: usize,
    /// Places that are fine for the keys of a dict of tasks.
    keys: usize,
}

impl<'e> UsedOtherwise<'e> {
    fn in_body(body: &'e [Stmt]) -> Self {
        let mut found = Self::default();
        found.block(body);
        found
    }

    fn has(&self, name: &str, is_mapping: bool) -> bool {
        if is_mapping { self.mapping.contains(name) } else { self.list.contains(name) }
    }

    fn block(&mut self, body: &'e [Stmt]) {
        for stmt in body {
            for (name, Uses { all, fine, keys }) in uses(stmt) {
                if all > fine {
                    self.list.insert(name);
                }
                if all > fine + keys {
                    self.mapping.insert(name);
                }
            }
            blocks(stmt).into_iter().for_each(|block| self.block(block));
        }
    }
}

fn uses(stmt: &Stmt) -> BTreeMap<&str, Uses> {
    let mut uses: BTreeMap<&str, Uses> = BTreeMap::new();
    for expr in expressions(stmt) {
        walk(expr, &mut |expr| {
            match &expr.kind {
                ExprKind::Name(name) => uses.entry(name).or_default().all += 1,
                ExprKind::Call { callee, arguments } => {
                    let callee = callee.dotted().unwrap_or_default();
                    let names = arguments.iter().filter_map(|one| one.value.as_name());
                    if callee.last() == Some(&"gather") {
                        let gathered = arguments.iter().filter_map(gathered_name);
                        gathered.for_each(|name| uses.entry(name).or_default().fine += 1);
                    } else if callee[..] == ["len"] {
                        names.for_each(|name| uses.entry(name).or_default().fine += 1);
                    } else if matches!(callee[..], ["list" | "sorted" | "zip"]) {
                        names.for_each(|name| uses.entry(name).or_default().keys += 1);
                    }
                    if let [name, "keys"] = callee[..] {
                        uses.entry(name).or_default().keys += 1;
                    }
                }
                ExprKind::Comprehension { clauses, .. } => {
                    let over = clauses.iter().filter_map(|clause| clause.iterable.as_name());
                    over.for_each(|name| uses.entry(name).or_default().keys += 1);
                }
                _ => {}
            }
            true
        });
    }
    if let Some(name) = put_into(stmt) {
        uses.entry(name).or_default().fine += 1;
    }
    match &stmt.kind {
        StmtKind::If { branches, .. } => {
            let tested = branches.iter().filter_map(|branch| tested(&branch.test));
            tested.for_each(|name| uses.entry(name).or_default().fine += 1);
        }
        StmtKind::For { iterable, .. } => {
            let over = iterable.as_name();
            over.into_iter().for_each(|name| uses.entry(name).or_default().keys += 1);
        }
        _ => {}
    }
    uses
}

/// The variable of `tasks` or `not tasks`.
fn tested(test: &Expr) -> Option<&str> {
    match &test.kind {
        ExprKind::Operation(operands) => match operands.as_slice() {
            [only] => only.as_name(),
            _ => None,
        },
        _ => test.as_name(),
    }
}
