//! What the pure core may depend on, and what its sources may not say.

#![expect(clippy::disallowed_methods, reason = "this test reads the sources")]

use std::{fs, path::Path};

use crate::sources;

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

/// What a source says that it may not, as "line: word". Test code may use what it likes; comments may name what is forbidden.
fn forbidden(text: &str) -> Vec<String> {
    let code = sources::without_tests(text).unwrap();
    let lines = code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|(at, line)| {
            let words = FORBIDDEN.iter().filter(|word| line.contains(**word));
            words.map(move |word| format!("{}: {word}", at + 1))
        })
        .collect()
}

#[test]
fn the_sources_of_the_core_do_no_io() {
    let files = sources::all();
    assert!(files.len() > 40, "the sources were found");
    for (name, text) in files {
        assert_eq!(forbidden(&text), [""; 0], "in {name}");
    }
}

#[test]
fn what_follows_a_test_item_is_read() {
    let text = "\
use std::fs;
#[cfg(test)]
mod tests;
#[cfg(test)]
use std::env; use std::net::TcpStream;
/// Not `std::thread`.
fn f() -> SystemTime {
    #[cfg(test)]
    let _ = std::process::id();
    // std::process
    Instant::now()
}
#[cfg(test)]
mod more {
    use std::time::Instant;
    fn g() { Instant::now(); }
}
impl T {
    #[cfg(test)]
    fn tried(&self) -> HashMap<u8, u8> { self.map }
    fn h(&self) -> HashSet<u8> { self.set }
}
#[cfg(not(test))]
fn i() { rand::random() }
#[cfg(any(test, feature = \"x\"))]
fn j() { tokio::spawn() }
";
    let found =
        ["1: std::fs", "5: std::net", "7: SystemTime", "11: Instant::now", "21: HashSet", "24: rand::", "26: tokio"];
    assert_eq!(forbidden(text), found);
    assert_eq!(forbidden(&format!("#![cfg(test)]\n{text}")), [""; 0], "a file that is a test as a whole");
}
