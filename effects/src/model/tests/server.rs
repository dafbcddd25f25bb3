//! A local server that says exactly the scripted bytes, and a client's run against it.

use std::{collections::BTreeMap, sync::Arc, thread};

use quire_state::{
    cmd::ModelRequest,
    fault::Fault,
    key::{Key, Work},
    msg::{ModelReport, Msg, Report},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use crate::{
    inbox::Inbox,
    model::{client::Clients, request::run},
    vault::{Credential, ProviderAccess, Secret, Vault},
};

/// What the server does once it has sent its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Close,
    Hold,
}

/// A server on a loopback port. It answers each connection with the next answer, the last one again and again.
pub(super) struct Server {
    pub(super) port: u16,
    requests: mpsc::UnboundedReceiver<String>,
}

impl Server {
    pub(super) async fn start(answers: Vec<Vec<u8>>, then: Then) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut held = Vec::new();
            let mut answers = answers.into_iter().peekable();
            while let Ok((mut socket, _)) = listener.accept().await {
                let answer = match answers.peek().cloned() {
                    Some(answer) => {
                        if answers.len() > 1 {
                            answers.next();
                        }
                        answer
                    }
                    None => Vec::new(),
                };
                let _ = tell.send(read_request(&mut socket).await);
                // The client may hang up before the end; that is its right.
                let _ = socket.write_all(&answer).await;
                if then == Then::Hold {
                    held.push(socket);
                }
            }
        });
        Self { port, requests }
    }

    /// One answer for every request, and the connection closed after it.
    pub(super) async fn once(answer: Vec<u8>) -> Self {
        Self::start(vec![answer], Then::Close).await
    }

    /// The next request as it came: headers, empty line, body.
    pub(super) async fn request(&mut self) -> String {
        self.requests.recv().await.unwrap()
    }

    pub(super) fn vault(&self) -> Vault {
        vault(&format!("http://127.0.0.1:{}/v1", self.port))
    }
}

async fn read_request(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        if socket.read_buf(&mut bytes).await.unwrap() == 0 {
            return String::from_utf8_lossy(&bytes).into_owned();
        }
    }
}

pub(super) const KEY: &str = "sk-test/secret+key=42";

pub(super) fn vault(base_url: &str) -> Vault {
    let access = ProviderAccess {
        base_url: base_url.into(),
        credential: Credential::Bearer(Secret::new(KEY)),
        headers: vec![("x-extra".into(), Secret::new("extra-secret"))],
        query: Vec::new(),
        scripted: None,
    };
    let providers = BTreeMap::from([("test".into(), access)]);
    Vault { providers, originator: "codex_exec".into(), ..Vault::default() }
}

/// An answer of status 200 that ends with its connection.
pub(super) fn ok(extra: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{extra}\r\n").into_bytes();
    answer.extend_from_slice(body);
    answer
}

pub(super) fn status(line: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {line}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Everything that one request reports, merged, and how it failed.
pub(super) async fn ask(clients: &Clients, vault: &Vault, request: ModelRequest) -> (Vec<ModelReport>, Option<Fault>) {
    let inbox = Inbox::new();
    let key = Key::Thread(request.thread.clone(), Work::Request(1, 1));
    // The fold's side: takes as it comes, so that a long stream is not held up.
    let (fold, expected) = (inbox.clone(), key.clone());
    let taken = Arc::new(thread::spawn(move || {
        let mut reports = Vec::new();
        loop {
            for msg in fold.take(None) {
                let Msg::Report(key, report) = msg else { panic!("not a report") };
                assert_eq!(key, expected);
                let is_last = report.is_last();
                reports.push(report);
                if is_last {
                    return reports;
                }
            }
        }
    }));
    run(clients, vault, key, request, &inbox).await;
    let taken = Arc::into_inner(taken).unwrap();
    let reports = tokio::task::spawn_blocking(move || taken.join().unwrap()).await.unwrap();
    assert_eq!(inbox.take(Some(std::time::Instant::now())), Vec::new(), "nothing comes after the last report");
    let (mut told, mut fault) = (Vec::new(), None);
    for report in reports {
        match report {
            Report::Model(report) => told.push(report),
            Report::Failed(failed) => fault = Some(failed),
            other => panic!("not of the model: {other:?}"),
        }
    }
    (super::samples::merged(told), fault)
}
