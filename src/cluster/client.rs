//! The HTTP client below every request: kube's own layers over connections that send at once.

use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kube::Config;
use kube::client::{Body, ClientBuilder, ConfigExt};
use tower::{Layer, ServiceExt};

/// A client of the API server that `config` names; must be called inside a runtime, and may block
/// where a plugin gives a certificate.
///
/// kube's own client leaves Nagle's algorithm on: the first request of every connection then waits
/// 40 ms, until the server acknowledges the end of the TLS handshake.
pub(super) fn new(config: Config) -> kube::Result<kube::Client> {
    if config.proxy_url.is_some() {
        // What it can do about proxies, and what it says about those it cannot.
        return Ok(ClientBuilder::try_from(config)?.build());
    }
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let mut connector = TimeoutConnector::new(config.rustls_https_connector_with_connector(tcp)?);
    connector.set_connect_timeout(config.connect_timeout);
    connector.set_read_timeout(config.read_timeout);
    connector.set_write_timeout(config.write_timeout);
    connector.set_reset_reader_on_write(config.reset_reader_on_write);
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build(connector);
    let plain = config.extra_headers_layer()?.layer(client);
    Ok(match config.auth_layer()? {
        Some(credentials) => {
            let service = config.base_uri_layer().layer(credentials.layer(plain.map_err(Into::into)));
            ClientBuilder::new(service, config.default_namespace).build()
        }
        None => {
            let service = config.base_uri_layer().layer(plain);
            ClientBuilder::new(service, config.default_namespace).build()
        }
    })
}
