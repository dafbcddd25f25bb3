//! The whole product state.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    boot::{Boot, FaceKind, Host},
    config::Config,
    engine::{Engine, Thread, thread::settings::ThreadSettings},
    id_generator::IdGenerator,
    msg::Clock,
    screen::{Keymap, Screen},
};

/// The whole product state. `engine` never reads `screen`; `screen` reads the engine and changes it only by Ops.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Version of this program.
    pub version: String,
    /// The time of the current batch.
    pub clock: Clock,
    /// Source of ids and jitter.
    pub ids: IdGenerator,
    /// How the program is used.
    pub face: FaceKind,
    /// What new threads begin with.
    pub settings: Arc<ThreadSettings>,
    /// Conversations and the work in flight.
    pub engine: Engine,
    /// What the user sees and types; `None` without a painting face.
    pub screen: Option<Screen>,
    /// Whether the program is on its way out.
    pub lifecycle: Lifecycle,
}

/// Whether the program is on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lifecycle {
    /// It runs.
    Running,
    /// It waits for commands and appends to end, then leaves with this code.
    Ending {
        /// Exit code.
        code: u8,
    },
    /// The exit effect has been asked for.
    Left {
        /// Exit code.
        code: u8,
    },
}

/// The exit codes of the program, in one table.
pub mod exit_code {
    /// The work is done, or the user left.
    pub const OK: u8 = 0;
    /// A model error, a bad configuration value, a missing session, no prompt.
    pub const FAILED: u8 = 1;
    /// A bad flag or flag value on the command line.
    pub const USAGE: u8 = 2;
    /// Interrupted by SIGHUP.
    pub const HANGUP: u8 = 129;
    /// Interrupted by SIGINT.
    pub const INTERRUPTED: u8 = 130;
    /// Ended by SIGTERM.
    pub const TERMINATED: u8 = 143;
}

impl Model {
    /// The model before anything was asked for.
    pub fn new(boot: Boot) -> Self {
        let settings = Arc::new(ThreadSettings::of(&boot));
        let screen = match boot.face {
            FaceKind::Full(size) | FaceKind::Inline(size) | FaceKind::Reader(size) => {
                let mut screen = Screen::new(size, boot.recall);
                screen.is_linear = matches!(boot.face, FaceKind::Reader(_));
                screen.tui = boot.config.tui;
                screen.use_keys(Keymap::of(&settings.config.keymap));
                screen.is_raw = settings.config.raw;
                screen.composer.use_vim(settings.config.vim);
                Some(screen)
            }
            FaceKind::ExecText | FaceKind::ExecJson => None,
        };
        Self {
            version: boot.version,
            clock: boot.clock,
            ids: IdGenerator::new(boot.seed),
            face: boot.face,
            settings,
            engine: Engine { news: boot.news.map(Box::new), ..Engine::default() },
            screen,
            lifecycle: Lifecycle::Running,
        }
    }

    /// The settings of the thread that is shown, or that the program works on; of new threads while there is none.
    pub fn shown_settings(&self) -> &ThreadSettings {
        self.shown().or_else(|| self.engine.thread()).map_or(&self.settings, |thread| &thread.settings)
    }

    /// The configuration of the thread that is shown.
    pub fn config(&self) -> &Config {
        &self.shown_settings().config
    }

    /// The machine as the thread that is shown sees it.
    pub fn host(&self) -> &Host {
        &self.shown_settings().host
    }

    /// The thread that the screen shows.
    pub fn shown(&self) -> Option<&Thread> {
        self.screen.as_ref().and_then(|screen| screen.shown(&self.engine))
    }
}
