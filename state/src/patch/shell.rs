//! A patch that comes through the shell: `apply_patch` with a here-document or a quoted word, and nothing else.
//!
//! What is not surely and only that is no patch for us: it stays a command, with all that is asked about commands.

use serde::{Deserialize, Serialize};

/// A patch that was written as a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShellPatch {
    /// The folder that the command changes to before it, as written.
    pub folder: Option<String>,
    /// The text of the patch, which may still be malformed.
    pub patch: String,
}

/// The patch of a command given as words: `apply_patch TEXT`, or a shell with `-c` or `-lc` and a script.
pub fn from_shell(argv: &[String]) -> Option<ShellPatch> {
    match argv {
        [program, patch] if is_patch_program(program) => Some(ShellPatch { folder: None, patch: patch.clone() }),
        [shell, flag, script] if is_shell(shell) && matches!(flag.as_str(), "-c" | "-lc") => from_shell_text(script),
        _ => None,
    }
}

/// The patch of a shell script that does nothing but apply one, perhaps after `cd FOLDER &&`.
pub fn from_shell_text(script: &str) -> Option<ShellPatch> {
    let mut rest = script.trim_start();
    let mut folder = None;
    if let Some(behind) = rest.strip_prefix("cd").filter(|behind| behind.starts_with([' ', '\t'])) {
        let (word, behind) = word(behind.trim_start_matches([' ', '\t']))?;
        if word.is_empty() || word.starts_with('-') {
            return None;
        }
        folder = Some(word.to_owned());
        rest = behind.trim_start_matches([' ', '\t']).strip_prefix("&&")?.trim_start();
    }
    let end = rest.find(|character: char| !character.is_ascii_alphanumeric() && character != '_')?;
    let (program, behind) = rest.split_at(end);
    if !is_patch_program(program) {
        return None;
    }
    let argument = behind.trim_start_matches([' ', '\t']);
    let patch = match argument.strip_prefix("<<") {
        Some(document) => here_document(document)?,
        None if argument.len() < behind.len() && argument.starts_with(['\'', '"']) => {
            let (text, behind) = word(argument)?;
            behind.trim().is_empty().then_some(text)?
        }
        None => return None,
    };
    Some(ShellPatch { folder, patch: patch.to_owned() })
}

fn is_patch_program(program: &str) -> bool {
    matches!(program, "apply_patch" | "applypatch")
}

fn is_shell(program: &str) -> bool {
    matches!(program.rsplit('/').next(), Some("bash" | "sh" | "zsh" | "dash"))
}

/// One word of which the shell changes nothing but its quotes, and what stands behind it.
fn word(text: &str) -> Option<(&str, &str)> {
    if let Some(quoted) = text.strip_prefix('\'') {
        return quoted.split_once('\'').filter(|(_, behind)| is_word_end(behind));
    }
    if let Some(quoted) = text.strip_prefix('"') {
        let (inside, behind) = quoted.split_once('"')?;
        let is_plain = !inside.contains(['$', '`', '\\', '!']);
        return (is_plain && is_word_end(behind)).then_some((inside, behind));
    }
    let is_plain = |character: char| character.is_alphanumeric() || "/._-+@%:,=".contains(character);
    let end = text.find(|character| !is_plain(character)).unwrap_or(text.len());
    let (word, behind) = text.split_at(end);
    (!word.is_empty() && is_word_end(behind)).then_some((word, behind))
}

fn is_word_end(behind: &str) -> bool {
    behind.is_empty() || behind.starts_with([' ', '\t', '\n', '&'])
}

/// The body of a here-document that is the last thing in a script; `text` begins behind its `<<`.
fn here_document(text: &str) -> Option<&str> {
    let (heading, body) = text.split_once('\n')?;
    let heading = heading.trim_matches([' ', '\t', '\r']);
    let quoted = ['\'', '"'].iter().find_map(|quote| heading.strip_prefix(*quote)?.strip_suffix(*quote));
    let delimiter = quoted.unwrap_or(heading);
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    if delimiter.is_empty() || !delimiter.chars().all(is_name) {
        return None;
    }
    let mut end = 0;
    for line in body.split_inclusive('\n') {
        if line.strip_suffix('\n').unwrap_or(line) == delimiter {
            let patch = &body[..end];
            let is_literal = quoted.is_some() || !patch.contains(['$', '`', '\\']);
            return (is_literal && body[end + line.len()..].trim().is_empty()).then_some(patch);
        }
        end += line.len();
    }
    None
}
