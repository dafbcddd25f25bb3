//! One file's bytes with the hunks of one section applied. Bytes that no hunk names stay as they are.

use serde::{Deserialize, Serialize};

use super::{
    Hunk, Mark, Rejection,
    lines::{BYTE_ORDER_MARK, LineEnd, Lines},
    place::{Misplaced, Place, place},
    same::{count, settled},
};

/// A hunk as it was applied, for those who show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownHunk {
    /// The number of its first line in the old file, counted from one.
    pub old_start: usize,
    /// The number of its first line in the new file, counted from one.
    pub new_start: usize,
    /// Its lines as they stand in the files, each with its mark in front and `\n` behind it. Bytes that are no text
    /// show as U+FFFD.
    pub body: String,
}

/// A file after its hunks.
pub(super) struct Edited {
    pub(super) bytes: Vec<u8>,
    pub(super) hunks: Vec<ShownHunk>,
    pub(super) added_lines: usize,
    pub(super) removed_lines: usize,
}

/// Applies the hunks of one section to a file.
///
/// # Errors
/// When a hunk has no place, or when the file cannot be changed without harm to what the hunks do not name.
pub(super) fn edit(path: &str, old: &[u8], hunks: &[Hunk]) -> Result<Edited, Rejection> {
    if old.starts_with(b"\xff\xfe") || old.starts_with(b"\xfe\xff") {
        return Err(Rejection::of(path, "the file is UTF-16 text, which a patch would damage"));
    }
    let lines = Lines::of(old);
    let places = place(&lines, hunks).0.map_err(|misplaced| misfit(path, hunks, &misplaced))?;
    check_encoding(path, old, hunks)?;
    let mut writer = Writer::of(&lines, old.len());
    for (hunk, place) in hunks.iter().zip(places) {
        writer.apply(hunk, place);
    }
    Ok(writer.finish())
}

fn misfit(path: &str, hunks: &[Hunk], misplaced: &Misplaced) -> Rejection {
    let hunk = &hunks[misplaced.hunk];
    let (what, lines): (_, Box<dyn Iterator<Item = &str>>) = match misplaced.context {
        Some(context) => ("the line after `@@` is not", Box::new(std::iter::once(hunk.contexts[context].as_str()))),
        None if hunk.at_end => ("these lines are not at the end of", Box::new(hunk.old_lines())),
        None => ("these lines are not", Box::new(hunk.old_lines())),
    };
    let file = if misplaced.context.is_none() && hunk.at_end { " the file" } else { " in the file" };
    let reason = match (misplaced.from, misplaced.above) {
        (_, Some(above)) if hunk.at_end && misplaced.context.is_none() => {
            format!("{what}{file} (they are at line {})", above + 1)
        }
        (0, _) => format!("{what}{file}"),
        (from, None) => format!("{what}{file} (searched from line {})", from + 1),
        (from, Some(above)) => format!(
            "{what}{file} from line {} on (found at line {}; hunks must be in the order of the file)",
            from + 1,
            above + 1
        ),
    };
    let mut rejection = Rejection::of(path, reason).with_lines(lines);
    rejection.hunk = Some(misplaced.hunk + 1);
    rejection
}

/// Refuses new text that would mix encodings in a file that is not UTF-8.
fn check_encoding(path: &str, old: &[u8], hunks: &[Hunk]) -> Result<(), Rejection> {
    if std::str::from_utf8(old).is_ok() {
        return Ok(());
    }
    let has_wide_text = || old.utf8_chunks().any(|chunk| !chunk.valid().is_ascii());
    let mut wide_text = None;
    for (number, hunk) in hunks.iter().enumerate() {
        for (_, text) in hunk.lines().filter(|(mark, text)| *mark == Mark::Added && !text.is_ascii()) {
            if text.contains('\u{fffd}') || !*wide_text.get_or_insert_with(has_wide_text) {
                let reason =
                    "the file is not UTF-8 text, so new lines may hold plain ASCII only; change it by a command";
                let mut rejection = Rejection::of(path, reason).with_lines(std::iter::once(text));
                rejection.hunk = Some(number + 1);
                return Err(rejection);
            }
        }
    }
    Ok(())
}

struct Writer<'a, 'b> {
    lines: &'b Lines<'a>,
    out: Vec<u8>,
    /// Lines of the old file that are dealt with.
    done: usize,
    /// Lines written.
    written: usize,
    /// The end of the line written last.
    last_end: Option<LineEnd>,
    hunks: Vec<ShownHunk>,
    added_lines: usize,
    removed_lines: usize,
}

impl<'a, 'b> Writer<'a, 'b> {
    fn of(lines: &'b Lines<'a>, size: usize) -> Self {
        let mut out = Vec::with_capacity(size + size / 16);
        out.extend_from_slice(lines.prefix());
        let hunks = Vec::new();
        Self { lines, out, done: 0, written: 0, last_end: None, hunks, added_lines: 0, removed_lines: 0 }
    }

    fn apply(&mut self, hunk: &Hunk, place: Place) {
        self.keep(place.at);
        let (old_start, new_start) = (self.done + 1, self.written + 1);
        let length = hunk.lines().count() - place.spacers;
        // The ends of the lines that the next new lines stand for, and how many of these there were.
        let (mut ends, mut taken) = (Vec::new(), 0);
        let mut shown = Vec::with_capacity(length);
        for (mark, text) in hunk.lines().take(length) {
            match mark {
                Mark::Added => {
                    let end = ends.get(taken).or(ends.last()).copied().unwrap_or_else(|| self.end_nearby());
                    taken += 1;
                    shown.push((mark, (self.add(text, end).as_bytes(), end)));
                }
                Mark::Kept | Mark::Removed => {
                    let end = self.end_of(self.done);
                    shown.push((mark, (self.lines.get(self.done).unwrap_or_default(), end)));
                    if mark == Mark::Kept {
                        (ends, taken) = (Vec::new(), 0);
                        self.keep(self.done + 1);
                    } else {
                        ends.push(end);
                        self.done += 1;
                    }
                }
            }
        }
        let shown = settled(shown);
        self.added_lines += count(&shown, Mark::Added);
        self.removed_lines += count(&shown, Mark::Removed);
        let mut body = String::new();
        for (mark, (line, _)) in shown {
            body.push(mark.sign());
            body.push_str(&String::from_utf8_lossy(line));
            body.push('\n');
        }
        self.hunks.push(ShownHunk { old_start, new_start, body });
    }

    /// Copies the old lines up to one.
    fn keep(&mut self, to: usize) {
        if to <= self.done {
            return;
        }
        self.out.extend_from_slice(self.lines.range(self.done, to));
        self.last_end = Some(self.end_of(to - 1));
        if self.lines.end(to - 1).is_none() {
            self.out.extend_from_slice(self.end_of(to - 1).bytes());
        }
        self.written += to - self.done;
        self.done = to;
    }

    /// Writes a new line; its text as it was written.
    fn add<'t>(&mut self, text: &'t str, end: LineEnd) -> &'t str {
        let mut text = if end == LineEnd::CrLf { text.strip_suffix('\r').unwrap_or(text) } else { text };
        if self.written == 0 && self.lines.prefix() == BYTE_ORDER_MARK {
            text = text.strip_prefix('\u{feff}').unwrap_or(text);
        }
        self.out.extend_from_slice(text.as_bytes());
        self.out.extend_from_slice(end.bytes());
        self.last_end = Some(end);
        self.written += 1;
        text
    }

    /// The end of an old line. The last line of a file may have none; it counts as ending like its neighbour.
    fn end_of(&self, line: usize) -> LineEnd {
        let above = || line.checked_sub(1).and_then(|above| self.lines.end(above));
        self.lines.end(line).or_else(above).unwrap_or(LineEnd::Lf)
    }

    /// How a new line ends that stands for no old one: as the line above it, or else as the one below.
    fn end_nearby(&self) -> LineEnd {
        match self.done.checked_sub(1) {
            Some(above) => self.end_of(above),
            None => self.end_of(0),
        }
    }

    fn finish(mut self) -> Edited {
        self.keep(self.lines.len());
        // A file without a last line end stays one.
        if self.lines.is_open()
            && let Some(end) = self.last_end
        {
            self.out.truncate(self.out.len() - end.bytes().len());
        }
        let Self { out, hunks, added_lines, removed_lines, .. } = self;
        Edited { bytes: out, hunks, added_lines, removed_lines }
    }
}
