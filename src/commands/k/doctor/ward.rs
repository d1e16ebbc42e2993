//! What the checks look at: read once, shared by all of them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use futures::future::join;
use serde_json::Value;

use super::check::Check;
use super::crossplane::written;
use super::known::Id;
use super::references::{list, text};
use crate::cluster::{Cluster, Look, Resource};
use crate::error::{Error, Result};
use crate::project::Transport;

/// A namespace of actors, its gateway's, and what the platform says about itself.
pub(in super::super) struct Ward<'a> {
    pub(in super::super) cluster: &'a Cluster,
    /// Namespace of the actors.
    pub(in super::super) namespace: String,
    /// Namespace of the gateway.
    pub(in super::super) gateway: String,
    /// The message queues in use, and how that is known.
    pub(in super::super) transports: BTreeSet<Transport>,
    pub(super) told_by: &'static str,
    pub(super) actors: Vec<Value>,
    /// What would have to be allowed to see the actors.
    pub(super) blind: Option<String>,
    pub(super) deployments: Look<Vec<Value>>,
    pub(super) pods: Look<Vec<Value>>,
    pub(super) definition: Look<Option<Value>>,
    /// By name: `asyncactor-sqs`.
    pub(super) compositions: Look<BTreeMap<String, Value>>,
    pub(super) triggers: Look<Vec<Value>>,
    /// The first failure of a read, but for permissions.
    failed: Option<Error>,
}

/// The container beside an actor's handler.
pub(super) const SIDECAR: &str = "asya-sidecar";

/// Where Crossplane and its providers run.
pub(in super::super) const CROSSPLANE: &str = "crossplane-system";

fn definitions() -> Resource {
    Resource::new(
        "apiextensions.crossplane.io",
        "v1",
        "CompositeResourceDefinition",
        "compositeresourcedefinitions",
        false,
    )
}

fn compositions() -> Resource {
    Resource::new("apiextensions.crossplane.io", "v1", "Composition", "compositions", false)
}

/// KEDA's TriggerAuthentications.
pub(super) fn triggers() -> Resource {
    Resource::new("keda.sh", "v1alpha1", "TriggerAuthentication", "triggerauthentications", true)
}

/// ServiceAccounts.
pub(in super::super) fn accounts() -> Resource {
    Resource::new("", "v1", "ServiceAccount", "serviceaccounts", true)
}

/// Services.
pub(super) fn services() -> Resource {
    Resource::new("", "v1", "Service", "services", true)
}

impl<'a> Ward<'a> {
    /// Looks around. `configured` is the project's transport, for a cluster that tells none.
    pub(in super::super) async fn enter(
        cluster: &'a Cluster,
        namespace: &str,
        gateway: &str,
        configured: Transport,
    ) -> Result<Self> {
        // The first request says in words when the cluster cannot be reached.
        cluster.actor_shape().await?;
        let (deployment_kind, pod_kind, trigger_kind) = (Resource::deployments(), Resource::pods(), triggers());
        let (actor_kind, definition_kind, composition_kind) = (Resource::actors(), definitions(), compositions());
        let inside = join(
            join(
                cluster.look_all(&actor_kind, namespace, ""),
                cluster.look_all(&deployment_kind, namespace, "asya.sh/actor"),
            ),
            join(
                cluster.look_all(&pod_kind, namespace, "asya.sh/actor"),
                cluster.look_all(&trigger_kind, namespace, ""),
            ),
        );
        let around = join(
            cluster.look(&definition_kind, "", "xasyncactors.asya.sh"),
            cluster.look_all(&composition_kind, "", ""),
        );
        // All of them: what cannot be read of one thing says nothing of the others.
        let (((actors, deployments), (pods, triggers)), (definition, found)) = join(inside, around).await;
        let mut failed = None;
        let (actors, deployments) = (seen(actors, &mut failed), seen(deployments, &mut failed));
        let (pods, triggers) = (seen(pods, &mut failed), seen(triggers, &mut failed));
        let (definition, found) = (seen(definition, &mut failed), seen(found, &mut failed));
        let (actors, blind) = match actors {
            Look::Seen(actors) => (actors, None),
            Look::Unseen(what) => (Vec::new(), Some(what)),
        };
        let compositions = match found {
            Look::Unseen(what) => Look::Unseen(what),
            Look::Seen(all) => Look::Seen(
                all.into_iter()
                    .filter(|it| text(it, "/spec/compositeTypeRef/kind") == "XAsyncActor" || transport_of(it).is_some())
                    .map(|it| (text(&it, "/metadata/name").to_owned(), it))
                    .collect(),
            ),
        };
        let mut ward = Self {
            cluster,
            namespace: namespace.to_owned(),
            gateway: gateway.to_owned(),
            transports: BTreeSet::new(),
            told_by: "the actors",
            actors,
            blind,
            deployments,
            pods,
            definition,
            compositions,
            triggers,
            failed,
        };
        ward.transports = ward.tell_transports(configured);
        Ok(ward)
    }

    /// Fails when anything of it could not be read, but for what may not be.
    pub(in super::super) fn wholly(mut self) -> Result<Self> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }

    /// Looks for one object; a read that fails is an answer, too.
    pub(in super::super) async fn look(&self, resource: &Resource, namespace: &str, name: &str) -> Look<Option<Value>> {
        seen(self.cluster.look(resource, namespace, name).await, &mut None)
    }

    /// As [`Cluster::look_all`]; a read that fails is an answer, too.
    pub(in super::super) async fn look_all(
        &self,
        resource: &Resource,
        namespace: &str,
        selector: &str,
    ) -> Look<Vec<Value>> {
        seen(self.cluster.look_all(resource, namespace, selector).await, &mut None)
    }

    fn tell_transports(&mut self, configured: Transport) -> BTreeSet<Transport> {
        let of_actors: BTreeSet<Transport> = self.actors.iter().filter_map(|actor| self.transport(actor)).collect();
        if !of_actors.is_empty() {
            return of_actors;
        }
        if let Look::Seen(Some(definition)) = &self.definition
            && let Some(transport) = named(text(definition, "/spec/defaultCompositionRef/name"))
        {
            self.told_by = "the definition's default composition";
            return BTreeSet::from([transport]);
        }
        if let Look::Seen(compositions) = &self.compositions
            && compositions.len() == 1
        {
            let only: BTreeSet<Transport> = compositions.values().filter_map(transport_of).collect();
            if !only.is_empty() {
                self.told_by = "the only composition";
                return only;
            }
        }
        self.told_by = "`platform.transport` of the project";
        BTreeSet::from([configured])
    }

    /// The queue of an actor: what it is bound to, else what it asks for.
    fn transport(&self, actor: &Value) -> Option<Transport> {
        self.bound_transport(actor).or_else(|| self.asked_transport(actor))
    }

    /// The queue of the composition that an actor is bound to.
    pub(super) fn bound_transport(&self, actor: &Value) -> Option<Transport> {
        let bound = text(actor, "/spec/compositionRef/name");
        let composition = match &self.compositions {
            Look::Seen(all) => all.get(bound).and_then(transport_of),
            Look::Unseen(_) => None,
        };
        composition.or_else(|| named(bound))
    }

    /// The queue that an actor asks for.
    pub(super) fn asked_transport(&self, actor: &Value) -> Option<Transport> {
        transport(text(actor, "/spec/compositionSelector/matchLabels/asya.sh~1transport"))
            .or_else(|| transport(text(actor, "/spec/transport")))
    }

    /// The text of the templates in force for a queue: the chart's values are written in them.
    pub(super) fn templates(&self, transport: Transport) -> String {
        let Look::Seen(all) = &self.compositions else { return String::new() };
        let of = all.values().filter(|composition| transport_of(composition) == Some(transport));
        of.flat_map(|composition| {
            list(composition, "/spec/pipeline").map(|step| text(step, "/input/inline/template").to_owned())
        })
        .collect()
    }

    pub(super) fn uses(&self, transport: Transport) -> bool {
        self.transports.contains(&transport)
    }

    /// The pod templates of the actors' Deployments, with their names.
    pub(super) fn templates_of_actors(&self) -> Vec<(&str, &Value)> {
        let Look::Seen(deployments) = &self.deployments else { return Vec::new() };
        deployments
            .iter()
            .filter_map(|it| Some((text(it, "/metadata/name"), it.pointer("/spec/template/spec")?)))
            .collect()
    }

    /// What no check says of itself that it was not seen.
    pub(super) fn unseen(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        if let Look::Unseen(why) = &self.triggers {
            let subject = format!("TriggerAuthentications in {}", self.namespace);
            checks.extend(self.transports.iter().filter_map(|transport| {
                let id = match transport {
                    Transport::Pubsub => Id::C12,
                    Transport::Rabbitmq => Id::C30,
                    // It says so itself.
                    Transport::Sqs => return None,
                };
                Some(Check::unseen(id, subject.clone(), why))
            }));
        }
        if let Look::Unseen(why) = &self.deployments {
            checks.push(Check::unseen(Id::C44, format!("Deployments of actors in {}", self.namespace), why));
        }
        checks
    }

    /// The actors with the labels of their pods.
    pub(super) fn labels_of_actors(&self) -> Vec<(String, Value)> {
        let Look::Seen(deployments) = &self.deployments else { return Vec::new() };
        let labels = |it: &Value| it.pointer("/spec/template/metadata/labels").cloned().unwrap_or_default();
        deployments.iter().map(|it| (text(it, "/metadata/name").to_owned(), labels(it))).collect()
    }

    /// The Secrets and keys that KEDA reads for a queue: what TriggerAuthentications name, which is
    /// what is in force; before there are any, what the composition will write into them, else the
    /// chart's default.
    pub(in super::super) fn keda_secrets(&self, queue: Transport) -> BTreeSet<(String, String)> {
        let triggers = match &self.triggers {
            Look::Seen(triggers) => triggers.as_slice(),
            Look::Unseen(_) => &[],
        };
        let of_queue = |trigger: &&Value| {
            let actor = text(trigger, "/metadata/name").trim_end_matches("-trigger-auth");
            let actor = self.actors.iter().find(|it| text(it, "/metadata/name") == actor);
            actor.and_then(|actor| self.transport(actor)).is_none_or(|transport| transport == queue)
        };
        let mut triggers = triggers.iter().filter(of_queue).peekable();
        if triggers.peek().is_some() {
            let references = triggers.flat_map(|trigger| list(trigger, "/spec/secretTargetRef"));
            return references.map(|it| (text(it, "/name").to_owned(), text(it, "/key").to_owned())).collect();
        }
        let written = templated_secrets(&self.templates(queue));
        match queue {
            _ if !written.is_empty() => written,
            Transport::Pubsub => BTreeSet::from([owned(super::pubsub::KEDA_SECRET)]),
            Transport::Rabbitmq => BTreeSet::from([owned(super::rabbitmq::KEDA_SECRET)]),
            // Without a Secret, KEDA goes by an identity.
            Transport::Sqs => BTreeSet::new(),
        }
    }

    /// The sidecars of the actors' pods.
    pub(super) fn sidecars(&self) -> impl Iterator<Item = &Value> {
        self.templates_of_actors()
            .into_iter()
            .flat_map(|(_, pod)| list(pod, "/containers"))
            .filter(|container| text(container, "/name") == SIDECAR)
    }

    /// The Secrets that sidecars get as variables.
    pub(super) fn sidecar_secrets(&self) -> BTreeSet<&str> {
        let sources = self.sidecars().flat_map(|container| list(container, "/envFrom"));
        sources.map(|source| text(source, "/secretRef/name")).filter(|name| !name.is_empty()).collect()
    }

    /// The Secrets of the namespace that KEDA reads for the actors, and that sidecars get as
    /// variables.
    pub(in super::super) fn secrets_in_use(&self) -> BTreeSet<String> {
        let keda = self.transports.iter().flat_map(|transport| self.keda_secrets(*transport)).map(|(name, _)| name);
        keda.chain(self.sidecar_secrets().into_iter().map(str::to_owned)).filter(|name| !name.is_empty()).collect()
    }

    /// Whether a Secret that is missing under the name in force is there under the chart's default.
    pub(super) async fn is_misnamed(
        &self,
        namespace: &str,
        in_force: (&str, &str),
        default: (&str, &str),
    ) -> Result<bool> {
        if in_force == default {
            return Ok(false);
        }
        Ok(matches!(self.secret(namespace, default.0, default.1).await?, Look::Seen(Found::Value(_))))
    }

    /// A key of a Secret: `None` in `Seen` when Secret or key is missing. The value leaves this
    /// process in no form.
    pub(super) async fn secret(&self, namespace: &str, name: &str, key: &str) -> Result<Look<Found>> {
        Ok(match self.look(&Resource::secrets(), namespace, name).await {
            Look::Unseen(what) => Look::Unseen(what),
            Look::Seen(None) => Look::Seen(Found::Missing),
            Look::Seen(Some(secret)) => Look::Seen(match secret_value(&secret, key) {
                Some(value) => Found::Value(value),
                None => Found::NoKey,
            }),
        })
    }
}

/// A failure in a line.
pub(super) fn in_words(error: &Error) -> String {
    // Of a permission the message says it all.
    let because = error.causes().first().filter(|cause| !cause.contains("403 Forbidden"));
    let because = because.map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{}{because}", error.message())
}

/// What was seen, or why not; the first failure is kept.
fn seen<T>(look: Result<Look<T>>, failed: &mut Option<Error>) -> Look<T> {
    look.unwrap_or_else(|error| {
        let why = in_words(&error);
        failed.get_or_insert(error);
        Look::Unseen(why)
    })
}

/// A key of a Secret.
pub(super) enum Found {
    /// There is no such Secret.
    Missing,
    /// It has no such key.
    NoKey,
    /// What the key holds.
    Value(Vec<u8>),
}

/// What a key of a Secret holds.
pub(super) fn secret_value(secret: &Value, key: &str) -> Option<Vec<u8>> {
    let encoded = secret.get("data")?.get(key)?.as_str()?;
    base64::engine::general_purpose::STANDARD.decode(encoded).ok()
}

/// What a template will have KEDA read: `name` and `key` below `secretTargetRef`.
fn templated_secrets(template: &str) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let mut lines = template.lines().map(|line| line.trim_start_matches([' ', '-']).trim_end()).peekable();
    while let Some(line) = lines.next() {
        if line != "secretTargetRef:" {
            continue;
        }
        let (mut name, mut key) = (None, None);
        while let Some(line) = lines.next_if(|line| !line.is_empty()) {
            match line.split_once(':') {
                Some(("name", value)) => name = written(value),
                Some(("key", value)) => key = written(value),
                Some(("parameter", _)) => {}
                _ => break,
            }
            if let (Some(whole), Some(of)) = (&name, &key) {
                found.insert((whole.clone(), of.clone()));
                (name, key) = (None, None);
            }
        }
    }
    found
}

fn owned((name, key): (&str, &str)) -> (String, String) {
    (name.to_owned(), key.to_owned())
}

/// The queue a Composition is for.
fn transport_of(composition: &Value) -> Option<Transport> {
    transport(text(composition, "/metadata/labels/asya.sh~1transport"))
        .or_else(|| named(text(composition, "/metadata/name")))
}

fn named(composition: &str) -> Option<Transport> {
    transport(composition.strip_prefix("asyncactor-")?)
}

fn transport(word: &str) -> Option<Transport> {
    word.parse().ok()
}
