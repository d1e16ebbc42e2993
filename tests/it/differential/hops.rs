//! Real runs against `graph.json`: every run is a walk through the segments, and the router is
//! visited only where the graph says so.

use std::collections::BTreeSet;

use asya::local::{Outcome, Phase};
use asya::program::Program;
use serde_json::Value;

/// Checks the hops of one run of `program`. Where errors come back, calls run in parallel or helpers
/// are entered, a route alone does not say what comes next, and nothing is checked.
pub fn check(program: &Program, outcome: &Outcome) {
    let enters_helper = |router: &str| {
        let segments = program.graph["segments"].as_array().unwrap();
        let mut routes = segments.iter().flat_map(|segment| segment["routes"].as_array().unwrap());
        routes.any(|route| route["route"] == serde_json::json!([router]))
    };
    if program.actors.iter().any(|actor| actor.is_wrapped)
        || program.join.is_some()
        || program.graph["helpers"].as_array().is_some_and(|helpers| !helpers.is_empty())
        || program.router.as_ref().is_some_and(|router| enters_helper(router.name.as_str()))
    {
        return;
    }
    let hops: Vec<&str> = outcome.hops.iter().map(|hop| hop.actor.as_str()).collect();
    let Some(router) = &program.router else {
        assert_eq!(hops, [program.entry.as_str()], "{}: a single call is a single hop", program.flow);
        return;
    };
    let router = router.name.as_str();
    assert!(
        !hops.windows(2).any(|pair| pair == [router, router]),
        "{}: two visits of the router in a row: {hops:?}",
        program.flow
    );
    let failed = outcome.results[0].phase == Phase::Failed;
    let mut places = BTreeSet::from(["start".to_owned()]);
    let mut rest: &[&str] = &hops;
    while let Some((first, after)) = rest.split_first() {
        assert_eq!(*first, router, "{}: {hops:?}", program.flow);
        let calls = after.iter().take_while(|actor| **actor != router).count();
        let (called, next) = after.split_at(calls);
        let is_last = next.is_empty();
        let leaves = reachable(program, &places);
        places = leaves
            .iter()
            .flat_map(|segment| segment["routes"].as_array().unwrap())
            .filter(|route| fits(route, called, router, is_last, failed))
            .map(|route| route["then"].as_str().unwrap_or_default().to_owned())
            .collect();
        let ends_here = is_last
            && called.is_empty()
            && (failed || leaves.iter().any(|segment| segment["returns"].as_bool() == Some(true)));
        assert!(
            !places.is_empty() || ends_here,
            "{}: no route of the graph explains {called:?} in {hops:?}",
            program.flow
        );
        rest = next;
    }
}

/// The segments at `places` and those they continue at without a message.
fn reachable<'p>(program: &'p Program, places: &BTreeSet<String>) -> Vec<&'p Value> {
    let segments = program.graph["segments"].as_array().unwrap();
    let mut seen = places.clone();
    let mut open: Vec<String> = places.iter().cloned().collect();
    let mut found = Vec::new();
    while let Some(place) = open.pop() {
        let segment = segments.iter().find(|segment| segment["at"] == place.as_str()).unwrap();
        found.push(segment);
        for next in segment["continues_at"].as_array().unwrap() {
            let next = next.as_str().unwrap().to_owned();
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    found
}

/// Whether a route explains the actors called between two visits of the router: exactly, or its
/// beginning when an actor failed.
fn fits(route: &Value, called: &[&str], router: &str, is_last: bool, failed: bool) -> bool {
    let all: Vec<&str> = route["route"].as_array().unwrap().iter().map(|actor| actor.as_str().unwrap()).collect();
    let comes_back = all.last() == Some(&router);
    let actors = if comes_back { &all[..all.len() - 1] } else { &all[..] };
    if is_last && failed {
        return !called.is_empty() && actors.starts_with(called);
    }
    actors == called && comes_back != is_last
}
