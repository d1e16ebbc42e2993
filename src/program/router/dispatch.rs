//! How a router finds the code of a place: by one `match` where there are few places, through a tree of
//! comparisons of numbers where there are many. Python tries the cases of a `match` in turn, so one
//! `match` over all places would make a message that passes many of them slow: the square of the flow.

use super::super::segments::Segment;
use super::lines::Lines;
use super::literal;

/// Most cases of one `match`, and most comparisons at each level of the tree.
const WIDTH: usize = 16;

/// With more places than this there is a tree.
const MANY: usize = 64;

/// What a dispatch needs to know.
pub(super) struct Dispatch<'d> {
    /// The variable with the label of the place.
    pub(super) at: &'d str,
    /// The variable that takes its number.
    pub(super) place: &'d str,
    /// The table of the numbers.
    pub(super) places: &'d str,
    /// What runs where the place is not known; `None` when that cannot be.
    pub(super) otherwise: Option<String>,
}

impl Dispatch<'_> {
    /// Writes what comes before the parts.
    pub(super) fn open(&self, lines: &mut Lines<'_>, depth: usize, segments: &[Segment]) {
        if is_by_number(segments.len()) {
            let Self { at, place, places, .. } = self;
            lines.line(depth, format_args!("{place} = {places}.get({at})"));
            if let Some(otherwise) = &self.otherwise {
                lines.line(depth, format_args!("if {place} is None:"));
                lines.line(depth + 1, otherwise);
            }
        }
    }

    /// Writes a part that is not a place.
    pub(super) fn part(&self, lines: &mut Lines<'_>, depth: usize, part: Part) {
        match part {
            Part::Below { depth: inner, is_first, limit } => {
                let word = if is_first { "if" } else { "elif" };
                lines.line(depth + inner, format_args!("{word} {} < {limit}:", self.place));
            }
            Part::Match { depth: inner } => lines.line(depth + inner, format_args!("match {}:", self.at)),
            Part::Place { .. } => {}
        }
    }

    /// Writes what comes after the parts.
    pub(super) fn close(&self, lines: &mut Lines<'_>, depth: usize, segments: &[Segment]) {
        if let Some(otherwise) = &self.otherwise
            && !is_by_number(segments.len())
        {
            lines.line(depth + 1, "case _:");
            lines.line(depth + 2, otherwise);
        }
    }

    /// Writes the table, where there is one.
    pub(super) fn table(&self, lines: &mut Lines<'_>, segments: &[Segment]) {
        if is_by_number(segments.len()) {
            lines.blank(2);
            lines.line(0, format_args!("{} = {{", self.places));
            for (number, segment) in segments.iter().enumerate() {
                lines.line(1, format_args!("{}: {number},", literal(&segment.label)));
            }
            lines.line(0, "}");
        }
    }
}

/// The statement for a place that the flow `flow` does not have.
pub(super) fn no_place(flow: &str, at: &str) -> String {
    format!(
        "raise RuntimeError(f\"the flow `{flow}` has no place {{{at}!r}}: the message was sent by another version of it\")"
    )
}

/// A part of a dispatch, in the order of the text; depths count from the dispatch itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// `if number < limit:`, or `elif` behind the first of its level.
    Below {
        /// Levels of indentation.
        depth: usize,
        /// It begins its level.
        is_first: bool,
        /// The first number that is not inside.
        limit: usize,
    },
    /// `match at:`.
    Match {
        /// Levels of indentation.
        depth: usize,
    },
    /// The case of a place, which has the number `index`.
    Place {
        /// Levels of indentation.
        depth: usize,
        /// Its number.
        index: usize,
    },
}

/// Whether so many places are found by number.
fn is_by_number(places: usize) -> bool {
    places > MANY
}

/// The dispatch over places with the numbers from 0.
pub(super) fn parts(places: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    if is_by_number(places) {
        tree(0, places, 0, &mut parts);
    } else {
        leaf(0, places, 0, &mut parts);
    }
    parts
}

fn leaf(from: usize, to: usize, depth: usize, parts: &mut Vec<Part>) {
    parts.push(Part::Match { depth });
    parts.extend((from..to).map(|index| Part::Place { depth: depth + 1, index }));
}

fn tree(from: usize, to: usize, depth: usize, parts: &mut Vec<Part>) {
    if to - from <= WIDTH {
        return leaf(from, to, depth, parts);
    }
    let mut size = WIDTH;
    while size * WIDTH < to - from {
        size *= WIDTH;
    }
    for start in (from..to).step_by(size) {
        let limit = to.min(start + size);
        parts.push(Part::Below { depth, is_first: start == from, limit });
        tree(start, limit, depth + 1, parts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_places_are_one_match() {
        let found = parts(2);
        assert_eq!(
            found,
            [Part::Match { depth: 0 }, Part::Place { depth: 1, index: 0 }, Part::Place { depth: 1, index: 1 }]
        );
    }

    #[test]
    fn every_place_is_found_once_with_few_comparisons() {
        for places in [65, 256, 257, 4_096, 4_097, 30_000] {
            let (mut next, mut most, mut tried) = (0, 0, Vec::new());
            for part in parts(places) {
                match part {
                    Part::Below { depth, is_first, limit } => {
                        assert!(limit > next);
                        tried.truncate(if is_first { depth } else { depth + 1 });
                        match tried.get_mut(depth) {
                            Some(count) => *count += 1,
                            None => tried.push(1),
                        }
                    }
                    Part::Match { depth } => {
                        tried.truncate(depth);
                        tried.push(0);
                    }
                    Part::Place { index, .. } => {
                        assert_eq!(index, next);
                        next += 1;
                        if let Some(count) = tried.last_mut() {
                            *count += 1;
                        }
                        most = most.max(tried.iter().sum::<usize>());
                    }
                }
            }
            assert_eq!(next, places);
            assert!(most <= WIDTH * 4, "{most} comparisons for {places} places");
        }
    }
}
