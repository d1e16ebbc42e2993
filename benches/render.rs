//! The built-in kustomize beside `kubectl kustomize`, whole processes on the same directory.
//!
//! `[KUBECTL=…] cargo bench --bench render [-- ROUNDS]`
#![allow(missing_docs, unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stdout)]

mod flows;
mod processes;
#[path = "../tests/it/sandbox.rs"]
mod sandbox;

use std::process::Command;

use processes::{compare, process, rounds};
use sandbox::Sandbox;

fn main() {
    let kubectl = std::env::var("KUBECTL").unwrap_or_else(|_| "kubectl".to_owned());
    if Command::new(&kubectl).arg("--help").output().is_err() {
        println!("SKIPPED: `{kubectl}` does not start");
        return;
    }
    for actors in [5, 20, 200] {
        let sandbox = project(actors);
        let overlay = sandbox.project().join("compiled/demo/manifests/overlays/dev");
        compare(
            &format!("rendering an overlay of {actors} actors"),
            rounds(20),
            vec![
                process("asya render", || sandbox.command(&["render", "demo", "--context", "dev"])),
                process("kubectl kustomize", || {
                    let mut command = Command::new(&kubectl);
                    command.arg("kustomize").arg(&overlay);
                    command
                }),
                process("kubectl version --client", || {
                    let mut command = Command::new(&kubectl);
                    command.args(["version", "--client"]);
                    command
                }),
            ],
        );
    }
}

/// A compiled flow that calls so many actors.
fn project(actors: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".asya/config.yaml",
        "compiler:\n  image_registry: registry.example.com\ntemplates:\n  router_image: python:3.13-slim\n  \
         max_replicas: 10\nplatform: {generation: C2, transport: rabbitmq}\ncontexts:\n  dev:\n    namespace: dev\n",
    );
    sandbox.write(".asya/templates/actor.yaml", include_str!("../templates/actor.yaml"));
    sandbox.write(".asya/templates/router.yaml", include_str!("../templates/router.yaml"));
    sandbox.write("handlers.py", "");
    let shape = flows::SHAPES.iter().find(|shape| shape.name == "actors").expect("the shape");
    sandbox.write("flow.py", &(shape.text)(actors));
    sandbox.ok(&["compile", "demo", "-f", "flow.py"]);
    sandbox
}
