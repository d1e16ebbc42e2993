//! One request and its answer, repeated where repeating can help.
//!
//! Every request this room sends may be sent twice: reads and reviews change nothing, an apply
//! of the same object is the same apply, and patches and deletions are guarded by what was read.

use std::io::ErrorKind;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use kube::client::Body;
use kube::core::Status;
use serde::de::DeserializeOwned;

use super::Cluster;

/// How often a request is sent before its failure is the answer.
const ATTEMPTS: u32 = 7;

/// The pause before the second attempt; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// After this time no further attempt is begun.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of one attempt.
struct Failure {
    error: kube::Error,
    /// When the server wants to be asked again.
    retry_after: Option<Duration>,
}

impl Cluster {
    /// Sends a request and reads the answer. Overload (429), failures of the server (500, 502,
    /// 503, 504), races inside the server (409 without a reason of ours) and broken connections
    /// or bodies are tried again, a few times over some seconds, or when the server says. Credentials
    /// that are not accepted any more (401) are obtained anew once, where that can be.
    pub(super) async fn exchange<T: DeserializeOwned>(&self, request: Request<Vec<u8>>) -> kube::Result<T> {
        let started = Instant::now();
        let mut attempt = 0;
        let mut renewed = false;
        loop {
            attempt += 1;
            let (client, credentials) = self.credentials.client();
            let failure = match self.once(&client, request.clone()).await {
                Ok(answer) => {
                    self.credentials.accepted(credentials);
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            match &failure.error {
                kube::Error::Api(status) if status.code == 401 => {
                    let another = !renewed && self.credentials.renew(credentials).await?;
                    if !another {
                        return Err(failure.error);
                    }
                    renewed = true;
                    continue;
                }
                // Who it is was settled before it was looked at.
                kube::Error::Api(status) if matches!(status.code, 403 | 404 | 409 | 422) => {
                    self.credentials.accepted(credentials);
                }
                _ => {}
            }
            let is_last = attempt == ATTEMPTS || started.elapsed() > PATIENCE;
            if is_last || !self.is_worth_repeating(&request, &failure.error) {
                return Err(failure.error);
            }
            let pause = FIRST_PAUSE.saturating_mul(1 << (attempt - 1)) + jitter();
            tokio::time::sleep(failure.retry_after.unwrap_or_default().min(LONGEST_PAUSE).max(pause)).await;
        }
    }

    /// What `ask` answers with a client; asked again with new credentials where the ones before are not
    /// accepted any more and others can be had.
    pub(super) async fn renewing<T>(&self, ask: impl AsyncFn(kube::Client) -> kube::Result<T>) -> kube::Result<T> {
        let (client, credentials) = self.credentials.client();
        match ask(client).await {
            Err(error) if is_unauthorized(&error) => match self.credentials.renew(credentials).await? {
                true => ask(self.credentials.client().0).await,
                false => Err(error),
            },
            answer => {
                if answer.is_ok() {
                    self.credentials.accepted(credentials);
                }
                answer
            }
        }
    }

    async fn once<T: DeserializeOwned>(&self, client: &kube::Client, request: Request<Vec<u8>>) -> Result<T, Failure> {
        let broken = |error| Failure { error, retry_after: None };
        let response: Response<Body> = client.send(request.map(Body::from)).await.map_err(broken)?;
        self.answered.store(true, Ordering::Relaxed);
        let (status, asked) = (response.status(), retry_after(response.headers()));
        let body = response.into_body().collect_bytes().await.map_err(broken)?;
        if !status.is_client_error() && !status.is_server_error() {
            return serde_json::from_slice(&body).map_err(|error| broken(kube::Error::SerdeError(error)));
        }
        let said = said(status, &body);
        let in_body = said.details.as_ref().map(|details| u64::from(details.retry_after_seconds));
        let retry_after = asked.or(in_body.filter(|seconds| *seconds > 0).map(Duration::from_secs));
        Err(Failure { error: kube::Error::Api(said.boxed()), retry_after })
    }

    fn is_worth_repeating(&self, request: &Request<Vec<u8>>, error: &kube::Error) -> bool {
        match error {
            kube::Error::Api(status) => match status.code {
                // So it calls what is wrong with the object itself.
                500 if status.message.contains("typed patch object") => false,
                429 | 500 | 502 | 503 | 504 => true,
                // Guarded requests: what was read is no longer so, and has to be read again.
                409 if is_guarded(request) => false,
                409 => !is_conflict_of_managers(status),
                _ => false,
            },
            kube::Error::Auth(_) => false,
            // A server that was never there will not be in a second.
            _ => self.answered.load(Ordering::Relaxed) || is_cut_off(error),
        }
    }
}

/// Whether the server does not accept the credentials.
pub(super) fn is_unauthorized(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 401)
}

/// What a server said that refused: its `Status`, or what a proxy before it answered.
fn said(status: StatusCode, body: &[u8]) -> Status {
    match serde_json::from_slice::<Status>(body) {
        Ok(said) if said.code != 0 => said,
        _ => {
            let text = String::from_utf8_lossy(body);
            let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('<'));
            let reason = status.canonical_reason().unwrap_or_default();
            Status::failure(first.unwrap_or(reason), reason).with_code(status.as_u16())
        }
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// Whether the request names the version it is meant for.
fn is_guarded(request: &Request<Vec<u8>>) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    request.method() == Method::DELETE
        || content_type == Some("application/json-patch+json")
        || request.extensions().get::<Guarded>().is_some()
}

/// Marks a request whose body names the version it is meant for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guarded;

fn is_conflict_of_managers(status: &Status) -> bool {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes.into_iter().any(|cause| cause.reason == "FieldManagerConflict")
}

/// Whether a connection was there and broke.
fn is_cut_off(error: &(dyn std::error::Error + 'static)) -> bool {
    let kinds = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe, ErrorKind::UnexpectedEof];
    let io = error.downcast_ref::<std::io::Error>().is_some_and(|error| kinds.contains(&error.kind()));
    // What hyper says of it, whose own type is behind the client's.
    let said = error.source().is_none() && error.to_string().contains("before message completed");
    io || said || error.source().is_some_and(is_cut_off)
}

/// A little that differs between processes, so that they do not come back together.
pub(super) fn jitter() -> Duration {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| u64::from(since.subsec_nanos()) / 1000 + u64::from(std::process::id()));
    Duration::from_millis(nanos % 50)
}
