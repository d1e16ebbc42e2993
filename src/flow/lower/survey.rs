//! What every statement holds, found in one walk before lowering: decides which compound statements
//! run as they stand.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use crate::source::Span;
use crate::syntax::tree::{Expr, ExprKind, Stmt, StmtKind};
use crate::syntax::{blocks, children};

/// Python refuses more than 20 nested blocks; the router's own loop and some room are left.
const MAX_NATIVE_LOOPS: usize = 15;

/// A statement that nests deeper is cut up: Python allows 100 levels of indentation, of which the
/// router needs up to 45 itself.
const MAX_NATIVE_LEVELS: usize = 40;

/// What a statement holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Facts {
    /// It calls an actor, or makes an object that stands for actors.
    pub(super) suspends: bool,
    /// It returns from the function.
    pub(super) returns: bool,
    /// It holds a bare `raise`.
    pub(super) raises_again: bool,
    /// It leaves a loop around it, or goes on with that.
    jumps_out: bool,
    /// How many compound statements nest.
    levels: usize,
    /// How many blocks nest that Python counts.
    loops: usize,
}

impl Facts {
    fn add(&mut self, other: Self) {
        self.suspends |= other.suspends;
        self.returns |= other.returns;
        self.raises_again |= other.raises_again;
        self.jumps_out |= other.jumps_out;
        self.levels = self.levels.max(other.levels);
        self.loops = self.loops.max(other.loops);
    }
}

/// The facts of every statement of a function, by address: the tree stays where it is.
pub(super) struct Survey {
    facts: HashMap<*const Stmt, Facts>,
}

impl Survey {
    /// Walks a function's body. `suspends` answers whether a statement calls an actor by its own
    /// expressions.
    pub(super) fn of(body: &[Stmt], suspends: &dyn Fn(&Stmt) -> bool) -> Self {
        let mut survey = Self { facts: HashMap::new() };
        survey.block(body, suspends);
        survey
    }

    fn block(&mut self, body: &[Stmt], suspends: &dyn Fn(&Stmt) -> bool) -> Facts {
        let mut all = Facts::default();
        for stmt in body {
            let facts = self.statement(stmt, suspends);
            self.facts.insert(stmt, facts);
            all.add(facts);
        }
        all
    }

    fn statement(&mut self, stmt: &Stmt, suspends: &dyn Fn(&Stmt) -> bool) -> Facts {
        let mut facts = Facts { suspends: suspends(stmt), ..Facts::default() };
        match &stmt.kind {
            StmtKind::Return(_) => facts.returns = true,
            StmtKind::Raise { exception: None, .. } => facts.raises_again = true,
            StmtKind::Break | StmtKind::Continue => facts.jumps_out = true,
            StmtKind::For { body, orelse, .. } | StmtKind::While { body, orelse, .. } => {
                let inside = self.block(body, suspends);
                facts.add(Facts { jumps_out: false, ..inside });
                facts.add(self.block(orelse, suspends));
            }
            StmtKind::Function(_) | StmtKind::Class(_) => {}
            _ => blocks(stmt).into_iter().for_each(|block| facts.add(self.block(block, suspends))),
        }
        match &stmt.kind {
            StmtKind::If { .. } | StmtKind::Match { .. } => facts.levels += 1,
            StmtKind::For { .. } | StmtKind::While { .. } | StmtKind::With { .. } | StmtKind::Try { .. } => {
                facts.levels += 1;
                facts.loops += 1;
            }
            _ => {}
        }
        facts
    }

    /// What `stmt` holds.
    pub(super) fn get(&self, stmt: &Stmt) -> Facts {
        self.facts.get(&std::ptr::from_ref(stmt)).copied().unwrap_or_default()
    }

    /// Whether `stmt` can run as it stands inside the router.
    pub(super) fn is_native(&self, stmt: &Stmt) -> bool {
        let facts = self.get(stmt);
        let may_return = !matches!(stmt.kind, StmtKind::If { .. } | StmtKind::While { .. });
        !facts.suspends
            && !facts.jumps_out
            && (may_return || !facts.returns)
            && facts.levels <= MAX_NATIVE_LEVELS
            && facts.loops <= MAX_NATIVE_LOOPS
    }
}

/// What is known about the parts of a statement: each of them is asked about again and again.
#[derive(Default)]
pub(super) struct Known {
    awaits: RefCell<HashMap<*const Expr, bool>>,
    parallel: RefCell<HashMap<*const Expr, bool>>,
}

impl Known {
    /// `awaits`, looked up.
    pub(super) fn awaits(&self, expr: &Expr, waited: &BTreeSet<Span>) -> bool {
        with(&self.awaits, expr, || awaits_by(expr, waited, &mut |part| self.awaits(part, waited)))
    }

    /// Whether `is_one` says yes to some part of an expression.
    pub(super) fn parallel(&self, expr: &Expr, is_one: &dyn Fn(&Expr) -> bool) -> bool {
        with(&self.parallel, expr, || {
            is_one(expr)
                || (!matches!(expr.kind, ExprKind::Lambda { .. })
                    && children(expr).into_iter().any(|part| self.parallel(part, is_one)))
        })
    }
}

fn with(known: &RefCell<HashMap<*const Expr, bool>>, expr: &Expr, find: impl FnOnce() -> bool) -> bool {
    if let Some(answer) = known.borrow().get(&std::ptr::from_ref(expr)) {
        return *answer;
    }
    let answer = find();
    known.borrow_mut().insert(expr, answer);
    answer
}

/// Whether the flow has to wait inside an expression: for an `await`, or for one of the
/// calls that are `waited` for without one, by their callees (what stands in functions inside it does not count, nor the call that a task is made of).
pub(super) fn awaits(expr: &Expr, waited: &BTreeSet<Span>) -> bool {
    awaits_by(expr, waited, &mut |part| awaits(part, waited))
}

fn awaits_by(expr: &Expr, waited: &BTreeSet<Span>, inside: &mut dyn FnMut(&Expr) -> bool) -> bool {
    match &expr.kind {
        ExprKind::Lambda { .. } => return false,
        // Sleeping is done where the flow is.
        ExprKind::Await(value) if !is_sleep(value) => return true,
        ExprKind::Call { callee, arguments } => {
            if waited.contains(&callee.span) {
                return true;
            }
            let name = match &callee.kind {
                ExprKind::Attribute { attribute, .. } => &attribute.name,
                ExprKind::Name(name) => name,
                _ => "",
            };
            if matches!(name, "create_task" | "ensure_future") {
                return arguments.iter().any(|argument| has_await(&argument.value));
            }
        }
        _ => {}
    }
    children(expr).into_iter().any(inside)
}

fn is_sleep(value: &Expr) -> bool {
    matches!(&value.kind, ExprKind::Call { callee, .. } if callee.dotted().as_deref() == Some(&["asyncio", "sleep"]))
}

/// Whether an `await` stands in an expression.
pub(super) fn has_await(expr: &Expr) -> bool {
    awaits(expr, &BTreeSet::new())
}
