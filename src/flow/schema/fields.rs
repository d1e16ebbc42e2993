//! The fields of a class: which property each is, whether it must be there, its default.

use serde_json::{Value, json};

use super::annotation::{ClassKind, Schema, Types, items, parsed};
use super::{documentation, is_ellipsis, json_literal, paragraph, string};
use crate::syntax::tree::{Argument, Class, Expr, ExprKind, Literal, StmtKind};

/// A field of a class.
#[derive(Debug, Clone)]
pub(super) struct Field {
    /// Its name in Python.
    pub(super) name: String,
    /// Its name in the payload.
    pub(super) property: String,
    /// Its schema, with description and default.
    pub(super) schema: Schema,
    /// It must be there.
    pub(super) is_required: bool,
}

/// The fields that the body of `class` itself declares.
pub(super) fn of(types: &mut Types<'_>, class: &Class, kind: ClassKind) -> Vec<Field> {
    let is_total = !class.arguments.iter().any(|argument| {
        argument.keyword.as_ref().is_some_and(|keyword| keyword.name == "total") && is_false(&argument.value)
    });
    let following = class.body.iter().skip(1).map(Some).chain([None]);
    let mut found = Vec::new();
    for (stmt, next) in class.body.iter().zip(following) {
        let StmtKind::AnnAssign { target, annotation, value } = &stmt.kind else { continue };
        let Some(name) = target.as_name() else { continue };
        let mut facts = Facts { property: name.to_owned(), ..Facts::default() };
        let quoted = string(annotation).and_then(parsed);
        let inner = facts.peel(types, quoted.as_ref().unwrap_or(annotation));
        match kind {
            ClassKind::Model if name.starts_with('_') => continue,
            ClassKind::TypedDict => facts.is_optional |= !is_total && !facts.is_surely_required,
            _ => value.iter().for_each(|value| facts.default_of(types, value)),
        }
        if facts.is_no_field {
            continue;
        }
        let mut schema = types.of(inner, 0);
        facts.limits.iter().for_each(|(names, value)| limit(&mut schema, names, value));
        if let Some(text) = facts.description.or_else(|| next.and_then(documentation)) {
            schema.insert("description".to_owned(), json!(text));
        }
        if let Some(examples) = facts.examples {
            schema.insert("examples".to_owned(), examples);
        }
        if let Some(default) = facts.default {
            schema.insert("default".to_owned(), default);
        }
        found.push(Field { name: name.to_owned(), property: facts.property, schema, is_required: !facts.is_optional });
    }
    found
}

/// What a field's annotation and right-hand side say besides the type.
#[derive(Default)]
struct Facts {
    property: String,
    description: Option<String>,
    default: Option<Value>,
    is_optional: bool,
    is_surely_required: bool,
    is_no_field: bool,
    /// What `Field(…)` says of the value, by the names of pydantic.
    limits: Vec<(&'static Limit, Value)>,
    examples: Option<Value>,
}

/// A limit on values: its name in pydantic, the types it is for, and its name in a schema.
type Limit = (&'static str, &'static [(&'static [&'static str], &'static str)]);

const NUMBER: &[&str] = &["integer", "number"];

const LIMITS: &[Limit] = &[
    ("ge", &[(NUMBER, "minimum")]),
    ("gt", &[(NUMBER, "exclusiveMinimum")]),
    ("le", &[(NUMBER, "maximum")]),
    ("lt", &[(NUMBER, "exclusiveMaximum")]),
    ("multiple_of", &[(NUMBER, "multipleOf")]),
    ("min_length", &[(&["string"], "minLength"), (&["array"], "minItems"), (&["object"], "minProperties")]),
    ("max_length", &[(&["string"], "maxLength"), (&["array"], "maxItems"), (&["object"], "maxProperties")]),
    ("pattern", &[(&["string"], "pattern")]),
];

/// Puts a limit where the schema has a type that it is for: a value that may be `None` too has it inside.
fn limit(schema: &mut Schema, names: &Limit, value: &Value) {
    if let Some(Value::Array(members)) = schema.get_mut("anyOf") {
        members.iter_mut().filter_map(Value::as_object_mut).for_each(|member| limit(member, names, value));
        return;
    }
    let kind = schema.get("type").and_then(Value::as_str);
    let name = names.1.iter().find(|(kinds, _)| kind.is_some_and(|kind| kinds.contains(&kind)));
    if let Some((_, name)) = name
        && !schema.contains_key("enum")
    {
        schema.insert((*name).to_owned(), value.clone());
    }
}

impl Facts {
    /// The type under `Required[…]`, `Annotated[…]` and their like.
    fn peel<'e>(&mut self, types: &Types<'_>, annotation: &'e Expr) -> &'e Expr {
        let mut at = annotation;
        loop {
            let (value, inner) = match &at.kind {
                ExprKind::Subscript { value, index } => (&**value, items(index)),
                _ => (at, [].as_slice()),
            };
            let (Some(name), first) = (types.typing_name(value), inner.first()) else { return at };
            match name.as_str() {
                "ClassVar" | "KW_ONLY" => self.is_no_field = true,
                "Required" => self.is_surely_required = true,
                "NotRequired" => self.is_optional = true,
                "ReadOnly" | "Final" | "InitVar" => {}
                "Annotated" => {
                    for extra in inner.iter().skip(1) {
                        match &extra.kind {
                            ExprKind::Call { callee, arguments } => self.call(types, callee, arguments),
                            _ => self.description = string(extra).and_then(paragraph).or(self.description.take()),
                        }
                    }
                }
                _ => return at,
            }
            match first {
                Some(first) => at = first,
                None => return at,
            }
        }
    }

    /// The right-hand side of a field.
    fn default_of(&mut self, types: &Types<'_>, value: &Expr) {
        match &value.kind {
            ExprKind::Call { callee, arguments }
                if matches!(types.typing_name(callee).as_deref(), Some("field" | "Field")) =>
            {
                self.call(types, callee, arguments);
            }
            _ => self.default_is(value),
        }
    }

    fn default_is(&mut self, value: &Expr) {
        if !is_ellipsis(value) {
            self.is_optional = true;
            self.default = json_literal(value);
        }
    }

    /// `field(…)` of dataclasses, `Field(…)` of pydantic.
    fn call(&mut self, types: &Types<'_>, callee: &Expr, arguments: &[Argument]) {
        let is_model = match types.typing_name(callee).as_deref() {
            Some("Field") => true,
            Some("field") => false,
            _ => return,
        };
        for (at, argument) in arguments.iter().enumerate() {
            let value = &argument.value;
            match argument.keyword.as_ref().map(|keyword| keyword.name.as_str()) {
                None if is_model && at == 0 && !argument.is_double_starred => self.default_is(value),
                // What `**options` says is not known: rather too little is required.
                None => self.is_optional = true,
                Some("default") => self.default_is(value),
                Some("default_factory") => {
                    self.is_optional = true;
                    self.default = match value.as_name() {
                        Some("list") => Some(json!([])),
                        Some("dict") => Some(json!({})),
                        Some("str") => Some(json!("")),
                        _ => None,
                    };
                }
                Some("init") if is_false(value) => self.is_no_field = true,
                Some("description") if is_model => self.description = string(value).and_then(paragraph),
                Some("alias" | "validation_alias") if is_model => {
                    if let Some(alias) = string(value) {
                        alias.clone_into(&mut self.property);
                    }
                }
                Some("examples") if is_model => {
                    self.examples = json_literal(value).filter(Value::is_array);
                }
                Some(name) if is_model => {
                    let known = LIMITS.iter().find(|limit| limit.0 == name);
                    self.limits.extend(known.zip(json_literal(value).filter(|value| !value.is_null())));
                }
                _ => {}
            }
        }
    }
}

fn is_false(value: &Expr) -> bool {
    matches!(value.kind, ExprKind::Literal(Literal::Bool(false)))
}
