//! The offline model: a scripted provider that speaks the real event stream of the Responses API.
//!
//! [`respond`] turns a request body into [`Beat`]s: bytes, pauses, cuts, statuses. The model client plays them in
//! process (`--demo`); [`server`] plays them over TCP, so that tests, benches and screenshots use one engine.
//! It never opens a connection, never reads a clock, and never runs what it asks for.

mod ask;
mod demo;
mod directive;
mod events;
mod markdown;
mod parse;
mod playback;
mod prose;
mod reply;
mod rule;
pub mod server;
mod template;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use quire_files::{Links, limits};
use serde_json::Value;

use ask::Ask;
use rule::Rules;

pub use playback::{Beat, Playback};

/// What the offline model says, and how often it has been asked. Clones share the counts.
#[derive(Clone, Debug)]
pub struct Script {
    source: Source,
    paced: bool,
    tries: Arc<Tries>,
}

#[derive(Clone, Debug)]
enum Source {
    Demo,
    Rules(Arc<Rules>),
}

/// Requests so far: all of them, and by rule or directive, for what happens only the first times.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    requests: AtomicU64,
    counts: Mutex<BTreeMap<String, u64>>,
}

/// Different names that are counted; beyond it counting starts anew.
const COUNTED_NAMES: usize = 10_000;

impl Tries {
    /// Counts one more request under this name and says which one it is, from 1.
    pub(crate) fn count(&self, name: &str) -> u64 {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= COUNTED_NAMES {
            counts.clear();
        }
        let count = counts.entry(name.to_owned()).or_default();
        *count += 1;
        *count
    }
}

impl Script {
    /// The built-in demo: looks into the working folder, with a plan, a question and a summary of what is there.
    pub fn demo() -> Self {
        Self::of(Source::Demo)
    }

    /// Reads a script. Files that it names are looked up in the current folder.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        Ok(Self::of(Source::Rules(Arc::new(parse::parse(text, Path::new("."))?))))
    }

    /// Reads a script file. Files that it names are looked up beside it.
    pub fn load(path: &Path) -> Result<Self, ScriptError> {
        let text = quire_files::read_text(path, Links::Follow, limits::SCRIPT)
            .map_err(|error| ScriptError { line: 0, message: format!("cannot read {}: {error}", path.display()) })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        Ok(Self::of(Source::Rules(Arc::new(parse::parse(&text, folder)?))))
    }

    /// The same script with or without its pace. Delays that a script or directive states itself stay.
    #[must_use]
    pub fn with_pace(mut self, paced: bool) -> Self {
        self.paced = paced;
        self
    }

    /// Model names for `GET /models`.
    pub fn models(&self) -> Vec<String> {
        match &self.source {
            Source::Demo => vec!["demo".to_owned()],
            Source::Rules(rules) => rules.models.clone(),
        }
    }

    fn of(source: Source) -> Self {
        Self { source, paced: true, tries: Arc::default() }
    }

    fn pace_ms(&self) -> u64 {
        match &self.source {
            _ if !self.paced => 0,
            Source::Demo => demo::PACE_MS,
            Source::Rules(rules) => rules.pace_ms,
        }
    }
}

/// The answer to one request, as beats that are made as they are taken.
pub fn respond(script: &Script, body: &Value) -> Playback {
    let ask = Ask::read(body);
    let answer = directive::answer(&ask, &script.tries).unwrap_or_else(|| match &script.source {
        Source::Demo => demo::answer(&ask),
        Source::Rules(rules) => rule::answer(rules, &ask, &script.tries),
    });
    let request = script.tries.requests.fetch_add(1, Ordering::Relaxed);
    Playback::new(answer, ask.model(), playback::Seed::new(ask.len(), request), script.pace_ms())
}

/// Why a script cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// Line of the script, from 1; 0 when the file itself cannot be read.
    pub line: usize,
    /// What is wrong there, and what would be right.
    pub message: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => formatter.write_str(&self.message),
            line => write!(formatter, "line {line}: {}", self.message),
        }
    }
}

impl std::error::Error for ScriptError {}
