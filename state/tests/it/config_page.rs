//! `docs/config.md` lists every key that the program accepts, with what its row says of it.
//!
//! `QUIRE_UPDATE_DOCS=1 cargo test -p quire-state config_page` writes the table anew.

#![expect(clippy::disallowed_methods, reason = "this test reads and writes a page of the documentation")]

use std::{collections::BTreeMap, fs, path::Path};

use quire_state::config::{
    features::FEATURES,
    keys::{Kind, Known, SECTIONS, Status},
};

const BEGIN: &str = "<!-- keys: made from state/src/config/keys -->\n";
const END: &str = "<!-- end of keys -->\n";

/// A table for each section whose keys are looked at, then the keys that are accepted unseen, by what they wait for.
fn tables() -> String {
    let mut text = String::new();
    for section in SECTIONS {
        let checked: Vec<_> = section.keys.iter().filter(|known| known.kind != Kind::Unchecked).collect();
        if !checked.is_empty() {
            text.push_str(&format!("### {}\n\n| key | value | what it does |\n|---|---|---|\n", section.name));
            checked.into_iter().for_each(|known| text.push_str(&row(known)));
            text.push('\n');
        }
    }
    text.push_str(&format!(
        "### Accepted, without effect yet\n\nKeys of the Codex CLI that nothing reads yet, with all that stands below them, and {} of its features. One line at the \
         start names those that are set, and `quire doctor` lists each with file and line.\n\n| waiting for | keys |\n|---|---|\n",
        FEATURES.len()
    ));
    let mut waiting: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for known in SECTIONS.iter().flat_map(|section| section.keys) {
        if let (Kind::Unchecked, Status::WithoutEffect { area }) = (known.kind, known.status) {
            waiting.entry(area).or_default().push(format!("`{}`", known.path));
        }
    }
    waiting.into_iter().for_each(|(area, keys)| text.push_str(&format!("| {area} | {} |\n", keys.join(", "))));
    text
}

fn row(known: &Known) -> String {
    let value = match known.kind {
        Kind::Text => "text".to_owned(),
        Kind::Variable => "name of an environment variable".to_owned(),
        Kind::Secret => "text, never shown".to_owned(),
        Kind::Flag => "`true` or `false`".to_owned(),
        Kind::Whole { least, most } => format!("whole number, {least} to {most}"),
        Kind::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Kind::List => "list of strings".to_owned(),
        Kind::FlagOrList => "`true`, `false`, or list of strings".to_owned(),
        Kind::Keys => "key, or list of keys".to_owned(),
        Kind::Address => "`http` or `https` address".to_owned(),
        Kind::Unchecked => "anything".to_owned(),
    };
    let effect = match known.status {
        Status::Read => String::new(),
        Status::WithoutEffect { area } => format!(" No effect yet: it waits for {area}."),
    };
    format!("| `{}` | {value} | {}{effect} |\n", known.path, known.doc)
}

#[test]
fn the_page_lists_every_key() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/config.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let wanted = format!("{before}{BEGIN}{}{END}{after}", tables());
    if std::env::var_os("QUIRE_UPDATE_DOCS").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    let page = fs::read_to_string(&path).unwrap();
    assert_eq!(page, wanted, "docs/config.md is behind the table of keys; see the top of this test");
}
