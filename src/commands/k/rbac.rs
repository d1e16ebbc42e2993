//! `asya k rbac`.

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::Value;

use super::super::Status;
use super::target::{Namespaces, Target, load};
use crate::cluster::{self, Access, Cluster, Connect, Resource, Resources, Subject};
use crate::error::Result;
use crate::event::Event;
use crate::gateway::Sight;
use crate::kustomize::Object;
use crate::names::FlowName;
use crate::settings::Settings;
use crate::ui::Ui;
use crate::yaml::write_ordered;

/// Print the Roles that working on a flow takes
///
/// The fewest rules, as YAML for `kubectl apply -f -`: one Role for each namespace, and a
/// ClusterRole where the flow has objects without one. Nothing is written to the cluster.
#[derive(Debug, Args)]
pub(super) struct RbacArgs {
    /// The flow
    flow: FlowName,
    /// What shall be allowed
    #[arg(long = "for", value_enum, value_name = "WORK", value_delimiter = ',', default_value = "apply")]
    works: Vec<Work>,
    /// Bind the Roles too: user:NAME, group:NAME or serviceaccount:NAMESPACE/NAME
    #[arg(long, value_name = "SUBJECT", value_parser = subject)]
    subject: Option<Subject>,
}

/// Something that people do with a flow in a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Work {
    /// asya k apply, diff, delete, also with --wait
    Apply,
    /// asya k status, wait, logs, events
    Look,
    /// asya k port-forward
    PortForward,
    /// asya k secret
    Secret,
}

/// The result, version 1.
#[derive(Serialize)]
struct RbacDocument {
    version: u32,
    flow: String,
    objects: Vec<Value>,
}

pub(super) fn run(args: &RbacArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let target = load(&args.flow, settings, ui)?;
    let wanted = cluster::run(wanted(args, settings, &target, ui))?;
    let name = format!("asya-flow-{}", args.flow);
    let objects = cluster::roles(&name, &wanted, args.subject.as_ref());
    let document = RbacDocument { version: 1, flow: args.flow.to_string(), objects };
    ui.report(&document, |_| {
        let documents: Vec<String> = document.objects.iter().map(write_ordered).collect();
        documents.join("---\n")
    });
    Ok(Status::Done)
}

async fn wanted(args: &RbacArgs, settings: &Settings, target: &Target, ui: &mut Ui) -> Result<Vec<Access>> {
    let environment = |name: &str| settings.environment.get(name).map(str::to_owned);
    let cluster = Cluster::connect(Connect { context: target.kubectl_context(), environment: &environment }).await?;
    let namespaces = target.namespaces(cluster.namespace())?;
    let (entries, objects) = target.split(&namespaces);
    let resources = Resources::discover(&cluster, &objects).await?;
    let works: BTreeSet<Work> = args.works.iter().copied().collect();
    let mut wanted = Vec::new();
    for work in works {
        match work {
            Work::Apply => {
                wanted.extend(objects_of(&objects, &resources, &namespaces, APPLY));
                // What was applied is written down there.
                wanted.extend(APPLY.iter().map(|verb| Access::any(verb, &Resource::config_maps(), &namespaces.actors)));
                wanted.extend(watching(&namespaces.actors));
                wanted.extend(gateway(&cluster, target, &namespaces, !entries.is_empty(), ui).await);
            }
            Work::Look => {
                wanted.extend(objects_of(&objects, &resources, &namespaces, &["get", "list"]));
                wanted.extend(watching(&namespaces.actors));
                wanted.push(Access::any("list", &Resource::events(), &namespaces.actors));
                for verb in ["get", "list"] {
                    wanted.push(Access::any(verb, &Resource::deployments(), &namespaces.gateway));
                    wanted.push(Access::any(verb, &Resource::config_maps(), &namespaces.gateway));
                }
            }
            Work::PortForward => {
                for namespace in [&namespaces.actors, &namespaces.gateway] {
                    wanted.push(Access::any("list", &Resource::pods(), namespace));
                    wanted.extend(forwarding(namespace));
                }
                wanted.push(Access::any("list", &Resource::deployments(), &namespaces.gateway));
            }
            Work::Secret => {
                for verb in ["get", "list", "create", "patch"] {
                    wanted.push(Access::any(verb, &Resource::secrets(), &namespaces.actors));
                }
                wanted.push(Access::any("list", &Resource::actors(), &namespaces.actors));
            }
        }
    }
    Ok(wanted)
}

/// Server-side apply is `patch`, and `create` where there is nothing; what a flow no longer has is
/// found with `list` and deleted.
const APPLY: &[&str] = &["get", "list", "create", "patch", "delete"];

fn objects_of(
    objects: &[Object],
    resources: &Resources,
    namespaces: &Namespaces,
    verbs: &'static [&'static str],
) -> Vec<Access> {
    let of = |object: &Object| {
        let namespace = object.namespace().unwrap_or(&namespaces.actors).to_owned();
        let resource = resources.of(object).cloned();
        resource.into_iter().flat_map(move |resource| {
            let namespace = namespace.clone();
            verbs.iter().map(move |verb| Access::any(verb, &resource, &namespace))
        })
    };
    objects.iter().flat_map(of).collect()
}

/// What waiting and looking need: actors, their Deployments and pods, the last words of the broken.
fn watching(namespace: &str) -> Vec<Access> {
    let mut access = Vec::new();
    for resource in [Resource::actors(), Resource::deployments(), Resource::pods()] {
        for verb in ["list", "watch"] {
            access.push(Access::any(verb, &resource, namespace));
        }
    }
    access.push(Access::any("get", &Resource::pod_logs(), namespace));
    access
}

/// A WebSocket is a `get` to older servers and a `create` to newer ones.
fn forwarding(namespace: &str) -> [Access; 2] {
    ["get", "create"].map(|verb| Access::any(verb, &Resource::port_forward(), namespace))
}

async fn gateway(
    cluster: &Cluster,
    target: &Target,
    namespaces: &Namespaces,
    exposed: bool,
    ui: &mut Ui,
) -> Vec<Access> {
    let namespace = &namespaces.gateway;
    let mut access = vec![Access::any("list", &Resource::config_maps(), namespace)];
    if !exposed {
        return access;
    }
    for verb in ["get", "create", "patch", "delete"] {
        access.push(Access::any(verb, &Resource::config_maps(), namespace));
    }
    for verb in ["get", "list", "watch"] {
        access.push(Access::any(verb, &Resource::deployments(), namespace));
    }
    for verb in ["list", "watch"] {
        access.push(Access::any(verb, &Resource::pods(), namespace));
    }
    access.push(Access::any("get", &Resource::pod_logs(), namespace));
    // The gateway is asked through one of its pods.
    access.extend(forwarding(namespace));
    let seen = Sight::of(cluster, namespace, target.gateway()).await.ok();
    match seen.as_ref().and_then(Sight::gateway) {
        Some(gateway) => {
            access.push(Access::of("patch", &Resource::deployments(), namespace, &gateway.deployment));
        }
        None => {
            ui.event(Event::Note(format!(
                "which Deployment of namespace `{namespace}` is the gateway cannot be seen: the Role allows to patch all"
            )));
            access.push(Access::any("patch", &Resource::deployments(), namespace));
        }
    }
    access
}

fn subject(text: &str) -> Result<Subject, String> {
    let wrong = || format!("`{text}` is none of user:NAME, group:NAME, serviceaccount:NAMESPACE/NAME");
    let (kind, name) = text.split_once(':').filter(|(_, name)| !name.is_empty()).ok_or_else(wrong)?;
    let named = |kind, name: &str, namespace: Option<&str>| Subject {
        kind,
        name: name.to_owned(),
        namespace: namespace.map(str::to_owned),
    };
    match kind {
        "user" => Ok(named("User", name, None)),
        "group" => Ok(named("Group", name, None)),
        "serviceaccount" | "sa" => {
            let (namespace, name) = name.split_once('/').ok_or_else(wrong)?;
            if namespace.is_empty() || name.is_empty() || name.contains('/') {
                return Err(wrong());
            }
            Ok(named("ServiceAccount", name, Some(namespace)))
        }
        _ => Err(wrong()),
    }
}
