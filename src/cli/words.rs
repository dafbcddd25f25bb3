//! Words that stand where a command stands and name none that is here: commands of the Codex CLI that do not exist yet, and
//! slips. Sent to the model they would be a prompt that was not meant, so they are refused; a prompt goes after `--`.

use std::{ffi::OsString, slice::Iter};

use clap::{Arg, Command, CommandFactory, error::ErrorKind};
use quire_state::config::hint;

use super::Cli;

/// A command of the Codex CLI that does not exist here yet.
struct Missing {
    /// The command that it belongs to; empty at the top.
    level: &'static str,
    /// Its names.
    names: &'static [&'static str],
    /// What to do until it does, one sentence.
    instead: &'static str,
}

const fn missing(level: &'static str, names: &'static [&'static str], instead: &'static str) -> Missing {
    Missing { level, names, instead }
}

const REVIEW: &str = "Give the changes to the model instead: git diff | quire exec \"review this\".";
const FORK: &str = "Continue a copy of a session of this machine: quire fork ID.";
const ALONE: &str = "A program can talk to Quire with: quire exec --json \"PROMPT\".";
const FILES: &str = "Sessions are files below $CODEX_HOME/sessions; move them as you like.";
const PLUGINS: &str = "Quire runs without plugins.";
const SESSIONS: &str = "`quire resume` lists the sessions of this folder.";

const MISSING: &[Missing] = &[
    missing("", &["login"], "Set OPENAI_API_KEY, or log in with the Codex CLI and an API key: its auth.json is read."),
    missing("", &["logout"], "Unset OPENAI_API_KEY; a login of the Codex CLI ends with `codex logout`."),
    missing(
        "",
        &["auth-status"],
        "A key comes from OPENAI_API_KEY, from `env_key` of the provider, or from auth.json.",
    ),
    missing("", &["review"], REVIEW),
    missing("", &["mcp"], "MCP servers of the configuration are accepted and not started."),
    missing("", &["plugin", "marketplace"], PLUGINS),
    missing("", &["app-server", "mcp-server", "exec-server", "responses-api-proxy", "stdio-to-uds", "proto"], ALONE),
    missing("", &["remote-control", "app", "agents"], "Start the interface in this terminal: quire."),
    missing("", &["completion"], "`quire --help` lists commands and options."),
    missing("", &["update"], "Rebuild it from a new clone: cargo install --path ."),
    missing("", &["apply", "a"], "Quire changes files in place; /diff shows what a turn changed, /undo takes it back."),
    missing("", &["queue"], "In the interface Tab queues a message while a turn runs."),
    missing("", &["sessions"], SESSIONS),
    missing("", &["migrate-rollouts", "migrate-nfs-db"], FILES),
    missing("", &["remote-fork"], FORK),
    missing("", &["cloud", "cloud-tasks"], "Run the task on this machine: quire exec \"PROMPT\"."),
    missing(
        "features",
        &["enable", "disable"],
        "Set it under [features] of config.toml, or by --enable and --disable.",
    ),
    missing("exec", &["review"], REVIEW),
    missing("debug", &["models", "app-server", "prompt-input"], "`quire debug --help` lists the subcommands."),
];

/// What is wrong with the word in the place of a command, if something is.
pub(super) fn refused(line: &[OsString]) -> Option<clap::Error> {
    let root = Cli::command();
    let mut words = line.get(1..)?.iter();
    let first = next_word(&root, &mut words)?;
    let (level, command, word) = match root.find_subcommand(first) {
        Some(below) if is_level(below) => match next_word(below, &mut words)? {
            "help" => (below.get_name(), below, next_word(below, &mut words)?),
            word => (below.get_name(), below, word),
        },
        Some(_) => return None,
        None if first == "help" => help_word(&root, &mut words)?,
        None => ("", &root, first),
    };
    if command.find_subcommand(word).is_some() || word == "help" {
        return None;
    }
    judge(level, command, word).map(|text| clap::Error::raw(ErrorKind::InvalidSubcommand, text + "\n"))
}

/// Commands of which a word may be a command in turn.
fn is_level(command: &Command) -> bool {
    matches!(command.get_name(), "exec" | "debug" | "features")
}

/// `help WORD` and `help exec WORD`.
fn help_word<'a>(root: &'a Command, words: &mut Iter<'a, OsString>) -> Option<(&'a str, &'a Command, &'a str)> {
    let word = next_word(root, words)?;
    match root.find_subcommand(word) {
        Some(below) => Some((below.get_name(), below, next_word(below, words)?)),
        None => Some(("", root, word)),
    }
}

/// The next word that is no option and no value of one. Nothing where clap is to speak: at `--`, at help, at what is unknown.
fn next_word<'a>(command: &Command, words: &mut Iter<'a, OsString>) -> Option<&'a str> {
    loop {
        let word = words.next()?.to_str()?;
        if let Some(long) = word.strip_prefix("--") {
            if matches!(long, "" | "help" | "version") {
                return None;
            }
            let name = long.split_once('=').map_or(long, |(name, _)| name);
            if option(command, |arg| has_long(arg, name))? && name == long {
                words.next();
            }
        } else if let Some(shorts) = word.strip_prefix('-') {
            let mut letters = shorts.chars();
            // A dash alone is a prompt.
            let mut letter = letters.next()?;
            while !option(command, |arg| arg.get_short() == Some(letter))? {
                match letters.next() {
                    Some(next) => letter = next,
                    None => break,
                }
            }
            let takes_value = option(command, |arg| arg.get_short() == Some(letter))?;
            if takes_value && letters.as_str().is_empty() {
                words.next();
            }
        } else {
            return Some(word);
        }
    }
}

/// Whether the option takes a value; `None` when there is no such option.
fn option(command: &Command, is_meant: impl Fn(&Arg) -> bool) -> Option<bool> {
    command.get_arguments().find(|arg| is_meant(arg)).map(|arg| arg.get_action().takes_values())
}

fn has_long(arg: &Arg, name: &str) -> bool {
    arg.get_long() == Some(name) || arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&name))
}

fn judge(level: &str, command: &Command, word: &str) -> Option<String> {
    let program = if level.is_empty() { "quire".to_owned() } else { format!("quire {level}") };
    let prompt = if matches!(level, "debug" | "features") {
        String::new()
    } else {
        format!(" As a prompt: {program} -- {word}")
    };
    if let Some(missing) = named(level, word) {
        return Some(format!("`{program} {word}` is not in Quire yet. {}{prompt}", missing.instead));
    }
    let near = nearest(level, command, word)?;
    let what = match named(level, near) {
        Some(missing) => format!("The closest match is `{near}`, which is not in Quire yet. {}", missing.instead),
        None => format!("Did you mean `{program} {near}`?"),
    };
    Some(format!("There is no command `{word}`. {what}{prompt}"))
}

fn named(level: &str, word: &str) -> Option<&'static Missing> {
    MISSING.iter().find(|missing| missing.level == level && missing.names.contains(&word))
}

/// The command that a single word most likely means. Letters alone are no name to slip from.
fn nearest<'a>(level: &str, command: &'a Command, word: &str) -> Option<&'a str> {
    let word = word.to_lowercase();
    if !word.chars().all(|letter| letter.is_ascii_alphabetic() || "-_".contains(letter)) {
        return None;
    }
    let allowed = if word.len() < 7 { 1 } else { 2 };
    let here =
        command.get_subcommands().flat_map(|below| std::iter::once(below.get_name()).chain(below.get_all_aliases()));
    let missing =
        MISSING.iter().filter(|missing| missing.level == level).flat_map(|missing| missing.names.iter().copied());
    let names = here.chain(missing).chain(std::iter::once("help")).filter(|name| name.len() > 2);
    let near = names.map(|name| (hint::distance(&word, name), name)).filter(|(edits, _)| *edits <= allowed);
    near.min_by_key(|(edits, _)| *edits).map(|(_, name)| name)
}
