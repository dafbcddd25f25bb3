//! How many terminal cells a text takes: one measure, by grapheme cluster, for wrapping, painting and the caret.
//!
//! It never looks at a terminal: where a terminal disagrees (old fonts, ambiguous width), this measure still is the
//! one that all of Quire shares.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// One grapheme cluster of a text: what a user takes for one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cluster<'a> {
    /// Byte offset in the text.
    pub at: usize,
    /// The cluster.
    pub text: &'a str,
    /// Cells that it takes; 0 for control characters and lone marks.
    pub width: usize,
}

impl Cluster<'_> {
    /// The byte offset just behind the cluster.
    pub fn end(&self) -> usize {
        self.at + self.text.len()
    }
}

/// The grapheme clusters of a text in order.
#[derive(Clone, Debug)]
pub struct Clusters<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Clusters<'a> {
    type Item = Cluster<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.at;
        let rest = &self.text[at..];
        let cluster = first_cluster(rest)?;
        self.at += cluster.len();
        Some(Cluster { at, text: cluster, width: cluster_width(cluster) })
    }
}

/// The grapheme clusters of a text with their places and widths.
pub fn graphemes(text: &str) -> Clusters<'_> {
    Clusters { text, at: 0 }
}

/// Cells that a text takes on one line. Line ends and other control characters count nothing.
pub fn cell_width(text: &str) -> usize {
    if text.is_ascii() {
        return text.bytes().filter(|byte| !byte.is_ascii_control()).count();
    }
    graphemes(text).map(|cluster| cluster.width).sum()
}

/// The longest prefix of whole clusters that takes at most `cols` cells.
pub fn take_width(text: &str, cols: usize) -> &str {
    let mut used = 0;
    for cluster in graphemes(text) {
        used += cluster.width;
        if used > cols {
            return &text[..cluster.at];
        }
    }
    text
}

/// The text if it fits into `cols` cells, else a prefix of it that ends in `…` and fits.
pub fn truncate_width(text: &str, cols: usize) -> Cow<'_, str> {
    let fitting = take_width(text, cols);
    if fitting.len() == text.len() {
        return Cow::Borrowed(text);
    }
    if cols == 0 {
        return Cow::Borrowed("");
    }
    Cow::Owned(format!("{}…", take_width(text, cols - 1)))
}

/// The most cells that any terminal gives a cluster: they add up its characters, know its characters as wide that others
/// know as narrow, or take it as one.
pub fn most_width(cluster: &str) -> usize {
    if cluster.is_ascii() {
        return cluster_width(cluster);
    }
    let added: usize = cluster.chars().map(most_char_width).sum();
    added.max(cluster_width(cluster))
}

/// Whether terminals disagree about the cells of a cluster, apart from those that [`is_ambiguous`] is about.
///
/// Clusters of several characters are added up, or taken as one, with or without their variation selectors, joiners and
/// marks. Wide symbols are wide only to who knows their edition of Unicode.
pub fn is_unsure(cluster: &str) -> bool {
    let mut characters = cluster.chars();
    let first = characters.next();
    !cluster.is_ascii() && (characters.next().is_some() || first.is_some_and(is_young))
}

/// Whether a cluster holds a character that is narrow to some terminals and wide to those that are set up for East Asia.
pub fn is_ambiguous(cluster: &str) -> bool {
    !cluster.is_ascii() && cluster.chars().any(|character| character.width_cjk() > character.width())
}

fn most_char_width(character: char) -> usize {
    // Half a flag is a wide letter to some.
    let least = if matches!(character, '\u{1f1e6}'..='\u{1f1ff}') { 2 } else { 0 };
    character.width_cjk().or(character.width()).unwrap_or(0).max(least)
}

/// Symbols and pictures that are wide, or were made so: arrows to stars, and all beyond the basic plane but for
/// ideographs.
fn is_young(character: char) -> bool {
    match character {
        '\u{1f1e6}'..='\u{1f1ff}' => true,
        '\u{2190}'..='\u{2bff}' | '\u{16fe0}'..='\u{1ffff}' => character.width() == Some(2),
        _ => false,
    }
}

/// An ASCII character before another ASCII character always is a cluster of its own (but for `\r\n`), which spares
/// most texts the segmentation tables.
fn first_cluster(rest: &str) -> Option<&str> {
    let bytes = rest.as_bytes();
    let first = bytes.first()?;
    if first.is_ascii() && *first != b'\r' && bytes.get(1).is_none_or(u8::is_ascii) {
        return Some(&rest[..1]);
    }
    rest.graphemes(true).next()
}

fn cluster_width(cluster: &str) -> usize {
    if let [byte] = cluster.as_bytes() {
        return usize::from(!byte.is_ascii_control());
    }
    if cluster.starts_with(char::is_control) { 0 } else { cluster.width() }
}

#[cfg(test)]
mod tests;
