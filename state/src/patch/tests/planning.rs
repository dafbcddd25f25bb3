//! What a patch makes of several files at once.

use super::{Files, plan_in, sections, success, write};

/// `path=content` pairs; paths lie in `/w`.
fn files(pairs: &[&str]) -> Files {
    let file = |pair: &&str| {
        let (path, content) = pair.split_once('=').unwrap();
        (format!("/w/{path}"), content.as_bytes().to_vec())
    };
    pairs.iter().map(file).collect()
}

/// Each: what it shows, the files, the patch, the files afterwards, and what the model is told.
type Case = (&'static str, &'static [&'static str], &'static str, &'static [&'static str], &'static str);

const DONE: &[Case] = &[
    ("add", &[], "*** Add File: a/b\n+x\n", &["a/b=x\n"], "A a/b\n"),
    ("add an empty file", &[], "*** Add File: a\n", &["a="], "A a\n"),
    ("add replaces", &["a=1"], "*** Add File: a\n+x\n", &["a=x\n"], "A a\n"),
    ("delete", &["a=1", "b=2"], "*** Delete File: a\n", &["b=2"], "D a\n"),
    ("delete what is no text", &["a=\0\u{1}"], "*** Delete File: a\n", &[], "D a\n"),
    ("update", &["a=1\n"], "*** Update File: a\n-1\n+2\n", &["a=2\n"], "M a\n"),
    ("move", &["a=1"], "*** Update File: a\n*** Move to: d/b\n", &["d/b=1"], "M d/b\n"),
    ("move and change", &["a=1\n"], "*** Update File: a\n*** Move to: b\n-1\n+2\n", &["b=2\n"], "M b\n"),
    ("move to itself", &["a=1\n"], "*** Update File: a\n*** Move to: ./a\n-1\n+2\n", &["a=2\n"], "M a\n"),
    (
        "all kinds, told by kind",
        &["m=1\n", "d=1\n"],
        "*** Delete File: d\n*** Update File: m\n-1\n+2\n*** Add File: a\n+x\n",
        &["a=x\n", "m=2\n"],
        "A a\nM m\nD d\n",
    ),
    (
        "one file in two sections, each from the top",
        &["a=1\n2\n"],
        "*** Update File: a\n-2\n+x\n*** Update File: a\n-1\n+x\n",
        &["a=x\nx\n"],
        "M a\n",
    ),
    (
        "one file by three names",
        &["a=1\n2\n3\n"],
        "*** Update File: a\n-2\n+x\n*** Update File: ./b/../a\n-1\n+x\n*** Update File: /w/a\n-3\n+x\n",
        &["a=x\nx\nx\n"],
        "M a\n",
    ),
    ("add, then update", &[], "*** Add File: a\n+1\n*** Update File: a\n-1\n+2\n", &["a=2\n"], "A a\n"),
    ("add after delete", &["a=1"], "*** Delete File: a\n*** Add File: a\n+2\n", &["a=2\n"], "A a\n"),
    ("delete after add", &[], "*** Add File: a\n+1\n*** Delete File: a\n", &[], ""),
    ("delete after update", &["a=1\n"], "*** Update File: a\n-1\n+2\n*** Delete File: a\n", &[], "D a\n"),
    (
        "move, then update there",
        &["a=1\n"],
        "*** Update File: a\n*** Move to: b\n*** Update File: b\n-1\n+2\n",
        &["b=2\n"],
        "M b\n",
    ),
    (
        "move twice",
        &["a=1\n"],
        "*** Update File: a\n*** Move to: b\n*** Update File: b\n*** Move to: c\n",
        &["c=1\n"],
        "M c\n",
    ),
    (
        "move there and back",
        &["a=1\n"],
        "*** Update File: a\n*** Move to: b\n*** Update File: b\n*** Move to: a\n",
        &["a=1\n"],
        "M a\n",
    ),
    (
        "move, then add at the start",
        &["a=1"],
        "*** Update File: a\n*** Move to: b\n*** Add File: a\n+2\n",
        &["a=2\n", "b=1"],
        "A a\nA b\n",
    ),
    ("move, then delete", &["a=1"], "*** Update File: a\n*** Move to: b\n*** Delete File: b\n", &[], "D a\n"),
    (
        "move to where a file was deleted",
        &["a=1", "b=2"],
        "*** Delete File: b\n*** Update File: a\n*** Move to: b\n",
        &["b=1"],
        "M b\nD a\n",
    ),
    (
        "two files trade places",
        &["a=1", "b=2"],
        "*** Update File: a\n*** Move to: t\n*** Update File: b\n*** Move to: a\n*** Update File: t\n*** Move to: b\n",
        &["a=2", "b=1"],
        "M a\nM b\n",
    ),
    (
        "a folder where a file was",
        &["a=1"],
        "*** Delete File: a\n*** Add File: a/b\n+x\n",
        &["a/b=x\n"],
        "A a/b\nD a\n",
    ),
    ("a home is a name", &[], "*** Add File: ~/x\n+1\n", &["~/x=1\n"], "A ~/x\n"),
    ("an option is a name", &[], "*** Add File: --help\n+1\n", &["--help=1\n"], "A --help\n"),
    (
        "what does not print is shown",
        &[],
        "*** Add File: a\u{202e}b\u{1b}\n",
        &["a\u{202e}b\u{1b}="],
        "A a\\u{202e}b\\x1b\n",
    ),
];

#[test]
fn patches_come_to_their_net_result() {
    for (name, before, patch, after, told) in DONE {
        let mut world = files(before);
        let changes = plan_in(&world, &sections(patch)).unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
        write(&mut world, &changes);
        assert_eq!(world, files(after), "{name}");
        assert_eq!(success(&changes), format!("Success. Updated the following files:\n{told}"), "{name}");
    }
}

/// Each: what it shows, the files, the patch, the file that is blamed, and a part of the reason.
const REFUSED: &[(&str, &[&str], &str, &str, &str)] = &[
    ("update of nothing", &[], "*** Update File: a\n-1\n", "a", "does not exist"),
    ("delete of nothing", &[], "*** Delete File: a\n", "a", "does not exist"),
    ("delete twice", &["a=1"], "*** Delete File: a\n*** Delete File: a\n", "a", "does not exist"),
    ("update after delete", &["a=1\n"], "*** Delete File: a\n*** Update File: a\n-1\n", "a", "does not exist"),
    (
        "update where it was",
        &["a=1\n"],
        "*** Update File: a\n*** Move to: b\n*** Update File: a\n-1\n",
        "a",
        "does not exist",
    ),
    ("move of nothing", &[], "*** Update File: a\n*** Move to: b\n", "a", "does not exist"),
    ("move onto a file", &["a=1", "b=2"], "*** Update File: a\n*** Move to: b\n", "b", "exists already"),
    (
        "move onto a new file",
        &["a=1"],
        "*** Add File: b\n+2\n*** Update File: a\n*** Move to: b\n",
        "b",
        "exists already",
    ),
    ("add onto a folder", &["a=<folder>"], "*** Add File: a\n+x\n", "a", "it is a folder"),
    ("move onto a folder", &["a=1", "b=<folder>"], "*** Update File: a\n*** Move to: b\n", "b", "it is a folder"),
    ("a name with a slash behind it", &[], "*** Add File: a/\n+x\n", "a/", "names a folder"),
    ("the folder itself", &[], "*** Delete File: .\n", ".", "names a folder"),
    ("a file and a folder", &[], "*** Add File: a\n*** Add File: a-b\n*** Add File: a/b\n", "a/b", "turns a folder"),
    (
        "the last of many",
        &["a=1\n", "b=1\n"],
        "*** Update File: a\n-1\n+2\n*** Update File: b\n-2\n",
        "b",
        "not in the file",
    ),
];

#[test]
fn one_part_that_does_not_fit_refuses_the_whole() {
    for (name, before, patch, path, reason) in REFUSED {
        let rejection = plan_in(&files(before), &sections(patch)).expect_err(name);
        assert_eq!(rejection.path.as_deref(), Some(*path), "{name}: {rejection}");
        let text = rejection.to_string();
        assert!(text.starts_with(&format!("apply_patch verification failed: {path}")), "{name}: {text}");
        assert!(text.contains(reason) && text.ends_with("\nNothing was changed."), "{name}: {text}");
    }
}

#[test]
fn every_path_is_read_once() {
    let patch =
        sections("*** Update File: a\n-1\n+2\n*** Update File: ./a\n-2\n+3\n*** Add File: b\n*** Update File: b\n+x\n");
    let mut read = Vec::new();
    super::plan(&patch, "/w", &mut |path| {
        read.push(path.to_owned());
        if path == "/w/a" { Ok(super::FileContent { bytes: b"1\n".to_vec() }) } else { Err(super::ReadError::Missing) }
    })
    .unwrap();
    assert_eq!(read, ["/w/a", "/w/b"]);
}

#[test]
fn paths_are_folded_by_letters() {
    use super::{PathFault, normalise};
    let folded = [
        ("a", "/w/a"),
        ("./a//b", "/w/a/b"),
        ("../x", "/x"),
        ("../../../x", "/x"),
        ("a/../../x", "/x"),
        ("/a/./b/../c", "/a/c"),
        ("~/.bashrc", "/w/~/.bashrc"),
        ("..a/...", "/w/..a/..."),
        (" ", "/w/ "),
    ];
    for (path, absolute) in folded {
        assert_eq!(normalise("/w", path).as_deref(), Ok(absolute), "{path}");
        assert_eq!(normalise("/w/v/..//", path).as_deref(), Ok(absolute), "{path}");
    }
    let refused = [
        ("", PathFault::Empty),
        ("/", PathFault::Folder),
        ("..", PathFault::Folder),
        ("a/.", PathFault::Folder),
        ("a/..", PathFault::Folder),
        ("a\0", PathFault::ZeroByte),
    ];
    for (path, fault) in refused {
        assert_eq!(normalise("/w", path), Err(fault), "{path:?}");
    }
    assert_eq!(normalise("w", "a"), Err(PathFault::NoBase));
    assert_eq!(normalise("w", "/a").as_deref(), Ok("/a"));
    assert_eq!(normalise("/w", &"a".repeat(4096)), Err(PathFault::TooLong));
}

#[test]
fn searching_one_file_again_and_again_is_bounded() {
    let read = &mut |_: &str| Ok(super::FileContent { bytes: b"1234\n".to_vec() });
    let patch = sections(&"*** Update File: a\n 1234\n".repeat(3));
    assert!(super::super::plan::plan_within(&patch, "/w", read, 10).is_ok());
    let rejection = super::super::plan::plan_within(&patch, "/w", read, 9).unwrap_err();
    assert!(rejection.reason.contains("put all its hunks into one section"), "{rejection}");
}
