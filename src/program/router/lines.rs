//! Lines of Python: the source's own, moved to where they are needed, with remarks where they stood.

use std::fmt::{Display, Write as _};
use std::ops::Range;

use super::super::actors::Cast;
use super::literal;
use crate::flow::{Carried, CarriedKind, Code, Edits, Flow, Piece, RouterNames, Step};
use crate::source::{Source, Span};

/// A Python file that grows line by line.
pub(super) struct Lines<'w> {
    source: &'w Source,
    cast: &'w Cast,
    names: &'w RouterNames,
    long_strings: &'w [Span],
    edits: &'w Edits,
    text: String,
    marks: Vec<Mark<'w>>,
    /// The parts of the text that say where something stands in the source, in order.
    asides: Vec<Range<usize>>,
}

/// Where something of the source stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::program) struct Mark<'m> {
    /// What it is.
    pub(in crate::program) what: Marked<'m>,
    /// The byte where its line begins.
    pub(in crate::program) at: usize,
}

/// What is marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::program) enum Marked<'m> {
    /// A statement or condition at a place of the file of that name.
    Code(&'m str, Span),
    /// A call at a place of the file of that name.
    Call(&'m str, Span),
    /// A definition of the module, by the place where it stands.
    Definition(&'m str),
    /// The beginning of a segment of the flow or of a helper.
    Segment(Option<&'m str>, &'m str),
}

/// A whole file.
pub(super) struct Written<'w> {
    pub(super) text: String,
    pub(super) marks: Vec<Mark<'w>>,
    /// What of the text is the same wherever the source's lines stand, in order.
    pub(super) code: Vec<Range<usize>>,
}

impl<'w> Lines<'w> {
    /// An empty file.
    pub(super) fn new(source: &'w Source, cast: &'w Cast, flow: &'w Flow) -> Self {
        let Flow { names, long_strings, edits, .. } = flow;
        Self { source, cast, names, long_strings, edits, text: String::new(), marks: Vec::new(), asides: Vec::new() }
    }

    /// What follows comes from another file.
    pub(super) fn enter(&mut self, source: &'w Source, long_strings: &'w [Span]) {
        (self.source, self.long_strings) = (source, long_strings);
    }

    /// The whole file.
    pub(super) fn written(self) -> Written<'w> {
        let starts = std::iter::once(0).chain(self.asides.iter().map(|aside| aside.end));
        let ends = self.asides.iter().map(|aside| aside.start).chain([self.text.len()]);
        let code = starts.zip(ends).map(|(start, end)| start..end).collect();
        Written { code, text: self.text, marks: self.marks }
    }

    fn push(&mut self, text: impl Display) {
        // Writing to a string does not fail.
        let _ = write!(self.text, "{text}");
    }

    fn indent(&mut self, depth: usize) {
        (0..depth).for_each(|_| self.text.push_str("    "));
    }

    fn end_line(&mut self) {
        self.text.push('\n');
    }

    /// Notes that `what` comes next.
    fn note(&mut self, what: Marked<'w>) {
        self.marks.push(Mark { what, at: self.text.len() });
    }

    /// Notes that what stands at `span` comes next.
    pub(super) fn mark(&mut self, span: Span) {
        self.note(Marked::Code(self.source.name(), span));
    }

    /// Writes the beginning of a segment.
    pub(super) fn segment(&mut self, depth: usize, function: Option<&'w str>, label: &'w str) {
        self.note(Marked::Segment(function, label));
        self.line(depth, format_args!("case {}:", literal(label)));
    }

    pub(super) fn line(&mut self, depth: usize, text: impl Display) {
        self.indent(depth);
        self.push(text);
        self.end_line();
    }

    /// Writes whole lines.
    pub(super) fn lines(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes what depends on where the source's lines stand.
    pub(super) fn aside(&mut self, write: impl FnOnce(&mut Self)) {
        let start = self.text.len();
        write(self);
        self.asides.push(start..self.text.len());
    }

    /// Writes `text` with the remark that it stands at `line` of the source.
    pub(super) fn line_from(&mut self, depth: usize, text: impl Display, line: impl Display) {
        self.indent(depth);
        self.push(text);
        self.aside(|lines| lines.push(format_args!("  # {line}")));
        self.end_line();
    }

    /// Writes a remark about lines of the source.
    pub(super) fn remark(&mut self, depth: usize, text: impl Display) {
        self.aside(|lines| lines.line(depth, format_args!("# {text}")));
    }

    /// Writes a line `open` and `close`, with what depends on where the source's lines stand inside.
    pub(super) fn line_around(&mut self, open: impl Display, inside: impl FnOnce(&mut Self), close: &str) {
        self.push(open);
        self.aside(inside);
        self.push(close);
        self.end_line();
    }

    pub(super) fn blank(&mut self, count: usize) {
        (0..count).for_each(|_| self.end_line());
    }

    /// What stands at the top: docstring, imports, definitions of the module.
    pub(super) fn header(&mut self, flow: &'w Flow) {
        let function = &flow.function;
        let file = self.source.name().replace('\\', "/").replace('"', "'");
        self.line(0, format_args!("\"\"\"Router of the flow `{function}`, compiled from {file}.\n\nDo not edit: `asya compile` writes it anew. Numbers behind `#` are lines of the source.\n\"\"\""));
        let (imports, others): (Vec<&Carried>, Vec<&Carried>) =
            flow.carried.iter().partition(|carried| carried.kind == CarriedKind::Import);
        if !imports.is_empty() {
            self.blank(1);
            imports.into_iter().for_each(|import| self.line(0, &import.text));
        }
        for carried in others {
            self.blank(if carried.kind == CarriedKind::Definition { 2 } else { 1 });
            self.note(Marked::Definition(&carried.place));
            let text = carried.text.replace("\r\n", "\n");
            if carried.place.is_empty() {
                self.line(0, text);
            } else if text.contains('\n') {
                self.remark(0, &carried.place);
                self.line(0, text);
            } else {
                self.line_from(0, text, &carried.place);
            }
        }
    }

    /// Writes a statement.
    pub(super) fn statement(&mut self, step: &Step, depth: usize) {
        let (first, last) =
            (self.source.line_of(step.span.start), self.source.line_of(step.span.end.saturating_sub(1)));
        let text = self.code(&step.code, step.span, depth);
        self.mark(step.span);
        if first == last || !text.contains('\n') {
            self.line_from(depth, &text, first);
        } else {
            self.remark(depth, format_args!("{first}-{last}"));
            self.line(depth, &text);
        }
    }

    /// Writes the head of a block, `if test:`, in brackets when it goes over several lines.
    pub(super) fn head(&mut self, word: &str, step: &Step, depth: usize) {
        let text = self.code(&step.code, step.span, depth + 1);
        self.mark(step.span);
        let line = self.source.line_of(step.span.start);
        if text.contains('\n') {
            self.line_from(depth, format_args!("{word} ("), line);
            self.line(depth + 1, &text);
            self.line(depth, "):");
        } else {
            self.line_from(depth, format_args!("{word} {text}:"), line);
        }
    }

    /// Writes what a call is in the source, on one line.
    pub(super) fn call(&mut self, span: Span, depth: usize) {
        self.note(Marked::Call(self.source.name(), span));
        let line = self.source.line_of(span.start);
        let source = self.source;
        self.aside(|lines| {
            lines.indent(depth);
            lines.push(format_args!("# {line}:"));
            source.slice(span).split_whitespace().for_each(|word| lines.text.extend([" ", word]));
            lines.end_line();
        });
    }

    /// The line where a span starts.
    pub(super) fn line_of(&self, span: Span) -> usize {
        self.source.line_of(span.start)
    }

    /// Code of the statement at `from` as text whose lines after the first stand at `depth`.
    pub(super) fn code(&self, code: &Code, from: Span, depth: usize) -> String {
        let mut out = String::new();
        for piece in &code.pieces {
            match piece {
                Piece::Source(span) => self.source_text(&mut out, *span, from, depth),
                Piece::Text(text) => out.push_str(text),
                Piece::Actor(handler) => {
                    let name = literal(self.cast.name(handler).as_str());
                    let _ = write!(out, "{}({name})", self.names.call);
                }
                Piece::Helper(name) => {
                    let _ = write!(out, "{}({})", self.names.helper, literal(name));
                }
            }
        }
        out
    }

    /// Writes the source text of a span; lines after the first are moved from their old indentation to
    /// `depth`, except inside string literals.
    fn source_text(&self, out: &mut String, span: Span, from: Span, depth: usize) {
        let text = self.source.slice(span);
        if !text.contains('\n') {
            return out.push_str(&self.edits.text(self.source, span));
        }
        let line_start = self.source.line_start(self.source.line_of(from.start));
        let before = self.source.slice(Span::new(line_start, from.start));
        let old: String = before.chars().take_while(|c| c.is_whitespace()).collect();
        let indent = "    ".repeat(depth);
        let mut at = span.start;
        for line in text.split_inclusive('\n') {
            let is_first = at == span.start;
            let goes_on = self.is_in_string(at) || self.edits.goes_over(self.source, at);
            let edited = |skipped: usize| self.edits.text(self.source, Span::new(at + skipped, at + line.len()));
            if is_first || goes_on {
                out.push_str(&edited(0));
            } else if line.trim().is_empty() && line.ends_with('\n') {
                out.push('\n');
            } else {
                out.push_str(&indent);
                let rest = line.strip_prefix(old.as_str()).unwrap_or(line.trim_start());
                out.push_str(&edited(line.len() - rest.len()));
            }
            at += line.len();
        }
    }

    /// Whether a string over several lines goes on at byte `at`; they stand in source order and
    /// none is inside another.
    fn is_in_string(&self, at: usize) -> bool {
        let strings = self.long_strings;
        let begun = strings.partition_point(|string| string.start < at);
        strings.get(..begun).and_then(|begun| begun.last()).is_some_and(|string| at < string.end)
    }
}
