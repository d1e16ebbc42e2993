//! An authority of the tests' own, and certificates it signs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// An authority; its files go with it.
pub struct Authority {
    directory: tempfile::TempDir,
}

impl Authority {
    /// A new one that nobody knows.
    pub fn new() -> Self {
        let authority = Self { directory: tempfile::tempdir().expect("a directory") };
        let subject = ["-subj", "/CN=authority of the tests", "-addext", "basicConstraints=critical,CA:TRUE"];
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "ca.key"];
        openssl(authority.directory.path(), &[&["req", "-x509", "-out", "ca.pem"][..], &key, &subject].concat());
        let config = "[ca]\ndefault_ca = it\n[it]\ndatabase = index\nserial = serial\nnew_certs_dir = .\n\
                      default_md = sha256\npolicy = any\ncopy_extensions = copy\ncertificate = ca.pem\n\
                      private_key = ca.key\nunique_subject = no\nrand_serial = yes\n[any]\ncommonName = supplied\n";
        std::fs::write(authority.directory.path().join("ca.cnf"), config).expect("a configuration");
        std::fs::write(authority.directory.path().join("index"), "").expect("an index");
        authority
    }

    /// The file with its certificate.
    pub fn file(&self) -> PathBuf {
        self.directory.path().join("ca.pem")
    }

    /// A server's settings with a certificate for `name` (`IP:127.0.0.1`, `DNS:example.org`), valid
    /// between two times (`20200101000000Z`).
    pub fn sign(&self, name: &str, from: &str, to: &str) -> Arc<ServerConfig> {
        let directory = self.directory.path();
        let names = format!("subjectAltName={name}");
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "server.key"];
        let request = ["-out", "server.csr", "-subj", "/CN=gateway", "-addext", &names];
        openssl(directory, &[&["req"][..], &key, &request].concat());
        let times = ["-startdate", from, "-enddate", to, "-in", "server.csr", "-out", "server.pem", "-notext"];
        openssl(directory, &[&["ca", "-batch", "-config", "ca.cnf"][..], &times].concat());
        served(&directory.join("server.pem"), &directory.join("server.key"))
    }

    /// A server's settings with the authority's own certificate.
    pub fn itself(&self) -> Arc<ServerConfig> {
        served(&self.file(), &self.directory.path().join("ca.key"))
    }
}

fn served(certificate: &Path, key: &Path) -> Arc<ServerConfig> {
    let certificates = CertificateDer::pem_file_iter(certificate).expect("PEM").map(|it| it.expect("a certificate"));
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("TLS");
    Arc::new(config.with_no_client_auth().with_single_cert(certificates.collect(), key).expect("a pair"))
}

fn openssl(directory: &Path, args: &[&str]) {
    let output = Command::new("openssl").args(args).current_dir(directory).output().expect("openssl starts");
    assert!(output.status.success(), "openssl {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr));
}
