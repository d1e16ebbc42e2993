//! What a namespace lacks, decided from what is in it and in the one it is made after.

use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::super::doctor::{COPIED_FROM, IDENTITY, annotation};
use crate::error::{Error, Result};

/// The annotation of a copy: the SHA-256 of what was copied.
const COPIED_HASH: &str = "asya.sh/content-sha256";

/// What is done about one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Action {
    /// It is as it should be.
    Unchanged,
    /// It is made.
    Create,
    /// It is there and different.
    Update,
    /// Only a person can do it, with the command given.
    Manual,
}

impl Action {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Create => "create",
            Self::Update => "update",
            Self::Manual => "manual",
        }
    }
}

/// One step of the plan.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    pub(super) action: Action,
    /// What it is about.
    pub(super) subject: String,
    /// Why, in a few words.
    pub(super) message: String,
    /// For manual steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) command: Option<String>,
    /// What is applied. May be a Secret: never shown.
    #[serde(skip)]
    pub(super) object: Option<Value>,
}

impl Step {
    pub(super) fn manual(subject: impl Into<String>, message: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            action: Action::Manual,
            subject: subject.into(),
            message: message.into(),
            command: Some(command.into()),
            object: None,
        }
    }

    fn done(subject: String, message: &str) -> Self {
        Self { action: Action::Unchanged, subject, message: message.to_owned(), command: None, object: None }
    }

    fn write(action: Action, subject: String, message: String, object: Value) -> Self {
        Self { action, subject, message, command: None, object: Some(object) }
    }

    /// Something is written.
    pub(super) fn writes(&self) -> bool {
        self.object.is_some()
    }
}

/// The namespace itself: made if it is missing, else left alone.
pub(super) fn namespace(name: &str, live: Option<&Value>) -> Result<Step> {
    let subject = format!("Namespace {name}");
    match live {
        None => {
            let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
            Ok(Step::write(Action::Create, subject, "it does not exist".to_owned(), object))
        }
        Some(live) if live.pointer("/metadata/deletionTimestamp").is_some() => {
            Err(Error::cluster(format!("namespace `{name}` is being deleted; nothing was written"))
                .hint("wait until it is gone, or choose another name"))
        }
        Some(_) => Ok(Step::done(subject, "it exists")),
    }
}

/// A ConfigMap or Secret in the new namespace as in `source`: its data and type, nothing of its
/// labels, owners and annotations.
pub(super) fn copy(source: &Value, from: &str, to: &str, live: Option<&Value>) -> Result<Step> {
    let text = |pointer: &str| source.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (kind, name) = (text("/kind"), text("/metadata/name"));
    let subject = format!("{kind} {to}/{name}");
    if text("/type") == "kubernetes.io/service-account-token" {
        return Err(Error::cluster(format!("`{kind} {from}/{name}` is the token of an account, which is not copied"))
            .hint("make a Secret of another type there"));
    }
    let parts = ["data", "binaryData", "type"];
    let content = |object: &Value| -> Map<String, Value> {
        parts.iter().filter_map(|part| Some(((*part).to_owned(), object.get(part)?.clone()))).collect()
    };
    let wanted = content(source);
    let action = match live {
        None => Action::Create,
        Some(live) if content(live) == wanted => return Ok(Step::done(subject, &format!("as in namespace `{from}`"))),
        Some(_) => Action::Update,
    };
    let hash: String =
        Sha256::digest(json!(wanted).to_string().as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    let mut object = json!({
        "apiVersion": "v1", "kind": kind,
        "metadata": {
            "name": name, "namespace": to,
            "labels": {"app.kubernetes.io/managed-by": "asya"},
            "annotations": {COPIED_FROM: from, COPIED_HASH: hash},
        },
    });
    if let Some(object) = object.as_object_mut() {
        object.extend(wanted);
    }
    let message = match action {
        Action::Update => format!("differs from the one in namespace `{from}`"),
        _ => format!("copied from namespace `{from}`"),
    };
    Ok(Step::write(action, subject, message, object))
}

/// The account pods run as, with the Google account it acts as.
pub(super) fn identity(namespace: &str, wanted: &str, live: Option<&Value>, force: bool) -> Result<Step> {
    let subject = format!("ServiceAccount {namespace}/default");
    let object = json!({
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": "default", "namespace": namespace, "annotations": {IDENTITY: wanted}},
    });
    let message = format!("acts as {wanted}");
    match live.map(|live| annotation(live, IDENTITY)) {
        Some(found) if found == wanted => Ok(Step::done(subject, &message)),
        None | Some("") => {
            let action = if live.is_some() { Action::Update } else { Action::Create };
            Ok(Step::write(action, subject, message, object))
        }
        Some(_) if force => Ok(Step::write(Action::Update, subject, message, object)),
        Some(found) => Err(Error::cluster(format!("`{subject}` acts as `{found}` already; nothing was written"))
            .because(format!("`{wanted}` is wanted"))
            .hint("name the one you mean with `--gsa`, or replace it with `--force`")),
    }
}
