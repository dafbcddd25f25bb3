//! Lines are counted one way: in a question, in the transcript, in `exec` and in a turn's diff.

use super::super::{ChangeKind, FileContent, ReadError, parse, plan, preview, views};
use crate::changes;

/// What a patch does to `f`: the counts of the preview, of the plan, and of a diff of the contents.
fn counts(old: &str, patch: &str) -> [(usize, usize); 3] {
    let patch = parse(&format!("*** Begin Patch\n{patch}*** End Patch\n")).unwrap();
    let mut read = |_: &str| match old {
        "" => Err(ReadError::Missing),
        old => Ok(FileContent { bytes: old.as_bytes().to_vec() }),
    };
    let changes = plan(&patch, "/w", &mut read).unwrap();
    let before = preview(&patch);
    let total = |counts: &mut dyn Iterator<Item = (usize, usize)>| {
        counts.fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1))
    };
    let shown = total(&mut before.iter().map(|view| (view.added_lines, view.removed_lines)));
    let planned = views(&changes);
    let marks = |sign: char| {
        let bodies = planned.iter().flat_map(|view| &view.hunks);
        bodies.flat_map(|hunk| hunk.body.split_terminator('\n')).filter(|line| line.starts_with(sign)).count()
    };
    let told = total(&mut planned.iter().map(|view| (view.added_lines, view.removed_lines)));
    assert_eq!((marks('+'), marks('-')), told, "the lines that are shown");
    let change = &changes[0];
    let found = changes::hunks(change.old.as_deref().unwrap_or_default(), change.new.as_deref().unwrap_or_default());
    [shown, told, (found.added_lines, found.removed_lines)]
}

#[test]
fn a_line_that_goes_and_comes_back_is_no_change() {
    for (old, patch, count) in [
        ("a\nb\nc\n", "*** Update File: f\n@@\n-a\n-b\n+a\n+x\n c\n", (1, 1)),
        ("a\nb\nc\n", "*** Update File: f\n@@\n-a\n-b\n-c\n+a\n+b\n+c\n", (0, 0)),
        ("a\nb\nc\n", "*** Update File: f\n@@\n-a\n+a\n b\n-c\n+d\n", (1, 1)),
        ("a\nb\nc\n", "*** Update File: f\n@@\n-a\n-b\n-c\n+new\n+a\n+b\n+c\n+end\n", (2, 0)),
        ("a\r\nb\r\nc\r\n", "*** Update File: f\n@@\n-a\n-b\n+a\n+x\n", (1, 1)),
        ("a\nb", "*** Update File: f\n@@\n-a\n-b\n+a\n+b\n+c\n", (2, 1)),
        ("a\nb\n", "*** Update File: f\n@@\n-a\n+x\n-b\n+y\n", (2, 2)),
        ("", "*** Add File: f\n+a\n+b\n", (2, 0)),
    ] {
        let [shown, told, diff] = counts(old, patch);
        if old == "a\nb" {
            // Whether the last line gets an end is known once the file is read.
            assert_eq!((told, shown), ((1, 0), (1, 0)), "{patch:?}");
            continue;
        }
        assert_eq!([shown, told, diff], [count; 3], "{patch:?}");
    }
}

#[test]
fn what_is_replaced_or_changed_twice_is_counted_by_its_content() {
    for (old, patch, count) in [
        ("a\nb\nc\n", "*** Add File: f\n+a\n+x\n+c\n", (1, 1)),
        ("a\n", "*** Add File: f\n+a\n", (0, 0)),
        ("a\nb\n", "*** Update File: f\n@@\n-a\n+x\n*** Update File: f\n@@\n-x\n+y\n", (1, 1)),
        ("a\nb\n", "*** Update File: f\n@@\n-a\n+x\n*** Update File: f\n@@\n-x\n+a\n", (0, 0)),
    ] {
        let [_, told, diff] = counts(old, patch);
        assert_eq!([told, diff], [count; 2], "{patch:?}");
    }
    let patch = parse("*** Begin Patch\n*** Add File: f\n+a\n+x\n*** End Patch\n").unwrap();
    let read = |_: &str| Ok(FileContent { bytes: b"a\nb\n".to_vec() });
    let changes = plan(&patch, "/w", &mut { read }).unwrap();
    assert_eq!((&changes[0].kind, changes[0].hunks[0].body.as_str()), (&ChangeKind::Add, " a\n-b\n+x\n"));
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_line() {
    for (new, body) in [("+a\n+x\n", "-a\n-b\n+a\n+x\n"), ("+\u{feff}a\n+x\n", " a\n-b\n+x\n")] {
        let patch = parse(&format!("*** Begin Patch\n*** Add File: f\n{new}*** End Patch\n")).unwrap();
        let read = |_: &str| Ok(FileContent { bytes: "\u{feff}a\nb\n".as_bytes().to_vec() });
        assert_eq!(plan(&patch, "/w", &mut { read }).unwrap()[0].hunks[0].body, body);
    }
}
