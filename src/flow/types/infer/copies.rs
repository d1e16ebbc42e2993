//! Copies of objects: `asdict`, `replace`, `model_dump`, `model_copy`.

use super::Walker;
use super::refusals::short;
use crate::diagnostic::Diagnostic;
use crate::flow::codes;
use crate::flow::schema::string;
use crate::flow::tokens;
use crate::flow::types::complete::Purpose;
use crate::flow::types::kind::{RecordId, Type};
use crate::flow::types::record::RecordKind;
use crate::flow::types::{MethodCall, refuse};
use crate::source::Span;
use crate::syntax::tree::{Argument, Expr, ExprKind};

impl<'a> Walker<'_, 'a, '_> {
    /// Functions of the standard library that know objects.
    pub(super) fn known_function(&mut self, callee: &'a Expr, arguments: &'a [Argument]) -> Option<Type> {
        let full = self.typing.full_name(self.around.home, callee)?;
        let purpose = match full.as_str() {
            "dataclasses.asdict" => Purpose::Copy,
            "dataclasses.replace" | "copy.replace" => Purpose::Replace,
            "copy.copy" | "copy.deepcopy" => {
                let types: Vec<Type> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
                return Some(types.into_iter().next().unwrap_or(Type::Unknown));
            }
            _ => return None,
        };
        let types: Vec<Type> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
        let first = types.first().cloned().unwrap_or(Type::Unknown);
        let Some(id) = first.record() else {
            self.handed_on_types(callee, arguments, &types);
            return Some(Type::Unknown);
        };
        self.settle(callee.span);
        let record = self.typing.record(id);
        if record.obstacle.is_some() {
            self.refuse_once(refuse::obstacle(&record, callee.span));
            return Some(first);
        }
        if let (Purpose::Copy, [_, option, ..]) = (purpose, arguments) {
            self.options(id, option.value.span);
        }
        if purpose == Purpose::Replace {
            for (argument, ty) in arguments.iter().zip(&types).skip(1) {
                let Some(keyword) = &argument.keyword else {
                    self.options(id, argument.value.span);
                    continue;
                };
                match record.field(&keyword.name) {
                    None => self.refuse(refuse::no_field(&record, &keyword.name, keyword.span, true)),
                    Some(field) => self.check_field(field, ty, argument.value.span),
                }
            }
        }
        if self.writes {
            let function = self.typing.function(purpose);
            self.edit(callee.span, function);
        }
        Some(if purpose == Purpose::Copy { Type::Json } else { Type::Record(id) })
    }

    /// A method of an object: of the user's own, or pydantic's.
    pub(super) fn method_of_object(
        &mut self,
        expr: &'a Expr,
        id: RecordId,
        value: &'a Expr,
        callee: &'a Expr,
        name: &str,
        arguments: &'a [Argument],
    ) -> Type {
        let record = self.typing.record(id);
        let types: Vec<Type> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
        let ExprKind::Attribute { attribute, .. } = &callee.kind else { return Type::Unknown };
        let is_own = record.methods.contains(name) || record.kind == RecordKind::Dataclass;
        let purpose = match name {
            "model_dump" | "dict" if !is_own => Purpose::Copy,
            "model_copy" | "copy" if !is_own => Purpose::Update,
            "model_dump_json" | "json" if !is_own => {
                let text = short(self.source.slice(value.span));
                self.refuse(self.typing.object_only(
                    Some(id),
                    &format!("`{name}` writes JSON in pydantic's own way"),
                    &format!("write `json.dumps({text}.model_dump())`"),
                    attribute.span,
                ));
                return Type::Json;
            }
            _ => {
                self.refuse(refuse::no_field(&record, name, attribute.span, false));
                return Type::Unknown;
            }
        };
        if record.obstacle.is_some() {
            self.refuse_once(refuse::obstacle(&record, attribute.span));
            return Type::Unknown;
        }
        let has_arguments = self.copy_options(id, purpose, arguments, &types);
        if self.writes {
            if Self::awaits(expr) {
                self.refuse(
                    Diagnostic::error(expr.span, format!("`{name}` of an object, with an actor call inside"))
                        .code(codes::OBJECT_ONLY)
                        .help("assign the result of the call to a variable first"),
                );
                return Type::Unknown;
            }
            let open = tokens::parenthesis(self.source, callee, expr.span);
            let dot = tokens::dot(self.source, value, attribute.span);
            // `mode=…` changes nothing about plain JSON.
            let end = if has_arguments { open + 1 } else { expr.span.end - 1 };
            let function = self.typing.function(purpose);
            let between = Span::new(dot, end);
            self.typed.methods.insert(expr.span, MethodCall { function, between, has_arguments });
        }
        match purpose {
            Purpose::Copy => Type::Json,
            _ => Type::Record(id),
        }
    }

    /// Checks the arguments of `model_dump` or `model_copy`; answers whether the router's function
    /// gets them.
    fn copy_options(&mut self, id: RecordId, purpose: Purpose, arguments: &'a [Argument], types: &[Type]) -> bool {
        let mut has_arguments = false;
        for argument in arguments {
            let keyword = argument.keyword.as_ref().map(|keyword| keyword.name.as_str());
            match (purpose, keyword) {
                (Purpose::Copy, Some("mode")) if string(&argument.value).is_some() => {}
                (Purpose::Update, Some("update" | "deep")) => has_arguments = true,
                _ => self.options(id, argument.value.span),
            }
        }
        let is_update = |argument: &Argument| argument.keyword.as_ref().is_some_and(|keyword| keyword.name == "update");
        if let Some(at) = arguments.iter().position(is_update) {
            self.updated(id, &arguments[at].value, &types[at]);
        }
        has_arguments
    }

    /// What `model_copy(update=…)` changes.
    fn updated(&mut self, id: RecordId, value: &'a Expr, ty: &Type) {
        let record = self.typing.record(id);
        match &value.kind {
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    let Some(name) = key.as_ref().and_then(string) else { continue };
                    let got = self.value(value);
                    match record.field(name) {
                        None => self.refuse(refuse::no_field(&record, name, value.span, true)),
                        Some(field) => self.check_field(field, &got, value.span),
                    }
                }
            }
            _ if ty.is_typed() || record.fields.iter().any(|field| field.ty.is_typed()) => self.options(id, value.span),
            _ => {}
        }
    }

    fn options(&mut self, id: RecordId, span: Span) {
        self.refuse(self.typing.object_only(
            Some(id),
            "this way to make a dict of an object is not followed",
            "make the whole dict, and take out of it what you need",
            span,
        ));
    }
}
