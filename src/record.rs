//! Writes a recording: a header, what the model was booted with, then every message that is folded, one a line.
//!
//! A recording holds the conversation and the contents of files, and never a secret of ours: none enters `Boot` or `Msg` from us,
//! and what a user or a file says of one is taken out.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
};

use quire_effects::secrets::Secrets;
use quire_state::{
    Boot, Msg,
    replay::{FORMAT, Line},
};
use serde::Serialize;

use crate::output::Output;

/// What a user must know about a recording.
pub const WARNING: &str = "The recording contains the text of this conversation and of the files that it reads. Review it before you share it.";

/// An open recording.
#[derive(Debug)]
pub struct Recorder {
    out: BufWriter<File>,
    secrets: Secrets,
    failed: Option<io::Error>,
}

/// The same line as [`Line::Msg`], without owning the message.
#[derive(Serialize)]
struct Message<'a> {
    msg: &'a Msg,
}

impl Recorder {
    /// Begins a recording, readable by its owner only, in place of what the file held. Says on standard error what
    /// it holds.
    pub fn create(output: &Output, boot: &Boot, secrets: &Secrets) -> io::Result<Self> {
        let mut recorder = Self { out: BufWriter::new(output.begin()?), secrets: secrets.clone(), failed: None };
        recorder.line(&Line::Header { format: FORMAT, version: boot.version.clone() })?;
        recorder.line(&Line::Boot(Box::new(boot.clone())))?;
        recorder.out.flush()?;
        let _ = writeln!(io::stderr(), "quire: recording to {}. {WARNING}", output.path().display());
        Ok(recorder)
    }

    /// Notes a message that is about to be folded. The first failure ends the recording and not the run.
    pub fn note(&mut self, msg: &Msg) {
        if self.failed.is_none() {
            self.failed = self.line(&Message { msg }).err();
        }
    }

    /// Hands what was noted to the system: a crash after this loses none of it.
    pub fn flush(&mut self) {
        if self.failed.is_none() {
            self.failed = self.out.flush().err();
        }
    }

    /// Ends the recording.
    ///
    /// # Errors
    /// When it is not whole.
    pub fn end(mut self) -> io::Result<()> {
        self.flush();
        match self.failed {
            Some(error) => Err(io::Error::new(error.kind(), format!("The recording is incomplete: {error}."))),
            None => Ok(()),
        }
    }

    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        self.out.write_all(&self.secrets.clean_line(&serde_json::to_vec(line)?))?;
        self.out.write_all(b"\n")
    }
}
