//! The scripted model in a process of its own, so that its memory and CPU time count for no other.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdin, Command, Stdio},
    time::Instant,
};

use quire_effects::scripted::{Script, server};
use serde_json::json;

use crate::{Result, patch};

/// The running server; it ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) url: String,
    child: Child,
    /// Its input: the server ends when it closes, also when the bench is killed.
    input: Option<ChildStdin>,
}

/// The server's side: prints its address and answers until its input closes.
pub(crate) fn run() -> Result<()> {
    let server = server::spawn_forgetful(Script::parse(&patch::script())?)?;
    writeln!(io::stdout(), "{}", server.url)?;
    io::stdout().flush()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

impl Server {
    /// Starts this program again, as the server.
    pub(crate) fn start() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("--serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut url)?;
        }
        let input = child.stdin.take();
        let url = url.trim().to_owned();
        if url.is_empty() { Err("the scripted server did not start".into()) } else { Ok(Self { url, child, input }) }
    }

    /// Milliseconds that the server alone takes for a scenario, read by a client that does nothing else.
    pub(crate) fn alone_ms(&self, directive: &str) -> Result<f64> {
        let mut times = Vec::new();
        for _ in 0..3 {
            let address = self.url.trim_start_matches("http://").trim_end_matches("/v1");
            let body = json!({ "model": "bench", "input": directive }).to_string();
            let begun = Instant::now();
            let mut stream = TcpStream::connect(address)?;
            write!(
                stream,
                "POST /v1/responses HTTP/1.1\r\nhost: bench\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )?;
            io::copy(&mut stream, &mut io::sink())?;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        Ok(times[times.len() / 2])
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.input = None;
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
