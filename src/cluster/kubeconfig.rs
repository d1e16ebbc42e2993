//! Which kubeconfig, which context, which user: decided before anything is sent.

use std::path::PathBuf;

use kube::config::{Config, KubeConfigOptions, Kubeconfig, KubeconfigError};

use crate::error::{Error, Result};
use crate::names::{listed as quoted, near_matches};

/// What the kubeconfig says about the chosen context.
pub(super) struct Chosen {
    pub(super) config: Config,
    /// Name of the kubeconfig's context; `in-cluster` for a pod's own service account.
    pub(super) context: String,
    /// Name of the kubeconfig's user.
    pub(super) user: String,
}

/// Reads the kubeconfig files as kubectl does: every file of `KUBECONFIG`, else
/// `~/.kube/config`; missing ones are skipped as long as one is there.
pub(super) async fn choose(wanted: Option<&str>, environment: &dyn Fn(&str) -> Option<String>) -> Result<Chosen> {
    let Some((merged, present)) = merged(environment)? else {
        if wanted.is_none() && environment("KUBERNETES_SERVICE_HOST").is_some() {
            return in_cluster();
        }
        return Err(missing(&candidates(environment), environment("KUBECONFIG").is_some()));
    };
    let looked_in = || places(&present);
    let names: Vec<String> = merged.contexts.iter().map(|named| named.name.clone()).collect();
    let current = merged.current_context.clone().filter(|name| !name.is_empty());
    let Some(context) = wanted.map(str::to_owned).or(current) else {
        return Err(Error::cluster(format!("the kubeconfig {} has no current context", looked_in()))
            .because(format!("it has {}", counted(&names)))
            .hint("set `kubectl_context` of the context in `.asya/config.yaml`, or run `kubectl config use-context`"));
    };
    let Some(found) = merged.contexts.iter().find(|named| named.name == context) else {
        return Err(absent(&context, &names, &looked_in()).hint(match wanted {
            Some(_) => "set `kubectl_context` of the context in `.asya/config.yaml`",
            None => "run `kubectl config use-context` with one of them",
        }));
    };
    let user = found.context.as_ref().and_then(|context| context.user.clone()).unwrap_or_default();
    let options = KubeConfigOptions { context: Some(context.clone()), ..KubeConfigOptions::default() };
    let config = Config::from_custom_kubeconfig(merged, &options).await.map_err(|error| {
        Error::cluster(format!("context `{context}` of the kubeconfig {} cannot be used", looked_in()))
            .because(words(&error))
    })?;
    Ok(Chosen { config, context, user })
}

/// What the kubeconfig offers, without any secrets.
#[derive(Debug, Clone, Default)]
pub struct KnownContexts {
    /// Its contexts, in its order.
    pub contexts: Vec<KnownContext>,
    /// Name of the current one.
    pub current: Option<String>,
    /// The files that were read.
    pub files: Vec<PathBuf>,
}

/// One context of the kubeconfig.
#[derive(Debug, Clone)]
pub struct KnownContext {
    /// Its name.
    pub name: String,
    /// Name of its cluster.
    pub cluster: String,
    /// The server's address, where the cluster is there and has one.
    pub server: Option<String>,
    /// Its namespace, where it names one.
    pub namespace: Option<String>,
}

impl KnownContexts {
    /// The context of this name.
    pub fn get(&self, name: &str) -> Option<&KnownContext> {
        self.contexts.iter().find(|context| context.name == name)
    }
}

/// The contexts of the kubeconfig; none of them where there is no kubeconfig. Nothing is sent. A file
/// that is no kubeconfig is an error of kind `Cluster`.
pub fn known_contexts(environment: &dyn Fn(&str) -> Option<String>) -> Result<KnownContexts> {
    let Some((merged, files)) = merged(environment)? else { return Ok(KnownContexts::default()) };
    let server = |cluster: &str| {
        let named = merged.clusters.iter().find(|named| named.name == cluster)?;
        named.cluster.as_ref()?.server.clone()
    };
    let contexts = merged
        .contexts
        .iter()
        .filter_map(|named| {
            let context = named.context.as_ref()?;
            Some(KnownContext {
                name: named.name.clone(),
                cluster: context.cluster.clone(),
                server: server(&context.cluster),
                namespace: context.namespace.clone().filter(|namespace| !namespace.is_empty()),
            })
        })
        .collect();
    let current = merged.current_context.filter(|name| !name.is_empty());
    Ok(KnownContexts { contexts, current, files })
}

/// The error for a context that the kubeconfig does not have: which ones it has, and the nearest.
pub fn no_such_context(known: &KnownContexts, wanted: &str, environment: &dyn Fn(&str) -> Option<String>) -> Error {
    if known.files.is_empty() {
        return missing(&candidates(environment), environment("KUBECONFIG").is_some());
    }
    let names: Vec<String> = known.contexts.iter().map(|context| context.name.clone()).collect();
    absent(wanted, &names, &places(&known.files))
}

fn absent(context: &str, names: &[String], looked_in: &str) -> Error {
    let near = near_matches(context, names.iter().map(String::as_str));
    Error::cluster(format!("the kubeconfig has no context `{context}`"))
        .because(format!("{looked_in} has {}", counted(names)))
        .hint_opt((!near.is_empty()).then(|| format!("did you mean {}?", quoted(&near))))
}

/// All files of the kubeconfig together, and which they are; `None` where there is none.
fn merged(environment: &dyn Fn(&str) -> Option<String>) -> Result<Option<(Kubeconfig, Vec<PathBuf>)>> {
    let present: Vec<PathBuf> = candidates(environment).into_iter().filter(|file| file.is_file()).collect();
    let mut merged = Kubeconfig::default();
    for file in &present {
        let refused = |error: KubeconfigError| {
            Error::cluster(format!("the kubeconfig `{}` cannot be used", file.display())).because(words(&error))
        };
        merged = Kubeconfig::read_from(file).and_then(|read| merged.merge(read)).map_err(refused)?;
    }
    Ok((!present.is_empty()).then_some((merged, present)))
}

fn places(files: &[PathBuf]) -> String {
    files.iter().map(|file| format!("`{}`", file.display())).collect::<Vec<_>>().join(", ")
}

fn in_cluster() -> Result<Chosen> {
    let config = Config::incluster().map_err(|error| {
        Error::cluster("the service account of this pod cannot be used").because(super::failure::root_cause(&error))
    })?;
    Ok(Chosen { config, context: "in-cluster".to_owned(), user: "the pod's service account".to_owned() })
}

fn candidates(environment: &dyn Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let listed: Vec<PathBuf> = environment("KUBECONFIG")
        .map(|list| std::env::split_paths(&list).filter(|path| !path.as_os_str().is_empty()).collect())
        .unwrap_or_default();
    if !listed.is_empty() {
        return listed;
    }
    environment("HOME")
        .or_else(|| environment("USERPROFILE"))
        .map(|home| vec![PathBuf::from(home).join(".kube").join("config")])
        .unwrap_or_default()
}

fn missing(files: &[PathBuf], from_variable: bool) -> Error {
    let places: Vec<String> = files.iter().map(|file| format!("`{}`", file.display())).collect();
    let error = Error::cluster("there is no kubeconfig").because(match (places.is_empty(), from_variable) {
        (true, _) => "neither KUBECONFIG nor HOME is set".to_owned(),
        (false, true) if places.len() == 1 => format!("KUBECONFIG names {}, which does not exist", places.join(", ")),
        (false, true) => format!("KUBECONFIG names {}; none of them exists", places.join(", ")),
        (false, false) => format!("KUBECONFIG is not set and {} does not exist", places.join(", ")),
    });
    error.hint("set KUBECONFIG to the file that your cluster's provider gave you")
}

/// The client's own words without Rust's decoration.
fn words(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::LoadClusterOfContext(name) => format!("it has no cluster `{name}`"),
        KubeconfigError::MissingClusterUrl => "its cluster has no `server`".to_owned(),
        KubeconfigError::Parse(reason) => {
            let text = reason.to_string();
            let first = text.lines().next().unwrap_or_default();
            format!("it is not a kubeconfig: {}", first.strip_prefix("error: ").unwrap_or(first))
        }
        KubeconfigError::ReadConfig(reason, _) => crate::error::io_reason(reason),
        other => super::failure::root_cause(other),
    }
}

fn counted(names: &[String]) -> String {
    match names {
        [] => "no contexts at all".to_owned(),
        [one] => format!("only `{one}`"),
        many => format!("{} contexts: {}", many.len(), quoted(many)),
    }
}
