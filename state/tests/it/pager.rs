//! The pager: keys move, search and copy, and nothing that is typed there comes into the draft.

use quire_state::{
    Effect, Key, Msg, Report,
    cmd::HostEffect,
    item::{Item, ItemKind},
    key::ItemId,
    model::Lifecycle,
    msg::{HostReport, KeyCode, KeyPress},
    screen::{FIND_ROWS, Overlay, Pager, Row, Scroll},
};
use std::sync::Arc;

use crate::lab::Lab;

fn pager(lab: &Lab) -> &Pager {
    lab.model.screen.as_ref().unwrap().pager().unwrap()
}

fn is_open(lab: &Lab) -> bool {
    lab.model.screen.as_ref().unwrap().pager().is_some()
}

fn push(lab: &mut Lab, kind: ItemKind) -> ItemId {
    let id = lab.id();
    let thread = lab.model.engine.threads.get_mut(&id).unwrap();
    let id = thread.next_item();
    thread.items.push(Arc::new(Item { id, revision: 0, open: false, kind }));
    id
}

fn answer(text: &str) -> ItemKind {
    ItemKind::Agent { text: text.to_owned(), phase: None, cut: false }
}

fn user(text: &str) -> ItemKind {
    ItemKind::User(quire_state::item::UserInput::text(text))
}

/// A lab with the pager over two prompts and their answers; their names.
fn opened() -> (Lab, [ItemId; 4]) {
    let mut lab = Lab::interactive();
    let ids = [
        push(&mut lab, user("first")),
        push(&mut lab, answer("One:\n\n```sh\nls\n```\n\n```sh\npwd\n```\n")),
        push(&mut lab, user("second")),
        push(&mut lab, answer("That is all.")),
    ];
    lab.key(KeyPress::ctrl('t'));
    (lab, ids)
}

/// What was put on the clipboard last.
fn copied(lab: &Lab) -> Option<String> {
    let mut copies = lab.effects.iter().filter_map(|(_, effect)| match effect {
        Effect::Host(HostEffect::Copy { text }) => Some(text.clone()),
        _ => None,
    });
    copies.next_back()
}

fn at(id: ItemId, row: u32, up: i64) -> Scroll {
    Scroll::At { row: Row { item: Some(id), row }, up }
}

/// The painter tells where the window stands.
fn led(lab: &mut Lab, to: Scroll) {
    let from = pager(lab).scroll;
    lab.send(Msg::Report(Key::World, Report::Host(HostReport::Scrolled { from, to })));
    assert_eq!(pager(lab).scroll, to);
}

#[test]
fn it_opens_and_closes_and_leaves_the_draft_alone() {
    for closes in
        [KeyPress::ctrl('t'), KeyPress::plain(KeyCode::Esc), KeyPress::plain(KeyCode::Char('q')), KeyPress::ctrl('c')]
    {
        let mut lab = Lab::interactive();
        lab.type_text("draft");
        lab.key(KeyPress::ctrl('t'));
        assert!(is_open(&lab));
        // Enter sends nothing, and letters are not written.
        lab.type_text("xz?");
        lab.press(KeyCode::Enter);
        assert!(is_open(&lab));
        lab.key(closes);
        assert_eq!((is_open(&lab), lab.draft().as_str()), (false, "draft"), "{closes:?}");
    }
}

#[test]
fn ctrl_d_leaves_from_the_end_and_pages_once_it_was_moved() {
    let (mut lab, _) = opened();
    lab.key(KeyPress::ctrl('u'));
    lab.key(KeyPress::ctrl('d'));
    lab.key(KeyPress::ctrl('d'));
    assert!(is_open(&lab) && lab.model.lifecycle == Lifecycle::Running);
    lab.type_text("q");
    lab.key(KeyPress::ctrl('t'));
    lab.key(KeyPress::ctrl('d'));
    assert!(!is_open(&lab) && lab.model.lifecycle != Lifecycle::Running);
    // A draft is not thrown away.
    let (mut lab, _) = opened();
    lab.type_text("q");
    lab.type_text("draft");
    lab.key(KeyPress::ctrl('t'));
    lab.key(KeyPress::ctrl('d'));
    assert!(is_open(&lab) && lab.model.lifecycle == Lifecycle::Running);
}

#[test]
fn keys_move_the_window_and_not_the_transcript() {
    let (mut lab, [_, _, _, last]) = opened();
    lab.press(KeyCode::Up);
    assert_eq!(pager(&lab).scroll, Scroll::Up(1));
    led(&mut lab, at(last, 1, 0));
    lab.type_text("k");
    lab.type_text("j");
    lab.type_text("j");
    assert_eq!(pager(&lab).scroll, at(last, 1, -1));
    let page = |lab: &Lab| i64::from(lab.model.screen.as_ref().unwrap().size.rows) - 5;
    lab.press(KeyCode::PageUp);
    assert_eq!(pager(&lab).scroll, at(last, 1, page(&lab) - 1));
    lab.type_text(" ");
    lab.key(KeyPress::ctrl('u'));
    assert_eq!(pager(&lab).scroll, at(last, 1, page(&lab) / 2 - 1));
    lab.type_text("g");
    assert_eq!(pager(&lab).scroll, Scroll::START);
    lab.type_text("G");
    assert_eq!(pager(&lab).scroll, Scroll::Follow);
    assert_eq!(lab.model.screen.as_ref().unwrap().scroll, Scroll::Follow);
}

#[test]
fn a_search_is_written_taken_and_gone_on_with() {
    let (mut lab, [_, one, ..]) = opened();
    lab.type_text("/on");
    lab.send(Msg::Input(quire_state::msg::Input::Paste("e\n\u{1b}".to_owned())));
    assert_eq!(pager(&lab).typing.as_deref(), Some("one"));
    lab.press(KeyCode::Enter);
    assert_eq!((pager(&lab).typing.as_deref(), pager(&lab).query.as_str()), (None, "one"));
    assert_eq!(pager(&lab).scroll, Scroll::Find { row: Row::END, nth: 0, steps: -1 });
    let hit = |steps| Scroll::Find { row: Row { item: Some(one), row: 1 }, nth: 0, steps };
    led(&mut lab, hit(0));
    lab.type_text("n");
    lab.type_text("n");
    lab.type_text("N");
    assert_eq!(pager(&lab).scroll, hit(1));
    // Scrolled away, it goes on from the window.
    lab.press(KeyCode::Up);
    assert_eq!(pager(&lab).scroll, at(one, 1, FIND_ROWS + 1));
    lab.type_text("N");
    assert_eq!(pager(&lab).scroll, hit(-1));
    // What is given up changes nothing.
    lab.type_text("/two");
    lab.press(KeyCode::Esc);
    assert_eq!((pager(&lab).query.as_str(), pager(&lab).scroll), ("one", hit(-1)));
    lab.type_text("/");
    lab.press(KeyCode::Backspace);
    assert!(pager(&lab).typing.is_none() && is_open(&lab));
    lab.type_text("/");
    lab.press(KeyCode::Enter);
    assert_eq!(pager(&lab).query, "");
}

#[test]
fn it_goes_from_prompt_to_prompt() {
    let (mut lab, [first, _, second, _]) = opened();
    lab.type_text("[");
    assert_eq!(pager(&lab).scroll, at(second, 1, 0));
    // All of it fits, so the window stays at the end; the prompt before is still the one before.
    led(&mut lab, Scroll::Follow);
    lab.type_text("[");
    assert_eq!(pager(&lab).scroll, at(first, 1, 0));
    lab.type_text("]");
    assert_eq!(pager(&lab).scroll, at(second, 1, 0));
    lab.type_text("]");
    assert_eq!(pager(&lab).scroll, Scroll::Follow);
    lab.type_text("g");
    lab.type_text("[");
    assert_eq!(pager(&lab).scroll, Scroll::START);
    lab.type_text("]");
    assert_eq!(pager(&lab).scroll, at(first, 1, 0));
}

#[test]
fn a_part_or_its_code_is_copied_as_it_was_written() {
    let (mut lab, [_, one, ..]) = opened();
    lab.type_text("y");
    assert_eq!(copied(&lab).as_deref(), Some("That is all."));
    lab.type_text("g");
    lab.type_text("c");
    assert_eq!(copied(&lab).as_deref(), Some("ls"));
    lab.type_text("c");
    assert_eq!(copied(&lab).as_deref(), Some("pwd"));
    lab.type_text("c");
    assert_eq!(copied(&lab).as_deref(), Some("ls"));
    lab.type_text("k");
    led(&mut lab, at(one, 2, 0));
    lab.type_text("y");
    assert_eq!(copied(&lab).as_deref(), Some("One:\n\n```sh\nls\n```\n\n```sh\npwd\n```"));
}

#[test]
fn nothing_to_copy_is_said() {
    let mut lab = Lab::interactive();
    lab.key(KeyPress::ctrl('t'));
    lab.type_text("y");
    lab.type_text("c");
    assert_eq!(copied(&lab), None);
    let toast = lab.model.screen.as_ref().unwrap().toast.clone();
    assert!(toast.is_some_and(|(line, _)| line.contains("no block of code")));
}

#[test]
fn a_prompt_is_edited_from_where_it_is_read() {
    let marked = |lab: &Lab| match lab.model.screen.as_ref().unwrap().popup() {
        Some(Overlay::Rewind(open)) => open.said.at(),
        other => panic!("the choice of a message: {other:?}"),
    };
    let mut lab = Lab::interactive();
    lab.key(KeyPress::ctrl('t'));
    lab.type_text("e");
    assert!(is_open(&lab), "nothing was said yet");
    lab.press(KeyCode::Esc);
    for words in ["first", "second", "third"] {
        lab.type_text(words);
        lab.press(KeyCode::Enter);
        lab.answer(0, &format!("To {words}."));
        lab.complete();
    }
    // The end of the transcript is the newest message; a jump leads to another one; what follows a message belongs to it.
    for (keys, wanted) in [("e", 2), ("[e", 2), ("[[e", 1), ("[[[e", 0), ("[[[[e", 0)] {
        lab.key(KeyPress::ctrl('t'));
        lab.type_text(keys);
        assert_eq!(marked(&lab), wanted, "{keys}");
        lab.press(KeyCode::Esc);
    }
    lab.key(KeyPress::ctrl('t'));
    lab.type_text("[[e");
    lab.press(KeyCode::Enter);
    assert_eq!(lab.draft(), "second");
    assert_eq!(lab.model.shown().unwrap().log.turns(), 1);
    lab.press(KeyCode::Enter);
    lab.key(KeyPress::ctrl('t'));
    lab.type_text("e");
    assert!(is_open(&lab), "a turn runs");
    let (toast, _) = lab.model.screen.as_ref().unwrap().toast.clone().unwrap();
    assert!(toast.contains("Stop it with Esc"), "{toast}");
}
