//! Stdout for lines that come one by one: who reads them may be slow, or gone.

use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// How many lines may wait for a slow reader.
const WAITING: usize = 256;

/// Lines on their way to stdout. They are written by a thread of their own, so that a full pipe
/// holds nobody up: Ctrl-C still works.
pub struct Stream {
    lines: SyncSender<String>,
    writer: JoinHandle<()>,
}

/// Why a line was not taken.
#[derive(Debug)]
pub enum Refused {
    /// The reader is slow; the line is to be offered again.
    Full(String),
    /// Nobody reads any more.
    Closed,
}

impl Stream {
    pub(super) fn new() -> Self {
        let (lines, waiting) = sync_channel::<String>(WAITING);
        let writer = std::thread::spawn(move || {
            let mut out = io::stdout();
            while let Ok(line) = waiting.recv() {
                // The end of this thread tells the other side.
                if out.write_all(line.as_bytes()).and_then(|()| out.flush()).is_err() {
                    return;
                }
            }
        });
        Self { lines, writer }
    }

    /// Offers text to be written.
    pub fn offer(&self, text: String) -> Result<(), Refused> {
        self.lines.try_send(text).map_err(|error| match error {
            TrySendError::Full(text) => Refused::Full(text),
            TrySendError::Disconnected(_) => Refused::Closed,
        })
    }

    /// Waits until everything is written.
    pub fn finish(self) {
        drop(self.lines);
        // It does nothing that panics.
        let _ = self.writer.join();
    }
}
