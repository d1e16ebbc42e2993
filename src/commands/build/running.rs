//! Runs the programs of a build: what they say goes into a log, and Ctrl-C ends them with everything
//! that they have started.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::error::{Error, ErrorKind, Result, io_reason};
use crate::event::Event;
use crate::interrupt;
use crate::ui::Ui;

/// How often a running program is looked at.
const POLL: Duration = Duration::from_millis(50);
/// How long a program may take to end itself.
const GRACE: Duration = Duration::from_secs(5);
/// Lines of the log that are shown of a failure.
const EXCERPT: usize = 20;

/// A program to be run to its end.
pub(super) struct Run<'a> {
    pub(super) program: &'a str,
    pub(super) arguments: &'a [String],
    pub(super) directory: &'a Path,
    /// The image that is built, for the program's environment.
    pub(super) image: &'a str,
    /// What is going on, in words.
    pub(super) what: &'a str,
}

/// Runs it with its output in `log`. Fails when it cannot be started, ends with an error, or the
/// person interrupts.
pub(super) fn run(wanted: &Run<'_>, log: &File, path: &Path, shown: &str, ui: &mut Ui) -> Result<()> {
    interrupt::check()?;
    let file = || log.try_clone().map_err(|error| not_started(wanted, &io_reason(&error)));
    let child = Command::new(wanted.program)
        .args(wanted.arguments)
        .current_dir(wanted.directory)
        .env("IMAGE", wanted.image)
        .stdin(Stdio::null())
        .stdout(file()?)
        .stderr(file()?)
        // So that what it starts can be ended with it.
        .process_group(0)
        .spawn();
    let mut child = child.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            not_started(wanted, "it is not on PATH").hint(format!("install `{}`", wanted.program))
        }
        _ => not_started(wanted, &io_reason(&error)),
    })?;
    let start = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if interrupt::requested() => {
                end(&mut child);
                return Err(Error::new(ErrorKind::Interrupted, "interrupted")
                    .because(format!("`{}` and what it had started were ended", wanted.program))
                    .hint(format!("its log is `{shown}`")));
            }
            Ok(None) => {}
            Err(error) => {
                end(&mut child);
                return Err(not_started(wanted, &io_reason(&error)));
            }
        }
        if ui.can_show_progress() {
            let line = last_lines(path, 1);
            ui.progress(&format!("  {}  {} s  {}", wanted.what, start.elapsed().as_secs(), line.trim()));
        }
        std::thread::sleep(POLL);
    };
    if status.success() {
        return Ok(());
    }
    ui.event(Event::Excerpt(last_lines(path, EXCERPT)));
    Err(Error::negative(format!("{} failed", wanted.what))
        .because(format!("`{}` {}", wanted.program, ended(status)))
        .hint(format!("all it said is in `{shown}`")))
}

fn not_started(wanted: &Run<'_>, why: &str) -> Error {
    Error::project(format!("`{}` cannot be run", wanted.program)).because(why)
}

fn ended(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("ended with {code}"),
        None => format!("was ended from outside ({status})"),
    }
}

/// Asks the program and what it has started to end, and makes them if they do not.
fn end(child: &mut Child) {
    let group = Pid::from_child(child);
    // A group that is gone already needs no signal.
    let _ = kill_process_group(group, Signal::TERM);
    let start = Instant::now();
    while start.elapsed() < GRACE && matches!(child.try_wait(), Ok(None)) {
        std::thread::sleep(POLL);
    }
    let _ = kill_process_group(group, Signal::KILL);
    let _ = child.wait();
}

/// The last lines of a log.
fn last_lines(path: &Path, count: usize) -> String {
    const TAIL: u64 = 8 << 10;
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|mut file| {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        file.read_to_end(&mut bytes)
    });
    if read.is_err() {
        return String::new();
    }
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
