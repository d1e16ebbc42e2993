//! `asya gateway serve`, and `asya k` in the context `local`: through the binary, over HTTP.

mod a2a;
mod client;
mod commands;
mod ends;
mod mcp;
mod reload;
mod strangers;
mod transcript;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::sandbox::{Sandbox, wait_until};

const FLOWS: &str = r#"
import asyncio
import handlers


async def text_flow(state: dict) -> dict:
    """Analyze text"""
    state = await handlers.clean(state)
    for word in state["words"]:
        state = await handlers.count(state)
    return state


async def linear(state: dict) -> dict:
    """Clean and count"""
    state = await handlers.clean(state)
    state = await handlers.count(state)
    return state


async def fan(state: dict) -> dict:
    """Lengths of words"""
    state["lengths"] = await asyncio.gather(*[handlers.length(word) for word in state["words"]])
    state["total"] = 0
    for length in state["lengths"]:
        if length > 2:
            state["total"] = await handlers.add(state["total"], length)
    return state


async def risky(state: dict) -> dict:
    """Fails"""
    state = await handlers.fail(state)
    return state


async def slow(state: dict) -> dict:
    """Takes its time"""
    state = await handlers.wait(state)
    return state


async def meet(state: dict) -> dict:
    """Waits for others"""
    state = await handlers.meet(state)
    return state
"#;

const HANDLERS: &str = r#"
import os
import subprocess
import time


async def clean(state):
    print("cleaning", state["text"])
    state["words"] = state["text"].split()
    return state


async def count(state):
    state["n"] = state.get("n", 0) + 1
    return state


async def length(word):
    return len(word)


async def add(total, n):
    return total + n


async def fail(state):
    raise LookupError("no such customer")


async def wait(state):
    child = subprocess.Popen(["sleep", "600"])
    with open("pids.tmp", "w") as file:
        file.write("%d %d" % (os.getpid(), child.pid))
    os.rename("pids.tmp", state["file"])
    time.sleep(600)


async def meet(state):
    # Ends only when all are here at a time.
    open("met-%s" % state["me"], "w").close()
    while not all(os.path.exists("met-%d" % each) for each in range(state["all"])):
        time.sleep(0.01)
    return {"me": state["me"]}
"#;

/// A project with flows of several shapes, compiled.
fn project(flows: &[&str]) -> Sandbox {
    let sandbox = Sandbox::initialised();
    sandbox.write("src/flows.py", FLOWS);
    sandbox.write("src/handlers.py", HANDLERS);
    for flow in flows {
        let function = format!("src/flows.py:{}", flow.replace('-', "_"));
        sandbox.ok(&["compile", flow, "-f", &function]);
    }
    sandbox
}

/// The same, each exposed with `options` and applied.
fn applied(flows: &[&str], options: &[&str]) -> Sandbox {
    let sandbox = project(flows);
    for flow in flows {
        offer(&sandbox, flow, options);
    }
    sandbox
}

/// Exposes and applies a flow.
fn offer(sandbox: &Sandbox, flow: &str, options: &[&str]) {
    let args: Vec<&str> = ["expose", flow, "--context", "local"].iter().chain(options).copied().collect();
    sandbox.ok(&args);
    sandbox.ok(&["k", "apply", flow, "--context", "local"]);
}

/// A gateway that is running.
struct Gateway {
    child: Child,
    port: u16,
    lines: Arc<Mutex<Vec<String>>>,
    /// What it said when it started.
    greeting: Vec<String>,
}

impl Gateway {
    fn start(sandbox: &Sandbox) -> Self {
        Self::start_with(sandbox, &[])
    }

    fn start_with(sandbox: &Sandbox, options: &[&str]) -> Self {
        let args: Vec<&str> = ["gateway", "serve", "--port", "0"].iter().chain(options).copied().collect();
        let mut command = sandbox.command(&args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("asya starts");
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (into, stderr) = (Arc::clone(&lines), child.stderr.take().expect("a pipe"));
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                into.lock().expect("no panic").push(line);
            }
        });
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut greeting: Vec<String> = Vec::new();
        for line in stdout.lines().map_while(Result::ok) {
            let is_last = line.starts_with("  A2A");
            greeting.push(line);
            if is_last {
                break;
            }
        }
        let address = greeting.first().and_then(|line| line.split_whitespace().next()).unwrap_or_default();
        let port = address.rsplit(':').next().and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("no port: {greeting:?} {:?}", lines.lock()));
        Self { child, port, lines, greeting }
    }

    /// What it said on stderr so far.
    fn said(&self) -> Vec<String> {
        self.lines.lock().expect("no panic").clone()
    }

    /// Waits until it has said a line with `words`.
    fn wait_for(&self, words: &str) {
        wait_until(words, || self.said().iter().any(|line| line.contains(words)));
    }

    fn signal(&self, signal: &str) {
        let kill = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill");
        assert!(kill.success());
    }

    /// Ends it as a person does; answers the exit code.
    fn stop(mut self) -> Option<i32> {
        self.signal("-INT");
        self.child.wait().expect("an end").code()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // Only where a test failed before it ended it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
