//! What the fold asks of the outside, as plain data.

pub mod effect;
pub mod notice;
pub mod reply;
pub mod tool;
pub mod undo;

use serde::{Deserialize, Serialize};

pub use effect::{
    CommandEffect, CommandSpec, Effect, Finding, HostEffect, ModelRequest, StoreEffect, Tool, ToolFormat,
};
pub use notice::Notice;
pub use reply::{Refusal, Reply};
pub use tool::{ImageEffect, PatchEffect, PatchReach, ToolEffect};
pub use undo::{ChangeScope, ChangeStoreRef, UndoEffect, Way};

use crate::{key::Key, msg::Origin};

/// What one fold step asks for and tells: effects, notices and replies, each in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cmd {
    /// Requests to the outside, each under its key.
    pub effects: Vec<(Key, Effect)>,
    /// Facts for observers.
    pub notices: Vec<Notice>,
    /// Answers to intents, each with where the intent came from.
    pub replies: Vec<(Origin, Result<Reply, Refusal>)>,
}

impl Cmd {
    /// Nothing to do.
    pub fn none() -> Self {
        Self::default()
    }

    /// Asks for an effect.
    pub fn run(&mut self, key: Key, effect: Effect) {
        self.effects.push((key, effect));
    }

    /// Tells observers.
    pub fn tell(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    /// Answers an intent.
    pub fn reply(&mut self, origin: Origin, reply: Result<Reply, Refusal>) {
        self.replies.push((origin, reply));
    }

    /// Appends what another step asked for.
    pub fn then(&mut self, mut other: Self) {
        self.effects.append(&mut other.effects);
        self.notices.append(&mut other.notices);
        self.replies.append(&mut other.replies);
    }
}
