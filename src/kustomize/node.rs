//! A YAML node as kustomize works on it: values keep how they were written, because that decides
//! what they become when fields are merged.

use super::read::is_collection;
use crate::source::Span;
use crate::yaml::{Dialect, Resolved, resolve};

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
    /// Values of an object with the same number, other than 0, are one: kustomize writes a label
    /// into several places as one value, and what changes it in one place changes it in all.
    pub(super) shared: u32,
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
        Self { kind: Kind::Scalar(Scalar { text: text.into(), tag, style, shared: 0 }), span: Span::new(0, 0) }
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
        let Some(value) = value.and_then(Self::settable) else {
            self.remove(key);
            return;
        };
        if let Some(field) = self.get_mut(key) {
            field.replace_keeping_style(value);
        } else if let Kind::Map(fields) = &mut self.kind {
            fields.push((Node::scalar(key, Tag::Unknown, key_style), value));
        }
    }

    /// The value as it may be set into a field: quoted if it would be misread; none for a null.
    pub(super) fn settable(mut self) -> Option<Self> {
        match &mut self.kind {
            Kind::Scalar(scalar) if scalar.tag == Tag::Null => return None,
            Kind::Scalar(scalar) => quote_if_misread(scalar),
            _ => {}
        }
        Some(self)
    }

    /// What decides how a value that takes this place is written.
    pub(super) fn without_content(&self) -> Self {
        match &self.kind {
            Kind::Scalar(_) => self.clone(),
            _ => Self { kind: Kind::List(Vec::new()), span: self.span },
        }
    }

    /// Puts `value` in this place, written in the style of what was here.
    pub(super) fn replace_keeping_style(&mut self, mut value: Node) {
        if let (Kind::Scalar(new), Kind::Scalar(old)) = (&mut value.kind, &self.kind) {
            new.style = old.style;
            new.shared = old.shared;
        }
        value.span = self.span;
        *self = value;
    }

    /// Gives all values of a shared number the content of one of them.
    pub(super) fn share(&mut self, value: &Scalar) {
        match &mut self.kind {
            Kind::Scalar(scalar) if scalar.shared == value.shared => scalar.clone_from(value),
            Kind::Scalar(_) => {}
            Kind::Map(fields) => fields.iter_mut().for_each(|(_, field)| field.share(value)),
            Kind::List(items) => items.iter_mut().for_each(|item| item.share(value)),
        }
    }

    /// The scalar when it is shared with other places.
    pub(super) fn shared_scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) if scalar.shared != 0 => Some(scalar),
            _ => None,
        }
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
}

/// Quotes a string that is set into a field and that a YAML 1.1 reader would not see as one.
fn quote_if_misread(scalar: &mut Scalar) {
    let string = matches!(scalar.tag, Tag::Str | Tag::Unknown) && scalar.style == Style::Plain;
    if string && !scalar.text.contains('\n') && is_other_document(&scalar.text) {
        scalar.style = Style::Quoted;
    }
}

/// Whether a text, as a document of its own, is something else than a string.
fn is_other_document(text: &str) -> bool {
    if text.is_empty() {
        return false;
    }
    let trimmed = text.trim();
    let nothing = trimmed.is_empty() || trimmed.starts_with('#') || trimmed == "---";
    nothing || !matches!(resolve(text, Dialect::V2), Resolved::Str | Resolved::Timestamp(_)) || is_collection(trimmed)
}
