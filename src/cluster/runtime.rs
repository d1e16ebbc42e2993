//! The runtime of commands that talk to a cluster. Others never start one.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::future::Either;

use crate::error::{Error, ErrorKind, Result};
use crate::interrupt;

/// How often Ctrl-C is looked for: quick for a person, nothing for a processor.
const INTERRUPT_POLL: Duration = Duration::from_millis(50);

/// Runs `work` to its end on a single thread. Ctrl-C drops the work and answers an error of kind
/// `Interrupted`: every single write to the cluster is whole or did not happen.
pub fn run<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::cluster("the network cannot be used").because(crate::error::io_reason(&error)))?;
    let result = runtime.block_on(async {
        tokio::select! {
            biased;
            () = interrupted() => Err(Error::new(ErrorKind::Interrupted, "interrupted")
                .hint("run the same command again; it continues where this one stopped")),
            result = work => result,
        }
    });
    // Open connections must not hold the process.
    runtime.shutdown_background();
    result
}

/// Both at once. Of two failures it is always that of `first` which is told, and without waiting for
/// `second`.
pub async fn beside<A, B>(
    first: impl Future<Output = Result<A>>,
    second: impl Future<Output = Result<B>>,
) -> Result<(A, B)> {
    match futures::future::select(pin!(first), pin!(second)).await {
        Either::Left((first, second)) => Ok((first?, second.await?)),
        Either::Right((second, first)) => Ok((first.await?, second?)),
    }
}

async fn interrupted() {
    while !interrupt::requested() {
        tokio::time::sleep(INTERRUPT_POLL).await;
    }
}
