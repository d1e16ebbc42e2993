//! Compiled flows do what the Python does: random flows run directly and through the mesh.

mod generate;
mod hops;
mod inputs;
mod pictures;
mod reference;
mod traps;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use asya::flow::Surroundings;
use asya::kustomize::Object;
use asya::local::{Happening, Interpreter, LocalSettings, Mesh, Outcome, Phase, RawJson};
use asya::names::FlowName;
use asya::program::{Program, Settings, compile};
use asya::source::Source;
use serde_json::{Value, json};

use generate::Random;
use reference::{Expected, Reference};

/// What one run was: ordered actor calls with their arguments, and the end.
#[derive(Debug, PartialEq)]
pub struct Observed {
    pub calls: Vec<(String, String)>,
    pub end: End,
}

#[derive(Debug, PartialEq)]
pub enum End {
    Payload(String),
    Error(String, String),
}

/// A directory with handlers and flows, and a mesh that runs them.
pub struct Bench {
    directory: tempfile::TempDir,
    pub programs: BTreeMap<String, Program>,
}

impl Bench {
    pub fn new(handlers: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("handlers.py"), handlers).unwrap();
        Self { directory, programs: BTreeMap::new() }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Compiles `text` as module and flow `name` (a Python name).
    pub fn add(&mut self, name: &str, text: &str) {
        std::fs::write(self.directory.path().join(format!("{name}.py")), text).unwrap();
        let source = Source::new(format!("{name}.py"), text);
        let around = Surroundings {
            function: Some(name.to_owned()),
            module: name.to_owned(),
            is_package: false,
            project_modules: BTreeSet::from(["handlers".to_owned()]),
            ..Surroundings::default()
        };
        let flow = FlowName::new(&name.replace('_', "-")).unwrap();
        let settings = Settings { flow, name_limit: 48, source_sha256: String::new(), taken: BTreeMap::new() };
        match compile(&source, &around, &settings) {
            Ok((program, _)) => {
                self.programs.insert(name.to_owned(), program);
            }
            Err(diagnostics) => panic!("{text}\n{diagnostics:#?}"),
        }
    }

    /// A mesh that holds every flow.
    pub fn mesh(&self) -> Mesh {
        let mut objects: BTreeMap<String, Vec<Object>> = BTreeMap::new();
        for program in self.programs.values() {
            for actor in &program.actors {
                objects
                    .entry(actor.name.to_string())
                    .or_insert_with(|| vec![plain_actor(actor.name.as_str(), &actor.handler)]);
            }
            if let Some(router) = &program.router {
                objects.insert(
                    router.name.to_string(),
                    router_objects(router.name.as_str(), &router.handler, &router.code),
                );
            }
        }
        let objects: Vec<Object> = objects.into_values().flatten().collect();
        let settings = LocalSettings {
            python: crate::local_bench::settings().python,
            python_path: vec![self.directory.path().to_owned()],
            working_directory: self.directory.path().to_owned(),
        };
        Mesh::new(&objects, &Arc::new(Interpreter::new(settings)), &|_| None).unwrap()
    }

    /// All actors of all flows with their handlers.
    pub fn actors(&self) -> Value {
        let all: BTreeMap<&str, &str> = self
            .programs
            .values()
            .flat_map(|program| &program.actors)
            .map(|actor| (actor.name.as_str(), actor.handler.as_str()))
            .collect();
        all.into_iter().map(|(name, handler)| json!({"name": name, "handler": handler})).collect()
    }

    /// Sends `payload` through a flow; `next` is queued behind it.
    pub fn run(&self, mesh: &mut Mesh, name: &str, payload: &str, next: &[String]) -> (Observed, Outcome) {
        let program = &self.programs[name];
        let outcome = mesh
            .send(program.entry.as_str(), next, None, RawJson::parse(payload).unwrap(), &mut |_: Happening<'_>| {})
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(outcome.results.len(), 1, "{name}: one message in, one out");
        let router = program.router.as_ref().map(|router| router.name.as_str());
        let calls = outcome
            .hops
            .iter()
            .filter(|hop| Some(hop.actor.as_str()) != router)
            .map(|hop| (hop.actor.clone(), hop.payload_in.as_str().to_owned()))
            .collect();
        let finished = &outcome.results[0];
        let end = match (&finished.phase, &finished.error) {
            (Phase::Succeeded, _) => End::Payload(finished.payload.as_str().to_owned()),
            (Phase::Failed, Some(error)) => {
                let name = error.type_name.rsplit('.').next().unwrap_or_default().to_owned();
                End::Error(name, error.message.clone())
            }
            (Phase::Failed, None) => panic!("{name}: failed without an error"),
        };
        (Observed { calls, end }, outcome)
    }

    pub fn reference(&self) -> Reference {
        Reference::start(self.directory.path(), &self.actors())
    }
}

fn plain_actor(name: &str, handler: &str) -> Object {
    crate::local_bench::object(json!({
        "apiVersion": "asya.sh/v1alpha1", "kind": "AsyncActor", "metadata": {"name": name},
        "spec": {"actor": name, "image": "example/handlers", "handler": handler},
    }))
}

fn router_objects(name: &str, handler: &str, code: &str) -> Vec<Object> {
    let code_map = format!("{name}-code");
    let actor = json!({
        "apiVersion": "asya.sh/v1alpha1", "kind": "AsyncActor", "metadata": {"name": name},
        "spec": {
            "actor": name, "image": "python:3.13-slim", "handler": handler,
            "volumes": [{"name": "router", "configMap": {"name": code_map}}],
            "volumeMounts": [{"name": "router", "mountPath": "/opt/asya/router.py", "subPath": "router.py"}],
        },
    });
    vec![crate::local_bench::config_map(&code_map, &[("router.py", code)]), crate::local_bench::object(actor)]
}

const HANDLERS: &str = include_str!("handlers.py");

const PAYLOADS: &[&str] = &["{}", r#"{"n":2,"l":[1,2,3],"d":{},"s":"x","a":1}"#];

/// `ASYA_FLOWS` flows (1,000 by default) from seed `ASYA_FLOWS_SEED` (1 by default).
#[test]
fn random_flows_do_what_the_python_does() {
    let count = variable("ASYA_FLOWS", 1000);
    let seed = variable("ASYA_FLOWS_SEED", 1);
    let mut bench = Bench::new(HANDLERS);
    let mut texts = BTreeMap::new();
    for number in 0..count {
        let name = format!("flow_{number}");
        let text = generate::flow(&mut Random::new(seed * 1_000_003 + number), &name);
        bench.add(&name, &text);
        texts.insert(name, text);
    }
    let mut mesh = bench.mesh();
    let mut reference = bench.reference();
    let mut tally = Tally::default();
    let mut differences = String::new();
    for (name, text) in &texts {
        for payload in PAYLOADS {
            let expected = match reference.run(name, payload) {
                Expected::TooLong => {
                    tally.too_long += 1;
                    continue;
                }
                Expected::Run(expected) => expected,
            };
            let (observed, outcome) = bench.run(&mut mesh, name, payload, &[]);
            tally.add(&observed, &outcome);
            hops::check(&bench.programs[name], &outcome);
            if observed != expected {
                let _ =
                    writeln!(differences, "--- {name} {payload}\n{text}\nPython: {expected:#?}\nmesh: {observed:#?}");
                assert!(differences.len() < 30_000, "{differences}");
            }
        }
    }
    assert!(differences.is_empty(), "{differences}");
    tally.is_a_real_test(count);
}

/// What the random flows covered, so that an empty test cannot pass.
#[derive(Debug, Default)]
struct Tally {
    runs: u64,
    calls: usize,
    hops: usize,
    errors: u64,
    too_long: u64,
}

impl Tally {
    fn add(&mut self, observed: &Observed, outcome: &Outcome) {
        self.runs += 1;
        self.calls += observed.calls.len();
        self.hops += outcome.hops.len();
        self.errors += u64::from(matches!(observed.end, End::Error(..)));
    }

    fn is_a_real_test(&self, flows: u64) {
        println!("{self:?}");
        assert!(self.runs > flows, "{self:?}: too many flows were too long");
        assert!(self.calls as u64 > 2 * self.runs, "{self:?}: hardly any calls");
        assert!(self.errors * 20 > self.runs && self.errors * 4 < 3 * self.runs, "{self:?}: errors are out of balance");
    }
}

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}
