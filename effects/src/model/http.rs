//! Error answers: from status, headers and body to a fault.

use jiff::Timestamp;
use quire_state::fault::{Fault, FaultKind};
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderMap, LOCATION},
};

use super::{failure::Failure, place::Place, wait};

/// The fault of an answer with an error status. `body` is its beginning, decompressed.
pub(crate) fn status(place: &Place, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Fault {
    if status.is_redirection() {
        return redirect(place, status, headers);
    }
    let failure = Failure::of_body(body)
        .unwrap_or_else(|| Failure { message: body_text(place, headers, body), ..Failure::default() });
    let kind = kind(status.as_u16(), &failure);
    let mut fault = place.refusal(kind, Some(status.as_u16()), &failure);
    let request_id = headers.get("x-request-id").filter(|_| kind == FaultKind::Server);
    if let Some(id) = request_id {
        fault.summary.push_str(&format!(" (Request `{}`.)", place.sample(id.as_bytes())));
    }
    if matches!(kind, FaultKind::RateLimited | FaultKind::Server | FaultKind::Overloaded) {
        fault.retry_after_ms =
            wait::from_headers(headers, Timestamp::now()).or_else(|| wait::from_message(&failure.message));
    }
    fault
}

/// The fault of a failure that the stream itself reports.
pub(crate) fn stream_failure(place: &Place, failure: &Failure) -> Fault {
    let kind = failure.kind().unwrap_or(FaultKind::Server);
    let mut fault = place.refusal(kind, None, failure);
    if kind == FaultKind::RateLimited {
        fault.retry_after_ms = wait::from_message(&failure.message);
    }
    fault
}

/// An answer that was accepted but is no stream: an error in disguise, or something else altogether.
pub(crate) fn no_stream(place: &Place, headers: &HeaderMap, body: &[u8]) -> Fault {
    let json: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    if let Some(error) = json.as_ref().and_then(|json| json.get("error")).filter(|error| !error.is_null()) {
        return stream_failure(place, &Failure::of(error));
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("nothing readable");
    place.malformed(&format!("`{}` where a stream of events was due", place.sample(kind.as_bytes())), body)
}

/// Whether the answer's content type is (or may be) a stream of events.
pub(crate) fn is_stream(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_none_or(|kind| kind.to_str().is_ok_and(|kind| kind.to_ascii_lowercase().contains("event-stream")))
}

fn kind(status: u16, failure: &Failure) -> FaultKind {
    let named = failure.kind();
    match (status, named) {
        (401, _) => FaultKind::Auth,
        (402, _) => FaultKind::QuotaExceeded,
        (403, Some(kind @ (FaultKind::QuotaExceeded | FaultKind::NotFound))) => kind,
        (403, _) => FaultKind::Auth,
        (404 | 405, _) => FaultKind::NotFound,
        (407, _) => FaultKind::Network,
        (413, Some(FaultKind::ContextTooLong)) => FaultKind::ContextTooLong,
        (413, _) => FaultKind::TooLarge,
        (429, Some(kind @ (FaultKind::QuotaExceeded | FaultKind::Overloaded))) => kind,
        (429, _) => FaultKind::RateLimited,
        (400, Some(kind)) => kind,
        (408 | 425, _) => FaultKind::Server,
        (400..500, Some(FaultKind::ContextTooLong)) => FaultKind::ContextTooLong,
        (400..500, _) => FaultKind::BadRequest,
        (_, Some(kind @ (FaultKind::BadRequest | FaultKind::ContextTooLong | FaultKind::Overloaded))) => kind,
        (_, Some(FaultKind::QuotaExceeded)) => FaultKind::QuotaExceeded,
        (_, _) => FaultKind::Server,
    }
}

/// The text of an error page that is no JSON. Of a page for browsers only the fact is told.
fn body_text(place: &Place, headers: &HeaderMap, body: &[u8]) -> String {
    if matches!(body.trim_ascii(), b"{}" | b"[]" | b"null" | b"\"\"") {
        return String::new();
    }
    let is_page = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
        || body.trim_ascii_start().starts_with(b"<");
    if is_page { "the answer is a web page".to_owned() } else { place.sample(body) }
}

fn redirect(place: &Place, status: StatusCode, headers: &HeaderMap) -> Fault {
    let target = headers.get(LOCATION).map(|to| place.sample(to.as_bytes())).unwrap_or_default();
    let target = target.split('?').next().unwrap_or_default();
    let fault = place.fault(
        FaultKind::BadRequest,
        &format!("{} redirects to `{target}` ({}); redirects are not followed.", place.host, status.as_u16()),
        &format!("Set `base_url` of provider `{}` to the address that answers.", place.provider),
    );
    Fault { status: Some(status.as_u16()), ..fault }
}
