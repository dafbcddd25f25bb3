//! The server, asked over a plain socket.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use super::{decode, request, user};
use crate::scripted::{
    Script,
    server::{self, ServeOptions, ServerHandle},
};

/// Sends raw bytes and reads until the server closes.
fn exchange(server: &ServerHandle, sent: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(sent).unwrap();
    let mut answer = Vec::new();
    // A cut may arrive as a reset; what came before it counts.
    drop(stream.read_to_end(&mut answer));
    answer
}

fn post(headers: &str, body: &[u8]) -> Vec<u8> {
    let mut sent = format!(
        "POST /v1/responses?x=1 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer sk-secret\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    sent.extend_from_slice(body);
    sent
}

/// The head of an answer, and its body without the chunks.
fn unchunk(answer: &[u8]) -> (String, Vec<u8>, bool) {
    let split = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8(answer[..split].to_vec()).unwrap();
    let (mut body, mut rest) = (Vec::new(), &answer[split..]);
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return (head, body, true);
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
    }
    (head, body, false)
}

#[test]
fn a_stream_over_a_socket() {
    let server = server::spawn(Script::parse("").unwrap()).unwrap();
    let body = request(&[user("mock:plain n=5000 size=10")]);
    let answer = exchange(&server, &post("Connection: close\r\n", body.to_string().as_bytes()));
    let (head, stream, is_whole) = unchunk(&answer);
    assert!(head.starts_with("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"), "{head}");
    assert!(is_whole);
    let (events, items) = decode(&stream);
    assert_eq!(items[0]["content"][0]["text"].as_str().unwrap().len(), 50_000);
    assert_eq!(events.last().unwrap()["type"], "response.completed");
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!((requests[0].method.as_str(), requests[0].path.as_str()), ("POST", "/v1/responses"));
    assert_eq!(requests[0].header("authorization"), Some("Bearer sk-secret"));
    assert_eq!(requests[0].body, body);
}

#[test]
fn one_connection_serves_many_requests() {
    let server = server::spawn(Script::parse("when\n status 500\n").unwrap()).unwrap();
    let mut sent = b"GET /v1/models HTTP/1.1\r\n\r\nGET /nowhere HTTP/1.1\r\n\r\n".to_vec();
    sent.extend(post("", b"{}"));
    sent.extend(post("", b"no json"));
    sent.extend(b"PUT /v1/responses HTTP/1.1\r\nconnection: close\r\n\r\n");
    let answer = String::from_utf8(exchange(&server, &sent)).unwrap();
    let statuses: Vec<&str> = answer.split("HTTP/1.1 ").skip(1).map(|part| &part[..3]).collect();
    assert_eq!(statuses, ["200", "404", "500", "400", "404"]);
    assert!(answer.contains(r#"{"object":"list","data":[{"id":"scripted""#));
    assert_eq!(server.wait_for_requests(5, Duration::from_secs(10)).len(), 5);
}

#[test]
fn bodies_may_be_chunked_and_compressed() {
    let server = server::spawn(Script::parse("").unwrap()).unwrap();
    let body = request(&[user("mock:json text=hello")]).to_string();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(body.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(body.as_bytes(), 1).unwrap();
    let (left, right) = body.split_at(10);
    let chunked = format!(
        "POST /responses HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
         a\r\n{left}\r\n{:X};x=y\r\n{right}\r\n0\r\nTrailer: t\r\n\r\n",
        right.len()
    );
    for sent in [
        post("Connection: close\r\nContent-Encoding: gzip\r\n", &gzip),
        post("Connection: close\r\nContent-Encoding: zstd\r\n", &zstd),
        chunked.into_bytes(),
    ] {
        let (_, stream, _) = unchunk(&exchange(&server, &sent));
        assert_eq!(decode(&stream).1[0]["content"][0]["text"], "hello");
    }
    let odd = exchange(&server, &post("Content-Encoding: br\r\n", b"x"));
    assert!(odd.starts_with(b"HTTP/1.1 400 "));
}

#[test]
fn a_cut_ends_the_connection_inside_the_body() {
    let server = server::spawn(Script::parse("when\n repeat 100\n cut bytes=1500").unwrap()).unwrap();
    let (_, stream, is_whole) = unchunk(&exchange(&server, &post("", request(&[user("go")]).to_string().as_bytes())));
    assert_eq!((stream.len(), is_whole), (1500, false));
}

#[test]
fn the_log_masks_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests.jsonl");
    let bound = server::bind(&ServeOptions { port: 0, log: Some(log.clone()) }).unwrap();
    let address = bound.address();
    assert_eq!(bound.url(), format!("http://{address}/v1"));
    // The server lives as long as the process; the test ends without it.
    std::thread::spawn(move || bound.serve(std::sync::Arc::new(Script::demo())));
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(&post("Connection: close\r\n", br#"{"input":"hello"}"#)).unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
    let text = std::fs::read_to_string(&log).unwrap();
    let line: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert!(!text.contains("sk-secret"));
    assert_eq!(line["headers"][1], json!(["authorization", "***"]));
    assert_eq!(line["body"], json!({ "input": "hello" }));
}
