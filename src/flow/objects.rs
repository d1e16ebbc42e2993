//! Values that cannot travel with a message, as far as the source shows it: a variable that holds one
//! must not be needed after a call.

use std::collections::{BTreeMap, BTreeSet};

use super::codes;
use super::graph::{BlockId, End, Graph};
use super::python;
use super::scope::{Binding, Scope};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::tree::{ComprehensionKind, Expr, ExprKind, Literal, SequenceKind};

/// What a value is that JSON does not have; `None` when it is JSON or nobody knows.
pub(super) fn kind(value: &Expr, scope: &Scope<'_>, locals: &BTreeSet<String>) -> Option<&'static str> {
    match &value.kind {
        ExprKind::Sequence { kind: SequenceKind::Set, .. }
        | ExprKind::Comprehension { kind: ComprehensionKind::Set, .. } => Some("a set"),
        ExprKind::Comprehension { kind: ComprehensionKind::Generator, .. } => Some("a generator"),
        ExprKind::Lambda { .. } => Some("a function"),
        ExprKind::Literal(Literal::Bytes) => Some("bytes"),
        ExprKind::Literal(Literal::Complex) => Some("a complex number"),
        ExprKind::Call { callee, .. } => made_by(callee, scope, locals),
        ExprKind::Name(name) if !locals.contains(name) && scope.get(name).is_none() => {
            python::is_function(name).then_some("a function")
        }
        _ => None,
    }
}

fn made_by(callee: &Expr, scope: &Scope<'_>, locals: &BTreeSet<String>) -> Option<&'static str> {
    let parts = callee.dotted()?;
    if locals.contains(parts[0]) {
        return None;
    }
    let Some(found) = scope.get(parts[0]) else {
        return match parts.as_slice() {
            ["set" | "frozenset"] => Some("a set"),
            ["iter" | "map" | "filter" | "zip" | "enumerate" | "reversed"] => Some("an iterator"),
            ["bytes" | "bytearray"] => Some("bytes"),
            ["complex"] => Some("a complex number"),
            ["object"] => Some("an object"),
            _ => None,
        };
    };
    // `Point = namedtuple(…)`.
    if let (Binding::Constant(Expr { kind: ExprKind::Call { callee, .. }, .. }), [_]) =
        (found.binding, parts.as_slice())
    {
        return (path_of(callee, scope)? == "collections.namedtuple").then_some("a named tuple");
    }
    let path = path_of(callee, scope)?;
    MAKERS.iter().find(|(name, _)| *name == path).map(|(_, what)| *what)
}

/// The full name of something of a module: `re.finditer` for `finditer` after `from re import finditer`.
pub(super) fn path_of(expr: &Expr, scope: &Scope<'_>) -> Option<String> {
    let parts = expr.dotted()?;
    Some(match scope.get(parts[0])?.binding {
        Binding::Module(module) => [&[module], &parts[1..]].concat().join("."),
        Binding::Member { module, member } => [&[module, member], &parts[1..]].concat().join("."),
        _ => return None,
    })
}

/// What well-known functions of the standard library make.
const MAKERS: &[(&str, &str)] = &[
    ("asyncio.Event", "an event"),
    ("asyncio.Lock", "a lock"),
    ("asyncio.Queue", "a queue"),
    ("asyncio.Semaphore", "a semaphore"),
    ("collections.ChainMap", "a `ChainMap`"),
    ("collections.Counter", "a `Counter`"),
    ("collections.OrderedDict", "an `OrderedDict`"),
    ("collections.UserDict", "a `UserDict`"),
    ("collections.UserList", "a `UserList`"),
    ("collections.defaultdict", "a `defaultdict`"),
    ("collections.deque", "a `deque`"),
    ("datetime.date", "a date"),
    ("datetime.date.fromisoformat", "a date"),
    ("datetime.date.fromtimestamp", "a date"),
    ("datetime.date.today", "a date"),
    ("datetime.datetime", "a date with time"),
    ("datetime.datetime.combine", "a date with time"),
    ("datetime.datetime.fromisoformat", "a date with time"),
    ("datetime.datetime.fromtimestamp", "a date with time"),
    ("datetime.datetime.now", "a date with time"),
    ("datetime.datetime.strptime", "a date with time"),
    ("datetime.datetime.today", "a date with time"),
    ("datetime.datetime.utcfromtimestamp", "a date with time"),
    ("datetime.datetime.utcnow", "a date with time"),
    ("datetime.time", "a time of day"),
    ("datetime.time.fromisoformat", "a time of day"),
    ("datetime.timedelta", "a `timedelta`"),
    ("datetime.timezone", "a time zone"),
    ("decimal.Decimal", "a `Decimal`"),
    ("fractions.Fraction", "a `Fraction`"),
    ("functools.cmp_to_key", "a function"),
    ("functools.partial", "a function"),
    ("hashlib.blake2b", "a hash"),
    ("hashlib.md5", "a hash"),
    ("hashlib.new", "a hash"),
    ("hashlib.sha1", "a hash"),
    ("hashlib.sha256", "a hash"),
    ("hashlib.sha512", "a hash"),
    ("io.BytesIO", "a buffer"),
    ("io.StringIO", "a buffer"),
    ("itertools.accumulate", "an iterator"),
    ("itertools.batched", "an iterator"),
    ("itertools.chain", "an iterator"),
    ("itertools.chain.from_iterable", "an iterator"),
    ("itertools.combinations", "an iterator"),
    ("itertools.compress", "an iterator"),
    ("itertools.count", "an iterator"),
    ("itertools.cycle", "an iterator"),
    ("itertools.dropwhile", "an iterator"),
    ("itertools.groupby", "an iterator"),
    ("itertools.islice", "an iterator"),
    ("itertools.pairwise", "an iterator"),
    ("itertools.permutations", "an iterator"),
    ("itertools.product", "an iterator"),
    ("itertools.repeat", "an iterator"),
    ("itertools.starmap", "an iterator"),
    ("itertools.takewhile", "an iterator"),
    ("itertools.zip_longest", "an iterator"),
    ("logging.getLogger", "a logger"),
    ("operator.attrgetter", "a function"),
    ("operator.itemgetter", "a function"),
    ("operator.methodcaller", "a function"),
    ("pathlib.Path", "a path"),
    ("pathlib.PosixPath", "a path"),
    ("pathlib.PurePath", "a path"),
    ("pathlib.PurePosixPath", "a path"),
    ("queue.PriorityQueue", "a queue"),
    ("queue.Queue", "a queue"),
    ("random.Random", "a generator of random numbers"),
    ("re.compile", "a compiled pattern"),
    ("re.finditer", "an iterator"),
    ("string.Template", "a template"),
    ("types.SimpleNamespace", "a `SimpleNamespace`"),
    ("urllib.parse.urlparse", "a parsed URL"),
    ("urllib.parse.urlsplit", "a parsed URL"),
    ("uuid.UUID", "a UUID"),
    ("uuid.uuid1", "a UUID"),
    ("uuid.uuid3", "a UUID"),
    ("uuid.uuid4", "a UUID"),
    ("uuid.uuid5", "a UUID"),
    ("zoneinfo.ZoneInfo", "a time zone"),
];

/// The objects that a variable may hold.
type Held = BTreeMap<String, BTreeSet<(Span, &'static str)>>;

/// Finds variables that are kept across a call though they hold something that cannot travel.
pub(super) fn check(graph: &Graph, diagnostics: &mut Vec<Diagnostic>) {
    let order = graph.reachable();
    if order.iter().all(|&block| graph.blocks[block].steps.iter().all(|step| step.binds_object.is_none())) {
        return;
    }
    let mut held: BTreeMap<BlockId, Held> = BTreeMap::new();
    let mut open: Vec<BlockId> = vec![graph.entry];
    let mut told: BTreeSet<Span> = BTreeSet::new();
    let mut visited: BTreeSet<BlockId> = BTreeSet::new();
    while let Some(block) = open.pop() {
        visited.insert(block);
        let mut now = held.get(&block).cloned().unwrap_or_default();
        let mut everywhere = now.clone();
        for step in &graph.blocks[block].steps {
            step.effect.touches.iter().for_each(|name| {
                now.remove(name);
            });
            if let Some((name, what)) = step.binds_object.as_deref() {
                now.insert(name.clone(), BTreeSet::from([(step.span, *what)]));
            }
            merge(&mut everywhere, &now);
        }
        if let End::Call { call, .. } = &graph.blocks[block].end {
            for name in call.keeps.iter().chain(&call.keeps_perhaps) {
                for &(span, what) in now.get(name).into_iter().flatten() {
                    if told.insert(span) {
                        diagnostics.push(cannot_travel(name, what, span, call.span));
                    }
                }
            }
            // It does not get there.
            call.keeps.iter().chain(&call.keeps_perhaps).for_each(|name| {
                now.remove(name);
            });
            call.result.iter().for_each(|name| {
                now.remove(name);
            });
        }
        let mut ways: Vec<(BlockId, &Held)> = graph.successors(block).into_iter().map(|next| (next, &now)).collect();
        ways.extend(graph.blocks[block].catcher.map(|catcher| (catcher.block, &everywhere)));
        for (next, state) in ways {
            let grew = merge(held.entry(next).or_default(), state);
            if grew || !visited.contains(&next) {
                open.push(next);
            }
        }
    }
}

/// Adds all of `more`; answers whether anything was new.
fn merge(held: &mut Held, more: &Held) -> bool {
    let mut grew = false;
    for (name, objects) in more {
        let known = held.entry(name.clone()).or_default();
        objects.iter().for_each(|object| grew |= known.insert(*object));
    }
    grew
}

fn cannot_travel(name: &str, what: &str, span: Span, call: Span) -> Diagnostic {
    let instead = match what {
        "a set" => "use a list, or a dict with the elements as keys",
        "a function" => "define it at the top level of the file, or make it after the call",
        "an iterator" | "a generator" => "make a list of it",
        "a date" | "a date with time" | "a time of day" => "keep its text: `….isoformat()`",
        "a UUID" | "a path" => "keep its text: `str(…)`",
        "a `Counter`" | "a `defaultdict`" | "an `OrderedDict`" => {
            "use a plain dict: `counts[key] = counts.get(key, 0) + 1`, `groups.setdefault(key, []).append(…)`"
        }
        "a `deque`" => "use a list: `queue.append(…)`, `queue.pop(0)`",
        "a named tuple" => "use a dict",
        "a logger" => "make it at the top level of the file",
        _ => "keep what you need of it as text, number, list or dict, or make it after the call",
    };
    Diagnostic::error(span, format!("`{name}` is {what}, and is needed after a call"))
        .code(codes::NOT_JSON)
        .related(call, "it would have to travel with the message of this call")
        .note("variables that live across a call travel as JSON")
        .help(instead)
}
