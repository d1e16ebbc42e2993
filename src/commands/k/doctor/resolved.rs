//! Whether what pods refer to is there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::check::Check;
use super::known::Id;
use super::references::{Reference, references};
use super::runtime::runtime_name;
use super::ward::{Found, Ward, accounts};
use crate::cluster::{Look, Resource};
use crate::error::Result;

/// A Secret is missing under the name in force, and is there under the chart's default; `value` is
/// where the chart has the name.
pub(super) fn misnamed(subject: String, in_force: (&str, &str), default: (&str, &str), value: &str) -> Check {
    let ((name, key), (other, other_key)) = (in_force, default);
    Check::fail(
        Id::P10,
        subject,
        format!("key `{key}` of it is what is read, and is missing; `{other}` with `{other_key}` is the default, and not in force"),
    )
    .fix(format!("make {name} with key {key}, or take `{value}` out of the values of the chart `asya-crossplane`"))
}

/// Whether everything that pods refer to is there.
pub(super) async fn run(
    id: Id,
    ward: &Ward<'_>,
    namespace: &str,
    templates: &[(String, Value)],
    out: &mut Vec<Check>,
) -> Result<()> {
    let mut wanted: BTreeSet<Reference> = BTreeSet::new();
    for (_, pod) in templates {
        wanted.extend(references(pod));
    }
    let count = wanted.len();
    let before = out.len();
    for reference in wanted {
        let Reference { kind, name, key } = &reference;
        let subject = format!("{kind} {namespace}/{name}");
        let users: Vec<&str> = templates
            .iter()
            .filter(|(_, pod)| references(pod).contains(&reference))
            .map(|(name, _)| name.as_str())
            .collect();
        let users = users.join(", ");
        let (has_it, has_key) = match *kind {
            "Secret" => match ward.secret(namespace, name, key.as_deref().unwrap_or_default()).await? {
                Look::Unseen(what) => {
                    out.push(Check::unseen(id, subject, &what));
                    continue;
                }
                Look::Seen(Found::Missing) => (false, false),
                Look::Seen(Found::NoKey) => (true, key.is_none()),
                Look::Seen(Found::Value(_)) => (true, true),
            },
            other => {
                let resource = if other == "ConfigMap" { Resource::config_maps() } else { accounts() };
                match ward.look(&resource, namespace, name).await {
                    Look::Unseen(what) => {
                        out.push(Check::unseen(id, subject, &what));
                        continue;
                    }
                    Look::Seen(None) => (false, false),
                    Look::Seen(Some(object)) => {
                        let has = |key: &String| {
                            ["data", "binaryData"]
                                .iter()
                                .any(|part| object.get(part).is_some_and(|data| data.get(key).is_some()))
                        };
                        (true, key.as_ref().is_none_or(has))
                    }
                }
            }
        };
        if !has_it {
            out.push(
                Check::fail(id, subject, format!("it is missing; {users} cannot start without it"))
                    .fix(make(ward, namespace, &reference)),
            );
        } else if !has_key {
            let key = key.as_deref().unwrap_or_default();
            out.push(
                Check::fail(id, subject, format!("it has no key `{key}`; {users} cannot start without it"))
                    .fix(make(ward, namespace, &reference)),
            );
        }
    }
    if out.len() == before && count > 0 {
        out.push(Check::ok(
            id,
            format!("what pods of namespace {namespace} refer to"),
            format!("all {count} are there"),
        ));
    }
    Ok(())
}

/// The command that makes what is missing.
fn make(ward: &Ward<'_>, namespace: &str, reference: &Reference) -> String {
    let Reference { kind, name, key } = reference;
    match *kind {
        "Secret" => {
            format!("asya k secret set {name} {} --namespace {namespace}", key.as_deref().unwrap_or("KEY"))
        }
        "ConfigMap" if *name == runtime_name(ward) => format!("asya k namespace prepare {namespace}"),
        "ConfigMap" => {
            let key = key.as_deref().unwrap_or("KEY");
            format!(
                "asya k apply FLOW, if it is of a flow; else kubectl -n {namespace} create configmap {name} --from-file={key}"
            )
        }
        _ => format!("kubectl -n {namespace} create serviceaccount {name}; SQS actors get theirs from the composition"),
    }
}
