//! Opening a picture in another program.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::error::{Error, Result, io_reason};
use crate::interrupt;
use crate::settings::Settings;

/// How long a program may take to say that it cannot; one that still runs then has a window.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the system opens files with, and its first arguments.
const SYSTEM: &[&str] = if cfg!(target_os = "macos") {
    &["open"]
} else if cfg!(windows) {
    // `start` takes a first text in quotes for a title.
    &["cmd", "/C", "start", ""]
} else {
    &["xdg-open"]
};

/// Opens `picture` with a command of `$BROWSER` (several are separated by `:`, `%s` stands for the
/// file), else as the system does. Answers the name of the program.
pub(super) fn show(picture: &Path, settings: &Settings) -> Result<String> {
    let browsers = settings.environment.get("BROWSER").unwrap_or_default();
    let separator = if cfg!(windows) { ';' } else { ':' };
    let wanted = browsers.split(separator).map(|words| words.split_whitespace().collect::<Vec<_>>());
    let mut tried = Vec::new();
    for words in wanted.chain([SYSTEM.to_vec()]) {
        let Some((program, arguments)) = words.split_first() else { continue };
        match start(program, arguments, picture) {
            Ok(mut child) => match outcome(&mut child)? {
                Some(status) if !status.success() => tried.push(format!("`{program}` failed ({status})")),
                _ => return Ok((*program).to_owned()),
            },
            Err(error) => tried.push(format!("`{program}`: {}", io_reason(&error))),
        }
    }
    let error = Error::project("nothing on this machine opens the picture");
    Err(tried
        .into_iter()
        .fold(error, Error::because)
        .hint(format!("open it yourself: `{}`", picture.display()))
        .hint("or set BROWSER to the command of a browser"))
}

fn start(program: &str, arguments: &[&str], picture: &Path) -> std::io::Result<Child> {
    let file = picture.display().to_string();
    let mut command = Command::new(program);
    command.args(arguments.iter().map(|argument| argument.replace("%s", &file)));
    if !arguments.iter().any(|argument| argument.contains("%s")) {
        command.arg(picture);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

/// How a program ended; `None` when it is still running.
fn outcome(child: &mut Child) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        interrupt::check()?;
        match child.try_wait() {
            Ok(None) => std::thread::sleep(Duration::from_millis(10)),
            Ok(status) => return Ok(status),
            Err(_) => return Ok(None),
        }
    }
    Ok(None)
}
