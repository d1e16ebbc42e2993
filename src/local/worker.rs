//! One worker process: envelopes in, replies out, and the lines its handler printed.

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::{Result, io_reason};
use crate::interrupt;

use super::actor::Actor;
use super::envelope::{Envelope, Frame};
use super::interpreter::{Ended, Interpreter, Order, TICK, is_timeout};
use super::json::RawJson;
use super::stop::Stop;

/// Lines kept to explain a crash.
const LAST_LINES: usize = 20;

/// A worker; ended when dropped.
pub(super) struct Worker {
    number: u64,
    stream: BufReader<UnixStream>,
    interpreter: Arc<Interpreter>,
    line: Vec<u8>,
    output: Output,
    root: PathBuf,
    over: bool,
    /// It said that its handler is loaded.
    pub(super) ready: bool,
    /// When it was last given a message, counted in messages.
    pub(super) used: u64,
}

/// What a worker says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    Ready(IgnoredAny),
    NotLoaded { reason: String, details: Raised },
    Frame(Frame),
    Fly(RawJson),
    Error(Raised),
    Done(IgnoredAny),
}

/// An exception.
#[derive(Debug, Deserialize)]
pub(super) struct Raised {
    pub(super) message: String,
    #[serde(rename = "type")]
    pub(super) type_name: String,
    #[serde(default)]
    pub(super) mro: Vec<String>,
    #[serde(default)]
    pub(super) traceback: String,
    #[serde(default)]
    pub(super) user_traceback: String,
    /// `msg_parsing_error` when the envelope was refused before the handler saw it.
    #[serde(default)]
    pub(super) code: Option<String>,
}

/// Why there will be no reply.
#[derive(Debug)]
pub(super) enum Silence {
    /// The process is gone.
    Ended(Option<Ended>),
    /// The time is up.
    TimedOut,
    /// The person wants to stop.
    Interrupted,
    /// It wrote something else.
    Garbled(String),
}

impl Worker {
    /// Forks a worker for `actor`; `root` stands for the container's `/`.
    pub(super) fn start(actor: &Actor, root: &std::path::Path, interpreter: &Arc<Interpreter>) -> Result<Self> {
        let broken = |error: std::io::Error| {
            crate::error::Error::project(format!("the files of actor `{}` cannot be written", actor.name))
                .because(io_reason(&error))
        };
        for (path, content) in &actor.files {
            let path = in_root(root, path);
            std::fs::create_dir_all(path.parent().unwrap_or(root)).map_err(broken)?;
            std::fs::write(path, content).map_err(broken)?;
        }
        let log = root.join("output");
        let file = std::fs::File::options().create(true).append(true).read(true).open(&log).map_err(broken)?;
        let env: Vec<(String, String)> = actor.env.iter().filter(|(name, _)| name != "PYTHONPATH").cloned().collect();
        let order = Order {
            handler: &actor.handler,
            env: &env,
            path: actor.import_directories().iter().map(|directory| in_root(root, directory)).collect(),
            output: &log,
        };
        let (number, stream) = interpreter.fork(&order)?;
        stream.set_read_timeout(Some(TICK)).map_err(broken)?;
        let output = Output { file, read: 0, partial: String::new(), last: Vec::new() };
        Ok(Self {
            number,
            stream: BufReader::new(stream),
            interpreter: Arc::clone(interpreter),
            line: Vec::new(),
            output,
            root: root.join("root"),
            over: false,
            ready: false,
            used: 0,
        })
    }

    /// Hands a message over. A worker that is gone is noticed by [`Worker::reply`].
    pub(super) fn send(&mut self, envelope: &Envelope) {
        if let Ok(mut line) = serde_json::to_vec(envelope) {
            line.push(b'\n');
            let _ = self.stream.get_mut().write_all(&line);
        }
    }

    /// The next reply. Lines the handler printed meanwhile go to `print`; all of them have by the
    /// time a message is done.
    pub(super) fn reply(
        &mut self,
        patience: Duration,
        stop: &Stop,
        print: &mut dyn FnMut(&str),
    ) -> Result<Reply, Silence> {
        let until = Instant::now() + patience;
        self.line.clear();
        loop {
            match self.stream.read_until(b'\n', &mut self.line) {
                Ok(_) if self.line.ends_with(b"\n") => break,
                Err(error) if is_timeout(&error) => {
                    self.output.drain(false, print);
                    if interrupt::requested() || stop.is_requested() {
                        self.stop(true);
                        return Err(Silence::Interrupted);
                    }
                    if Instant::now() > until {
                        self.stop(true);
                        self.output.drain(true, print);
                        return Err(Silence::TimedOut);
                    }
                }
                Ok(_) | Err(_) => {
                    let ended = self.stop(false);
                    self.output.drain(true, print);
                    return Err(Silence::Ended(ended));
                }
            }
        }
        let reply = serde_json::from_slice(&self.line).map_err(|error| Silence::Garbled(error.to_string()))?;
        if matches!(reply, Reply::Done(_) | Reply::Error(_) | Reply::NotLoaded { .. } | Reply::Ready(_)) {
            self.output.drain(true, print);
        }
        Ok(reply)
    }

    /// The directory that stands for its container's `/`.
    pub(super) fn root(&self) -> &std::path::Path {
        &self.root
    }

    /// The last lines it printed.
    pub(super) fn last_output(&self) -> Vec<String> {
        self.output.last.clone()
    }

    /// Asks it to end, without waiting for it.
    pub(super) fn hang_up(&mut self) {
        let _ = self.stream.get_mut().shutdown(std::net::Shutdown::Both);
    }

    fn stop(&mut self, kill: bool) -> Option<Ended> {
        if self.over {
            return None;
        }
        self.over = true;
        self.hang_up();
        self.interpreter.end(self.number, kill)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop(interrupt::requested());
    }
}

/// The file that stands for a container's absolute path.
fn in_root(root: &std::path::Path, path: &std::path::Path) -> PathBuf {
    root.join("root").join(path.strip_prefix("/").unwrap_or(path))
}

/// What a worker prints, read from the file both its streams go to. A file, not a pipe: nothing
/// is lost when the process dies, and nobody waits for what a stray child keeps open.
struct Output {
    file: std::fs::File,
    read: u64,
    partial: String,
    last: Vec<String>,
}

impl Output {
    /// Passes on what is new, line by line; `all` also passes on a line without its end.
    fn drain(&mut self, all: bool, print: &mut dyn FnMut(&str)) {
        let grown = self.file.metadata().is_ok_and(|metadata| metadata.len() > self.read);
        if grown {
            let mut bytes = Vec::new();
            if self.file.seek(SeekFrom::Start(self.read)).is_ok() && self.file.read_to_end(&mut bytes).is_ok() {
                self.read += bytes.len() as u64;
                self.partial.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
        while let Some(end) = self.partial.find('\n') {
            let line: String = self.partial.drain(..=end).collect();
            self.pass_on(line.trim_end_matches(['\n', '\r']), print);
        }
        if all && !self.partial.is_empty() {
            let line = std::mem::take(&mut self.partial);
            self.pass_on(&line, print);
        }
    }

    fn pass_on(&mut self, line: &str, print: &mut dyn FnMut(&str)) {
        if self.last.len() == LAST_LINES {
            self.last.remove(0);
        }
        self.last.push(line.to_owned());
        print(line);
    }
}
