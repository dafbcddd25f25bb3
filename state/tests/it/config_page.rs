//! `docs/config.md` lists every key that the program reads, with what the table of keys says of it.
//!
//! `QUIRE_UPDATE_DOCS=1 cargo test -p quire-state config_page` writes the table anew.

#![expect(clippy::disallowed_methods, reason = "this test reads and writes a page of the documentation")]

use std::{fs, path::Path};

use quire_state::config::{
    features::FEATURES,
    table::{Kind, TABLE, UNREAD},
};

const BEGIN: &str = "<!-- keys: made from state/src/config/table.rs -->\n";
const END: &str = "<!-- end of keys -->\n";

fn table() -> String {
    let mut text = String::from("| key | value | what it does |\n|---|---|---|\n");
    for known in TABLE {
        let value = match known.kind {
            Kind::Text => "text".to_owned(),
            Kind::Secret => "text, never shown".to_owned(),
            Kind::Flag => "`true` or `false`".to_owned(),
            Kind::Whole { least, most } => format!("whole number, {least} to {most}"),
            Kind::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
            Kind::List => "list of texts".to_owned(),
            Kind::Address => "`http` or `https` address".to_owned(),
        };
        text.push_str(&format!("| `{}` | {value} | {} |\n", known.path, known.doc));
    }
    text.push_str(&format!(
        "\nKnown, but not read yet: {} keys and tables of the Codex CLI, and {} of its features. They are accepted; one line at the start \
         names those that are set, and `quire doctor` lists each with file and line.\n",
        UNREAD.len(),
        FEATURES.len()
    ));
    text
}

#[test]
fn the_page_lists_every_key() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/config.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let wanted = format!("{before}{BEGIN}{}{END}{after}", table());
    if std::env::var_os("QUIRE_UPDATE_DOCS").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    let page = fs::read_to_string(&path).unwrap();
    assert_eq!(page, wanted, "docs/config.md is behind the table of keys; see the top of this test");
}
