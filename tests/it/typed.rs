//! Flows over objects (`tests/typed`): each one runs as plain Python, on objects built from the
//! payload, and compiled, on the mesh, and must do the same.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use asya::kustomize::Object;
use asya::local::{Interpreter, LocalSettings, Mesh, Phase, RawJson};
use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// What one run did: calls with their arguments, and the payload or the error at the end.
#[derive(Debug, PartialEq)]
struct Run {
    calls: Vec<(String, Value)>,
    end: Result<Value, (String, String)>,
}

/// A Python process that runs flows directly.
struct Reference {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    has_pydantic: bool,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/typed")
}

impl Reference {
    fn start() -> Self {
        let mut child = Command::new(crate::local_bench::settings().python)
            .args(["-B", "reference.py"])
            .current_dir(root())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut reference = Self { child, stdin, stdout, has_pydantic: false };
        reference.has_pydantic = reference.answer() == json!(true);
        reference
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    fn run(&mut self, flow: &str, payload: &Value) -> Run {
        let job = json!({"flow": flow, "payload": payload.to_string()});
        writeln!(self.stdin.as_mut().unwrap(), "{job}").unwrap();
        let answer = self.answer();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let parsed = |value: &Value| serde_json::from_str(value.as_str().unwrap()).unwrap();
        let calls = answer["calls"].as_array().unwrap().iter();
        Run {
            calls: calls.map(|call| (text(&call[0]), parsed(&call[1]))).collect(),
            end: match answer.get("payload") {
                Some(payload) => Ok(parsed(payload)),
                None => Err((text(&answer["error"][0]), text(&answer["error"][1]))),
            },
        }
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

/// The flows, by name, with their payloads.
fn flows() -> Vec<(String, Vec<Value>)> {
    let entries = std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<(String, Vec<Value>)> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap())
        })
        .collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    for entry in std::fs::read_dir(root()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "py") {
            let name = path.file_name().unwrap().to_string_lossy();
            sandbox.write(&name, &std::fs::read_to_string(&path).unwrap());
        }
    }
    sandbox.ok(&["init", "--yes", "--registry", "ghcr.io/example"]);
    sandbox
}

/// A compiled flow on a mesh.
struct Compiled {
    entry: String,
    handlers: Vec<(String, String)>,
    mesh: Mesh,
}

fn compile(sandbox: &Sandbox, flow: &str) -> Compiled {
    let name = flow.replace('_', "-");
    let outcome = sandbox.run(&["compile", &name, "-f", &format!("{flow}.py:{flow}"), "-o", "json"]);
    assert_eq!(outcome.code, 0, "{flow}: {}", outcome.show());
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let actors = document["actors"].as_array().unwrap().iter().filter(|actor| actor["generated"] != true);
    let handlers = actors.map(|actor| (text(&actor["name"]), text(&actor["handler"]))).collect();
    let rendered: Value = serde_json::from_str(&sandbox.ok(&["render", &name, "-o", "json"]).stdout).unwrap();
    let objects = rendered["objects"].as_array().unwrap().iter();
    let objects: Vec<Object> = objects.map(|object| Object::new(object.clone()).unwrap()).collect();
    let settings = LocalSettings {
        python: crate::local_bench::settings().python,
        python_path: vec![sandbox.project()],
        working_directory: sandbox.project(),
    };
    let mesh = Mesh::new(&objects, &Arc::new(Interpreter::new(settings)), &|_| None).unwrap();
    Compiled { entry: text(&document["entry"]), handlers, mesh }
}

impl Compiled {
    fn run(&mut self, payload: &Value) -> Run {
        let payload = RawJson::parse(&payload.to_string()).unwrap();
        let outcome = self.mesh.send(&self.entry, &[], None, payload, &mut |_| {}).unwrap();
        let parsed = |payload: &RawJson| serde_json::from_str(payload.as_str()).unwrap();
        let [finished] = outcome.results.as_slice() else { panic!("{} results", outcome.results.len()) };
        let calls = outcome.hops.iter().filter_map(|hop| {
            let (_, handler) = self.handlers.iter().find(|(name, _)| *name == hop.actor)?;
            Some((handler.clone(), parsed(&hop.payload_in)))
        });
        Run {
            calls: calls.collect(),
            end: match (&finished.phase, &finished.error) {
                (Phase::Failed, Some(error)) => {
                    Err((error.type_name.rsplit('.').next().unwrap_or_default().to_owned(), error.message.clone()))
                }
                _ => Ok(parsed(&finished.payload)),
            },
        }
    }
}

#[test]
fn typed_flows_do_what_the_python_does() {
    let mut reference = Reference::start();
    let sandbox = project();
    let wanted = std::env::var("ASYA_TYPED").unwrap_or_default();
    let mut report = String::new();
    for (flow, payloads) in flows() {
        if (flow.starts_with("model_") && !reference.has_pydantic) || !flow.contains(&wanted) {
            continue;
        }
        let mut compiled = compile(&sandbox, &flow);
        for payload in payloads {
            let (mut direct, mut mesh) = (reference.run(&flow, &payload), compiled.run(&payload));
            // Calls at the same time have no order.
            if flow == "groups" {
                direct.calls.sort_by_key(|call| format!("{call:?}"));
                mesh.calls.sort_by_key(|call| format!("{call:?}"));
            }
            if direct != mesh {
                report += &format!("{flow} with {payload}\n  Python: {direct:#?}\n  mesh: {mesh:#?}\n");
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}
