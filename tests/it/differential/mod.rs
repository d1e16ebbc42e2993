//! Compiled flows do what the Python does: random flows run directly and through the mesh.

mod bench;
mod compare;
mod features;
mod generate;
mod hops;
mod inputs;
pub mod pictures;
pub mod random;
mod reference;
mod shrink;
pub mod trace;
mod traps;
mod treatments;
mod tree;

use compare::{Comparison, Refused, Tally, difference, possible};
use features::Features;
use generate::Random;
use reference::{Expected, Reference};

const HANDLERS: &str = include_str!("handlers.py");

/// Another module of the project of a random flow.
const SHARED: &str = include_str!("shared.py");

const PAYLOADS: &[&str] = &["{}", r#"{"n":2,"l":[1,2,3],"d":{},"s":"x","a":1}"#];

/// What the compiler takes: a refusal is a difference.
fn compiled() -> Features {
    Features::all()
}

/// `ASYA_FLOWS` flows (5,000 by default) from seed `ASYA_FLOWS_SEED` (1 by default), made of
/// `ASYA_FLOWS_FEATURES` (what compiles by default; `all,-match`). `ASYA_FLOWS_STATISTICS` prints,
/// under `--nocapture`, what they covered.
#[test]
fn random_flows_do_what_the_python_does() {
    let comparison = Comparison {
        count: variable("ASYA_FLOWS", 5000),
        seed: variable("ASYA_FLOWS_SEED", 1),
        features: chosen_features(compiled()),
        refused: Refused::Fails,
    };
    let tally = comparison.run();
    tally.show();
    tally.is_a_real_test();
}

/// Flows of the whole language: those that compile do what the Python does.
#[test]
fn flows_of_every_feature_are_refused_or_do_what_the_python_does() {
    let comparison = Comparison {
        count: variable("ASYA_FLOWS", 300),
        seed: variable("ASYA_FLOWS_SEED", 1) + 1000,
        features: chosen_features(Features::all()),
        refused: Refused::Counts,
    };
    comparison.run().show();
}

/// The generator by itself, without a compiler: its flows are Python, they end, they do all kinds
/// of things, and what they do is no matter of chance on a mesh.
#[test]
fn flows_of_every_feature_run_in_python() {
    let mut features = Features::all();
    features.add_exotic();
    let features = possible(chosen_features(features));
    let count = variable("ASYA_FLOWS", 500);
    let seed = variable("ASYA_FLOWS_SEED", 1) + 2000;
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("handlers.py"), HANDLERS).unwrap();
    std::fs::write(directory.path().join("shared.py"), SHARED).unwrap();
    let mut reference = Reference::start(directory.path(), &generate::catalogue());
    let mut as_mesh = Reference::start_as_mesh(directory.path(), &generate::catalogue());
    let mut tally = Tally { flows: count, ..Tally::default() };
    for number in 0..count {
        let name = format!("flow_{number}");
        let flow = generate::make(&mut Random::new(seed * 1_000_003 + number), features, &name);
        let again = generate::make(&mut Random::new(seed * 1_000_003 + number), features, &name);
        assert_eq!(flow.text(), again.text(), "one seed, one flow");
        tally.uses(flow.used);
        std::fs::write(directory.path().join(format!("{name}.py")), flow.text()).unwrap();
        for payload in PAYLOADS {
            let expected = reference.run(&name, payload);
            let Some(expected) = tally.expect(expected, &flow) else { continue };
            tally.count(&expected);
            let Expected::Run(other) = as_mesh.run(&name, payload) else { continue };
            if let Some((way, detail)) = difference(&expected, &other.observed()) {
                panic!("{}\n{way}\n{detail}", flow.text());
            }
        }
    }
    tally.show();
    tally.is_a_real_test();
    let skipped = tally.too_long + tally.ambiguous + tally.none;
    assert!(skipped * 20 < tally.runs, "{tally:#?}: many runs are of no use");
    for feature in features.each() {
        let used = tally.flows_with.get(feature.word()).copied().unwrap_or_default();
        assert!(used * 200 > count, "{}: {used} of {count} flows", feature.word());
    }
}

fn chosen_features(default: Features) -> Features {
    std::env::var("ASYA_FLOWS_FEATURES")
        .map_or(default, |text| Features::parse(&text).unwrap_or_else(|error| panic!("ASYA_FLOWS_FEATURES: {error}")))
}

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}
