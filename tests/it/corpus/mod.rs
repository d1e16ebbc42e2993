//! A corpus of flows as people write them (`tests/corpus`): each one runs as plain Python and,
//! compiled, on the mesh, and must do the same.
//!
//! Beside every `<flow>.py` is `<flow>.json` with named payloads that together reach every line
//! and take every condition both ways, and `<flow>.snap`, written with `ASYA_UPDATE=1`.
//! `ASYA_CORPUS=tool_loop` compiles only the flows whose path contains that.

mod compiled;
mod explained;
pub mod flow;
mod page;
mod reference;
mod snapshot;

use std::fmt::Write as _;

use compiled::{Compiled, Observed, Program, Project};
use flow::{Flow, flows, folders};
use reference::{Call, Direct, Reached, Reference};

#[test]
fn the_inputs_reach_every_line_and_take_every_branch() {
    let mut reference = Reference::start();
    let mut problems = String::new();
    let mut count = 0;
    for flow in folders().iter().flat_map(|folder| flows(folder)) {
        let path = flow.path();
        assert!((2..=4).contains(&flow.inputs.len()), "{path} has {} inputs", flow.inputs.len());
        count += 1;
        if !flow.runs_on(reference.version) {
            continue;
        }
        let mut reached = Reached::default();
        for (name, payload) in &flow.inputs {
            let [first, second] = [(); 2].map(|()| reference.run(&flow, payload));
            assert_eq!((&first.calls, &first.end), (&second.calls, &second.end), "{path}, {name}: it depends");
            reached.add(first.reached);
        }
        for missing in reached.missing() {
            let _ = writeln!(problems, "{path}: {missing}");
        }
    }
    assert!(problems.is_empty(), "{problems}");
    assert!(count >= 65, "only {count} flows");
}

macro_rules! folders {
    ($($folder:ident)*) => {
        $(#[test]
        fn $folder() {
            does_what_the_python_does(stringify!($folder));
        })*

        #[test]
        fn every_folder_is_tested() {
            assert_eq!(folders(), [$(stringify!($folder)),*]);
        }
    };
}

folders!(agents coding conversation data documents evaluation resilience retrieval routing safety);

/// Compiles and compares the flows of a folder. None may be refused or do something else.
fn does_what_the_python_does(folder: &str) {
    let project = Project::new();
    let mut reference = Reference::start();
    let mut report = String::new();
    let wanted = std::env::var("ASYA_CORPUS").unwrap_or_default();
    for flow in flows(folder) {
        let path = flow.path();
        if !flow.runs_on(reference.version) || !path.contains(&wanted) {
            continue;
        }
        let direct: Vec<Direct> = flow.inputs.iter().map(|(_, payload)| reference.run(&flow, payload)).collect();
        match project.compile(&flow, &mut reference) {
            Compiled::Refused(codes) => {
                let _ = writeln!(report, "{path} does not compile: {}", codes.join(" "));
            }
            Compiled::Program(mut program) => {
                let observed = run(&flow, &direct, &mut program, &mut report);
                if let Some(observed) = &observed {
                    snapshot::check(&flow, &direct, &program, observed, &mut report);
                }
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

/// Runs all inputs on the mesh; `None` and a report at the first one that ends differently, because
/// a mesh that went wrong may still have messages that wait for others.
fn run(flow: &Flow, direct: &[Direct], program: &mut Program, report: &mut String) -> Option<Vec<Observed>> {
    let mut all = Vec::new();
    for ((name, payload), direct) in flow.inputs.iter().zip(direct) {
        let observed = program.run(payload);
        let difference = match &observed {
            Ok(observed) => difference(direct, observed),
            Err(error) => Some(error.clone()),
        };
        if let Some(difference) = difference {
            let _ = writeln!(report, "{}, {name}: {difference}", flow.path());
            return None;
        }
        all.extend(observed);
    }
    Some(all)
}

fn difference(direct: &Direct, observed: &Observed) -> Option<String> {
    let (expected, got) = (in_order(&direct.calls, direct), in_order(&observed.calls, direct));
    if let Some(at) = (0..expected.len().max(got.len())).find(|&at| expected.get(at) != got.get(at)) {
        let show = |call: Option<&(String, String)>| call.map_or("nothing".to_owned(), |call| format!("{call:?}"));
        return Some(format!(
            "call {} differs\n  Python: {}\n  mesh:   {}\n  hops:   {}\n  ended:  {:?}",
            at + 1,
            show(expected.get(at)),
            show(got.get(at)),
            observed.hops.join(" "),
            observed.end
        ));
    }
    let same = direct.end == observed.end;
    (!same).then(|| format!("it ends differently\n  Python: {:?}\n  mesh:   {:?}", direct.end, observed.end))
}

/// Calls in the order of the flow. Those that Python made at the same time have none: they are sorted.
fn in_order(calls: &[Call], direct: &Direct) -> Vec<(String, String)> {
    let mut calls: Vec<_> = calls.iter().map(|call| (call.handler.clone(), call.argument.clone())).collect();
    let mut start = 0;
    for run in direct.calls.chunk_by(|first, second| !first.alone && !second.alone) {
        let end = (start + run.len()).min(calls.len());
        calls[start.min(end)..end].sort();
        start = end;
    }
    calls
}
