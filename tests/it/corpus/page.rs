//! `docs/patterns.md` shows flows of the corpus as they are, and what they do.
//! `ASYA_UPDATE=1 cargo test --test it corpus::page` writes the latter.

use std::path::Path;

use super::compiled::{Compiled, Project};
use super::difference;
use super::flow::flows;
use super::reference::{Call, Direct, Reference};

/// Columns of the blocks.
const WIDTH: usize = 100;

#[test]
fn the_page_of_patterns_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/patterns.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let project = Project::new();
    let mut reference = Reference::start();
    let mut shown = 0;
    let mut made = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        made.push_str(&format!("{line}\n"));
        let Some(info) = line.strip_prefix("```") else { continue };
        let block: String = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        let (language, about) = info.split_once(' ').unwrap_or_else(|| panic!("```{info} names no flow"));
        match language {
            "python" => {
                let file = super::flow::root().join(about);
                let source = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{about}: {error}"));
                assert!(source.contains(&block), "docs/patterns.md: {about} has other lines than\n{block}");
                made.push_str(&block);
                shown += 1;
            }
            _ => made.push_str(&what_it_does(about, &project, &mut reference)),
        }
        made.push_str("```\n");
    }
    assert!(shown >= 8, "{shown} flows");
    if std::env::var_os("ASYA_UPDATE").is_some() {
        std::fs::write(&path, made).unwrap();
        return;
    }
    for (written, made) in page.lines().zip(made.lines()) {
        assert_eq!(written, made, "docs/patterns.md; write it with ASYA_UPDATE=1 cargo test --test it corpus::page");
    }
    assert_eq!(page.lines().count(), made.lines().count(), "docs/patterns.md; write it with ASYA_UPDATE=1");
}

/// The block for `folder/flow: input`.
fn what_it_does(about: &str, project: &Project, reference: &mut Reference) -> String {
    let (path, input) = about.split_once(": ").unwrap_or_else(|| panic!("{about}: which input?"));
    let (folder, name) = path.split_once('/').unwrap();
    let flow = flows(folder).into_iter().find(|flow| flow.name == name).unwrap_or_else(|| panic!("no flow {path}"));
    let (_, payload) =
        flow.inputs.iter().find(|(name, _)| name == input).unwrap_or_else(|| panic!("{path} has no input {input}"));
    let direct = reference.run(&flow, payload);
    let mut out = wrapped("calls", &calls(&direct));
    match project.compile(&flow, reference) {
        Compiled::Refused(codes) => panic!("{path}: {codes:?}"),
        Compiled::Program(mut program) => {
            let observed = program.run(payload).unwrap_or_else(|error| panic!("{about}: {error}"));
            assert_eq!(difference(&direct, &observed), None, "{about}");
            out.push_str(&wrapped("hops ", &observed.hops));
        }
    }
    out
}

/// The functions called, those at the same time in brackets.
fn calls(direct: &Direct) -> Vec<String> {
    let name = |call: &Call| call.handler.rsplit('.').next().unwrap_or_default().to_owned();
    let runs = direct.calls.chunk_by(|first, second| !first.alone && !second.alone);
    let shown = |run: &[Call]| match run {
        [one] if one.alone => name(one),
        several => format!("[{}]", several.iter().map(name).collect::<Vec<_>>().join(" ")),
    };
    runs.map(shown).collect()
}

/// `words` with arrows between them, in lines that begin below each other.
fn wrapped(head: &str, words: &[String]) -> String {
    let mut out = head.to_owned();
    let mut column = head.len();
    for (index, word) in words.iter().enumerate() {
        let word = if index == 0 { format!("  {word}") } else { format!(" → {word}") };
        if column + word.chars().count() > WIDTH {
            out.push_str(&format!("\n{:width$}", "", width = head.len()));
            column = head.len();
        }
        column += word.chars().count();
        out.push_str(&word);
    }
    out + "\n"
}
