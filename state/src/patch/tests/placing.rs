//! Where hunks go, and what they do to files of every kind.

use super::{apply_hunks, refuse_hunks};

/// Each: what it shows, a file, hunks, and the file afterwards.
const FITS: &[(&str, &str, &str, &str)] = &[
    ("replace", "a\nb\nc\n", "@@\n a\n-b\n+B\n c\n", "a\nB\nc\n"),
    ("insert", "a\nc\n", "@@\n a\n+b\n c\n", "a\nb\nc\n"),
    ("remove", "a\nb\nc\n", "@@\n-b\n", "a\nc\n"),
    ("replace all", "a\n", "@@\n-a\n+b\n+c\n", "b\nc\n"),
    ("remove all", "a\nb\n", "@@\n-a\n-b\n", ""),
    ("insert into nothing", "", "@@\n+a\n", "a\n"),
    ("only new lines go to the end", "a\nb\n", "@@\n+c\n", "a\nb\nc\n"),
    ("below a context", "a\nb\nc\n", "@@ a\n+x\n", "a\nx\nb\nc\n"),
    ("at the end in spite of a context", "a\nb\nc\n", "@@ a\n+x\n*** End of File\n", "a\nb\nc\nx\n"),
    ("the first of many", "x\na\nx\na\n", "@@\n-a\n+A\n", "x\nA\nx\na\n"),
    ("two hunks in order", "a\nx\na\nx\n", "@@\n-a\n+1\n@@\n-a\n+2\n", "1\nx\n2\nx\n"),
    ("a hunk right below another", "a\nb\n", "@@\n-a\n+1\n@@\n-b\n+2\n", "1\n2\n"),
    ("context narrows", "f\n x\ng\n x\n", "@@ g\n- x\n+ y\n", "f\n x\ng\n y\n"),
    (
        "contexts narrow one another",
        "class A\n def f\n  x\nclass B\n def e\n  x\n def f\n  x\n",
        "@@ class B\n@@  def f\n-  x\n+  y\n",
        "class A\n def f\n  x\nclass B\n def e\n  x\n def f\n  y\n",
    ),
    ("a context forgives blanks", "  fn f() {\n x\n", "@@ fn f() {\n- x\n+ y\n", "  fn f() {\n y\n"),
    ("the end counts", "a\nb\na\n", "@@\n-a\n+z\n*** End of File\n", "a\nb\nz\n"),
    ("blanks at line ends", "a  \nb\t\n", "@@\n a\n-b\n+c\n", "a  \nc\n"),
    ("blanks in the patch", "a\nb\n", "@@\n a  \n-b \n+c\n", "a\nc\n"),
    ("blanks at both sides", "\ta\n\t\tb\n", "@@\n a\n-    b\n+\t\tc\n", "\ta\n\t\tc\n"),
    ("dashes and quotes", "x – “y” it’s\nb\n", "@@\n x - \"y\" it's\n-b\n+c\n", "x – “y” it’s\nc\n"),
    ("odd spaces", "a\u{a0}b\u{2003}c\nd\n", "@@\n a b c\n-d\n+e\n", "a\u{a0}b\u{2003}c\ne\n"),
    ("plain in the file, odd in the patch", "a - b\nx\n", "@@\n a — b\n-x\n+y\n", "a - b\ny\n"),
    ("exact far below beats blanks nearby", "a \nx\na\n", "@@\n-a\n+b\n", "a \nx\nb\n"),
    ("blanks at ends beat blanks at both sides", " a\nx\na \n", "@@\n-a\n+b\n", " a\nx\nb\n"),
    ("blank lines count", "a\n\nb\n", "@@\n a\n\n-b\n+c\n", "a\n\nc\n"),
    ("a spacer at the end is forgiven", "a\nb\n", "@@\n-a\n+A\n\n", "A\nb\n"),
    ("spacers between hunks are forgiven", "a\nb\n", "@@\n-a\n+A\n\n\n@@\n-b\n+B\n", "A\nB\n"),
    ("a blank line that is there is no spacer", "a\nx\na\n\n", "@@\n-a\n+A\n\n", "a\nx\nA\n\n"),
    ("a spacer before the end", "a\nb\n", "@@\n-b\n+B\n\n*** End of File\n", "a\nB\n"),
    ("lines that only stay", "a\nb\nb\n", "@@\n a\n b\n@@\n-b\n+c\n", "a\nb\nc\n"),
    ("new lines before old ones", "a\nb\n", "@@\n+x\n-b\n", "a\nx\n"),
    ("CRLF", "a\r\nb\r\nc\r\n", "@@\n a\n-b\n+B\n+B2\n c\n", "a\r\nB\r\nB2\r\nc\r\n"),
    ("CRLF, patch with CR", "a\r\nb\r\n", "@@\n a\r\n-b\r\n+c\r\n", "a\r\nc\r\n"),
    ("mixed ends, replaced line by line", "a\r\nb\nc\r\n", "@@\n-a\n-b\n+A\n+B\n", "A\r\nB\nc\r\n"),
    ("mixed ends, as the line above", "a\r\nb\n", "@@\n a\n+x\n b\n+y\n", "a\r\nx\r\nb\ny\n"),
    ("mixed ends, at the top as below", "a\r\nb\n", "@@\n+x\n a\n", "x\r\na\r\nb\n"),
    ("no last line end, elsewhere", "a\nb", "@@\n-a\n+A\n", "A\nb"),
    ("no last line end, replaced", "a\nb", "@@\n-b\n+B\n", "a\nB"),
    ("no last line end, appended", "a\nb", "@@\n b\n+c\n", "a\nb\nc"),
    ("no last line end, removed", "a\nb", "@@\n-b\n", "a"),
    ("no last line end, CRLF", "a\r\nb", "@@\n-b\n+B\n+C\n", "a\r\nB\r\nC"),
    ("no last line end, one line", "a", "@@\n-a\n+b\n", "b"),
    ("a byte order mark, elsewhere", "\u{feff}a\nb\n", "@@\n-b\n+c\n", "\u{feff}a\nc\n"),
    ("a byte order mark, first line", "\u{feff}a\nb\n", "@@\n-a\n+A\n", "\u{feff}A\nb\n"),
    ("a byte order mark, in the patch too", "\u{feff}a\nb\n", "@@\n-\u{feff}a\n+\u{feff}A\n", "\u{feff}A\nb\n"),
    ("a byte order mark, above the first line", "\u{feff}a\n", "@@\n+x\n a\n", "\u{feff}x\na\n"),
    ("zero bytes", "a\0b\nc\0\n", "@@\n a\0b\n-c\0\n+d\n", "a\0b\nd\n"),
    ("other controls", "a\x0cb\x1b[0m\nc\n", "@@\n-c\n+d\x07\n", "a\x0cb\x1b[0m\nd\x07\n"),
    ("lone CR is no line end", "a\rb\nc\n", "@@\n-c\n+d\n", "a\rb\nd\n"),
    ("CR before CRLF", "a\r\r\nb\n", "@@\n-b\n+c\n", "a\r\r\nc\n"),
    ("wide characters", "字\n😀\n", "@@\n 字\n-😀\n+é\n", "字\né\n"),
];

#[test]
fn hunks_find_their_place() {
    for (name, old, hunks, new) in FITS {
        assert_eq!(
            apply_hunks(old.as_bytes(), hunks).escape_ascii().to_string(),
            new.as_bytes().escape_ascii().to_string(),
            "{name}"
        );
    }
}

/// Each: what it shows, a file, hunks, the number of the hunk that is blamed, and what is said of it.
const REFUSED: &[(&str, &str, &str, usize, &str)] = &[
    ("not there", "a\n", "@@\n-b\n", 1, "these lines are not in the file.\nb\n"),
    ("longer than the file", "a\n", "@@\n-a\n-a\n", 1, "these lines are not in the file.\na\na\n"),
    ("an empty file", "", "@@\n-a\n", 1, "these lines are not in the file.\na\n"),
    ("a near miss", "a b\n", "@@\n-ab\n", 1, "not in the file"),
    ("case counts", "A\n", "@@\n-a\n", 1, "not in the file"),
    ("the second of two", "a\nb\n", "@@\n-a\n+x\n@@\n-c\n", 2, "not in the file (searched from line 2).\nc\n"),
    ("against the order", "a\nb\n", "@@\n-b\n+x\n@@\n-a\n", 2, "from line 3 on (found at line 1; hunks must"),
    ("twice the same line", "a\n", "@@\n-a\n+x\n@@\n-a\n", 2, "found at line 1"),
    ("no context", "a\n", "@@ f\n-a\n", 1, "the line after `@@` is not in the file.\nf\n"),
    ("contexts in the wrong order", "g\nf\nx\n", "@@ f\n@@ g\n-x\n", 1, "found at line 1"),
    ("only above its context", "x\nf\n", "@@ f\n-x\n", 1, "found at line 1"),
    (
        "not at the end",
        "a\nb\n",
        "@@\n-a\n*** End of File\n",
        1,
        "not at the end of the file (they are at line 1).\na\n",
    ),
];

#[test]
fn hunks_without_a_place_are_named() {
    for (name, old, hunks, number, said) in REFUSED {
        let rejection = refuse_hunks(old.as_bytes(), hunks);
        assert_eq!((rejection.path.as_deref(), rejection.hunk), (Some("f"), Some(*number)), "{name}: {rejection}");
        assert!(rejection.to_string().contains(said), "{name}: {rejection}");
    }
}

#[test]
fn bytes_that_are_no_text_stay_as_they_are() {
    assert_eq!(apply_hunks(b"caf\xe9\nb\n\xff\xfe\n", "@@\n-b\n+c\n"), b"caf\xe9\nc\n\xff\xfe\n");
    // The model sees such bytes as replacement characters; lines that hold them can still be found.
    assert_eq!(apply_hunks(b"caf\xe9\nb\n", "@@\n caf\u{fffd}\n-b\n+c\n"), b"caf\xe9\nc\n");
    assert_eq!(apply_hunks(b"\xe9\nb\n", "@@\n-\u{fffd}\n+e\n"), b"e\nb\n");
    // A file that is UTF-8 but for some bytes takes wide characters.
    assert_eq!(
        apply_hunks(
            "ä\n".as_bytes().iter().chain(b"\xe9\nb\n").copied().collect::<Vec<_>>().as_slice(),
            "@@\n-b\n+ö\n"
        ),
        b"\xc3\xa4\n\xe9\n\xc3\xb6\n"
    );
}

#[test]
fn files_that_a_patch_would_harm_are_refused() {
    let refused = |old: &[u8], hunks: &str| refuse_hunks(old, hunks).reason;
    assert!(refused(b"caf\xe9\nb\n", "@@\n-b\n+é\n").contains("not UTF-8"), "mixed encodings");
    assert!(refused(b"caf\xe9\n", "@@\n-caf\u{fffd}\n+th\u{fffd}\n").contains("not UTF-8"), "a lost byte");
    assert!(refused(b"\xff\xfea\0\n\0", "@@\n+x\n").contains("UTF-16"));
}

#[test]
fn long_lists_of_lines_are_cut() {
    let hunk = format!("@@\n{}", "-x\n".repeat(50)) + "-" + &"ä".repeat(1000) + "\n";
    let rejection = refuse_hunks(b"a\n", &hunk);
    assert_eq!((rejection.lines.len(), rejection.more_lines), (40, 11));
    assert!(rejection.to_string().ends_with("x\n… and 11 more lines\nNothing was changed."), "{rejection}");
    let rejection = refuse_hunks(b"a\n", &format!("@@\n-{}\n", "ä".repeat(1000)));
    assert_eq!(rejection.lines, ["ä".repeat(200) + "…"]);
}
