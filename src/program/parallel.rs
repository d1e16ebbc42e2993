//! What runs side by side in a parallel call.
//!
//! The calls stand in a list whose text is made of pieces. Each call gets a name of its own in that
//! text, and the text is parsed again: which calls are elements of the list, and which are made by a
//! comprehension, is then a question to the tree.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::flow::{BlockId, Callee, Code, End, Graph, Handler, Piece};
use crate::source::{Source, Span};
use crate::syntax::tree::{Expr, ExprKind, SequenceKind, Stmt, StmtKind};
use crate::syntax::{blocks, expressions, walk};

/// What the names of the calls begin with.
const CALL: &str = "waiting_call_";

/// What a call calls.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// An actor.
    Actor(Handler),
    /// A part of the flow, by its key.
    Helper(String),
}

impl Target {
    /// The name of the function.
    pub(super) fn function(&self) -> &str {
        match self {
            Self::Actor(handler) => &handler.function,
            Self::Helper(key) => key.rsplit('.').next().unwrap_or(key),
        }
    }
}

/// One of the things that run side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lane {
    /// What is called: one of these.
    pub(super) targets: Vec<Target>,
    /// There are as many of it as something at run time has elements.
    pub(super) is_many: bool,
    /// The call, where it is an element of the list.
    pub(super) text: Option<String>,
}

/// The targets of the calls that wait in some code.
pub(super) fn targets(code: &Code) -> Vec<Target> {
    let target = |piece: &Piece| match piece {
        Piece::Actor(handler) => Some(Target::Actor((**handler).clone())),
        Piece::Helper(key) => Some(Target::Helper(key.clone())),
        Piece::Source(_) | Piece::Text(_) => None,
    };
    code.pieces.iter().filter_map(target).collect()
}

/// The parallel calls of a function, by the blocks that end with them.
#[derive(Debug)]
pub(super) struct ParallelCalls(BTreeMap<BlockId, ParallelCall>);

/// What the list of a parallel call tells.
#[derive(Debug)]
struct ParallelCall {
    lanes: Vec<Lane>,
    display: Display,
}

impl ParallelCalls {
    /// Reads those of `graph`, which was made of `source`.
    pub(super) fn of(graph: &Graph, source: &Source) -> Self {
        let lanes = Lanes { graph, source, collected: OnceCell::new() };
        let read = |block: BlockId| match &graph.blocks[block].end {
            End::Call { call, .. } => match &call.callee {
                Callee::All { calls, .. } => Some((block, lanes.read(calls))),
                Callee::Payload { .. } | Callee::One(_) => None,
            },
            _ => None,
        };
        Self(graph.reachable().into_iter().filter_map(read).collect())
    }

    /// What the call at the end of `block` runs side by side; empty when it runs nothing in parallel.
    pub(super) fn lanes(&self, block: BlockId) -> &[Lane] {
        self.0.get(&block).map_or(&[], |call| &call.lanes)
    }

    /// The list of the call at the end of `block`, when that is one of parallel calls.
    pub(super) fn display(&self, block: BlockId) -> Option<&Display> {
        self.0.get(&block).map(|call| &call.display)
    }
}

/// The text of a list of calls.
#[derive(Debug, Default)]
pub(super) struct Display {
    /// There is at least one call.
    pub(super) is_filled: bool,
    /// All calls stand in it themselves.
    pub(super) is_complete: bool,
    /// Helpers that it surely calls.
    pub(super) helpers: Vec<String>,
}

impl Display {
    fn of(code: &Numbered, body: &[Stmt]) -> Self {
        let Some(StmtKind::Expr(Expr { kind: ExprKind::Sequence { kind: SequenceKind::List, items }, .. })) =
            body.first().map(|stmt| &stmt.kind)
        else {
            return Self::default();
        };
        let target = |item: &Expr| match &item.kind {
            ExprKind::Call { callee, .. } => code.target(callee),
            _ => None,
        };
        let targets: Vec<Option<&Target>> = items.iter().map(target).collect();
        Self {
            is_filled: items.iter().any(|item| !matches!(item.kind, ExprKind::Starred(_))),
            is_complete: targets.iter().all(Option::is_some),
            helpers: targets
                .into_iter()
                .filter_map(|target| match target? {
                    Target::Helper(key) => Some(key.clone()),
                    Target::Actor(_) => None,
                })
                .collect(),
        }
    }
}

/// Reads the parallel calls of a function.
struct Lanes<'l> {
    graph: &'l Graph,
    source: &'l Source,
    collected: OnceCell<Collected>,
}

/// Calls that statements put into variables, to be made later.
#[derive(Default)]
struct Collected {
    /// The calls of each such statement.
    statements: Vec<Vec<Lane>>,
    /// Per variable, the statements.
    by_name: BTreeMap<String, Vec<usize>>,
}

impl Lanes<'_> {
    /// Reads the list of a parallel call.
    fn read(&self, calls: &Code) -> ParallelCall {
        let code = Numbered::of(calls, self.source, String::new());
        let Some(body) = code.parsed() else {
            return ParallelCall { lanes: self.together(calls), display: Display::default() };
        };
        let mut lanes: Vec<Lane> = match body.as_slice() {
            [Stmt { kind: StmtKind::Expr(list), .. }] => self.elements(&code, list, false),
            _ => Vec::new(),
        };
        if lanes.is_empty() {
            lanes = self.together(calls);
        }
        ParallelCall { lanes, display: Display::of(&code, &body) }
    }

    /// When nothing better is known: as many as there are of what is called.
    fn together(&self, calls: &Code) -> Vec<Lane> {
        let targets: BTreeSet<Target> = targets(calls).into_iter().collect();
        targets.into_iter().map(|target| Lane { targets: vec![target], is_many: true, text: None }).collect()
    }

    fn elements(&self, code: &Numbered, expr: &Expr, is_many: bool) -> Vec<Lane> {
        match &expr.kind {
            ExprKind::Sequence { kind: SequenceKind::List | SequenceKind::Tuple, items } => {
                items.iter().flat_map(|item| self.elements(code, item, is_many)).collect()
            }
            ExprKind::Starred(value) => self.elements(code, value, is_many || !is_display(value)),
            _ => {
                let is_many = is_many || matches!(expr.kind, ExprKind::Comprehension { .. });
                let called = code.called(expr);
                if called.is_empty() {
                    return self.named(expr);
                }
                let text = (!is_many).then(|| code.shown(expr));
                vec![Lane { targets: called, is_many, text }]
            }
        }
    }

    /// The calls that were put into the variables of an expression.
    fn named(&self, expr: &Expr) -> Vec<Lane> {
        let collected = self.collected.get_or_init(|| self.collect());
        let mut names: Vec<&str> = Vec::new();
        let mut bound: BTreeSet<&str> = BTreeSet::new();
        walk(expr, &mut |expr| {
            names.extend(expr.as_name());
            if let ExprKind::Comprehension { clauses, .. } = &expr.kind {
                for clause in clauses {
                    walk(&clause.target, &mut |target| {
                        bound.extend(target.as_name());
                        true
                    });
                }
            }
            true
        });
        let statements: BTreeSet<usize> = names
            .into_iter()
            .filter(|name| !bound.contains(name))
            .filter_map(|name| collected.by_name.get(name))
            .flatten()
            .copied()
            .collect();
        statements.into_iter().flat_map(|number| collected.statements[number].clone()).collect()
    }

    fn collect(&self) -> Collected {
        let mut found = Collected::default();
        let mut looped: Option<BTreeSet<usize>> = None;
        for block in self.graph.reachable() {
            for step in self.graph.blocks[block].steps.iter().filter(|step| !targets(&step.code).is_empty()) {
                let is_again = looped.get_or_insert_with(|| in_loops(self.graph)).contains(&block);
                let line = self.source.line_start(self.source.line_of(step.span.start));
                let before = self.source.slice(Span::new(line, step.span.start));
                let indent: String = before.chars().take_while(|it| it.is_whitespace()).collect();
                // Lines after the first are indented as they stand in the source.
                let around = if indent.is_empty() { String::new() } else { format!("if 1:\n{indent}") };
                let code = Numbered::of(&step.code, self.source, around);
                let lanes = match code.parsed() {
                    Some(body) => statements(&code, &body, is_again),
                    None => self.together(&step.code),
                };
                let (reads, touches) = (&step.effect.reads, &step.effect.touches);
                for name in reads.iter().chain(touches.iter().filter(|name| !reads.contains(name))) {
                    found.by_name.entry(name.clone()).or_default().push(found.statements.len());
                }
                found.statements.push(lanes);
            }
        }
        found
    }
}

/// Whether the number of elements of an expression is written in the source.
fn is_display(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Sequence { kind: SequenceKind::List | SequenceKind::Tuple, .. })
}

/// The calls that statements make to wait.
fn statements(code: &Numbered, body: &[Stmt], is_again: bool) -> Vec<Lane> {
    let mut lanes = Vec::new();
    for stmt in body {
        for expr in expressions(stmt) {
            calls(code, expr, is_again, &mut lanes);
        }
        let repeats = matches!(stmt.kind, StmtKind::For { .. } | StmtKind::While { .. });
        for block in blocks(stmt) {
            lanes.extend(statements(code, block, is_again || repeats));
        }
    }
    lanes
}

fn calls(code: &Numbered, expr: &Expr, is_many: bool, lanes: &mut Vec<Lane>) {
    walk(expr, &mut |expr| {
        if let ExprKind::Comprehension { .. } = &expr.kind
            && !is_many
        {
            calls(code, expr, true, lanes);
            return false;
        }
        if let ExprKind::Call { callee, .. } = &expr.kind
            && let Some(target) = code.target(callee)
        {
            let text = (!is_many).then(|| code.shown(expr));
            lanes.push(Lane { targets: vec![target.clone()], is_many, text });
        }
        true
    });
}

/// Python text in which every call that waits has a name of its own.
struct Numbered {
    text: String,
    targets: Vec<Target>,
}

impl Numbered {
    /// The text of `code` behind `before`.
    fn of(code: &Code, source: &Source, before: String) -> Self {
        let mut numbered = Self { text: before, targets: Vec::new() };
        for piece in &code.pieces {
            let target = match piece {
                Piece::Source(span) => {
                    numbered.text.push_str(source.slice(*span));
                    continue;
                }
                Piece::Text(text) => {
                    numbered.text.push_str(text);
                    continue;
                }
                Piece::Actor(handler) => Target::Actor((**handler).clone()),
                Piece::Helper(key) => Target::Helper(key.clone()),
            };
            // The space ends the name where a digit follows.
            numbered.text.push_str(&format!("{CALL}{} ", numbered.targets.len()));
            numbered.targets.push(target);
        }
        numbered
    }

    /// The text as statements; `None` where it has no place in Python on its own.
    fn parsed(&self) -> Option<Vec<Stmt>> {
        crate::syntax::parse(&Source::new("", self.text.as_str())).ok().map(|module| module.body)
    }

    /// What a callee stands for.
    fn target(&self, callee: &Expr) -> Option<&Target> {
        let number = callee.as_name()?.strip_prefix(CALL)?;
        self.targets.get(number.parse::<usize>().ok()?)
    }

    /// What may be called in an expression, each once.
    fn called(&self, expr: &Expr) -> Vec<Target> {
        let mut found: Vec<Target> = Vec::new();
        walk(expr, &mut |expr| {
            if let Some(target) = self.target(expr)
                && !found.contains(target)
            {
                found.push(target.clone());
            }
            true
        });
        found
    }

    /// The text of an expression with the names of functions.
    fn shown(&self, expr: &Expr) -> String {
        let mut parts = self.text.get(expr.span.range()).unwrap_or_default().split(CALL);
        let mut shown = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (number, rest) = part.split_once(' ').unwrap_or((part, ""));
            let target = number.parse::<usize>().ok().and_then(|number| self.targets.get(number));
            shown.push_str(target.map_or("", Target::function));
            shown.push_str(rest);
        }
        shown
    }
}

/// The blocks that can come to themselves again.
fn in_loops(graph: &Graph) -> BTreeSet<usize> {
    // Strongly connected components by Tarjan, without recursion.
    let order = graph.reachable();
    let mut number: BTreeMap<usize, usize> = BTreeMap::new();
    let mut low: BTreeMap<usize, usize> = BTreeMap::new();
    let (mut stack, mut on_stack) = (Vec::new(), BTreeSet::new());
    let mut found = BTreeSet::new();
    for start in order {
        if number.contains_key(&start) {
            continue;
        }
        let mut path: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut enter = Some(start);
        loop {
            if let Some(block) = enter.take() {
                number.insert(block, number.len());
                low.insert(block, number[&block]);
                stack.push(block);
                on_stack.insert(block);
                path.push((block, graph.successors(block).into_vec()));
            }
            let Some((block, rest)) = path.last_mut() else { break };
            let block = *block;
            if let Some(next) = rest.pop() {
                if next == block {
                    found.insert(block);
                } else if !number.contains_key(&next) {
                    enter = Some(next);
                } else if on_stack.contains(&next) {
                    let least = low[&block].min(number[&next]);
                    low.insert(block, least);
                }
                continue;
            }
            path.pop();
            if let Some((parent, _)) = path.last() {
                let least = low[parent].min(low[&block]);
                low.insert(*parent, least);
            }
            if low[&block] == number[&block] {
                let at = stack.iter().rposition(|it| *it == block).unwrap_or_default();
                let component = stack.split_off(at);
                component.iter().for_each(|it| {
                    on_stack.remove(it);
                });
                if component.len() > 1 {
                    found.extend(component);
                }
            }
        }
    }
    found
}
