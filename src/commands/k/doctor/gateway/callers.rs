//! Checks of who may call the gateway.

use super::super::check::Check;
use super::super::known::Id;
use super::super::ward::{Found, Ward};
use super::Pods;
use crate::cluster::Look;
use crate::error::Result;

/// The shortest key that is taken for one.
const SHORTEST_KEY: usize = 16;

pub(super) async fn run(ward: &Ward<'_>, pods: &Pods, out: &mut Vec<Check>) -> Result<()> {
    key(ward, pods, Surface::Agents, out).await?;
    key(ward, pods, Surface::Tools, out).await?;
    tokens(ward, pods, out);
    oauth(ward, pods, out);
    Ok(())
}

/// What a gateway offers, each with callers of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Surface {
    Agents,
    Tools,
}

impl Surface {
    fn name(self) -> &'static str {
        match self {
            Self::Agents => "A2A",
            Self::Tools => "MCP",
        }
    }

    fn variable(self) -> &'static str {
        match self {
            Self::Agents => "ASYA_A2A_API_KEY",
            Self::Tools => "ASYA_MCP_API_KEY",
        }
    }

    /// What else keeps strangers out, if it is in force.
    fn guard(self, pods: &Pods) -> Option<&'static str> {
        match self {
            Self::Agents => JWT.iter().all(|name| pods.has(name)).then_some("JWT"),
            Self::Tools => (pods.value_of("ASYA_MCP_OAUTH_ENABLED").as_deref() == Some("true")).then_some("OAuth"),
        }
    }
}

const JWT: [&str; 3] = ["ASYA_A2A_JWT_JWKS_URL", "ASYA_A2A_JWT_ISSUER", "ASYA_A2A_JWT_AUDIENCE"];

async fn key(ward: &Ward<'_>, pods: &Pods, surface: Surface, out: &mut Vec<Check>) -> Result<()> {
    let (protocol, name) = (surface.name(), surface.variable());
    let subject = format!("{protocol} of the gateway in {}", ward.gateway);
    if pods.split && surface == Surface::Tools {
        out.push(
            Check::warn(
                Id::C54,
                subject,
                "everybody who reaches it may call it: this generation asks nobody for a key",
            )
            .fix("keep its Service inside the cluster, or put a gateway that asks in front of it"),
        );
        return Ok(());
    }
    let Some((secret, key)) = pods.secret_of(name) else {
        out.push(match (pods.value_of(name), surface.guard(pods)) {
            (Some(_), _) => {
                Check::warn(Id::C54, subject, format!("its key stands in the Deployment as text (`{name}`)"))
                    .fix("put it into a Secret and refer to it with valueFrom.secretKeyRef in `env` of the chart")
            }
            (None, Some(guard)) => Check::ok(Id::C54, subject, format!("has no key, but {guard}")),
            (None, None) => {
                Check::warn(Id::C54, subject, format!("everybody who reaches it may call it: `{name}` is not set")).fix(
                    format!(
                        "openssl rand -hex 32 | asya k secret set asya-gateway-auth {} --namespace {}; then refer to it as `{name}` in `env` of the chart `asya-gateway`",
                        if surface == Surface::Agents { "a2a-api-key" } else { "mcp-api-key" },
                        ward.gateway
                    ),
                )
            }
        });
        return Ok(());
    };
    let subject = format!("Secret {}/{secret}", ward.gateway);
    let fix = format!("openssl rand -hex 32 | asya k secret set {secret} {key} --namespace {}", ward.gateway);
    out.push(match ward.secret(&ward.gateway, &secret, &key).await? {
        Look::Unseen(what) => Check::unseen(Id::C54, subject, &what),
        Look::Seen(Found::Value(value)) if value.ends_with(b"\n") => {
            Check::fail(Id::C54, subject, format!("`{key}` ends with a line break, which callers do not send")).fix(fix)
        }
        Look::Seen(Found::Value(value)) if value.len() < SHORTEST_KEY => {
            Check::fail(Id::C54, subject, format!("`{key}` is shorter than {SHORTEST_KEY} characters")).fix(fix)
        }
        Look::Seen(Found::Value(_)) => Check::ok(Id::C54, subject, format!("`{key}` is a key for {protocol}")),
        // Told with everything else that pods refer to.
        Look::Seen(_) => return Ok(()),
    });
    Ok(())
}

/// Without all three, tokens are not looked at.
fn tokens(ward: &Ward<'_>, pods: &Pods, out: &mut Vec<Check>) {
    let missing: Vec<&str> = JWT.iter().copied().filter(|name| !pods.has(name)).collect();
    if missing.is_empty() || missing.len() == JWT.len() {
        return;
    }
    out.push(
        Check::fail(
            Id::P11,
            format!("gateway in {}", ward.gateway),
            format!("tokens are not checked at all, for lack of {}", missing.join(" and ")),
        )
        .fix("set all of ASYA_A2A_JWT_JWKS_URL, _ISSUER and _AUDIENCE in `env` of the chart `asya-gateway`, or none"),
    );
}

fn oauth(ward: &Ward<'_>, pods: &Pods, out: &mut Vec<Check>) {
    let subject = || format!("gateway in {}", ward.gateway);
    let others = ["ASYA_MCP_OAUTH_ISSUER", "ASYA_MCP_OAUTH_SECRET", "ASYA_DATABASE_URL"];
    match pods.value_of("ASYA_MCP_OAUTH_ENABLED").as_deref() {
        Some("true") => {
            let missing: Vec<&str> = others.into_iter().filter(|name| !pods.has(name)).collect();
            if !missing.is_empty() {
                out.push(
                    Check::fail(
                        Id::P11,
                        subject(),
                        format!("OAuth is on and the gateway does not start, for lack of {}", missing.join(" and ")),
                    )
                    .fix("set what is missing in the values of the chart `asya-gateway`, or ASYA_MCP_OAUTH_ENABLED to `false`"),
                );
            }
            if pods.value_of("ASYA_MCP_OAUTH_ISSUER").is_some_and(|issuer| issuer.ends_with('/')) {
                out.push(
                    Check::fail(
                        Id::P11,
                        subject(),
                        "`ASYA_MCP_OAUTH_ISSUER` ends with `/`, which makes addresses with `//`",
                    )
                    .fix("take the `/` off in `env` of the chart `asya-gateway`"),
                );
            }
        }
        Some("false") => {}
        Some(other) => {
            out.push(
                Check::fail(
                    Id::P11,
                    subject(),
                    format!("OAuth is off: `ASYA_MCP_OAUTH_ENABLED` is `{other}`, and only `true` means yes"),
                )
                .fix("set ASYA_MCP_OAUTH_ENABLED to `true` in `env` of the chart `asya-gateway`"),
            );
        }
        None if others[..2].iter().any(|name| pods.has(name)) => {
            out.push(
                Check::fail(
                    Id::P11,
                    subject(),
                    "OAuth is off: `ASYA_MCP_OAUTH_ENABLED` is not set, while its other values are",
                )
                .fix("set ASYA_MCP_OAUTH_ENABLED to `true` in `env` of the chart `asya-gateway`"),
            );
        }
        None => {}
    }
}
