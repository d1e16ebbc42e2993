//! A port of a pod on this machine, for this machine alone.

use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use serde_json::Value;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use super::{Cluster, Resource, Tunnel};
use crate::error::{Error, Result, io_reason};
use crate::event::{Event, Events};

/// A listening port.
pub struct Forward {
    listener: TcpListener,
    /// Where it listens: `127.0.0.1:8080`.
    pub address: String,
}

/// What is reached through a port.
#[derive(Debug, Clone)]
pub struct Target {
    /// Namespace of the pods.
    pub namespace: String,
    /// Label selector of the pods; a ready one is chosen for every connection.
    pub selector: String,
    /// The pod's port.
    pub port: u16,
}

impl Forward {
    /// Listens on loopback; port 0 is any free one.
    pub async fn listen(port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| {
            Error::cluster(format!("port {port} of this machine cannot be used"))
                .because(io_reason(&error))
                .hint("choose another with `--port`")
        })?;
        let address = listener.local_addr().map(|address| address.to_string()).unwrap_or_default();
        Ok(Self { listener, address })
    }
}

impl Cluster {
    /// A ready pod; an error when there is none.
    pub async fn ready_pod(&self, namespace: &str, selector: &str) -> Result<String> {
        let pods = self.list(&Resource::pods(), namespace, selector).await?;
        let is_ready = |pod: &&Value| {
            pod.pointer("/metadata/deletionTimestamp").is_none() && super::containers::not_ready(pod).is_none()
        };
        let name = |pod: &Value| pod.pointer("/metadata/name").and_then(Value::as_str).map(str::to_owned);
        match pods.iter().find(is_ready).and_then(name) {
            Some(name) => Ok(name),
            None if pods.is_empty() => {
                Err(Error::negative(format!("there are no pods with `{selector}` in namespace `{namespace}`"))
                    .because("scaled to zero, or not deployed"))
            }
            None => Err(Error::negative(format!("no pod with `{selector}` in namespace `{namespace}` is ready"))),
        }
    }

    /// Serves every connection of `forward` until it is dropped. A connection that fails is told
    /// and ends alone.
    pub async fn forward(&self, forward: Forward, target: &Target, events: Events<'_>) -> Result<()> {
        let mut connections = FuturesUnordered::new();
        loop {
            tokio::select! {
                accepted = forward.listener.accept() => match accepted {
                    Ok((stream, _)) => connections.push(self.serve(stream, target).boxed_local()),
                    Err(error) => events(Event::Note(format!("a connection was not accepted: {}", io_reason(&error)))),
                },
                Some(ended) = connections.next() => if let Err(error) = ended {
                    events(Event::Warning {
                        message: format!("a connection failed: {error}"),
                        hint: error.hints().first().cloned(),
                    });
                },
            }
        }
    }

    async fn serve(&self, mut stream: TcpStream, target: &Target) -> Result<()> {
        let Target { namespace, selector, port } = target;
        let pod = self.ready_pod(namespace, selector).await?;
        let Tunnel { stream: mut remote, refusal } = self.tunnel(namespace, &pod, *port).await?;
        let copied = copy_bidirectional(&mut stream, &mut remote).await;
        drop(remote);
        // What the kubelet says about it comes on a channel of its own.
        if let Some(Some(reason)) = refusal.now_or_never() {
            let what = format!("port {port} of pod {namespace}/{pod}");
            return Err(Error::cluster(format!("{what} cannot be reached")).because(reason.trim()));
        }
        match copied {
            // Either side hanging up in the middle is its own business.
            Ok(_) | Err(_) => Ok(()),
        }
    }
}
