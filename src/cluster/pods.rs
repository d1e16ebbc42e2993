//! Pods: the last lines they logged, and a connection to one of their ports.

use futures::future::BoxFuture;
use http::Request;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use tokio::io::{AsyncRead, AsyncWrite};

use super::exchange::is_unauthorized;
use super::failure::{self, Doing};
use super::request::{encoded, is_forbidden, segment};
use super::{Cluster, Resource};
use crate::error::{Error, Result};

/// A connection through the cluster's API to a port of a pod.
pub struct Tunnel {
    /// What goes in and comes out.
    pub stream: Box<dyn Stream>,
    /// What the cluster says when it cannot connect; never resolves to anything when it can.
    pub refusal: BoxFuture<'static, Option<String>>,
}

/// Bytes in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Cluster {
    /// The last `lines` lines of a container; of the one that ended before, when `previous`.
    /// `None` when there is no such container or nothing was kept; the inner result holds the refusal
    /// where the user may not look.
    pub async fn last_lines(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        lines: u32,
        previous: bool,
    ) -> Result<Result<Option<String>>> {
        let what = format!("the log of Pod {namespace}/{pod}");
        let doing = Doing { verb: "read", what: &what };
        let path = format!(
            "{}/{}/log?container={}&tailLines={lines}&previous={previous}",
            Resource::pods().path(namespace),
            segment(pod)?,
            encoded(container)
        );
        let request = self.request(&doing, Request::get(path), None)?;
        match self.renewing(async |client| client.request_text(request.clone()).await).await {
            Ok(text) => Ok(Ok(Some(text))),
            Err(error @ kube::Error::Api(_)) if is_forbidden(&error) => Ok(Err(failure::explain(self, &doing, &error))),
            Err(kube::Error::Api(_)) => Ok(Ok(None)),
            Err(error) => Err(failure::explain(self, &doing, &error)),
        }
    }

    /// Connects to a port of a pod, as `kubectl port-forward` does.
    pub async fn tunnel(&self, namespace: &str, pod: &str, port: u16) -> Result<Tunnel> {
        let what = format!("port {port} of Pod {namespace}/{pod}");
        let doing = Doing { verb: "forward to", what: &what };
        let pod = segment(pod)?;
        let credentials = self.credentials.client().1;
        let begin = async || {
            let pods: Api<Pod> = Api::namespaced(self.patient().await?, namespace);
            Ok::<_, Error>(pods.portforward(pod, &[port]).await)
        };
        let mut begun = begin().await?;
        if let Err(error) = &begun
            && is_unauthorized(error)
            && self.credentials.renew(credentials).await.unwrap_or(false)
        {
            begun = begin().await?;
        }
        let mut forwarder = match begun {
            Ok(forwarder) => forwarder,
            // Newer servers want two permissions, and do not say which the second is.
            Err(kube::Error::Api(status)) if status.code == 403 && !failure::is_about_permissions(&status) => {
                return Err(Error::cluster(format!(
                    "user `{}` may not create {} in namespace `{namespace}`",
                    self.user(),
                    Resource::port_forward().plural
                ))
                .because(format!("the cluster answered 403 Forbidden to: forward to {what}")));
            }
            Err(error) => return Err(failure::explain(self, &doing, &error)),
        };
        let Some(stream) = forwarder.take_stream(port) else {
            return Err(Error::cluster(format!("cannot forward to {what}")));
        };
        let said = forwarder.take_error(port);
        let refusal = Box::pin(async move {
            match said {
                Some(said) => said.await,
                None => None,
            }
        });
        Ok(Tunnel { stream: Box::new(stream), refusal })
    }
}
