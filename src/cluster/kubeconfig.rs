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
    let files = candidates(environment);
    let present: Vec<&PathBuf> = files.iter().filter(|file| file.is_file()).collect();
    if present.is_empty() {
        if wanted.is_none() && environment("KUBERNETES_SERVICE_HOST").is_some() {
            return in_cluster();
        }
        return Err(missing(&files, environment("KUBECONFIG").is_some()));
    }
    let mut merged = Kubeconfig::default();
    for file in &present {
        let refused = |error: KubeconfigError| {
            Error::cluster(format!("the kubeconfig `{}` cannot be used", file.display())).because(words(&error))
        };
        merged = Kubeconfig::read_from(file).and_then(|read| merged.merge(read)).map_err(refused)?;
    }
    let looked_in = || present.iter().map(|file| format!("`{}`", file.display())).collect::<Vec<_>>().join(", ");
    let names: Vec<String> = merged.contexts.iter().map(|named| named.name.clone()).collect();
    let current = merged.current_context.clone().filter(|name| !name.is_empty());
    let Some(context) = wanted.map(str::to_owned).or(current) else {
        return Err(Error::cluster(format!("the kubeconfig {} has no current context", looked_in()))
            .because(format!("it has {}", counted(&names)))
            .hint("set `kubectl_context` of the context in `.asya/config.yaml`, or run `kubectl config use-context`"));
    };
    let Some(found) = merged.contexts.iter().find(|named| named.name == context) else {
        let near = near_matches(&context, names.iter().map(String::as_str));
        return Err(Error::cluster(format!("the kubeconfig has no context `{context}`"))
            .because(format!("{} has {}", looked_in(), counted(&names)))
            .hint_opt((!near.is_empty()).then(|| format!("did you mean {}?", quoted(&near))))
            .hint(match wanted {
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
