//! `quire archive`, `unarchive` and `delete`.

use crate::{bed::Bed, pty::Terminal};

/// A bed with one stored session, and its id.
fn stored() -> (Bed, String) {
    let bed = Bed::with_script("when\n  say \"Heard.\"\n");
    assert_eq!(bed.run(&["exec", "hello"]).code, Some(0));
    let rollout = bed.rollouts().remove(0);
    let name = rollout.file_stem().unwrap().to_str().unwrap();
    let id = name[name.len() - 36..].to_owned();
    (bed, id)
}

#[test]
fn a_session_is_put_away_taken_back_and_deleted() {
    let (bed, id) = stored();
    let file = bed.rollouts().remove(0);
    let name = file.file_name().unwrap().to_owned();
    let archived = bed.path("codex/archived_sessions").join(&name);
    let says = |line: &[&str], code: i32, out: &str, error: &str| {
        let ran = bed.run(line);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), out), "{line:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(error), "{line:?}: {}", ran.stderr);
    };
    says(&["unarchive", &id], 1, "", "is not archived");
    says(&["archive", &id[..8]], 0, &format!("Archived session {id}.\n"), "");
    assert!(archived.exists() && !file.exists());
    says(&["archive", &id], 1, "", "is archived already");
    says(&["archive", "nothing"], 1, "", "No session named nothing was found");
    says(&["archive", ""], 1, "", "names no session");
    says(&["archive"], 2, "", "<SESSION>");
    says(&["unarchive", &id], 0, &format!("Unarchived session {id}.\n"), "");
    assert!(!archived.exists() && file.exists());
    says(&["delete", &id], 1, "", &format!("quire delete --force {id}"));
    says(&["delete", "--force", &id[..8]], 1, "", &format!("quire delete --force {id}"));
    assert!(file.exists());
    says(&["delete", "--force", &id], 0, &format!("Deleted session {id}.\n"), "");
    assert!(!file.exists());
    says(&["delete", "--force", &id], 1, "", "No session");
}

#[test]
fn before_a_session_is_deleted_it_is_asked_and_an_open_one_is_left() {
    let (mut bed, id) = stored();
    let file = bed.rollouts().remove(0);
    for (answer, said) in [("\r", "Nothing was deleted."), ("no\r", "Nothing was deleted.")] {
        let mut terminal = Terminal::quire(&bed, (80, 24), &["delete", &id]);
        terminal.shows("Type y and Enter for yes:");
        terminal.keys(answer);
        terminal.shows(said);
        assert_eq!(terminal.end().code, 0);
    }
    // Open elsewhere.
    bed.set("QUIRE_TEST_SEED", "8");
    let mut open = Terminal::quire(&bed, (80, 24), &["resume", &id]);
    open.shows("Heard.");
    open.keys("more\r");
    open.wait_for("another answer", |seen| seen.text().matches("Heard.").count() == 2);
    let ran = bed.run(&["delete", "--force", &id]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("in use") && file.exists(), "{}", ran.stderr);
    open.keys("\x04");
    assert_eq!(open.end().code, 0);
    let mut terminal = Terminal::quire(&bed, (80, 24), &["delete", &id]);
    terminal.shows("Type y and Enter for yes:");
    terminal.keys("y\r");
    terminal.shows("Deleted session");
    assert_eq!(terminal.end().code, 0);
    assert!(!file.exists());
}
