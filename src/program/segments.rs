//! Cuts the graph into segments: what the router does in one go, from where a message comes in to
//! the next actor calls.

use std::collections::{BTreeMap, BTreeSet};

use super::actors::Cast;
use crate::flow::{BlockId, BranchKind, Call, End, Flow, Graph};
use crate::names::ActorName;
use crate::source::Source;

/// Branches nested deeper than this become segments of their own: Python allows 100 levels of
/// indentation.
const MAX_NESTING: usize = 40;

/// Longest piece of source text in a label.
const MAX_LABEL: usize = 48;

/// The segments of a flow.
#[derive(Debug)]
pub(super) struct Segments {
    /// The first starts the flow.
    pub(super) all: Vec<Segment>,
    labels: BTreeMap<BlockId, String>,
}

/// A place where the router can begin or go on.
#[derive(Debug)]
pub(super) struct Segment {
    /// Its name in the frame.
    pub(super) label: String,
    /// What it does.
    pub(super) body: Body,
    /// A message comes back here from an actor.
    pub(super) is_resumed: bool,
}

/// Straight code and what comes then; a tree whose leaves leave the segment.
#[derive(Debug)]
pub(super) struct Body {
    /// Statements, by block.
    pub(super) blocks: Vec<BlockId>,
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
    /// Ends the flow.
    Return,
    /// The last statement raises.
    Raise,
    /// Goes on in another segment, without a message.
    Goto(String),
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
    /// The calls, first one first.
    pub(super) calls: Vec<Call>,
    /// The segment that goes on; `None` when the flow ends with the last call.
    pub(super) then: Option<String>,
}

/// Cuts the graph of `flow`.
pub(super) fn cut(flow: &Flow, source: &Source, cast: &Cast) -> Segments {
    let graph = &flow.graph;
    let order = graph.reachable();
    let visited = visited_blocks(graph);
    let mut resumed: BTreeMap<BlockId, ActorName> = BTreeMap::new();
    // Calls inside a run are never looked at on their own: a run is as long as its author likes,
    // and nothing comes back to their blocks unless a run ends there.
    for &block in order.iter().filter(|block| visited.blocks.contains(block)) {
        if let Some((calls, Some(then))) = chain(graph, block) {
            let last = calls.last().map(|call| cast.name(&call.handler).clone());
            if let Some(last) = last {
                resumed.entry(then).or_insert(last);
            }
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
        })
        .collect();
    heads.retain(|block| *block == graph.entry || visited.blocks.contains(block));
    let mut labels = BTreeMap::new();
    let mut used = UsedLabels::default();
    for &head in &heads {
        let label = used.unique(label(graph, source, cast, head, resumed.get(&head)));
        labels.insert(head, label);
    }
    let mut segments = Segments { all: Vec::new(), labels };
    for head in heads {
        let body = segments.body(graph, head, true);
        let label = segments.labels.get(&head).cloned().unwrap_or_default();
        segments.all.push(Segment { label, body, is_resumed: visited.resumed.contains(&head) });
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

    /// The route of a flow that is nothing but calls in a row.
    pub(super) fn straight_route(&self, cast: &Cast) -> Option<Vec<ActorName>> {
        match self.all.as_slice() {
            [Segment { body: Body { leave: Leave::Send(Exit { calls, then: None }), blocks }, .. }]
                if blocks.is_empty() =>
            {
                Some(calls.iter().map(|call| cast.name(&call.handler).clone()).collect())
            }
            _ => None,
        }
    }

    fn body(&self, graph: &Graph, start: BlockId, is_head: bool) -> Body {
        let mut blocks = Vec::new();
        let mut at = start;
        let mut may_leave = !is_head;
        loop {
            if may_leave && let Some(label) = self.labels.get(&at) {
                return Body { blocks, leave: Leave::Goto(label.clone()) };
            }
            may_leave = true;
            if !graph.blocks[at].statements.is_empty() {
                blocks.push(at);
            }
            match &graph.blocks[at].end {
                End::Goto(next) => at = *next,
                End::Branch { then, orelse, .. } => {
                    let (then, orelse) = (self.body(graph, *then, false), self.body(graph, *orelse, false));
                    let leave = Leave::Branch { block: at, then: Box::new(then), orelse: Box::new(orelse) };
                    return Body { blocks, leave };
                }
                End::Call { .. } => {
                    let (calls, then) = chain(graph, at).unwrap_or_default();
                    let then = then.and_then(|block| self.labels.get(&block).cloned());
                    return Body { blocks, leave: Leave::Send(Exit { calls, then }) };
                }
                End::Raise => return Body { blocks, leave: Leave::Raise },
                End::Return(_) | End::Open => return Body { blocks, leave: Leave::Return },
            }
        }
    }
}

/// The run of calls that starts at the end of `block`, and the block that must run after it.
fn chain(graph: &Graph, block: BlockId) -> Option<(Vec<Call>, Option<BlockId>)> {
    let End::Call { call, next } = &graph.blocks[block].end else { return None };
    let mut calls = vec![call.clone()];
    let mut seen = BTreeSet::new();
    if graph.blocks[block].statements.is_empty() {
        seen.insert(block);
    }
    let mut at = *next;
    loop {
        let block = &graph.blocks[at];
        match &block.end {
            End::Call { call, next } if block.statements.is_empty() && seen.insert(at) => {
                calls.push(call.clone());
                at = *next;
            }
            End::Return(_) if block.statements.is_empty() => return Some((calls, None)),
            _ => return Some((calls, Some(at))),
        }
    }
}

/// A block that is shorter to write twice than to jump to.
fn is_trivial(graph: &Graph, block: BlockId) -> bool {
    let block = &graph.blocks[block];
    block.statements.is_empty() && matches!(block.end, End::Call { .. } | End::Return(_))
}

/// What the router really goes through, starting from the entry and from where messages return.
struct Visited {
    blocks: BTreeSet<BlockId>,
    resumed: BTreeSet<BlockId>,
    edges: BTreeMap<BlockId, usize>,
    too_deep: BTreeSet<BlockId>,
}

fn visited_blocks(graph: &Graph) -> Visited {
    let mut visited = Visited {
        blocks: BTreeSet::new(),
        resumed: BTreeSet::new(),
        edges: BTreeMap::new(),
        too_deep: BTreeSet::new(),
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

fn label(graph: &Graph, source: &Source, cast: &Cast, block: BlockId, after: Option<&ActorName>) -> String {
    if block == graph.entry {
        return "start".to_owned();
    }
    let node = &graph.blocks[block];
    let words = match (node.statements.first(), &node.end) {
        (None, End::Branch { kind: BranchKind::While, test, .. }) => format!("while {}", source.slice(*test)),
        _ if after.is_some() => return after.map(|actor| format!("after {actor}")).unwrap_or_default(),
        (Some(statement), _) => source.slice(*statement).lines().next().unwrap_or_default().to_owned(),
        (None, End::Branch { test, .. }) => format!("if {}", source.slice(*test)),
        (None, End::Call { call, .. }) => format!("call {}", cast.name(&call.handler)),
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
    all: BTreeSet<String>,
    numbers: BTreeMap<String, usize>,
}

impl UsedLabels {
    fn unique(&mut self, label: String) -> String {
        if self.all.insert(label.clone()) {
            return label;
        }
        let number = self.numbers.entry(label.clone()).or_insert(1);
        loop {
            *number += 1;
            let numbered = format!("{label} #{number}");
            if self.all.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}
