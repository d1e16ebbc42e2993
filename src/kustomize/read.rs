//! Text to nodes, within limits: no file, however made, may take all memory or the stack.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle};

use super::error::{Fault, RenderError};
use super::node::{Kind, Node, Scalar, Style, Tag};
use crate::source::{Source, Span};
use crate::yaml::{Dialect, Resolved, resolve};

/// Largest file that is read, in bytes.
pub const FILE_MAX: u64 = 20 << 20;
/// Most nodes a document may have once its anchors are expanded.
const NODES_MAX: usize = 1_000_000;
/// Deepest nesting of a document once its anchors are expanded.
const DEPTH_MAX: usize = 200;

/// The text of a file as a source: UTF-8, line breaks as `\n`.
pub(super) fn text_of(name: &str, bytes: &[u8]) -> Result<Source, RenderError> {
    if bytes.len() as u64 > FILE_MAX {
        return Err(RenderError::plain(
            format!("`{name}` is too large"),
            format!("it has {} bytes, {FILE_MAX} are read", bytes.len()),
            "move large data out of the manifests",
        ));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            return Err(RenderError::plain(
                format!("`{name}` is not text"),
                format!("byte {} is not UTF-8", error.valid_up_to() + 1),
                "save the file as UTF-8, or list it under `configMapGenerator` files",
            ));
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source::new(name, text.replace("\r\n", "\n"));
    match source.text().find(['\u{85}', '\u{2028}', '\u{2029}']) {
        Some(at) => Err(other_line_break(&source, at)),
        None => Ok(source),
    }
}

/// A character that ends a line for some readers of YAML, kustomize's among them, and not for others.
fn other_line_break(source: &Source, at: usize) -> RenderError {
    let found = source.text().get(at..).and_then(|rest| rest.chars().next()).unwrap_or_default();
    let code = u32::from(found);
    Fault::new(Span::new(at, at + found.len_utf8()), format!("the character U+{code:04X} stands here as it is"))
        .note("some readers of YAML take it for a line break, others do not")
        .help(format!("write it as `\\u{code:04x}` in double quotes"))
        .of(source)
}

/// The documents of a file that hold something, each with its first node. Documents end at lines
/// that start with `---`, wherever they stand, as in kustomize.
pub(super) fn documents(source: &Source) -> Result<Vec<Node>, RenderError> {
    let mut nodes = Vec::new();
    for (start, end) in split(source)? {
        if let Some(node) = first_document(source, start, end)?
            && !node.is_null()
        {
            nodes.push(node);
        }
    }
    Ok(nodes)
}

/// The one document of a file; `None` when it is empty.
pub(super) fn document(source: &Source) -> Result<Option<Node>, RenderError> {
    Ok(first_document(source, 0, source.text().len())?.filter(|node| !node.is_null()))
}

fn split(source: &Source) -> Result<Vec<(usize, usize)>, RenderError> {
    let text = source.text();
    let mut parts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("\n---")) {
        let separator = at + found;
        let Some(length) = text[separator + 1..].find('\n') else { break };
        let after = separator + 1 + length + 1;
        let rest = text[separator + 4..after].trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            return Err(Fault::new(Span::new(separator + 1, after - 1), "text follows a document separator")
                .help("put it on the next line")
                .of(source));
        }
        parts.push((start, separator + 1));
        start = after;
        // The line break that ends a separator cannot start the next one.
        at = after;
    }
    parts.push((start, text.len()));
    Ok(parts)
}

fn first_document(source: &Source, start: usize, end: usize) -> Result<Option<Node>, RenderError> {
    let text = source.text().get(start..end).unwrap_or_default();
    let mut options = granit_parser::options! { flow_nesting_limit: DEPTH_MAX, block_nesting_limit: DEPTH_MAX };
    options.set_emit_comments(false);
    let mut builder = Builder { source, offset: start, anchors: HashMap::new(), nodes: 0 };
    let mut stack: Vec<Open> = Vec::new();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, place) = event.map_err(|error| builder.syntax_error(&error))?;
        let span = match place.byte_range() {
            Some(range) => Span::new(start + range.start, start + range.end),
            None => Span::new(start, start),
        };
        let complete = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| (tag.handle().to_owned(), tag.suffix().to_owned()));
                let node = builder.scalar(text.into_owned(), style, tag, span)?;
                Some(builder.remember(anchor, node, 0, span)?)
            }
            Event::Alias(id) => Some(builder.alias(id, stack.len(), span)?),
            Event::SequenceStart(_, anchor, tag) | Event::MappingStart(_, anchor, tag)
                if tag.as_ref().is_some_and(|tag| !matches!(tag.suffix(), "map" | "seq" | "")) =>
            {
                let _ = anchor;
                return Err(Fault::new(span, "a tag that is not known").of(source));
            }
            Event::SequenceStart(_, anchor, _) => {
                stack.push(Open { anchor, span, depth: 0, parts: Parts::List(Vec::new()) });
                None
            }
            Event::MappingStart(_, anchor, _) => {
                stack.push(Open { anchor, span, depth: 0, parts: Parts::Map(Vec::new(), None) });
                None
            }
            Event::SequenceEnd | Event::MappingEnd => match stack.pop() {
                Some(open) => {
                    let span = open.span.to(span);
                    let (anchor, depth) = (open.anchor, open.depth);
                    let node = builder.close(open, span)?;
                    Some(builder.remember(anchor, node, depth + 1, span)?)
                }
                None => None,
            },
            Event::DocumentEnd | Event::StreamEnd => return Ok(None),
            _ => None,
        };
        let Some((node, depth)) = complete else { continue };
        match stack.last_mut() {
            None => return Ok(Some(node)),
            Some(open) => {
                open.depth = open.depth.max(depth);
                open.add(node);
            }
        }
    }
    Ok(None)
}

/// Whether a line of text is a map or list to a reader of YAML.
pub(super) fn is_collection(text: &str) -> bool {
    let marked = text.starts_with(['[', '{']) || text == "-" || text.starts_with("- ") || text.starts_with("? ");
    if !marked && !text.ends_with(':') && !text.contains(": ") {
        return false;
    }
    let source = Source::new("", text);
    matches!(document(&source), Ok(Some(node)) if !matches!(node.kind, Kind::Scalar(_)))
}

/// A collection whose end has not been seen.
struct Open {
    anchor: usize,
    span: Span,
    /// Depth of the deepest node inside.
    depth: usize,
    parts: Parts,
}

enum Parts {
    List(Vec<Node>),
    Map(Vec<(Node, Node)>, Option<Node>),
}

impl Open {
    fn add(&mut self, node: Node) {
        match &mut self.parts {
            Parts::List(items) => items.push(node),
            Parts::Map(fields, key) => match key.take() {
                None => *key = Some(node),
                Some(name) => fields.push((name, node)),
            },
        }
    }
}

struct Builder<'a> {
    source: &'a Source,
    offset: usize,
    /// Anchored nodes with their depth and size.
    anchors: HashMap<usize, (Node, usize, usize)>,
    nodes: usize,
}

impl Builder<'_> {
    fn syntax_error(&self, error: &granit_parser::ScanError) -> RenderError {
        let at = error.marker().byte_offset().map_or(self.offset, |at| self.offset + at);
        let at = at.min(self.source.text().len());
        let message = match error.info().as_str() {
            "recursion limit exceeded" => format!("the document is more than {DEPTH_MAX} levels deep"),
            other => format!("this is not YAML: {other}"),
        };
        Fault::new(Span::new(at, at), message).of(self.source)
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), RenderError> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > NODES_MAX {
            return Err(Fault::new(span, "the document is too large")
                .note(format!("it has more than {NODES_MAX} values once its anchors are expanded"))
                .of(self.source));
        }
        Ok(())
    }

    /// Whether `span` reaches the end of a file whose last line has text and no line break.
    fn ends_without_break(&self, span: Span) -> bool {
        let text = self.source.text();
        let last = text.rsplit('\n').next().unwrap_or_default();
        !last.trim().is_empty() && text.get(span.end..).is_none_or(|rest| rest.trim().is_empty())
    }

    fn scalar(
        &mut self,
        text: String,
        style: ScalarStyle,
        tag: Option<(String, String)>,
        span: Span,
    ) -> Result<Node, RenderError> {
        self.count(1, span)?;
        // A value that was left out and one spelt `~` are different to strategic merge.
        let mut text = if span.start == span.end && style == ScalarStyle::Plain { String::new() } else { text };
        // The parser ends the last line of a block with a line break even where the file has none.
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) && self.ends_without_break(span) {
            text.truncate(text.trim_end_matches('\n').len());
        }
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::Folded => Style::Folded,
            _ => Style::Quoted,
        };
        let tagged = tag.is_some();
        let tag = match tag.as_ref().map(|(handle, suffix)| (handle.as_str(), suffix.as_str())) {
            None if style != Style::Plain => Tag::Str,
            None if text == "<<" => Tag::Merge,
            None => match resolve(&text, Dialect::V3) {
                Resolved::Null => Tag::Null,
                Resolved::Str => Tag::Str,
                _ => Tag::Plain,
            },
            // A tag of one's own says that it is text.
            Some(("tag:yaml.org,2002:", "str")) | Some(("!", _)) => Tag::Str,
            Some(("tag:yaml.org,2002:", "null")) => Tag::Null,
            Some(("tag:yaml.org,2002:", "int" | "bool" | "timestamp")) => Tag::Plain,
            Some(("tag:yaml.org,2002:", "float")) => Tag::Float,
            Some((handle, suffix)) => {
                return Err(Fault::new(span, format!("the tag `{handle}{suffix}` is not supported"))
                    .help("write the value without a tag")
                    .of(self.source));
            }
        };
        let style = match tag {
            _ if tagged && style == Style::Plain => Style::Tagged,
            Tag::Plain | Tag::Float | Tag::Null => Style::Plain,
            _ => style,
        };
        Ok(Node { kind: Kind::Scalar(Scalar { text, tag, style, shared: 0 }), span })
    }

    fn alias(&mut self, id: usize, open: usize, span: Span) -> Result<(Node, usize), RenderError> {
        let Some((node, depth, size)) = self.anchors.get(&id).cloned() else {
            return Err(Fault::new(span, "an anchor that holds itself, or that is not there").of(self.source));
        };
        self.count(size, span)?;
        self.check_depth(open + depth, span)?;
        Ok((node, depth))
    }

    fn check_depth(&self, depth: usize, span: Span) -> Result<(), RenderError> {
        if depth > DEPTH_MAX {
            return Err(Fault::new(span, "the document is nested too deeply")
                .note(format!("it is more than {DEPTH_MAX} levels deep"))
                .of(self.source));
        }
        Ok(())
    }

    fn remember(&mut self, anchor: usize, node: Node, depth: usize, span: Span) -> Result<(Node, usize), RenderError> {
        self.check_depth(depth, span)?;
        if anchor > 0 {
            let size = size_of(&node);
            self.count(size, span)?;
            self.anchors.insert(anchor, (node.clone(), depth, size));
        }
        Ok((node, depth))
    }

    fn close(&mut self, open: Open, span: Span) -> Result<Node, RenderError> {
        self.count(1, span)?;
        let kind = match open.parts {
            Parts::List(items) => Kind::List(items),
            Parts::Map(fields, _) => Kind::Map(self.merged(fields)?),
        };
        Ok(Node { kind, span })
    }

    /// The fields with `<<` expanded: own fields win, then the first of the merged maps.
    fn merged(&mut self, fields: Vec<(Node, Node)>) -> Result<Vec<(Node, Node)>, RenderError> {
        let mut seen: HashSet<&str> = HashSet::with_capacity(fields.len());
        for (key, _) in &fields {
            let Kind::Scalar(scalar) = &key.kind else {
                return Err(Fault::new(key.span, format!("a key cannot be {}", key.what()))
                    .help_opt(key.is_map().then(|| "quote text that starts with `{`".to_owned()))
                    .of(self.source));
            };
            if scalar.text == "<<" && scalar.tag != Tag::Merge {
                return Err(Fault::new(key.span, "a key cannot be `<<` in quotes")
                    .note("kustomize takes it for a merge and loses it")
                    .help("choose another name")
                    .of(self.source));
            }
            if !seen.insert(&scalar.text) {
                return Err(Fault::new(key.span, format!("the key `{}` stands here twice", scalar.text))
                    .help("remove one of them")
                    .of(self.source));
            }
        }
        let is_merge = |key: &Node| matches!(&key.kind, Kind::Scalar(scalar) if scalar.tag == Tag::Merge);
        if !fields.iter().any(|(key, _)| is_merge(key)) {
            return Ok(fields);
        }
        let mut own: Vec<(Node, Node)> = Vec::with_capacity(fields.len());
        let mut sources = Vec::new();
        for (key, value) in fields {
            if !is_merge(&key) {
                own.push((key, value));
                continue;
            }
            let place = value.span;
            let maps = match value.kind {
                Kind::List(items) => items,
                _ => vec![value],
            };
            for map in maps {
                match map.kind {
                    Kind::Map(fields) => sources.push(fields),
                    _ => return Err(Fault::new(place, "`<<` merges maps only").of(self.source)),
                }
            }
        }
        let mut there: HashSet<String> = own.iter().map(|(key, _)| key.text().to_owned()).collect();
        for (key, value) in sources.into_iter().flatten() {
            if there.insert(key.text().to_owned()) {
                own.push((key, value));
            }
        }
        Ok(own)
    }
}

fn size_of(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::Scalar(_) => 0,
        Kind::Map(fields) => fields.iter().map(|(_, value)| 1 + size_of(value)).sum(),
        Kind::List(items) => items.iter().map(size_of).sum(),
    }
}
