//! From text to [`Patch`]. A patch that does not keep to the grammar is refused whole, with the line that breaks it.

use std::fmt;

use super::{Hunk, PATCH_BYTES, Patch, Section, wrapping};

/// Why a text is no patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The line of the text, counted from one.
    pub line: usize,
    /// What is wrong with it, as a sentence.
    pub reason: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.reason)
    }
}

/// Reads a patch. Blank lines around it, `\r\n` as its line ends, blanks before its last line, and a shell's
/// here-document, a code fence or JSON around it are no obstacle.
///
/// # Errors
/// When the text breaks the grammar anywhere; there is no patch then, not even in part.
pub fn parse(text: &str) -> Result<Patch, Malformed> {
    if text.len() > PATCH_BYTES {
        let reason = format!("The patch is larger than {} MiB; split it.", PATCH_BYTES / (1024 * 1024));
        return Err(Malformed { line: 1, reason });
    }
    let text = &*wrapping::taken_off(text);
    let mut reader = Reader { rest: text, line: 1, crlf: false, end: 0 };
    let around = begin(&mut reader)?;
    reader.end = wrapping::last_line(text, &around);
    let mut sections = Vec::new();
    loop {
        reader.skip_blank();
        let line = reader.line;
        let Some(heading) = reader.next() else { return Err(no_end(line)) };
        match marker(heading.trim()) {
            Some(Marker::End) => break,
            Some(Marker::Add(path)) => sections.push(add(&mut reader, named(path, line)?)?),
            Some(Marker::Delete(path)) => sections.push(delete(&mut reader, named(path, line)?)?),
            Some(Marker::Update(path)) => sections.push(update(&mut reader, named(path, line)?, line)?),
            Some(Marker::Move(_)) => {
                return fail(line, "`*** Move to:` must come right after `*** Update File:`.");
            }
            Some(Marker::EndOfFile) => return fail(line, "`*** End of File` must come at the end of a hunk."),
            Some(Marker::Begin) => return fail(line, "`*** Begin Patch` appears here a second time."),
            Some(Marker::Unknown) | None => return fail(line, &no_heading(heading)),
        }
    }
    finish(&mut reader, &around)?;
    if sections.is_empty() {
        return fail(reader.line.saturating_sub(1).max(1), "The patch changes no file.");
    }
    Ok(Patch { sections })
}

/// Lines that stand for themselves, apart from the lines of a file.
enum Marker<'a> {
    Begin,
    End,
    Add(&'a str),
    Delete(&'a str),
    Update(&'a str),
    Move(&'a str),
    EndOfFile,
    /// It begins like one, and is none.
    Unknown,
}

fn marker(line: &str) -> Option<Marker<'_>> {
    let words = line.strip_prefix("***")?.trim();
    let after = |prefix: &str| words.strip_prefix(prefix).map(str::trim);
    Some(match words {
        "Begin Patch" => Marker::Begin,
        "End Patch" => Marker::End,
        "End of File" => Marker::EndOfFile,
        _ => after("Add File:")
            .map(Marker::Add)
            .or_else(|| after("Delete File:").map(Marker::Delete))
            .or_else(|| after("Update File:").map(Marker::Update))
            .or_else(|| after("Move to:").map(Marker::Move))
            .unwrap_or(Marker::Unknown),
    })
}

/// The lines of a text, one after another.
struct Reader<'a> {
    rest: &'a str,
    /// The number of the line that comes next.
    line: usize,
    /// The patch's own line ends are `\r\n`, so a `\r` belongs to no line of it.
    crlf: bool,
    /// The number of the last line, if it is `*** End Patch`, whatever blanks stand before that; else 0.
    end: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let line = self.rest.split('\n').next().unwrap_or_default();
        Some(if self.crlf { line.strip_suffix('\r').unwrap_or(line) } else { line })
    }

    fn next(&mut self) -> Option<&'a str> {
        let line = self.peek()?;
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        self.line += 1;
        Some(line)
    }

    /// Whether the line that comes next ends the patch, or is one of those that stand for themselves.
    fn is_at_marker(&self, line: &str) -> bool {
        line.starts_with("***") || self.line == self.end
    }

    fn skip_blank(&mut self) {
        while self.peek().is_some_and(|line| line.trim().is_empty()) {
            self.next();
        }
    }
}

/// What stands around a patch.
#[derive(Default)]
pub(super) struct Around<'a> {
    /// The word that ends the here-document.
    pub(super) delimiter: Option<&'a str>,
    /// The code fence.
    pub(super) fence: Option<&'a str>,
}

/// Reads up to `*** Begin Patch`, and what stands before it.
fn begin<'a>(reader: &mut Reader<'a>) -> Result<Around<'a>, Malformed> {
    reader.skip_blank();
    let mut around = Around::default();
    if let Some(fence) = reader.peek().and_then(wrapping::fence) {
        around.fence = Some(fence);
        reader.next();
        reader.skip_blank();
    }
    if let Some(first) = reader.peek() {
        let first = first.trim();
        let behind = first.strip_prefix("apply_patch").or_else(|| first.strip_prefix("applypatch")).unwrap_or(first);
        if let Some(word) = behind.trim_start().strip_prefix("<<") {
            let word = word.trim_start_matches('-').trim();
            around.delimiter = Some(word.trim_matches(|quote| quote == '\'' || quote == '"'));
            reader.next();
            reader.skip_blank();
        }
    }
    let line = reader.line;
    match reader.next() {
        Some(first) if matches!(marker(first.trim()), Some(Marker::Begin)) => {
            reader.crlf = first.ends_with('\r');
            Ok(around)
        }
        Some(_) | None => fail(line, "The first line must be `*** Begin Patch`."),
    }
}

/// Whether a line is `*** End Patch`.
pub(super) fn is_end(line: &str) -> bool {
    matches!(marker(line.trim()), Some(Marker::End))
}

/// Reads what may stand behind `*** End Patch`.
fn finish(reader: &mut Reader<'_>, around: &Around<'_>) -> Result<(), Malformed> {
    for end in [around.delimiter, around.fence] {
        reader.skip_blank();
        if end.is_some() && reader.peek().map(str::trim) == end {
            reader.next();
        }
    }
    reader.skip_blank();
    match reader.peek() {
        Some(_) => fail(reader.line, "Nothing may follow `*** End Patch`."),
        None => Ok(()),
    }
}

fn add(reader: &mut Reader<'_>, path: String) -> Result<Section, Malformed> {
    let mut content = String::new();
    while let Some(line) = reader.peek().and_then(|line| line.strip_prefix('+')) {
        content.push_str(line);
        content.push('\n');
        reader.next();
    }
    reader.skip_blank();
    match reader.peek() {
        Some(line) if !line.trim().starts_with("***") => {
            fail(reader.line, "Every line of a new file must begin with `+`, blank lines too.")
        }
        Some(_) | None => Ok(Section::Add { path, content }),
    }
}

fn delete(reader: &mut Reader<'_>, path: String) -> Result<Section, Malformed> {
    reader.skip_blank();
    match reader.peek() {
        Some(line) if !line.trim().starts_with("***") => {
            fail(reader.line, "`*** Delete File:` takes no lines after it.")
        }
        Some(_) | None => Ok(Section::Delete { path }),
    }
}

fn update(reader: &mut Reader<'_>, path: String, heading: usize) -> Result<Section, Malformed> {
    reader.skip_blank();
    let mut move_to = None;
    if let Some(Marker::Move(target)) = reader.peek().and_then(|line| marker(line.trim_end())) {
        move_to = Some(named(target, reader.line)?);
        reader.next();
        reader.skip_blank();
    }
    let mut hunks: Vec<Hunk> = Vec::new();
    while let Some(line) = reader.peek() {
        if reader.is_at_marker(line) {
            break;
        }
        if !hunks.is_empty() && !line.starts_with("@@") {
            return fail(reader.line, "Only a new hunk (`@@`) or a new section can follow `*** End of File`.");
        }
        hunks.push(hunk(reader)?);
        if hunks.last().is_some_and(|hunk| hunk.at_end) {
            reader.skip_blank();
        }
    }
    if hunks.is_empty() && move_to.is_none() {
        return fail(heading, &format!("The update of `{path}` contains no change."));
    }
    Ok(Section::Update { path, move_to, hunks })
}

fn hunk(reader: &mut Reader<'_>) -> Result<Hunk, Malformed> {
    let first = reader.line;
    let mut hunk = Hunk::default();
    while let Some(line) = reader.peek()
        && line.starts_with("@@")
    {
        hunk.contexts.extend(context(line, reader.line)?);
        reader.next();
    }
    let mut has_lines = false;
    while let Some(line) = reader.peek() {
        if line.starts_with("@@") {
            break;
        }
        if reader.is_at_marker(line) {
            hunk.at_end = matches!(marker(line), Some(Marker::EndOfFile));
            break;
        }
        match line.as_bytes().first() {
            Some(b' ' | b'+' | b'-') => hunk.body.push_str(line),
            None | Some(b'\r') if line.trim().is_empty() => hunk.body.push(' '),
            Some(_) | None => return fail(reader.line, &no_mark(line)),
        }
        hunk.body.push('\n');
        has_lines |= line.starts_with(['+', '-']) || !line.trim().is_empty();
        reader.next();
    }
    if !has_lines {
        return fail(first, "The hunk contains no lines.");
    }
    if hunk.at_end {
        reader.next();
    }
    Ok(hunk)
}

/// The line that `@@` names. Line numbers, as other tools write them there, name none.
fn context(line: &str, number: usize) -> Result<Option<String>, Malformed> {
    let behind = &line[2..];
    if behind.trim().is_empty() {
        return Ok(None);
    }
    let Some(text) = behind.strip_prefix(' ') else {
        return fail(number, "A line of the file after `@@` must be separated from it by a space.");
    };
    Ok(if is_range(text) { None } else { Some(text.to_owned()) })
}

/// Whether a text is `-1,2 +3,4 @@`, with or without more behind it.
fn is_range(text: &str) -> bool {
    let is_pair = |word: Option<&str>, sign: char| {
        let digits = word.and_then(|word| word.strip_prefix(sign));
        digits.is_some_and(|digits| {
            digits.starts_with(|digit: char| digit.is_ascii_digit())
                && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b',')
        })
    };
    let mut words = text.split(' ');
    is_pair(words.next(), '-') && is_pair(words.next(), '+') && words.next() == Some("@@")
}

fn named(path: &str, line: usize) -> Result<String, Malformed> {
    match path {
        "" => fail(line, "A path is missing here."),
        _ if path.contains('\0') => fail(line, "The path contains a zero byte, which paths cannot."),
        _ => Ok(path.to_owned()),
    }
}

fn no_mark(line: &str) -> String {
    format!("A line of a hunk must begin with a space, `+` or `-`; this one is `{}`.", cut(line))
}

fn no_heading(line: &str) -> String {
    format!("Expected `*** Add File:`, `*** Delete File:`, `*** Update File:` or `*** End Patch`, not `{}`.", cut(line))
}

fn no_end(line: usize) -> Malformed {
    Malformed { line, reason: "The patch ends without `*** End Patch`.".to_owned() }
}

fn cut(line: &str) -> &str {
    &line[..line.floor_char_boundary(80)]
}

fn fail<T>(line: usize, reason: &str) -> Result<T, Malformed> {
    Err(Malformed { line, reason: reason.to_owned() })
}
