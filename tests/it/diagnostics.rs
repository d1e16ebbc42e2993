//! Every diagnostic code has an example in `docs/diagnostics.md` that gives it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asya::flow::{FoundFile, Lookup, ModuleFiles, Surroundings, codes};
use asya::names::FlowName;
use asya::program::{Settings, compile};
use asya::source::Source;

const DOCUMENT: &str = include_str!("../../docs/diagnostics.md");

/// Modules as they stand in the document, the first line of each saying which.
#[derive(Debug)]
struct DocumentedModules(Vec<String>);

impl ModuleFiles for DocumentedModules {
    fn find(&self, module: &str) -> Lookup {
        let name = format!("{module}.py");
        match self.0.iter().find(|text| text.starts_with(&format!("# {name}\n"))) {
            Some(text) => {
                let source = Source::new(name, text.as_str());
                Lookup::File(FoundFile { source, is_package: false, hides: Vec::new(), tree: Default::default() })
            }
            None => Lookup::Missing,
        }
    }

    fn find_before_standard(&self, module: &str) -> Lookup {
        self.find(module)
    }
}

/// Code, title and examples of every section: the flow, and other modules that begin with their name.
fn sections() -> Vec<(String, String, Vec<String>)> {
    DOCUMENT
        .split("\n## ")
        .skip(1)
        .map(|section| {
            let (heading, rest) = section.split_once('\n').unwrap();
            let (code, title) = heading.split_once(": ").unwrap();
            let examples = rest.split("```python\n").skip(1);
            let examples = examples.map(|text| text.split_once("```").unwrap().0.to_owned()).collect();
            (code.to_owned(), title.to_owned(), examples)
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
    for (code, _, examples) in sections() {
        let example = &examples[0];
        let modules = DocumentedModules(examples[1..].to_vec());
        let source = Source::new("example.py", example.as_str());
        let around = Surroundings {
            function: example.contains("def part").then(|| "demo".to_owned()),
            module: "example".to_owned(),
            is_package: false,
            project_modules: BTreeSet::from(["handlers".to_owned()]),
            files: Arc::new(modules),
        };
        let settings = Settings {
            flow: FlowName::new("demo").unwrap(),
            name_limit: 48,
            source_sha256: String::new(),
            taken: BTreeMap::new(),
        };
        let diagnostics = match compile(&source, &around, &settings) {
            Ok((_, warnings)) => warnings,
            Err(errors) => errors,
        };
        let found: BTreeSet<&str> = diagnostics.iter().filter_map(|diagnostic| diagnostic.code).collect();
        assert_eq!(found, BTreeSet::from([code.as_str()]), "{example}\n{diagnostics:#?}");
    }
}
