//! Every diagnostic code has an example in `docs/diagnostics.md` that gives it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asya::artifacts::fields::Fields;
use asya::artifacts::settings;
use asya::diagnostic::Diagnostic;
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

struct Section {
    code: String,
    title: String,
    wrong: String,
    /// What to write instead.
    right: Vec<String>,
    /// Other modules, which begin with their name.
    modules: Vec<String>,
}

fn sections() -> Vec<Section> {
    let section = |text: &str| {
        let (heading, rest) = text.split_once('\n').unwrap();
        let (code, title) = heading.split_once(": ").unwrap();
        let examples = rest.split("```python\n").skip(1);
        let mut examples = examples.map(|text| text.split_once("```").unwrap().0.to_owned());
        let wrong = examples.next().unwrap();
        let is_module = |text: &String| text.starts_with("# ") && text.lines().next().unwrap().ends_with(".py");
        let (modules, right) = examples.partition(is_module);
        Section { code: code.to_owned(), title: title.to_owned(), wrong, right, modules }
    };
    DOCUMENT.split("\n## ").skip(1).map(section).collect()
}

#[test]
fn every_code_is_documented_once() {
    let documented: Vec<(String, String)> =
        sections().into_iter().map(|section| (section.code, section.title)).collect();
    let defined: Vec<(String, String)> =
        codes::ALL.iter().map(|(code, title)| ((*code).to_owned(), (*title).to_owned())).collect();
    assert_eq!(documented, defined);
}

#[test]
fn every_example_gives_its_code_and_nothing_else() {
    for section in sections() {
        let (diagnostics, _) = compiled(&section.wrong, &section.modules);
        let found: BTreeSet<&str> = diagnostics.iter().filter_map(|diagnostic| diagnostic.code).collect();
        assert_eq!(found, BTreeSet::from([section.code.as_str()]), "{}\n{diagnostics:#?}", section.wrong);
    }
}

#[test]
fn what_to_write_instead_compiles() {
    let mut count = 0;
    for section in sections() {
        for right in &section.right {
            let (diagnostics, is_compiled) = compiled(right, &section.modules);
            assert!(is_compiled && diagnostics.is_empty(), "{}: {right}\n{diagnostics:#?}", section.code);
            count += 1;
        }
    }
    assert!(count > 20, "only {count} of them");
}

/// What is said about a flow, and whether it compiles.
fn compiled(text: &str, modules: &[String]) -> (Vec<Diagnostic>, bool) {
    let source = Source::new("example.py", text);
    let around = Surroundings {
        function: text.contains("def part").then(|| "demo".to_owned()),
        module: "example".to_owned(),
        is_package: false,
        project_modules: BTreeSet::from(["handlers".to_owned()]),
        files: Arc::new(DocumentedModules(modules.to_vec())),
        ..Surroundings::default()
    };
    let named = Settings {
        flow: FlowName::new("demo").unwrap(),
        name_limit: 48,
        source_sha256: String::new(),
        taken: BTreeMap::new(),
    };
    match compile(&source, &around, &named) {
        Ok((program, mut warnings)) => {
            let has_policies = !text.contains("generation B");
            let generation = if has_policies { "C2" } else { "B" };
            warnings.extend(settings::check(&program, Fields { generation, has_policies }));
            (warnings, true)
        }
        Err(errors) => (errors, false),
    }
}
