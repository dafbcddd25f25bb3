//! Time travel: a moment of this run is shown, and which message led to it. What is painted beside it is made outside from the
//! messages that are kept; here is only where one stands.

use crate::{
    msg::KeyPress,
    screen::{
        ctx::ScreenCtx,
        keymap::{Action, Context, Keymap},
    },
};

use super::{Handled, picker};

/// Messages of a long step, and of a longer one.
const STEP: u64 = 10;
const LONG_STEP: u64 = 100;

/// A moment that is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Time {
    /// How many messages had been folded by then.
    pub at: u64,
    /// The oldest moment that is known.
    pub first: u64,
    /// The newest one.
    pub last: u64,
    /// The message that led to it, once it is painted.
    pub message: String,
    /// What that has changed.
    pub changed: Vec<String>,
}

impl Time {
    /// The newest of these moments.
    pub fn new((first, last): (u64, u64)) -> Self {
        Self { at: last, first, last, ..Self::default() }
    }

    /// Steps back or forth, and says whether the key leaves.
    pub fn step(&mut self, keymap: &Keymap, press: KeyPress) -> bool {
        let ways = [
            (Action::Less, self.at.saturating_sub(1)),
            (Action::More, self.at.saturating_add(1)),
            (Action::Previous, self.at.saturating_sub(STEP)),
            (Action::Next, self.at.saturating_add(STEP)),
            (Action::PageUp, self.at.saturating_sub(LONG_STEP)),
            (Action::PageDown, self.at.saturating_add(LONG_STEP)),
            (Action::First, self.first),
            (Action::Last, self.last),
        ];
        let action = keymap.action(Context::Picker, press);
        let to = ways.into_iter().find(|(way, _)| Some(*way) == action).map_or(self.at, |(_, to)| to);
        self.at = to.clamp(self.first, self.last.max(self.first));
        action == Some(Action::Cancel) || keymap.action(Context::Always, press) == Some(Action::StepBack)
    }

    pub(super) fn key(&mut self, ctx: &ScreenCtx<'_>, press: KeyPress) -> Handled {
        if self.step(&ctx.screen.keymap, press) { Handled::Close } else { picker::unknown(&ctx.screen.keymap, press) }
    }
}
