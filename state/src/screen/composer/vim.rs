//! Vim keys for the draft: normal, insert and visual mode. Insert mode is the composer as it always is; what the other modes do not
//! know (Enter, Tab, keys with Ctrl or Alt) means what it always means.

mod motion;
mod object;
mod operate;
mod read;

use super::{Composer, motion as carets};
use crate::msg::{KeyCode, KeyPress};
use motion::Find;
use read::Pending;

/// Keys of one change that can be repeated.
const REPEATED_KEYS: usize = 1_000;
/// The highest count.
const MOST: usize = 9_999;

/// The state of the vim keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Vim {
    mode: Mode,
    /// What was pressed of a command that is not complete.
    pending: Pending,
    /// The last search for a character in the line.
    found: Option<(Find, char)>,
    /// The keys of the last change.
    last: Vec<KeyPress>,
    /// The keys of the change that is being made.
    making: Option<Vec<KeyPress>>,
    /// Steps that can be undone, when insert mode began.
    steps: usize,
}

/// What keys mean to the draft.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Commands.
    #[default]
    Normal,
    /// Text.
    Insert,
    /// Commands for what is selected, from this byte to the caret.
    Visual {
        /// Where the selection began.
        from: usize,
        /// Whether whole lines are selected.
        lines: bool,
    },
}

impl Mode {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Insert => "insert",
            Self::Visual { lines: false, .. } => "visual",
            Self::Visual { lines: true, .. } => "visual line",
        }
    }
}

impl Composer {
    /// Switches the vim keys on, in normal mode, or off.
    pub fn use_vim(&mut self, is_on: bool) {
        self.vim = is_on.then(Vim::default);
        self.keep_on_text();
    }

    /// The mode of the vim keys, if they are on.
    pub fn vim_mode(&self) -> Option<Mode> {
        self.vim.as_ref().map(|vim| vim.mode)
    }

    /// What is selected, in bytes of the text.
    pub(super) fn selected(&self) -> Option<std::ops::Range<usize>> {
        let Some(Mode::Visual { from, lines }) = self.vim_mode() else { return None };
        Some(operate::selected(&self.buffer.text(), from, self.buffer.caret(), lines))
    }

    /// Takes a key, if it means something to the vim keys; in insert mode that is Esc alone. Gives the key that is left to be used
    /// as always, if there is one.
    pub(in crate::screen) fn vim_key(&mut self, press: KeyPress, width: u16) -> Option<KeyPress> {
        self.fit(width);
        let Some(vim) = &mut self.vim else { return Some(press) };
        if let Some(keys) = &mut vim.making {
            keys.push(press);
            if keys.len() > REPEATED_KEYS {
                vim.making = None;
            }
        }
        let is_esc = press == KeyPress::plain(KeyCode::Esc) || press == KeyPress::ctrl('[');
        match vim.mode {
            Mode::Insert if is_esc => self.leave_insert(),
            Mode::Insert => return Some(press),
            // A second one means what it always means.
            Mode::Normal if is_esc => {
                vim.making = None;
                return (std::mem::take(&mut vim.pending) == Pending::default()).then_some(press);
            }
            Mode::Visual { .. } if is_esc => {
                (vim.pending, vim.making, vim.mode) = (Pending::default(), None, Mode::Normal);
                self.keep_on_text();
            }
            Mode::Normal | Mode::Visual { .. } => return self.command(press, width),
        }
        None
    }

    fn leave_insert(&mut self) {
        let Some(vim) = &mut self.vim else { return };
        vim.mode = Mode::Normal;
        if let Some(keys) = vim.making.take() {
            vim.last = keys;
        }
        self.buffer.join_steps(vim.steps);
        let text = self.buffer.text();
        let at = self.buffer.caret();
        let to = if carets::line_start(&text, at) < at { carets::left(&text, at) } else { at };
        self.buffer.set_caret(&text, to);
    }

    /// Insert mode begins; what is inserted can be repeated with the keys so far.
    fn insert_mode(&mut self, steps: usize) {
        if let Some(vim) = &mut self.vim {
            (vim.mode, vim.steps) = (Mode::Insert, steps);
        }
    }

    /// The text is another one: what was selected of it is not there any more.
    pub(super) fn select_nothing(&mut self) {
        if let Some(vim) = self.vim.as_mut().filter(|vim| matches!(vim.mode, Mode::Visual { .. })) {
            vim.mode = Mode::Normal;
        }
    }

    /// Outside insert mode the caret stands on a character of its line, if there is one.
    pub(in crate::screen) fn keep_on_text(&mut self) {
        if matches!(self.vim_mode(), Some(Mode::Normal)) {
            let text = self.buffer.text();
            let at = motion::on_text(&text, self.buffer.caret());
            if at != self.buffer.caret() {
                self.buffer.set_caret(&text, at);
            }
        }
    }

    /// Makes the last change again.
    fn repeat(&mut self, count: usize, width: u16) {
        let Some(vim) = &mut self.vim else { return };
        let keys = vim.last.clone();
        for _ in 0..count.min(REPEATED_KEYS) {
            for press in &keys {
                if let Some(press) = self.vim_key(*press, width) {
                    self.key(press, width);
                }
            }
        }
        if let Some(vim) = &mut self.vim {
            (vim.last, vim.making) = (keys, None);
        }
    }
}
