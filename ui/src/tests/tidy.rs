//! Rules about the source of this crate.

use std::{fs, path::Path};

/// All sources but the tests: names and texts.
fn sources() -> Vec<(String, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![source.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&source).unwrap().display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if !name.starts_with("tests") {
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// Which of these words stand where, apart from one file.
fn banned(words: &[&str], except: &str, is_code: impl Fn(&str) -> bool) -> Vec<String> {
    let sources = sources().into_iter().filter(|(name, _)| name != except);
    sources
        .flat_map(|(name, text)| {
            let lines = text.lines().filter(|line| is_code(line));
            let found = lines.flat_map(|line| words.iter().filter(|word| line.contains(**word)));
            found.map(|word| format!("{name}: {word}")).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn spans_are_made_at_one_edge() {
    // Foreign text is cleaned where it becomes a span, so only one module may make spans.
    let words =
        ["Span::styled(", "Span::raw(", "Span::from(", "Line::raw(", "Line::styled(", ".set_string(", ".set_symbol("];
    assert_eq!(banned(&words, "text.rs", |_| true), Vec::<String>::new());
}

#[test]
fn sentences_take_the_names_of_keys_from_the_keymap() {
    let words = ["ctrl-", "alt-", "esc ", "enter ", "tab ", "page up", "page down"];
    let is_text = |line: &str| line.contains('"') && !line.trim_start().starts_with("//");
    assert_eq!(banned(&words, "", is_text), Vec::<String>::new());
}
