//! What holds for every patch: nothing panics, printing and reading are inverse, a patch can be taken back, and every
//! hunk goes where the definition says.

use proptest::prelude::*;

use super::super::{Hunk, Mark, Patch, Section, fold::Step, from_shell_text, lines::Lines, parse, place::place};
use super::{Files, plan_in};

fn cases() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, cases: 3000, ..ProptestConfig::default() }
}

/// Pieces that patches are made of, so that random texts come close to the grammar.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "*** Begin Patch",
        "*** End Patch",
        "*** Add File: a",
        "*** Update File: f",
        "*** Delete File: f",
        "*** Move to: b",
        "*** End of File",
        "***",
        "@@",
        "@@ a",
        "@@@",
        " a",
        "-a",
        "+a",
        "+b",
        " ",
        "+",
        "-",
        "",
        "\n",
        "\r\n",
        "\r",
        "<<'EOF'",
        "EOF",
        "apply_patch",
        "cd x && ",
        "'",
        "\u{feff}",
        "é",
        "\0",
        "-1,2 +3 @@",
    ]);
    let line_end = prop::sample::select(vec!["\n", "\n", "\n", "", "\r\n"]);
    prop::collection::vec((piece, line_end), 0..24)
        .prop_map(|pieces| pieces.into_iter().map(|(piece, end)| piece.to_owned() + end).collect())
}

fn framed() -> impl Strategy<Value = String> {
    let lines = prop::collection::vec(
        prop::sample::select(vec!["@@\n", "@@ a\n", " a\n", "-a\n", "+x\n", "\n", " b\n", "-b \n"]),
        1..12,
    );
    let end = prop::sample::select(vec!["", "*** End of File\n"]);
    (lines, end)
        .prop_map(|(lines, end)| format!("*** Begin Patch\n*** Update File: f\n{}{end}*** End Patch\n", lines.concat()))
}

fn old_bytes() -> impl Strategy<Value = Vec<u8>> {
    let line =
        prop::sample::select(vec![&b"a\n"[..], b"b\n", b"\n", b"a \r\n", b"b", b"\xff\n", b"\xef\xbb\xbf", b"\0"]);
    prop::collection::vec(line, 0..12).prop_map(|lines| lines.concat())
}

/// Whole patches as the reader makes them.
fn patches() -> impl Strategy<Value = Patch> {
    let path = "[a-z/.~é' -]{0,8}x";
    let text = "[ -~é\t]{0,6}";
    let mark = prop::sample::select(vec![Mark::Kept, Mark::Removed, Mark::Added]);
    let body = prop::collection::vec((mark, text), 0..5).prop_map(|lines| {
        lines.iter().map(|(mark, text)| format!("{}{text}\n", mark.sign())).collect::<String>() + "+x\n"
    });
    let context = "[a-zé][ -~]{0,4}".prop_map(String::from);
    let hunk = (prop::collection::vec(context, 0..3), body, any::<bool>()).prop_map(|(contexts, body, at_end)| Hunk {
        contexts,
        body,
        at_end,
    });
    let content = prop::collection::vec(text, 0..4)
        .prop_map(|lines| lines.iter().map(|line| format!("{line}\n")).collect::<String>());
    let section = prop_oneof![
        (path, content).prop_map(|(path, content)| Section::Add { path, content }),
        path.prop_map(|path| Section::Delete { path }),
        (path, prop::option::of(path), prop::collection::vec(hunk, 1..4))
            .prop_map(|(path, move_to, hunks)| Section::Update { path, move_to, hunks }),
    ];
    prop::collection::vec(section, 1..5).prop_map(|mut sections| {
        sections.iter_mut().for_each(trim_paths);
        Patch { sections }
    })
}

fn trim_paths(section: &mut Section) {
    let trim = |path: &mut String| *path = path.trim().to_owned();
    match section {
        Section::Add { path, .. } | Section::Delete { path } => trim(path),
        Section::Update { path, move_to, .. } => {
            trim(path);
            move_to.iter_mut().for_each(trim);
        }
    }
}

/// A file of lines that all differ, and what is done to each: 0 to 5 leave it, 6 drops it, 7 replaces it, 8 puts one behind it.
fn edits() -> impl Strategy<Value = (Vec<u8>, &'static str, bool)> {
    (prop::collection::vec(0..9_u8, 1..40), prop::sample::select(vec!["\n", "\r\n"]), any::<bool>())
}

/// The hunk body that does all edits at once, cut into hunks where `cut` says so.
fn patch_of(edits: &[u8], cut: usize) -> Patch {
    let mut hunks = vec![Hunk::default()];
    for (number, edit) in edits.iter().enumerate() {
        if number % cut == cut - 1 {
            hunks.push(Hunk::default());
        }
        let body = &mut hunks.last_mut().unwrap().body;
        match edit {
            6 => *body += &format!("-line {number}\n"),
            7 => *body += &format!("-line {number}\n+new {number}\n"),
            8 => *body += &format!(" line {number}\n+new {number}\n"),
            _ => *body += &format!(" line {number}\n"),
        }
    }
    hunks.retain(|hunk| !hunk.body.is_empty());
    Patch { sections: vec![Section::Update { path: "f".to_owned(), move_to: None, hunks }] }
}

fn reversed(patch: &Patch) -> Patch {
    let mut patch = patch.clone();
    for section in &mut patch.sections {
        if let Section::Update { hunks, .. } = section {
            for hunk in hunks {
                let swap = |(mark, text): (Mark, &str)| match mark {
                    Mark::Kept => format!(" {text}\n"),
                    Mark::Removed => format!("+{text}\n"),
                    Mark::Added => format!("-{text}\n"),
                };
                hunk.body = hunk.lines().map(swap).collect();
            }
        }
    }
    patch
}

/// Whether every hunk names a line of the file.
fn is_anchored(patch: &Patch) -> bool {
    patch.sections.iter().all(|section| match section {
        Section::Update { hunks, .. } => hunks.iter().all(|hunk| hunk.old_lines().next().is_some()),
        Section::Add { .. } | Section::Delete { .. } => true,
    })
}

fn file_of(lines: impl Iterator<Item = String>, end: &str, is_open: bool) -> Vec<u8> {
    let mut text: String = lines.map(|line| line + end).collect();
    if is_open {
        text.truncate(text.len().saturating_sub(end.len()));
    }
    text.into_bytes()
}

fn applied(old: &[u8], patch: &Patch) -> Vec<u8> {
    let files = Files::from([("/w/f".to_owned(), old.to_vec())]);
    plan_in(&files, patch).unwrap().remove(0).new.unwrap()
}

/// Where a hunk goes, taken literally.
fn defined(text: &[Vec<u8>], hunk: &Hunk, from: usize) -> Option<(usize, usize)> {
    let find = |needle: &[&str], from: usize, at_end: bool| {
        Step::ALL.into_iter().find_map(|step| {
            (from..=text.len().checked_sub(needle.len())?).find(|at| {
                let same =
                    needle.iter().zip(&text[*at..]).all(|(line, there)| step.key(line.as_bytes()) == step.key(there));
                same && (!at_end || at + needle.len() == text.len())
            })
        })
    };
    let mut from = from;
    for context in &hunk.contexts {
        from = find(&[context], from, false)? + 1;
    }
    let old: Vec<&str> = hunk.old_lines().collect();
    if old.is_empty() {
        let at = if hunk.contexts.is_empty() || hunk.at_end { text.len() } else { from };
        return Some((at, at));
    }
    let short = old.len() - hunk.blank_tail();
    let whole = find(&old, from, hunk.at_end).map(|at| (at, at + old.len()));
    whole.or_else(|| (short > 0).then(|| find(&old[..short], from, hunk.at_end)).flatten().map(|at| (at, at + short)))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn nothing_panics_and_what_is_read_prints_as_it_reads(text in pieces(), old in old_bytes()) {
        let _ = from_shell_text(&text);
        let wrapped = format!("*** Begin Patch\n{text}*** End Patch\n");
        for text in [text, wrapped] {
            if let Ok(patch) = parse(&text) {
                let again = parse(&patch.to_string());
                prop_assert_eq!(again.as_ref(), Ok(&patch));
                let _ = plan_in(&Files::from([("/w/f".to_owned(), old.clone())]), &patch);
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = from_shell_text(&text);
        let _ = parse(&text);
        let _ = parse(&format!("*** Begin Patch\n*** Update File: f\n@@\n{text}"));
    }

    #[test]
    fn what_is_printed_reads_the_same(patch in patches()) {
        prop_assert_eq!(parse(&patch.to_string()), Ok(patch));
    }

    #[test]
    fn a_patch_does_what_it_says_and_can_be_taken_back((edits, end, is_open) in edits(), cut in 2..9_usize) {
        let old = file_of((0..edits.len()).map(|number| format!("line {number}")), end, is_open);
        let new = file_of(edits.iter().enumerate().flat_map(|(number, edit)| match edit {
            6 => vec![],
            7 => vec![format!("new {number}")],
            8 => vec![format!("line {number}"), format!("new {number}")],
            _ => vec![format!("line {number}")],
        }), end, is_open);
        let patch = patch_of(&edits, cut);
        // The line ends of a file without any are not known.
        prop_assume!(old.contains(&b'\n'));
        prop_assert_eq!(applied(&old, &patch).escape_ascii().to_string(), new.escape_ascii().to_string());
        // Lines that are only put back, without any line around them, have no place.
        let back = reversed(&patch);
        if new.contains(&b'\n') && is_anchored(&back) {
            prop_assert_eq!(applied(&new, &back), old);
        }
    }

    #[test]
    fn hunks_go_where_the_definition_says(text in framed(), old in prop::collection::vec(prop::sample::select(vec!["a", "b", "a ", " b", ""]), 0..16)) {
        let Ok(patch) = parse(&text) else { return Ok(()) };
        let Section::Update { hunks, .. } = &patch.sections[0] else { return Ok(()) };
        let bytes: Vec<u8> = old.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect();
        let lines: Vec<Vec<u8>> = old.iter().map(|line| line.as_bytes().to_vec()).collect();
        let mut from = 0;
        let mut wanted = Some(Vec::new());
        for hunk in hunks {
            match (defined(&lines, hunk, from), &mut wanted) {
                (Some((at, next)), Some(places)) => {
                    from = next;
                    places.push(at);
                }
                (None, _) | (_, None) => {
                    wanted = None;
                    break;
                }
            }
        }
        let found = place(&Lines::of(&bytes), hunks).0.ok().map(|places| places.iter().map(|place| place.at).collect::<Vec<_>>());
        prop_assert_eq!(found, wanted);
    }
}
