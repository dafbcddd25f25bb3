//! From bytes to files and a patch. Three shapes: any text, a patch that mostly fits its files, and one whose result is known.

use std::collections::BTreeMap;

use arbitrary::{Result, Unstructured};
use quire_state::patch::{Hunk, Patch, Section};

/// The folder in which patches are planned.
pub(crate) const FOLDER: &str = "/w";

/// Files by absolute path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// What is tried.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) files: Files,
    pub(crate) text: String,
    /// What must come out, when that is known: the content of `/w/a`.
    pub(crate) expected: Option<Vec<u8>>,
}

const PATHS: [&str; 9] = ["a", "b", "d/a", "d/b", "a/x", "/w/b", "../w/a", "./d/../b", "c d"];
const LINES: [&str; 16] = [
    "",
    " ",
    "x",
    "y",
    "x y",
    "x  y",
    "x ",
    "\tx",
    "+x",
    "-y",
    "@@ x",
    "*** End Patch",
    "*** End of File",
    "ß",
    "“x” – y",
    "fn x() {",
];

pub(crate) fn of(bytes: &[u8]) -> Option<Case> {
    let mut source = Unstructured::new(bytes);
    match source.int_in_range(0..=3).ok()? {
        0 => Some(Case {
            files: files(&mut source).ok()?,
            text: String::from_utf8_lossy(source.take_rest()).into_owned(),
            expected: None,
        }),
        1 => exact(&mut source).ok(),
        _ => fitting(&mut source).ok(),
    }
}

/// A file of lines with line feeds, and a hunk that names every one of them.
fn exact(source: &mut Unstructured<'_>) -> Result<Case> {
    let (mut old, mut new, mut body) = (String::new(), String::new(), String::new());
    let mut changes = 0;
    for _ in 0..source.int_in_range(0..=24)? {
        let line = *source.choose(&LINES)?;
        let mark = *source.choose(&[' ', ' ', '-', '+'])?;
        body.push_str(&format!("{mark}{line}\n"));
        if mark != '+' {
            old.push_str(&format!("{line}\n"));
        }
        if mark != '-' {
            new.push_str(&format!("{line}\n"));
        }
        changes += usize::from(mark != ' ');
    }
    let hunk = Hunk { contexts: Vec::new(), body, at_end: false };
    let section = Section::Update { path: "a".to_owned(), move_to: None, hunks: vec![hunk] };
    let text = Patch { sections: vec![section] }.to_string();
    let expected = (changes > 0).then(|| new.into_bytes());
    Ok(Case { files: Files::from([("/w/a".to_owned(), old.into_bytes())]), text, expected })
}

fn fitting(source: &mut Unstructured<'_>) -> Result<Case> {
    let files = files(source)?;
    let mut sections = Vec::new();
    for _ in 0..source.int_in_range(1..=5)? {
        let path = (*source.choose(&PATHS)?).to_owned();
        sections.push(match source.int_in_range(0..=7)? {
            0 => Section::Delete { path },
            1 => {
                let lines = source.int_in_range(0..=5)?;
                let content =
                    (0..lines).map(|_| Ok(format!("{}\n", source.choose(&LINES)?))).collect::<Result<String>>()?;
                Section::Add { path, content }
            }
            _ => {
                let move_to = if source.ratio(1, 4)? { Some((*source.choose(&PATHS)?).to_owned()) } else { None };
                let known = quire_state::patch::normalise(FOLDER, &path).ok().and_then(|path| files.get(&path));
                let hunks = hunks(source, known.map(Vec::as_slice).unwrap_or_default())?;
                Section::Update { path, move_to, hunks }
            }
        });
    }
    let mut text = Patch { sections }.to_string();
    if source.ratio(1, 8)? {
        text = text.replace('\n', "\r\n");
    }
    if source.ratio(1, 8)? {
        // A little damage anywhere.
        let mut at = source.int_in_range(0..=text.len())?;
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        text.insert_str(at, source.choose(&["\n", " ", "+", "-", "@@", "*** ", "\r", "*** End of File\n", "\0"])?);
    }
    Ok(Case { files, text, expected: None })
}

fn files(source: &mut Unstructured<'_>) -> Result<Files> {
    let mut files = Files::new();
    for path in ["/w/a", "/w/b", "/w/d/a", "/w/c d"] {
        if !source.ratio(2, 3)? {
            continue;
        }
        let mut bytes = if source.ratio(1, 10)? { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
        let ends: &[&str] = if source.ratio(1, 4)? { &["\n", "\r\n"] } else { &["\n"] };
        for _ in 0..source.int_in_range(0..=20)? {
            bytes.extend(source.choose(&LINES)?.as_bytes());
            bytes.extend(source.choose(ends)?.as_bytes());
        }
        if source.ratio(1, 4)? {
            bytes.extend(source.choose(&LINES)?.as_bytes());
        }
        if source.ratio(1, 10)? {
            bytes.extend(source.arbitrary::<[u8; 4]>()?);
        }
        files.insert(path.to_owned(), bytes);
    }
    Ok(files)
}

/// Hunks that walk down a file.
fn hunks(source: &mut Unstructured<'_>, file: &[u8]) -> Result<Vec<Hunk>> {
    let text = String::from_utf8_lossy(file);
    let lines: Vec<&str> = text.lines().collect();
    let mut hunks = Vec::new();
    let mut at = 0_usize;
    for _ in 0..source.int_in_range(0..=3)? {
        at += source.int_in_range(0..=6)?;
        let mut hunk = Hunk::default();
        if source.ratio(1, 4)? {
            let context = lines.get(at.saturating_sub(1)).copied().unwrap_or("nowhere");
            hunk.contexts.push(context.to_owned());
        }
        for _ in 0..source.int_in_range(1..=6)? {
            let known = lines.get(at).copied();
            match (source.int_in_range(0..=9)?, known) {
                (0..=3, Some(line)) => {
                    hunk.body.push_str(&format!(" {line}\n"));
                    at += 1;
                }
                (4..=6, Some(line)) => {
                    hunk.body.push_str(&format!("-{line}\n"));
                    at += 1;
                }
                (7, _) => hunk.body.push_str(&format!(" {}\n", source.choose(&LINES)?)),
                _ => hunk.body.push_str(&format!("+{}\n", source.choose(&LINES)?)),
            }
        }
        hunk.at_end = source.ratio(1, 8)?;
        hunks.push(hunk);
    }
    Ok(hunks)
}
