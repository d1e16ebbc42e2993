//! A directory with handlers and flows, and a mesh that runs them.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use asya::diagnostic::{Diagnostic, Severity};
use asya::flow::Surroundings;
use asya::kustomize::Object;
use asya::local::{Finished, Happening, Interpreter, LocalSettings, Mesh, Outcome, Phase, RawJson};
use asya::names::{FlowName, JOIN_HANDLER};
use asya::program::{Program, Settings, WRAPPER_CODE, compile};
use asya::source::Source;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::reference::Reference;
use super::trace::{End, Observed};

/// More hops than any flow of the tests needs.
const HOPS_MAX: usize = 4000;

pub struct Bench {
    directory: tempfile::TempDir,
    interpreter: Arc<Interpreter>,
    /// What the flows import.
    modules: BTreeMap<String, Source>,
    pub programs: BTreeMap<String, Program>,
}

impl Bench {
    pub fn new(handlers: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let settings = LocalSettings {
            python: crate::local_bench::settings().python,
            python_path: vec![directory.path().to_owned()],
            working_directory: directory.path().to_owned(),
        };
        let interpreter = Arc::new(Interpreter::new(settings));
        let mut bench = Self { directory, interpreter, modules: BTreeMap::new(), programs: BTreeMap::new() };
        bench.module("handlers", handlers);
        bench.module("shared", super::SHARED);
        bench
    }

    /// Writes a module that flows and handlers can import.
    pub fn module(&mut self, name: &str, text: &str) {
        let file = format!("{name}.py");
        std::fs::write(self.path().join(&file), text).unwrap();
        self.modules.insert(name.to_owned(), Source::new(file, text));
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Compiles `text` as module and flow `name` (a Python name).
    pub fn add(&mut self, name: &str, text: &str) {
        if let Err(diagnostics) = self.try_add(name, name, text) {
            panic!("{text}\n{diagnostics:#?}");
        }
    }

    /// Compiles `function` of `text` as module and flow `name`, unless the compiler refuses it.
    pub fn try_add(&mut self, name: &str, function: &str, text: &str) -> Result<(), Vec<Diagnostic>> {
        std::fs::write(self.directory.path().join(format!("{name}.py")), text).unwrap();
        let source = Source::new(format!("{name}.py"), text);
        let around = Surroundings {
            function: Some(function.to_owned()),
            module: name.to_owned(),
            is_package: false,
            project_modules: BTreeSet::from(["handlers".to_owned()]),
            files: Arc::new(self.modules.clone()),
            ..Surroundings::default()
        };
        let flow = FlowName::new(&name.replace('_', "-")).unwrap();
        let settings = Settings { flow, name_limit: 48, source_sha256: String::new(), taken: BTreeMap::new() };
        let (program, _) = compile(&source, &around, &settings)
            .map_err(|all| all.into_iter().filter(|each| each.severity == Severity::Error).collect::<Vec<_>>())?;
        self.programs.insert(name.to_owned(), program);
        Ok(())
    }

    /// A mesh that holds every flow.
    pub fn mesh(&self) -> Mesh {
        self.mesh_of(self.programs.values())
    }

    /// A mesh that holds one flow.
    pub fn small_mesh(&self, name: &str) -> Mesh {
        self.mesh_of(self.programs.get(name).into_iter())
    }

    fn mesh_of<'p>(&self, programs: impl Iterator<Item = &'p Program>) -> Mesh {
        let mut objects: BTreeMap<String, Vec<Object>> = BTreeMap::new();
        objects.insert(String::new(), vec![wrapper()]);
        for program in programs {
            for actor in &program.actors {
                let name = actor.name.as_str();
                // One actor serves all flows: the wrapper is there when one of them needs it.
                if actor.is_wrapped {
                    objects.insert(name.to_owned(), vec![wrapped_actor(name, &actor.handler)]);
                } else {
                    objects.entry(name.to_owned()).or_insert_with(|| vec![plain_actor(name, &actor.handler)]);
                }
            }
            if let Some(join) = &program.join {
                objects.insert(join.to_string(), vec![plain_actor(join.as_str(), JOIN_HANDLER)]);
            }
            if let Some(router) = &program.router {
                objects.insert(
                    router.name.to_string(),
                    router_objects(router.name.as_str(), &router.handler, &router.code),
                );
            }
        }
        let objects: Vec<Object> = objects.into_values().flatten().collect();
        Mesh::new(&objects, &self.interpreter, &|_| None).unwrap()
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
        let payload = RawJson::parse(payload).unwrap();
        let mut hops = 0;
        let mut count = |happening: Happening<'_>| {
            hops += usize::from(matches!(happening, Happening::Hop(_)));
            assert!(hops <= HOPS_MAX, "more than {HOPS_MAX} hops");
        };
        let sent =
            catch_unwind(AssertUnwindSafe(|| mesh.send(program.entry.as_str(), next, None, payload, &mut count)));
        let outcome = match sent {
            Ok(sent) => sent.unwrap_or_else(|error| panic!("{name}: {error}")),
            Err(_) => {
                // What is still under way must not reach the next run.
                *mesh = self.mesh();
                let end = End::Broken(format!("no end after {HOPS_MAX} hops"));
                return (Observed { calls: Vec::new(), end }, Outcome::default());
            }
        };
        // What the compiler adds: the router, and what joins branches.
        let router = program.router.as_ref().map(|router| router.name.as_str());
        let join = format!("join-{}", program.flow);
        let is_own = |actor: &str| Some(actor) == router || actor == join;
        let calls = outcome
            .hops
            .iter()
            .filter(|hop| !is_own(&hop.actor))
            .map(|hop| (hop.actor.clone(), argument(hop.payload_in.as_str())))
            .collect();
        // A branch that waits for others ends where it waits.
        let ended = |result: &&Finished| result.phase == Phase::Failed || result.prev.last() != Some(&join);
        let finished: Vec<&Finished> = outcome.results.iter().filter(ended).collect();
        let end = match finished.as_slice() {
            [only] => end_of(only),
            _ => End::Broken(format!("{} messages at the end", finished.len())),
        };
        (Observed { calls, end }, outcome)
    }

    pub fn reference(&self) -> Reference {
        Reference::start(self.directory.path(), &self.actors())
    }
}

fn end_of(finished: &Finished) -> End {
    match (&finished.phase, &finished.error) {
        (Phase::Succeeded, _) => End::Payload(finished.payload.as_str().to_owned()),
        (Phase::Failed, Some(error)) if error.type_name.is_empty() => End::Broken(error.message.clone()),
        (Phase::Failed, Some(error)) => {
            let name = error.type_name.rsplit('.').next().unwrap_or_default().to_owned();
            End::Error(name, error.message.clone())
        }
        (Phase::Failed, None) => End::Broken("failed without an error".to_owned()),
    }
}

/// Several or named arguments of a call as they travel.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spread<'j> {
    #[serde(borrow)]
    args: Vec<&'j RawValue>,
    #[serde(borrow)]
    kwargs: &'j RawValue,
}

/// One argument can travel as itself or as the only one of several: both are the same call.
fn argument(payload: &str) -> String {
    // A list would be read as the two fields.
    if !payload.trim_start().starts_with('{') {
        return payload.to_owned();
    }
    match serde_json::from_str::<Spread<'_>>(payload) {
        Ok(Spread { args, kwargs }) if args.len() == 1 && kwargs.get() == "{}" => args[0].get().to_owned(),
        _ => payload.to_owned(),
    }
}

fn plain_actor(name: &str, handler: &str) -> Object {
    crate::local_bench::object(json!({
        "apiVersion": "asya.sh/v1alpha1", "kind": "AsyncActor", "metadata": {"name": name},
        "spec": {"actor": name, "image": "example/handlers", "handler": handler},
    }))
}

fn wrapper() -> Object {
    crate::local_bench::config_map("asya-call", &[("asya_call.py", WRAPPER_CODE)])
}

fn wrapped_actor(name: &str, handler: &str) -> Object {
    crate::local_bench::object(json!({
        "apiVersion": "asya.sh/v1alpha1", "kind": "AsyncActor", "metadata": {"name": name},
        "spec": {
            "actor": name, "image": "example/handlers", "handler": "asya_call.invoke",
            "env": [{"name": "ASYA_CALL_TARGET", "value": handler}],
            "volumes": [{"name": "call", "configMap": {"name": "asya-call"}}],
            "volumeMounts": [{"name": "call", "mountPath": "/opt/asya/asya_call.py", "subPath": "asya_call.py"}],
        },
    }))
}

fn router_objects(name: &str, handler: &str, code: &str) -> Vec<Object> {
    let code_map = format!("{name}-code");
    let actor = json!({
        "apiVersion": "asya.sh/v1alpha1", "kind": "AsyncActor", "metadata": {"name": name},
        "spec": {
            "actor": name, "image": "python:3.13-slim", "handler": handler,
            "resiliency": {"actorTimeout": "20s"},
            "volumes": [{"name": "router", "configMap": {"name": code_map}}],
            "volumeMounts": [{"name": "router", "mountPath": "/opt/asya/router.py", "subPath": "router.py"}],
        },
    });
    vec![crate::local_bench::config_map(&code_map, &[("router.py", code)]), crate::local_bench::object(actor)]
}
