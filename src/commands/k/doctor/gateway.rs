//! Checks of the gateway: what its pods refer to, its database, who may call it, whom it reaches.

use serde_json::Value;

use super::check::Check;
use super::pubsub::IDENTITY;
use super::queues::ROLE;
use super::references::{annotation, containers, list, text, variable};
use super::ward::{Found, Ward, accounts, secret_value};
use crate::cluster::{Look, Resource};
use crate::error::Result;
use crate::project::Transport;

/// The shortest key that is taken for one.
const SHORTEST_KEY: usize = 16;

/// `deployments` are those of the gateway: one, or the halves for agents and for actors.
pub(super) async fn run(ward: &Ward<'_>, deployments: &[Value], out: &mut Vec<Check>) -> Result<()> {
    if deployments.is_empty() {
        out.push(Check::skip("C50", "gateway", format!("there is none in namespace `{}`", ward.gateway)));
        return Ok(());
    }
    let templates: Vec<(String, Value)> = deployments
        .iter()
        .filter_map(|it| Some((text(it, "/metadata/name").to_owned(), it.pointer("/spec/template/spec")?.clone())))
        .collect();
    super::platform::resolved(
        "C50",
        ward,
        &ward.gateway,
        &templates,
        "asya k secret set NAME KEY --namespace NAMESPACE, or set it in the values of the chart `asya-gateway`",
        out,
    )
    .await?;
    database(ward, &templates, out).await?;
    keys(ward, &templates, out).await?;
    protocols(ward, &templates, out);
    if ward.uses(Transport::Sqs) || ward.uses(Transport::Pubsub) {
        identity(ward, &templates, out).await?;
        reach(ward, &templates, out);
    }
    back_channel(ward, deployments, out).await
}

/// Where a variable's value comes from: a Secret and its key.
fn secret_of<'a>(pods: &'a [(String, Value)], name: &str) -> Option<(&'a str, &'a str)> {
    let entry = pods.iter().flat_map(|(_, pod)| containers(pod)).find_map(|container| variable(container, name))?;
    let reference = entry.pointer("/valueFrom/secretKeyRef")?;
    Some((text(reference, "/name"), text(reference, "/key")))
}

/// A variable that is given as text.
fn value_of<'a>(pods: &'a [(String, Value)], name: &str) -> Option<&'a str> {
    let mut entries =
        pods.iter().flat_map(|(_, pod)| containers(pod)).filter_map(|container| variable(container, name));
    entries.find_map(|entry| entry.get("value")?.as_str()).filter(|value| !value.is_empty())
}

fn has(pods: &[(String, Value)], name: &str) -> bool {
    pods.iter().flat_map(|(_, pod)| containers(pod)).any(|container| variable(container, name).is_some())
}

async fn database(ward: &Ward<'_>, pods: &[(String, Value)], out: &mut Vec<Check>) -> Result<()> {
    let namespace = &ward.gateway;
    if !has(pods, "ASYA_DATABASE_URL") {
        if pods.len() > 1 {
            out.push(
                Check::fail(
                    "C53",
                    format!("gateway in {namespace}"),
                    "it has no database, and its two halves share nothing else: results never reach agents",
                )
                .fix("set `externalDatabase` in the values of the chart `asya-gateway`"),
            );
        } else {
            out.push(Check::warn(
                "C53",
                format!("gateway in {namespace}"),
                "it has no database: tasks are lost when its pod ends",
            ));
        }
        return Ok(());
    }
    out.push(Check::ok("C53", format!("gateway in {namespace}"), "has a database"));
    let Some((dsn_secret, dsn_key)) = secret_of(pods, "ASYA_DATABASE_URL") else { return Ok(()) };
    let subject = format!("Secret {namespace}/{dsn_secret}");
    let password_ref = secret_of(pods, "PGPASSWORD");
    let secret = match ward.cluster.look(&Resource::secrets(), namespace, dsn_secret).await? {
        Look::Denied(what) => {
            out.push(Check::denied("C51", subject, &what));
            return Ok(());
        }
        Look::Seen(secret) => secret,
    };
    let Some(dsn) = secret.as_ref().and_then(|secret| secret_value(secret, dsn_key)) else {
        let id = if password_ref.is_some_and(|(name, _)| name != dsn_secret) { "P3" } else { "C51" };
        out.push(
            Check::fail(id, subject, format!("`{dsn_key}` is missing; the chart does not make it when `externalDatabase.existingSecret` is set"))
                .fix(format!("asya k secret set {dsn_secret} {dsn_key} --namespace {namespace}, with postgres://USER:PASSWORD@HOST:5432/DATABASE")),
        );
        return Ok(());
    };
    if let Some(secret) = &secret
        && edited_by_hand(secret)
    {
        out.push(
            Check::warn("P12", subject.clone(), "it was edited by hand, and the next Helm upgrade makes it anew")
                .fix("put the value into Helm's values"),
        );
    }
    let (host, password) = match address(&String::from_utf8_lossy(&dsn)) {
        Ok(parts) => parts,
        Err(why) => {
            out.push(
                Check::fail("P6", subject, format!("`{dsn_key}` cannot be read: {why}"))
                    .fix("choose a password of letters and digits, or write special characters as %XX"),
            );
            return Ok(());
        }
    };
    out.push(Check::ok("C51", subject.clone(), format!("`{dsn_key}` names a database on {host}")));
    host_exists(ward, &host, out).await?;
    let Some((name, key)) = password_ref else { return Ok(()) };
    let both = format!("Secrets {namespace}/{dsn_secret} and {namespace}/{name}");
    let mut refused = None;
    out.push(match ward.secret(namespace, name, key).await? {
        Look::Denied(what) => Check::denied("C52", both, &what),
        Look::Seen(Found::Value(other)) if other == password.as_bytes() => {
            refused = refused_password(ward).await?;
            Check::ok("C52", both, "have the same password")
        }
        Look::Seen(Found::Value(_)) => Check::fail(
            "C52",
            both,
            "their passwords differ: the gateway waits for the database with one and connects with the other",
        )
        .fix(format!(
            "write the password of {name} into {dsn_secret}; the database keeps the one it was first started with"
        )),
        // Told with everything else that pods refer to.
        Look::Seen(_) => return Ok(()),
    });
    out.extend(refused);
    Ok(())
}

/// Host and password of a `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. The reason quotes nothing
/// of it.
fn address(dsn: &str) -> Result<(String, String), &'static str> {
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
    if password.contains(':') || host.is_empty() {
        return Err(special);
    }
    let password = percent_encoding::percent_decode_str(password).decode_utf8().map_err(|_| special)?;
    Ok((host.to_owned(), password.into_owned()))
}

/// A host of the cluster is a Service; others cannot be looked up from here.
async fn host_exists(ward: &Ward<'_>, host: &str, out: &mut Vec<Check>) -> Result<()> {
    let mut parts = host.split('.');
    let name = parts.next().unwrap_or_default();
    let (namespace, internal) = match (parts.next(), parts.next()) {
        (None, _) => (ward.gateway.clone(), true),
        (Some(namespace), third) => (namespace.to_owned(), third.is_none_or(|word| word == "svc")),
    };
    if !internal || name.is_empty() || host.parse::<std::net::IpAddr>().is_ok() {
        return Ok(());
    }
    let subject = format!("Service {namespace}/{name}");
    match ward.cluster.look(&services(), &namespace, name).await? {
        Look::Denied(what) => out.push(Check::denied("C52", subject, &what)),
        Look::Seen(Some(_)) => out.push(Check::ok("C52", subject, "is there")),
        Look::Seen(None) => out.push(Check::fail("C52", subject, "the database's address names it, and it is missing")),
    }
    Ok(())
}

fn services() -> Resource {
    Resource::new("", "v1", "Service", "services", true)
}

fn edited_by_hand(secret: &Value) -> bool {
    !annotation(secret, "helm.sh/hook").is_empty()
        && list(secret, "/metadata/managedFields").any(|entry| text(entry, "/manager").starts_with("kubectl"))
}

/// Both Secrets agree, and the database still says no: it keeps its first password.
async fn refused_password(ward: &Ward<'_>) -> Result<Option<Check>> {
    let Look::Seen(pods) =
        ward.cluster.look_all(&Resource::pods(), &ward.gateway, "app.kubernetes.io/name=asya-gateway").await?
    else {
        return Ok(None);
    };
    for problem in pods.iter().filter_map(crate::cluster::problem).filter(|problem| problem.ran) {
        let words = ward.cluster.last_words(&ward.gateway, &problem.pod, &problem.container, 50).await;
        if words.contains("password authentication failed") {
            return Ok(Some(
                Check::fail(
                    "P4",
                    format!("Pod {}/{}", ward.gateway, problem.pod),
                    "the database refuses the password: it keeps the one it was first started with",
                )
                .fix("in the database's pod: ALTER USER asya WITH PASSWORD '…'"),
            ));
        }
    }
    Ok(None)
}

async fn keys(ward: &Ward<'_>, pods: &[(String, Value)], out: &mut Vec<Check>) -> Result<()> {
    let others =
        [("ASYA_A2A_API_KEY", "A2A", "ASYA_A2A_JWT_JWKS_URL"), ("ASYA_MCP_API_KEY", "MCP", "ASYA_MCP_OAUTH_ENABLED")];
    for (name, protocol, other) in others {
        let subject = format!("{protocol} of the gateway in {}", ward.gateway);
        let Some((secret, key)) = secret_of(pods, name) else {
            out.push(match (value_of(pods, name), has(pods, other)) {
                (Some(_), _) => {
                    Check::warn("C54", subject, format!("its key stands in the Deployment as text (`{name}`)"))
                        .fix("put it into a Secret and refer to it with valueFrom.secretKeyRef in `env` of the chart")
                }
                (None, true) => Check::ok("C54", subject, format!("has no key, but `{other}`")),
                (None, false) => {
                    Check::warn("C54", subject, format!("everybody who reaches it may call it: `{name}` is not set"))
                        .fix(format!(
                            "make a Secret with 32 random bytes and refer to it as `{name}` in `env` of the chart"
                        ))
                }
            });
            continue;
        };
        let subject = format!("Secret {}/{secret}", ward.gateway);
        let fix = format!("openssl rand -hex 32 | asya k secret set {secret} {key} --namespace {}", ward.gateway);
        out.push(match ward.secret(&ward.gateway, secret, key).await? {
            Look::Denied(what) => Check::denied("C54", subject, &what),
            Look::Seen(Found::Value(value)) if value.ends_with(b"\n") => {
                Check::fail("C54", subject, format!("`{key}` ends with a line break, which callers do not send"))
                    .fix(fix)
            }
            Look::Seen(Found::Value(value)) if value.len() < SHORTEST_KEY => {
                Check::fail("C54", subject, format!("`{key}` is shorter than {SHORTEST_KEY} characters")).fix(fix)
            }
            Look::Seen(Found::Value(_)) => Check::ok("C54", subject, format!("`{key}` is a key for {protocol}")),
            // Told with everything else that pods refer to.
            Look::Seen(_) => continue,
        });
    }
    Ok(())
}

/// Settings that half do something.
fn protocols(ward: &Ward<'_>, pods: &[(String, Value)], out: &mut Vec<Check>) {
    let subject = || format!("gateway in {}", ward.gateway);
    let lacks = |names: &[&'static str]| names.iter().copied().filter(|name| !has(pods, name)).collect::<Vec<_>>();
    if has(pods, "ASYA_A2A_JWT_JWKS_URL") {
        let missing = lacks(&["ASYA_A2A_JWT_ISSUER", "ASYA_A2A_JWT_AUDIENCE"]);
        if !missing.is_empty() {
            out.push(
                Check::fail(
                    "P11",
                    subject(),
                    format!("tokens are not checked at all, for lack of {}", missing.join(" and ")),
                )
                .fix("set all of ASYA_A2A_JWT_JWKS_URL, _ISSUER and _AUDIENCE, or none"),
            );
        }
    }
    match value_of(pods, "ASYA_MCP_OAUTH_ENABLED") {
        Some("true") => {
            let missing = lacks(&["ASYA_MCP_OAUTH_ISSUER", "ASYA_MCP_OAUTH_SECRET", "ASYA_DATABASE_URL"]);
            if !missing.is_empty() {
                out.push(Check::fail(
                    "P11",
                    subject(),
                    format!("OAuth is on and the gateway does not start, for lack of {}", missing.join(" and ")),
                ));
            }
            if value_of(pods, "ASYA_MCP_OAUTH_ISSUER").is_some_and(|issuer| issuer.ends_with('/')) {
                out.push(Check::fail(
                    "P11",
                    subject(),
                    "`ASYA_MCP_OAUTH_ISSUER` ends with `/`, which makes addresses with `//`",
                ));
            }
        }
        Some(other) if other != "false" => {
            out.push(Check::fail(
                "P11",
                subject(),
                format!("OAuth is off: `ASYA_MCP_OAUTH_ENABLED` is `{other}`, and only `true` means yes"),
            ));
        }
        _ => {}
    }
}

/// The gateway sends to queues itself.
async fn identity(ward: &Ward<'_>, pods: &[(String, Value)], out: &mut Vec<Check>) -> Result<()> {
    let name = pods.iter().map(|(_, pod)| text(pod, "/serviceAccountName")).find(|name| !name.is_empty());
    let name = name.unwrap_or("default");
    let subject = format!("ServiceAccount {}/{name}", ward.gateway);
    if has(pods, "GOOGLE_APPLICATION_CREDENTIALS") || has(pods, "AWS_ACCESS_KEY_ID") {
        out.push(Check::ok("C55", subject, "is not needed: the gateway has a key"));
        return Ok(());
    }
    let mark = if ward.uses(Transport::Pubsub) { IDENTITY } else { ROLE };
    let account = match ward.cluster.look(&accounts(), &ward.gateway, name).await? {
        Look::Denied(what) => {
            out.push(Check::denied("C55", subject, &what));
            return Ok(());
        }
        Look::Seen(account) => account.unwrap_or_default(),
    };
    out.push(match annotation(&account, mark) {
        "" => Check::fail("C55", subject, "it acts as nobody: the gateway cannot send to queues")
            .fix(format!("set `serviceAccount.annotations` with `{mark}` in the values of the chart `asya-gateway`")),
        identity => Check::ok("C55", subject, format!("acts as {identity}")),
    });
    Ok(())
}

/// The names of queues carry a namespace: the gateway's.
fn reach(ward: &Ward<'_>, pods: &[(String, Value)], out: &mut Vec<Check>) {
    let sends_to = value_of(pods, "ASYA_NAMESPACE").unwrap_or(&ward.gateway);
    let subject = format!("gateway in {}", ward.gateway);
    out.push(match sends_to == ward.namespace {
        true => Check::ok("C56", subject, format!("sends to queues of namespace `{sends_to}`")),
        false => Check::fail(
            "C56",
            subject,
            format!("it sends to queues of namespace `{sends_to}`, and the actors are in `{}`", ward.namespace),
        )
        .fix("give the actors' namespace a gateway of its own, or deploy the actors to the gateway's"),
    });
}

/// Actors tell the gateway how far they are.
async fn back_channel(ward: &Ward<'_>, deployments: &[Value], out: &mut Vec<Check>) -> Result<()> {
    let templates = ward.templates_of_actors();
    let urls = templates.iter().flat_map(|(_, pod)| containers(pod)).filter_map(|it| variable(it, "ASYA_GATEWAY_URL"));
    let Some(url) = urls.map(|entry| text(entry, "/value")).find(|url| !url.is_empty()) else { return Ok(()) };
    let subject = format!("ASYA_GATEWAY_URL of actors in {}", ward.namespace);
    let fix =
        "set `sidecar.gatewayURL` in the values of the chart `asya-crossplane` to the mesh Service, without a path";
    let Ok(address) = url.parse::<http::Uri>() else {
        out.push(Check::fail("C57", subject, format!("`{url}` is no address")).fix(fix));
        return Ok(());
    };
    if !matches!(address.path(), "" | "/") {
        out.push(Check::fail("C57", subject, format!("`{url}` has a path")).fix(fix));
        return Ok(());
    }
    let host = address.host().unwrap_or_default();
    let mut parts = host.split('.');
    let (name, namespace) = (parts.next().unwrap_or_default(), parts.next().unwrap_or(&ward.namespace));
    let service = match ward.cluster.look(&services(), namespace, name).await? {
        Look::Denied(what) => {
            out.push(Check::denied("C57", subject, &what));
            return Ok(());
        }
        Look::Seen(Some(service)) => service,
        Look::Seen(None) => {
            out.push(
                Check::fail("C57", subject, format!("it names Service {namespace}/{name}, which is missing")).fix(fix),
            );
            return Ok(());
        }
    };
    let port = address.port_u16().unwrap_or(80);
    let serves =
        list(&service, "/spec/ports").any(|it| it.get("port").and_then(Value::as_u64) == Some(u64::from(port)));
    let component = text(&service, "/spec/selector/app.kubernetes.io~1component");
    let one = deployments.len() == 1;
    out.push(if !serves {
        Check::fail("C57", subject, format!("Service {namespace}/{name} has no port {port}")).fix(fix)
    } else if component != "mesh" && !one {
        Check::fail("C57", subject, format!("Service {namespace}/{name} is not the mesh half of the gateway")).fix(fix)
    } else {
        Check::ok("C57", subject, format!("is Service {namespace}/{name}"))
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_of_databases() {
        let ok = |host: &str, password: &str| Ok((host.to_owned(), password.to_owned()));
        assert_eq!(address("postgres://asya:s3cret@db:5432/asya?sslmode=disable"), ok("db", "s3cret"));
        assert_eq!(address("postgresql://asya:p%40ss@db.sys.svc/asya"), ok("db.sys.svc", "p@ss"));
        for wrong in [
            "postgres://asya:p@ss@db/x",
            "postgres://asya:p/ss@db/x",
            "postgres://asya:p#@db",
            "mysql://a:b@c",
            "postgres://a:b@c/d\n",
            "postgres://db/x",
            "postgres://a@b/c",
        ] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
