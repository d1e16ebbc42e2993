//! The lines: straight through rows, sideways only in the channels between them.
//!
//! Channel `n` is above row `n`. In a channel every line has one track of its own.

use std::collections::BTreeMap;

use super::layers::Layers;
use super::layout::{Few, Layout, Picture, Rank, Rect};
use super::order::{Cell, Grid, Line};

/// Room around the picture.
const MARGIN: i32 = 20;

/// Above the first track of a channel: room for a label.
const ABOVE_TRACKS: i32 = 20;

/// Below the last track of a channel: room for an arrow.
const BELOW_TRACKS: i32 = 16;

/// From track to track.
const TRACK: i32 = 11;

/// No line leaves a node closer to its side.
const CORNER: i32 = 18;

/// Vertical lines closer than this look like one.
const TOO_CLOSE: i32 = 6;

/// Draws boxes and lines.
pub(super) fn draw(picture: &Picture, layers: &Layers, grid: &Grid, middles: &[i32]) -> Layout {
    let router = Router { picture, layers, grid, middles, arrivals: Arrivals::of(picture, layers) };
    let ways: Vec<Few<(usize, i32)>> = (0..picture.edges.len()).map(|edge| router.way(edge)).collect();
    let from: Vec<i32> = router.ports(&ways);
    let channels = router.channels(&from, &ways);
    let mut y = MARGIN;
    let mut tracks_at = Vec::new();
    let mut row_at = Vec::new();
    let heights: Vec<i32> = (0..channels.len()).map(|row| router.row_height(row)).collect();
    for (row, channel) in channels.iter().enumerate() {
        let is_used = row > 0 && !channel.nets.is_empty();
        tracks_at.push(y + ABOVE_TRACKS);
        if is_used {
            y += ABOVE_TRACKS + channel.tracks * TRACK + BELOW_TRACKS;
        }
        row_at.push(y);
        y += heights[row];
    }
    let mut boxes = Vec::new();
    for (node, size) in picture.nodes.iter().enumerate() {
        let row = layers.of[node];
        let top = row_at[row] + (heights[row] - size.height) / 2;
        boxes.push(Rect { x: middles[node] - size.width / 2, y: top, width: size.width, height: size.height });
    }
    let mut layout = Layout { width: 0, height: y + MARGIN, boxes, lines: Vec::new() };
    for (edge, (&port, way)) in from.iter().zip(&ways).enumerate() {
        let ends = picture.edges[edge];
        let (start, target) = (layout.boxes[ends.from], layout.boxes[ends.to]);
        let line = router.line(edge);
        let mut points = vec![(port, start.y + start.height)];
        let mut x = port;
        for &(channel, next) in way {
            if let Some(track) = channels[channel].nets.get(&line).and_then(|net| net.track)
                && next != x
            {
                let y = tracks_at[channel] + track * TRACK;
                points.extend([(x, y), (next, y)]);
            }
            x = next;
        }
        points.push((x, target.y));
        layout.lines.push(points);
    }
    layout.shift();
    layout
}

impl Layout {
    /// Puts the leftmost thing at the margin and measures the width.
    fn shift(&mut self) {
        let xs = self.lines.iter().flatten().map(|point| point.0);
        let left = xs.clone().chain(self.boxes.iter().map(|it| it.x)).min().unwrap_or_default();
        let right = xs.chain(self.boxes.iter().map(|it| it.x + it.width)).max().unwrap_or_default();
        let by = MARGIN - left;
        self.boxes.iter_mut().for_each(|it| it.x += by);
        self.lines.iter_mut().flatten().for_each(|point| point.0 += by);
        self.width = right - left + 2 * MARGIN;
    }

    /// Makes the picture at least so wide, with everything in the middle.
    pub(super) fn widen(&mut self, width: i32) {
        let by = (width - self.width).max(0) / 2;
        self.boxes.iter_mut().for_each(|it| it.x += by);
        self.lines.iter_mut().flatten().for_each(|point| point.0 += by);
        self.width += 2 * by;
    }
}

struct Router<'r> {
    picture: &'r Picture,
    layers: &'r Layers,
    grid: &'r Grid,
    middles: &'r [i32],
    arrivals: Arrivals,
}

/// What comes into each node.
struct Arrivals {
    /// A way back.
    back: Vec<bool>,
    /// Something else than errors.
    others: Vec<bool>,
}

impl Arrivals {
    fn of(picture: &Picture, layers: &Layers) -> Self {
        let count = picture.nodes.len();
        let mut found = Self { back: vec![false; count], others: vec![false; count] };
        for (ends, is_back) in picture.edges.iter().zip(&layers.is_back) {
            found.back[ends.to] |= is_back;
            found.others[ends.to] |= ends.rank != Rank::Error;
        }
        found
    }
}

impl Router<'_> {
    fn line(&self, edge: usize) -> Line {
        Line::of(self.picture.edges[edge], self.layers.is_back[edge])
    }

    fn row_height(&self, row: usize) -> i32 {
        let cells = self.grid.rows.get(row).into_iter().flatten();
        let heights = cells.map(|&cell| match self.grid.cells[cell] {
            Cell::Node(node) => self.picture.nodes[node].height,
            Cell::Pass(_) => 0,
        });
        heights.max().unwrap_or_default()
    }

    fn pass(&self, line: Line, row: usize) -> i32 {
        self.grid.passes.get(&(line, row)).map_or(self.middles[line.to], |&cell| self.middles[cell])
    }

    /// Where a line comes into its node.
    fn arrival(&self, line: Line) -> i32 {
        let beside = (self.picture.nodes[line.to].width / 4).min(24);
        let (is_head, is_mixed) = (self.arrivals.back[line.to], self.arrivals.others[line.to]);
        self.middles[line.to]
            + match line {
                Line { is_back: true, .. } => beside,
                Line { is_error: true, .. } if is_head => -beside,
                Line { is_error: true, .. } if is_mixed => beside,
                _ => 0,
            }
    }

    /// The channels an edge goes through, with where it leaves each.
    fn way(&self, edge: usize) -> Few<(usize, i32)> {
        let ends = self.picture.edges[edge];
        let line = self.line(edge);
        let (first, last) = (self.layers.of[ends.from] + 1, self.layers.of[ends.to]);
        let mut way: Few<(usize, i32)> = if line.is_back {
            (last..first).rev().map(|row| (row + 1, self.pass(line, row))).collect()
        } else {
            (first..last).map(|row| (row, self.pass(line, row))).collect()
        };
        way.push((last, self.arrival(line)));
        way
    }

    /// Per edge, where it leaves its node: the one that goes straight down in the middle, the others
    /// in order on both sides.
    fn ports(&self, ways: &[Few<(usize, i32)>]) -> Vec<i32> {
        let mut ports = vec![0; self.picture.edges.len()];
        for (node, edges) in self.layers.out.iter().enumerate() {
            let (middle, width) = (self.middles[node], self.picture.nodes[node].width);
            let mut next: Few<(i32, usize)> =
                edges.iter().map(|&edge| (ways[edge].first().map_or(middle, |(_, x)| *x), edge)).collect();
            next.sort_unstable_by_key(|&(x, edge)| (x, self.layers.is_back[edge]));
            let straight = next.iter().position(|&(x, _)| x == middle);
            let count = i32::try_from(next.len()).unwrap_or(i32::MAX);
            for (at, &(_, edge)) in next.iter().enumerate() {
                let at = i32::try_from(at).unwrap_or_default();
                let straight = straight.map(|at| i32::try_from(at).unwrap_or_default());
                // In halves of a step: without a straight one the middle lies between two.
                let halves = match straight {
                    _ if count == 1 => 0,
                    Some(straight) => 2 * (at - straight),
                    None if count == 2 => 4 * at - 2,
                    None => 2 * at - (count - 1),
                };
                let most = straight.map_or(count / 2, |straight| straight.max(count - 1 - straight)).max(1);
                let step = (width / 4).min(40).min((width / 2 - CORNER) / most);
                ports[edge] = middle + halves * step / 2;
            }
        }
        ports
    }

    fn channels(&self, from: &[i32], ways: &[Few<(usize, i32)>]) -> Vec<Channel> {
        let mut channels: Vec<Channel> = (0..=self.layers.count).map(|_| Channel::default()).collect();
        for (edge, (&port, way)) in from.iter().zip(ways).enumerate() {
            let line = self.line(edge);
            let mut x = port;
            for (at, &(channel, next)) in way.iter().enumerate() {
                let net = channels[channel].nets.entry(line).or_default();
                // A way back turns below its first node and above its last one.
                net.add(x, !line.is_back || at == 0);
                net.add(next, line.is_back && channel != self.layers.of[line.to]);
                x = next;
            }
        }
        channels.iter_mut().for_each(Channel::assign);
        channels
    }
}

/// What happens between two rows.
#[derive(Debug, Default)]
struct Channel {
    nets: BTreeMap<Line, Net>,
    tracks: i32,
}

/// A line within a channel.
#[derive(Debug, Default)]
struct Net {
    /// Where it goes on upwards.
    tops: Few<i32>,
    /// Where it goes on downwards.
    bottoms: Few<i32>,
    /// `None` when it is straight.
    track: Option<i32>,
}

impl Net {
    fn add(&mut self, x: i32, is_top: bool) {
        if is_top { self.tops.push(x) } else { self.bottoms.push(x) }
    }

    fn span(&self) -> (i32, i32) {
        let all = || self.tops.iter().chain(&self.bottoms).copied();
        (all().min().unwrap_or_default(), all().max().unwrap_or_default())
    }

    /// Whether the two would lie on each other if `self` were below `other`.
    fn must_be_above(&self, other: &Self) -> bool {
        self.tops.iter().any(|top| other.bottoms.iter().any(|bottom| (top - bottom).abs() < TOO_CLOSE))
    }

    /// Outer lines of those that go the same way first: they cross less.
    fn rank(&self) -> (bool, i32) {
        let middle = |all: &[i32]| all.iter().sum::<i32>() / i32::try_from(all.len().max(1)).unwrap_or(1);
        let (top, bottom) = (middle(&self.tops), middle(&self.bottoms));
        let goes_right = bottom > top;
        (goes_right, if goes_right { -top } else { top })
    }
}

impl Channel {
    /// Gives every line that is not straight a track.
    fn assign(&mut self) {
        let mut open: Vec<Line> =
            self.nets.iter().filter(|(_, net)| net.span().0 != net.span().1).map(|(line, _)| *line).collect();
        open.sort_by_key(|line| self.nets[line].rank());
        let mut placed: Vec<(Line, i32)> = Vec::new();
        while !open.is_empty() {
            let is_next = |line: &Line| {
                !open.iter().any(|other| other != line && self.nets[other].must_be_above(&self.nets[line]))
            };
            let line = open.remove(open.iter().position(is_next).unwrap_or_default());
            let net = &self.nets[&line];
            let (left, right) = net.span();
            let mut track = placed
                .iter()
                .filter(|(other, _)| self.nets[other].must_be_above(net))
                .map(|(_, track)| track + 1)
                .max()
                .unwrap_or_default();
            while placed.iter().any(|(other, at)| {
                let (l, r) = self.nets[other].span();
                *at == track && l <= right + TOO_CLOSE && left <= r + TOO_CLOSE
            }) {
                track += 1;
            }
            placed.push((line, track));
        }
        for (line, track) in placed {
            self.tracks = self.tracks.max(track + 1);
            if let Some(net) = self.nets.get_mut(&line) {
                net.track = Some(track);
            }
        }
    }
}
