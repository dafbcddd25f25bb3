//! Addresses that are longer than their row: each part of one is marked, so that the terminal layer can make one link
//! of them, and goes on at the very beginning of the next row, so that nothing stands inside.
//!
//! The mark is the colour of an underline, which nothing else uses: it names the address by a digest. What a scene holds
//! of the parts is put together again and compared with it, so that a part of an address is never taken for another one.

use std::{collections::HashMap, ops::Range};

use ratatui::{
    style::{Color, Style},
    text::{Line, Span},
};

/// Longest address that becomes a link; some terminals take no longer one.
const ADDRESS_BYTES: usize = 2000;
/// Most links of one frame.
const LINKS: usize = 1000;
const SCHEMES: [&str; 3] = ["https://", "http://", "file://"];

/// The addresses of a text.
pub(super) fn addresses(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(slashes) = text[at..].find("://").map(|found| at + found) {
        let start = SCHEMES
            .iter()
            .find_map(|scheme| text[at..slashes + 3].ends_with(scheme).then(|| slashes + 3 - scheme.len()));
        at = slashes + 3;
        let Some(start) = start.filter(|start| !text[..*start].ends_with(|it: char| it.is_ascii_alphanumeric())) else {
            continue;
        };
        let length = text[at..].find(|it: char| !is_of_address(it)).unwrap_or(text.len() - at);
        let end = at + ended(&text[at..at + length]);
        if end > at && end - start <= ADDRESS_BYTES {
            found.push(start..end);
        }
        at = end;
    }
    found
}

fn is_of_address(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(character)
}

/// How much of it is the address: signs at the end belong to the sentence, brackets to what opened them.
fn ended(text: &str) -> usize {
    let mut rest = text;
    loop {
        let is_open = |open: char, close: char| rest.matches(open).count() < rest.matches(close).count();
        let is_cut = match rest.chars().next_back() {
            Some('.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '~') => true,
            Some(')') => is_open('(', ')'),
            Some(']') => is_open('[', ']'),
            Some(_) | None => false,
        };
        if !is_cut {
            return rest.len();
        }
        rest = &rest[..rest.len() - 1];
    }
}

/// The mark of an address.
pub(super) fn mark(address: &str) -> Color {
    // FNV-1a, folded to the bits that a colour has.
    let hash = address
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let [a, b, c, d, e, f, ..] = hash.to_be_bytes();
    Color::Rgb(a ^ d, b ^ e, c ^ f)
}

fn mark_of(style: Style) -> Option<Color> {
    style.underline_color.filter(|colour| matches!(colour, Color::Rgb(..)))
}

/// Whether a row begins inside an address: it gets no indent.
pub(crate) fn goes_on(row: &[Span<'_>]) -> bool {
    row.first().is_some_and(|first| mark_of(first.style).is_some() && !is_begun(&first.content))
}

fn is_begun(part: &str) -> bool {
    SCHEMES.iter().any(|scheme| part.starts_with(scheme) || scheme.starts_with(part))
}

/// The whole addresses of marked parts, by their marks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    whole: HashMap<Color, String>,
    open: HashMap<Color, String>,
}

impl Links {
    /// Takes the parts of a line in; lines come in their order.
    pub(crate) fn take(&mut self, line: &Line<'_>) {
        for span in &line.spans {
            let Some(colour) = mark_of(span.style).filter(|colour| !self.whole.contains_key(colour)) else { continue };
            if self.whole.len() >= LINKS {
                return;
            }
            let open = self.open.entry(colour).or_default();
            if is_begun(&span.content) || open.len() > ADDRESS_BYTES {
                open.clear();
            }
            open.push_str(&span.content);
            if open.len() <= ADDRESS_BYTES && mark(open) == colour {
                let address = self.open.remove(&colour).unwrap_or_default();
                self.whole.insert(colour, address);
            }
        }
    }

    /// The address that this colour of an underline stands for.
    pub fn address(&self, underline: Color) -> Option<&str> {
        self.whole.get(&underline).map(String::as_str)
    }
}

/// Breaks a text whose addresses may be longer than a row. `plain` breaks what is between them. A row that begins inside
/// an address has `hang` cells more, because it is not indented.
pub(super) fn around(
    text: &str,
    room: usize,
    hang: usize,
    addresses: &[Range<usize>],
    plain: impl Fn(&str) -> Vec<Range<usize>>,
) -> Vec<Range<usize>> {
    if addresses.iter().all(|address| address.len() <= room) {
        return plain(text);
    }
    let mut rows = Vec::new();
    let mut at = 0;
    let between = |from: usize, to: usize, rows: &mut Vec<Range<usize>>| {
        // The blank behind an address has no place at the beginning of a row.
        let from = from + usize::from(from > 0 && text[from..to].starts_with(' '));
        let part = &text[from..to];
        if !part.trim().is_empty() {
            rows.extend(plain(part).into_iter().map(|row| row.start + from..row.end + from));
        }
    };
    for address in addresses.iter().filter(|address| address.len() > room) {
        // What touches the address in front stays beside it, as far as there is room.
        let word = text[at..address.start].rfind(' ').map_or(at, |space| at + space + 1);
        let start = if address.start - word < room.min(9) { word } else { address.start };
        between(at, start, &mut rows);
        let end = text[address.end..].find(' ').map_or(text.len(), |space| address.end + space);
        at = flow(text, start..end, room, hang, address, &mut rows);
    }
    between(at, text.len(), &mut rows);
    rows
}

/// Breaks a part of a text at the last cell of each row.
fn flow(
    text: &str,
    part: Range<usize>,
    room: usize,
    hang: usize,
    address: &Range<usize>,
    rows: &mut Vec<Range<usize>>,
) -> usize {
    let (mut start, mut used, mut most) = (part.start, 0, room);
    for cluster in super::cells::graphemes(&text[part.clone()]) {
        let at = part.start + cluster.at;
        if used + cluster.width > most && at > start {
            rows.push(start..at);
            most = if at > address.start && at < address.end { room + hang } else { room };
            (start, used) = (at, 0);
        }
        used += cluster.width;
    }
    rows.push(start..part.end);
    part.end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_and_end_where_they_do() {
        for (text, found) in [
            ("see https://a.b/c.", &["https://a.b/c"][..]),
            ("(http://a/b_(c)) and <https://x/?q=1&r=[2]>", &["http://a/b_(c)", "https://x/?q=1&r=[2]"]),
            ("看https://例.cn 和 https://a.b/路径", &["https://a.b/"]),
            ("https://a/，后面", &["https://a/"]),
            ("ftp://a shttp://b https:// file:///tmp/x", &["file:///tmp/x"]),
            ("\"https://a/b\",'http://c/d'", &["https://a/b", "http://c/d"]),
        ] {
            let addresses = addresses(text).into_iter().map(|range| &text[range]).collect::<Vec<_>>();
            assert_eq!(addresses, found, "{text:?}");
        }
        assert!(addresses(&format!("https://a/{}", "x".repeat(ADDRESS_BYTES))).is_empty());
    }

    #[test]
    fn only_a_whole_address_is_a_link() {
        let address = "https://example.org/a/long/path/to/something";
        let part = |text: &str| {
            let style = Style::new().underline_color(mark(address));
            Line::from(Span { content: text.to_owned().into(), style })
        };
        let (begin, end) = address.split_at(20);
        let known = |parts: &[&str]| {
            let mut links = Links::default();
            parts.iter().for_each(|text| links.take(&part(text)));
            links.address(mark(address)).map(str::to_owned)
        };
        assert_eq!(known(&[begin, end]).as_deref(), Some(address));
        assert_eq!(known(&[&address[..2], &address[2..]]).as_deref(), Some(address));
        assert_eq!(known(&[begin]), None);
        assert_eq!(known(&[end]), None);
        assert_eq!(known(&[end, begin, end]).as_deref(), Some(address));
        assert_eq!(known(&[begin, begin, end]).as_deref(), Some(address));
    }
}
