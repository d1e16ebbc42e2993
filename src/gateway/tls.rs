//! TLS with a gateway: whose certificates count, and what is wrong with one that does not.

use std::path::Path;
use std::sync::Arc;

use k8s_openapi::jiff::Timestamp;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error as TlsError};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::http::Failure;
use crate::error::{Error, Result, io_reason};
use crate::names::listed;

/// Authorities that vouch for a gateway, besides those of the system.
#[derive(Debug, Clone, Default)]
pub struct Authorities(Vec<CertificateDer<'static>>);

impl Authorities {
    /// Those of a PEM file.
    pub fn read(path: &Path) -> Result<Self> {
        let failed = |because: String| {
            Error::project(format!("the certificates of `{}` cannot be read", path.display()))
                .because(because)
                .hint("`gateway_ca` of the context names a file with the certificates of authorities, in PEM")
        };
        let text = std::fs::read(path).map_err(|error| failed(io_reason(&error)))?;
        let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        match found {
            Ok(found) if found.is_empty() => Err(failed("there is none in it".to_owned())),
            Ok(found) => Ok(Self(found)),
            Err(_) => Err(failed("it is not PEM".to_owned())),
        }
    }
}

/// What helps against an authority that is not known.
const KNOW_IT: &str =
    "name a file with the authority's certificate as `gateway_ca` of the context, or in SSL_CERT_FILE on Linux";

/// Speaks TLS over `stream` with `host`, whose certificate must hold.
pub(super) async fn connect(
    host: &str,
    stream: TcpStream,
    authorities: &Authorities,
) -> std::result::Result<TlsStream<TcpStream>, Failure> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| Failure::refused(format!("`{host}` cannot be the name of a host"), CORRECT_IT))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier =
        Verifier::new_with_extra_roots(authorities.0.iter().cloned(), Arc::clone(&provider)).map_err(|error| {
            let reason = match error {
                TlsError::General(_) => "this machine knows no authority that could vouch for it".to_owned(),
                other => format!("an authority's certificate cannot be used: {other}"),
            };
            Failure::refused(reason, KNOW_IT)
        })?;
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::Unreachable(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| {
        let told = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
        match told {
            Some(told) => trouble(told, host),
            None if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Failure::Unreachable("it hangs up when TLS is to begin".to_owned())
            }
            None => Failure::Unreachable(format!("no TLS with it: {}", io_reason(&error))),
        }
    })
}

const CORRECT_IT: &str = "correct `gateway_url` of the context";

/// What keeps TLS from beginning, and what helps.
fn trouble(error: &TlsError, host: &str) -> Failure {
    let whole = "have it renewed by who runs the gateway";
    match error {
        TlsError::InvalidCertificate(certificate) => match certificate {
            CertificateError::UnknownIssuer => {
                Failure::refused("nobody this machine trusts vouches for its certificate", KNOW_IT)
            }
            CertificateError::ExpiredContext { not_after, .. } => {
                Failure::refused(format!("its certificate expired on {}", day(*not_after)), whole)
            }
            CertificateError::NotValidYetContext { not_before, .. } => Failure::refused(
                format!("its certificate is valid from {} on", day(*not_before)),
                "see whether the clock of this machine is right",
            ),
            CertificateError::NotValidForNameContext { presented, .. } => {
                let names: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
                let reason = match names.as_slice() {
                    [] => format!("its certificate names no host, so not `{host}` either"),
                    names => format!("its certificate is for {}, not for `{host}`", listed(names)),
                };
                Failure::refused(reason, "set `gateway_url` of the context to the name it has")
            }
            CertificateError::Revoked => Failure::refused("its certificate was revoked", whole),
            // A certificate that is its own authority's.
            CertificateError::Other(_) => Failure::refused(
                "its certificate is that of an authority, not of a server",
                "have one made for the server (CA:FALSE) by who runs the gateway",
            ),
            other => Failure::refused(format!("its certificate does not hold: {other}"), whole),
        },
        TlsError::InvalidMessage(_) => {
            Failure::refused("it does not speak TLS", "if it is meant so, begin `gateway_url` with `http://`")
        }
        TlsError::AlertReceived(alert) => {
            Failure::refused(format!("it refuses TLS: {alert:?}"), "see the log of what stands before the gateway")
        }
        other => Failure::Unreachable(format!("no TLS with it: {other}")),
    }
}

/// A name as a certificate has it: `DnsName("gateway.example.org")`.
fn bare(name: &str) -> &str {
    match name.split_once('(') {
        Some((_, inner)) => inner.trim_end_matches(')').trim_matches('"'),
        None => name,
    }
}

fn day(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or_default();
    Timestamp::from_second(seconds).map(|time| time.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}
