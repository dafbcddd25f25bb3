//! The screen beside several threads: it shows one of them, and what happens in the others changes nothing on it.

use quire_state::{
    Cmd, Input, Key, Msg, Notice, Report, Sub,
    engine::{Thread, Turn},
    item::ItemKind,
    key::{ThreadId, TurnId},
    msg::{HostReport, KeyCode, KeyPress, Mods, Size},
    screen::{Overlay, Row, Scroll, follow, overlay::status},
    subscriptions,
};

use crate::lab::{Lab, boot_data};

/// A thread that a client has opened beside the one on the screen, and the one that the engine works on last.
fn other(lab: &mut Lab) -> ThreadId {
    let id = ThreadId("other".to_owned());
    lab.model.engine.threads.insert(id.clone(), Thread::new(id.clone(), std::sync::Arc::clone(&lab.model.settings)));
    lab.model.engine.active = Some(id.clone());
    id
}

fn told(lab: &mut Lab, notice: Notice) {
    let cmd = Cmd { notices: vec![notice], ..Cmd::none() };
    follow(&mut lab.model, &cmd);
}

#[test]
fn what_others_open_is_not_shown_and_gets_no_key() {
    let mut lab = Lab::interactive();
    let own = lab.model.shown().unwrap().id.clone();
    let other = other(&mut lab);
    told(&mut lab, Notice::ThreadStarted { thread: other.clone(), forked_from: None, items: Vec::new() });
    assert_eq!(lab.model.shown().unwrap().id, own);
    lab.type_text("hello");
    lab.press(KeyCode::Enter);
    assert!(lab.model.engine.threads[&own].running().is_some());
    assert_eq!(lab.model.engine.threads[&other].turn, Turn::Idle);
}

#[test]
fn a_turn_elsewhere_does_not_scroll() {
    let mut lab = Lab::interactive();
    let own = lab.model.shown().unwrap().id.clone();
    let other = other(&mut lab);
    lab.send(Msg::Input(Input::Wheel(-3)));
    told(&mut lab, begun(&other));
    assert_eq!(lab.model.screen.as_ref().unwrap().scroll, Scroll::Up(3));
    told(&mut lab, begun(&own));
    assert_eq!(lab.model.screen.as_ref().unwrap().scroll, Scroll::Follow);
    // Another thread is shown from its end, and the same one once more where it stands.
    lab.send(Msg::Input(Input::Wheel(-3)));
    lab.model.screen.as_mut().unwrap().show(own);
    assert_eq!(lab.model.screen.as_ref().unwrap().scroll, Scroll::Up(3));
    lab.model.screen.as_mut().unwrap().show(other);
    assert_eq!(lab.model.screen.as_ref().unwrap().scroll, Scroll::Follow);
}

#[test]
fn what_a_frame_shows_is_kept_and_a_late_report_of_it_moves_nothing() {
    let mut lab = Lab::interactive();
    let scroll = |lab: &Lab| lab.model.screen.as_ref().unwrap().scroll;
    let shown = Scroll::At { row: Row { item: None, row: 4 }, up: 0 };
    let led = |lab: &mut Lab, from, to| {
        lab.send(Msg::Report(Key::World, Report::Host(HostReport::Scrolled { from, to })));
        scroll(lab)
    };
    lab.send(Msg::Input(Input::Wheel(-3)));
    assert_eq!(led(&mut lab, Scroll::Up(3), shown), shown);
    // A report of a frame that is older than the way to the end.
    lab.send(Msg::Input(Input::Wheel(-2)));
    let wished = scroll(&lab);
    lab.model.screen.as_mut().unwrap().scroll = Scroll::Follow;
    assert_eq!(led(&mut lab, wished, shown), Scroll::Follow);
}

fn begun(thread: &ThreadId) -> Notice {
    Notice::TurnStarted { thread: thread.clone(), turn: TurnId("u".to_owned()), number: 1, unix_ms: 0 }
}

#[test]
fn the_status_is_opened_scrolled_and_closed() {
    let mut boot = boot_data(quire_state::boot::FaceKind::Full(Size { cols: 40, rows: 12 }));
    boot.config.context_window = Some(200_000);
    let mut lab = Lab::new(boot);
    let scrolled = |lab: &Lab| match lab.model.screen.as_ref().unwrap().popup() {
        Some(Overlay::Status(status)) => Some(status.scrolled),
        _ => None,
    };
    lab.type_text("/status");
    lab.press(KeyCode::Enter);
    assert_eq!((scrolled(&lab), lab.draft()), (Some(0), String::new()));
    let rows = status::rows(status::Subject::Session, lab.thread(), 40);
    let fact = |name: &str| rows.iter().find(|(of, _)| *of == name).map(|(_, fact)| fact.clone()).unwrap();
    assert_eq!(fact("Writable"), "/work");
    assert_eq!(fact("Context"), "100% left: 0 of 200000");
    assert!(rows.iter().all(|(_, piece)| piece.len() <= 23), "{rows:?}");
    lab.press(KeyCode::End);
    assert_eq!(scrolled(&lab), Some(u16::try_from(rows.len()).unwrap() - 1));
    lab.press(KeyCode::Home);
    lab.press(KeyCode::Down);
    assert_eq!(scrolled(&lab), Some(1));
    lab.press(KeyCode::Esc);
    assert_eq!(scrolled(&lab), None);
    assert_eq!(lab.requests(), 0, "nothing was said to the model");
}

#[test]
fn nothing_ticks_when_nothing_changes() {
    let ticks = |lab: &Lab| subscriptions(&lab.model).iter().any(|sub| matches!(sub, Sub::Tick { .. }));
    let mut lab = Lab::interactive();
    assert!(!ticks(&lab), "at the start");
    lab.submit("hello");
    assert!(ticks(&lab), "while a turn runs");
    lab.answer(0, "well");
    lab.complete();
    assert!(!ticks(&lab), "after the turn");
    lab.type_text("a draft");
    assert!(!ticks(&lab), "over a draft");
    // What passes by itself ends its own ticks.
    lab.key(KeyPress::ctrl('c'));
    lab.key(KeyPress::ctrl('c'));
    assert!(ticks(&lab), "while the exit is armed");
    let every_ms = lab.model.screen.as_ref().unwrap().tick_ms(&lab.model.engine).unwrap();
    for _ in 0..100 {
        lab.pass(every_ms);
    }
    assert!(!ticks(&lab), "once that is over");
}

#[test]
fn prompts_are_gone_to_one_after_the_other() {
    let mut lab = Lab::interactive();
    for words in ["first", "second", "third"] {
        lab.submit(words);
        lab.answer(0, "well");
        lab.complete();
    }
    let items = &lab.thread().items;
    let prompts: Vec<_> =
        items.iter().filter(|item| matches!(item.kind, ItemKind::User(_))).map(|item| item.id).collect();
    let at = |at: usize| Scroll::At { row: Row { item: Some(prompts[at]), row: 1 }, up: 0 };
    let press = |lab: &mut Lab, code| {
        lab.key(KeyPress { code, mods: Mods { shift: true, ..Mods::default() } });
        lab.model.screen.as_ref().unwrap().scroll
    };
    assert_eq!(press(&mut lab, KeyCode::Up), at(2));
    // The last one is on the last page, which is as far down as a window goes: the painter says so, and the next one is gone to
    // all the same.
    lab.send(Msg::Report(Key::World, Report::Host(HostReport::Scrolled { from: at(2), to: Scroll::Follow })));
    assert_eq!(press(&mut lab, KeyCode::Up), at(1));
    assert_eq!(press(&mut lab, KeyCode::Up), at(0));
    assert_eq!(press(&mut lab, KeyCode::Up), Scroll::START);
    assert_eq!(press(&mut lab, KeyCode::Down), at(0));
    assert_eq!(press(&mut lab, KeyCode::Down), at(1));
    // Scrolling by hand: from there on.
    lab.send(Msg::Input(Input::Wheel(3)));
    lab.send(Msg::Input(Input::Wheel(-3)));
    assert_eq!(press(&mut lab, KeyCode::Down), at(2));
    assert_eq!(press(&mut lab, KeyCode::Down), Scroll::Follow);
    assert_eq!(press(&mut lab, KeyCode::Up), at(2));
    // What is sent leads to the end, and from there the last prompt is the next.
    lab.submit("fourth");
    assert_eq!(lab.model.screen.as_ref().unwrap().prompt, None);
    assert!(lab.draft().is_empty());
}
