//! What was changed and taken back, one line of JSON each, beside the contents.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::PathBuf,
};

use quire_files::{Held, Links, limits};
use quire_state::changes::Entry;

use crate::store::place;

/// The journal of one thread.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
}

impl Journal {
    /// The journal in this file, which need not exist.
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// All lines. One that cannot be understood, such as the last one of a run that was killed, is passed over.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(&self) -> io::Result<Vec<Entry>> {
        // What is beyond the limit is not known.
        let bytes = match Held::open(&self.path, Links::NotLast) {
            Ok(file) => file.first(limits::JOURNAL)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    /// Adds a line, and waits until it is on disk.
    ///
    /// # Errors
    /// When it cannot be written. The journal is as it was then.
    pub fn append(&self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        let mut file = place::open_for_append(&self.path)?;
        let end = file.seek(SeekFrom::End(0))?;
        if is_torn(&mut file, end)? {
            line.insert(0, b'\n');
        }
        let written = file.write_all(&line).and_then(|()| file.sync_data());
        if written.is_err() {
            // Should this fail too, the half line is passed over when the journal is read.
            let _ = file.set_len(end);
        }
        written
    }
}

/// Whether the last line was not finished.
fn is_torn(file: &mut File, end: u64) -> io::Result<bool> {
    let Some(last) = end.checked_sub(1) else { return Ok(false) };
    let mut byte = [0];
    file.seek(SeekFrom::Start(last))?;
    file.read_exact(&mut byte)?;
    Ok(byte != [b'\n'])
}
