//! The address and the headers of a model request. Secrets go in here, and nowhere else.

use std::sync::OnceLock;

use quire_state::{
    cmd::ModelRequest,
    fault::{Fault, FaultKind},
};
use reqwest::{
    Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue, USER_AGENT},
};

use super::place::Place;
use crate::vault::{Credential, ProviderAccess};

/// `{base_url}/responses` with the provider's query parameters.
pub(crate) fn url(place: &Place, access: &ProviderAccess) -> Result<Url, Fault> {
    let bad = |why: &str| {
        place.fault(
            FaultKind::BadRequest,
            &format!("The address of provider `{}` cannot be used: {why}.", place.provider),
            "Set its `base_url` to an address such as `https://api.openai.com/v1`.",
        )
    };
    let mut url = Url::parse(access.base_url.trim()).map_err(|error| bad(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(bad("it does not begin with `http://` or `https://` and a host"));
    }
    match url.path_segments_mut() {
        Ok(mut segments) => segments.pop_if_empty().push("responses"),
        Err(()) => return Err(bad("it has no path")),
    };
    if !access.query.is_empty() {
        url.query_pairs_mut().extend_pairs(access.query.iter().map(|(name, value)| (name, value.reveal())));
    }
    Ok(url)
}

/// Host, and port where the address names one.
pub(crate) fn host(access: &ProviderAccess) -> String {
    match Url::parse(access.base_url.trim()) {
        Ok(url) => match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => "the server".to_owned(),
        },
        Err(_) => "the server".to_owned(),
    }
}

/// All headers of a request.
pub(crate) fn headers(
    place: &Place,
    access: &ProviderAccess,
    originator: &str,
    request: &ModelRequest,
) -> Result<HeaderMap, Fault> {
    let thread = request.thread.0.as_str();
    let metadata = serde_json::json!({ "session_id": thread, "thread_id": thread, "turn_id": request.turn });
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
    let plain = [
        (HeaderName::from_static("originator"), originator.to_owned()),
        (USER_AGENT, format!("{originator}{}", user_agent_rest())),
        (HeaderName::from_static("session-id"), thread.to_owned()),
        (HeaderName::from_static("thread-id"), thread.to_owned()),
        (HeaderName::from_static("x-client-request-id"), thread.to_owned()),
        (HeaderName::from_static("x-codex-window-id"), format!("{thread}:0")),
        (HeaderName::from_static("x-codex-turn-metadata"), metadata.to_string()),
    ];
    for (name, text) in plain {
        // A name of ours that is no header text is left out rather than failing the turn.
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
    for (name, secret) in &access.headers {
        let name = HeaderName::try_from(name.as_str()).map_err(|_| bad_header(place, name, "name"))?;
        let value = secret_value(secret.reveal()).map_err(|_| bad_header(place, name.as_str(), "value"))?;
        headers.insert(name, value);
    }
    if let Credential::Bearer(secret) = &access.credential {
        let value = secret_value(&format!("Bearer {}", secret.reveal().trim())).map_err(|_| bad_key(place))?;
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}

fn secret_value(text: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(text)?;
    value.set_sensitive(true);
    Ok(value)
}

fn bad_header(place: &Place, name: &str, what: &str) -> Fault {
    place.fault(
        FaultKind::BadRequest,
        &format!(
            "The header `{name}` of provider `{}` cannot be sent: its {what} is not valid header text.",
            place.provider
        ),
        "Correct it in the provider's `http_headers` or `env_http_headers`.",
    )
}

fn bad_key(place: &Place) -> Fault {
    place.fault(
        FaultKind::MissingCredential,
        &format!(
            "The key of provider `{}` cannot be sent: it contains a line break or another character that no key has.",
            place.provider
        ),
        "Copy the key again, as one line.",
    )
}

/// What follows the originator: version, machine, terminal.
fn user_agent_rest() -> &'static str {
    static REST: OnceLock<String> = OnceLock::new();
    REST.get_or_init(|| {
        let version = env!("CARGO_PKG_VERSION");
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        let terminal = ["TERM_PROGRAM", "TERM"].into_iter().find_map(|name| std::env::var(name).ok());
        let terminal: String = terminal
            .unwrap_or_default()
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
            .take(40)
            .collect();
        let terminal = if terminal.is_empty() { "unknown".to_owned() } else { terminal };
        format!("/{version} ({os}; {arch}) {terminal} (quire; {version})")
    })
}
