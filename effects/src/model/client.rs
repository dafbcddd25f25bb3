//! The one maker of HTTP clients: every request of the program goes through a client from here, and so through the
//! same proxies, the same trusted certificates and the same limits.
//!
//! Proxies come from the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`). Redirects are not
//! followed: a key must not be sent to an address that was not configured.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use quire_files::{Links, limits};
use quire_state::fault::{Fault, FaultKind};
use reqwest::{Certificate, Client, Url, redirect};

use super::transport;
use crate::vault::Vault;

/// The clients that were made so far; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    made: Arc<Mutex<BTreeMap<Kind, Client>>>,
}

/// What makes one client different from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    tls: bool,
    connect_timeout_ms: u64,
}

impl Clients {
    /// No client yet; nothing is read before the first one is asked for.
    pub fn new() -> Self {
        Self::default()
    }

    /// The client for an address. A plain `http` address gets one that has loaded no certificates, so that a local
    /// server costs nothing to reach.
    pub fn get(&self, vault: &Vault, url: &Url, connect_timeout_ms: u64) -> Result<Client, Fault> {
        let kind = Kind { tls: needs_tls(url), connect_timeout_ms };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = made.get(&kind) {
            return Ok(client.clone());
        }
        let client = make(vault, kind)?;
        made.insert(kind, client.clone());
        Ok(client)
    }
}

fn make(vault: &Vault, kind: Kind) -> Result<Client, Fault> {
    // Fails only when it has been done before, and then it is done.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .connect_timeout(Duration::from_millis(kind.connect_timeout_ms))
        .redirect(redirect::Policy::none())
        .referer(false);
    let builder = match (kind.tls, &vault.ca_bundle) {
        // Servers on this machine often write an answer in small pieces; on a connection that was used before, those wait
        // for delayed acknowledgements (40 ms a round). A new plain connection costs a tenth of a millisecond.
        (false, _) => builder.tls_certs_only([]).pool_max_idle_per_host(0),
        (true, None) => builder,
        (true, Some((path, variable))) => builder.tls_certs_merge(bundle(path, variable)?),
    };
    builder.build().map_err(|error| unmade(vault, &error))
}

fn unmade(vault: &Vault, error: &reqwest::Error) -> Fault {
    let cause = transport::cause(error);
    let fault = Fault::new(FaultKind::Tls, format!("Secure connections could not be set up: {cause}."));
    match &vault.ca_bundle {
        Some((path, variable)) => {
            fault.with_hint(format!("Check the certificate bundle `{}`, named by `{variable}`.", path.display()))
        }
        None => fault.with_hint(
            "Check that this machine has root certificates (package `ca-certificates`), or name a PEM file in \
             `SSL_CERT_FILE`.",
        ),
    }
}

/// Whether a connection to this address may need certificates: its own, or those of a proxy that speaks TLS.
fn needs_tls(url: &Url) -> bool {
    url.scheme() != "http"
        || transport::proxy_variable().is_some_and(|(_, proxy)| proxy.to_ascii_lowercase().starts_with("https:"))
}

/// The certificates of the bundle that the user named.
fn bundle(path: &Path, variable: &str) -> Result<Vec<Certificate>, Fault> {
    let fault = |what: &str| {
        Fault::new(FaultKind::Tls, format!("The certificate bundle `{}` {what}.", path.display()))
            .with_hint(format!("It is named by `{variable}`: correct the path or the file, or unset the variable."))
    };
    let pem = quire_files::read(path, Links::Follow, limits::CERTIFICATES)
        .map_err(|error| fault(&format!("could not be read: {error}")))?;
    let certificates = Certificate::from_pem_bundle(&pem)
        .map_err(|error| fault(&format!("is not a PEM file: {}", transport::cause(&error))))?;
    if certificates.is_empty() { Err(fault("contains no certificate")) } else { Ok(certificates) }
}
