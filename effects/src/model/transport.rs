//! Connections that fail: names, ports, certificates, proxies.

use std::{error::Error, io};

use quire_state::fault::{Fault, FaultKind};

use super::place::{Place, seconds};

/// The fault of a request that got no answer.
pub(crate) fn no_answer(place: &Place, error: &reqwest::Error, connect_timeout_ms: u64) -> Fault {
    let Place { provider, host, .. } = place;
    let address = format!("Check the network and `base_url` of provider `{provider}`.{}", proxy_hint());
    if let Some(tls) = find::<rustls::Error>(error) {
        return tls_fault(place, tls);
    }
    let io = find::<io::Error>(error).map(io::Error::kind);
    let summary = match io {
        _ if error.is_dns() => format!("The name of {host} was not found."),
        _ if error.is_timeout() => format!("{host} accepted no connection within {}.", seconds(connect_timeout_ms)),
        Some(io::ErrorKind::ConnectionRefused) => format!("Nothing answers at {host}: the connection was refused."),
        _ if error.is_connect() => format!("{host} could not be reached: {}.", cause(error)),
        _ => format!("The connection to {host} was lost before an answer came: {}.", cause(error)),
    };
    let is_silent = !error.is_dns() && error.is_connect();
    match place.starter().filter(|_| is_silent) {
        Some(starter) => place.fault(FaultKind::Network, &summary, &format!("{starter} {address}")),
        None => place.fault(FaultKind::Network, &summary, &address),
    }
}

fn tls_fault(place: &Place, error: &rustls::Error) -> Fault {
    let Place { provider, host, .. } = place;
    let hint = match error {
        rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer) => {
            "If the network or the server uses its own certificate authority, name its PEM file in `SSL_CERT_FILE`."
                .to_owned()
        }
        rustls::Error::InvalidCertificate(_) => {
            format!("Check the server's certificate, this machine's clock and `base_url` of provider `{provider}`.")
        }
        rustls::Error::InvalidMessage(_) => {
            format!("If the server does not use TLS, write `http://` in `base_url` of provider `{provider}`.")
        }
        _ => format!("Check `base_url` of provider `{provider}`.{}", proxy_hint()),
    };
    place.fault(FaultKind::Tls, &format!("The secure connection to {host} failed: {error}."), &hint)
}

/// What broke a body that was being read.
pub(crate) fn cause(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string().trim_end_matches('.').to_owned()
}

/// The first error of this type in the chain, also where an I/O error wraps it.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(inner) = wrapped
            && let Some(found) = find::<T>(inner as &(dyn Error + 'static))
        {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// A word about proxies, when one is set.
fn proxy_hint() -> String {
    proxy_variable().map(|(name, _)| format!(" A proxy is set in `{name}`.")).unwrap_or_default()
}

/// The proxy variable that is set, and its value.
pub(crate) fn proxy_variable() -> Option<(&'static str, String)> {
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]
        .into_iter()
        .filter_map(|name| Some((name, std::env::var(name).ok()?)))
        .find(|(_, value)| !value.is_empty())
}
