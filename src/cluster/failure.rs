//! Client errors in words: what was asked of which server, who asked, why it failed.

use std::error::Error as StdError;

use kube::client::AuthError;
use kube::core::Status;
use serde_json::json;

use super::credentials::{Credentials, Origin};
use super::{Cluster, role};
use crate::error::{Error, io_reason};

/// What was being done, for messages: `read configmap ns/name`.
pub(super) struct Doing<'a> {
    /// The verb a person would use: `read`, `apply`, `patch`, `delete`, `list`.
    pub(super) verb: &'a str,
    /// The object or the kind: `ConfigMap ns/name`, `Deployments in namespace ns`.
    pub(super) what: &'a str,
}

/// Turns an error of the client into one for a person.
pub(super) fn explain(cluster: &Cluster, doing: &Doing<'_>, error: &kube::Error) -> Error {
    match error {
        kube::Error::Api(status) => refused(cluster, doing, status),
        _ => match auth_error(error) {
            Some(error) => {
                let plugin = match &cluster.credentials.origin {
                    Origin::Plugin(command) => Some(command.as_str()),
                    _ => None,
                };
                no_credentials(cluster.user(), plugin, error).because(format!(
                    "the ones before were not accepted any more: the cluster answered 401 Unauthorized to: {} {}",
                    doing.verb, doing.what
                ))
            }
            None => unreachable(cluster, &root_cause(error)),
        },
    }
}

/// What went wrong with credentials, if that is what went wrong.
pub(super) fn auth_error(error: &kube::Error) -> Option<&AuthError> {
    if let kube::Error::Auth(error) = error {
        return Some(error);
    }
    let mut below: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(error) = below {
        if let Some(error) = error.downcast_ref() {
            return Some(error);
        }
        below = error.source();
    }
    None
}

/// The kubeconfig's user has no usable credentials. `plugin` is the command that should make them.
pub(super) fn no_credentials(user: &str, plugin: Option<&str>, error: &AuthError) -> Error {
    let failed = Error::cluster(format!("the credentials of user `{user}` of the kubeconfig cannot be obtained"));
    let plugin = plugin.unwrap_or("the credential plugin");
    match error {
        AuthError::AuthExecStart(reason) => failed
            .because(format!("`{plugin}` cannot be started: {}", io_reason(reason)))
            .hint(format!("install `{plugin}`, or correct `exec` of the user in the kubeconfig")),
        // Its standard output may hold a token: only what it complained about is shown.
        AuthError::AuthExecRun { out, .. } => {
            let complaint = String::from_utf8_lossy(&out.stderr);
            let complaint = complaint.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned);
            failed
                .because(format!("`{plugin}` failed: {}", complaint.unwrap_or_else(|| out.status.to_string())))
                .hint("log in again with the tool of your cluster's provider")
        }
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => {
            failed.because(format!("`{plugin}` did not answer with credentials"))
        }
        AuthError::ReadTokenFile(reason, file) => failed
            .because(format!("the token file `{}` cannot be read: {}", file.display(), io_reason(reason)))
            .hint("correct `tokenFile` of the user in the kubeconfig"),
        other => failed.because(root_cause(other)),
    }
}

/// The server did not answer, or what answered is not an API server.
pub(super) fn unreachable(cluster: &Cluster, reason: &str) -> Error {
    let error = Error::cluster(format!(
        "the cluster at {} (context `{}`) does not answer",
        cluster.server(),
        cluster.context()
    ))
    .because(reason);
    let hint = if reason.contains("certificate") {
        "check `certificate-authority` of the cluster in the kubeconfig".to_owned()
    } else if reason.contains("InvalidContentType") || reason.contains("corrupt message") {
        "the server seems to speak plain HTTP; check `server` of the cluster in the kubeconfig".to_owned()
    } else {
        format!("check with `kubectl --context {} version`", cluster.context())
    };
    error.hint(hint)
}

fn refused(cluster: &Cluster, doing: &Doing<'_>, status: &Status) -> Error {
    let Doing { verb, what } = doing;
    match status.code {
        401 => {
            let (from, hint) = not_accepted(&cluster.credentials);
            Error::cluster(format!(
                "the cluster at {} does not accept the credentials of user `{}` (context `{}`)",
                cluster.server(),
                cluster.user(),
                cluster.context()
            ))
            .because(format!("it answered 401 Unauthorized to: {verb} {what}"))
            .because(from)
            .hint(hint)
        }
        403 => forbidden(doing, status),
        _ => Error::cluster(format!("the cluster refused to {verb} {what}")).because(message(status)),
    }
}

/// Where credentials that are not accepted come from, and what to do.
fn not_accepted(credentials: &Credentials) -> (String, String) {
    let anew = |how: &str, what: &str| match credentials.were_renewed() {
        true => format!(", which was {how} again, and what it {what} is not accepted either"),
        false => String::new(),
    };
    match &credentials.origin {
        Origin::Plugin(command) => (
            format!("they come from `{command}`{}", anew("run", "gave")),
            format!("log in again with the tool of your cluster's provider, of which `{command}` is a part"),
        ),
        Origin::TokenFile(file) => (
            format!("they are the token in `{}`{}", file.display(), anew("read", "holds")),
            "renew the token in that file".to_owned(),
        ),
        Origin::Token => {
            ("they are the token in the kubeconfig".to_owned(), "log in again, or renew that token".to_owned())
        }
        Origin::Certificate => (
            "they are the client certificate of the kubeconfig".to_owned(),
            "log in again, or renew that certificate".to_owned(),
        ),
        Origin::Password => (
            "they are the name and the password in the kubeconfig".to_owned(),
            "correct them; Kubernetes itself has no passwords any more".to_owned(),
        ),
        Origin::Other => (
            "the kubeconfig has no token and no certificate for that user".to_owned(),
            "log in again with the tool of your cluster's provider".to_owned(),
        ),
    }
}

fn forbidden(doing: &Doing<'_>, status: &Status) -> Error {
    let Doing { verb, what } = doing;
    match Forbidden::parse(&status.message) {
        Some(Forbidden { user, verb: asked, resource, group, namespace }) => {
            let rule = json!({"apiGroups": [group], "resources": [resource], "verbs": [asked]});
            let rules = role::in_one_line(&[rule]);
            let qualified = if group.is_empty() { resource } else { format!("{resource}.{group}") };
            let (place, role) = match namespace {
                Some(namespace) => (format!("in namespace `{namespace}`"), format!("Role in namespace `{namespace}`")),
                None => ("in the whole cluster".to_owned(), "ClusterRole".to_owned()),
            };
            Error::cluster(format!("user `{user}` may not {asked} {qualified} {place}"))
                .because(format!("the cluster answered 403 Forbidden to: {verb} {what}"))
                .hint(format!("a {role} with these rules allows it: {rules}"))
        }
        // An admission plugin forbids in its own words.
        None => Error::cluster(format!("the cluster forbids to {verb} {what}")).because(message(status)),
    }
}

/// Whether a refusal (403) is about what the user may do, and not about the object.
pub(super) fn is_about_permissions(status: &Status) -> bool {
    Forbidden::parse(&status.message).is_some()
}

/// The parts of the API server's standard sentence
/// `… User "U" cannot V resource "R" in API group "G" in the namespace "N"`.
struct Forbidden {
    user: String,
    verb: String,
    resource: String,
    group: String,
    namespace: Option<String>,
}

impl Forbidden {
    fn parse(message: &str) -> Option<Self> {
        let (_, rest) = message.split_once("User \"")?;
        let (user, rest) = rest.split_once("\" cannot ")?;
        let (verb, rest) = rest.split_once(" resource \"")?;
        let (resource, rest) = rest.split_once("\" in API group \"")?;
        let (group, rest) = rest.split_once('"')?;
        let namespace = rest.split_once("in the namespace \"").and_then(|(_, rest)| rest.split_once('"'));
        Some(Self {
            user: user.to_owned(),
            verb: verb.to_owned(),
            resource: resource.to_owned(),
            group: group.to_owned(),
            namespace: namespace.map(|(namespace, _)| namespace.to_owned()),
        })
    }
}

/// What the server said, one line, without the repeated reason.
pub(super) fn message(status: &Status) -> String {
    let text = if status.message.is_empty() { status.reason.as_str() } else { status.message.as_str() };
    let text = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
    if text.is_empty() { format!("it answered {}", status.code) } else { text }
}

/// The innermost reason of an error, as a person would say it.
pub(super) fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    if let Some(io) = innermost.downcast_ref::<std::io::Error>() {
        return match io.get_ref().map(|inner| root_cause(inner)) {
            Some(inner) => inner,
            None => lower_first(&io_reason(io)),
        };
    }
    lower_first(innermost.to_string().trim_end_matches('.'))
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        // An acronym keeps its capitals.
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(std::iter::once(second)).chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}
