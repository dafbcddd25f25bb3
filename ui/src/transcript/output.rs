//! Output of commands and tools: its last lines, dim where all went well, with a count of what is not shown. A line that is too long is shown
//! from its beginning.

use quire_state::text::{clean::clean, head_tail::HeadTail};
use ratatui::style::Style;

use super::PaintContext;
use crate::text::{Frame, Rows, line, literal, progress, sgr, span, truncate, wrap, wrap_hard_hanging};

/// Rows that are shown while details are not.
const ROWS: usize = 3;
/// Rows that a long line gets at least: its beginning, and how much of it there is.
const LINE_ROWS: usize = 2;
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
    pub(crate) fn of(context: PaintContext<'_>, is_open: bool) -> Self {
        match (context.details, is_open) {
            (false, _) => Self::Short,
            (true, true) => Self::Live,
            (true, false) => Self::Whole,
        }
    }
}

/// The lines of an output, below the row that names its source.
pub(crate) fn rows(output: &HeadTail, extent: Extent, context: PaintContext<'_>) -> Rows {
    rows_in(output, extent, Pen { context, text: context.theme.dim })
}

/// The same of what has failed: it is to be read.
pub(crate) fn failed_rows(output: &HeadTail, extent: Extent, context: PaintContext<'_>) -> Rows {
    rows_in(output, extent, Pen { context, text: Style::new() })
}

/// How an output is painted.
#[derive(Clone, Copy)]
struct Pen<'a> {
    context: PaintContext<'a>,
    text: Style,
}

fn rows_in(output: &HeadTail, extent: Extent, pen: Pen<'_>) -> Rows {
    let context = pen.context;
    let frame = Frame::new(literal("  └ ", context.theme.dim));
    let room = frame.room(context.width);
    let played = progress::played(output, extent == Extent::Whole);
    let output = played.as_ref().unwrap_or(output);
    let mut rows = match extent {
        Extent::Short => last_rows(output, ROWS, room, pen),
        Extent::Live => last_rows(output, LIVE_ROWS, room, pen),
        Extent::Whole => all_rows(output, room, pen),
    };
    frame.put(&mut rows, true);
    rows
}

fn all_rows(output: &HeadTail, room: usize, pen: Pen<'_>) -> Rows {
    if output.omitted_bytes == 0 {
        return text_rows(&format!("{}{}", output.head, output.tail), room, pen);
    }
    let mut rows = text_rows(&output.head, room, pen);
    let gone = match output.omitted_lines {
        0 => format!("… {} bytes of this line were not kept …", output.omitted_bytes),
        lines => format!("… {lines} lines ({} bytes) were not kept …", output.omitted_bytes),
    };
    rows.extend(wrap(&[span(&gone, pen.context.theme.warning)], room).into_iter().map(line));
    rows.extend(text_rows(&output.tail, room, pen));
    rows
}

fn text_rows(text: &str, room: usize, pen: Pen<'_>) -> Rows {
    if text.contains('\u{1b}') {
        return text.trim_end().split('\n').flat_map(|text| line_rows(last_state(text), room, pen)).collect();
    }
    let text = clean(text);
    text.trim_end().split('\n').flat_map(|text| line_rows(text, room, pen)).collect()
}

fn line_rows(text: &str, room: usize, pen: Pen<'_>) -> Rows {
    let spans = match text.contains('\u{1b}') {
        true => sgr::spans(text, pen.text, pen.context.theme),
        false => vec![span(text, pen.text)],
    };
    wrap_hard_hanging(&spans, room, pen.context.width.saturating_sub(room)).into_iter().map(line).collect()
}

fn last_rows(output: &HeadTail, limit: usize, room: usize, pen: Pen<'_>) -> Rows {
    // From the last line upwards, until the rows are full.
    let mut rows = Rows::new();
    let mut shown = 0;
    for text in Lines::of(output) {
        let Some(left) = limit.checked_sub(rows.len()).filter(|left| *left > 0) else { break };
        shown += 1;
        let mut above = first_rows(&text, left.max(LINE_ROWS), room, pen);
        above.append(&mut rows);
        rows = above;
    }
    let hidden = count_lines(output).saturating_sub(shown);
    if hidden > 0 {
        rows.push(line(vec![span(&truncate(&pen.context.folded(hidden), room), pen.context.theme.dim)]));
    }
    rows
}

/// The first rows of a line, the last of them a mark where there are more.
fn first_rows(text: &Text<'_>, limit: usize, room: usize, pen: Pen<'_>) -> Rows {
    let most = limit * ROW_BYTES;
    let mut kept = prefix(text.begin, most).to_owned();
    kept.push_str(prefix(text.rest, most - kept.len()));
    let kept_bytes = kept.len() as u64;
    let begun_later = if text.has_begin { "" } else { "…" };
    let kept = if kept.contains('\u{1b}') { kept } else { clean(&kept).into_owned() };
    let mut rows = line_rows(&format!("{begun_later}{kept}"), room, pen);
    if rows.len() <= limit && kept_bytes >= text.bytes {
        return rows;
    }
    rows.truncate(limit.saturating_sub(1));
    let shown: usize = rows.iter().flat_map(|row| &row.spans).map(|span| span.content.len()).sum();
    let more = format!("… +{} bytes of this line{}", text.bytes.saturating_sub(shown as u64), pen.context.opened());
    rows.push(line(vec![span(&truncate(&more, room), pen.context.theme.dim)]));
    rows
}

/// A line of an output.
struct Text<'a> {
    /// Its beginning, or all of it.
    begin: &'a str,
    /// What is behind that.
    rest: &'a str,
    /// All its bytes, those included that were not kept.
    bytes: u64,
    /// Whether its beginning was kept.
    has_begin: bool,
}

impl<'a> Text<'a> {
    fn whole(text: &'a str) -> Self {
        let begin = last_state(text);
        Self { begin, rest: "", bytes: begin.len() as u64, has_begin: true }
    }
}

/// The lines of an output from the last one up, without the blank ones at its end.
struct Lines<'a> {
    head: &'a str,
    tail: Option<&'a str>,
    omitted: Option<(u64, u64)>,
    is_over: bool,
}

impl<'a> Lines<'a> {
    fn of(output: &'a HeadTail) -> Self {
        let omitted = (output.omitted_bytes > 0).then_some((output.omitted_bytes, output.omitted_lines));
        let tail = output.tail.trim_end();
        let tail = Some(tail).filter(|tail| !tail.is_empty() || omitted.is_some());
        let head = if tail.is_none() { output.head.trim_end() } else { &output.head };
        Self { head, tail, omitted, is_over: false }
    }

    /// The line that goes from the head into the tail, as far as it is kept.
    fn across(&mut self, tail: &'a str) -> Text<'a> {
        self.tail = None;
        let Some((bytes, lines)) = self.omitted.take() else {
            let begin = self.next_of_head();
            return match tail.trim_end_matches('\r').rfind('\r') {
                Some(at) => Text::whole(&tail[at + 1..]),
                None => Text { begin, rest: tail, bytes: (begin.len() + tail.len()) as u64, has_begin: true },
            };
        };
        if lines > 0 {
            // What is above was not kept either.
            self.is_over = true;
            return Text { bytes: tail.len() as u64, begin: tail, rest: "", has_begin: false };
        }
        let begin = self.next_of_head();
        Text { begin, rest: "", bytes: begin.len() as u64 + bytes + tail.len() as u64, has_begin: true }
    }

    fn next_of_head(&mut self) -> &'a str {
        match self.head.rsplit_once('\n') {
            Some((above, last)) => {
                self.head = above;
                last
            }
            None => {
                self.is_over = true;
                self.head
            }
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Text<'a>;

    fn next(&mut self) -> Option<Text<'a>> {
        if self.is_over {
            return None;
        }
        let Some(tail) = self.tail else { return Some(Text::whole(self.next_of_head())) };
        match tail.rsplit_once('\n') {
            Some((above, last)) => {
                self.tail = Some(above);
                Some(Text::whole(last))
            }
            None => Some(self.across(tail)),
        }
    }
}

/// Of a line that is written anew again and again, the last state is what a terminal shows.
fn last_state(text: &str) -> &str {
    text.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default()
}

fn prefix(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Lines of an output; blank ones at its end do not count.
fn count_lines(output: &HeadTail) -> u64 {
    let ends = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count() as u64;
    let tail = output.tail.trim_end();
    let head = if tail.is_empty() && output.omitted_bytes == 0 { output.head.trim_end() } else { &output.head };
    ends(head) + output.omitted_lines + ends(tail) + 1
}
