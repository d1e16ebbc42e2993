//! Payload classes: what fields they have, and what their objects are in a message.

use std::collections::BTreeSet;

use super::Typing;
use super::annotation::Reader;
use super::kind::{RecordId, Type};
use crate::flow::modules::{ClassRef, Found, ModuleRef};
use crate::flow::schema::json_literal;
use crate::source::{Source, Span};
use crate::syntax::tree::{Argument, Class, Expr, ExprKind, Literal, Stmt, StmtKind};

/// What makes a class a payload class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordKind {
    /// `@dataclass`: takes what it is given.
    Dataclass,
    /// A pydantic model: builds the objects inside it too.
    Model,
}

/// What a class is to a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ClassKind {
    /// A payload class.
    Record(RecordKind),
    /// `TypedDict`: a dict in Python as well.
    TypedDict,
    /// `Enum` and its kin.
    Enum {
        /// Its members are texts or numbers.
        is_plain: bool,
    },
    /// A named tuple.
    NamedTuple,
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
    pub(super) default: Default,
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
pub(super) enum Default {
    /// It has none.
    Required,
    /// Python text that gives it, anew each time.
    Text(String),
    /// An object of a class, from its defaults.
    Object(RecordId),
    /// It has one that is not followed.
    Unknown,
}

impl Record {
    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

const MAX_DEPTH: usize = 24;

/// What pydantic may be told without changing what a model does with valid values.
const HARMLESS_CONFIG: &[&str] = &[
    "arbitrary_types_allowed",
    "extra",
    "from_attributes",
    "frozen",
    "json_schema_extra",
    "orm_mode",
    "populate_by_name",
    "protected_namespaces",
    "schema_extra",
    "strict",
    "title",
    "validate_assignment",
    "validate_by_alias",
    "validate_by_name",
    "allow_population_by_field_name",
    "allow_mutation",
    "use_attribute_docstrings",
];

impl<'a> Typing<'a> {
    /// What a class is.
    pub(super) fn class_kind(&self, class: &ClassRef<'a>, depth: usize) -> Option<ClassKind> {
        for decorator in &class.class.decorators {
            match self.full_name(class.module, called(decorator))?.as_str() {
                "dataclasses.dataclass" => return Some(ClassKind::Record(RecordKind::Dataclass)),
                "pydantic.dataclasses.dataclass" => return Some(ClassKind::Record(RecordKind::Model)),
                _ => {}
            }
        }
        if depth > MAX_DEPTH {
            return None;
        }
        let mut found = None;
        let mut is_plain = false;
        for base in bases(class.class) {
            let full = self.full_name(class.module, base).unwrap_or_default();
            let name = full.rsplit('.').next().unwrap_or_default();
            let kind = match (full.as_str(), name) {
                ("pydantic.BaseModel" | "pydantic.main.BaseModel" | "pydantic.v1.BaseModel", _) => {
                    Some(ClassKind::Record(RecordKind::Model))
                }
                ("typing.TypedDict" | "typing_extensions.TypedDict", _) => Some(ClassKind::TypedDict),
                ("typing.NamedTuple" | "collections.namedtuple", _) => Some(ClassKind::NamedTuple),
                ("enum.Enum" | "enum.Flag", _) => Some(ClassKind::Enum { is_plain: false }),
                ("enum.StrEnum" | "enum.IntEnum" | "enum.IntFlag", _) => Some(ClassKind::Enum { is_plain: true }),
                ("builtins.str" | "builtins.int" | "builtins.float", _) => {
                    is_plain = true;
                    None
                }
                _ => self.class(class.module, base).and_then(|base| self.class_kind(&base, depth + 1)),
            };
            found = found.or(kind);
        }
        match found {
            Some(ClassKind::Enum { is_plain: already }) => Some(ClassKind::Enum { is_plain: already || is_plain }),
            other => other,
        }
    }

    /// The payload class that a class is.
    pub(super) fn record_of(&self, class: &ClassRef<'a>) -> Option<RecordId> {
        let key = (class.module.name().to_owned(), class.name());
        if let Some(known) = self.known.borrow().get(&key) {
            return *known;
        }
        let kind = match self.class_kind(class, 0) {
            Some(ClassKind::Record(kind)) => kind,
            _ => {
                self.known.borrow_mut().insert(key, None);
                return None;
            }
        };
        let id = self.records.borrow().len();
        self.known.borrow_mut().insert(key, Some(id));
        // Its place is taken first: a class may hold itself.
        self.records.borrow_mut().push(None);
        let mut reading = Reading {
            typing: self,
            kind,
            fields: Vec::new(),
            obstacle: None,
            is_frozen: false,
            takes_names: false,
            methods: BTreeSet::new(),
            properties: BTreeSet::new(),
        };
        reading.class(class, 0);
        let Reading { mut fields, obstacle, is_frozen, takes_names, methods, properties, .. } = reading;
        fields.sort_by_key(|field| field.is_keyword_only);
        let record = Record {
            name: class.class.name.name.clone(),
            source: class.module.source().clone(),
            span: class.class.name.span,
            kind,
            fields,
            obstacle,
            is_frozen,
            takes_names,
            methods,
            properties,
        };
        self.records.borrow_mut()[id] = Some(std::rc::Rc::new(record));
        Some(id)
    }
}

/// A class being read, its bases first.
struct Reading<'t, 'a> {
    typing: &'t Typing<'a>,
    kind: RecordKind,
    fields: Vec<Field>,
    obstacle: Option<Obstacle>,
    is_frozen: bool,
    takes_names: bool,
    methods: BTreeSet<String>,
    properties: BTreeSet<String>,
}

impl<'a> Reading<'_, 'a> {
    fn class(&mut self, class: &ClassRef<'a>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let mut keyword_only = false;
        for decorator in &class.class.decorators {
            let is_dataclass = self
                .typing
                .full_name(class.module, called(decorator))
                .is_some_and(|name| name.ends_with("dataclasses.dataclass"));
            if !is_dataclass {
                self.stop(class, decorator.span, "it is decorated");
            } else if let ExprKind::Call { arguments, .. } = &decorator.kind {
                for argument in arguments {
                    let value = is_true(&argument.value);
                    match argument.keyword.as_ref().map(|keyword| keyword.name.as_str()) {
                        Some("frozen") => self.is_frozen = value,
                        Some("kw_only") => keyword_only = value,
                        Some("init") if !value => {
                            self.stop(class, argument.value.span, "it has no constructor of its own")
                        }
                        Some("eq") if !value => {
                            self.stop(class, argument.value.span, "its objects are equal only to themselves")
                        }
                        Some(
                            "init" | "eq" | "order" | "repr" | "slots" | "unsafe_hash" | "match_args" | "weakref_slot",
                        ) => {}
                        _ => {
                            self.stop(class, argument.value.span, "it is decorated with options that are not followed")
                        }
                    }
                }
            }
        }
        let all: Vec<&Expr> = bases(class.class).collect();
        for base in all.into_iter().rev() {
            let full = self.typing.full_name(class.module, base).unwrap_or_default();
            let is_plain = matches!(
                full.as_str(),
                "pydantic.BaseModel"
                    | "pydantic.main.BaseModel"
                    | "pydantic.v1.BaseModel"
                    | "abc.ABC"
                    | "builtins.object"
                    | "typing.Generic"
                    | "typing.Protocol"
            );
            match self.typing.class(class.module, base) {
                Some(base) => self.class(&base, depth + 1),
                None if is_plain => {}
                None => self.stop(class, base.span, "this class it is made from cannot be read"),
            }
        }
        for argument in class.class.arguments.iter().filter(|argument| argument.keyword.is_some()) {
            if argument.keyword.as_ref().is_some_and(|keyword| keyword.name == "frozen") {
                self.is_frozen = is_true(&argument.value);
            } else if argument.keyword.as_ref().is_some_and(|keyword| keyword.name != "metaclass") {
                self.config(class, argument.keyword.as_ref().map(|one| one.name.as_str()), &argument.value);
            }
        }
        for stmt in &class.class.body {
            self.statement(class, stmt, &mut keyword_only);
        }
    }

    fn stop(&mut self, class: &ClassRef<'a>, span: Span, reason: &str) {
        let source = class.module.source().clone();
        self.obstacle.get_or_insert(Obstacle { reason: reason.to_owned(), source, span });
    }

    fn statement(&mut self, class: &ClassRef<'a>, stmt: &Stmt, keyword_only: &mut bool) {
        match &stmt.kind {
            StmtKind::Function(function) => {
                let name = function.name.name.as_str();
                let marks: Vec<String> = function
                    .decorators
                    .iter()
                    .filter_map(|decorator| {
                        called(decorator).dotted().and_then(|parts| parts.last().map(|last| (*last).to_owned()))
                    })
                    .collect();
                if marks
                    .iter()
                    .any(|mark| mark.ends_with("validator") || mark.ends_with("serializer") || mark == "computed_field")
                {
                    self.stop(class, function.name.span, "this changes or checks fields");
                } else if matches!(
                    name,
                    "__init__"
                        | "__new__"
                        | "__post_init__"
                        | "model_post_init"
                        | "__getattr__"
                        | "__getattribute__"
                        | "__setattr__"
                        | "__eq__"
                        | "__bool__"
                        | "__len__"
                ) {
                    self.stop(class, function.name.span, "this is called when an object is made or used");
                } else {
                    if marks.iter().any(|mark| mark == "property" || mark == "cached_property") {
                        self.properties.insert(name.to_owned());
                    }
                    self.methods.insert(name.to_owned());
                }
            }
            StmtKind::AnnAssign { target, annotation, value } => {
                if let Some(name) = target.as_name() {
                    self.field(class, name, target.span, annotation, value.as_ref(), keyword_only);
                }
            }
            StmtKind::Assign { targets, value } if targets.iter().any(|target| target.is_name("model_config")) => {
                match &value.kind {
                    ExprKind::Call { arguments, .. } => {
                        for argument in arguments {
                            self.config(class, argument.keyword.as_ref().map(|one| one.name.as_str()), &argument.value);
                        }
                    }
                    ExprKind::Dict(items) => {
                        for (key, value) in items {
                            self.config(class, key.as_ref().and_then(text), value);
                        }
                    }
                    _ => self.stop(class, value.span, "its configuration is not followed"),
                }
            }
            StmtKind::Class(inner) if inner.name.name == "Config" => {
                for stmt in &inner.body {
                    if let StmtKind::Assign { targets, value } = &stmt.kind
                        && let Some(name) = targets.first().and_then(Expr::as_name)
                    {
                        self.config(class, Some(name), value);
                    }
                }
            }
            _ => {}
        }
    }

    fn config(&mut self, class: &ClassRef<'a>, name: Option<&str>, value: &Expr) {
        match name {
            Some("frozen") => self.is_frozen = is_true(value),
            Some("allow_mutation") => self.is_frozen = !is_true(value),
            Some("populate_by_name" | "validate_by_name" | "allow_population_by_field_name") => {
                self.takes_names = is_true(value);
            }
            Some(name) if HARMLESS_CONFIG.contains(&name) => {}
            _ => self.stop(class, value.span, "this setting changes what becomes of a value"),
        }
    }

    fn field(
        &mut self,
        class: &ClassRef<'a>,
        name: &str,
        span: Span,
        annotation: &Expr,
        value: Option<&Expr>,
        keyword_only: &mut bool,
    ) {
        let (module, typing) = (class.module, self.typing);
        let quoted = text(annotation).and_then(crate::flow::schema::parsed);
        let annotation = quoted.as_ref().unwrap_or(annotation);
        let head = match &annotation.kind {
            ExprKind::Subscript { value, .. } => value,
            _ => annotation,
        };
        let full = typing.full_name(module, head).unwrap_or_default();
        if full == "dataclasses.KW_ONLY" {
            *keyword_only = true;
            return;
        }
        if full.ends_with(".ClassVar") || (self.kind == RecordKind::Model && name.starts_with('_')) {
            return;
        }
        let reader = Reader { typing, module, in_field: true };
        let mut field = Field {
            name: name.to_owned(),
            aliases: Vec::new(),
            ty: reader.read(annotation),
            default: Default::Required,
            is_init: true,
            is_keyword_only: *keyword_only,
            is_any: full == "typing.Any" || full == "builtins.object",
            is_frozen: full.ends_with(".Final"),
            source: module.source().clone(),
            span,
        };
        if full.ends_with(".InitVar") {
            self.stop(class, span, "this is given to the constructor alone");
        }
        if full.ends_with(".Annotated")
            && let ExprKind::Subscript { index, .. } = &annotation.kind
        {
            for extra in crate::flow::schema::items(index).iter().skip(1) {
                match &extra.kind {
                    ExprKind::Call { callee, arguments }
                        if typing.full_name(module, callee).is_some_and(|name| name.ends_with(".Field")) =>
                    {
                        self.options(class, &mut field, arguments);
                    }
                    ExprKind::Call { callee, .. }
                        if callee.dotted().is_some_and(|parts| {
                            parts.last().is_some_and(|last| last.ends_with("Validator") || last.ends_with("Serializer"))
                        }) =>
                    {
                        self.stop(class, extra.span, "this changes or checks a field");
                    }
                    _ => {}
                }
            }
        }
        match value.map(|value| (value, &value.kind)) {
            None => {}
            Some((_, ExprKind::Call { callee, arguments }))
                if typing.full_name(module, callee).is_some_and(|name| {
                    matches!(
                        name.as_str(),
                        "dataclasses.field" | "pydantic.Field" | "pydantic.v1.Field" | "pydantic.fields.Field"
                    )
                }) =>
            {
                self.options(class, &mut field, arguments);
            }
            Some((value, _)) => field.default = self.default(module, value),
        }
        // A field that comes again keeps its place.
        match self.fields.iter_mut().find(|known| known.name == name) {
            Some(known) => *known = field,
            None => self.fields.push(field),
        }
    }

    /// `field(…)` of dataclasses, `Field(…)` of pydantic.
    fn options(&mut self, class: &ClassRef<'a>, field: &mut Field, arguments: &[Argument]) {
        for (at, argument) in arguments.iter().enumerate() {
            let value = &argument.value;
            match argument.keyword.as_ref().map(|keyword| keyword.name.as_str()) {
                None if at == 0 && !argument.is_double_starred => field.default = self.default(class.module, value),
                None => field.default = Default::Unknown,
                Some("default") => field.default = self.default(class.module, value),
                Some("default_factory" | "factory") => field.default = self.factory(class.module, value),
                Some("init") => field.is_init = is_true(value),
                Some("kw_only") => field.is_keyword_only = is_true(value),
                Some("frozen") => field.is_frozen = is_true(value),
                Some("allow_mutation") => field.is_frozen = !is_true(value),
                Some("exclude") if is_true(value) => field.ty = Type::Other("a field that is left out of messages,"),
                Some("alias" | "validation_alias") => match text(value) {
                    Some(alias) => field.aliases.push(alias.to_owned()),
                    None => self.stop(class, value.span, "this other name of a field is not followed"),
                },
                _ => {}
            }
        }
    }

    fn default(&self, module: ModuleRef<'a>, value: &Expr) -> Default {
        if matches!(value.kind, ExprKind::Literal(Literal::Ellipsis)) {
            return Default::Required;
        }
        if let Some(value) = json_literal(value) {
            return Default::Text(python(&value));
        }
        match &value.kind {
            ExprKind::Call { callee, arguments } if arguments.is_empty() => self.factory(module, callee),
            _ => match self.typing.constant(module, value, 0) {
                Some(text) => Default::Text(text),
                None => Default::Unknown,
            },
        }
    }

    fn factory(&self, module: ModuleRef<'a>, value: &Expr) -> Default {
        let simple = match self.typing.full_name(module, value).as_deref() {
            Some("builtins.list") => "[]",
            Some("builtins.dict") => "{}",
            Some("builtins.str") => "\"\"",
            Some("builtins.int") => "0",
            Some("builtins.float") => "0.0",
            Some("builtins.bool") => "False",
            _ => "",
        };
        if !simple.is_empty() {
            return Default::Text(simple.to_owned());
        }
        match &value.kind {
            ExprKind::Lambda { parameters, body } if parameters.positional.is_empty() => self.default(module, body),
            _ => match self.typing.class(module, value).and_then(|class| self.typing.record_of(&class)) {
                Some(id) => Default::Object(id),
                None => Default::Unknown,
            },
        }
    }
}

impl<'a> Typing<'a> {
    /// The full name of something imported, or of a builtin.
    pub(super) fn full_name(&self, module: ModuleRef<'a>, expr: &Expr) -> Option<String> {
        self.modules.full_name(module, &expr.dotted()?)
    }

    /// The class of the project behind an expression.
    pub(super) fn class(&self, module: ModuleRef<'a>, expr: &Expr) -> Option<ClassRef<'a>> {
        self.class_at(module, &expr.dotted()?, 0)
    }

    pub(super) fn class_at(&self, module: ModuleRef<'a>, path: &[&str], depth: usize) -> Option<ClassRef<'a>> {
        match self.modules.resolve(module, path)? {
            Found::Class(class) => Some(class),
            Found::Value { module, value, .. } if depth < MAX_DEPTH => {
                self.class_at(module, &value.dotted()?, depth + 1)
            }
            _ => None,
        }
    }

    /// The member of an enum that an expression is, as Python text, and whether it equals its value.
    pub(super) fn enum_member(&self, module: ModuleRef<'a>, expr: &Expr) -> Option<(String, bool)> {
        let ExprKind::Attribute { value, attribute } = &expr.kind else { return None };
        let class = self.class(module, value)?;
        let Some(ClassKind::Enum { is_plain }) = self.class_kind(&class, 0) else { return None };
        let value = class.class.body.iter().find_map(|stmt| match &stmt.kind {
            StmtKind::Assign { targets, value } if targets.iter().any(|target| target.is_name(&attribute.name)) => {
                Some(value)
            }
            _ => None,
        })?;
        Some((python(&json_literal(value)?), is_plain))
    }

    /// A constant of the project as Python text.
    fn constant(&self, module: ModuleRef<'a>, value: &Expr, depth: usize) -> Option<String> {
        if let Some(value) = json_literal(value) {
            return Some(python(&value));
        }
        if let Some((text, _)) = self.enum_member(module, value) {
            return Some(text);
        }
        match self.modules.resolve(module, &value.dotted()?)? {
            Found::Value { module, value, .. } if depth < MAX_DEPTH => self.constant(module, value, depth + 1),
            _ => None,
        }
    }
}

/// A decorator without its arguments.
fn called(decorator: &Expr) -> &Expr {
    match &decorator.kind {
        ExprKind::Call { callee, .. } => callee,
        _ => decorator,
    }
}

/// The base classes, without what stands in brackets.
fn bases(class: &Class) -> impl Iterator<Item = &Expr> {
    class.arguments.iter().filter(|argument| argument.keyword.is_none()).map(|argument| match &argument.value.kind {
        ExprKind::Subscript { value, .. } => &**value,
        _ => &argument.value,
    })
}

fn is_true(value: &Expr) -> bool {
    matches!(value.kind, ExprKind::Literal(Literal::Bool(true)))
}

pub(super) fn text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(Literal::Str(text)) => Some(text),
        _ => None,
    }
}

/// A value of JSON as Python text.
pub(super) fn python(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text, '"'),
        Value::Array(items) => format!("[{}]", items.iter().map(python).collect::<Vec<_>>().join(", ")),
        Value::Object(items) => {
            let items: Vec<String> =
                items.iter().map(|(key, value)| format!("{}: {}", quoted(key, '"'), python(value))).collect();
            format!("{{{}}}", items.join(", "))
        }
    }
}

/// A string literal of Python.
pub(super) fn quoted(text: &str, quote: char) -> String {
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
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
