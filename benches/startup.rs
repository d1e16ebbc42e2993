//! How long the executable takes for what needs no cluster, beside the smallest process there is.
//!
//! `cargo bench --bench startup [-- ROUNDS]`
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
    let sandbox = project(10);
    let larger = project(1_000);
    let asya = |sandbox: &'static Sandbox, args: &'static [&'static str]| {
        process(&format!("asya {}", args.join(" ")), move || sandbox.command(args))
    };
    let sandbox: &'static Sandbox = Box::leak(Box::new(sandbox));
    let larger: &'static Sandbox = Box::leak(Box::new(larger));
    compare(
        "start-up",
        rounds(200),
        vec![
            process("/bin/true", || Command::new("/bin/true")),
            asya(sandbox, &["--version"]),
            asya(sandbox, &["--help"]),
            asya(sandbox, &["status"]),
            asya(sandbox, &["status", "-o", "json"]),
            asya(sandbox, &["compile", "demo"]),
            process("asya compile demo (1000 statements)", move || larger.command(&["compile", "demo"])),
            asya(sandbox, &["render", "demo", "--context", "dev"]),
            process("python3 -c pass", || {
                let mut command = Command::new("python3");
                command.args(["-c", "pass"]);
                command
            }),
        ],
    );
    for leaked in [sandbox, larger] {
        std::fs::remove_dir_all(leaked.root()).expect("the sandbox is removed");
    }
}

/// A project with a compiled flow of so many statements.
fn project(statements: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".asya/config.yaml",
        "compiler:\n  image_registry: registry.example.com\ntemplates:\n  router_image: python:3.13-slim\n  \
         max_replicas: 10\nplatform: {generation: C2, transport: rabbitmq}\ncontexts:\n  dev:\n    namespace: dev\n",
    );
    sandbox.write(".asya/templates/actor.yaml", include_str!("../templates/actor.yaml"));
    sandbox.write(".asya/templates/router.yaml", include_str!("../templates/router.yaml"));
    let flow = flows::mixed(statements);
    sandbox.write("handlers.py", &flows::handlers(&flow));
    sandbox.write("flow.py", &flow);
    sandbox.ok(&["compile", "demo", "-f", "flow.py"]);
    sandbox
}
