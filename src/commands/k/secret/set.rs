//! `asya k secret set`.

use std::io::{IsTerminal, Read};

use base64::Engine;
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::super::Status;
use super::super::place::Place;
use crate::cluster::{self, Access, Cluster, Look, Patched, Resource};
use crate::error::{Error, Result, io_reason};
use crate::event::{Change, Event};
use crate::names::Namespace;
use crate::settings::Settings;
use crate::ui::Ui;

/// The field manager of keys that are set by hand.
const MANAGER: &str = "asya-secret";

/// The longest value a Secret can hold.
const LONGEST: usize = 1024 * 1024;

/// Set one key of a Secret
///
/// The value comes from stdin, or from a question whose answer is not shown; never from the
/// command line, where others can read it. Other keys stay as they are.
#[derive(Debug, Args)]
pub(super) struct SetArgs {
    /// The Secret; made if it is missing
    name: String,
    /// The key in it
    key: String,
    /// Of this namespace instead of the actors'
    #[arg(short, long, value_name = "NAMESPACE")]
    namespace: Option<Namespace>,
    /// Keep a line break at the end of stdin, which otherwise is taken off
    #[arg(long)]
    exact: bool,
}

/// The result, version 1.
#[derive(Serialize)]
struct SetDocument {
    version: u32,
    namespace: String,
    name: String,
    key: String,
    change: &'static str,
}

pub(super) fn run(args: &SetArgs, settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if args.key.is_empty() || !args.key.chars().all(valid) || args.key.len() > 253 {
        return Err(Error::usage(format!("`{}` cannot be a key", args.key.escape_debug()))
            .because("keys are made of letters, digits, `-`, `_` and `.`"));
    }
    let place = Place::load(settings)?;
    place.check_writable(settings, "secret set")?;
    let value = value(args, ui)?;
    let document = cluster::run(async {
        let cluster = place.connect(settings).await?;
        let namespace = args.namespace.as_ref().map_or_else(|| place.located(&cluster).actors, ToString::to_string);
        cluster.actor_shape().await?;
        let change = write(args, &namespace, &value, &cluster).await?;
        Ok(SetDocument { version: 1, namespace, name: args.name.clone(), key: args.key.clone(), change: change.name() })
    })?;
    ui.report(&document, |_| {
        format!("Secret {}/{}: {} {}\n", document.namespace, document.name, document.key, document.change)
    });
    if document.change == Change::Changed.name() {
        ui.event(Event::Note(format!(
            "pods that run keep the old value; kubectl -n {} rollout restart deployment NAME",
            document.namespace
        )));
    }
    Ok(Status::Done)
}

fn value(args: &SetArgs, ui: &mut Ui) -> Result<Vec<u8>> {
    let mut value = Vec::new();
    if std::io::stdin().is_terminal() {
        if !ui.can_prompt() {
            return Err(Error::usage("there is no value").hint("give it on stdin"));
        }
        value = ui.ask_hidden(&format!("{} of Secret {}", args.key, args.name))?.into_bytes();
    } else {
        let mut limited = std::io::stdin().take(LONGEST as u64 + 1);
        limited
            .read_to_end(&mut value)
            .map_err(|error| Error::usage("stdin cannot be read").because(io_reason(&error)))?;
        if !args.exact && value.ends_with(b"\n") {
            value.pop();
            if value.ends_with(b"\r") {
                value.pop();
            }
        }
    }
    match value.len() {
        0 => Err(Error::usage("the value is empty").hint("give it on stdin")),
        length if length > LONGEST => Err(Error::usage("the value is longer than a Secret can be: 1 MiB")),
        _ => Ok(value),
    }
}

async fn write(args: &SetArgs, namespace: &str, value: &[u8], cluster: &Cluster) -> Result<Change> {
    let SetArgs { name, key, .. } = args;
    let secrets = Resource::secrets();
    let needed = [Access::of("patch", &secrets, namespace, name), Access::any("create", &secrets, namespace)];
    // A Secret that is there may not be readable: writing it needs no reading.
    let live = match cluster.look(&secrets, namespace, name).await? {
        Look::Seen(live) => live,
        Look::Unseen(_) => None,
    };
    let encoded = base64::engine::general_purpose::STANDARD.encode(value);
    if let Some(live) = live {
        if live.get("type").and_then(Value::as_str) == Some("kubernetes.io/service-account-token") {
            return Err(Error::cluster(format!(
                "`Secret {namespace}/{name}` is the token of an account, made by the cluster"
            )));
        }
        if live.get("immutable").and_then(Value::as_bool) == Some(true) {
            return Err(
                Error::cluster(format!("`Secret {namespace}/{name}` is immutable")).hint("make one with another name")
            );
        }
        let before = live.get("data").and_then(|data| data.get(key));
        if before.and_then(Value::as_str) == Some(encoded.as_str()) {
            return Ok(Change::Unchanged);
        }
        let change = if before.is_some() { Change::Changed } else { Change::Created };
        cluster.require(&needed[..1]).await?;
        let patch = json!({"data": {key: encoded}});
        return match cluster.merge_patch(&secrets, namespace, name, &patch, MANAGER).await? {
            Patched::Done(_) => Ok(change),
            Patched::Refused(_) => Err(Error::cluster(format!("the cluster refuses `Secret {namespace}/{name}`"))),
            Patched::Raced | Patched::Gone => {
                Err(Error::cluster(format!("`Secret {namespace}/{name}` was changed at the same time"))
                    .hint("run the same command again"))
            }
        };
    }
    cluster.require(&needed).await?;
    let object = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {"name": name, "namespace": namespace}, "data": {key: encoded},
    });
    match cluster.apply_part(&secrets, &object, MANAGER, false).await? {
        Patched::Done(_) => {}
        Patched::Refused(reason) => {
            return Err(Error::cluster(format!("the cluster refuses `Secret {namespace}/{name}`")).because(reason));
        }
        Patched::Gone => return Err(Error::cluster(format!("there is no namespace `{namespace}`"))),
        Patched::Raced => {
            return Err(Error::cluster(format!("`Secret {namespace}/{name}` was changed at the same time"))
                .hint("run the same command again"));
        }
    }
    Ok(Change::Created)
}
