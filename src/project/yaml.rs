//! YAML as a tree in which every value knows the file and the bytes it came from.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};

/// A place in a file.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) source: Source,
    pub(super) span: Span,
}

impl Origin {
    /// `file:line`.
    pub(super) fn shown(&self) -> String {
        format!("{}:{}", self.source.name(), self.source.line_of(self.span.start))
    }
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// What a node holds. Numbers keep the digits that were typed: `1.10` is not `1.1` in an image tag.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One key of a mapping with its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) at: Origin,
    pub(super) node: Node,
}

/// Values are compared, their places are not.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.node == other.node
    }
}

impl Value {
    /// The value's type as a person calls it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }

    /// A scalar as the text that was typed; `None` for lists, mappings and nothing.
    pub(super) fn scalar(&self) -> Option<String> {
        match self {
            Self::Bool(value) => Some(value.to_string()),
            Self::Number(text) | Self::Text(text) => Some(text.clone()),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }
}

impl Node {
    /// The value under `key` when this is a mapping that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The value at a path of keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The entries of a mapping; none for anything else.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }
}

/// A result whose error is one located problem.
pub(super) type Located<T> = Result<T, Box<Diagnostic>>;

/// Reads one document. The error is the first problem, with its place.
pub(super) fn parse(source: &Source) -> Located<Node> {
    // Kubernetes users write `on:` and `no` as text; and a few aliases are fine, a bomb is not.
    let options = serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 20_000,
            max_alias_expansions_per_anchor: 1_000,
        },
    };
    let raw = serde_saphyr::from_str_with_options::<Spanned<Raw>>(source.text(), options)
        .map_err(|error| Box::new(diagnostic(source, &error)))?;
    Ok(node(source, raw))
}

fn diagnostic(source: &Source, error: &serde_saphyr::Error) -> Diagnostic {
    use serde_saphyr::Error;
    let error = error.without_snippet();
    let span = error.location().map_or(Span::new(0, 0), |location| span_of(source, &location));
    match error {
        Error::DuplicateMappingKey { key, .. } => {
            let message = match key {
                Some(key) => format!("`{key}` is given twice"),
                None => "a key is given twice".to_owned(),
            };
            Diagnostic::error(span, message).help("keep one of the two")
        }
        Error::MultipleDocuments { .. } => Diagnostic::error(span, "a second YAML document starts here")
            .help("keep one document in this file, without `---` lines between"),
        _ => {
            let text = error.to_string();
            let text = text.split(" at line ").next().unwrap_or(&text);
            in_our_words(source, span, text)
        }
    }
}

/// The parser's words, replaced where they speak of its internals.
fn in_our_words(source: &Source, span: Span, text: &str) -> Diagnostic {
    let line = source.slice(source.line_span(source.line_of(span.start)));
    let says = |word: &str| text.contains(word);
    if says("limit exceeded") || says("budget") {
        return Diagnostic::error(span, "anchors and aliases make this file too large").help("write the values out");
    }
    if line.contains("{{") {
        return Diagnostic::error(span, "`{{ … }}` is not a YAML value")
            .help("placeholders work in templates only; quote the value if it is meant as text");
    }
    if line.trim_start_matches(' ').starts_with('\t') {
        return Diagnostic::error(span, "a tab cannot be part of the indentation").help("indent with spaces");
    }
    if says("string scalar") || says("null into string") {
        return Diagnostic::error(span, "a key must be text");
    }
    let diagnostic = Diagnostic::error(span, text.replace('\'', "`"));
    if says("quoted scalar") { diagnostic.help("is the closing quote missing?") } else { diagnostic }
}

fn span_of(source: &Source, location: &Location) -> Span {
    let span = location.span();
    let number = |value: Option<u64>| value.and_then(|value| usize::try_from(value).ok());
    match (number(span.byte_offset()), number(span.byte_len())) {
        (Some(start), Some(length)) => Span::new(start, start + length),
        _ => source.span_at(
            usize::try_from(location.line()).unwrap_or(1).max(1),
            usize::try_from(location.column()).unwrap_or(1).max(1),
        ),
    }
}

fn node(source: &Source, raw: Spanned<Raw>) -> Node {
    let span = span_of(source, &raw.referenced);
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Bool(value) => Value::Bool(value),
        // An alias stands where it is used; its text is where it was defined.
        Raw::Number(shown) => {
            let typed = source.slice(span_of(source, &raw.defined));
            Value::Number(if typed.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) {
                typed.to_owned()
            } else {
                shown
            })
        }
        Raw::Text(text) => Value::Text(text),
        Raw::List(items) => Value::List(items.into_iter().map(|item| node(source, item)).collect()),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| Entry {
                    at: Origin { source: source.clone(), span: span_of(source, &key.referenced) },
                    key: key.value,
                    node: node(source, value),
                })
                .collect(),
        ),
    };
    Node { value, origin: Origin { source: source.clone(), span } }
}

enum Raw {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}
