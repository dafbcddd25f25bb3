//! Characters that show as nothing and are meant all the same: joiners and selectors where a script or an emoji needs
//! them. Anywhere else they are hidden text.

use unicode_width::UnicodeWidthChar;

/// Subdivision flags in use: the letters of their tags.
const FLAGS: [&str; 3] = ["gbeng", "gbsct", "gbwls"];
/// The last tag of a flag.
const LAST_TAG: char = '\u{e007f}';

/// Whether a character between these two texts is what keeps a cluster or a word together.
pub(super) fn is_meant(before: &str, character: char, after: &str) -> bool {
    let (previous, next) = (before.chars().next_back(), after.chars().next());
    let is = |found: Option<char>, test: fn(char) -> bool| found.is_some_and(test);
    match character {
        // RFC 5892, appendix A.1 and A.2; emoji; and Bengali ya-phalaa, which has it in front of its sign.
        '\u{200d}' => {
            is_emoji_end(before) && is(next, is_picture)
                || is(previous, is_virama) && is(next, char::is_alphabetic)
                || is(previous, char::is_alphabetic) && is(next, is_virama)
                || is(previous, is_joining) && is(next, is_joining)
        }
        '\u{200c}' => {
            is(next, char::is_alphabetic) && is(previous, is_virama) || is(previous, is_joining) && is(next, is_joining)
        }
        '\u{fe0e}' | '\u{fe0f}' => is(previous, is_picture) || is(previous, is_keycap) && next == Some('\u{20e3}'),
        '\u{20e3}' => before.strip_suffix('\u{fe0f}').is_some_and(|key| is(key.chars().next_back(), is_keycap)),
        '\u{fe00}'..='\u{fe0d}' | '\u{e0100}'..='\u{e01ef}' => is(previous, is_ideograph),
        '\u{180b}'..='\u{180d}' | '\u{180f}' => is(previous, |it| matches!(it, '\u{1820}'..='\u{18aa}')),
        '\u{e0020}'..='\u{e007f}' => is_flag_tag(before, character, after),
        _ => false,
    }
}

/// Whether a text ends in a picture, perhaps with a selector behind it.
fn is_emoji_end(text: &str) -> bool {
    let text = text.strip_suffix('\u{fe0f}').unwrap_or(text);
    text.chars().next_back().is_some_and(is_picture)
}

fn is_picture(character: char) -> bool {
    match character {
        '\u{1f1e6}'..='\u{1f1ff}' => false,
        '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | 'Ⓜ' | '〰' | '〽' | '㊗' | '㊙' => true,
        '\u{2194}'..='\u{21aa}' | '\u{231a}'..='\u{23ff}' | '\u{25aa}'..='\u{25fe}' => true,
        '\u{2600}'..='\u{27bf}' | '\u{2934}'..='\u{2935}' | '\u{2b05}'..='\u{2b55}' => true,
        '\u{1f000}'..='\u{1faff}' => true,
        _ => false,
    }
}

fn is_keycap(character: char) -> bool {
    matches!(character, '0'..='9' | '#' | '*')
}

fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Signs that take the vowel of a letter; the next letter joins it.
fn is_virama(character: char) -> bool {
    matches!(
        character,
        '\u{94d}'
            | '\u{9cd}'
            | '\u{a4d}'
            | '\u{acd}'
            | '\u{b4d}'
            | '\u{bcd}'
            | '\u{c4d}'
            | '\u{ccd}'
            | '\u{d4d}'
            | '\u{dca}'
            | '\u{1039}'
            | '\u{103a}'
            | '\u{17d2}'
            | '\u{1a60}'
            | '\u{1b44}'
            | '\u{1bab}'
            | '\u{a9c0}'
    )
}

/// Letters of scripts whose letters join, with their vowel signs.
fn is_joining(character: char) -> bool {
    matches!(
        character,
        '\u{620}'..='\u{65f}' | '\u{66e}'..='\u{6d3}' | '\u{6d5}' | '\u{6ee}'..='\u{6ff}' | '\u{710}'..='\u{74a}'
            | '\u{74d}'..='\u{77f}' | '\u{7ca}'..='\u{7ea}' | '\u{840}'..='\u{858}' | '\u{8a0}'..='\u{8c9}'
            | '\u{1820}'..='\u{18aa}' | '\u{a840}'..='\u{a871}' | '\u{10ac0}'..='\u{10aef}'
    )
}

/// Whether this tag belongs to a flag that there is. A flag can carry any other text invisibly.
fn is_flag_tag(before: &str, character: char, after: &str) -> bool {
    let is_tag = |character: &char| matches!(character, '\u{e0020}'..='\u{e007f}');
    let start = before.trim_end_matches(|character| is_tag(&character));
    let tags = before[start.len()..].chars().chain([character]).chain(after.chars().take_while(is_tag));
    let mut letters: String = tags.take(16).filter_map(|tag| char::from_u32(u32::from(tag) - 0xe0000)).collect();
    let is_ended = letters.pop() == char::from_u32(u32::from(LAST_TAG) - 0xe0000);
    start.ends_with('\u{1f3f4}') && is_ended && FLAGS.contains(&letters.as_str())
}

/// Blanks that are looked over for what stands beside them.
const BLANKS: usize = 32;

/// Whether a blank as wide as an ideograph stands in text of such width.
pub(super) fn is_wide_blank_in_place(before: &str, after: &str) -> bool {
    let is_blank = |character: &char| *character == '\u{3000}';
    let beside = [
        before.chars().rev().take(BLANKS).find(|it| !is_blank(it)),
        after.chars().take(BLANKS).find(|it| !is_blank(it)),
    ];
    beside.into_iter().flatten().any(|it| it.width() == Some(2))
}
