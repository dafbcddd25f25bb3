//! What the terminal should show, as plain data. The terminal layer compares it with what is there and writes.

use std::collections::BTreeMap;

use quire_state::{item::Plan, key::ItemId, screen::Shown};
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
    /// Rows that the transcript is really scrolled up by: the model's wish, bounded by the transcript's height.
    pub scrolled_rows: u32,
    /// Rows that came in below the window since the frame that gave `held`, if the transcript is scrolled up: the
    /// model's wish is to be corrected by them. Negative for fewer rows.
    pub grown_rows: i32,
    /// Where the window stands; hand it to the next call, so that the window stands still while the end grows.
    pub held: Held,
}

/// The row at the top of the window. Starts as [`Held::default`], which holds nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    pub(crate) top: Option<Top>,
}

/// A row of the transcript, and how much was below the window that began with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Top {
    /// The item: 0 is the welcome, then the thread's items.
    pub(crate) first: usize,
    /// Rows of it above this one.
    pub(crate) skip: usize,
    /// Rows below the window.
    pub(crate) below: usize,
}

/// What the inline face shows: lines for the terminal's own scrollback, and the live area below them.
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
    /// Whether the welcome lines are written.
    pub(crate) welcome: bool,
    /// All items before this number are written, except the `late` ones.
    pub(crate) through: u64,
    /// Items that were still open when later ones were written, the living plan of the turn, and as what they are written.
    pub(crate) late: BTreeMap<ItemId, Option<Plan>>,
    /// The open answer that comes next, as far as it is written.
    pub(crate) answer: Option<Answer>,
}
