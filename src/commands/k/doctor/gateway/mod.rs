//! Checks of the gateway: what its pods refer to, its database, who may call it, whom it reaches.

mod callers;
mod database;
mod deployment;
mod doors;
mod policies;
mod reach;

use serde_json::{Value, json};

use super::actors;
use super::check::Check;
use super::known::Id;
use super::references::{containers, list, text, variable};
use super::resolved;
use super::ward::Ward;
use crate::cluster::{Look, Resource};
use crate::error::Result;
use crate::project::Transport;

/// The gateway as its Deployments describe it.
struct Pods {
    /// Names of Deployments and their pod templates, with variables of whole Secrets and ConfigMaps
    /// written out.
    templates: Vec<(String, Value)>,
    /// One Deployment with adapters, which has no halves and no database of its own.
    split: bool,
    /// Agents and actors are served by different pods.
    halves: bool,
}

/// `deployments` are those of the gateway: one, or the halves for agents and for actors.
/// `has_skills`: agents are shown skills on a card.
pub(super) async fn run(ward: &Ward<'_>, deployments: &[Value], has_skills: bool, out: &mut Vec<Check>) -> Result<()> {
    if deployments.is_empty() {
        let finding = match ward.cluster.check_namespace(&ward.gateway, "gateway_namespace").await {
            Ok(()) => format!("there is none in namespace `{}`", ward.gateway),
            Err(error) => error.message().to_owned(),
        };
        out.push(Check::skip(Id::C50, "gateway", finding));
        return Ok(());
    }
    let deployments = &with_mesh(ward, deployments).await?;
    let mut templates: Vec<(String, Value)> = deployments
        .iter()
        .filter_map(|it| Some((text(it, "/metadata/name").to_owned(), it.pointer("/spec/template/spec")?.clone())))
        .collect();
    resolved::run(Id::C50, ward, &ward.gateway, &templates, out).await?;
    for (_, pod) in &mut templates {
        write_out(ward, pod).await?;
    }
    let split = templates.iter().flat_map(|(_, pod)| containers(pod)).any(is_adapter);
    let halves = templates.len() > 1 || templates.iter().any(|(_, pod)| matches!(mode(pod), "api" | "mesh"));
    let pods = Pods { templates, split, halves: halves && !split };
    deployment::modes(ward, &pods, out);
    deployment::flows(ward, &pods, out);
    stuck(ward, deployments, out).await?;
    database::run(ward, &pods, out).await?;
    callers::run(ward, &pods, out).await?;
    deployment::callers(ward, &pods, out);
    deployment::address(ward, &pods, has_skills, out);
    doors::outside(ward, deployments, out).await;
    doors::inside(ward, deployments, out).await;
    if ward.uses(Transport::Sqs) || ward.uses(Transport::Pubsub) {
        reach::identity(ward, &pods, out).await?;
        reach::queues(ward, &pods, out);
    }
    reach::back_channel(ward, &pods, out).await
}

/// The gateway's Deployments with the half for actors, which may be a release of its own.
async fn with_mesh(ward: &Ward<'_>, deployments: &[Value]) -> Result<Vec<Value>> {
    let mut all = deployments.to_vec();
    let serves_actors = |it: &Value| it.pointer("/spec/template/spec").is_some_and(|pod| mode(pod) == "mesh");
    let with_label = ward.look_all(&Resource::deployments(), &ward.gateway, GATEWAYS).await;
    if let Look::Seen(found) = with_label
        && !all.iter().any(serves_actors)
    {
        all.extend(found.into_iter().filter(serves_actors));
    }
    Ok(all)
}

/// What the platform's charts label gateways with.
const GATEWAYS: &str = "app.kubernetes.io/name=asya-gateway";

/// The routes that a gateway's pod has: `api`, `mesh`, `testing`; empty where it does not say.
fn mode(pod: &Value) -> &str {
    containers(pod)
        .find_map(|it| variable(it, "ASYA_GATEWAY_MODE"))
        .map(|entry| text(entry, "/value"))
        .unwrap_or_default()
}

fn is_adapter(container: &Value) -> bool {
    ["mesh-api", "mcp-adapter", "a2a-adapter"].contains(&text(container, "/name"))
}

/// Adds what containers get of whole Secrets and ConfigMaps as variables of their own. What may not
/// be read is told with everything that pods refer to.
async fn write_out(ward: &Ward<'_>, pod: &mut Value) -> Result<()> {
    for part in ["initContainers", "containers"] {
        for container in pod.get_mut(part).and_then(Value::as_array_mut).into_iter().flatten() {
            let mut found = Vec::new();
            for source in list(container, "/envFrom") {
                let prefix = text(source, "/prefix");
                let (secret, map) = (text(source, "/secretRef/name"), text(source, "/configMapRef/name"));
                let (resource, name) = match secret {
                    "" => (Resource::config_maps(), map),
                    secret => (Resource::secrets(), secret),
                };
                if name.is_empty() {
                    continue;
                }
                let Look::Seen(Some(object)) = ward.look(&resource, &ward.gateway, name).await else {
                    continue;
                };
                for (key, value) in object.get("data").and_then(Value::as_object).into_iter().flatten() {
                    let variable = format!("{prefix}{key}");
                    found.push(match secret {
                        "" => json!({"name": variable, "value": value}),
                        _ => json!({"name": variable, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}),
                    });
                }
            }
            if let Some(container) = container.as_object_mut() {
                let mut own = match container.remove("env") {
                    Some(Value::Array(own)) => own,
                    _ => Vec::new(),
                };
                // Of one name, the container's own variable counts.
                own.extend(found);
                container.insert("env".to_owned(), Value::Array(own));
            }
        }
    }
    Ok(())
}

/// Pods that do not start, and what is known to keep gateways from it.
async fn stuck(ward: &Ward<'_>, deployments: &[Value], out: &mut Vec<Check>) -> Result<()> {
    let mut found = Vec::new();
    for deployment in deployments {
        let labels = deployment.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
        let selector: Vec<String> =
            labels.into_iter().flatten().filter_map(|(key, it)| Some(format!("{key}={}", it.as_str()?))).collect();
        match ward.look_all(&Resource::pods(), &ward.gateway, &selector.join(",")).await {
            Look::Seen(pods) => found.extend(pods),
            Look::Unseen(what) => {
                out.push(Check::unseen(Id::C42, format!("pods of the gateway in {}", ward.gateway), &what));
                return Ok(());
            }
        }
    }
    let problems: Vec<_> = found.iter().filter_map(crate::cluster::problem).collect();
    for problem in &problems {
        let subject = format!("Pod {}/{}", ward.gateway, problem.pod);
        let words = match problem.ran {
            true => ward.cluster.last_words(&ward.gateway, &problem.pod, &problem.container, 50).await,
            false => String::new(),
        };
        out.push(match words {
            words if words.contains("password authentication failed") => Check::fail(
                Id::P4,
                subject,
                "the database refuses the password: it keeps the one it was first started with",
            )
            .fix("in the database's pod: ALTER USER asya WITH PASSWORD '…'"),
            words if words.contains("OAuth 2.1 requires PostgreSQL") => {
                Check::fail(Id::P11, subject, "it ends because OAuth is on and it has no database")
                    .fix("set `externalDatabase` in the values of the chart `asya-gateway`, or switch OAuth off")
            }
            _ => actors::stuck(&ward.gateway, problem),
        });
    }
    if problems.is_empty() && !found.is_empty() {
        out.push(Check::ok(
            Id::C42,
            format!("pods of the gateway in {}", ward.gateway),
            format!("none of {} is stuck", found.len()),
        ));
    }
    Ok(())
}

impl Pods {
    fn variables<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        self.templates
            .iter()
            .flat_map(|(_, pod)| containers(pod))
            .filter_map(move |container| variable(container, name))
    }

    /// Where a variable's value comes from: a Secret and its key.
    fn secret_of(&self, name: &str) -> Option<(String, String)> {
        let reference = self.variables(name).find_map(|entry| entry.pointer("/valueFrom/secretKeyRef").cloned())?;
        Some((text(&reference, "/name").to_owned(), text(&reference, "/key").to_owned()))
    }

    /// A variable that is given as text.
    fn value_of(&self, name: &str) -> Option<String> {
        let value = self.variables(name).find_map(|entry| entry.get("value")?.as_str().map(str::to_owned));
        value.filter(|value| !value.is_empty())
    }

    /// Whether a variable is given at all, but as empty text.
    fn has(&self, name: &str) -> bool {
        self.variables(name).any(|entry| entry.get("valueFrom").is_some() || !text(entry, "/value").is_empty())
    }
}
