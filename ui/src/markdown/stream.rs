//! A Markdown text that grows: what cannot change any more is painted once, only the open end is painted anew.
//!
//! Stable are all top-level blocks but the last one, and the whole lines of an open top-level code block. A last block
//! that grows beyond [`TAIL_BYTES`] is cut at the end of a line, a list item or a table row, so that the cost of a
//! delta does not depend on the length of the text. Such a cut may look a little different from the whole text,
//! which is why a finished text is painted anew, once, as a whole.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Tag};

use super::{
    code,
    render::{Start, parser, render},
};
use ratatui::text::Line;

use crate::{
    highlight::{Highlighter, OpenCode},
    text::{Frame, Rows, blank, line, span, wrap},
    theme::Theme,
};

/// Longest open end that is painted anew with each frame.
const TAIL_BYTES: usize = 4 * 1024;

/// A growing text and its painted lines.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// The text whose lines are in `rows`.
    done: String,
    /// Lines that do not change any more.
    rows: Rows,
    /// Lines of the open end.
    tail: Rows,
    /// Whether a blank line belongs before what follows.
    gap: bool,
    carry: Carry,
}

/// What the open end continues.
#[derive(Debug, Default)]
enum Carry {
    /// Nothing: it begins with a block.
    #[default]
    Blocks,
    /// An ordered list, whose next item has this number.
    List(u64),
    /// A table: its head in Markdown, and its column widths.
    Table(String, Vec<usize>),
    /// A code block that ends at this fence.
    Code(Box<OpenCode>, Fence),
    /// A line or block without any place to cut, painted as it is written.
    Raw(Until),
}

/// Where raw text ends.
#[derive(Clone, Copy, Debug)]
enum Until {
    LineEnd,
    BlankLine,
}

/// The opening line of a code block.
#[derive(Clone, Copy, Debug)]
struct Fence {
    sign: char,
    length: usize,
    indent: usize,
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
}

impl Stream {
    /// Brings the lines up to this text. A text that does not continue the last one starts anew.
    pub(crate) fn paint(&mut self, text: &str, brush: &mut Brush<'_>) {
        if !text.starts_with(&self.done) {
            *self = Self::default();
        }
        while self.settle(&text[self.done.len()..], brush) {}
        self.tail = self.open_end(&text[self.done.len()..], brush);
        brush.frame.put(&mut self.tail, self.rows.is_empty());
    }

    /// The lines: those that stay, and the open end.
    pub(crate) fn lines(&self) -> (&[Line<'static>], &[Line<'static>]) {
        (&self.rows, &self.tail)
    }

    /// Bytes whose lines do not change any more.
    #[cfg(test)]
    pub(crate) fn done_bytes(&self) -> usize {
        self.done.len()
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
            Carry::Blocks | Carry::List(_) | Carry::Table(..) => self.settle_blocks(rest, whole, brush),
        }
    }

    fn settle_blocks(&mut self, rest: &str, whole: &str, brush: &mut Brush<'_>) -> bool {
        let context = self.context();
        let Some(last) = last_block(&format!("{context}{whole}"), context.len()) else {
            return rest.len() > TAIL_BYTES && self.cut(whole, None, brush);
        };
        if last.start > 0 {
            self.take(&whole[..last.start], brush);
            self.carry = Carry::Blocks;
            return true;
        }
        if let Kind::Fence(language) = &last.kind
            && let Some((fence, length)) = Fence::of(whole)
        {
            self.close_gap();
            self.done.push_str(&whole[..length]);
            self.carry = Carry::Code(Box::new(OpenCode::new(language)), fence);
            return true;
        }
        rest.len() > TAIL_BYTES && self.cut(whole, Some(last), brush)
    }

    /// Cuts an open block that has grown too long.
    fn cut(&mut self, whole: &str, last: Option<Block>, brush: &mut Brush<'_>) -> bool {
        let (kind, item, items) = last.map_or((Kind::Lines, 0, 0), |last| (last.kind, last.item, last.items));
        match kind {
            Kind::List(first) if item > 0 => {
                let first = if let Carry::List(number) = self.carry { first.map(|_| number) } else { first };
                self.take(&whole[..item], brush);
                self.gap = false;
                self.carry = first.map_or(Carry::Blocks, |first| Carry::List(first.saturating_add(items)));
            }
            Kind::Table if item > 0 => {
                let head: String = match &self.carry {
                    Carry::Table(head, _) => head.clone(),
                    Carry::Blocks | Carry::List(_) | Carry::Code(..) | Carry::Raw(_) => {
                        whole.split_inclusive('\n').take(2).collect()
                    }
                };
                let columns = self.take(whole, brush);
                self.gap = false;
                self.carry = Carry::Table(head, columns.unwrap_or_default());
            }
            Kind::Lines if !whole.is_empty() => {
                self.take(whole, brush);
                self.gap = false;
                self.carry = Carry::Blocks;
            }
            Kind::List(_) | Kind::Fence(_) | Kind::Table | Kind::Lines => {
                self.close_gap();
                self.carry = Carry::Raw(if whole.is_empty() { Until::LineEnd } else { Until::BlankLine });
            }
        }
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
        if !has_end && text.len() <= TAIL_BYTES {
            return false;
        }
        let kept = if has_end { text.len() } else { last_row(text, brush.room()) };
        if kept == 0 {
            return false;
        }
        self.push(raw_rows(&text[..kept], brush), brush);
        self.done.push_str(&text[..kept]);
        let is_over = match until {
            Until::LineEnd => has_end,
            Until::BlankLine => text.trim().is_empty(),
        };
        if is_over {
            self.carry = Carry::Blocks;
        }
        true
    }

    fn push(&mut self, mut rows: Rows, brush: &Brush<'_>) {
        brush.frame.put(&mut rows, self.rows.is_empty());
        self.rows.extend(rows);
    }

    fn close_gap(&mut self) {
        if std::mem::take(&mut self.gap) {
            self.rows.push(blank());
        }
    }

    /// Paints text that is stable now; gives the column widths of its last table.
    fn take(&mut self, text: &str, brush: &mut Brush<'_>) -> Option<Vec<usize>> {
        let rendered =
            render(&format!("{}{text}", self.context()), brush.room(), brush.theme, brush.code, self.start());
        self.push(rendered.rows, brush);
        self.gap = rendered.gap;
        self.done.push_str(text);
        rendered.columns
    }

    fn open_end(&self, rest: &str, brush: &mut Brush<'_>) -> Rows {
        match &self.carry {
            Carry::Code(open, fence) => {
                // What may become the closing fence is not shown as code first.
                if rest.is_empty() || rest.trim().chars().all(|character| character == fence.sign) {
                    return Rows::new();
                }
                code::rows(&[open.peek(fence.strip(rest))], brush.theme, brush.room())
            }
            Carry::Raw(_) if rest.is_empty() => Rows::new(),
            Carry::Raw(_) => raw_rows(rest, brush),
            Carry::Blocks | Carry::List(_) | Carry::Table(..) => {
                let text = format!("{}{rest}", self.context());
                render(&text, brush.room(), brush.theme, brush.code, self.start()).rows
            }
        }
    }

    fn context(&self) -> String {
        match &self.carry {
            Carry::Table(head, _) => head.clone(),
            Carry::Blocks | Carry::List(_) | Carry::Code(..) | Carry::Raw(_) => String::new(),
        }
    }

    fn start(&self) -> Start {
        let (number, columns) = match &self.carry {
            Carry::List(number) => (Some(*number), None),
            Carry::Table(_, columns) => (None, Some(columns.clone())),
            Carry::Blocks | Carry::Code(..) | Carry::Raw(_) => (None, None),
        };
        Start { gap: self.gap, number, columns }
    }
}

fn raw_rows(text: &str, brush: &Brush<'_>) -> Rows {
    let spans = [span(text.trim_end_matches(['\n', '\r']), ratatui::style::Style::new())];
    wrap(&spans, brush.room()).into_iter().map(line).collect()
}

/// Where the last row of a line starts. It stays open: the next word may still fit into it.
fn last_row(text: &str, width: usize) -> usize {
    quire_state::text::wrap::wrap(text, width).last().map_or(0, |row| row.start)
}

/// The last top-level block of a text.
struct Block {
    /// Where its first line starts, behind the context.
    start: usize,
    kind: Kind,
    /// Where its last item or row starts, behind the context; 0 if that is its first one.
    item: usize,
    /// Items or rows behind the first one.
    items: u64,
}

enum Kind {
    /// Its lines can be painted one after the other.
    Lines,
    /// A list; its first number, for an ordered one.
    List(Option<u64>),
    /// A fenced code block in this language.
    Fence(String),
    Table,
}

fn last_block(text: &str, context: usize) -> Option<Block> {
    let mut depth = 0_usize;
    let mut last: Option<Block> = None;
    for (event, range) in parser(text).into_offset_iter() {
        match &event {
            Event::Start(tag) => {
                if depth == 0 {
                    last = Some(block(tag, text, &range, context));
                } else if let (1, Tag::Item | Tag::TableRow, Some(last)) = (depth, tag, &mut last) {
                    last.add_item(line_start(text, range.start).saturating_sub(context));
                }
                depth += 1;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Rule if depth == 0 => {
                let start = line_start(text, range.start).saturating_sub(context);
                last = Some(Block { start, kind: Kind::Lines, item: 0, items: 0 });
            }
            _ => {}
        }
    }
    last
}

fn block(tag: &Tag<'_>, text: &str, range: &Range<usize>, context: usize) -> Block {
    let kind = match tag {
        Tag::List(first) => Kind::List(*first),
        Tag::CodeBlock(CodeBlockKind::Fenced(language)) => Kind::Fence(language.to_string()),
        Tag::Table(_) => Kind::Table,
        _ => Kind::Lines,
    };
    Block { start: line_start(text, range.start).saturating_sub(context), kind, item: 0, items: 0 }
}

impl Block {
    fn add_item(&mut self, at: usize) {
        if at <= self.start {
            return;
        }
        self.item = at;
        self.items += 1;
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

impl Fence {
    /// The fence that the first line of a text opens, and that line's length.
    fn of(text: &str) -> Option<(Self, usize)> {
        let first = text.split_inclusive('\n').next()?;
        let trimmed = first.trim_start_matches(' ');
        let indent = first.len() - trimmed.len();
        let sign = trimmed.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
        let length = trimmed.chars().take_while(|character| *character == sign).count();
        (length >= 3 && indent <= 3).then_some((Self { sign, length, indent }, first.len()))
    }

    fn is_closed_by(self, text: &str) -> bool {
        let trimmed = text.trim_start_matches(' ');
        let rest = trimmed.trim_start_matches(self.sign);
        text.len() - trimmed.len() <= 3 && trimmed.len() - rest.len() >= self.length && rest.trim().is_empty()
    }

    /// A line of the block without the indent of its fence.
    fn strip(self, text: &str) -> &str {
        let spaces = text.bytes().take(self.indent).take_while(|byte| *byte == b' ').count();
        &text[spaces..]
    }
}
