//! What was asked: kept for tests, and appended to a log with the credentials masked.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use quire_files::{Folder, Links};
use serde_json::{Value, json};

use super::http::Request;

/// A request as it came, credentials included: it is for tests, whose keys are made up.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// For instance `POST`.
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; null when it is empty or no JSON.
    pub body: Value,
}

impl Recorded {
    /// The first header of this name, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Whether requests are kept in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    All,
    Nothing,
}

/// Headers whose values never reach the log.
const SECRET_HEADERS: [&str; 6] =
    ["authorization", "proxy-authorization", "cookie", "api-key", "x-api-key", "x-auth-token"];

/// All requests so far.
#[derive(Debug)]
pub(super) struct Records {
    keep: Keep,
    began: Instant,
    inner: Mutex<Inner>,
    added: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    count: u64,
    kept: Vec<Recorded>,
    log: Option<File>,
}

/// Opens a log that the user has named.
fn append_to(path: &Path) -> io::Result<File> {
    let (folder, name) = Folder::above(path, Links::Follow)?;
    Ok(folder.append(name, 0o600)?.file)
}

impl Records {
    pub(super) fn open(log: Option<&Path>, keep: Keep) -> io::Result<Self> {
        let log = log.map(append_to).transpose()?;
        let inner = Mutex::new(Inner { log, ..Inner::default() });
        Ok(Self { keep, began: Instant::now(), inner, added: Condvar::new() })
    }

    /// Adds a request and gives back its body as JSON, or why it is none.
    pub(super) fn add(&self, request: &Request) -> io::Result<Result<Value, String>> {
        let body = match request.body.as_slice() {
            [] => Ok(Value::Null),
            bytes => serde_json::from_slice(bytes).map_err(|error| format!("The body is not JSON: {error}")),
        };
        let mut inner = self.lock();
        inner.count += 1;
        let line = inner.log.is_some().then(|| self.line(inner.count, request, body.as_ref().ok()));
        if let (Some(log), Some(line)) = (&mut inner.log, line) {
            log.write_all(line.as_bytes())?;
        }
        if self.keep == Keep::All {
            inner.kept.push(Recorded {
                method: request.method.clone(),
                path: request.path.clone(),
                headers: request.headers.clone(),
                body: body.as_ref().cloned().unwrap_or_default(),
            });
        }
        drop(inner);
        self.added.notify_all();
        Ok(body)
    }

    /// All kept requests.
    pub(super) fn all(&self) -> Vec<Recorded> {
        self.lock().kept.clone()
    }

    /// All kept requests, once there are `count`, or when `limit` has passed.
    pub(super) fn wait(&self, count: usize, limit: Duration) -> Vec<Recorded> {
        let inner = self.lock();
        let waited = self.added.wait_timeout_while(inner, limit, |inner| inner.kept.len() < count);
        waited.unwrap_or_else(PoisonError::into_inner).0.kept.clone()
    }

    fn line(&self, seq: u64, request: &Request, body: Option<&Value>) -> String {
        let masked = |name: &str, value: &str| {
            if SECRET_HEADERS.contains(&name) { "***".to_owned() } else { value.to_owned() }
        };
        let headers: Vec<_> = request.headers.iter().map(|(name, value)| (name, masked(name, value))).collect();
        let record = json!({
            "seq": seq,
            "t_ms": u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            "method": request.method,
            "path": request.path,
            "headers": headers,
            "bytes": request.body.len(),
            "body": body,
        });
        format!("{record}\n")
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
