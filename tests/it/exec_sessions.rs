//! Sessions: gone on with, left out, private, and free of keys.

use std::{fs, os::unix::fs::PermissionsExt, process::Stdio};

use rustix::process::{Signal, kill_process};
use serde_json::Value;

use crate::bed::{Bed, KEY, Ran, files, finish, pid_of, until};

const SCRIPT: &str = r#"
when user="environment"
  call exec_command {"cmd": "env"}
then
  say "{{printed}}"
when
  say "Answer {{turn}}."
"#;

/// The texts of a request's messages, without the context that every request begins with.
fn talk(body: &Value) -> Vec<String> {
    let items = body["input"].as_array().unwrap();
    let texts = items.iter().filter(|item| item["role"] != "developer").filter_map(|item| {
        let text = item["content"].as_array()?.iter().filter_map(|part| part["text"].as_str()).collect::<String>();
        (!text.contains("<environment_context>")).then_some(text)
    });
    texts.collect()
}

fn thread_of(bed: &Bed, arguments: &[&str]) -> String {
    let ran = bed.run(arguments).ends_with(0);
    ran.events()[0]["thread_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_session_is_gone_on_with() {
    let mut bed = Bed::with_script(SCRIPT);
    let first = thread_of(&bed, &["exec", "--json", "one"]);
    bed.set("QUIRE_TEST_SEED", "8");
    bed.set("QUIRE_TEST_UNIX_MS", "1767225700000");
    let second = thread_of(&bed, &["exec", "--json", "two"]);
    assert_ne!(first, second);
    assert_eq!(bed.rollouts().len(), 2);

    assert_eq!(thread_of(&bed, &["exec", "resume", "--json", "--last", "more"]), second);
    assert_eq!(talk(&bed.bodies()[2]), ["two", "Answer 1.", "more"]);
    assert_eq!(thread_of(&bed, &["exec", "resume", "--json", &first, "and more"]), first);
    assert_eq!(talk(&bed.bodies()[3]), ["one", "Answer 1.", "and more"]);
    assert_eq!(bed.run(&["exec", "resume", &first, "and more"]).ends_with(0).stdout, "Answer 3.\n");
    assert_eq!(bed.rollouts().len(), 2, "a session goes on in its own file");

    let ran = bed.run(&["exec", "resume", "01a2030c-0000-7000-8000-000000000000", "hello"]).ends_with(1);
    assert!(ran.stderr.contains("01a2030c-0000-7000-8000-000000000000"), "{}", ran.stderr);
    assert_eq!(bed.bodies().len(), 5, "an unknown session asks nothing");
}

#[test]
fn a_copy_goes_on_in_a_file_of_its_own() {
    let mut bed = Bed::with_script(SCRIPT);
    let first = thread_of(&bed, &["exec", "--json", "one"]);
    let file = bed.rollouts().remove(0);
    let before = fs::read_to_string(&file).unwrap();
    bed.set("QUIRE_TEST_SEED", "8");
    bed.set("QUIRE_TEST_UNIX_MS", "1767225700000");
    let copy = thread_of(&bed, &["exec", "fork", "--json", &first, "two"]);
    assert_ne!(copy, first);
    assert_eq!(talk(&bed.bodies()[1]), ["one", "Answer 1.", "two"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), before, "the source stays as it is");
    let copied = bed.rollouts().into_iter().find(|path| *path != file).unwrap();
    let lines = fs::read_to_string(copied).unwrap();
    let meta: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&meta["payload"]["id"], &meta["payload"]["forked_from_id"]),
        (&copy.clone().into(), &first.clone().into())
    );
    assert!(lines.contains(before.lines().last().unwrap()), "its lines are those of the source");
    assert_eq!(thread_of(&bed, &["exec", "resume", "--json", &copy, "three"]), copy);
    assert_eq!(talk(&bed.bodies()[2]), ["one", "Answer 1.", "two", "Answer 2.", "three"]);
    assert_eq!(thread_of(&bed, &["exec", "resume", "--json", &first, "four"]), first);
    assert_eq!(talk(&bed.bodies()[3]), ["one", "Answer 1.", "four"]);
    let ran = bed.run(&["exec", "fork", "01a2030c-0000-7000-8000-000000000000", "hello"]).ends_with(1);
    assert!(ran.stderr.contains("01a2030c-0000-7000-8000-000000000000"), "{}", ran.stderr);
}

#[test]
fn the_newest_session_is_that_of_the_folder() {
    let mut bed = Bed::with_script(SCRIPT);
    let here = thread_of(&bed, &["exec", "--json", "here"]);
    bed.file("home/other/.git/HEAD", "ref: refs/heads/main\n");
    bed.set("QUIRE_TEST_SEED", "8");
    bed.set("QUIRE_TEST_UNIX_MS", "1767225700000");
    let other = bed.path("home/other");
    let there = thread_of(&bed, &["exec", "--json", "-C", other.to_str().unwrap(), "there"]);
    assert_ne!(here, there);
    assert_eq!(thread_of(&bed, &["exec", "resume", "--json", "--last", "more"]), here);
    let ran =
        bed.run(&["exec", "resume", "--last", "-C", bed.root().to_str().unwrap(), "--skip-git-repo-check", "more"]);
    let ran = ran.ends_with(1);
    assert!(!ran.stderr.is_empty());
}

#[test]
fn an_ephemeral_run_leaves_no_session() {
    let bed = Bed::with_script(SCRIPT);
    bed.run(&["exec", "--ephemeral", "hello"]).ends_with(0);
    assert!(bed.rollouts().is_empty(), "{:?}", bed.rollouts());
    let left: Vec<_> = files(&bed.path("codex")).into_iter().filter(|path| !path.ends_with("config.toml")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn no_key_is_in_a_commands_environment_or_on_disk() {
    let mut bed = Bed::with_script(SCRIPT);
    bed.set("OPENAI_API_KEY", "canary-openai");
    bed.set("CODEX_API_KEY", "canary-codex");
    bed.set("MY_OWN", "stays");
    let ran = bed.run(&["exec", "-s", "danger-full-access", "environment"]).ends_with(0);
    assert!(ran.stdout.contains("MY_OWN=stays"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("canary"), "{}", ran.stdout);
    for file in files(&bed.root()) {
        let bytes = fs::read(&file).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("canary"), "{}", file.display());
    }
    let asked = bed.server().requests();
    assert_eq!(asked[0].header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert!(asked.iter().all(|request| !request.body.to_string().contains("canary")));
}

#[test]
fn everything_on_disk_is_private_whatever_the_umask() {
    let bed = Bed::with_script(SCRIPT);
    fs::remove_file(bed.path("codex/config.toml")).unwrap();
    fs::remove_dir(bed.path("codex")).unwrap();
    let line = format!(
        "umask 000; exec \"$0\" exec --record record.jsonl -c model_provider=s -c model_providers.s.base_url='\"{}\"' -c model=m hello",
        bed.server().url
    );
    let mut command = bed.any("/bin/sh");
    command.args(["-c", &line, crate::bed::QUIRE]).stdin(Stdio::null());
    finish(command.spawn().unwrap()).ends_with(0);
    assert_eq!(bed.rollouts().len(), 1);
    let mut all = files(&bed.path("codex"));
    all.push(bed.path("home/work/record.jsonl"));
    for file in all {
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600, "{}", file.display());
        for folder in file.ancestors().skip(1).take_while(|folder| folder.starts_with(bed.path("codex"))) {
            assert_eq!(mode(folder), 0o700, "{}", folder.display());
        }
    }
}

/// Stopped by a signal while a command runs; what is said on both streams.
fn stopped(bed: &Bed, arguments: &[&str], signal: Signal, code: i32) -> Ran {
    let child = bed.quire(arguments).spawn().unwrap();
    until("the command to run", || bed.pid_of("sleep 3600"));
    kill_process(pid_of(child.id()), signal).unwrap();
    finish(child).ends_with(code)
}

#[test]
fn an_interrupted_run_says_how_to_go_on() {
    let script = "when user=\"run\"\n  call exec_command {\"cmd\": \"sleep 3600\"}\nwhen\n  say \"Answer {{turn}}.\"\n";
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let bed = Bed::with_script(script);
        let ran = stopped(&bed, &["exec", "run"], signal, code);
        let (_, rest) = ran.stderr.split_once("Go on with: quire exec resume ").unwrap();
        let id = rest.split_whitespace().next().unwrap();
        assert!(rest.contains(&format!("quire resume {id}")) && !ran.stderr.contains("what to do instead"), "{rest}");
        assert_eq!(bed.run(&["exec", "resume", id, "go on"]).ends_with(0).stdout, "Answer 2.\n");
        let ran = stopped(&bed, &["exec", "--json", "run"], signal, code);
        assert!(ran.stdout.contains("Go on with: quire exec resume "), "{}", ran.stdout);
        let ran = stopped(&bed, &["exec", "--ephemeral", "run"], signal, code);
        assert!(ran.stderr.contains("not kept (--ephemeral)") && !ran.stderr.contains("exec resume"), "{}", ran.stderr);
    }
}
