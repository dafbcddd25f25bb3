//! Links that commands have made: what a question says of them, and what no answer opens.

use std::fs;

use crate::{bed::Bed, pty::Terminal};

const SCRIPT: &str = r#"
when user="open the home"
  call exec_command {"cmd": "ln -s ../../codex l"}
then
  call request_permissions {"permissions": {"file_system": {"write": ["l/sessions"]}}}
then
  say "{{output}}"

when user="open the others"
  call exec_command {"cmd": "ln -s ../others l"}
then
  call request_permissions {"permissions": {"file_system": {"write": ["l"]}}}
then
  call exec_command {"cmd": "echo made > ../others/made; rm l; ln -s ../canary l; echo harm > l/made"}
then
  say "Done."

when user="patch"
  call exec_command {"cmd": "ln -s ../others/text.txt l.txt"}
then
  call apply_patch {"input": "*** Begin Patch\n*** Update File: l.txt\n@@\n-one\n+two\n*** End Patch\n"}
then
  say "Done."
"#;

fn bed() -> Bed {
    let bed = Bed::with_script(SCRIPT);
    bed.file("home/others/text.txt", "one\n");
    bed.file("home/canary/text.txt", "one\n");
    bed
}

/// A session whose model may ask for folders.
pub(crate) fn open(bed: &Bed) -> Terminal {
    let options = [
        "-s",
        "workspace-write",
        "-c",
        "sandbox_workspace_write.exclude_slash_tmp=true",
        "--enable",
        "request_permissions_tool",
    ];
    let terminal = Terminal::quire(bed, (100, 30), &options);
    terminal.shows("› Ask Quire");
    terminal
}

#[test]
fn no_link_opens_the_home_of_logins() {
    let bed = self::bed();
    let mut terminal = open(&bed);
    terminal.keys("open the home\r");
    terminal.shows("holds logins and sessions");
    terminal.shows("Worked for");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn a_grant_is_for_the_place_that_was_shown() {
    let bed = self::bed();
    let mut terminal = open(&bed);
    terminal.keys("open the others\r");
    terminal.shows("write below");
    terminal.shows("/home/others");
    terminal.answer('a');
    terminal.shows("Worked for");
    assert_eq!(fs::read_to_string(bed.path("home/others/made")).unwrap(), "made\n");
    assert!(bed.path("home/work/l").is_symlink());
    assert!(!bed.path("home/canary/made").exists(), "the link was changed, and leads no further");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn a_patch_through_a_link_says_where_it_leads() {
    let bed = self::bed();
    let mut terminal = open(&bed);
    terminal.keys("patch\r");
    terminal.shows("l.txt leads to ");
    terminal.shows("/home/others/text.txt");
    terminal.answer('c');
    terminal.shows("Ask Quire");
    assert_eq!(fs::read_to_string(bed.path("home/others/text.txt")).unwrap(), "one\n");
    terminal.keys("patch\r");
    terminal.shows("l.txt leads to ");
    terminal.answer('y');
    terminal.shows("Worked for");
    assert_eq!(fs::read_to_string(bed.path("home/others/text.txt")).unwrap(), "two\n");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}
