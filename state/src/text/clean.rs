//! The one sanitiser: makes foreign text safe to show. What is cleaned holds no control character but `\n`.
//!
//! [`clean`] is for what is read (answers, output of commands): it drops what does not print. [`escape`] is for what
//! is decided upon (approvals): it shows what does not print. Neither is for what is sent: the model and the commands
//! get the text as it was.

mod clusters;
mod joins;

use std::borrow::Cow;

pub use clusters::{CLUSTER_CHARS, CLUSTER_MARKS, bounded};
use unicode_width::UnicodeWidthChar;

use super::width;

/// Columns between tab stops.
pub const TAB_COLS: usize = 4;

/// The text as a terminal would leave it, without what commands a terminal.
///
/// Escape sequences go whole (CSI, OSC, DCS, APC, PM, SOS and the short ones, in 7-bit and C1 form; one that is cut
/// off goes to the end of its line). `\r\n` is `\n`; behind a lone `\r` the line begins anew; a backspace takes back
/// a character; tabs become spaces up to the next stop of [`TAB_COLS`]. Other controls, bidirectional overrides
/// and invisible separators are dropped. What is too much for one character is counted ([`bounded`]). Borrowed if
/// there is nothing to do.
pub fn clean(text: &str) -> Cow<'_, str> {
    match clean_with(text, Tabs::Expand) {
        Cow::Borrowed(text) => bounded(text),
        Cow::Owned(text) => match bounded(&text) {
            Cow::Owned(bounded) => Cow::Owned(bounded),
            Cow::Borrowed(_) => Cow::Owned(text),
        },
    }
}

/// What [`clean`] does with tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tabs {
    /// They become spaces: the text is shown as it is.
    Expand,
    /// They stay: the text goes on to the model.
    Keep,
}

/// [`clean`], with a choice for tabs.
pub(crate) fn clean_with(text: &str, tabs: Tabs) -> Cow<'_, str> {
    if !text.chars().any(|character| is_foreign(character, tabs)) {
        return Cow::Borrowed(text);
    }
    let mut line = Cleaner { out: String::with_capacity(text.len()), start: 0, col: 0, returned: false, tabs };
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        match character {
            '\u{1b}' => rest = skip_escape(rest),
            '\u{80}'..='\u{9f}' => rest = skip_c1(character, rest),
            '\r' => {
                // Several of them before one line end are what some programs write for a line end.
                rest = rest.trim_start_matches('\r');
                line.returned = !rest.starts_with('\n');
            }
            '\u{8}' => line.backspace(),
            _ => line.push(character),
        }
    }
    Cow::Owned(line.out)
}

/// The text with every character that does not print, or that looks like another one or like nothing, as a visible
/// escape: `\x1b`, `\u{202e}`, `\t`. So are marks over anything but a letter, and those beyond the bounds of a
/// character. Joiners and selectors stay where a script or an emoji needs them. Line ends stay line ends. Borrowed if
/// there is nothing to escape.
pub fn escape(text: &str) -> Cow<'_, str> {
    let is_plain = |character: char| !is_hidden(character) && !clusters::is_mark(character);
    if !clusters::may_overflow(text) && text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    escape_parts(text, |part, _| out.push_str(part));
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

/// The same in parts, in order; of each it is said whether it is an escape.
pub fn escape_parts(text: &str, give: impl FnMut(&str, bool)) {
    escape_with(text, Blanks::Show, give);
}

/// One line of a file in parts, as [`escape_parts`] gives them, but that tabs are columns, as far as the next stop of
/// [`TAB_COLS`], and wide blanks stay in text of such width.
pub fn file_line_parts(text: &str, mut give: impl FnMut(&str, bool)) {
    if !text.contains('\t') {
        return escape_with(text, Blanks::Keep, give);
    }
    let mut col = 0;
    for (at, part) in text.split('\t').enumerate() {
        if at > 0 {
            let cols = TAB_COLS - col % TAB_COLS;
            give(&" ".repeat(cols), false);
            col += cols;
        }
        escape_with(part, Blanks::Keep, |part, is_escape| {
            col += width::cell_width(part);
            give(part, is_escape);
        });
    }
}

/// What becomes of blanks as wide as an ideograph.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blanks {
    /// They are escaped.
    Show,
    /// They stay among characters of their width.
    Keep,
}

fn escape_with(text: &str, blanks: Blanks, mut give: impl FnMut(&str, bool)) {
    let mut plain = 0;
    for cluster in width::graphemes(text) {
        let kept = clusters::kept(cluster.text);
        let (mut carries, mut was_escaped) = (false, false);
        for (at, character) in cluster.text.char_indices() {
            let is_mark = clusters::is_mark(character);
            let at_text = cluster.at + at;
            let behind = at_text + character.len_utf8();
            let is_meant = || !was_escaped && joins::is_meant(&text[..at_text], character, &text[behind..]);
            let is_hidden = is_hidden(character);
            let is_odd = is_hidden || is_mark && !carries;
            if at < kept && is_odd && is_meant() {
                continue;
            }
            carries = if is_mark { carries } else { character.is_alphabetic() };
            let is_kept_blank = character == '\u{3000}'
                && blanks == Blanks::Keep
                && joins::is_wide_blank_in_place(&text[..at_text], &text[behind..]);
            was_escaped = at >= kept || is_hidden && !is_kept_blank || is_mark && !carries;
            if !was_escaped {
                continue;
            }
            if plain < at_text {
                give(&text[plain..at_text], false);
            }
            give(&escaped(character), true);
            plain = behind;
        }
    }
    if plain < text.len() {
        give(&text[plain..], false);
    }
}

fn escaped(character: char) -> String {
    match character {
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        '\0'..='\u{7f}' => format!("\\x{:02x}", u32::from(character)),
        _ => character.escape_unicode().to_string(),
    }
}

struct Cleaner {
    out: String,
    /// Where the open line starts in `out`.
    start: usize,
    /// Its width so far, for the tab stops; the sum over its characters.
    col: usize,
    /// A lone `\r` was read: the next character begins the line anew.
    returned: bool,
    tabs: Tabs,
}

impl Cleaner {
    fn push(&mut self, character: char) {
        if character == '\n' {
            self.out.push('\n');
            self.start = self.out.len();
            self.col = 0;
            self.returned = false;
            return;
        }
        if character != '\t' && is_foreign(character, self.tabs) {
            return;
        }
        if std::mem::take(&mut self.returned) {
            self.out.truncate(self.start);
            self.col = 0;
        }
        if character == '\t' && self.tabs == Tabs::Expand {
            let cols = TAB_COLS - self.col % TAB_COLS;
            self.out.extend(std::iter::repeat_n(' ', cols));
            self.col += cols;
            return;
        }
        self.out.push(character);
        self.col += char_width(character);
    }

    fn backspace(&mut self) {
        while self.out.len() > self.start {
            let width = self.out.pop().map_or(0, char_width);
            self.col = self.col.saturating_sub(width);
            if width > 0 {
                return;
            }
        }
    }
}

fn char_width(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// What stands behind an escape sequence; `rest` begins behind its ESC.
fn skip_escape(rest: &str) -> &str {
    let Some(&kind) = rest.as_bytes().first() else { return rest };
    match kind {
        b'[' => skip_csi(&rest[1..]),
        b']' | b'P' | b'X' | b'^' | b'_' => skip_string(&rest[1..], kind == b']'),
        0x20..=0x2f => {
            let rest = rest.trim_start_matches(|character| matches!(character, ' '..='/'));
            rest.strip_prefix(|character| matches!(character, '0'..='~')).unwrap_or(rest)
        }
        0x30..=0x7e => &rest[1..],
        _ => rest,
    }
}

/// What stands behind a C1 control and the sequence that it introduces, if any.
fn skip_c1(control: char, rest: &str) -> &str {
    match control {
        '\u{9b}' => skip_csi(rest),
        '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(rest, control == '\u{9d}'),
        _ => rest,
    }
}

/// What stands behind the parameters and the final character of a control sequence.
fn skip_csi(rest: &str) -> &str {
    let rest = rest.trim_start_matches(|character| matches!(character, '0'..='?'));
    let rest = rest.trim_start_matches(|character| matches!(character, ' '..='/'));
    rest.strip_prefix(|character| matches!(character, '@'..='~')).unwrap_or(rest)
}

/// What stands behind a string sequence. It ends at its terminator, before a new escape, or at the end of its line,
/// so that one without a terminator cannot hide the lines below it.
fn skip_string(rest: &str, is_osc: bool) -> &str {
    let ends = |character| matches!(character, '\u{1b}' | '\u{9c}' | '\n' | '\u{18}' | '\u{1a}' | '\u{7}');
    let mut rest = rest;
    while let Some(at) = rest.find(ends) {
        rest = &rest[at..];
        if let Some(behind) = rest.strip_prefix("\u{1b}\\").or_else(|| rest.strip_prefix('\u{9c}')) {
            return behind;
        }
        let Some(behind) = rest.strip_prefix('\u{7}') else { return rest };
        if is_osc {
            return behind;
        }
        rest = behind;
    }
    ""
}

/// Whether a character is dropped or changed on its way to the screen.
fn is_foreign(character: char, tabs: Tabs) -> bool {
    match character {
        '\n' => false,
        '\t' => tabs == Tabs::Expand,
        ' '..='~' => false,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        // Soft hyphen, marks and overrides of direction, zero-width spaces, separators, invisible operators,
        // interlinear annotation. The joiners U+200C and U+200D stay: scripts and emoji need them.
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' => true,
        '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => true,
        _ => false,
    }
}

/// Whether a character shows as nothing, as a blank other than the space, or as something that it is not.
fn is_hidden(character: char) -> bool {
    match character {
        '\n' | ' '..='~' => false,
        // Blank letters and marks, which count as printable: fillers, joiners, variation selectors, Braille blank.
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' => true,
        // Marks that draw a shape around what is before them.
        '\u{488}' | '\u{489}' | '\u{20dd}'..='\u{20e0}' | '\u{20e2}'..='\u{20e4}' => true,
        '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}' => true,
        _ => {
            // Behind a letter, a combining mark counts as printable; controls, formats, private use, unassigned
            // characters and foreign spaces do not.
            let mut bytes = [b'a', 0, 0, 0, 0];
            let len = 1 + character.encode_utf8(&mut bytes[1..]).len();
            std::str::from_utf8(&bytes[..len]).is_ok_and(|pair| pair.escape_debug().nth(1) != Some(character))
        }
    }
}

#[cfg(test)]
mod tests;
