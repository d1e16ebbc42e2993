//! Doing something again whenever files change.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::Status;
use crate::error::{ErrorKind, Result};
use crate::event::Event;
use crate::interrupt;
use crate::ui::Ui;

/// How often files are looked at: soon enough for a person, and next to no work.
const PAUSE: Duration = Duration::from_millis(150);

/// Runs `work` now and after every change of a file at or below `paths` (asked for before each run), or
/// of one that `work` says it read, until Ctrl-C (which is the error it ends with). A failure of `work`
/// is shown and waits for the next change.
pub(super) fn repeat(
    paths: impl Fn() -> Vec<PathBuf>,
    ui: &mut Ui,
    mut work: impl FnMut(&mut Ui, &mut Vec<PathBuf>) -> Result<Status>,
) -> Result<Status> {
    let mut read: Vec<PathBuf> = Vec::new();
    loop {
        let paths = paths();
        let (before, read_before) = (state(&paths), state(&read));
        let mut now = Vec::new();
        let result = work(ui, &mut now);
        // Files read for the first time are known only now; of all others no change is missed.
        let seen = if now == read { read_before } else { state(&now) };
        read = now;
        match result {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => ui.error(&error),
        }
        ui.event(Event::Note("waiting for changes; Ctrl-C ends".to_owned()));
        while state(&paths) == before && state(&read) == seen {
            interrupt::check()?;
            std::thread::sleep(PAUSE);
        }
    }
}

/// Every file with its size and time of change, sorted.
fn state(paths: &[PathBuf]) -> Vec<(PathBuf, u64, Option<SystemTime>)> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = paths.to_vec();
    while let Some(path) = open.pop() {
        let Ok(metadata) = path.metadata() else { continue };
        if metadata.is_dir() {
            open.extend(std::fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
        } else {
            found.push((path, metadata.len(), metadata.modified().ok()));
        }
    }
    found.sort();
    found
}
