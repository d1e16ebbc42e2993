//! Lines of Python: the source's own, moved to where they are needed, with remarks where they stood.

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
    pub(super) shows_lines: bool,
    text: String,
    /// How many lines there are.
    count: usize,
    marks: Vec<Mark>,
}

/// Where something of the source stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::program) struct Mark {
    /// What it is.
    pub(in crate::program) what: Marked,
    /// The line, from 1.
    pub(in crate::program) line: usize,
}

/// What is marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::program) enum Marked {
    /// A statement or condition at a place of the file of that name.
    Code(String, Span),
    /// A call at a place of the file of that name.
    Call(String, Span),
    /// A definition of the module, by the place where it stands.
    Definition(String),
    /// The beginning of a segment of the flow or of a helper.
    Segment(Option<String>, String),
}

impl<'w> Lines<'w> {
    /// An empty file.
    pub(super) fn new(source: &'w Source, cast: &'w Cast, flow: &'w Flow, shows_lines: bool) -> Self {
        let Flow { names, long_strings, edits, .. } = flow;
        Self { source, cast, names, long_strings, edits, shows_lines, text: String::new(), count: 0, marks: Vec::new() }
    }

    /// What follows comes from another file.
    pub(super) fn enter(&mut self, source: &'w Source, long_strings: &'w [Span]) {
        (self.source, self.long_strings) = (source, long_strings);
    }

    /// The whole file.
    pub(super) fn text(self) -> (String, Vec<Mark>) {
        (self.text, self.marks)
    }

    fn push(&mut self, depth: usize, text: &str) {
        (0..depth).for_each(|_| self.text.push_str("    "));
        self.text.push_str(text);
        self.text.push('\n');
        self.count += 1 + text.matches('\n').count();
    }

    /// Notes that what stands at `span` comes next.
    pub(super) fn mark(&mut self, span: Span) {
        if self.shows_lines {
            let what = Marked::Code(self.source.name().to_owned(), span);
            self.marks.push(Mark { what, line: self.count + 1 });
        }
    }

    /// Writes the beginning of a segment.
    pub(super) fn segment(&mut self, depth: usize, function: Option<&str>, label: &str) {
        if self.shows_lines {
            let what = Marked::Segment(function.map(str::to_owned), label.to_owned());
            self.marks.push(Mark { what, line: self.count + 1 });
        }
        self.line(depth, format!("case {}:", literal(label)));
    }

    pub(super) fn line(&mut self, depth: usize, text: impl AsRef<str>) {
        self.push(depth, text.as_ref());
    }

    /// Writes `text` with the remark that it stands at `line` of the source.
    pub(super) fn line_from(&mut self, depth: usize, text: &str, line: usize) {
        if self.shows_lines {
            self.line(depth, format!("{text}  # {line}"));
        } else {
            self.line(depth, text);
        }
    }

    /// Writes a remark about lines of the source.
    pub(super) fn remark(&mut self, depth: usize, text: impl AsRef<str>) {
        if self.shows_lines {
            self.line(depth, format!("# {}", text.as_ref()));
        }
    }

    pub(super) fn blank(&mut self, count: usize) {
        (0..count).for_each(|_| self.push(0, ""));
    }

    /// What stands at the top: docstring, imports, definitions of the module.
    pub(super) fn header(&mut self, flow: &Flow) {
        let (file, function) = (self.source.name().to_owned(), flow.function.clone());
        let file = file.replace('\\', "/").replace('"', "'");
        self.line(0, format!("\"\"\"Router of the flow `{function}`, compiled from {file}.\n\nDo not edit: `asya compile` writes it anew. Numbers behind `#` are lines of the source.\n\"\"\""));
        let (imports, others): (Vec<&Carried>, Vec<&Carried>) =
            flow.carried.iter().partition(|carried| carried.kind == CarriedKind::Import);
        if !imports.is_empty() {
            self.blank(1);
            imports.into_iter().for_each(|import| self.line(0, &import.text));
        }
        for carried in others {
            self.blank(if carried.kind == CarriedKind::Definition { 2 } else { 1 });
            if self.shows_lines {
                self.marks.push(Mark { what: Marked::Definition(carried.place.clone()), line: self.count + 1 });
            }
            let text = carried.text.replace("\r\n", "\n");
            if text.contains('\n') {
                if !carried.place.is_empty() {
                    self.remark(0, &carried.place);
                }
                self.push(0, &text);
            } else if self.shows_lines && !carried.place.is_empty() {
                self.line(0, format!("{text}  # {}", carried.place));
            } else {
                self.line(0, text);
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
            self.remark(depth, format!("{first}-{last}"));
            self.push(depth, &text);
        }
    }

    /// Writes the head of a block, `if test:`, in brackets when it goes over several lines.
    pub(super) fn head(&mut self, word: &str, step: &Step, depth: usize) {
        let text = self.code(&step.code, step.span, depth + 1);
        self.mark(step.span);
        let line = self.source.line_of(step.span.start);
        if text.contains('\n') {
            self.line_from(depth, &format!("{word} ("), line);
            self.push(depth + 1, &text);
            self.line(depth, "):");
        } else {
            self.line_from(depth, &format!("{word} {text}:"), line);
        }
    }

    /// Writes what a call is in the source, on one line.
    pub(super) fn call(&mut self, span: Span, depth: usize) {
        if self.shows_lines {
            let what = Marked::Call(self.source.name().to_owned(), span);
            self.marks.push(Mark { what, line: self.count + 1 });
        }
        let line = self.source.line_of(span.start);
        let words: Vec<&str> = self.source.slice(span).split_whitespace().collect();
        self.remark(depth, format!("{line}: {}", words.join(" ")));
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
                Piece::Source(span) => out.push_str(&self.source_text(*span, from, depth)),
                Piece::Text(text) => out.push_str(text),
                Piece::Actor(handler) => {
                    let name = literal(self.cast.name(handler).as_str());
                    out.push_str(&format!("{}({name})", self.names.call));
                }
                Piece::Helper(name) => out.push_str(&format!("{}({})", self.names.helper, literal(name))),
            }
        }
        out
    }

    /// The source text of a span; lines after the first are moved from their old indentation to
    /// `depth`, except inside string literals.
    fn source_text(&self, span: Span, from: Span, depth: usize) -> String {
        let text = self.source.slice(span);
        if !text.contains('\n') {
            return self.edits.text(self.source, span).into_owned();
        }
        let line_start = self.source.line_start(self.source.line_of(from.start));
        let before = self.source.slice(Span::new(line_start, from.start));
        let old: String = before.chars().take_while(|c| c.is_whitespace()).collect();
        let indent = "    ".repeat(depth);
        let mut at = span.start;
        let mut out = String::new();
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
        out
    }

    /// Whether a string over several lines goes on at byte `at`; they stand in source order and
    /// none is inside another.
    fn is_in_string(&self, at: usize) -> bool {
        let strings = self.long_strings;
        let begun = strings.partition_point(|string| string.start < at);
        strings.get(..begun).and_then(|begun| begun.last()).is_some_and(|string| at < string.end)
    }
}
