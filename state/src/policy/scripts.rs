//! The files whose content a command runs: what a user is asked about is the command *and* these.

use crate::{
    rules,
    text::shell::{self, Loose},
};

use super::{known, resolved};

/// Programs whose first plain argument is a file that they run.
const INTERPRETERS: &[&str] = &[
    "sh", "bash", "dash", "zsh", "ksh", "mksh", "fish", "source", ".", "python", "python2", "python3", "pypy3", "node",
    "deno", "bun", "perl", "ruby", "php", "lua", "awk", "gawk", "mawk", "sed", "Rscript", "tclsh", "expect", "ts-node",
    "tsx", "groovy", "pwsh",
];
/// Options behind which there is a file that is run, or loaded.
const FILE_OPTIONS: &[&str] = &[
    "-f",
    "--file",
    "run",
    "-x",
    "-r",
    "--require",
    "--import",
    "--loader",
    "-jar",
    "--rcfile",
    "--init-file",
    "--makefile",
    "--manifest-path",
    "-C",
    "--config",
];
/// Those of them beside which there is another file that is run.
const LOAD_OPTIONS: &[&str] = &["-r", "--require", "--import", "--loader", "--rcfile", "--init-file"];
/// Programs that run what files of their folder say, and these files.
const ORDERS: &[(&str, &[&str])] = &[
    ("make", &["Makefile", "makefile", "GNUmakefile"]),
    ("gmake", &["Makefile", "makefile", "GNUmakefile"]),
    ("just", &["justfile", "Justfile", ".justfile"]),
    ("npm", &["package.json", ".npmrc"]),
    ("pnpm", &["package.json", ".npmrc", ".pnpmfile.cjs"]),
    ("yarn", &["package.json", ".yarnrc.yml", ".yarnrc"]),
    ("bun", &["package.json", "bunfig.toml"]),
    (
        "cargo",
        &["Cargo.toml", "build.rs", ".cargo/config.toml", ".cargo/config", "rust-toolchain.toml", "rust-toolchain"],
    ),
    ("rake", &["Rakefile"]),
    ("docker", &["Dockerfile", "compose.yaml", "docker-compose.yml"]),
    ("pytest", &["conftest.py", "pytest.ini", "pyproject.toml", "setup.cfg"]),
    ("tox", &["tox.ini"]),
    ("gradle", &["build.gradle", "build.gradle.kts", "settings.gradle"]),
    ("mvn", &["pom.xml"]),
    ("go", &["go.mod"]),
];
/// Most files of one command.
const FILES: usize = 64;
/// Most things that are named although they are not watched.
const NAMED: usize = 6;
/// How deep texts of commands within commands are read.
const DEPTH: usize = 3;

/// What a command runs beside itself, as far as its text tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// The absolute paths of the files that it seems to run: programs named by a path, scripts named to an interpreter,
    /// what is read from a redirection.
    pub files: Vec<String>,
    /// What may run more than that, each in a few words; no such files are watched.
    pub unwatched: Vec<String>,
}

/// What this command runs. `may_change` says of an absolute path whether commands can write there.
pub fn runs(argv: &[String], own_shell: &str, cwd: &str, may_change: impl Fn(&str) -> bool) -> Runs {
    let mut search = Search { runs: Runs::default(), more: 0, cwd: cwd.to_owned(), may_change: &may_change };
    match (shell::script(argv, own_shell), argv) {
        (Some(script), _) => {
            if let Some(shell) = argv.first().filter(|shell| *shell != own_shell && shell.contains('/')) {
                search.file(shell);
            }
            search.text(script, 0);
        }
        // What such a shell makes of the text is not known; most likely it runs it.
        (None, [program, flag, script]) if matches!(flag.as_str(), "-c" | "-lc") => {
            search.command(&Loose { words: vec![program.clone()], sources: Vec::new() }, 0);
            search.text(script, 1);
        }
        (None, words) => search.command(&Loose { words: words.to_vec(), sources: Vec::new() }, 0),
    }
    if search.more > 0 {
        let files = if search.more == 1 { "file" } else { "files" };
        search.runs.unwatched.insert(0, format!("{} more {files}", search.more));
    }
    let hidden = search.runs.unwatched.len().saturating_sub(NAMED);
    search.runs.unwatched.truncate(NAMED);
    if hidden > 0 {
        search.runs.unwatched.push(format!("{hidden} more programs"));
    }
    search.runs
}

/// The programs that a command runs by name, as far as its text tells.
pub fn programs(argv: &[String], own_shell: &str) -> Vec<String> {
    let commands = match shell::commands(argv, own_shell) {
        Some(commands) => commands,
        None => {
            let found = shell::script(argv, own_shell).map(shell::loose);
            found.into_iter().flat_map(|found| found.commands).map(|command| command.words).collect()
        }
    };
    let mut programs: Vec<String> = Vec::new();
    for words in &commands {
        // What may stand behind a program that runs others is any of its words.
        let named = if rules::is_carrier(words) { words.len() } else { 1 };
        let names = words.iter().take(named).filter(|word| !word.is_empty() && !is_open(word) && !word.contains('='));
        programs.extend(names.filter(|name| !programs.contains(name)).take(FILES).cloned().collect::<Vec<_>>());
    }
    programs
}

struct Search<'a> {
    runs: Runs,
    /// Files beyond those that can be watched.
    more: usize,
    /// Where the next command runs.
    cwd: String,
    may_change: &'a dyn Fn(&str) -> bool,
}

impl Search<'_> {
    fn text(&mut self, script: &str, depth: usize) {
        let found = match shell::words(script) {
            Some(commands) => {
                let commands = commands.into_iter().map(|words| Loose { words, sources: Vec::new() }).collect();
                shell::Found { commands, is_cut: false }
            }
            None => shell::loose(script),
        };
        if found.is_cut {
            self.unwatched("the rest of the text".to_owned());
        }
        for command in &found.commands {
            self.command(command, depth);
        }
    }

    fn command(&mut self, command: &Loose, depth: usize) {
        let is_assignment =
            |word: &&String| word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && !name.contains('/'));
        let set = command.words.iter().take_while(is_assignment).count();
        let words = command.words.get(set..).unwrap_or_default();
        for word in command.words.iter().take(set) {
            let (name, value) = word.split_once('=').unwrap_or_default();
            // Variables say what is loaded, and it cannot be known which programs read them.
            if !words.is_empty() && !name.chars().all(|letter| letter.is_ascii_lowercase()) {
                self.file(value);
                self.unwatched(format!("what `{name}` names"));
            }
        }
        let Some(program) = words.first() else { return };
        if matches!(program.as_str(), "cd" | "pushd") {
            return self.enter(words);
        }
        if known::runs_nothing_else(words) {
            return;
        }
        for source in &command.sources {
            self.file(source);
        }
        for word in words.iter().skip(1).filter(|word| depth < DEPTH && word.contains([' ', '\n', ';'])) {
            self.text(word, depth + 1);
        }
        let before = self.runs.files.len();
        for (at, word) in words.iter().enumerate() {
            if is_script(words, at, word) {
                self.file(word);
            }
        }
        self.orders(words);
        self.name(words, before);
    }

    /// Says what may run more than what was found of this command.
    fn name(&mut self, words: &[String], before: usize) {
        let [program, rest @ ..] = words else { return };
        let scripts = self.runs.files.get(before..).unwrap_or_default();
        let is_script = program.contains('/') || is_interpreter(program);
        match scripts.first().filter(|_| is_script) {
            Some(script) if (self.may_change)(script) || (self.may_change)(&self.cwd) && program.contains('/') => {
                let shown = words.iter().find(|word| resolved(word, &self.cwd) == *script).unwrap_or(program).clone();
                self.unwatched(format!("what `{shown}` loads"));
            }
            // It lies where commands cannot write, and what it loads most likely, too.
            Some(_) => {}
            None => {
                let subcommand = rest.first().filter(|word| word.chars().all(|letter| letter.is_ascii_lowercase()));
                let shown = subcommand.map_or(program.clone(), |subcommand| format!("{program} {subcommand}"));
                self.unwatched(format!("what `{shown}` runs"));
            }
        }
    }

    fn orders(&mut self, words: &[String]) {
        let names = words.iter().map(|word| word.rsplit('/').next().unwrap_or_default());
        let files: Vec<&str> = names
            .flat_map(|name| ORDERS.iter().filter(move |(program, _)| *program == name))
            .flat_map(|(_, files)| files.iter().copied())
            .collect();
        for file in files {
            self.file(file);
        }
    }

    fn enter(&mut self, words: &[String]) {
        match words.iter().skip(1).find(|word| !word.starts_with('-')) {
            Some(folder) if !is_open(folder) => self.cwd = resolved(folder, &self.cwd),
            Some(_) | None => self.unwatched("what lies where `cd` leads".to_owned()),
        }
    }

    fn file(&mut self, word: &str) {
        let path = resolved(word, &self.cwd);
        if word.is_empty() || is_open(word) || path == "/" || self.runs.files.contains(&path) {
            return;
        }
        match self.runs.files.len() < FILES {
            true => self.runs.files.push(path),
            false => self.more += 1,
        }
    }

    fn unwatched(&mut self, what: String) {
        if !self.runs.unwatched.contains(&what) {
            self.runs.unwatched.push(what);
        }
    }
}

/// Whether the shell makes something else of a word, so that it is no path yet.
fn is_open(word: &str) -> bool {
    word.starts_with('-') || word.starts_with('~') || word.contains(['$', '*', '?', '\n', '\0'])
}

/// Whether the word at this place names a file that is run.
fn is_script(words: &[String], at: usize, word: &str) -> bool {
    let before = words.get(..at).unwrap_or_default();
    // A text that a program is given is no path.
    if word.is_empty() || is_open(word) || word.contains(' ') && has_text(before) {
        return false;
    }
    let is_behind_a_file_option = before.last().is_some_and(|option| FILE_OPTIONS.contains(&option.as_str()));
    if word.contains('/') && !is_of_the_system(word) || is_behind_a_file_option {
        // The program itself, or anything that a program that is not known may run. Behind the script of an interpreter
        // there is what the script works on.
        return before.is_empty() || is_behind_a_file_option || !has_script(before);
    }
    // Behind an interpreter, with nothing but options in between.
    let is_value = |at: usize| at > 0 && LOAD_OPTIONS.contains(&before.get(at - 1).map_or("", String::as_str));
    let is_plain = |at: &usize| {
        let word = before.get(*at).map_or("", String::as_str);
        !word.starts_with('-') && !FILE_OPTIONS.contains(&word) && !is_value(*at)
    };
    let plain = (0..before.len()).rev().find(is_plain);
    plain.and_then(|at| before.get(at)).is_some_and(|program| is_interpreter(program)) && !has_text(before)
}

/// Whether the script of an interpreter, or a program named by a path, is among these words.
fn has_script(words: &[String]) -> bool {
    let is_named = |(at, word): (usize, &String)| {
        let before = words.get(..at).unwrap_or_default();
        let is_behind = !word.starts_with('-') && before.iter().any(|word| is_interpreter(word)) && !has_text(before);
        is_behind || word.contains('/') && at == 0 && !is_of_the_system(word) && !is_interpreter(word)
    };
    words.iter().enumerate().any(is_named)
}

fn is_of_the_system(word: &str) -> bool {
    ["/usr/", "/bin/", "/sbin/"].iter().any(|folder| word.starts_with(folder))
}

fn has_text(words: &[String]) -> bool {
    words.iter().any(|word| word == "-c" || word == "-e" || word == "-m")
}

fn is_interpreter(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or_default();
    let plain = name.trim_end_matches(|end: char| end.is_ascii_digit() || end == '.');
    INTERPRETERS.contains(&name) || INTERPRETERS.contains(&plain)
}

#[cfg(test)]
mod tests;
