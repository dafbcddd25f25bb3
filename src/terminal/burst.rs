//! Which keys came together. Several keys of one read, and those that follow each other faster than a user presses
//! keys, are told as one burst, once nothing more comes for a moment. Pure: it is told what time it is.

use std::time::{Duration, Instant};

use quire_state::msg::{Input, KeyCode, KeyPress, Mods};

use super::decode::Event;

/// Keys that are nearer than this were not pressed one by one.
const GAP: Duration = Duration::from_millis(3);
/// After this long without a key, a burst is over.
const OVER: Duration = Duration::from_millis(25);
/// Keys of one burst; what is beyond is the next.
const KEYS: usize = 1 << 20;

/// Gathers keys.
#[derive(Debug, Default)]
pub(super) struct Burst {
    gathered: Vec<KeyPress>,
    last: Option<Instant>,
}

impl Burst {
    /// Takes what one read gave, and gives what is to be told now.
    pub(super) fn take(&mut self, read: Vec<Event>, now: Instant) -> Vec<Event> {
        let keys = read.iter().filter(|event| pressed(event).is_some()).count();
        let types = read.iter().filter_map(pressed).any(is_text);
        let is_near = self.last.is_some_and(|last| now.duration_since(last) < GAP);
        if types {
            self.last = Some(now);
        }
        let is_burst = !self.gathered.is_empty() || types && (keys > 1 || is_near);
        let mut out = Vec::with_capacity(read.len());
        for event in read {
            match pressed(&event).filter(|_| is_burst) {
                Some(press) if self.gathered.len() < KEYS => self.gathered.push(press),
                Some(press) => {
                    out.extend(self.over());
                    self.gathered.push(press);
                }
                // What it tells is in order with the keys.
                None => {
                    out.extend(self.over());
                    out.push(event);
                }
            }
        }
        out
    }

    /// How long to wait for more before [`Burst::over`]; `None` when nothing is gathered.
    pub(super) fn patience(&self) -> Option<Duration> {
        (!self.gathered.is_empty()).then_some(OVER)
    }

    /// Nothing more came: what was gathered.
    pub(super) fn over(&mut self) -> Option<Event> {
        let gathered = std::mem::take(&mut self.gathered);
        match gathered.as_slice() {
            [] => None,
            // One that only came soon after another is a key like any other; an Enter may end what came before.
            [only] if only.code != KeyCode::Enter => Some(Event::Input(Input::Key(*only))),
            _ => Some(Event::Input(Input::Typed(gathered))),
        }
    }
}

fn pressed(event: &Event) -> Option<KeyPress> {
    match event {
        Event::Input(Input::Key(press)) => Some(*press),
        Event::Input(_) | Event::Version(_) | Event::Ground(_) | Event::Answered(_) | Event::Placed(_) => None,
    }
}

/// Whether a key types, or ends what was typed.
fn is_text(press: KeyPress) -> bool {
    let is_plain = press.mods == Mods::default();
    press.typed().is_some() || matches!(press.code, KeyCode::Enter | KeyCode::Tab) && is_plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::decode::Decoder;

    /// What is told of reads, each so many milliseconds after the one before; bursts in brackets.
    fn told(reads: &[(u64, &str)]) -> Vec<String> {
        let mut now = Instant::now();
        let (mut burst, mut decoder, mut told) = (Burst::default(), Decoder::default(), Vec::new());
        for (after_ms, read) in reads {
            let after = Duration::from_millis(*after_ms);
            now += after;
            if burst.patience().is_some_and(|patience| patience <= after) {
                told.extend(burst.over());
            }
            let mut events = Vec::new();
            decoder.feed(read.as_bytes(), &mut events);
            told.extend(burst.take(events, now));
        }
        told.extend(burst.over());
        told.iter().map(shown).collect()
    }

    fn shown(event: &Event) -> String {
        let key = |press: &KeyPress| match press.code {
            KeyCode::Char(letter) if press.mods.ctrl => format!("^{letter}"),
            KeyCode::Char(letter) => letter.to_string(),
            code => format!("{code:?}"),
        };
        match event {
            Event::Input(Input::Key(press)) => key(press),
            Event::Input(Input::Typed(presses)) => {
                format!("[{}]", presses.iter().map(key).collect::<Vec<_>>().join(" "))
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn what_comes_together_is_told_together() {
        type Reads = [(u64, &'static str)];
        let cases: [(&Reads, &[&str]); 13] = [
            (&[(0, "y")], &["y"]),
            (&[(0, "y"), (80, "o"), (80, "u")], &["y", "o", "u"]),
            (&[(0, "you\r")], &["[y o u Enter]"]),
            (&[(0, "a\r"), (2, "b\r"), (24, "c\r")], &["[a Enter b Enter c Enter]"]),
            (&[(0, "a\r"), (30, "b\r")], &["[a Enter]", "[b Enter]"]),
            // Byte by byte, as a slow terminal pastes.
            (&[(0, "a"), (1, "b"), (1, "\r"), (1, "c")], &["a", "[b Enter c]"]),
            (&[(0, "a"), (3, "b")], &["a", "b"]),
            (&[(0, "a"), (1, "b")], &["a", "b"]),
            (&[(0, "a"), (1, "\r")], &["a", "[Enter]"]),
            // Held arrows and control keys type nothing.
            (&[(0, "\x1b[B\x1b[B")], &["Down", "Down"]),
            (&[(0, "\x03"), (1, "\x04")], &["^c", "^d"]),
            (&[(0, "\x7f\t")], &["[Backspace Tab]"]),
            (&[(0, "ab\x1b[0nc")], &["[a b]", "Answered(Status)", "c"]),
        ];
        for (reads, expected) in cases {
            assert_eq!(told(reads), expected, "{reads:?}");
        }
    }

    #[test]
    fn a_burst_is_bounded() {
        let reads = vec![(1, "a\r"); KEYS / 2 + 2];
        let told = told(&reads);
        assert_eq!(told.len(), 2);
    }
}
