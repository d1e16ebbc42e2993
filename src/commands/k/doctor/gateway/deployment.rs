//! Checks of how the gateway is deployed: its modes, what its halves mount, what agents are told.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::check::Check;
use super::super::known::Id;
use super::super::references::{containers, list, text, variable};
use super::super::ward::Ward;
use super::{Pods, is_adapter};

/// The variable that says which routes a gateway has.
const MODE: &str = "ASYA_GATEWAY_MODE";

/// Every Deployment has routes of a kind that the gateway knows.
pub(super) fn modes(ward: &Ward<'_>, pods: &Pods, out: &mut Vec<Check>) {
    for (name, pod) in &pods.templates {
        if containers(pod).any(is_adapter) {
            continue;
        }
        let subject = format!("Deployment {}/{name}", ward.gateway);
        let set = |mode: &str| format!("kubectl -n {} set env deployment/{name} {MODE}={mode}", ward.gateway);
        let entries: Vec<&Value> = containers(pod).filter_map(|container| variable(container, MODE)).collect();
        // What a Secret or ConfigMap holds is not looked into.
        if entries.iter().any(|entry| entry.get("valueFrom").is_some()) {
            out.push(Check::unknown(Id::G1, subject, format!("`{MODE}` is not in the Deployment itself")));
            continue;
        }
        let likely = if name.ends_with("-mesh") { "mesh" } else { "api" };
        out.push(match entries.first().map(|entry| text(entry, "/value")) {
            Some(mode @ ("api" | "mesh")) => Check::ok(Id::G1, subject, format!("serves `{mode}`")),
            Some("testing") => Check::warn(
                Id::G1,
                subject,
                format!("`{MODE}` is `testing`: whoever reaches it may also act as an actor, without a key"),
            )
            .fix("give agents a gateway with `api` and actors one with `mesh`; both share one database"),
            None | Some("") => {
                Check::fail(Id::G1, subject, format!("`{MODE}` is not set: its pods end at once")).fix(set(likely))
            }
            Some(other) => Check::fail(
                Id::G1,
                subject,
                format!("`{MODE}` is `{other}`, which is none of `api`, `mesh` and `testing`: its pods end at once"),
            )
            .fix(set(likely)),
        });
    }
}

/// Where several Deployments mount flows, they mount the same.
pub(super) fn flows(ward: &Ward<'_>, pods: &Pods, out: &mut Vec<Check>) {
    let mounted: Vec<(&str, BTreeSet<&str>)> =
        pods.templates.iter().filter_map(|(name, pod)| Some((name.as_str(), sources(pod)?))).collect();
    let [(first, of_first), others @ ..] = mounted.as_slice() else { return };
    for (name, sources) in others {
        let subject = format!("flows of {first} and {name} in {}", ward.gateway);
        let differing: Vec<String> = of_first
            .symmetric_difference(sources)
            .map(|map| format!("`{map}` ({} alone)", if of_first.contains(map) { first } else { name }))
            .collect();
        out.push(match differing.is_empty() {
            true => Check::ok(Id::G2, subject, "come from the same ConfigMaps"),
            false => Check::warn(Id::G2, subject, format!("do not come from the same ConfigMaps: {}", differing.join(", ")))
                .fix("asya gateway values | helm upgrade RELEASE CHART --reuse-values -f -, so that the chart gives all of them to both"),
        });
    }
}

/// The ConfigMaps of the volume of flows; `None` where there is no such volume.
fn sources(pod: &Value) -> Option<BTreeSet<&str>> {
    let volume = list(pod, "/volumes").find(|volume| text(volume, "/name") == "gateway-flows")?;
    let plain = text(volume, "/configMap/name");
    let projected = list(volume, "/projected/sources").map(|source| text(source, "/configMap/name"));
    Some(projected.chain([plain]).filter(|name| !name.is_empty()).collect())
}

/// Callers of MCP prove themselves in one way, and not everybody may become a caller.
pub(super) fn callers(ward: &Ward<'_>, pods: &Pods, out: &mut Vec<Check>) {
    if pods.value_of("ASYA_MCP_OAUTH_ENABLED").as_deref() != Some("true") {
        return;
    }
    let subject = || format!("MCP of the gateway in {}", ward.gateway);
    if pods.has("ASYA_MCP_API_KEY") {
        out.push(
            Check::warn(
                Id::G5,
                subject(),
                "OAuth and `ASYA_MCP_API_KEY` are both set: the key alone is enough, and nobody can take it from one caller",
            )
            .fix("take `ASYA_MCP_API_KEY` out of `env` of the chart `asya-gateway`, or set ASYA_MCP_OAUTH_ENABLED to `false`"),
        );
    }
    if !pods.has("ASYA_MCP_OAUTH_REGISTRATION_TOKEN") {
        out.push(
            Check::warn(
                Id::G5,
                subject(),
                "anybody may register as a client: `ASYA_MCP_OAUTH_REGISTRATION_TOKEN` is not set",
            )
            .fix(format!(
                "openssl rand -hex 32 | asya k secret set asya-gateway-auth registration-token --namespace {}; then refer to it as `ASYA_MCP_OAUTH_REGISTRATION_TOKEN` in `env` of the chart `asya-gateway`",
                ward.gateway
            )),
        );
    }
    if pods.has("ASYA_MCP_OAUTH_REGISTRATION_TOKEN") && !pods.has("ASYA_MCP_API_KEY") {
        out.push(Check::ok(Id::G5, subject(), "callers have OAuth alone, and need a token to register"));
    }
}

/// What the agent card names as the gateway's address.
pub(super) fn address(ward: &Ward<'_>, pods: &Pods, has_skills: bool, out: &mut Vec<Check>) {
    const URL: &str = "ASYA_A2A_PUBLIC_URL";
    if pods.split || !has_skills {
        return;
    }
    let subject = format!("agent card of the gateway in {}", ward.gateway);
    let fix = format!("set `{URL}` to https://HOST, as agents reach it, in `env` of the chart `asya-gateway`");
    let Some(url) = pods.value_of(URL) else {
        out.push(match pods.has(URL) {
            true => Check::unknown(Id::G6, subject, format!("`{URL}` is not in the Deployment itself")),
            false => Check::warn(
                Id::G6,
                subject,
                format!("it names no address, for `{URL}` is not set: agents that go by the card cannot call"),
            )
            .fix(fix),
        });
        return;
    };
    let parsed = url.parse::<http::Uri>().ok();
    let parsed = parsed.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some());
    let inside = |host: &str| {
        let host = host.trim_end_matches('.');
        host == "localhost" || host.starts_with("127.") || host.ends_with(".svc") || host.ends_with(".cluster.local")
    };
    out.push(match parsed.as_ref().and_then(http::Uri::host) {
        None => Check::fail(Id::G6, subject, format!("`{URL}` is `{url}`, which is no http:// or https:// address"))
            .fix(fix),
        Some(host) if inside(host) => {
            Check::warn(Id::G6, subject, format!("it names {url}, which only this cluster or machine reaches")).fix(fix)
        }
        Some(_) => Check::ok(Id::G6, subject, format!("names {url}")),
    });
}
