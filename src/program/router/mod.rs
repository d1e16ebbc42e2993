//! The router's text: the flow's own lines, cut at the calls.

mod dispatch;
mod lines;
mod machine;
mod plain;
mod support;

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use super::actors::Cast;
use super::segments::Segments;
use super::{Settings, sha256};
use crate::flow::{Carried, Flow, is_builtin};
use crate::source::Source;

use lines::{Lines, Written};
pub(super) use lines::{Mark, Marked};

/// The text of a router and the name of its handler function.
pub(super) struct RouterText<'r> {
    /// `start_<flow>`.
    pub(super) handler: String,
    /// The whole file.
    pub(super) code: String,
    /// SHA-256 of the same without line numbers: what the router does, wherever its lines stand.
    pub(super) fingerprint: String,
    /// Where statements, calls and segments stand in it.
    pub(super) marks: Vec<Mark<'r>>,
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
pub(super) fn router<'r>(
    flow: &'r Flow,
    source: &'r Source,
    settings: &'r Settings,
    cast: &'r Cast,
    segments: &'r Segments,
    helpers: &'r [Segments],
) -> RouterText<'r> {
    let parts = Parts { flow, settings, cast, segments, helpers };
    let mut lines = Lines::new(source, cast, flow);
    lines.header(flow);
    let handler =
        if flow.graph.is_stateful { machine::write(&parts, &mut lines) } else { plain::write(&parts, &mut lines) };
    let Written { text, marks, code } = lines.written();
    let fingerprint = sha256(code.into_iter().map(|range| &text.as_bytes()[range]));
    RouterText { handler, code: text, fingerprint, marks }
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
fn literal(text: &str) -> Literal<'_> {
    Literal(text)
}

struct Literal<'t>(&'t str);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text) = self;
        let quote = if text.contains('"') && !text.contains('\'') { '\'' } else { '"' };
        out.write_char(quote)?;
        let mut rest = *text;
        while let Some(at) = rest.find(|c: char| matches!(c, '\\') || c == quote || c.is_control()) {
            let (before, from) = rest.split_at(at);
            out.write_str(before)?;
            let mut chars = from.chars();
            match chars.next() {
                Some(c) if c.is_control() => write!(out, "\\x{:02x}", u32::from(c))?,
                Some(c) => write!(out, "\\{c}")?,
                None => {}
            }
            rest = chars.as_str();
        }
        out.write_str(rest)?;
        out.write_char(quote)
    }
}

/// What several texts come to with commas between them.
fn with_commas(texts: impl IntoIterator<Item = impl fmt::Display>) -> String {
    let mut out = String::new();
    for text in texts {
        let comma = if out.is_empty() { "" } else { ", " };
        let _ = write!(out, "{comma}{text}");
    }
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
