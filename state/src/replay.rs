//! A recording: a header line, the boot, then one message a line. Folding it again gives an equal model.

pub mod difference;
mod past;

use serde::{Deserialize, Serialize};

use crate::{Model, Msg, boot, boot::Boot, update::step};

pub use past::Past;

/// Format number in the header.
pub const FORMAT: u32 = 1;

/// One line of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Line {
    /// The first line: format and the version of the program that wrote it.
    #[serde(rename = "quire_recording")]
    Header {
        /// Format number.
        format: u32,
        /// Program version.
        version: String,
    },
    /// The second line.
    #[serde(rename = "boot")]
    Boot(Box<Boot>),
    /// Every further line.
    #[serde(rename = "msg")]
    Msg(Box<Msg>),
}

/// A recording in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// What the fold began with.
    pub boot: Boot,
    /// What happened, in order.
    pub messages: Vec<Msg>,
}

impl Recording {
    /// Reads a recording. A torn last line is left out, as after a crash; anything else is an error that names its line.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, serde_json::from_str::<Line>(line)));
        match lines.next() {
            Some((_, Ok(Line::Header { format: FORMAT, .. }))) => {}
            Some((_, Ok(Line::Header { format, .. }))) => {
                return Err(format!("line 1: format {format} is not known here; this program reads format {FORMAT}"));
            }
            Some((_, Ok(Line::Boot(_) | Line::Msg(_)) | Err(_))) | None => {
                return Err("line 1: this is not a Quire recording".to_owned());
            }
        }
        let boot = match lines.next() {
            Some((_, Ok(Line::Boot(boot)))) => *boot,
            Some((_, Ok(Line::Header { .. } | Line::Msg(_)))) | None => {
                return Err("line 2: the boot is missing".to_owned());
            }
            Some((_, Err(error))) => return Err(format!("line 2: {error}")),
        };
        let ends_whole = text.ends_with('\n');
        let last = text.lines().count();
        let mut messages = Vec::new();
        for (number, line) in lines {
            match line {
                Ok(Line::Msg(msg)) => messages.push(*msg),
                Ok(Line::Header { .. } | Line::Boot(_)) => {
                    return Err(format!("line {number}: a message is expected here"));
                }
                Err(_) if number == last && !ends_whole => {}
                Err(error) => return Err(format!("line {number}: {error}")),
            }
        }
        Ok(Self { boot, messages })
    }

    /// Folds the first `until` messages (all of them without a number).
    pub fn fold(&self, until: Option<usize>) -> Model {
        let (mut model, _) = boot(self.boot.clone());
        for msg in self.messages.iter().take(until.unwrap_or(usize::MAX)) {
            step(&mut model, msg.clone());
        }
        model
    }
}
