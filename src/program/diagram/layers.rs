//! Which row of the picture a node stands in: loops are opened at their back edges, and every other
//! edge leads downwards.

use super::layout::{Few, Picture, Rank};

/// A loop of the flow.
#[derive(Debug)]
pub(super) struct Loop {
    /// The node the back edges lead to.
    pub(super) head: usize,
    /// Per node: whether it is part of the loop.
    pub(super) has: Vec<bool>,
    /// How many nodes that are.
    pub(super) size: usize,
    /// The last line of the source that is part of it.
    last: Option<usize>,
}

/// The rows of a picture.
#[derive(Debug)]
pub(super) struct Layers {
    /// Per node, from 0 at the top.
    pub(super) of: Vec<usize>,
    /// How many there are.
    pub(super) count: usize,
    /// Per edge: whether it leads back to the head of a loop.
    pub(super) is_back: Vec<bool>,
    /// Per node: the edges that leave it, first the one that goes straight on.
    pub(super) out: Vec<Few<usize>>,
    /// Inner loops before outer ones.
    pub(super) loops: Vec<Loop>,
}

impl Layers {
    /// Finds loops and rows. Every node must be reachable from the first one.
    pub(super) fn of(picture: &Picture) -> Self {
        let count = picture.nodes.len();
        let mut out = vec![Few::new(); count];
        for (edge, ends) in picture.edges.iter().enumerate() {
            out[ends.from].push(edge);
        }
        let (is_back, _) = walk(picture, &out);
        let loops = loops(picture, &is_back);
        for (node, edges) in out.iter_mut().enumerate() {
            edges.sort_by_key(|&edge| preference(picture, &loops, node, edge));
        }
        // What follows a loop must come after its body in this order, so it is visited first.
        let (is_back, order) = walk(picture, &out);
        let mut below: Vec<Few<usize>> = vec![Few::new(); count];
        for (edge, ends) in picture.edges.iter().enumerate() {
            if !is_back[edge] {
                below[ends.to].push(ends.from);
            }
            for each in loops.iter().filter(|each| follows(picture, each, ends.from, ends.to)) {
                below[ends.to].extend((0..count).filter(|&node| each.has[node]));
            }
        }
        let beside = arms(picture, &out);
        let mut of: Vec<Option<usize>> = vec![None; count];
        for &node in &order {
            let below = below[node].iter().filter_map(|&above| of[above]).map(|layer| layer + 1);
            let beside = beside[node].iter().filter_map(|&beside| of[beside]);
            of[node] = Some(below.chain(beside).max().unwrap_or_default());
        }
        let mut of: Vec<usize> = of.into_iter().map(Option::unwrap_or_default).collect();
        let last = of.iter().copied().max().unwrap_or_default();
        if let Some(end) = picture.end {
            of[end] = last;
        }
        Self { of, count: last + 1, is_back, out, loops }
    }
}

/// Walks the graph in depth; answers the edges that close a cycle, and the nodes so that every other
/// edge leads forward.
fn walk(picture: &Picture, out: &[Few<usize>]) -> (Vec<bool>, Vec<usize>) {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut state = vec![State::New; picture.nodes.len()];
    let mut is_back = vec![false; picture.edges.len()];
    let mut order = Vec::new();
    let mut path = vec![(0, 0)];
    if let Some(first) = state.first_mut() {
        *first = State::Open;
    }
    while let Some((node, at)) = path.last_mut() {
        let Some(&edge) = out.get(*node).and_then(|edges| edges.get(*at)) else {
            state[*node] = State::Done;
            order.push(*node);
            path.pop();
            continue;
        };
        *at += 1;
        let to = picture.edges[edge].to;
        match state[to] {
            State::New => {
                state[to] = State::Open;
                path.push((to, 0));
            }
            State::Open => is_back[edge] = true,
            State::Done => {}
        }
    }
    order.reverse();
    (is_back, order)
}

fn loops(picture: &Picture, is_back: &[bool]) -> Vec<Loop> {
    let mut into: Vec<Few<usize>> = vec![Few::new(); picture.nodes.len()];
    for ends in &picture.edges {
        into[ends.to].push(ends.from);
    }
    let back = || picture.edges.iter().zip(is_back).filter(|(_, is_back)| **is_back).map(|(ends, _)| ends);
    let mut heads: Vec<usize> = back().map(|ends| ends.to).collect();
    heads.sort_unstable();
    heads.dedup();
    let mut loops: Vec<Loop> = heads
        .into_iter()
        .map(|head| {
            let mut has = vec![false; picture.nodes.len()];
            has[head] = true;
            let mut open: Vec<usize> = back().filter(|ends| ends.to == head).map(|ends| ends.from).collect();
            while let Some(node) = open.pop() {
                if !std::mem::replace(&mut has[node], true) {
                    open.extend_from_slice(&into[node]);
                }
            }
            let size = has.iter().filter(|has| **has).count();
            let nodes = picture.nodes.iter().zip(&has).filter(|(_, has)| **has);
            let last = nodes.filter_map(|(node, _)| node.line).max();
            Loop { head, has, size, last }
        })
        .collect();
    loops.sort_by_key(|each| each.size);
    loops
}

/// For every question that follows the "no" of another: what is done after "yes" there. Standing no
/// higher than that, it leaves its own "yes" the same column.
fn arms(picture: &Picture, out: &[Few<usize>]) -> Vec<Vec<usize>> {
    let mut beside = vec![Vec::new(); picture.nodes.len()];
    for ends in picture
        .edges
        .iter()
        .filter(|ends| ends.rank == Rank::Straight && out[ends.from].len() > 1 && out[ends.to].len() > 1)
    {
        let (from, to) = (picture.nodes[ends.from].line, picture.nodes[ends.to].line);
        if let (Some(from), Some(to)) = (from, to) {
            let is_between = |node: &usize| picture.nodes[*node].line.is_some_and(|line| from < line && line < to);
            beside[ends.to].extend((0..picture.nodes.len()).filter(is_between));
        }
    }
    beside
}

/// Whether an edge leads from a loop to what stands behind it in the source.
fn follows(picture: &Picture, each: &Loop, from: usize, to: usize) -> bool {
    each.has[from] && !each.has[to] && picture.nodes[to].line.is_some_and(|line| Some(line) > each.last)
}

/// What goes straight on sorts first: what leaves a loop for the code behind it, then what the
/// source does not indent.
fn preference(picture: &Picture, loops: &[Loop], node: usize, edge: usize) -> (bool, bool, Rank) {
    let ends = picture.edges[edge];
    let leaves = loops.iter().any(|each| follows(picture, each, node, ends.to));
    (ends.rank == Rank::Error, !leaves, ends.rank)
}
