//! The defaults of the fields of payload classes.

use super::Typing;
use super::classes::MAX_DEPTH;
use super::literal::python;
use super::record::FieldDefault;
use crate::flow::modules::{Found, ModuleRef};
use crate::flow::schema::json_literal;
use crate::syntax::tree::{Argument, Expr, ExprKind, Literal};

impl<'a> Typing<'a> {
    /// What a field gets that is declared with `= value` or `default=value`.
    pub(super) fn default_value(&self, module: ModuleRef<'a>, value: &Expr) -> FieldDefault {
        if matches!(value.kind, ExprKind::Literal(Literal::Ellipsis)) {
            return FieldDefault::Required;
        }
        if let Some(value) = json_literal(value) {
            return FieldDefault::Text(python(&value));
        }
        match &value.kind {
            ExprKind::Call { callee, arguments } if arguments.is_empty() => self.default_factory(module, callee),
            ExprKind::Call { callee, arguments } => {
                self.default_object(module, callee, arguments).unwrap_or(FieldDefault::Unknown)
            }
            _ => match self.constant(module, value, 0) {
                Some(text) => FieldDefault::Text(text),
                None => FieldDefault::Unknown,
            },
        }
    }

    /// What a field gets that is declared with `default_factory=value`.
    pub(super) fn default_factory(&self, module: ModuleRef<'a>, value: &Expr) -> FieldDefault {
        let simple = match self.full_name(module, value).as_deref() {
            Some("builtins.list") => "[]",
            Some("builtins.dict") => "{}",
            Some("builtins.str") => "\"\"",
            Some("builtins.int") => "0",
            Some("builtins.float") => "0.0",
            Some("builtins.bool") => "False",
            _ => "",
        };
        if !simple.is_empty() {
            return FieldDefault::Text(simple.to_owned());
        }
        match &value.kind {
            ExprKind::Lambda { parameters, body } if parameters.positional.is_empty() => {
                self.default_value(module, body)
            }
            _ => match self.class(module, value).and_then(|class| self.record_of(&class)) {
                Some(id) => FieldDefault::Object(id, Vec::new()),
                None => FieldDefault::Unknown,
            },
        }
    }

    /// `Class("a", b=1)` with nothing but constants.
    fn default_object(&self, module: ModuleRef<'a>, callee: &Expr, arguments: &[Argument]) -> Option<FieldDefault> {
        let id = self.record_of(&self.class(module, callee)?)?;
        let record = self.record(id);
        let mut given = Vec::new();
        for (at, argument) in arguments.iter().enumerate() {
            let field = match &argument.keyword {
                Some(keyword) => record
                    .fields
                    .iter()
                    .find(|field| field.name == keyword.name || field.aliases.contains(&keyword.name)),
                None if argument.is_double_starred => None,
                None => record.fields.get(at).filter(|field| !field.is_keyword_only),
            };
            given.push((field.filter(|field| field.is_init)?.name.clone(), self.constant(module, &argument.value, 0)?));
        }
        Some(FieldDefault::Object(id, given))
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
