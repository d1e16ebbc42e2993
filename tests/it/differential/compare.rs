//! Runs random flows on both sides, in batches on all processors, and tells what differs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use asya::local::Outcome;

use super::bench::Bench;
use super::features::{Feature, Features};
use super::generate::{self, Flow, Random};
use super::reference::{Expected, Reference};
use super::shrink::shrink;
use super::trace::{End, Observed, Planned};
use super::{HANDLERS, PAYLOADS, hops};

/// Flows that share a mesh and a process of Python.
const BATCH: u64 = 100;
/// Differences that are reduced and shown.
const SHOWN: usize = 3;
/// Differences after which the rest is not run.
const ENOUGH: usize = 20;

/// What a flow means that the compiler refuses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    Fails,
    Counts,
}

pub struct Comparison {
    pub count: u64,
    pub seed: u64,
    pub features: Features,
    pub refused: Refused,
}

/// A flow that does something else than Python.
#[derive(Debug, Clone)]
pub struct Difference {
    pub flow: Flow,
    pub payload: String,
    /// In which way: flows that differ in the same way perhaps have the same reason.
    pub way: String,
    pub detail: String,
    seed: u64,
}

impl Comparison {
    /// Compares all flows; panics with the smallest flows that still differ.
    pub fn run(&self) -> Tally {
        let features = possible(self.features);
        let batches = self.count.div_ceil(BATCH);
        let next = AtomicU64::new(0);
        let found = Mutex::new((Tally::default(), Vec::<Difference>::new()));
        let work = || {
            loop {
                let batch = next.fetch_add(1, Ordering::Relaxed);
                if batch >= batches || found.lock().unwrap().1.len() > ENOUGH {
                    break;
                }
                let numbers = batch * BATCH..((batch + 1) * BATCH).min(self.count);
                let (tally, differences) = self.batch(features, numbers);
                let mut found = found.lock().unwrap();
                found.0.merge(&tally);
                found.1.extend(differences);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(2, usize::from).min(8) {
                scope.spawn(work);
            }
        });
        let (mut tally, differences) = found.into_inner().unwrap();
        tally.flows = self.count;
        assert!(differences.is_empty(), "{}", self.report(differences));
        tally
    }

    fn batch(&self, features: Features, numbers: std::ops::Range<u64>) -> (Tally, Vec<Difference>) {
        let mut tally = Tally::default();
        let mut differences = Vec::new();
        let mut bench = Bench::new(HANDLERS);
        let mut flows = Vec::new();
        for number in numbers {
            let seed = self.seed * 1_000_003 + number;
            let flow = generate::make(&mut Random::new(seed), features, &format!("flow_{number}"));
            tally.uses(flow.used);
            match refusal(&mut bench, &flow.name, &flow) {
                None => flows.push((seed, flow)),
                Some((way, detail)) if self.refused == Refused::Fails => {
                    differences.push(Difference { flow, payload: "{}".to_owned(), way, detail, seed });
                }
                Some((way, _)) => *tally.refused.entry(way).or_default() += 1,
            }
        }
        if flows.is_empty() {
            return (tally, differences);
        }
        let mut mesh = bench.mesh();
        let mut reference = Reference::start(bench.path(), &generate::catalogue());
        for (seed, flow) in flows {
            for payload in PAYLOADS {
                let Some(expected) = tally.expect(reference.run(&flow.name, payload), &flow) else { continue };
                let (observed, outcome) = bench.run(&mut mesh, &flow.name, payload, &[]);
                let observed = by_handler(&bench, &flow.name, observed);
                tally.add(&expected, &outcome);
                if features.is_empty() {
                    hops::check(&bench.programs[&flow.name], &outcome);
                }
                if let Some((way, detail)) = difference(&expected, &observed) {
                    let payload = (*payload).to_owned();
                    differences.push(Difference { flow: flow.clone(), payload, way, detail, seed });
                    break;
                }
            }
        }
        (tally, differences)
    }

    fn report(&self, differences: Vec<Difference>) -> String {
        let mut ways: BTreeMap<&str, usize> = BTreeMap::new();
        for difference in &differences {
            *ways.entry(&difference.way).or_default() += 1;
        }
        let mut text = format!("{} flows differ: {ways:#?}\n", differences.len());
        let mut shown: Vec<&str> = Vec::new();
        for difference in &differences {
            if shown.len() >= SHOWN || shown.contains(&difference.way.as_str()) {
                continue;
            }
            shown.push(&difference.way);
            let mut lab = Lab::new();
            let mut last = difference.detail.clone();
            let smallest = shrink(&difference.flow, &mut |flow| match lab.differ(flow, &difference.payload) {
                Some((way, detail)) if way == difference.way => {
                    last = detail;
                    true
                }
                _ => false,
            });
            let _ = writeln!(
                text,
                "--- seed {}, payload {}: {}\n{}\n{last}",
                difference.seed,
                difference.payload,
                difference.way,
                smallest.text()
            );
        }
        text
    }
}

/// Runs one flow at a time on both sides.
pub struct Lab {
    bench: Bench,
    reference: Reference,
    runs: usize,
}

impl Lab {
    pub fn new() -> Self {
        let bench = Bench::new(HANDLERS);
        let reference = Reference::start(bench.path(), &generate::catalogue());
        Self { bench, reference, runs: 0 }
    }

    /// What is different, and how.
    pub fn differ(&mut self, flow: &Flow, payload: &str) -> Option<(String, String)> {
        self.runs += 1;
        let name = format!("run_{}", self.runs);
        let text = flow.text();
        // Under a name of its own: Python loads a module once.
        let expected = match self.reference.run_text(&name, &flow.name, &text, payload) {
            Expected::Run(expected) => expected,
            _ => return None,
        };
        if let Some(refused) = refusal(&mut self.bench, &name, flow) {
            return Some(refused);
        }
        let mut mesh = self.bench.small_mesh(&name);
        let (observed, _) = self.bench.run(&mut mesh, &name, payload, &[]);
        difference(&expected, &by_handler(&self.bench, &name, observed))
    }
}

/// Why a flow does not compile, if so.
fn refusal(bench: &mut Bench, name: &str, flow: &Flow) -> Option<(String, String)> {
    match catch_unwind(AssertUnwindSafe(|| bench.try_add(name, &flow.name, &flow.text()))) {
        Ok(Ok(())) => None,
        Ok(Err(diagnostics)) => {
            let code = diagnostics.first().and_then(|first| first.code).unwrap_or("without a code");
            let messages: Vec<&str> = diagnostics.iter().map(|each| each.message.as_str()).collect();
            Some((format!("refused: {code}"), messages.join("\n")))
        }
        Err(_) => Some(("the compiler panics".to_owned(), String::new())),
    }
}

/// With handlers instead of actors, as Python knows them.
fn by_handler(bench: &Bench, name: &str, mut observed: Observed) -> Observed {
    let program = &bench.programs[name];
    for (actor, _) in &mut observed.calls {
        if let Some(found) = program.actors.iter().find(|each| each.name.as_str() == actor) {
            actor.clone_from(&found.handler);
        }
    }
    observed
}

/// How a run differs from Python's, in short and in full.
pub fn difference(expected: &Planned, observed: &Observed) -> Option<(String, String)> {
    if expected.allows(observed) {
        return None;
    }
    let short = |end: &End| match end {
        End::Payload(_) => "a payload".to_owned(),
        End::Error(kind, _) => kind.clone(),
        End::Broken(how) => how.clone(),
    };
    let way = match (&expected.end, &observed.end) {
        (left, right) if left == right => "other calls".to_owned(),
        (left, right) => format!("{} instead of {}", short(right), short(left)),
    };
    Some((way, format!("Python: {expected:#?}\nmesh: {observed:#?}")))
}

/// Without what the Python of the tests does not have.
pub fn possible(mut features: Features) -> Features {
    static HAS_GROUPS: OnceLock<bool> = OnceLock::new();
    let has_groups = *HAS_GROUPS.get_or_init(|| {
        let mut python = Command::new(crate::local_bench::settings().python);
        python.args(["-c", "import asyncio; asyncio.TaskGroup"]).stderr(std::process::Stdio::null());
        python.status().is_ok_and(|status| status.success())
    });
    if !has_groups {
        features.remove(Feature::TaskGroups);
        features.remove(Feature::ExceptStar);
    }
    features
}

/// What the random flows covered, so that an empty test cannot pass.
#[derive(Debug, Default)]
pub struct Tally {
    pub flows: u64,
    pub runs: u64,
    pub calls: usize,
    pub hops: usize,
    pub errors: u64,
    pub kinds_of_errors: BTreeMap<String, u64>,
    pub fan_outs: usize,
    pub too_long: u64,
    pub ambiguous: u64,
    /// `None` cannot be the payload of a message.
    pub none: u64,
    pub refused: BTreeMap<String, u64>,
    pub flows_with: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub fn uses(&mut self, used: Features) {
        used.each().for_each(|feature| *self.flows_with.entry(feature.word()).or_default() += 1);
    }

    /// What Python did, if it can be compared.
    pub fn expect(&mut self, expected: Expected, flow: &Flow) -> Option<Planned> {
        match expected {
            Expected::TooLong => self.too_long += 1,
            Expected::Ambiguous => self.ambiguous += 1,
            Expected::Invalid(reason) => panic!("{}{reason}", flow.text()),
            Expected::Run(Planned { end: End::Payload(payload), .. }) if payload == "null" => self.none += 1,
            Expected::Run(planned) => return Some(planned),
        }
        None
    }

    pub fn count(&mut self, expected: &Planned) {
        self.runs += 1;
        self.calls += expected.calls();
        self.fan_outs += expected.fan_outs();
        if let End::Error(kind, _) = &expected.end {
            self.errors += 1;
            *self.kinds_of_errors.entry(kind.clone()).or_default() += 1;
        }
    }

    fn add(&mut self, expected: &Planned, outcome: &Outcome) {
        self.count(expected);
        self.hops += outcome.hops.len();
    }

    fn merge(&mut self, other: &Self) {
        self.runs += other.runs;
        self.calls += other.calls;
        self.hops += other.hops;
        self.errors += other.errors;
        self.fan_outs += other.fan_outs;
        self.too_long += other.too_long;
        self.ambiguous += other.ambiguous;
        self.none += other.none;
        other
            .kinds_of_errors
            .iter()
            .for_each(|(kind, count)| *self.kinds_of_errors.entry(kind.clone()).or_default() += count);
        other.refused.iter().for_each(|(code, count)| *self.refused.entry(code.clone()).or_default() += count);
        other.flows_with.iter().for_each(|(word, count)| *self.flows_with.entry(word).or_default() += count);
    }

    pub fn show(&self) {
        if std::env::var_os("ASYA_FLOWS_STATISTICS").is_some() {
            println!("{self:#?}");
        }
    }

    pub fn is_a_real_test(&self) {
        assert!(self.runs > self.flows, "{self:#?}: too many flows were too long");
        assert!(self.calls as u64 > 2 * self.runs, "{self:#?}: hardly any calls");
        assert!(
            self.errors * 20 > self.runs && self.errors * 4 < 3 * self.runs,
            "{self:#?}: errors are out of balance"
        );
    }
}
