//! Whole requests over TCP.

use base64::{Engine, engine::general_purpose::STANDARD};
use quire_state::{fault::FaultKind, msg::ModelReport};

use super::{
    encoding::request,
    inflating::{gzip, zstd},
    samples::{SHORT, WHOLE, read_text},
    server::{KEY, Server, Then, ask, ok, status, vault},
};
use crate::{
    model::client::Clients,
    vault::{Credential, Secret},
};

/// The reports of a stream as they come over the network.
fn connected(stream: &str) -> Vec<ModelReport> {
    [ModelReport::Connected].into_iter().chain(read_text(stream).0).collect()
}

fn chunked(body: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in body.as_bytes().chunks(50) {
        bytes.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        bytes.extend_from_slice(piece);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    ok("transfer-encoding: chunked\r\n", &bytes)
}

#[tokio::test]
async fn a_request_has_its_headers_and_body_and_gets_its_reports() {
    let mut server = Server::once(chunked(WHOLE)).await;
    let mut vault = server.vault();
    let access = vault.providers.get_mut("test").unwrap();
    access.base_url.push('/');
    access.query = vec![("api-version".into(), Secret::new("a b"))];
    let (reports, fault) = ask(&Clients::new(), &vault, request(Vec::new())).await;
    assert_eq!((reports, fault), (connected(WHOLE), None));

    let sent = server.request().await;
    let (head, body) = sent.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<String> =
        head.lines()
            .filter(|line| !line.starts_with("host: ") && !line.starts_with("content-length: "))
            .map(|line| {
                if line.starts_with("user-agent: codex_exec/") { "user-agent: codex_exec/".into() } else { line.into() }
            })
            .collect();
    lines[1..].sort();
    assert_eq!(
        lines,
        [
            "POST /v1/responses?api-version=a+b HTTP/1.1".to_owned(),
            "accept: text/event-stream".to_owned(),
            format!("authorization: Bearer {KEY}"),
            "content-type: application/json".to_owned(),
            "originator: codex_exec".to_owned(),
            "session-id: thread-1".to_owned(),
            "thread-id: thread-1".to_owned(),
            "user-agent: codex_exec/".to_owned(),
            "x-client-request-id: thread-1".to_owned(),
            r#"x-codex-turn-metadata: {"session_id":"thread-1","thread_id":"thread-1","turn_id":"turn-1"}"#.to_owned(),
            "x-codex-window-id: thread-1:0".to_owned(),
            "x-extra: extra-secret".to_owned(),
        ]
    );
    assert_eq!(body.as_bytes(), crate::model::encode::body(&request(Vec::new())));
}

#[tokio::test]
async fn a_connection_cut_at_every_byte_gives_a_beginning_and_one_fault() {
    let whole = chunked(SHORT);
    let head = ok("transfer-encoding: chunked\r\n", b"").len();
    let expected = connected(SHORT);
    let answers: Vec<Vec<u8>> = (0..whole.len()).map(|cut| whole[..cut].to_vec()).collect();
    let server = Server::start(answers, Then::Close).await;
    let (clients, vault) = (Clients::new(), server.vault());
    for cut in 0..whole.len() {
        let (reports, fault) = ask(&clients, &vault, request(Vec::new())).await;
        match fault {
            None => assert_eq!(reports, expected, "cut at {cut}"),
            Some(fault) if cut < head => {
                assert_eq!((reports, fault.kind), (Vec::new(), FaultKind::Network), "cut at {cut}: {fault:?}");
            }
            Some(fault) => {
                assert_eq!(fault.kind, FaultKind::StreamCut, "cut at {cut}: {fault:?}");
                assert!(reports.len() < expected.len(), "cut at {cut}");
            }
        }
    }
}

#[tokio::test]
async fn compressed_streams_are_read() {
    for (encoding, body) in [("gzip", gzip(WHOLE.as_bytes())), ("zstd", zstd(WHOLE.as_bytes()))] {
        let server = Server::once(ok(&format!("content-encoding: {encoding}\r\n"), &body)).await;
        let (reports, fault) = ask(&Clients::new(), &server.vault(), request(Vec::new())).await;
        assert_eq!((reports, fault), (connected(WHOLE), None), "{encoding}");
    }
    let server = Server::once(ok("content-encoding: br\r\n", b"?")).await;
    let (_, fault) = ask(&Clients::new(), &server.vault(), request(Vec::new())).await;
    assert_eq!(
        fault.unwrap().summary,
        format!("127.0.0.1:{} sent a body in the encoding `br`, which was not requested.", server.port)
    );
}

#[tokio::test]
async fn silence_is_given_up_before_and_within_the_answer() {
    let mut hasty = request(Vec::new());
    hasty.idle_timeout_ms = 30;
    // The answer's headers may take both times together; a busy machine gets that much to send them.
    hasty.connect_timeout_ms = 1000;
    let silent = Server::start(vec![Vec::new()], Then::Hold).await;
    let (reports, fault) = ask(&Clients::new(), &silent.vault(), hasty.clone()).await;
    assert_eq!((reports, fault.unwrap().kind), (Vec::new(), FaultKind::StreamIdle));

    let first = SHORT.split_inclusive("\r\n\r\n").next().unwrap();
    let stalled = Server::start(vec![ok("", first.as_bytes())], Then::Hold).await;
    let (reports, fault) = ask(&Clients::new(), &stalled.vault(), hasty).await;
    assert_eq!(reports, connected(first));
    let fault = fault.unwrap();
    assert_eq!(fault.kind, FaultKind::StreamIdle);
    assert_eq!(fault.summary, format!("127.0.0.1:{} sent nothing for 30 ms.", stalled.port));
}

#[tokio::test]
async fn a_finished_answer_needs_no_end_of_its_connection() {
    let server = Server::start(vec![ok("", WHOLE.as_bytes())], Then::Hold).await;
    let (reports, fault) = ask(&Clients::new(), &server.vault(), request(Vec::new())).await;
    assert_eq!((reports, fault), (connected(WHOLE), None));
}

#[tokio::test]
async fn a_server_that_echoes_the_key_does_not_bring_it_to_the_screen() {
    let encoded = STANDARD.encode(format!("user:{KEY}"));
    let escaped = "sk-test%2Fsecret%2Bkey%3D42";
    let told = format!("bad key {KEY}, {encoded}, {escaped}, extra-secret");
    let json = serde_json::json!({ "error": { "message": told, "code": KEY } }).to_string();
    let event = format!("data: {}\n\n", serde_json::json!({ "type": "error", "code": KEY, "message": told }));
    for answer in [
        status("401 Unauthorized", "content-type: application/json\r\n", &json),
        status("500 Oops", &format!("x-request-id: {KEY}\r\n"), &told),
        status("302 Found", &format!("location: http://{KEY}/\r\n"), ""),
        status("200 OK", &format!("content-type: {KEY}\r\n"), &told),
        ok("", event.as_bytes()),
        ok("", format!("data: {{{told}\n\n").as_bytes()),
        ok(&format!("content-encoding: {KEY}\r\n"), b""),
    ] {
        let server = Server::once(answer.clone()).await;
        let (_, fault) = ask(&Clients::new(), &server.vault(), request(Vec::new())).await;
        let shown = format!("{:?}", fault.unwrap());
        assert!(shown.contains("[secret]"), "{shown}");
        for secret in [KEY, &encoded[8..], escaped, "extra-secret", "sk-test"] {
            assert!(!shown.to_ascii_lowercase().contains(&secret.to_ascii_lowercase()), "{secret} in {shown}");
        }
    }
}

#[tokio::test]
async fn a_good_stream_is_read_under_any_label() {
    let clients = Clients::new();
    for label in [
        "content-type: text/plain\r\n",
        "content-type: application/octet-stream\r\n",
        "content-type: application/json; charset=utf-8\r\n",
        "content-type: application/x-ndjson\r\n",
        "content-type:\r\n",
        "",
    ] {
        for (stream, told) in [(WHOLE.to_owned(), WHOLE), (format!("\u{feff}\n: hi\n\n{SHORT}"), SHORT)] {
            let server = Server::once(status("200 OK", label, &stream)).await;
            let (reports, fault) = ask(&clients, &server.vault(), request(Vec::new())).await;
            assert_eq!((reports, fault), (connected(told), None), "{label:?}");
        }
        let mut packed = format!("HTTP/1.1 200 OK\r\n{label}content-encoding: gzip\r\n\r\n").into_bytes();
        packed.extend(gzip(WHOLE.as_bytes()));
        let server = Server::once(packed).await;
        let (reports, fault) = ask(&clients, &server.vault(), request(Vec::new())).await;
        assert_eq!((reports, fault), (connected(WHOLE), None), "{label:?}, packed");
    }
}

#[tokio::test]
async fn what_is_no_stream_says_what_it_is_under_any_label() {
    let page = "<html><head><title>Sign in</title></head></html>";
    for (label, body, kind, said) in [
        ("text/event-stream", r#"{"error":{"code":402,"message":"Pay."}}"#, FaultKind::QuotaExceeded, ": Pay."),
        ("application/json", r#"{"error":{"code":402,"message":"Pay."}}"#, FaultKind::QuotaExceeded, ": Pay."),
        ("application/json", r#"[{"error":{"code":401,"message":"No."}}]"#, FaultKind::Auth, ": No."),
        ("application/json", r#"{"code":"402","msg":"Pay."}"#, FaultKind::QuotaExceeded, ": Pay."),
        ("text/plain", "{\"error\":\"model not found\"}", FaultKind::NotFound, ": model not found."),
        ("text/event-stream", page, FaultKind::Malformed, "a web page (\"Sign in\")"),
        ("text/html", page, FaultKind::Malformed, "a web page (\"Sign in\")"),
        (
            "text/plain",
            "upstream error",
            FaultKind::Malformed,
            "`text/plain` instead of a stream of events. It begins: upstream error",
        ),
        (
            "application/json",
            r#"{"output":[],"message":"x"}"#,
            FaultKind::Malformed,
            "`application/json` instead of a stream",
        ),
        ("text/plain", "", FaultKind::Malformed, "`text/plain` instead of a stream"),
        ("text/event-stream", "", FaultKind::StreamCut, "broke off"),
    ] {
        let answer = status("200 OK", &format!("content-type: {label}\r\n"), body);
        // With an end, and where the connection stays open behind it.
        for then in [Then::Close, Then::Hold] {
            let server = Server::start(vec![answer.clone()], then).await;
            let (_, fault) = ask(&Clients::new(), &server.vault(), request(Vec::new())).await;
            let fault = fault.unwrap();
            assert_eq!(fault.kind, kind, "{label} {body}: {fault:?}");
            assert!(fault.summary.contains(said), "{label} {body}: {fault:?}");
        }
    }
    let long = format!("{{\"x\":\"{}", "y".repeat(3_000_000));
    let server = Server::once(status("200 OK", "content-type: application/json\r\n", &long)).await;
    let (_, fault) = ask(&Clients::new(), &server.vault(), request(Vec::new())).await;
    let fault = fault.unwrap();
    assert!(fault.kind == FaultKind::Malformed && fault.summary.len() < 1000, "{fault:?}");
}

#[tokio::test]
async fn an_overloaded_server_keeps_its_wait_also_in_a_stream() {
    let event = b"data: {\"type\":\"error\",\"code\":\"server_is_overloaded\",\"message\":\"m\"}\n\n";
    let server = Server::once(ok("retry-after: 4\r\n", event)).await;
    let (_, fault) = ask(&Clients::new(), &server.vault(), request(Vec::new())).await;
    let fault = fault.unwrap();
    assert_eq!((fault.kind, fault.retry_after_ms), (FaultKind::Overloaded, Some(4000)));
}

#[tokio::test]
async fn refusals_carry_status_and_wait() {
    let body = r#"{"error":{"message":"slow down"}}"#;
    let server = Server::once(status("429 Too Many Requests", "retry-after: 2\r\n", body)).await;
    let (reports, fault) = ask(&Clients::new(), &server.vault(), request(Vec::new())).await;
    let fault = fault.unwrap();
    assert_eq!(reports, Vec::new());
    assert_eq!((fault.kind, fault.status, fault.retry_after_ms), (FaultKind::RateLimited, Some(429), Some(2000)));

    let mut packed = b"HTTP/1.1 400 Bad\r\ncontent-encoding: gzip\r\n\r\n".to_vec();
    packed.extend(gzip(br#"{"error":{"code":"context_length_exceeded","message":"too long"}}"#));
    let server = Server::once(packed).await;
    let (_, fault) = ask(&Clients::new(), &server.vault(), request(Vec::new())).await;
    assert_eq!(fault.unwrap().kind, FaultKind::ContextTooLong);
}

#[tokio::test]
async fn an_endless_error_body_is_not_read_to_its_end() {
    let endless = status("500 Oops", "", &"x".repeat(3_000_000));
    let server = Server::once(endless).await;
    let (_, fault) = ask(&Clients::new(), &server.vault(), request(Vec::new())).await;
    let fault = fault.unwrap();
    assert_eq!(fault.kind, FaultKind::Server);
    assert!(fault.summary.len() < 1000, "{}", fault.summary.len());
}

#[tokio::test]
async fn what_cannot_be_sent_is_not_sent() {
    let mut server = Server::once(ok("", WHOLE.as_bytes())).await;
    let clients = Clients::new();
    let mut vault = server.vault();
    vault.providers.get_mut("test").unwrap().credential = Credential::Missing("Set the variable `TEST_KEY`.".into());
    let (_, fault) = ask(&clients, &vault, request(Vec::new())).await;
    let fault = fault.unwrap();
    assert_eq!(fault.kind, FaultKind::MissingCredential);
    assert_eq!(fault.line(), "There is no key for provider `test`; nothing was sent. Set the variable `TEST_KEY`.");

    vault.providers.get_mut("test").unwrap().credential = Credential::Bearer(Secret::new("two\nlines-of-key"));
    let (_, fault) = ask(&clients, &vault, request(Vec::new())).await;
    let shown = format!("{:?}", fault.unwrap());
    assert!(shown.contains("cannot be sent") && !shown.contains("lines-of-key"), "{shown}");

    vault.providers.clear();
    let (_, fault) = ask(&clients, &vault, request(Vec::new())).await;
    assert_eq!(fault.unwrap().summary, "There is no provider `test`.");

    // A last request that is sent shows that none was before.
    let mut last = request(Vec::new());
    last.turn = "the-only-one".into();
    let (_, fault) = ask(&clients, &server.vault(), last).await;
    assert_eq!(fault, None);
    assert!(server.request().await.contains("the-only-one"));
}

#[tokio::test]
async fn addresses_that_lead_nowhere() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    for (base_url, kind, summary) in [
        (
            format!("http://127.0.0.1:{port}/v1"),
            FaultKind::Network,
            format!("Nothing answers at 127.0.0.1:{port}: the connection was refused."),
        ),
        (
            "ftp://files.test/v1".to_owned(),
            FaultKind::BadRequest,
            "The address of provider `test` cannot be used: it does not begin with `http://` or `https://` and a host."
                .to_owned(),
        ),
        (
            "not an address".to_owned(),
            FaultKind::BadRequest,
            "The address of provider `test` cannot be used: relative URL without a base.".to_owned(),
        ),
    ] {
        let (_, fault) = ask(&Clients::new(), &vault(&base_url), request(Vec::new())).await;
        let fault = fault.unwrap();
        assert_eq!((fault.kind, fault.summary.as_str()), (kind, summary.as_str()));
        assert!(fault.hint.unwrap().contains("base_url"));
    }
}

#[tokio::test]
async fn the_offline_model_answers_over_the_same_decoder() {
    let mut vault = vault("http://unused.test");
    vault.providers.get_mut("test").unwrap().scripted = Some(std::sync::Arc::new(crate::scripted::Script::demo()));
    let hello = quire_state::history::HistoryItem::message(quire_state::history::Role::User, "what is in this folder?");
    let (reports, fault) = ask(&Clients::new(), &vault, request(vec![hello])).await;
    assert_eq!(fault, None);
    assert_eq!(reports.first(), Some(&ModelReport::Connected));
    assert!(reports.iter().any(|report| matches!(report, ModelReport::ItemDone { .. })), "{reports:?}");
    assert!(matches!(reports.last(), Some(ModelReport::Completed { .. })), "{reports:?}");
}

/// Set by the test of proxies for its child.
const PROXY_CHILD: &str = "QUIRE_TEST_PROXY_CHILD";

/// Variables of the environment can be set only for another process: this is that process.
#[tokio::test]
async fn child_that_asks_a_host_that_is_not_there() {
    if std::env::var_os(PROXY_CHILD).is_none() {
        return;
    }
    let (reports, fault) = ask(&Clients::new(), &vault("http://model.test/v1"), request(Vec::new())).await;
    assert_eq!((reports, fault), (connected(WHOLE), None));
}

#[tokio::test]
async fn proxies_of_the_environment_are_used() {
    for (variable, no_proxy, is_used) in
        [("HTTP_PROXY", "", true), ("ALL_PROXY", "other.test", true), ("HTTP_PROXY", "model.test", false)]
    {
        let mut proxy = Server::once(ok("", WHOLE.as_bytes())).await;
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.arg("child_that_asks_a_host_that_is_not_there").env(PROXY_CHILD, "1");
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "no_proxy"] {
            child.env_remove(name);
        }
        child.env(variable, format!("http://127.0.0.1:{}", proxy.port)).env("NO_PROXY", no_proxy);
        let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
        assert_eq!(output.status.success(), is_used, "{variable}: {}", String::from_utf8_lossy(&output.stdout));
        if is_used {
            assert!(proxy.request().await.starts_with("POST http://model.test/v1/responses HTTP/1.1"));
        }
    }
}
