//! The flows compiled by the binary and run on the embedded mesh.

use std::collections::BTreeMap;
use std::sync::Arc;

use asya::kustomize::Object;
use asya::local::{Happening, Interpreter, LocalSettings, Mesh, Phase, RawJson};
use serde_json::Value;

use super::flow::{Flow, folders, root};
use super::reference::{Call, Reference};
use crate::differential::trace::End;
use crate::sandbox::Sandbox;

/// No flow of the corpus needs as many.
const HOPS_MAX: usize = 2000;

/// A copy of the corpus that is an asya project.
pub struct Project {
    sandbox: Sandbox,
}

/// What came of compiling a flow.
pub enum Compiled {
    /// Codes of the errors, each once, in order.
    Refused(Vec<String>),
    Program(Box<Program>),
}

/// A compiled flow on a mesh of its own.
pub struct Program {
    /// Names and handlers of the actors, without generated ones.
    pub actors: Vec<(String, String)>,
    /// The handlers' names where they are defined, by actor.
    defined: BTreeMap<String, String>,
    entry: String,
    /// The router's code; empty if there is none.
    pub router: String,
    mesh: Mesh,
}

/// What the mesh did with one input.
pub struct Observed {
    pub calls: Vec<Call>,
    pub end: End,
    /// The actors, in the order the message came to them.
    pub hops: Vec<String>,
}

impl Project {
    /// With the handlers, and the flows of all folders.
    pub fn new() -> Self {
        let sandbox = Sandbox::new();
        for folder in folders().into_iter().chain(["ai".to_owned()]) {
            for entry in std::fs::read_dir(root().join(&folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|extension| extension == "py") {
                    let name = path.file_name().unwrap().to_string_lossy();
                    sandbox.write(&format!("{folder}/{name}"), &std::fs::read_to_string(&path).unwrap());
                }
            }
        }
        sandbox.ok(&["init", "--yes", "--registry", "ghcr.io/example"]);
        Self { sandbox }
    }

    pub fn compile(&self, flow: &Flow, reference: &mut Reference) -> Compiled {
        let name = flow.name.replace('_', "-");
        let file = format!("{}.py:{}", flow.path(), flow.name);
        let outcome = self.sandbox.run(&["compile", &name, "-f", &file, "-o", "json"]);
        let document: Value =
            serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{file}: {error}: {}", outcome.show()));
        if outcome.code != 0 {
            assert_eq!(outcome.code, 1, "{file}: {}", outcome.show());
            let found = document["error"]["diagnostics"].as_array().unwrap();
            let errors = found.iter().filter(|diagnostic| diagnostic["severity"] == "error");
            let mut codes: Vec<String> = errors.map(|error| error["code"].as_str().unwrap().to_owned()).collect();
            codes.sort();
            codes.dedup();
            return Compiled::Refused(codes);
        }
        self.check_picture(&name, &file);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let own = document["actors"].as_array().unwrap().iter().filter(|actor| actor["generated"] != true);
        let actors: Vec<(String, String)> = own.map(|actor| (text(&actor["name"]), text(&actor["handler"]))).collect();
        let handlers: Vec<&str> = actors.iter().map(|(_, handler)| handler.as_str()).collect();
        let defined = reference.resolve(&handlers);
        let defined = actors.iter().map(|(name, _)| name.clone()).zip(defined).collect();
        let rendered: Value = serde_json::from_str(&self.sandbox.ok(&["render", &name, "-o", "json"]).stdout).unwrap();
        let objects = rendered["objects"].as_array().unwrap().iter();
        let objects: Vec<Object> = objects.map(|object| Object::new(object.clone()).unwrap()).collect();
        let settings = LocalSettings {
            python: crate::local_bench::settings().python,
            python_path: vec![self.sandbox.project()],
            working_directory: self.sandbox.project(),
        };
        let router = format!("compiled/{name}/code/router.py");
        Compiled::Program(Box::new(Program {
            actors,
            defined,
            entry: text(&document["entry"]),
            router: if self.sandbox.exists(&router) { self.sandbox.read(&router) } else { String::new() },
            mesh: Mesh::new(&objects, &Arc::new(Interpreter::new(settings)), &|_| None).unwrap(),
        }))
    }

    /// Nothing lies on anything else in the picture of a flow.
    fn check_picture(&self, name: &str, file: &str) {
        let [svg, graph] =
            ["flow.svg", "graph.json"].map(|it| self.sandbox.read(&format!("compiled/{name}/artifacts/{it}")));
        let graph: Value = serde_json::from_str(&graph).unwrap();
        let caught = std::panic::catch_unwind(|| crate::differential::pictures::check(&svg, &graph));
        assert!(caught.is_ok(), "{file}");
    }
}

impl Program {
    /// Sends `payload` through the flow.
    pub fn run(&mut self, payload: &str) -> Result<Observed, String> {
        let payload = RawJson::parse(payload).unwrap();
        let mut hops = 0;
        let outcome = self
            .mesh
            .send(&self.entry, &[], None, payload, &mut |happening: Happening<'_>| {
                hops += usize::from(matches!(happening, Happening::Hop(_)));
                assert!(hops < HOPS_MAX, "{} runs for ever", self.entry);
            })
            .map_err(|error| format!("the mesh failed: {error}"))?;
        let hops: Vec<String> = outcome.hops.iter().map(|hop| hop.actor.clone()).collect();
        let [finished] = outcome.results.as_slice() else {
            return Err(format!("one message in, {} out: {hops:?}", outcome.results.len()));
        };
        let call = |hop: &asya::local::Hop| {
            let handler = self.defined.get(&hop.actor)?.clone();
            Some(Call { handler, argument: hop.payload_in.as_str().to_owned(), alone: true })
        };
        let end = match (&finished.phase, &finished.error) {
            (Phase::Succeeded, _) => End::Payload(finished.payload.as_str().to_owned()),
            (Phase::Failed, Some(error)) => {
                let name = error.type_name.rsplit('.').next().unwrap_or_default().to_owned();
                End::Error(name, error.message.clone())
            }
            (Phase::Failed, None) => return Err("failed without an error".to_owned()),
        };
        Ok(Observed { calls: outcome.hops.iter().filter_map(call).collect(), end, hops })
    }
}
