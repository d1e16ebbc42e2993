//! The other side of the comparison: plain Python.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::{End, Observed};

/// A Python process that runs flows directly.
pub struct Reference {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

pub enum Expected {
    Run(Observed),
    /// More actor calls than the comparison is worth.
    TooLong,
}

impl Reference {
    pub fn start(directory: &Path, actors: &Value) -> Self {
        std::fs::write(directory.join("reference.py"), include_str!("reference.py")).unwrap();
        let mut child = Command::new(crate::local_bench::settings().python)
            .args(["-B", "reference.py", &actors.to_string()])
            .current_dir(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdin, stdout }
    }

    pub fn run(&mut self, name: &str, payload: &str) -> Expected {
        let job = json!({"module": name, "function": name, "payload": payload});
        writeln!(self.stdin.as_mut().unwrap(), "{job}").unwrap();
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let outcome: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{name}: {error}: {line}"));
        if outcome.get("too_long").is_some() {
            return Expected::TooLong;
        }
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let calls = outcome["calls"].as_array().unwrap();
        let calls = calls.iter().map(|call| (text(&call[0]), text(&call[1]))).collect();
        let end = match outcome.get("payload") {
            Some(payload) => End::Payload(text(payload)),
            None => End::Error(text(&outcome["error"][0]), text(&outcome["error"][1])),
        };
        Expected::Run(Observed { calls, end })
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}
