//! Flows with more places than one `match` finds fast.

use std::process::Command;

use super::{IMPORTS, bench, calls};

/// Statements that call an actor where `p["k"]` is their number, between `indent`s.
fn choices(count: usize, indent: &str, actor: &str) -> String {
    (0..count)
        .map(|at| format!("{indent}if p[\"k\"] == {at}:\n{indent}    p = {actor}(p)\n{indent}    p[\"b\"] = {at}\n"))
        .collect()
}

#[test]
fn many_places_of_a_flow() {
    let flow = format!("\ndef t(p: dict) -> dict:\n{}    p = fin(p)\n    return p\n", choices(300, "    ", "a"));
    calls(&flow, r#"{"k": 0}"#, &["a", "fin"]);
    calls(&flow, r#"{"k": 299}"#, &["a", "fin"]);
    calls(&flow, r#"{"k": 300}"#, &["fin"]);
}

#[test]
fn many_places_inside_a_try() {
    let flow = format!(
        "\nasync def t(p: dict) -> dict:\n    try:\n{}        p[\"s\"] = await later(p[\"k\"])\n        p = bad(p)\n    except ValueError:\n        p = clean(p)\n{}    return p\n",
        choices(150, "        ", "a"),
        choices(150, "    ", "b").replace("\"k\"", "\"clean\""),
    );
    calls(&flow, r#"{"k": 149}"#, &["a", "later", "bad", "clean", "b"]);
    calls(&flow, r#"{"k": -1}"#, &["later", "bad", "clean", "b"]);
}

#[test]
fn many_places_in_a_helper_and_in_a_loop() {
    let flow = format!(
        "\ndef t_places(p, k):  # asya: unfold\n    p[\"k\"] = k\n{}    return p\n\ndef t(p: dict) -> dict:\n    for i in range(3):\n        p = t_places(p, i * 70)\n        p = fin(p)\n{}    return p\n",
        choices(100, "    ", "a"),
        choices(100, "        ", "b"),
    );
    calls(&flow, "{}", &["a", "fin", "b", "a", "fin", "b", "fin"]);
}

/// Runs the router's function to its end and counts the lines that Python goes through.
const COUNT_LINES: &str = r#"
import sys
import router

count = 0


def trace(frame, event, argument):
    global count
    count += event == "line"
    return trace


sys.settrace(trace)
router.t({"k": -1}, "start")
sys.settrace(None)
print(count)
"#;

#[test]
fn the_work_of_a_hop_grows_as_its_way_and_not_as_its_square() {
    let lines = |places: usize| -> usize {
        let mut bench = bench();
        bench.add("t", &format!("{IMPORTS}\ndef t(p: dict) -> dict:\n{}    return p\n", choices(places, "    ", "a")));
        let router = bench.programs["t"].router.as_ref().unwrap();
        std::fs::write(bench.path().join("router.py"), &*router.code).unwrap();
        std::fs::write(bench.path().join("count.py"), COUNT_LINES).unwrap();
        let python = crate::local_bench::settings().python;
        let output = Command::new(python).args(["-B", "count.py"]).current_dir(bench.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().parse().unwrap()
    };
    for places in [10, 100, 1_000, 3_000] {
        let counted = lines(places);
        assert!(counted <= places * 50, "{counted} lines for {places} places");
    }
}
