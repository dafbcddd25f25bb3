//! Shells whose state is not kept: they read their start files themselves, and what these must not do to a command is undone in
//! the shell, before its text and on the same line, so that line numbers stay right.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    os::{fd::AsFd, unix::ffi::OsStrExt},
    path::Path,
};

use quire_files::Folder;
use quire_state::config::ShellEnvironment;

use super::{
    Start,
    clean::{PROXIES, is_word, sh_proxies, zsh},
    path, quoted,
};

/// Longest path that a shell is sent back to: the system takes no longer one.
const PATH_BYTES: usize = 4000;

/// What start files must not do to a command.
#[derive(Debug)]
pub struct Own<'a> {
    /// Variables that are unset.
    pub names: BTreeSet<&'a str>,
    /// Which variables are kept; where it leaves anything out, start files are not read, as far as a shell can do without.
    pub policy: Option<&'a ShellEnvironment>,
    /// Variables that are kept, whatever it says.
    pub kept: &'a [(String, String)],
    /// The environment that the shell is started with.
    pub env: &'a [(OsString, OsString)],
}

/// The shells, as far as their start files differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    /// Like sh: a login shell alone reads start files.
    Plain,
    /// Reads one for every command.
    C,
    Unknown,
}

impl Shell {
    fn of(program: &str) -> Self {
        match Path::new(program).file_name().and_then(|name| name.to_str()) {
            Some("bash") => Self::Bash,
            Some("zsh") => Self::Zsh,
            Some("fish") => Self::Fish,
            Some("sh" | "dash" | "ash" | "ksh" | "mksh") => Self::Plain,
            Some("csh" | "tcsh") => Self::C,
            Some(_) | None => Self::Unknown,
        }
    }

    /// Whether it reads start files of the user when it is started with this flag.
    fn reads(self, flag: &str, has_bash_env: bool) -> bool {
        match self {
            Self::Bash => flag == "-lc" || flag == "-c" && has_bash_env,
            Self::Zsh | Self::Fish => matches!(flag, "-lc" | "-c"),
            Self::Plain => flag == "-lc",
            Self::C | Self::Unknown => false,
        }
    }
}

/// `SHELL -c TEXT` with what undoes the work of start files before the text. `None` when it starts as it is.
pub fn begin(argv: &[String], own: &Own<'_>) -> Option<Vec<String>> {
    let [program, flag, command] = argv else { return None };
    let (shell, filters) = (Shell::of(program), own.policy.is_some_and(ShellEnvironment::filters));
    let flag = match shell {
        Shell::Zsh | Shell::C if filters && matches!(flag.as_str(), "-lc" | "-c") => "-fc",
        Shell::Bash | Shell::Fish | Shell::Plain | Shell::Unknown if filters && flag == "-lc" => "-c",
        Shell::Bash | Shell::Zsh | Shell::Fish | Shell::Plain | Shell::C | Shell::Unknown => flag,
    };
    let names: Vec<&str> = own.names.iter().copied().filter(|name| is_word(name)).collect();
    let names = names.join(" ");
    let has_bash_env = own.env.iter().any(|(name, _)| name == "BASH_ENV");
    let before = match shell {
        Shell::Bash if shell.reads(flag, has_bash_env) => {
            let unset = || format!("{{ \\builtin export -n {names};\\builtin unset -v {names}; }} 2>/dev/null||:;");
            // Without a name all are told.
            let unset = if names.is_empty() { String::new() } else { unset() };
            unset + &sh_proxies() + &sh_front(own, flag)
        }
        Shell::Plain if shell.reads(flag, has_bash_env) => {
            format!("{{ \\command unset -v {names}; }} 2>/dev/null||:;") + &sh_proxies() + &sh_front(own, flag)
        }
        Shell::Zsh if matches!(flag, "-lc" | "-c" | "-fc") => zsh(&names) + &zsh_rest(own) + &sh_front(own, flag),
        Shell::Fish if matches!(flag, "-lc" | "-c") => fish(&names, own, flag),
        Shell::Bash | Shell::Zsh | Shell::Fish | Shell::Plain | Shell::C | Shell::Unknown if *flag == argv[1] => {
            return None;
        }
        Shell::Bash | Shell::Zsh | Shell::Fish | Shell::Plain | Shell::C | Shell::Unknown => String::new(),
    };
    Some(vec![program.clone(), flag.to_owned(), format!("{before}{command}")])
}

/// The same start, which goes back to its folder where start files have left it. Where the folder is held, another one that is
/// at its path by now is not entered.
pub(crate) fn back(start: Start, cwd: &str, folder: Option<&Folder>) -> Start {
    let [program, flag, command] = start.argv.as_slice() else { return start };
    let has_bash_env = start.env.iter().any(|(name, _)| name == "BASH_ENV");
    let shell = Shell::of(program);
    if !shell.reads(flag, has_bash_env) || cwd.len() > PATH_BYTES {
        return start;
    }
    let place = String::from_utf8_lossy(&quoted(cwd.as_bytes())).into_owned();
    let is_it = folder.and_then(|folder| rustix::fs::fstat(folder.as_fd()).ok());
    let is_it = is_it.map(|facts| format!("{}:{}", facts.st_dev, facts.st_ino));
    let other = "The working folder has been replaced.";
    let before = match (shell, is_it) {
        (Shell::Fish, None) => format!("test $PWD = {place};or builtin cd -- {place};or exit 126;"),
        (Shell::Fish, Some(id)) => format!(
            "test $PWD = {place};or begin;builtin cd -- {place};and test (/usr/bin/stat -Lc %d:%i .) = {id};or begin;echo '{other}' >&2;exit \
             126;end;end;"
        ),
        (shell, is_it) => {
            let cd = if matches!(shell, Shell::Bash | Shell::Zsh) { "\\builtin cd" } else { "\\command cd" };
            let and = is_it.map(|id| {
                let test = format!("[ \"$(/usr/bin/stat -Lc %d:%i .)\" = {id} ]");
                format!("&&{{ {test}||{{ \\echo '{other}' >&2;\\exit 126; }}; }}")
            });
            format!("[ \"$PWD\" = {place} ]||{{ {cd} -- {place}{}; }}||\\exit 126;", and.unwrap_or_default())
        }
    };
    let command = format!("{before}{command}");
    Start { argv: vec![program.clone(), flag.clone(), command], ..start }
}

/// Puts what was in front of `PATH` there again.
fn sh_front(own: &Own<'_>, flag: &str) -> String {
    match front(own, flag) {
        Some(front) => format!("PATH={}:\"$PATH\";", String::from_utf8_lossy(&quoted(front.as_bytes()))),
        None => String::new(),
    }
}

fn front(own: &Own<'_>, flag: &str) -> Option<String> {
    let given = own.env.iter().find(|(name, _)| name == "PATH").filter(|_| flag == "-lc")?;
    let front = path::front(given.1.as_bytes()).join(&b':');
    String::from_utf8(front).ok().filter(|front| !front.is_empty())
}

/// What the policy says, of a file that no zsh can do without reading.
fn zsh_rest(own: &Own<'_>) -> String {
    let Some(policy) = own.policy.filter(|policy| policy.filters()) else { return String::new() };
    let pattern = |pattern: &str| {
        let pieces = pattern.to_uppercase();
        let quoted = pieces.chars().map(|letter| match letter {
            '*' | '?' => letter.to_string(),
            letter => String::from_utf8_lossy(&quoted(letter.to_string().as_bytes())).into_owned(),
        });
        format!("''{}", quoted.collect::<String>())
    };
    let list = |patterns: Vec<&str>| patterns.into_iter().map(pattern).collect::<Vec<_>>().join("|");
    let drop = "\\builtin unset -v $quire_n;continue";
    let kept: Vec<String> =
        kept(own).map(|name| String::from_utf8_lossy(&quoted(name.as_bytes())).into_owned()).collect();
    let mut tests = format!("case $quire_n in {}) continue;;esac;", kept.join("|"));
    for wanted in policy.wanted() {
        tests += &format!(
            "case ${{(U)quire_n}} in {}) ;;*) {drop};;esac;",
            Some(list(wanted)).filter(|list| !list.is_empty()).unwrap_or("''".to_owned())
        );
    }
    let unwanted = list(policy.unwanted().collect());
    tests += &format!("case ${{(U)quire_n}} in {unwanted}) {drop};;esac;");
    format!(
        "\\builtin zmodload zsh/parameter;for quire_n in ${{(k)parameters[(R)*export*]}};do {tests}done 2>/dev/null;\\builtin unset -v \
         quire_n;"
    )
}

/// The names of what the policy sets, and of what is ours.
fn kept<'a>(own: &'a Own<'_>) -> impl Iterator<Item = &'a str> {
    let set = own.policy.into_iter().flat_map(ShellEnvironment::given);
    let ours = ["PWD", "SHLVL", "OLDPWD", "_", "QUIRE_COMMAND", "CODEX_SANDBOX_NETWORK_DISABLED"];
    set.chain(own.kept.iter().map(|(name, _)| name.as_str())).chain(ours)
}

fn fish(names: &str, own: &Own<'_>, flag: &str) -> String {
    let proxies = PROXIES.join(" ");
    let mut before = format!(
        "for quire_n in {names};set -e $quire_n;end 2>/dev/null;for quire_n in {proxies};string match -q '*@*' -- $$quire_n;and set -e \
         $quire_n;end;"
    );
    if let Some(policy) = own.policy.filter(|policy| policy.filters()) {
        let list =
            |patterns: Vec<&str>| format!("'^(?:{})$'", patterns.into_iter().map(regex).collect::<Vec<_>>().join("|"));
        let kept = kept(own).filter(|name| is_word(name)).collect::<Vec<_>>().join(" ");
        let mut tests = format!("string match -qri {} -- $quire_n;", list(policy.unwanted().collect()));
        for wanted in policy.wanted() {
            tests += &format!("or not string match -qri {} -- $quire_n;", list(wanted));
        }
        before += &format!(
            "for quire_n in (set -nx);if not contains -- $quire_n {kept};if {tests}set -e $quire_n;end;end;end;"
        );
    }
    if let Some(front) = front(own, flag) {
        let folders = front.split(':').map(|folder| String::from_utf8_lossy(&quoted(folder.as_bytes())).into_owned());
        before += &format!("set -gx PATH {} $PATH;", folders.collect::<Vec<_>>().join(" "));
    }
    before + "set -e quire_n;"
}

/// A pattern of names as a regular expression within single quotes.
fn regex(pattern: &str) -> String {
    let letters = pattern.chars().map(|letter| match letter {
        '*' => ".*".to_owned(),
        '?' => ".".to_owned(),
        letter if letter.is_ascii_alphanumeric() || letter == '_' => letter.to_string(),
        letter => format!("\\\\x{{{:x}}}", u32::from(letter)),
    });
    letters.collect()
}

#[cfg(test)]
mod tests;
