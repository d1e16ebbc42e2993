//! `asya k apply` beside `kubectl apply --server-side -k` on the same API server, in the same run.
//!
//! `cargo bench --bench apply [-- ROUNDS]`. Every round is a namespace of its own: everything is new
//! in it once, and then unchanged. `ASYA_BENCH_BINARY` names another executable than the one that was
//! built with this.
#![allow(missing_docs, unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stdout)]

#[path = "../tests/it/cluster/api.rs"]
mod api;
#[path = "../tests/it/cluster/fixture.rs"]
mod fixture;
mod processes;
#[path = "../tests/it/sandbox.rs"]
mod sandbox;
#[path = "../tests/it/cluster/server.rs"]
mod server;

use std::path::{Path, PathBuf};
use std::process::Command;

use fixture::{Project, actors};
use processes::rounds;
use serde_json::{Value, json};
use server::{Server, server};

const OBJECTS: usize = 500;

fn main() {
    // It says itself why there is no server.
    let Some(server) = server() else { return };
    let rounds = rounds(5);
    // Once before measuring, with little: the server makes what it has for a kind when it is first used.
    round(server, "warm", &objects(20));
    let all: Vec<[Run; 4]> = (0..rounds).map(|number| round(server, &number.to_string(), &objects(OBJECTS))).collect();
    println!(
        "\n{OBJECTS} objects, {rounds} rounds: least and middle time, processor time of client and server, most memory"
    );
    println!("{:<46}{:>10}{:>12}{:>10}{:>11}{:>8}", "", "least ms", "median ms", "CPU ms", "server ms", "MB");
    let names = ["asya k apply", "kubectl apply --server-side -k"];
    let titles = ["everything is new", "nothing to change"];
    let mut medians = Vec::new();
    for (state, title) in titles.into_iter().enumerate() {
        for (who, name) in names.into_iter().enumerate() {
            let mut runs: Vec<Run> = all.iter().map(|round| round[2 * who + state]).collect();
            runs.sort_by(|one, other| one.wall.total_cmp(&other.wall));
            let median = runs[runs.len() / 2].wall;
            let most = |of: fn(&Run) -> f64| runs.iter().map(of).fold(0.0, f64::max);
            let middle = |of: fn(&Run) -> f64| {
                let mut values: Vec<f64> = runs.iter().map(of).collect();
                values.sort_by(f64::total_cmp);
                values[values.len() / 2]
            };
            println!(
                "{:<46}{:>10.0}{:>12.0}{:>10.0}{:>11.0}{:>8.1}",
                format!("{title}: {name}"),
                runs[0].wall,
                median,
                middle(|run| run.processor),
                middle(|run| run.server),
                most(|run| run.memory)
            );
            medians.push((runs[0].wall, median));
        }
    }
    for (state, title) in titles.into_iter().enumerate() {
        let (asya, kubectl) = (medians[2 * state], medians[2 * state + 1]);
        println!("{title}: {:.1} times as fast (least), {:.1} (median)", kubectl.0 / asya.0, kubectl.1 / asya.1);
    }
}

/// What a run took: milliseconds and megabytes.
#[derive(Debug, Clone, Copy)]
struct Run {
    wall: f64,
    processor: f64,
    /// What the API server and its database took meanwhile.
    server: f64,
    memory: f64,
}

/// Both applied twice: ours new and unchanged, kubectl's new and unchanged.
fn round(server: &Server, number: &str, objects: &[Value]) -> [Run; 4] {
    let (ours, theirs) = (format!("bench-asya-{number}"), format!("bench-kubectl-{number}"));
    let project = Project::without_gateway(server, &ours);
    project.render("demo", objects);
    server.namespace(&theirs);
    let asya = || {
        let command = project.sandbox.command(&["k", "apply", "demo", "--no-verify"]);
        let binary = std::env::var_os("ASYA_BENCH_BINARY").map(PathBuf::from);
        let mut chosen = Command::new(binary.unwrap_or_else(|| command.get_program().into()));
        chosen.args(command.get_args()).current_dir(project.sandbox.project());
        chosen.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        measured(server, &chosen)
    };
    let directory = project.sandbox.project().join("compiled/demo/manifests/overlays/dev").display().to_string();
    let kubectl =
        || measured(server, &server.kubectl_command(&["apply", "--server-side", "-n", &theirs, "-k", &directory]));
    // In turn, so that what else the machine does meets both.
    let (first, other_first) = (asya(), kubectl());
    let (second, other_second) = (asya(), kubectl());
    [first, second, other_first, other_second]
}

/// Runs a command, which must succeed, and asks the kernel what it took (`wait4`).
fn measured(server: &Server, command: &Command) -> Run {
    let script = "import os, subprocess, sys, time\n\
                  began = time.monotonic()\n\
                  child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)\n\
                  told = child.stderr.read()\n\
                  _, status, used = os.wait4(child.pid, 0)\n\
                  wall = time.monotonic() - began\n\
                  if status: sys.exit(told.decode())\n\
                  print(wall * 1000, (used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss / 1024)";
    let mut python = Command::new("python3");
    python.args(["-c", script]).arg(command.get_program()).args(command.get_args());
    python.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(directory) = command.get_current_dir() {
        python.current_dir(directory);
    }
    let before = processor_of(server);
    let output = python.output().expect("python3");
    let after = processor_of(server);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers: Vec<f64> = text.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    Run { wall: numbers[0], processor: numbers[1], server: after - before, memory: numbers[2] }
}

/// Milliseconds that the processes of the API server have taken, as `/proc` has it; 0 where it is not.
fn processor_of(server: &Server) -> f64 {
    let place = server.file("").display().to_string();
    let of = |directory: &Path| -> Option<f64> {
        let command = std::fs::read_to_string(directory.join("cmdline")).ok()?;
        let name = command.split('\0').next()?.rsplit('/').next()?.to_owned();
        if !command.contains(&place) || !["kube-apiserver", "etcd"].contains(&name.as_str()) {
            return None;
        }
        let stat = std::fs::read_to_string(directory.join("stat")).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
        // A hundred ticks a second, on every Linux there is.
        Some((ticks(11)? + ticks(12)?) * 10.0)
    };
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(|process| of(&process.path())).sum()
}

/// The objects of a small flow and as many further actors as it takes.
fn objects(count: usize) -> Vec<Value> {
    let mut all = actors("demo");
    let last = all.last().expect("an actor").clone();
    for number in all.len()..count {
        let mut actor = last.clone();
        actor["metadata"]["name"] = json!(format!("demo-step-{number}"));
        actor["spec"]["actor"] = json!(format!("demo-step-{number}"));
        all.push(actor);
    }
    all
}
