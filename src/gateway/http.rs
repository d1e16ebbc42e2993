//! HTTP with a gateway: over the network, or through the cluster's API to a pod.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::tls::{self, Authorities};
use crate::cluster::{Cluster, Stream};
use crate::error::io_reason;
use crate::wire::SseReader;

/// How long a gateway may take to answer one question.
const ANSWER: Duration = Duration::from_secs(15);

/// How long the cluster has to say why a connection to a pod failed.
const REASON: Duration = Duration::from_millis(500);

/// The most that is read of an answer, in bytes.
const MOST: usize = 8 << 20;

/// Where a gateway is.
pub(super) enum Place<'a> {
    /// At a URL, with who vouches for it.
    Url(Uri, &'a Authorities),
    /// A port of a pod.
    Pod { cluster: &'a Cluster, namespace: &'a str, pod: String, port: u16 },
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// No connection, or it broke.
    Unreachable(String),
    /// An answer that does not help.
    Unhelpful(String),
    /// It will not be otherwise when asked again: a certificate, a token.
    Refused {
        reason: String,
        /// What the person can do.
        hint: String,
        /// It wants a key of its own making, which may be in a Secret.
        wants_key: bool,
    },
}

impl Failure {
    pub(super) fn reason(&self) -> &str {
        match self {
            Self::Unreachable(reason) | Self::Unhelpful(reason) | Self::Refused { reason, .. } => reason,
        }
    }

    pub(super) fn refused(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused { reason: reason.into(), hint: hint.into(), wants_key: false }
    }
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// The messages in it: the whole body, or the data of server-sent events.
    pub(super) messages: Vec<String>,
}

/// A client of one gateway. Connections are kept and made anew when they break.
pub(super) struct Http<'a> {
    place: Place<'a>,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl<'a> Http<'a> {
    pub(super) fn new(place: Place<'a>) -> Self {
        Self { place, sender: None }
    }

    /// Asks, and reads the answer up to the first message that `is_last` (to its end, when none
    /// is).
    pub(super) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: String,
        is_last: &dyn Fn(&str) -> bool,
    ) -> Result<Answer, Failure> {
        match tokio::time::timeout(ANSWER, self.exchange(method, path, headers, body, is_last)).await {
            Ok(answer) => answer,
            Err(_) => {
                self.sender = None;
                Err(Failure::Unreachable(format!("nothing came back within {} seconds", ANSWER.as_secs())))
            }
        }
    }

    async fn exchange(
        &mut self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: String,
        is_last: &dyn Fn(&str) -> bool,
    ) -> Result<Answer, Failure> {
        let (host, prefix) = match &self.place {
            Place::Url(uri, _) => (host_of(uri), uri.path()),
            Place::Pod { port, .. } => (format!("localhost:{port}"), ""),
        };
        let target = format!("{}{path}", prefix.trim_end_matches('/'));
        let at_url = matches!(self.place, Place::Url(..));
        let broken = |error: hyper::Error| match error.is_parse() && at_url {
            true => Failure::refused("it does not speak HTTP", "if it speaks TLS, begin `gateway_url` with `https://`"),
            false => Failure::Unreachable(error.to_string()),
        };
        let mut request = Request::builder().method(method).uri(target).header("Host", host);
        if let Some(all) = request.headers_mut() {
            all.extend(headers);
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| Failure::Unhelpful(format!("the question cannot be asked: {error}")))?;
        let mut kept = self.sender.take();
        if let Some(sender) = &mut kept
            && sender.ready().await.is_err()
        {
            kept = None;
        }
        let mut sender = match kept {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        let response = sender.send_request(request).await.map_err(broken)?;
        let (head, mut body) = response.into_parts();
        let kind = head.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let mut events = kind.starts_with("text/event-stream").then(SseReader::default);
        let mut text = Vec::new();
        let mut messages = Vec::new();
        let mut read = 0;
        while let Some(frame) = body.frame().await {
            let Ok(bytes) = frame.map_err(broken)?.into_data() else { continue };
            read += bytes.len();
            if read > MOST {
                return Err(Failure::Unhelpful(format!("the answer is longer than {} MiB", MOST >> 20)));
            }
            match &mut events {
                Some(reader) => messages.extend(reader.feed(&bytes)),
                None => text.extend_from_slice(&bytes),
            }
            if messages.iter().any(|message| is_last(message)) {
                // The stream may go on for ever; this connection is of no more use.
                return Ok(Answer { status: head.status.as_u16(), headers: head.headers, messages });
            }
        }
        if events.is_none() {
            messages.push(String::from_utf8_lossy(&text).into_owned());
        }
        self.sender = Some(sender);
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, messages })
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Failure> {
        match &self.place {
            Place::Url(uri, authorities) => {
                let stream = dial(uri, authorities).await?;
                shake_hands(stream).await
            }
            Place::Pod { cluster, namespace, pod, port } => {
                let tunnel = cluster.tunnel(namespace, pod, *port).await.map_err(|error| {
                    let cause = error.causes().last().map(|cause| format!(": {cause}")).unwrap_or_default();
                    Failure::Unreachable(format!("{}{cause}", error.message()))
                })?;
                let mut sender = shake_hands(tunnel.stream).await?;
                // A tunnel is there before the pod is reached; a refusal comes a little later.
                let refused = tokio::time::timeout(REASON, tunnel.refusal);
                tokio::select! {
                    biased;
                    said = refused => if let Ok(Some(said)) = said {
                        return Err(Failure::Unreachable(one_line(&said)));
                    },
                    ready = sender.ready() => ready.map_err(|error| Failure::Unreachable(error.to_string()))?,
                }
                Ok(sender)
            }
        }
    }
}

async fn shake_hands<S: Stream + 'static>(stream: S) -> Result<SendRequest<Full<Bytes>>, Failure> {
    let (sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| Failure::Unreachable(error.to_string()))?;
    tokio::spawn(async move {
        // What breaks here is said by the request that was under way.
        let _ = connection.await;
    });
    Ok(sender)
}

/// Host and port as the header has them: without a user.
fn host_of(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    uri.port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

async fn dial(uri: &Uri, authorities: &Authorities) -> Result<Box<dyn Stream>, Failure> {
    let correct = "correct `gateway_url` of the context";
    let host = uri.host().ok_or_else(|| Failure::refused("the URL names no host", correct))?;
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(Failure::refused(
            "the URL has a user or a password in it, which is not sent",
            "take it out of `gateway_url` of the context; a token goes into ASYA_GATEWAY_TOKEN",
        ));
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let secure = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let stream = TcpStream::connect((bare, port))
        .await
        .map_err(|error| Failure::Unreachable(format!("no connection to {bare}:{port}: {}", io_reason(&error))))?;
    // Without it the request waits for the other side to acknowledge the handshake; where it cannot be
    // set, it waits.
    let _ = stream.set_nodelay(true);
    Ok(match secure {
        true => Box::new(tls::connect(bare, stream, authorities).await?),
        false => Box::new(stream),
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
