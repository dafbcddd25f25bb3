//! What the terminal should show, as plain data. The terminal layer compares it with what is there and writes.

use std::{collections::BTreeMap, sync::Arc};

use quire_state::{
    item::{Item, Plan},
    key::{ItemId, ThreadId},
    screen::{Scroll, Shown},
};
use ratatui::{buffer::Buffer, text::Line};

use crate::{inline::answer::Answer, text::links::Links};

/// A whole screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Every cell of the screen.
    pub buffer: Buffer,
    /// Where the real caret belongs (input methods open their window there); `None` hides it.
    pub cursor: Option<(u16, u16)>,
    /// The addresses whose parts are marked in the cells, by the colour of their underline.
    pub links: Links,
    /// Title of the terminal window.
    pub title: String,
    /// The number of the approval question that this frame shows: with its choices, or with the words that
    /// there is no room for it. `None` when there is no question, or something lies over it.
    pub question: Option<u64>,
    /// The rows of what the question is about that this frame shows.
    pub shown: Shown,
    /// Rows of the transcript below its window.
    pub scrolled_rows: u32,
    /// Where its window stands now. Tell the model when it wished for something else: then the window stands still there,
    /// whatever comes in below.
    pub scroll: Scroll,
}

/// What the inline face shows, while no pager is open (that has the alternate screen): lines for the terminal's own scrollback, and the live area below them.
#[derive(Clone, Debug, PartialEq)]
pub struct InlineScene {
    /// Lines that have become final since `flushed` was last returned, at the current width, in order.
    pub finished: Vec<Line<'static>>,
    /// What is in the scrollback once `finished` has been written; hand it to the next call.
    pub flushed: Flushed,
    /// Every cell of the live area; it leaves a row of the terminal to what is above it.
    pub live: Buffer,
    /// Where the real caret belongs within the live area; `None` hides it.
    pub cursor: Option<(u16, u16)>,
    /// The addresses whose parts are marked in lines and cells, by the colour of their underline.
    pub links: Links,
    /// Title of the terminal window.
    pub title: String,
    /// The number of the approval question that this frame shows; see [`Scene::question`].
    pub question: Option<u64>,
    /// The rows of what it is about; see [`Scene::shown`].
    pub shown: Shown,
}

/// How much of a thread is in the terminal's scrollback. Starts as [`Flushed::default`] for every program start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flushed {
    /// The thread whose items they are.
    pub(crate) thread: Option<ThreadId>,
    /// Whether the welcome lines are written.
    pub(crate) welcome: bool,
    /// The items that are written, in their order; of the `late` ones not all is.
    pub(crate) written: Vec<ItemId>,
    /// Items that were still open when later ones were written, the living plan of the turn, and as what they are written.
    pub(crate) late: BTreeMap<ItemId, Option<Plan>>,
    /// The open answer that comes next, as far as it is written.
    pub(crate) answer: Option<Answer>,
    /// Whether a turn runs, so that what comes next may share a cell with what is there.
    pub(crate) is_running: bool,
}

impl Flushed {
    /// How many items are written, from the first one on. What is no longer there is forgotten: what comes in its place is
    /// another item.
    pub(crate) fn through(&mut self, items: &[Arc<Item>]) -> usize {
        let is_there = |at: usize, id: ItemId| items.get(at).is_some_and(|item| item.id == id);
        while let Some((id, before)) = self.written.split_last()
            && !is_there(before.len(), *id)
        {
            self.written.pop();
        }
        self.written.len()
    }
}
