//! Nodes as SVG shapes with text.

use std::fmt::Write as _;

use super::layout::{Rect, Size};
use super::svg::escaped;
use super::{Kind, Node};

/// Width of a character of the text, in tenths: no monospace font is much wider.
const CHARACTER: i32 = 74;

/// The same in small letters.
const SMALL_CHARACTER: i32 = 65;

/// From one line of text to the next.
const LINE: i32 = 16;

/// Left and right of the text.
const PADDING: i32 = 14;

/// Narrowest box: leaves room for two edges with labels.
const MIN_WIDTH: i32 = 120;

/// The same where the edges have longer labels.
const MIN_BRANCH: i32 = 148;

/// How far the tips of a branch reach out.
const TIP: i32 = 16;

/// What is cut from the corners of a node that raises.
const CUT: i32 = 10;

/// How far the cards behind a node that stands for many look out.
const DECK: i32 = 8;

/// Height of the bar where parallel calls come together.
const BAR: i32 = 7;

/// How large a node must be for its text and for `exits` edges below it.
pub(super) fn size(node: &Node, exits: usize) -> Size {
    let characters = node.text.iter().map(|line| columns(line)).max().unwrap_or_default() * CHARACTER;
    let small = node.small.as_ref().map_or(0, |line| columns(line) * SMALL_CHARACTER);
    let tips = if matches!(node.kind, Kind::Branch | Kind::Match | Kind::Raise) { 2 * TIP } else { 0 };
    let deck = if node.is_many { DECK } else { 0 };
    let least = match node.kind {
        Kind::Branch => MIN_BRANCH,
        Kind::Except | Kind::Finally => 96,
        _ => MIN_WIDTH,
    };
    let ports = i32::try_from(exits).unwrap_or_default() * 24;
    let width = (characters.max(small) / 10 + 2 * PADDING + tips + deck).max(least).max(ports);
    let lines = i32::try_from(node.text.len() + usize::from(node.small.is_some())).unwrap_or(1);
    let height = if node.kind == Kind::Join { BAR } else { lines * LINE + 2 * above_text(node) };
    Size { width: width + width % 2, height, line: node.line, is_fork: node.kind == Kind::Fork }
}

/// The room of a label of `text` that stands on its own.
pub(super) fn label_size(text: &str, line: Option<usize>) -> Size {
    let width = columns(text) * 7 + 10;
    Size { width: width + width % 2, height: LABEL, line, is_fork: false }
}

/// Height of a label that stands on its own.
const LABEL: i32 = 14;

/// Columns of a text; characters of East Asian scripts and emoji take two.
pub(super) fn columns(text: &str) -> i32 {
    text.chars().map(|character| if u32::from(character) >= 0x1100 && character != '…' { 2 } else { 1 }).sum()
}

/// Room above the text, where the number of the source line stands.
fn above_text(node: &Node) -> i32 {
    match node.kind {
        Kind::Except | Kind::Finally => 5,
        _ if node.line.is_some() => 13,
        _ => 9,
    }
}

/// Draws a node; `link` is what a click shows.
pub(super) fn draw(out: &mut String, node: &Node, place: Rect, link: Option<&str>) {
    let Rect { x, y, width, height } = place;
    let right = x + width - if node.is_many { DECK } else { 0 };
    let front = Rect { width: right - x, ..place };
    let is_middle = !matches!(node.kind, Kind::Code | Kind::Raise);
    let middle = if is_middle { " middle" } else { "" };
    let _ = writeln!(out, "  <g id=\"{}\" class=\"{}{middle}\">", node.id, node.kind.name());
    if let Some(link) = link {
        let _ = writeln!(out, "    <a href=\"#{link}\">");
    }
    if node.is_many {
        for card in [2, 1] {
            let (by, inset) = (card * DECK / 2, card * 3);
            let behind = Rect { x: x + by, y: y + inset, width: front.width, height: height - 2 * inset };
            rectangle(out, "card", behind, 8);
        }
    }
    shape(out, node, front);
    match node.kind {
        Kind::Helper => {
            for line in [x + 6, right - 6] {
                let _ =
                    writeln!(out, "    <path class=\"side\" d=\"M {line} {} L {line} {}\"/>", y + 1, y + height - 1);
            }
        }
        Kind::Fork => {
            let bar = Rect { y: y + height - BAR, height: BAR, ..front };
            rectangle(out, "bar", bar, 2);
        }
        _ => {}
    }
    let text_x = match node.kind {
        _ if is_middle => x + front.width / 2,
        Kind::Raise => x + PADDING + TIP,
        _ => x + PADDING,
    };
    let mut text_y = y + above_text(node) + 12;
    for text in &node.text {
        let _ = writeln!(out, "    <text x=\"{text_x}\" y=\"{text_y}\">{}</text>", escaped(text));
        text_y += LINE;
    }
    if let Some(small) = &node.small {
        let _ =
            writeln!(out, "    <text class=\"small\" x=\"{text_x}\" y=\"{}\">{}</text>", text_y - 1, escaped(small));
    }
    if let Some(line) = node.line {
        let inset = match node.kind {
            Kind::Branch | Kind::Match => TIP + 2,
            Kind::Helper => 10,
            _ => 7,
        };
        let _ = writeln!(out, "    <text class=\"line\" x=\"{}\" y=\"{}\">{line}</text>", right - inset, y + 11);
    }
    if link.is_some() {
        out.push_str("    </a>\n");
    }
    out.push_str("  </g>\n");
}

fn shape(out: &mut String, node: &Node, place: Rect) {
    let Rect { x, y, width, height } = place;
    let (right, bottom) = (x + width, y + height);
    match node.kind {
        Kind::Start | Kind::End => rectangle(out, "shape", place, height / 2),
        Kind::Except | Kind::Finally => rectangle(out, "shape", place, 10),
        Kind::Code | Kind::Helper | Kind::Fork => rectangle(out, "shape", place, 3),
        Kind::Join => rectangle(out, "shape", place, 2),
        Kind::Call => rectangle(out, "shape", place, 8),
        Kind::Branch | Kind::Match => {
            let half = y + height / 2;
            let (left_tip, right_tip) = (x + TIP, right - TIP);
            let corners =
                [(x, half), (left_tip, y), (right_tip, y), (right, half), (right_tip, bottom), (left_tip, bottom)];
            polygon(out, &corners);
        }
        Kind::Raise => {
            let (left_cut, right_cut, upper_cut, lower_cut) = (x + CUT, right - CUT, y + CUT, bottom - CUT);
            let upper = [(left_cut, y), (right_cut, y), (right, upper_cut), (right, lower_cut)];
            let lower = [(right_cut, bottom), (left_cut, bottom), (x, lower_cut), (x, upper_cut)];
            polygon(out, &[upper, lower].concat());
        }
    }
}

fn rectangle(out: &mut String, class: &str, Rect { x, y, width, height }: Rect, round: i32) {
    let _ = writeln!(
        out,
        "    <rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"/>"
    );
}

fn polygon(out: &mut String, corners: &[(i32, i32)]) {
    out.push_str("    <polygon class=\"shape\" points=\"");
    for (number, (x, y)) in corners.iter().enumerate() {
        let between = if number > 0 { " " } else { "" };
        let _ = write!(out, "{between}{x},{y}");
    }
    out.push_str("\"/>\n");
}
