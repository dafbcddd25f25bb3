//! Which texts are patches, and which line is blamed in those that are not.

use serde_json::json;

use super::super::{Patch, Section, parse};

/// Each: what it shows, a patch, and the same patch in its plain form.
const READ: &[(&str, &str, &str)] = &[
    ("add", "*** Add File: a\n+x\n+\n", "*** Add File: a\n+x\n+\n"),
    ("an empty file", "*** Add File: a\n", "*** Add File: a\n"),
    ("delete", "*** Delete File: a\n", "*** Delete File: a\n"),
    ("update", "*** Update File: a\n@@\n x\n-y\n+z\n", "*** Update File: a\n@@\n x\n-y\n+z\n"),
    ("the first @@ may be missing", "*** Update File: a\n-y\n+z\n", "*** Update File: a\n@@\n-y\n+z\n"),
    ("context", "*** Update File: a\n@@ fn f()\n-y\n", "*** Update File: a\n@@ fn f()\n-y\n"),
    ("contexts", "*** Update File: a\n@@ class A\n@@   f()\n-y\n", "*** Update File: a\n@@ class A\n@@   f()\n-y\n"),
    ("line numbers name no line", "*** Update File: a\n@@ -1,2 +3 @@ f\n-y\n", "*** Update File: a\n@@\n-y\n"),
    ("a context like line numbers", "*** Update File: a\n@@ -1 +x @@\n-y\n", "*** Update File: a\n@@ -1 +x @@\n-y\n"),
    ("two hunks", "*** Update File: a\n@@\n-y\n@@\n+z\n", "*** Update File: a\n@@\n-y\n@@\n+z\n"),
    ("end of file", "*** Update File: a\n-y\n*** End of File\n", "*** Update File: a\n@@\n-y\n*** End of File\n"),
    (
        "a hunk below the end of file",
        "*** Update File: a\n-y\n*** End of File\n\n@@\n+z\n",
        "*** Update File: a\n@@\n-y\n*** End of File\n@@\n+z\n",
    ),
    ("move and change", "*** Update File: a\n*** Move to: b\n@@\n-y\n", "*** Update File: a\n*** Move to: b\n@@\n-y\n"),
    ("move only", "*** Update File: a\n*** Move to: b\n", "*** Update File: a\n*** Move to: b\n"),
    ("a bare blank line stays", "*** Update File: a\n-y\n\n+z\n", "*** Update File: a\n@@\n-y\n \n+z\n"),
    ("a blank spacer first", "*** Update File: a\n\n@@\n-y\n", "*** Update File: a\n@@\n-y\n"),
    (
        "blank spacers between sections",
        "\n*** Add File: a\n+x\n\n\n*** Delete File: b\n\n",
        "*** Add File: a\n+x\n*** Delete File: b\n",
    ),
    ("headings may be indented", "  *** Delete File:   a b  \n", "*** Delete File: a b\n"),
    (
        "marks inside lines",
        "*** Update File: a\n-*** End Patch\n+@@\n",
        "*** Update File: a\n@@\n-*** End Patch\n+@@\n",
    ),
    (
        "a context line like a marker",
        "*** Update File: a\n *** Add File: x\n+y\n",
        "*** Update File: a\n@@\n *** Add File: x\n+y\n",
    ),
    ("names of all kinds", "*** Delete File: ~/ä \u{1f600}'\".txt\n", "*** Delete File: ~/ä \u{1f600}'\".txt\n"),
    ("a carriage return inside", "*** Update File: a\n-y\r\n+z\n", "*** Update File: a\n@@\n-y\r\n+z\n"),
];

#[test]
fn patches_are_read() {
    for (name, sections, plain) in READ {
        let patch =
            parse(&format!("*** Begin Patch\n{sections}*** End Patch\n")).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(patch.to_string(), format!("*** Begin Patch\n{plain}*** End Patch\n"), "{name}");
        assert_eq!(parse(&patch.to_string()).as_ref(), Ok(&patch), "{name}");
    }
}

/// Each: what it shows, a whole text, the line that is blamed, and a part of the reason.
const REFUSED: &[(&str, &str, usize, &str)] = &[
    ("nothing", "", 1, "first line must be"),
    ("no begin", "*** Add File: a\n+x\n*** End Patch", 1, "first line must be"),
    ("text before it", "Here:\n*** Begin Patch\n*** End Patch", 1, "first line must be"),
    ("no end", "*** Begin Patch\n*** Add File: a\n+x\n", 4, "without `*** End Patch`"),
    ("no end of an update", "*** Begin Patch\n*** Update File: a\n@@\n-x", 5, "without `*** End Patch`"),
    ("no sections", "\n*** Begin Patch\n*** End Patch\n", 3, "changes no file"),
    ("text below it", "*** Begin Patch\n*** Delete File: a\n*** End Patch\nmore", 4, "Nothing may follow"),
    ("begun twice", "*** Begin Patch\n*** Begin Patch\n*** End Patch", 2, "second time"),
    ("an empty update", "*** Begin Patch\n*** Update File: a\n*** End Patch", 2, "contains no change"),
    ("an empty hunk", "*** Begin Patch\n*** Update File: a\n@@\n*** End Patch", 3, "contains no lines"),
    ("a blank hunk", "*** Begin Patch\n*** Update File: a\n@@\n\n \n*** End Patch", 3, "contains no lines"),
    ("an empty second hunk", "*** Begin Patch\n*** Update File: a\n-x\n@@ y\n*** End Patch", 4, "contains no lines"),
    (
        "only an end of file",
        "*** Begin Patch\n*** Update File: a\n@@\n*** End of File\n*** End Patch",
        3,
        "contains no lines",
    ),
    (
        "a line without mark",
        "*** Begin Patch\n*** Update File: a\n@@\n-x\ny\n*** End Patch",
        5,
        "must begin with a space",
    ),
    ("a tab for a mark", "*** Begin Patch\n*** Update File: a\n@@\n\tx\n*** End Patch", 4, "must begin with a space"),
    (
        "a glued context",
        "*** Begin Patch\n*** Update File: a\n@@f\n-x\n*** End Patch",
        3,
        "separated from it by a space",
    ),
    ("an unknown marker", "*** Begin Patch\n*** Rename File: a\n*** End Patch", 2, "Expected `*** Add File:`"),
    ("an unknown marker in a hunk", "*** Begin Patch\n*** Update File: a\n-x\n*** Oops\n*** End Patch", 4, "Expected"),
    ("a line between sections", "*** Begin Patch\nhello\n*** End Patch", 2, "Expected"),
    ("add without plus", "*** Begin Patch\n*** Add File: a\n+x\ny\n*** End Patch", 4, "must begin with `+`"),
    ("a blank line inside add", "*** Begin Patch\n*** Add File: a\n+x\n\n+y\n*** End Patch", 5, "must begin with `+`"),
    ("delete with a body", "*** Begin Patch\n*** Delete File: a\n-x\n*** End Patch", 3, "takes no lines"),
    (
        "lines below the end of file",
        "*** Begin Patch\n*** Update File: a\n-x\n*** End of File\n-y\n*** End Patch",
        5,
        "Only a new hunk",
    ),
    ("a move of nothing", "*** Begin Patch\n*** Move to: b\n*** End Patch", 2, "right after"),
    ("a move below a hunk", "*** Begin Patch\n*** Update File: a\n-x\n*** Move to: b\n*** End Patch", 4, "right after"),
    ("an end of nothing", "*** Begin Patch\n*** End of File\n*** End Patch", 2, "end of a hunk"),
    ("no path", "*** Begin Patch\n*** Add File:  \n+x\n*** End Patch", 2, "path is missing"),
    ("no target", "*** Begin Patch\n*** Update File: a\n*** Move to:\n*** End Patch", 3, "path is missing"),
    ("a zero byte in a path", "*** Begin Patch\n*** Delete File: a\0b\n*** End Patch", 2, "zero byte"),
    ("another document's end", "<<'A'\n*** Begin Patch\n*** Delete File: a\n*** End Patch\nB", 5, "Nothing may follow"),
];

#[test]
fn malformed_patches_are_refused_with_their_line() {
    for (name, text, line, reason) in REFUSED {
        let malformed = parse(text).expect_err(name);
        assert_eq!(malformed.line, *line, "{name}: {malformed}");
        assert!(malformed.reason.contains(reason), "{name}: {malformed}");
        assert!(malformed.reason.ends_with('.'), "{name}: {malformed}");
    }
}

#[test]
fn wrappings_are_no_obstacle() {
    let plain = "*** Begin Patch\n*** Update File: a\n@@ f\n x\n-y\n+z\n*** End Patch\n";
    let wanted = parse(plain).unwrap();
    let wrapped = [
        plain.trim_end().to_owned(),
        format!("\n \n{plain}\n\n"),
        plain.replace('\n', "\r\n"),
        format!("<<'EOF'\n{plain}EOF\n"),
        format!("<<EOF\n{plain}EOF"),
        format!("<<\"PATCH\"\n\n{plain}\nPATCH\n\n"),
        format!("apply_patch <<'EOF'\n{plain}EOF\n"),
        format!("applypatch << 'EOF'\n{plain}EOF\n"),
        format!("<<'EOF'\n{plain}"),
        format!("<<'EOF'\r\n{}EOF\r\n", plain.replace('\n', "\r\n")),
        plain.replace("*** Begin Patch", "  *** Begin Patch  ").replace("*** End Patch", "*** End Patch "),
        plain.replace("*** End Patch", " *** End Patch"),
        plain.replace("*** End Patch", "\t*** End Patch \t"),
        format!("{}\n \n", plain.replace("*** End Patch", "  *** End Patch").trim_end()),
        plain.replace("*** End Patch", " *** End Patch").replace('\n', "\r\n"),
        format!("<<'EOF'\n{}EOF\n", plain.replace("*** End Patch", " *** End Patch")),
        format!("```\n{plain}```\n"),
        format!("```diff\n{}```", plain.replace("*** End Patch", " *** End Patch")),
        format!("````patch\n\n{plain}\n````\n\n"),
        format!("```sh\napply_patch <<'EOF'\n{plain}EOF\n```\n"),
        json!({ "input": plain }).to_string(),
        json!({ "patch": plain.trim_end() }).to_string(),
        json!({ "command": ["apply_patch", plain] }).to_string(),
        json!(plain).to_string(),
        json!({ "input": json!({ "patch": plain }).to_string() }).to_string(),
        format!("{{\n  \"input\": \"{plain}\"\n}}"),
        format!("\n {}\n", json!({ "input": plain.replace('\n', "\r\n") })),
        json!({ "input": format!("```diff\n{}```", plain.replace("*** End Patch", " *** End Patch")) }).to_string(),
    ];
    for text in wrapped {
        assert_eq!(parse(&text).as_ref(), Ok(&wanted), "{text:?}");
    }
}

#[test]
fn what_could_be_meant_otherwise_stays_what_it_is() {
    let plain = "*** Begin Patch\n*** Update File: a\n@@\n-x\n *** End Patch\n*** End Patch\n";
    let Ok(Patch { sections }) = parse(plain) else { panic!("a kept line like the end") };
    let Section::Update { hunks, .. } = &sections[0] else { panic!("{sections:?}") };
    assert_eq!(hunks[0].body, "-x\n *** End Patch\n");
    let patch = "*** Begin Patch\n*** Delete File: a\n*** End Patch";
    for text in [
        json!({ "input": patch, "other": patch }).to_string(),
        json!([patch, patch]).to_string(),
        format!("```diff\n{patch}\n~~~"),
        format!("``diff\n{patch}\n``"),
        json!({ "input": patch.trim_end_matches("*** End Patch") }).to_string(),
    ] {
        assert!(parse(&text).is_err(), "{text:?}");
    }
}
