//! Snapshots of real shells with real start files, compared with login shells that read them each time.

use std::{fs, process::Command};

use quire_state::secrets::Named;

use super::*;
use crate::{
    auth::Environment,
    secrets::Secrets,
    skip::{has, skip},
    vault::Secret,
};

/// What a login shell sets up, without these variables.
fn take(
    shell: &str,
    env: &[(OsString, OsString)],
    removed: &[String],
    cwd: &Path,
    budget: Duration,
) -> Result<ShellEnv, Fault> {
    let kept = Kept { removed, own: &[], policy: None, secrets: &secrets() };
    ShellEnv::take(shell, env, &kept, cwd, budget, &mut BTreeSet::new())
}

/// One that nothing names.
fn secrets() -> Secrets {
    Secrets::gather(&Named::default(), &Environment::default(), &[Secret::new(VALUE)])
}

const VALUE: &str = "value-canary-4711";

/// A home with start files, and what is run in it.
struct Home {
    folder: tempfile::TempDir,
    shell: String,
}

impl Home {
    fn new(shell: &str, profile: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = if shell.ends_with("zsh") { ".zprofile" } else { ".bash_profile" };
        fs::write(folder.path().join(name), profile).unwrap();
        Self { folder, shell: shell.to_owned() }
    }

    fn bash(profile: &str) -> Self {
        Self::new("/bin/bash", profile)
    }

    fn env(&self) -> Vec<(OsString, OsString)> {
        let pair = |name: &str, value: &OsStr| (OsString::from(name), value.to_owned());
        vec![
            pair("HOME", self.folder.path().as_os_str()),
            pair("PATH", OsStr::new("/usr/bin:/bin")),
            pair("PAGER", OsStr::new("cat")),
            pair("SHLVL", OsStr::new("3")),
            pair("MY_API_KEY", OsStr::new("sk-canary")),
            pair("ODD", OsStr::from_bytes(b"line\nnot text \xff")),
        ]
    }

    fn take(&self) -> Result<ShellEnv, Fault> {
        take(&self.shell, &self.env(), &["MY_API_KEY".to_owned()], self.folder.path(), BUDGET)
    }

    fn line(&self, command: &str) -> Vec<String> {
        vec![self.shell.clone(), "-lc".to_owned(), command.to_owned()]
    }

    /// Exit code, output and errors of a start.
    fn outcome(&self, argv: &[String], env: Vec<(OsString, OsString)>) -> (Option<i32>, String, String) {
        let output = Command::new(&argv[0])
            .args(&argv[1..])
            .env_clear()
            .envs(env)
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    /// What a login shell makes of it.
    fn by_login(&self, command: &str) -> (Option<i32>, String, String) {
        let mut env = self.env();
        env.retain(|(name, _)| name != "MY_API_KEY");
        self.outcome(&self.line(command), env)
    }

    fn by_snapshot(&self, login: &ShellEnv, command: &str) -> (Option<i32>, String, String) {
        let start = login.command(&self.line(command), &[]).unwrap();
        assert!(!start.argv.iter().any(|word| word.starts_with("-l")), "no login shell");
        self.outcome(&start.argv, start.env)
    }
}

/// Start files that print nothing, so that outputs can be compared.
const QUIET: [(&str, &str); 9] = [
    ("nothing", ""),
    ("variables", "export PATH=/opt/tool:$PATH A='x y' B=$'two\\nlines' C=\nunset PAGER\nexport ODD2=$ODD"),
    (
        "functions",
        "greet() { echo \"it's $1\" '\"quoted\"' $'a\\tb'\n  cat <<END\nhere $1\nEND\n}\nshown() { :; }\nexport -f shown\n\
         readonly -f greet",
    ),
    (
        "shell variables",
        "hidden='only here'\nlist=(a 'b c' $'d\\ne')\ndeclare -A map=([k]='v w')\ndeclare -i n=4\nreadonly fixed=1\nPS4='+> '\nIFS=:",
    ),
    ("errexit", "set -e\ntrue"),
    ("nounset and pipefail", "set -uo pipefail\nshopt -s nullglob extglob\nf() { case $1 in @(a|b)) echo ab;; esac; }"),
    ("traps and umask", "umask 027\nulimit -S -n 64\ntrap 'echo leaving' EXIT\ntrap 'echo wrong >&2' ERR"),
    ("unexpanded aliases", "alias ll='ls -l' q='echo \"it'\\''s\"'"),
    ("environment file", "export BASH_ENV=/nonexistent/env"),
];

const COMMANDS: [&str; 24] = [
    "true",
    "exit 7",
    "false",
    "kill -TERM $$",
    "nosuch-command",
    "echo \"$0|$#|$*|$-|$LINENO|$SHLVL|$PWD\"",
    "# nothing",
    "",
    "env | grep -v '^_=' | sort",
    "declare -p hidden list map n fixed A B PATH IFS PS4 2>&1",
    "greet you",
    "declare -F",
    "declare -f",
    "bash -c 'declare -F; shown; echo $hidden$ODD2'",
    "alias",
    "shopt -p | grep -v login_shell; set +o",
    "trap -p; umask; ulimit -n; ulimit -H -n",
    "ll",
    "false; echo still here",
    "echo $undefined; echo after",
    "f a; echo *.nothing",
    "cat <<'END'\n$HOME\nEND\necho line $LINENO\n[ -e /nonexistent ] || false\n",
    "echo first\necho second line $LINENO; (\n",
    "cd /; echo $PWD $OLDPWD; echo x | { read y; echo $y; }",
];

#[test]
fn a_snapshot_and_a_login_shell_do_the_same() {
    for (what, profile) in QUIET {
        let home = Home::bash(profile);
        let login = home.take().unwrap_or_else(|fault| panic!("{what}: {}", fault.line()));
        for command in COMMANDS {
            let (wanted, got) = (home.by_login(command), home.by_snapshot(&login, command));
            assert_eq!(got, wanted, "{what}: {command}");
        }
    }
}

#[test]
fn what_the_profile_prints_is_not_printed_again() {
    let home = Home::bash("echo hello; echo error >&2; printf 'a\\0b'; export A=1");
    let login = home.take().unwrap();
    assert_eq!(home.by_snapshot(&login, "echo $A"), (Some(0), "1\n".to_owned(), String::new()));
}

#[test]
fn aliases_that_are_expanded_work_from_the_first_line() {
    let home = Home::bash("shopt -s expand_aliases\nalias hi='echo hi there'");
    let login = home.take().unwrap();
    for command in ["hi", "hi you\nhi again", "alias", "exit 3"] {
        assert_eq!(home.by_snapshot(&login, command), home.by_login(command), "{command}");
    }
}

#[test]
fn syntax_errors_are_told_the_same() {
    for profile in ["export A=1", "f() { :; }"] {
        let home = Home::bash(profile);
        let login = home.take().unwrap();
        for command in ["echo one\necho two; )", "echo a\nif true; then", "echo ok\n'open"] {
            assert_eq!(home.by_snapshot(&login, command), home.by_login(command), "{profile}: {command}");
        }
    }
}

#[test]
fn an_error_in_the_first_line_keeps_its_code_and_its_reason() {
    let home = Home::bash("f() { :; }");
    let login = home.take().unwrap();
    let (wanted, got) = (home.by_login("echo )"), home.by_snapshot(&login, "echo )"));
    assert_eq!((got.0, &got.1), (wanted.0, &wanted.1));
    assert_eq!(got.2.lines().next(), wanted.2.lines().next(), "only the line that is shown below it has more in it");
}

#[test]
fn a_profile_that_hangs_is_given_up_with_all_that_it_started() {
    let home = Home::bash("sleep 1000 & echo $! > \"$HOME/child\"\nsleep 1000");
    let taken = take(&home.shell, &home.env(), &[], home.folder.path(), Duration::from_millis(1500));
    let fault = taken.unwrap_err();
    assert!(fault.summary.contains("did not finish its start files in time"), "{}", fault.line());
    let child = fs::read_to_string(home.folder.path().join("child")).unwrap();
    assert!(!Path::new("/proc").join(child.trim()).exists(), "it still runs");
}

#[test]
fn a_profile_that_ends_the_shell_is_told_with_its_code() {
    for (profile, code) in [("exit 1", 1), ("set -e; false", 1), ("exec true", 0)] {
        let fault = Home::bash(profile).take().unwrap_err();
        assert!(fault.summary.contains(&format!("ended in its start files, with code {code}")), "{}", fault.line());
    }
}

#[test]
fn a_profile_that_floods_is_given_up() {
    let fault = Home::bash("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done")
        .take()
        .unwrap_err();
    assert!(fault.summary.contains("prints too much"), "{}", fault.line());
}

#[test]
fn a_profile_that_asks_gets_no_answer_and_no_terminal() {
    let home =
        Home::bash("read -r answer; export ANSWER=\"got:$answer\"; (: </dev/tty) 2>/dev/null && export TTY_SEEN=1");
    let login = home.take().unwrap();
    assert_eq!(home.by_snapshot(&login, "echo $ANSWER$TTY_SEEN").1, "got:\n");
}

#[test]
fn secrets_are_neither_given_nor_kept() {
    let home = Home::bash("export COPY=\"<$MY_API_KEY>\"\nexport MY_API_KEY=sk-from-profile");
    let login = home.take().unwrap();
    assert_eq!(home.by_snapshot(&login, "echo $COPY$MY_API_KEY").1, "<>\n");
    let hidden = Home::bash("MY_API_KEY=sk-from-profile");
    let login = hidden.take().unwrap();
    assert_eq!(hidden.by_snapshot(&login, "echo $MY_API_KEY").1, "\n");
}

#[test]
fn a_variable_of_one_command_wins_unless_the_login_shell_had_its_say() {
    let home = Home::bash("export PAGER=less");
    let login = home.take().unwrap();
    let start = |value: &str| {
        let env = [("PAGER".to_owned(), value.to_owned()), ("NEW".to_owned(), "1".to_owned())];
        let start = login.command(&home.line("echo $PAGER $NEW"), &env).unwrap();
        home.outcome(&start.argv, start.env).1
    };
    assert_eq!(start("cat"), "less 1\n", "as a login shell that is started with it");
    assert_eq!(start("more"), "more 1\n");
}

#[test]
fn large_definitions_go_in_pieces_and_too_large_ones_are_refused() {
    let functions = |count: usize| -> String {
        (0..count).map(|number| format!("f{number}() {{ echo {number} {}; }}\n", "x".repeat(1000))).collect()
    };
    let home = Home::bash(&functions(200));
    let login = home.take().unwrap();
    assert_eq!(home.by_snapshot(&login, "f199"), home.by_login("f199"));
    let fault = Home::bash(&functions(500)).take().unwrap_err();
    assert!(fault.summary.contains("defines too much"), "{}", fault.line());
}

#[test]
fn nothing_that_a_command_can_write_is_read_again() {
    let home = Home::bash("f() { echo good; }; export A=good");
    let login = home.take().unwrap();
    fs::write(home.folder.path().join(".bash_profile"), "f() { echo bad; }; export A=bad").unwrap();
    fs::write(home.folder.path().join(".bashrc"), "f() { echo bad; }; export A=bad").unwrap();
    assert_eq!(home.by_snapshot(&login, "f; echo $A").1, "good\ngood\n");
}

#[test]
fn only_login_commands_of_this_shell_are_changed() {
    let login = Home::bash("").take().unwrap();
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    for argv in [
        &["/bin/bash", "-c", "x"][..],
        &["/bin/sh", "-lc", "x"],
        &["/bin/bash", "-lc"],
        &["/bin/bash", "-lc", "x", "y"],
    ] {
        assert_eq!(login.command(&words(argv), &[]), None, "{argv:?}");
    }
}

#[test]
fn other_shells_have_none() {
    for shell in ["/bin/sh", "/bin/dash", "/usr/bin/fish", "", "/nonexistent/bash"] {
        let taken = take(shell, &[], &[], Path::new("/"), BUDGET);
        assert!(taken.is_err(), "{shell}");
    }
}

/// A zsh to test with; `QUIRE_TEST_ZSH` names one that is not installed.
fn zsh() -> Option<String> {
    let named = std::env::var("QUIRE_TEST_ZSH").ok();
    named.or_else(|| {
        ["/usr/bin/zsh", "/bin/zsh"].iter().find(|path| Path::new(path).exists()).map(|&path| path.to_owned())
    })
}

#[test]
fn zsh_does_the_same_too() {
    let Some(zsh) = zsh() else {
        skip("zsh is not installed");
        return;
    };
    let profiles = [
        "",
        "export PATH=/opt/tool:$PATH A='x y' B=$'two\\nlines'\nunset PAGER",
        "greet() { print -r -- \"it's $1\" '\"q\"'\ncat <<END\nhere $1\nEND\n}\nautoload -Uz add-zsh-hook\nfpath=(/opt/f $fpath)",
        "hidden='only here'\nlist=(a 'b c' $'d\\ne')\ntypeset -A map=(k 'v w')\nreadonly fixed=1\ninteger n=4\nIFS=:",
        "setopt errexit extendedglob nullglob",
        "setopt nounset pipefail\numask 027\ntrap 'echo leaving' EXIT",
    ];
    let commands = [
        "true",
        "exit 7",
        "",
        "# nothing",
        "nosuch-command",
        "print -r -- \"$0|$#|$*|$LINENO|$SHLVL|$PWD\"",
        "env | grep -v '^_=' | sort",
        "typeset -p hidden list map fixed n A B IFS fpath 2>&1",
        "greet you",
        "functions",
        "alias",
        "setopt | grep -v login",
        "trap; umask",
        "false; print still here",
        "print $undefined; print after",
        "print *.nothing",
        "print one\nprint two; )",
        "print )",
        "print line\nprint $LINENO",
    ];
    for profile in profiles {
        let home = Home::new(&zsh, profile);
        let login = home.take().unwrap_or_else(|fault| panic!("{profile}: {}", fault.line()));
        // This shell reads the whole text before it sets a trap, so none is set when the text cannot be read.
        for command in commands.iter().filter(|command| !(profile.contains("trap") && command.ends_with(')'))) {
            assert_eq!(home.by_snapshot(&login, command), home.by_login(command), "{profile}: {command}");
        }
    }
    let home = Home::new(&zsh, "alias hi='print hi there' -g G='| tr a-z A-Z'");
    let login = home.take().unwrap();
    for command in ["hi", "hi G\nhi", "alias", "exit 3"] {
        assert_eq!(home.by_snapshot(&login, command), home.by_login(command), "{command}");
    }
}

/// Start files with secrets by name, by value, in a function, an alias, a variable of the shell, and with a proxy.
const SECRETS: &str = "export MY_API_KEY=by-name-canary\nexport COPY=value-canary-4711 PART=x-value-canary-4711-x\n\
    LOCAL=value-canary-4711\nask() { echo value-canary-4711; }\nalias say='echo value-canary-4711'\n\
    export https_proxy=http://me:word-canary@proxy:3128 ALL_PROXY=socks5://me:word-canary@proxy\nexport FREE=free\n";

#[test]
fn no_secret_of_a_start_file_is_in_a_snapshot() {
    for shell in ["/bin/bash", "/usr/bin/zsh"].into_iter().filter(|shell| has(shell)) {
        let home = Home::new(shell, SECRETS);
        let login = home.take().unwrap();
        assert!(!format!("{login:?}").contains("canary"), "{shell}: {login:?}");
        let (code, out, err) = home.by_snapshot(&login, "env; set; ask; echo $https_proxy $ALL_PROXY");
        assert_eq!(code, Some(0), "{shell}: {err} {out}");
        assert!(!out.contains("canary"), "{shell}: {out}");
        assert!(out.contains("FREE=free") && out.contains("http://proxy:3128 socks5://proxy"), "{shell}: {out}");
    }
}

#[test]
fn a_login_shell_unsets_what_must_not_be_seen() {
    let names: BTreeSet<&str> = ["COPY", "MY_API_KEY", "PART", "no name", "1x"].into();
    let all = ["/bin/bash", "/bin/sh", "/usr/bin/dash", "/usr/bin/zsh", "/usr/bin/ksh", "/usr/bin/fish"];
    for shell in all.into_iter().filter(|shell| has(shell)) {
        let home = Home::new(shell, "");
        let exports = "export MY_API_KEY=by-name-canary COPY=value-canary-4711 PART=x\nexport FREE=free\n\
                       export https_proxy=http://me:word-canary@proxy:3128 http_proxy=http://plain:1\n";
        let stubborn = if shell.ends_with("bash") || shell.ends_with("zsh") { "readonly COPY\n" } else { "" };
        let fish = "set -gx MY_API_KEY by-name-canary\nset -gx COPY value-canary-4711\nset -gx FREE free\n\
                    set -gx https_proxy http://me:word-canary@proxy:3128\nset -gx http_proxy http://plain:1\n";
        for name in [".bash_profile", ".profile", ".zprofile", ".zshenv"] {
            let readonly = if name == ".zshenv" { "" } else { stubborn };
            fs::write(home.folder.path().join(name), format!("{exports}{readonly}")).unwrap();
        }
        fs::create_dir_all(home.folder.path().join(".config/fish")).unwrap();
        fs::write(home.folder.path().join(".config/fish/config.fish"), fish).unwrap();
        for flag in ["-lc", "-c"] {
            let argv = [shell, flag, "env\necho end"].map(str::to_owned);
            let is_read = flag == "-lc" || shell.ends_with("zsh") || shell.ends_with("fish");
            let mut env = home.env();
            env.retain(|(name, _)| name != "MY_API_KEY");
            let own = Own { names: names.clone(), policy: None, kept: &[], env: &env };
            let Some(argv) = begin(&argv, &own) else {
                assert!(!is_read, "{shell} {flag}");
                continue;
            };
            let (code, out, err) = home.outcome(&argv, env);
            assert!(code == Some(0) && out.ends_with("end\n"), "{shell} {flag}: {out} {err}");
            assert!(!out.contains("canary"), "{shell} {flag}: {out}");
            assert!(out.contains("FREE=free") && out.contains("http_proxy=http://plain:1"), "{shell} {flag}: {out}");
        }
    }
}
