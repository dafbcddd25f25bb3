//! How much one character may carry. Marks, joiners and jamo have no bound of their own: a terminal paints fifty of them
//! over its neighbours, or over more cells than it says.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

use crate::text::width;

/// Marks without width that one character carries on the screen.
pub const CLUSTER_MARKS: usize = 4;
/// Characters of one grapheme cluster on the screen. The longest emoji have eleven.
pub const CLUSTER_CHARS: usize = 16;

/// The black flag, the one base behind which tags mean something.
const TAGGED_FLAG: char = '\u{1f3f4}';

/// The text with the surplus of every overloaded cluster counted in its place: `‹+46›`. Borrowed if there is none.
pub fn bounded(text: &str) -> Cow<'_, str> {
    if !may_overflow(text) || width::graphemes(text).all(|cluster| kept(cluster.text) == cluster.text.len()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for cluster in width::graphemes(text) {
        let (shown, surplus) = cluster.text.split_at(kept(cluster.text));
        out.push_str(shown);
        if !surplus.is_empty() {
            out.push_str(&format!("‹+{}›", surplus.chars().count()));
        }
    }
    Cow::Owned(out)
}

/// How many bytes of a cluster are within the bounds.
pub(super) fn kept(cluster: &str) -> usize {
    let is_flag = cluster.starts_with(TAGGED_FLAG);
    // The count itself may join what is before it.
    let most = if cluster.chars().nth(CLUSTER_CHARS).is_some() { CLUSTER_CHARS - 1 } else { CLUSTER_CHARS };
    let mut marks = 0;
    for (count, (at, character)) in cluster.char_indices().enumerate() {
        match character {
            _ if count == most => return at,
            '\u{e0020}'..='\u{e007f}' if is_flag => {}
            _ if is_mark(character) => marks += 1,
            _ => marks = 0,
        }
        if marks > CLUSTER_MARKS {
            return at;
        }
    }
    cluster.len()
}

/// Whether a character takes no cell and changes the look of the one before it.
pub(super) fn is_mark(character: char) -> bool {
    !character.is_ascii() && !matches!(character, '\u{200c}' | '\u{200d}') && character.width() == Some(0)
}

/// Whether so many characters join others that a cluster could be too large. Quick, for most texts have none.
pub(super) fn may_overflow(text: &str) -> bool {
    !text.is_ascii() && text.chars().filter(|character| may_join(*character)).nth(CLUSTER_MARKS).is_some()
}

/// Whether a character could belong to the cluster of its neighbours; large ranges of which none does are left out.
fn may_join(character: char) -> bool {
    !matches!(character, '\0'..='\u{2ff}' | '\u{370}'..='\u{482}' | '\u{48a}'..='\u{58f}' | '\u{1e00}'..='\u{200b}'
        | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{2070}'..='\u{20cf}' | '\u{2100}'..='\u{2cee}'
        | '\u{2e80}'..='\u{3029}' | '\u{3030}'..='\u{3098}' | '\u{309b}'..='\u{a66e}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{e000}'..='\u{fb1d}' | '\u{fe30}'..='\u{ff9d}' | '\u{1f000}'..='\u{1f1e5}' | '\u{1f200}'..='\u{1f3fa}'
        | '\u{1f400}'..='\u{1faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn honest_text_of_any_language_stays() {
        for text in [
            "e\u{301} vie\u{323}\u{302}t",
            "र्त्स्न्यां क्ष्म्य",
            "བསྒྲུབས་",
            "שָׁ֖ם",
            "한국어 \u{1112}\u{1161}\u{11ab}",
            "👨‍👩‍👧‍👦 🧑🏻‍❤️‍💋‍🧑🏿 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} 1\u{fe0f}\u{20e3} 🇩🇪🇫🇷",
            "ی‌ک مرحباً",
        ] {
            assert!(matches!(bounded(text), Cow::Borrowed(_)), "{text} became {}", bounded(text));
        }
    }

    #[test]
    fn a_surplus_is_counted() {
        let many = |part: &str, count: usize| part.repeat(count);
        for (text, shown) in [
            (format!("a{}b", many("\u{20dd}", 50)), "a\u{20dd}\u{20dd}\u{20dd}\u{20dd}‹+46›b".to_owned()),
            (format!("e{}", many("\u{301}", 1000)), format!("e{}‹+996›", many("\u{301}", 4))),
            (format!("☺{}", many("\u{fe0f}", 9)), format!("☺{}‹+5›", many("\u{fe0f}", 4))),
            (format!("葛{}", many("\u{e0100}", 9)), format!("葛{}‹+5›", many("\u{e0100}", 4))),
            (format!("a{}", many("\u{e0041}", 9)), format!("a{}‹+5›", many("\u{e0041}", 4))),
            (format!("🏴{}", many("\u{e0067}", 40)), format!("🏴{}‹+26›", many("\u{e0067}", 14))),
            (many("😀\u{200d}", 100), format!("{}😀‹+185›", many("😀\u{200d}", 7))),
            (many("\u{1100}", 100), format!("{}‹+85›", many("\u{1100}", 15))),
            (format!("가{}", many("\u{11a8}", 50)), format!("가{}‹+46›", many("\u{11a8}", 4))),
            (format!("{}x", many("\u{600}", 100)), format!("{}‹+86›", many("\u{600}", 15))),
            (format!("😀{}", many("\u{1f3fb}", 50)), format!("😀{}‹+36›", many("\u{1f3fb}", 14))),
            (format!("क{}", many("\u{93e}", 50)), format!("क{}‹+36›", many("\u{93e}", 14))),
            (format!("\n{}", many("\u{20dd}", 50)), format!("\n{}‹+46›", many("\u{20dd}", 4))),
        ] {
            assert_eq!(bounded(&text), shown);
        }
    }

    #[test]
    fn no_text_has_an_unbounded_cluster_behind_it() {
        for character in ('\u{a0}'..='\u{1ffff}').chain('\u{e0000}'..='\u{e01ef}') {
            for text in [format!("a{}", character.to_string().repeat(20))] {
                for cluster in width::graphemes(&bounded(&text)) {
                    let count = cluster.text.chars().count();
                    assert!(count <= CLUSTER_CHARS, "{character:?} makes a cluster of {count} characters");
                }
            }
        }
    }
}
