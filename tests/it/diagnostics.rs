//! Every diagnostic code has an example in `docs/diagnostics.md` that gives it.

use std::collections::{BTreeMap, BTreeSet};

use asya::artifacts::fields::Fields;
use asya::artifacts::settings;
use asya::flow::{Surroundings, codes};
use asya::names::FlowName;
use asya::program::{Settings, compile};
use asya::source::Source;

const DOCUMENT: &str = include_str!("../../docs/diagnostics.md");

/// Code, title and example of every section.
fn sections() -> Vec<(String, String, String)> {
    DOCUMENT
        .split("\n## ")
        .skip(1)
        .map(|section| {
            let (heading, rest) = section.split_once('\n').unwrap();
            let (code, title) = heading.split_once(": ").unwrap();
            let (_, rest) = rest.split_once("```python\n").unwrap();
            let (example, _) = rest.split_once("```").unwrap();
            (code.to_owned(), title.to_owned(), example.to_owned())
        })
        .collect()
}

#[test]
fn every_code_is_documented_once() {
    let documented: Vec<(String, String)> = sections().into_iter().map(|(code, title, _)| (code, title)).collect();
    let defined: Vec<(String, String)> =
        codes::ALL.iter().map(|(code, title)| ((*code).to_owned(), (*title).to_owned())).collect();
    assert_eq!(documented, defined);
}

#[test]
fn every_example_gives_its_code_and_nothing_else() {
    for (code, _, example) in sections() {
        let source = Source::new("example.py", example.as_str());
        let around = Surroundings {
            function: example.contains("def part").then(|| "demo".to_owned()),
            module: "example".to_owned(),
            is_package: false,
            project_modules: BTreeSet::from(["handlers".to_owned()]),
            ..Surroundings::default()
        };
        let named = Settings {
            flow: FlowName::new("demo").unwrap(),
            name_limit: 48,
            source_sha256: String::new(),
            taken: BTreeMap::new(),
        };
        let diagnostics = match compile(&source, &around, &named) {
            Ok((program, mut warnings)) => {
                let has_policies = !example.contains("generation B");
                let generation = if has_policies { "C2" } else { "B" };
                warnings.extend(settings::check(&program, Fields { generation, has_policies }));
                warnings
            }
            Err(errors) => errors,
        };
        let found: BTreeSet<&str> = diagnostics.iter().filter_map(|diagnostic| diagnostic.code).collect();
        assert_eq!(found, BTreeSet::from([code.as_str()]), "{example}\n{diagnostics:#?}");
    }
}
