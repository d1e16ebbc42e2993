//! Whether the arguments of a call fit the parameters of a function.

use crate::source::Span;
use crate::syntax::tree::{Argument, ExprKind, Function, Parameter};

/// Why a call cannot be bound to a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SignatureProblem {
    /// What kind of mismatch it is.
    pub(super) kind: Mismatch,
    /// The argument that does not fit, in the caller's file; `None` when one is missing.
    pub(super) argument: Option<Span>,
    /// The parameter it is about, in the function's file.
    pub(super) parameter: Option<Span>,
}

/// What does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// A parameter without default gets nothing.
    Missing(String),
    /// There is no parameter of this name.
    UnexpectedKeyword(String),
    /// More positional arguments than parameters: how many it takes.
    TooMany(usize),
    /// A parameter gets two values.
    Duplicate(String),
    /// A parameter that cannot be given by name.
    PositionalOnly(String),
}

impl Mismatch {
    /// What to say at the parameter.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Missing(_) => "this parameter gets nothing",
            Self::Duplicate(_) => "this parameter",
            Self::PositionalOnly(_) => "only by position",
            Self::UnexpectedKeyword(_) | Self::TooMany(_) => "its parameters",
        }
    }

    /// What is wrong, to be put behind the function's name: "needs an argument for `mode`".
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Missing(name) => format!("needs an argument for `{name}`"),
            Self::UnexpectedKeyword(name) => format!("has no parameter `{name}`"),
            Self::TooMany(0) => "takes no positional arguments".to_owned(),
            Self::TooMany(1) => "takes one positional argument and gets more".to_owned(),
            Self::TooMany(most) => format!("takes {most} positional arguments and gets more"),
            Self::Duplicate(name) => format!("gets two values for `{name}`"),
            Self::PositionalOnly(name) => format!("does not take `{name}` by name"),
        }
    }
}

/// The first argument or parameter that keeps `function(arguments)` from being called; `skip_self`
/// parameters are filled already. `*` and `**` on either side hide what cannot be told. Decorators
/// are not looked at: a decorated function may have other parameters than it shows.
pub(super) fn signature_problem(
    function: &Function,
    skip_self: usize,
    arguments: &[Argument],
) -> Option<SignatureProblem> {
    let parameters = &function.parameters;
    let positional = parameters.positional.get(skip_self..).unwrap_or_default();
    let positional_only = parameters.positional_only.saturating_sub(skip_self);
    let is_starred = |argument: &&Argument| matches!(argument.value.kind, ExprKind::Starred(_));
    let plain = || arguments.iter().filter(|it| it.keyword.is_none() && !it.is_double_starred && !is_starred(it));
    let has_stars = arguments.iter().any(|argument| is_starred(&argument));
    let has_double_stars = arguments.iter().any(|argument| argument.is_double_starred);

    if parameters.variadic.is_none()
        && let Some(extra) = plain().nth(positional.len())
    {
        return Some(SignatureProblem {
            kind: Mismatch::TooMany(positional.len()),
            argument: Some(extra.value.span),
            parameter: parameters.span,
        });
    }
    // Behind a `*` argument nobody knows which parameters are filled.
    let filled = plain().count().min(positional.len());
    for (at, argument) in arguments.iter().enumerate() {
        let Some(keyword) = &argument.keyword else { continue };
        let name = &keyword.name;
        let is_this = |parameter: &Parameter| parameter.name.name == *name;
        let by_position = positional.iter().position(is_this);
        let problem =
            |kind, parameter: Option<Span>| Some(SignatureProblem { kind, argument: Some(keyword.span), parameter });
        match by_position {
            Some(place) if place < positional_only => {
                if parameters.keywords.is_none() {
                    return problem(Mismatch::PositionalOnly(name.clone()), Some(positional[place].name.span));
                }
            }
            Some(place) if place < filled => {
                return problem(Mismatch::Duplicate(name.clone()), Some(positional[place].name.span));
            }
            Some(_) => {}
            None if parameters.keyword_only.iter().any(is_this) || parameters.keywords.is_some() => {}
            None => return problem(Mismatch::UnexpectedKeyword(name.clone()), parameters.span),
        }
        let is_repeated = |other: &Argument| other.keyword.as_ref().is_some_and(|other| other.name == *name);
        if arguments[..at].iter().any(is_repeated) {
            return problem(Mismatch::Duplicate(name.clone()), None);
        }
    }
    let is_named = |parameter: &&Parameter| {
        arguments.iter().any(|it| it.keyword.as_ref().is_some_and(|keyword| keyword.name == parameter.name.name))
    };
    let open = positional.iter().enumerate().skip(if has_stars { positional.len() } else { filled });
    let open = open.filter(|(at, parameter)| *at < positional_only || !(has_double_stars || is_named(parameter)));
    let named = parameters.keyword_only.iter().filter(|parameter| !has_double_stars && !is_named(parameter));
    let missing = open.map(|(_, parameter)| parameter).chain(named).find(|parameter| parameter.default.is_none())?;
    Some(SignatureProblem {
        kind: Mismatch::Missing(missing.name.name.clone()),
        argument: None,
        parameter: Some(missing.name.span),
    })
}
