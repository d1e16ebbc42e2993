//! What cannot be said of the dicts of a message, and what to write instead.

use super::Typing;
use super::kind::{RecordId, Type};
use super::record::Record;
use crate::diagnostic::Diagnostic;
use crate::flow::codes;
use crate::names::near_matches;
use crate::source::Span;
use crate::syntax::tree::Argument;

impl Record {
    fn defined(&self, diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.related_in(&self.source, self.span, "the class")
    }
}

/// An attribute that is no field.
pub(super) fn no_field(record: &Record, name: &str, span: Span, is_written: bool) -> Diagnostic {
    let class = &record.name;
    let is_method = record.methods.contains(name);
    if is_method {
        let what = if record.properties.contains(name) { "a property" } else { "a method" };
        let diagnostic =
            Diagnostic::error(span, format!("`{name}` is {what} of `{class}`, which only its objects have"))
                .code(codes::OBJECT_ONLY)
                .note("a message holds the fields of an object, and the router has no more than the message")
                .help("compute it from the fields here, in a function that takes the object, or in an actor");
        return record.defined(diagnostic);
    }
    let diagnostic = Diagnostic::error(span, format!("`{class}` has no field `{name}`")).code(codes::ATTRIBUTE);
    let near = near_matches(name, record.fields.iter().map(|field| field.name.as_str()));
    let help = match near.first() {
        Some(near) => format!("did you mean `{near}`?"),
        None if is_written => format!("declare it in the class: `{name}: … = None`; what is no field does not travel"),
        None => "declare it in the class".to_owned(),
    };
    record.defined(diagnostic.help(help))
}

/// An argument at position `at` that the constructor of a class does not take.
pub(super) fn no_parameter(record: &Record, argument: &Argument, at: usize) -> Diagnostic {
    let (name, span) = match &argument.keyword {
        Some(keyword) => (format!("`{}`", keyword.name), keyword.span),
        None => (format!("argument {}", at + 1), argument.value.span),
    };
    let diagnostic = Diagnostic::error(span, format!("`{}` takes no {name}", record.name)).code(codes::ATTRIBUTE);
    record.defined(diagnostic)
}

/// A field of a class whose constructor does something that is not followed.
pub(super) fn obstacle(record: &Record, span: Span) -> Diagnostic {
    let class = &record.name;
    let mut diagnostic = Diagnostic::error(span, format!("what a `{class}` looks like in a message is not certain"))
        .code(codes::ATTRIBUTE)
        .note(format!("Python runs code of the class whenever a `{class}` is made, and the router has a plain dict"))
        .help("read the field in an actor, or annotate the payload with a class that only has fields");
    if let Some(obstacle) = &record.obstacle {
        diagnostic = diagnostic.related_in(&obstacle.source, obstacle.span, obstacle.reason.clone());
    }
    diagnostic
}

/// A field with a default that is not followed.
pub(super) fn unknown_default(record: &Record, name: &str, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(span, format!("`{name}` may be missing in the message"))
        .code(codes::ATTRIBUTE)
        .note(format!("`{}` computes its default, which the router cannot do", record.name))
        .help("give the field a literal default, or set it in an actor");
    match record.field(name) {
        Some(field) => diagnostic.related_in(&field.source, field.span, "the field"),
        None => diagnostic,
    }
}

/// A field whose value a message holds in another form.
pub(super) fn other_form(record: &Record, name: &str, what: &str, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(span, format!("`{name}` is {what} in Python and something else in a message"))
        .code(codes::OTHER_FORM)
        .note("the router reads messages, so an operation on it could give another result than in Python")
        .help("read it in an actor, or declare the field with the type that it has in JSON");
    match record.field(name) {
        Some(field) => diagnostic.related_in(&field.source, field.span, "the field"),
        None => diagnostic,
    }
}

/// An attribute of something that is plain JSON in Python as well.
pub(super) fn of_json(text: &str, name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(span, format!("`{text}` is plain JSON here and has no attribute `{name}`"))
        .code(codes::ATTRIBUTE)
        .help(format!(
            "write `{text}[\"{name}\"]`, or annotate what it comes from with a dataclass or a pydantic model"
        ))
}

/// An attribute of something that may be an object.
pub(super) fn uncertain(text: &str, name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(span, format!("the class of `{text}` is not certain here"))
        .code(codes::ATTRIBUTE)
        .note(format!("`.{name}` becomes a key in the router, but only of a value that surely is an object"))
        .help("give the value a variable of its own and annotate that")
}

/// An attribute of an object of a class that cannot be read.
pub(super) fn foreign(class: &str, text: &str, name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(span, format!("the fields of `{class}` are not known here"))
        .code(codes::ATTRIBUTE)
        .note(format!("`{text}` comes out of a message as a dict; `.{name}` becomes a key only for dataclasses and pydantic models of the project"))
        .help(format!("write `{text}[\"{name}\"]`, or read it in an actor"))
}

impl Typing<'_> {
    /// What a person calls a type.
    pub(super) fn shown(&self, ty: &Type) -> String {
        match ty {
            Type::Record(id) => format!("`{}`", self.record(*id).name),
            Type::Optional(inner) => format!("{} or `None`", self.shown(inner)),
            Type::List(inner) => format!("a list of {}", self.shown(inner)),
            Type::Dict(inner) => format!("a dict of {}", self.shown(inner)),
            Type::Tuple(_) => "a tuple".to_owned(),
            Type::Enum { .. } => "a member of an enum".to_owned(),
            Type::Pending(inner) => format!("a call that gives {}", self.shown(inner)),
            Type::Other(what) => (*what).to_owned(),
            Type::Foreign(name) => format!("`{name}`"),
            Type::None => "`None`".to_owned(),
            Type::Json | Type::Loose => "plain JSON".to_owned(),
            Type::Never | Type::Unknown => "something else".to_owned(),
            Type::Mixed => "perhaps an object".to_owned(),
        }
    }

    /// A value where an object of another class is declared.
    pub(super) fn mismatch(&self, place: &str, wanted: &Type, got: &Type, span: Span) -> Diagnostic {
        Diagnostic::error(
            span,
            format!("{place} is declared as {}, and this is {}", self.shown(wanted), self.shown(got)),
        )
        .code(codes::ATTRIBUTE)
        .note("attributes become keys where the class of a value is certain")
        .help("annotate where the value comes from with the same class")
    }

    /// Something that only an object can do.
    pub(super) fn object_only(&self, id: Option<RecordId>, what: &str, help: &str, span: Span) -> Diagnostic {
        let diagnostic = Diagnostic::error(span, what.to_owned())
            .code(codes::OBJECT_ONLY)
            .note("the router has the fields of the object as a dict, which does this in another way or not at all")
            .help(help.to_owned());
        match id {
            Some(id) => self.record(id).defined(diagnostic),
            None => diagnostic,
        }
    }
}
