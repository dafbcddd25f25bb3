//! What was painted before. A memo only saves work: a frame looks the same with an empty one.

use std::{cell::RefCell, sync::Arc};

use quire_state::{
    item::Item,
    key::{ItemId, ThreadId},
};
use ratatui::text::Line;

use crate::{
    highlight::Highlighter,
    markdown::{Brush, Stream},
    text::{
        Frame, Rows,
        hits::{self, Hit},
    },
    theme::Theme,
    transcript::{
        self, Ink, PaintContext, Place,
        explored::{self, Part},
    },
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
    /// What is searched for.
    query: String,
}

#[derive(Debug, PartialEq)]
struct MemoKey {
    thread: ThreadId,
    width: usize,
    theme: Theme,
    details: bool,
    raw: bool,
    hide_reasoning: bool,
    hangs_plan: bool,
}

/// One item. Its height outlives its lines, so that scrolling far up need not paint everything again.
#[derive(Debug, Default)]
struct Cell {
    /// What was painted: an item, and how it and those that share its cell were then.
    painted: Option<(ItemId, u64)>,
    /// What the item is to a cell that several share, and how it was when that was found out.
    part: Option<(ItemId, u32, bool, Part)>,
    height: usize,
    rows: Option<Rows>,
    stream: Option<Box<Stream>>,
    /// What was found, and in what.
    hits: Option<(ItemId, u64, Vec<Hit>)>,
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
                && key.raw == context.raw
                && key.hide_reasoning == context.hide_reasoning
                && key.hangs_plan == context.hangs_plan
        });
        if !is_same {
            self.code.get_mut().follow(context.theme);
            self.cells.clear();
            self.key = Some(MemoKey {
                thread: thread.clone(),
                width: context.width,
                theme: context.theme.clone(),
                details: context.details,
                raw: context.raw,
                hide_reasoning: context.hide_reasoning,
                hangs_plan: context.hangs_plan,
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
    pub(crate) fn height(&mut self, at: usize, items: &[Arc<Item>], context: PaintContext<'_>) -> usize {
        let share = self.share(at, items, context);
        if self.cells.get(at).is_none_or(|cell| !cell.is_current(at, items, share)) {
            self.paint(at, items, share, context);
            self.drop_lines(at);
        }
        self.cells.get(at).map_or(0, |cell| cell.height)
    }

    /// The painted lines of an item.
    pub(crate) fn lines(
        &mut self,
        at: usize,
        items: &[Arc<Item>],
        context: PaintContext<'_>,
    ) -> impl Iterator<Item = &Line<'static>> {
        let share = self.share(at, items, context);
        if self.cells.get(at).is_none_or(|cell| !cell.is_current(at, items, share) || !cell.has_lines()) {
            self.paint(at, items, share, context);
        }
        if let Some(cell) = self.cells.get_mut(at) {
            cell.frame = self.frame;
        }
        let (stable, tail) = self.cells.get(at).map_or((&[][..], &[][..]), Cell::lines);
        stable.iter().chain(tail)
    }

    /// Searches for a text from now on; for nothing if it is empty.
    pub(crate) fn search(&mut self, query: &str) {
        if self.query != query {
            query.clone_into(&mut self.query);
            self.cells.iter_mut().for_each(|cell| cell.hits = None);
        }
    }

    /// What is found in the lines of an item.
    pub(crate) fn hits(&mut self, at: usize, items: &[Arc<Item>], context: PaintContext<'_>) -> &[Hit] {
        let (share, item) = (self.share(at, items, context), items.get(at));
        let (id, stamp) = (item.map(|item| item.id), share.stamp(at, items));
        let known = self.cells.get(at).and_then(|cell| cell.hits.as_ref());
        if self.query.is_empty() || known.is_none_or(|(known, then, _)| (Some(*known), *then) != (id, stamp)) {
            let query = std::mem::take(&mut self.query);
            let found = match query.as_str() {
                "" => Vec::new(),
                query => hits::find(self.lines(at, items, context), context.width, query),
            };
            self.query = query;
            self.drop_lines(at);
            if let (Some(cell), Some(id)) = (self.cells.get_mut(at), id) {
                cell.hits = Some((id, stamp, found));
            }
        }
        self.cells.get(at).and_then(|cell| cell.hits.as_ref()).map_or(&[], |(_, _, hits)| hits)
    }

    /// Measuring far up must not keep all that it painted.
    fn drop_lines(&mut self, at: usize) {
        if let Some(cell) = self.cells.get_mut(at).filter(|_| self.kept > KEPT_ROWS) {
            cell.rows = None;
        }
    }

    /// Paints an item for the terminal's own scrollback, where nothing can be opened any more.
    pub(crate) fn paint_once(&mut self, item: &Item, context: PaintContext<'_>) -> Rows {
        let context = PaintContext { place: Place::Scrollback, ..context };
        transcript::rows(item, &mut Ink { context, code: self.code.get_mut() })
    }

    /// Behind the last of the commands from this one on that share its cell; `None` if it is not of this kind.
    pub(crate) fn explored_to(&mut self, at: usize, items: &[Arc<Item>], context: PaintContext<'_>) -> Option<usize> {
        if self.part(at, items, context) != Part::Look {
            return None;
        }
        let mut end = at + 1;
        for next in at + 1..items.len() {
            match self.part(next, items, context) {
                Part::Look => end = next + 1,
                Part::Unseen => {}
                Part::Other => break,
            }
        }
        Some(end)
    }

    /// Whether something that can be seen stands from here on.
    pub(crate) fn has_more(&mut self, from: usize, items: &[Arc<Item>], context: PaintContext<'_>) -> bool {
        (from..items.len()).any(|at| self.part(at, items, context) != Part::Unseen)
    }

    fn part(&mut self, at: usize, items: &[Arc<Item>], context: PaintContext<'_>) -> Part {
        // With details, each command stands for itself.
        let Some(item) = items.get(at).filter(|_| !context.details) else { return Part::Other };
        if self.cells.len() <= at {
            self.cells.resize_with(at + 1, Cell::default);
        }
        let Some(cell) = self.cells.get_mut(at) else { return Part::Other };
        match cell.part {
            Some((id, revision, open, part)) if (id, revision, open) == (item.id, item.revision, item.open) => part,
            Some(_) | None => {
                let part = explored::part(item, context);
                cell.part = Some((item.id, item.revision, item.open, part));
                part
            }
        }
    }

    /// Whose cell an item is painted in.
    fn share(&mut self, at: usize, items: &[Arc<Item>], context: PaintContext<'_>) -> Share {
        if self.part(at, items, context) != Part::Look {
            return Share::Own;
        }
        for before in (0..at).rev() {
            match self.part(before, items, context) {
                Part::Look => return Share::Before,
                Part::Unseen => {}
                Part::Other => break,
            }
        }
        self.explored_to(at, items, context).map_or(Share::Own, Share::From)
    }

    /// Tokens of source code, for what is not kept here.
    pub(crate) fn code(&self) -> &RefCell<Highlighter> {
        &self.code
    }

    /// What paints Markdown that is kept elsewhere.
    pub(crate) fn brush<'a>(&'a mut self, context: PaintContext<'a>, frame: Frame) -> Brush<'a> {
        Brush { theme: context.theme, width: context.width, code: self.code.get_mut(), frame }
    }

    fn paint(&mut self, at: usize, items: &[Arc<Item>], share: Share, context: PaintContext<'_>) {
        if self.cells.len() <= at {
            self.cells.resize_with(at + 1, Cell::default);
        }
        let (cells, code) = (&mut self.cells, self.code.get_mut());
        let (Some(cell), Some(item)) = (cells.get_mut(at), items.get(at)) else { return };
        self.painted += 1;
        if cell.painted.is_some_and(|(id, _)| id != item.id) {
            cell.stream = None;
        }
        cell.painted = Some((item.id, share.stamp(at, items)));
        if let (true, Some((text, frame))) = (item.open, transcript::growing(item, context)) {
            let stream = cell.stream.get_or_insert_default();
            stream.paint(&text, &mut Brush { theme: context.theme, width: context.width, code, frame });
            let (stable, tail) = stream.lines();
            cell.height = stable.len() + tail.len();
            cell.rows = None;
            return;
        }
        let rows = match share {
            Share::Own => transcript::rows(item, &mut Ink { context, code }),
            Share::Before => Rows::new(),
            Share::From(end) => explored::rows(items.get(at..end).unwrap_or_default(), context),
        };
        cell.stream = None;
        cell.height = rows.len();
        self.kept += rows.len();
        cell.rows = Some(rows);
    }
}

/// Whose cell an item is painted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    /// Its own.
    Own,
    /// That of one before it.
    Before,
    /// Its own, with those up to this place.
    From(usize),
}

impl Share {
    /// A number that changes with what is painted.
    fn stamp(self, at: usize, items: &[Arc<Item>]) -> u64 {
        /// Of the hash FNV-1a.
        const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0100_0000_01b3;
        let end = match self {
            Self::Own => at + 1,
            Self::Before => return 0,
            Self::From(end) => end,
        };
        let shared = items.get(at..end).unwrap_or_default();
        shared.iter().fold(BASIS, |stamp, item| {
            let one = [item.id.0, u64::from(item.revision), u64::from(item.open)];
            one.into_iter().fold(stamp, |stamp, number| (stamp ^ number).wrapping_mul(PRIME))
        })
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
    fn is_current(&self, at: usize, items: &[Arc<Item>], share: Share) -> bool {
        items.get(at).is_some_and(|item| self.painted == Some((item.id, share.stamp(at, items))))
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
