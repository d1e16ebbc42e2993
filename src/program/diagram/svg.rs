//! The drawing as a picture of its own: no scripts, no fonts, light and dark.

use std::fmt::Write as _;

use super::layout::{Ends, Layout, Picture, Rect, Size, lay_out};
use super::{Drawing, Kind, Node};
use crate::names::FlowName;

/// Beyond this many nodes nobody finds anything in a picture.
const MAX_NODES: usize = 400;

/// Width of a character of the text, in tenths: no monospace font is much wider.
const CHARACTER: i32 = 74;

/// From one line of text to the next.
const LINE: i32 = 16;

/// Left and right of the text.
const PADDING: i32 = 14;

/// Narrowest box: leaves room for two edges with labels.
const MIN_WIDTH: i32 = 120;

/// How far the tips of a branch reach out.
const TIP: i32 = 16;

/// What is cut from the corners of a node that raises.
const CUT: i32 = 10;

/// Radius of a bend.
const BEND: i32 = 7;

const STYLE: &str = "
  svg { --paper: #ffffff; --ink: #1f2328; --soft: #656d76; --line: #7d8590;
        --box: #f6f8fa; --box-line: #afb8c1; --ask: #fff8e1; --ask-line: #b98900;
        --call: #dbeafe; --call-line: #1d4ed8; --call-ink: #12307d;
        --stop: #ffe5e3; --stop-line: #c62828; --round: #e4f5e7; --round-line: #2e7d42; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #0d1117; --ink: #e6edf3; --soft: #8d96a0; --line: #818b98;
          --box: #1a2028; --box-line: #4a535e; --ask: #2e2710; --ask-line: #d3a72b;
          --call: #12295c; --call-line: #6ea0ff; --call-ink: #d6e4ff;
          --stop: #3d1514; --stop-line: #ff7b72; --round: #12301b; --round-line: #4cbb68; }
  }
  text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: var(--ink); }
  text.line { font-size: 9px; fill: var(--soft); text-anchor: end; }
  text.label { font-size: 11px; fill: var(--soft); stroke: var(--paper); stroke-width: 4px; paint-order: stroke; }
  .middle text:not(.line) { text-anchor: middle; }
  .paper { fill: var(--paper); }
  .shape { fill: var(--box); stroke: var(--box-line); stroke-width: 1.25px; }
  .branch .shape { fill: var(--ask); stroke: var(--ask-line); }
  .call .shape { fill: var(--call); stroke: var(--call-line); stroke-width: 2px; }
  .call text:not(.line) { fill: var(--call-ink); font-weight: 600; }
  .raise .shape { fill: var(--stop); stroke: var(--stop-line); }
  .start .shape, .end .shape { fill: var(--round); stroke: var(--round-line); }
  .edge { fill: none; stroke: var(--line); stroke-width: 1.5px; }
  .arrow { fill: var(--line); }
";

impl Drawing {
    /// An SVG picture of the flow; a note when there is too much to draw.
    pub(in crate::program) fn svg(&self, flow: &FlowName, source: &str) -> String {
        if self.nodes.len() > MAX_NODES {
            return self.note(flow, source);
        }
        let layout = lay_out(&self.picture());
        let mut out = self.head(flow, source, layout.width, layout.height);
        out.push_str("  <g class=\"edges\">\n");
        for (edge, points) in self.edges.iter().zip(&layout.lines) {
            let (from, to) = (&self.nodes[edge.from].id, &self.nodes[edge.to].id);
            let _ = writeln!(
                out,
                "    <path class=\"edge\" data-from=\"{from}\" data-to=\"{to}\" marker-end=\"url(#arrow)\" d=\"{}\"/>",
                path(points)
            );
        }
        out.push_str("  </g>\n");
        for (node, place) in self.nodes.iter().zip(&layout.boxes) {
            draw(&mut out, node, *place);
        }
        self.labels(&mut out, &layout);
        out.push_str("</svg>\n");
        out
    }

    fn picture(&self) -> Picture {
        Picture {
            nodes: self.nodes.iter().map(size).collect(),
            edges: self
                .edges
                .iter()
                .map(|edge| Ends { from: edge.from, to: edge.to, is_yes: edge.label == "yes" })
                .collect(),
            end: self.end,
        }
    }

    fn head(&self, flow: &FlowName, source: &str, width: i32, height: i32) -> String {
        let function = self.nodes.first().map(|node| node.text.join(" ")).unwrap_or_default();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title desc\">\n\
             \x20 <title id=\"title\">Flow {}</title>\n\
             \x20 <desc id=\"desc\">Control flow of {} in {}</desc>\n\
             \x20 <style>{STYLE}  </style>\n\
             \x20 <defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"9\" \
             markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
             <path class=\"arrow\" d=\"M 0 0 L 8 4 L 0 8 Z\"/></marker></defs>\n\
             \x20 <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n",
            escaped(flow.as_str()),
            escaped(&function),
            escaped(source),
        )
    }

    fn labels(&self, out: &mut String, layout: &Layout) {
        for (edge, points) in self.edges.iter().zip(&layout.lines) {
            if let (false, Some((x, y))) = (edge.label.is_empty(), points.first()) {
                let _ = writeln!(
                    out,
                    "  <text class=\"label\" x=\"{}\" y=\"{}\">{}</text>",
                    x + 5,
                    y + 14,
                    escaped(edge.label)
                );
            }
        }
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

/// How large a node must be for its text.
fn size(node: &Node) -> Size {
    let characters = node.text.iter().map(|line| columns(line)).max().unwrap_or_default();
    let tips = if matches!(node.kind, Kind::Branch | Kind::Raise) { 2 * TIP } else { 0 };
    let width = (characters * CHARACTER / 10 + 2 * PADDING + tips).max(MIN_WIDTH);
    let lines = i32::try_from(node.text.len()).unwrap_or(1);
    Size { width: width + width % 2, height: lines * LINE + 2 * above_text(node), line: node.line }
}

/// Columns of a text; characters of East Asian scripts and emoji take two.
fn columns(text: &str) -> i32 {
    text.chars().map(|character| if u32::from(character) >= 0x1100 && character != '…' { 2 } else { 1 }).sum()
}

/// Room above the text, where the number of the source line stands.
fn above_text(node: &Node) -> i32 {
    if node.line.is_some() { 13 } else { 9 }
}

fn draw(out: &mut String, node: &Node, place: Rect) {
    let Rect { x, y, width, height } = place;
    let (right, bottom) = (x + width, y + height);
    let shape = match node.kind {
        Kind::Start | Kind::End => rectangle(place, height / 2),
        Kind::Code => rectangle(place, 3),
        Kind::Call => rectangle(place, 8),
        Kind::Branch => {
            let half = y + height / 2;
            polygon(&[
                (x, half),
                (x + TIP, y),
                (right - TIP, y),
                (right, half),
                (right - TIP, bottom),
                (x + TIP, bottom),
            ])
        }
        Kind::Raise => polygon(&[
            (x + CUT, y),
            (right - CUT, y),
            (right, y + CUT),
            (right, bottom - CUT),
            (right - CUT, bottom),
            (x + CUT, bottom),
            (x, bottom - CUT),
            (x, y + CUT),
        ]),
    };
    let is_middle = !matches!(node.kind, Kind::Code | Kind::Raise);
    let middle = if is_middle { " middle" } else { "" };
    let _ = writeln!(out, "  <g id=\"{}\" class=\"{}{middle}\">\n    {shape}", node.id, node.kind.name());
    let text_x = match node.kind {
        _ if is_middle => x + width / 2,
        Kind::Raise => x + PADDING + TIP,
        _ => x + PADDING,
    };
    let mut text_y = y + above_text(node) + 12;
    for text in &node.text {
        let _ = writeln!(out, "    <text x=\"{text_x}\" y=\"{text_y}\">{}</text>", escaped(text));
        text_y += LINE;
    }
    if let Some(line) = node.line {
        let inset = if matches!(node.kind, Kind::Branch) { TIP + 2 } else { 7 };
        let _ = writeln!(out, "    <text class=\"line\" x=\"{}\" y=\"{}\">{line}</text>", right - inset, y + 11);
    }
    out.push_str("  </g>\n");
}

fn rectangle(Rect { x, y, width, height }: Rect, round: i32) -> String {
    format!("<rect class=\"shape\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"/>")
}

fn polygon(points: &[(i32, i32)]) -> String {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
    format!("<polygon class=\"shape\" points=\"{}\"/>", points.join(" "))
}

/// The corners of a line, rounded.
fn path(points: &[(i32, i32)]) -> String {
    let mut out = String::new();
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
    out
}

fn length(a: (i32, i32), b: (i32, i32)) -> i32 {
    (a.0 - b.0).abs() + (a.1 - b.1).abs()
}

fn towards(from: (i32, i32), to: (i32, i32), by: i32) -> (i32, i32) {
    (from.0 + (to.0 - from.0).signum() * by, from.1 + (to.1 - from.1).signum() * by)
}

/// Text for XML, which has no place for control characters.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            _ if character.is_control() => out.push('\u{FFFD}'),
            _ => out.push(character),
        }
    }
    out
}
