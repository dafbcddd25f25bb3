//! The scripted model over TCP: a small HTTP/1.1 server on threads, for loopback only.
//!
//! `POST …/responses` plays the script, `GET …/models` lists its models, everything else is 404. A connection
//! ends when its client leaves; the server itself ends with the process, or when its [`ServerHandle`] is dropped.

mod http;
mod play;
mod record;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use super::Script;
use record::Records;

pub use record::Recorded;

/// How to serve a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServeOptions {
    /// Port on 127.0.0.1; 0 lets the system choose.
    pub port: u16,
    /// File to which every request is appended as one JSON line, credentials masked.
    pub log: Option<PathBuf>,
}

/// A listening server that does not answer yet.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    log: Option<PathBuf>,
}

/// Binds 127.0.0.1 at the port of the options.
pub fn bind(options: &ServeOptions) -> io::Result<Bound> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
    let address = listener.local_addr()?;
    Ok(Bound { listener, address, log: options.log.clone() })
}

impl Bound {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL for a provider's configuration.
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Answers until the process ends.
    pub fn serve(self, script: Arc<Script>) -> io::Result<()> {
        serve(script, self.listener, self.log)
    }
}

/// Answers on this listener until the process ends. Fails only when the log cannot be opened or accepting fails.
pub fn serve(script: Arc<Script>, listener: TcpListener, log: Option<PathBuf>) -> io::Result<()> {
    let records = Arc::new(Records::open(log.as_deref(), record::Keep::Nothing)?);
    accept(&script, &listener, &records, &AtomicBool::new(false))
}

/// Serves a script in the background on a port of the system's choice, for tests and benches.
pub fn spawn(script: Script) -> io::Result<ServerHandle> {
    spawn_keeping(script, record::Keep::All)
}

/// The same without keeping the requests, for measurements.
pub fn spawn_forgetful(script: Script) -> io::Result<ServerHandle> {
    spawn_keeping(script, record::Keep::Nothing)
}

fn spawn_keeping(script: Script, keep: record::Keep) -> io::Result<ServerHandle> {
    let bound = bind(&ServeOptions::default())?;
    let (url, address) = (bound.url(), bound.address);
    let records = Arc::new(Records::open(None, keep)?);
    let ending = Arc::new(AtomicBool::new(false));
    let (script, shared, is_ending) = (Arc::new(script), Arc::clone(&records), Arc::clone(&ending));
    let accepting = thread::Builder::new()
        .name("scripted-server".to_owned())
        .spawn(move || accept(&script, &bound.listener, &shared, &is_ending).is_ok())?;
    Ok(ServerHandle { url, address, records, ending, accepting: Some(accepting) })
}

/// A server in the background. Dropping it stops the accepting of connections.
#[derive(Debug)]
pub struct ServerHandle {
    /// The base URL for a provider's configuration.
    pub url: String,
    /// Where it listens.
    pub address: SocketAddr,
    records: Arc<Records>,
    ending: Arc<AtomicBool>,
    accepting: Option<thread::JoinHandle<bool>>,
}

impl ServerHandle {
    /// The requests so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.records.all()
    }

    /// The requests so far, once there are `count` of them, or those that came within `limit`.
    pub fn wait_for_requests(&self, count: usize, limit: Duration) -> Vec<Recorded> {
        self.records.wait(count, limit)
    }
}

impl Drop for ServerHandle {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::SeqCst);
        // The accepting thread looks at the flag after each connection, so it gets one.
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            drop(accepting.join());
        }
    }
}

fn accept(script: &Arc<Script>, listener: &TcpListener, records: &Arc<Records>, ending: &AtomicBool) -> io::Result<()> {
    for stream in listener.incoming() {
        if ending.load(Ordering::SeqCst) {
            return Ok(());
        }
        let stream = match stream {
            Ok(stream) => stream,
            // The client left before it was accepted.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let (script, records) = (Arc::clone(script), Arc::clone(records));
        thread::Builder::new()
            .name("scripted-client".to_owned())
            // A client that leaves or sends nonsense ends its own connection only.
            .spawn(move || play::converse(&script, &records, &stream).is_ok())?;
    }
    Ok(())
}
