//! Where the cells of the rows stand from left to right.

use super::layout::{Few, Picture};
use super::order::{Cell, Grid};

/// Room between two nodes.
const BETWEEN_NODES: i32 = 32;

/// Room between a line and what is beside it.
const BESIDE_LINE: i32 = 18;

/// Rounds of drawing things towards what they are connected with.
const ROUNDS: usize = 4;

/// The middle of every cell. Cells that are one below the other in a straight line have the same.
pub(super) fn middles(picture: &Picture, grid: &Grid) -> Vec<i32> {
    Blocks::aligned(picture, grid)
        .middles(picture, grid)
        .or_else(|| Blocks::single(grid).middles(picture, grid))
        .unwrap_or_else(|| vec![0; grid.cells.len()])
}

/// Cells in straight vertical lines.
struct Blocks {
    /// Per cell, its block.
    of: Vec<usize>,
    count: usize,
}

impl Blocks {
    /// Every cell for itself.
    fn single(grid: &Grid) -> Self {
        Self { of: (0..grid.cells.len()).collect(), count: grid.cells.len() }
    }

    /// As much in straight lines as possible: first the flow's main line, then long lines.
    fn aligned(picture: &Picture, grid: &Grid) -> Self {
        let spine = spine(picture, grid);
        let mut below: Vec<Option<usize>> = vec![None; grid.cells.len()];
        let mut above: Vec<Option<usize>> = vec![None; grid.cells.len()];
        let mut place = vec![0; grid.cells.len()];
        for row in &grid.rows {
            row.iter().enumerate().for_each(|(at, &cell)| place[cell] = at);
        }
        for rows in grid.rows.windows(2) {
            let [upper, _] = rows else { continue };
            let mut links: Vec<(usize, usize, usize)> = Vec::new();
            for &from in upper {
                for (choice, &to) in grid.down[from].iter().enumerate() {
                    let rank = match (grid.cells[from], grid.cells[to]) {
                        _ if spine[from] && spine[to] => 0,
                        (Cell::Pass(_), Cell::Pass(_)) => 1,
                        _ => 2 + choice,
                    };
                    links.push((rank, from, to));
                }
            }
            links.sort_by_key(|&(rank, from, to)| (rank, place[from], place[to]));
            let mut taken: Vec<(usize, usize)> = Vec::new();
            for (_, from, to) in links {
                let (top, bottom) = (place[from], place[to]);
                let is_free = below[from].is_none() && above[to].is_none();
                if is_free && taken.iter().all(|&(t, b)| (t < top) == (b < bottom)) {
                    below[from] = Some(to);
                    above[to] = Some(from);
                    taken.push((top, bottom));
                }
            }
        }
        let mut blocks = Self { of: vec![0; grid.cells.len()], count: 0 };
        for &cell in grid.rows.iter().flatten().filter(|cell| above[**cell].is_none()) {
            let mut at = Some(cell);
            while let Some(cell) = at {
                blocks.of[cell] = blocks.count;
                at = below[cell];
            }
            blocks.count += 1;
        }
        blocks
    }

    /// The middles of all cells; `None` when the blocks cannot be put in an order.
    fn middles(&self, picture: &Picture, grid: &Grid) -> Option<Vec<i32>> {
        let mut right: Vec<Few<(usize, i32)>> = vec![Few::new(); self.count];
        let mut left: Vec<Few<(usize, i32)>> = vec![Few::new(); self.count];
        for pair in grid.rows.iter().flat_map(|row| row.windows(2)) {
            let &[a, b] = pair else { continue };
            let room = distance(picture, grid.cells[a], grid.cells[b]);
            right[self.of[a]].push((self.of[b], room));
            left[self.of[b]].push((self.of[a], room));
        }
        let order = in_order(&right, &left)?;
        let mut start = vec![0; self.count];
        for (cell, &block) in self.of.iter().enumerate() {
            start[block] = start[block].max(half_width(picture, grid.cells[cell]));
        }
        let mut at = vec![0; self.count];
        for &block in &order {
            at[block] = left[block].iter().map(|&(other, room)| at[other] + room).fold(start[block], i32::max);
        }
        let mut near: Vec<Few<usize>> = vec![Few::new(); self.count];
        for (cell, below) in grid.down.iter().enumerate() {
            for &below in below.iter().filter(|below| self.of[**below] != self.of[cell]) {
                near[self.of[cell]].push(self.of[below]);
                near[self.of[below]].push(self.of[cell]);
            }
        }
        let main = self.of.first().copied();
        for _ in 0..ROUNDS {
            for &block in order.iter().rev().filter(|block| Some(**block) != main && !near[**block].is_empty()) {
                let mut wanted: Few<i32> = near[block].iter().map(|&other| at[other]).collect();
                wanted.sort_unstable();
                let least = left[block].iter().map(|&(other, room)| at[other] + room).fold(start[block], i32::max);
                let most = right[block].iter().map(|&(other, room)| at[other] - room).fold(i32::MAX, i32::min);
                at[block] = wanted[(wanted.len() - 1) / 2].min(most).max(least);
            }
        }
        Some(self.of.iter().map(|&block| at[block]).collect())
    }
}

/// The cells of the line from the start to the end.
fn spine(picture: &Picture, grid: &Grid) -> Vec<bool> {
    let mut ends = vec![picture.end.is_none(); grid.cells.len()];
    for &cell in grid.rows.iter().rev().flatten() {
        ends[cell] |= picture.end == Some(cell) || grid.down[cell].iter().any(|&below| ends[below]);
    }
    let mut spine = vec![false; grid.cells.len()];
    let mut at = Some(0);
    while let Some(cell) = at {
        spine[cell] = true;
        let below: Few<usize> = grid.down[cell].iter().copied().filter(|&below| ends[below]).collect();
        let is_fork = picture.nodes.get(cell).is_some_and(|node| node.is_fork);
        at = if is_fork { below.get(below.len().saturating_sub(1) / 2).copied() } else { below.first().copied() };
    }
    spine
}

/// The blocks so that each comes after those to its left.
fn in_order(right: &[Few<(usize, i32)>], left: &[Few<(usize, i32)>]) -> Option<Vec<usize>> {
    let mut missing: Vec<usize> = left.iter().map(|beside| beside.len()).collect();
    let mut order: Vec<usize> = (0..left.len()).filter(|&block| missing[block] == 0).collect();
    let mut at = 0;
    while let Some(&block) = order.get(at) {
        at += 1;
        for &(other, _) in &right[block] {
            missing[other] -= 1;
            if missing[other] == 0 {
                order.push(other);
            }
        }
    }
    (order.len() == left.len()).then_some(order)
}

fn half_width(picture: &Picture, cell: Cell) -> i32 {
    match cell {
        Cell::Node(node) => picture.nodes[node].width / 2,
        Cell::Pass(_) => 0,
    }
}

fn distance(picture: &Picture, a: Cell, b: Cell) -> i32 {
    let room = match (a, b) {
        (Cell::Node(_), Cell::Node(_)) => BETWEEN_NODES,
        _ => BESIDE_LINE,
    };
    half_width(picture, a) + half_width(picture, b) + room
}
