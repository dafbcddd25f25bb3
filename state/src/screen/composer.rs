//! The draft: what the user writes before it is sent.
//!
//! The caret moves and deletes by grapheme cluster; long pastes and images are pills that behave as one character;
//! rows, height and caret come from the text and a width alone, so that a draft replays without a terminal. It never
//! submits: [`take`](Composer::take) hands the draft out, and the keys that send, stop or leave are not its keys.

mod buffer;
mod earlier;
mod keymap;
mod motion;
mod pills;
mod recall;
mod view;
mod vim;

use std::{borrow::Cow, fmt, ops::Range, sync::Arc};

pub use view::ComposerLayout;
pub use vim::Mode;

use super::{completion::Place, keymap::Keymap};
use crate::{
    item::{ImageInput, UserInput},
    limits::PASTE_CHARS,
    text::clean::{Tabs, clean_with},
};
use buffer::{Buffer, Side};
use pills::{Draft, Pill, Pills};
use recall::Recall;
use view::View;

/// The draft, its pills and the submissions that can be recalled.
#[derive(Clone)]
pub struct Composer {
    buffer: Buffer,
    pills: Pills,
    recall: Recall,
    /// The keys that edit.
    pub(super) keymap: Keymap,
    /// The state of the vim keys, where they are used.
    vim: Option<vim::Vim>,
    /// The column that Up and Down aim for.
    goal: Option<usize>,
    /// The wrapped text at the width last asked for; made anew with every change of the text, never while painting.
    view: Option<View>,
    /// Changes with every change of the text.
    revision: u64,
}

impl Composer {
    /// An empty draft, with the submissions of earlier sessions, oldest first.
    pub fn new(recall: Vec<String>) -> Self {
        let drafts = recall.into_iter().map(|text| {
            let mut pills = Pills::default();
            let text = pills.enter(&tidy(&text)).into_owned();
            pills.draft(text)
        });
        let (buffer, recall) = (Buffer::new(""), Recall::new(drafts));
        Self {
            buffer,
            pills: Pills::default(),
            recall,
            keymap: Keymap::default(),
            vim: None,
            goal: None,
            view: None,
            revision: 0,
        }
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Whether this is its first character.
    pub(super) fn begins_with(&self, character: char) -> bool {
        self.buffer.begins_with(character)
    }

    /// The draft with placeholders for its pills.
    pub fn text(&self) -> String {
        self.pills.show(&self.buffer.text())
    }

    /// Hands out the draft with its pastes in full, remembers it for recall, and starts an empty one.
    pub fn take(&mut self) -> UserInput {
        let input = self.pills.expand(&self.buffer.text());
        self.clear_to_recall();
        input
    }

    /// Puts the draft away, so that Up brings it back, and starts an empty one.
    pub fn clear_to_recall(&mut self) {
        self.recall.push(self.draft());
        self.load(&Draft::default());
    }

    /// The draft for an editor: pastes in full, and placeholders for images.
    pub(super) fn to_edit(&self) -> String {
        self.pills.expand(&self.buffer.text()).text
    }

    /// The draft as it comes back from an editor, caret at its end; undone in one. Images whose placeholders are gone are gone.
    pub(super) fn edited(&mut self, text: &str) {
        if text == self.to_edit() {
            return;
        }
        let before = self.buffer.text();
        let text = self.pills.edited(&before, &tidy(text));
        self.buffer.replace(&before, 0..before.len(), &text);
        self.changed();
    }

    /// Replaces the draft by a text, caret at its end. The old draft is gone.
    pub fn set_text(&mut self, text: &str) {
        self.restore(&UserInput::text(text));
    }

    /// Replaces the draft by an earlier submission, its images as pills again, caret at its end. The old draft is gone.
    pub fn restore(&mut self, input: &UserInput) {
        self.recall.leave();
        self.load(&Draft::default());
        let text =
            self.pills.take_back(&UserInput { text: tidy(&input.text).into_owned(), images: input.images.clone() });
        self.buffer.reset(&text);
        self.changed();
    }

    /// The text as it is edited, with one character for each pill, and the bytes before the caret.
    pub(super) fn written(&self) -> (String, usize) {
        (self.buffer.text(), self.buffer.caret())
    }

    /// Which text it is, and where the caret stands.
    pub(super) fn place(&self) -> Place {
        Place { revision: self.revision, caret: self.buffer.caret() }
    }

    /// Puts a text in the place of a stretch of [`written`](Self::written), caret behind it; undone in one.
    pub(super) fn replace(&mut self, range: Range<usize>, text: &str) {
        let text = tidy(text);
        let text = self.pills.enter(&text).into_owned();
        self.buffer.replace(&self.buffer.text(), range, &text);
        self.changed();
    }

    /// Types a character. Characters that do not print are not taken.
    pub fn insert_char(&mut self, character: char) {
        let mut bytes = [0; 4];
        let typed: &str = character.encode_utf8(&mut bytes);
        if let Some(character) = self.pills.enter(&tidy(typed)).chars().next() {
            self.buffer.type_char(character);
            self.changed();
        }
    }

    /// Inserts a text at the caret.
    pub fn insert_str(&mut self, text: &str) {
        let text = tidy(text);
        let text = self.pills.enter(&text);
        self.buffer.insert(&text);
        self.changed();
    }

    /// Starts a new line.
    pub fn newline(&mut self) {
        self.insert_str("\n");
    }

    /// Inserts a pasted text; one of more than [`PASTE_CHARS`] characters becomes a pill.
    pub fn paste(&mut self, text: &str) {
        let text = tidy(text);
        let chars = text.chars().count();
        if chars > PASTE_CHARS
            && let Some(character) = self.pills.add(Pill::Pasted { content: Arc::from(&*text), chars })
        {
            return self.insert_pill(character);
        }
        self.insert_str(&text);
    }

    /// Attaches an image: a pill at the caret.
    pub fn attach_image(&mut self, image: ImageInput) {
        if let Some(character) = self.pills.add(Pill::Image(image)) {
            self.insert_pill(character);
        }
    }

    /// Deletes the character before the caret.
    pub fn backspace(&mut self) {
        self.erase_to(motion::left);
    }

    /// Deletes the character behind the caret.
    pub fn delete(&mut self) {
        self.erase_to(motion::right);
    }

    /// One character to the left.
    pub fn left(&mut self) {
        self.go_to(motion::left);
    }

    /// One character to the right.
    pub fn right(&mut self) {
        self.go_to(motion::right);
    }

    /// To the beginning of the word.
    pub fn word_left(&mut self) {
        self.go_to(motion::word_left);
    }

    /// To the end of the word.
    pub fn word_right(&mut self) {
        self.go_to(motion::word_right);
    }

    /// To the beginning of the line.
    pub fn home(&mut self) {
        self.go_to(motion::line_start);
    }

    /// To the end of the line.
    pub fn end(&mut self) {
        self.go_to(motion::line_end);
    }

    /// Kills the word before the caret.
    pub fn delete_word_left(&mut self) {
        self.kill_to(motion::word_left);
    }

    /// Kills the word behind the caret.
    pub fn delete_word_right(&mut self) {
        self.kill_to(motion::word_right);
    }

    /// Kills the rest of the line, or the line end if the caret stands before it.
    pub fn kill_to_end(&mut self) {
        self.kill_to(|text, at| match motion::line_end(text, at) {
            end if end == at => motion::right(text, at),
            end => end,
        });
    }

    /// Kills the line before the caret, or the line end if the caret stands behind it.
    pub fn kill_to_start(&mut self) {
        self.kill_to(|text, at| match motion::line_start(text, at) {
            start if start == at => motion::left(text, at),
            start => start,
        });
    }

    /// Inserts what was killed last.
    pub fn yank(&mut self) {
        self.buffer.yank();
        self.changed();
    }

    /// Right after a yank: what was killed before it in its place.
    pub fn yank_pop(&mut self) {
        self.buffer.yank_pop();
        self.changed();
    }

    /// Shows the text of the pasted pill behind the caret, or before it, in its place.
    pub fn open_paste(&mut self) {
        let text = self.buffer.text();
        let at = self.buffer.caret();
        let places = [(at, motion::right(&text, at)), (motion::left(&text, at), at)];
        let pasted = places.into_iter().find_map(|(from, to)| Some((from..to, self.pills.pasted(&text[from..to])?)));
        if let Some((range, content)) = pasted {
            self.buffer.replace(&text, range, &content);
            self.changed();
        }
    }

    /// Takes back the last change.
    pub fn undo(&mut self) {
        self.buffer.undo();
        self.changed();
    }

    /// Does again what was taken back last.
    pub fn redo(&mut self) {
        self.buffer.redo();
        self.changed();
    }

    /// One visual row up; `false` on the first row.
    pub fn up(&mut self, width: u16) -> bool {
        self.vertical(-1, width)
    }

    /// One visual row down; `false` on the last row.
    pub fn down(&mut self, width: u16) -> bool {
        self.vertical(1, width)
    }

    /// Shows the submission before; `false` at the oldest. The draft is kept for the way back.
    pub fn recall_previous(&mut self) -> bool {
        let draft = self.recall.previous(self.draft());
        self.show(draft)
    }

    /// Shows the submission after, at last the draft; `false` when that is what is shown.
    pub fn recall_next(&mut self) -> bool {
        let draft = self.recall.next(self.draft());
        self.show(draft)
    }

    /// The rows and the caret at a width in columns, the caret's own column included.
    pub fn layout(&self, width: u16) -> ComposerLayout {
        self.view(width).layout(self.buffer.caret(), self.selected())
    }

    /// How many rows the draft takes at a width.
    pub fn height(&self, width: u16) -> u16 {
        self.view(width).height()
    }

    fn view(&self, width: u16) -> Cow<'_, View> {
        match &self.view {
            Some(view) if view.width == width => Cow::Borrowed(view),
            Some(_) | None => Cow::Owned(View::new(&self.buffer.text(), &self.pills, width)),
        }
    }

    fn fit(&mut self, width: u16) {
        if self.view.as_ref().is_none_or(|view| view.width != width) {
            self.view = Some(View::new(&self.buffer.text(), &self.pills, width));
        }
    }

    fn vertical(&mut self, rows: isize, width: u16) -> bool {
        self.fit(width);
        let Some((at, goal)) = self.view(width).vertical(self.buffer.caret(), rows, self.goal) else { return false };
        self.buffer.set_caret(&self.buffer.text(), at);
        self.goal = Some(goal);
        true
    }

    fn go_to(&mut self, motion: impl Fn(&str, usize) -> usize) {
        let text = self.buffer.text();
        self.buffer.set_caret(&text, motion(&text, self.buffer.caret()));
        self.goal = None;
    }

    fn erase_to(&mut self, motion: impl Fn(&str, usize) -> usize) {
        let text = self.buffer.text();
        let (range, _) = self.stretch(&text, motion);
        self.buffer.erase(&text, range);
        self.changed();
    }

    fn kill_to(&mut self, motion: impl Fn(&str, usize) -> usize) {
        let text = self.buffer.text();
        let (range, side) = self.stretch(&text, motion);
        self.buffer.kill(&text, range, side);
        self.changed();
    }

    /// What lies between the caret and where a motion leads.
    fn stretch(&self, text: &str, motion: impl Fn(&str, usize) -> usize) -> (Range<usize>, Side) {
        let at = self.buffer.caret();
        let to = motion(text, at);
        if to < at { (to..at, Side::Before) } else { (at..to, Side::Behind) }
    }

    fn insert_pill(&mut self, character: char) {
        self.buffer.insert(character.encode_utf8(&mut [0; 4]));
        self.changed();
    }

    fn draft(&self) -> Draft {
        self.pills.draft(self.buffer.text())
    }

    fn show(&mut self, draft: Option<Draft>) -> bool {
        let Some(draft) = draft else { return false };
        self.load(&draft);
        true
    }

    fn load(&mut self, draft: &Draft) {
        self.pills.retain_in(&self.buffer.yank_text());
        let text = self.pills.adopt(draft);
        self.buffer.reset(&text);
        self.changed();
    }

    fn changed(&mut self) {
        self.goal = None;
        self.select_nothing();
        self.revision = self.revision.wrapping_add(1);
        if let Some(width) = self.view.take().map(|view| view.width) {
            self.fit(width);
        }
    }
}

impl PartialEq for Composer {
    /// Compares what the user can see or bring back; the wrapped text follows from it.
    fn eq(&self, other: &Self) -> bool {
        self.buffer == other.buffer
            && self.pills == other.pills
            && self.recall == other.recall
            && self.vim == other.vim
            && self.goal == other.goal
    }
}

impl fmt::Debug for Composer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Composer")
            .field("buffer", &self.buffer)
            .field("pills", &self.pills)
            .field("recall", &self.recall)
            .finish_non_exhaustive()
    }
}

/// Text from outside as the draft takes it: `\n` for every line end, no controls but tabs.
fn tidy(text: &str) -> Cow<'_, str> {
    if !text.contains('\r') {
        return clean_with(text, Tabs::Keep);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(clean_with(&text, Tabs::Keep).into_owned())
}

#[cfg(test)]
mod tests;
