//! `asya k namespace prepare`.

use clap::Args;
use serde::Serialize;

use super::super::super::Status;
use super::super::doctor::{IDENTITY, RUNTIME_LABELS, Ward, accounts, annotation, cloud, runtime_name, text};
use super::super::place::Place;
use super::steps::{self, Action, Step};
use crate::cluster::{self, Access, Cluster, Look, Patched, Resource};
use crate::error::{Error, Result};
use crate::event::{Change, Event};
use crate::names::{Namespace, counted};
use crate::project::Transport;
use crate::settings::Settings;
use crate::ui::{Style, Ui};

/// The field manager of what is copied.
const MANAGER: &str = "asya-namespace";

/// Give a namespace what actors need in it
///
/// Shows what is missing, compared with a namespace in which actors work, and asks before it is
/// written; where nobody can be asked, or the context is read-only, it is shown alone. What only a
/// person can do (IAM bindings, Helm charts) is printed with the command. The second run finds
/// nothing to do.
#[derive(Debug, Args)]
pub(super) struct PrepareArgs {
    /// The namespace
    #[arg(value_name = "NEW")]
    namespace: Namespace,
    /// The namespace to take things from; default: the one of the platform's chart
    #[arg(long, value_name = "NAMESPACE")]
    from: Option<Namespace>,
    /// The Google Cloud project; default: the provider's
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// The Google service account that actors act as; default: as in the other namespace
    #[arg(long, value_name = "EMAIL")]
    gsa: Option<String>,
    /// Replace another Google service account
    #[arg(long)]
    force: bool,
    /// Do it without asking
    #[arg(short, long)]
    yes: bool,
    /// Show what is missing, and write nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

/// The result, version 1.
#[derive(Serialize)]
struct PrepareDocument {
    version: u32,
    namespace: String,
    from: String,
    /// The plan was carried out, or there was nothing to do.
    applied: bool,
    steps: Vec<Step>,
}

pub(super) fn run(args: &PrepareArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let place = Place::load(settings)?;
    let writable = place.check_writable(settings, "namespace prepare");
    if args.yes {
        writable.clone()?;
    }
    let to = args.namespace.as_str();
    let mut document = cluster::run(async {
        let cluster = place.connect(settings).await?;
        plan(args, &place, &cluster).await
    })?;
    if document.from == to {
        ui.event(Event::Note(format!("namespace `{to}` is the one others are made after")));
    }
    let writes = document.steps.iter().filter(|step| step.writes()).count();
    if writes == 0 {
        document.applied = true;
        ui.report(&document, |ui| human(&document, ui));
        return Ok(Status::Done);
    }
    if args.dry_run {
        ui.report(&document, |ui| human(&document, ui));
        return Ok(Status::Done);
    }
    if !args.yes {
        if writable.is_err() || !ui.can_prompt() {
            ui.report(&document, |ui| human(&document, ui));
            let message = format!("nothing was written; {} to write", counted(writes, "object"));
            ui.event(match writable {
                Ok(()) => Event::Warning { message, hint: Some("do it with `--yes`".to_owned()) },
                Err(error) => Event::Warning {
                    message: format!("{message}: {}", error.message()),
                    hint: error.hints().first().cloned(),
                },
            });
            return Ok(Status::Negative);
        }
        for line in human(&document, ui).lines() {
            ui.event(Event::Note(line.to_owned()));
        }
        if !ui.confirm(&format!("Write {} to namespace {to}?", counted(writes, "object")), false)? {
            return Ok(Status::Negative);
        }
    }
    cluster::run(async {
        let cluster = place.connect(settings).await?;
        carry_out(&document.steps, &cluster, ui).await
    })?;
    document.applied = true;
    ui.report(&document, |ui| human(&document, ui));
    ui.event(Event::Note(format!("look at the whole with: asya k doctor --namespace {to}")));
    Ok(Status::Done)
}

async fn plan(args: &PrepareArgs, place: &Place, cluster: &Cluster) -> Result<PrepareDocument> {
    let to = args.namespace.as_str();
    // The first request says in words when the cluster cannot be reached.
    cluster.actor_shape().await?;
    let from = match &args.from {
        Some(from) => from.to_string(),
        None => source(cluster).await?,
    };
    let mut document =
        PrepareDocument { version: 1, namespace: to.to_owned(), from: from.clone(), applied: false, steps: Vec::new() };
    if from == to {
        return Ok(document);
    }
    let configured = place.project.config().platform.transport;
    let gateway = place.located(cluster).gateway;
    let ward = Ward::enter(cluster, &from, &gateway, configured).await?.wholly()?;
    let steps = &mut document.steps;
    steps.push(steps::namespace(to, seen(cluster.look(&namespaces(), "", to).await?)?.as_ref())?);

    let runtime = runtime_name(&ward);
    steps.push(copied(cluster, &Resource::config_maps(), &runtime, &from, to).await?);
    for secret in ward.secrets_in_use() {
        steps.push(copied(cluster, &Resource::secrets(), &secret, &from, to).await?);
    }
    for transport in &ward.transports {
        match transport {
            Transport::Pubsub => google(args, &ward, to, steps).await?,
            Transport::Sqs => steps.push(Step::manual(
                format!("trust of the actors' role for namespace {to}"),
                "AWS must let the namespace's account act as the role",
                format!(
                    "add to the role's trust policy: <oidc>:sub = system:serviceaccount:{to}:asya-actors, <oidc>:aud = sts.amazonaws.com"
                ),
            )),
            Transport::Rabbitmq => {}
        }
    }
    around(&ward, to, steps).await?;
    Ok(document)
}

/// The namespace the platform's chart put its runtime into.
async fn source(cluster: &Cluster) -> Result<String> {
    let all = seen(cluster.look_all(&Resource::config_maps(), "", RUNTIME_LABELS).await?)
        .map_err(|error| error.hint("name the namespace to copy from with `--from`"))?;
    // A copy of ours has no such label.
    let mut places: Vec<&str> = all.iter().map(|map| text(map, "/metadata/namespace")).collect();
    places.sort_unstable();
    places.dedup();
    match places.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => Err(Error::cluster("no namespace with the platform's runtime was found")
            .because(format!("no ConfigMap has the label `{RUNTIME_LABELS}`"))
            .hint("name the namespace to copy from with `--from`")),
        many => Err(Error::cluster(format!("{} have the platform's runtime", counted(many.len(), "namespace")))
            .because(format!("they are {}", many.join(", ")))
            .hint("name one with `--from`")),
    }
}

/// What a plan rests on must be seen.
fn seen<T>(look: Look<T>) -> Result<T> {
    match look {
        Look::Seen(it) => Ok(it),
        Look::Unseen(what) => Err(Error::cluster(format!("{what}; nothing was written")).hint("ask somebody who may")),
    }
}

async fn copied(cluster: &Cluster, resource: &Resource, name: &str, from: &str, to: &str) -> Result<Step> {
    let source = seen(cluster.look(resource, from, name).await?)?.ok_or_else(|| {
        Error::cluster(format!("{} is missing; nothing was written", resource.describe(from, name)))
            .hint(format!("make it there first, see `asya k doctor --namespace {from}`"))
            .hint("or copy from another namespace with `--from`")
    })?;
    let live = seen(cluster.look(resource, to, name).await?)?;
    steps::copy(&source, from, to, live.as_ref())
}

async fn google(args: &PrepareArgs, ward: &Ward<'_>, to: &str, steps: &mut Vec<Step>) -> Result<()> {
    let account = seen(ward.cluster.look(&accounts(), &ward.namespace, "default").await?)?.unwrap_or_default();
    let identity = match &args.gsa {
        Some(gsa) => gsa.clone(),
        None => annotation(&account, IDENTITY).to_owned(),
    };
    if identity.is_empty() {
        return Err(Error::cluster("which Google service account actors act as is not known; nothing was written")
            .because(format!("`ServiceAccount {}/default` has no annotation `{IDENTITY}`", ward.namespace))
            .hint("name it with `--gsa EMAIL`"));
    }
    let live = seen(ward.cluster.look(&accounts(), to, "default").await?)?;
    steps.push(steps::identity(to, &identity, live.as_ref(), args.force)?);
    let project = match (&args.project, cloud(ward, Transport::Pubsub).await?) {
        (Some(project), _) => project.clone(),
        (None, Look::Seen(Some(config))) => text(&config, "/spec/projectID").to_owned(),
        (None, _) => String::new(),
    };
    let of_identity = identity.split_once('@').and_then(|(_, domain)| domain.split('.').next()).unwrap_or("PROJECT");
    let project = if project.is_empty() { of_identity.to_owned() } else { project };
    steps.push(Step::manual(
        format!("IAM binding of {to}/default"),
        "Google must let the namespace's account act as that one; doing it twice does no harm",
        format!(
            "gcloud iam service-accounts add-iam-policy-binding {identity} --project {project} --condition=None \
             --role roles/iam.workloadIdentityUser --member \"serviceAccount:{project}.svc.id.goog[{to}/default]\""
        ),
    ));
    Ok(())
}

/// What belongs to a namespace and is not ours to write.
async fn around(ward: &Ward<'_>, to: &str, steps: &mut Vec<Step>) -> Result<()> {
    let actors = seen(ward.cluster.look_all(&Resource::actors(), to, "").await?)?;
    let crew = ["x-sink", "x-sump"].iter().all(|name| actors.iter().any(|it| text(it, "/spec/actor") == *name));
    if !crew {
        steps.push(Step::manual(
            format!("crew of namespace {to}"),
            "x-sink and x-sump take finished messages, in every namespace",
            format!("helm upgrade --install asya-crew asya/asya-crew -n {to}"),
        ));
    }
    let per_namespace = ward.transports.iter().any(|transport| *transport != Transport::Rabbitmq);
    if per_namespace && ward.gateway != to {
        steps.push(Step::manual(
            format!("gateway for namespace {to}"),
            "on this queue a gateway reaches only its own namespace; needed once a flow is exposed there",
            format!("helm upgrade --install asya-gateway asya/asya-gateway -n {to}"),
        ));
    }
    let pods = seen(ward.cluster.look_all(&Resource::pods(), to, "asya.sh/actor").await?)?;
    if !pods.is_empty() && steps.iter().any(|step| step.action != Action::Manual && step.writes()) {
        steps.push(Step::manual(
            format!("pods of namespace {to}"),
            "they started before this and do not see it",
            format!("kubectl -n {to} rollout restart deployment -l asya.sh/actor"),
        ));
    }
    Ok(())
}

async fn carry_out(steps: &[Step], cluster: &Cluster, ui: &mut Ui) -> Result<()> {
    let mut writes = Vec::new();
    for step in steps {
        let Some(object) = &step.object else { continue };
        writes.push((step, object, resource_of(text(object, "/kind"))));
    }
    let needed: Vec<Access> = writes
        .iter()
        .flat_map(|(step, object, resource)| {
            let namespace = text(object, "/metadata/namespace");
            let patch = Access::of("patch", resource, namespace, text(object, "/metadata/name"));
            let create = (step.action == Action::Create).then(|| Access::any("create", resource, namespace));
            std::iter::once(patch).chain(create)
        })
        .collect();
    cluster.require(&needed).await?;
    // In order: the namespace is the first.
    for (step, object, resource) in writes {
        // Copies are to be as their source, whoever made them.
        match cluster.apply_part(&resource, object, MANAGER, true).await? {
            Patched::Done(_) => {
                let change = if step.action == Action::Create { Change::Created } else { Change::Changed };
                ui.event(Event::Object { object: step.subject.clone(), change });
            }
            Patched::Refused(reason) => {
                return Err(Error::cluster(format!("the cluster refuses `{}`", step.subject)).because(reason));
            }
            Patched::Raced | Patched::Gone => {
                return Err(Error::cluster(format!("`{}` was not written", step.subject))
                    .because("somebody else was writing at the same time")
                    .hint("run the same command again; it continues where this one stopped"));
            }
        }
    }
    Ok(())
}

/// The kinds that steps write.
fn resource_of(kind: &str) -> Resource {
    match kind {
        "Namespace" => namespaces(),
        "Secret" => Resource::secrets(),
        "ServiceAccount" => accounts(),
        _ => Resource::config_maps(),
    }
}

fn namespaces() -> Resource {
    Resource::new("", "v1", "Namespace", "namespaces", false)
}

fn human(document: &PrepareDocument, ui: &Ui) -> String {
    let mut out = String::new();
    for step in &document.steps {
        let style = match step.action {
            Action::Unchanged => Style::Dim,
            Action::Create | Action::Update => Style::Good,
            Action::Manual => Style::Warn,
        };
        let word = match (document.applied, step.action) {
            (true, Action::Create) => "created",
            (true, Action::Update) => "updated",
            (_, action) => action.name(),
        };
        out.push_str(&format!("{} {}: {}\n", ui.paint(style, &format!("{word:<9}")), step.subject, step.message));
        if let Some(command) = &step.command {
            out.push_str(&format!("            → {command}\n"));
        }
    }
    let count = |action: Action| document.steps.iter().filter(|step| step.action == action).count();
    let writes = count(Action::Create) + count(Action::Update);
    let manual = count(Action::Manual);
    let by_hand = if manual == 0 { String::new() } else { format!("; {} by hand", counted(manual, "step")) };
    let done = match (writes, document.applied) {
        (0, _) => "nothing to write".to_owned(),
        (writes, true) => format!("{} written", counted(writes, "object")),
        (writes, false) => format!("{} to write", counted(writes, "object")),
    };
    out.push_str(&format!("namespace {} (after {}): {done}{by_hand}\n", document.namespace, document.from));
    out
}
