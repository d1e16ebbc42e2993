//! Where code of the source stands in the router.

use serde::Serialize;

use crate::program::router::{Mark, Marked};
use crate::source::{Source, Span};

/// A place in the router.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The function that is a part of the flow; `None` for the flow itself.
    pub function: Option<String>,
    /// The segment, as `graph.json` names it.
    pub segment: String,
    /// The lines of `router.py`.
    pub router_lines: Vec<usize>,
}

/// What is known of the router's text.
#[derive(Clone, Copy)]
pub(super) struct Places<'m> {
    /// In the order of the text.
    pub(super) marks: &'m [Mark<'m>],
    pub(super) router: &'m Source,
}

impl Places<'_> {
    /// Where the router has code of some places of a file.
    pub(super) fn of(&self, file: &str, spans: &[Span]) -> Vec<Place> {
        self.find(|what| matches!(what, Marked::Code(name, span) if *name == file && spans.contains(span)))
    }

    /// Where the router makes a call.
    pub(super) fn of_call(&self, file: &str, span: Span) -> Vec<Place> {
        self.find(|what| matches!(what, Marked::Call(name, at) if *name == file && *at == span))
    }

    fn line(&self, mark: &Mark<'_>) -> usize {
        self.router.line_of(mark.at)
    }

    fn find(&self, is_wanted: impl Fn(&Marked<'_>) -> bool) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        let (mut function, mut segment): (Option<&str>, &str) = (None, "start");
        for mark in self.marks {
            match &mark.what {
                Marked::Segment(of, label) => (function, segment) = (*of, label),
                what if is_wanted(what) => {
                    let line = self.line(mark);
                    let known = places
                        .iter_mut()
                        .find(|place| place.function.as_deref() == function && place.segment == segment);
                    match known {
                        Some(place) if place.router_lines.last() == Some(&line) => {}
                        Some(place) => place.router_lines.push(line),
                        None => places.push(Place {
                            function: function.map(str::to_owned),
                            segment: segment.to_owned(),
                            router_lines: vec![line],
                        }),
                    }
                }
                _ => {}
            }
        }
        places
    }

    /// Where the router has a definition of the module.
    pub(super) fn definition(&self, place: &str) -> Vec<usize> {
        let is_it = |mark: &&Mark<'_>| matches!(mark.what, Marked::Definition(at) if at == place);
        self.marks.iter().filter(is_it).map(|mark| self.line(mark)).collect()
    }

    /// Where a segment begins.
    pub(super) fn segment(&self, function: Option<&str>, label: &str) -> Place {
        let is_it = |mark: &&Mark<'_>| matches!(mark.what, Marked::Segment(of, at) if of == function && at == label);
        Place {
            function: function.map(str::to_owned),
            segment: label.to_owned(),
            router_lines: self.marks.iter().filter(is_it).map(|mark| self.line(mark)).collect(),
        }
    }
}
