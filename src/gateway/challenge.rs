//! What a gateway that lets nobody in says about where its tokens come from
//! (`docs/platform/gateway.md`, "Asking a gateway").

use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;

use super::http::{Answer, Failure, Http};

/// Where the issuer of tokens is told: for the endpoint, then for the whole server.
const METADATA: [&str; 2] = ["/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"];

/// Why a question was answered with 401 or 403, and what to do about it.
pub(super) async fn explain(http: &mut Http<'_>, answer: &Answer, token: Option<&str>) -> Failure {
    let challenge = Challenge::of(answer);
    let said = challenge.description.or_else(|| described(answer)).map(|text| shown(&text, token));
    let colon = said.filter(|_| token.is_some()).map(|said| format!(": {said}")).unwrap_or_default();
    if answer.status == 403 {
        let scope = challenge.scope.map(|scope| format!("; it asks for scope `{}`", shown(&scope, token)));
        let scope = scope.unwrap_or_default();
        return match token {
            Some(_) => Failure::refused(
                format!("the token in ASYA_GATEWAY_TOKEN is not enough for it (403){colon}{scope}"),
                "get a token that may list tools, and set ASYA_GATEWAY_TOKEN to it",
            ),
            None => Failure::refused(
                format!("it lets nobody in without a reason (403){scope}"),
                "if it wants a token, set ASYA_GATEWAY_TOKEN to it; else see what stands before the gateway",
            ),
        };
    }
    let issuer = issuer(http).await.map(|issuer| shown(&issuer, token));
    let reason = match (token, &issuer) {
        (None, None) => "it wants a token (401)".to_owned(),
        (None, Some(issuer)) => format!("it wants a token of `{issuer}` (401)"),
        (Some(_), _) => format!("it refuses the token in ASYA_GATEWAY_TOKEN (401){colon}"),
    };
    let hint = match (token, &issuer) {
        (None, None) => "set ASYA_GATEWAY_TOKEN to its key for MCP".to_owned(),
        (None, Some(issuer)) => format!("get an access token from {issuer} (OAuth), and set ASYA_GATEWAY_TOKEN to it"),
        (Some(_), None) => "set ASYA_GATEWAY_TOKEN to its key for MCP, as it is now".to_owned(),
        (Some(_), Some(issuer)) => {
            format!("get a new access token from {issuer} (OAuth; they run out), and set ASYA_GATEWAY_TOKEN to it")
        }
    };
    Failure::Refused { reason, hint, wants_key: issuer.is_none() }
}

/// Who gives tokens out, if the server says so. Nobody else is asked.
async fn issuer(http: &mut Http<'_>) -> Option<String> {
    for path in METADATA {
        let mut headers = HeaderMap::new();
        headers.insert("accept", HeaderValue::from_static("application/json"));
        let answer = http.ask(Method::GET, path, headers, String::new(), &|_| false).await.ok()?;
        if answer.status != 200 {
            continue;
        }
        let document: Option<Value> = answer.messages.first().and_then(|text| serde_json::from_str(text).ok());
        let servers = document.as_ref().and_then(|document| document.get("authorization_servers")?.as_array());
        let first = servers.and_then(|servers| servers.first()?.as_str());
        if let Some(issuer) = first {
            return Some(issuer.to_owned());
        }
    }
    None
}

/// What `WWW-Authenticate` says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Challenge {
    description: Option<String>,
    scope: Option<String>,
}

impl Challenge {
    fn of(answer: &Answer) -> Self {
        let header = answer.headers.get("www-authenticate").and_then(|value| value.to_str().ok());
        header.map(Self::read).unwrap_or_default()
    }

    /// Reads `Bearer realm="…", error_description="…", scope="…"`.
    fn read(header: &str) -> Self {
        let mut found = Self::default();
        let mut rest = header;
        while let Some((before, after)) = rest.split_once('=') {
            let name = before.rsplit([' ', ',']).next().unwrap_or_default().trim();
            let value = match after.strip_prefix('"') {
                Some(quoted) => {
                    let (value, after) = quoted.split_once('"').unwrap_or((quoted, ""));
                    rest = after;
                    value
                }
                None => {
                    let (value, after) = after.split_once(',').unwrap_or((after, ""));
                    rest = after;
                    value.trim()
                }
            };
            match name.to_ascii_lowercase().as_str() {
                "error_description" => found.description = Some(value.to_owned()),
                "scope" => found.scope = Some(value.to_owned()),
                _ => {}
            }
        }
        found
    }
}

/// The description in the body of an OAuth error.
fn described(answer: &Answer) -> Option<String> {
    let body: Value = serde_json::from_str(answer.messages.first()?).ok()?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    text("error_description").or_else(|| text("error"))
}

/// A server's words for a person: one short line, and never the token.
fn shown(text: &str, token: Option<&str>) -> String {
    let text = match token {
        Some(token) if !token.is_empty() => text.replace(token, "…"),
        _ => text.to_owned(),
    };
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges() {
        let read = |header: &str| {
            let Challenge { description, scope } = Challenge::read(header);
            (description.unwrap_or_default(), scope.unwrap_or_default())
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(read("Bearer realm=\"asya-gateway\""), pair("", ""));
        assert_eq!(read("Bearer error=invalid_token, error_description=\"it ran, out\""), pair("it ran, out", ""));
        assert_eq!(
            read("Bearer scope=\"mcp:invoke mcp:read\",error=\"insufficient_scope\""),
            pair("", "mcp:invoke mcp:read")
        );
        assert_eq!(read("Bearer scope=mcp:read"), pair("", "mcp:read"));
        assert_eq!(read("Bearer error_description=\"never ends"), pair("never ends", ""));
        assert_eq!(read("Negotiate"), pair("", ""));
    }

    #[test]
    fn a_token_that_comes_back_is_not_shown() {
        assert_eq!(shown("token abc\nis bad: abc", Some("abc")), "token … is bad: …");
    }
}
