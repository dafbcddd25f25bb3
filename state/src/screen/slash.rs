//! Slash commands: one table of what there is.

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
    use super::{Action, Draft, read};

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
}
