//! `asya k apply` beside `kubectl apply --server-side -k` on the same API server.
//!
//! `cargo bench --bench apply [-- ROUNDS]`
#![allow(missing_docs, unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stdout)]

#[path = "../tests/it/cluster/fixture.rs"]
mod fixture;
mod processes;
#[path = "../tests/it/sandbox.rs"]
mod sandbox;
#[path = "../tests/it/cluster/server.rs"]
mod server;

use std::time::{Duration, Instant};

use fixture::{Project, actors};
use processes::{compare, rounds, timed};
use serde_json::{Value, json};
use server::{Server, server};

const OBJECTS: usize = 500;

fn main() {
    // It says itself why there is no server.
    let Some(server) = server() else { return };
    let rounds = rounds(5);
    let project = Project::without_gateway(server, "bench-asya");
    project.render("demo", &objects());
    let kubectl = Kubectl { server, directory: project.sandbox.project().join("compiled/demo/manifests/overlays/dev") };
    server.namespace("bench-kubectl");
    // Once before measuring: the server has caches of its own.
    project.apply("demo");
    kubectl.apply();
    let unchanged = memory(&project);
    clear(server, "bench-asya");
    println!("most memory, {OBJECTS} objects: new {} MB, unchanged {unchanged} MB", memory(&project));
    compare(
        &format!("nothing to change, {OBJECTS} objects"),
        rounds,
        vec![
            timed("asya k apply", || asya(&project)),
            timed("kubectl apply --server-side -k", || kubectl.apply()),
            timed("kubectl diff --server-side -k", || kubectl.diff()),
        ],
    );
    compare(
        &format!("everything is new, {OBJECTS} objects"),
        rounds,
        vec![
            timed("asya k apply", || {
                clear(server, "bench-asya");
                asya(&project)
            }),
            timed("kubectl apply --server-side -k", || {
                clear(server, "bench-kubectl");
                kubectl.apply()
            }),
        ],
    );
}

/// The most memory an apply takes, as the kernel counts it.
fn memory(project: &Project<'_>) -> u64 {
    let script = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, \
                  stderr=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let command = project.sandbox.command(&["k", "apply", "demo"]);
    let mut python = std::process::Command::new("python3");
    python.args(["-c", script]).arg(command.get_program()).args(command.get_args());
    python.current_dir(project.sandbox.project());
    python.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = python.output().expect("python3");
    String::from_utf8_lossy(&output.stdout).trim().parse::<u64>().expect("a number") / 1024
}

fn asya(project: &Project<'_>) -> Duration {
    let began = Instant::now();
    project.apply("demo");
    began.elapsed()
}

struct Kubectl<'a> {
    server: &'a Server,
    directory: std::path::PathBuf,
}

impl Kubectl<'_> {
    fn apply(&self) -> Duration {
        let directory = self.directory.display().to_string();
        let began = Instant::now();
        self.server.kubectl(&["apply", "--server-side", "-n", "bench-kubectl", "-k", &directory], None);
        began.elapsed()
    }

    fn diff(&self) -> Duration {
        let directory = self.directory.display().to_string();
        let began = Instant::now();
        self.server.kubectl(&["diff", "--server-side", "-n", "bench-kubectl", "-k", &directory], None);
        began.elapsed()
    }
}

fn clear(server: &Server, namespace: &str) {
    server.kubectl(&["delete", "asyncactors,configmaps", "--all", "--wait", "-n", namespace], None);
}

/// The objects of a small flow and as many further actors as it takes.
fn objects() -> Vec<Value> {
    let mut all = actors("demo");
    let last = all.last().expect("an actor").clone();
    for number in all.len()..OBJECTS {
        let mut actor = last.clone();
        actor["metadata"]["name"] = json!(format!("demo-step-{number}"));
        actor["spec"]["actor"] = json!(format!("demo-step-{number}"));
        all.push(actor);
    }
    all
}
