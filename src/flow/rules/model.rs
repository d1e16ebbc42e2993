//! What rules are, and what they find in the code.

use serde_json::Value;

use crate::source::{Source, Span};

/// What becomes of a call, a decorator or a `with` block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// The callee is an actor of its own.
    Actor,
    /// The call runs in the router.
    Inline,
    /// The callee is a flow: its body is expanded here, and drawn as a group.
    Flow,
    /// The callee's body is expanded here.
    Unfold,
    /// A decorator or a `with` block that stands for settings of actors.
    Config,
}

impl Behaviour {
    /// All of them with the word used in comments, rules and names.
    pub const ALL: [(&'static str, Self); 5] = [
        ("actor", Self::Actor),
        ("inline", Self::Inline),
        ("flow", Self::Flow),
        ("unfold", Self::Unfold),
        ("config", Self::Config),
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, known)| *known == self).map_or("", |(word, _)| word)
    }

    /// What the word means.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, behaviour)| *behaviour)
    }
}

/// A place in a rules file.
#[derive(Debug, Clone)]
pub struct Place {
    /// The file.
    pub source: Source,
    /// Where in it.
    pub span: Span,
}

impl Place {
    /// `file:line`.
    pub fn shown(&self) -> String {
        format!("{}:{}", self.source.name(), self.source.line_of(self.span.start))
    }
}

/// What the compiler makes of a symbol: of calls of it, of decorators, of `with` blocks.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The fully-qualified name, `tenacity.retry`.
    pub symbol: String,
    /// What becomes of it.
    pub behaviour: Behaviour,
    /// How its arguments become settings.
    pub nodes: Vec<Node>,
    /// The decorator stays on the handler when it runs.
    pub keeps_decorator: bool,
    /// Where the rule stands; `None` for those that come with the program.
    pub place: Option<Place>,
}

/// One step of reading settings from a call.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// The argument to go on with; `None` stays with the call.
    pub param: Option<Param>,
    /// The callee the call must have: its fully-qualified name, or the last part of it.
    pub callee: Option<String>,
    /// Operators at which the argument is taken apart.
    pub flatten_on: Vec<String>,
    /// Where the argument goes.
    pub target: Option<Target>,
    /// What goes there instead of the argument.
    pub value: Option<Value>,
    /// Steps on what was found.
    pub nodes: Vec<Node>,
}

/// An argument of a call, by name, by position, or either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: Option<String>,
    /// Its position, from 0.
    pub index: Option<usize>,
    /// What it must be.
    pub kind: Option<Kind>,
}

/// What an argument must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Int,
    /// Any number.
    Float,
    /// Text.
    Str,
    /// `True` or `False`.
    Bool,
    /// A list or tuple.
    List,
}

impl Kind {
    /// All of them with the word used in rules.
    pub const ALL: [(&'static str, Self); 5] =
        [("int", Self::Int), ("float", Self::Float), ("str", Self::Str), ("bool", Self::Bool), ("list", Self::List)];

    /// Whether `value` is of this kind.
    pub fn takes(self, value: &Value) -> bool {
        match self {
            Self::Int => value.is_i64() || value.is_u64(),
            Self::Float => value.is_number(),
            Self::Str => value.is_string(),
            Self::Bool => value.is_boolean(),
            Self::List => value.is_array(),
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, known)| *known == self).map_or("", |(word, _)| word)
    }
}

/// A field of an AsyncActor.
#[derive(Debug, Clone)]
pub struct Target {
    /// The dotted path, `spec.resiliency.actorTimeout`.
    pub path: String,
    /// Where the rule names it; `None` for rules that come with the program.
    pub place: Option<Place>,
}

/// One value for one field of an AsyncActor, as the code says it.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The field.
    pub target: Target,
    /// The literal in the code.
    pub value: Value,
    /// Where it stands; for a handler in another file the call of that handler.
    pub span: Span,
    /// Where it stands when that is another file: `handlers.py:7`.
    pub elsewhere: Option<String>,
}

impl Setting {
    /// Says that the setting stands in another file, which `call` leads to.
    pub(super) fn reached_by(&mut self, call: Span, source: &Source) {
        self.elsewhere.get_or_insert_with(|| format!("{}:{}", source.name(), source.line_of(self.span.start)));
        self.span = call;
    }

    /// Whether two settings come to the same.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self.value.as_f64(), other.value.as_f64()) {
            (Some(one), Some(two)) => (one - two).abs() <= f64::EPSILON * one.abs(),
            _ => self.value == other.value,
        }
    }
}

/// What the code says about how one handler runs.
#[derive(Debug, Clone, Default)]
pub struct HandlerSettings {
    /// Fields of its actor, each once.
    pub fields: Vec<Setting>,
    /// Decorators whose work the platform does from now on, sorted.
    pub lifted: Vec<String>,
}

impl HandlerSettings {
    /// Sets a field, in place of an earlier value.
    pub(super) fn set(&mut self, setting: Setting) {
        self.fields.retain(|known| known.target.path != setting.target.path);
        self.fields.push(setting);
    }
}
