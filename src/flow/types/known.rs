//! Names of the standard library and of pydantic that say something about types.

use crate::flow::python;

/// How a full name such as `typing.Optional` forms a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Former {
    /// `Optional[T]`.
    Optional,
    /// `Union[A, B]`.
    Union,
    /// `Annotated[T, …]`, `Required[T]` and the like.
    Wrapper,
    /// `Literal[…]`.
    Literal,
    /// `list[T]`.
    List,
    /// `dict[K, V]`.
    Dict,
    /// `tuple[…]`.
    Tuple,
    /// `set[T]`.
    Set,
    /// What a generator gives out: `AsyncIterator[T]`.
    Emits,
    /// What comes of awaiting: `Awaitable[T]`.
    Awaitable,
}

/// What forms types under a full name.
pub(super) fn former(full: &str) -> Option<Former> {
    let (module, name) = full.rsplit_once('.')?;
    if !matches!(
        module,
        "builtins" | "collections" | "collections.abc" | "typing" | "typing_extensions" | "dataclasses"
    ) {
        return None;
    }
    Some(match name {
        "Optional" => Former::Optional,
        "Union" => Former::Union,
        "Annotated" | "Required" | "NotRequired" | "ReadOnly" | "Final" | "InitVar" => Former::Wrapper,
        "Literal" => Former::Literal,
        "list" | "List" | "Sequence" | "MutableSequence" | "Iterable" | "Collection" => Former::List,
        "dict" | "Dict" | "Mapping" | "MutableMapping" | "OrderedDict" | "defaultdict" | "DefaultDict" => Former::Dict,
        "tuple" | "Tuple" => Former::Tuple,
        "set" | "Set" | "frozenset" | "FrozenSet" | "AbstractSet" | "MutableSet" => Former::Set,
        "AsyncIterator" | "AsyncGenerator" | "AsyncIterable" | "Iterator" | "Generator" => Former::Emits,
        "Awaitable" | "Coroutine" => Former::Awaitable,
        _ => return None,
    })
}

/// Whether values of a type are the same in Python and in JSON.
pub(super) fn is_plain(full: &str) -> bool {
    matches!(
        full,
        "builtins.str"
            | "builtins.int"
            | "builtins.float"
            | "builtins.bool"
            | "builtins.object"
            | "typing.Any"
            | "typing.Text"
            | "typing.LiteralString"
            | "typing_extensions.LiteralString"
            | "typing_extensions.Any"
            | "pydantic.EmailStr"
            | "pydantic.StrictStr"
            | "pydantic.StrictInt"
            | "pydantic.StrictFloat"
            | "pydantic.StrictBool"
            | "pydantic.PositiveInt"
            | "pydantic.NegativeInt"
            | "pydantic.NonNegativeInt"
            | "pydantic.NonPositiveInt"
            | "pydantic.PositiveFloat"
            | "pydantic.NonNegativeFloat"
            | "pydantic.NonPositiveFloat"
            | "pydantic.NegativeFloat"
            | "pydantic.FiniteFloat"
            | "pydantic.JsonValue"
    )
}

/// Types whose values a message holds in another form.
pub(super) fn other(full: &str) -> Option<&'static str> {
    Some(match full {
        "datetime.datetime" | "pydantic.AwareDatetime" | "pydantic.NaiveDatetime" => "a `datetime`",
        "datetime.date" | "pydantic.PastDate" | "pydantic.FutureDate" => "a `date`",
        "datetime.time" => "a `time`",
        "datetime.timedelta" => "a `timedelta`",
        "decimal.Decimal" => "a `Decimal`",
        "fractions.Fraction" => "a `Fraction`",
        "uuid.UUID" | "pydantic.UUID4" => "a `UUID`",
        "pathlib.Path" | "pathlib.PurePath" | "pydantic.FilePath" | "pydantic.DirectoryPath" => "a `Path`",
        "pydantic.HttpUrl" | "pydantic.AnyUrl" | "pydantic.AnyHttpUrl" => "a URL object",
        "pydantic.SecretStr" | "pydantic.SecretBytes" => "a secret",
        "builtins.bytes" | "builtins.bytearray" => "`bytes`",
        "builtins.complex" => "a `complex`",
        _ => return None,
    })
}

/// The methods of strings, lists, dicts, numbers: what a value of JSON has.
pub(super) fn is_json_method(name: &str) -> bool {
    [python::STRING_METHODS, python::LIST_METHODS, python::DICT_METHODS, python::NUMBER_ATTRIBUTES]
        .iter()
        .any(|names| names.contains(&name))
        || (name.starts_with("__") && name.ends_with("__"))
}

/// Builtins that take containers of objects and look at the objects through no more than equality,
/// truth or a function that is given.
pub(super) const CONTAINER_BUILTINS: &[&str] = &[
    "all",
    "any",
    "enumerate",
    "filter",
    "iter",
    "len",
    "list",
    "map",
    "max",
    "min",
    "next",
    "range",
    "reversed",
    "sorted",
    "sum",
    "tuple",
    "zip",
    "bool",
    "id",
    "dict",
];
