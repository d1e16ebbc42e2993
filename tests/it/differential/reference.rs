//! The other side of the comparison: plain Python.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::trace::{Call, End, Planned, Step};

/// More calls than this are not worth the comparison.
const CALLS_MAX: u64 = 150;

/// A Python process that runs flows directly.
pub struct Reference {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    directory: PathBuf,
}

pub enum Expected {
    Run(Planned),
    /// More actor calls than the comparison is worth, or no end.
    TooLong,
    /// Other results would be as right: which branch is faster decides.
    Ambiguous,
    /// Not Python.
    Invalid(String),
}

impl Reference {
    /// For the flows in `directory`; `actors` are a list of `{name, handler}`.
    pub fn start(directory: &Path, actors: &Value) -> Self {
        Self::start_with(directory, json!({"actors": actors, "limit": CALLS_MAX, "as_mesh": false}))
    }

    /// The same as a mesh may do it: branches in another order, copies where an actor failed.
    pub fn start_as_mesh(directory: &Path, actors: &Value) -> Self {
        Self::start_with(directory, json!({"actors": actors, "limit": CALLS_MAX, "as_mesh": true}))
    }

    fn start_with(directory: &Path, arguments: Value) -> Self {
        std::fs::write(directory.join("reference.py"), include_str!("reference.py")).unwrap();
        let mut child = Command::new(crate::local_bench::settings().python)
            .args(["-B", "-W", "ignore", "reference.py"])
            .arg(arguments.to_string())
            .current_dir(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdin, stdout, directory: directory.to_owned() }
    }

    /// Runs `function` of a module `name` with the text `text`.
    pub fn run_text(&mut self, name: &str, function: &str, text: &str, payload: &str) -> Expected {
        std::fs::write(self.directory.join(format!("{name}.py")), text).unwrap();
        self.run_function(name, function, payload)
    }

    /// Runs the flow `name` of the module of that name.
    pub fn run(&mut self, name: &str, payload: &str) -> Expected {
        self.run_function(name, name, payload)
    }

    fn run_function(&mut self, name: &str, function: &str, payload: &str) -> Expected {
        let job = json!({"module": name, "function": function, "payload": payload});
        writeln!(self.stdin.as_mut().unwrap(), "{job}").unwrap();
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let outcome: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{name}: {error}: {line}"));
        if outcome.get("too_long").is_some() {
            return Expected::TooLong;
        }
        if outcome.get("ambiguous").is_some() {
            return Expected::Ambiguous;
        }
        if let Some(reason) = outcome.get("invalid") {
            return Expected::Invalid(text(reason));
        }
        let steps = outcome["calls"].as_array().unwrap().iter().map(step).collect();
        let end = match outcome.get("payload") {
            Some(payload) => End::Payload(text(payload)),
            None => End::Error(text(&outcome["error"][0]), text(&outcome["error"][1])),
        };
        Expected::Run(Planned { steps, end })
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn step(value: &Value) -> Step {
    if value.is_array() {
        return Step::Call(call(value));
    }
    let calls = |key: &str| value[key].as_array().unwrap().iter().map(call).collect();
    Step::Parallel { must: calls("must"), may: calls("may") }
}

fn call(value: &Value) -> Call {
    (text(&value[0]), text(&value[1]))
}

impl Drop for Reference {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}
