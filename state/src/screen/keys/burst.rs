//! Keys that came together, in one read or faster than a user presses them: typing that the program did not keep up
//! with, or a paste of a terminal without bracketed paste. None of them answers a question, and what has lines is text.

use crate::msg::{KeyCode, KeyPress};

use super::ScreenCtx;
use crate::screen::Question;

/// A part of what came together.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A key that means what it always does, except for an answer.
    Key(KeyPress),
    /// Text with lines, in which Enter and Tab are characters.
    Text(String),
}

/// The parts of a burst, in order.
pub(super) fn parts(presses: &[KeyPress]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = presses;
    while !rest.is_empty() {
        let run = rest.iter().take_while(|press| character(**press).is_some()).count();
        let (text, behind) = rest.split_at(run);
        if is_text(text) {
            parts.push(Part::Text(joined(text)));
        } else {
            parts.extend(text.iter().map(|press| Part::Key(*press)));
        }
        let others = behind.iter().take_while(|press| character(**press).is_none()).count();
        parts.extend(behind[..others].iter().map(|press| Part::Key(*press)));
        rest = &behind[others..];
    }
    parts
}

/// What a key is in a text.
fn character(press: KeyPress) -> Option<char> {
    let keys =
        [(KeyPress::plain(KeyCode::Enter), '\r'), (KeyPress::plain(KeyCode::Tab), '\t'), (KeyPress::ctrl('j'), '\n')];
    keys.iter().find(|(key, _)| *key == press).map(|(_, letter)| *letter).or(press.typed())
}

/// Whether it is text beyond a line that was typed and sent: something follows an Enter, or a Tab stands inside.
fn is_text(run: &[KeyPress]) -> bool {
    let is_key = |press: &&KeyPress| matches!(press.code, KeyCode::Enter | KeyCode::Tab);
    let words = |run: &[KeyPress]| run.iter().any(|press| press.typed().is_some());
    let first = run.iter().position(|press| is_key(&press));
    first.is_some_and(|at| {
        let behind = &run[at + 1..];
        if run[at].code == KeyCode::Enter {
            return !behind.is_empty() && words(run);
        }
        words(behind) && (at > 0 || behind.iter().any(|press| is_key(&press)))
    })
}

fn joined(run: &[KeyPress]) -> String {
    let text: String = run.iter().filter_map(|press| character(*press)).collect();
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Takes the keys while a question has the focus: text becomes the draft, and Enter sends nothing. Gives what is left for
/// the question and the rest of the screen.
pub(super) fn over_question(ctx: &mut ScreenCtx<'_>, presses: &[KeyPress]) -> Vec<KeyPress> {
    let is_typed = |press: &KeyPress| press.typed().is_some();
    let has_words = presses.iter().any(is_typed);
    if !ctx.screen.question().is_some_and(Question::is_turned_to) {
        return presses.to_vec();
    }
    if !has_words {
        let (enters, others): (Vec<_>, Vec<_>) =
            presses.iter().partition(|press| press.code == KeyCode::Enter && character(**press).is_some());
        if !enters.is_empty() {
            ctx.toast("Keys that arrive all at once do not count as an answer: press it again.".to_owned());
        }
        return others;
    }
    ctx.screen.turn_to_draft();
    let run: Vec<KeyPress> = presses.iter().copied().filter(|press| character(*press).is_some()).collect();
    ctx.screen.composer.paste(joined(&run).trim_end_matches('\n'));
    presses.iter().copied().filter(|press| character(*press).is_none()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(letter: char) -> KeyPress {
        match letter {
            '\r' => KeyPress::plain(KeyCode::Enter),
            '\t' => KeyPress::plain(KeyCode::Tab),
            '\n' => KeyPress::ctrl('j'),
            '\u{7f}' => KeyPress::plain(KeyCode::Backspace),
            other => KeyPress::plain(KeyCode::Char(other)),
        }
    }

    #[test]
    fn what_has_lines_is_text_and_a_line_that_is_sent_is_none() {
        let cases: [(&str, Option<&str>); 12] = [
            ("go\r", None),
            ("go", None),
            ("\r", None),
            ("\r\r", None),
            ("\u{7f}\t", None),
            ("\ty", None),
            ("one\rtwo", Some("one\ntwo")),
            ("one\rtwo\r", Some("one\ntwo\n")),
            ("one\r\ntwo\r\n", Some("one\ntwo\n")),
            ("fn a() {\r\tb()\r}\r", Some("fn a() {\n\tb()\n}\n")),
            ("a\tb", Some("a\tb")),
            ("\ta\r\tb\r", Some("\ta\n\tb\n")),
        ];
        for (typed, text) in cases {
            let presses: Vec<KeyPress> = typed.chars().map(press).collect();
            let parts = parts(&presses);
            let expected = match text {
                Some(text) => vec![Part::Text(text.to_owned())],
                None => presses.iter().map(|press| Part::Key(*press)).collect(),
            };
            assert_eq!(parts, expected, "{typed:?}");
        }
    }
}
