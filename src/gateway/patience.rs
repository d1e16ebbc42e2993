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
        // Up to a second and a half: fifty writers of one object, each with a few requests an attempt,
        // would otherwise mostly get in each other's way.
        let most = 12_000_u64 << self.attempt.min(7);
        self.attempt += 1;
        let micros = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| u64::from(since.subsec_micros()) << 32 | u64::from(std::process::id()));
        tokio::time::sleep(Duration::from_micros(5_000 + spread(micros) % most)).await;
        Ok(())
    }
}

/// Mixes a number well (the finalizer of SplitMix64), so that neighbours wait differently.
fn spread(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
