//! One request to the model: sends it, and brings what comes back to the inbox. Sends once; whether a failure is
//! tried again is for the core to decide. Ends with `Completed` or one `Failed`.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use quire_state::{
    cmd::ModelRequest,
    fault::{Fault, FaultKind},
    key::Key,
    limits::SSE_EVENT_BYTES,
    msg::{ModelReport, Msg, Report},
};
use reqwest::{
    Response, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use tokio::{task::yield_now, time::timeout};

use super::{
    client::Clients,
    encode, headers, http,
    inflate::Inflate,
    place::Place,
    redact::Redactor,
    silence::Silence,
    stream::{BODY_BYTES, Stream, Told},
    transport,
};
use crate::{
    inbox::Inbox,
    scripted::{self, Beat, Script},
    vault::{Credential, ProviderAccess, Vault},
};

/// How much of an error body is read.
const ERROR_BYTES: usize = BODY_BYTES;
/// How long an error body may take to come.
const ERROR_TIME: Duration = Duration::from_secs(5);
/// How long a finished stream may take to end, so that its connection can serve the next request.
const DRAIN_TIME: Duration = Duration::from_secs(1);
/// Most bytes that bring an answer no further. The largest event has room in it.
const QUIET_BYTES: usize = 2 * SSE_EVENT_BYTES;
/// Bytes that are decoded before others have their turn.
const SLICE_BYTES: usize = 16 * 1024;

/// Sends one request and reports under `key` until the response is over.
pub async fn run(clients: &Clients, vault: &Vault, key: Key, request: ModelRequest, inbox: &Inbox) {
    let reporter = Reporter { key, inbox };
    if let Err(fault) = attempt(clients, vault, &request, &reporter).await {
        reporter.send(Report::Failed(fault)).await;
    }
}

/// Where reports go.
struct Reporter<'a> {
    key: Key,
    inbox: &'a Inbox,
}

impl Reporter<'_> {
    async fn send(&self, report: Report) {
        self.inbox.send(Msg::Report(self.key.clone(), report)).await;
    }

    async fn connected(&self) {
        self.send(Report::Model(ModelReport::Connected)).await;
    }

    /// Decodes these bytes a little at a time, so that a cancellation is heard between, and passes on what they tell.
    /// Whether they brought the answer further, and its end, when it has come.
    async fn read(&self, stream: &mut Stream<'_>, bytes: &[u8]) -> (bool, Option<Result<(), Fault>>) {
        let mut has_moved = false;
        for slice in bytes.chunks(SLICE_BYTES) {
            let told = stream.feed(slice);
            has_moved |= told.has_moved;
            let end = self.pass(told).await;
            if end.is_some() {
                return (has_moved, end);
            }
            yield_now().await;
        }
        (has_moved, None)
    }

    /// Passes on what was told; the end, when it has come.
    async fn pass(&self, told: Told) -> Option<Result<(), Fault>> {
        for report in told.reports {
            self.send(Report::Model(report)).await;
        }
        told.end
    }
}

async fn attempt(
    clients: &Clients,
    vault: &Vault,
    request: &ModelRequest,
    reporter: &Reporter<'_>,
) -> Result<(), Fault> {
    let Some(access) = vault.access(&request.provider) else {
        let name = &request.provider;
        return Err(Fault::new(FaultKind::BadRequest, format!("There is no provider `{name}`."))
            .with_hint(format!("Choose one that is configured, or add `[model_providers.{name}]` to config.toml.")));
    };
    let access = access.as_ref();
    let place = Place {
        provider: request.provider.clone(),
        host: headers::host(access),
        model: request.model.clone(),
        redactor: Redactor::of(access, &vault.secrets),
    };
    match &access.scripted {
        Some(script) => play(script, &place, request, reporter).await,
        None => {
            if let Credential::Missing(hint) = &access.credential {
                let summary = format!("There is no key for provider `{}`; nothing was sent.", request.provider);
                return Err(place.fault(FaultKind::MissingCredential, &summary, hint));
            }
            let response = send(clients, vault, access, &place, request).await?;
            receive(response, &place, request.idle_timeout_ms, reporter).await
        }
    }
}

/// Sends the request and waits for the answer's headers.
async fn send(
    clients: &Clients,
    vault: &Vault,
    access: &ProviderAccess,
    place: &Place,
    request: &ModelRequest,
) -> Result<Response, Fault> {
    let url = headers::url(place, access)?;
    let headers = headers::headers(place, access, &vault.originator, request)?;
    let client = clients.get(vault, &url, request.connect_timeout_ms)?;
    let sending = client.post(url).headers(headers).body(encode::body(request)).send();
    let patience_ms = request.idle_timeout_ms.saturating_add(request.connect_timeout_ms);
    match timeout(Duration::from_millis(patience_ms), sending).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => Err(transport::no_answer(place, &error, request.connect_timeout_ms)),
        Err(_) => Err(place.idle(request.idle_timeout_ms)),
    }
}

/// Reads the answer to its end.
async fn receive(
    mut response: Response,
    place: &Place,
    idle_timeout_ms: u64,
    reporter: &Reporter<'_>,
) -> Result<(), Fault> {
    let status = response.status();
    if !status.is_success() {
        let headers = response.headers().clone();
        let body = beginning(response).await;
        return Err(http::status(place, status, &headers, &body));
    }
    let mut stream = Stream::new(place, response.headers())?;
    // Of an answer under another label the first bytes tell whether it is one.
    if http::is_stream(response.headers()) {
        reporter.connected().await;
    }
    let mut silence = Silence::new(Duration::from_millis(idle_timeout_ms));
    let mut quiet_bytes = 0_usize;
    loop {
        let since = Instant::now();
        let read = timeout(silence.left(), response.chunk()).await;
        let bytes = match read {
            Err(_) if silence.is_extended() => return Err(stalled(place, &silence)),
            Err(_) => return Err(place.idle(idle_timeout_ms)),
            Ok(Ok(Some(bytes))) => bytes,
            Ok(Ok(None)) => return reporter.pass(stream.finish("")).await.unwrap_or(Ok(())),
            Ok(Err(error)) => {
                return reporter.pass(stream.finish(&transport::cause(&error))).await.unwrap_or(Ok(()));
            }
        };
        let (has_moved, end) = reporter.read(&mut stream, &bytes).await;
        if let Some(end) = end {
            if end.is_ok() {
                tokio::spawn(timeout(DRAIN_TIME, drain(response)));
            }
            return end;
        }
        if stream.is_body() {
            return rest_of_body(stream, response, reporter).await;
        }
        silence.heard(since.elapsed().min(silence.left()), has_moved);
        quiet_bytes = if has_moved { 0 } else { quiet_bytes.saturating_add(bytes.len()) };
        if silence.is_stalled() {
            return Err(stalled(place, &silence));
        }
        if quiet_bytes > QUIET_BYTES {
            let limit = QUIET_BYTES / (1024 * 1024);
            return Err(place.too_large(&format!("more than {limit} MiB without content")));
        }
    }
}

/// Reads what is no stream as far as it tells what it is.
async fn rest_of_body(mut stream: Stream<'_>, mut response: Response, reporter: &Reporter<'_>) -> Result<(), Fault> {
    let deadline = Instant::now() + ERROR_TIME;
    while let Ok(Ok(Some(bytes))) = timeout(deadline.saturating_duration_since(Instant::now()), response.chunk()).await
    {
        if let (_, Some(end)) = reporter.read(&mut stream, &bytes).await {
            return end;
        }
    }
    reporter.pass(stream.finish("")).await.unwrap_or(Ok(()))
}

fn stalled(place: &Place, silence: &Silence) -> Fault {
    place.stalled(u64::try_from(silence.limit().as_millis()).unwrap_or(u64::MAX))
}

/// Reads the rest of a finished answer, a little at most.
async fn drain(mut response: Response) {
    let mut left = ERROR_BYTES;
    while let Ok(Some(bytes)) = response.chunk().await {
        left = left.saturating_sub(bytes.len());
        if left == 0 {
            return;
        }
    }
}

/// The beginning of a body, decompressed. What breaks off, dawdles or cannot be decompressed counts as far as it came.
async fn beginning(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    let Ok(mut inflate) = Inflate::of(response.headers()) else { return body };
    let reading = async {
        while let Ok(Some(bytes)) = response.chunk().await {
            let fed = inflate.feed(&bytes, &mut |piece| {
                let room = ERROR_BYTES - body.len();
                body.extend_from_slice(&piece[..piece.len().min(room)]);
                body.len() < ERROR_BYTES
            });
            if fed.is_err() || body.len() == ERROR_BYTES {
                break;
            }
        }
    };
    // On time-out the beginning is all the same what it is.
    let _ = timeout(ERROR_TIME, reading).await;
    body
}

/// Plays an answer of the offline model, as if its bytes had come over the network.
async fn play(
    script: &Arc<Script>,
    place: &Place,
    request: &ModelRequest,
    reporter: &Reporter<'_>,
) -> Result<(), Fault> {
    let body = serde_json::from_slice(&encode::body(request)).unwrap_or_default();
    let mut stream = None;
    for beat in scripted::respond(script, &body) {
        let bytes = match beat {
            Beat::Status { code, headers, body } => {
                return scripted_status(place, code, headers, &body, reporter).await;
            }
            Beat::Cut => break,
            Beat::Pause { delay_ms } => {
                tokio::time::sleep(Duration::from_millis(delay_ms)).await;
                continue;
            }
            Beat::Bytes(bytes) => bytes,
        };
        let open = match &mut stream {
            Some(open) => open,
            None => {
                reporter.connected().await;
                stream.insert(Stream::new(place, &HeaderMap::new())?)
            }
        };
        if let (_, Some(end)) = reporter.read(open, &bytes).await {
            return end;
        }
    }
    match stream {
        Some(stream) => reporter.pass(stream.finish("")).await.unwrap_or(Ok(())),
        None => Err(place.cut("")),
    }
}

async fn scripted_status(
    place: &Place,
    code: u16,
    headers: Vec<(String, String)>,
    body: &str,
    reporter: &Reporter<'_>,
) -> Result<(), Fault> {
    let headers = headers
        .into_iter()
        .filter_map(|(name, value)| Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?)))
        .collect();
    if let Some(status) = StatusCode::from_u16(code).ok().filter(|status| !status.is_success()) {
        return Err(http::status(place, status, &headers, body.as_bytes()));
    }
    let mut stream = Stream::new(place, &headers)?;
    match reporter.read(&mut stream, body.as_bytes()).await {
        (_, Some(end)) => end,
        (_, None) => reporter.pass(stream.finish("")).await.unwrap_or(Ok(())),
    }
}
