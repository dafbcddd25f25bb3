//! The files whose content a command runs: what a person is asked about is the command *and* these.

use crate::text::shell;

use super::resolved;

/// Programs whose first plain argument is a file that they run.
const INTERPRETERS: [&str; 25] = [
    "sh", "bash", "dash", "zsh", "ksh", "mksh", "fish", "source", ".", "python", "python2", "python3", "pypy3", "node",
    "deno", "bun", "perl", "ruby", "php", "lua", "awk", "gawk", "make", "just", "Rscript",
];
/// Options of interpreters behind which there is a file.
const FILE_OPTIONS: [&str; 4] = ["-f", "--file", "run", "-x"];
/// Most files of one command.
const SCRIPTS: usize = 16;

/// The absolute paths of the files that this command seems to run: programs named by a path, and scripts named to an
/// interpreter. Guessed from the text; a file that is missed is as it would be without the guess.
pub fn scripts(argv: &[String], own_shell: &str, cwd: &str) -> Vec<String> {
    let commands = match shell::commands(argv, own_shell) {
        Some(commands) => commands,
        None => shell::script(argv, own_shell).map(shell::fragments).unwrap_or_default(),
    };
    let mut found: Vec<String> = Vec::new();
    for words in &commands {
        for (at, word) in words.iter().enumerate() {
            if is_script(words, at, word) {
                let path = resolved(word, cwd);
                if path != "/" && !found.contains(&path) && found.len() < SCRIPTS {
                    found.push(path);
                }
            }
        }
    }
    found
}

/// Whether the word at this place names a file that is run.
fn is_script(words: &[String], at: usize, word: &str) -> bool {
    if word.is_empty() || word.starts_with('-') || word.starts_with('~') || word.contains(['$', '*', '?', '\n']) {
        return false;
    }
    let is_assignment = |word: &&String| word.split_once('=').is_some_and(|(name, _)| !name.contains('/'));
    if at == words.iter().take_while(is_assignment).count() {
        return word.contains('/') && !word.starts_with("/usr/") && !word.starts_with("/bin/");
    }
    // Behind an interpreter, with nothing but options in between.
    let before = words.get(..at).unwrap_or_default();
    let plain = before.iter().rposition(|word| !word.starts_with('-') && !FILE_OPTIONS.contains(&word.as_str()));
    let Some(program) = plain.and_then(|at| before.get(at)) else { return false };
    let name = program.rsplit('/').next().unwrap_or_default();
    INTERPRETERS.contains(&name) && !before.iter().any(|word| word == "-c" || word == "-e" || word == "-m")
}

#[cfg(test)]
mod tests {
    use super::scripts;

    #[test]
    fn scripts_are_found() {
        let cases: [(&str, &[&str]); 12] = [
            ("sh ./s.sh", &["/w/s.sh"]),
            ("bash -x build.sh all", &["/w/build.sh"]),
            ("./run now", &["/w/run"]),
            ("../tools/run && python3 -u gen.py", &["/tools/run", "/w/gen.py"]),
            ("X=1 ./run", &["/w/run"]),
            ("node scripts/a.js | tee out/log", &["/w/scripts/a.js"]),
            ("make -f build/Makefile", &["/w/build/Makefile"]),
            (". ./env.sh; cargo test", &["/w/env.sh"]),
            ("cargo test", &[]),
            ("/usr/bin/ls /etc", &[]),
            ("python3 -c 'print(1)'", &[]),
            ("rm -rf /", &[]),
        ];
        for (line, wanted) in cases {
            let argv = ["/bin/bash", "-lc", line].map(str::to_owned);
            let found = scripts(&argv, "/bin/bash", "/w");
            for path in wanted {
                assert!(found.iter().any(|each| each == path), "{line}: {found:?}");
            }
            assert!(wanted.len() == found.len() || line.contains("X=1"), "{line}: {found:?}");
        }
    }
}
