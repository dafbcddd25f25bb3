//! What was granted for a turn ends with it, and with it whatever runs by it.

use std::fs;

use serde_json::json;

use super::runner::{Ground, everywhere};
use crate::{
    bed::{QUIRE, runs, until},
    pty::Terminal,
};

/// A session in which the model gets a folder outside, starts this command in the background, and says so; at the next
/// word it types into it.
fn open(ground: &mut Ground, command: &str, network: bool) -> Terminal {
    let folder = ground.bed.path("home/others");
    fs::create_dir(&folder).unwrap();
    // Names that are protected in it come and go.
    ground.forgive("home/others");
    let wish = json!({"permissions": {"network": {"enabled": network}, "file_system": {"write": [folder]}}});
    let command = json!({"cmd": command, "tty": true, "yield_time_ms": 500});
    let write = json!({"session_id": 1, "chars": "touch later\n", "yield_time_ms": 250});
    ground.bed.follow(&format!(
        "when user=\"go\"\n  call request_permissions {wish}\nthen\n  call exec_command {command}\nthen\n  say \"It is over.\"\nwhen user=\"type\"\n  call write_stdin {write}\nthen\n  say \"Heard: {{{{output}}}}\"\n"
    ));
    ground.begin();
    let options = ["-s", "workspace-write", "-c", super::scene::NO_TMP, "--enable", "request_permissions_tool"];
    let mut terminal = Terminal::start(&ground.bed, (120, 60), &ground.line(QUIRE, &options));
    terminal.shows("›");
    terminal.keys("go\r");
    terminal.shows("Let later commands reach further?");
    terminal
}

/// Waits for a word, then writes outside.
fn late(ground: &Ground, word: &str) -> String {
    let target = ground.bed.path("home/others/late");
    let target = target.display();
    format!("until test -e go; do sleep 0.1; done; echo {word} > {target}; while :; do sleep 0.1; done")
}

#[test]
fn a_command_in_the_background_keeps_no_grant_of_a_turn() {
    for (at, network) in [false, true].into_iter().enumerate() {
        everywhere(|ground| {
            let word = format!("word-{at}-{}", ground.bed.root().file_name().unwrap().to_string_lossy());
            let late = late(ground, &word);
            // In the background, apart from its shell, and as a daemon; the shell itself waits for what is typed.
            let command =
                format!("({late}) & (setsid sh -c '{late}' &) ; env -i setsid -f /bin/sh -c '{late}'; exec sh");
            let mut terminal = open(ground, &command, network);
            terminal.answer('y');
            terminal.shows("It is over.");
            terminal.shows("Ended with the turn, for which its permissions were granted");
            until("nothing runs by the grant", || (!runs(&word)).then_some(()));
            fs::write(ground.work().join("go"), "").unwrap();
            terminal.keys("type\r");
            terminal.shows("Heard:");
            terminal.keys("\x04");
            assert_eq!(terminal.end().code, 0);
            assert!(!ground.work().join("later").exists(), "it still takes what is typed");
            assert!(!ground.bed.path("home/others/late").exists());
        });
    }
}

#[test]
fn what_a_command_left_behind_keeps_none_either() {
    everywhere(|ground| {
        let word = format!("left-{}", ground.bed.root().file_name().unwrap().to_string_lossy());
        let late = late(ground, &word);
        let mut terminal = open(ground, &format!("nohup setsid sh -c '{late}' > /dev/null 2>&1 & sleep 0.2"), false);
        terminal.answer('y');
        terminal.shows("It is over.");
        until("nothing runs by the grant", || (!runs(&word)).then_some(()));
        fs::write(ground.work().join("go"), "").unwrap();
        terminal.keys("\x04");
        assert_eq!(terminal.end().code, 0);
        assert!(!ground.bed.path("home/others/late").exists());
    });
}

#[test]
fn an_interrupted_turn_takes_its_grants_along() {
    everywhere(|ground| {
        let word = format!("stop-{}", ground.bed.root().file_name().unwrap().to_string_lossy());
        let late = late(ground, &word);
        let mut terminal = open(ground, &format!("(setsid sh -c '{late}' &); sleep 600"), false);
        terminal.answer('y');
        until("it runs", || runs(&word).then_some(()));
        terminal.keys("\x1b");
        terminal.shows("Interrupted");
        until("nothing runs by the grant", || (!runs(&word)).then_some(()));
        fs::write(ground.work().join("go"), "").unwrap();
        terminal.keys("\x04");
        assert_eq!(terminal.end().code, 0);
        assert!(!ground.bed.path("home/others/late").exists());
    });
}

#[test]
fn a_grant_of_the_session_and_a_command_without_one_go_on() {
    everywhere(|ground| {
        let mut terminal = open(ground, "exec sh", false);
        terminal.answer('a');
        terminal.shows("It is over.");
        terminal.keys("type\r");
        terminal.shows("Heard:");
        until("it takes what is typed", || ground.work().join("later").exists().then_some(()));
        terminal.keys("\x04");
        assert_eq!(terminal.end().code, 0);
    });
}
