//! The router's text: the flow's own lines, cut at the calls.

mod dispatch;
mod lines;
mod machine;
mod plain;
mod support;

use std::collections::BTreeSet;

use super::actors::Cast;
use super::segments::Segments;
use super::{Settings, sha256};
use crate::flow::{Carried, Flow, is_builtin};
use crate::source::Source;

use lines::Lines;
pub(super) use lines::{Mark, Marked};

/// The text of a router and the name of its handler function.
pub(super) struct RouterText {
    /// `start_<flow>`.
    pub(super) handler: String,
    /// The whole file.
    pub(super) code: String,
    /// SHA-256 of the same without line numbers: what the router does, wherever its lines stand.
    pub(super) fingerprint: String,
    /// Where statements, calls and segments stand in it.
    pub(super) marks: Vec<Mark>,
}

/// The parts a router is made of.
struct Parts<'p> {
    flow: &'p Flow,
    settings: &'p Settings,
    cast: &'p Cast,
    segments: &'p Segments,
    /// Those of the helpers, in order.
    helpers: &'p [Segments],
}

/// Writes the router: a short one when the message carries nothing but its place in the flow, else
/// one that keeps variables, errors and calls.
pub(super) fn router(
    flow: &Flow,
    source: &Source,
    settings: &Settings,
    cast: &Cast,
    segments: &Segments,
    helpers: &[Segments],
) -> RouterText {
    let parts = Parts { flow, settings, cast, segments, helpers };
    let write = |shows_lines| {
        let mut lines = Lines::new(source, cast, flow, shows_lines);
        lines.header(flow);
        let handler =
            if flow.graph.is_stateful { machine::write(&parts, &mut lines) } else { plain::write(&parts, &mut lines) };
        (handler, lines.text())
    };
    let (_, (without_lines, _)) = write(false);
    let fingerprint = sha256(&without_lines);
    drop(without_lines);
    let (handler, (code, marks)) = write(true);
    RouterText { handler, code, fingerprint, marks }
}

/// Every name that means something in the flow's own lines.
fn taken(flow: &Flow) -> BTreeSet<String> {
    flow.taken.iter().cloned().chain(carried_words(&flow.carried)).collect()
}

/// Every word of the carried definitions: more than the names they bind, never fewer.
fn carried_words(carried: &[Carried]) -> impl Iterator<Item = String> + '_ {
    carried
        .iter()
        .flat_map(|carried| carried.text.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
}

/// A name that hides nothing the flow's own lines may mean.
fn fresh(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = name.to_owned();
    while taken.contains(&name) || is_builtin(&name) || is_keyword(&name) {
        name.push('_');
    }
    taken.insert(name.clone());
    name
}

/// `text` as a Python string literal.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let quote = if text.contains('"') && !text.contains('\'') { '\'' } else { '"' };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

fn is_keyword(name: &str) -> bool {
    matches!(
        name,
        "and"
            | "as"
            | "assert"
            | "async"
            | "await"
            | "break"
            | "class"
            | "continue"
            | "def"
            | "del"
            | "elif"
            | "else"
            | "except"
            | "finally"
            | "for"
            | "from"
            | "global"
            | "if"
            | "import"
            | "in"
            | "is"
            | "lambda"
            | "nonlocal"
            | "not"
            | "or"
            | "pass"
            | "raise"
            | "return"
            | "try"
            | "while"
            | "with"
            | "yield"
            | "False"
            | "None"
            | "True"
    )
}
