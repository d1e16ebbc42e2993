//! The schema of an annotation: a class of the flow's own file, its fields and their types.
//!
//! What is not understood puts no constraint on the value.

use serde_json::{Map, Value, json};

use super::super::scope::{Binding, Scope};
use super::fields::{self, Field};
use super::{docstring, is_ellipsis, json_literal, string, type_of};
use crate::source::Source;
use crate::syntax::tree::{Argument, Class, Expr, ExprKind, Literal, SequenceKind, StmtKind};

/// A schema without its braces; empty where anything goes.
pub(super) type Schema = Map<String, Value>;

/// Classes inside classes are written out; more of them than this are just objects.
const MAX_CLASSES: usize = 64;

/// Deepest chain of aliases, base classes or types inside types that is followed.
const MAX_DEPTH: usize = 24;

/// Modules whose names mean what they say.
const KNOWN_MODULES: &[&str] = &[
    "builtins",
    "collections",
    "collections.abc",
    "dataclasses",
    "enum",
    "pydantic",
    "pydantic.dataclasses",
    "typing",
    "typing_extensions",
];

/// The schema of a payload annotated with a class of this file that describes an object.
pub(super) fn payload(annotation: &Expr, scope: &Scope<'_>) -> Option<Value> {
    Types { scope, open: Vec::new(), classes: 0 }.payload(annotation, 0)
}

/// What describes its fields, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClassKind {
    /// `TypedDict`.
    TypedDict,
    /// `@dataclass`.
    Dataclass,
    /// pydantic's `BaseModel`.
    Model,
    /// `Enum` and its kin.
    Enum,
}

/// Reads annotations.
pub(super) struct Types<'s, 'a> {
    pub(super) scope: &'s Scope<'a>,
    /// The classes around, outermost first.
    open: Vec<String>,
    classes: usize,
}

impl<'a> Types<'_, 'a> {
    fn payload(&mut self, annotation: &Expr, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        match &annotation.kind {
            ExprKind::Literal(Literal::Str(text)) => self.payload(&parsed(text)?, depth + 1),
            ExprKind::Subscript { value, index } if self.typing_name(value).as_deref() == Some("Annotated") => {
                self.payload(items(index).first()?, depth + 1)
            }
            ExprKind::Name(name) => match self.scope.class(name) {
                Some(class) => match self.class_kind(class, 0)? {
                    ClassKind::Enum => None,
                    _ => Some(Value::Object(self.class(name, class))),
                },
                None => self.payload(self.alias(name)?, depth + 1),
            },
            _ => None,
        }
    }

    /// The schema of any type.
    pub(super) fn of(&mut self, annotation: &Expr, depth: usize) -> Schema {
        if depth > MAX_DEPTH {
            return Schema::new();
        }
        match &annotation.kind {
            ExprKind::Literal(Literal::None) => typed("null"),
            ExprKind::Literal(Literal::Str(text)) => {
                parsed(text).map(|inner| self.of(&inner, depth + 1)).unwrap_or_default()
            }
            ExprKind::Name(name) => {
                if let Some(class) = self.scope.class(name) {
                    return self.class(name, class);
                }
                if let Some(alias) = self.alias(name) {
                    return self.of(alias, depth + 1);
                }
                self.typing_name(annotation).map(|name| plain(&name)).unwrap_or_default()
            }
            ExprKind::Attribute { .. } => self.typing_name(annotation).map(|name| plain(&name)).unwrap_or_default(),
            ExprKind::Subscript { value, index } => match self.typing_name(value) {
                Some(name) => self.generic(&name, items(index), depth),
                None => Schema::new(),
            },
            // The only operator with a meaning in annotations is `|`.
            ExprKind::Operation(members) if members.len() == 2 => self.union(members, depth),
            _ => Schema::new(),
        }
    }

    fn generic(&mut self, name: &str, arguments: &[Expr], depth: usize) -> Schema {
        let Some(first) = arguments.first() else { return Schema::new() };
        match name {
            "Optional" => any_of(vec![self.of(first, depth + 1), typed("null")]),
            "Union" => self.union(arguments, depth),
            "Literal" => choice(arguments.iter().map(json_literal).collect()),
            "Annotated" => {
                let mut schema = self.of(first, depth + 1);
                if let Some(text) = arguments.iter().skip(1).find_map(string).and_then(super::paragraph) {
                    schema.insert("description".to_owned(), json!(text));
                }
                schema
            }
            "Required" | "NotRequired" | "ReadOnly" | "Final" => self.of(first, depth + 1),
            "tuple" | "Tuple" => {
                let is_uniform = matches!(arguments, [_, rest] if is_ellipsis(rest));
                let item = if is_uniform { self.of(first, depth + 1) } else { Schema::new() };
                with("array", "items", item)
            }
            _ => match plain(name).get("type").and_then(Value::as_str) {
                Some("array") => {
                    let item = self.of(first, depth + 1);
                    with("array", "items", item)
                }
                Some("object") => {
                    let value = arguments.get(1).map(|value| self.of(value, depth + 1)).unwrap_or_default();
                    with("object", "additionalProperties", value)
                }
                _ => Schema::new(),
            },
        }
    }

    fn union(&mut self, members: &[Expr], depth: usize) -> Schema {
        any_of(members.iter().map(|member| self.of(member, depth + 1)).collect())
    }

    /// A class of this file, written out; inside itself it is just an object.
    fn class(&mut self, name: &str, class: &Class) -> Schema {
        let Some(kind) = self.class_kind(class, 0) else { return Schema::new() };
        if kind == ClassKind::Enum {
            return choice(members(class));
        }
        let mut schema = typed("object");
        if let Some(text) = docstring(&class.body) {
            schema.insert("description".to_owned(), json!(text));
        }
        self.classes += 1;
        if self.classes > MAX_CLASSES || self.open.iter().any(|open| open == name) {
            return schema;
        }
        self.open.push(name.to_owned());
        let mut found: Vec<Field> = Vec::new();
        self.fields(class, kind, 0, &mut found);
        self.open.pop();
        let required: Vec<&str> =
            found.iter().filter(|field| field.is_required).map(|field| field.property.as_str()).collect();
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        let properties: Schema =
            found.iter().map(|field| (field.property.clone(), Value::Object(field.schema.clone()))).collect();
        if !properties.is_empty() {
            let at = schema.len() - usize::from(schema.contains_key("required"));
            schema.shift_insert(at, "properties".to_owned(), Value::Object(properties));
        }
        schema
    }

    /// The fields of the base classes, then its own; a field that comes again takes its place.
    fn fields(&mut self, class: &Class, kind: ClassKind, depth: usize, found: &mut Vec<Field>) {
        if depth > MAX_DEPTH {
            return;
        }
        for base in bases(class).filter_map(|base| self.scope.class(base.as_name()?)) {
            self.fields(base, kind, depth + 1, found);
        }
        for field in fields::of(self, class, kind) {
            match found.iter_mut().find(|known| known.name == field.name) {
                Some(known) => *known = field,
                None => found.push(field),
            }
        }
    }

    fn class_kind(&self, class: &Class, depth: usize) -> Option<ClassKind> {
        let decorated = |decorator: &Expr| {
            let callee = match &decorator.kind {
                ExprKind::Call { callee, .. } => callee,
                _ => decorator,
            };
            self.typing_name(callee).as_deref() == Some("dataclass")
        };
        if class.decorators.iter().any(decorated) {
            return Some(ClassKind::Dataclass);
        }
        if depth > MAX_DEPTH {
            return None;
        }
        bases(class).find_map(|base| {
            if let Some(own) = base.as_name().and_then(|name| self.scope.class(name)) {
                return self.class_kind(own, depth + 1);
            }
            match self.typing_name(base)?.as_str() {
                "TypedDict" => Some(ClassKind::TypedDict),
                "BaseModel" => Some(ClassKind::Model),
                "Enum" | "StrEnum" | "IntEnum" => Some(ClassKind::Enum),
                _ => None,
            }
        })
    }

    /// The name that a type, decorator or function has where it comes from: builtins, `typing`,
    /// `dataclasses`, `pydantic` and their like; `None` for anything else.
    pub(super) fn typing_name(&self, expr: &Expr) -> Option<String> {
        let parts = expr.dotted()?;
        let (last, before) = parts.split_last()?;
        let (root, path) = match before.split_first() {
            None => {
                return match self.scope.get(last).map(|bound| bound.binding) {
                    None => Some((*last).to_owned()),
                    Some(Binding::Member { module, member }) => {
                        KNOWN_MODULES.contains(&module).then(|| member.to_owned())
                    }
                    Some(_) => None,
                };
            }
            Some((root, path)) => (root, path),
        };
        let module = match self.scope.get(root)?.binding {
            Binding::Module(module) => module.to_owned(),
            Binding::Member { module, member } => format!("{module}.{member}"),
            _ => return None,
        };
        let module = path.iter().fold(module, |module, part| format!("{module}.{part}"));
        KNOWN_MODULES.contains(&module.as_str()).then(|| (*last).to_owned())
    }

    /// What stands behind a name that is assigned once: an alias or a `NewType`.
    fn alias(&self, name: &str) -> Option<&'a Expr> {
        let value = self.scope.constant(name)?;
        match &value.kind {
            ExprKind::Call { callee, arguments } if self.typing_name(callee).as_deref() == Some("NewType") => {
                arguments.get(1).map(|argument| &argument.value)
            }
            _ => Some(value),
        }
    }
}

/// The base classes, `Generic[T]` and the like without their brackets.
fn bases(class: &Class) -> impl Iterator<Item = &Expr> {
    class.arguments.iter().filter(|argument| argument.keyword.is_none()).map(|argument: &Argument| {
        match &argument.value.kind {
            ExprKind::Subscript { value, .. } => value,
            _ => &argument.value,
        }
    })
}

/// The values of an enum.
fn members(class: &Class) -> Option<Vec<Value>> {
    let values = class.body.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Assign { value, .. } => Some(json_literal(value)),
        _ => None,
    });
    values.collect()
}

/// The inside of the brackets of a type.
pub(in crate::flow) fn items(index: &Expr) -> &[Expr] {
    match &index.kind {
        ExprKind::Sequence { kind: SequenceKind::Tuple, items } => items,
        _ => std::slice::from_ref(index),
    }
}

/// An annotation in quotes.
pub(in crate::flow) fn parsed(text: &str) -> Option<Expr> {
    let module = crate::syntax::parse(&Source::new("annotation", text.trim())).ok()?;
    match module.body.into_iter().next()?.kind {
        StmtKind::Expr(expr) => Some(expr),
        _ => None,
    }
}

fn typed(kind: &str) -> Schema {
    Schema::from_iter([("type".to_owned(), json!(kind))])
}

fn with(kind: &str, key: &str, inner: Schema) -> Schema {
    let mut schema = typed(kind);
    if !inner.is_empty() {
        schema.insert(key.to_owned(), Value::Object(inner));
    }
    schema
}

fn plain(name: &str) -> Schema {
    match name {
        "str" => typed("string"),
        "int" => typed("integer"),
        "float" => typed("number"),
        "bool" => typed("boolean"),
        "list" | "List" | "tuple" | "Tuple" | "set" | "Set" | "frozenset" | "FrozenSet" | "AbstractSet"
        | "Sequence" | "MutableSequence" => typed("array"),
        "dict" | "Dict" | "Mapping" | "MutableMapping" | "OrderedDict" | "defaultdict" | "DefaultDict" => {
            typed("object")
        }
        _ => Schema::new(),
    }
}

/// One of `values`, which are all known or of no use.
fn choice(values: Option<Vec<Value>>) -> Schema {
    let Some(mut values) = values.filter(|values| !values.is_empty()) else { return Schema::new() };
    let mut seen = Vec::new();
    values.retain(|value| {
        !seen.contains(value) && {
            seen.push(value.clone());
            true
        }
    });
    let kind = type_of(&values[0]);
    let mut schema = if values.iter().all(|value| type_of(value) == kind) { typed(kind) } else { Schema::new() };
    schema.insert("enum".to_owned(), Value::Array(values));
    schema
}

/// Any of the schemas; no constraint when one of them is none.
fn any_of(schemas: Vec<Schema>) -> Schema {
    let mut members: Vec<Value> = Vec::new();
    for schema in schemas {
        if schema.is_empty() {
            return Schema::new();
        }
        let inner = match schema.get("anyOf") {
            Some(Value::Array(inner)) if schema.len() == 1 => inner.clone(),
            _ => vec![Value::Object(schema)],
        };
        for member in inner {
            if !members.contains(&member) {
                members.push(member);
            }
        }
    }
    match members.as_slice() {
        [Value::Object(only)] => only.clone(),
        _ => Schema::from_iter([("anyOf".to_owned(), Value::Array(members))]),
    }
}
