//! What is said about a patch: the result for the model, and its lines for the people who approve or read it.

use std::{borrow::Cow, fmt::Write as _};

use super::{
    Change, ChangeKind, Hunk, Mark, Patch, Section, ShownHunk, marked_lines,
    same::{count, settled},
};

/// One file of a patch, to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileView<'a> {
    /// `A`, `M` or `D`.
    pub letter: char,
    /// The path as the patch wrote it.
    pub path: Cow<'a, str>,
    /// Where it goes, if it moves.
    pub move_to: Option<Cow<'a, str>>,
    /// Lines that are new.
    pub added_lines: usize,
    /// Lines that go. Not known for what is removed or replaced as a whole before the file was read.
    pub removed_lines: usize,
    /// Its lines, hunk by hunk.
    pub hunks: Vec<HunkView<'a>>,
}

/// Lines that stand together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HunkView<'a> {
    /// The lines that `@@` names, if the file has not been read.
    pub contexts: &'a [String],
    /// The numbers of its first line in the old and the new file, counted from one; none before the file was read.
    pub starts: Option<(usize, usize)>,
    /// Its lines, each with its mark in front and `\n` behind it; [`line_views`] takes them apart.
    pub body: Cow<'a, str>,
}

/// One line of a hunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineView<'a> {
    /// What happens to it.
    pub mark: Mark,
    /// Its number in the old file, if it stands there and that is known.
    pub old_number: Option<usize>,
    /// Its number in the new file, if it stands there and that is known.
    pub new_number: Option<usize>,
    /// Its text, which may hold anything; the painters clean it.
    pub text: &'a str,
}

/// The result of a patch that was applied, for the model.
pub fn success(changes: &[Change]) -> String {
    let mut text = "Success. Updated the following files:\n".to_owned();
    for letter in ['A', 'M', 'D'] {
        for change in changes.iter().filter(|change| letter_of(&change.kind) == letter) {
            let _ = writeln!(text, "{letter} {}", one_line(target(change).unwrap_or(&change.shown)));
        }
    }
    text
}

/// Every change with its lines and their numbers.
pub fn views(changes: &[Change]) -> Vec<FileView<'_>> {
    changes
        .iter()
        .map(|change| FileView {
            letter: letter_of(&change.kind),
            path: Cow::Borrowed(&change.shown),
            move_to: target(change).map(Cow::Borrowed),
            added_lines: change.added_lines,
            removed_lines: change.removed_lines,
            hunks: match change.hunks.is_empty() {
                true if change.old != change.new => vec![whole(change.old.as_deref(), change.new.as_deref())],
                true => Vec::new(),
                false => change.hunks.iter().map(applied).collect(),
            },
        })
        .collect()
}

/// A patch as it was written, before any file was read.
pub fn preview(patch: &Patch) -> Vec<FileView<'_>> {
    patch.sections.iter().map(preview_section).collect()
}

/// The lines of a hunk with their numbers.
pub fn line_views<'v>(hunk: &'v HunkView<'_>) -> impl Iterator<Item = LineView<'v>> {
    let (mut old, mut new) = hunk.starts.unzip();
    let take = |number: &mut Option<usize>| std::mem::replace(number, number.map(|number| number + 1));
    marked_lines(&hunk.body).map(move |(mark, text)| {
        let old_number = if mark == Mark::Added { None } else { take(&mut old) };
        let new_number = if mark == Mark::Removed { None } else { take(&mut new) };
        LineView { mark, old_number, new_number, text }
    })
}

fn preview_section(section: &Section) -> FileView<'_> {
    let path = Cow::Borrowed(section.path());
    let view = FileView { letter: 'M', path, move_to: None, added_lines: 0, removed_lines: 0, hunks: Vec::new() };
    match section {
        Section::Add { content, .. } => {
            let hunk = whole(None, Some(content.as_bytes()));
            FileView { letter: 'A', added_lines: content.split_terminator('\n').count(), hunks: vec![hunk], ..view }
        }
        Section::Delete { .. } => FileView { letter: 'D', ..view },
        Section::Update { move_to, hunks, .. } => {
            let bodies: Vec<Vec<_>> = hunks.iter().map(|hunk| settled(hunk.lines().collect())).collect();
            let total = |mark| bodies.iter().map(|body| count(body, mark)).sum();
            FileView {
                move_to: move_to.as_deref().map(Cow::Borrowed),
                added_lines: total(Mark::Added),
                removed_lines: total(Mark::Removed),
                hunks: hunks.iter().zip(&bodies).map(|(hunk, body)| previewed(hunk, body)).collect(),
                ..view
            }
        }
    }
}

fn previewed<'a>(hunk: &'a Hunk, lines: &[(Mark, &str)]) -> HunkView<'a> {
    let mut body = String::with_capacity(hunk.body.len());
    for (mark, text) in lines {
        body.push(mark.sign());
        body.push_str(text);
        body.push('\n');
    }
    HunkView { contexts: &hunk.contexts, starts: None, body: Cow::Owned(body) }
}

fn applied(hunk: &ShownHunk) -> HunkView<'_> {
    HunkView { contexts: &[], starts: Some((hunk.old_start, hunk.new_start)), body: Cow::Borrowed(&hunk.body) }
}

/// A file that comes, goes or is replaced as a whole.
fn whole<'a>(old: Option<&[u8]>, new: Option<&[u8]>) -> HunkView<'a> {
    let mut body = String::new();
    for (mark, bytes) in [(Mark::Removed, old), (Mark::Added, new)] {
        for line in String::from_utf8_lossy(bytes.unwrap_or_default()).split_terminator('\n') {
            body.push(mark.sign());
            body.push_str(line.strip_suffix('\r').unwrap_or(line));
            body.push('\n');
        }
    }
    HunkView { contexts: &[], starts: Some((1, 1)), body: Cow::Owned(body) }
}

fn letter_of(kind: &ChangeKind) -> char {
    match kind {
        ChangeKind::Add => 'A',
        ChangeKind::Update { .. } => 'M',
        ChangeKind::Delete => 'D',
    }
}

fn target(change: &Change) -> Option<&str> {
    match &change.kind {
        ChangeKind::Update { move_to } => move_to.as_ref().map(|target| target.shown.as_str()),
        ChangeKind::Add | ChangeKind::Delete => None,
    }
}

/// A path on one line, whatever is in it.
fn one_line(path: &str) -> Cow<'_, str> {
    crate::text::clean::escape(path)
}
