//! Payload classes as the flow sees them: their fields, and what their constructors do.

use std::collections::BTreeSet;

use super::kind::{RecordId, Type};
use crate::source::{Source, Span};

/// What makes a class a payload class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordKind {
    /// `@dataclass`: takes what it is given.
    Dataclass,
    /// A pydantic model: builds the objects inside it too.
    Model,
}

/// A payload class.
#[derive(Debug)]
pub(super) struct Record {
    /// Its name.
    pub(super) name: String,
    /// The file that defines it.
    pub(super) source: Source,
    /// Its name there.
    pub(super) span: Span,
    pub(super) kind: RecordKind,
    /// In the order of the constructor.
    pub(super) fields: Vec<Field>,
    /// Why what its constructor does is not known: the reason, and where.
    pub(super) obstacle: Option<Obstacle>,
    pub(super) is_frozen: bool,
    /// Fields can be given by their own names although they have others.
    pub(super) takes_names: bool,
    /// Methods, and properties among them.
    pub(super) methods: BTreeSet<String>,
    pub(super) properties: BTreeSet<String>,
}

/// Something that changes what a constructor does.
#[derive(Debug, Clone)]
pub(super) struct Obstacle {
    pub(super) reason: String,
    pub(super) source: Source,
    pub(super) span: Span,
}

/// A field.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    /// Other names it has in a payload.
    pub(super) aliases: Vec<String>,
    pub(super) ty: Type,
    pub(super) default: FieldDefault,
    /// The constructor takes it.
    pub(super) is_init: bool,
    pub(super) is_keyword_only: bool,
    /// Anything goes, so that nothing is copied.
    pub(super) is_any: bool,
    /// Assigning to it raises.
    pub(super) is_frozen: bool,
    pub(super) source: Source,
    pub(super) span: Span,
}

/// The default of a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum FieldDefault {
    /// It has none.
    Required,
    /// Python text that gives it, anew each time.
    Text(String),
    /// An object of a class, with these fields as Python text.
    Object(RecordId, Vec<(String, String)>),
    /// It has one that is not followed.
    Unknown,
}

impl Record {
    /// Stands where a class is being read that holds itself.
    pub(super) fn unread(source: &Source) -> Self {
        Self {
            name: "class".to_owned(),
            source: source.clone(),
            span: Span::new(0, 0),
            kind: RecordKind::Dataclass,
            fields: Vec::new(),
            obstacle: None,
            is_frozen: false,
            takes_names: false,
            methods: BTreeSet::new(),
            properties: BTreeSet::new(),
        }
    }

    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}
