//! What random flows are made of beyond payload calls, branches and `while` loops.

use std::fmt;

use super::random::Random;

macro_rules! features {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Feature { $($(#[doc = $doc])* $name,)* }

        impl Feature {
            pub const EACH: &'static [Self] = &[$(Self::$name,)*];

            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

features! {
    /// `x = await f(expr)`, `p["k"] = await f(expr)`.
    Values = "values",
    /// Several and named arguments, none at all.
    Arguments = "arguments",
    /// Awaited calls inside of expressions.
    Nested = "nested",
    /// Awaited calls in tests: `if`, `elif`, `while`, `assert`, guards of `case`.
    Conditions = "conditions",
    /// Awaited calls that are not always made: `and`, `or`, ternaries, chains of comparisons.
    ShortCircuit = "short_circuit",
    /// Awaited calls inside of comprehensions, one after the other.
    Comprehensions = "comprehensions",
    /// Variables that are used behind a later call.
    Locals = "locals",
    /// Variables that are perhaps unbound, `del`.
    Unbound = "unbound",
    /// Tuples that live across calls.
    Tuples = "tuples",
    /// `a, *b = await f(x)`.
    Unpacking = "unpacking",
    /// Two names of one object, also of parts of the payload.
    Aliases = "aliases",
    /// `(x := await f(y))`.
    Walrus = "walrus",
    /// `await f(x)` as a statement.
    BareCalls = "bare_calls",
    /// `return` of anything.
    Returns = "returns",
    /// `for`.
    For = "for",
    /// Loops that begin a function.
    LeadingLoops = "leading_loops",
    /// `else` of loops.
    LoopElse = "loop_else",
    /// Lists that grow while they are iterated over.
    MutatedLists = "mutated_lists",
    /// `match`.
    Match = "match",
    /// `try`, `except`, `else`.
    Try = "try",
    /// `finally`.
    Finally = "finally",
    /// `return`, `break`, `continue` inside of `try`.
    TryJumps = "try_jumps",
    /// `except E as e`.
    ExceptAs = "except_as",
    /// `raise`, `raise e`.
    Reraise = "reraise",
    /// `raise E from e`.
    RaiseFrom = "raise_from",
    /// Classes of errors of the flow's own module.
    OwnErrors = "own_errors",
    /// `except` of classes of the handlers' module.
    ImportedErrors = "imported_errors",
    /// `raise` of classes of the handlers' module.
    RaiseImported = "raise_imported",
    /// Other names of classes of errors: `IOError`, `asyncio.TimeoutError`, imports with `as`.
    ErrorAliases = "error_aliases",
    /// `except*` (Python 3.11).
    ExceptStar = "except_star",
    /// `asyncio.gather`.
    Gather = "gather",
    /// `return_exceptions=True`.
    ReturnExceptions = "return_exceptions",
    /// Lists of calls, with and without `await` at each.
    CallLists = "call_lists",
    /// Coroutines that are gathered later.
    Deferred = "deferred",
    /// Tasks that are gathered at once.
    Tasks = "tasks",
    /// `asyncio.TaskGroup` (Python 3.11).
    TaskGroups = "task_groups",
    /// Branches that fail.
    FanOutErrors = "fan_out_errors",
    /// Arguments of branches that fail.
    ArgumentErrors = "argument_errors",
    /// Branches that fan out themselves.
    NestedFanOut = "nested_fan_out",
    /// Helper flows that take and return the payload.
    Helpers = "helpers",
    /// Helper flows that take and return values.
    ValueHelpers = "value_helpers",
    /// Methods that are called on values.
    Methods = "methods",
    /// Handlers that are generators.
    Generators = "generators",
    /// Handlers that are asynchronous generators.
    AsyncGenerators = "async_generators",
    /// Names that are easily mistaken.
    Names = "names",
    /// Generator expressions that look at what the loop body changes.
    LazyGenerators = "lazy_generators",
    /// Dicts that grow while they are iterated over.
    GrowingDicts = "growing_dicts",
    /// `except ERRORS`, a tuple of the module.
    ErrorConstants = "error_constants",
    /// Definitions of another module, also under names that mean something else in the flow's.
    Modules = "modules",
    /// Dicts with keys that are no text, while no actor has seen them.
    IntKeys = "int_keys",
}

/// Beyond what a compiler must be able to do: it may refuse them.
const EXOTIC: [Feature; 5] = [
    Feature::LazyGenerators,
    Feature::GrowingDicts,
    Feature::ErrorConstants,
    Feature::IntKeys,
    // Refused around calls.
    Feature::ExceptStar,
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Features(u64);

impl Features {
    /// Payload calls, branches, `while` loops.
    pub const fn foundation() -> Self {
        Self(0)
    }

    pub fn all() -> Self {
        let mut all = Self::foundation();
        Feature::EACH.iter().filter(|feature| !EXOTIC.contains(feature)).for_each(|feature| all.add(*feature));
        all
    }

    pub fn add_exotic(&mut self) {
        EXOTIC.iter().for_each(|feature| self.add(*feature));
    }

    pub fn has(self, feature: Feature) -> bool {
        self.0 >> feature as u32 & 1 == 1
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn add(&mut self, feature: Feature) {
        self.0 |= 1 << feature as u32;
    }

    pub fn remove(&mut self, feature: Feature) {
        self.0 &= !(1 << feature as u32);
    }

    pub fn only(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn each(self) -> impl Iterator<Item = Feature> {
        Feature::EACH.iter().copied().filter(move |feature| self.has(*feature))
    }

    /// Some of them: flows that use everything are all alike.
    pub fn some(self, random: &mut Random) -> Self {
        let mut some = Self::foundation();
        let percent = [30, 50, 80][random.below(3)];
        self.each().for_each(|feature| {
            if random.chance(percent) {
                some.add(feature);
            }
        });
        some
    }

    /// `all`, `foundation` and features by word, with `-` to leave one out: `all,-match`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut features = Self::foundation();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let (word, is_out) = word.strip_prefix('-').map_or((word, false), |word| (word, true));
            let found = Feature::EACH.iter().find(|feature| feature.word() == word);
            match (word, found) {
                ("foundation", _) => {}
                ("all", _) => features.0 |= Self::all().0,
                ("exotic", _) => features.add_exotic(),
                (_, Some(feature)) if is_out => features.remove(*feature),
                (_, Some(feature)) => features.add(*feature),
                (_, None) => {
                    let words: Vec<&str> = Feature::EACH.iter().map(|feature| feature.word()).collect();
                    return Err(format!("`{word}` is no feature; there are all, exotic, {}", words.join(", ")));
                }
            }
        }
        Ok(features)
    }
}

impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.each().map(Feature::word)).finish()
    }
}
