//! A Markdown text that grows: what cannot change any more is painted once, only the open end is painted anew.
//!
//! Stable are all top-level blocks that are over, and of the last one: the whole lines of a code block, the items of
//! a list before its last one, the lines of running text before its last one. What has no such place (a table, a
//! quote, one item) stays open as a whole until it is too long to be painted with every frame: then it is cut where it
//! shows least. Only such a cut may look different from the whole text.

use ratatui::text::Line;

use super::{
    blocks::{Block, Kind, last_block},
    code,
    fence::Fence,
    render::{Rendered, Start, ends_blank, render},
    table,
};
use crate::{
    highlight::{Highlighter, OpenCode},
    text::{Frame, Rows, blank, line, span, wrap_hanging},
    theme::Theme,
};

/// Longest open line that is painted anew with each frame.
const LINE_BYTES: usize = 4 * 1024;
/// Longest open block.
const BLOCK_BYTES: usize = 8 * 1024;
/// Longest open end of a line that is painted as it is written.
const RAW_BYTES: usize = 1024;
/// A line of running text that the open end continues; its own row is not shown again.
const LINE_BEFORE: &str = "x\n";

/// A growing text and its painted lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stream {
    /// The text whose lines are stable.
    done: String,
    /// Stable lines that were not taken yet.
    rows: Rows,
    /// Whether there has been a stable line.
    has_begun: bool,
    /// Lines of the open end.
    tail: Rows,
    /// Whether a blank line belongs before what follows.
    gap: bool,
    carry: Carry,
}

/// What the open end continues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Carry {
    /// Nothing: it begins with a block.
    #[default]
    Blocks,
    /// Running text.
    Paragraph,
    /// A list, whose next item has this number if it is an ordered one.
    List(Option<u64>),
    /// A table: its head in Markdown, and its column widths.
    Table(String, Vec<usize>),
    /// A code block that ends at this fence.
    Code(Box<OpenCode>, Fence),
    /// A line or block without any place to cut, painted as it is written.
    Raw(Until),
}

/// Where raw text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    LineEnd,
    BlankLine,
}

/// What paints.
pub(crate) struct Brush<'a> {
    /// Colours.
    pub(crate) theme: &'a Theme,
    /// Cells of a row, the frame's included.
    pub(crate) width: usize,
    /// Tokens of code.
    pub(crate) code: &'a mut Highlighter,
    /// What stands before each row.
    pub(crate) frame: Frame,
}

impl Brush<'_> {
    fn room(&self) -> usize {
        self.frame.room(self.width)
    }

    fn indent(&self) -> usize {
        self.width.saturating_sub(self.room())
    }
}

impl Stream {
    /// Brings the lines up to this text. A text that does not continue the last one starts anew.
    pub(crate) fn paint(&mut self, text: &str, brush: &mut Brush<'_>) {
        if !text.starts_with(&self.done) {
            *self = Self::default();
        }
        while self.settle(&text[self.done.len()..], brush) {}
        self.tail = self.open_end(&text[self.done.len()..], brush);
        brush.frame.put(&mut self.tail, !self.has_begun);
    }

    /// Brings the lines up to this text, which is complete: all of them are stable.
    pub(crate) fn finish(&mut self, text: &str, brush: &mut Brush<'_>) {
        if text.ends_with('\n') {
            self.paint(text, brush);
        } else {
            // A last line counts as any other, be it a closing fence.
            self.paint(&format!("{text}\n"), brush);
        }
        self.has_begun |= !self.tail.is_empty();
        self.rows.append(&mut self.tail);
    }

    /// The lines: the stable ones that were not taken yet, and the open end.
    pub(crate) fn lines(&self) -> (&[Line<'static>], &[Line<'static>]) {
        (&self.rows, &self.tail)
    }

    /// Shows nothing of the open end, until more comes.
    pub(crate) fn forget_tail(&mut self) {
        self.tail.clear();
    }

    /// Takes the stable lines out.
    pub(crate) fn take_lines(&mut self) -> Rows {
        std::mem::take(&mut self.rows)
    }

    /// The text whose lines are stable.
    pub(crate) fn done(&self) -> &str {
        &self.done
    }

    /// Whether there has been a stable line, taken or not.
    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Begins behind a part of a text of which other lines were taken: with the last stable place in it, and without
    /// anything that sets the first row apart.
    pub(crate) fn begin_within(text: &str, brush: &mut Brush<'_>) -> Self {
        let mut stream = Self::default();
        stream.paint(text, brush);
        Self { rows: Rows::new(), tail: Rows::new(), has_begun: true, gap: false, ..stream }
    }

    /// Moves the border between stable and open by one step; `false` when it stays.
    fn settle(&mut self, rest: &str, brush: &mut Brush<'_>) -> bool {
        let whole = &rest[..rest.rfind('\n').map_or(0, |at| at + 1)];
        match &mut self.carry {
            Carry::Code(..) => self.settle_code(whole, brush),
            Carry::Raw(until) => {
                let until = *until;
                self.settle_raw(rest, until, brush)
            }
            Carry::Blocks | Carry::Paragraph | Carry::List(_) | Carry::Table(..) => {
                self.settle_blocks(rest, whole, brush)
            }
        }
    }

    fn settle_blocks(&mut self, rest: &str, whole: &str, brush: &mut Brush<'_>) -> bool {
        let context = self.context();
        let Some(last) = last_block(&format!("{context}{whole}"), context.len()) else {
            return rest.len() > LINE_BYTES && self.cut(whole, None, brush);
        };
        if last.start > 0 {
            self.take(&whole[..last.start], brush);
            self.carry = Carry::Blocks;
            return true;
        }
        if last.is_closed {
            self.take(whole, brush);
            self.carry = Carry::Blocks;
            return true;
        }
        if !last.is_only {
            // What was continued is over, and another block begins right here.
            self.gap = true;
            self.carry = Carry::Blocks;
            return true;
        }
        if let Kind::Fence(language) = &last.kind
            && let Some((fence, length)) = Fence::of(whole)
        {
            self.close_gap();
            self.done.push_str(&whole[..length]);
            self.carry = Carry::Code(Box::new(brush.code.open(language)), fence);
            return true;
        }
        let has_part = last.cut > 0
            && match last.kind {
                Kind::List(_) | Kind::Paragraph => true,
                // Its widths are settled only by a first cut.
                Kind::Table => matches!(self.carry, Carry::Table(..)),
                Kind::Fence(_) | Kind::Lines => false,
            };
        let limit = if whole.is_empty() { LINE_BYTES } else { BLOCK_BYTES };
        (has_part || rest.len() > limit) && self.cut(whole, Some(last), brush)
    }

    /// Cuts the open block.
    fn cut(&mut self, whole: &str, last: Option<Block>, brush: &mut Brush<'_>) -> bool {
        let (kind, cut, parts) = last.map_or((Kind::Lines, 0, 0), |last| (last.kind, last.cut, last.parts));
        // Items are set apart as they are in the text.
        let gap = matches!(kind, Kind::List(_)) && cut > 0 && ends_blank(&whole[..cut]);
        match kind {
            Kind::List(first) if cut > 0 => {
                let first = if let Carry::List(number) = self.carry { number } else { first };
                self.take(&whole[..cut], brush);
                self.carry = Carry::List(first.map(|first| first.saturating_add(parts)));
            }
            Kind::Paragraph if cut > 0 => {
                self.take(&whole[..cut], brush);
                self.carry = Carry::Paragraph;
            }
            Kind::Paragraph if !whole.is_empty() => {
                self.take(whole, brush);
                self.carry = Carry::Paragraph;
            }
            Kind::Table if cut > 0 => {
                let head: String = match &self.carry {
                    Carry::Table(head, _) => head.clone(),
                    Carry::Blocks | Carry::Paragraph | Carry::List(_) | Carry::Code(..) | Carry::Raw(_) => {
                        whole.split_inclusive('\n').take(2).collect()
                    }
                };
                let columns = self.take(whole, brush);
                self.carry = Carry::Table(head, columns.unwrap_or_default());
            }
            Kind::Lines if !whole.is_empty() => {
                self.take(whole, brush);
                self.carry = Carry::Blocks;
            }
            Kind::Paragraph | Kind::List(_) | Kind::Fence(_) | Kind::Table | Kind::Lines => {
                self.close_gap();
                self.carry = Carry::Raw(if whole.is_empty() { Until::LineEnd } else { Until::BlankLine });
            }
        }
        self.gap = gap;
        true
    }

    fn settle_code(&mut self, whole: &str, brush: &mut Brush<'_>) -> bool {
        let Carry::Code(open, fence) = &mut self.carry else { return false };
        let mut end = 0;
        let mut closed = None;
        for text in whole.split_inclusive('\n') {
            if fence.is_closed_by(text) {
                closed = Some(end + text.len());
                break;
            }
            end += text.len();
        }
        if end > 0 {
            let text: String = whole[..end].split_inclusive('\n').map(|text| fence.strip(text)).collect();
            let rows = code::rows(open.push_lines(&text), brush.theme, brush.room());
            self.push(rows, brush);
            self.done.push_str(&whole[..end]);
        }
        let Some(closed) = closed else { return false };
        self.done.push_str(&whole[end..closed]);
        self.gap = true;
        if let Carry::Code(open, _) = std::mem::take(&mut self.carry) {
            brush.code.keep(*open);
        }
        true
    }

    fn settle_raw(&mut self, rest: &str, until: Until, brush: &mut Brush<'_>) -> bool {
        let Some((text, has_end)) = rest.split_inclusive('\n').next().map(|text| (text, text.ends_with('\n'))) else {
            return false;
        };
        if !has_end && text.len() <= RAW_BYTES {
            return false;
        }
        let kept = if has_end { text.len() } else { last_row(text, brush.room()) };
        if kept == 0 {
            return false;
        }
        self.push(raw_rows(&text[..kept], brush), brush);
        self.done.push_str(&text[..kept]);
        match until {
            Until::LineEnd if has_end => self.carry = Carry::Paragraph,
            Until::BlankLine if text.trim().is_empty() => self.carry = Carry::Blocks,
            Until::LineEnd | Until::BlankLine => {}
        }
        true
    }

    fn push(&mut self, mut rows: Rows, brush: &Brush<'_>) {
        brush.frame.put(&mut rows, !self.has_begun);
        self.has_begun |= !rows.is_empty();
        self.rows.extend(rows);
    }

    fn close_gap(&mut self) {
        if std::mem::take(&mut self.gap) {
            self.rows.push(blank());
        }
    }

    /// Paints text that is stable now; gives the column widths of its last table.
    fn take(&mut self, text: &str, brush: &mut Brush<'_>) -> Option<Vec<usize>> {
        let rendered = self.render(text, brush);
        self.push(rendered.rows, brush);
        self.gap = rendered.gap;
        self.done.push_str(text);
        rendered.columns
    }

    fn open_end(&self, rest: &str, brush: &mut Brush<'_>) -> Rows {
        match &self.carry {
            // What may become the closing fence is not shown as code first.
            Carry::Code(_, fence) if fence.may_be_closed_by(rest) => Rows::new(),
            Carry::Code(open, fence) => code::rows(&[open.peek(fence.strip(rest))], brush.theme, brush.room()),
            Carry::Raw(_) if rest.is_empty() => Rows::new(),
            Carry::Raw(_) => raw_rows(rest, brush),
            Carry::Blocks | Carry::Paragraph | Carry::List(_) | Carry::Table(..) => self.render(rest, brush).rows,
        }
    }

    /// Paints text as what it continues.
    fn render(&self, text: &str, brush: &mut Brush<'_>) -> Rendered {
        let text = format!("{}{text}", self.context());
        let mut rendered =
            render(&text, brush.room(), brush.theme, brush.code, self.start(brush.room(), brush.indent()));
        if self.carry == Carry::Paragraph && !rendered.rows.is_empty() {
            rendered.rows.remove(0);
        }
        rendered
    }

    fn context(&self) -> &str {
        match &self.carry {
            Carry::Table(head, _) => head,
            Carry::Paragraph => LINE_BEFORE,
            Carry::Blocks | Carry::List(_) | Carry::Code(..) | Carry::Raw(_) => "",
        }
    }

    fn start(&self, room: usize, indent: usize) -> Start {
        let (number, columns) = match &self.carry {
            Carry::List(number) => (*number, None),
            // In a window that has become too narrow, the table begins anew with its head.
            Carry::Table(_, columns) => (None, table::fits(columns, room).then(|| columns.clone())),
            Carry::Blocks | Carry::Paragraph | Carry::Code(..) | Carry::Raw(_) => (None, None),
        };
        Start { indent, gap: self.gap, number, columns }
    }
}

fn raw_rows(text: &str, brush: &Brush<'_>) -> Rows {
    let spans = [span(text.trim_end_matches(['\n', '\r']), ratatui::style::Style::new())];
    wrap_hanging(&spans, brush.room(), brush.indent()).into_iter().map(line).collect()
}

/// Where the last row of a line starts. It stays open: the next word may still fit into it.
fn last_row(text: &str, width: usize) -> usize {
    quire_state::text::wrap::wrap(text, width).last().map_or(0, |row| row.start)
}
