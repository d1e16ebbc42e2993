//! What a line of the source became.

mod call_sites;
mod calls;
mod catchers;
mod document;
mod lines;
mod places;
mod reads;
mod spot;

use std::collections::BTreeMap;

use super::actors::{self, Cast};
use super::segments::{self, Segments};
use super::{Settings, router};
use crate::diagnostic::Diagnostic;
use crate::flow::{Flow, Graph};
use crate::source::{Source, Span};
use crate::syntax::tree::{Function, Module};

pub use document::{
    Argument, Arguments, Called, CalledAs, Caught, Clause, ExplainedCall, ExplainedFunction, Explanation, Hops, Part,
    Variable, Why,
};
pub use places::Place;

use places::Places;

/// A line somebody asks about.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The file, as sources are named; `None` is the flow's own.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: usize,
}

/// Why a line has no explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Elsewhere {
    /// No part of the flow stands in the file.
    File {
        /// The files that hold parts of the flow.
        known: Vec<String>,
    },
    /// The file has no such line.
    Line {
        /// The last one.
        last: usize,
    },
    /// The line is no part of the flow.
    Outside {
        /// The functions that are: file, name, first and last line.
        functions: Vec<(String, String, usize, usize)>,
    },
}

/// Explains lines of a flow, each on its own. Fails as [`build`](super::build) does.
pub fn explain(
    flow: &Flow,
    source: &Source,
    settings: &Settings,
    asked: &[Asked],
) -> Result<Vec<Result<Explanation, Elsewhere>>, Vec<Diagnostic>> {
    let cast = actors::name_all(flow, settings, &mut |name, handler| settings.other(name, handler))?;
    let own = segments::cut(&flow.graph, source, &cast);
    let helpers: Vec<Segments> =
        flow.helpers.iter().map(|helper| segments::cut(&helper.graph, &helper.source, &cast)).collect();
    let is_single_call = own.straight_route(&flow.graph, &cast).is_some_and(|route| route.len() == 1);
    let (code, marks) = match is_single_call {
        true => (String::new(), Vec::new()),
        false => {
            let router = router::router(flow, source, settings, &cast, &own, &helpers);
            (router.code, router.marks)
        }
    };
    let code = Source::new("router.py", code);
    let mut parts =
        vec![Routine { key: None, name: &flow.function, source, graph: &flow.graph, segments: &own, definition: None }];
    parts.extend(flow.helpers.iter().zip(&helpers).map(|(helper, segments)| Routine {
        key: Some(&helper.key),
        name: &helper.name,
        source: &helper.source,
        graph: &helper.graph,
        segments,
        definition: Some(helper.span),
    }));
    let places = Places { marks: &marks, router: &code };
    let mut trees: BTreeMap<&str, Module> = BTreeMap::new();
    for part in &parts {
        if !trees.contains_key(part.source.name()) {
            trees.insert(part.source.name(), crate::syntax::parse(part.source)?);
        }
    }
    let explain = |asked: &Asked| {
        let file = asked.file.as_deref().unwrap_or(source.name());
        let part = parts.iter().find(|part| part.source.name() == file);
        let (Some(part), Some(module)) = (part, trees.get(file)) else {
            return Err(Elsewhere::File { known: trees.keys().map(|&name| name.to_owned()).collect() });
        };
        let last = part.source.text().lines().count();
        if asked.line == 0 || asked.line > last {
            return Err(Elsewhere::Line { last });
        }
        let (cast, routines, source) = (&cast, parts.as_slice(), part.source);
        Explainer { flow, cast, routines, places, source, module, is_single_call }.line(asked.line)
    };
    Ok(asked.iter().map(explain).collect())
}

/// The flow, or a function that runs as a part of it.
struct Routine<'e> {
    /// `None` for the flow itself.
    key: Option<&'e str>,
    name: &'e str,
    source: &'e Source,
    graph: &'e Graph,
    segments: &'e Segments,
    /// Where a helper is defined: its name.
    definition: Option<Span>,
}

impl Routine<'_> {
    fn is(&self, source: &Source, function: &Function) -> bool {
        self.source.name() == source.name()
            && match self.definition {
                Some(span) => span == function.name.span,
                None => self.name == function.name.name,
            }
    }
}

struct Explainer<'e> {
    flow: &'e Flow,
    cast: &'e Cast,
    routines: &'e [Routine<'e>],
    places: Places<'e>,
    /// The file the line stands in.
    source: &'e Source,
    module: &'e Module,
    is_single_call: bool,
}
