//! Whether a draft is a slash command, and which.

use super::{Slash, TABLE, is_missing};
use crate::{
    config::hint::nearest,
    screen::keymap::{Action, Context, Keymap},
};

/// What a draft is.
#[derive(Clone, Copy, Debug)]
pub enum Draft<'a> {
    /// Words for the model.
    Words,
    /// A command for the user's shell, as far as it can be read without its pastes.
    Shell,
    /// A slash command, and what follows its word.
    Command(&'static Slash, &'a str),
    /// It looks like a slash command, but there is none of this name.
    Unknown(&'a str),
}

/// Reads a draft. A path like `/usr/bin` is no command.
pub fn read(draft: &str) -> Draft<'_> {
    if draft.starts_with('!') {
        return Draft::Shell;
    }
    let Some(rest) = draft.strip_prefix('/') else { return Draft::Words };
    let (word, args) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if word.is_empty() || word.contains('/') {
        return Draft::Words;
    }
    match TABLE.iter().find(|slash| slash.names().any(|name| name == word)) {
        Some(slash) => Draft::Command(slash, args.trim()),
        None if word.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') => Draft::Unknown(word),
        None => Draft::Words,
    }
}

/// What is told of a slash command that there is not: the nearest name, in whatever case it was written.
pub fn unknown(keymap: &Keymap, word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let as_text = "Put a space before it to send it as text.";
    if is_missing(&lower) {
        return format!("/{lower} is not in Quire yet. {as_text}");
    }
    match nearest(word, TABLE.iter().flat_map(Slash::names)) {
        // Short in front: a narrow terminal shows the beginning.
        Some(near) => format!("No command /{word}. Did you mean /{near}? {as_text}"),
        None => format!(
            "There is no command /{word}. {} shows all. {as_text}",
            keymap.name(Context::Idle, Action::OpenHelp)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{Draft, Keymap, read, unknown};

    /// What a draft is, in a word or two.
    fn told(draft: &str) -> String {
        match read(draft) {
            Draft::Words => "words".to_owned(),
            Draft::Shell => "shell".to_owned(),
            Draft::Command(slash, args) => format!("{} {args:?}", slash.name),
            Draft::Unknown(word) => format!("no {word}"),
        }
    }

    #[test]
    fn drafts_are_told_apart() {
        let cases = [
            ("hello", "words"),
            ("!ls /quit", "shell"),
            ("!", "shell"),
            (" !ls", "words"),
            ("really!", "words"),
            ("/quit", "quit \"\""),
            ("/exit", "quit \"\""),
            ("/help me", "help \"me\""),
            ("/undo  rest \n", "undo \"rest\""),
            ("/usr/bin/env is what?", "words"),
            ("/ quit", "words"),
            (" /quit", "words"),
            ("/nothing", "no nothing"),
        ];
        for (draft, expected) in cases {
            assert_eq!(told(draft), expected, "{draft}");
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
            assert_eq!(told(&format!("/{word}")), format!("no {word}"));
            let said = unknown(&Keymap::default(), word);
            assert!(said.contains(&format!("Did you mean {near}?")) && said.contains("a space before it"), "{said}");
        }
        assert!(unknown(&Keymap::default(), "frobnicate").starts_with("There is no command /frobnicate. ? shows all."));
        for word in ["plan", "Compact", "review"] {
            let said = unknown(&Keymap::default(), word);
            assert!(said.starts_with(&format!("/{} is not in Quire yet.", word.to_lowercase())), "{said}");
        }
    }
}
