//! Word wrap of a text into visual rows, as byte ranges of the text. Nothing is copied or changed.

use std::ops::Range;

use super::width::{Cluster, graphemes};

/// The visual rows of a text at a width, as byte ranges.
///
/// - A line end (`\n`) ends a row and belongs to none; the ranges together hold everything else. There is at least
///   one row, and one behind a line end that ends the text.
/// - Rows break behind spaces and beside wide characters. A word longer than a row is broken anywhere between
///   grapheme clusters. A row that holds nothing but its indent so far is not broken behind the indent.
/// - Spaces behind a word stay on its row even where they do not fit: who paints a row cuts them off.
/// - A width of 0 counts as 1. A wide character on a row of one column overflows.
pub fn wrap(text: &str, width: usize) -> Vec<Range<usize>> {
    let mut rows =
        Rows { width: width.max(1), rows: Vec::new(), start: 0, used: 0, blank: true, chance: None, glue: true };
    for cluster in graphemes(text) {
        rows.add(cluster);
    }
    rows.end(text.len());
    rows.rows
}

/// A place where the open row may break: byte offset, and cells of the row before it.
#[derive(Clone, Copy)]
struct Chance {
    at: usize,
    used: usize,
}

struct Rows {
    width: usize,
    rows: Vec<Range<usize>>,
    /// Where the open row starts.
    start: usize,
    /// Cells of the open row, spaces at its end included.
    used: usize,
    /// The open row has nothing but spaces yet.
    blank: bool,
    /// The last place where the open row may break.
    chance: Option<Chance>,
    /// The last cluster is no place to break behind.
    glue: bool,
}

impl Rows {
    fn add(&mut self, cluster: Cluster<'_>) {
        match Kind::of(cluster) {
            Kind::LineEnd => {
                self.end(cluster.at);
                self.start = cluster.end();
            }
            Kind::Space => {
                self.used += cluster.width;
                if !self.blank {
                    self.chance = Some(Chance { at: cluster.end(), used: self.used });
                }
                self.glue = true;
            }
            Kind::Wide => {
                if !self.blank && !closes(cluster.text) {
                    self.chance = Some(Chance { at: cluster.at, used: self.used });
                }
                self.place(cluster);
                self.glue = false;
            }
            Kind::Word => {
                if !self.glue && !self.blank && !closes(cluster.text) {
                    self.chance = Some(Chance { at: cluster.at, used: self.used });
                }
                self.place(cluster);
                self.glue = true;
            }
        }
    }

    fn place(&mut self, cluster: Cluster<'_>) {
        while self.used + cluster.width > self.width && self.start < cluster.at {
            let chance = self.chance.take().unwrap_or(Chance { at: cluster.at, used: self.used });
            self.rows.push(self.start..chance.at);
            self.start = chance.at;
            self.used -= chance.used;
        }
        self.used += cluster.width;
        self.blank = false;
    }

    fn end(&mut self, at: usize) {
        self.rows.push(self.start..at);
        self.start = at;
        self.used = 0;
        self.blank = true;
        self.chance = None;
        self.glue = true;
    }
}

enum Kind {
    LineEnd,
    Space,
    Wide,
    Word,
}

impl Kind {
    fn of(cluster: Cluster<'_>) -> Self {
        match cluster.text {
            "\n" | "\r\n" => Self::LineEnd,
            " " | "\t" | "\u{3000}" => Self::Space,
            _ if cluster.width > 1 => Self::Wide,
            _ => Self::Word,
        }
    }
}

/// Characters that do not begin a row: they belong to what stands before them.
fn closes(cluster: &str) -> bool {
    const CLOSING: &str = "、。，．・：；？！）］｝」』】〉》〕〟’”ー々…,.;:!?)]}";
    cluster.chars().next().is_some_and(|first| CLOSING.contains(first))
}

#[cfg(test)]
mod tests;
