//! Makes a flow that differs as small as it can be and still differ.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::generate::Flow;
use super::tree::smaller;

/// Time for one flow; what is left then is small enough to be read.
const PATIENCE: Duration = Duration::from_secs(60);

/// The smallest flow found for which `differs` still holds.
pub fn shrink(flow: &Flow, differs: &mut dyn FnMut(&Flow) -> bool) -> Flow {
    let began = Instant::now();
    let mut smallest = flow.clone();
    let mut tried = HashSet::from([flow.text()]);
    let mut has_changed = true;
    while has_changed {
        has_changed = false;
        let mut at = 0;
        // What comes behind one that differs is tried before everything is tried again.
        while let Some((found, candidate)) = next(&smallest, at, &mut |candidate| {
            began.elapsed() < PATIENCE && tried.insert(candidate.text()) && differs(candidate)
        }) {
            (at, smallest, has_changed) = (found, candidate, true);
        }
    }
    smallest
}

/// The next way to make `flow` smaller that is `wanted`, from the `at`th on.
fn next(flow: &Flow, at: usize, wanted: &mut dyn FnMut(&Flow) -> bool) -> Option<(usize, Flow)> {
    let candidates = smaller(&flow.module);
    let candidates = candidates.iter().map(|module| Flow { module: module(), ..flow.clone() });
    candidates.enumerate().skip(at).find(|(_, candidate)| wanted(candidate))
}

#[cfg(test)]
mod tests {
    use super::super::compare::{difference, possible};
    use super::super::features::Features;
    use super::super::generate::{self, Random};
    use super::super::reference::{Expected, Reference};
    use super::super::{HANDLERS, PAYLOADS, SHARED};
    use super::*;

    /// Shrinks the first flow that a compiler gets wrong which replaces `right` by `wrong`.
    fn smallest(right: &str, wrong: &str) -> String {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("handlers.py"), HANDLERS).unwrap();
        std::fs::write(directory.path().join("shared.py"), SHARED).unwrap();
        let mut reference = Reference::start(directory.path(), &generate::catalogue());
        let mut runs = 0;
        let mut differs = |flow: &Flow| {
            let mut run = |text: &str| {
                runs += 1;
                reference.run_text(&format!("run_{runs}"), &flow.name, text, PAYLOADS[1])
            };
            let text = flow.text();
            if !text.contains(right) {
                return false;
            }
            let (Expected::Run(expected), Expected::Run(other)) = (run(&text), run(&text.replace(right, wrong))) else {
                return false;
            };
            difference(&expected, &other.observed()).is_some()
        };
        let features = possible(Features::all());
        let flow = (0..)
            .map(|seed| generate::make(&mut Random::new(seed), features, "flow"))
            .find(|flow| differs(flow))
            .unwrap();
        let smallest = shrink(&flow, &mut differs);
        assert!(differs(&smallest), "what is left still differs");
        smallest.text()
    }

    #[test]
    fn what_a_broken_compiler_gets_wrong_is_made_small() {
        for (right, wrong) in [("continue", "break"), ("    finally:", "    else:"), (" or ", " and ")] {
            let smallest = smallest(right, wrong);
            let (_, function) = smallest.rsplit_once("def flow(").unwrap();
            assert_eq!(function.matches(right).count(), 1, "{smallest}");
            assert!(function.lines().count() < 10, "{smallest}");
        }
    }
}
