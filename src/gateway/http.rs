//! HTTP with a gateway: over the network, or through the cluster's API to a pod.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;

use crate::cluster::{Cluster, Stream};
use crate::wire::SseReader;

/// How long a gateway may take to answer one question.
const ANSWER: Duration = Duration::from_secs(15);

/// How long the cluster has to say why a connection to a pod failed.
const REASON: Duration = Duration::from_millis(500);

/// The most that is read of an answer, in bytes.
const MOST: usize = 8 << 20;

/// Where a gateway is.
pub(super) enum Place<'a> {
    /// At a URL.
    Url(Uri),
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
}

impl Failure {
    pub(super) fn reason(&self) -> &str {
        match self {
            Self::Unreachable(reason) | Self::Unhelpful(reason) => reason,
        }
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
            Place::Url(uri) => (uri.authority().map_or("", |all| all.as_str()).to_owned(), uri.path()),
            Place::Pod { port, .. } => (format!("localhost:{port}"), ""),
        };
        let target = format!("{}{path}", prefix.trim_end_matches('/'));
        let broken = |error: hyper::Error| Failure::Unreachable(error.to_string());
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
            Place::Url(uri) => {
                let stream = dial(uri).await.map_err(Failure::Unreachable)?;
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

async fn dial(uri: &Uri) -> Result<Box<dyn Stream>, String> {
    let host = uri.host().ok_or("the URL names no host")?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let secure = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let stream = TcpStream::connect((bare, port)).await.map_err(|error| crate::error::io_reason(&error))?;
    if !secure {
        return Ok(Box::new(stream));
    }
    let name = rustls::pki_types::ServerName::try_from(bare.to_owned()).map_err(|error| error.to_string())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map_err(|error| error.to_string())?
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = connector.connect(name, stream).await.map_err(|error| crate::error::io_reason(&error))?;
    Ok(Box::new(stream))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
