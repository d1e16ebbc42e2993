//! Flows, their records and the project's Python, through the library.

use std::path::Path;

use asya::project::{FlowRecord, Project, module_name, python_modules};

use crate::sandbox::Sandbox;

fn open(sandbox: &Sandbox) -> Project {
    sandbox.write(".asya/config.yaml", "compiler: {python_path: [lib]}\n");
    Project::find(&sandbox.project(), &|_| None).unwrap()
}

fn record(source: &str) -> FlowRecord {
    FlowRecord { name: "text-flow".parse().unwrap(), source: source.into(), function: "text_flow".to_owned() }
}

#[test]
fn a_record_survives_being_written_and_read() {
    let sandbox = Sandbox::new();
    let project = open(&sandbox);
    for source in ["flows/text.py", "flows/on.py", "with space/ü: #.py", "no", "flows/./text.py"] {
        let (path, text) = project.register_text(&record(source)).unwrap();
        sandbox.write(&path.display().to_string(), &text);
        let read = project.flow(&"text-flow".parse().unwrap()).unwrap();
        assert_eq!(read.source, Path::new(&source.replace("./", "")), "{text}");
    }
    let absolute = project.root().join("flows/text.py");
    let (path, text) = project.register_text(&record(&absolute.display().to_string())).unwrap();
    insta::assert_snapshot!(format!("{}\n{text}", path.display()), @r#"
    .asya/flows/text-flow.yaml
    # Written by `asya compile text-flow -f FILE`.
    source: flows/text.py
    function: text_flow
    "#);
    assert_eq!(project.flows().unwrap().len(), 1);
}

#[test]
fn a_source_outside_the_project_is_not_recorded() {
    let sandbox = Sandbox::new();
    let project = open(&sandbox);
    for source in ["../elsewhere.py", "/elsewhere.py", "flows/../../x.py"] {
        let error = project.register_text(&record(source)).unwrap_err();
        assert!(error.message().contains("lies outside the project"), "{error}");
        assert!(!error.hints().is_empty());
    }
}

#[test]
fn an_unknown_flow() {
    let sandbox = Sandbox::new();
    let project = open(&sandbox);
    let ask = |name: &str| {
        let error = project.flow(&name.parse().unwrap()).unwrap_err();
        format!("{error}\n{}", error.hints().join("\n"))
    };
    insta::assert_snapshot!(ask("text-flw"), @r#"
    there is no flow `text-flw`: the project has no flows yet
    make it with `asya compile text-flw -f FILE`
    "#);
    sandbox.write(".asya/flows/text-flow.yaml", "source: a.py\nfunction: f\n");
    sandbox.write(".asya/flows/.text-flow.yaml.swp", "");
    insta::assert_snapshot!(ask("text-flw"), @r#"
    there is no flow `text-flw`: known flows: `text-flow`
    did you mean `text-flow`?
    make it with `asya compile text-flw -f FILE`
    "#);
    insta::assert_snapshot!(ask("orders"), @r#"
    there is no flow `orders`: known flows: `text-flow`
    make it with `asya compile orders -f FILE`
    "#);
}

#[test]
fn where_python_is_found() {
    let sandbox = Sandbox::new();
    let project = open(&sandbox);
    for file in [
        "src/pkg/__init__.py",
        "src/pkg/deep/__init__.py",
        "src/pkg/deep/flow.py",
        "src/single.py",
        "space/inner/mod.py",
        "data/x.csv",
        "venv/pyvenv.cfg",
        "venv/lib.py",
        "lib/fast.cpython-312-x86_64-linux-gnu.so",
        "not-a-module.py",
        "handlers.py",
    ] {
        sandbox.write(file, "");
    }
    let root = project.root();
    let file = root.join("src/pkg/deep/flow.py");
    assert_eq!(module_name(&file), "pkg.deep.flow");
    assert_eq!(module_name(&root.join("src/pkg/__init__.py")), "pkg");
    assert_eq!(module_name(&root.join("handlers.py")), "handlers");
    let roots = project.python_roots(Path::new("src/pkg/deep/flow.py")).unwrap();
    assert_eq!(roots, [root.join("src"), root.join("src/pkg/deep"), root.to_owned(), root.join("lib")]);
    assert_eq!(project.python_roots(&root.join("handlers.py")).unwrap(), [root.to_owned(), root.join("lib")]);
    let modules: Vec<String> = python_modules(&roots).into_iter().collect();
    assert_eq!(modules, ["fast", "flow", "handlers", "lib", "pkg", "single", "space", "src"]);
}
