//! Whole processes on flows of growing size: the compiler beside a process that only reads and parses
//! the same file, with their peak memory.
//!
//! `cargo bench --bench growth [-- ROUNDS]`
#![allow(missing_docs, unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stdout)]

mod flows;
mod processes;
#[path = "../tests/it/sandbox.rs"]
mod sandbox;

use std::path::Path;
use std::process::Command;

use processes::{compare, process, rounds};
use sandbox::Sandbox;

/// How this executable is told to be the process that only reads and parses.
const PARSE: &str = "--parse";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, file, ..] = arguments.as_slice()
        && flag == PARSE
    {
        parse(Path::new(file));
        return;
    }
    for (name, text) in [("mixed", flows::mixed as fn(usize) -> String), ("stateful", flows::stateful)] {
        for count in [10, 100, 1_000, 10_000, 100_000] {
            let text = text(count);
            sizes(&format!("{name}, {count} statements, {} KB", text.len() / 1_000), &text, count);
        }
    }
}

fn parse(file: &Path) {
    let source = asya::source::Source::new("flow.py", std::fs::read_to_string(file).expect("the flow"));
    let module = asya::syntax::parse(&source).expect("Python");
    // The process ends: nobody has to give memory back piece by piece.
    std::mem::forget(std::hint::black_box(module));
}

fn sizes(title: &str, text: &str, count: usize) {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".asya/config.yaml",
        "compiler:\n  image_registry: registry.example.com\ntemplates:\n  router_image: python:3.13-slim\n  \
         max_replicas: 10\nplatform: {generation: C2, transport: rabbitmq}\n",
    );
    sandbox.write(".asya/templates/actor.yaml", include_str!("../templates/actor.yaml"));
    sandbox.write(".asya/templates/router.yaml", include_str!("../templates/router.yaml"));
    sandbox.write("handlers.py", &flows::handlers(text));
    sandbox.write("flow.py", text);
    let compile = || sandbox.command(&["compile", "demo", "-f", "flow.py"]);
    let parse = || {
        let mut command = Command::new(std::env::current_exe().expect("this bench"));
        command.arg(PARSE).arg(sandbox.project().join("flow.py"));
        command
    };
    let afresh = || {
        let _ = std::fs::remove_dir_all(sandbox.project().join("compiled"));
        compile()
    };
    let fewer = if count > 10_000 { 10 } else { 1 };
    compare(
        title,
        rounds(30).div_ceil(fewer),
        vec![
            process("reads and parses", parse),
            process("asya compile, everything is new", afresh),
            process("asya compile, nothing changed", compile),
        ],
    );
    for (name, command) in [("reads and parses", parse()), ("asya compile", compile())] {
        match peak(&command) {
            Some(kilobytes) => println!("{name:<46}{:>12.1} MB", f64::from(kilobytes) / 1_000.0),
            None => println!("{name:<46}{:>12}", "no GNU time"),
        }
    }
}

/// The peak memory of a command as GNU time tells it.
fn peak(command: &Command) -> Option<u32> {
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M"]).arg(command.get_program()).args(command.get_args());
    timed.current_dir(command.get_current_dir().unwrap_or(Path::new("/")));
    timed.env_clear();
    timed.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = timed.output().ok()?;
    String::from_utf8_lossy(&output.stderr).lines().last()?.trim().parse().ok()
}
