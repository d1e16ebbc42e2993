//! A control-flow graph to nodes and edges.

use std::collections::{BTreeMap, BTreeSet};

use super::super::actors::Cast;
use super::super::parallel::ParallelCalls;
use super::layout::Few;
use super::own::{Line, Own, short};
use super::{Edge, EdgeKind, Kind, Node};
use crate::flow::{Block, BlockId, BranchKind, End, Graph, RouterNames, Step};
use crate::source::Source;

/// What a sketch is made of.
pub(super) struct SketchInput<'s> {
    /// What the start says.
    pub(super) start: String,
    pub(super) graph: &'s Graph,
    pub(super) source: &'s Source,
    /// The payload, or the first parameter.
    pub(super) payload: &'s str,
    /// Its parallel calls.
    pub(super) parallel: &'s ParallelCalls,
    pub(super) names: &'s RouterNames,
    pub(super) cast: &'s Cast,
    /// 0 for the flow, then the helpers.
    pub(super) number: usize,
}

/// The nodes and edges of one function; every node can be reached from the first.
pub(super) struct Sketch {
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    pub(super) end: Option<usize>,
    /// The nodes that call helpers, with what they call.
    pub(super) helpers: Vec<(usize, String)>,
}

impl Sketch {
    /// Draws one function.
    pub(super) fn of(around: &SketchInput<'_>) -> Self {
        let order = around.graph.reachable();
        let own = Own::of(around.graph, &order, around.source, around.names, around.payload);
        let mut pen = Pen {
            around,
            own,
            ways_in: ways_in(around.graph, &order),
            sketch: Self { nodes: Vec::new(), edges: Vec::new(), end: None, helpers: Vec::new() },
            places: BTreeMap::new(),
            finals: BTreeMap::new(),
            drawn: BTreeSet::new(),
            open: Vec::new(),
            raisers: Vec::new(),
            carriers: BTreeMap::new(),
        };
        pen.draw(&order);
        pen.sketch.reachable()
    }

    /// Without nodes that nothing leads to.
    fn reachable(self) -> Self {
        let mut out: Vec<Few<usize>> = vec![Few::new(); self.nodes.len()];
        self.edges.iter().for_each(|edge| out[edge.from].push(edge.to));
        let mut is_there = vec![false; self.nodes.len()];
        let mut open = vec![0];
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut is_there[node], true) {
                open.extend_from_slice(&out[node]);
            }
        }
        let mut place = vec![0; self.nodes.len()];
        let kept = is_there.iter().enumerate().filter(|(_, is_there)| **is_there);
        kept.enumerate().for_each(|(count, (node, _))| place[node] = count);
        let nodes = self.nodes.into_iter().zip(&is_there).filter(|(_, is_there)| **is_there).map(|(node, _)| node);
        let edges = self.edges.into_iter().filter(|edge| is_there[edge.from] && is_there[edge.to]);
        Self {
            nodes: nodes.collect(),
            edges: edges.map(|edge| Edge { from: place[edge.from], to: place[edge.to], ..edge }).collect(),
            end: self.end.filter(|end| is_there[*end]).map(|end| place[end]),
            helpers: self
                .helpers
                .into_iter()
                .filter(|it| is_there[it.0])
                .map(|(node, key)| (place[node], key))
                .collect(),
        }
    }
}

/// How often each block is gone to, calls and errors included.
fn ways_in(graph: &Graph, order: &[BlockId]) -> BTreeMap<BlockId, usize> {
    let mut count = BTreeMap::from([(graph.entry, 1)]);
    for &block in order {
        let next = graph.successors(block).into_iter();
        for next in next.chain(graph.blocks[block].catcher.map(|catcher| catcher.block)) {
            *count.entry(next).or_default() += 1;
        }
    }
    count
}

/// Where a way leads that is not drawn yet.
#[derive(Debug, Clone, Copy)]
pub(super) enum Goal {
    /// To a block.
    Block(BlockId),
    /// To the `finally` that starts with a block.
    Finally(BlockId),
    /// To where errors of a block go.
    CatcherOf(BlockId),
}

pub(super) struct Pen<'p> {
    pub(super) around: &'p SketchInput<'p>,
    pub(super) own: Own<'p>,
    pub(super) ways_in: BTreeMap<BlockId, usize>,
    pub(super) sketch: Sketch,
    /// The first node of a block; for a block without any, where it leads.
    places: BTreeMap<BlockId, Result<usize, Goal>>,
    /// The nodes of `finally`, by the block they begin with.
    finals: BTreeMap<BlockId, usize>,
    /// Blocks that are part of the node of another one.
    pub(super) drawn: BTreeSet<BlockId>,
    /// Edges whose goal may not be drawn yet.
    open: Vec<(usize, Goal, EdgeKind, String, bool)>,
    /// Nodes in which an error may be raised that is caught at a block.
    raisers: Vec<(usize, BlockId)>,
    /// Blocks that only decide where a `finally` goes on, and the node that decides.
    pub(super) carriers: BTreeMap<BlockId, usize>,
}

impl<'p> Pen<'p> {
    fn draw(&mut self, order: &[BlockId]) {
        let start = self.node("start", Kind::Start, vec![short(&self.around.start)], None);
        self.way(start, Goal::Block(self.around.graph.entry), EdgeKind::Next, "");
        for (number, &block) in order.iter().enumerate() {
            if !self.drawn.contains(&block) {
                self.chain(block, number);
            }
        }
        for (from, goal, way, label, is_inner) in std::mem::take(&mut self.open) {
            if let Some(to) = self.find(goal) {
                self.sketch.edges.push(Edge { from, to, way, label, is_inner });
            }
        }
        self.raise_edges();
        self.sketch.edges.sort_by_key(|edge| edge.from);
    }

    /// Draws a block and those that can only follow it.
    fn chain(&mut self, first: BlockId, number: usize) {
        let graph = self.around.graph;
        let mut lines = Vec::new();
        let mut last = first;
        let mut returns = false;
        let except = self.except(first, number);
        loop {
            lines.extend(self.own.lines(&graph.blocks[last]));
            returns |= graph.blocks[last].steps.iter().any(|step| self.returns_by_itself(step));
            let End::Goto(next) = graph.blocks[last].end else { break };
            let is_alone = self.ways_in.get(&next) == Some(&1)
                && next != first
                && graph.blocks[next].catcher == graph.blocks[last].catcher
                && !self.enters_finally(last);
            if !is_alone {
                break;
            }
            self.drawn.insert(next);
            last = next;
        }
        lines.dedup();
        let block = &graph.blocks[last];
        let code = (!lines.is_empty()).then(|| self.code(&lines, block, number));
        if let (Some(except), Some(code)) = (except, code) {
            self.edge(except, code, EdgeKind::Next, "");
        }
        let head = self.end(last, number, code.or(except));
        let place = match except.or(code).or(head) {
            Some(node) => Ok(node),
            None => Err(self.onward(last)),
        };
        self.places.insert(first, place);
        if let (Some(before), Some(head)) = (code.or(except), head) {
            self.edge(before, head, EdgeKind::Next, "");
        }
        if let (Some(code), true) = (code, returns) {
            let end = self.finish();
            self.edge(code, end, EdgeKind::Return, "return");
        }
    }

    /// Where a block without nodes leads.
    fn onward(&mut self, block: BlockId) -> Goal {
        match self.around.graph.blocks[block].end {
            End::Goto(next) if self.enters_finally(block) => {
                self.finally(next);
                Goal::Finally(next)
            }
            End::Goto(next) => Goal::Block(next),
            _ => Goal::CatcherOf(block),
        }
    }

    fn code(&mut self, lines: &[Line], block: &Block, number: usize) -> usize {
        let raises = matches!(block.end, End::Raise)
            && lines.last().is_some_and(|line| {
                let text = self.own.slice(line.span);
                text.starts_with("raise") || text.starts_with("assert")
            });
        let kind = if raises { Kind::Raise } else { Kind::Code };
        let line = lines.first().map(|line| self.own.line_of(line.span));
        let text = self.own.text(lines);
        let node = self.node(&format!("c{number}"), kind, text, line);
        let words = |line: &Line| self.own.slice(line.span).split_whitespace().any(|word| word == "raise");
        self.sketch.nodes[node].has_raise = lines.iter().any(words);
        self.may_raise(node, block);
        node
    }

    /// Draws how a block ends; `before` is what it has been drawn as so far. Answers the first node
    /// of the end if there is one.
    fn end(&mut self, at: BlockId, number: usize, before: Option<usize>) -> Option<usize> {
        let graph = self.around.graph;
        let block = &graph.blocks[at];
        let id = format!("n{number}");
        match &block.end {
            End::Goto(_) => {
                if let Some(before) = before {
                    let goal = self.onward(at);
                    self.way(before, goal, EdgeKind::Next, "");
                }
                None
            }
            End::Branch { kind: BranchKind::Except, .. } if self.is_except(before) => {
                self.clauses(at, before.unwrap_or_default());
                None
            }
            End::Branch { kind: BranchKind::Finally, .. } => {
                let known = before.or_else(|| self.carriers.get(&at).copied());
                let carrier =
                    known.unwrap_or_else(|| self.node(&id, Kind::Finally, vec!["end of finally".to_owned()], None));
                self.ways_out(at, carrier);
                // A node of another block stands for this one.
                known.is_none().then_some(carrier)
            }
            End::Branch { test, kind, then, orelse } => {
                let (text, yes, no) = self.question(block, test, *kind);
                let line = self.own.line_of(test.span);
                let node = self.node(&id, Kind::Branch, vec![text], Some(line));
                self.may_raise(node, block);
                self.inner_way(node, Goal::Block(*then), yes.to_owned());
                self.way(node, Goal::Block(*orelse), EdgeKind::Branch, no);
                Some(node)
            }
            End::Match { subject, cases, otherwise } => {
                let text = self.own.short("match ", subject.span);
                let node = self.node(&id, Kind::Match, vec![text], Some(self.own.line_of(subject.span)));
                self.may_raise(node, block);
                for case in cases {
                    let label = self.case_label(case);
                    self.inner_way(node, Goal::Block(case.body), label);
                }
                if !cases.last().is_some_and(|case| self.always_fits(case)) {
                    self.way(node, Goal::Block(*otherwise), EdgeKind::Branch, "otherwise");
                }
                Some(node)
            }
            End::Call { call, next } => {
                let (head, tail) = self.call(call, at, &id);
                self.may_raise(tail, block);
                let decides = matches!(graph.blocks[*next].end, End::Branch { kind: BranchKind::Finally, .. });
                if decides && self.ways_in.get(next) == Some(&1) && self.own.lines(&graph.blocks[*next]).is_empty() {
                    self.carriers.insert(*next, tail);
                } else if self.hides_error(*next) {
                    self.continues_with_error(*next, tail);
                } else {
                    self.way(tail, Goal::Block(*next), EdgeKind::Next, "");
                }
                Some(head)
            }
            End::Return(_) => {
                let end = self.finish();
                if let Some(before) = before {
                    self.edge(before, end, EdgeKind::Next, "");
                    None
                } else {
                    Some(end)
                }
            }
            End::Raise => {
                if let Some(before) = before
                    && self.hides_error(at)
                {
                    self.continues_with_error(at, before);
                }
                None
            }
            End::Open => None,
        }
    }

    /// Whether a statement that runs as it stands may return.
    fn returns_by_itself(&self, step: &Step) -> bool {
        let word = format!("return {}(", self.around.names.done);
        step.code.pieces.iter().any(|piece| matches!(piece, crate::flow::Piece::Text(text) if text.starts_with(&word)))
    }

    /// Notes that an error may be raised in a node.
    fn may_raise(&mut self, node: usize, block: &Block) {
        self.raisers.extend(block.catcher.map(|catcher| (node, catcher.block)));
    }

    /// The edges to where errors are caught. Everything inside a `try` may fail, and a picture of that
    /// would be all lines: those from calls are enough, unless there are none.
    fn raise_edges(&mut self) {
        let raisers = std::mem::take(&mut self.raisers);
        let expected: BTreeSet<BlockId> =
            raisers.iter().filter(|(node, _)| self.raises(*node)).map(|(_, catcher)| *catcher).collect();
        for (node, catcher) in raisers {
            let Some(place) = self.find(Goal::Block(catcher)) else { continue };
            self.sketch.nodes[node].errors_to = Some(self.sketch.nodes[place].id.clone());
            if self.raises(node) || !expected.contains(&catcher) {
                self.edge(node, place, EdgeKind::Error, "");
            }
        }
    }

    /// Whether errors are to be expected from a node: from calls, and from what says `raise`.
    fn raises(&self, node: usize) -> bool {
        let node = &self.sketch.nodes[node];
        matches!(node.kind, Kind::Call | Kind::Helper | Kind::Join | Kind::Raise) || node.has_raise
    }

    /// The node where a goal is.
    fn find(&mut self, goal: Goal) -> Option<usize> {
        let mut goal = goal;
        for _ in 0..=self.places.len() {
            let block = match goal {
                Goal::Finally(block) => return self.finals.get(&block).copied(),
                Goal::Block(block) => block,
                Goal::CatcherOf(block) => self.around.graph.blocks[block].catcher?.block,
            };
            goal = match self.places.get(&block)? {
                Ok(node) => return Some(*node),
                Err(goal) => *goal,
            };
        }
        None
    }

    /// Draws a `finally` if it is not there yet.
    fn finally(&mut self, entry: BlockId) {
        if !self.finals.contains_key(&entry) {
            let node = self.node(&format!("f{entry}"), Kind::Finally, vec!["finally".to_owned()], None);
            self.finals.insert(entry, node);
            self.way(node, Goal::Block(entry), EdgeKind::Next, "");
        }
    }

    pub(super) fn node(&mut self, id: &str, kind: Kind, text: Vec<String>, line: Option<usize>) -> usize {
        let id = match self.around.number {
            0 => id.to_owned(),
            number => format!("h{number}_{id}"),
        };
        let node = Node {
            id,
            kind,
            text,
            small: None,
            line,
            actors: Vec::new(),
            is_many: false,
            has_raise: false,
            errors_to: None,
        };
        self.sketch.nodes.push(node);
        self.sketch.nodes.len() - 1
    }

    /// The one end of the function.
    fn finish(&mut self) -> usize {
        if let Some(end) = self.sketch.end {
            return end;
        }
        let text = if self.around.number == 0 { "end" } else { "return" };
        let end = self.node("finish", Kind::End, vec![text.to_owned()], None);
        self.sketch.end = Some(end);
        end
    }

    pub(super) fn edge(&mut self, from: usize, to: usize, way: EdgeKind, label: &str) {
        self.sketch.edges.push(Edge { from, to, way, label: label.to_owned(), is_inner: false });
    }

    pub(super) fn way(&mut self, from: usize, goal: Goal, way: EdgeKind, label: &str) {
        self.open.push((from, goal, way, label.to_owned(), false));
    }

    /// A way into what the source indents.
    fn inner_way(&mut self, from: usize, goal: Goal, label: String) {
        self.open.push((from, goal, EdgeKind::Branch, label, true));
    }

    fn is_except(&self, node: Option<usize>) -> bool {
        node.is_some_and(|node| self.sketch.nodes[node].kind == Kind::Except)
    }
}
