//! What the pure core may depend on, and what its sources may not say.

#![expect(clippy::disallowed_methods, reason = "this test reads the sources")]

use std::{fs, path::Path};

/// The direct dependencies that `state` may have.
const ALLOWED: [&str; 6] = ["serde", "serde_json", "similar", "tui-textarea", "unicode-segmentation", "unicode-width"];

/// Words that mean I/O, time, chance, environment or blocking.
const FORBIDDEN: [&str; 14] = [
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::thread",
    "std::time",
    "Instant::now",
    "SystemTime",
    "HashMap",
    "HashSet",
    "tokio",
    "reqwest",
    "rand::",
    "crossterm",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_core_depends_on_nothing_but_the_allow_list() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, rest) = manifest.split_once("\n[dependencies]\n").unwrap();
    let section = rest.split("\n[").next().unwrap();
    let names: Vec<&str> =
        section.lines().filter_map(|line| line.split(['.', ' ', '=']).next()).filter(|name| !name.is_empty()).collect();
    assert_eq!(names, ALLOWED);
}

#[test]
fn the_sources_of_the_core_do_no_io() {
    let mut folders = vec![root().join("src")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let text = fs::read_to_string(&path).unwrap();
            // Test modules may use what they like; comments may name what is forbidden.
            let code = text.split("#[cfg(test)]").next().unwrap();
            for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
                for word in FORBIDDEN {
                    assert!(!line.contains(word), "{}:{}: `{word}`", path.display(), number + 1);
                }
            }
        }
    }
    assert!(files > 40, "the sources were found");
}
