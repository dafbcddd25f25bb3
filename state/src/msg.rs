//! Everything that can happen to the model.

pub mod input;
pub mod op;
pub mod origin;
pub mod report;
pub mod tool;
pub mod undo;

use serde::{Deserialize, Serialize};

pub use input::{Input, KeyCode, KeyPress, Mods, Size};
pub use op::{ForkPoint, ForkSource, Op, Response, ReviewDecision};
pub use origin::{ClientId, Origin};
pub use report::{
    Backend, CommandReport, Ended, HostReport, LocalServer, ModelReport, Report, Steered, SteeredBy, StoreReport,
    StoredMessage, StoredThread, UNREAD,
};
pub use tool::{ImageReport, PatchReport, ToolReport};
pub use undo::{Tally, TurnTally, UndoDone, UndoReport};

use crate::key::Key;

/// One message of the fold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Msg {
    /// What time it is; the driver puts one at the head of every batch.
    Clock(Clock),
    /// A gesture of the user.
    Input(Input),
    /// An intent, from any client.
    Op(Origin, Op),
    /// A fact from outside, with the key of the effect that it answers.
    Report(Key, Report),
}

/// Time as data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Milliseconds since the program started, monotonic.
    pub mono_ms: u64,
    /// Milliseconds since 1970, from the wall clock.
    pub unix_ms: i64,
}
