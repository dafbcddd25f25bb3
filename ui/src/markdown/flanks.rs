//! Emphasis beside the punctuation of scripts that write without spaces; and footnotes, which stay where they stand.
//!
//! CommonMark takes `**` behind punctuation and before a letter for the beginning of something, which is right where
//! words are set apart by spaces. `**在开始之前，**请先读完` is meant otherwise. An invisible character is put between the
//! two, and taken out of everything that is read; so it changes nothing else, wherever it stands.

use std::borrow::Cow;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Tag};
use quire_state::text::width::cell_width;

/// The letter: a noncharacter, which no text holds and which is neither a blank nor punctuation.
const LETTER: char = '\u{fdd0}';

/// The text with a letter wherever one is needed. Borrowed if there is no such place.
pub(super) fn prepared(text: &str) -> Cow<'_, str> {
    match noted(text) {
        Cow::Borrowed(text) => flanked(text),
        Cow::Owned(text) => Cow::Owned(flanked(&text).into_owned()),
    }
}

/// With a letter before the colon of `[^1]: ...`, which a footnote begins with: it is no address that the text names, or it
/// would be seen nowhere.
fn noted(text: &str) -> Cow<'_, str> {
    if !text.contains("[^") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + LETTER.len_utf8());
    for line in text.split_inclusive('\n') {
        let note = line.trim_start_matches([' ', '>']);
        let name = note.strip_prefix("[^").and_then(|rest| rest.split_once("]:")).map(|(name, _)| name);
        match name.filter(|name| !name.contains(['[', ']', '\n'])) {
            Some(name) => {
                let colon = line.len() - note.len() + name.len() + "[^]".len();
                out.push_str(&line[..colon]);
                out.push(LETTER);
                out.push_str(&line[colon..]);
            }
            None => out.push_str(line),
        }
    }
    Cow::Owned(out)
}

/// With a letter wherever `**` or `~~` opens or closes against punctuation.
fn flanked(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(['*', '~']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let (mut done, mut at) = (0, 0);
    while let Some(start) = text[at..].find(['*', '~']).map(|found| at + found) {
        let is_escaped = text[at..start].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
        if is_escaped {
            at = start + 1;
            continue;
        }
        let run = &text[start..];
        let sign = if run.starts_with('*') { '*' } else { '~' };
        let end = start + run.len() - run.trim_start_matches(sign).len();
        at = end;
        // One `~` is a word of its own in many languages, and three are a fence.
        if sign == '~' && end - start != 2 {
            continue;
        }
        let before = text[..start].chars().next_back().unwrap_or('\n');
        let after = text[end..].chars().next().unwrap_or('\n');
        let place = match (Kind::of(before), Kind::of(after)) {
            (Kind::Sign, Kind::Letter) if is_unspaced(before) || is_unspaced(after) => start,
            (Kind::Letter, Kind::Sign) if is_unspaced(before) || is_unspaced(after) => end,
            (Kind::Blank | Kind::Sign | Kind::Letter, _) => continue,
        };
        out.push_str(&text[done..place]);
        out.push(LETTER);
        done = place;
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// An event of a prepared text, without the letters.
pub(super) fn stripped(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Text(text) => Event::Text(strip(text)),
        Event::Code(text) => Event::Code(strip(text)),
        Event::InlineMath(text) => Event::InlineMath(strip(text)),
        Event::DisplayMath(text) => Event::DisplayMath(strip(text)),
        Event::Html(text) => Event::Html(strip(text)),
        Event::InlineHtml(text) => Event::InlineHtml(strip(text)),
        Event::FootnoteReference(text) => Event::FootnoteReference(strip(text)),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: strip(dest_url), title: strip(title), id: strip(id) })
        }
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Image { link_type, dest_url: strip(dest_url), title: strip(title), id: strip(id) })
        }
        Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(strip(info))))
        }
        other => other,
    }
}

fn strip(text: CowStr<'_>) -> CowStr<'_> {
    if text.contains(LETTER) { text.replace(LETTER, "").into() } else { text }
}

enum Kind {
    Blank,
    Sign,
    Letter,
}

impl Kind {
    fn of(character: char) -> Self {
        match character {
            _ if character.is_whitespace() => Self::Blank,
            _ if character.is_alphanumeric() || is_mark(character) => Self::Letter,
            _ => Self::Sign,
        }
    }
}

/// Vowel signs and the like count as letters.
fn is_mark(character: char) -> bool {
    !character.is_ascii() && cells(character) == 0
}

/// Whether a character belongs to writing in which spaces say little about where a word begins: anything wide, letters
/// that are not Latin, and the quotes, dashes and dots that such texts use.
fn is_unspaced(character: char) -> bool {
    let is_latin = matches!(character, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    match character {
        '«' | '»' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{3000}'..='\u{303f}' => true,
        _ => !is_latin && (character.is_alphanumeric() || is_mark(character) || cells(character) == 2),
    }
}

fn cells(character: char) -> usize {
    cell_width(character.encode_utf8(&mut [0; 4]))
}
