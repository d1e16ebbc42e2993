//! `asya k secret list`.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::super::super::Status;
use super::super::doctor::text;
use super::super::place::Place;
use super::super::target::load;
use crate::cluster::{self, Cluster, Connect, Resource};
use crate::error::Result;
use crate::kustomize::Object;
use crate::names::{FlowName, Namespace};
use crate::settings::Settings;
use crate::ui::{Table, Ui};

/// List the keys of Secrets
///
/// Of a flow: the keys its actors need, and whether they are there; exit code 1 unless all are.
/// Without a flow: all keys in the namespace.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// The flow
    flow: Option<FlowName>,
    /// Of this namespace instead of the actors'
    #[arg(short, long, value_name = "NAMESPACE", conflicts_with = "flow")]
    namespace: Option<Namespace>,
}

/// The result, version 1.
#[derive(Serialize)]
struct ListDocument {
    version: u32,
    namespace: String,
    keys: Vec<KeyDocument>,
}

#[derive(Serialize)]
struct KeyDocument {
    secret: String,
    key: String,
    present: bool,
    /// The actors that need it.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    actors: BTreeSet<String>,
}

/// Secrets that nobody sets by hand.
const INTERNAL: &[&str] =
    &["kubernetes.io/service-account-token", "helm.sh/release.v1", "bootstrap.kubernetes.io/token"];

pub(super) fn run(args: &ListArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let document = match &args.flow {
        Some(flow) => {
            let target = load(flow, settings, ui)?;
            cluster::run(async {
                let environment = |name: &str| settings.environment.get(name).map(str::to_owned);
                let cluster =
                    Cluster::connect(Connect { context: target.kubectl_context(), environment: &environment }).await?;
                let namespace = target.namespaces(cluster.namespace())?.actors;
                let secrets = secrets(&cluster, &namespace).await?;
                let keys = needed(target.objects())
                    .into_iter()
                    .map(|((secret, key), actors)| {
                        let present = secrets
                            .iter()
                            .any(|it| text(it, "/metadata/name") == secret && keys(it).any(|it| *it == key));
                        KeyDocument { secret, key, present, actors }
                    })
                    .collect();
                Ok(ListDocument { version: 1, namespace, keys })
            })?
        }
        None => {
            let place = Place::load(settings)?;
            cluster::run(async {
                let cluster = place.connect(settings).await?;
                let namespace =
                    args.namespace.as_ref().map_or_else(|| place.located(&cluster).actors, ToString::to_string);
                let secrets = secrets(&cluster, &namespace).await?;
                let of = |secret: &Value| {
                    let name = text(secret, "/metadata/name").to_owned();
                    keys(secret)
                        .map(|key| KeyDocument {
                            secret: name.clone(),
                            key: key.clone(),
                            present: true,
                            actors: BTreeSet::new(),
                        })
                        .collect::<Vec<_>>()
                };
                let keys = secrets.iter().filter(|it| !INTERNAL.contains(&text(it, "/type"))).flat_map(of).collect();
                Ok(ListDocument { version: 1, namespace, keys })
            })?
        }
    };
    let complete = document.keys.iter().all(|key| key.present);
    ui.report(&document, |_| human(&document, args.flow.is_some()));
    Ok(if complete { Status::Done } else { Status::Negative })
}

async fn secrets(cluster: &Cluster, namespace: &str) -> Result<Vec<Value>> {
    cluster.actor_shape().await?;
    let secrets = cluster.list(&Resource::secrets(), namespace, "").await?;
    if secrets.is_empty() {
        cluster.check_namespace(namespace, "namespace").await?;
    }
    Ok(secrets)
}

fn keys(secret: &Value) -> impl Iterator<Item = &String> {
    secret.get("data").and_then(Value::as_object).into_iter().flat_map(|data| data.keys())
}

/// The keys that actors need, with the actors: `secretRefs`, and variables from Secrets.
fn needed(objects: &[Object]) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut needed: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for actor in objects.iter().filter(|object| object.kind() == "AsyncActor") {
        let items = |value: &Value, pointer: &str| {
            value.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default()
        };
        let mut add = |secret: &str, key: &str| {
            if !secret.is_empty() && !key.is_empty() {
                needed.entry((secret.to_owned(), key.to_owned())).or_default().insert(actor.name().to_owned());
            }
        };
        for reference in items(actor.value(), "/spec/secretRefs") {
            for key in items(&reference, "/keys") {
                add(text(&reference, "/secretName"), text(&key, "/key"));
            }
        }
        for entry in items(actor.value(), "/spec/env") {
            add(text(&entry, "/valueFrom/secretKeyRef/name"), text(&entry, "/valueFrom/secretKeyRef/key"));
        }
    }
    needed
}

fn human(document: &ListDocument, of_flow: bool) -> String {
    if document.keys.is_empty() {
        return match of_flow {
            true => "its actors need no Secrets\n".to_owned(),
            false => format!("no Secrets in namespace {}\n", document.namespace),
        };
    }
    let mut table =
        if of_flow { Table::new(&["SECRET", "KEY", "STATE", "ACTORS"]) } else { Table::new(&["SECRET", "KEY"]) };
    for key in &document.keys {
        let mut row = vec![key.secret.clone(), key.key.clone()];
        if of_flow {
            row.push(if key.present { "there" } else { "missing" }.to_owned());
            row.push(key.actors.iter().cloned().collect::<Vec<_>>().join(", "));
        }
        table.row(row);
    }
    table.render()
}
