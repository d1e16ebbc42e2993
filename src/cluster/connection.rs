//! A connection to one API server under one name.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::OnceCell;

use super::credentials::Credentials;
use super::failure;
use super::kubeconfig;
use crate::error::{Error, Result};

/// How long a server may take to answer the first request, seconds.
const FIRST_ANSWER: u64 = 10;

/// How long a server may take to answer any later request.
const ANSWER: Duration = Duration::from_secs(60);

/// Which cluster is meant.
pub struct Connect<'a> {
    /// Context of the kubeconfig; `None` means its current one.
    pub context: Option<&'a str>,
    /// Looks up an environment variable (`KUBECONFIG`, `HOME`).
    pub environment: &'a dyn Fn(&str) -> Option<String>,
}

/// A connection to a cluster. Credentials, TLS and exec plugins are the kubeconfig's business.
pub struct Cluster {
    pub(super) credentials: Credentials,
    context: String,
    user: String,
    server: String,
    namespace: String,
    /// Whether the server ever answered anything.
    pub(super) answered: AtomicBool,
    /// The schema of AsyncActor, once it was read.
    pub(super) actor_document: OnceCell<Option<Value>>,
}

impl Cluster {
    /// Reads the kubeconfig and prepares the connection; sends nothing yet, except what a
    /// credential plugin of the kubeconfig does. Errors are of kind `Cluster`: no kubeconfig
    /// (which files were looked for), no such context (near matches), unusable credentials.
    pub async fn connect(wanted: Connect<'_>) -> Result<Self> {
        let kubeconfig::Chosen { mut config, context, user } =
            kubeconfig::choose(wanted.context, wanted.environment).await?;
        config.connect_timeout = Some(Duration::from_secs(FIRST_ANSWER));
        config.read_timeout = Some(ANSWER);
        config.reset_reader_on_write = true;
        // Repeated here, with more reasons and less patience (`exchange`).
        config.default_retry = false;
        let server = config.cluster_url.to_string();
        let namespace = config.default_namespace.clone();
        let plugin = config.auth_info.exec.as_ref().and_then(|exec| exec.command.clone());
        let credentials = Credentials::obtain(config).await.map_err(|error| match failure::auth_error(&error) {
            Some(error) => failure::no_credentials(&user, plugin.as_deref(), error),
            None => Error::cluster(format!("context `{context}` of the kubeconfig cannot be used"))
                .because(failure::root_cause(&error)),
        })?;
        Ok(Self {
            credentials,
            context,
            user,
            server,
            namespace,
            answered: AtomicBool::new(false),
            actor_document: OnceCell::new(),
        })
    }

    /// A client whose connections may be silent for any time.
    pub(super) async fn patient(&self) -> Result<kube::Client> {
        let made = self.credentials.patient().await;
        made.map_err(|error| Error::cluster("the cluster cannot be used").because(failure::root_cause(&error)))
    }

    /// The context's name in the kubeconfig.
    pub fn context(&self) -> &str {
        &self.context
    }

    /// The user's name in the kubeconfig.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The server's address.
    pub fn server(&self) -> &str {
        self.server.trim_end_matches('/')
    }

    /// The namespace the kubeconfig names, else `default`.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The time, as annotations write it.
    pub fn now(&self) -> String {
        k8s_openapi::jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// The first request to a server: the same as any other, but it has only ten seconds, without
    /// the time that logging in again takes.
    pub(super) async fn first<T>(&self, request: impl Future<Output = Result<T>>) -> Result<T> {
        let mut request = std::pin::pin!(request);
        loop {
            match tokio::time::timeout(Duration::from_secs(FIRST_ANSWER), &mut request).await {
                Ok(answer) => return answer,
                Err(_) if self.credentials.is_renewing() => {}
                Err(_) => {
                    let reason = format!("nothing came back within {FIRST_ANSWER} seconds");
                    return Err(failure::unreachable(self, &reason));
                }
            }
        }
    }
}
