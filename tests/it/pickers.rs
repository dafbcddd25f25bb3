//! A walk over the panels in which something is chosen, in a terminal.

use crate::{bed::Bed, pty::Terminal};

#[test]
fn model_permissions_and_sessions_are_chosen_in_the_terminal() {
    let bed = Bed::with_script("when\n  say \"Answer {{turn}}.\"\n");
    let mut terminal = Terminal::quire(&bed, (100, 30), &[]);
    terminal.shows("› Ask Quire");
    terminal.keys("the first question\r");
    terminal.shows("Answer 1.");
    terminal.shows("› Ask Quire");

    terminal.keys("/model\r");
    terminal.shows("▌ Model and effort");
    terminal.keys("\x1b");
    terminal.hides("▌ Model and effort");
    terminal.keys("/model gpt-5.4 high\r");
    terminal.shows("gpt-5.4 high from the next turn on");
    terminal.keys("/permissions\r");
    terminal.shows("▌ What may commands do?");
    terminal.keys("1");
    terminal.shows("› 1  Read only");
    terminal.keys("\r");
    terminal.shows("commands write nothing");

    terminal.keys("/new\r");
    terminal.hides("Answer 1.");
    terminal.shows("› Ask Quire");
    terminal.keys("another question\r");
    terminal.wait_for("the answer in the new session", |seen| seen.has("Answer") && !seen.has("the first question"));
    terminal.shows("› Ask Quire");
    terminal.keys("/resume\r");
    terminal.shows("the first question");
    terminal.keys("nothing like it");
    terminal.shows("No session fits.");
    terminal.keys(&"\x7f".repeat("nothing like it".len()));
    terminal.shows("▌ › 0 min");
    terminal.keys("\r");
    terminal.wait_for("the first session", |seen| seen.has("Answer 1.") && !seen.has("▌ Sessions"));
    terminal.keys("/fork\r");
    terminal.shows("› Ask Quire");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);

    let models: Vec<String> =
        bed.bodies().iter().filter_map(|body| body["model"].as_str().map(str::to_owned)).collect();
    assert_eq!(models.len(), 2);
    assert_eq!(models[1], "gpt-5.4");
    assert_eq!(bed.bodies()[1]["reasoning"]["effort"], "high");
}

#[test]
fn a_theme_is_saved_in_the_configuration_and_the_rest_of_it_stays() {
    let bed = Bed::with_script("when\n  say \"Answer.\"\n");
    let path = bed.path("codex/config.toml");
    let before = std::fs::read_to_string(&path).unwrap() + "\n# mine\n[tui] # here\nanimations = false\n";
    std::fs::write(&path, &before).unwrap();
    let mut terminal = Terminal::quire(&bed, (100, 30), &[]);
    terminal.shows("› Ask Quire");
    terminal.keys("/theme\r");
    terminal.shows("1 of 35");
    terminal.keys("\x1b[B\x1b[B\r");
    terminal.shows("Theme quire-light. Saved in ");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before.clone() + "theme = \"quire-light\"\n");
    terminal.keys("/statusline\r");
    terminal.shows("▌ Status line · 4 on");
    terminal.keys("\x1b");
    terminal.hides("▌ Status line");
    terminal.keys("/statusline codex-version model\r");
    terminal.shows("  v0.1.0 · scripted");
    terminal.shows("Status line: codex-version, model. Saved in ");
    terminal.keys("/title off\r");
    terminal.shows("Window title off. Saved in ");
    let saved = "theme = \"quire-light\"\nstatus_line = [\"codex-version\", \"model\"]\nterminal_title = []\n";
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before.clone() + saved);
    std::fs::write(&path, "model = = 1\n").unwrap();
    terminal.keys("/theme nord\r");
    terminal.shows("Nothing was saved: ");
    terminal.shows("config.toml:1:9");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "model = = 1\n");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn a_stored_session_is_named_put_away_taken_back_and_deleted() {
    let bed = Bed::with_script("when\n  say \"Answer {{turn}}.\"\n");
    let mut terminal = Terminal::quire(&bed, (100, 30), &[]);
    terminal.shows("› Ask Quire");
    terminal.keys("the first question\r");
    terminal.shows("Answer 1.");
    terminal.shows("› Ask Quire");
    let stored = bed.rollouts().remove(0);
    terminal.keys("/new\r");
    terminal.hides("Answer 1.");
    terminal.shows("› Ask Quire");
    terminal.keys("/resume\r");
    terminal.shows("the first question");
    terminal.keys("\x0e");
    terminal.shows("Name: ");
    terminal.keys("kept");
    terminal.shows("Name: kept");
    terminal.keys("\r");
    terminal.shows("0 min   kept");
    terminal.keys("\x18");
    terminal.shows("This folder has no other session.");
    assert!(!stored.exists());
    terminal.keys("\t\t");
    terminal.shows("Sessions · archived");
    terminal.shows("  kept");
    terminal.keys("\x18");
    terminal.shows("No session is archived.");
    assert!(stored.exists());
    terminal.keys("\t");
    terminal.shows("0 min   kept");
    terminal.keys("\x04");
    terminal.shows("Delete this session for good?");
    terminal.keys("y");
    terminal.shows("This folder has no other session.");
    assert!(!stored.exists());
    terminal.keys("\x1b");
    terminal.hides("Sessions");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn a_session_is_found_by_what_was_said_in_it() {
    let mut bed = Bed::with_script(
        "when user=\"one\"\n  say \"The berth is narrow.\"\n\nwhen user=\"two\"\n  say \"Nothing.\\n\\nThe Lighthouse is north of it.\"\n",
    );
    for (prompt, seed) in [("one", "8"), ("two", "9")] {
        // Each session has an id of its own.
        bed.set("QUIRE_TEST_SEED", seed);
        let ran = bed.run(&["exec", prompt]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
    bed.set("QUIRE_TEST_SEED", "10");
    let mut terminal = Terminal::quire(&bed, (100, 30), &[]);
    terminal.shows("› Ask Quire");
    terminal.keys("/resume\r");
    terminal.wait_for("both", |seen| seen.has("› 0 min   two") && seen.has("0 min   one"));
    terminal.shows("• Nothing.");
    terminal.keys("\x1b[B");
    terminal.shows("• The berth is narrow.");
    terminal.keys("north light");
    terminal.wait_for("the one", |seen| {
        seen.has("› 0 min   two") && !seen.has("0 min   one") && seen.has("found: The Lighthouse is north of it.")
    });
    terminal.keys("\r");
    terminal.wait_for("the session", |seen| seen.has("The Lighthouse is north of it.") && !seen.has("Sessions ·"));
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}
