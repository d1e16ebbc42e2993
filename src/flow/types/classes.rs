//! Classes of the project: which are payload classes, which are enums, and where they stand.

use std::rc::Rc;

use serde_json::Value;

use super::Typing;
use super::kind::RecordId;
use super::literal::python;
use super::record::RecordKind;
use super::record_reader::RecordReader;
use crate::flow::modules::{ClassRef, Found, ModuleRef};
use crate::flow::schema::json_literal;
use crate::syntax::tree::{Class, Expr, ExprKind, StmtKind};

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

/// Longer chains of base classes and of names are not followed.
pub(super) const MAX_DEPTH: usize = 24;

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
        let record = RecordReader::new(self, kind).read(class);
        self.records.borrow_mut()[id] = Some(Rc::new(record));
        Some(id)
    }

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
        let (_, value) = self.members(&class).into_iter().find(|(name, _)| *name == attribute.name)?;
        Some((python(&value?), is_plain))
    }

    /// The values of an enum, as Python texts in their order, and whether members equal them; `None` when it does
    /// more than give names to values that are known.
    pub(super) fn enum_values(&self, class: &ClassRef<'a>) -> Option<(Vec<String>, bool)> {
        let ClassKind::Enum { is_plain } = self.class_kind(class, 0)? else { return None };
        if class.class.body.iter().any(|stmt| matches!(stmt.kind, StmtKind::Function(_)))
            || bases(class.class).any(|base| self.class(class.module, base).is_some())
        {
            return None;
        }
        let mut values: Vec<String> = Vec::new();
        for (_, value) in self.members(class) {
            let value = python(&value?);
            // Another name of a member is no member.
            if !values.contains(&value) {
                values.push(value);
            }
        }
        Some((values, is_plain))
    }

    /// The members of an enum, with their values as far as they are known.
    fn members(&self, class: &ClassRef<'a>) -> Vec<(&'a str, Option<Value>)> {
        let mut members: Vec<(&str, Option<Value>)> = Vec::new();
        for stmt in &class.class.body {
            let StmtKind::Assign { targets, value } = &stmt.kind else { continue };
            let is_auto = matches!(&value.kind, ExprKind::Call { callee, arguments } if arguments.is_empty()
                && self.full_name(class.module, callee).is_some_and(|name| name == "enum.auto"));
            for name in targets.iter().filter_map(Expr::as_name) {
                let value = match is_auto {
                    true => self.automatic(class, name, &members),
                    false => json_literal(value),
                };
                members.push((name, value));
            }
        }
        members
    }

    /// What `auto()` gives: one more than the value before, or the name of a text in small letters.
    fn automatic(&self, class: &ClassRef<'a>, name: &str, before: &[(&str, Option<Value>)]) -> Option<Value> {
        let kinds: Vec<String> = bases(class.class).filter_map(|base| self.full_name(class.module, base)).collect();
        match kinds.as_slice() {
            [kind] if kind == "enum.StrEnum" => Some(Value::from(name.to_lowercase())),
            [kind] if kind == "enum.Enum" || kind == "enum.IntEnum" => {
                let numbers: Vec<i64> =
                    before.iter().map(|(_, value)| value.as_ref()?.as_i64()).collect::<Option<_>>()?;
                let last = numbers.last().copied().unwrap_or(0);
                // Versions of Python differ where the last one is not the largest.
                (numbers.iter().all(|number| *number <= last)).then(|| Value::from(last + 1))
            }
            _ => None,
        }
    }
}

/// A decorator without its arguments.
pub(super) fn called(decorator: &Expr) -> &Expr {
    match &decorator.kind {
        ExprKind::Call { callee, .. } => callee,
        _ => decorator,
    }
}

/// The base classes, without what stands in brackets.
pub(super) fn bases(class: &Class) -> impl Iterator<Item = &Expr> {
    class.arguments.iter().filter(|argument| argument.keyword.is_none()).map(|argument| match &argument.value.kind {
        ExprKind::Subscript { value, .. } => &**value,
        _ => &argument.value,
    })
}
