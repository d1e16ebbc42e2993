//! Compiling through the library: text in, program or diagnostics out.

use std::collections::{BTreeMap, BTreeSet};

use asya::diagnostic::Diagnostic;
use asya::flow::Surroundings;
use asya::names::FlowName;
use asya::program::{Program, Settings, compile};
use asya::source::Source;

/// Compiles the flow of `text` under the name `demo`.
pub(crate) fn compile_text(text: &str) -> Result<(Program, Vec<Diagnostic>), Vec<Diagnostic>> {
    compile_as("demo", text)
}

fn compile_as(flow: &str, text: &str) -> Result<(Program, Vec<Diagnostic>), Vec<Diagnostic>> {
    let source = Source::new("flow.py", text);
    let around = Surroundings {
        function: None,
        module: "flow".to_owned(),
        is_package: false,
        project_modules: BTreeSet::from(["handlers".to_owned()]),
        ..Surroundings::default()
    };
    let settings = Settings {
        flow: FlowName::new(flow).unwrap(),
        name_limit: 48,
        source_sha256: String::new(),
        taken: BTreeMap::new(),
    };
    compile(&source, &around, &settings)
}

#[test]
fn the_router_shows_the_flows_own_lines() {
    let (program, _) = compile_text(
        r#"
import json
from handlers import risky, fixed, finish, lookup

LIMIT = 3

async def demo(p: dict) -> dict:
    """Looks things up
    until done.

    More words.
    """
    p["i"] = 0
    while p["i"] < LIMIT:
        p["i"] += 1
        p = await risky(p)
        if p.get("error"):
            p["err"] = json.dumps(p["error"])
            p = await fixed(p)
            continue
        if p.get("stop"):
            break
        p = await lookup(p)
        if p["i"] == 2:
            p["two"] = True
        else:
            p["two"] = {
                "a": 1,
            }
    p = await finish(p)
    return p
"#,
    )
    .unwrap();
    insta::assert_snapshot!(program.router.unwrap().code);
    insta::assert_snapshot!(program.mermaid);
    insta::assert_snapshot!(program.graph.text());
}

#[test]
fn moving_lines_changes_no_name() {
    let flow = "from handlers import a\n\ndef demo(p: dict) -> dict:\n    p[\"x\"] = 1\n    p = a(p)\n    return p\n";
    let moved = format!("# a remark\n\n\n{}", flow.replace("    p = a", "\n    # another\n    p = a"));
    let (first, _) = compile_text(flow).unwrap();
    let (second, _) = compile_text(&moved).unwrap();
    let (first, second) = (first.router.unwrap(), second.router.unwrap());
    assert_ne!(first.code, second.code, "the remarks show other lines");
    assert_eq!(first.fingerprint, second.fingerprint);
    let (third, _) = compile_text(&flow.replace("= 1", "= 2")).unwrap();
    assert_ne!(first.fingerprint, third.router.unwrap().fingerprint);
}

#[test]
fn the_readme_shows_what_the_compiler_makes() {
    let blocks: Vec<&str> = include_str!("../../README.md")
        .split("```python\n")
        .skip(1)
        .map(|rest| rest.split_once("```").unwrap().0)
        .collect();
    let [flow, router] = blocks[..] else { panic!("the README has a flow and its router") };
    let names = "from handlers import Readability, clean, shorten, write_report\nMAX_ROUNDS = 3\n";
    let (program, _) = compile_text(&format!("{flow}\n\n{names}")).unwrap();
    let code = program.router.unwrap().code;
    let indented: String = router.lines().map(|line| format!("            {line}\n")).collect();
    assert!(code.contains(&indented), "{code}");
}

#[test]
fn a_flow_called_like_a_builtin_hides_nothing() {
    let flow = "from handlers import a\n\n\ndef t(p: dict) -> dict:\n    p[\"x\"] = list(filter(None, p[\"x\"]))\n    p = a(p)\n    p[\"y\"] = 1\n    return p\n";
    let (program, _) = compile_as("filter", flow).unwrap();
    let router = program.router.unwrap();
    assert!(router.code.contains("def filter_(p, at):"), "{}", router.code);
    assert_eq!(router.handler, "router.start_filter");
}
