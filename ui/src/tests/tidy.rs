//! Rules about the source of this crate.

use std::{fs, path::Path};

#[test]
fn spans_are_made_at_one_edge() {
    // Foreign text is cleaned where it becomes a span, so only one module may make spans.
    let banned =
        ["Span::styled(", "Span::raw(", "Span::from(", "Line::raw(", "Line::styled(", ".set_string(", ".set_symbol("];
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![source.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&source).unwrap().display().to_string();
            if name == "text.rs" || name.starts_with("tests") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            found.extend(banned.iter().filter(|word| text.contains(**word)).map(|word| format!("{name}: {word}")));
        }
    }
    assert_eq!(found, Vec::<String>::new());
}
