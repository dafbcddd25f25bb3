//! A server that says exactly the bytes of an attacker, and notes what it is asked.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use serde_json::Value;

/// What a peer does with a request of this number, from 0.
type Answer = dyn Fn(usize, &mut TcpStream) -> io::Result<()> + Send + Sync;

/// A server on a loopback port. Its threads end with the test's process.
pub(super) struct Peer {
    pub(super) url: String,
    bodies: Arc<Mutex<Vec<Value>>>,
}

impl Peer {
    /// Answers every request by this function, from the status line on.
    pub(super) fn start(answer: impl Fn(usize, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let (noted, answer): (_, Arc<Answer>) = (Arc::clone(&bodies), Arc::new(answer));
        thread::spawn(move || {
            for mut socket in listener.incoming().flatten() {
                let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
                thread::spawn(move || {
                    let Ok(body) = request(&mut socket) else { return };
                    let number = {
                        let mut bodies = noted.lock().unwrap_or_else(PoisonError::into_inner);
                        bodies.push(body);
                        bodies.len() - 1
                    };
                    // The client may hang up; that is its right.
                    let _ = answer(number, &mut socket);
                });
            }
        });
        Self { url, bodies }
    }

    /// Answers request number n with the n-th stream, the last one again and again.
    pub(super) fn streams(streams: Vec<String>) -> Self {
        Self::start(move |number, socket| {
            socket.write_all(HEAD.as_bytes())?;
            socket.write_all(streams[number.min(streams.len() - 1)].as_bytes())
        })
    }

    /// The bodies of the requests so far.
    pub(super) fn bodies(&self) -> Vec<Value> {
        self.bodies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The beginning of an answer that ends with its connection.
pub(super) const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

/// An event of a stream.
pub(super) fn event(value: &Value) -> String {
    format!("data: {value}\n\n")
}

/// The end of a response.
pub(super) fn completed() -> String {
    event(&serde_json::json!({ "type": "response.completed", "response": { "status": "completed" } }))
}

/// A response that says this.
pub(super) fn says(text: &str) -> String {
    let item = serde_json::json!({ "type": "message", "role": "assistant",
        "content": [{ "type": "output_text", "text": text }] });
    event(&serde_json::json!({ "type": "response.output_item.done", "item": item })) + &completed()
}

/// Waits a moment; nothing depends on how long.
pub(super) fn pause() {
    let (_silent, silence) = mpsc::channel::<()>();
    let _ = silence.recv_timeout(Duration::from_millis(20));
}

fn request(socket: &mut TcpStream) -> io::Result<Value> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 64 * 1024];
    loop {
        let head = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if bytes.len() >= head + 4 + length.unwrap_or(0) {
                return Ok(serde_json::from_slice(&bytes[head + 4..]).unwrap_or_default());
            }
        }
        match socket.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}
