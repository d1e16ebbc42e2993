//! Answers that come bit by bit, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc;

use super::calls::Waiting;

/// How often a silent stream says that it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// One event of a stream.
pub(super) struct Said {
    /// Its type; nothing means `message`.
    pub(super) event: Option<&'static str>,
    pub(super) data: String,
}

impl From<String> for Said {
    fn from(data: String) -> Self {
        Self { event: None, data }
    }
}

/// Where the events of a stream are put in.
pub(super) type Mouth = mpsc::UnboundedSender<Said>;

/// A stream that ends when its mouth is dropped. A call that waits for it is given up when the client
/// goes away before that.
pub(super) fn stream(waiting: Option<Waiting>) -> (Mouth, Response) {
    let (mouth, ear) = mpsc::unbounded_channel::<Said>();
    let events = futures::stream::unfold((ear, waiting), |(mut ear, waiting)| async move {
        match ear.recv().await {
            Some(Said { event, data }) => {
                let said = Event::default().data(data);
                let said = match event {
                    Some(kind) => said.event(kind),
                    None => said,
                };
                Some((Ok::<_, Infallible>(said), (ear, waiting)))
            }
            None => {
                if let Some(waiting) = waiting {
                    waiting.over();
                }
                None
            }
        }
    });
    let response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    (mouth, response)
}
