//! Who may ask: pages of other sites may not, and where there is a key, only those who have it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest, Sha256};

use super::Gateway;
use super::http::refused;

/// The names under which the gateway may be asked.
pub(super) struct Hosts {
    host: String,
    /// It listens on all addresses, so any of them may be meant.
    everywhere: bool,
    loopback: bool,
}

impl Hosts {
    pub(super) fn new(host: &str, address: SocketAddr) -> Self {
        Self { host: bare(host), everywhere: address.ip().is_unspecified(), loopback: address.ip().is_loopback() }
    }

    /// Whether `host` (without a port) means this gateway. A name that somebody else's DNS leads here
    /// is not one of its own.
    fn knows(&self, host: &str) -> bool {
        let host = bare(host);
        let address: Option<IpAddr> = host.parse().ok();
        let is_this_machine = host == "localhost" || address.is_some_and(|address| address.is_loopback());
        host == self.host
            || (is_this_machine && (self.loopback || self.everywhere))
            || (self.everywhere && address.is_some())
    }
}

/// Without brackets, in lower case.
fn bare(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase()
}

/// The host in `Host: host:port`.
fn host_of(authority: &str) -> Option<String> {
    let authority: axum::http::uri::Authority = authority.parse().ok()?;
    (!authority.as_str().contains('@')).then(|| authority.host().to_owned())
}

/// Refuses what a page of another site makes a browser send (DNS rebinding, cross-site requests).
pub(super) async fn same_machine(State(gateway): State<Arc<Gateway>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let text = |name| headers.get(name).map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or_default());
    let host = text(header::HOST).and_then(host_of);
    if !host.as_deref().is_some_and(|host| gateway.hosts.knows(host)) {
        return refused(
            StatusCode::FORBIDDEN,
            "the `Host` header does not name this gateway; `asya gateway serve --host NAME` adds a name",
        );
    }
    if let Some(origin) = text(header::ORIGIN) {
        let uri: Option<Uri> = origin.parse().ok();
        let known = uri.as_ref().and_then(Uri::host).is_some_and(|host| gateway.hosts.knows(host));
        if !known {
            return refused(StatusCode::FORBIDDEN, "pages of other sites may not call this gateway (`Origin`)");
        }
    }
    next.run(request).await
}

/// Whether the bearer token is `key`.
pub(super) fn has_bearer(headers: &HeaderMap, key: &str) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    given.and_then(|given| given.strip_prefix("Bearer ")).is_some_and(|token| is_same(token, key))
}

/// Whether header `X-API-Key` is `key`.
pub(super) fn has_api_key(headers: &HeaderMap, key: &str) -> bool {
    headers.get("x-api-key").and_then(|value| value.to_str().ok()).is_some_and(|given| is_same(given, key))
}

/// Compares digests, so that the time it takes tells nothing of the key.
fn is_same(given: &str, key: &str) -> bool {
    Sha256::digest(given.as_bytes()) == Sha256::digest(key.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_its_own_are_known() {
        let own = |host: &str, address: &str, asked: &str| {
            let hosts = Hosts::new(host, address.parse().unwrap());
            host_of(asked).is_some_and(|asked| hosts.knows(&asked))
        };
        for good in ["localhost:8080", "127.0.0.1:1", "LOCALHOST", "[::1]:8080", "127.0.0.2"] {
            assert!(own("127.0.0.1", "127.0.0.1:8080", good), "{good}");
        }
        for bad in ["evil.example", "evil.example:8080", "localhost.evil.example", "192.168.1.1", "a@localhost", ""] {
            assert!(!own("127.0.0.1", "127.0.0.1:8080", bad), "{bad}");
        }
        assert!(own("0.0.0.0", "0.0.0.0:8080", "192.168.1.1:8080"));
        assert!(!own("0.0.0.0", "0.0.0.0:8080", "evil.example:8080"));
        assert!(own("devbox", "10.0.0.3:8080", "devbox:8080"));
        assert!(!own("devbox", "10.0.0.3:8080", "localhost:8080"));
    }
}
