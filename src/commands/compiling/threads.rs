//! Work on several flows at once, with stacks for deeply nested sources.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Result};

/// Stack for sources that nest as deeply as their length allows; untouched pages cost nothing.
const STACK: usize = 512 << 20;

/// More threads than this only get in each other's way at the disk.
const MAX_THREADS: usize = 8;

/// Runs the compiler where deeply nested expressions do not exhaust the stack.
pub(in crate::commands) fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| Error::project("the compiler cannot start a thread").because(error))?;
        thread.join().map_err(|_| stopped())
    })
}

/// `work` on every item, on all processors, results in the order of the items. To be called on a
/// large stack.
pub(in crate::commands) fn parallel<I: Sync, T: Send>(items: &[I], work: impl Fn(&I) -> T + Sync) -> Result<Vec<T>> {
    let threads = processors(items.len()).min(MAX_THREADS).min(items.len());
    if threads < 2 {
        return Ok(items.iter().map(work).collect());
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        while let Some((at, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
        {
            done.push((at, work(item)));
        }
        done
    };
    std::thread::scope(|scope| {
        let spawn = || std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        // Where no further thread can be had, fewer do the work.
        let helpers: Vec<_> = (1..threads).map_while(|_| spawn().ok()).collect();
        let mut done = run();
        for helper in helpers {
            done.extend(helper.join().map_err(|_| stopped())?);
        }
        done.sort_by_key(|(at, _)| *at);
        Ok(done.into_iter().map(|(_, result)| result).collect())
    })
}

/// The processors of this process. To ask costs reading several files, which one item is not worth.
fn processors(items: usize) -> usize {
    if items < 2 { 1 } else { std::thread::available_parallelism().map_or(1, usize::from) }
}

fn stopped() -> Error {
    Error::project("the compiler stopped on this source, which is a defect in it")
}
