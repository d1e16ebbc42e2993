//! The flow's own lines: what of a block a reader of the source would recognise.
//!
//! Lowering adds steps of its own (counters of loops, variables that keep a value until a call is
//! back, where a `finally` goes on) and cuts statements at their calls. A picture shows neither: a
//! statement is shown once, and with its call when it has just one.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::flow::{Block, BranchKind, Call, Code, End, Graph, Piece, RouterNames, Step};
use crate::source::{Source, Span};

/// Longest line of a node's text.
const MAX_LINE: usize = 40;

/// Longest line in small letters.
const MAX_SMALL: usize = 46;

/// Most lines of a node's text.
const MAX_LINES: usize = 5;

/// A line of the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it stands.
    pub(super) span: Span,
    /// What stands before it.
    before: &'static str,
}

/// How a way into a `finally` goes on behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterFinally {
    On,
    Leave(&'static str),
    Error,
}

/// What is to be shown of a graph.
pub(super) struct Own<'o> {
    source: &'o Source,
    names: &'o RouterNames,
    payload: &'o str,
    /// The heads of loops.
    loops: BTreeSet<Span>,
    /// Where calls stand, sorted.
    calls: Vec<Span>,
    /// Statements with just one call, by the place of that.
    whole: BTreeMap<Span, Span>,
}

impl<'o> Own<'o> {
    /// Looks through a graph.
    pub(super) fn of(
        graph: &'o Graph,
        order: &[usize],
        source: &'o Source,
        names: &'o RouterNames,
        payload: &'o str,
    ) -> Self {
        let ends = || order.iter().map(|&block| &graph.blocks[block].end);
        let loops = ends().filter_map(|end| match end {
            End::Branch { test, kind: BranchKind::Loop, .. } if test.code.as_source().is_none() => Some(test.span),
            _ => None,
        });
        let mut calls: Vec<Span> = ends()
            .filter_map(|end| match end {
                End::Call { call, .. } => Some(call.span),
                _ => None,
            })
            .collect();
        calls.sort_unstable();
        let mut own = Self { source, names, payload, loops: loops.collect(), calls, whole: BTreeMap::new() };
        for &block in order {
            let block = &graph.blocks[block];
            let raises = matches!(block.end, End::Raise);
            let returned = match &block.end {
                End::Return(step) => own.returned(step),
                _ => None,
            };
            let steps = if raises { block.steps.split_last().map_or(&[][..], |(_, rest)| rest) } else { &block.steps };
            let statements = steps.iter().filter_map(|step| own.statement(step));
            let spans: Vec<Span> = statements.chain(returned.map(|line| line.span)).collect();
            for span in spans {
                if let [only] = own.calls_in(span) {
                    own.whole.insert(*only, span);
                }
            }
        }
        own
    }

    /// The lines of a block, those of its end included.
    pub(super) fn lines(&self, block: &Block) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        let raised = if matches!(block.end, End::Raise) { block.steps.len().checked_sub(1) } else { None };
        for (number, step) in block.steps.iter().enumerate() {
            let is_raise = raised == Some(number);
            let line = match self.statement(step) {
                Some(span) => (is_raise || !self.is_shown_with_its_call(span)).then_some(Line { span, before: "" }),
                None if is_raise => self.raised(step),
                None => self.kept_return(step),
            };
            lines.extend(line);
        }
        if let End::Return(step) = &block.end {
            lines.extend(self.returned(step).filter(|line| !self.is_shown_with_its_call(line.span)));
        }
        lines.dedup();
        lines
    }

    /// What is shown with a call in small letters.
    pub(super) fn of_call(&self, call: &Call) -> String {
        let span = self.whole.get(&call.span).copied().unwrap_or(call.span);
        small(&without_await(&self.first_line(span)))
    }

    /// The statement a step is, if it is one of the flow's.
    fn statement(&self, step: &Step) -> Option<Span> {
        let is_own = match step.code.pieces.first()? {
            Piece::Source(span) => span.start == step.span.start,
            Piece::Text(text) => text.strip_prefix(self.names.task.as_str()).is_some_and(|rest| rest.starts_with('(')),
            Piece::Actor(_) | Piece::Helper(_) => true,
        };
        (is_own && !self.loops.contains(&step.span)).then_some(step.span)
    }

    /// A `raise` or `assert` whose text is not the flow's any more.
    fn raised(&self, step: &Step) -> Option<Line> {
        let text = self.source.slice(step.span);
        (text.starts_with("raise") || text.starts_with("assert")).then_some(Line { span: step.span, before: "" })
    }

    /// A `return`, when it says more than that the payload is returned.
    fn returned(&self, step: &Step) -> Option<Line> {
        let span = extent(&step.code)?;
        if self.source.slice(span) == self.payload {
            return None;
        }
        // A bare value stands for the whole statement.
        let is_statement = self.source.slice(step.span).starts_with("return");
        Some(if is_statement { Line { span: step.span, before: "" } } else { Line { span, before: "return " } })
    }

    /// A `return` through a `finally`.
    fn kept_return(&self, step: &Step) -> Option<Line> {
        match way_into_finally(step) {
            Some(AfterFinally::Leave("return")) => extent(&step.code)
                .filter(|span| self.source.slice(*span) != self.payload)
                .map(|span| Line { span, before: "return " }),
            _ => None,
        }
    }

    fn is_shown_with_its_call(&self, statement: Span) -> bool {
        matches!(self.calls_in(statement), [_])
    }

    fn calls_in(&self, span: Span) -> &[Span] {
        let from = self.calls.partition_point(|call| call.start < span.start);
        let to = self.calls.partition_point(|call| call.start < span.end);
        &self.calls[from..to]
    }

    /// The text of several lines.
    pub(super) fn text(&self, lines: &[Line]) -> Vec<String> {
        let shown = if lines.len() > MAX_LINES { MAX_LINES - 1 } else { lines.len() };
        let mut text: Vec<String> = lines[..shown].iter().map(|line| self.short(line.before, line.span)).collect();
        if lines.len() > shown {
            text.push(format!("… {} more", lines.len() - shown));
        }
        text
    }

    /// The first line of a text, with `…` for the others.
    pub(super) fn first_line(&self, span: Span) -> Cow<'o, str> {
        let mut lines = self.source.slice(span).lines();
        let first = lines.next().unwrap_or_default();
        let mut rest = lines.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        match (rest.next(), first.trim_end().chars().last()) {
            (None, _) => first.into(),
            // A list over several lines says more on one.
            (Some(_), Some('(' | '[' | '{' | ',' | '\\')) => {
                let all: Vec<&str> = self.source.slice(span).lines().map(without_remark).collect();
                tidy(&all.join(" ")).into()
            }
            (Some(_), _) => format!("{first} …").into(),
        }
    }

    /// The first line of a step, shortened for a node.
    pub(super) fn short(&self, before: &str, span: Span) -> String {
        let line = self.first_line(span);
        let line = if before.is_empty() { line } else { format!("{before}{line}").into() };
        short(&without_await(&line))
    }

    /// The number of the source line.
    pub(super) fn line_of(&self, span: Span) -> usize {
        self.source.line_of(span.start)
    }

    pub(super) fn slice(&self, span: Span) -> &'o str {
        self.source.slice(span)
    }
}

/// How a step that enters a `finally` goes on behind it.
pub(super) fn way_into_finally(step: &Step) -> Option<AfterFinally> {
    match step.code.pieces.as_slice() {
        [Piece::Text(name), Piece::Text(way), ..] if name.ends_with(" = ") => word(way.strip_prefix("(\"")?),
        _ => None,
    }
}

/// The way that a question behind a `finally` asks for.
pub(super) fn way_out_of_finally(test: &Step) -> Option<AfterFinally> {
    match test.code.pieces.as_slice() {
        [Piece::Text(text)] => word(text.split_once(" == \"")?.1),
        _ => None,
    }
}

fn word(text: &str) -> Option<AfterFinally> {
    match text.split('"').next()? {
        "on" => Some(AfterFinally::On),
        "return" => Some(AfterFinally::Leave("return")),
        "break" => Some(AfterFinally::Leave("break")),
        "continue" => Some(AfterFinally::Leave("continue")),
        "raise" => Some(AfterFinally::Error),
        _ => None,
    }
}

/// From the first to the last piece of source in some code.
fn extent(code: &Code) -> Option<Span> {
    let mut spans = code.pieces.iter().filter_map(|piece| match piece {
        Piece::Source(span) => Some(*span),
        _ => None,
    });
    let first = spans.next()?;
    Some(spans.fold(first, Span::to))
}

/// A line of text in a node.
pub(super) fn short(text: &str) -> String {
    cut(text, MAX_LINE)
}

/// A line of text in small letters.
pub(super) fn small(text: &str) -> String {
    cut(text, MAX_SMALL)
}

/// A text on one line of at most `limit` characters.
pub(super) fn cut(text: &str, limit: usize) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let between = if line.is_empty() { "" } else { " " };
        line.extend([between, word]);
    }
    if line.chars().count() > limit {
        let end = line.char_indices().nth(limit - 1).map_or(line.len(), |(at, _)| at);
        line.truncate(end);
        line.push('…');
    }
    line
}

/// A call looks the same whether it is awaited or not.
pub(super) fn without_await(text: &str) -> Cow<'_, str> {
    const AWAIT: &str = "await ";
    let Some(first) = text.find(AWAIT) else { return text.into() };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut next = Some(first);
    while let Some(at) = next {
        let is_word =
            rest[..at].chars().last().or(out.chars().last()).is_none_or(|it| !it.is_alphanumeric() && it != '_');
        out.push_str(&rest[..at]);
        if !is_word {
            out.push_str(AWAIT);
        }
        rest = &rest[at + AWAIT.len()..];
        next = rest.find(AWAIT);
    }
    out.push_str(rest);
    out.into()
}

/// A line without its remark, unless the `#` may stand in a text.
fn without_remark(line: &str) -> &str {
    match line.split_once('#') {
        Some((code, _)) if !code.contains(['"', '\'']) => code.trim(),
        _ => line.trim(),
    }
}

/// Without the spaces that line breaks leave behind brackets.
fn tidy(text: &str) -> String {
    let mut text = text.to_owned();
    for open in ["( ", "[ ", "{ "] {
        text = text.replace(open, &open[..1]);
    }
    for close in [" )", " ]", " }", ", )", ", ]", ", }", ",)", ",]", ",}"] {
        text = text.replace(close, &close[close.len() - 1..]);
    }
    text
}
