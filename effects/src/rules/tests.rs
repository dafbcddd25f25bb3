//! Rules files in a folder of their own.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    thread,
};

use quire_state::rules::{Ruling, load, rule_text};

use super::{append, default_file, read, read_project};

fn file(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn names(root: &Path, found: &super::Found) -> Vec<String> {
    let short = |path: &str| path.strip_prefix(root.to_str().unwrap()).unwrap_or(path).to_owned();
    found.files.iter().map(|file| short(&file.path)).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn rule(words: &[&str]) -> String {
    rule_text(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
}

#[test]
fn files_come_in_the_order_of_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    file(root, "home/rules/b.rules", "b");
    file(root, "home/rules/a.rules", "a");
    file(root, "home/rules/notes.md", "x");
    file(root, "home/other.rules", "x");
    file(root, "project/.codex/rules/p.rules", "p");
    let (home, project) = (root.join("home"), root.join("project"));
    assert_eq!(names(root, &read(&home)), ["/home/rules/a.rules", "/home/rules/b.rules"]);
    let found = read_project(&project);
    assert_eq!(names(root, &found), ["/project/.codex/rules/p.rules"]);
    assert_eq!((found.files[0].text.as_str(), found.problems.len()), ("p", 0));
    assert_eq!(read(&root.join("nowhere")), super::Found::default());
    assert_eq!(read_project(&root.join("none")), super::Found::default());
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    file(root, "home/rules/ok.rules", "a");
    fs::write(root.join("home/rules/latin.rules"), b"\xe4").unwrap();
    fs::create_dir(root.join("home/rules/folder.rules")).unwrap();
    symlink("nowhere", root.join("home/rules/gone.rules")).unwrap();
    file(root, "outside.rules", "prefix_rule([\"x\"])");
    fs::create_dir_all(root.join("project/.codex/rules")).unwrap();
    symlink(root.join("outside.rules"), root.join("project/.codex/rules/out.rules")).unwrap();
    let mut found = read(&root.join("home"));
    found.problems.extend(read_project(&root.join("project")).problems);
    assert_eq!(names(root, &found), ["/home/rules/ok.rules"]);
    let told: Vec<String> = found.problems.iter().map(|problem| problem.line()).collect();
    for (name, reason) in [
        ("folder.rules", "it is a folder"),
        ("gone.rules", "No such file"),
        ("latin.rules", "not UTF-8"),
        ("out.rules", "leads out of the project"),
    ] {
        assert!(told.iter().any(|line| line.contains(name) && line.contains(reason)), "{name}: {told:?}");
    }
}

#[test]
fn an_appended_rule_is_read_back_and_private() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let path = append(&home, &rule(&["cargo", "test"])).unwrap();
    assert_eq!(path, default_file(&home));
    assert_eq!((mode(&path), mode(&home.join("rules"))), (0o600, 0o700));
    append(&home, &rule(&["git", "a \"b\"\n"])).unwrap();
    append(&home, &rule(&["cargo", "test"])).unwrap();
    let loaded = load(&read(&home).files);
    assert_eq!(loaded.problems, []);
    let patterns: Vec<_> = loaded.rules.prefixes.iter().map(|rule| rule.pattern.concat()).collect();
    assert_eq!(patterns, [["cargo", "test"], ["git", "a \"b\"\n"]]);
    assert_eq!(loaded.rules.judge("cargo test -q").ruling, Some(Ruling::Allow));
    let left: Vec<_> = fs::read_dir(home.join("rules")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn what_stands_in_the_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    file(home, "rules/default.rules", "# mine\nprefix_rule([\"ls\"])");
    append(home, &rule(&["make"])).unwrap();
    let text = fs::read_to_string(default_file(home)).unwrap();
    assert_eq!(text, "# mine\nprefix_rule([\"ls\"])\nprefix_rule(pattern=[\"make\"], decision=\"allow\")\n");
    assert_eq!(mode(&default_file(home)), 0o600);
}

#[test]
fn a_link_stays_a_link_and_a_dangling_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    file(home, "dotfiles/quire.rules", "");
    fs::create_dir(home.join("rules")).unwrap();
    symlink(home.join("dotfiles/quire.rules"), default_file(home)).unwrap();
    append(home, &rule(&["make"])).unwrap();
    assert!(default_file(home).is_symlink());
    assert!(fs::read_to_string(home.join("dotfiles/quire.rules")).unwrap().contains("make"));
    fs::remove_file(home.join("dotfiles/quire.rules")).unwrap();
    assert!(append(home, &rule(&["make"])).unwrap_err().summary.contains("default.rules"));
}

#[test]
fn nothing_but_one_readable_line_is_appended() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["prefix_rule([\"a\"])\nprefix_rule([\"b\"])", "prefix_rule([\"a\"", "rm -rf /"] {
        assert!(append(folder.path(), text).is_err(), "{text}");
    }
    assert!(!default_file(folder.path()).exists());
}

#[test]
fn rules_that_are_appended_at_once_are_all_kept() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    thread::scope(|scope| {
        for number in 0..8 {
            scope.spawn(move || append(home, &rule(&[&format!("p{number}")])).unwrap());
        }
    });
    let loaded = load(&read(home).files);
    assert_eq!((loaded.rules.prefixes.len(), loaded.problems.len()), (8, 0));
}
