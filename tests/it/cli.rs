//! The binary as a shell sees it: exit codes, and what goes to which stream.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

/// The program in an empty environment, with a home and a working folder of its own.
fn quire(folder: &Path, line: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quire"));
    command.args(line).env_clear().env("HOME", folder).env("CODEX_HOME", folder.join("codex"));
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Exit code, standard output and standard error.
fn run(line: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    told(&quire(folder.path(), line).output().unwrap(), &folder)
}

fn told(output: &Output, folder: &TempDir) -> (i32, String, String) {
    let folder = folder.path().canonicalize().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(folder.to_str().unwrap(), "FOLDER");
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_version_reads_no_configuration() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("codex")).unwrap();
    std::fs::write(folder.path().join("codex/config.toml"), "this is = not toml").unwrap();
    let output = quire(folder.path(), &["--version"]).output().unwrap();
    let version = format!("quire {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(told(&output, &folder), (0, version, String::new()));
}

#[test]
fn a_mistake_on_the_command_line_ends_with_two() {
    for line in [["--nope"].as_slice(), &["-a", "maybe"], &["-c", "model"], &["exec", "resume"]] {
        let (code, out, err) = run(line);
        assert!(code == 2 && out.is_empty() && err.starts_with("error: "), "{line:?}: {code} {out} {err}");
    }
}

#[test]
fn what_cannot_begin_ends_with_one_and_the_next_step() {
    for (line, words) in [
        (["exec", "x"].as_slice(), "--skip-git-repo-check"),
        (&["exec"], "git repository"),
        (&["exec", "--demo"], "no prompt"),
        (&["exec", "--demo", "-C", "nowhere", "x"], "FOLDER/nowhere"),
        (&["exec", "--skip-git-repo-check", "-c", "model_provider=mock", "x"], "[model_providers.mock]"),
        (&["exec", "--skip-git-repo-check", "-c", "approval_policy=maybe", "x"], "\"on-request\""),
        (&["--demo"], "not a terminal"),
    ] {
        let (code, out, err) = run(line);
        assert!(
            code == 1 && out.is_empty() && err.starts_with("error: ") && err.contains(words),
            "{line:?}: {code} {err}"
        );
    }
}

#[test]
fn a_reader_that_stops_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    for line in [["--help"].as_slice(), &["exec", "--help"], &["--version"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = quire(folder.path(), line).stdout(writer).output().unwrap();
        assert_eq!(told(&output, &folder), (0, String::new(), String::new()), "{line:?}");
    }
}

#[test]
fn a_broken_file_is_shown_where_it_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("codex")).unwrap();
    std::fs::write(folder.path().join("codex/config.toml"), "# mine\nmodel = gpt\n").unwrap();
    let output = quire(folder.path(), &["exec", "--skip-git-repo-check", "x"]).output().unwrap();
    let shown = "error: FOLDER/codex/config.toml:2:9: This is not TOML: string values must be quoted, expected literal \
                 string.\n  |\n2 | model = gpt\n  |         ^\nText needs quotes, for instance model = \"gpt-5.5\".\n";
    assert_eq!(told(&output, &folder), (1, String::new(), shown.to_owned()));
}

#[test]
fn piped_text_is_the_prompt() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("prompt.txt");
    std::fs::write(&text, "Say hello to the pipe").unwrap();
    let mut command = quire(folder.path(), &["exec", "--demo", "--ephemeral"]);
    let output = command.stdin(std::fs::File::open(&text).unwrap()).output().unwrap();
    let (code, out, err) = told(&output, &folder);
    assert!(code == 0 && !out.is_empty() && err.contains("Say hello to the pipe"), "{code} {out} {err}");
}
