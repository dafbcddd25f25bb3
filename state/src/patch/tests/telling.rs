//! What is shown of a patch, before and after the files are read.

use super::{FileView, Files, line_views, parse, plan_in, preview, sections, views};
use crate::patch::Rejection;

/// Views as text: one line a file, one a line.
fn told(views: &[FileView<'_>]) -> String {
    let mut text = String::new();
    let number = |number: Option<usize>| number.map_or_else(|| "·".to_owned(), |number| number.to_string());
    for view in views {
        text += &format!("{} {}", view.letter, view.path);
        text += &view.move_to.as_ref().map_or_else(String::new, |target| format!(" → {target}"));
        text += &format!(" +{} -{}\n", view.added_lines, view.removed_lines);
        for hunk in &view.hunks {
            text += &hunk.contexts.iter().map(|context| format!("  @@ {context}\n")).collect::<String>();
            for line in line_views(hunk) {
                let (old, new) = (number(line.old_number), number(line.new_number));
                text += &format!("  {old} {new} {}{}\n", line.mark.sign(), line.text);
            }
        }
    }
    text
}

const PATCH: &str =
    "*** Add File: n\n+x\n+y\n*** Delete File: d\n*** Update File: m\n*** Move to: k\n@@ f\n a\n-b\n+B\n+C\n@@\n-  e\n";

#[test]
fn a_plan_is_shown_with_the_lines_of_the_files() {
    let files = Files::from([
        ("/w/d".to_owned(), b"1\r\n\xff".to_vec()),
        ("/w/m".to_owned(), b"0\n f\na \nb\nc\nd\n e\n".to_vec()),
    ]);
    let changes = plan_in(&files, &sections(PATCH)).unwrap();
    let wanted = "D d +0 -2\n  1 · -1\n  2 · -\u{fffd}\nM m → k +2 -2\n  3 3  a \n  4 · -b\n  · 4 +B\n  · 5 +C\n  7 · - e\nA n +2 -0\n  · 1 +x\n  · 2 +y\n";
    assert_eq!(told(&views(&changes)), wanted);
}

#[test]
fn a_patch_is_shown_before_files_are_read() {
    let wanted = "A n +2 -0\n  · 1 +x\n  · 2 +y\nD d +0 -0\nM m → k +2 -2\n  @@ f\n  · ·  a\n  · · -b\n  · · +B\n  · · +C\n  · · -  e\n";
    assert_eq!(told(&preview(&sections(PATCH))), wanted);
}

#[test]
fn a_file_that_is_replaced_is_shown_whole() {
    let files = Files::from([("/w/a".to_owned(), b"1\n2\n".to_vec())]);
    let changes = plan_in(&files, &sections("*** Add File: a\n+3\n")).unwrap();
    assert_eq!(told(&views(&changes)), "A a +1 -2\n  1 · -1\n  2 · -2\n  · 1 +3\n");
}

#[test]
fn a_plain_move_has_no_lines() {
    let files = Files::from([("/w/a".to_owned(), b"1\n".to_vec())]);
    let changes = plan_in(&files, &sections("*** Update File: a\n*** Move to: b\n")).unwrap();
    assert_eq!(told(&views(&changes)), "M a → b +0 -0\n");
}

#[test]
fn a_malformed_patch_is_told_to_the_model() {
    let malformed = parse("*** Begin Patch\n*** Update File: a\n*** End Patch").unwrap_err();
    assert_eq!(
        Rejection::from(malformed).to_string(),
        "apply_patch verification failed: line 2: The update of `a` contains no change.\nNothing was changed."
    );
}
