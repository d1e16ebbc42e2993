//! `asya k context add`.

use clap::Args;
use serde::Serialize;

use super::{Place, kubeconfig};
use crate::cluster::{self, Cluster, Connect, no_such_context};
use crate::commands::Status;
use crate::commands::assigning::write;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::names::{ContextName, Namespace, listed, near_matches};
use crate::project::{Assignment, KeyPath, LOCAL, Project};
use crate::settings::Settings;
use crate::ui::Ui;

/// Add an environment from a context of the kubeconfig
///
/// The namespaces are looked for in the cluster, where it answers.
#[derive(Debug, Args)]
pub(in crate::commands::k) struct AddArgs {
    /// Its name in this project: lower-case letters, digits and `-`
    #[arg(value_name = "NAME")]
    name: ContextName,
    /// Context of the kubeconfig [default: the one called NAME]
    #[arg(long, value_name = "CONTEXT")]
    kubectl_context: Option<String>,
    /// Namespace of the actors [default: the kubeconfig's]
    #[arg(long, short, value_name = "NAMESPACE")]
    namespace: Option<Namespace>,
    /// Namespace of the gateway [default: the actors']
    #[arg(long, value_name = "NAMESPACE")]
    gateway_namespace: Option<Namespace>,
    /// Base URL of the gateway
    #[arg(long, value_name = "URL")]
    gateway_url: Option<String>,
    /// Refuse to write to it
    #[arg(long)]
    readonly: bool,
    /// Work on it from now on, as `asya k context use` does
    #[arg(long = "use")]
    use_it: bool,
    /// Do not ask the cluster whether the namespaces are there
    #[arg(long)]
    no_check: bool,
}

/// The result, version 1.
#[derive(Serialize)]
struct AddDocument {
    version: u32,
    context: String,
    kubectl_context: String,
    namespace: Option<String>,
    readonly: bool,
    /// Whether it is the default now.
    used: bool,
    /// Whether the cluster was asked for the namespaces.
    checked: bool,
    file: String,
}

pub(super) fn run(args: &AddArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let project = settings.project()?;
    refuse_known(&project, &args.name)?;
    let known = kubeconfig(settings)?;
    let wanted = args.kubectl_context.as_deref().unwrap_or(args.name.as_str());
    let Some(found) = known.get(wanted) else {
        let environment = |name: &str| settings.environment.get(name).map(str::to_owned);
        let error = no_such_context(&known, wanted, &environment);
        return Err(match &args.kubectl_context {
            Some(_) => error,
            None => error.hint(format!("name it with `asya k context add {} --kubectl-context …`", args.name)),
        });
    };
    let namespace = match (&args.namespace, &found.namespace) {
        (Some(namespace), _) => Some(namespace.to_string()),
        (None, inherited) => inherited.clone(),
    };
    let asked: Vec<&str> =
        namespace.as_deref().into_iter().chain(args.gateway_namespace.as_ref().map(|name| name.as_str())).collect();
    let checked = !args.no_check && !asked.is_empty() && check(&asked, wanted, settings, ui)?;

    let readonly = args.readonly.then(|| "true".to_owned());
    let fields = [
        ("namespace", namespace.clone()),
        ("kubectl_context", Some(wanted.to_owned())),
        ("gateway_namespace", args.gateway_namespace.as_ref().map(ToString::to_string)),
        ("gateway_url", args.gateway_url.clone()),
        ("readonly", readonly),
    ];
    let mut assignments: Vec<Assignment> = fields
        .into_iter()
        .filter_map(|(field, value)| {
            Some(Assignment::set(KeyPath::new(["contexts", args.name.as_str(), field])?, value?))
        })
        .collect();
    if args.use_it {
        let default = KeyPath::new(["default_context"]);
        assignments.extend(default.map(|key| Assignment::set(key, args.name.to_string())));
    }
    let (assigned, _) = write(&assignments, settings, ui)?;

    let document = AddDocument {
        version: 1,
        context: args.name.to_string(),
        kubectl_context: wanted.to_owned(),
        namespace: namespace.clone(),
        readonly: args.readonly,
        used: args.use_it,
        checked,
        file: assigned.values.first().map(|value| value.shown_files()).unwrap_or_default(),
    };
    let place = Place { cluster: Some(wanted.to_owned()), namespace };
    ui.report(&document, |_| {
        let next = match args.use_it {
            true => "it is the context now; `asya compile --all` makes its overlays".to_owned(),
            false => format!("work on it with `asya k context use {}`", args.name),
        };
        format!("{} is {}\nnext: {next}\n", args.name, place.shown())
    });
    Ok(Status::Done)
}

fn refuse_known(project: &Project, name: &ContextName) -> Result<()> {
    if name.as_str() == LOCAL {
        return Err(Error::usage("the context `local` is built in and means this machine")
            .hint("give this context another name"));
    }
    if !project.config().contexts.contains_key(name) {
        return Ok(());
    }
    let place = project.origin(&format!("contexts.{name}")).unwrap_or_default();
    Err(Error::project(format!("there is a context `{name}` already"))
        .because(format!("it is in {place}"))
        .hint(format!("change it with `asya config set contexts.{name}.namespace …`")))
}

/// Whether the cluster could be asked for `namespaces`; one that is not there is an error.
fn check(namespaces: &[&str], context: &str, settings: &Settings, ui: &mut Ui) -> Result<bool> {
    let environment = |name: &str| settings.environment.get(name).map(str::to_owned);
    let answer = cluster::run(async {
        let cluster = Cluster::connect(Connect { context: Some(context), environment: &environment }).await?;
        cluster.namespaces().await
    });
    let there = match answer {
        Ok(Some(there)) => there,
        Ok(None) => {
            ui.event(Event::Note("you may not list the cluster's namespaces, so they were not checked".to_owned()));
            return Ok(false);
        }
        Err(error) if error.kind() == crate::error::ErrorKind::Cluster => {
            ui.event(Event::Warning {
                message: format!("the namespaces were not checked: {}", error.message()),
                hint: Some("`--no-check` does not ask the cluster".to_owned()),
            });
            return Ok(false);
        }
        Err(error) => return Err(error),
    };
    let Some(missing) = namespaces.iter().find(|name| !there.iter().any(|known| known == *name)) else {
        return Ok(true);
    };
    let near = near_matches(missing, there.iter().map(String::as_str));
    Err(Error::cluster(format!("the cluster of context `{context}` has no namespace `{missing}`"))
        .hint_opt((!near.is_empty()).then(|| format!("did you mean {}?", listed(&near))))
        .hint(format!("make it with `kubectl --context {context} create namespace {missing}`, or add `--no-check`")))
}
