//! What one line of a program's output complains of, and about which paths.

use super::resolved;

/// How programs say that nothing can be written there.
const READ_ONLY: [&str; 3] = ["Read-only file system", "read-only file system", "os error 30"];
/// How programs say that something may not be done.
const FORBIDDEN: [&str; 4] =
    ["Permission denied", "permission denied", "Operation not permitted", "Device or resource busy"];
/// How programs say that something is not there.
const MISSING: [&str; 2] = ["No such file or directory", "no such file or directory"];
/// How programs report that the network is unreachable.
const UNREACHABLE: [&str; 9] = [
    "Could not resolve host",
    "Temporary failure in name resolution",
    "Name or service not known",
    "Network is unreachable",
    "network is unreachable",
    "getaddrinfo EAI_AGAIN",
    "Failed to resolve",
    "dns error",
    "socket: Operation not permitted",
];
/// How shells say that there is no such program.
const UNKNOWN: [&str; 2] = ["command not found", "not found"];
/// Words before a path without a slash in it.
const VERBS: [&str; 10] =
    ["access", "create", "directory", "file", "mkdir", "open", "remove", "stat", "touch", "unlink"];

/// What a program says went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing can be written there.
    ReadOnly,
    /// It may not be done.
    Forbidden,
    /// It is not there.
    Missing,
    /// The network is unreachable.
    Unreachable,
    /// A program is not there.
    Unknown,
}

/// One line of output that says what went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    /// What it is.
    pub(super) kind: Kind,
    /// The paths that it may be about, absolute. The last is the likeliest: programs name where to after where from.
    pub(super) paths: Vec<String>,
    /// Whether it names a path whose place is not known, because the command changes folders.
    pub(super) is_adrift: bool,
    /// The program that is not there.
    pub(super) program: Option<String>,
}

impl Complaint {
    /// What this line complains of, from a command that works in this folder, where that is known.
    pub(super) fn of(line: &str, folder: Option<&str>) -> Option<Self> {
        let kinds: [(Kind, &[&str]); 5] = [
            (Kind::ReadOnly, &READ_ONLY),
            (Kind::Unreachable, &UNREACHABLE),
            (Kind::Forbidden, &FORBIDDEN),
            (Kind::Missing, &MISSING),
            (Kind::Unknown, &UNKNOWN),
        ];
        let said = |words: &[&'static str]| words.iter().find_map(|words| Some((*words, place(line, words)?)));
        let (kind, (words, at)) = kinds.into_iter().find_map(|(kind, words)| Some((kind, said(words)?)))?;
        let mut complaint = Self { kind, paths: Vec::new(), is_adrift: false, program: None };
        match kind {
            Kind::ReadOnly | Kind::Forbidden | Kind::Missing => complaint.find_paths(line, at, folder),
            Kind::Unknown => complaint.program = Some(program(line, words, at)?),
            Kind::Unreachable => {}
        }
        Some(complaint)
    }

    fn find_paths(&mut self, line: &str, at: usize, folder: Option<&str>) {
        let mut named = quoted(line);
        if named.is_empty() {
            named.extend(unquoted(line.get(..at).unwrap_or_default()));
        }
        for path in named {
            match folder.or_else(|| path.starts_with('/').then_some("/")) {
                Some(folder) => self.paths.push(resolved(path, folder)),
                None => self.is_adrift = true,
            }
        }
    }
}

/// Where a complaint has these words: after a colon or bracket, like programs put a reason, and not as words of a text.
fn place(line: &str, words: &str) -> Option<usize> {
    let (before, after) = line.split_once(words)?;
    let is_reason = before.trim_end().chars().next_back().is_none_or(|last| ":])(,-".contains(last));
    let is_closed = after.chars().next().is_none_or(|next| " :.,;)('\"\\>".contains(next))
        || words == "Could not resolve host" && after.starts_with("name");
    (is_reason && is_closed).then_some(before.len())
}

/// Whether the line is one of a file, shown with its name and number.
pub(super) fn is_cited(line: &str) -> bool {
    let mut parts = line.splitn(3, [':', '-']);
    let (name, number, rest) = (parts.next(), parts.next(), parts.next());
    let is_number = number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
    is_number && rest.is_some() && name.is_some_and(|name| !name.contains(' '))
}

/// The folder that a command works in: its own, or the one that it goes to first. `None` when it changes more than that.
pub(super) fn folder(command: &str, cwd: &str) -> Option<String> {
    let is_separator = |letter: char| letter.is_whitespace() || ";&|()".contains(letter);
    let moves = |text: &str| text.split(is_separator).any(|word| matches!(word, "cd" | "pushd" | "popd" | "-C"));
    if !moves(command) {
        return Some(cwd.to_owned());
    }
    let rest = command.trim_start().strip_prefix("cd ")?;
    let end = rest.find([';', '&', '\n'])?;
    let (to, rest) = (rest.get(..end)?.trim(), rest.get(end..)?);
    let to = to.strip_prefix(['\'', '"']).and_then(|to| to.strip_suffix(['\'', '"'])).unwrap_or(to);
    let is_plain = !to.is_empty() && !to.starts_with('-') && !to.contains([' ', '$', '~', '*', '?', '`', '\\', '\'']);
    (is_plain && !moves(rest)).then(|| resolved(to, cwd))
}

/// What stands in quotes.
fn quoted(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find(['\'', '"', '`', '\u{2018}']) {
        let (before, from) = rest.split_at(at);
        let Some(quote) = from.chars().next() else { break };
        let inner = &from[quote.len_utf8()..];
        rest = inner;
        // An apostrophe is none.
        if before.chars().next_back().is_some_and(char::is_alphanumeric) {
            continue;
        }
        let closing = match quote {
            '\u{2018}' => &['\u{2019}'][..],
            '`' => &['`', '\''],
            '"' => &['"'],
            _ => &['\''],
        };
        let Some(end) = inner.find(closing) else { continue };
        let (text, after) = inner.split_at(end);
        rest = after.get(after.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
        let is_path = !text.is_empty() && !text.contains("://") && (text.contains('/') || !text.contains(' '));
        if is_path {
            found.push(text);
        }
    }
    found
}

/// The path that stands before a reason, without quotes.
fn unquoted(before: &str) -> Option<&str> {
    let before = before.trim_end().trim_end_matches(['(', ':']).trim_end();
    let (part, is_first) = match before.rsplit_once(": ") {
        Some((_, part)) => (part.trim(), false),
        None => (before.trim(), true),
    };
    if part.is_empty() || part.contains("://") {
        return None;
    }
    let Some((head, last)) = part.rsplit_once(' ') else {
        // A line that begins with the reason after one word is that of a program.
        return (!is_first || part.contains('/')).then_some(part);
    };
    if part.starts_with('/') {
        return Some(part);
    }
    let is_named = last.contains('/') || head.rsplit(' ').next().is_some_and(|verb| VERBS.contains(&verb));
    is_named.then_some(last)
}

/// The program of `bash: line 1: NAME: command not found`, `sh: 1: NAME: not found` and `zsh:1: command not found: NAME`.
fn program(line: &str, words: &str, at: usize) -> Option<String> {
    let after = line.get(at + words.len()..)?.trim();
    let name = match after.strip_prefix(": ") {
        Some(name) => name,
        None if after.is_empty() => line.get(..at)?.trim_end().strip_suffix(':')?.rsplit(": ").next()?,
        None => return None,
    };
    (!name.is_empty() && !name.contains(['/', ' '])).then(|| name.to_owned())
}
