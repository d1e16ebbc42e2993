//! Ctrl-C: the first one is noted and asked about at safe points, a second one ends the process.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, ErrorKind, Result};

static INTERRUPTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Notes SIGINT and SIGTERM from now on. Called once, by `main`.
pub fn listen() {
    let flag = INTERRUPTED.get_or_init(|| Arc::new(AtomicBool::new(false)));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // Registration fails only for signals that cannot be caught; these two can.
        let _ = signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(flag));
        let _ = signal_hook::flag::register(signal, Arc::clone(flag));
    }
}

/// Lets writing beyond the limit on sizes of files (`ulimit -f`) fail as any other writing does, where
/// the system would end the process with its work half done. Called once, by `main`.
#[cfg(unix)]
pub fn outlive_file_limits() {
    // That it came is known from the error of the write.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

/// There is no such limit here.
#[cfg(not(unix))]
pub fn outlive_file_limits() {}

/// Whether the person asked to stop.
pub fn requested() -> bool {
    INTERRUPTED.get().is_some_and(|flag| flag.load(Ordering::SeqCst))
}

/// An error of kind `Interrupted` when the person asked to stop; to be called where stopping
/// leaves nothing half-written.
pub fn check() -> Result<()> {
    if requested() {
        return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
    }
    Ok(())
}
