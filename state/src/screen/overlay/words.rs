//! The choice of what follows a slash command: one of a few words.

use crate::{
    msg::KeyPress,
    screen::{
        ctx::ScreenCtx,
        keymap::{Action, Context},
        slash::{self, Slash},
    },
};

use super::{
    Handled,
    picker::{self, Picker},
};

/// A word, and what it means.
pub type Row = (&'static str, &'static str);

/// The choice, open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What is asked, in a few words.
    pub title: &'static str,
    /// The words.
    pub rows: Picker<Row>,
    /// The one that holds now.
    pub current: Option<&'static str>,
    /// The command, by its name.
    command: &'static str,
}

impl Words {
    /// The words for a command; the one that holds now is marked.
    pub(in crate::screen) fn new(
        slash: &Slash,
        title: &'static str,
        rows: &[Row],
        current: Option<&'static str>,
    ) -> Self {
        let mut picker = Picker::new(rows.to_vec());
        picker.mark_at(rows.iter().position(|(word, _)| Some(*word) == current).unwrap_or(0));
        Self { title, rows: picker, current, command: slash.name }
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
        let slash = slash::TABLE.iter().find(|slash| slash.name == self.command);
        if let (Some(slash), Some((word, _))) = (slash, self.rows.marked()) {
            slash.start(ctx, word);
        }
        Handled::Close
    }
}
