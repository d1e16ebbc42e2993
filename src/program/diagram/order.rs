//! The order of what stands in a row, so that few lines cross.

use std::collections::BTreeMap;

use super::layers::Layers;
use super::layout::{Ends, Few, Picture, Rank};

/// Rounds of sorting.
const ROUNDS: usize = 4;

/// The lines that lead to one node: all its forward edges are one line, all its back edges another,
/// and so are those that errors take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    /// Where it leads.
    pub(super) to: usize,
    /// Whether it leads upwards.
    pub(super) is_back: bool,
    /// Whether errors take it.
    pub(super) is_error: bool,
}

impl Line {
    /// The line that an edge is part of.
    pub(super) fn of(ends: Ends, is_back: bool) -> Self {
        Self { to: ends.to, is_back, is_error: !is_back && ends.rank == Rank::Error }
    }
}

/// What takes up room in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// A node.
    Node(usize),
    /// A line that passes through.
    Pass(Line),
}

/// Where a cell stands.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// `None` where nothing leads to it.
    row: Option<usize>,
    /// How many are left of it.
    at: usize,
}

/// Cells in rows and their vertical neighbours.
#[derive(Debug)]
pub(super) struct Grid {
    /// All cells; the nodes come first, in their order.
    pub(super) cells: Vec<Cell>,
    /// Per row the cells from left to right.
    pub(super) rows: Vec<Vec<usize>>,
    /// Per cell the connected cells of the next row, first the one that goes straight on.
    pub(super) down: Vec<Few<usize>>,
    /// The passing cells by line and row.
    pub(super) passes: BTreeMap<(Line, usize), usize>,
}

impl Grid {
    /// Orders a picture.
    pub(super) fn of(picture: &Picture, layers: &Layers) -> Self {
        let nodes = picture.nodes.len();
        let mut grid = Self {
            cells: (0..nodes).map(Cell::Node).collect(),
            rows: vec![Vec::new(); layers.count],
            down: vec![Few::new(); nodes],
            passes: BTreeMap::new(),
        };
        let mut row_of = layers.of.clone();
        for &edge in layers.out.iter().flatten().filter(|&&edge| !layers.is_back[edge]) {
            let ends = picture.edges[edge];
            let line = Line::of(ends, false);
            let mut above = ends.from;
            for row in layers.of[ends.from] + 1..layers.of[ends.to] {
                let cell = grid.pass(line, row);
                row_of.resize(grid.cells.len(), row);
                grid.link(above, cell);
                above = cell;
            }
            grid.link(above, ends.to);
        }
        grid.fill_rows(&row_of);
        grid.sort();
        grid.add_lanes(picture, layers);
        grid
    }

    fn pass(&mut self, line: Line, row: usize) -> usize {
        let next = self.cells.len();
        let cell = *self.passes.entry((line, row)).or_insert(next);
        if cell == next {
            self.cells.push(Cell::Pass(line));
            self.down.push(Few::new());
        }
        cell
    }

    fn link(&mut self, above: usize, below: usize) {
        if !self.down[above].contains(&below) {
            self.down[above].push(below);
        }
    }

    /// A first order: what goes straight on is left of what the source indents.
    fn fill_rows(&mut self, row_of: &[usize]) {
        let mut seen = vec![false; self.cells.len()];
        let mut open = vec![0];
        while let Some(cell) = open.pop() {
            if !std::mem::replace(&mut seen[cell], true) {
                self.rows[row_of[cell]].push(cell);
                open.extend(self.down[cell].iter().rev());
            }
        }
    }

    /// Sorts rows by the middle of their neighbours and keeps the best order seen.
    fn sort(&mut self) {
        let mut up: Vec<Few<usize>> = vec![Few::new(); self.cells.len()];
        for (above, cells) in self.down.iter().enumerate() {
            for &below in cells {
                up[below].push(above);
            }
        }
        let mut places = vec![Place::default(); self.cells.len()];
        for row in 0..self.rows.len() {
            self.note_places(row, &mut places);
        }
        let mut crossings = self.crossings(&places);
        if crossings == 0 {
            return;
        }
        let mut best = self.rows.clone();
        for _ in 0..ROUNDS {
            if crossings == 0 {
                break;
            }
            for row in 1..self.rows.len() {
                self.sort_row(row, row - 1, &up, &mut places);
            }
            let down = std::mem::take(&mut self.down);
            for row in (0..self.rows.len().saturating_sub(1)).rev() {
                self.sort_row(row, row + 1, &down, &mut places);
            }
            self.down = down;
            let found = self.crossings(&places);
            if found < crossings {
                crossings = found;
                best.clone_from(&self.rows);
            }
        }
        self.rows = best;
    }

    fn sort_row(&mut self, row: usize, beside: usize, neighbours: &[Few<usize>], places: &mut [Place]) {
        // Fractions would do as well; thousandths keep the arithmetic exact.
        let mut keyed: Vec<(usize, usize)> = self.rows[row]
            .iter()
            .enumerate()
            .map(|(at, &cell)| {
                let beside = neighbours[cell].iter().map(|&it| places[it]).filter(|place| place.row == Some(beside));
                let (sum, count) = beside.fold((0, 0), |(sum, count), place| (sum + place.at, count + 1));
                (usize::checked_div(sum * 1000, count).unwrap_or(at * 1000), cell)
            })
            .collect();
        keyed.sort_by_key(|(middle, _)| *middle);
        self.rows[row].clear();
        self.rows[row].extend(keyed.into_iter().map(|(_, cell)| cell));
        self.note_places(row, places);
    }

    fn note_places(&self, row: usize, places: &mut [Place]) {
        for (at, &cell) in self.rows[row].iter().enumerate() {
            places[cell] = Place { row: Some(row), at };
        }
    }

    fn crossings(&self, places: &[Place]) -> usize {
        let mut crossings = 0;
        let mut passed: Vec<usize> = Vec::new();
        for (row, rows) in self.rows.windows(2).enumerate() {
            let [upper, _] = rows else { continue };
            passed.clear();
            for &above in upper {
                let before = passed.len();
                for below in self.down[above].iter().map(|&it| places[it]).filter(|it| it.row == Some(row + 1)) {
                    crossings += passed[..before].iter().filter(|it| **it > below.at).count();
                    passed.push(below.at);
                }
            }
        }
        crossings
    }

    /// Puts the way back of every loop to the right of what belongs to the loop.
    fn add_lanes(&mut self, picture: &Picture, layers: &Layers) {
        for each in &layers.loops {
            let line = Line { to: each.head, is_back: true, is_error: false };
            let last = picture
                .edges
                .iter()
                .zip(&layers.is_back)
                .filter(|(ends, is_back)| **is_back && ends.to == each.head)
                .map(|(ends, _)| layers.of[ends.from])
                .max();
            let mut above = None;
            for row in layers.of[each.head]..=last.unwrap_or_default() {
                let belongs = |cell: &usize| match self.cells[*cell] {
                    Cell::Node(node) => each.has[node],
                    Cell::Pass(line) => each.has[line.to],
                };
                let place = self.rows[row].iter().rposition(belongs).map_or(self.rows[row].len(), |at| at + 1);
                let cell = self.pass(line, row);
                self.rows[row].insert(place, cell);
                if let Some(above) = above.replace(cell) {
                    self.link(above, cell);
                }
            }
        }
    }
}
