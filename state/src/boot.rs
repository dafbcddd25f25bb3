//! What the first model is made of. Collected by `launch` from arguments, environment and files; holds no secret.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    cmd::Cmd,
    config::{Config, SealedLayers},
    engine::thread::settings::SettingsChange,
    item::UserInput,
    model::Model,
    msg::{Clock, ForkPoint, ForkSource, Op, Origin, Size},
    rules::Rules,
    trust::{self, News},
};

/// Everything the fold begins with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Boot {
    /// Version of this program.
    pub version: String,
    /// Seed of ids and jitter.
    pub seed: u64,
    /// Time at start.
    pub clock: Clock,
    /// How the program is used.
    pub face: FaceKind,
    /// The resolved configuration.
    pub config: Config,
    /// The layers that it was resolved from, without secrets.
    #[serde(default)]
    pub layers: SealedLayers,
    /// The machine.
    pub host: Host,
    /// The rules of the user and of a trusted project.
    #[serde(default)]
    pub rules: Rules,
    /// What the folder brings that the user has not accepted yet.
    #[serde(default)]
    pub news: Option<News>,
    /// What is to be remembered of the folder at once.
    #[serde(default)]
    pub trust: Option<trust::TrustRecord>,
    /// New thread or a stored one.
    pub open: Open,
    /// The prompt of the command line, submitted at once.
    pub first: Option<UserInput>,
    /// JSON schema for the final answer.
    pub output_schema: Option<Arc<serde_json::Value>>,
    /// Earlier submissions for recall, oldest first.
    pub recall: Vec<String>,
    /// The session is not written to disk.
    pub ephemeral: bool,
}

/// How the program is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FaceKind {
    /// Linear text for screen readers, in a terminal of this size.
    Reader(Size),
    /// Full-screen terminal interface of this size.
    Full(Size),
    /// Terminal interface in the terminal's own scrollback, of this size.
    Inline(Size),
    /// `exec`, progress as text.
    ExecText,
    /// `exec --json`.
    ExecJson,
}

impl FaceKind {
    /// Whether a user can be asked.
    pub fn is_interactive(self) -> bool {
        match self {
            Self::Full(_) | Self::Inline(_) | Self::Reader(_) => true,
            Self::ExecText | Self::ExecJson => false,
        }
    }
}

/// Facts about the machine that the conversation needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Working folder, absolute.
    pub cwd: String,
    /// The working folder as a user writes it (`~/src/x`).
    pub cwd_short: String,
    /// The user's shell, absolute path.
    pub shell: String,
    /// `$CODEX_HOME`, absolute.
    pub home: String,
    /// The user's own home, absolute.
    #[serde(default)]
    pub user_home: Option<String>,
    /// `linux`, `macos`, `windows`.
    pub os: String,
    /// IANA time zone name.
    pub timezone: String,
    /// Offset from UTC in seconds.
    pub utc_offset_s: i32,
    /// Instruction files (AGENTS.md), outermost first.
    pub documents: Vec<Document>,
    /// Git branch of the working folder, if any.
    pub branch: Option<String>,
    /// Names of environment variables that hold credentials of ours; commands never get them.
    pub secret_variables: Vec<String>,
    /// Names at the top of `home` that may be open to commands where a user works in it.
    #[serde(default)]
    pub home_names: Vec<String>,
    /// Folders beside `home` in which the Codex CLI keeps databases and logs, absolute; commands do not see these.
    #[serde(default)]
    pub secret_folders: Vec<String>,
    /// The folder that `TMPDIR` names, absolute.
    #[serde(default)]
    pub tmpdir: Option<String>,
    /// The folders of `PATH` in their order, as they stand there and without symlinks.
    #[serde(default)]
    pub search: Vec<String>,
    /// What is missing to reach the model's provider, in a sentence.
    #[serde(default)]
    pub missing_key: Option<String>,
    /// Whether nothing says yet how a model is reached: there is no key, no login, and no other provider is chosen.
    #[serde(default)]
    pub needs_login: bool,
}

impl Host {
    /// A path as a user writes it: with `~` for the user's home.
    pub fn short(&self, path: &str) -> String {
        let home = self.user_home.as_deref().filter(|home| !home.is_empty());
        match home.and_then(|home| path.strip_prefix(home)) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
            Some(_) | None => path.to_owned(),
        }
    }
}

/// An instruction file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its path.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Whether it is the one in `$CODEX_HOME`.
    pub is_global: bool,
}

/// Which thread to open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Open {
    /// A copy of a stored one.
    Forked {
        /// Thread id, name or path; empty for the newest.
        target: String,
        /// Folder that "newest" is meant for; `None` for anywhere.
        cwd: Option<String>,
    },
    /// A new one.
    New,
    /// A stored one.
    Stored {
        /// Thread id, name or path; empty for the newest.
        target: String,
        /// Folder that "newest" is meant for; `None` for anywhere.
        cwd: Option<String>,
    },
}

/// Makes the first model and what it asks for.
pub fn boot(boot: Boot) -> (Model, Cmd) {
    let asks_for_login = boot.host.needs_login && boot.face.is_interactive();
    let (first, change) = (boot.first.clone().filter(|_| !asks_for_login), SettingsChange::default());
    let unsent = boot.first.clone().filter(|_| asks_for_login);
    let op = match boot.open.clone() {
        Open::New => Op::StartThread { change, first },
        Open::Forked { target, cwd } => {
            let source = Box::new(ForkSource { target, cwd, at: ForkPoint::End });
            Op::ForkThread { source, change, first }
        }
        Open::Stored { target, cwd } => Op::ResumeThread { target, cwd, change, first },
    };
    let record = boot.trust.clone();
    let mut model = Model::new(boot);
    let mut cmd = crate::engine::op::apply(&mut model, Origin::BOOT, op);
    crate::update::booted(&mut model, &cmd);
    cmd.then(crate::engine::trust::begin(&mut model, record));
    let left = crate::screen::follow(&mut model, &cmd);
    crate::update::booted(&mut model, &left);
    cmd.then(left);
    if asks_for_login {
        let asking = crate::screen::ask_for_login(&mut model, unsent.as_ref());
        crate::update::booted(&mut model, &asking);
        cmd.then(asking);
    }
    (model, cmd)
}
