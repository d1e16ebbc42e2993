//! Checks of the gateway's database: two Secrets that must agree.

use serde_json::Value;

use super::super::check::Check;
use super::super::known::Id;
use super::super::references::{annotation, list, text};
use super::super::ward::{Found, Ward, secret_value, services};
use super::Pods;
use super::reach::service_of;
use crate::cluster::{Look, Resource};
use crate::error::Result;

pub(super) async fn run(ward: &Ward<'_>, pods: &Pods, out: &mut Vec<Check>) -> Result<()> {
    let namespace = &ward.gateway;
    let subject = format!("gateway in {namespace}");
    if pods.split {
        out.push(Check::skip(Id::C53, subject, "this generation keeps tasks in a store of its own"));
        return Ok(());
    }
    if !pods.has("ASYA_DATABASE_URL") {
        out.push(
            match pods.halves {
                false => Check::warn(Id::C53, subject, "it has no database: tasks are lost when its pod ends"),
                true => Check::fail(
                    Id::C53,
                    subject,
                    "it has no database, and its two halves share nothing else: results never reach agents",
                ),
            }
            .fix("set `externalDatabase` in the values of the chart `asya-gateway`"),
        );
        return Ok(());
    }
    out.push(Check::ok(Id::C53, subject, "has a database"));
    let Some((dsn_secret, dsn_key)) = pods.secret_of("ASYA_DATABASE_URL") else { return Ok(()) };
    let password = pods.secret_of("PGPASSWORD");
    let Some((host, told)) = addressed(ward, &dsn_secret, &dsn_key, password.as_ref(), out).await? else {
        return Ok(());
    };
    host_exists(ward, &host, out).await?;
    let Some((name, key)) = password else { return Ok(()) };
    let both = format!("Secrets {namespace}/{dsn_secret} and {namespace}/{name}");
    out.push(match ward.secret(namespace, &name, &key).await? {
        Look::Unseen(what) => Check::unseen(Id::C52, both, &what),
        Look::Seen(Found::Value(other)) if other == told.as_bytes() => {
            Check::ok(Id::C52, both, "have the same password")
        }
        Look::Seen(Found::Value(_)) => Check::fail(
            Id::C52,
            both,
            "their passwords differ: the gateway waits for the database with one and connects with the other",
        )
        .fix(format!(
            "write the password of {name} into {dsn_secret}; the database keeps the one it was first started with"
        )),
        // Told with everything else that pods refer to.
        Look::Seen(_) => return Ok(()),
    });
    Ok(())
}

/// Host and password that the gateway connects with; `None` when they cannot be had, which is told.
async fn addressed(
    ward: &Ward<'_>,
    name: &str,
    key: &str,
    password: Option<&(String, String)>,
    out: &mut Vec<Check>,
) -> Result<Option<(String, String)>> {
    let namespace = &ward.gateway;
    let subject = format!("Secret {namespace}/{name}");
    let secret = match ward.look(&Resource::secrets(), namespace, name).await {
        Look::Unseen(what) => {
            out.push(Check::unseen(Id::C51, subject, &what));
            return Ok(None);
        }
        Look::Seen(secret) => secret,
    };
    let Some(address) = secret.as_ref().and_then(|secret| secret_value(secret, key)) else {
        let fix = format!(
            "asya k secret set {name} {key} --namespace {namespace}, with postgres://USER:PASSWORD@HOST:5432/DATABASE"
        );
        out.push(
            match password.is_some_and(|(other, _)| other != name) {
                true => Check::fail(
                    Id::P3,
                    subject,
                    format!(
                        "`{key}` is missing; the chart does not make it when `externalDatabase.existingSecret` is set"
                    ),
                ),
                false => Check::fail(Id::C51, subject, format!("`{key}` is missing: the gateway finds no database")),
            }
            .fix(fix),
        );
        return Ok(None);
    };
    if secret.as_ref().is_some_and(edited_by_hand) {
        out.push(
            Check::warn(Id::P12, subject.clone(), "it was edited by hand, and the next Helm upgrade makes it anew")
                .fix("put the value into `externalDatabase` in the values of the chart `asya-gateway`"),
        );
    }
    match parts(&String::from_utf8_lossy(&address)) {
        Ok(found) => {
            out.push(Check::ok(Id::C51, subject, format!("`{key}` names a database on {}", found.0)));
            Ok(Some(found))
        }
        Err(why) => {
            out.push(
                Check::fail(Id::P6, subject, format!("`{key}` cannot be read: {why}"))
                    .fix("choose a password of letters and digits, or write special characters as %XX"),
            );
            Ok(None)
        }
    }
}

/// Host and password of a `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. The reason quotes nothing
/// of it.
fn parts(dsn: &str) -> Result<(String, String), &'static str> {
    if dsn.trim() != dsn {
        return Err("it begins or ends with white space");
    }
    let rest = dsn.strip_prefix("postgres://").or_else(|| dsn.strip_prefix("postgresql://"));
    let rest = rest.ok_or("it does not begin with postgres://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let special = "a special character of the user or password is not written as %XX";
    let (user, host) = match authority.matches('@').count() {
        1 => authority.split_once('@').ok_or(special)?,
        _ => return Err(special),
    };
    let (_, password) = user.split_once(':').ok_or("it has no password")?;
    let host = match host.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.chars().all(|c| c.is_ascii_digit()) => host,
        Some(_) => return Err(special),
        None => host,
    };
    let broken = |rest: &str| !rest.get(..2).is_some_and(|code| code.chars().all(|c| c.is_ascii_hexdigit()));
    if password.contains(':') || host.is_empty() || user.split('%').skip(1).any(broken) {
        return Err(special);
    }
    let password = percent_encoding::percent_decode_str(password).decode_utf8().map_err(|_| special)?;
    Ok((host.to_owned(), password.into_owned()))
}

/// A host of the cluster is a Service; others cannot be looked up from here.
async fn host_exists(ward: &Ward<'_>, host: &str, out: &mut Vec<Check>) -> Result<()> {
    let Some((namespace, name)) = service_of(host, &ward.gateway) else { return Ok(()) };
    let subject = format!("Service {namespace}/{name}");
    match ward.look(&services(), &namespace, &name).await {
        Look::Unseen(what) => out.push(Check::unseen(Id::C52, subject, &what)),
        Look::Seen(Some(_)) => out.push(Check::ok(Id::C52, subject, "is there")),
        Look::Seen(None) => out.push(
            Check::fail(Id::C52, subject, "the database's address names it, and it is missing")
                .fix("start the database, or correct the host in the address"),
        ),
    }
    Ok(())
}

/// Helm makes it with every upgrade, and somebody else changed it since: not Helm, whose name stands
/// with what it wrote.
fn edited_by_hand(secret: &Value) -> bool {
    let by_others = list(secret, "/metadata/managedFields").any(|entry| {
        !text(entry, "/manager").eq_ignore_ascii_case("helm") && entry.pointer("/fieldsV1/f:data").is_some()
    });
    !annotation(secret, "helm.sh/hook").is_empty() && by_others
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn addresses_of_databases() {
        let ok = |host: &str, password: &str| Ok((host.to_owned(), password.to_owned()));
        assert_eq!(parts("postgres://asya:s3cret@db:5432/asya?sslmode=disable"), ok("db", "s3cret"));
        assert_eq!(parts("postgresql://asya:p%40ss@db.sys.svc/asya"), ok("db.sys.svc", "p@ss"));
        for wrong in [
            "postgres://asya:p@ss@db/x",
            "postgres://asya:p/ss@db/x",
            "postgres://asya:p#@db",
            "postgres://asya:50%off@db/x",
            "mysql://a:b@c",
            "postgres://a:b@c/d\n",
            "postgres://db/x",
            "postgres://a@b/c",
        ] {
            assert!(parts(wrong).is_err(), "{wrong}");
        }
    }
}
