//! The gallery: every screen that the tests of the painters leave behind, as a picture, and the page that shows them.

use std::{collections::BTreeMap, fmt::Write as _, fs, num::NonZeroU16, path::Path};

use crate::{Outcome, svg};

/// The head of the page.
const HEAD: &str = "# Gallery\n\nEvery screen of the painters' tests (`ui/src/tests`), on a dark and on a light ground, and on a small terminal. \
`scripts/gallery` remakes this page and its pictures.\n";

/// Draws what lies in a folder as `NAME.COLSxROWS.GROUND`, each the bytes for a terminal of that size.
pub(crate) fn make(screens: &Path, docs: &Path) -> Outcome<()> {
    let folder = docs.join("gallery");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in fs::read_dir(screens)? {
        let path = entry?.path();
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let parts: Vec<&str> = file.split('.').collect();
        let [name, size, ground] = parts.as_slice() else { continue };
        let Some((cols, rows)) = size.split_once('x') else { continue };
        let (cols, rows): (NonZeroU16, NonZeroU16) = (cols.parse()?, rows.parse()?);
        let mut screen = vt100::Parser::new(rows, cols, 0);
        screen.process(&fs::read(&path)?);
        let colours = if *ground == "light" { svg::LIGHT } else { svg::DARK };
        let label = format!("{} on {ground}, {size}", title(name));
        let picture = svg::draw(screen.screen(), (rows.get(), cols.get()), colours, &label);
        let target = format!("{name}-{size}-{ground}.svg");
        fs::write(folder.join(&target), picture)?;
        names.entry((*name).to_owned()).or_default().push(target);
    }
    let mut page = HEAD.to_owned();
    for (name, mut pictures) in names {
        pictures.sort();
        let _ = writeln!(page, "\n## {}\n", title(&name));
        for picture in pictures {
            let words =
                picture.trim_end_matches(".svg").trim_start_matches(&name).trim_start_matches('-').replace('-', ", ");
            let _ = writeln!(page, "![{}: {words}](gallery/{picture})", title(&name));
        }
    }
    fs::write(docs.join("gallery.md"), page)?;
    Ok(())
}

/// A name as a heading.
fn title(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
