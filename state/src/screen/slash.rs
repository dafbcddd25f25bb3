//! Slash commands: one table of what there is.

use crate::config::hint::nearest;

/// A slash command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slash {
    /// Its word, without the slash.
    pub name: &'static str,
    /// What it does, in a few words.
    pub help: &'static str,
    /// What it is.
    pub action: Action,
}

/// What a slash command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Show the table of keys and commands.
    Help,
    /// Put the last answer on the clipboard.
    Copy,
    /// Show what the last turn changed in the files.
    Diff,
    /// Take back what the last turn changed.
    Undo,
    /// Bring it back.
    Redo,
    /// Show which commands run.
    Ps,
    /// End them.
    Stop,
    /// Leave.
    Quit,
}

/// All slash commands, in the order they are listed.
pub const TABLE: [Slash; 9] = [
    Slash { name: "help", help: "keys and commands", action: Action::Help },
    Slash { name: "copy", help: "copy the last answer", action: Action::Copy },
    Slash { name: "diff", help: "what the turn changed", action: Action::Diff },
    Slash { name: "undo", help: "take its changes back", action: Action::Undo },
    Slash { name: "redo", help: "bring them back", action: Action::Redo },
    Slash { name: "ps", help: "commands that run", action: Action::Ps },
    Slash { name: "stop", help: "end them", action: Action::Stop },
    Slash { name: "quit", help: "leave", action: Action::Quit },
    Slash { name: "exit", help: "leave", action: Action::Quit },
];

/// Slash commands of the Codex CLI that do not exist here yet.
const MISSING: [&str; 34] = [
    "approvals",
    "clean",
    "clear",
    "compact",
    "debug-config",
    "experimental",
    "fast",
    "feedback",
    "fork",
    "history",
    "init",
    "keymap",
    "logout",
    "mcp",
    "mention",
    "model",
    "new",
    "permissions",
    "personality",
    "plan",
    "raw",
    "remote-control",
    "rename",
    "resume",
    "review",
    "rollout",
    "sandbox",
    "sessions",
    "side",
    "status",
    "statusline",
    "theme",
    "title",
    "vim",
];

/// What is told of a slash command that there is not: the nearest name, in whatever case it was written.
pub fn unknown(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let as_text = "Put a space before it to send it as text.";
    if MISSING.contains(&lower.as_str()) {
        return format!("/{lower} is not in Quire yet. {as_text}");
    }
    match nearest(word, TABLE.iter().map(|slash| slash.name)) {
        // Short in front: a narrow terminal shows the beginning.
        Some(near) => format!("No command /{word}. Did you mean /{near}? {as_text}"),
        None => format!("There is no command /{word}. ? shows all. {as_text}"),
    }
}

/// What a draft is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draft<'a> {
    /// Words for the model.
    Words,
    /// A slash command.
    Command(Action),
    /// It looks like a slash command, but there is none of this name.
    Unknown(&'a str),
}

/// Reads a draft. A path like `/usr/bin` is no command.
pub fn read(draft: &str) -> Draft<'_> {
    let Some(rest) = draft.strip_prefix('/') else { return Draft::Words };
    let word = rest.split_whitespace().next().unwrap_or_default();
    if word.is_empty() || word.contains('/') || rest.starts_with(char::is_whitespace) {
        return Draft::Words;
    }
    match TABLE.iter().find(|slash| slash.name == word) {
        Some(slash) => Draft::Command(slash.action),
        None if word.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') => Draft::Unknown(word),
        None => Draft::Words,
    }
}

/// What follows the word of a slash command.
pub fn words(draft: &str) -> &str {
    draft.split_once(char::is_whitespace).map_or("", |(_, words)| words.trim())
}

#[cfg(test)]
mod tests {
    use super::{Action, Draft, MISSING, TABLE, read, unknown};

    #[test]
    fn drafts_are_told_apart() {
        let cases = [
            ("hello", Draft::Words),
            ("/quit", Draft::Command(Action::Quit)),
            ("/help me", Draft::Command(Action::Help)),
            ("/usr/bin/env is what?", Draft::Words),
            ("/ quit", Draft::Words),
            (" /quit", Draft::Words),
            ("/nothing", Draft::Unknown("nothing")),
        ];
        for (draft, expected) in cases {
            assert_eq!(read(draft), expected, "{draft}");
        }
    }

    #[test]
    fn a_command_that_there_is_not_gets_the_nearest_name() {
        for (word, near) in [
            ("hepl", "/help"),
            ("Quit", "/quit"),
            ("QUIT", "/quit"),
            ("qiut", "/quit"),
            ("exti", "/exit"),
            ("Undo", "/undo"),
            ("unod", "/undo"),
            ("dif", "/diff"),
            ("copyy", "/copy"),
            ("Ps", "/ps"),
        ] {
            assert_eq!(read(&format!("/{word}")), Draft::Unknown(word));
            let said = unknown(word);
            assert!(said.contains(&format!("Did you mean {near}?")) && said.contains("a space before it"), "{said}");
        }
        assert!(unknown("frobnicate").starts_with("There is no command /frobnicate. ? shows all."));
        for word in ["model", "Compact", "status", "new"] {
            let said = unknown(word);
            assert!(said.starts_with(&format!("/{} is not in Quire yet.", word.to_lowercase())), "{said}");
        }
        assert!(MISSING.is_sorted() && TABLE.iter().all(|slash| !MISSING.contains(&slash.name)));
    }
}
