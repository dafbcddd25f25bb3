//! Error answers: from status, headers and body to a fault.

use jiff::Timestamp;
use quire_state::fault::{Fault, FaultKind};
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderMap, LOCATION},
};
use serde_json::Value;

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
        fault.retry_after_ms = wait::from_headers(headers, Timestamp::now()).or_else(|| asked_wait(&failure));
    }
    fault
}

/// The fault of a failure that the stream itself reports. Its headers may ask for a wait.
pub(crate) fn stream_failure(place: &Place, failure: &Failure, headers: &HeaderMap) -> Fault {
    let kind = failure.kind().unwrap_or(FaultKind::Server);
    let mut fault = place.refusal(kind, None, failure);
    if matches!(kind, FaultKind::RateLimited | FaultKind::Overloaded) {
        fault.retry_after_ms = asked_wait(failure).or_else(|| wait::from_headers(headers, Timestamp::now()));
    }
    fault
}

fn asked_wait(failure: &Failure) -> Option<u64> {
    failure.wait_ms.or_else(|| wait::from_message(&failure.message))
}

/// An answer that was accepted but is no stream: an error in disguise, or something else altogether.
pub(crate) fn no_stream(place: &Place, headers: &HeaderMap, body: &[u8]) -> Fault {
    let is_error = serde_json::from_slice::<Value>(body).is_ok_and(|body| body.get("output").is_none());
    if let Some(failure) = Failure::of_body(body).filter(|failure| is_error && !failure.is_empty()) {
        return stream_failure(place, &failure, headers);
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("nothing readable");
    let what =
        if is_stream(headers) { "something else".to_owned() } else { format!("`{}`", place.sample(kind.as_bytes())) };
    match title(body) {
        Some(title) => {
            place.malformed(&format!("a web page (\"{}\") instead of a stream of events", place.sample(title)), b"")
        }
        None => place.malformed(&format!("{what} instead of a stream of events"), body),
    }
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
        (400..500, Some(kind @ (FaultKind::ContextTooLong | FaultKind::ForeignReasoning))) => kind,
        (400..500, _) => FaultKind::BadRequest,
        (529, None) => FaultKind::Overloaded,
        (_, named) => named.unwrap_or(FaultKind::Server),
    }
}

/// The text of an error page that is no JSON. Of a page for browsers only the fact is told.
fn body_text(place: &Place, headers: &HeaderMap, body: &[u8]) -> String {
    if matches!(body.trim_ascii(), b"{}" | b"[]" | b"null" | b"\"\"") {
        return String::new();
    }
    let is_page = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
        || body.trim_ascii_start().starts_with(b"<");
    match title(body) {
        Some(title) => format!("the answer is a web page, \"{}\"", place.sample(title)),
        None if is_page => "the answer is a web page".to_owned(),
        None => place.sample(body),
    }
}

/// The title of a web page, or its first heading.
fn title(body: &[u8]) -> Option<&[u8]> {
    if !body.trim_ascii_start().starts_with(b"<") {
        return None;
    }
    let find = |from: usize, what: &[u8]| {
        let found = body.get(from..)?.windows(what.len()).position(|window| window.eq_ignore_ascii_case(what));
        found.map(|at| from + at)
    };
    ["<title", "<h1"].into_iter().find_map(|tag| {
        let tag = find(0, tag.as_bytes())?;
        let begin = find(tag, b">")? + 1;
        let title = body[begin..find(begin, b"<")?].trim_ascii();
        (!title.is_empty()).then_some(title)
    })
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
