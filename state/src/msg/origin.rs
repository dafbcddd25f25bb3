//! Who sends an intent, so that the answer finds its way back.

use serde::{Deserialize, Serialize};

/// One sender of intents: the screen, the start of the program, or a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClientId(pub u32);

impl ClientId {
    /// The start of the program: the command line and the prompt on it.
    pub const BOOT: Self = Self(0);
    /// The user at the screen.
    pub const SCREEN: Self = Self(1);
    /// The program around the fold: signals, a terminal or reader that is gone.
    pub const DRIVER: Self = Self(2);
}

/// Where an intent comes from. The answer carries it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The sender.
    pub client: ClientId,
    /// The sender's own number of the request, where it gives one.
    pub request: Option<u64>,
}

impl Origin {
    /// The start of the program.
    pub const BOOT: Self = Self { client: ClientId::BOOT, request: None };
    /// The user at the screen.
    pub const SCREEN: Self = Self { client: ClientId::SCREEN, request: None };
    /// The user at the screen, who goes to the thread that this opens.
    pub const SWITCH: Self = Self { client: ClientId::SCREEN, request: Some(0) };
    /// The program around the fold.
    pub const DRIVER: Self = Self { client: ClientId::DRIVER, request: None };
}
