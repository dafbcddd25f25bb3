//! One connection: requests in, beats out, with their pauses kept against the clock.

use std::{
    io::{self, BufReader, Write},
    net::{Shutdown, TcpStream},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::scripted::{Beat, Playback, Script, respond, rule::error_text};

use super::{http, record::Records};

/// Silences from this length on notice that the client has left.
const LONG_PAUSE: Duration = Duration::from_millis(100);

/// Answers the requests of one connection until the client leaves or the script cuts it.
pub(super) fn converse(script: &Script, records: &Records, stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(64 * 1024, stream);
    let mut writer = stream;
    loop {
        let request = match http::read(&mut reader, &mut writer) {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                let body = error_text(&error.to_string(), "invalid_request_error", None);
                return whole(&mut writer, 400, &[], &body);
            }
            Err(error) => return Err(error),
        };
        let body = records.add(&request)?;
        let is_kept = match (request.method.as_str(), &request.path) {
            ("POST", path) if path.ends_with("/responses") => match body {
                Ok(body) => play(respond(script, &body), stream)?,
                Err(message) => {
                    whole(&mut writer, 400, &[], &error_text(&message, "invalid_request_error", None))?;
                    true
                }
            },
            ("GET", path) if path.ends_with("/models") => {
                let model = |id: String| json!({ "id": id, "object": "model", "created": 0, "owned_by": "quire" });
                let models: Vec<Value> = script.models().into_iter().map(model).collect();
                whole(&mut writer, 200, &[], &json!({ "object": "list", "data": models }).to_string())?;
                true
            }
            (method, path) => {
                let message = format!("There is no {method} {path} here.");
                whole(&mut writer, 404, &[], &error_text(&message, "invalid_request_error", Some("not_found")))?;
                true
            }
        };
        if !is_kept || request.wants_close() {
            return Ok(());
        }
    }
}

/// Plays an answer; tells whether the connection can be used again.
fn play(playback: Playback, stream: &TcpStream) -> io::Result<bool> {
    let mut writer = stream;
    let mut has_begun = false;
    let mut due = Instant::now();
    let mut chunk = Vec::new();
    for beat in playback {
        if !has_begun && !matches!(beat, Beat::Status { .. }) {
            has_begun = true;
            writer.write_all(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n\
                  transfer-encoding: chunked\r\n\r\n",
            )?;
        }
        match beat {
            Beat::Status { code, headers, body } => {
                whole(&mut writer, code, &headers, &body)?;
                return Ok(true);
            }
            Beat::Bytes(bytes) => {
                chunk.clear();
                write!(chunk, "{:x}\r\n", bytes.len())?;
                chunk.extend_from_slice(&bytes);
                chunk.extend_from_slice(b"\r\n");
                writer.write_all(&chunk)?;
            }
            Beat::Pause { delay_ms } => {
                // Against the clock, so that the time of writing does not add up. A late beat starts anew.
                let now = Instant::now();
                let delay = Duration::from_millis(delay_ms);
                due = if due + delay < now { now + delay } else { due + delay };
                wait(stream, due)?;
            }
            Beat::Cut => {
                stream.shutdown(Shutdown::Both)?;
                return Ok(false);
            }
        }
    }
    writer.write_all(b"0\r\n\r\n")?;
    Ok(true)
}

/// Waits until `due`; a long wait ends with an error when the client leaves.
fn wait(stream: &TcpStream, due: Instant) -> io::Result<()> {
    loop {
        let left = due.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        if left < LONG_PAUSE {
            thread::sleep(left);
            continue;
        }
        stream.set_read_timeout(Some(left))?;
        let peeked = stream.peek(&mut [0]);
        stream.set_read_timeout(None)?;
        match peeked {
            Ok(0) => return Err(io::ErrorKind::ConnectionReset.into()),
            // The next request waits already: its bytes say nothing about leaving.
            Ok(_) => thread::sleep(due.saturating_duration_since(Instant::now())),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
    }
}

fn whole(writer: &mut impl Write, code: u16, headers: &[(String, String)], body: &str) -> io::Result<()> {
    let mut answer = format!("HTTP/1.1 {code} {}\r\n", reason(code));
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        answer.push_str("content-type: application/json\r\n");
    }
    for (name, value) in headers {
        let value = value.replace(['\r', '\n'], " ");
        answer.push_str(&format!("{name}: {value}\r\n"));
    }
    answer.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    writer.write_all(answer.as_bytes())?;
    writer.flush()
}

fn reason(code: u16) -> &'static str {
    match code {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Scripted",
    }
}
