//! Which gateway of a namespace is meant, and the refusal when that is not clear.

use std::collections::BTreeMap;

use serde_json::Value;

use super::detect::{self, Detected, Gateway, detect};
use super::entry::name;
use super::environment;
use crate::cluster::{Cluster, Resource};
use crate::error::{Error, Result};
use crate::names::{counted, listed};

/// A gateway that is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// The gateway's namespace.
    pub namespace: &'a str,
    /// Helm release or Deployment, where there are several.
    pub gateway: Option<&'a str>,
    /// The context of the project, for hints.
    pub context: &'a str,
}

/// The Deployments of gateways in a namespace: by label, else by image.
pub(super) async fn deployments(cluster: &Cluster, namespace: &str) -> Result<Vec<Value>> {
    let labelled = cluster.list(&Resource::deployments(), namespace, &detect::selector()).await?;
    if !labelled.is_empty() {
        return Ok(labelled);
    }
    let all = cluster.list(&Resource::deployments(), namespace, "").await?;
    Ok(all.into_iter().filter(detect::runs_gateway_image).collect())
}

/// The one gateway that is meant. `why` begins the error when there is none; `tail` ends all.
pub(super) fn choose(deployments: &[Value], search: &Search<'_>, why: &str, tail: &str) -> Result<Gateway> {
    let Search { namespace, context, .. } = search;
    let names =
        |gateways: &[Gateway]| listed(&gateways.iter().map(|gateway| gateway.release.as_str()).collect::<Vec<_>>());
    match detect(deployments, search.gateway) {
        Detected::One(gateway) => Ok(gateway),
        Detected::None => Err(Error::cluster(format!("{why}there is no gateway in namespace `{namespace}`{tail}"))
            .because(
                "no Deployment there has the label `app.kubernetes.io/name=asya-gateway`, or an image `asya-gateway`",
            )),
        Detected::Several(found) => Err(Error::cluster(format!(
            "there are {} in namespace `{namespace}`: {}{tail}",
            counted(found.len(), "gateway"),
            names(&found)
        ))
        .hint(format!("choose one with `--gateway`, or set `contexts.{context}.gateway` in `.asya/config.yaml`"))),
        Detected::Unknown(found) => Err(Error::cluster(format!(
            "there is no gateway `{}` in namespace `{namespace}`{tail}",
            search.gateway.unwrap_or_default()
        ))
        .because(match found.as_slice() {
            [] => "there is no gateway at all".to_owned(),
            some => format!("there is {}", names(some)),
        })
        .hint(format!("change `--gateway`, or `contexts.{context}.gateway` in `.asya/config.yaml`"))),
    }
}

/// The Deployment of a gateway.
pub(super) fn deployment_of<'a>(deployments: &'a [Value], gateway: &Gateway) -> Option<&'a Value> {
    deployments.iter().find(|deployment| name(deployment) == gateway.deployment)
}

/// The variables of a gateway's containers, as far as the user may see them.
pub(super) async fn variables(
    cluster: &Cluster,
    namespace: &str,
    deployment: &Value,
) -> Result<BTreeMap<String, Option<String>>> {
    let mut config_maps = BTreeMap::new();
    for wanted in environment::config_maps(deployment) {
        if let Some(object) = cluster.get_visible(&Resource::config_maps(), namespace, &wanted).await? {
            config_maps.insert(wanted, object);
        }
    }
    Ok(environment::variables(deployment, &config_maps))
}
