//! The Python process that workers are forked from. Starting Python costs tens of milliseconds,
//! forking a started one about two, so one interpreter serves all actors of any number of meshes.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, io_reason};
use crate::interrupt;

/// The program that loads and runs handlers.
const PROGRAM: &str = include_str!("../../templates/worker.py");
/// How often a wait looks up: for Ctrl-C, for output, for a process that is gone.
pub(super) const TICK: Duration = Duration::from_millis(50);
/// How long Python may take to start or to fork.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest path of a Unix socket that every system accepts.
const SOCKET_PATH_MAX: usize = 100;

/// What the workers of a mesh run in.
#[derive(Debug, Clone)]
pub struct LocalSettings {
    /// The interpreter; see [`super::find_python`].
    pub python: PathBuf,
    /// Directories for `PYTHONPATH`, before the caller's.
    pub python_path: Vec<PathBuf>,
    /// Working directory of handlers; never on `sys.path` by itself.
    pub working_directory: PathBuf,
}

/// A Python interpreter, started when the first worker needs it and ended when dropped.
pub struct Interpreter {
    settings: LocalSettings,
    server: Mutex<Option<Server>>,
    /// Workers so far; a number is never used twice, whichever server forked it.
    workers: AtomicU64,
}

struct Server {
    child: Child,
    control: BufReader<UnixStream>,
    listener: UnixListener,
    directory: tempfile::TempDir,
}

/// What a worker is forked with.
pub(super) struct Order<'a> {
    pub(super) handler: &'a str,
    pub(super) env: &'a [(String, String)],
    pub(super) path: Vec<PathBuf>,
    pub(super) output: &'a Path,
}

/// What the fork server says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Told {
    TooOld(String),
    /// The version of Python.
    Hello(serde::de::IgnoredAny),
    Connected(u64),
    Ended {
        worker: u64,
        status: i32,
    },
}

#[derive(Serialize)]
struct Fork<'a> {
    r#do: &'static str,
    worker: u64,
    socket: String,
    output: &'a Path,
    handler: &'a str,
    env: BTreeMap<&'a str, &'a str>,
    path: &'a [PathBuf],
}

/// How a process ended, as `waitpid` reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended(pub(super) i32);

impl Interpreter {
    /// An interpreter that is not started yet.
    pub fn new(settings: LocalSettings) -> Self {
        Self { settings, server: Mutex::new(None), workers: AtomicU64::new(0) }
    }

    /// What it was made from.
    pub fn settings(&self) -> &LocalSettings {
        &self.settings
    }

    /// Forks a worker: its number and the socket it answers on.
    pub(super) fn fork(&self, order: &Order<'_>) -> Result<(u64, UnixStream)> {
        let mut guard = self.lock();
        if guard.is_none() {
            *guard = Some(Server::start(&self.settings)?);
        }
        let Some(server) = guard.as_mut() else { return Err(Error::project("Python is not running")) };
        let worker = self.workers.fetch_add(1, Ordering::Relaxed) + 1;
        let forked = server.fork(worker, order).map(|stream| (worker, stream));
        if forked.is_err() {
            // Its replies can no longer be told apart: the next worker gets a new one.
            *guard = None;
        }
        forked
    }

    /// Waits for a worker whose socket was closed to end, or kills it; what it started goes with
    /// it. `None` when there is nothing to be learned.
    pub(super) fn end(&self, worker: u64, kill: bool) -> Option<Ended> {
        self.lock().as_mut()?.end(worker, kill)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Server>> {
        self.server.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Server {
    fn start(settings: &LocalSettings) -> Result<Self> {
        let broken = |error: std::io::Error| Error::project("Python cannot be started").because(io_reason(&error));
        let directory = socket_directory().map_err(broken)?;
        let program = directory.path().join("asya_worker.py");
        std::fs::write(&program, PROGRAM).map_err(broken)?;
        let listener = UnixListener::bind(directory.path().join("workers")).map_err(broken)?;
        let (ours, theirs) = UnixStream::pair().map_err(broken)?;
        ours.set_read_timeout(Some(TICK)).map_err(broken)?;
        let log = std::fs::File::create(directory.path().join("log")).map_err(broken)?;
        let mut command = Command::new(&settings.python);
        command
            .arg(&program)
            .current_dir(&settings.working_directory)
            .stdin(Stdio::from(OwnedFd::from(theirs.try_clone().map_err(broken)?)))
            .stdout(Stdio::from(OwnedFd::from(theirs)))
            .stderr(log)
            // Ctrl-C on the terminal is for us: we end the workers ourselves.
            .process_group(0)
            .env("PYTHONPATH", python_path(settings))
            // They would change what is on `sys.path` and what a start prints.
            .env_remove("PYTHONSAFEPATH")
            .env_remove("PYTHONVERBOSE")
            .env_remove("PYTHONINSPECT")
            // Keys of a gateway are none of the actors' business.
            .env_remove("ASYA_MCP_API_KEY")
            .env_remove("ASYA_A2A_API_KEY");
        let child = command.spawn().map_err(|error| {
            Error::project(format!("`{}` cannot be started", settings.python.display()))
                .because(io_reason(&error))
                .hint("set ASYA_PYTHON to a Python interpreter, 3.10 or newer")
        })?;
        // The command still holds the other end of the socket: without this, an interpreter that
        // ends would never be noticed.
        drop(command);
        let mut server = Self { child, control: BufReader::new(ours), listener, directory };
        match server.told("start") {
            Ok(Told::Hello(_)) => Ok(server),
            Ok(Told::TooOld(version)) => {
                let python = settings.python.display();
                Err(Error::project(format!("`{python}` is Python {version}, 3.10 or newer is needed"))
                    .hint("set ASYA_PYTHON to a newer interpreter"))
            }
            Ok(_) => Err(not_python(&settings.python, "it did not greet")),
            Err(error) if error.kind() == crate::error::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let reason = error.causes().last().cloned().unwrap_or_else(|| error.to_string());
                Err(not_python(&settings.python, &reason))
            }
        }
    }

    fn fork(&mut self, worker: u64, order: &Order<'_>) -> Result<UnixStream> {
        let line = serde_json::to_string(&Fork {
            r#do: "fork",
            worker,
            socket: self.directory.path().join("workers").display().to_string(),
            output: order.output,
            handler: order.handler,
            env: order.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            path: &order.path,
        });
        let line = line.map_err(|error| Error::project("a worker cannot be started").because(error))?;
        self.say(&line)?;
        loop {
            match self.told("fork")? {
                Told::Connected(number) if number == worker => break,
                // The end of a worker nobody waited for any more.
                Told::Connected(_) | Told::Ended { .. } => {}
                Told::Hello(_) | Told::TooOld(_) => {
                    return Err(Error::project("a worker cannot be started").because("Python answered out of turn"));
                }
            }
        }
        let (stream, _) = self
            .listener
            .accept()
            .map_err(|error| Error::project("a worker cannot be started").because(io_reason(&error)))?;
        Ok(stream)
    }

    fn end(&mut self, worker: u64, kill: bool) -> Option<Ended> {
        let word = if kill { "kill" } else { "end" };
        self.say(&format!(r#"{{"do":"{word}","worker":{worker}}}"#)).ok()?;
        let until = Instant::now() + Duration::from_secs(5);
        let mut line = String::new();
        loop {
            match self.control.read_line(&mut line) {
                Ok(0) => return None,
                Ok(_) => {
                    if let Ok(Told::Ended { worker: number, status }) = serde_json::from_str(&line)
                        && number == worker
                    {
                        return Some(Ended(status));
                    }
                    line.clear();
                }
                Err(error) if is_timeout(&error) && Instant::now() < until => {}
                Err(_) => return None,
            }
        }
    }

    fn say(&mut self, line: &str) -> Result<()> {
        let text = format!("{line}\n");
        self.control
            .get_mut()
            .write_all(text.as_bytes())
            .map_err(|error| Error::project("Python ended while it was needed").because(io_reason(&error)))
    }

    /// The next thing the server says.
    fn told(&mut self, what: &str) -> Result<Told> {
        let failed = |reason: String| Error::project(format!("Python did not {what}")).because(reason);
        let until = Instant::now() + PATIENCE;
        let mut line = String::new();
        loop {
            match self.control.read_line(&mut line) {
                Ok(0) => return Err(failed(self.last_words())),
                Ok(_) => {
                    return serde_json::from_str(&line)
                        .map_err(|_| failed(format!("it wrote `{}`", line.trim_end().escape_debug())));
                }
                Err(error) if is_timeout(&error) => {
                    interrupt::check()?;
                    if Instant::now() > until {
                        return Err(failed(format!("it was silent for {} s", PATIENCE.as_secs())));
                    }
                }
                Err(error) => return Err(failed(io_reason(&error))),
            }
        }
    }

    /// The last line it wrote to stderr, which says why it ended.
    fn last_words(&mut self) -> String {
        // It closed its socket, so it is ending.
        let _ = self.child.wait();
        let log = std::fs::read(self.directory.path().join("log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&log);
        match text.lines().map(str::trim).rfind(|line| !line.is_empty()) {
            Some(line) => line.to_owned(),
            None => "it ended without a word".to_owned(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A closed socket ends it; it takes its workers along. Killed only if it does not.
        let _ = self.control.get_mut().shutdown(std::net::Shutdown::Both);
        let until = Instant::now() + Duration::from_secs(1);
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() > until {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

pub(super) fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}

fn not_python(python: &Path, reason: &str) -> Error {
    Error::project(format!("`{}` does not work as Python 3.10 or newer", python.display()))
        .because(reason)
        .hint("set ASYA_PYTHON to a Python interpreter, 3.10 or newer")
}

/// A temporary directory whose path leaves room for a socket.
fn socket_directory() -> std::io::Result<tempfile::TempDir> {
    let directory = tempfile::Builder::new().prefix("asya-").tempdir()?;
    if directory.path().as_os_str().len() + "/workers".len() <= SOCKET_PATH_MAX {
        return Ok(directory);
    }
    tempfile::Builder::new().prefix("asya-").tempdir_in("/tmp")
}

fn python_path(settings: &LocalSettings) -> std::ffi::OsString {
    let inherited = std::env::var_os("PYTHONPATH").unwrap_or_default();
    let inherited = std::env::split_paths(&inherited).filter(|entry| !entry.as_os_str().is_empty());
    let all: Vec<PathBuf> = settings.python_path.iter().cloned().chain(inherited).collect();
    std::env::join_paths(all).unwrap_or_default()
}
