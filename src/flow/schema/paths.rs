//! Places in the payload, what is known about them at one point of the flow, and the schema they
//! add up to.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::bits::Bits;
use super::type_of;

/// A place in the payload: `["a"]["b"]`.
pub(super) type Path = usize;

/// The payload itself.
pub(super) const ROOT: Path = 0;

/// What a place must be, or the flow raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// There.
    Present,
    /// A string: a method only strings have is called.
    String,
    /// A list.
    Array,
    /// A dict.
    Object,
}

const NEEDS: usize = 4;

impl Need {
    fn of(self, path: Path) -> usize {
        path * NEEDS + self as usize
    }
}

/// Every place the flow names.
#[derive(Debug)]
pub(super) struct Paths {
    all: Vec<Place>,
    children: HashMap<(Path, String), Path>,
}

#[derive(Debug, Default)]
struct Place {
    key: String,
    parent: Path,
    children: Vec<Path>,
    /// Some way through the flow reads it before writing it.
    is_read: bool,
    /// The defaults it is read with; `None` never is one.
    defaults: Vec<Value>,
    /// It is read with a default that is no JSON literal.
    has_other_default: bool,
}

impl Paths {
    pub(super) fn new() -> Self {
        Self { all: vec![Place::default()], children: HashMap::new() }
    }

    /// The place `key` inside `parent`.
    pub(super) fn child(&mut self, parent: Path, key: &str) -> Path {
        if let Some(known) = self.children.get(&(parent, key.to_owned())) {
            return *known;
        }
        let path = self.all.len();
        self.all.push(Place { key: key.to_owned(), parent, ..Place::default() });
        self.all[parent].children.push(path);
        self.children.insert((parent, key.to_owned()), path);
        path
    }

    pub(super) fn mark_read(&mut self, path: Path) {
        self.all[path].is_read = true;
    }

    /// Remembers the default of a read; `None` for one that is no JSON literal.
    pub(super) fn mark_default(&mut self, path: Path, default: Option<Value>) {
        let place = &mut self.all[path];
        match default {
            Some(Value::Null) => {}
            Some(value) if place.defaults.contains(&value) => {}
            Some(value) => place.defaults.push(value),
            None => place.has_other_default = true,
        }
    }

    /// `path` and the places around it, the payload last.
    fn outwards(&self, path: Path) -> impl Iterator<Item = Path> {
        std::iter::successors(Some(path), |at| (*at != ROOT).then(|| self.all[*at].parent))
    }

    /// The schema of the payload; `needed` are the needs of every way through the flow.
    pub(super) fn schema(&self, needed: &Bits) -> Value {
        let mut schema = Map::from_iter([("type".to_owned(), json!("object"))]);
        self.properties(ROOT, needed, &mut schema);
        Value::Object(schema)
    }

    fn properties(&self, path: Path, needed: &Bits, schema: &mut Map<String, Value>) {
        let read: Vec<Path> =
            self.all[path].children.iter().copied().filter(|child| self.all[*child].is_read).collect();
        if read.is_empty() {
            return;
        }
        let required: Vec<&str> = read
            .iter()
            .filter(|child| needed.has(Need::Present.of(**child)))
            .map(|child| self.all[*child].key.as_str())
            .collect();
        let properties: Map<String, Value> =
            read.iter().map(|child| (self.all[*child].key.clone(), self.property(*child, needed))).collect();
        schema.insert("properties".to_owned(), Value::Object(properties));
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
    }

    fn property(&self, path: Path, needed: &Bits) -> Value {
        let place = &self.all[path];
        let mut schema = Map::new();
        if let Some(kind) = self.kind(path, needed) {
            schema.insert("type".to_owned(), json!(kind));
        }
        if let [default] = place.defaults.as_slice()
            && !place.has_other_default
            && !needed.has(Need::Present.of(path))
        {
            schema.insert("default".to_owned(), default.clone());
        }
        self.properties(path, needed, &mut schema);
        Value::Object(schema)
    }

    /// The type, when everything known about the place agrees on one.
    fn kind(&self, path: Path, needed: &Bits) -> Option<&'static str> {
        let place = &self.all[path];
        let by_use = [(Need::String, "string"), (Need::Array, "array"), (Need::Object, "object")];
        let by_use = by_use.into_iter().filter(|(need, _)| needed.has(need.of(path))).map(|(_, kind)| kind);
        let mut kinds: Vec<&str> = by_use.chain(place.defaults.iter().map(type_of)).collect();
        if kinds.contains(&"number") {
            kinds.iter_mut().filter(|kind| **kind == "integer").for_each(|kind| *kind = "number");
        }
        kinds.dedup();
        match kinds.as_slice() {
            [kind] => Some(kind),
            _ => None,
        }
    }
}

/// What is known where the flow stands, the payload still being the caller's.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    /// Written on every way here.
    written: Bits,
    /// Perhaps written on a way here.
    touched: Bits,
    /// Anything inside is perhaps written.
    opened: Bits,
    /// Anything deeper than the payload's own keys is perhaps written.
    is_nested_opened: bool,
    /// What every way here needed of the caller.
    needed: Bits,
    /// Variables that stand for places, and whether what is there is surely the caller's.
    pub(super) aliases: BTreeMap<String, (Path, bool)>,
}

impl State {
    pub(super) fn into_needed(self) -> Bits {
        self.needed
    }

    /// Whether the value at `path` is surely not the caller's.
    pub(super) fn is_written(&self, path: Path, paths: &Paths) -> bool {
        paths.outwards(path).any(|at| self.written.has(at))
    }

    fn is_touched(&self, path: Path, paths: &Paths) -> bool {
        let is_nested = path != ROOT && paths.all[path].parent != ROOT;
        (self.is_nested_opened && is_nested)
            || paths.outwards(path).any(|at| self.touched.has(at) || (at != path && self.opened.has(at)))
    }

    /// Notes a need, unless the flow perhaps met it itself.
    pub(super) fn need(&mut self, path: Path, need: Need, paths: &Paths) {
        if !self.is_touched(path, paths) {
            self.needed.insert(need.of(path));
        }
    }

    pub(super) fn write(&mut self, path: Path, is_certain: bool) {
        self.touched.insert(path);
        if is_certain {
            self.written.insert(path);
        }
    }

    /// From here on anything inside `path` can change.
    pub(super) fn open(&mut self, path: Path) {
        self.opened.insert(path);
    }

    /// From here on anything inside the values of the payload can change.
    pub(super) fn open_nested(&mut self) {
        self.is_nested_opened = true;
    }

    /// The state where two ways meet.
    pub(super) fn join(first: Option<Self>, second: Option<Self>) -> Option<Self> {
        let (mut first, second) = match (first, second) {
            (Some(first), Some(second)) => (first, second),
            (only, None) | (None, only) => return only,
        };
        first.written.keep(&second.written);
        first.touched.add(&second.touched);
        first.opened.add(&second.opened);
        first.is_nested_opened |= second.is_nested_opened;
        first.needed.keep(&second.needed);
        first.meet_aliases(&second.aliases);
        Some(first)
    }

    /// Variables stand for what they stand for on both ways; through others anything can be written.
    fn meet_aliases(&mut self, other: &BTreeMap<String, (Path, bool)>) {
        if self.aliases == *other {
            return;
        }
        let kept: BTreeMap<String, (Path, bool)> =
            self.aliases.iter().filter(|(name, place)| other.get(*name) == Some(place)).map(clone).collect();
        for (name, (path, _)) in self.aliases.iter().chain(other) {
            if !kept.contains_key(name) {
                self.opened.insert(*path);
            }
        }
        self.aliases = kept;
    }

    /// Everything the state of a block may have written, seen from where an error in it leads: any
    /// part of it happened.
    pub(super) fn interrupted(mut self, trace: &Trace) -> Self {
        self.touched.add(&trace.touched);
        self.opened.add(&trace.opened);
        self.is_nested_opened |= trace.is_nested_opened;
        for name in &trace.bound {
            if let Some((path, _)) = self.aliases.remove(name) {
                self.opened.insert(path);
            }
        }
        for path in &trace.aliased {
            self.opened.insert(*path);
        }
        self
    }

    /// What differs at the end of a round from its start: later rounds begin with it.
    pub(super) fn close_round(&mut self, start: &BTreeMap<String, (Path, bool)>) {
        let changed: Vec<Path> = self
            .aliases
            .iter()
            .filter(|(name, place)| start.get(*name) != Some(place))
            .map(|(_, (path, _))| *path)
            .collect();
        let gone: Vec<Path> = start
            .iter()
            .filter(|(name, place)| self.aliases.get(*name) != Some(place))
            .map(|(_, (path, _))| *path)
            .collect();
        // What a variable stood for in the first round, it does not in later ones.
        gone.iter().for_each(|path| self.touched.insert(*path));
        changed.iter().chain(&gone).for_each(|path| self.opened.insert(*path));
    }

    /// `self` leaves a loop in its first round; afterwards it stands for leaving in any round.
    /// `round` is the state after one whole round: what it perhaps wrote, later rounds do not
    /// need of the caller, and what it needed, they needed too.
    pub(super) fn in_any_round(mut self, round: &Self, paths: &Paths) -> Self {
        self.needed = needed_in_any_round(self.needed, round, paths);
        self.touched.add(&round.touched);
        self.opened.add(&round.opened);
        self.is_nested_opened |= round.is_nested_opened;
        self.meet_aliases(&round.aliases);
        self
    }
}

fn clone((name, place): (&String, &(Path, bool))) -> (String, (Path, bool)) {
    (name.clone(), *place)
}

/// What happens in a block, at whatever place it is left.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pub(super) touched: Bits,
    pub(super) opened: Bits,
    pub(super) is_nested_opened: bool,
    /// Variables that get other values.
    pub(super) bound: Vec<String>,
    /// Places that variables stand for.
    pub(super) aliased: Vec<Path>,
}

impl Trace {
    pub(super) fn add(&mut self, inner: &Self) {
        self.touched.add(&inner.touched);
        self.opened.add(&inner.opened);
        self.is_nested_opened |= inner.is_nested_opened;
        self.bound.extend(inner.bound.iter().cloned());
        self.aliased.extend(&inner.aliased);
    }
}

/// [`State::in_any_round`] for the needs alone.
pub(super) fn needed_in_any_round(mut needed: Bits, round: &State, paths: &Paths) -> Bits {
    needed.retain(|need| round.needed.has(need) || !round.is_touched(need / NEEDS, paths));
    needed
}
