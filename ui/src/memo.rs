//! What was painted before. A memo only saves work: a frame looks the same with an empty one.

use std::cell::RefCell;

use quire_state::{
    item::Item,
    key::{ItemId, ThreadId},
};
use ratatui::text::Line;

use crate::{
    highlight::Highlighter,
    markdown::{Brush, Stream},
    text::{Frame, Rows},
    theme::Theme,
    transcript::{self, Ink, PaintContext, Place},
};

/// Painted lines that are kept; above it, those that the last frame did not use are dropped.
const KEPT_ROWS: usize = 20_000;

/// Painted lines by place, item, revision, width, theme and details, and the tokens of source code.
#[derive(Debug, Default)]
pub struct Memo {
    key: Option<MemoKey>,
    cells: Vec<Cell>,
    code: RefCell<Highlighter>,
    frame: u64,
    /// Painted lines that are kept.
    kept: usize,
    /// Items painted so far.
    painted: u64,
}

#[derive(Debug, PartialEq)]
struct MemoKey {
    thread: ThreadId,
    width: usize,
    theme: Theme,
    details: bool,
    hide_reasoning: bool,
}

/// One item. Its height outlives its lines, so that scrolling far up need not paint everything again.
#[derive(Debug, Default)]
struct Cell {
    /// What was painted: an item, and how it was then.
    painted: Option<(ItemId, u32)>,
    open: bool,
    height: usize,
    rows: Option<Rows>,
    stream: Option<Box<Stream>>,
    frame: u64,
}

impl Memo {
    /// Begins a frame: forgets what was painted in another look, and what is far away.
    pub(crate) fn begin(&mut self, thread: &ThreadId, context: PaintContext<'_>) {
        let is_same = self.key.as_ref().is_some_and(|key| {
            key.thread == *thread
                && key.width == context.width
                && key.theme == *context.theme
                && key.details == context.details
                && key.hide_reasoning == context.hide_reasoning
        });
        if !is_same {
            self.cells.clear();
            self.key = Some(MemoKey {
                thread: thread.clone(),
                width: context.width,
                theme: context.theme.clone(),
                details: context.details,
                hide_reasoning: context.hide_reasoning,
            });
        }
        if self.kept > KEPT_ROWS {
            for cell in self.cells.iter_mut().filter(|cell| cell.frame != self.frame) {
                cell.rows = None;
            }
        }
        self.frame += 1;
        self.kept = self.cells.iter().filter(|cell| cell.rows.is_some()).map(|cell| cell.height).sum();
    }

    /// Rows that an item takes.
    pub(crate) fn height(&mut self, at: usize, item: &Item, context: PaintContext<'_>) -> usize {
        if self.cells.get(at).is_none_or(|cell| !cell.is_current(item)) {
            self.paint(at, item, context);
            // Measuring far up must not keep all that it painted.
            if let Some(cell) = self.cells.get_mut(at).filter(|_| self.kept > KEPT_ROWS) {
                cell.rows = None;
            }
        }
        self.cells.get(at).map_or(0, |cell| cell.height)
    }

    /// The painted lines of an item.
    pub(crate) fn lines(
        &mut self,
        at: usize,
        item: &Item,
        context: PaintContext<'_>,
    ) -> impl Iterator<Item = &Line<'static>> {
        if self.cells.get(at).is_none_or(|cell| !cell.is_current(item) || !cell.has_lines()) {
            self.paint(at, item, context);
        }
        if let Some(cell) = self.cells.get_mut(at) {
            cell.frame = self.frame;
        }
        let (stable, tail) = self.cells.get(at).map_or((&[][..], &[][..]), Cell::lines);
        stable.iter().chain(tail)
    }

    /// Paints an item for the terminal's own scrollback, where nothing can be opened any more.
    pub(crate) fn paint_once(&mut self, item: &Item, context: PaintContext<'_>) -> Rows {
        let context = PaintContext { place: Place::Scrollback, ..context };
        transcript::rows(item, &mut Ink { context, code: self.code.get_mut() })
    }

    /// Tokens of source code, for what is not kept here.
    pub(crate) fn code(&self) -> &RefCell<Highlighter> {
        &self.code
    }

    /// What paints Markdown that is kept elsewhere.
    pub(crate) fn brush<'a>(&'a mut self, context: PaintContext<'a>, frame: Frame) -> Brush<'a> {
        Brush { theme: context.theme, width: context.width, code: self.code.get_mut(), frame }
    }

    fn paint(&mut self, at: usize, item: &Item, context: PaintContext<'_>) {
        if self.cells.len() <= at {
            self.cells.resize_with(at + 1, Cell::default);
        }
        let (cells, code) = (&mut self.cells, self.code.get_mut());
        let Some(cell) = cells.get_mut(at) else { return };
        self.painted += 1;
        if cell.painted.is_some_and(|(id, _)| id != item.id) {
            cell.stream = None;
        }
        cell.painted = Some((item.id, item.revision));
        cell.open = item.open;
        if let (true, Some((text, frame))) = (item.open, transcript::growing(item, context)) {
            let stream = cell.stream.get_or_insert_default();
            stream.paint(&text, &mut Brush { theme: context.theme, width: context.width, code, frame });
            let (stable, tail) = stream.lines();
            cell.height = stable.len() + tail.len();
            cell.rows = None;
            return;
        }
        let rows = transcript::rows(item, &mut Ink { context, code });
        cell.stream = None;
        cell.height = rows.len();
        self.kept += rows.len();
        cell.rows = Some(rows);
    }
}

#[cfg(test)]
impl Memo {
    /// Items painted since the memo was made.
    pub(crate) fn painted(&self) -> u64 {
        self.painted
    }

    /// Painted lines that are kept.
    pub(crate) fn kept_rows(&self) -> usize {
        self.cells.iter().filter(|cell| cell.rows.is_some()).map(|cell| cell.height).sum()
    }
}

impl Cell {
    fn is_current(&self, item: &Item) -> bool {
        self.painted == Some((item.id, item.revision)) && self.open == item.open
    }

    fn lines(&self) -> (&[Line<'static>], &[Line<'static>]) {
        match (&self.stream, &self.rows) {
            (Some(stream), _) => stream.lines(),
            (None, Some(rows)) => (rows, &[]),
            (None, None) => (&[], &[]),
        }
    }

    fn has_lines(&self) -> bool {
        self.stream.is_some() || self.rows.is_some()
    }
}
