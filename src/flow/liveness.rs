//! Which variables a message has to carry across each call: those that may be read afterwards.

use std::collections::{BTreeMap, BTreeSet};

use super::code::Effect;
use super::graph::{BlockId, Callee, End, Graph, Step};

/// A set of variables, by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Variables(Vec<u64>);

impl Variables {
    fn insert(&mut self, number: usize) {
        let word = number / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (number % 64);
    }

    fn remove(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / 64) {
            *word &= !(1 << (number % 64));
        }
    }

    fn contains(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// Adds all of `other`; answers whether anything was new.
    fn add(&mut self, other: &Self) -> bool {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        let mut grew = false;
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            grew |= more & !*word != 0;
            *word |= more;
        }
        grew
    }

    /// Keeps only what is in `other` too.
    fn keep(&mut self, other: &Self) {
        for (at, word) in self.0.iter_mut().enumerate() {
            *word &= other.0.get(at).copied().unwrap_or(0);
        }
    }
}

/// The names of variables and their numbers.
#[derive(Default)]
struct Numbers {
    names: Vec<String>,
    by_name: BTreeMap<String, usize>,
}

impl Numbers {
    fn of(&mut self, name: &str) -> usize {
        if let Some(&number) = self.by_name.get(name) {
            return number;
        }
        let number = self.names.len();
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), number);
        number
    }

    fn set<'n>(&mut self, names: impl IntoIterator<Item = &'n String>) -> Variables {
        let mut set = Variables::default();
        names.into_iter().for_each(|name| set.insert(self.of(name)));
        set
    }
}

/// What one step does, by number.
struct Change {
    reads: Variables,
    writes: Variables,
    /// Perhaps unbound afterwards.
    loses: Variables,
}

impl Change {
    fn of(effect: &Effect, numbers: &mut Numbers) -> Self {
        Self {
            reads: numbers.set(&effect.reads),
            writes: numbers.set(&effect.writes),
            loses: numbers.set(&effect.unbinds),
        }
    }

    fn backward(&self, live: &mut Variables) {
        for (word, written) in live.0.iter_mut().zip(&self.writes.0) {
            *word &= !written;
        }
        live.add(&self.reads);
    }

    fn forward(&self, bound: &mut Variables) {
        for (word, lost) in bound.0.iter_mut().zip(&self.loses.0) {
            *word &= !lost;
        }
        bound.add(&self.writes);
    }
}

/// Fills in what every call of `graph` keeps, and drops steps that serve only variables nobody
/// reads afterwards. `parameters` are bound at the start.
pub(super) fn decide<'n>(graph: &mut Graph, parameters: impl IntoIterator<Item = &'n String>) {
    let order = graph.reachable();
    let mut numbers = Numbers::default();
    let live = live_at_start(graph, &order, &mut numbers);
    drop_useless_steps(graph, &order, &live, &mut numbers);
    let parameters = numbers.set(parameters);
    let bound = bound_at_start(graph, &order, &parameters, &mut numbers);
    for &block in &order {
        let mut at_end = bound.get(&block).cloned().unwrap_or_default();
        for step in &graph.blocks[block].steps {
            Change::of(&step.effect, &mut numbers).forward(&mut at_end);
        }
        let catcher = graph.blocks[block].catcher;
        let End::Call { call, next } = &mut graph.blocks[block].end else { continue };
        Change::of(&call.effect, &mut numbers).forward(&mut at_end);
        let mut wanted = live[*next].clone();
        if let Some(result) = &call.result {
            wanted.remove(numbers.of(result));
        }
        if let Some(catcher) = catcher {
            wanted.add(&live[catcher.block]);
        }
        if let Callee::Payload { payload, .. } = &call.callee {
            wanted.remove(numbers.of(payload));
        }
        let (mut sure, mut perhaps) = (Vec::new(), Vec::new());
        for (number, name) in numbers.names.iter().enumerate().filter(|(number, _)| wanted.contains(*number)) {
            if at_end.contains(number) { sure.push(name.clone()) } else { perhaps.push(name.clone()) }
        }
        sure.sort();
        perhaps.sort();
        // What no way to the call binds is unbound there, and stays so.
        call.keeps_perhaps = perhaps;
        call.keeps = sure;
    }
}

fn live_at_start(graph: &Graph, order: &[BlockId], numbers: &mut Numbers) -> Vec<Variables> {
    let changes: BTreeMap<BlockId, Vec<Change>> = order
        .iter()
        .map(|&block| {
            let steps = graph.blocks[block].steps.iter();
            (block, steps.map(|step| Change::of(&step.effect, numbers)).collect())
        })
        .collect();
    let ends: BTreeMap<BlockId, (Change, Vec<Change>)> =
        order.iter().map(|&block| (block, end_changes(graph, block, numbers))).collect();
    let mut before: Vec<Vec<BlockId>> = vec![Vec::new(); graph.blocks.len()];
    for &block in order {
        for next in graph.successors(block).into_iter().chain(graph.blocks[block].catcher.map(|it| it.block)) {
            before[next].push(block);
        }
    }
    let mut live = vec![Variables::default(); graph.blocks.len()];
    let mut is_open = vec![false; graph.blocks.len()];
    // Taken from the end: in the order of the source, so that the last blocks come first.
    let mut open: Vec<BlockId> = order.to_vec();
    order.iter().for_each(|&block| is_open[block] = true);
    while let Some(block) = open.pop() {
        is_open[block] = false;
        let (end, heads) = &ends[&block];
        let mut now = Variables::default();
        match &graph.blocks[block].end {
            End::Call { call, next } => {
                now.add(&live[*next]);
                if let Some(result) = &call.result {
                    now.remove(numbers.of(result));
                }
                if let Callee::Payload { payload, .. } = &call.callee {
                    now.remove(numbers.of(payload));
                }
            }
            End::Match { cases, otherwise, .. } => {
                now.add(&live[*otherwise]);
                for (case, head) in cases.iter().zip(heads).rev() {
                    let mut fits = live[case.body].clone();
                    head.backward(&mut fits);
                    now.add(&fits);
                }
            }
            _ => graph.successors(block).into_iter().for_each(|next| {
                now.add(&live[next]);
            }),
        }
        end.backward(&mut now);
        changes[&block].iter().rev().for_each(|change| change.backward(&mut now));
        if let Some(catcher) = graph.blocks[block].catcher {
            let caught = live[catcher.block].clone();
            now.add(&caught);
        }
        if live[block].add(&now) {
            for &earlier in &before[block] {
                if !std::mem::replace(&mut is_open[earlier], true) {
                    open.push(earlier);
                }
            }
        }
    }
    live
}

/// What the end of a block does itself, and what each `case` does that fits.
fn end_changes(graph: &Graph, block: BlockId, numbers: &mut Numbers) -> (Change, Vec<Change>) {
    let (own, heads): (Effect, Vec<Effect>) = match &graph.blocks[block].end {
        End::Branch { test: step, .. } | End::Return(step) => (step.effect.clone(), Vec::new()),
        End::Match { subject, cases, .. } => {
            (subject.effect.clone(), cases.iter().map(|case| case.head.effect.clone()).collect())
        }
        End::Call { call, .. } => (call.effect.clone(), Vec::new()),
        End::Open | End::Goto(_) | End::Raise => (Effect::default(), Vec::new()),
    };
    (Change::of(&own, numbers), heads.iter().map(|head| Change::of(head, numbers)).collect())
}

fn drop_useless_steps(graph: &mut Graph, order: &[BlockId], live: &[Variables], numbers: &mut Numbers) {
    for &block in order {
        if graph.blocks[block].steps.iter().all(|step| step.only_for.is_none()) {
            continue;
        }
        let mut now = Variables::default();
        for next in graph.successors(block) {
            now.add(&live[next]);
        }
        end_changes(graph, block, numbers).0.backward(&mut now);
        let mut kept: Vec<Step> = Vec::new();
        for step in graph.blocks[block].steps.drain(..).rev() {
            let is_useful = step.only_for.as_ref().is_none_or(|name| now.contains(numbers.of(name)));
            if is_useful {
                Change::of(&step.effect, numbers).backward(&mut now);
                kept.push(step);
            }
        }
        kept.reverse();
        graph.blocks[block].steps = kept;
    }
}

/// The variables that are surely bound where a block starts.
fn bound_at_start(
    graph: &Graph,
    order: &[BlockId],
    parameters: &Variables,
    numbers: &mut Numbers,
) -> BTreeMap<BlockId, Variables> {
    let mut bound: BTreeMap<BlockId, Variables> = BTreeMap::from([(graph.entry, parameters.clone())]);
    let mut open: Vec<BlockId> = order.iter().rev().copied().collect();
    let mut is_open: BTreeSet<BlockId> = open.iter().copied().collect();
    while let Some(block) = open.pop() {
        is_open.remove(&block);
        let Some(mut now) = bound.get(&block).cloned() else { continue };
        let mut reached: Vec<(BlockId, Variables)> = Vec::new();
        // An error may come before the first step as well as after the last one.
        let mut everywhere = now.clone();
        for step in &graph.blocks[block].steps {
            Change::of(&step.effect, numbers).forward(&mut now);
            everywhere.keep(&now);
        }
        let (end, heads) = end_changes(graph, block, numbers);
        end.forward(&mut now);
        everywhere.keep(&now);
        match &graph.blocks[block].end {
            End::Call { call, next } => {
                let mut after = now.clone();
                call.result.iter().for_each(|result| after.insert(numbers.of(result)));
                reached.push((*next, after));
            }
            End::Match { cases, otherwise, .. } => {
                let mut tried = now.clone();
                for (case, head) in cases.iter().zip(&heads) {
                    let mut fits = tried.clone();
                    head.forward(&mut fits);
                    reached.push((case.body, fits));
                    head.loses.0.iter().zip(tried.0.iter_mut()).for_each(|(lost, word)| *word &= !lost);
                }
                reached.push((*otherwise, tried));
            }
            _ => reached.extend(graph.successors(block).into_iter().map(|next| (next, now.clone()))),
        }
        reached.extend(graph.blocks[block].catcher.map(|catcher| (catcher.block, everywhere)));
        for (next, at_start) in reached {
            let changed = match bound.get_mut(&next) {
                None => {
                    bound.insert(next, at_start);
                    true
                }
                Some(known) => {
                    let before = known.clone();
                    known.keep(&at_start);
                    *known != before
                }
            };
            if changed && is_open.insert(next) {
                open.push(next);
            }
        }
    }
    bound
}
