//! What a user most likely meant by a name that does not exist.

/// The candidate that is nearest to `word`, if any is near enough to be worth naming.
///
/// Near is: few edits, or the words of one are a run of the words of the other (`sandbox` and `sandbox_mode`).
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = normal(word);
    let allowed = (word.chars().count() / 3).max(1);
    let mut by_edits: Option<(usize, &str)> = None;
    let mut by_words: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other = normal(candidate);
        let edits = distance(&word, &other);
        if edits <= allowed && by_edits.is_none_or(|(best, _)| edits < best) {
            by_edits = Some((edits, candidate));
        }
        let extra = other.len().abs_diff(word.len());
        if shares_words(&word, &other) && by_words.is_none_or(|(best, _)| extra < best) {
            by_words = Some((extra, candidate));
        }
    }
    by_edits.or(by_words).map(|(_, candidate)| candidate)
}

/// Lower case with underscores, so that `modelProvider` and `model-provider` are near `model_provider`.
fn normal(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    let mut after_lower = false;
    for character in name.chars() {
        if character.is_ascii_uppercase() && after_lower {
            text.push('_');
        }
        after_lower = character.is_ascii_lowercase();
        text.push(if matches!(character, '-' | ' ') { '_' } else { character.to_ascii_lowercase() });
    }
    text
}

/// Whether the words of one are a run of the words of the other.
fn shares_words(one: &str, other: &str) -> bool {
    let one: Vec<&str> = one.split('_').filter(|word| !word.is_empty()).collect();
    let other: Vec<&str> = other.split('_').filter(|word| !word.is_empty()).collect();
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    !short.is_empty() && long.windows(short.len()).any(|run| run == short.as_slice())
}

/// Edits (insert, delete, replace, swap of neighbours) that turn one word into the other.
pub fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().take(WORD_CHARS).collect();
    let other: Vec<char> = other.chars().take(WORD_CHARS).collect();
    let width = other.len() + 1;
    let mut rows: Vec<usize> = (0..width).collect();
    rows.resize(width * (one.len() + 1), 0);
    for row in 1..=one.len() {
        rows[row * width] = row;
        for column in 1..width {
            let same = one[row - 1] == other[column - 1];
            let replaced = rows[(row - 1) * width + column - 1] + usize::from(!same);
            let removed = rows[(row - 1) * width + column] + 1;
            let added = rows[row * width + column - 1] + 1;
            let mut best = replaced.min(removed).min(added);
            if row > 1 && column > 1 && one[row - 1] == other[column - 2] && one[row - 2] == other[column - 1] {
                best = best.min(rows[(row - 2) * width + column - 2] + 1);
            }
            rows[row * width + column] = best;
        }
    }
    rows[rows.len() - 1]
}

/// Longer names are compared by their beginning only, which bounds the work.
const WORD_CHARS: usize = 64;

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    fn check(word: &str, expected: Option<&str>) {
        let known = ["model", "model_provider", "model_providers", "approval_policy", "sandbox_mode", "tui", "notify"];
        assert_eq!(nearest(word, known), expected, "{word}");
    }

    #[test]
    fn typing_slips_find_their_key() {
        check("model_provder", Some("model_provider"));
        check("modle", Some("model"));
        check("modelProvider", Some("model_provider"));
        check("aproval-policy", Some("approval_policy"));
        check("sandbox", Some("sandbox_mode"));
        check("policy", Some("approval_policy"));
    }

    #[test]
    fn a_strange_word_finds_nothing() {
        check("colour_of_the_sky", None);
        check("", None);
        check("zz", None);
    }

    #[test]
    fn distance_counts_edits() {
        for (one, other, edits) in
            [("", "", 0), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "abcd", 1), ("abc", "", 3), ("äb", "ab", 1)]
        {
            assert_eq!(distance(one, other), edits, "{one} {other}");
            assert_eq!(distance(other, one), edits, "{other} {one}");
        }
    }
}
