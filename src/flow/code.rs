//! Pieces of Python text: the flow's own lines, with what the compiler puts in their place.

use super::graph::Handler;
use super::name_set::NameSet;
use crate::source::Span;

/// Python text made of pieces of the source and of the compiler's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Code {
    /// In order.
    pub pieces: Vec<Piece>,
}

/// A part of a [`Code`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it stands in the source.
    Source(Span),
    /// The compiler's words.
    Text(String),
    /// A call that waits to be made: of an actor.
    Actor(Box<Handler>),
    /// A call that waits to be made: of a helper of the same program.
    Helper(String),
}

impl Code {
    /// The source text of `span`.
    pub fn of(span: Span) -> Self {
        Self { pieces: vec![Piece::Source(span)] }
    }

    /// Words of the compiler's own.
    pub fn text(text: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Text(text.into())] }
    }

    /// The source text of `span` with other code in some places, which lie apart from each other
    /// inside `span`.
    pub fn with(span: Span, mut instead: Vec<(Span, Self)>) -> Self {
        instead.sort_by_key(|(place, _)| *place);
        let mut pieces = Vec::new();
        let mut at = span.start;
        for (place, code) in instead {
            if place.start > at {
                pieces.push(Piece::Source(Span::new(at, place.start)));
            }
            pieces.extend(code.pieces);
            at = place.end;
        }
        if span.end > at {
            pieces.push(Piece::Source(Span::new(at, span.end)));
        }
        pieces.shrink_to_fit();
        Self { pieces }
    }

    /// This code, then words of the compiler's own.
    #[must_use]
    pub fn then(mut self, text: impl Into<String>) -> Self {
        self.pieces.push(Piece::Text(text.into()));
        self
    }

    /// This code, then more.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.pieces.extend(more.pieces);
        self
    }

    /// The only span, when this is just a piece of the source.
    pub fn as_source(&self) -> Option<Span> {
        match self.pieces.as_slice() {
            [Piece::Source(span)] => Some(*span),
            _ => None,
        }
    }

    /// The words, when this is nothing but one piece of the compiler's own.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The handlers whose calls wait in this code.
    pub fn handlers(&self) -> impl Iterator<Item = &Handler> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Actor(handler) => Some(&**handler),
            _ => None,
        })
    }
}

/// What running a piece of code does to the variables of a function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    /// Read before the code itself has surely written them.
    pub reads: NameSet,
    /// Surely bound afterwards.
    pub writes: NameSet,
    /// Perhaps bound to something else afterwards, or unbound; holds `writes` too.
    pub touches: NameSet,
    /// Perhaps unbound afterwards.
    pub unbinds: NameSet,
}

impl Effect {
    /// An effect that only reads.
    pub fn reading<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        Self { reads: names.into_iter().map(str::to_owned).collect(), ..Self::default() }
    }

    /// An effect that unbinds names.
    pub fn unbinding(names: impl IntoIterator<Item = String>) -> Self {
        let names: NameSet = names.into_iter().collect();
        Self { touches: names.clone(), unbinds: names, ..Self::default() }
    }

    /// Adds that `name` is surely bound.
    #[must_use]
    pub fn writing(mut self, name: &str) -> Self {
        self.writes.insert(name.to_owned());
        self.touches.insert(name.to_owned());
        self.unbinds.remove(name);
        self
    }

    /// First this, then `next`.
    pub fn then(&mut self, next: &Self) {
        self.reads.extend(next.reads.iter().filter(|name| !self.writes.contains(name)).cloned());
        for gone in next.unbinds.iter() {
            self.writes.remove(gone);
        }
        self.writes.extend(next.writes.iter().cloned());
        for bound in next.writes.iter() {
            self.unbinds.remove(bound);
        }
        self.unbinds.extend(next.unbinds.iter().cloned());
        self.touches.extend(next.touches.iter().cloned());
    }

    /// Either this or `other`.
    pub fn or(&mut self, other: &Self) {
        self.reads.extend(other.reads.iter().cloned());
        self.writes.retain(|name| other.writes.contains(name));
        self.touches.extend(other.touches.iter().cloned());
        self.unbinds.extend(other.unbinds.iter().cloned());
    }

    /// Perhaps `body`, perhaps several times.
    pub fn perhaps(&mut self, body: &Self) {
        let mut either = self.clone();
        either.then(body);
        self.or(&either);
    }
}
