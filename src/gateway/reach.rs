//! Whether a gateway can send to the actors of a flow at all.

use serde_json::Value;

use super::choose;
use super::detect::Gateway;
use super::environment;
use super::plan::Wanted;
use crate::cluster::Cluster;
use crate::error::{Error, Result};

/// The gateway must send to the queue that the actors read, and on queues whose names carry the
/// namespace it reaches only its own.
pub(super) async fn check_queue(
    cluster: &Cluster,
    gateway: &Gateway,
    deployment: &Value,
    wanted: &Wanted<'_>,
) -> Result<()> {
    let variables = choose::variables(cluster, wanted.namespace, deployment).await?;
    let Gateway { deployment, .. } = gateway;
    let (namespace, queue) = (wanted.actors_namespace, wanted.queue);
    let refused = |because: String| {
        Error::cluster(format!(
            "gateway `{deployment}` cannot reach actors in namespace `{namespace}`; nothing was written"
        ))
        .because(because)
    };
    match environment::queue(&variables) {
        Some(other) if other != queue => {
            return Err(refused(format!(
                "it sends over {}, and this project's actors read from {}",
                other.name(),
                queue.name()
            ))
            .hint(
                "set `platform.transport` in `.asya/config.yaml` to what the cluster has, or choose another gateway",
            ));
        }
        _ => {}
    }
    let sends_to = variables.get("ASYA_NAMESPACE").and_then(Option::as_deref).unwrap_or(wanted.namespace);
    if !queue.carries_namespace() || sends_to == namespace {
        return Ok(());
    }
    Err(refused(format!(
        "on {} the names of queues carry the namespace, and this gateway sends to `{sends_to}`",
        queue.name()
    ))
    .hint(format!(
        "deploy the actors to `{sends_to}`, or set `platform.transport` in `.asya/config.yaml` if the queue is another one"
    )))
}
