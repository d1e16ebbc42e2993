//! Reads payload classes: decorators, bases, settings, fields.

use std::collections::BTreeSet;

use super::Typing;
use super::annotation::Reader;
use super::classes::{MAX_DEPTH, bases, called};
use super::kind::Type;
use super::literal::is_true;
use super::record::{Field, FieldDefault, Obstacle, Record, RecordKind};
use crate::flow::modules::ClassRef;
use crate::flow::schema::{items, parsed, string};
use crate::source::Span;
use crate::syntax::tree::{Argument, Expr, ExprKind, Function, Stmt, StmtKind};

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

/// What gives a field its options.
const FIELD_FUNCTIONS: &[&str] = &["dataclasses.field", "pydantic.Field", "pydantic.v1.Field", "pydantic.fields.Field"];

/// Base classes that add nothing to what a constructor does.
const PLAIN_BASES: &[&str] = &[
    "pydantic.BaseModel",
    "pydantic.main.BaseModel",
    "pydantic.v1.BaseModel",
    "abc.ABC",
    "builtins.object",
    "typing.Generic",
    "typing.Protocol",
];

/// Methods that Python calls when an object is made or used.
const SPECIAL_METHODS: &[&str] = &[
    "__init__",
    "__new__",
    "__post_init__",
    "model_post_init",
    "__getattr__",
    "__getattribute__",
    "__setattr__",
    "__eq__",
    "__bool__",
    "__len__",
];

/// A class being read, its bases first.
pub(super) struct RecordReader<'t, 'a> {
    typing: &'t Typing<'a>,
    kind: RecordKind,
    fields: Vec<Field>,
    obstacle: Option<Obstacle>,
    is_frozen: bool,
    takes_names: bool,
    methods: BTreeSet<String>,
    properties: BTreeSet<String>,
}

impl<'t, 'a> RecordReader<'t, 'a> {
    /// Nothing is read yet.
    pub(super) fn new(typing: &'t Typing<'a>, kind: RecordKind) -> Self {
        Self {
            typing,
            kind,
            fields: Vec::new(),
            obstacle: None,
            is_frozen: false,
            takes_names: false,
            methods: BTreeSet::new(),
            properties: BTreeSet::new(),
        }
    }

    /// Reads a payload class.
    pub(super) fn read(mut self, class: &ClassRef<'a>) -> Record {
        self.class(class, 0);
        let Self { kind, mut fields, obstacle, is_frozen, takes_names, methods, properties, .. } = self;
        fields.sort_by_key(|field| field.is_keyword_only);
        Record {
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
        }
    }

    /// Reads a class after those it is made from.
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
                self.dataclass_options(class, arguments, &mut keyword_only);
            }
        }
        self.base_classes(class, depth);
        for argument in &class.class.arguments {
            match argument.keyword.as_ref().map(|keyword| keyword.name.as_str()) {
                None | Some("metaclass") => {}
                Some("frozen") => self.is_frozen = is_true(&argument.value),
                keyword => self.config(class, keyword, &argument.value),
            }
        }
        for stmt in &class.class.body {
            self.statement(class, stmt, &mut keyword_only);
        }
    }

    /// `@dataclass(…)`.
    fn dataclass_options(&mut self, class: &ClassRef<'a>, arguments: &[Argument], keyword_only: &mut bool) {
        for argument in arguments {
            let value = is_true(&argument.value);
            let obstacle = match argument.keyword.as_ref().map(|keyword| keyword.name.as_str()) {
                Some("frozen") => {
                    self.is_frozen = value;
                    continue;
                }
                Some("kw_only") => {
                    *keyword_only = value;
                    continue;
                }
                Some("init") if !value => "it has no constructor of its own",
                Some("eq") if !value => "its objects are equal only to themselves",
                Some("init" | "eq" | "order" | "repr" | "slots" | "unsafe_hash" | "match_args" | "weakref_slot") => {
                    continue;
                }
                _ => "it is decorated with options that are not followed",
            };
            self.stop(class, argument.value.span, obstacle);
        }
    }

    fn base_classes(&mut self, class: &ClassRef<'a>, depth: usize) {
        let all: Vec<&Expr> = bases(class.class).collect();
        for base in all.into_iter().rev() {
            let full = self.typing.full_name(class.module, base).unwrap_or_default();
            match self.typing.class(class.module, base) {
                Some(base) => self.class(&base, depth + 1),
                None if PLAIN_BASES.contains(&full.as_str()) => {}
                None => self.stop(class, base.span, "this class it is made from cannot be read"),
            }
        }
    }

    /// Notes the first reason why what the constructor does is not known.
    fn stop(&mut self, class: &ClassRef<'a>, span: Span, reason: &str) {
        let source = class.module.source().clone();
        self.obstacle.get_or_insert(Obstacle { reason: reason.to_owned(), source, span });
    }

    fn statement(&mut self, class: &ClassRef<'a>, stmt: &Stmt, keyword_only: &mut bool) {
        match &stmt.kind {
            StmtKind::Function(function) => self.method(class, function),
            StmtKind::AnnAssign { target, annotation, value } => {
                if let Some(name) = target.as_name() {
                    self.field(class, name, target.span, annotation, value.as_ref(), keyword_only);
                }
            }
            StmtKind::Assign { targets, value } if targets.iter().any(|target| target.is_name("model_config")) => {
                self.model_config(class, value);
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

    fn method(&mut self, class: &ClassRef<'a>, function: &Function) {
        let name = function.name.name.as_str();
        let marks: Vec<&str> = function
            .decorators
            .iter()
            .filter_map(|decorator| called(decorator).dotted().and_then(|parts| parts.last().copied()))
            .collect();
        if marks
            .iter()
            .any(|mark| mark.ends_with("validator") || mark.ends_with("serializer") || *mark == "computed_field")
        {
            self.stop(class, function.name.span, "this changes or checks fields");
        } else if SPECIAL_METHODS.contains(&name) {
            self.stop(class, function.name.span, "this is called when an object is made or used");
        } else {
            if marks.iter().any(|mark| matches!(*mark, "property" | "cached_property")) {
                self.properties.insert(name.to_owned());
            }
            self.methods.insert(name.to_owned());
        }
    }

    /// `model_config = …`.
    fn model_config(&mut self, class: &ClassRef<'a>, value: &Expr) {
        match &value.kind {
            ExprKind::Call { arguments, .. } => {
                for argument in arguments {
                    self.config(class, argument.keyword.as_ref().map(|one| one.name.as_str()), &argument.value);
                }
            }
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    self.config(class, key.as_ref().and_then(string), value);
                }
            }
            _ => self.stop(class, value.span, "its configuration is not followed"),
        }
    }

    /// A setting of a pydantic model.
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
        let quoted = string(annotation).and_then(parsed);
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
            default: FieldDefault::Required,
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
            self.annotated(class, &mut field, items(index));
        }
        match value.map(|value| (value, &value.kind)) {
            None => {}
            Some((_, ExprKind::Call { callee, arguments }))
                if typing.full_name(module, callee).is_some_and(|name| FIELD_FUNCTIONS.contains(&name.as_str())) =>
            {
                self.options(class, &mut field, arguments);
            }
            Some((value, _)) => field.default = self.typing.default_value(module, value),
        }
        // A field that comes again keeps its place.
        match self.fields.iter_mut().find(|known| known.name == name) {
            Some(known) => *known = field,
            None => self.fields.push(field),
        }
    }

    /// What `Annotated[T, …]` says besides the type.
    fn annotated(&mut self, class: &ClassRef<'a>, field: &mut Field, items: &[Expr]) {
        for extra in items.iter().skip(1) {
            let ExprKind::Call { callee, arguments } = &extra.kind else { continue };
            let is_field = self.typing.full_name(class.module, callee).is_some_and(|name| name.ends_with(".Field"));
            let name = callee.dotted().and_then(|parts| parts.last().copied()).unwrap_or_default();
            if is_field {
                self.options(class, field, arguments);
            } else if name.ends_with("Validator") || name.ends_with("Serializer") {
                self.stop(class, extra.span, "this changes or checks a field");
            }
        }
    }

    /// `field(…)` of dataclasses, `Field(…)` of pydantic.
    fn options(&mut self, class: &ClassRef<'a>, field: &mut Field, arguments: &[Argument]) {
        for (at, argument) in arguments.iter().enumerate() {
            let value = &argument.value;
            match argument.keyword.as_ref().map(|keyword| keyword.name.as_str()) {
                None if at == 0 && !argument.is_double_starred => {
                    field.default = self.typing.default_value(class.module, value)
                }
                None => field.default = FieldDefault::Unknown,
                Some("default") => field.default = self.typing.default_value(class.module, value),
                Some("default_factory" | "factory") => field.default = self.typing.default_factory(class.module, value),
                Some("init") => field.is_init = is_true(value),
                Some("kw_only") => field.is_keyword_only = is_true(value),
                Some("frozen") => field.is_frozen = is_true(value),
                Some("allow_mutation") => field.is_frozen = !is_true(value),
                Some("exclude") if is_true(value) => field.ty = Type::Other("a field that is left out of messages,"),
                Some("alias" | "validation_alias") => match string(value) {
                    Some(alias) => field.aliases.push(alias.to_owned()),
                    None => self.stop(class, value.span, "this other name of a field is not followed"),
                },
                _ => {}
            }
        }
    }
}
