//! The first start where nothing says how a model is reached: a key is pasted, a server of this machine is found, the demo is tried.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::{bed::Bed, pty::Terminal};

const SCRIPT: &str = "model tiny\n\nwhen\n  say \"Answer {{turn}}.\"\n";
const QUESTION: &str = "How should Quire reach a model?";

#[test]
fn a_key_that_is_pasted_is_kept_and_used_and_never_seen() {
    const PASTED: &str = "sk-canary-0123456789";
    for face in [&[][..], &["--no-alt-screen"], &["--screen-reader"]] {
        let mut bed = Bed::new();
        let url = bed.serve(SCRIPT);
        bed.file("codex/config.toml", format!("openai_base_url = \"{url}\"\n"));
        let record = bed.path("record.jsonl").display().to_string();
        let line: Vec<&str> = face.iter().copied().chain(["--record", &record, "say hello"]).collect();
        let mut terminal = Terminal::quire(&bed, (100, 30), &line);
        terminal.shows(QUESTION);
        terminal.keys("2");
        terminal.shows("It is not shown.");
        // Letter by letter, then the rest in one piece.
        for letter in "sk-".chars() {
            terminal.keys(&letter.to_string());
        }
        terminal.shows("3 characters");
        terminal.keys(&format!("\x1b[200~{}\n\x1b[201~", &PASTED[3..]));
        terminal.shows("20 characters");
        terminal.keys("\r");
        terminal.shows("The key is kept in ");
        terminal.shows("say hello");
        terminal.keys("\r");
        terminal.shows("Answer 1.");
        terminal.keys("\x04");
        let end = terminal.end();
        assert_eq!(end.code, 0, "{face:?}");
        assert!(!String::from_utf8_lossy(&end.raw).contains("canary"), "{face:?}");
        let auth = bed.path("codex/auth.json");
        assert!(fs::read_to_string(&auth).unwrap().contains(&format!("\"OPENAI_API_KEY\": \"{PASTED}\"")));
        assert_eq!(fs::metadata(&auth).unwrap().permissions().mode() & 0o777, 0o600);
        let recorded = fs::read_to_string(&record).unwrap();
        assert!(recorded.contains("Sealed") && !recorded.contains("canary") && !recorded.contains("0123456789"));
        let request = bed.server().requests().into_iter().next_back().unwrap();
        assert_eq!(request.header("authorization"), Some(format!("Bearer {PASTED}").as_str()), "the key is sent");
        // The next start finds it.
        let mut terminal = Terminal::quire(&bed, (100, 30), face);
        terminal.shows(if face == ["--screen-reader"] { "Your message:" } else { "› Ask Quire" });
        assert!(!terminal.look(|seen| seen.has(QUESTION) || seen.has("no key yet")), "{face:?}");
        terminal.keys("\x04");
        assert_eq!(terminal.end().code, 0);
    }
}

#[test]
fn a_server_of_this_machine_is_found_used_and_saved() {
    let mut bed = Bed::new();
    let url = bed.serve(SCRIPT);
    bed.set("CODEX_OSS_BASE_URL", &url);
    let mut terminal = Terminal::quire(&bed, (100, 30), &[]);
    terminal.shows(QUESTION);
    terminal.shows("Ollama answers at 127.0.0.1:");
    terminal.keys("3");
    terminal.shows("tiny by Ollama. Saved in ");
    terminal.keys("hello\r");
    terminal.shows("Answer 1.");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
    let config = fs::read_to_string(bed.path("codex/config.toml")).unwrap();
    assert_eq!(config.lines().collect::<Vec<_>>(), ["model_provider = \"ollama\"", "model = \"tiny\""]);
}

#[test]
fn the_demo_is_tried_in_a_folder_that_goes_with_the_program() {
    let mut bed = Bed::new();
    let temporary = bed.path("temporary");
    fs::create_dir(&temporary).unwrap();
    bed.set("TMPDIR", temporary.to_str().unwrap());
    let mut terminal = Terminal::quire(&bed, (40, 12), &[]);
    terminal.shows("Look around in the demo");
    terminal.keys("\x1b");
    terminal.hides("Look around in the demo");
    terminal.keys("what is in this folder?\r");
    terminal.shows("Look around in the demo");
    terminal.resize(100, 30);
    terminal.keys("4");
    terminal.hides(QUESTION);
    terminal.shows("quire-demo-");
    terminal.keys("what is in this folder?\r");
    terminal.answer('y');
    terminal.shows("Change these files?");
    terminal.answer('y');
    terminal.shows("Worked for");
    let folder = fs::read_dir(&temporary).unwrap().next().unwrap().unwrap().path();
    assert!(folder.join("quire-demo-notes.md").exists());
    terminal.keys("/undo\r");
    terminal.wait_for("the note is taken back", |_| !folder.join("quire-demo-notes.md").exists());
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
    assert!(!folder.exists());
    assert_eq!(fs::read_dir(bed.path("home/work")).unwrap().count(), 1, "the user's folder is as it was");
}

#[test]
fn scripts_are_told_what_is_missing() {
    let ran = Bed::new().run(&["exec", "hello"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("OPENAI_API_KEY") && !ran.stderr.contains(QUESTION), "{}", ran.stderr);
}
