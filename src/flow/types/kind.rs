//! What is known about the type of a value.

/// The number of a [`Record`](super::record::Record).
pub(super) type RecordId = usize;

/// The type of a value, as far as payload classes go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Type {
    /// Nothing was seen yet.
    Never,
    /// `None`.
    None,
    /// A value of the router's own that holds no object of a payload class.
    Unknown,
    /// Plain JSON.
    Json,
    /// What an actor answered that does not say what it answers: plain JSON, unless the place it is
    /// assigned to says more.
    Loose,
    /// An object of a payload class.
    Record(RecordId),
    /// That or `None`.
    Optional(Box<Type>),
    /// A list of these.
    List(Box<Type>),
    /// A dict with values of these.
    Dict(Box<Type>),
    /// A tuple, or a list of known length.
    Tuple(Vec<Type>),
    /// A member of an enum.
    Enum {
        /// It is also a text or number, equal to its value.
        is_plain: bool,
    },
    /// A call that waits.
    Pending(Box<Type>),
    /// Something that a message holds as something else: "a `datetime`".
    Other(&'static str),
    /// An object of a class that is not known here.
    Foreign(String),
    /// Perhaps an object of a payload class: nobody knows which.
    Mixed,
}

/// Deeper types are not followed: they come from a variable that grows around itself.
const MAX_DEPTH: usize = 8;

impl Type {
    /// Whether it is or holds something that the message holds in another form.
    pub(super) fn is_typed(&self) -> bool {
        match self {
            Self::Record(_) | Self::Enum { .. } | Self::Other(_) | Self::Mixed => true,
            Self::Optional(inner) | Self::List(inner) | Self::Dict(inner) | Self::Pending(inner) => inner.is_typed(),
            Self::Tuple(items) => items.iter().any(Self::is_typed),
            Self::Never | Self::None | Self::Unknown | Self::Json | Self::Loose | Self::Foreign(_) => false,
        }
    }

    /// Whether it is or holds an object of a class that is not known here.
    pub(super) fn is_foreign(&self) -> bool {
        match self {
            Self::Foreign(_) => true,
            Self::Optional(inner) | Self::List(inner) | Self::Dict(inner) | Self::Pending(inner) => inner.is_foreign(),
            Self::Tuple(items) => items.iter().any(Self::is_foreign),
            _ => false,
        }
    }

    /// Whether nobody knows of what class it, or something in it, is.
    pub(super) fn is_blurred(&self) -> bool {
        match self {
            Self::Mixed => true,
            Self::Optional(inner) | Self::List(inner) | Self::Dict(inner) | Self::Pending(inner) => inner.is_blurred(),
            Self::Tuple(items) => items.iter().any(Self::is_blurred),
            _ => false,
        }
    }

    /// The type without `None`.
    pub(super) fn present(&self) -> &Self {
        match self {
            Self::Optional(inner) => inner,
            _ => self,
        }
    }

    /// The record, when it is one or `None`.
    pub(super) fn record(&self) -> Option<RecordId> {
        match self.present() {
            Self::Record(id) => Some(*id),
            _ => None,
        }
    }

    /// Whether the value itself is an object, not a container of such.
    pub(super) fn is_object(&self) -> bool {
        matches!(self.present(), Self::Record(_) | Self::Enum { .. } | Self::Other(_) | Self::Mixed)
    }

    /// A list of these.
    pub(super) fn list(inner: Self) -> Self {
        Self::List(Box::new(inner))
    }

    /// That or `None`.
    pub(super) fn or_none(self) -> Self {
        match self {
            Self::Optional(_) | Self::None | Self::Unknown | Self::Json | Self::Loose | Self::Mixed => self,
            Self::Never => Self::None,
            other => Self::Optional(Box::new(other)),
        }
    }

    /// What comes of going over it.
    pub(super) fn element(&self) -> Self {
        match self.present() {
            Self::List(inner) => (**inner).clone(),
            Self::Tuple(items) => items.iter().fold(Self::Never, |all, item| all.join(item)),
            Self::Json | Self::Loose | Self::Dict(_) => Self::Json,
            Self::Never => Self::Never,
            Self::Mixed | Self::Record(_) | Self::Enum { .. } | Self::Other(_) | Self::Pending(_) => Self::Mixed,
            Self::Optional(_) | Self::None | Self::Unknown | Self::Foreign(_) => Self::Unknown,
        }
    }

    /// Either this or `other`.
    pub(super) fn join(&self, other: &Self) -> Self {
        let joined = match (self, other) {
            (one, other) if one == other => return one.clone(),
            (Self::Never, other) | (other, Self::Never) => return other.clone(),
            (Self::None, other) | (other, Self::None) => return other.clone().or_none(),
            (Self::Optional(one), other) | (other, Self::Optional(one)) => return one.join(other.present()).or_none(),
            (Self::List(one), Self::List(other)) => Self::list(one.join(other)),
            (Self::Dict(one), Self::Dict(other)) => Self::Dict(Box::new(one.join(other))),
            (Self::Pending(one), Self::Pending(other)) => Self::Pending(Box::new(one.join(other))),
            (Self::Tuple(one), Self::Tuple(other)) if one.len() == other.len() => {
                Self::Tuple(one.iter().zip(other).map(|(one, other)| one.join(other)).collect())
            }
            (Self::List(one), tuple @ Self::Tuple(_)) | (tuple @ Self::Tuple(_), Self::List(one)) => {
                Self::list(one.join(&tuple.element()))
            }
            // `[]` and `{}` fit to whatever is put into them.
            (Self::List(inner) | Self::Dict(inner), Self::Json)
            | (Self::Json, Self::List(inner) | Self::Dict(inner))
                if !inner.is_typed() =>
            {
                return Self::Json;
            }
            (Self::Json | Self::Loose, Self::Json | Self::Loose) => return Self::Json,
            (one, other) if one.is_typed() || other.is_typed() => Self::Mixed,
            _ => Self::Unknown,
        };
        match joined.depth() > MAX_DEPTH {
            true if joined.is_typed() => Self::Mixed,
            true => Self::Unknown,
            false => joined,
        }
    }

    fn depth(&self) -> usize {
        match self {
            Self::Optional(inner) | Self::List(inner) | Self::Dict(inner) | Self::Pending(inner) => inner.depth() + 1,
            Self::Tuple(items) => items.iter().map(Self::depth).max().unwrap_or(0) + 1,
            _ => 0,
        }
    }

    /// Whether a value of type `value` can stand where this type is declared.
    pub(super) fn takes(&self, value: &Self) -> bool {
        match (self, value) {
            (_, Self::Never | Self::None) => true,
            (one, other) if one == other => true,
            (one, _) if !one.is_typed() => true,
            (Self::Optional(one), other) => one.takes(other.present()),
            (one, Self::Optional(other)) => one.takes(other),
            (Self::List(one), Self::List(other))
            | (Self::Dict(one), Self::Dict(other))
            | (Self::Pending(one), Self::Pending(other)) => one.takes(other),
            (Self::List(one), Self::Tuple(items)) => items.iter().all(|item| one.takes(item)),
            (Self::Tuple(one), Self::Tuple(other)) if one.len() == other.len() => {
                one.iter().zip(other).all(|(one, other)| one.takes(other))
            }
            // Members are told apart by their values.
            (Self::Enum { .. }, Self::Enum { .. }) => true,
            // What the message holds is what an actor made of it.
            (Self::Other(_), other) => !other.is_typed(),
            _ => false,
        }
    }

    /// What an actor's answer becomes where this type is declared; `None` when the answer says
    /// what it is.
    pub(super) fn adopts(&self, answer: &Self) -> bool {
        match (self, answer) {
            (_, Self::Loose) => true,
            (Self::Optional(inner), other) => inner.adopts(other),
            (Self::List(inner), Self::List(other)) => inner.adopts(other),
            (Self::List(inner), Self::Tuple(items)) => !items.is_empty() && items.iter().all(|item| inner.adopts(item)),
            (Self::Tuple(inner), Self::Tuple(items)) => {
                inner.len() == items.len() && inner.iter().zip(items).all(|(inner, item)| inner.adopts(item))
            }
            _ => false,
        }
    }
}
