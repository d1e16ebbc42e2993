//! Where everything stands: rows from top to bottom, lines only in the room between boxes.
//!
//! All numbers are pixels and whole, so that the same flow always gives the same picture.

use smallvec::SmallVec;

use super::layers::Layers;
use super::order::Grid;
use super::{place, route};

/// What one thing of many is connected with: a few as a rule, for which nothing is allocated.
pub(super) type Few<T> = SmallVec<[T; 3]>;

/// What is to be laid out. The first node is the start; all others can be reached from it.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) nodes: Vec<Size>,
    pub(super) edges: Vec<Ends>,
    /// The node that stands at the bottom.
    pub(super) end: Option<usize>,
}

/// A node as the layout sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// An even number.
    pub(super) width: i32,
    pub(super) height: i32,
    /// The line of the source.
    pub(super) line: Option<usize>,
    /// What leaves it stands side by side, with the main line in the middle.
    pub(super) is_fork: bool,
}

/// An edge as the layout sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub(super) from: usize,
    pub(super) to: usize,
    /// What it is to the lines around.
    pub(super) rank: Rank,
}

/// What an edge is to the lines around; what goes straight on sorts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Goes straight on.
    Straight,
    /// Leads into what the source indents.
    Inner,
    /// Is taken by errors.
    Error,
}

/// Where things stand; the picture's corner is at 0, 0.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) width: i32,
    pub(super) height: i32,
    /// Per node.
    pub(super) boxes: Vec<Rect>,
    /// Per edge, the corners of its line from node to node; all parts are horizontal or vertical.
    pub(super) lines: Vec<Vec<(i32, i32)>>,
}

/// The room of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rect {
    /// The left edge.
    pub(super) x: i32,
    /// The upper edge.
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// Lays out a picture.
pub(super) fn lay_out(picture: &Picture) -> Layout {
    let layers = Layers::of(picture);
    let grid = Grid::of(picture, &layers);
    let middles = place::middles(picture, &grid);
    route::draw(picture, &layers, &grid, &middles)
}
