//! Cuts the graph into segments: what the router does in one go, from where a message comes in to
//! the next actor calls.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::actors::Cast;
use super::parallel::ParallelCalls;
use crate::flow::{BlockId, BranchKind, Call, Callee, End, Graph, Handler, Step};
use crate::names::ActorName;
use crate::source::Source;

/// Branches nested deeper than this become segments of their own: Python allows 100 levels of
/// indentation.
const MAX_NESTING: usize = 40;

/// Longest piece of source text in a label.
const MAX_LABEL: usize = 48;

/// The name of a segment in the frame. Many places of a program lead to one.
pub(super) type Label = Rc<str>;

/// The segments of a flow.
#[derive(Debug)]
pub(super) struct Segments {
    /// The first starts the flow.
    pub(super) all: Vec<Segment>,
    /// Its calls that run in parallel.
    pub(super) parallel: ParallelCalls,
    labels: BTreeMap<BlockId, Label>,
    heads: BTreeMap<Label, BlockId>,
}

/// A place where the router can begin or go on.
#[derive(Debug)]
pub(super) struct Segment {
    /// Its name.
    pub(super) label: Label,
    /// What it does.
    pub(super) body: Body,
    /// The block it starts with.
    pub(super) head: BlockId,
    /// A message comes back here from an actor.
    pub(super) is_resumed: bool,
    /// Errors come here.
    pub(super) is_catching: bool,
}

/// Straight code and what comes then; a tree whose leaves leave the segment.
#[derive(Debug)]
pub(super) struct Body {
    /// Statements, by block.
    pub(super) blocks: Vec<BlockId>,
    /// The block whose end is left by.
    pub(super) last: BlockId,
    /// What comes then.
    pub(super) leave: Leave,
}

impl Body {
    /// The leaves of the tree, in source order; never a branch.
    pub(super) fn leaves(&self) -> Vec<&Leave> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(body) = open.pop() {
            match &body.leave {
                Leave::Branch { then, orelse, .. } => open.extend([&**orelse, &**then]),
                Leave::Match { cases, otherwise, .. } => {
                    open.push(otherwise);
                    open.extend(cases.iter().rev());
                }
                leave => found.push(leave),
            }
        }
        found
    }
}

/// How code leaves a segment.
#[derive(Debug)]
pub(super) enum Leave {
    /// Sends the payload through actors.
    Send(Exit),
    /// Calls on values, or several actors at once, and goes on at a label with the results.
    Wait(BlockId, Label),
    /// Ends the function with the value at the end of the block.
    Return(BlockId),
    /// The last statement raises.
    Raise,
    /// Goes on in another segment, without a message.
    Goto(Label),
    /// Goes where the first fitting pattern says.
    Match {
        /// The block whose end is the `match`.
        block: BlockId,
        /// A body for each case.
        cases: Vec<Body>,
        /// When no case fits.
        otherwise: Box<Body>,
    },
    /// Decides.
    Branch {
        /// The block whose end is the branch.
        block: BlockId,
        /// When true.
        then: Box<Body>,
        /// When false.
        orelse: Box<Body>,
    },
}

/// A run of calls with nothing between them.
#[derive(Debug)]
pub(super) struct Exit {
    /// The blocks that end with the calls, first one first.
    blocks: Vec<BlockId>,
    /// The segment that goes on; `None` when the flow ends with the last call.
    pub(super) then: Option<Label>,
}

impl Exit {
    /// The calls, first one first. `graph` is the one that was cut.
    pub(super) fn calls<'g>(&self, graph: &'g Graph) -> impl DoubleEndedIterator<Item = &'g Call> {
        self.blocks.iter().filter_map(|block| call_of(graph, *block))
    }

    /// The handlers of the calls.
    pub(super) fn handlers<'g>(&self, graph: &'g Graph) -> impl Iterator<Item = &'g Handler> {
        self.calls(graph).filter_map(|call| match &call.callee {
            Callee::Payload { handler, .. } => Some(handler),
            Callee::One(_) | Callee::All { .. } => None,
        })
    }
}

/// Cuts the graph of a function.
pub(super) fn cut(graph: &Graph, source: &Source, cast: &Cast) -> Segments {
    let order = graph.reachable();
    let visited = visited_blocks(graph);
    let mut resumed: BTreeMap<BlockId, String> = BTreeMap::new();
    // Calls inside a run are never looked at on their own: a run is as long as its author likes,
    // and nothing comes back to their blocks unless a run ends there.
    for &block in order.iter().filter(|block| visited.blocks.contains(block)) {
        if let Some((calls, Some(then))) = chain(graph, block)
            && let Some(call) = calls.last().and_then(|block| call_of(graph, *block))
        {
            resumed.entry(then).or_insert_with(|| after(call, cast));
        }
    }
    let mut heads: Vec<BlockId> = order
        .iter()
        .copied()
        .filter(|block| {
            *block == graph.entry
                || visited.resumed.contains(block)
                || (visited.edges.get(block).copied().unwrap_or(0) > 1 && !is_trivial(graph, *block))
                || visited.too_deep.contains(block)
                || visited.catching.contains(block)
        })
        .collect();
    heads.retain(|block| *block == graph.entry || visited.blocks.contains(block));
    let mut labels = BTreeMap::new();
    let mut used = UsedLabels::default();
    for &head in &heads {
        let is_catching = visited.catching.contains(&head);
        let label = used.unique(label(graph, source, cast, head, resumed.get(&head), is_catching));
        labels.insert(head, label);
    }
    let by_label = labels.iter().map(|(block, label): (&BlockId, &Label)| (label.clone(), *block)).collect();
    let mut segments =
        Segments { all: Vec::new(), parallel: ParallelCalls::of(graph, source), labels, heads: by_label };
    for head in heads {
        let body = segments.body(graph, head, true);
        segments.all.push(Segment {
            label: segments.labels.get(&head).cloned().unwrap_or_default(),
            body,
            head,
            is_resumed: visited.resumed.contains(&head),
            is_catching: visited.catching.contains(&head),
        });
    }
    segments
}

impl Segments {
    /// Whether messages come back to the router.
    pub(super) fn need_frame(&self) -> bool {
        self.all.iter().any(|segment| segment.is_resumed)
    }

    /// Whether a segment goes on in another one (or in itself) without a message.
    pub(super) fn have_jumps(&self) -> bool {
        self.all.iter().any(|segment| segment.body.leaves().iter().any(|leave| matches!(leave, Leave::Goto(_))))
    }

    /// The block that the segment `label` starts with.
    pub(super) fn head(&self, label: &str) -> Option<BlockId> {
        self.heads.get(label).copied()
    }

    /// The label of the segment that starts with `block`.
    pub(super) fn label(&self, block: BlockId) -> &str {
        self.labels.get(&block).map_or("start", |label| label)
    }

    /// The route of a flow that is nothing but calls in a row.
    pub(super) fn straight_route(&self, graph: &Graph, cast: &Cast) -> Option<Vec<ActorName>> {
        match self.all.as_slice() {
            [Segment { body: Body { leave: Leave::Send(exit @ Exit { then: None, .. }), blocks, .. }, .. }]
                if blocks.is_empty() =>
            {
                Some(exit.handlers(graph).map(|handler| cast.name(handler).clone()).collect())
            }
            _ => None,
        }
    }

    fn body(&self, graph: &Graph, start: BlockId, is_head: bool) -> Body {
        let mut blocks = Vec::new();
        let mut at = start;
        let mut last = start;
        let mut may_leave = !is_head;
        let leave = loop {
            if may_leave && let Some(label) = self.labels.get(&at) {
                break Leave::Goto(label.clone());
            }
            may_leave = true;
            last = at;
            if !graph.blocks[at].steps.is_empty() {
                blocks.push(at);
            }
            match &graph.blocks[at].end {
                End::Goto(next) => at = *next,
                End::Branch { then, orelse, .. } => {
                    let (then, orelse) = (self.body(graph, *then, false), self.body(graph, *orelse, false));
                    break Leave::Branch { block: at, then: Box::new(then), orelse: Box::new(orelse) };
                }
                End::Match { cases, otherwise, .. } => {
                    let cases = cases.iter().map(|case| self.body(graph, case.body, false)).collect();
                    let otherwise = Box::new(self.body(graph, *otherwise, false));
                    break Leave::Match { block: at, cases, otherwise };
                }
                End::Call { call, next } => {
                    let label = |block: &BlockId| self.labels.get(block).cloned();
                    if !matches!(call.callee, Callee::Payload { .. }) {
                        break Leave::Wait(at, label(next).unwrap_or_default());
                    }
                    let (blocks, then) = chain(graph, at).unwrap_or_default();
                    break Leave::Send(Exit { blocks, then: then.as_ref().and_then(label) });
                }
                End::Raise => break Leave::Raise,
                End::Return(_) | End::Open => break Leave::Return(at),
            }
        };
        Body { blocks, last, leave }
    }
}

/// The name of the place after a call.
fn after(call: &Call, cast: &Cast) -> String {
    match &call.callee {
        Callee::Payload { handler, .. } => format!("after {}", cast.name(handler)),
        Callee::One(code) => match code.handlers().next() {
            Some(handler) => format!("after {}", cast.name(handler)),
            None => "after helper".to_owned(),
        },
        Callee::All { .. } => "after all".to_owned(),
    }
}

/// The call at the end of a block.
fn call_of(graph: &Graph, block: BlockId) -> Option<&Call> {
    match &graph.blocks[block].end {
        End::Call { call, .. } => Some(call),
        _ => None,
    }
}

/// The run of calls that starts at the end of `block`, by the blocks that end with them, and the
/// block that must run after it.
fn chain(graph: &Graph, block: BlockId) -> Option<(Vec<BlockId>, Option<BlockId>)> {
    let End::Call { call, next } = &graph.blocks[block].end else { return None };
    let mut calls = vec![block];
    let Callee::Payload { payload, .. } = &call.callee else { return Some((calls, Some(*next))) };
    let catcher = graph.blocks[block].catcher;
    let mut seen = BTreeSet::new();
    if graph.blocks[block].steps.is_empty() {
        seen.insert(block);
    }
    let mut at = *next;
    loop {
        let block = &graph.blocks[at];
        let is_empty = block.steps.is_empty() && block.catcher == catcher;
        match &block.end {
            End::Call { call, next }
                if is_empty && matches!(call.callee, Callee::Payload { .. }) && seen.insert(at) =>
            {
                calls.push(at);
                at = *next;
            }
            End::Return(value) if graph.is_flow && is_empty && catcher.is_none() && is_name(value, payload) => {
                return Some((calls, None));
            }
            _ => return Some((calls, Some(at))),
        }
    }
}

/// Whether a step is nothing but a variable.
fn is_name(step: &Step, name: &str) -> bool {
    let is_short = step.code.as_source().is_some_and(|span| span.end - span.start == name.len());
    step.effect.reads.len() == 1
        && step.effect.reads.contains(name)
        && (is_short || step.code == crate::flow::Code::text(name))
}

/// A block that is shorter to write twice than to jump to.
fn is_trivial(graph: &Graph, block: BlockId) -> bool {
    let block = &graph.blocks[block];
    block.steps.is_empty() && matches!(block.end, End::Call { .. } | End::Return(_))
}

/// What the router really goes through, starting from the entry and from where messages return.
struct Visited {
    blocks: BTreeSet<BlockId>,
    resumed: BTreeSet<BlockId>,
    edges: BTreeMap<BlockId, usize>,
    too_deep: BTreeSet<BlockId>,
    /// Where errors go.
    catching: BTreeSet<BlockId>,
}

fn visited_blocks(graph: &Graph) -> Visited {
    let mut visited = Visited {
        blocks: BTreeSet::new(),
        resumed: BTreeSet::new(),
        edges: BTreeMap::new(),
        too_deep: BTreeSet::new(),
        catching: BTreeSet::new(),
    };
    let mut open = vec![(graph.entry, 0)];
    while let Some((block, depth)) = open.pop() {
        let depth = if depth > MAX_NESTING {
            visited.too_deep.insert(block);
            0
        } else {
            depth
        };
        if !visited.blocks.insert(block) {
            continue;
        }
        if let Some(catcher) = graph.blocks[block].catcher
            && visited.catching.insert(catcher.block)
        {
            open.push((catcher.block, 0));
        }
        match &graph.blocks[block].end {
            End::Goto(next) => {
                *visited.edges.entry(*next).or_default() += 1;
                open.push((*next, depth));
            }
            End::Branch { then, orelse, .. } => {
                *visited.edges.entry(*then).or_default() += 1;
                *visited.edges.entry(*orelse).or_default() += 1;
                open.push((*orelse, depth));
                open.push((*then, depth + 1));
            }
            End::Match { cases, otherwise, .. } => {
                for next in cases.iter().map(|case| &case.body).chain([otherwise]) {
                    *visited.edges.entry(*next).or_default() += 1;
                    open.push((*next, depth + 2));
                }
            }
            End::Call { .. } => {
                if let Some((_, Some(then))) = chain(graph, block) {
                    visited.resumed.insert(then);
                    open.push((then, 0));
                }
            }
            End::Open | End::Return(_) | End::Raise => {}
        }
    }
    visited
}

fn label(
    graph: &Graph,
    source: &Source,
    cast: &Cast,
    block: BlockId,
    after: Option<&String>,
    is_catching: bool,
) -> String {
    if block == graph.entry {
        return "start".to_owned();
    }
    let node = &graph.blocks[block];
    let words = match (node.steps.first(), &node.end) {
        (None, End::Branch { kind: BranchKind::Loop, test, .. }) => match source.slice(test.span) {
            head if head.starts_with("for") || head.starts_with("async") => head.to_owned(),
            test => format!("while {test}"),
        },
        _ if after.is_some() => return after.cloned().unwrap_or_default(),
        (Some(_), _) if is_catching => "except".to_owned(),
        (Some(step), _) => source.slice(step.span).lines().next().unwrap_or_default().to_owned(),
        (None, End::Branch { test, .. }) => format!("if {}", source.slice(test.span)),
        (None, End::Match { subject, .. }) => format!("match {}", source.slice(subject.span)),
        (None, End::Call { call, .. }) => match &call.callee {
            Callee::Payload { handler, .. } => format!("call {}", cast.name(handler)),
            _ => source.slice(call.span).to_owned(),
        },
        (None, _) => "end".to_owned(),
    };
    let words: Vec<&str> = words.split_whitespace().collect();
    let words = words.join(" ");
    if words.chars().count() <= MAX_LABEL {
        return words;
    }
    let mut short: String = words.chars().take(MAX_LABEL - 1).collect();
    short.push('…');
    short
}

/// Labels given so far, and the last number behind each that was wanted more than once.
#[derive(Default)]
struct UsedLabels {
    all: BTreeSet<Label>,
    numbers: BTreeMap<Label, usize>,
}

impl UsedLabels {
    fn unique(&mut self, label: String) -> Label {
        let label = Label::from(label);
        if self.all.insert(label.clone()) {
            return label;
        }
        let number = self.numbers.entry(label.clone()).or_insert(1);
        loop {
            *number += 1;
            let numbered = Label::from(format!("{label} #{number}"));
            if self.all.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}
