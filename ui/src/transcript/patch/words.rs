//! Which words of a line were changed, beside the line that took its place.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Words of a line beyond which none is looked at.
const WORDS: usize = 400;
/// Unchanged characters between two changes that belong to them.
const BRIDGE: usize = 1;

/// The changed parts of both lines. Empty where the lines have too little in common, or too much to compare.
pub(super) fn changed(old: &str, new: &str) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    let (before, after) = (words(old), words(new));
    if before.len().max(after.len()) > WORDS {
        return (Vec::new(), Vec::new());
    }
    let text =
        |line: &str, at: &[Range<usize>]| -> Vec<String> { at.iter().map(|at| line[at.clone()].to_owned()).collect() };
    let ops = capture_diff_slices(Algorithm::Myers, &text(old, &before), &text(new, &after));
    let (mut removed, mut added, mut kept) = (Vec::new(), Vec::new(), 0);
    for op in &ops {
        if let DiffOp::Equal { old_index, len, .. } = op {
            kept += before[*old_index..old_index + len].iter().map(|at| old[at.clone()].trim().len()).sum::<usize>();
            continue;
        }
        join(&mut removed, old, &before[op.old_range()]);
        join(&mut added, new, &after[op.new_range()]);
    }
    // Lines of which little is left say more whole.
    let is_akin = kept > 0 && kept * 3 >= old.trim().len().min(new.trim().len());
    if is_akin { (removed, added) } else { (Vec::new(), Vec::new()) }
}

/// Adds words to the changed parts, and what lies between when that is next to nothing.
fn join(parts: &mut Vec<Range<usize>>, line: &str, words: &[Range<usize>]) {
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return };
    match parts.last_mut() {
        Some(part) if line[part.end..first.start].chars().count() <= BRIDGE => part.end = last.end,
        Some(_) | None => parts.push(first.start..last.end),
    }
}

/// Words, blanks, and every other character alone.
fn words(line: &str) -> Vec<Range<usize>> {
    let sort = |letter: char| match letter {
        '_' => 1,
        letter if letter.is_alphanumeric() => 1,
        ' ' => 2,
        _ => 0,
    };
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut last = 0;
    for (at, letter) in line.char_indices() {
        let (now, end) = (sort(letter), at + letter.len_utf8());
        match words.last_mut() {
            Some(word) if now != 0 && now == last => word.end = end,
            Some(_) | None => words.push(at..end),
        }
        last = now;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(old: &str, new: &str) -> (Vec<String>, Vec<String>) {
        let (removed, added) = changed(old, new);
        let text = |line: &str, parts: Vec<Range<usize>>| parts.into_iter().map(|part| line[part].to_owned()).collect();
        (text(old, removed), text(new, added))
    }

    #[test]
    fn only_what_differs_is_marked() {
        for (old, new, removed, added) in [
            (
                "wait(Duration::from_secs(2));",
                "wait(Duration::from_millis(200));",
                &["from_secs(2"][..],
                &["from_millis(200"][..],
            ),
            ("get(live))", "get(live)).route(ready)", &[], &[".route(ready)"]),
            ("cargo test", "cargo test --workspace", &[], &[" --workspace"]),
            ("déjà vu", "déjà lu", &["vu"], &["lu"]),
            ("nothing of it stays", "0", &[], &[]),
            ("same", "same", &[], &[]),
            ("", "new", &[], &[]),
        ] {
            assert_eq!(
                marked(old, new),
                (
                    removed.iter().map(|text| (*text).to_owned()).collect(),
                    added.iter().map(|text| (*text).to_owned()).collect()
                ),
                "{old:?} to {new:?}"
            );
        }
    }

    #[test]
    fn long_lines_are_not_compared() {
        let long = "a b ".repeat(WORDS);
        assert_eq!(marked(&long, &format!("{long}c")), (Vec::new(), Vec::new()));
    }
}
