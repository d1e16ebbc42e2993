//! The drawing as a picture of its own: no scripts, no fonts, light and dark.

use std::fmt::Write as _;

use smallvec::smallvec;

use super::escaping::Escaped;
use super::layout::{Ends, Few, Layout, Picture, Rank, Rect, lay_out};
use super::shapes::{columns, draw, label_size, size};
use super::{Drawing, Edge, EdgeKind, Group};
use crate::names::FlowName;

/// Beyond this many nodes nobody finds anything in a picture.
const MAX_NODES: usize = 400;

/// Longest label that has room beside the beginning of its line.
const SHORT_LABEL: i32 = 4;

/// Radius of a bend.
const BEND: i32 = 7;

/// Between the flow and its helpers.
const BETWEEN: i32 = 16;

/// Room for the name of a helper above what happens in it.
const TITLE: i32 = 22;

const STYLE: &str = "
  svg { --paper: #ffffff; --ink: #1f2328; --soft: #656d76; --line: #7d8590;
        --box: #f6f8fa; --box-line: #afb8c1; --ask: #fff8e1; --ask-line: #b98900;
        --call: #dbeafe; --call-line: #1d4ed8; --call-ink: #12307d;
        --part: #f1e8fd; --part-line: #7c3aed; --part-ink: #4a1a9e;
        --stop: #ffe5e3; --stop-line: #c62828; --round: #e4f5e7; --round-line: #2e7d42; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #0d1117; --ink: #e6edf3; --soft: #8d96a0; --line: #818b98;
          --box: #1a2028; --box-line: #4a535e; --ask: #2e2710; --ask-line: #d3a72b;
          --call: #12295c; --call-line: #6ea0ff; --call-ink: #d6e4ff;
          --part: #2b1a4d; --part-line: #b794ff; --part-ink: #e9ddff;
          --stop: #3d1514; --stop-line: #ff7b72; --round: #12301b; --round-line: #4cbb68; }
  }
  text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: var(--ink); }
  text.line { font-size: 9px; fill: var(--soft); text-anchor: end; }
  text.small { font-size: 10.5px; }
  text.label { font-size: 11px; fill: var(--soft); stroke: var(--paper); stroke-width: 4px; paint-order: stroke; }
  text.wide { text-anchor: middle; }
  text.wrong { fill: var(--stop-line); }
  text.title { font-weight: 600; fill: var(--part-line); }
  .middle text:not(.line) { text-anchor: middle; }
  .paper { fill: var(--paper); }
  .frame { fill: none; stroke: var(--part-line); stroke-width: 1.25px; stroke-dasharray: 2 4; }
  g:target > .frame { stroke-width: 3px; }
  .shape, .card { fill: var(--box); stroke: var(--box-line); stroke-width: 1.25px; }
  .branch .shape, .match .shape { fill: var(--ask); stroke: var(--ask-line); }
  .call :is(.shape, .card), .fork .shape { fill: var(--call); stroke: var(--call-line); stroke-width: 2px; }
  .fork .shape { fill: var(--box); stroke-width: 1.25px; }
  .bar, .join .shape { fill: var(--call-line); stroke: none; }
  .call text:not(.line, .small) { fill: var(--call-ink); font-weight: 600; }
  .helper :is(.shape, .card) { fill: var(--part); stroke: var(--part-line); }
  .helper text:not(.line, .small) { fill: var(--part-ink); font-weight: 600; }
  .side { stroke: var(--part-line); fill: none; }
  .raise .shape, .except .shape { fill: var(--stop); stroke: var(--stop-line); }
  .finally .shape { stroke: var(--line); stroke-dasharray: 4 3; }
  .start .shape, .end .shape { fill: var(--round); stroke: var(--round-line); }
  .edge { fill: none; stroke: var(--line); stroke-width: 1.5px; }
  .edge.error { stroke: var(--stop-line); stroke-dasharray: 5 4; stroke-width: 1.25px; }
  .arrow { fill: var(--line); }
  .arrow.error { fill: var(--stop-line); }
";

/// A function, laid out.
struct Part {
    layout: Layout,
    /// Per edge, the place of its label among the boxes, when that stands on its own.
    labels: Vec<Option<usize>>,
    /// Where its corner is.
    at: (i32, i32),
}

impl Drawing {
    /// An SVG picture of the flow; a note when there is too much to draw.
    pub(in crate::program) fn svg(&self, flow: &FlowName, source: &str) -> String {
        if self.nodes.len() > MAX_NODES {
            return self.note(flow, source);
        }
        let mut parts: Vec<Part> = self.groups.iter().map(|group| self.part(group)).collect();
        let (width, height) = arrange(&mut parts);
        let mut out = self.head(flow, source, width, height);
        for (number, (group, part)) in self.groups.iter().zip(&parts).enumerate() {
            self.group(&mut out, number, group, part);
        }
        out.push_str("</svg>\n");
        out
    }

    /// Lays out a function.
    fn part(&self, group: &Group) -> Part {
        let (nodes, edges) = (&self.nodes[group.nodes.clone()], &self.edges[group.edges.clone()]);
        let first = group.nodes.start;
        let mut exits = vec![0; nodes.len()];
        edges.iter().for_each(|edge| exits[edge.from - first] += 1);
        let mut picture = Picture {
            nodes: nodes.iter().zip(&exits).map(|(node, exits)| size(node, *exits)).collect(),
            edges: Vec::new(),
            end: group.end.map(|end| end - first),
        };
        let mut labels = Vec::new();
        let mut ways: Vec<Few<usize>> = Vec::new();
        for edge in edges {
            let (from, to) = (edge.from - first, edge.to - first);
            let rank = match edge.way {
                EdgeKind::Error => Rank::Error,
                _ if edge.is_inner => Rank::Inner,
                _ => Rank::Straight,
            };
            let fits = columns(&edge.label) <= SHORT_LABEL && exits[from] <= 2;
            if edge.label.is_empty() || fits {
                labels.push(None);
                ways.push(smallvec![picture.edges.len()]);
                picture.edges.push(Ends { from, to, rank });
                continue;
            }
            // The label is laid out as a node of its own, so that nothing lies on it.
            let label = picture.nodes.len();
            picture.nodes.push(label_size(&edge.label, nodes[to].line));
            labels.push(Some(label));
            ways.push(smallvec![picture.edges.len(), picture.edges.len() + 1]);
            picture.edges.push(Ends { from, to: label, rank });
            let onward = if rank == Rank::Error { Rank::Error } else { Rank::Straight };
            picture.edges.push(Ends { from: label, to, rank: onward });
        }
        let mut layout = lay_out(&picture);
        layout.widen(columns(&group.function) * 8 + 24);
        let lines = std::mem::take(&mut layout.lines);
        layout.lines = ways.iter().map(|way| way.iter().flat_map(|&at| lines[at].iter().copied()).collect()).collect();
        Part { layout, labels, at: (0, 0) }
    }

    /// Draws a function; helpers have a frame with their name.
    fn group(&self, out: &mut String, number: usize, group: &Group, part: &Part) {
        let moved = |(x, y): (i32, i32)| (x + part.at.0, y + part.at.1);
        if number > 0 {
            let (x, y) = (part.at.0, part.at.1 - TITLE);
            let (width, height) = (part.layout.width, part.layout.height + TITLE);
            let _ = writeln!(
                out,
                "  <g id=\"h{number}\">\n    <rect class=\"frame\" x=\"{x}\" y=\"{y}\" width=\"{width}\" \
                 height=\"{height}\" rx=\"10\"/>\n    <text class=\"title\" x=\"{}\" y=\"{}\">{}</text>\n  </g>",
                x + 12,
                y + 18,
                escaped(&group.function)
            );
        }
        let edges = &self.edges[group.edges.clone()];
        out.push_str("  <g class=\"edges\">\n");
        for (edge, points) in edges.iter().zip(&part.layout.lines) {
            let (from, to) = (&self.nodes[edge.from].id, &self.nodes[edge.to].id);
            let (class, arrow) =
                if edge.way == EdgeKind::Error { ("edge error", "error-arrow") } else { ("edge", "arrow") };
            let mut points: Vec<(i32, i32)> = points.iter().map(|point| moved(*point)).collect();
            let mut marker = "end";
            if edge.way == EdgeKind::Error {
                // Drawn from its goal, so that the dashes of lines that run together lie on each other.
                points.reverse();
                marker = "start";
            }
            let _ = write!(
                out,
                "    <path class=\"{class}\" data-from=\"{from}\" data-to=\"{to}\" marker-{marker}=\"url(#{arrow})\" d=\""
            );
            path(out, &points);
            out.push_str("\"/>\n");
        }
        out.push_str("  </g>\n");
        for (at, place) in group.nodes.clone().zip(&part.layout.boxes) {
            let (x, y) = moved((place.x, place.y));
            let link = self.links.iter().find(|link| link.from == at).and_then(|link| self.frame_of(link));
            draw(out, &self.nodes[at], Rect { x, y, ..*place }, link.as_deref());
        }
        for ((edge, points), own) in edges.iter().zip(&part.layout.lines).zip(&part.labels) {
            let (class, (x, y)) = match (own, points.first()) {
                _ if edge.label.is_empty() => continue,
                (Some(label), _) => {
                    let place = part.layout.boxes[*label];
                    let ((x, y), Rect { width, height, .. }) = (moved((place.x, place.y)), place);
                    let _ = writeln!(
                        out,
                        "  <rect class=\"paper\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
                    );
                    (" wide", moved((place.x + place.width / 2, place.y + 11)))
                }
                (None, Some(&(x, y))) => ("", moved((x + 5, y + 14))),
                (None, None) => continue,
            };
            let wrong = if edge.way == EdgeKind::Error { " wrong" } else { "" };
            let _ = writeln!(
                out,
                "  <text class=\"label{class}{wrong}\" x=\"{x}\" y=\"{y}\">{}</text>",
                escaped(&edge.label)
            );
        }
    }

    /// The frame that holds the helper a link leads to.
    fn frame_of(&self, link: &Edge) -> Option<String> {
        let number = self.groups.iter().position(|group| group.nodes.contains(&link.to))?;
        Some(format!("h{number}"))
    }

    fn head(&self, flow: &FlowName, source: &str, width: i32, height: i32) -> String {
        let function = self.nodes.first().map(|node| node.text.join(" ")).unwrap_or_default();
        let arrow = |id: &str, class: &str| {
            format!(
                "<marker id=\"{id}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"9\" \
                 markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto-start-reverse\">\
                 <path class=\"{class}\" d=\"M 0 0 L 8 4 L 0 8 Z\"/></marker>"
            )
        };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title desc\">\n\
             \x20 <title id=\"title\">Flow {}</title>\n\
             \x20 <desc id=\"desc\">Control flow of {} in {}</desc>\n\
             \x20 <style>{STYLE}  </style>\n\
             \x20 <defs>{}{}</defs>\n\
             \x20 <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n",
            escaped(flow.as_str()),
            escaped(&function),
            escaped(source),
            arrow("arrow", "arrow"),
            arrow("error-arrow", "arrow error"),
        )
    }

    fn note(&self, flow: &FlowName, source: &str) -> String {
        let mut out = self.head(flow, source, 520, 90);
        let first = format!("This flow has {} steps: too many for a picture.", self.nodes.len());
        for (y, text) in [(40, first.as_str()), (62, "flow.mmd, flow.dot and graph.json have all of them.")] {
            let _ = writeln!(out, "  <text x=\"20\" y=\"{y}\">{}</text>", escaped(text));
        }
        out.push_str("</svg>\n");
        out
    }
}

/// Puts the helpers in columns to the right of the flow; answers width and height of the whole.
fn arrange(parts: &mut [Part]) -> (i32, i32) {
    let tallest = parts
        .iter()
        .enumerate()
        .map(|(number, part)| part.layout.height + if number > 0 { TITLE + 2 * BETWEEN } else { 0 })
        .max()
        .unwrap_or_default();
    let (mut x, mut y) = (0, 0);
    let (mut right, mut bottom) = (0, 0);
    for (number, part) in parts.iter_mut().enumerate() {
        let Layout { width, height, .. } = part.layout;
        if number == 0 {
            (x, right, bottom) = (width, width, height);
            y = BETWEEN;
            continue;
        }
        if y > BETWEEN && y + TITLE + height + BETWEEN > tallest {
            (x, y) = (right, BETWEEN);
        }
        part.at = (x, y + TITLE);
        y += TITLE + height + BETWEEN;
        right = right.max(x + width + BETWEEN);
        bottom = bottom.max(y);
    }
    (right, bottom)
}

/// The corners of a line, rounded.
fn path(out: &mut String, points: &[(i32, i32)]) {
    if let Some((x, y)) = points.first() {
        let _ = write!(out, "M {x} {y}");
    }
    for three in points.windows(3) {
        let &[before, at, after] = three else { continue };
        // Half of the shorter part, so that two bends never meet.
        let bend = BEND.min(length(before, at) / 2).min(length(at, after) / 2);
        let ((ax, ay), (bx, by)) = (towards(at, before, bend), towards(at, after, bend));
        let _ = write!(out, " L {ax} {ay} Q {} {} {bx} {by}", at.0, at.1);
    }
    if let Some((x, y)) = points.last() {
        let _ = write!(out, " L {x} {y}");
    }
}

fn length(a: (i32, i32), b: (i32, i32)) -> i32 {
    (a.0 - b.0).abs() + (a.1 - b.1).abs()
}

fn towards(from: (i32, i32), to: (i32, i32), by: i32) -> (i32, i32) {
    (from.0 + (to.0 - from.0).signum() * by, from.1 + (to.1 - from.1).signum() * by)
}

/// Text for XML, which has no place for control characters.
pub(super) fn escaped(text: &str) -> Escaped<'_> {
    Escaped::new(text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\u{FFFE}' | '\u{FFFF}' => Some("\u{FFFD}"),
        _ if c.is_control() => Some("\u{FFFD}"),
        _ => None,
    })
}
