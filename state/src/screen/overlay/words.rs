//! The choice of what follows a slash command: one of a few words.

use crate::{
    msg::KeyPress,
    screen::{
        ctx::ScreenCtx,
        keymap::{Action, Context},
        slash::Slash,
    },
};

use super::{
    Handled,
    picker::{self, Picker},
};

/// A word, and what it means.
pub type Row = (&'static str, &'static str);

/// The choice, open.
#[derive(Clone, Debug)]
pub struct Words {
    /// What is asked, in a few words.
    pub title: &'static str,
    /// The words.
    pub rows: Picker<Row>,
    /// The one that holds now.
    pub current: Option<&'static str>,
    slash: &'static Slash,
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        (self.slash.name, &self.rows, self.current) == (other.slash.name, &other.rows, other.current)
    }
}

impl Words {
    /// The words for a command; the one that holds now is marked.
    pub fn new(slash: &'static Slash, title: &'static str, rows: &[Row], current: Option<&'static str>) -> Self {
        let mut picker = Picker::new(rows.to_vec());
        picker.mark_at(rows.iter().position(|(word, _)| Some(*word) == current).unwrap_or(0));
        Self { title, rows: picker, current, slash }
    }

    /// Moves the mark, or runs the command with the marked word. A number takes the row at once.
    pub(super) fn key(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        if let Some(number) = press.typed().and_then(|letter| letter.to_digit(10)) {
            let is_there = number > 0 && self.rows.mark_at(number as usize - 1);
            return if is_there { self.take(ctx) } else { Handled::Taken };
        }
        let Some(action) = ctx.screen.keymap.action(Context::Picker, press) else {
            return picker::unknown(&ctx.screen.keymap, press);
        };
        if action == Action::Cancel {
            return Handled::Close;
        } else if action == Action::Take {
            return self.take(ctx);
        }
        self.rows.moved(action);
        Handled::Taken
    }

    fn take(&self, ctx: &mut ScreenCtx<'_>) -> Handled {
        if let Some((word, _)) = self.rows.marked() {
            self.slash.start(ctx, word);
        }
        Handled::Close
    }
}
