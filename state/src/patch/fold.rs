//! When two lines count as the same: the four steps from exact to forgiving.

use std::borrow::Cow;

/// How much two lines may differ and still count as the same. Each step forgives what those before it forgive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Not at all.
    Exact,
    /// In blanks at their ends.
    TrimEnd,
    /// In blanks at both sides.
    Trim,
    /// In the Unicode look of dashes, quotes and spaces, too.
    Fold,
}

impl Step {
    /// In the order in which they are tried.
    pub(super) const ALL: [Self; 4] = [Self::Exact, Self::TrimEnd, Self::Trim, Self::Fold];

    /// What stands for a line at this step: two lines count as the same if theirs are equal.
    pub(super) fn key(self, line: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Exact => Cow::Borrowed(line),
            Self::TrimEnd => Cow::Borrowed(line.trim_ascii_end()),
            Self::Trim => Cow::Borrowed(line.trim_ascii()),
            Self::Fold if line.is_ascii() => Cow::Borrowed(line.trim_ascii()),
            Self::Fold => {
                let folded: String = String::from_utf8_lossy(line).chars().filter_map(fold).collect();
                Cow::Owned(folded.trim().as_bytes().to_vec())
            }
        }
    }
}

/// The plain character for one that only looks different. None for one that does not show.
fn fold(character: char) -> Option<char> {
    Some(match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
        '\u{2018}'..='\u{201b}' | '\u{2032}' => '\'',
        '\u{201c}'..='\u{201f}' | '\u{2033}' => '"',
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        '\u{feff}' | '\u{200b}' => return None,
        _ => character,
    })
}
