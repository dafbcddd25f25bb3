//! The editing keys: what each does with the draft.

use super::Composer;
use crate::{
    msg::input::KeyPress,
    screen::keymap::{Action, Context, Edit},
};

impl Composer {
    /// Applies an editing key; `width` is the width of [`layout`](Self::layout). Says whether the key was used: not
    /// if it is no editing key, nor for Up on the first row and Down on the last, where it may recall history.
    pub fn key(&mut self, press: KeyPress, width: u16) -> bool {
        self.fit(width);
        if let Some(Action::Edit(edit)) = self.keymap.action(Context::Composer, press) {
            return self.edit(edit, width);
        }
        let typed = press.typed();
        typed.into_iter().for_each(|character| self.insert_char(character));
        typed.is_some()
    }

    fn edit(&mut self, edit: Edit, width: u16) -> bool {
        match edit {
            Edit::NewLine => self.newline(),
            Edit::Backspace => self.backspace(),
            Edit::Delete => self.delete(),
            Edit::DeleteWordLeft => self.delete_word_left(),
            Edit::DeleteWordRight => self.delete_word_right(),
            Edit::Left => self.left(),
            Edit::Right => self.right(),
            Edit::WordLeft => self.word_left(),
            Edit::WordRight => self.word_right(),
            Edit::LineStart => self.home(),
            Edit::LineEnd => self.end(),
            Edit::Up => return self.up(width),
            Edit::Down => return self.down(width),
            Edit::KillToEnd => self.kill_to_end(),
            Edit::KillToStart => self.kill_to_start(),
            Edit::Yank => self.yank(),
            Edit::YankPop => self.yank_pop(),
            Edit::OpenPaste => self.open_paste(),
            Edit::Undo => self.undo(),
            Edit::Redo => self.redo(),
        }
        true
    }
}
