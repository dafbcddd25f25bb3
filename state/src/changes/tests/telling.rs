//! The diff of a turn.

use super::{super::diff, Change, FOLDER, RawPath, change, content, file, link, not_kept, opaque, runnable};
use crate::{
    changes::{Fact, FileDiffKind},
    patch,
};

fn told(changes: &[Change]) -> String {
    diff(changes, &RawPath::from("/w"), &mut |digest| Some(content(digest))).text
}

#[test]
fn changes_are_told_as_git_tells_them() {
    let cases = [
        (
            change("/w/s/f", file("1\n2\n3\n4\n5\n6\n"), file("1\n2\n3\n4\nfive\n6\n")),
            "diff --git a/s/f b/s/f\n--- a/s/f\n+++ b/s/f\n@@ -2,5 +2,5 @@\n 2\n 3\n 4\n-5\n+five\n 6\n",
        ),
        (
            change("/w/n", Fact::Missing, file("a\nb")),
            "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n",
        ),
        (
            change("/w/n", runnable("a\n"), Fact::Missing),
            "diff --git a/n b/n\ndeleted file mode 100755\n--- a/n\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
        ),
        (change("/w/n", Fact::Missing, file("")), "diff --git a/n b/n\nnew file mode 100644\n"),
        (change("/w/n", file("a"), runnable("a")), "diff --git a/n b/n\nold mode 100644\nnew mode 100755\n"),
        (
            change("/w/n", file("a"), file("a\n")),
            "diff --git a/n b/n\n--- a/n\n+++ b/n\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n",
        ),
        (
            change("/w/n", file("a\nb"), file("c\nb")),
            "diff --git a/n b/n\n--- a/n\n+++ b/n\n@@ -1,2 +1,2 @@\n-a\n+c\n b\n\\ No newline at end of file\n",
        ),
        (
            change("/w/n", file("a\r\n"), file("b\r\n")),
            "diff --git a/n b/n\n--- a/n\n+++ b/n\n@@ -1 +1 @@\n-a\r\n+b\r\n",
        ),
        (
            change("/w/l", file("a\n"), link("t")),
            "diff --git a/l b/l\ndeleted file mode 100644\n--- a/l\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\ndiff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+t\n\\ No newline at end of file\n",
        ),
        (change("/w/d", Fact::Missing, FOLDER), ""),
        (
            change("/w/d", FOLDER, file("a\n")),
            "diff --git a/d b/d\nnew file mode 100644\n--- /dev/null\n+++ b/d\n@@ -0,0 +1 @@\n+a\n",
        ),
        (
            change("/else/a b", file("1\n"), file("2\n")),
            "diff --git a/else/a b b/else/a b\n--- a/else/a b\t\n+++ b/else/a b\t\n@@ -1 +1 @@\n-1\n+2\n",
        ),
        (
            Change::new(RawPath::from(b"/w/q\"\n\xff\xc3\xa4".to_vec()), Fact::Missing, file("")),
            "diff --git \"a/q\\\"\\n\\377ä\" \"b/q\\\"\\n\\377ä\"\nnew file mode 100644\n",
        ),
        (
            change("/w/b", opaque("s"), file("a")),
            "diff --git a/b b/b\nThe lines are not known: the file is too large to be kept.\n",
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(told(std::slice::from_ref(&change)), expected, "{change:?}");
    }
}

#[test]
fn what_has_no_lines_says_why() {
    let change = change("/w/b", file("old"), not_kept("new"));
    let base = RawPath::from("/w");
    let none = diff(std::slice::from_ref(&change), &base, &mut |_| None);
    assert!(none.text.contains("no copy of the content was kept"), "{}", none.text);
    let binary = diff(&[change], &base, &mut |_| Some(b"a\0b".to_vec()));
    assert!(binary.text.ends_with("Binary files differ.\n"), "{}", binary.text);
    assert_eq!((binary.added_lines, binary.removed_lines), (0, 0));
}

#[test]
fn lines_are_counted_and_painted_like_those_of_a_patch() {
    let changes = [
        change("/w/a", file("1\n2\n3\n"), file("1\nb\nc\n3\n")),
        change("/w/b", Fact::Missing, file("x\n")),
        change("/w/c", file("x\ny\n"), Fact::Missing),
    ];
    let turn = diff(&changes, &RawPath::from("/w"), &mut |digest| Some(content(digest)));
    assert_eq!((turn.added_lines, turn.removed_lines), (3, 3));
    let kinds: Vec<FileDiffKind> = turn.files.iter().map(|file| file.kind).collect();
    assert_eq!(kinds, [FileDiffKind::Change, FileDiffKind::Add, FileDiffKind::Delete]);
    let view = turn.files[0].view();
    assert_eq!((view.letter, view.path.as_ref(), view.added_lines, view.removed_lines), ('M', "a", 2, 1));
    let lines: Vec<(Option<usize>, Option<usize>, &str)> =
        patch::line_views(&view.hunks[0]).map(|line| (line.old_number, line.new_number, line.text)).collect();
    assert_eq!(
        lines,
        [
            (Some(1), Some(1), "1"),
            (Some(2), None, "2"),
            (None, Some(2), "b"),
            (None, Some(3), "c"),
            (Some(3), Some(4), "3")
        ]
    );
}

#[test]
fn a_long_diff_says_what_it_leaves_out() {
    let long = "x\n".repeat(super::super::DIFF_BYTES / 4);
    let changes = [change("/w/a", Fact::Missing, file("1")), change("/w/b", Fact::Missing, file("2"))];
    let turn = diff(&changes, &RawPath::from("/w"), &mut |_| Some(long.clone().into_bytes()));
    assert!(turn.text.len() < super::super::DIFF_BYTES + 200);
    assert!(turn.text.ends_with("1 more files are left out.\n"));
    assert_eq!(turn.files.len(), 2);
}
