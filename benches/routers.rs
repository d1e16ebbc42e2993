//! Large and extreme flows through the executable, and whether Python loads what it wrote.
//!
//! `cargo bench --bench routers`
#![allow(missing_docs, unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stdout)]

mod flows;
#[path = "../tests/it/sandbox.rs"]
mod sandbox;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use sandbox::Sandbox;

fn main() {
    println!("{:<36}{:>10}{:>14}{:>14}{:>16}", "flow", "KB", "asya compile", "Python: flow", "Python: router");
    let mut all: Vec<(String, String)> = [100, 1_000, 10_000, 100_000]
        .into_iter()
        .map(|count| (format!("mixed, {count} statements"), flows::mixed(count)))
        .collect();
    all.extend(flows::SHAPES.iter().map(|shape| (format!("{}, 10000", shape.name), (shape.text)(10_000))));
    all.extend(flows::extremes());
    for (name, text) in all {
        let sandbox = Sandbox::new();
        sandbox.write(
            ".asya/config.yaml",
            "compiler:\n  image_registry: registry.example.com\ntemplates:\n  router_image: python:3.13-slim\n  \
             max_replicas: 10\nplatform: {generation: C2, transport: rabbitmq}\n",
        );
        sandbox.write(".asya/templates/actor.yaml", include_str!("../templates/actor.yaml"));
        sandbox.write(".asya/templates/router.yaml", include_str!("../templates/router.yaml"));
        sandbox.write("handlers.py", &flows::handlers(&text));
        sandbox.write("flow.py", &text);
        let began = Instant::now();
        let outcome = sandbox.run(&["compile", "demo", "-f", "flow.py", "-q"]);
        let took = began.elapsed().as_secs_f64() * 1_000.0;
        let compiled = match outcome.code {
            0 => format!("{took:.1} ms"),
            code => format!("exit {code}"),
        };
        let flow = python(&sandbox.project().join("flow.py"));
        let router = sandbox.project().join("compiled/demo/code/router.py");
        let router = if router.exists() { python(&router) } else { "-".to_owned() };
        println!("{name:<36}{:>10}{compiled:>14}{flow:>14}{router:>16}", text.len() / 1_024);
        if outcome.code != 0 {
            let stderr: Vec<&str> = outcome.stderr.lines().take(4).collect();
            println!("    {}", stderr.join("\n    ").chars().take(300).collect::<String>());
        }
    }
}

/// How long Python takes to compile and run a module's top level, or what it says instead.
fn python(path: &Path) -> String {
    const PROGRAM: &str = "import sys, time\ntext = open(sys.argv[1]).read()\nbegan = time.perf_counter()\ncode = compile(text, sys.argv[1], 'exec')\nprint(f'{(time.perf_counter() - began) * 1000:.1f} ms')";
    let output = Command::new("python3").args(["-c", PROGRAM]).arg(path).output().expect("python3");
    if output.status.success() {
        return String::from_utf8_lossy(&output.stdout).trim().to_owned();
    }
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = stderr.lines().last().unwrap_or("no word").to_owned();
    let word = last.split(':').next().unwrap_or_default().to_owned();
    if output.status.code().is_none() { format!("{}", output.status) } else { word }
}
