//! What the fold asks of the outside, as plain data.

pub mod effect;
pub mod notice;
pub mod undo;

use serde::{Deserialize, Serialize};

pub use effect::{
    CommandEffect, CommandSpec, Effect, Finding, HostEffect, ImageEffect, ModelRequest, PatchEffect, PatchReach,
    StoreEffect, Tool, ToolFormat,
};
pub use notice::Notice;
pub use undo::{ChangeScope, ChangeStoreRef, UndoEffect, Way};

use crate::key::Key;

/// The answer of one fold step: effects in order, and notices in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cmd {
    /// Requests to the outside, each under its key.
    pub effects: Vec<(Key, Effect)>,
    /// Facts for observers.
    pub notices: Vec<Notice>,
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

    /// Appends what another step asked for.
    pub fn then(&mut self, mut other: Self) {
        self.effects.append(&mut other.effects);
        self.notices.append(&mut other.notices);
    }
}
