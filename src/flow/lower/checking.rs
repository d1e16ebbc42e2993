//! What the expressions of the present statement do: whether they wait, what they touch, and
//! whether they may run in the router.

use super::super::name_set::NameSet;
use super::survey::Known;
use super::{Lowering, parallel, survey};
use crate::flow::callee::Surroundings;
use crate::flow::code::{Code, Effect};
use crate::flow::effects::Effects;
use crate::flow::expression::ExpressionCheck;
use crate::flow::rules::CallTarget;
use crate::source::Span;
use crate::syntax::expressions;
use crate::syntax::tree::{Expr, ExprKind, Function, Parameters, Stmt, StmtKind};

impl<'a> Lowering<'_, 'a> {
    /// Takes note of what the expressions of a statement hold.
    pub(super) fn begin_statement(&mut self, stmt: &Stmt) {
        self.known = Known::default();
        self.begin_collecting(stmt);
        self.whole = parallel::whole_value(stmt);
        self.outermost = match &stmt.kind {
            StmtKind::Assign { targets, value } if !targets.iter().any(|part| self.awaits(part)) => Some(value.span),
            StmtKind::Return(Some(value)) | StmtKind::Expr(value) => Some(value.span),
            _ => None,
        };
        self.begin_expressions(&expressions(stmt));
    }

    /// Checks the defaults of parameters, which are evaluated outside of the function.
    pub(super) fn defaults(&mut self, function: &'a Function) {
        let locals = std::mem::take(&mut self.locals);
        let Parameters { positional, keyword_only, .. } = &function.parameters;
        for default in positional.iter().chain(keyword_only).filter_map(|one| one.default.as_ref()) {
            self.check(default);
        }
        self.locals = locals;
    }

    /// The same for a condition that is evaluated apart from the rest of its statement.
    pub(super) fn begin_condition(&mut self, test: &Expr) {
        self.known = Known::default();
        self.collects = false;
        self.handed_over.clear();
        self.outermost = None;
        self.begin_expressions(&[test]);
    }

    pub(super) fn begin_expressions(&mut self, all: &[&Expr]) {
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
    pub(super) fn awaits(&self, expr: &Expr) -> bool {
        if self.collects { survey::has_await(expr) } else { self.known.awaits(expr, &self.waited) }
    }

    /// Whether the flow has to wait inside the expressions of a statement itself.
    pub(super) fn statement_awaits(&self, stmt: &Stmt) -> bool {
        let collects = self.collects_calls(stmt);
        let awaits = |part| if collects { survey::has_await(part) } else { survey::awaits(part, &self.waited) };
        !matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_)) && expressions(stmt).into_iter().any(awaits)
    }

    pub(super) fn effects(&self) -> Effects<'_> {
        Effects { locals: &self.locals }
    }

    /// The effect of an expression, with the names of opened comprehensions put right.
    pub(super) fn effect(&self, expr: &Expr) -> Effect {
        self.put_right(self.effects().of(expr))
    }

    pub(super) fn put_right(&self, effect: Effect) -> Effect {
        if self.renamed.is_empty() {
            return effect;
        }
        let right = |names: NameSet| -> NameSet {
            names.into_iter().map(|name| self.renamed.get(&name).cloned().unwrap_or(name)).collect()
        };
        Effect {
            reads: right(effect.reads),
            writes: right(effect.writes),
            touches: right(effect.touches),
            unbinds: right(effect.unbinds),
        }
    }

    /// Checks an expression without awaits; answers what has to stand in the place of its parts.
    pub(super) fn check(&mut self, expr: &Expr) -> Vec<(Span, Code)> {
        self.check_as(expr, self.collects)
    }

    /// The same where calls of actors are to wait; `handed_over` are the calls that `gather` awaits.
    pub(super) fn check_pending(&mut self, expr: &Expr, handed_over: Vec<Span>) -> Vec<(Span, Code)> {
        let outer = std::mem::replace(&mut self.handed_over, handed_over);
        let replacements = self.check_as(expr, true);
        self.handed_over = outer;
        replacements
    }

    /// The same for a comprehension of calls: the `await` of its element goes.
    pub(super) fn check_pending_comprehension(&mut self, expr: &Expr, element: &Expr) -> Vec<(Span, Code)> {
        self.check_with(expr, true, Some(element), &[])
    }

    pub(super) fn check_as(&mut self, expr: &Expr, waits: bool) -> Vec<(Span, Code)> {
        self.check_with(expr, waits, None, &[])
    }

    /// The same where `hidden` names belong to functions inside the flow.
    pub(super) fn check_inside(&mut self, expr: &Expr, hidden: &[String]) -> Vec<(Span, Code)> {
        self.check_with(expr, false, None, hidden)
    }

    pub(super) fn check_with(
        &mut self,
        expr: &Expr,
        waits: bool,
        branch: Option<&Expr>,
        hidden: &[String],
    ) -> Vec<(Span, Code)> {
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
            tasks: &self.tasks,
            diagnostics: self.diagnostics,
            uses: &mut self.uses,
            renamed: &self.renamed,
            replacements: Vec::new(),
            helpers: Vec::new(),
            actors: Vec::new(),
            decided_callee: None,
            waits,
            branch,
            handed_over: self.handed_over.clone(),
            in_lambda: false,
        };
        check.check(expr, hidden);
        let (replacements, helpers, actors) = (check.replacements, check.helpers, check.actors);
        self.graph.needs_support |= replacements.iter().any(|(_, code)| *code == Code::text(&self.around.names.sleep));
        for (definition, callee, call) in helpers {
            self.note_helper(definition, callee, call, false);
        }
        for (handler, callee, call) in actors {
            self.note(CallTarget::Actor(handler), callee, call, false);
        }
        replacements
    }
}
