//! Going back to an earlier message, by Esc Esc in the real program.

use std::fs;

use crate::{bed::Bed, pty::Terminal};

const SCRIPT: &str = r#"
when user="first"
  say "Nothing changed."

when user="patch it"
  call apply_patch {"input": "*** Begin Patch\n*** Update File: kept.txt\n@@\n-one\n+two\n*** End Patch"}
then
  say "Patched."

when user="patch more"
  call apply_patch {"input": "*** Begin Patch\n*** Update File: kept.txt\n@@\n-two\n+three\n*** Add File: new.txt\n+new\n*** End Patch"}
then
  say "Patched more."

when
  say "Something else."
"#;

#[test]
fn a_message_is_edited_and_the_files_go_back_with_the_conversation() {
    let bed = Bed::with_script(SCRIPT);
    let kept = bed.file("home/work/kept.txt", "one\n");
    let mut terminal = Terminal::quire(&bed, (100, 30), &["-s", "workspace-write"]);
    terminal.shows("› Ask Quire");
    for (said, answer) in [("first", "Nothing changed."), ("patch it", "Patched."), ("patch more", "Patched more.")] {
        terminal.keys(&format!("{said}\r"));
        terminal.shows(answer);
        terminal.shows("› Ask Quire");
    }
    assert_eq!(fs::read_to_string(&kept).unwrap(), "three\n");
    terminal.keys("\x1b");
    terminal.shows("Press Esc again to edit an earlier message");
    terminal.keys("\x1b");
    terminal.shows("▌ Go back to an earlier message");
    terminal.shows("2 files, +2 -1");
    // Shift-Up.
    terminal.keys("\x1b[1;2A");
    terminal.shows("undoes   2 messages and their answers, 2 files · +3 -2");
    terminal.keys("\r");
    terminal.wait_for("the message as the draft", |seen| seen.has_draft("patch it") && !seen.has("Go back to"));
    terminal.shows("The last 2 turns were taken out of the conversation");
    terminal.wait_for("both turns taken back", |seen| {
        seen.has("Took back what the turn \"patch it\" changed")
            && seen.has("Took back what the turn \"patch more\" changed")
    });
    assert_eq!(fs::read_to_string(&kept).unwrap(), "one\n");
    assert!(!bed.path("home/work/new.txt").exists());
    terminal.keys("\x7f\x7f\x7fing\r");
    terminal.shows("Something else.");
    terminal.shows("› Ask Quire");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
    let last = bed.bodies().pop().unwrap()["input"].to_string();
    assert!(last.contains("Nothing changed.") && last.contains("patching"), "{last}");
    assert!(!last.contains("Patched") && !last.contains("files_restored") && !last.contains("patch it"), "{last}");
}
