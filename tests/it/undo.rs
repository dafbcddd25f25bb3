//! What a turn changed in the files is shown, taken back and brought back, by the real program.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use rustix::process::Signal;

use crate::{bed::Bed, pty::Terminal};

/// A turn that patches a file, and changes others by a command that knows nothing of undo.
const SCRIPT: &str = r#"
when user="change it"
  call apply_patch {"input": "*** Begin Patch\n*** Update File: kept.txt\n@@\n-one\n+two\n*** Add File: sub/new.txt\n+new\n*** End Patch"}
then
  call exec_command {"cmd": "printf '\\001\\002' > blob.bin; rm gone.txt; chmod 750 tool.sh; mkdir -p deep/er; echo x > deep/er/x; rm link; echo plain > link"}
then
  say "Changed."

when user="once more"
  call exec_command {"cmd": "echo three > kept.txt"}
then
  say "Once more."

when user="look around"
  call exec_command {"cmd": "ls -l"}
then
  say "Looked."

when user="hang"
  call apply_patch {"input": "*** Begin Patch\n*** Update File: kept.txt\n@@\n-one\n+two\n*** End Patch"}
then
  call exec_command {"cmd": "echo made > made.txt; echo re''ady; sleep 1000"}
then
  say "Never."

when user="serve"
  call exec_command {"cmd": "echo up > server.log; read line; echo down >> server.log", "tty": true, "yield_time_ms": 250}
then
  say "It runs."
"#;

const OPTIONS: [&str; 4] = ["-s", "workspace-write", "-c", "sandbox_workspace_write.exclude_slash_tmp=true"];

fn bed() -> Bed {
    let bed = Bed::with_script(SCRIPT);
    bed.file("home/work/kept.txt", "one\n");
    bed.file("home/work/gone.txt", b"\xff\x00raw\r\n");
    bed.file("home/work/blob.bin", b"\x00\x01\x02");
    bed.file("home/work/mine.txt", "mine\n");
    let tool = bed.file("home/work/tool.sh", "#!/bin/sh\n");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("kept.txt", bed.path("home/work/link")).unwrap();
    bed
}

/// Everything below the working folder: kind, mode and content by path.
fn state(bed: &Bed) -> BTreeMap<String, (char, u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    gather(&bed.path("home/work"), "", &mut found);
    found
}

fn gather(folder: &Path, above: &str, found: &mut BTreeMap<String, (char, u32, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{above}{}", entry.file_name().to_string_lossy());
        let meta = entry.metadata().unwrap();
        let mode = meta.permissions().mode() & 0o7777;
        if meta.is_symlink() {
            let target = fs::read_link(entry.path()).unwrap();
            found.insert(name, ('l', 0, target.to_string_lossy().into_owned().into_bytes()));
        } else if meta.is_dir() {
            gather(&entry.path(), &format!("{name}/"), found);
            found.insert(name, ('d', mode, Vec::new()));
        } else {
            found.insert(name, ('f', mode, fs::read(entry.path()).unwrap()));
        }
    }
}

fn open(bed: &Bed, arguments: &[&str]) -> Terminal {
    let terminal = Terminal::quire(bed, (100, 40), &[&OPTIONS, arguments].concat());
    terminal.shows("›");
    terminal
}

fn say(terminal: &mut Terminal, line: &str, answer: &str) {
    terminal.keys(&format!("{line}\r"));
    terminal.shows(answer);
}

fn leave(mut terminal: Terminal) {
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn a_turn_is_taken_back_and_brought_back_exactly() {
    let bed = bed();
    let before = state(&bed);
    let mut terminal = open(&bed, &[]);
    say(&mut terminal, "change it", "Worked for");
    let after = state(&bed);
    assert_ne!(before, after);
    assert_eq!(after["tool.sh"].1, 0o750);
    say(&mut terminal, "/diff", "The last turn changed 7 files");
    for line in ["edit blob.bin", "add deep/er/x", "delete gone.txt", "Binary files differ.", "It can be run now."] {
        terminal.shows(line);
    }
    say(&mut terminal, "/undo", "Took back what the turn \"change it\" changed in 7 files.");
    for line in ["restored kept.txt", "put back gone.txt", "removed sub/new.txt", "`/redo` brings it back."] {
        terminal.shows(line);
    }
    assert_eq!(state(&bed), before);
    say(&mut terminal, "/redo", "Brought back what the turn \"change it\" changed in 7 files.");
    assert_eq!(state(&bed), after);
    say(&mut terminal, "/undo", "≡ Took back");
    terminal.wait_for("it is taken back again", |seen| seen.text().matches("≡ Took back").count() == 2);
    assert_eq!(state(&bed), before);
    // The model hears of it.
    say(&mut terminal, "look around", "Looked.");
    let input = bed.bodies().last().unwrap()["input"].to_string();
    assert_eq!(input.matches("<files_restored>").count(), 3, "{input}");
    leave(terminal);
}

#[test]
fn what_the_user_changed_since_is_listed_and_stays() {
    let bed = bed();
    let mut terminal = open(&bed, &[]);
    say(&mut terminal, "change it", "Worked for");
    bed.file("home/work/kept.txt", "by hand\n");
    bed.file("home/work/mine.txt", "also by hand\n");
    let edited = state(&bed);
    say(
        &mut terminal,
        "/undo",
        "Nothing was taken back of what the turn \"change it\" changed: 1 path stands in the way.",
    );
    terminal.shows("kept.txt: changed by something else since");
    terminal.shows("`/undo rest` takes back the rest");
    assert_eq!(state(&bed), edited);
    say(&mut terminal, "/undo rest", "Left alone:");
    let rest = state(&bed);
    assert_eq!(rest["kept.txt"].2, b"by hand\n");
    assert_eq!(rest["mine.txt"].2, b"also by hand\n");
    assert_eq!(rest["gone.txt"].2, b"\xff\x00raw\r\n");
    assert!(!rest.contains_key("deep") && !rest.contains_key("sub"), "{:?}", rest.keys());
    leave(terminal);
}

#[test]
fn a_resumed_session_takes_back_turn_by_turn() {
    let bed = bed();
    let before = state(&bed);
    let mut terminal = open(&bed, &[]);
    say(&mut terminal, "change it", "Worked for");
    let between = state(&bed);
    say(&mut terminal, "once more", "Once more.");
    terminal.wait_for("the turn is over", |seen| seen.text().matches("Worked for").count() == 2);
    leave(terminal);
    let after = state(&bed);
    let mut terminal = open(&bed, &["resume", "--last"]);
    terminal.shows("Once more.");
    say(&mut terminal, "/diff", "The last turn changed 1 file");
    say(&mut terminal, "/undo", "Took back what the turn \"once more\" changed in 1 file.");
    assert_eq!(state(&bed), between);
    say(&mut terminal, "/undo", "Took back what the turn \"change it\" changed in 7 files.");
    assert_eq!(state(&bed), before);
    say(&mut terminal, "/undo", "There is nothing left to take back");
    leave(terminal);
    let mut terminal = open(&bed, &["resume", "--last"]);
    terminal.shows("The user took back what the turn \"change it\" changed in 7 files.");
    say(&mut terminal, "/redo", "Brought back what the turn \"change it\" changed");
    assert_eq!(state(&bed), between);
    say(&mut terminal, "/redo", "Brought back what the turn \"once more\" changed");
    assert_eq!(state(&bed), after);
    leave(terminal);
}

#[test]
fn a_command_in_the_background_is_waited_for() {
    let bed = bed();
    let mut terminal = open(&bed, &[]);
    say(&mut terminal, "serve", "It runs.");
    terminal.shows("Worked for");
    say(&mut terminal, "/diff", "add server.log");
    say(&mut terminal, "/undo", "still runs in the background");
    assert!(bed.path("home/work/server.log").exists());
    leave(terminal);
    // Its end with the program is the end of what it changed.
    let mut terminal = open(&bed, &["resume", "--last"]);
    terminal.shows("It runs.");
    say(&mut terminal, "/undo", "Took back what the turn \"serve\" changed in 1 file.");
    assert!(!bed.path("home/work/server.log").exists());
    leave(terminal);
}

#[test]
fn after_a_kill_what_was_done_before_the_command_is_taken_back() {
    let bed = bed();
    let before = state(&bed);
    let mut terminal = open(&bed, &[]);
    say(&mut terminal, "hang", "ready");
    terminal.signal(Signal::KILL);
    terminal.end();
    let mut terminal = open(&bed, &["resume", "--last"]);
    terminal.shows("was cut off");
    say(&mut terminal, "/undo", "Took back what the turn \"hang\" changed in 1 file.");
    let mut after = state(&bed);
    // Nothing saw what the command did.
    assert_eq!(after.remove("made.txt").map(|(_, _, content)| content), Some(b"made\n".to_vec()));
    // The sandbox clears its own empty folders away at the next command.
    after.retain(|path, _| path != ".codex" && path != ".agents");
    assert_eq!(after, before);
    leave(terminal);
}

#[test]
fn exec_can_be_taken_back_later_and_leaves_only_what_is_needed() {
    let bed = bed();
    let before = state(&bed);
    bed.run(&[&["exec"], OPTIONS.as_slice(), &["change it"]].concat()).ends_with(0);
    assert_ne!(state(&bed), before);
    let threads: Vec<_> = fs::read_dir(bed.path("codex/quire/undo")).unwrap().map(Result::unwrap).collect();
    assert_eq!(threads.len(), 1);
    let contents = fs::read_dir(threads[0].path().join("objects"))
        .unwrap()
        .map(|object| fs::read(object.unwrap().path()).unwrap());
    assert!(!contents.into_iter().any(|content| content == b"mine\n"), "no turn speaks of this file");
    let mut terminal = open(&bed, &["resume", "--last"]);
    terminal.shows("Changed.");
    say(&mut terminal, "/undo", "Took back what the turn \"change it\" changed in 7 files.");
    assert_eq!(state(&bed), before);
    leave(terminal);
}

#[test]
fn what_only_reads_or_is_not_kept_leaves_nothing_on_disk() {
    for arguments in [
        vec!["exec", "-s", "workspace-write", "look around"],
        vec!["exec", "-s", "read-only", "change it"],
        vec!["exec", "-s", "workspace-write", "--ephemeral", "change it"],
    ] {
        let bed = bed();
        bed.run(&arguments).ends_with(0);
        assert!(!bed.path("codex/quire/undo").exists(), "{arguments:?}");
    }
}
