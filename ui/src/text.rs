//! The edge where strings become spans. Whatever comes from a model, a tool or a file is cleaned here and nowhere
//! else: no other module of this crate may make a span (a test keeps this).

pub(crate) mod hits;
pub(crate) mod links;
pub(crate) mod progress;
pub(crate) mod sgr;

use std::{borrow::Cow, ops::Range};

use quire_state::text::{clean, width as cells, wrap as words};
use ratatui::{
    style::{Modifier, Style},
    text::{Line, Span},
};

use crate::theme::Theme;

/// Painted lines.
pub(crate) type Rows = Vec<Line<'static>>;

/// Spans of one line before wrapping.
pub(crate) type Spans = Vec<Span<'static>>;

/// Text of any origin as a span: control sequences are gone, other unprintable characters are visible.
pub(crate) fn span(text: &str, style: Style) -> Span<'static> {
    let cleaned = clean::clean(text);
    if cleaned.contains(['\n', '\r']) {
        return Span::styled(cleaned.replace(['\n', '\r'], " "), style);
    }
    Span::styled(cleaned.into_owned(), style)
}

/// A literal of ours as a span.
pub(crate) fn literal(text: &'static str, style: Style) -> Span<'static> {
    Span::styled(text, style)
}

/// Spaces.
pub(crate) fn spaces(count: usize) -> Span<'static> {
    const BLANK: &str = "                                ";
    Span::raw(BLANK.get(..count).map_or_else(|| Cow::Owned(" ".repeat(count)), Cow::Borrowed))
}

/// One character, many times.
pub(crate) fn fill(character: char, count: usize, style: Style) -> Span<'static> {
    Span::styled(character.to_string().repeat(count), style)
}

/// A line of spans.
pub(crate) fn line(spans: Spans) -> Line<'static> {
    Line::from(spans)
}

/// An empty line.
pub(crate) fn blank() -> Line<'static> {
    Line::default()
}

/// Removes what is invisible at the end of a row.
pub(crate) fn trim_end(row: &mut Spans) {
    while row.last().is_some_and(|span| span.content.trim().is_empty() && span.style == Style::new()) {
        row.pop();
    }
}

/// Cells that a text takes.
pub(crate) fn width(text: &str) -> usize {
    cells::cell_width(text)
}

/// Cells that spans take.
pub(crate) fn spans_width(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|span| width(&span.content)).sum()
}

/// Cleaned text of one line, for the window's title.
pub(crate) fn title(text: &str) -> String {
    span(text, Style::new()).content.into_owned()
}

/// The longest beginning of a text that fits, with `…` where something is missing.
pub(crate) fn truncate(text: &str, room: usize) -> String {
    cells::truncate_width(&title(text), room).into_owned()
}

/// The longest end of a text that fits, with `…` where something is missing.
pub(crate) fn truncate_left(text: &str, room: usize) -> String {
    let cleaned = title(text);
    let total = width(&cleaned);
    if total <= room {
        return cleaned;
    }
    if room == 0 {
        return String::new();
    }
    let mut skip = total + 1 - room;
    let kept = cells::graphemes(&cleaned).find(|cluster| {
        let is_kept = skip == 0;
        skip = skip.saturating_sub(cluster.width);
        is_kept
    });
    format!("…{}", kept.map_or("", |cluster| &cleaned[cluster.at..]))
}

/// Cuts a line to a width, with `…` where something is missing.
pub(crate) fn truncate_line(spans: Spans, room: usize) -> Line<'static> {
    if spans_width(&spans) <= room {
        return line(spans);
    }
    let mut kept = Vec::with_capacity(spans.len());
    let mut left = room;
    for part in spans {
        let wide = width(&part.content);
        if wide < left {
            left -= wide;
            kept.push(part);
            continue;
        }
        // This span reaches the border, and something follows it or is cut from it.
        let mut text = truncate(&part.content, left);
        if !text.ends_with('…') {
            text = truncate(&format!("{text} "), left);
        }
        kept.push(Span::styled(text, part.style));
        break;
    }
    line(kept)
}

/// A row with something at its right edge, one column before it; the left part gives way.
pub(crate) fn with_end(left: Spans, end: Spans, room: usize) -> Line<'static> {
    let cols = spans_width(&end);
    if cols + 2 >= room {
        return truncate_line(left.into_iter().chain(end).collect(), room);
    }
    let mut spans = truncate_line(left, room - cols - 2).spans;
    spans.push(spaces(room - 1 - cols - spans_width(&spans)));
    spans.extend(end);
    line(spans)
}

/// Marks a row from edge to edge as the one that is taken: nothing on it is dim or of another colour, and what was
/// reversed is underlined.
pub(crate) fn mark(row: &mut Line<'static>, theme: &Theme, width: usize) {
    let free = width.saturating_sub(spans_width(&row.spans));
    row.spans.push(spaces(free));
    for part in &mut row.spans {
        let modifier = part.style.add_modifier - Modifier::DIM;
        let escape = if modifier.contains(Modifier::REVERSED) { Modifier::UNDERLINED } else { Modifier::empty() };
        let own = Style { fg: None, bg: None, add_modifier: (modifier - Modifier::REVERSED) | escape, ..part.style };
        part.style = own.patch(theme.mark);
    }
}

/// Marks a range of bytes of a row, on which nothing is dim then.
pub(crate) fn mark_range(row: &mut Line<'static>, range: &Range<usize>, style: Style) {
    let mut spans = Spans::with_capacity(row.spans.len() + 2);
    let mut start = 0;
    for part in row.spans.drain(..) {
        let len = part.content.len();
        let (from, to) = (range.start.saturating_sub(start).min(len), range.end.saturating_sub(start).min(len));
        start += len;
        if from >= to {
            spans.push(part);
            continue;
        }
        let own = part.style;
        let marked = Style { fg: None, add_modifier: own.add_modifier - Modifier::DIM, ..own }.patch(style);
        for (cut, style) in [(0..from, own), (from..to, marked), (to..len, own)] {
            let text = part.content.get(cut).unwrap_or_default();
            if !text.is_empty() {
                spans.push(Span::styled(text.to_owned(), style));
            }
        }
    }
    row.spans = spans;
}

/// Puts a ground under a row, from edge to edge.
pub(crate) fn ground(row: &mut Line<'static>, under: Style, width: usize) {
    if under.bg.is_none() {
        return;
    }
    let free = width.saturating_sub(spans_width(&row.spans));
    row.spans.push(spaces(free));
    row.spans.iter_mut().for_each(|part| part.style = under.patch(part.style));
}

/// Wraps spans at word borders. Long words break at character borders.
pub(crate) fn wrap(spans: &[Span<'_>], room: usize) -> Vec<Spans> {
    wrap_hanging(spans, room, 0)
}

/// The same for rows that will be indented by `hang` cells: those that begin inside an address are not, and are longer by
/// as much.
pub(crate) fn wrap_hanging(spans: &[Span<'_>], room: usize, hang: usize) -> Vec<Spans> {
    break_with(spans, room, |text, room, addresses| {
        links::around(text, room, hang, addresses, |part| word_ranges(part, room))
    })
}

/// Wraps spans at the last cell, keeping every space: for code.
pub(crate) fn wrap_hard(spans: &[Span<'_>], room: usize) -> Vec<Spans> {
    break_with(spans, room, |text, room, _| cell_ranges(text, room))
}

/// The same for rows that will be indented by `hang` cells, as [`wrap_hanging`] does it.
pub(crate) fn wrap_hard_hanging(spans: &[Span<'_>], room: usize, hang: usize) -> Vec<Spans> {
    break_with(spans, room, |text, room, addresses| {
        links::around(text, room, hang, addresses, |part| cell_ranges(part, room))
    })
}

/// Wraps spans between words where there is a place to, keeping every space: for commands. Rows will be indented by `hang`
/// cells.
pub(crate) fn wrap_words(spans: &[Span<'_>], room: usize, hang: usize) -> Vec<Spans> {
    break_with(spans, room, |text, room, addresses| {
        links::around(text, room, hang, addresses, |part| kept_word_ranges(part, room))
    })
}

/// What stands before the rows of an item: a sign before the first, as many spaces before the others.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The sign, with the space behind it.
    pub(crate) sign: Span<'static>,
    /// A style under that of the text.
    pub(crate) under: Style,
}

impl Frame {
    /// A frame that changes no style.
    pub(crate) fn new(sign: Span<'static>) -> Self {
        Self { sign, under: Style::new() }
    }

    /// Cells that are left of a width.
    pub(crate) fn room(&self, total: usize) -> usize {
        total.saturating_sub(width(&self.sign.content)).max(1)
    }

    /// Puts the frame before rows; `is_first` if the first of them is the item's first.
    pub(crate) fn put(&self, rows: &mut Rows, is_first: bool) {
        let cols = width(&self.sign.content);
        for (at, row) in rows.iter_mut().enumerate() {
            if self.under != Style::new() {
                for span in &mut row.spans {
                    span.style = self.under.patch(span.style);
                }
            }
            if at == 0 && is_first {
                row.spans.insert(0, self.sign.clone());
            } else if !row.spans.is_empty() && !links::goes_on(&row.spans) {
                row.spans.insert(0, spaces(cols));
            }
        }
    }

    /// Wraps spans behind the frame.
    pub(crate) fn wrap(&self, spans: &[Span<'_>], total: usize) -> Rows {
        let hang = width(&self.sign.content);
        let mut rows = wrap_hanging(spans, self.room(total), hang).into_iter().map(line).collect();
        self.put(&mut rows, true);
        rows
    }
}

fn break_with(
    spans: &[Span<'_>],
    room: usize,
    ranges: impl Fn(&str, usize, &[Range<usize>]) -> Vec<Range<usize>>,
) -> Vec<Spans> {
    let room = room.max(1);
    if let [only] = spans
        && !only.content.contains("://")
    {
        return ranges(&only.content, room, &[])
            .into_iter()
            .map(|range| vec![Span::styled(only.content[range].to_owned(), only.style)])
            .collect();
    }
    let whole: String = spans.iter().map(|span| span.content.as_ref()).collect();
    let addresses = if whole.len() > room { links::addresses(&whole) } else { Vec::new() };
    let mut slicer = Slicer { spans, at: 0, start: 0 };
    let mut left = addresses.iter().peekable();
    let mut rows = Vec::new();
    for range in ranges(&whole, room, &addresses) {
        let mut row = Vec::new();
        let mut at = range.start;
        while let Some(address) = left.peek().filter(|address| address.start < range.end) {
            let (from, to) = (address.start.max(at), address.end.min(range.end).max(at));
            let is_cut = (from, to) != (address.start, address.end);
            row.extend(slicer.slice(at..from));
            let mut part = slicer.slice(from..to);
            if is_cut {
                let mark = links::mark(&whole[address.start..address.end]);
                part.iter_mut().for_each(|span| span.style = span.style.underline_color(mark));
            }
            row.extend(part);
            at = to;
            if address.end > range.end {
                break;
            }
            left.next();
        }
        row.extend(slicer.slice(at..range.end));
        rows.push(row);
    }
    rows
}

/// Cuts ascending ranges out of spans without starting over for each.
struct Slicer<'a> {
    spans: &'a [Span<'a>],
    at: usize,
    start: usize,
}

impl Slicer<'_> {
    fn slice(&mut self, range: Range<usize>) -> Spans {
        let mut row = Vec::new();
        while let Some(span) = self.spans.get(self.at) {
            let end = self.start + span.content.len();
            let (from, to) = (range.start.max(self.start), range.end.min(end));
            if from < to {
                let text = span.content[from - self.start..to - self.start].to_owned();
                row.push(Span::styled(text, span.style));
            }
            if end > range.end {
                break;
            }
            self.start = end;
            self.at += 1;
        }
        row
    }
}

/// Rows of at most `room` cells, broken anywhere.
fn cell_ranges(text: &str, room: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let (mut start, mut used) = (0, 0);
    for cluster in cells::graphemes(text) {
        if used + cluster.width > room && cluster.at > start {
            rows.push(start..cluster.at);
            (start, used) = (cluster.at, 0);
        }
        used += cluster.width;
    }
    rows.push(start..text.len());
    rows
}

/// Rows of at most `room` cells, broken between words; the spaces at a break are left out.
fn word_ranges(text: &str, room: usize) -> Vec<Range<usize>> {
    if text.len() <= room && text.is_ascii() {
        return std::iter::once(0..text.len()).collect();
    }
    let mut rows = words::wrap(text, room);
    for row in &mut rows {
        row.end = row.start + text[row.clone()].trim_end_matches(' ').len();
    }
    rows
}

/// Rows of at most `room` cells, broken behind spaces where a row has any, and anywhere else; every byte is in a row.
fn kept_word_ranges(text: &str, room: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let (mut start, mut used) = (0, 0);
    // Where the open row may break, and its cells before that.
    let mut chance: Option<(usize, usize)> = None;
    let mut is_behind_space = false;
    for cluster in cells::graphemes(text) {
        let is_space = cluster.text == " ";
        if is_behind_space && !is_space {
            chance = Some((cluster.at, used));
        }
        while used + cluster.width > room && cluster.at > start {
            let (at, cells) = chance.take().unwrap_or((cluster.at, used));
            rows.push(start..at);
            start = at;
            used -= cells;
        }
        used += cluster.width;
        is_behind_space = is_space;
    }
    rows.push(start..text.len());
    rows
}

/// One line of text with every character that does not print, or that looks like another one, shown as an escape in
/// `mark`: for what a user is asked to approve.
pub(crate) fn visible(text: &str, plain: Style, mark: Style) -> Spans {
    parts(plain, mark, |give| clean::escape_parts(text, give))
}

/// The same for a line of a file, whose tabs are columns.
pub(crate) fn file_line(text: &str, plain: Style, mark: Style) -> Spans {
    parts(plain, mark, |give| clean::file_line_parts(text, give))
}

fn parts(plain: Style, mark: Style, take: impl FnOnce(&mut dyn FnMut(&str, bool))) -> Spans {
    let mut spans = Spans::new();
    take(&mut |part, is_escape| {
        spans.push(Span::styled(part.to_owned(), if is_escape { mark } else { plain }));
    });
    if spans.is_empty() {
        spans.push(Span::styled(String::new(), plain));
    }
    spans
}

/// The spans' text without styles.
pub(crate) fn plain_text(line: &Line<'_>) -> String {
    line.spans.iter().map(|span| span.content.as_ref()).collect()
}
