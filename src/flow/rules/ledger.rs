//! Which calls stand in which `with` blocks, and what that makes of their actors.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{HandlerSettings, Setting};
use crate::diagnostic::Diagnostic;
use crate::flow::codes;
use crate::flow::graph::Handler;
use crate::source::{Source, Span};

/// Nobody counts further.
const MOST_CALLS: usize = 1000;

/// What a call leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::flow) enum Target {
    /// An actor.
    Actor(Handler),
    /// A function that runs as a part of the flow, by what the program calls it.
    Part(String),
}

/// Collects the calls of one function in source order while its body is read.
#[derive(Debug, Default)]
pub(in crate::flow) struct Ledger {
    blocks: Vec<Block>,
    /// Those that are being read, innermost last.
    open: Vec<usize>,
    /// Those that were read, in the order of their ends.
    closed: Vec<usize>,
    calls: Vec<RecordedCall>,
    waits: Vec<Wait>,
    known: BTreeSet<Span>,
    warnings: Vec<Diagnostic>,
    is_broken: bool,
}

/// A `with` block, or a call that limits another one.
#[derive(Debug)]
struct Block {
    settings: Vec<Setting>,
    /// From `with` to the last manager.
    head: Span,
    /// The loops around it.
    loops: usize,
}

/// A call with what the blocks around it say, the inner ones last.
#[derive(Debug)]
struct RecordedCall {
    target: Target,
    call: Span,
    settings: Vec<Setting>,
    blocks: Vec<usize>,
}

/// A place where the function waits for a call, or for several that run together.
#[derive(Debug)]
struct Wait {
    blocks: Vec<usize>,
    loops: usize,
    /// The place of the call among the calls; `None` for several.
    call: Option<usize>,
}

impl Ledger {
    /// A block begins, inside `loops` loops.
    pub(in crate::flow) fn enter(&mut self, settings: Vec<Setting>, head: Span, loops: usize) {
        let around = self.open.iter().flat_map(|&at| &self.blocks[at].settings);
        let around: Vec<&Setting> = around.collect();
        for setting in settings.iter().filter(|setting| is_time_limit(setting)) {
            let outer = around.iter().rev().find(|outer| is_same_field(outer, setting));
            if let Some(outer) = outer
                && let (Some(around), Some(inside)) = (outer.value.as_f64(), setting.value.as_f64())
                && around < inside
            {
                self.warnings.push(
                    Diagnostic::warning(setting.span, "the block around this one ends earlier")
                        .code(codes::BLOCK_LIMIT)
                        .related(outer.span, "here")
                        .note("the inner value is the one that its calls get"),
                );
            }
        }
        self.open.push(self.blocks.len());
        self.blocks.push(Block { settings, head, loops });
    }

    /// A block was refused: what its calls have in common is not known.
    pub(in crate::flow) fn give_up(&mut self) {
        self.is_broken = true;
    }

    /// The innermost block ends.
    pub(in crate::flow) fn leave(&mut self) {
        self.closed.extend(self.open.pop());
    }

    /// Whether the call of `callee` was noted.
    pub(in crate::flow) fn knows(&self, callee: Span) -> bool {
        self.known.contains(&callee)
    }

    /// An actor or a part of the flow is called, inside `loops` loops; `waits` for it alone.
    pub(in crate::flow) fn call(&mut self, target: Target, callee: Span, call: Span, loops: usize, waits: bool) {
        if !self.known.insert(callee) {
            return;
        }
        let mut settings: Vec<Setting> = Vec::new();
        for &at in &self.open {
            overlay(&mut settings, &self.blocks[at].settings);
        }
        if waits {
            self.waits.push(Wait { blocks: self.open.clone(), loops, call: Some(self.calls.len()) });
        }
        self.calls.push(RecordedCall { target, call, settings, blocks: self.open.clone() });
    }

    /// The function waits for several calls together, inside `loops` loops.
    pub(in crate::flow) fn join(&mut self, loops: usize) {
        self.waits.push(Wait { blocks: self.open.clone(), loops, call: None });
    }

    /// Where blocks begin that became settings.
    pub(in crate::flow) fn starts(&self) -> BTreeSet<usize> {
        self.blocks.iter().map(|block| block.head.start).collect()
    }
}

/// The ledger of a function with the file it stands in.
#[derive(Debug)]
pub(in crate::flow) struct Account {
    /// What the program calls the function.
    pub(in crate::flow) key: String,
    /// Its calls.
    pub(in crate::flow) ledger: Ledger,
    /// Its file, when that is not the flow's.
    pub(in crate::flow) source: Option<Source>,
}

impl Account {
    /// The settings of every handler: those of the blocks around its calls, also around those of the
    /// parts they stand in, and over them its own. A handler with different ones at different calls
    /// is an error, because it is one deployment. The flow's account comes first.
    pub(in crate::flow) fn close(
        accounts: Vec<Self>,
        mut own: impl FnMut(&Handler, Span, &mut Vec<Diagnostic>) -> HandlerSettings,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> BTreeMap<Handler, HandlerSettings> {
        let mut ledgers = Ledgers { weights: BTreeMap::new(), calls: BTreeMap::new(), seen: BTreeSet::new(), accounts };
        ledgers.warn(diagnostics);
        ledgers.collect(0, &[], None);
        let is_broken = ledgers.accounts.iter().any(|account| account.ledger.is_broken);
        let mut all = BTreeMap::new();
        for (handler, mut calls) in ledgers.calls {
            let Some(place) = calls.first().map(|first| first.call) else { continue };
            let decorated = own(&handler, place, diagnostics);
            let decides = |setting: &Setting| !decorated.fields.iter().any(|known| is_same_field(known, setting));
            diagnostics.extend(longest_limit(&handler, &mut calls, &decides));
            if !is_broken && let Some(problem) = conflict(&handler, &calls, &decides) {
                diagnostics.push(problem);
            }
            let mut settings = HandlerSettings::default();
            let around = calls.first().map(|first| first.settings.as_slice()).unwrap_or_default();
            around.iter().chain(&decorated.fields).for_each(|setting| settings.set(setting.clone()));
            settings.lifted = decorated.lifted;
            if !settings.fields.is_empty() || !settings.lifted.is_empty() {
                all.insert(handler, settings);
            }
        }
        all
    }
}

/// A call of an actor, as seen from the flow's own file.
struct Reached {
    call: Span,
    settings: Vec<Setting>,
}

/// Settings as text: their fields and values.
type Shown = Vec<(String, String)>;

/// All ledgers of a program.
struct Ledgers {
    accounts: Vec<Account>,
    /// How often a part waits for actors, as far as it matters: never, once, or more often.
    weights: BTreeMap<String, usize>,
    calls: BTreeMap<Handler, Vec<Reached>>,
    /// Parts that were gone through with the same settings from the same place.
    seen: BTreeSet<(usize, Option<Span>, Shown)>,
}

impl Ledgers {
    fn at(&self, key: &str) -> Option<usize> {
        self.accounts.iter().position(|account| account.key == key)
    }

    /// How often the function waits for actors; a call in a loop counts twice.
    fn weight(&mut self, key: &str) -> usize {
        if let Some(known) = self.weights.get(key) {
            return *known;
        }
        // A part that calls itself is refused elsewhere.
        self.weights.insert(key.to_owned(), 0);
        let Some(at) = self.at(key) else { return 0 };
        let waits: Vec<(usize, Option<Target>)> = self.waits_of(at, None);
        let weight = waits.into_iter().map(|(loops, target)| self.weight_of(target) * if loops > 0 { 2 } else { 1 });
        let weight = weight.sum::<usize>().min(MOST_CALLS);
        self.weights.insert(key.to_owned(), weight);
        weight
    }

    fn weight_of(&mut self, target: Option<Target>) -> usize {
        match target {
            Some(Target::Part(key)) => self.weight(&key),
            Some(Target::Actor(_)) | None => 1,
        }
    }

    /// Where a function waits inside one of its blocks, or anywhere: in how many loops, and for what.
    fn waits_of(&self, at: usize, block: Option<usize>) -> Vec<(usize, Option<Target>)> {
        let ledger = &self.accounts[at].ledger;
        let inside = ledger.waits.iter().filter(|wait| block.is_none_or(|block| wait.blocks.contains(&block)));
        let target = |wait: &Wait| wait.call.and_then(|call| ledger.calls.get(call)).map(|made| made.target.clone());
        inside.map(|wait| (wait.loops, target(wait))).collect()
    }

    /// Blocks that mean something else than in Python.
    fn warn(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        for at in 0..self.accounts.len() {
            let mut warnings = std::mem::take(&mut self.accounts[at].ledger.warnings);
            for block in self.accounts[at].ledger.closed.clone() {
                let waits = self.waits_of(at, Some(block));
                let loops = self.accounts[at].ledger.blocks[block].loops;
                let mut calls = 0;
                let mut is_repeated = false;
                for (inside, target) in waits {
                    let weight = self.weight_of(target);
                    calls += weight;
                    is_repeated |= inside > loops && weight > 0;
                }
                let ledger = &self.accounts[at].ledger;
                let is_idle = calls == 0 && !ledger.calls.iter().any(|made| made.blocks.contains(&block));
                warnings.extend(is_idle.then(|| idle(&ledger.blocks[block])));
                warnings.extend(shared(&ledger.blocks[block], calls, is_repeated));
            }
            let source = self.accounts[at].source.clone();
            diagnostics.extend(warnings.into_iter().map(|warning| match &source {
                Some(source) => warning.in_file(source),
                None => warning,
            }));
        }
    }

    /// Notes every actor that a function calls, under the settings around the call of the function;
    /// `from` is where the flow's own file is left.
    fn collect(&mut self, at: usize, around: &[Setting], from: Option<Span>) {
        let shown = around.iter().map(|setting| (setting.target.path.clone(), setting.value.to_string())).collect();
        if at >= self.accounts.len() || !self.seen.insert((at, from, shown)) {
            return;
        }
        let source = self.accounts[at].source.clone();
        let mut parts = Vec::new();
        for made in &self.accounts[at].ledger.calls {
            let call = if source.is_some() { from.unwrap_or(made.call) } else { made.call };
            let mut own = made.settings.clone();
            if let Some(source) = &source {
                own.iter_mut().for_each(|setting| setting.reached_by(call, source));
            }
            let mut settings = around.to_vec();
            overlay(&mut settings, &own);
            match &made.target {
                Target::Actor(handler) => {
                    self.calls.entry(handler.clone()).or_default().push(Reached { call, settings });
                }
                Target::Part(key) => parts.push((key.clone(), settings, call)),
            }
        }
        for (key, settings, call) in parts {
            if let Some(at) = self.at(&key) {
                let from = self.accounts[at].source.is_some().then_some(call);
                self.collect(at, &settings, from);
            }
        }
    }
}

/// Puts settings over others.
fn overlay(settings: &mut Vec<Setting>, over: &[Setting]) {
    for setting in over {
        settings.retain(|known| !is_same_field(known, setting));
        settings.push(setting.clone());
    }
}

fn idle(block: &Block) -> Diagnostic {
    Diagnostic::warning(block.head, "no actor is called in this block")
        .code(codes::SETTING_LOST)
        .note("its settings are about actors, so they have no effect")
}

fn shared(block: &Block, calls: usize, is_repeated: bool) -> Option<Diagnostic> {
    let limit = block.settings.iter().find(|setting| is_time_limit(setting))?;
    if calls < 2 && !is_repeated {
        return None;
    }
    let calls = if is_repeated {
        "a call in it can be made several times".to_owned()
    } else {
        format!("there are {calls} calls in it")
    };
    Some(
        Diagnostic::warning(limit.span, "each call gets this limit for itself")
            .code(codes::BLOCK_LIMIT)
            .note(format!("Python limits the block as a whole, and {calls}")),
    )
}

/// Where every call of a handler has a time limit, the longest of them holds for all: it ends no call
/// that Python would let go on.
fn longest_limit(handler: &Handler, calls: &mut [Reached], decides: &dyn Fn(&Setting) -> bool) -> Option<Diagnostic> {
    let limit = |call: &Reached| call.settings.iter().find(|it| is_time_limit(it) && decides(it)).cloned();
    let limits: Vec<Setting> = calls.iter().map(limit).collect::<Option<_>>()?;
    let seconds: Vec<f64> = limits.iter().map(|limit| limit.value.as_f64()).collect::<Option<_>>()?;
    let by_length = |one: &usize, other: &usize| seconds[*one].total_cmp(&seconds[*other]);
    let (least, most) = ((0..calls.len()).min_by(by_length)?, (0..calls.len()).max_by(by_length)?);
    if limits[least].is_same(&limits[most]) {
        return None;
    }
    let longest = &limits[most];
    let name = &handler.function;
    let warning = Diagnostic::warning(calls[least].call, format!("`{name}` gets the longest of its limits"))
        .code(codes::SETTING_CONFLICT)
        .label(format!("here it is {}", limits[least].value))
        .related(calls[most].call, format!("here it is {}", longest.value))
        .note("an actor is one deployment and has one value for all calls")
        .help("give one of the calls a function of its own");
    for call in calls {
        call.settings.retain(|known| !is_time_limit(known));
        call.settings.push(longest.clone());
    }
    Some(warning)
}

/// Two calls of one handler that want different values of a field.
fn conflict(handler: &Handler, calls: &[Reached], decides: &dyn Fn(&Setting) -> bool) -> Option<Diagnostic> {
    let name = &handler.function;
    let help = format!("put all calls of `{name}` under the same settings, or give one of them a function of its own");
    let note = "an actor is one deployment and has one value for all calls";
    for one in calls {
        for setting in one.settings.iter().filter(|setting| decides(setting)) {
            for other in calls {
                let theirs = other.settings.iter().find(|their| is_same_field(their, setting));
                let field = &setting.target.path;
                let diagnostic = match theirs {
                    Some(theirs) if theirs.is_same(setting) => continue,
                    Some(theirs) => {
                        Diagnostic::error(other.call, format!("`{name}` is called with two values of `{field}`"))
                            .label(format!("here it is {}", theirs.value))
                            .related(one.call, format!("here it is {}", setting.value))
                    }
                    None => Diagnostic::error(
                        other.call,
                        format!("`{name}` is called inside and outside a block that sets `{field}`"),
                    )
                    .label("outside")
                    .related(one.call, format!("inside, where it is {}", setting.value)),
                };
                return Some(diagnostic.code(codes::SETTING_CONFLICT).note(note).help(help));
            }
        }
    }
    None
}

fn is_same_field(one: &Setting, other: &Setting) -> bool {
    one.target.path == other.target.path
}

/// Whether a setting limits the time of a call: the only kind whose meaning depends on how much
/// stands in the block.
fn is_time_limit(setting: &Setting) -> bool {
    matches!(setting.target.path.as_str(), "spec.resiliency.actorTimeout" | "spec.resiliency.timeout.actor")
}
