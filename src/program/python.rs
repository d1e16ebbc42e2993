//! The router's text: the flow's own lines, cut at the calls.

use super::Settings;
use super::actors::Cast;
use super::segments::{Body, Exit, Leave, Segments};
use crate::flow::{BlockId, Carried, End, Flow, is_builtin};
use crate::source::{Source, Span};

/// The text of a router and the name of its handler function.
pub(super) struct RouterText {
    /// `start_<flow>`.
    pub(super) handler: String,
    /// The whole file.
    pub(super) code: String,
    /// The same without line numbers: what the router does, wherever its lines stand.
    pub(super) code_without_lines: String,
}

/// Writes the router.
pub(super) fn router(
    flow: &Flow,
    source: &Source,
    settings: &Settings,
    cast: &Cast,
    segments: &Segments,
) -> RouterText {
    let name = settings.flow.as_identifier();
    let taken: Vec<String> = std::iter::once(flow.payload.clone()).chain(carried_words(&flow.carried)).collect();
    let names =
        Names { step: fresh(&name, &taken), handler: fresh(&format!("start_{name}"), &taken), at: fresh("at", &taken) };
    let write = |shows_lines| {
        let has_frame = segments.need_frame();
        let mut writer = Writer { flow, source, cast, names: &names, has_frame, shows_lines, lines: Vec::new() };
        writer.header();
        writer.step(segments);
        writer.handler(settings);
        writer.lines.join("\n") + "\n"
    };
    let (code, code_without_lines) = (write(true), write(false));
    RouterText { handler: names.handler, code, code_without_lines }
}

struct Names {
    step: String,
    handler: String,
    at: String,
}

struct Writer<'w> {
    flow: &'w Flow,
    source: &'w Source,
    cast: &'w Cast,
    names: &'w Names,
    has_frame: bool,
    shows_lines: bool,
    lines: Vec<String>,
}

impl Writer<'_> {
    fn line(&mut self, depth: usize, text: impl AsRef<str>) {
        self.lines.push(format!("{}{}", "    ".repeat(depth), text.as_ref()));
    }

    /// Writes `text` with the remark that it stands at `line` of the source.
    fn line_from(&mut self, depth: usize, text: &str, line: usize) {
        if self.shows_lines {
            self.line(depth, format!("{text}  # {line}"));
        } else {
            self.line(depth, text);
        }
    }

    /// Writes a remark about lines of the source.
    fn remark(&mut self, depth: usize, text: impl AsRef<str>) {
        if self.shows_lines {
            self.line(depth, format!("# {}", text.as_ref()));
        }
    }

    fn blank(&mut self, count: usize) {
        self.lines.extend(std::iter::repeat_n(String::new(), count));
    }

    fn header(&mut self) {
        let (file, function) = (self.source.name().to_owned(), self.flow.function.clone());
        let file = file.replace('\\', "/").replace('"', "'");
        self.line(0, format!("\"\"\"Router of the flow `{function}`, compiled from {file}.\n\nDo not edit: `asya compile` writes it anew. Numbers behind `#` are lines of the source.\n\"\"\""));
        let (imports, others): (Vec<&Carried>, Vec<&Carried>) =
            self.flow.carried.iter().partition(|carried| carried.is_import);
        if !imports.is_empty() {
            self.blank(1);
            imports.into_iter().for_each(|import| self.line(0, &import.text));
        }
        for carried in others {
            let is_function = carried.text.starts_with("def ");
            self.blank(if is_function { 2 } else { 1 });
            let line = self.source.line_of(carried.span.start);
            let text = carried.text.replace("\r\n", "\n");
            if text.contains('\n') {
                self.remark(0, line.to_string());
                self.lines.push(text);
            } else {
                self.line_from(0, &text, line);
            }
        }
    }

    fn step(&mut self, segments: &Segments) {
        self.blank(2);
        let (step, at, payload) = (self.names.step.clone(), self.names.at.clone(), self.flow.payload.clone());
        let is_single = segments.all.len() == 1 && !self.has_frame && !segments.have_jumps();
        if is_single {
            self.line(0, format!("def {step}({payload}):"));
            self.line(1, "\"\"\"Runs the flow to its actor calls; answers the payload and the calls.\"\"\"");
            segments.all.iter().for_each(|segment| self.body(&segment.body, 1));
            return;
        }
        if self.has_frame {
            self.line(0, format!("def {step}({payload}, {at}):"));
            self.line(1, format!("\"\"\"Runs the flow from `{at}` to its next actor calls.\n\n    Answers the payload, the calls, and where the flow goes on after them (None: nowhere).\n    \"\"\""));
        } else {
            self.line(0, format!("def {step}({payload}):"));
            self.line(1, "\"\"\"Runs the flow to its actor calls; answers the payload and the calls.\"\"\"");
            self.line(1, format!("{at} = \"start\""));
        }
        self.line(1, "while True:");
        self.line(2, format!("match {at}:"));
        for segment in &segments.all {
            self.line(3, format!("case {}:", literal(&segment.label)));
            self.body(&segment.body, 4);
        }
        if self.has_frame {
            let flow = &self.flow.function;
            self.line(3, "case _:");
            self.line(4, format!("raise RuntimeError(f\"the flow `{flow}` has no place {{{at}!r}}: the message was sent by another version of it\")"));
        }
    }

    fn body(&mut self, body: &Body, depth: usize) {
        for &block in &body.blocks {
            for span in &self.flow.graph.blocks[block].statements {
                self.statement(*span, depth);
            }
        }
        match &body.leave {
            Leave::Send(exit) => self.send(exit, depth),
            Leave::Return => {
                let payload = self.flow.payload.clone();
                let end = if self.has_frame { ", None" } else { "" };
                self.line(depth, format!("return {payload}, []{end}"));
            }
            Leave::Raise => {}
            Leave::Goto(label) => {
                self.line(depth, format!("{} = {}", self.names.at, literal(label)));
                self.line(depth, "continue");
            }
            Leave::Branch { block, then, orelse } => {
                self.branch(*block, depth);
                self.body(then, depth + 1);
                // Every way through `then` leaves, so the other way needs no `else`.
                self.body(orelse, depth);
            }
        }
    }

    fn branch(&mut self, block: BlockId, depth: usize) {
        let End::Branch { test, .. } = self.flow.graph.blocks[block].end else { return };
        let text = self.text(test, depth + 1);
        let line = self.source.line_of(test.start);
        if text.contains('\n') {
            self.line_from(depth, "if (", line);
            self.lines.push(format!("{}{text}", "    ".repeat(depth + 1)));
            self.line(depth, "):");
        } else {
            self.line_from(depth, &format!("if {text}:"), line);
        }
    }

    fn send(&mut self, exit: &Exit, depth: usize) {
        for call in &exit.calls {
            let line = self.source.line_of(call.span.start);
            let words: Vec<&str> = self.source.slice(call.span).split_whitespace().collect();
            self.remark(depth, format!("{line}: {}", words.join(" ")));
        }
        let calls: Vec<String> =
            exit.calls.iter().map(|call| literal(self.cast.name(&call.handler).as_str())).collect();
        let mut answer = format!("return {}, [{}]", self.flow.payload, calls.join(", "));
        if self.has_frame {
            answer.push_str(", ");
            answer.push_str(&exit.then.as_deref().map_or("None".to_owned(), literal));
        }
        self.line(depth, answer);
    }

    fn statement(&mut self, span: Span, depth: usize) {
        let (first, last) = (self.source.line_of(span.start), self.source.line_of(span.end.saturating_sub(1)));
        let text = self.text(span, depth);
        if first == last {
            self.line_from(depth, &text, first);
        } else {
            self.remark(depth, format!("{first}-{last}"));
            self.lines.push(format!("{}{text}", "    ".repeat(depth)));
        }
    }

    /// The source text of a span; lines after the first are moved from their old indentation to
    /// `depth`, except inside string literals.
    fn text(&self, span: Span, depth: usize) -> String {
        let text = self.source.slice(span);
        if !text.contains('\n') {
            return self.kept(span);
        }
        let line_start = self.source.line_start(self.source.line_of(span.start));
        let before = self.source.slice(Span::new(line_start, span.start));
        let old: String = before.chars().take_while(|c| c.is_whitespace()).collect();
        let indent = "    ".repeat(depth);
        let mut at = span.start;
        let mut out = String::new();
        for line in text.split_inclusive('\n') {
            let is_first = at == span.start;
            let in_string = self.is_in_string(at);
            let kept = self.kept(Span::new(at, at + line.len()));
            if is_first || in_string {
                out.push_str(&kept);
            } else if line.trim().is_empty() {
                out.push('\n');
            } else {
                out.push_str(&indent);
                out.push_str(kept.strip_prefix(old.as_str()).unwrap_or(kept.trim_start()));
            }
            at += line.len();
        }
        out
    }

    /// The source text without call-site wrappers.
    fn kept(&self, span: Span) -> String {
        let mut text = String::new();
        let mut at = span.start;
        let dropped = &self.flow.dropped;
        let first = dropped.partition_point(|gap| gap.start < span.start);
        for gap in dropped.iter().skip(first).take_while(|gap| gap.end <= span.end) {
            text.push_str(self.source.slice(Span::new(at, gap.start)));
            at = gap.end;
        }
        text.push_str(self.source.slice(Span::new(at, span.end)));
        text
    }

    /// Whether a string over several lines goes on at byte `at`; they stand in source order and
    /// none is inside another.
    fn is_in_string(&self, at: usize) -> bool {
        let strings = &self.flow.long_strings;
        let begun = strings.partition_point(|string| string.start < at);
        strings.get(..begun).and_then(|begun| begun.last()).is_some_and(|string| at < string.end)
    }

    fn handler(&mut self, settings: &Settings) {
        let Names { step, handler, at } = self.names;
        let (flow, router) = (literal(settings.flow.as_str()), literal(self.cast.router.as_str()));
        let (step, handler, at) = (step.clone(), handler.clone(), at.clone());
        self.blank(2);
        self.line(0, format!("def {handler}(payload):"));
        if self.has_frame {
            self.line(1, "\"\"\"Receives a message of the flow and sends it on.\"\"\"");
            self.line(
                1,
                "headers = yield \"GET\", \".headers\"  # all: asking for one that is missing ends the message",
            );
            self.line(
                1,
                format!("if \"x-asya-frame\" not in headers and {router} in (yield \"GET\", \".route.prev\"):"),
            );
            self.line(
                2,
                "raise RuntimeError(\"the place to go on is lost: a handler replaced the headers of the message\")",
            );
            self.line(1, "stack = list(headers.get(\"x-asya-frame\") or [])");
            self.line(1, format!("{at} = \"start\""));
            self.line(1, format!("if stack and stack[-1].get(\"flow\") == {flow}:"));
            self.line(2, format!("{at} = stack.pop()[\"at\"]"));
            self.line(1, format!("payload, calls, {at} = {step}(payload, {at})"));
            self.line(1, format!("if {at} is not None:"));
            self.line(2, format!("calls = [*calls, {router}]"));
            self.line(2, format!("stack.append({{\"flow\": {flow}, \"at\": {at}}})"));
        } else {
            self.line(1, "\"\"\"Receives a message for the flow and sends it on.\"\"\"");
            self.line(1, format!("payload, calls = {step}(payload)"));
        }
        self.line(1, "if payload is None:");
        self.line(2, "raise TypeError(\"the payload became None, which cannot be sent to an actor\")");
        if self.has_frame {
            self.line(
                1,
                "yield \"SET\", \".headers.x-asya-frame\", stack  # [] at the end: a deleted header would come back",
            );
        }
        self.line(
            1,
            "yield \"SET\", \".route.next[:0]\", calls  # in front: what is queued behind belongs to the caller",
        );
        self.line(
            1,
            "yield list(payload) if isinstance(payload, tuple) else payload  # a tuple would be taken for a command",
        );
    }
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

/// Every word of the carried definitions: more than the names they bind, never fewer.
fn carried_words(carried: &[Carried]) -> Vec<String> {
    carried
        .iter()
        .flat_map(|carried| carried.text.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A name that hides nothing the flow's own lines may mean.
fn fresh(name: &str, taken: &[String]) -> String {
    let mut name = name.to_owned();
    while taken.contains(&name) || is_builtin(&name) || is_keyword(&name) {
        name.push('_');
    }
    name
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
