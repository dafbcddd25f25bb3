//! Earlier submissions.

use super::*;

fn with_history(entries: &[&str]) -> Composer {
    Composer::new(entries.iter().map(|entry| (*entry).to_owned()).collect())
}

#[test]
fn up_walks_back_and_down_returns_to_the_draft() {
    let mut composer = with_history(&["one", "two"]);
    press(&mut composer, "draft<up>", WIDTH);
    assert_eq!(marked(&composer), "two|");
    press(&mut composer, "<up>", WIDTH);
    assert_eq!(marked(&composer), "one|");
    assert!(!composer.recall_previous());
    press(&mut composer, "<up><down>", WIDTH);
    assert_eq!(marked(&composer), "two|");
    press(&mut composer, "<down>", WIDTH);
    assert_eq!(marked(&composer), "draft|");
    assert!(!composer.recall_next());
}

#[test]
fn rows_come_before_history() {
    let mut composer = with_history(&["one\ntwo"]);
    press(&mut composer, "<up><up>", WIDTH);
    assert_eq!(marked(&composer), "one|\ntwo");
    press(&mut composer, "<down><down>", WIDTH);
    assert_eq!(marked(&composer), "|");
}

#[test]
fn what_was_changed_on_the_way_is_kept_until_something_is_sent() {
    let mut composer = with_history(&["one", "two"]);
    press(&mut composer, "draft<up>!<up>?<down>", WIDTH);
    assert_eq!(marked(&composer), "two!|");
    press(&mut composer, "<down>", WIDTH);
    assert_eq!(marked(&composer), "draft|");
    press(&mut composer, "<up><up>", WIDTH);
    assert_eq!(marked(&composer), "one?|");
    assert_eq!(composer.take(), UserInput::text("one?"));
    press(&mut composer, "<up><up><up>", WIDTH);
    assert_eq!(marked(&composer), "one|");
}

#[test]
fn what_was_sent_is_recalled_with_its_pills() {
    let mut composer = composer("|");
    composer.paste(&"x".repeat(2000));
    composer.attach_image(image("one"));
    let sent = composer.take();
    press(&mut composer, "<up>", WIDTH);
    assert_eq!(marked(&composer), "[Pasted Content 2000 chars][Image #1]|");
    assert_eq!(composer.take(), sent);
}

#[test]
fn a_cleared_draft_is_recalled() {
    let mut composer = composer("half a th|ought");
    composer.clear_to_recall();
    assert!(composer.is_empty());
    press(&mut composer, "<c-_><up>", WIDTH);
    assert_eq!(marked(&composer), "half a thought|");
}

#[test]
fn blanks_and_repetitions_are_not_kept() {
    let mut composer = composer("|");
    for text in ["same", "same", " \n", ""] {
        composer.set_text(text);
        composer.take();
    }
    press(&mut composer, "<up>", WIDTH);
    assert_eq!(marked(&composer), "same|");
    assert!(!composer.recall_previous());
}

#[test]
fn taking_and_setting_leave_nothing_to_undo() {
    check("|", "", "|");
    let mut composer = composer("sent|");
    press(&mut composer, "!", WIDTH);
    composer.take();
    press(&mut composer, "<c-_>", WIDTH);
    assert!(composer.is_empty());
    press(&mut composer, "x", WIDTH);
    composer.set_text("set");
    press(&mut composer, "<c-_>", WIDTH);
    assert_eq!(marked(&composer), "set|");
}

#[test]
fn recall_is_bounded() {
    let entries: Vec<String> = (0..crate::limits::RECALL_ITEMS + 5).map(|number| number.to_string()).collect();
    let mut composer = Composer::new(entries);
    while composer.recall_previous() {}
    assert_eq!(composer.text(), "5");

    let half = crate::limits::RECALL_BYTES / 2 + 1;
    let mut composer = Composer::new(vec!["small".to_owned(), "x".repeat(half), "y".repeat(half)]);
    assert!(composer.recall_previous());
    assert!(composer.text().starts_with('y'));
    assert!(!composer.recall_previous());
}
