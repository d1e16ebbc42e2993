//! Random flows in the language that compiles, as trees. All of them end, and none depends on
//! which object a value is once an actor has had it.

mod actors;
mod control;
mod errors;
mod foundation;
mod functions;
mod locals;
mod parallel;
mod values;
mod variables;

use super::features::{Feature, Features};
pub use super::random::Random;
use super::tree::{self, Body};
pub use actors::catalogue;
use values::Kind;

/// Deepest nesting of blocks.
const DEPTH: usize = 5;

/// A module with a flow.
#[derive(Debug, Clone)]
pub struct Flow {
    pub name: String,
    pub module: Body,
    /// What was made use of.
    pub used: Features,
}

impl Flow {
    pub fn text(&self) -> String {
        tree::text(&self.module)
    }
}

/// The text of a flow called `name`, of the foundation alone.
pub fn flow(random: &mut Random, name: &str) -> String {
    make(random, Features::foundation(), name).text()
}

/// A flow called `name` with some of `features`.
pub fn make(random: &mut Random, features: Features, name: &str) -> Flow {
    let features = if features.is_empty() { features } else { features.some(random) };
    let mut writer = Writer {
        random,
        features,
        used: Features::foundation(),
        has_aliases: false,
        helpers: Vec::new(),
        function: Function::new("p", false, Role::Main),
        room: 0,
        nest: 0,
        is_caught: false,
        is_quoted: false,
    };
    writer.has_aliases = writer.has(Feature::Aliases) && writer.random.chance(50);
    let module = writer.module(name);
    Flow { name: name.to_owned(), module, used: writer.used.only(features) }
}

struct Writer<'r> {
    random: &'r mut Random,
    features: Features,
    used: Features,
    /// Variables may be parts of the payload. Then the payload is sent nowhere inside of `try`: an
    /// actor that fails would give back a copy, where Python goes on with the same object.
    has_aliases: bool,
    helpers: Vec<Helper>,
    function: Function,
    /// Statements left before only the simplest are written: flows with everything in them would
    /// take long to run and to understand.
    room: usize,
    /// How many percent of the values are awaited calls, where they may be.
    nest: usize,
    /// Errors are caught: there may be many.
    is_caught: bool,
    /// Inside of an f-string, where older Pythons allow no other of the same quotes.
    is_quoted: bool,
}

/// A function that is being written.
struct Function {
    /// The dict that the function works on: its parameter, or a variable.
    p: String,
    is_async: bool,
    role: Role,
    locals: Vec<Local>,
    names: Vec<String>,
    counters: usize,
    /// The payload is sent to an actor.
    sends: bool,
    /// The payload is sent to an actor inside of a `try`.
    sends_in_try: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Main,
    /// Takes and returns the payload.
    Payload,
    /// Takes values and returns one.
    Value(Kind),
}

#[derive(Clone)]
struct Local {
    name: String,
    kind: Kind,
    /// Bound on every way that leads here.
    is_sure: bool,
}

/// A flow of the same module that is called by others.
#[derive(Clone)]
struct Helper {
    name: String,
    is_async: bool,
    role: Role,
    takes: Vec<(String, Kind)>,
    sends: bool,
    sends_in_try: bool,
}

impl Function {
    fn new(p: &str, is_async: bool, role: Role) -> Self {
        Self {
            p: p.to_owned(),
            is_async,
            role,
            locals: Vec::new(),
            names: vec![p.to_owned()],
            counters: 0,
            sends: false,
            sends_in_try: false,
        }
    }
}

/// Where a statement stands, within its function.
#[derive(Clone, Copy, Default)]
struct Place {
    depth: usize,
    loops: usize,
    /// Parts of `try` around.
    tries: usize,
    /// In the body of an `except`.
    handles: bool,
    /// A part of the payload is being iterated over; with the tries around that loop.
    iterated: Option<usize>,
}

impl Place {
    fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    fn in_loop(self) -> Self {
        Self { loops: self.loops + 1, ..self.deeper() }
    }

    fn in_try(self) -> Self {
        Self { tries: self.tries + 1, ..self.deeper() }
    }
}

impl Writer<'_> {
    fn has(&self, feature: Feature) -> bool {
        self.features.has(feature)
    }

    /// Whether the flow has the feature and chance is for it; then it counts as used.
    fn take(&mut self, feature: Feature, percent: usize) -> bool {
        let is_taken = self.has(feature) && self.random.chance(percent);
        if is_taken {
            self.used.add(feature);
        }
        is_taken
    }

    /// With other odds for awaited calls inside of expressions.
    fn nesting<T>(&mut self, percent: usize, write: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.nest, if self.function.is_async { percent } else { 0 });
        let written = write(self);
        self.nest = before;
        written
    }

    /// About `size` statements.
    fn block(&mut self, place: Place, size: usize) -> Body {
        let before = self.function.locals.clone();
        let mut body = Body::new();
        for _ in 0..size {
            body.extend(self.statement(place));
        }
        self.forget(before);
        body
    }

    /// What was bound in a block is perhaps unbound behind it.
    fn forget(&mut self, before: Vec<Local>) {
        let after = std::mem::replace(&mut self.function.locals, before);
        if self.has(Feature::Unbound) {
            for local in after {
                let known = self.function.locals.iter().any(|other| other.name == local.name);
                if !known && self.random.chance(40) {
                    self.function.locals.push(Local { is_sure: false, ..local });
                }
            }
        }
    }

    fn statement(&mut self, place: Place) -> Body {
        self.room = self.room.saturating_sub(1);
        if !self.features.is_empty()
            && self.room > 0
            && self.random.chance(65)
            && let Some(body) = self.rich(place)
        {
            return body;
        }
        self.founded(place)
    }

    /// A statement that uses one of the features.
    fn rich(&mut self, place: Place) -> Option<Body> {
        type Production<'r> = fn(&mut Writer<'r>, Place) -> Option<Body>;
        let is_deep = place.depth > DEPTH - 1;
        let blocks = |weight: usize| if is_deep { 0 } else { weight };
        let productions: &[(usize, Feature, Production)] = &[
            (16, Feature::Values, Writer::value_statement),
            (8, Feature::Nested, Writer::inner_statement),
            (6, Feature::Locals, Writer::local_statement),
            (6, Feature::Locals, Writer::local_use),
            (4, Feature::Unpacking, Writer::unpacking),
            (4, Feature::Tuples, Writer::tuple),
            (if self.has_aliases { 12 } else { 0 }, Feature::Aliases, Writer::alias),
            (4, Feature::Walrus, Writer::walrus),
            (3, Feature::BareCalls, Writer::bare_call),
            (2, Feature::Unbound, Writer::unbinding),
            (3, Feature::Comprehensions, Writer::comprehension),
            (2, Feature::IntKeys, Writer::int_keys),
            (if place.depth > 1 { 3 } else { 0 }, Feature::Returns, Writer::early_return),
            (blocks(12), Feature::For, Writer::for_loop),
            (blocks(5), Feature::LoopElse, Writer::loop_else),
            (blocks(5), Feature::MutatedLists, Writer::mutated_list),
            (blocks(2), Feature::GrowingDicts, Writer::growing_dict),
            (blocks(2), Feature::LazyGenerators, Writer::lazy_generator),
            (blocks(8), Feature::Match, Writer::match_statement),
            (blocks(16), Feature::Try, Writer::try_statement),
            (blocks(4), Feature::Finally, Writer::try_finally),
            (blocks(3), Feature::ExceptStar, Writer::except_star),
            (if place.tries > 0 { 6 } else { 2 }, Feature::OwnErrors, Writer::raise),
            (8, Feature::Gather, Writer::gather),
            (4, Feature::ReturnExceptions, Writer::gathered_errors),
            (6, Feature::CallLists, Writer::call_list),
            (4, Feature::Deferred, Writer::deferred),
            (if is_deep { 0 } else { 4 }, Feature::TaskGroups, Writer::task_group),
            (6, Feature::Helpers, Writer::helper_call),
            (5, Feature::ValueHelpers, Writer::value_helper_call),
        ];
        let weights = productions.iter().map(|(weight, feature, _)| if self.has(*feature) { *weight } else { 0 });
        let weights: Vec<usize> = weights.collect();
        if weights.iter().all(|weight| *weight == 0) {
            return None;
        }
        let (_, feature, production) = productions[self.random.weighted(weights.iter().copied())];
        let written = production(self, place)?;
        self.used.add(feature);
        Some(written)
    }
}
