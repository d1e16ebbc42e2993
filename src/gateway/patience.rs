//! Trying again after somebody else was faster.

use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How long other writers may get in the way.
const LIMIT: Duration = Duration::from_secs(120);

/// Attempts at one guarded write.
pub(super) struct Patience {
    started: Instant,
    attempt: u32,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self { started: Instant::now(), attempt: 0 }
    }

    /// Waits before the next attempt to write `object`; fails when there were enough. The pauses
    /// grow and differ between processes, so that they do not meet again.
    pub(super) async fn again(&mut self, object: &str) -> Result<()> {
        if self.started.elapsed() > LIMIT {
            return Err(Error::cluster(format!("{object} keeps changing"))
                .because(format!("for {} seconds somebody else was always faster", LIMIT.as_secs()))
                .hint("run the same command again"));
        }
        let most = 10_u64 << self.attempt.min(5);
        self.attempt += 1;
        let nanos = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| u64::from(since.subsec_nanos()) / 1000 + u64::from(std::process::id()));
        tokio::time::sleep(Duration::from_millis(5 + nanos % most)).await;
        Ok(())
    }
}
