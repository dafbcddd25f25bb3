//! Programs of which it is known what they do with their arguments: that none of these, and no file of the project, is
//! run by them. A table of what is known, never of what is not: everything else may run anything.

use super::trusted;

/// Programs that run nothing, whatever their arguments.
const PLAIN: &[&str] = &[
    "[",
    "b2sum",
    "base64",
    "basename",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "cksum",
    "cmp",
    "column",
    "comm",
    "cp",
    "cut",
    "date",
    "dd",
    "df",
    "diff",
    "dig",
    "dirname",
    "du",
    "echo",
    "expand",
    "export",
    "expr",
    "false",
    "file",
    "fmt",
    "fold",
    "free",
    "getent",
    "grep",
    "egrep",
    "fgrep",
    "groups",
    "head",
    "hexdump",
    "hostname",
    "id",
    "join",
    "kill",
    "killall",
    "ln",
    "ls",
    "lsof",
    "md5sum",
    "mkdir",
    "mkfifo",
    "mktemp",
    "mv",
    "nl",
    "nproc",
    "nslookup",
    "od",
    "paste",
    "ping",
    "pkill",
    "printf",
    "ps",
    "pwd",
    "readlink",
    "realpath",
    "rm",
    "rmdir",
    "seq",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "shuf",
    "sleep",
    "ss",
    "stat",
    "tac",
    "tail",
    "tee",
    "test",
    "touch",
    "tr",
    "tree",
    "true",
    "truncate",
    "uname",
    "uniq",
    "unset",
    "uptime",
    "wait",
    "wc",
    "which",
    "whoami",
    "xxd",
    "yes",
    "sync",
    "tty",
    "unlink",
];
/// Those that no rule is offered for, as what they do is all in the rest of the line.
const NOT_OFFERED: &[&str] = &[
    "rm", "rmdir", "unlink", "dd", "tee", "truncate", "chmod", "chown", "chgrp", "kill", "killall", "pkill", "export",
    "unset", "mkfifo", "yes",
];

/// A program with subcommands that run nothing of the project, and the options with which they would.
struct Tool {
    program: &'static str,
    subcommands: &'static [&'static str],
    /// Long options, letters of short ones, and `--` or `::` for themselves.
    runs: &'static [&'static str],
}

const TOOLS: &[Tool] = &[
    Tool {
        program: "git",
        subcommands: &[
            "add",
            "branch",
            "checkout",
            "cherry-pick",
            "commit",
            "diff",
            "fetch",
            "init",
            "log",
            "ls-files",
            "ls-remote",
            "ls-tree",
            "merge",
            "mv",
            "pull",
            "push",
            "remote",
            "reset",
            "restore",
            "rev-parse",
            "revert",
            "rm",
            "show",
            "stash",
            "status",
            "switch",
            "tag",
        ],
        // `::` begins the address of a helper program.
        runs: &[
            "--upload-pack",
            "--receive-pack",
            "--exec",
            "--ext-diff",
            "--textconv",
            "--template",
            "--show-signature",
            "--output",
            "::",
        ],
    },
    Tool {
        program: "gh",
        subcommands: &["issue", "label", "org", "pr", "release", "ruleset", "run", "search", "status", "workflow"],
        runs: &["--", "--editor", "--web", "-w", "-e"],
    },
    Tool { program: "glab", subcommands: &["issue", "label", "mr", "release", "ci"], runs: &["--", "--web", "-w"] },
    Tool {
        program: "docker",
        subcommands: &[
            "images", "info", "inspect", "logs", "port", "ps", "pull", "push", "stats", "tag", "top", "version",
        ],
        runs: &[],
    },
    Tool {
        program: "podman",
        subcommands: &[
            "images", "info", "inspect", "logs", "port", "ps", "pull", "push", "stats", "tag", "top", "version",
        ],
        runs: &["--signature-policy", "--sign-by"],
    },
];

/// Whether a command of plain words runs nothing but itself.
pub(super) fn runs_nothing_else(command: &[String]) -> bool {
    let Some((program, rest)) = command.split_first() else { return true };
    let name = program.as_str();
    // `cd` changes only where the next ones are.
    if name == "cd" || is_plain(name) || trusted::is_read_only(command) {
        return true;
    }
    match name {
        "curl" => !rest.iter().any(|word| begins(word, "--config") || is_short(word, 'K')),
        "sort" => !rest.iter().any(|word| begins(word, "--compress-program")),
        _ => tool(command).is_some_and(|tool| !tool.runs_by(rest)),
    }
}

/// How many words of a command say what it does, so that no argument behind them makes it run something else; `None`
/// where no number of them does, or it is not known.
pub(super) fn telling_words(command: &[String]) -> Option<usize> {
    let program = command.first()?.as_str();
    if NOT_OFFERED.contains(&program) || !runs_nothing_else(command) {
        return None;
    }
    match tool(command) {
        Some(_) => Some(2),
        None if is_plain(program) => Some(1),
        None => None,
    }
}

/// Whether a command runs what one of its words names although its beginning does not say so: a rule for the beginning
/// was not meant for that, unless it names the word itself.
pub(super) fn goes_beyond(command: &[String], prefix: &[String]) -> bool {
    let (Some(tool), Some(rest)) = (tool(command), command.get(2..)) else { return false };
    rest.iter().any(|word| tool.runs_word(word) && !prefix.contains(word))
}

fn is_plain(name: &str) -> bool {
    PLAIN.contains(&name)
}

fn tool(command: &[String]) -> Option<&'static Tool> {
    let [program, subcommand, ..] = command else { return None };
    TOOLS.iter().find(|tool| tool.program == program && tool.subcommands.contains(&subcommand.as_str()))
}

impl Tool {
    fn runs_by(&self, rest: &[String]) -> bool {
        rest.iter().skip(1).any(|word| self.runs_word(word))
    }

    fn runs_word(&self, word: &str) -> bool {
        self.runs.iter().any(|option| match (*option, option.strip_prefix("--"), option.chars().nth(1)) {
            ("--", _, _) => word == "--",
            ("::", _, _) => word.contains("::"),
            (_, Some(_), _) => begins(word, option),
            (_, None, Some(letter)) => is_short(word, letter),
            (_, None, None) => false,
        })
    }
}

/// Whether a word is a long option, or the beginning of one, or goes on behind it.
fn begins(word: &str, option: &str) -> bool {
    let name = word.split('=').next().unwrap_or_default();
    name.len() > 2 && (option.starts_with(name) || name.starts_with(option))
}

/// Whether a word is a group of short options with this one.
fn is_short(word: &str, letter: char) -> bool {
    word.starts_with('-') && !word.starts_with("--") && word.contains(letter)
}
