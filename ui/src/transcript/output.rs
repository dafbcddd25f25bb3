//! Output of commands and tools: its last lines, dimmed, with a count of what is not shown.

use std::borrow::Cow;

use quire_state::text::{clean::clean, head_tail::HeadTail};

use super::Look;
use crate::text::{Frame, Rows, line, literal, span, truncate, wrap, wrap_hard};

/// Rows that are shown while details are not.
const ROWS: usize = 5;
/// Rows that are shown of a running command with details.
const LIVE_ROWS: usize = 200;
/// Bytes per shown row that are looked at: a line without an end must not cost more than it shows.
const ROW_BYTES: usize = 1024;

/// How much of an output is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The last rows.
    Short,
    /// Many last rows: the output still grows.
    Live,
    /// Everything.
    Whole,
}

impl Extent {
    /// What fits the look.
    pub(crate) fn of(look: Look<'_>, is_open: bool) -> Self {
        match (look.details, is_open) {
            (false, _) => Self::Short,
            (true, true) => Self::Live,
            (true, false) => Self::Whole,
        }
    }
}

/// The lines of an output, below the row that names its source.
pub(crate) fn rows(output: &HeadTail, extent: Extent, look: Look<'_>) -> Rows {
    let frame = Frame::new(literal("  └ ", look.theme.dim));
    let room = frame.room(look.width);
    let mut rows = match extent {
        Extent::Short => last_rows(output, ROWS, room, look),
        Extent::Live => last_rows(output, LIVE_ROWS, room, look),
        Extent::Whole => all_rows(output, room, look),
    };
    frame.put(&mut rows, true);
    rows
}

fn all_rows(output: &HeadTail, room: usize, look: Look<'_>) -> Rows {
    if output.omitted_bytes == 0 {
        return text_rows(&format!("{}{}", output.head, output.tail), room, look);
    }
    let mut rows = text_rows(&output.head, room, look);
    let gone = format!("… {} lines ({} bytes) were not kept …", output.omitted_lines, output.omitted_bytes);
    rows.extend(wrap(&[span(&gone, look.theme.warning)], room).into_iter().map(line));
    rows.extend(text_rows(&output.tail, room, look));
    rows
}

fn text_rows(text: &str, room: usize, look: Look<'_>) -> Rows {
    let text = clean(text);
    text.trim_end().split('\n').flat_map(|text| line_rows(text, room, look)).collect()
}

fn line_rows(text: &str, room: usize, look: Look<'_>) -> Rows {
    wrap_hard(&[span(text, look.theme.dim)], room).into_iter().map(line).collect()
}

fn last_rows(output: &HeadTail, limit: usize, room: usize, look: Look<'_>) -> Rows {
    let end = end(output, limit * ROW_BYTES);
    let end = clean(&end);
    // From the last line upwards, until the rows are full.
    let mut rows = Rows::new();
    let mut shown = 0;
    for text in end.trim_end().rsplit('\n') {
        if rows.len() >= limit {
            break;
        }
        shown += 1;
        let mut above = line_rows(text, room, look);
        above.append(&mut rows);
        rows = above;
    }
    let mut rows = rows.split_off(rows.len().saturating_sub(limit));
    let hidden = count_lines(output).saturating_sub(shown);
    if hidden > 0 {
        rows.insert(0, line(vec![span(&truncate(&look.folded(hidden), room), look.theme.dim)]));
    }
    rows
}

/// The last bytes of an output, as far as they are kept in one piece.
fn end(output: &HeadTail, bytes: usize) -> Cow<'_, str> {
    if output.tail.is_empty() {
        return Cow::Borrowed(suffix(&output.head, bytes));
    }
    match bytes.checked_sub(output.tail.len()) {
        Some(missing) if output.omitted_bytes == 0 => {
            Cow::Owned(format!("{}{}", suffix(&output.head, missing), output.tail))
        }
        Some(_) | None => Cow::Borrowed(suffix(&output.tail, bytes)),
    }
}

fn suffix(text: &str, bytes: usize) -> &str {
    let mut from = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

/// Lines of an output; blank ones at its end do not count.
fn count_lines(output: &HeadTail) -> u64 {
    let ends = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count() as u64;
    let tail = output.tail.trim_end();
    let head = if tail.is_empty() && output.omitted_bytes == 0 { output.head.trim_end() } else { &output.head };
    ends(head) + output.omitted_lines + ends(tail) + 1
}
