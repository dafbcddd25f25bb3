//! From the bytes that a terminal sends to gestures.
//!
//! Knows the classic encodings, kitty's keyboard protocol, xterm's `modifyOtherKeys`, SGR mouse reports, focus
//! reports and bracketed paste. Whatever it does not know it swallows whole, so that an answer of the terminal is
//! never taken for typing. Pure: it is fed bytes and told when time has passed.

mod csi;
mod keys;
mod layout;

use std::time::Duration;

use quire_state::msg::{Input, KeyCode, KeyPress, Mods, Size};

use super::{ground, place::Place, sight::Query};

/// Something that came from the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A gesture of the user.
    Input(Input),
    /// The terminal's name and version, in answer to [`super::reflow::QUERY`].
    Version(String),
    /// Whether the terminal's ground is light, in answer to [`super::ground::QUERY`].
    Ground(bool),
    /// An answer to a query of [`super::sight`].
    Answered(Query),
    /// An answer to the query of [`super::place`].
    Placed(Place),
}

/// After this long an escape character that stands alone was the Escape key.
const ESCAPE_PATIENCE: Duration = Duration::from_millis(20);
/// After this long the rest of a sequence does not come any more.
const SEQUENCE_PATIENCE: Duration = Duration::from_millis(500);
/// Longest control sequence that is waited for.
const SEQUENCE_BYTES: usize = 4096;
/// Longest paste; what is beyond it is dropped.
const PASTE_BYTES: usize = 32 * 1024 * 1024;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Turns bytes into events, keeping what is incomplete.
#[derive(Debug, Default)]
pub struct Decoder {
    bytes: Vec<u8>,
    paste: Option<Vec<u8>>,
    /// The size of the screen, when the last thing was a report of its corner: the next is one of the cursor.
    corner: Option<Size>,
}

/// What the beginning of the bytes is.
enum Step {
    /// Not complete yet.
    More,
    /// So many bytes are done, and they say this.
    Done(usize, Option<Event>),
    /// So many bytes are done: a paste begins.
    Paste(usize),
}

impl Decoder {
    /// Takes in what was read, and gives out what is complete.
    pub fn feed(&mut self, read: &[u8], events: &mut Vec<Event>) {
        if self.paste.is_some() {
            self.feed_paste(read, events);
            return;
        }
        self.bytes.extend_from_slice(read);
        let mut done = 0;
        while done < self.bytes.len() {
            match step(&self.bytes[done..]) {
                Step::More if self.bytes.len() - done > SEQUENCE_BYTES => done = self.bytes.len(),
                Step::More => break,
                Step::Done(taken, event) => {
                    let report = csi::report(&self.bytes[done..done + taken]);
                    events.extend(self.placed(report).unwrap_or(event));
                    done += taken;
                }
                Step::Paste(taken) => {
                    let rest = self.bytes.split_off(done + taken);
                    self.bytes.clear();
                    self.paste = Some(Vec::new());
                    self.feed_paste(&rest, events);
                    return;
                }
            }
        }
        self.bytes.drain(..done);
    }

    /// What a report of the cursor's place says: nothing yet, when it is that of the corner. `None` when this is no
    /// report. F3 with modifiers looks like one of the first row, in which no corner is.
    fn placed(&mut self, report: Option<(u16, u16)>) -> Option<Option<Event>> {
        let corner = self.corner.take();
        let (row, column) = report?;
        match corner {
            Some(screen) => Some(Some(Event::Placed(Place { screen, row: row - 1 }))),
            None if row > 1 => {
                self.corner = Some(Size { cols: column, rows: row });
                Some(None)
            }
            None => None,
        }
    }

    /// How long to wait for more before [`Decoder::expire`]; `None` when nothing is incomplete.
    pub fn patience(&self) -> Option<Duration> {
        match self.bytes.as_slice() {
            [] => None,
            [0x1b] | [0x1b, _] => Some(ESCAPE_PATIENCE),
            _ => Some(SEQUENCE_PATIENCE),
        }
    }

    /// Nothing more came: what is incomplete was meant as it stands, or is given up.
    pub fn expire(&mut self, events: &mut Vec<Event>) {
        match self.bytes.as_slice() {
            [0x1b] => events.push(key(KeyPress::plain(KeyCode::Esc))),
            [0x1b, 0x1b] => events.extend([key(KeyPress::plain(KeyCode::Esc)), key(KeyPress::plain(KeyCode::Esc))]),
            [0x1b, byte @ 0x20..0x7f] => events.push(key(KeyPress::alt(char::from(*byte)))),
            _ => {}
        }
        self.bytes.clear();
    }

    /// A paste ends with its mark. Should that be lost, Ctrl-C alone ends it too, or the keyboard would be dead.
    fn feed_paste(&mut self, read: &[u8], events: &mut Vec<Event>) {
        let Some(paste) = &mut self.paste else { return };
        let seen = paste.len().saturating_sub(PASTE_END.len() - 1);
        let gives_up = is_interrupt(read);
        paste.extend_from_slice(read);
        let end = paste[seen..].windows(PASTE_END.len()).position(|window| window == PASTE_END).map(|at| seen + at);
        if let Some(end) = end {
            let rest = paste.split_off(end + PASTE_END.len());
            paste.truncate(end);
            self.finish_paste(events);
            self.feed(&rest, events);
        } else if gives_up {
            paste.truncate(paste.len() - read.len());
            self.finish_paste(events);
        } else if paste.len() > PASTE_BYTES {
            // The last bytes stay: they may be the beginning of the mark.
            let tail = paste.split_off(paste.len() - PASTE_END.len());
            paste.truncate(PASTE_BYTES - PASTE_END.len());
            paste.extend(tail);
        }
    }

    fn finish_paste(&mut self, events: &mut Vec<Event>) {
        if let Some(paste) = self.paste.take() {
            let text = String::from_utf8_lossy(&paste).replace("\r\n", "\n").replace('\r', "\n");
            events.push(Event::Input(Input::Paste(text)));
        }
    }
}

/// Whether this is Ctrl-C and nothing else, in any encoding and layout.
fn is_interrupt(read: &[u8]) -> bool {
    let interrupt = key(KeyPress::ctrl('c'));
    matches!(step(read), Step::Done(taken, Some(event)) if taken == read.len() && event == interrupt)
}

fn key(press: KeyPress) -> Event {
    Event::Input(Input::Key(press))
}

fn step(bytes: &[u8]) -> Step {
    match bytes {
        [] => Step::More,
        [0x1b, rest @ ..] => escape(rest),
        [byte, ..] => character(bytes, *byte),
    }
}

/// What follows an escape character; counts include it.
fn escape(rest: &[u8]) -> Step {
    match rest {
        [] => Step::More,
        [b'[', rest @ ..] => csi::step(rest),
        [b'O'] | [b'O', b'2'..=b'8'] => Step::More,
        // Modifiers within, as Konsole and old terminals have them.
        [b'O', held @ b'2'..=b'8', letter, ..] => Step::Done(4, keys::ss3_with(held - b'0', *letter).map(key)),
        [b'O', letter, ..] => Step::Done(3, keys::ss3(*letter).map(key)),
        [b'P' | b']' | b'_' | b'^' | b'X', ..] => string(rest),
        // Some terminals send Alt with a cursor key as an escape before the key's own sequence.
        [0x1b] => Step::More,
        [0x1b, b'[' | b'O', ..] => with_alt(escape(&rest[1..])),
        [0x1b, ..] => Step::Done(1, Some(key(KeyPress::plain(KeyCode::Esc)))),
        // Shift and Tab of the Linux console; window managers keep Alt and Tab to themselves.
        [b'\t', ..] => Step::Done(2, Some(key(KeyPress::plain(KeyCode::BackTab)))),
        [byte, ..] => with_alt(character(rest, *byte)),
    }
}

/// One more byte in front, which means Alt.
fn with_alt(step: Step) -> Step {
    match step {
        Step::Done(taken, Some(Event::Input(Input::Key(press)))) => {
            let code = match press.code {
                KeyCode::Char(typed) => KeyCode::Char(layout::latin(typed, None)),
                code => code,
            };
            Step::Done(taken + 1, Some(key(KeyPress { code, mods: Mods { alt: true, ..press.mods } })))
        }
        Step::Done(taken, event) => Step::Done(taken + 1, event),
        Step::Paste(taken) => Step::Paste(taken + 1),
        Step::More => Step::More,
    }
}

/// An answer of the terminal, up to its terminator. Only its name is of interest.
fn string(rest: &[u8]) -> Step {
    let is_osc = rest.first() == Some(&b']');
    for at in 1..rest.len() {
        let ended = match rest[at] {
            0x07 if is_osc => Some(1),
            0x1b if rest.get(at + 1) == Some(&b'\\') => Some(2),
            _ => None,
        };
        if let Some(terminator) = ended {
            return Step::Done(1 + at + terminator, told(&rest[..at]));
        }
    }
    Step::More
}

/// What an answer without its terminator says.
fn told(answer: &[u8]) -> Option<Event> {
    match (answer.strip_prefix(b"P>|"), answer.strip_prefix(b"]11;")) {
        (Some(version), _) => Some(Event::Version(String::from_utf8_lossy(version).into_owned())),
        (None, Some(colour)) => ground::is_light(colour).map(Event::Ground),
        (None, None) => None,
    }
}

/// A character as typed, or a control character.
fn character(bytes: &[u8], first: u8) -> Step {
    if first < 0x80 {
        return Step::Done(1, Some(key(keys::ascii(first))));
    }
    let length = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Step::Done(1, None),
    };
    let available = &bytes[..bytes.len().min(length)];
    match std::str::from_utf8(available) {
        Ok(text) => Step::Done(length, text.chars().next().map(|typed| key(KeyPress::plain(KeyCode::Char(typed))))),
        Err(error) if error.error_len().is_none() && available.len() < length => Step::More,
        Err(_) => Step::Done(1, None),
    }
}

#[cfg(test)]
mod tests;
