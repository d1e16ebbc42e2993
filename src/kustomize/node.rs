//! A YAML node as kustomize works on it: values keep how they were written, because that decides
//! what they become when fields are merged.

use serde_json::{Map, Number, Value};

use crate::source::Span;
use crate::yaml::{Dialect, Resolved, go_float, resolve};

/// One value of a document.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// What it holds.
    pub(super) kind: Kind,
    /// Where it starts and ends in its file; empty for values made here.
    pub(super) span: Span,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A single value.
    Scalar(Scalar),
    /// Keys and values in their order.
    Map(Vec<(Node, Node)>),
    /// Elements.
    List(Vec<Node>),
}

/// The text of a scalar and how it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scalar {
    pub(super) text: String,
    pub(super) tag: Tag,
    pub(super) style: Style,
}

/// What a scalar is known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// Not known: decided by the text when it is written.
    Unknown,
    /// A string, whatever it looks like.
    Str,
    /// Null.
    Null,
    /// A null that survives being set into a field.
    KeptNull,
    /// A number, boolean or date, as its text says.
    Plain,
    /// A number with an explicit `!!float`.
    Float,
    /// The merge key `<<`.
    Merge,
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    /// Unquoted with a tag, which a value that takes its place gets as well.
    Tagged,
    /// In quotes or as a `|` block: a string as it stands.
    Quoted,
    /// As a `>` block, which is wrapped anew when written.
    Folded,
}

impl Node {
    pub(super) fn scalar(text: impl Into<String>, tag: Tag, style: Style) -> Self {
        Self { kind: Kind::Scalar(Scalar { text: text.into(), tag, style }), span: Span::new(0, 0) }
    }

    /// A string of its own, quoted where needed.
    pub(super) fn string(text: impl Into<String>) -> Self {
        Self::scalar(text, Tag::Str, Style::Plain)
    }

    /// A word whose meaning its text decides, unless it takes the place of a quoted one.
    pub(super) fn word(text: impl Into<String>) -> Self {
        Self::scalar(text, Tag::Unknown, Style::Plain)
    }

    pub(super) fn map() -> Self {
        Self { kind: Kind::Map(Vec::new()), span: Span::new(0, 0) }
    }

    pub(super) fn list() -> Self {
        Self { kind: Kind::List(Vec::new()), span: Span::new(0, 0) }
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar(scalar) if matches!(scalar.tag, Tag::Null | Tag::KeptNull))
    }

    /// Null, or a map or list without content.
    pub(super) fn is_empty(&self) -> bool {
        match &self.kind {
            Kind::Scalar(_) => self.is_null(),
            Kind::Map(fields) => fields.is_empty(),
            Kind::List(items) => items.is_empty(),
        }
    }

    pub(super) fn is_empty_map(&self) -> bool {
        matches!(&self.kind, Kind::Map(fields) if fields.is_empty())
    }

    /// The text of a scalar; empty for anything else.
    pub(super) fn text(&self) -> &str {
        match &self.kind {
            Kind::Scalar(scalar) => &scalar.text,
            _ => "",
        }
    }

    pub(super) fn fields(&self) -> &[(Node, Node)] {
        match &self.kind {
            Kind::Map(fields) => fields,
            _ => &[],
        }
    }

    pub(super) fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// What it is, for messages.
    pub(super) fn what(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(_) if self.is_null() => "nothing",
            Kind::Scalar(_) => "a single value",
            Kind::Map(_) => "a map",
            Kind::List(_) => "a list",
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.fields().iter().find(|(name, _)| name.text() == key).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        match &mut self.kind {
            Kind::Map(fields) => fields.iter_mut().find(|(name, _)| name.text() == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value at a path of fields.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<Node> {
        let Kind::Map(fields) = &mut self.kind else { return None };
        let at = fields.iter().position(|(name, _)| name.text() == key)?;
        Some(fields.remove(at).1)
    }

    /// Sets a field the way kustomize does: a new value takes the quoting of the one it replaces,
    /// a null removes the field. Does nothing unless this is a map.
    pub(super) fn set(&mut self, key: &str, value: Option<Node>, key_style: Style) {
        let Some(mut value) = value else {
            self.remove(key);
            return;
        };
        match &mut value.kind {
            Kind::Scalar(scalar) if scalar.tag == Tag::Null => {
                self.remove(key);
                return;
            }
            Kind::Scalar(scalar) => quote_if_misread(scalar),
            _ => {}
        }
        if let Some(field) = self.get_mut(key) {
            field.replace_keeping_style(value);
        } else if let Kind::Map(fields) = &mut self.kind {
            fields.push((Node::scalar(key, Tag::Unknown, key_style), value));
        }
    }

    /// Puts `value` in this place, written in the style of what was here.
    pub(super) fn replace_keeping_style(&mut self, mut value: Node) {
        if let (Kind::Scalar(new), Kind::Scalar(old)) = (&mut value.kind, &self.kind) {
            new.style = old.style;
        }
        value.span = self.span;
        *self = value;
    }

    /// The map in field `key`, created when absent.
    pub(super) fn map_at(&mut self, key: &str) -> &mut Node {
        if self.get(key).is_none_or(Node::is_null) {
            self.remove(key);
            if let Kind::Map(fields) = &mut self.kind {
                fields.push((Node::word(key), Node::map()));
            }
        }
        // What is not a map has no fields to set; the caller's change is lost on it.
        let at = self.fields().iter().position(|(name, _)| name.text() == key);
        match at {
            Some(at) => self.field_at(at),
            None => self,
        }
    }

    /// The value of field number `at`, or the node itself when there is none.
    fn field_at(&mut self, at: usize) -> &mut Node {
        if self.fields().len() <= at {
            return self;
        }
        match self {
            Node { kind: Kind::Map(fields), .. } => &mut fields[at].1,
            other => other,
        }
    }

    /// The value as JSON, as kustomize prints it.
    pub(super) fn to_json(&self) -> Result<Value, String> {
        self.json(Dialect::V3)
    }

    /// The value as JSON as a reader of `dialect` sees it.
    pub(super) fn json(&self, dialect: Dialect) -> Result<Value, String> {
        match &self.kind {
            Kind::Scalar(scalar) => scalar.json(dialect),
            Kind::List(items) => {
                items.iter().map(|item| item.json(dialect)).collect::<Result<_, _>>().map(Value::Array)
            }
            Kind::Map(fields) => {
                let mut map = Map::with_capacity(fields.len());
                for (key, value) in fields {
                    let Kind::Scalar(scalar) = &key.kind else {
                        return Err("a key is not a single value".to_owned());
                    };
                    let name = match (scalar.json(dialect)?, dialect) {
                        (Value::String(name), _) => name,
                        (Value::Number(number), Dialect::V2) => number.to_string(),
                        (Value::Bool(flag), Dialect::V2) => flag.to_string(),
                        _ => return Err(format!("the key `{}` is not a string; quote it", scalar.text)),
                    };
                    if map.insert(name, value.json(dialect)?).is_some() {
                        return Err(format!("the key `{}` stands there twice", scalar.text));
                    }
                }
                Ok(Value::Object(map))
            }
        }
    }

    /// A node from JSON. Numbers become floats when `floats`, as kustomize's JSON patches do.
    pub(super) fn from_json(value: &Value, floats: bool) -> Self {
        match value {
            Value::Null => Self::scalar("null", Tag::Null, Style::Plain),
            Value::Bool(flag) => Self::scalar(flag.to_string(), Tag::Plain, Style::Plain),
            Value::Number(number) => {
                let text = match number.as_f64() {
                    Some(float) if floats || number.is_f64() => go_float(float),
                    _ => number.to_string(),
                };
                Self::scalar(text, Tag::Plain, Style::Plain)
            }
            Value::String(text) => Self::scalar(text, Tag::Str, Style::Quoted),
            Value::Array(items) => {
                let items = items.iter().map(|item| Self::from_json(item, floats)).collect();
                Self { kind: Kind::List(items), span: Span::new(0, 0) }
            }
            Value::Object(map) => {
                let fields = map
                    .iter()
                    .map(|(key, value)| (Self::scalar(key, Tag::Str, Style::Quoted), Self::from_json(value, floats)))
                    .collect();
                Self { kind: Kind::Map(fields), span: Span::new(0, 0) }
            }
        }
    }
}

impl Scalar {
    fn json(&self, dialect: Dialect) -> Result<Value, String> {
        let text = match (self.style, self.tag) {
            (Style::Quoted, _) | (Style::Tagged, Tag::Str) => return writable(self.text.clone()),
            (Style::Plain, Tag::Str) if dialect == Dialect::V3 => return writable(self.text.clone()),
            (Style::Folded, _) if dialect == Dialect::V3 => return writable(refold(&self.text)),
            (Style::Folded, _) => return writable(self.text.clone()),
            (Style::Plain | Style::Tagged, _) => self.text.as_str(),
        };
        Ok(match resolve(text, dialect) {
            Resolved::Null => Value::Null,
            Resolved::Bool(flag) => Value::Bool(flag),
            Resolved::Int(number) => Value::from(number),
            Resolved::Uint(number) => Value::from(number),
            Resolved::Float(number) => float(number).ok_or_else(|| format!("`{text}` cannot be written as JSON"))?,
            Resolved::Timestamp(time) if dialect == Dialect::V3 => Value::String(time),
            Resolved::Timestamp(_) | Resolved::Str => return writable(text.to_owned()),
        })
    }
}

/// A finite float as JSON; whole numbers that fit become integers, as they do in kustomize.
fn float(number: f64) -> Option<Value> {
    if !number.is_finite() {
        return None;
    }
    if number.fract() == 0.0 && number.abs() < 1e21 {
        // As few digits as needed, then zeros: what Go writes.
        let scientific = format!("{number:e}");
        let (digits, exponent) = scientific.split_once('e')?;
        let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let zeros = exponent.parse::<usize>().ok()?.saturating_sub(decimals);
        let whole = format!("{}{}", digits.replace('.', ""), "0".repeat(zeros));
        if let Ok(value) = whole.parse::<i64>() {
            return Some(Value::from(value));
        }
        if let Ok(value) = whole.parse::<u64>() {
            return Some(Value::from(value));
        }
    }
    Number::from_f64(number).map(Value::Number)
}

/// A string, unless kustomize's own output would not be readable YAML with it.
fn writable(text: String) -> Result<Value, String> {
    match text.chars().find(|c| matches!(c, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')) {
        Some(c) => Err(format!("a string holds the control character `{}`", c.escape_unicode())),
        None => Ok(Value::String(text)),
    }
}

/// Quotes a word that is set into a field and that a YAML 1.1 reader would not see as a string.
fn quote_if_misread(scalar: &mut Scalar) {
    let string = matches!(scalar.tag, Tag::Str | Tag::Unknown) && scalar.style == Style::Plain;
    if string
        && !scalar.text.is_empty()
        && !matches!(resolve(&scalar.text, Dialect::V2), Resolved::Str | Resolved::Timestamp(_))
    {
        scalar.style = Style::Quoted;
    }
}

/// What is left of a `>` block after go-yaml wrote it and read it again. Line breaks before an
/// indented line gain one, and a block that starts indented loses single ones to folding.
fn refold(text: &str) -> String {
    let is_blank = |c: char| matches!(c, ' ' | '\t');
    // go-yaml writes text with these as a quoted string, which loses nothing.
    let quoted = text.ends_with(' ')
        || text.contains(" \n")
        || text.chars().any(|c| c > '\u{ffff}' || (c.is_control() && !matches!(c, '\n' | '\t')));
    if quoted || !text.contains('\n') {
        return text.to_owned();
    }
    let starts_blank = text.trim_start_matches('\n').chars().next().is_none_or(is_blank);
    let mut out = String::with_capacity(text.len() + 8);
    let mut lines = text.split('\n').peekable();
    let mut breaks = 0;
    let mut before: Option<&str> = None;
    while let Some(line) = lines.next() {
        let last = lines.peek().is_none();
        if !line.is_empty() || last {
            if let Some(before) = before {
                let plain = !before.starts_with(is_blank);
                let written = breaks + usize::from(plain && !starts_blank);
                let kept = if last && line.is_empty() {
                    if breaks > 1 { written } else { breaks }
                } else if plain && !line.starts_with(is_blank) {
                    written - 1
                } else {
                    written
                };
                match kept {
                    0 => out.push(' '),
                    count => out.extend(std::iter::repeat_n('\n', count)),
                }
            } else {
                out.extend(std::iter::repeat_n('\n', breaks));
            }
            out.push_str(line);
            before = Some(line);
            breaks = 0;
        }
        breaks += 1;
    }
    out
}
