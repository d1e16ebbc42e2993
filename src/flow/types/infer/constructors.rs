//! Classes that are called: objects of payload classes, and objects that stand for actors.

use std::collections::{BTreeMap, BTreeSet};

use super::Walker;
use crate::diagnostic::Diagnostic;
use crate::flow::codes;
use crate::flow::modules::ClassRef;
use crate::flow::types::classes::ClassKind;
use crate::flow::types::complete::Purpose;
use crate::flow::types::kind::{RecordId, Type};
use crate::flow::types::record::{Field, FieldDefault, Record, RecordKind};
use crate::flow::types::refuse;
use crate::source::Span;
use crate::syntax::tree::{Argument, Expr, ExprKind, Stmt, StmtKind};
use crate::syntax::{blocks, expressions, walk};

impl<'a> Walker<'_, 'a, '_> {
    /// A call of a payload class, or of a class method of one that makes objects; `None` when it is neither.
    pub(super) fn class_call(&mut self, expr: &'a Expr, callee: &'a Expr, arguments: &'a [Argument]) -> Option<Type> {
        if let Some(id) = self.payload_class(callee) {
            let is_handler_object = self.is_handler_object(id, expr);
            return Some(if is_handler_object { Type::Unknown } else { self.construct(expr, callee, arguments, id) });
        }
        if let Some(class) = self.typing.class(self.around.home, callee) {
            match self.typing.class_kind(&class, 0) {
                Some(ClassKind::TypedDict) => return self.typed_dict(callee, arguments),
                Some(ClassKind::Enum { .. }) => return self.member(callee, arguments, &class),
                Some(ClassKind::NamedTuple) => {
                    self.settle(callee.span);
                    let name = class.name();
                    self.refuse(self.typing.object_only(
                        None,
                        &format!("`{name}` is a named tuple, which is a plain list in a message"),
                        "write a dict, or make it a dataclass",
                        callee.span,
                    ));
                    return Some(Type::Unknown);
                }
                _ => {}
            }
        }
        match &callee.kind {
            ExprKind::Attribute { value, attribute }
                if matches!(attribute.name.as_str(), "model_validate" | "parse_obj" | "model_construct") =>
            {
                let id = self.payload_class(value)?;
                Some(self.validate(callee, arguments, id))
            }
            _ => None,
        }
    }

    /// `State(q="x")` of a `TypedDict`, which makes a plain dict.
    fn typed_dict(&mut self, callee: &'a Expr, arguments: &'a [Argument]) -> Option<Type> {
        if self.is_bound("dict") || self.around.scope.get("dict").is_some() {
            return None;
        }
        self.settle(callee.span);
        self.edit(callee.span, "dict");
        Some(self.builtin("dict", arguments))
    }

    /// `Color(value)`: the member with a value.
    fn member(&mut self, callee: &'a Expr, arguments: &'a [Argument], class: &ClassRef<'a>) -> Option<Type> {
        let (values, is_plain) = self.typing.enum_values(class)?;
        let [Argument { keyword: None, is_double_starred: false, value }] = arguments else { return None };
        self.settle(callee.span);
        let ty = self.value(value);
        self.no_object_but_member(&ty, value);
        if self.writes {
            let function = self.typing.function(Purpose::Member(self.typing.enum_id(class, values)));
            self.edit(callee.span, function);
        }
        Some(Type::Enum { is_plain })
    }

    fn no_object_but_member(&mut self, ty: &Type, place: &Expr) {
        if !matches!(ty.present(), Type::Enum { .. }) {
            self.no_object(ty, place, "looks for the member of an enum");
        }
    }

    /// What a loop goes over; an enum gives its members.
    pub(super) fn gone_over(&mut self, iterable: &'a Expr) -> Type {
        if let Some(path) = iterable.dotted()
            && self.quotes.is_empty()
            && !self.is_bound(path[0])
            && let Some(class) = self.typing.class(self.around.home, iterable)
            && let Some((values, is_plain)) = self.typing.enum_values(&class)
        {
            self.settle(iterable.span);
            self.edit(iterable.span, format!("[{}]", values.join(", ")));
            return Type::list(Type::Enum { is_plain });
        }
        let ty = self.value(iterable);
        self.no_object(&ty, iterable, "goes over an object");
        ty
    }

    fn payload_class(&self, expr: &Expr) -> Option<RecordId> {
        self.typing.record_of(&self.typing.class(self.around.home, expr)?)
    }

    /// `State(…)`.
    fn construct(&mut self, expr: &'a Expr, callee: &'a Expr, arguments: &'a [Argument], id: RecordId) -> Type {
        self.settle(callee.span);
        let types: Vec<Type> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
        let record = self.typing.record(id);
        if record.obstacle.is_some() {
            self.refuse_once(refuse::obstacle(&record, callee.span));
            return Type::Record(id);
        }
        let mut given: Vec<&str> = Vec::new();
        let mut has_stars = false;
        for (at, (argument, ty)) in arguments.iter().zip(&types).enumerate() {
            if argument.is_double_starred || matches!(argument.value.kind, ExprKind::Starred(_)) {
                has_stars = true;
                self.unpacked(id, &record, argument, ty);
                continue;
            }
            match constructor_field(&record, argument, at) {
                Some(field) => {
                    given.push(&field.name);
                    self.check_given(&record, field, ty, argument.value.span);
                }
                None => self.refuse(refuse::no_parameter(&record, argument, at)),
            }
        }
        if !has_stars {
            self.check_missing(&record, &given, expr.span);
        }
        if self.writes {
            let function = self.typing.function(Purpose::New(id));
            self.edit(callee.span, function);
        }
        Type::Record(id)
    }

    /// `State(**value)`, `State(*values)`.
    fn unpacked(&mut self, id: RecordId, record: &Record, argument: &Argument, ty: &Type) {
        self.no_object(ty, &argument.value, "unpacks an object");
        let is_model = record.kind == RecordKind::Model;
        if !argument.is_double_starred || (!is_model && record.fields.iter().any(|field| field.ty.is_typed())) {
            self.refuse(self.typing.object_only(
                Some(id),
                &format!("which fields of `{}` this gives is not certain", record.name),
                "give the fields one by one",
                argument.value.span,
            ));
        }
    }

    /// Checks what a field is given by its constructor.
    fn check_given(&mut self, record: &Record, field: &Field, ty: &Type, span: Span) {
        let is_model = record.kind == RecordKind::Model;
        let is_built = is_model && !ty.is_typed();
        if !is_built {
            self.check_field(field, ty, span);
        }
        if let (Type::Other(what), true) = (&field.ty, is_model) {
            self.refuse(refuse::other_form(record, &field.name, what, span));
        }
    }

    /// Checks that the fields a constructor is not given have defaults.
    fn check_missing(&mut self, record: &Record, given: &[&str], span: Span) {
        for field in record.fields.iter().filter(|field| field.is_init && !given.contains(&field.name.as_str())) {
            match field.default {
                FieldDefault::Required => {
                    let diagnostic = Diagnostic::error(span, format!("`{}` needs `{}`", record.name, field.name))
                        .code(codes::ATTRIBUTE)
                        .related_in(&field.source, field.span, "this has no default");
                    self.refuse(diagnostic);
                }
                FieldDefault::Unknown => self.refuse_once(refuse::unknown_default(record, &field.name, span)),
                _ => {}
            }
        }
    }

    /// `State.model_validate(value)`.
    fn validate(&mut self, callee: &'a Expr, arguments: &'a [Argument], id: RecordId) -> Type {
        let record = self.typing.record(id);
        self.settle(callee.span);
        let types: Vec<Type> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
        let is_construct = callee.dotted().is_some_and(|parts| parts.last() == Some(&"model_construct"));
        let has_other = record.fields.iter().any(|field| matches!(field.ty, Type::Other(_)));
        if record.obstacle.is_some() {
            self.refuse_once(refuse::obstacle(&record, callee.span));
        } else if arguments.len() != 1
            || arguments[0].keyword.is_some()
            || types[0].is_typed()
            || is_construct
            || has_other
        {
            self.refuse(self.typing.object_only(
                Some(id),
                "how this makes an object is not followed",
                &format!("write `{}(**value)` or give the fields one by one", record.name),
                callee.span,
            ));
        } else if self.writes {
            // As a constructor: a copy of what is given, with the fields it lacks.
            let function = self.typing.function(Purpose::From(id));
            self.edit(callee.span, function);
        }
        Type::Record(id)
    }

    /// A class that is made for its methods, which are actors.
    fn is_handler_object(&self, id: RecordId, expr: &Expr) -> bool {
        let record = self.typing.record(id);
        self.handlers
            .get(&expr.span)
            .is_some_and(|methods| record.obstacle.is_some() || methods.is_subset(&record.methods))
    }
}

/// The field that the argument at position `at` of a constructor gives.
fn constructor_field<'r>(record: &'r Record, argument: &Argument, at: usize) -> Option<&'r Field> {
    let is_model = record.kind == RecordKind::Model;
    let mut fields = record.fields.iter().filter(|field| field.is_init);
    match &argument.keyword {
        Some(keyword) => fields.find(|field| {
            let by_name = field.name == keyword.name && (field.aliases.is_empty() || record.takes_names || !is_model);
            by_name || field.aliases.contains(&keyword.name)
        }),
        None => fields.filter(|field| !field.is_keyword_only && !is_model).nth(at),
    }
}

/// Calls `name = Class()` whose name is used for nothing but `name.method(…)`, with those methods.
pub(super) fn handler_objects(body: &[Stmt]) -> BTreeMap<Span, BTreeSet<String>> {
    let mut names = ObjectNames::default();
    names.look(body);
    let mut found = BTreeMap::new();
    for (name, spans) in names.made {
        let Some((calls, methods)) = names.method_calls.get(&name) else { continue };
        if names.all.get(&name) == Some(&(calls + spans.len())) {
            found.extend(spans.into_iter().map(|span| (span, methods.clone())));
        }
    }
    found
}

/// How a function uses names that may stand for objects of which only methods are called.
#[derive(Default)]
struct ObjectNames {
    /// The calls `Class()` that are assigned to a name.
    made: BTreeMap<String, Vec<Span>>,
    /// The number of calls `name.method(…)`, and the methods.
    method_calls: BTreeMap<String, (usize, BTreeSet<String>)>,
    /// How often a name is used at all.
    all: BTreeMap<String, usize>,
}

impl ObjectNames {
    fn look(&mut self, body: &[Stmt]) {
        for stmt in body {
            if let StmtKind::Assign { targets, value } = &stmt.kind
                && let ([target], ExprKind::Call { arguments, .. }) = (targets.as_slice(), &value.kind)
                && let Some(name) = target.as_name()
                && arguments.is_empty()
            {
                self.made.entry(name.to_owned()).or_default().push(value.span);
            }
            for expr in expressions(stmt) {
                walk(expr, &mut |expr| {
                    self.count(expr);
                    true
                });
            }
            blocks(stmt).into_iter().for_each(|block| self.look(block));
        }
    }

    fn count(&mut self, expr: &Expr) {
        if let Some(name) = expr.as_name() {
            *self.all.entry(name.to_owned()).or_default() += 1;
        }
        if let ExprKind::Call { callee, .. } = &expr.kind
            && let ExprKind::Attribute { value, attribute } = &callee.kind
            && let Some(name) = value.as_name()
        {
            let (calls, methods) = self.method_calls.entry(name.to_owned()).or_default();
            *calls += 1;
            methods.insert(attribute.name.clone());
        }
    }
}
