//! Every line of every flow has an explanation, and it is true of the router.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asya::flow::{self, Surroundings};
use asya::names::FlowName;
use asya::program::explanation::{Asked, Elsewhere, Explanation, Part, Place, explain};
use asya::program::{self, Program, Settings};
use asya::source::Source;
use asya::syntax;

use super::flow::{Flow, flows, folders, root};

/// All modules of the corpus, by the path under which they are looked up.
fn files() -> BTreeMap<String, Source> {
    let mut files = BTreeMap::new();
    for folder in folders().into_iter().chain(["ai".to_owned()]) {
        for entry in std::fs::read_dir(root().join(&folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "py") {
                let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
                let name = if stem == "__init__" { folder.clone() } else { format!("{folder}.{stem}") };
                let shown = format!("{folder}/{stem}.py");
                files.insert(name, Source::new(shown, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files
}

#[test]
fn every_line_is_explained_and_the_router_agrees() {
    let files = Arc::new(files());
    let mut explained = 0;
    for folder in folders() {
        for flow in flows(&folder) {
            explained += check(&flow, &files);
        }
    }
    assert!(explained > 1000, "only {explained} lines were explained");
}

fn check(one: &Flow, files: &Arc<BTreeMap<String, Source>>) -> usize {
    let source = Source::new(format!("{}.py", one.path()), one.source.as_str());
    let around = Surroundings {
        function: Some(one.name.clone()),
        module: one.module(),
        is_package: false,
        project_modules: folders().into_iter().chain(["ai".to_owned()]).collect(),
        files: files.clone(),
        ..Surroundings::default()
    };
    let settings = Settings {
        flow: FlowName::new(&one.name.replace('_', "-")).unwrap(),
        name_limit: 63,
        source_sha256: String::new(),
        taken: BTreeMap::new(),
    };
    let module = syntax::parse(&source).unwrap();
    // Some of the corpus is there to be refused.
    let Ok(understood) = flow::analyse(&source, &module, &around) else { return 0 };
    let program = program::build(&understood, &source, &settings).unwrap();
    let mut explained = 0;
    let mut named: BTreeSet<String> = BTreeSet::new();
    let all = |file: &Source| {
        let lines = 1..=file.text().lines().count();
        let asked: Vec<Asked> = lines.map(|line| Asked { file: Some(file.name().to_owned()), line }).collect();
        explain(&understood, &source, &settings, &asked).unwrap()
    };
    for (line, found) in (1..).zip(all(&source)) {
        match found {
            Ok(found) => {
                assert!(!found.parts.is_empty(), "{}:{line} has no explanation", one.path());
                named.extend(called(&found));
                agrees(&found, &program);
                explained += 1;
            }
            Err(Elsewhere::Outside { functions }) => {
                let (_, _, first, last) = functions.iter().find(|(_, name, ..)| *name == one.name).unwrap();
                assert!(!(*first..=*last).contains(&line), "{}:{line} is a line of the flow", one.path());
            }
            Err(other) => panic!("{}:{line}: {other:?}", one.path()),
        }
    }
    let helpers: Vec<&Source> = understood.helpers.iter().map(|helper| &helper.source).collect();
    for file in helpers.into_iter().filter(|file| file.name() != source.name()) {
        for found in all(file).into_iter().flatten() {
            named.extend(called(&found));
            agrees(&found, &program);
        }
    }
    for actor in &program.actors {
        assert!(named.contains(actor.name.as_str()), "{}: no line calls {}", one.path(), actor.name);
    }
    explained
}

fn called(found: &Explanation) -> Vec<String> {
    let calls = found.parts.iter().filter_map(|part| match part {
        Part::Call(call) => Some(&call.calls),
        _ => None,
    });
    calls.flatten().map(|called| called.name.clone()).collect()
}

/// The lines of the router bear the number of the line they are said to come from, a statement over
/// several lines on its last one.
fn agrees(found: &Explanation, program: &Program) {
    let Some(router) = &program.router else { return };
    let text: Vec<&str> = router.code.lines().collect();
    for part in &found.parts {
        let (places, lines) = match part {
            Part::Router { places, copied_with: Some(line), .. } => (places, *line..=*line),
            Part::Router { places, .. } => (places, found.first_line..=found.last_line),
            Part::Call(call) => (&call.places, found.first_line..=found.last_line),
            _ => continue,
        };
        for &line in places.iter().flat_map(|place: &Place| &place.router_lines) {
            // A short router says nothing about where it ends.
            if text[line - 1].trim_start().starts_with("return") && text[line - 1].contains("[]") {
                continue;
            }
            let remark = text[line - 1..].iter().find_map(|text| remark(text));
            assert!(
                remark.is_some_and(|remark| lines.contains(&remark)),
                "{}:{line} says {remark:?} and not {}:{lines:?}",
                router.name,
                found.file
            );
        }
    }
}

/// `12` of `p["x"] = 1  # 12` and of `# 12: p = f(p)`.
fn remark(line: &str) -> Option<usize> {
    let of_call = line.trim_start().strip_prefix("# ").and_then(|text| text.split([':', '-']).next()?.parse().ok());
    of_call.or_else(|| line.rsplit_once("  # ")?.1.parse().ok())
}
