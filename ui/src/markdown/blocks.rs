//! The last block of a Markdown text, and where it may be cut so that its parts look as they do in the whole.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Tag};

use super::render::parser;

/// The last top-level block of a text.
pub(super) struct Block {
    /// Where its first line starts, behind the context.
    pub(super) start: usize,
    /// Whether no other block stands before it.
    pub(super) is_only: bool,
    /// Whether nothing that follows can belong to it.
    pub(super) is_closed: bool,
    pub(super) kind: Kind,
    /// Where its last part starts (an item, a row, a line), behind the context; 0 if it has no second one.
    pub(super) cut: usize,
    /// Parts behind the first one.
    pub(super) parts: u64,
}

/// What a block is made of.
pub(super) enum Kind {
    /// Running text. Lines with a mark that may still find its other half are one part with those behind them.
    Paragraph,
    /// Lines that can be painted one after the other, if need be.
    Lines,
    /// A list; its first number, for an ordered one.
    List(Option<u64>),
    /// A fenced code block in this language.
    Fence(String),
    /// A table. Its parts share the widths of its columns.
    Table,
}

/// Characters that may begin what ends in a later line: emphasis, code, a link, a tag.
const MARKS: [char; 6] = ['*', '_', '`', '~', '[', '<'];

/// The last top-level block of a text that consists of whole lines; its first `context` bytes are only there to be
/// continued.
pub(super) fn last_block(text: &str, context: usize) -> Option<Block> {
    let mut depth = 0_usize;
    let mut last: Option<Block> = None;
    let mut ends_with = End::Open;
    let mut has_mark = false;
    for (event, range) in parser(text).into_offset_iter() {
        match (&event, &mut last) {
            (Event::Start(tag), last) => {
                if depth == 0 {
                    *last = Some(Block::new(kind(tag), text, &range, context, last.is_none()));
                    ends_with = End::of(tag);
                    has_mark = false;
                } else if let (1, Tag::Item | Tag::TableRow, Some(last)) = (depth, tag, last) {
                    last.add_part(line_start(text, range.start).saturating_sub(context));
                }
                depth += 1;
            }
            (Event::End(_), _) => depth = depth.saturating_sub(1),
            (Event::Rule, last) if depth == 0 => {
                *last = Some(Block::new(Kind::Lines, text, &range, context, last.is_none()));
                ends_with = End::Line;
            }
            (Event::Text(text), _) => has_mark |= text.contains(MARKS),
            (Event::SoftBreak | Event::HardBreak, Some(last))
                if depth == 1 && !has_mark && matches!(last.kind, Kind::Paragraph) =>
            {
                let end = text[range.start..].find('\n').map_or(range.end, |at| range.start + at + 1);
                last.add_part(end.saturating_sub(context));
            }
            _ => {}
        }
    }
    let is_blank = text.lines().next_back().is_some_and(|line| line.trim().is_empty());
    last.map(|last| Block { is_closed: ends_with == End::Line || ends_with == End::BlankLine && is_blank, ..last })
}

/// What ends a block for certain.
#[derive(PartialEq, Eq)]
enum End {
    /// The end of its line.
    Line,
    /// A blank line.
    BlankLine,
    /// Only another block.
    Open,
}

impl End {
    fn of(tag: &Tag<'_>) -> Self {
        match tag {
            Tag::Heading { .. } => Self::Line,
            Tag::Paragraph | Tag::BlockQuote(_) | Tag::Table(_) => Self::BlankLine,
            _ => Self::Open,
        }
    }
}

fn kind(tag: &Tag<'_>) -> Kind {
    match tag {
        Tag::Paragraph => Kind::Paragraph,
        Tag::List(first) => Kind::List(*first),
        Tag::CodeBlock(CodeBlockKind::Fenced(language)) => Kind::Fence(language.to_string()),
        Tag::Table(_) => Kind::Table,
        _ => Kind::Lines,
    }
}

impl Block {
    fn new(kind: Kind, text: &str, range: &Range<usize>, context: usize, is_only: bool) -> Self {
        let start = line_start(text, range.start).saturating_sub(context);
        Self { start, is_only, is_closed: false, kind, cut: 0, parts: 0 }
    }

    fn add_part(&mut self, at: usize) {
        if at > self.start {
            self.cut = at;
            self.parts += 1;
        }
    }
}

/// Where the line around a place starts.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}
