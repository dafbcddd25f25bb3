//! Shell text as plain words, where it is nothing but plain words.
//!
//! [`words`] decides only how much is asked, never how much a command can do, so it answers `None` for everything
//! that it is not sure of. It holds for bash, zsh, dash and fish alike: what they read differently is refused.
//! [`fragments`] goes the other way: it finds everything that could be a command, for rules that forbid.

mod call;
mod fragments;
mod loose;
mod split;
#[cfg(test)]
mod tests;

pub use call::{commands, script};
pub use fragments::fragments;
pub use loose::{Found, Loose, loose};
pub use split::split;

/// Longest text that is read; longer ones count as not plain.
const SCRIPT_BYTES: usize = 32 * 1024;

/// Words that begin something other than a simple command in one of the shells.
const RESERVED: [&str; 36] = [
    "if",
    "then",
    "else",
    "elif",
    "fi",
    "case",
    "esac",
    "for",
    "foreach",
    "select",
    "while",
    "until",
    "do",
    "done",
    "in",
    "function",
    "time",
    "coproc",
    "repeat",
    "begin",
    "end",
    "switch",
    "and",
    "or",
    "not",
    "nocorrect",
    "noglob",
    "-",
    "eval",
    "exec",
    "source",
    ".",
    "builtin",
    "alias",
    "trap",
    "set",
];

/// Redirections that change neither words nor files.
const HARMLESS: [&str; 10] = [
    "2>&1",
    "1>&2",
    ">&2",
    "2>/dev/null",
    "1>/dev/null",
    ">/dev/null",
    "2> /dev/null",
    "1> /dev/null",
    "> /dev/null",
    "</dev/null",
];

/// The simple commands of a text that joins them by `&&`, `||`, `;`, `|` or line ends, each as the words that the
/// program gets, quotes resolved.
///
/// `None` when any part of the text is more than that: substitution, expansion, pattern, redirection into a file,
/// assignment, group, reserved word, comment, background, history, a control character, an open quote. Redirections
/// between the standard streams and to `/dev/null` are left out of the words.
pub fn words(script: &str) -> Option<Vec<Vec<String>>> {
    let is_odd = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
    // Outside UTF-8 locales a byte of a character could be read together with a backslash.
    let is_ambiguous = !script.is_ascii() && script.contains('\\');
    if script.len() > SCRIPT_BYTES || script.contains(is_odd) || is_ambiguous {
        return None;
    }
    let mut reader = Reader { rest: script, commands: Vec::new(), command: Vec::new(), needs_command: false };
    while let Some(character) = reader.rest.chars().next() {
        reader.step(character)?;
    }
    reader.end_of_line()?;
    if reader.commands.is_empty() { None } else { Some(reader.commands) }
}

struct Reader<'a> {
    rest: &'a str,
    commands: Vec<Vec<String>>,
    command: Vec<String>,
    /// A `&&`, `||` or `|` stands before, so the text may not end here.
    needs_command: bool,
}

impl Reader<'_> {
    /// Reads from a place between words.
    fn step(&mut self, character: char) -> Option<()> {
        match character {
            ' ' | '\t' => self.skip(1),
            '\n' => {
                self.end_of_line()?;
                self.skip(1);
            }
            ';' => {
                self.end_command()?;
                self.skip(1);
            }
            '&' | '|' => {
                let operator = ["&&", "||", "|"].into_iter().find(|operator| self.rest.starts_with(operator))?;
                self.end_command()?;
                self.needs_command = true;
                self.skip(operator.len());
            }
            _ => match self.harmless_redirection() {
                Some(length) => self.skip(length),
                None => {
                    let word = self.word()?;
                    self.command.push(word);
                }
            },
        }
        Some(())
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn end_of_line(&mut self) -> Option<()> {
        match (self.command.is_empty(), self.needs_command) {
            (false, _) => self.end_command(),
            (true, false) => Some(()),
            (true, true) => None,
        }
    }

    fn end_command(&mut self) -> Option<()> {
        let command = std::mem::take(&mut self.command);
        let first = command.first()?;
        let starts_oddly = first.is_empty() || first.starts_with(['%', '+', '-']);
        if starts_oddly || first.contains('=') || RESERVED.contains(&first.as_str()) {
            return None;
        }
        self.commands.push(command);
        self.needs_command = false;
        Some(())
    }

    /// Length of the redirection that begins here, if it is one of the harmless ones and a whole word.
    fn harmless_redirection(&self) -> Option<usize> {
        let found = HARMLESS.into_iter().find(|redirection| {
            let after = self.rest.strip_prefix(redirection).map(|rest| rest.chars().next());
            after.is_some_and(|next| next.is_none_or(|next| matches!(next, ' ' | '\t' | '\n' | ';' | '|')))
        })?;
        Some(found.len())
    }

    /// The word that begins here; what follows it must be able to end a word.
    fn word(&mut self) -> Option<String> {
        let mut word = String::new();
        // `=ls` is a path in zsh.
        if self.rest.starts_with('=') {
            return None;
        }
        while let Some(character) = self.rest.chars().next() {
            match character {
                ' ' | '\t' | '\n' | ';' | '|' | '&' => break,
                '\'' => self.single_quoted(&mut word)?,
                '"' => self.double_quoted(&mut word)?,
                plain if plain.is_ascii_alphanumeric() || "_-./,:@%+=".contains(plain) => {
                    word.push(plain);
                    self.skip(1);
                }
                _ => return None,
            }
        }
        Some(word)
    }

    /// Takes what is in single quotes. Before a quote or another one a backslash means something in fish.
    fn single_quoted(&mut self, word: &mut String) -> Option<()> {
        let (inside, rest) = self.rest.get(1..)?.split_once('\'')?;
        if inside.contains("\\\\") || inside.ends_with('\\') {
            return None;
        }
        word.push_str(inside);
        self.rest = rest;
        Some(())
    }

    /// Takes what is in double quotes, without expansions.
    fn double_quoted(&mut self, word: &mut String) -> Option<()> {
        self.skip(1);
        loop {
            let character = self.rest.chars().next()?;
            self.skip(character.len_utf8());
            match character {
                '"' => return Some(()),
                '$' | '`' | '!' => return None,
                '\\' => {
                    let escaped = self.rest.chars().next()?;
                    match escaped {
                        '"' | '\\' | '$' => {
                            word.push(escaped);
                            self.skip(1);
                        }
                        '`' | '!' | '\n' => return None,
                        _ => word.push('\\'),
                    }
                }
                plain => word.push(plain),
            }
        }
    }
}
