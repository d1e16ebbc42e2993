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

/// Files with size and time of change, sorted.
pub(super) type Files = Vec<(PathBuf, u64, Option<SystemTime>)>;

/// Runs `work` now and after every change of a file at or below `paths` (asked for before each run), or
/// of one that `work` says it read, until Ctrl-C (which is the error it ends with). A failure of `work`
/// is shown and waits for the next change. `work` says what the files were like when it read them, so
/// that no change is missed while it goes on.
pub(super) fn repeat(
    paths: impl Fn() -> Vec<PathBuf>,
    ui: &mut Ui,
    mut work: impl FnMut(&mut Ui, &mut Files) -> Result<Status>,
) -> Result<Status> {
    loop {
        let paths = paths();
        let before = state(&paths);
        let mut seen = Files::new();
        match work(ui, &mut seen) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => ui.error(&error),
        }
        let read: Vec<PathBuf> = seen.iter().map(|(path, ..)| path.clone()).collect();
        ui.event(Event::Note("waiting for changes; Ctrl-C ends".to_owned()));
        while state(&paths) == before && state(&read) == seen {
            interrupt::check()?;
            std::thread::sleep(PAUSE);
        }
    }
}

/// Every file at or below `paths`.
fn state(paths: &[PathBuf]) -> Files {
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
