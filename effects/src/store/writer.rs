//! The open end of one session file.
//!
//! Every record is one line and one write. A batch is kept whole or not at all: when a write fails, the file is cut
//! back to where the batch began, so that the same records can be sent again. A failed file is opened anew by the
//! next append. The caller holds the thread's lock.

use std::{
    fs::File,
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use quire_files::{Held, limits};
use quire_state::{
    fault::{Fault, FaultKind},
    rollout::{self, RolloutItem, RolloutLine},
};
use quire_wire::rollout::Head;

use super::{
    encode::{Style, encode},
    lines::Lines,
    place, read,
};
use crate::secrets::Secrets;

/// How much of a numbered file's end is searched for the last number before the whole file is.
const TAIL_BYTES: u64 = 256 * 1024;

/// The open end of one session file.
#[derive(Debug)]
pub(crate) struct Writer {
    path: PathBuf,
    end: Option<End>,
    /// The turn that ran when the file was closed after a failure; numbered files name it in their items.
    turn: String,
}

#[derive(Debug)]
struct End {
    file: File,
    /// Length of the file as far as we have written or seen it.
    bytes: u64,
    style: Style,
    /// The file ends in the middle of a line.
    is_torn: bool,
}

impl Writer {
    /// A writer of the file at `path`, which is opened by the first append.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, end: None, turn: String::new() }
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the records without secrets, all or none, to disk when `durable`.
    pub(crate) fn append(&mut self, records: &[RolloutLine], durable: bool, secrets: &Secrets) -> Result<(), Fault> {
        if self.end.as_ref().is_some_and(|end| end.is_unlinked()) {
            self.end = None;
        }
        let mut end = match self.end.take() {
            Some(end) => end,
            None => self.open(records)?,
        };
        let start = end.bytes;
        let written = end.append(records, secrets).and_then(|()| if durable { end.file.sync_data() } else { Ok(()) });
        match written {
            Ok(()) => {
                self.end = Some(end);
                Ok(())
            }
            Err(error) => {
                if let Style::Numbered { turn, .. } = &mut end.style {
                    self.turn = std::mem::take(turn);
                }
                end.cut_back(start);
                Err(place::storage("Writing the session file", &self.path, &error))
            }
        }
    }

    fn open(&self, records: &[RolloutLine]) -> Result<End, Fault> {
        let begins = rollout::meta(records).is_some();
        let failed = |error: io::Error| place::storage("Opening the session file", &self.path, &error);
        // Without its first line a file is no session: only a batch that holds it may begin one.
        if !begins {
            let bytes = match std::fs::metadata(&self.path) {
                Ok(metadata) => metadata.len(),
                Err(error) if error.kind() == ErrorKind::NotFound => 0,
                Err(error) => return Err(failed(error)),
            };
            if bytes == 0 {
                let summary = format!("The session file {} is gone.", self.path.display());
                return Err(Fault::new(FaultKind::Storage, summary)
                    .with_hint("Start a new session to have the next turns saved."));
            }
        }
        let mut end = End::open(&self.path).map_err(failed)?;
        if let Style::Numbered { turn, .. } = &mut end.style {
            self.turn.clone_into(turn);
        }
        Ok(end)
    }
}

impl End {
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = place::open_for_append(path)?;
        let bytes = file.metadata()?.len();
        if bytes == 0 {
            return Ok(Self { file, bytes, style: Style::Plain, is_torn: false });
        }
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        let style = style_of(&Held::of(file.try_clone()?)?)?;
        Ok(Self { file, bytes, style, is_torn: last != [b'\n'] })
    }

    fn append(&mut self, records: &[RolloutLine], secrets: &Secrets) -> io::Result<()> {
        let mut line = Vec::new();
        if std::mem::take(&mut self.is_torn) {
            line.push(b'\n');
        }
        // The meta comes first, even if it was sent again after what came later.
        let (metas, others): (Vec<_>, Vec<_>) =
            records.iter().partition(|stamped| matches!(stamped.item, RolloutItem::Meta(_)));
        for record in metas.into_iter().chain(others) {
            encode(record, &mut self.style, &mut line)?;
            self.write(&secrets.clean_line(&line))?;
            line.clear();
        }
        Ok(())
    }

    /// One write, unless the system takes only a part of the line.
    fn write(&mut self, mut line: &[u8]) -> io::Result<()> {
        while !line.is_empty() {
            match self.file.write(line) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.bytes += count as u64;
                    line = &line[count..];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Cuts the file back to `start`, unless something else was added to it meanwhile. What remains then is closed
    /// off by the next append.
    fn cut_back(self, start: u64) {
        if self.file.metadata().is_ok_and(|metadata| metadata.len() == self.bytes) {
            let _stays_torn = self.file.set_len(start);
        }
    }

    fn is_unlinked(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| metadata.nlink() == 0)
    }
}

/// How a file that is there wants its lines.
fn style_of(file: &Held) -> io::Result<Style> {
    let Some(meta) = read::meta_of(file)?.filter(quire_wire::rollout::SessionMeta::is_paginated) else {
        return Ok(Style::Plain);
    };
    let last = match last_ordinal(file, file.facts().size.saturating_sub(TAIL_BYTES))? {
        Some(last) => Some(last),
        None => last_ordinal(file, 0)?,
    };
    Ok(Style::Numbered { next: last.map_or(0, |last| last + 1), thread: meta.id.into_owned(), turn: String::new() })
}

/// The highest line number in the file from this byte on.
fn last_ordinal(file: &Held, from: u64) -> io::Result<Option<u64>> {
    let mut lines = Lines::new(file.stream(from, limits::SESSION)?);
    let mut last = None;
    while let Some(line) = lines.next()? {
        last = last.max(serde_json::from_slice::<Head<'_>>(line).ok().and_then(|head| head.ordinal));
    }
    Ok(last)
}
