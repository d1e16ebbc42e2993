//! Checks for RabbitMQ.

use super::check::Check;
use super::known::Id;
use super::resolved::misnamed;
use super::ward::{Found, Ward};
use crate::cluster::Look;
use crate::error::Result;
use crate::project::Transport;

/// The Secret KEDA reads, where nothing says another.
pub(super) const KEDA_SECRET: (&str, &str) = ("rabbitmq-keda-secret", "host");

pub(super) async fn run(ward: &Ward<'_>, out: &mut Vec<Check>) -> Result<()> {
    for (name, key) in ward.keda_secrets(Transport::Rabbitmq) {
        let subject = format!("Secret {}/{name}", ward.namespace);
        let fix = format!(
            "asya k secret set {name} {key} --namespace {}, with amqp://USER:PASSWORD@HOST:5672/",
            ward.namespace
        );
        out.push(match ward.secret(&ward.namespace, &name, &key).await? {
            Look::Unseen(what) => Check::unseen(Id::C30, subject, &what),
            Look::Seen(Found::Missing | Found::NoKey)
                if ward.is_misnamed(&ward.namespace, (&name, &key), KEDA_SECRET).await? =>
            {
                misnamed(subject, (&name, &key), KEDA_SECRET, "rabbitmq.keda.secretRef")
            }
            Look::Seen(Found::Missing) => {
                Check::fail(Id::C30, subject, "it is missing: KEDA cannot read the queue, so pods are never added")
                    .fix(fix)
            }
            Look::Seen(Found::NoKey) => Check::fail(Id::C30, subject, format!("it has no key `{key}`")).fix(fix),
            Look::Seen(Found::Value(value)) => {
                let url = String::from_utf8_lossy(&value).into_owned();
                match (url.starts_with("amqp://") || url.starts_with("amqps://")) && url.trim_end() == url {
                    true => Check::ok(Id::C30, subject, format!("`{key}` is the address of a RabbitMQ")),
                    false => Check::fail(
                        Id::C30,
                        subject,
                        format!("`{key}` is no amqp:// or amqps:// address, or ends with a line break"),
                    )
                    .fix(fix),
                }
            }
        });
    }
    Ok(())
}
