//! Changes as a unified diff in the manner of git, three lines of context around each change.
//!
//! The contents are asked for by digest. What has none, is not kept or is no text is told by a line.

use std::{borrow::Cow, fmt::Write as _};

use similar::{Algorithm, DiffTag, capture_diff_slices, group_diff_ops};

use super::{Change, DIFF_BYTES, Digest, Fact, RawPath};
use crate::patch::{FileView, HunkView, Mark, ShownHunk};

/// Unchanged lines that are shown above and below each change.
const CONTEXT_LINES: usize = 3;
/// How much of a file is searched for a zero byte, which no text has.
const BINARY_SEARCH_BYTES: usize = 8000;

/// What a turn changed, for those who read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnDiff {
    /// The files, in the order of their paths. Folders are not told of, nor what has not changed.
    pub files: Vec<FileDiff>,
    /// All of it as one text, at most [`DIFF_BYTES`] long.
    pub text: String,
    /// Lines that are new.
    pub added_lines: usize,
    /// Lines that went.
    pub removed_lines: usize,
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    /// Its absolute path.
    pub path: RawPath,
    /// Its path as it is shown: from the base folder, if it lies beneath it.
    pub shown: RawPath,
    /// What happened.
    pub kind: FileDiffKind,
    /// Lines that are new.
    pub added_lines: usize,
    /// Lines that went.
    pub removed_lines: usize,
    /// Why there are no lines, although there is a change of content: a sentence.
    pub note: Option<&'static str>,
    /// The lines. A carriage return at the end of one is part of it.
    pub hunks: Vec<ShownHunk>,
    /// The modes as git tells them, before and after.
    modes: (Option<String>, Option<String>),
    /// The number of the last line before and after, if it does not end.
    open_lines: (Option<usize>, Option<usize>),
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileDiffKind {
    /// It is new.
    Add,
    /// It is another one now, or has another mode.
    Change,
    /// It is gone.
    Delete,
}

impl FileDiffKind {
    /// What happened, by what was there before and after.
    pub(crate) fn of(before: &Fact, after: &Fact) -> Self {
        match (*before == Fact::Missing, *after == Fact::Missing) {
            (true, _) => Self::Add,
            (false, true) => Self::Delete,
            (false, false) => Self::Change,
        }
    }
}

impl FileDiff {
    /// Its modes as git tells them, before and after.
    pub(super) fn git_modes(&self) -> (Option<&str>, Option<&str>) {
        (self.modes.0.as_deref(), self.modes.1.as_deref())
    }

    /// The file as the painters of patches take it.
    pub fn view(&self) -> FileView<'_> {
        let hunk = |hunk: &'_ ShownHunk| (hunk.old_start, hunk.new_start);
        FileView {
            letter: match self.kind {
                FileDiffKind::Add => 'A',
                FileDiffKind::Change => 'M',
                FileDiffKind::Delete => 'D',
            },
            path: self.shown.shown(),
            move_to: None,
            added_lines: self.added_lines,
            removed_lines: self.removed_lines,
            hunks: self
                .hunks
                .iter()
                .map(|shown| HunkView { contexts: &[], starts: Some(hunk(shown)), body: Cow::Borrowed(&shown.body) })
                .collect(),
        }
    }
}

/// Tells changes as a diff. Paths are shown from the folder `base`; `read` gives the content of a digest, if it is kept.
pub fn diff(changes: &[Change], base: &RawPath, read: &mut dyn FnMut(&Digest) -> Option<Vec<u8>>) -> TurnDiff {
    let mut turn = TurnDiff::default();
    let mut left_out = 0;
    for change in changes.iter().filter(|change| !change.before.is_same(&change.after)) {
        for (before, after) in parts(change) {
            let file = file(&change.path, base, before, after, read);
            let text = print(&file);
            match turn.text.len() + text.len() <= DIFF_BYTES {
                true => turn.text.push_str(&text),
                false => left_out += 1,
            }
            turn.added_lines += file.added_lines;
            turn.removed_lines += file.removed_lines;
            turn.files.push(file);
        }
    }
    if left_out > 0 {
        let _ = writeln!(turn.text, "The diff is longer than {DIFF_BYTES} bytes; {left_out} more files are left out.");
    }
    turn
}

/// A file that becomes a link goes and comes; so does what was or becomes a folder.
fn parts(change: &Change) -> Vec<(&Fact, &Fact)> {
    let kind = |fact: &Fact| match fact {
        Fact::Missing | Fact::Folder { .. } => 0,
        Fact::File { .. } | Fact::Opaque(_) | Fact::Unknown => 1,
        Fact::Link { .. } => 2,
    };
    match (kind(&change.before), kind(&change.after)) {
        (0, 0) => Vec::new(),
        (before, after) if before == after => vec![(&change.before, &change.after)],
        (0, _) => vec![(&Fact::Missing, &change.after)],
        (_, 0) => vec![(&change.before, &Fact::Missing)],
        _ => vec![(&change.before, &Fact::Missing), (&Fact::Missing, &change.after)],
    }
}

fn file(
    path: &RawPath,
    base: &RawPath,
    before: &Fact,
    after: &Fact,
    read: &mut dyn FnMut(&Digest) -> Option<Vec<u8>>,
) -> FileDiff {
    let mut file = FileDiff {
        path: path.clone(),
        shown: path.shown_from(base),
        kind: FileDiffKind::of(before, after),
        added_lines: 0,
        removed_lines: 0,
        note: None,
        hunks: Vec::new(),
        modes: (git_mode(before), git_mode(after)),
        open_lines: (None, None),
    };
    if let (Fact::File { digest: one, .. }, Fact::File { digest: two, .. }) = (before, after)
        && one == two
    {
        return file;
    }
    match (content(before, read), content(after, read)) {
        (Ok(old), Ok(new)) if is_binary(&old) || is_binary(&new) => file.note = Some("Binary files differ."),
        (Ok(old), Ok(new)) => compare(&mut file, &old, &new),
        (Err(note), _) | (_, Err(note)) => file.note = Some(note),
    }
    file
}

fn content(fact: &Fact, read: &mut dyn FnMut(&Digest) -> Option<Vec<u8>>) -> Result<Vec<u8>, &'static str> {
    match fact {
        Fact::Missing | Fact::Folder { .. } => Ok(Vec::new()),
        Fact::Link { target } => Ok(target.bytes().to_vec()),
        Fact::File { digest, .. } => read(digest).ok_or("The lines are not known: no copy of the content was kept."),
        Fact::Opaque(fact) => Err(match fact.why {
            super::Opaque::TooLarge => "The lines are not known: the file is too large to be kept.",
            super::Opaque::Unreadable => "The lines are not known: the file may not be read.",
            super::Opaque::Special => "This is not a regular file.",
            super::Opaque::NotRead => "The lines are not known: the file was not read in time.",
        }),
        Fact::Unknown => Err("The lines are not known: the file had not been read before."),
    }
}

fn is_binary(bytes: &[u8]) -> bool {
    bytes.iter().take(BINARY_SEARCH_BYTES).any(|byte| *byte == 0)
}

fn compare(file: &mut FileDiff, old: &[u8], new: &[u8]) {
    let open = |bytes: &[u8]| (!bytes.is_empty() && !bytes.ends_with(b"\n")).then(|| lines(bytes).len());
    file.open_lines = (open(old), open(new));
    let found = hunks(old, new);
    (file.added_lines, file.removed_lines, file.hunks) = (found.added_lines, found.removed_lines, found.hunks);
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    <[u8]>::split_inclusive(bytes, |byte| *byte == b'\n').collect()
}

/// How one content becomes another, hunk by hunk.
pub(crate) struct Hunks {
    pub(crate) hunks: Vec<ShownHunk>,
    pub(crate) added_lines: usize,
    pub(crate) removed_lines: usize,
}

/// Compares two contents line by line; the end of a line is part of it.
pub(crate) fn hunks(old: &[u8], new: &[u8]) -> Hunks {
    let (old, new) = (lines(old), lines(new));
    let mut found = Hunks { hunks: Vec::new(), added_lines: 0, removed_lines: 0 };
    for group in group_diff_ops(capture_diff_slices(Algorithm::Myers, &old, &new), CONTEXT_LINES) {
        let Some(first) = group.first() else { continue };
        let (old_start, new_start) = (first.old_range().start + 1, first.new_range().start + 1);
        let mut body = String::new();
        let mut push = |mark: Mark, lines: &[&[u8]]| {
            for line in lines {
                body.push(mark.sign());
                body.push_str(&String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(line)));
                body.push('\n');
            }
        };
        for change in &group {
            let (tag, old_range, new_range) = change.as_tag_tuple();
            if tag == DiffTag::Equal {
                push(Mark::Kept, &old[old_range]);
                continue;
            }
            found.removed_lines += old_range.len();
            found.added_lines += new_range.len();
            push(Mark::Removed, &old[old_range]);
            push(Mark::Added, &new[new_range]);
        }
        found.hunks.push(ShownHunk { old_start, new_start, body });
    }
    found
}

/// The mode as git writes it. Git knows of a file only whether its owner may run it.
fn git_mode(fact: &Fact) -> Option<String> {
    match fact {
        Fact::Missing | Fact::Folder { .. } | Fact::Unknown => None,
        Fact::Link { .. } => Some("120000".to_owned()),
        Fact::File { mode, .. } => Some(file_mode(*mode)),
        Fact::Opaque(fact) => Some(file_mode(fact.mode)),
    }
}

fn file_mode(mode: u32) -> String {
    if mode & 0o100 != 0 { "100755".to_owned() } else { "100644".to_owned() }
}

fn print(file: &FileDiff) -> String {
    let (old_name, new_name) = (quoted("a/", &file.shown), quoted("b/", &file.shown));
    let mut text = format!("diff --git {old_name} {new_name}\n");
    let none = "/dev/null".to_owned();
    let (old_name, new_name) = match (file.kind, &file.modes) {
        (FileDiffKind::Add, (_, mode)) => {
            let _ = writeln!(text, "new file mode {}", mode.as_deref().unwrap_or("100644"));
            (none, new_name)
        }
        (FileDiffKind::Delete, (mode, _)) => {
            let _ = writeln!(text, "deleted file mode {}", mode.as_deref().unwrap_or("100644"));
            (old_name, none)
        }
        (FileDiffKind::Change, (Some(old), Some(new))) if old != new => {
            let _ = writeln!(text, "old mode {old}\nnew mode {new}");
            (old_name, new_name)
        }
        (FileDiffKind::Change, _) => (old_name, new_name),
    };
    if let Some(note) = file.note {
        let _ = writeln!(text, "{note}");
    }
    if !file.hunks.is_empty() {
        // A tab tells where a name with a space ends.
        let end = |name: &str| if name.contains(' ') && !name.starts_with('"') { "\t" } else { "" };
        let _ = writeln!(text, "--- {old_name}{}\n+++ {new_name}{}", end(&old_name), end(&new_name));
    }
    for hunk in &file.hunks {
        print_hunk(&mut text, hunk, file.open_lines);
    }
    text
}

fn print_hunk(text: &mut String, hunk: &ShownHunk, open_lines: (Option<usize>, Option<usize>)) {
    let count = |sign: char| hunk.body.split_terminator('\n').filter(|line| !line.starts_with(sign)).count();
    let (old_count, new_count) = (count('+'), count('-'));
    // No line at all is told by the number of the line above.
    let range = |start: usize, count: usize| match count {
        0 => format!("{},0", start - 1),
        1 => start.to_string(),
        _ => format!("{start},{count}"),
    };
    let _ = writeln!(text, "@@ -{} +{} @@", range(hunk.old_start, old_count), range(hunk.new_start, new_count));
    let (mut old, mut new) = (hunk.old_start, hunk.new_start);
    for line in hunk.body.split_terminator('\n') {
        let _ = writeln!(text, "{line}");
        let is_open = match line.as_bytes().first() {
            Some(b'+') => Some(new) == open_lines.1,
            Some(b'-') => Some(old) == open_lines.0,
            _ => Some(old) == open_lines.0,
        };
        if is_open {
            text.push_str("\\ No newline at end of file\n");
        }
        old += usize::from(!line.starts_with('+'));
        new += usize::from(!line.starts_with('-'));
    }
}

/// A name as git quotes it: bare, unless something in it would break the line or the quotes.
fn quoted(prefix: &str, path: &RawPath) -> String {
    let is_plain = |byte: &u8| *byte >= 0x20 && *byte != 0x7f && *byte != b'"' && *byte != b'\\';
    match std::str::from_utf8(path.bytes()) {
        Ok(text) if path.bytes().iter().all(is_plain) => return format!("{prefix}{text}"),
        _ => {}
    }
    let mut name = format!("\"{prefix}");
    for chunk in path.bytes().utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' | '\\' => name.extend(['\\', character]),
                '\n' => name.push_str("\\n"),
                '\t' => name.push_str("\\t"),
                '\r' => name.push_str("\\r"),
                '\0'..='\x1f' | '\x7f' => {
                    let _ = write!(name, "\\{:03o}", u32::from(character));
                }
                _ => name.push(character),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(name, "\\{byte:03o}");
        }
    }
    name.push('"');
    name
}
