//! Where errors go: `except` and `finally` in the picture.
//!
//! In the graph an `except` is a chain of questions, and a `finally` a block that is entered with a
//! note of where to go on. In the picture both are one node with an edge for every way.

use super::own::{AfterFinally, way_into_finally, way_out_of_finally};
use super::sketch::{Goal, Pen};
use super::{EdgeKind, Kind};
use crate::flow::{BlockId, BranchKind, End, Piece};

impl Pen<'_> {
    /// Whether a block goes on in a `finally`.
    pub(super) fn enters_finally(&self, block: BlockId) -> bool {
        let block = &self.around.graph.blocks[block];
        matches!(block.end, End::Goto(_)) && block.steps.last().is_some_and(|step| way_into_finally(step).is_some())
    }

    /// The node of an `except`, when errors are caught at `block`.
    pub(super) fn except(&mut self, block: BlockId, number: usize) -> Option<usize> {
        let graph = self.around.graph;
        if !self.takes_error(block) {
            return None;
        }
        let line = match &graph.blocks[block].end {
            End::Branch { test, kind: BranchKind::Except, .. } => Some(self.own.line_of(test.span)),
            _ => None,
        };
        Some(self.node(&format!("x{number}"), Kind::Except, vec!["except".to_owned()], line))
    }

    /// Whether a block begins by taking an error that was caught, and does not just pass it on.
    fn takes_error(&self, block: BlockId) -> bool {
        let block = &self.around.graph.blocks[block];
        block.steps.first().is_some_and(|step| match step.code.pieces.as_slice() {
            [Piece::Text(name), Piece::Text(error)] => {
                name.ends_with(" = ") && *error == self.around.names.error && step.effect.writes.len() == 1
            }
            _ => false,
        })
    }

    /// The edges of an `except` to its clauses.
    pub(super) fn clauses(&mut self, first: BlockId, node: usize) {
        let graph = self.around.graph;
        let mut at = first;
        while let End::Branch { test, kind: BranchKind::Except, then, orelse } = &graph.blocks[at].end {
            let label = self.clause_label(test.span);
            self.way(node, Goal::Block(*then), EdgeKind::Error, &label);
            let next = *orelse;
            if self.ways_in.get(&next) != Some(&1) || !self.own.lines(&graph.blocks[next]).is_empty() {
                // A clause for everything else.
                self.way(node, Goal::Block(next), EdgeKind::Error, "any other");
                return;
            }
            match &graph.blocks[next].end {
                End::Branch { kind: BranchKind::Except, .. } => {
                    self.drawn.insert(next);
                    at = next;
                }
                End::Raise => {
                    if let Some(catcher) = graph.blocks[next].catcher {
                        self.way(node, Goal::Block(catcher.block), EdgeKind::Error, "any other");
                    }
                    self.drawn.insert(next);
                    return;
                }
                _ => {
                    self.way(node, Goal::Block(next), EdgeKind::Error, "any other");
                    return;
                }
            }
        }
    }

    /// The edges behind a `finally`, from the node that ends it.
    pub(super) fn ways_out(&mut self, first: BlockId, node: usize) {
        let graph = self.around.graph;
        let mut at = first;
        while let End::Branch { test, kind: BranchKind::Finally, then, orelse } = &graph.blocks[at].end {
            match way_out_of_finally(test) {
                Some(AfterFinally::Leave(word)) => self.way(node, Goal::Block(*then), EdgeKind::Branch, word),
                Some(AfterFinally::Error) => self.continues_with_error(*then, node),
                Some(AfterFinally::On) | None => self.way(node, Goal::Block(*then), EdgeKind::Next, ""),
            }
            at = *orelse;
            self.drawn.insert(at);
        }
        // The last way needs no question.
        if self.hides_error(at) {
            self.continues_with_error(at, node);
        } else {
            self.drawn.remove(&at);
            self.way(node, Goal::Block(at), EdgeKind::Next, "");
        }
    }

    /// Whether a block does nothing but raise again what was caught.
    pub(super) fn hides_error(&self, block: BlockId) -> bool {
        let block = &self.around.graph.blocks[block];
        matches!(block.end, End::Raise) && self.own.lines(block).is_empty()
    }

    /// Behind a `finally` the error goes on: to whoever catches it, or out of the function.
    pub(super) fn continues_with_error(&mut self, block: BlockId, node: usize) {
        self.drawn.insert(block);
        match self.around.graph.blocks[block].catcher {
            Some(catcher) => self.way(node, Goal::Block(catcher.block), EdgeKind::Error, "error"),
            None => {
                let out = self.node(&format!("e{block}"), Kind::Raise, vec!["the error".to_owned()], None);
                self.edge(node, out, EdgeKind::Error, "error");
            }
        }
    }
}
