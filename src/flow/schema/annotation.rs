//! The schema of an annotation: a class of the project, its fields and their types.
//!
//! What is not understood puts no constraint on the value.

use serde_json::{Map, Value, json};

use super::super::modules::{ClassRef, Found, ModuleRef, Modules};
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

/// The schema of a payload that an annotation of `module` says to be of a class that describes an object.
pub(super) fn payload<'a>(annotation: &Expr, modules: &'a Modules<'a>, module: ModuleRef<'a>) -> Option<Value> {
    Types { modules, module, open: Vec::new(), classes: 0 }.payload(annotation, 0)
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
pub(super) struct Types<'a> {
    modules: &'a Modules<'a>,
    /// The module whose annotations are being read.
    module: ModuleRef<'a>,
    /// The classes around, outermost first.
    open: Vec<*const Class>,
    classes: usize,
}

impl<'a> Types<'a> {
    fn payload(&mut self, annotation: &Expr, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        match &annotation.kind {
            ExprKind::Literal(Literal::Str(text)) => self.payload(&parsed(text)?, depth + 1),
            ExprKind::Subscript { value, index } if self.typing_name(value).as_deref() == Some("Annotated") => {
                self.payload(items(index).first()?, depth + 1)
            }
            ExprKind::Name(_) | ExprKind::Attribute { .. } => match self.found(annotation)? {
                Named::Class(class) => match self.class_kind(&class, 0)? {
                    ClassKind::Enum => None,
                    _ => Some(Value::Object(self.class(&class))),
                },
                Named::Alias(module, value) => self.inside(module, |types| types.payload(value, depth + 1)),
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
            ExprKind::Name(_) | ExprKind::Attribute { .. } => match self.found(annotation) {
                Some(Named::Class(class)) => self.class(&class),
                Some(Named::Alias(module, value)) => self.inside(module, |types| types.of(value, depth + 1)),
                None => self.typing_name(annotation).map(|name| plain(&name)).unwrap_or_default(),
            },
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

    /// A class of the project, written out; inside itself it is just an object.
    fn class(&mut self, found: &ClassRef<'a>) -> Schema {
        let class = found.class;
        let Some(kind) = self.class_kind(found, 0) else { return Schema::new() };
        if kind == ClassKind::Enum {
            return choice(members(self, found.module, class));
        }
        let mut schema = typed("object");
        if let Some(text) = docstring(&class.body) {
            schema.insert("description".to_owned(), json!(text));
        }
        self.classes += 1;
        if self.classes > MAX_CLASSES || self.open.iter().any(|open| std::ptr::eq(*open, class)) {
            return schema;
        }
        self.open.push(class);
        let mut fields: Vec<Field> = Vec::new();
        self.fields(found, kind, 0, &mut fields);
        self.open.pop();
        let found = fields;
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
    fn fields(&mut self, class: &ClassRef<'a>, kind: ClassKind, depth: usize, found: &mut Vec<Field>) {
        if depth > MAX_DEPTH {
            return;
        }
        let all: Vec<ClassRef<'a>> = bases(class.class).filter_map(|base| self.class_in(class.module, base)).collect();
        for base in all {
            self.fields(&base, kind, depth + 1, found);
        }
        for field in self.inside(class.module, |types| fields::of(types, class.class, kind)) {
            match found.iter_mut().find(|known| known.name == field.name) {
                Some(known) => *known = field,
                None => found.push(field),
            }
        }
    }

    /// Reads annotations of another module.
    fn inside<T>(&mut self, module: ModuleRef<'a>, read: impl FnOnce(&mut Self) -> T) -> T {
        let own = std::mem::replace(&mut self.module, module);
        let found = read(self);
        self.module = own;
        found
    }

    fn class_in(&self, module: ModuleRef<'a>, expr: &Expr) -> Option<ClassRef<'a>> {
        match self.modules.resolve(module, &expr.dotted()?)? {
            Found::Class(class) => Some(class),
            _ => None,
        }
    }

    fn class_kind(&self, class: &ClassRef<'a>, depth: usize) -> Option<ClassKind> {
        let (class, module) = (class.class, class.module);
        let decorated = |decorator: &Expr| {
            let callee = match &decorator.kind {
                ExprKind::Call { callee, .. } => callee,
                _ => decorator,
            };
            self.typing_name_in(module, callee).as_deref() == Some("dataclass")
        };
        if class.decorators.iter().any(decorated) {
            return Some(ClassKind::Dataclass);
        }
        if depth > MAX_DEPTH {
            return None;
        }
        bases(class).find_map(|base| {
            if let Some(own) = self.class_in(module, base) {
                return self.class_kind(&own, depth + 1);
            }
            match self.typing_name_in(module, base)?.as_str() {
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
        self.typing_name_in(self.module, expr)
    }

    fn typing_name_in(&self, module: ModuleRef<'a>, expr: &Expr) -> Option<String> {
        let full = self.modules.full_name(module, &expr.dotted()?)?;
        let (module, name) = full.rsplit_once('.')?;
        KNOWN_MODULES.contains(&module).then(|| name.to_owned())
    }

    /// The class behind a name, or what stands behind one that is assigned once: an alias or a `NewType`.
    fn found(&self, expr: &Expr) -> Option<Named<'a>> {
        match self.modules.resolve(self.module, &expr.dotted()?)? {
            Found::Class(class) => Some(Named::Class(class)),
            Found::Value { module, value, .. } => Some(match &value.kind {
                ExprKind::Call { callee, arguments }
                    if self.typing_name_in(module, callee).as_deref() == Some("NewType") =>
                {
                    Named::Alias(module, arguments.get(1).map(|argument| &argument.value)?)
                }
                _ => Named::Alias(module, value),
            }),
            _ => None,
        }
    }
}

/// What a name of an annotation stands for.
enum Named<'a> {
    Class(ClassRef<'a>),
    Alias(ModuleRef<'a>, &'a Expr),
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

/// The values of an enum; `None` when they are not known.
fn members(types: &Types<'_>, module: ModuleRef<'_>, class: &Class) -> Option<Vec<Value>> {
    let is_text = bases(class).any(|base| types.typing_name_in(module, base).as_deref() == Some("StrEnum"));
    let mut values: Vec<Value> = Vec::new();
    for stmt in &class.body {
        let StmtKind::Assign { targets, value } = &stmt.kind else { continue };
        let is_auto = matches!(&value.kind, ExprKind::Call { callee, .. }
            if types.typing_name_in(module, callee).as_deref() == Some("auto"));
        values.push(match (is_auto, is_text) {
            (false, _) => json_literal(value)?,
            (true, true) => json!(targets.first()?.as_name()?.to_lowercase()),
            (true, false) => return None,
        });
    }
    Some(values)
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
