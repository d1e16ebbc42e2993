//! Which variables a message has to carry across each call: those that may be read afterwards.
//!
//! One variable after the other is followed backwards from where it is read. That costs as much as
//! the variables live long, whatever their number: most live for a few lines.

use std::collections::{BTreeSet, HashMap};

use super::code::Effect;
use super::graph::{BlockId, Callee, End, Graph, Step};

/// A variable, by the order of its first mention.
type Variable = u32;

/// The names of variables and their numbers.
#[derive(Default)]
struct Numbers {
    names: Vec<String>,
    by_name: HashMap<String, Variable>,
}

impl Numbers {
    fn of(&mut self, name: &str) -> Variable {
        if let Some(&number) = self.by_name.get(name) {
            return number;
        }
        let number = Variable::try_from(self.names.len()).unwrap_or(Variable::MAX);
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), number);
        number
    }
}

/// What a block does to the variables; all lists are sorted.
#[derive(Default)]
struct Facts {
    /// Read before the block has surely written them.
    reads: Vec<Variable>,
    /// Surely written somewhere in the block.
    writes: Vec<Variable>,
    /// Perhaps unbound somewhere in the block.
    loses: Vec<Variable>,
    /// Perhaps unbound by the block at its end.
    lost_at_end: Vec<Variable>,
    /// Where the block goes on.
    edges: Vec<Edge>,
    /// Where its errors go.
    catcher: Option<BlockId>,
}

/// A way from one block to the next.
#[derive(Default)]
struct Edge {
    to: BlockId,
    /// Surely bound on the way.
    writes: Vec<Variable>,
    /// Perhaps unbound on the way.
    loses: Vec<Variable>,
}

/// Facts while they are collected.
#[derive(Default)]
struct Collected {
    reads: BTreeSet<Variable>,
    writes: BTreeSet<Variable>,
    loses: BTreeSet<Variable>,
    lost_at_end: BTreeSet<Variable>,
}

impl Collected {
    fn then(&mut self, effect: &Effect, numbers: &mut Numbers) {
        self.read(effect, numbers);
        for name in effect.unbinds.iter() {
            let variable = numbers.of(name);
            self.loses.insert(variable);
            self.lost_at_end.insert(variable);
        }
        for name in effect.writes.iter() {
            let variable = numbers.of(name);
            self.writes.insert(variable);
            self.lost_at_end.remove(&variable);
        }
    }

    fn read(&mut self, effect: &Effect, numbers: &mut Numbers) {
        let reads = effect.reads.iter().map(|name| numbers.of(name));
        self.reads.extend(reads.filter(|variable| !self.writes.contains(variable)));
    }
}

impl Facts {
    fn of(graph: &Graph, block: BlockId, numbers: &mut Numbers) -> Self {
        let mut all = Collected::default();
        let node = &graph.blocks[block];
        node.steps.iter().for_each(|step| all.then(&step.effect, numbers));
        let mut edges = Vec::new();
        match &node.end {
            End::Branch { test: step, .. } | End::Return(step) => {
                all.then(&step.effect, numbers);
                edges.extend(graph.successors(block).into_iter().map(|to| Edge { to, ..Edge::default() }));
            }
            End::Match { subject, cases, otherwise } => {
                all.then(&subject.effect, numbers);
                let mut loses = BTreeSet::new();
                for case in cases {
                    let effect = &case.head.effect;
                    all.read(effect, numbers);
                    // A pattern that does not fit may have bound some of its names.
                    loses.extend(effect.unbinds.iter().map(|name| numbers.of(name)));
                    let mut writes: Vec<Variable> = effect.writes.iter().map(|name| numbers.of(name)).collect();
                    writes.sort_unstable();
                    edges.push(Edge { to: case.body, writes, loses: loses.iter().copied().collect() });
                }
                edges.push(Edge { to: *otherwise, loses: loses.into_iter().collect(), ..Edge::default() });
            }
            End::Call { call, next } => {
                all.then(&call.effect, numbers);
                let payload = match &call.callee {
                    Callee::Payload { payload, .. } => Some(payload),
                    Callee::One(_) | Callee::All { .. } => None,
                };
                let mut writes: Vec<Variable> =
                    call.result.iter().chain(payload).map(|name| numbers.of(name)).collect();
                writes.sort_unstable();
                edges.push(Edge { to: *next, writes, ..Edge::default() });
            }
            End::Goto(next) => edges.push(Edge { to: *next, ..Edge::default() }),
            End::Open | End::Raise => {}
        }
        let sorted = |set: BTreeSet<Variable>| set.into_iter().collect();
        Self {
            reads: sorted(all.reads),
            writes: sorted(all.writes),
            loses: sorted(all.loses),
            lost_at_end: sorted(all.lost_at_end),
            edges,
            catcher: node.catcher.map(|catcher| catcher.block),
        }
    }
}

fn holds(sorted: &[Variable], variable: Variable) -> bool {
    sorted.binary_search(&variable).is_ok()
}

/// The facts of every block, and what follows from them; lists of variables are sorted.
struct Analysis {
    /// By block; those nothing leads to have none.
    facts: Vec<Facts>,
    /// The variables that may be read from the start of each block on.
    live: Vec<Vec<Variable>>,
    /// Those of them that may be unbound there.
    unbound: Vec<Vec<Variable>>,
}

impl Analysis {
    fn of(graph: &Graph, order: &[BlockId], numbers: &mut Numbers) -> Self {
        let count = graph.blocks.len();
        let mut facts: Vec<Facts> = Vec::new();
        facts.resize_with(count, Facts::default);
        for &block in order {
            facts[block] = Facts::of(graph, block, numbers);
        }
        Self { facts, live: vec![Vec::new(); count], unbound: vec![Vec::new(); count] }
    }

    /// Follows every variable backwards from where it is read.
    fn find_live(&mut self, order: &[BlockId], variables: usize) {
        let mut readers: Vec<Vec<BlockId>> = vec![Vec::new(); variables];
        // From a block to the ways that lead to it, and to the blocks whose errors it catches.
        let mut before: Vec<Vec<(BlockId, usize)>> = vec![Vec::new(); self.facts.len()];
        let mut guarded: Vec<Vec<BlockId>> = vec![Vec::new(); self.facts.len()];
        for &block in order {
            let facts = &self.facts[block];
            facts.reads.iter().for_each(|variable| readers[*variable as usize].push(block));
            facts.edges.iter().enumerate().for_each(|(number, edge)| before[edge.to].push((block, number)));
            facts.catcher.iter().for_each(|catcher| guarded[*catcher].push(block));
        }
        for (variable, mut open) in (0..).zip(readers) {
            while let Some(block) = open.pop() {
                if self.live[block].last() == Some(&variable) {
                    continue;
                }
                self.live[block].push(variable);
                let reaches = |(from, edge): &(BlockId, usize)| {
                    let facts = &self.facts[*from];
                    let is_written = holds(&facts.edges[*edge].writes, variable) || holds(&facts.writes, variable);
                    (!is_written).then_some(*from)
                };
                open.extend(before[block].iter().filter_map(reaches));
                // An error may come before anything is written.
                open.extend(&guarded[block]);
            }
        }
    }

    /// Follows every variable forwards from where it may be unbound, as far as it is live: on a way
    /// to where it is read without being written, it is live all the time.
    fn find_unbound(&mut self, order: &[BlockId], entry: BlockId, parameters: &BTreeSet<Variable>, variables: usize) {
        let mut starts: Vec<Vec<BlockId>> = vec![Vec::new(); variables];
        for &variable in self.live[entry].iter().filter(|variable| !parameters.contains(variable)) {
            starts[variable as usize].push(entry);
        }
        for &block in order {
            let facts = &self.facts[block];
            for edge in &facts.edges {
                let at_end = facts.lost_at_end.iter().chain(&edge.loses);
                for &variable in at_end.filter(|variable| !holds(&edge.writes, **variable)) {
                    starts[variable as usize].push(edge.to);
                }
            }
            if let Some(catcher) = facts.catcher {
                facts.loses.iter().for_each(|variable| starts[*variable as usize].push(catcher));
            }
        }
        for (variable, mut open) in (0..).zip(starts) {
            while let Some(block) = open.pop() {
                if !holds(&self.live[block], variable) || self.unbound[block].last() == Some(&variable) {
                    continue;
                }
                self.unbound[block].push(variable);
                let facts = &self.facts[block];
                open.extend(facts.catcher);
                if !holds(&facts.writes, variable) {
                    let ways = facts.edges.iter().filter(|edge| !holds(&edge.writes, variable));
                    open.extend(ways.map(|edge| edge.to));
                }
            }
        }
    }

    /// The variables that may be read after the call at the end of `block`, or where its error goes.
    fn wanted(&self, block: BlockId, payload: Option<Variable>) -> Vec<Variable> {
        let facts = &self.facts[block];
        let mut wanted: Vec<Variable> = Vec::new();
        for edge in &facts.edges {
            wanted.extend(self.live[edge.to].iter().filter(|variable| !holds(&edge.writes, **variable)));
        }
        wanted.extend(facts.catcher.iter().flat_map(|catcher| &self.live[*catcher]));
        // The payload comes back, whatever happens.
        wanted.retain(|variable| Some(*variable) != payload);
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    /// Whether a variable may be unbound at the end of a block.
    fn is_perhaps_unbound(&self, block: BlockId, variable: Variable) -> bool {
        let facts = &self.facts[block];
        holds(&facts.lost_at_end, variable)
            || (holds(&self.unbound[block], variable) && !holds(&facts.writes, variable))
    }
}

/// Fills in what every call of `graph` keeps, and drops steps that serve only variables nobody
/// reads afterwards. `parameters` are bound at the start.
pub(super) fn decide<'n>(graph: &mut Graph, parameters: impl IntoIterator<Item = &'n String>) {
    let order = graph.reachable();
    let mut numbers = Numbers::default();
    let parameters: BTreeSet<Variable> = parameters.into_iter().map(|name| numbers.of(name)).collect();
    let mut analysis = Analysis::of(graph, &order, &mut numbers);
    analysis.find_live(&order, numbers.names.len());
    analysis.find_unbound(&order, graph.entry, &parameters, numbers.names.len());
    for &block in &order {
        drop_useless_steps(graph, block, &analysis, &mut numbers);
        let End::Call { call, .. } = &mut graph.blocks[block].end else { continue };
        let payload = match &call.callee {
            Callee::Payload { payload, .. } => Some(numbers.of(payload)),
            Callee::One(_) | Callee::All { .. } => None,
        };
        for variable in analysis.wanted(block, payload) {
            let kept = match analysis.is_perhaps_unbound(block, variable) {
                true => &mut call.keeps_perhaps,
                false => &mut call.keeps,
            };
            kept.push(numbers.names[variable as usize].clone());
        }
        call.keeps.sort();
        call.keeps_perhaps.sort();
    }
}

fn drop_useless_steps(graph: &mut Graph, block: BlockId, analysis: &Analysis, numbers: &mut Numbers) {
    drop_needless_looks(graph, block, analysis, numbers);
    if graph.blocks[block].steps.iter().all(|step| step.only_for.is_none()) {
        return;
    }
    let facts = &analysis.facts[block];
    let after = facts.edges.iter().map(|edge| edge.to).chain(facts.catcher);
    let mut live: BTreeSet<Variable> = after.flat_map(|next| analysis.live[next].iter().copied()).collect();
    if let End::Branch { test: step, .. } | End::Return(step) | End::Match { subject: step, .. } =
        &graph.blocks[block].end
    {
        live.extend(step.effect.reads.iter().map(|name| numbers.of(name)));
    }
    if let End::Call { call, .. } = &graph.blocks[block].end {
        live.extend(call.effect.reads.iter().map(|name| numbers.of(name)));
    }
    let mut kept: Vec<Step> = Vec::new();
    for step in graph.blocks[block].steps.drain(..).rev() {
        if step.only_for.as_ref().is_none_or(|name| live.contains(&numbers.of(name))) {
            step.effect.writes.iter().for_each(|name| {
                live.remove(&numbers.of(name));
            });
            live.extend(step.effect.reads.iter().map(|name| numbers.of(name)));
            kept.push(step);
        }
    }
    kept.reverse();
    graph.blocks[block].steps = kept;
}

/// Drops steps that only look whether a variable is bound, where it is.
fn drop_needless_looks(graph: &mut Graph, block: BlockId, analysis: &Analysis, numbers: &mut Numbers) {
    let steps = &mut graph.blocks[block].steps;
    if steps.iter().all(|step| step.only_unbound.is_none()) {
        return;
    }
    // What happened to variables in this block so far: whether they may be unbound.
    let mut seen: HashMap<Variable, bool> = HashMap::new();
    steps.retain(|step| {
        let looked_at = step.only_unbound.as_ref().map(|name| numbers.of(name));
        let is_needed = looked_at.is_none_or(|variable| {
            seen.get(&variable).copied().unwrap_or_else(|| holds(&analysis.unbound[block], variable))
        });
        seen.extend(step.effect.unbinds.iter().map(|name| (numbers.of(name), true)));
        seen.extend(step.effect.writes.iter().map(|name| (numbers.of(name), false)));
        seen.extend(looked_at.map(|variable| (variable, false)));
        is_needed
    });
}
