//! What the server says when it does not apply an object, in words.

use kube::core::Status;
use serde_json::Value;

use super::conflict::{Conflict, conflicts};
use super::failure;
use crate::error::{Error, Result};
use crate::kustomize::ObjectId;
use crate::names::counted;

/// Why an object was not applied.
pub(super) enum Failed {
    /// The server refused this object.
    Refused(Refused),
    /// Its namespace does not exist.
    Nowhere(String),
    /// The server could not be asked.
    Broken(Error),
}

/// What the server said of an object, and what to do.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    pub(super) because: Vec<String>,
    pub(super) hint: Option<String>,
}

/// Takes an answer apart. `ours` is what was sent, `live` what was there.
pub(super) fn refused(status: &Status, ours: &Value, live: Option<&Value>) -> Failed {
    let conflicts = conflicts(status);
    if !conflicts.is_empty() {
        let because = conflicts
            .into_iter()
            .map(|Conflict { field, manager }| {
                let field = bare(&field);
                format!("`{field}` belongs to `{manager}`, {}", values(field, ours, live))
            })
            .collect();
        let hint = "leave these fields out of the manifests, or take them over with `--force-conflicts`";
        return Failed::Refused(Refused { because, hint: Some(hint.to_owned()) });
    }
    let details = status.details.as_ref();
    if status.code == 404
        && let Some(details) = details
        && details.kind == "namespaces"
    {
        return Failed::Nowhere(details.name.clone());
    }
    if let Some(fields) = unknown_fields(&status.message) {
        return Failed::Refused(Refused {
            because: fields.iter().map(|field| format!("`{}` is not a field of its kind", bare(field))).collect(),
            hint: Some(
                "check the spelling in the manifests, and `platform.generation` in `.asya/config.yaml`".to_owned(),
            ),
        });
    }
    let causes: Vec<String> = details
        .iter()
        .flat_map(|details| &details.causes)
        .filter(|cause| !cause.field.is_empty())
        .map(|cause| format!("`{}`: {}", cause.field, cause.message))
        .collect();
    let because = if causes.is_empty() { vec![type_error(status)] } else { causes };
    Failed::Refused(Refused { because, hint: None })
}

/// Both values of a field in conflict, where they are short and no secret.
fn values(field: &str, ours: &Value, live: Option<&Value>) -> String {
    let at = |object: &Value| -> Option<String> {
        let value = field.split('.').try_fold(object, |value, part| value.get(part))?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (!value.is_array() && !value.is_object() && text.len() <= 80 && !text.contains('\n')).then_some(text)
    };
    let is_secret = ours.get("kind").is_some_and(|kind| kind == "Secret");
    match (live.and_then(at), at(ours)) {
        (Some(theirs), Some(ours)) if !is_secret => format!("who set `{theirs}`; the manifests have `{ours}`"),
        _ => "with another value".to_owned(),
    }
}

/// There is no such namespace.
pub(super) fn nowhere(namespace: &str, tail: &str) -> Error {
    Error::cluster(format!("there is no namespace `{namespace}`{tail}"))
        .hint(format!("create it with `kubectl create namespace {namespace}`"))
        .hint("or set another one: `namespace` of the context in `.asya/config.yaml`")
}

/// The server's words; of a value of the wrong type only the field and what is wrong with it.
fn type_error(status: &Status) -> String {
    let text = failure::message(status);
    let typed = text.strip_prefix("failed to create typed patch object (").and_then(|rest| rest.split_once("): "));
    match typed.and_then(|(_, rest)| rest.split_once(": ")) {
        Some((field, wrong)) => format!("`{}`: {wrong}", bare(field)),
        None => text,
    }
}

/// A field without the dot that some answers begin it with.
fn bare(field: &str) -> &str {
    field.strip_prefix('.').unwrap_or(field)
}

/// The fields of strict validation: `….spec.imge: field not declared in schema` and
/// `unknown field "spec.imge"`.
fn unknown_fields(message: &str) -> Option<Vec<String>> {
    let mut fields: Vec<String> = message
        .match_indices(": field not declared in schema")
        .filter_map(|(at, _)| message.get(..at)?.split_whitespace().next_back().map(str::to_owned))
        .collect();
    for (at, word) in message.match_indices("unknown field \"") {
        if let Some((field, _)) = message.get(at + word.len()..).and_then(|rest| rest.split_once('"')) {
            fields.push(format!(".{field}"));
        }
    }
    (!fields.is_empty()).then_some(fields)
}

/// One error for everything that failed, unless nothing did.
pub(super) fn refusal(failed: Vec<(ObjectId, Failed)>, tail: &str) -> Result<()> {
    let mut refused = Vec::new();
    for (id, reason) in failed {
        match reason {
            // The same would be said of every object.
            Failed::Broken(error) => return Err(error),
            Failed::Nowhere(namespace) => {
                return Err(nowhere(&namespace, tail));
            }
            Failed::Refused(Refused { because, hint }) => refused.push((id, because, hint)),
        }
    }
    let mut error = match refused.as_slice() {
        [] => return Ok(()),
        [(id, ..)] => Error::cluster(format!("the cluster refuses `{id}`{tail}")),
        many => Error::cluster(format!("the cluster refuses {}{tail}", counted(many.len(), "object"))),
    };
    let several = refused.len() > 1;
    for (id, because, hint) in refused {
        for reason in because {
            error = error.because(if several { format!("`{id}`: {reason}") } else { reason });
        }
        error = error.hint_opt(hint);
    }
    Err(error)
}
