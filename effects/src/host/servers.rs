//! Model servers of this machine: they are asked which models they have. Only this machine is asked, each address
//! for a moment, and all at once.

use std::{
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs},
    thread,
    time::Duration,
};

use quire_state::msg::LocalServer;
use serde::Deserialize;

/// How long one is waited for at most, per step.
const PATIENCE: Duration = Duration::from_millis(400);
/// Bytes of an answer, and models of a server, that are taken at most.
const MOST_BYTES: u64 = 256 * 1024;
const MOST_MODELS: usize = 50;
/// Characters of a model's name.
const NAME_CHARS: usize = 200;

#[derive(Deserialize)]
struct Answer {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
}

/// Those that answer, with their models.
pub(super) fn find(servers: Vec<LocalServer>) -> Vec<LocalServer> {
    let ask = |server| thread::Builder::new().name("quire-servers".to_owned()).spawn(move || ask(server));
    let asked: Vec<_> = servers.into_iter().map(ask).collect();
    asked.into_iter().filter_map(|asked| asked.ok()?.join().ok()?).collect()
}

fn ask(server: LocalServer) -> Option<LocalServer> {
    let address = server.place.to_socket_addrs().ok()?.find(|address| address.ip().is_loopback())?;
    let stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    let models = models(stream, &server.place)?;
    Some(LocalServer { models, ..server })
}

/// The models that `GET /v1/models` lists; `None` for what is no model server.
fn models(mut stream: impl Read + Write, place: &str) -> Option<Vec<String>> {
    let request = format!("GET /v1/models HTTP/1.0\r\nHost: {place}\r\nAccept: application/json\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    // A server that keeps the connection open has answered as soon as the text is whole.
    let _ = stream.take(MOST_BYTES).read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n")?;
    if !head.starts_with("HTTP/1.") || head.split(' ').nth(1) != Some("200") {
        return None;
    }
    // One that sends its text in pieces says their sizes around it.
    let json = body.get(body.find('{')?..=body.rfind('}')?)?;
    let answer: Answer = serde_json::from_str(json).ok()?;
    let is_name =
        |name: &String| !name.is_empty() && name.chars().count() <= NAME_CHARS && !name.contains(char::is_control);
    Some(answer.data.into_iter().map(|model| model.id).filter(is_name).take(MOST_MODELS).collect())
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor};

    use super::*;

    /// Answers, whatever is asked.
    struct Server(Cursor<Vec<u8>>, Vec<u8>);

    impl Read for Server {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Write for Server {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn listed(answer: &str) -> Option<Vec<String>> {
        models(Server(Cursor::new(answer.as_bytes().to_vec()), Vec::new()), "localhost:1")
    }

    #[test]
    fn the_models_of_an_answer() {
        let list = r#"{"object":"list","data":[{"id":"gpt-oss:20b","object":"model"},{"id":""},{"id":"a\u001bb"},{"id":"qwen3"}]}"#;
        let names = Some(vec!["gpt-oss:20b".to_owned(), "qwen3".to_owned()]);
        assert_eq!(listed(&format!("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{list}")), names);
        assert_eq!(
            listed(&format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7a\r\n{list}\r\n0\r\n\r\n")),
            names
        );
        assert_eq!(listed("HTTP/1.0 200 OK\r\n\r\n{\"data\":[]}"), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_model_server_is_none() {
        for answer in [
            "",
            "SSH-2.0-x\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\n\r\n{\"data\":[]}",
            "HTTP/1.1 200 OK\r\n\r\n<html>{}",
            "HTTP/1.1 200 OK\r\n\r\n}{",
        ] {
            assert_eq!(listed(answer), None, "{answer:?}");
        }
        let many: Vec<String> = (0..80).map(|n| format!("{{\"id\":\"m{n}\"}}")).collect();
        let answer = format!("HTTP/1.1 200 OK\r\n\r\n{{\"data\":[{}]}}", many.join(","));
        assert_eq!(listed(&answer).map(|models| models.len()), Some(MOST_MODELS));
    }
}
