//! Checks of what makes queues and workloads: definition, compositions, functions and providers of
//! Crossplane, and what actors are bound to.

use serde_json::Value;

use super::check::Check;
use super::known::Id;
use super::references::{condition, text};
use super::ward::Ward;
use crate::cluster::{Look, Resource};
use crate::error::Result;
use crate::project::Transport;

pub(super) async fn run(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    installed(ward, out).await?;
    provider_config(ward, out).await?;
    bindings(ward, out);
    Ok(())
}

async fn installed(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    let install = "install Crossplane and its providers, then the Helm chart `asya-crossplane`";
    match &ward.definition {
        Look::Unseen(what) => out.push(Check::unseen(Id::C03, "definition xasyncactors.asya.sh", what)),
        Look::Seen(None) => {
            out.push(Check::fail(Id::C03, "definition xasyncactors.asya.sh", "it is not installed").fix(install));
        }
        Look::Seen(Some(definition)) => out.push(match condition(definition, "Established") {
            Some((false, why)) => {
                Check::fail(Id::C03, "definition xasyncactors.asya.sh", format!("it is not established: {why}"))
                    .fix("kubectl describe compositeresourcedefinition xasyncactors.asya.sh")
            }
            _ => Check::ok(Id::C03, "definition xasyncactors.asya.sh", "is installed"),
        }),
    }
    match &ward.compositions {
        Look::Unseen(what) => out.push(Check::unseen(Id::C03, "compositions", what)),
        Look::Seen(all) => {
            for transport in &ward.transports {
                let name = format!("asyncactor-{}", transport.name());
                out.push(match all.contains_key(&name) || !ward.templates(*transport).is_empty() {
                    true => Check::ok(Id::C03, format!("Composition {name}"), "is installed"),
                    false => Check::fail(Id::C03, format!("Composition {name}"), "it is not installed").fix(install),
                });
            }
        }
    }
    for (kind, plural, word) in [("Function", "functions", "Function"), ("Provider", "providers", "Provider")] {
        for version in ["v1", "v1beta1"] {
            let resource = Resource::new("pkg.crossplane.io", version, kind, plural, false);
            match ward.look_all(&resource, "", "").await {
                Look::Unseen(what) => {
                    out.push(Check::unseen(Id::C03, format!("{word}s of Crossplane"), &what));
                    break;
                }
                Look::Seen(all) if all.is_empty() => {}
                Look::Seen(all) => {
                    for package in &all {
                        let subject = format!("{word} {}", text(package, "/metadata/name"));
                        out.push(match condition(package, "Healthy") {
                            Some((true, _)) => Check::ok(Id::C03, subject, "is healthy"),
                            Some((false, why)) => {
                                Check::fail(Id::C03, subject.clone(), format!("it is not healthy: {why}")).fix(format!(
                                    "kubectl describe {plural}.pkg.crossplane.io {}",
                                    text(package, "/metadata/name")
                                ))
                            }
                            None => Check::warn(Id::C03, subject.clone(), "it does not say whether it is healthy").fix(
                                format!(
                                    "kubectl describe {plural}.pkg.crossplane.io {}",
                                    text(package, "/metadata/name")
                                ),
                            ),
                        });
                    }
                    break;
                }
            }
        }
    }
    Ok(())
}

/// The ProviderConfig that the managed resources of a queue's composition name.
fn config_name(ward: &Ward<'_>, group: &str, transport: Transport) -> String {
    let template = ward.templates(transport);
    let mut lines = template.lines().map(str::trim);
    let mut of_cloud = false;
    while let Some(line) = lines.next() {
        if let Some(api_version) = line.strip_prefix("apiVersion:") {
            of_cloud = api_version.contains(group);
        } else if of_cloud && line == "providerConfigRef:" {
            let named = lines.next().and_then(|line| line.strip_prefix("name:")).map(written);
            if let Some(Some(name)) = named {
                return name;
            }
        }
    }
    "default".to_owned()
}

/// A value as it stands in a template; `None` for what is filled in later.
pub(super) fn written(value: &str) -> Option<String> {
    let value = value.trim().trim_matches(['"', '\'']);
    (!value.is_empty() && !value.contains("{{")).then(|| value.to_owned())
}

/// The ProviderConfig of a cloud; `Seen(None)` when there is none.
pub(in super::super) async fn cloud(ward: &Ward<'_>, transport: Transport) -> Result<Look<Option<Value>>> {
    let group = match transport {
        Transport::Pubsub => "gcp.upbound.io",
        Transport::Sqs => "aws.upbound.io",
        Transport::Rabbitmq => return Ok(Look::Seen(None)),
    };
    let resource = Resource::new(group, "v1beta1", "ProviderConfig", "providerconfigs", false);
    Ok(ward.look(&resource, "", &config_name(ward, group, transport)).await)
}

async fn provider_config(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    for transport in [Transport::Pubsub, Transport::Sqs] {
        if !ward.uses(transport) {
            continue;
        }
        let cloud_name = if transport == Transport::Pubsub { "gcp" } else { "aws" };
        let group = format!("{cloud_name}.upbound.io");
        let subject = format!("ProviderConfig {} ({group})", config_name(ward, &group, transport));
        out.push(match cloud(ward, transport).await? {
            Look::Unseen(what) => Check::unseen(Id::C04, subject, &what),
            Look::Seen(Some(_)) => Check::ok(Id::C04, subject, "is there"),
            Look::Seen(None) => Check::fail(Id::C04, subject, "it is missing: no queue can be made")
                .fix("set `providerConfigs.install: true` in the values of the chart `asya-crossplane` and upgrade it"),
        });
    }
    Ok(())
}

/// Claims keep the composition they were made with.
fn bindings(ward: &Ward<'_>, out: &mut Vec<Check>) {
    let default = match &ward.definition {
        Look::Seen(Some(definition)) => text(definition, "/spec/defaultCompositionRef/name"),
        _ => "",
    };
    for actor in &ward.actors {
        let bound = text(actor, "/spec/compositionRef/name");
        if bound.is_empty() {
            continue;
        }
        let meant = match (ward.asked_transport(actor), default) {
            (Some(asked), _) if ward.bound_transport(actor) == Some(asked) => continue,
            (Some(asked), _) => format!("asks for {}", asked.name()),
            (None, "") => continue,
            (None, default) if default == bound => continue,
            (None, default) => format!("the default is `{default}` by now"),
        };
        let name = text(actor, "/metadata/name");
        out.push(
            Check::fail(
                Id::P2,
                format!("AsyncActor {}/{name}", ward.namespace),
                format!("it is bound to `{bound}`, and {meant}; a binding is never changed later"),
            )
            .fix(format!(
                "kubectl -n {} delete asyncactor {name}, then apply again; its queue goes with its messages",
                ward.namespace
            )),
        );
    }
}
