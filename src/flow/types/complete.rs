//! The functions of the router that do what Python's constructors and copies would have done.

use std::collections::BTreeSet;

use super::Typing;
use super::kind::{RecordId, Type};
use super::literal::{python, quoted};
use super::record::{Field, FieldDefault, Record, RecordKind};
use crate::flow::carry::{Carried, CarriedKind};
use crate::flow::modules::ClassRef;

/// What a function of the router is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    /// Gives an object that comes out of a message the fields it lacks.
    Complete(RecordId),
    /// Makes an object.
    New(RecordId),
    /// Makes an object of a dict.
    From(RecordId),
    /// Finds the member of an enum.
    Member(usize),
    /// A copy in depth.
    Copy,
    /// A copy with changes, as `model_copy` makes it.
    Update,
    /// A copy with changes, as `dataclasses.replace` makes it.
    Replace,
}

impl Typing<'_> {
    /// The name of a function, which is then part of the router.
    pub(super) fn function(&self, purpose: Purpose) -> String {
        if let Some(known) = self.functions.borrow().get(&purpose) {
            return known.clone();
        }
        let wanted = match purpose {
            Purpose::Complete(id) => format!("complete_{}", self.record(id).name),
            Purpose::New(id) => format!("new_{}", self.record(id).name),
            Purpose::From(id) => format!("{}_of", self.record(id).name),
            Purpose::Member(id) => format!("{}_of", self.enums.borrow()[id].1.replace('.', "_")),
            Purpose::Copy => "copy_of".to_owned(),
            Purpose::Update => "updated".to_owned(),
            Purpose::Replace => "replaced".to_owned(),
        };
        let name = self.fresh.borrow_mut().make(&wanted);
        self.functions.borrow_mut().insert(purpose, name.clone());
        name
    }

    /// The number of an enum that is called.
    pub(super) fn enum_id(&self, class: &ClassRef<'_>, values: Vec<String>) -> usize {
        let (module, name) = (class.module.name(), class.name());
        let mut enums = self.enums.borrow_mut();
        if let Some(known) = enums.iter().position(|one| one.0 == module && one.1 == name) {
            return known;
        }
        enums.push((module.to_owned(), name, values));
        enums.len() - 1
    }

    /// Whether a message may lack something that the object has.
    pub(super) fn is_completed(&self, ty: &Type) -> bool {
        self.needs(ty, &mut BTreeSet::new())
    }

    fn needs(&self, ty: &Type, seen: &mut BTreeSet<RecordId>) -> bool {
        match ty {
            Type::Record(id) => {
                seen.insert(*id)
                    && self.record(*id).obstacle.is_none()
                    && self.record(*id).fields.iter().any(|field| {
                        !field.aliases.is_empty()
                            || !matches!(field.default, FieldDefault::Required | FieldDefault::Unknown)
                            || self.needs(&field.ty, seen)
                    })
            }
            Type::Optional(inner) | Type::List(inner) | Type::Dict(inner) => self.needs(inner, seen),
            Type::Tuple(items) => items.iter().any(|item| self.needs(item, seen)),
            _ => false,
        }
    }

    /// `value`, which is a name or a subscript of one, with everything in it completed.
    pub(super) fn completed(&self, ty: &Type, value: &str) -> Option<String> {
        if !self.is_completed(ty) {
            return None;
        }
        Some(match ty {
            Type::Record(id) => format!("{}({value})", self.function(Purpose::Complete(*id))),
            Type::Optional(inner) => format!("None if {value} is None else {}", self.completed(inner, value)?),
            Type::List(inner) => format!("[{} for item in {value}]", self.completed(inner, "item")?),
            Type::Dict(inner) => {
                format!("{{key: {} for key, item in {value}.items()}}", self.completed(inner, "item")?)
            }
            Type::Tuple(items) => {
                let items: Vec<String> = items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| {
                        let place = format!("{value}[{at}]");
                        self.completed(item, &place).unwrap_or(place)
                    })
                    .collect();
                format!("[{}]", items.join(", "))
            }
            _ => return None,
        })
    }

    /// The functions that are used, as text of the router.
    pub(in crate::flow) fn definitions(&self) -> Vec<Carried> {
        let mut done: BTreeSet<Purpose> = BTreeSet::new();
        let mut carried = Vec::new();
        loop {
            let open: Vec<(Purpose, String)> = {
                let all = self.functions.borrow();
                all.iter()
                    .filter(|(purpose, _)| !done.contains(purpose))
                    .map(|(one, name)| (*one, name.clone()))
                    .collect()
            };
            if open.is_empty() {
                return carried;
            }
            for (purpose, name) in open {
                done.insert(purpose);
                carried.push(self.definition(purpose, &name));
            }
        }
    }

    fn definition(&self, purpose: Purpose, name: &str) -> Carried {
        let (text, place) = match purpose {
            Purpose::Complete(id) => {
                let record = self.record(id);
                (self.completing(name, &record), self.place(&record))
            }
            Purpose::New(id) => {
                let record = self.record(id);
                let text = match record.kind {
                    RecordKind::Dataclass => self.making(name, &record, id),
                    RecordKind::Model => self.building(name, &record, id),
                };
                (text, self.place(&record))
            }
            Purpose::From(id) => {
                let new = self.function(Purpose::New(id));
                (format!("def {name}(value):\n    return {new}(**value)"), self.place(&self.record(id)))
            }
            Purpose::Member(id) => {
                let (_, class, values) = &self.enums.borrow()[id];
                (
                    format!(
                        "def {name}(value):\n    for member in [{}]:\n        if member == value:\n            return member\n    raise ValueError(f\"{{value!r}} is not a valid {class}\")",
                        values.join(", ")
                    ),
                    String::new(),
                )
            }
            Purpose::Copy => (
                format!(
                    "def {name}(value):\n    if isinstance(value, dict):\n        return {{key: {name}(item) for key, item in value.items()}}\n    if isinstance(value, list):\n        return [{name}(item) for item in value]\n    return value"
                ),
                String::new(),
            ),
            Purpose::Update => {
                let copy = self.function(Purpose::Copy);
                (
                    format!(
                        "def {name}(value, *, update=None, deep=False):\n    return {{**({copy}(value) if deep else value), **(update or {{}})}}"
                    ),
                    String::new(),
                )
            }
            Purpose::Replace => {
                (format!("def {name}(value, /, **changes):\n    return {{**value, **changes}}"), String::new())
            }
        };
        Carried { text, place, kind: CarriedKind::Definition }
    }

    /// The place of a class: a line of the flow's file, or `file:line`.
    fn place(&self, record: &Record) -> String {
        let line = record.source.line_of(record.span.start);
        if record.source == *self.modules.own().source() {
            line.to_string()
        } else {
            format!("{}:{line}", record.source.name())
        }
    }

    fn completing(&self, name: &str, record: &Record) -> String {
        let mut text = format!("def {name}(value):");
        for field in &record.fields {
            let key = quoted(&field.name, '"');
            for alias in field.aliases.iter().filter(|alias| **alias != field.name) {
                let alias = quoted(alias, '"');
                text += &format!("\n    if {alias} in value:\n        value[{key}] = value.pop({alias})");
            }
            if let Some(default) = self.default_text(field) {
                // The common case first: nothing is made when it is not needed.
                text += &if is_simple(field) {
                    format!("\n    value.setdefault({key}, {default})")
                } else {
                    format!("\n    if {key} not in value:\n        value[{key}] = {default}")
                };
            }
            if let Some(completed) = self.completed(&field.ty, &format!("value[{key}]")) {
                text += &match field.default {
                    FieldDefault::Unknown => format!("\n    if {key} in value:\n        value[{key}] = {completed}"),
                    _ => format!("\n    value[{key}] = {completed}"),
                };
            }
        }
        text + "\n    return value"
    }

    fn default_text(&self, field: &Field) -> Option<String> {
        match &field.default {
            FieldDefault::Text(text) => Some(text.clone()),
            FieldDefault::Object(id, given) => Some(self.default_object_text(*id, given)),
            FieldDefault::Required | FieldDefault::Unknown => None,
        }
    }

    fn default_object_text(&self, id: RecordId, given: &[(String, String)]) -> String {
        let items: Vec<String> = given.iter().map(|(name, value)| format!("{}: {value}", quoted(name, '"'))).collect();
        let text = format!("{{{}}}", items.join(", "));
        self.completed(&Type::Record(id), &text).unwrap_or(text)
    }

    /// The constructor of a dataclass: takes what the dataclass takes, and keeps it as it is.
    fn making(&self, name: &str, record: &Record, id: RecordId) -> String {
        let mut parameters = Vec::new();
        let mut items = Vec::new();
        let mut has_star = false;
        for field in &record.fields {
            let key = quoted(&field.name, '"');
            if !field.is_init {
                continue;
            }
            if field.is_keyword_only && !has_star {
                parameters.push("*".to_owned());
                has_star = true;
            }
            match &field.default {
                FieldDefault::Required => parameters.push(field.name.clone()),
                _ => parameters.push(format!("{}=...", field.name)),
            }
            items.push(format!("{key}: {}", field.name));
        }
        let complete = self.completed(&Type::Record(id), "value").unwrap_or_else(|| "value".to_owned());
        let all = format!("{{{}}}", items.join(", "));
        if record.fields.iter().all(|field| field.default == FieldDefault::Required) {
            return format!("def {name}({}):\n    value = {all}\n    return {complete}", parameters.join(", "));
        }
        format!(
            "def {name}({}):\n    value = {all}\n    value = {{key: item for key, item in value.items() if item is not ...}}\n    return {complete}",
            parameters.join(", ")
        )
    }

    /// The constructor of a model: takes names and aliases, drops what it does not know, and
    /// copies the containers it is given.
    fn building(&self, name: &str, record: &Record, id: RecordId) -> String {
        let names: Vec<String> = record
            .fields
            .iter()
            .flat_map(|field| std::iter::once(&field.name).chain(&field.aliases))
            .map(|name| python(&serde_json::Value::String(name.clone())))
            .collect();
        let complete = self.completed(&Type::Record(id), "value").unwrap_or_else(|| "value".to_owned());
        let mut text = format!(
            "def {name}(**given):\n    value = {{key: given[key] for key in [{}] if key in given}}",
            names.join(", ")
        );
        for field in &record.fields {
            for key in std::iter::once(&field.name).chain(&field.aliases) {
                let key = quoted(key, '"');
                if let Some(copied) = self.copied(field, &format!("value[{key}]")) {
                    text += &format!("\n    if {key} in value:\n        value[{key}] = {copied}");
                }
            }
        }
        text + &format!("\n    return {complete}")
    }

    /// What pydantic keeps of a container it is given: a new one with the same objects inside.
    fn copied(&self, field: &Field, value: &str) -> Option<String> {
        if field.is_any {
            return None;
        }
        fn containers(ty: &Type, value: &str) -> Option<String> {
            match ty {
                Type::List(inner) => Some(match containers(inner, "item") {
                    Some(inner) => format!("[{inner} for item in {value}]"),
                    None => format!("list({value})"),
                }),
                Type::Dict(inner) => Some(match containers(inner, "item") {
                    Some(inner) => format!("{{key: {inner} for key, item in {value}.items()}}"),
                    None => format!("dict({value})"),
                }),
                Type::Optional(inner) => {
                    containers(inner, value).map(|inner| format!("None if {value} is None else {inner}"))
                }
                _ => None,
            }
        }
        match &field.ty {
            Type::Json => Some(format!("{}({value})", self.function(Purpose::Copy))),
            ty => containers(ty, value),
        }
    }
}

/// Whether making the default costs nothing.
fn is_simple(field: &Field) -> bool {
    matches!(field.default, FieldDefault::Text(_))
}
