//! What must be listened to now, as plain data. The driver compares it with what runs after each batch.

use serde::{Deserialize, Serialize};

use crate::model::Model;

/// Something to listen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Sub {
    /// Keys, pastes and sizes of the terminal.
    Terminal,
    /// A clock message every so many milliseconds, because something on the screen moves with time.
    Tick {
        /// Period in milliseconds.
        every_ms: u64,
    },
}

/// What must be listened to while the model is like this. An idle model needs no tick.
pub fn subscriptions(model: &Model) -> std::collections::BTreeSet<Sub> {
    let mut subs = std::collections::BTreeSet::new();
    if let Some(screen) = &model.screen {
        subs.insert(Sub::Terminal);
        if let Some(every_ms) = screen.tick_ms(&model.engine) {
            subs.insert(Sub::Tick { every_ms });
        }
    }
    subs
}
