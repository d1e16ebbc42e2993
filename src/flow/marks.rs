//! What a compound statement holds: decides whether it is copied as it stands.

/// What has been met so far; a compound statement in which nothing of this was met is copied as
/// it stands.
#[derive(Default)]
pub(super) struct Marks {
    pub(super) calls: usize,
    pub(super) exits: usize,
    /// How many enclosing loops each `break` or `continue` had.
    pub(super) jumps: Vec<usize>,
    /// The deepest nesting among the statements of the open block.
    pub(super) deepest: Nesting,
}

/// How deep compound statements nest.
#[derive(Clone, Copy, Default)]
pub(super) struct Nesting {
    pub(super) levels: usize,
    pub(super) loops: usize,
}

/// [`Marks`] at one point: how many there were of each.
pub(super) struct Moment {
    pub(super) calls: usize,
    pub(super) exits: usize,
    pub(super) jumps: usize,
    pub(super) deepest: Nesting,
}

impl Marks {
    /// What there was before a compound statement, whose nesting is counted from here on.
    pub(super) fn enter(&mut self) -> Moment {
        let Self { calls, exits, .. } = *self;
        Moment { calls, exits, jumps: self.jumps.len(), deepest: std::mem::take(&mut self.deepest) }
    }

    /// The nesting of the compound statement entered at `before`, itself included.
    pub(super) fn leave(&mut self, before: &Moment, is_loop: bool) -> Nesting {
        let inside = self.deepest;
        let own = Nesting { levels: inside.levels + 1, loops: inside.loops + usize::from(is_loop) };
        self.deepest =
            Nesting { levels: own.levels.max(before.deepest.levels), loops: own.loops.max(before.deepest.loops) };
        own
    }
}
