//! A shell's state as it told it, and the text that gives the same state to another shell.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    os::unix::ffi::{OsStrExt, OsStringExt},
};

use super::{
    clean::{Kept, is_word},
    path, quoted,
    shell::{PIECES, Shell},
    text,
};

/// The variable by which a command's processes are found again. It is set anew for every command.
const COMMAND_MARK: &str = "QUIRE_COMMAND";

/// Said by the sandbox to each command for itself.
const NETWORK_IS_OFF: &str = "CODEX_SANDBOX_NETWORK_DISABLED";

/// Where the traps stand among the answers.
const TRAPS: usize = 6;

/// Whether this variable is a matter between us and the shell.
pub(super) fn is_ours(name: &OsStr) -> bool {
    name == COMMAND_MARK || name == NETWORK_IS_OFF || PIECES.iter().any(|piece| name == *piece)
}

/// What a shell said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    env: Vec<(OsString, OsString)>,
    /// Options of `set`, or of zsh, that are on.
    options: BTreeSet<String>,
    /// Options of `shopt` that are on.
    shopts: BTreeSet<String>,
    functions: Vec<u8>,
    /// Statements that mark functions as exported or read-only.
    function_marks: Vec<u8>,
    /// Statements that define them.
    pub(super) aliases: Vec<u8>,
    traps: Vec<u8>,
    umask: Vec<u8>,
    limits: Vec<String>,
    /// Statements that declare what is not simply in the environment, by name.
    declared: BTreeMap<String, Vec<u8>>,
}

impl State {
    /// Reads what the script of `shell` has printed.
    pub(super) fn read(shell: Shell, printed: &[u8], mark: &str) -> Option<Self> {
        let separator = format!("\0{mark}\0");
        let mut answers = split(printed, separator.as_bytes());
        // Before the first mark stands what the start files print, after the last one nothing of ours.
        answers.next()?;
        let mut answers: Vec<&[u8]> = answers.collect();
        if shell == Shell::Zsh && answers.len() > TRAPS {
            // A trap that prints while it is listed is not a trap that can be kept.
            if !answers[0].is_empty() && !answers[0].starts_with(b"trap -- ") {
                return None;
            }
            answers[..=TRAPS].rotate_left(1);
        }
        let &[env, options, shopts, functions, marks, aliases, traps, umask, limits, declared, _rest] =
            answers.as_slice()
        else {
            return None;
        };
        let env =
            env.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()).map(variable).collect::<Option<_>>()?;
        let options = match shell {
            Shell::Bash => names(options, ':'),
            Shell::Zsh => switched_on(options),
        };
        // Every shell has some on; without them we would turn all off.
        if options.is_empty() {
            return None;
        }
        Some(Self {
            env,
            options,
            shopts: names(shopts, ':'),
            functions: functions.to_vec(),
            function_marks: lines(marks)
                .filter(|line| !line.starts_with(b"declare -f "))
                .collect::<Vec<_>>()
                .join(&b'\n'),
            aliases: aliases.to_vec(),
            traps: traps.to_vec(),
            umask: umask.trim_ascii().to_vec(),
            limits: String::from_utf8_lossy(limits).lines().map(str::to_owned).collect(),
            declared: declarations(shell, declared),
        })
    }

    /// The variables of the environment that are not kept.
    pub(super) fn lost(&self, kept: &Kept<'_>) -> BTreeSet<String> {
        let lost = self.env.iter().filter(|(name, value)| !is_ours(name) && kept.variable(name, value).is_none());
        lost.filter_map(|(name, _)| text(name).filter(|name| is_word(name)).map(str::to_owned)).collect()
    }

    /// The variables of the shell that are not simply in the environment.
    pub(super) fn declared_names(&self) -> BTreeSet<String> {
        self.declared.keys().cloned().collect()
    }

    /// Forgets what shall not be kept, and names the variables of the environment that are not. The shell itself has these
    /// variables, whatever is in its start files.
    pub(super) fn forget(&mut self, kept: &Kept<'_>, own: &BTreeSet<String>) -> BTreeSet<String> {
        let lost = self.lost(kept);
        let env = std::mem::take(&mut self.env).into_iter();
        let given: Vec<_> = kept.given().collect();
        let env = env.filter(|(name, _)| !given.iter().any(|(set, _)| set == name));
        self.env = env
            .filter_map(|(name, value)| Some((kept.variable(&name, &value)?, name)))
            .map(|(value, name)| (name, value))
            .collect();
        self.env.extend(given);
        self.declared.retain(|name, statement| kept.is_statement_kept(name, statement, own.contains(name)));
        for statements in [&mut self.functions, &mut self.aliases, &mut self.traps] {
            kept.text(statements);
        }
        lost
    }

    /// Puts back what start files have lost of the path.
    pub(super) fn keep_path(&mut self, given: &[(OsString, OsString)], kept: &Kept<'_>) {
        let is_path = |(name, _): &&(OsString, OsString)| name == "PATH";
        let Some((_, given)) = given.iter().find(is_path) else { return };
        if kept.given().any(|(name, _)| name == "PATH") {
            return;
        }
        if let Some((_, made)) = self.env.iter_mut().find(|(name, _)| name == "PATH") {
            *made = OsString::from_vec(path::merged(given.as_bytes(), made.as_bytes()));
        }
    }

    /// Whether aliases mean anything to commands here.
    pub(super) fn expands_aliases(&self, shell: Shell) -> bool {
        match shell {
            Shell::Bash => self.shopts.contains("expand_aliases"),
            Shell::Zsh => self.options.contains("aliases"),
        }
    }

    /// The environment to start commands in. What belongs to a process comes from `given`.
    pub(super) fn variables(&self, given: &[(OsString, OsString)]) -> Vec<(OsString, OsString)> {
        let is_process_own = |name: &OsStr| PROCESS_OWN.iter().any(|own| name == *own);
        let kept = self.env.iter().filter(|(name, _)| !is_process_own(name) && name != "BASH_ENV");
        let own = given.iter().filter(|(name, _)| is_process_own(name));
        kept.chain(own).cloned().collect()
    }

    /// Text that brings a shell of state `plain` into this one.
    pub(super) fn prelude(&self, shell: Shell, plain: &Self) -> Vec<u8> {
        let mut text = Text::default();
        if shell == Shell::Zsh {
            text.options(shell, &self.options, &plain.options, |name| !is_late(name));
        } else if self.shopts.contains("extglob") && !plain.shopts.contains("extglob") {
            // Functions may be written in it.
            text.line(b"shopt -s extglob");
        }
        if self.functions != plain.functions {
            text.line(&self.functions);
        }
        if self.function_marks != plain.function_marks {
            text.line(&self.function_marks);
        }
        if let Some((_, value)) = self.env.iter().find(|(name, _)| name == "BASH_ENV") {
            text.line(&[b"export BASH_ENV=".as_slice(), &quoted(value.as_bytes())].concat());
        }
        for (name, statement) in &self.declared {
            if plain.declared.get(name) != Some(statement) {
                text.line(statement);
            }
        }
        if self.aliases != plain.aliases {
            text.line(&self.aliases);
        }
        text.shopts(shell, &self.shopts, &plain.shopts);
        if self.umask != plain.umask {
            text.line(&[b"umask ".as_slice(), &self.umask].concat());
        }
        for limit in self.limits.iter().filter(|limit| !plain.limits.contains(limit)) {
            text.line(limit.as_bytes());
        }
        let mut last = Text::default();
        last.options(shell, &self.options, &plain.options, |name| shell == Shell::Bash || is_late(name));
        if self.traps != plain.traps {
            last.line(&self.traps);
        }
        if text.0.is_empty() && last.0.is_empty() {
            return Vec::new();
        }
        // From here on a failure may end the shell, and traps are set.
        text.line(format!("unset -v {}", PIECES.join(" ")).as_bytes());
        text.line(&last.0);
        text.0
    }

    /// What of this state another one lacks or has otherwise.
    pub(super) fn difference(&self, other: &Self) -> Option<&'static str> {
        let lasting = |state: &Self| -> BTreeMap<OsString, OsString> {
            state.env.iter().filter(|(name, _)| !PROCESS_OWN.iter().any(|own| name == *own)).cloned().collect()
        };
        // Only how the shell was started differs here.
        let options = |options: &BTreeSet<String>| -> BTreeSet<String> {
            options.iter().filter(|name| !matches!(name.as_str(), "login" | "login_shell")).cloned().collect()
        };
        let table = [
            (lasting(self) != lasting(other), "variables"),
            (self.declared != other.declared, "shell variables"),
            (self.functions != other.functions || self.function_marks != other.function_marks, "functions"),
            (self.aliases != other.aliases, "aliases"),
            (options(&self.options) != options(&other.options), "options"),
            (options(&self.shopts) != options(&other.shopts), "options"),
            (self.traps != other.traps, "traps"),
            (self.umask != other.umask || self.limits != other.limits, "limits"),
        ];
        table.into_iter().find(|(differs, _)| *differs).map(|(_, what)| what)
    }
}

/// Variables that a shell sets for itself at its start.
const PROCESS_OWN: [&str; 4] = ["_", "PWD", "OLDPWD", "SHLVL"];

/// Options of zsh after which a statement of ours might fail, print or mean something else.
fn is_late(name: &str) -> bool {
    matches!(name, "errexit" | "errreturn" | "unset" | "xtrace" | "verbose" | "allexport" | "exec" | "warncreateglobal")
}

/// Statements, one after the other.
#[derive(Debug, Default)]
struct Text(Vec<u8>);

impl Text {
    fn line(&mut self, statement: &[u8]) {
        if !statement.is_empty() {
            self.0.extend(statement.trim_ascii_end());
            self.0.push(b'\n');
        }
    }

    fn options(
        &mut self,
        shell: Shell,
        on: &BTreeSet<String>,
        plain: &BTreeSet<String>,
        is_meant: impl Fn(&str) -> bool,
    ) {
        let (set, unset) = match shell {
            Shell::Bash => ("set -o", "set +o"),
            Shell::Zsh => ("setopt", "unsetopt"),
        };
        self.switch(shell, (set, on.difference(plain)), &is_meant);
        self.switch(shell, (unset, plain.difference(on)), &is_meant);
    }

    fn shopts(&mut self, shell: Shell, on: &BTreeSet<String>, plain: &BTreeSet<String>) {
        self.switch(shell, ("shopt -s", on.difference(plain)), &|_| true);
        self.switch(shell, ("shopt -u", plain.difference(on)), &|_| true);
    }

    fn switch<'names>(
        &mut self,
        shell: Shell,
        (word, names): (&str, impl Iterator<Item = &'names String>),
        is_meant: &impl Fn(&str) -> bool,
    ) {
        for name in names.filter(|name| !shell.is_fixed(name) && is_meant(name)) {
            self.line(format!("{word} {name}").as_bytes());
        }
    }
}

fn variable(entry: &[u8]) -> Option<(OsString, OsString)> {
    let at = entry.iter().position(|byte| *byte == b'=')?;
    Some((OsString::from_vec(entry[..at].to_vec()), OsString::from_vec(entry[at + 1..].to_vec())))
}

fn names(list: &[u8], separator: char) -> BTreeSet<String> {
    let list = String::from_utf8_lossy(list);
    list.split(separator).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The names in front of an `on`.
fn switched_on(pairs: &[u8]) -> BTreeSet<String> {
    let pairs = String::from_utf8_lossy(pairs);
    let words: Vec<&str> = pairs.split_whitespace().collect();
    words.chunks_exact(2).filter(|pair| pair[1] == "on").map(|pair| pair[0].to_owned()).collect()
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// Statements by the name that they declare. A variable that is exported and nothing else is in the environment already.
fn declarations(shell: Shell, list: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let statements = list.split(|byte| *byte == 0).map(<[u8]>::trim_ascii).filter(|statement| !statement.is_empty());
    let named = statements.filter_map(|statement| {
        let words = || statement.split(|byte| *byte == b' ');
        let is_keyword = |word: &[u8]| matches!(word, b"declare" | b"typeset" | b"export" | b"readonly" | b"-g");
        let word = words().find(|word| !is_keyword(word) && !word.starts_with(b"-"))?;
        let name = word.split(|byte| *byte == b'=').next()?;
        let name = text(OsStr::from_bytes(name))?;
        let is_plain_export = shell == Shell::Bash && words().nth(1) == Some(b"-x");
        (!shell.is_own(name) && !is_plain_export).then(|| (name.to_owned(), statement.to_vec()))
    });
    named.collect()
}

/// The parts between the separators.
fn split<'bytes>(bytes: &'bytes [u8], separator: &[u8]) -> impl Iterator<Item = &'bytes [u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let whole = rest?;
        let at = whole.windows(separator.len()).position(|window| window == separator);
        rest = at.map(|at| &whole[at + separator.len()..]);
        Some(at.map_or(whole, |at| &whole[..at]))
    })
}
