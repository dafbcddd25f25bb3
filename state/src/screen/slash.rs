//! Slash commands: the table of what there is. A command is a row here and a file of its own.

mod approval;
mod copy;
mod debug_config;
mod debug_time;
mod diff;
mod export;
mod fast;
mod fork;
mod help;
mod history;
mod init;
mod keymap;
mod mention;
mod model;
mod new;
mod permissions;
mod personality;
mod ps;
mod quit;
mod raw;
mod read;
mod redo;
mod rename;
mod resume;
mod rollout;
mod sandbox;
mod shelve;
mod status;
mod statusline;
mod stop;
mod theme;
mod undo;
mod vim;

use super::ctx::ScreenCtx;

pub(super) use copy::SLASH as COPY;
pub(super) use fast::SLASH as FAST;
pub(super) use raw::SLASH as RAW;
pub use read::{Draft, read, unknown};
pub(super) use vim::SLASH as VIM;

/// All slash commands, in the order they are listed.
pub const TABLE: &[Slash] = &[
    help::SLASH,
    status::SLASH,
    model::SLASH,
    fast::SLASH,
    personality::SLASH,
    permissions::SLASH,
    approval::SLASH,
    sandbox::SLASH,
    theme::SLASH,
    init::SLASH,
    mention::SLASH,
    statusline::STATUSLINE,
    statusline::TITLE,
    copy::SLASH,
    raw::SLASH,
    diff::SLASH,
    undo::SLASH,
    redo::SLASH,
    history::SLASH,
    export::SLASH,
    rollout::SLASH,
    rename::SLASH,
    new::SLASH,
    resume::SLASH,
    fork::SLASH,
    shelve::ARCHIVE,
    shelve::DELETE,
    ps::SLASH,
    stop::SLASH,
    keymap::SLASH,
    vim::SLASH,
    debug_config::SLASH,
    debug_time::SLASH,
    quit::SLASH,
];

/// Slash commands of the Codex CLI (0.131 and 0.169) that do not exist here yet.
const MISSING: &[&str] = &[
    "agent",
    "agents",
    "approve",
    "compact",
    "config",
    "daemon",
    "experimental",
    "feedback",
    "goal",
    "hooks",
    "ide",
    "import",
    "logout",
    "mcp",
    "memories",
    "pets",
    "plan",
    "plugins",
    "presets",
    "recap",
    "remote-control",
    "review",
    "side",
    "skills",
    "subagents",
    "tui",
    "voice",
    "warnings",
    "worktree",
];

/// A slash command.
#[derive(Clone, Copy, Debug)]
pub struct Slash {
    /// Its word, without the slash.
    pub name: &'static str,
    /// Other words for it.
    pub aliases: &'static [&'static str],
    /// What may follow the word.
    pub args: Args,
    /// What it does, in a few words.
    pub help: &'static str,
    /// Why it cannot be used now; `None` when it can.
    available: fn(&ScreenCtx<'_>) -> Option<&'static str>,
    /// Carries it out, with what followed the word.
    run: fn(&mut ScreenCtx<'_>, &str),
}

/// What may follow the word of a slash command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Args {
    /// Nothing that it reads.
    Unread,
    /// What the command reads itself, and says what is wrong.
    Own,
    /// Any text, but some.
    Text {
        /// What is said where there is none.
        refusal: &'static str,
    },
    /// One of these words, or nothing.
    Word {
        /// The words.
        words: &'static [&'static str],
        /// Whether a number may stand in their place.
        or_number: bool,
        /// What is said of anything else.
        refusal: &'static str,
    },
}

impl Slash {
    /// All words for it, the most usual one first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// Why it does not run now, with these words behind it.
    fn refusal(&self, ctx: &ScreenCtx<'_>, args: &str) -> Option<&'static str> {
        (self.available)(ctx).or_else(|| self.args.refusal(args))
    }

    /// Runs it, or says why not.
    pub(super) fn start(&self, ctx: &mut ScreenCtx<'_>, args: &str) {
        match self.refusal(ctx, args) {
            Some(refusal) => ctx.toast(refusal.to_owned()),
            None => (self.run)(ctx, args),
        }
    }
}

impl Args {
    fn refusal(self, args: &str) -> Option<&'static str> {
        match self {
            Self::Unread | Self::Own => None,
            Self::Text { refusal } => args.is_empty().then_some(refusal),
            Self::Word { words, or_number, refusal } => {
                let is_known = args.is_empty() || words.contains(&args) || or_number && args.parse::<u32>().is_ok();
                (!is_known).then_some(refusal)
            }
        }
    }
}

/// Whether the Codex CLI has a command of this name that does not exist here yet.
pub(super) fn is_missing(name: &str) -> bool {
    MISSING.contains(&name)
}

/// For commands that leave the session: not while a turn runs, which would end with it.
fn between_turns(ctx: &ScreenCtx<'_>) -> Option<&'static str> {
    ctx.is_working().then_some("A turn is running. Interrupt it, or wait for its end.")
}

/// For commands that can be used at any time.
fn always(_: &ScreenCtx<'_>) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use super::{MISSING, TABLE};

    #[test]
    fn every_word_is_there_once() {
        let mut words: Vec<&str> = TABLE.iter().flat_map(super::Slash::names).chain(MISSING.iter().copied()).collect();
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count);
        assert!(MISSING.is_sorted());
    }

    #[test]
    fn what_may_follow_is_told_by_the_row() {
        let cases = [
            ("help", "me", true),
            ("undo", "", true),
            ("undo", "rest", true),
            ("undo", "all", false),
            ("redo", "rest", true),
            ("redo", "1", false),
            ("model", "any thing", true),
            ("approval", "", true),
            ("approval", "never", true),
            ("sandbox", "off", false),
            ("rename", "", false),
            ("rename", "a name of words", true),
            ("stop", "all", true),
            ("stop", "12", true),
            ("stop", "-1", false),
            ("stop", "make", false),
            ("history", "2", true),
            ("history", "two", false),
        ];
        for (name, args, is_taken) in cases {
            let slash = TABLE.iter().find(|slash| slash.name == name).unwrap();
            assert_eq!(slash.args.refusal(args).is_none(), is_taken, "/{name} {args}");
        }
    }
}
