//! The flows as plain Python, in one process.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::flow::{Flow, root};
use crate::differential::trace::End;

/// A call of an actor: the dotted name of its handler where that is defined, its argument as
/// JSON, and whether nothing else ran at the time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    pub handler: String,
    pub argument: String,
    pub alone: bool,
}

/// What Python did with one input.
pub struct Direct {
    pub calls: Vec<Call>,
    pub end: End,
    pub reached: Reached,
}

/// What of a file is there, and what of it was run.
#[derive(Default)]
pub struct Reached {
    pub statements: BTreeSet<u64>,
    /// Line and column of every condition.
    pub conditions: BTreeSet<(u64, u64)>,
    pub lines: BTreeSet<u64>,
    /// Conditions with the way they went.
    pub ways: BTreeSet<(u64, u64, bool)>,
}

impl Reached {
    /// Takes in another run of the same file.
    pub fn add(&mut self, other: Self) {
        self.statements.extend(other.statements);
        self.conditions.extend(other.conditions);
        self.lines.extend(other.lines);
        self.ways.extend(other.ways);
    }

    /// What no run came to, one sentence each.
    pub fn missing(&self) -> Vec<String> {
        let lines = self.statements.difference(&self.lines).map(|line| format!("line {line} is never run"));
        let ways = self.conditions.iter().flat_map(|&(line, column)| [(line, column, true), (line, column, false)]);
        let ways = ways.filter(|way| !self.ways.contains(way));
        lines
            .chain(ways.map(|(line, column, way)| format!("the condition at {line}:{column} is never {way}")))
            .collect()
    }
}

/// A Python process that runs flows directly.
pub struct Reference {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    pub version: (u32, u32),
}

impl Reference {
    pub fn start() -> Self {
        let mut child = Command::new(crate::local_bench::settings().python)
            .args(["-B", "-c", include_str!("reference.py")])
            .current_dir(root())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut reference = Self { child, stdin, stdout, version: (3, 0) };
        let version = reference.answer("the version");
        reference.version = serde_json::from_value(version).unwrap();
        reference
    }

    /// Runs `flow` with `payload`.
    pub fn run(&mut self, flow: &Flow, payload: &str) -> Direct {
        self.ask(&json!({"module": flow.module(), "function": flow.name, "payload": payload}));
        let answer = self.answer(&flow.path());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let list = |name: &str| answer[name].as_array().unwrap().iter();
        let end = match answer.get("payload") {
            Some(payload) => End::Payload(text(payload)),
            None => End::Error(text(&answer["error"][0]), text(&answer["error"][1])),
        };
        let call = |call: &Value| Call {
            handler: text(&call["handler"]),
            argument: text(&call["argument"]),
            alone: call["alone"].as_bool().unwrap(),
        };
        let parsed = |name: &str| answer[name].clone();
        let reached = Reached {
            statements: serde_json::from_value(parsed("statements")).unwrap(),
            conditions: serde_json::from_value(parsed("conditions")).unwrap(),
            lines: serde_json::from_value(parsed("lines")).unwrap(),
            ways: serde_json::from_value(parsed("ways")).unwrap(),
        };
        let mut calls: Vec<Call> = list("calls").map(call).collect();
        // Whether Python makes a task for the only call of a group depends on its version.
        for group in calls.chunk_by_mut(|first, second| !first.alone && !second.alone) {
            if let [only] = group {
                only.alone = true;
            }
        }
        Direct { calls, end, reached }
    }

    /// The dotted names of handlers where they are defined.
    pub fn resolve(&mut self, handlers: &[&str]) -> Vec<String> {
        self.ask(&json!({"resolve": handlers}));
        serde_json::from_value(self.answer(&handlers.join(", "))).unwrap()
    }

    fn ask(&mut self, job: &Value) {
        writeln!(self.stdin.as_mut().unwrap(), "{job}").unwrap();
    }

    fn answer(&mut self, about: &str) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{about}: {error}: {line}"))
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}
