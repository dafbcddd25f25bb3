//! The draft in a terminal: what is offered for it.

use crate::{bed::Bed, pty::Terminal};

#[test]
fn files_are_offered_behind_an_at() {
    let bed = Bed::with_script("when\n  say \"Heard.\"\n");
    for name in ["src/routes/health.rs", "my notes/health.md", "left/out/health.rs"] {
        bed.file(&format!("home/work/{name}"), "\n");
    }
    bed.file("home/work/.gitignore", "left\n");
    let mut terminal = Terminal::quire(&bed, (80, 24), &[]);
    terminal.shows("› Ask Quire");
    terminal.keys("see @hea");
    terminal.wait_for("both files", |seen| {
        seen.has("Files · 2 of 3") && seen.has("notes/health.md") && !seen.has("left/out")
    });
    terminal.keys("rs");
    terminal.wait_for("one file", |seen| seen.has("Files · 1 of 3") && seen.has("› src/routes/health.rs"));
    terminal.keys("\t");
    terminal.wait_for("the path", |seen| seen.has_draft("see src/routes/health.rs") && !seen.has("Files ·"));
    terminal.keys("and @notes");
    terminal.shows("Files · 1 of 3");
    terminal.keys("\r");
    terminal.shows("health.rs and \"my notes/health.md\"");
    terminal.keys("\r");
    terminal.shows("Worked for");
    // With a search that runs the program ends all the same.
    terminal.keys("@");
    terminal.shows("Files · 3 of 3");
    terminal.keys("\u{3}\u{3}\u{3}\u{3}");
    assert_eq!(terminal.end().code, 0);
    assert!(bed.bodies().last().is_some_and(|body| body.to_string().contains("see src/routes/health.rs and")));
}

/// Who writes by an input method sees its window there.
#[test]
fn the_cursor_of_the_terminal_stands_at_the_caret() {
    for face in [&[][..], &["--no-alt-screen"][..]] {
        let bed = Bed::with_script("when\n  say \"Heard.\"\n");
        let mut terminal = Terminal::quire(&bed, (80, 24), face);
        terminal.shows("› ");
        // Cells before the caret: two for the sign before the draft.
        for (keys, cells) in
            [("ab", 4), ("日本", 8), ("\u{1b}[D", 6), ("e\u{301}", 7), ("👩\u{200d}👧", 9), ("\u{1}", 2), ("\u{5}", 11)]
        {
            terminal.keys(keys);
            terminal.wait_for(&format!("the cursor behind {cells} cells, {face:?}"), |seen| {
                let (row, column) = seen.screen().cursor_position();
                let rows = seen.rows();
                let is_draft = rows.get(usize::from(row)).is_some_and(|row| row.trim_start().starts_with("› ab"));
                column == cells && is_draft && !seen.screen().hide_cursor()
            });
        }
        terminal.keys("\u{15}\u{4}");
        terminal.end();
    }
}

#[test]
fn commands_are_offered_and_earlier_inputs_found_again() {
    let bed = Bed::with_script("when\n  say \"Heard.\"\n");
    let mut terminal = Terminal::quire(&bed, (80, 24), &[]);
    terminal.shows("› Ask Quire");
    for words in ["where is the pool built", "run the tests"] {
        terminal.keys(&format!("{words}\r"));
        terminal
            .wait_for("the end of the turn", |seen| seen.has(words) && seen.has("Worked for") && seen.has("for keys"));
    }
    terminal.keys("/");
    terminal.shows("Commands ·");
    terminal.keys("hel");
    terminal
        .wait_for("one command", |seen| seen.has("› /help") && seen.has("Commands · 1 of") && seen.has_draft("/hel"));
    terminal.keys("\r");
    terminal.shows("Keys");
    terminal.keys("\u{1b}");
    terminal.hides("search earlier inputs");
    terminal.keys("\u{4}");
    assert_eq!(terminal.end().code, 0);

    // Another session, in the inline face, finds what was written in the first.
    let mut terminal = Terminal::quire(&bed, (80, 24), &["--no-alt-screen"]);
    terminal.shows("› Ask Quire");
    terminal.keys("half\u{12}");
    terminal.shows("Earlier inputs · 2 of 2");
    terminal.keys("POOL");
    terminal.wait_for("the input", |seen| seen.has("1 of 2 with POOL") && seen.has_draft("where is the pool built"));
    terminal.keys("\u{1b}");
    terminal.wait_for("the draft before", |seen| seen.has_draft("half") && !seen.has("Earlier inputs"));
    terminal.keys("\u{12}pool\r");
    terminal.wait_for("the input", |seen| seen.has_draft("where is the pool built") && !seen.has("Earlier inputs"));
    terminal.keys("\r");
    terminal.shows("Worked for");
    terminal.keys("\u{4}");
    assert_eq!(terminal.end().code, 0);
    assert!(bed.bodies().last().is_some_and(|body| body.to_string().contains("where is the pool built")));
}

#[test]
fn a_command_of_the_user_runs_in_their_shell_and_is_told_to_the_model() {
    let bed = Bed::with_script("when\n  say \"Heard.\"\n");
    let mut terminal = Terminal::quire(&bed, (80, 24), &[]);
    terminal.shows("› Ask Quire");
    terminal.keys("!echo one-$((1+1)); exit 4");
    terminal.wait_for("the sign", |seen| seen.has("$ !echo one-$((1+1)); exit 4"));
    terminal.keys("\r");
    terminal.wait_for("its end", |seen| seen.has("You ran echo") && seen.has("exit 4") && seen.has("└ one-2"));
    terminal.keys("!sleep 300\r");
    terminal.shows("Running 0s");
    terminal.keys("\u{1b}");
    terminal.shows("You stopped sleep");
    terminal.keys("what was that?\r");
    terminal.shows("Worked for");
    terminal.keys("\u{4}");
    assert_eq!(terminal.end().code, 0);
    let body = bed.bodies().last().map(ToString::to_string).unwrap_or_default();
    assert!(body.contains("<user_shell_command>") && body.contains("Exit code: 4") && body.contains("one-2"), "{body}");
}

/// A script in the place of an editor.
fn editor(bed: &Bed, script: &str) {
    bed.file("bin/edit", format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(bed.path("bin/edit"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn the_draft_is_edited_in_the_users_editor_in_both_faces() {
    for arguments in [&[][..], &["--no-alt-screen"][..]] {
        let mut bed = Bed::with_script("when\n  say \"Heard.\"\n");
        let path = bed.path("bin/edit").display().to_string();
        bed.set("EDITOR", &format!("{path} -w"));
        // It has the terminal: what is typed goes to it, and Ctrl-C is its own.
        editor(
            &bed,
            "trap 'printf interrupted-' INT; printf 'EDITING %s\\n' \"$1\"; until read answer; do :; done; printf 'first %s\\nsecond\\n' \"$answer\" >> \"$2\"; ls -l \"$2\" > \"$HOME/work/seen\"",
        );
        let mut terminal = Terminal::quire(&bed, (80, 24), arguments);
        terminal.shows("› Ask Quire");
        terminal.keys("draft");
        terminal.shows("› draft");
        terminal.keys("\u{7}");
        terminal.shows("EDITING -w");
        terminal.keys("\u{3}");
        terminal.shows("interrupted-");
        terminal.keys("words\r");
        terminal.wait_for("the draft", |seen| seen.has("› draft\n  first words\n  second"));
        terminal.keys("\r");
        terminal.shows("Worked for");
        editor(&bed, "echo gone > \"$2\"; exit 1");
        terminal.keys("kept\u{7}");
        terminal.wait_for("the failure", |seen| seen.has("ended with exit code 1") && seen.has("› kept"));
        terminal.keys("\u{3}\u{4}");
        assert_eq!(terminal.end().code, 0);
        let body = bed.bodies().last().map(ToString::to_string).unwrap_or_default();
        assert!(body.contains("draft\\nfirst words\\nsecond"), "{body}");
        let seen = std::fs::read_to_string(bed.path("home/work/seen")).unwrap();
        assert!(seen.starts_with("-rw------- "), "{seen}");
        let file = seen.split_whitespace().last().unwrap();
        assert!(!std::path::Path::new(file).exists() && !std::path::Path::new(file).parent().unwrap().exists());
    }
}

#[test]
fn without_an_editor_it_is_said_what_to_do() {
    let bed = Bed::with_script("when\n  say \"Heard.\"\n");
    let mut terminal = Terminal::quire(&bed, (120, 24), &[]);
    terminal.shows("› Ask Quire");
    terminal.keys("\u{7}");
    terminal.shows("Set VISUAL or EDITOR");
    terminal.keys("\u{4}");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn the_draft_has_vim_keys_for_who_wants_them() {
    let bed = Bed::with_script("when\n  say \"Heard.\"\n");
    let mut terminal = Terminal::quire(&bed, (100, 24), &["-c", "tui.vim_mode_default=true"]);
    terminal.wait_for("normal mode", |seen| seen.has("N Ask Quire") && seen.has("vim normal"));
    terminal.keys("ione two three\u{1b}");
    terminal.wait_for("the text", |seen| seen.has("N one two three"));
    terminal.keys("bdiwviw");
    terminal.wait_for("a selection", |seen| seen.has("V one two") && seen.has("vim visual"));
    terminal.keys("\u{1b}");
    terminal.shows("vim normal");
    terminal.keys("Azero");
    terminal.shows("› one two zero");
    terminal.keys("\r");
    terminal.wait_for("the answer", |seen| seen.has("Worked for") && seen.has("vim insert"));
    terminal.keys("/vim off\r");
    terminal.wait_for("no vim keys", |seen| seen.has("Vim keys are off") && !seen.has("vim insert"));
    terminal.keys("\u{4}");
    assert_eq!(terminal.end().code, 0);
    assert!(bed.bodies().last().is_some_and(|body| body.to_string().contains("one two zero")));
}

#[test]
fn keys_are_bound_anew_and_named_as_they_are() {
    let bed = Bed::with_script("when\n  say \"Heard.\"\n");
    let keys = "[tui.keymap.composer]\nsubmit = \"ctrl-x\"\n[tui.keymap.editor]\ninsert_newline = \"enter\"\n";
    let config = std::fs::read_to_string(bed.path("codex/config.toml")).unwrap();
    bed.file("codex/config.toml", format!("{config}\n{keys}"));
    let mut terminal = Terminal::quire(&bed, (100, 24), &[]);
    terminal.shows("› Ask Quire");
    terminal.keys("one\r");
    terminal.keys("two");
    terminal.wait_for("two lines", |seen| seen.has("› one\n  two") && seen.has("ctrl-x sends"));
    terminal.keys("\u{18}");
    terminal.shows("Worked for");
    terminal.keys("?");
    terminal.shows("ctrl-x        send, or steer the turn");
    terminal.keys("\u{1b}");
    terminal.hides("send, or steer the turn");
    terminal.keys("/keymap\u{18}");
    terminal.shows("type to search");
    terminal.keys("submit");
    terminal.wait_for("one action", |seen| seen.has("composer.submit") && !seen.has("global.copy"));
    terminal.keys("\u{1b}");
    terminal.hides("composer.submit");
    terminal.keys("\u{4}");
    assert_eq!(terminal.end().code, 0);
    assert!(bed.bodies().last().is_some_and(|body| body.to_string().contains("one\\ntwo")));
    // A conflict ends the start, with the place of the key.
    let config =
        format!("{config}\n{}", keys.replace("[tui.keymap.editor]", "queue = \"ctrl-x\"\n[tui.keymap.editor]"));
    bed.file("codex/config.toml", config);
    let told = bed.run(&["exec", "hello"]).ends_with(1).stderr;
    assert!(told.contains("config.toml:") && told.contains("is bound to both"), "{told}");
}

#[test]
fn a_pasted_path_of_an_image_goes_out_as_the_image() {
    let bed = Bed::with_script("when\n  say \"Seen.\"\n");
    // The smallest PNG there is, one pixel.
    let png = "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c636000000002000148afa4710000000049454e44ae426082";
    let bytes: Vec<u8> =
        (0..png.len()).step_by(2).map(|at| u8::from_str_radix(&png[at..at + 2], 16).unwrap()).collect();
    let path = bed.file("home/work/my dot.png", bytes);
    let mut terminal = Terminal::quire(&bed, (100, 24), &[]);
    terminal.shows("› Ask Quire");
    terminal.keys(&format!("\u{1b}[200~{}\u{1b}[201~", path.display().to_string().replace(' ', "\\ ")));
    terminal.shows("[Image #1 my dot.png 1x1]");
    terminal.keys(" what is it?\r");
    terminal.shows("Worked for");
    terminal.keys("\u{16}");
    terminal.shows("Paste the path of an image file instead.");
    terminal.keys("\u{4}");
    assert_eq!(terminal.end().code, 0);
    let body = bed.bodies().last().map(ToString::to_string).unwrap_or_default();
    assert!(body.contains("input_image") && body.contains("[Image #1] what is it?"), "{body}");
}

#[test]
fn who_looks_elsewhere_is_told_by_the_terminal() {
    let bed = Bed::with_script("when\n  say \"Heard\\u0007 it.\"\n");
    for (arguments, told, is_focused) in [
        (&["-c", "tui.notification_method=\"osc9\""][..], "\u{1b}]9;Quire is done: Heard", false),
        (
            &[
                "-c",
                "tui.notification_condition=\"always\"",
                "-c",
                "tui.notification_method=\"osc777\"",
                "--no-alt-screen",
            ],
            "\u{1b}]777;notify;Quire;Quire is done: Heard",
            true,
        ),
    ] {
        let mut terminal = Terminal::quire(&bed, (80, 24), arguments);
        terminal.shows("› Ask Quire");
        terminal.keys(if is_focused { "\u{1b}[I" } else { "\u{1b}[O" });
        terminal.keys("hello\r");
        terminal.wait_for("the note", |seen| seen.has_sent(told));
        terminal.keys("\u{4}");
        assert_eq!(terminal.end().code, 0);
    }
}
