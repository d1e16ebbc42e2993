//! `asya k port-forward`.

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::super::Status;
use super::doctor::text;
use super::place::Place;
use crate::cluster::{self, Cluster, Forward, Resource, Target, selector};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::gateway::{Detected, Sight};
use crate::names::ActorName;
use crate::settings::Settings;
use crate::ui::Ui;

/// Reach the gateway, or an actor's pod, on a port of this machine
///
/// Listens on 127.0.0.1 alone, until Ctrl-C. Each connection goes to a pod that is ready then.
#[derive(Debug, Args)]
pub(super) struct PortForwardArgs {
    /// The word `gateway`, or the name of an actor
    #[arg(value_name = "gateway|ACTOR", default_value = "gateway")]
    what: ActorName,
    /// Listen on this port; default: the pod's, else any that is free
    #[arg(short, long, value_name = "PORT")]
    port: Option<u16>,
    /// The pod's port; default: the first that its containers name
    #[arg(long, value_name = "PORT")]
    remote: Option<u16>,
}

/// What can be used now, version 1.
#[derive(Serialize)]
struct ForwardDocument {
    version: u32,
    address: String,
    namespace: String,
    pod: String,
    port: u16,
}

/// The gateway's port, where its Deployment does not say.
const GATEWAY_PORT: u16 = 8080;

pub(super) fn run(args: &PortForwardArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let place = Place::load(settings)?;
    let result = cluster::run(async {
        let cluster = place.connect(settings).await?;
        cluster.actor_shape().await?;
        let target = target(args, &place, &cluster).await?;
        let pod = cluster.ready_pod(&target.namespace, &target.selector).await?;
        let forward = match args.port {
            Some(port) => Forward::listen(port).await?,
            None => match Forward::listen(target.port).await {
                Ok(forward) => forward,
                Err(_) => Forward::listen(0).await?,
            },
        };
        let document = ForwardDocument {
            version: 1,
            address: forward.address.clone(),
            namespace: target.namespace.clone(),
            pod: pod.clone(),
            port: target.port,
        };
        ui.report(&document, |_| {
            format!(
                "http://{} reaches port {} of pod {}/{pod}; Ctrl-C ends it\n",
                document.address, document.port, document.namespace
            )
        });
        cluster.forward(forward, &target, &mut |event: Event| ui.event(event)).await
    });
    match result {
        Ok(()) => Ok(Status::Done),
        // How one stops it.
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(Status::Failed(ErrorKind::Interrupted)),
        Err(error) => Err(error),
    }
}

async fn target(args: &PortForwardArgs, place: &Place, cluster: &Cluster) -> Result<Target> {
    let namespaces = place.located(cluster);
    if args.what.as_str() != "gateway" {
        let labels = format!("asya.sh/actor={}", args.what);
        let pods = cluster.list(&Resource::pods(), &namespaces.actors, &labels).await?;
        let port = args.remote.or_else(|| pods.iter().find_map(|pod| first_port(pod.get("spec")?)));
        let Some(port) = port else {
            cluster.check_namespace(&namespaces.actors, "namespace").await?;
            return Err(match pods.is_empty() {
                true => {
                    Error::negative(format!("actor `{}` has no pods in namespace `{}`", args.what, namespaces.actors))
                        .because("scaled to zero, or not deployed")
                }
                false => Error::usage(format!("pods of actor `{}` name no ports", args.what))
                    .hint("name one with `--remote`"),
            });
        };
        return Ok(Target { namespace: namespaces.actors, selector: labels, port });
    }
    let sight = Sight::of(cluster, &namespaces.gateway, place.gateway()).await?;
    let gateway = match (&sight.detected, sight.gateway()) {
        (_, Some(gateway)) => gateway,
        (Detected::Several(found), _) => {
            let names: Vec<&str> = found.iter().map(|gateway| gateway.release.as_str()).collect();
            return Err(Error::cluster(format!("there are several gateways in namespace `{}`", namespaces.gateway))
                .because(format!("they are {}", names.join(", ")))
                .hint("name one: `gateway` of the context in `.asya/config.yaml`"));
        }
        _ => {
            cluster.check_namespace(&namespaces.gateway, "gateway_namespace").await?;
            return Err(Error::cluster(format!("there is no gateway in namespace `{}`", namespaces.gateway))
                .hint("set `gateway_namespace` of the context in `.asya/config.yaml`"));
        }
    };
    let deployment = sight.deployments.iter().find(|it| text(it, "/metadata/name") == gateway.deployment);
    let labels = deployment.and_then(selector).unwrap_or_default();
    let port = args.remote.or_else(|| first_port(deployment?.pointer("/spec/template/spec")?)).unwrap_or(GATEWAY_PORT);
    Ok(Target { namespace: namespaces.gateway, selector: labels, port })
}

/// The first port that a container names; of one called `http` rather than others.
fn first_port(pod: &Value) -> Option<u16> {
    let containers = pod.get("containers")?.as_array()?;
    let ports: Vec<&Value> =
        containers.iter().filter_map(|container| container.get("ports")?.as_array()).flatten().collect();
    let port = ports.iter().find(|port| text(port, "/name") == "http").or_else(|| ports.first())?;
    u16::try_from(port.get("containerPort")?.as_u64()?).ok()
}
