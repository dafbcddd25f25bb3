//! The editing keys: arrows, Home and End, and the readline set.

use super::Composer;
use crate::msg::input::{KeyCode, KeyPress, Mods};

impl Composer {
    /// Applies an editing key; `width` is the width of [`layout`](Self::layout). Says whether the key was used: not
    /// if it is no editing key, nor for Up on the first row and Down on the last, where it may recall history.
    pub fn key(&mut self, press: KeyPress, width: u16) -> bool {
        self.fit(width);
        let mods = press.mods;
        match press.code {
            KeyCode::Char(character) if mods.ctrl && !mods.alt => self.ctrl(character),
            KeyCode::Char(character) if mods.alt && !mods.ctrl => self.alt(character),
            KeyCode::Char(character) if !mods.alt && !mods.ctrl => self.then(|it| it.insert_char(character)),
            KeyCode::Enter if mods.alt || mods.shift => self.then(Self::newline),
            KeyCode::Backspace if mods.alt || mods.ctrl => self.then(Self::delete_word_left),
            KeyCode::Backspace => self.then(Self::backspace),
            KeyCode::Delete if mods.alt || mods.ctrl => self.then(Self::delete_word_right),
            KeyCode::Delete => self.then(Self::delete),
            KeyCode::Left if mods.alt || mods.ctrl => self.then(Self::word_left),
            KeyCode::Left => self.then(Self::left),
            KeyCode::Right if mods.alt || mods.ctrl => self.then(Self::word_right),
            KeyCode::Right => self.then(Self::right),
            KeyCode::Home => self.then(Self::home),
            KeyCode::End => self.then(Self::end),
            KeyCode::Up if mods == Mods::default() => self.up(width),
            KeyCode::Down if mods == Mods::default() => self.down(width),
            KeyCode::Char(_) | KeyCode::Enter | KeyCode::Up | KeyCode::Down => false,
            KeyCode::Esc | KeyCode::Tab | KeyCode::BackTab | KeyCode::Insert => false,
            KeyCode::PageUp | KeyCode::PageDown | KeyCode::F(_) => false,
        }
    }

    fn ctrl(&mut self, character: char) -> bool {
        match character.to_ascii_lowercase() {
            'a' => self.then(Self::home),
            'e' => self.then(Self::end),
            'b' => self.then(Self::left),
            'f' => self.then(Self::right),
            'h' => self.then(Self::backspace),
            'd' => self.then(Self::delete),
            'k' => self.then(Self::kill_to_end),
            'u' => self.then(Self::kill_to_start),
            'w' => self.then(Self::delete_word_left),
            'y' => self.then(Self::yank),
            'j' => self.then(Self::newline),
            // One byte stands for all of these on most terminals, and arrives as the first or the second.
            '_' | '7' | '/' | '-' => self.then(Self::undo),
            _ => false,
        }
    }

    fn alt(&mut self, character: char) -> bool {
        match character {
            'b' => self.then(Self::word_left),
            'f' => self.then(Self::word_right),
            'd' => self.then(Self::delete_word_right),
            '_' => self.then(Self::redo),
            _ => false,
        }
    }

    fn then(&mut self, act: impl FnOnce(&mut Self)) -> bool {
        act(self);
        true
    }
}
