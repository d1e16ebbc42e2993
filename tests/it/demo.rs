//! `asya demo`, and the example it is made of.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::sandbox::Sandbox;

/// A sandbox in which temporary directories are inside.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    let root = sandbox.root().display().to_string();
    sandbox.set("TMPDIR", root);
    sandbox
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/text-flow")
}

/// Files under `directory`, relative to it, without what Python leaves behind.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if path.ends_with("__pycache__") => {}
                true => open.push(path),
                false => files.push(path.strip_prefix(directory).unwrap().to_owned()),
            }
        }
    }
    files.sort();
    files
}

fn projects_left(sandbox: &Sandbox) -> usize {
    let entries = std::fs::read_dir(sandbox.root()).unwrap();
    entries.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("asya-demo-")).count()
}

/// Without what differs from run to run or with every change of the router: names of temporary
/// directories, times, hashes.
fn stable(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        if let Some(at) = line.find("asya-demo-") {
            line.replace_range(at + "asya-demo-".len()..at + "asya-demo-RANDOM".len(), "RANDOM");
        }
        if let Some(at) = line.find("-router-") {
            line.replace_range(at + "-router-".len().., "HASH");
        }
        if let Some((before, after)) = line.split_once(" ms  ") {
            let before = before.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').trim_end();
            line = format!("{before}  [T] ms  {after}");
        }
        out.push_str(&line);
        out.push('\n');
    }
    out
}

#[test]
fn the_demo_takes_an_example_from_python_to_a_result() {
    let sandbox = sandbox();
    insta::assert_snapshot!(stable(&sandbox.show(&["demo"])));
    assert_eq!(projects_left(&sandbox), 1);
}

#[test]
fn nothing_is_wider_than_80_columns() {
    let sandbox = sandbox();
    let outcome = sandbox.ok(&["demo", "--dir", "d"]);
    let wide: Vec<&str> = outcome.stdout.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{}", wide.join("\n"));
    assert!(!outcome.stdout.contains('\x1b'));
}

#[test]
fn json_is_one_document_with_the_documents_of_the_commands() {
    let sandbox = sandbox();
    let outcome = sandbox.ok(&["demo", "-o", "json", "--dir", "new/place"]);
    assert_eq!(outcome.stderr, "");
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(document["project"], "[SANDBOX]/project/new/place");
    let steps = document["steps"].as_array().unwrap();
    let commands: Vec<&str> = steps.iter().map(|step| step["command"].as_str().unwrap()).collect();
    insta::assert_snapshot!(commands.join("\n"), @r#"
asya init --registry ghcr.io/example
asya compile text-flow -f src/flows/text_flow.py
asya expose text-flow
asya render text-flow
asya run text-flow --payload @payload.json --trace
"#);
    assert!(steps.iter().all(|step| step["result"]["version"] == 1));
    insta::assert_snapshot!(serde_json::to_string_pretty(&document["payload"]).unwrap(), @r#"
{
  "text": "Many teams use queues to connect programs. A queue keeps messages until a program is ready to read them. Afterwards another program continues with the messages.",
  "max_words": 30,
  "original_words": 44,
  "words": 26,
  "ease": 54.9,
  "rounds": 3,
  "note": "plain words for numerous, utilise",
  "keywords": [
    "messages",
    "program",
    "many"
  ],
  "report": "26 words, 18 fewer, after 3 rounds; plain words for numerous, utilise"
}
"#);
}

#[test]
fn the_commands_it_shows_do_the_same_when_typed() {
    let sandbox = sandbox();
    let outcome = sandbox.ok(&["demo", "-o", "json", "--dir", "shown"]);
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    for file in files(&example()) {
        let text = std::fs::read_to_string(example().join(&file)).unwrap();
        sandbox.write(&format!("typed/{}", file.display()), &text);
    }
    for step in document["steps"].as_array().unwrap() {
        let words: Vec<&str> = step["command"].as_str().unwrap().split(' ').skip(1).collect();
        sandbox.ok(&[&["-C", "typed"][..], &words].concat());
    }
    let trees = ["shown", "typed"].map(|name| files(&sandbox.project().join(name)));
    assert_eq!(trees[0], trees[1]);
    for file in &trees[0] {
        let [shown, typed] = ["shown", "typed"].map(|name| std::fs::read(sandbox.project().join(name).join(file)));
        assert_eq!(shown.unwrap(), typed.unwrap(), "{}", file.display());
    }
}

#[test]
fn the_example_is_shipped_whole() {
    let sandbox = sandbox();
    sandbox.ok(&["demo", "--dir", "d"]);
    let made = sandbox.project().join("d");
    for file in files(&example()) {
        let shipped = std::fs::read(example().join(&file)).unwrap();
        assert_eq!(std::fs::read(made.join(&file)).ok(), Some(shipped), "{}", file.display());
    }
}

#[test]
fn the_example_gives_the_same_as_plain_python() {
    let sandbox = sandbox();
    let outcome = sandbox.ok(&["demo", "-o", "json"]);
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let python = std::env::var("ASYA_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let program = "import asyncio, json\nfrom flows.text_flow import text_flow\n\
        print(json.dumps(asyncio.run(text_flow(json.load(open('payload.json'))))))";
    let output = Command::new(python)
        .args(["-B", "-c", program])
        .env("PYTHONPATH", "src")
        .current_dir(example())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let direct: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["payload"], direct);
    let readme = std::fs::read_to_string(example().join("README.md")).unwrap();
    assert!(readme.contains(direct["report"].as_str().unwrap()), "the README shows another report");
}

#[test]
fn without_python_all_but_the_run_works() {
    let mut sandbox = sandbox();
    sandbox.set("PATH", "/nowhere");
    sandbox.set("ASYA_PYTHON", "");
    let outcome = sandbox.run(&["demo", "--dir", "d"]);
    assert!(outcome.stdout.contains("AsyncActor  start-text-flow"));
    insta::assert_snapshot!(format!("exit: {}\n{}", outcome.code, outcome.stderr), @r#"
exit: 3
error: there is no `python3` on PATH to run handlers with
  because PATH is `/nowhere`
hint: install Python 3.10 or newer
hint: set ASYA_PYTHON to a Python interpreter, 3.10 or newer
hint: then go on in the project of the demo: `cd [SANDBOX]/project/d` and `asya run text-flow --payload @payload.json --trace`
"#);
    assert!(sandbox.exists("d/compiled/text-flow/manifests/common/flow-expose.yaml"));
}

#[test]
fn a_directory_with_something_in_it_is_refused() {
    let sandbox = sandbox();
    sandbox.write("mine/notes.txt", "mine");
    let before = sandbox.tree();
    insta::assert_snapshot!(sandbox.show(&["demo", "--dir", "mine"]), @r#"
exit: 3
--- stdout
--- stderr
error: the demo does not use `mine`
  because it is not empty
hint: name a directory that is empty or not there yet, or leave `--dir` out
"#);
    insta::assert_snapshot!(sandbox.show(&["demo", "--dir", "mine/notes.txt"]), @r#"
exit: 3
--- stdout
--- stderr
error: the demo does not use `mine/notes.txt`
  because a part of the path is not a directory
hint: name a directory that is empty or not there yet, or leave `--dir` out
"#);
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn a_context_of_another_project_does_not_matter() {
    let mut sandbox = sandbox();
    sandbox.set("ASYA_CONTEXT", "prod");
    sandbox.ok(&["demo", "--dir", "d"]);
}

#[test]
fn an_empty_directory_is_used() {
    let sandbox = sandbox();
    std::fs::create_dir(sandbox.project().join("d")).unwrap();
    let outcome = sandbox.ok(&["demo", "--dir", "d/", "-q"]);
    assert!(outcome.stdout.contains("Result: "));
    assert_eq!(projects_left(&sandbox), 0);
}
