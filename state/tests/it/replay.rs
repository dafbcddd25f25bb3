//! A recording written line by line is read back whole, and folds to an equal model.

use quire_state::{
    Clock, Msg, Report,
    msg::{KeyCode, KeyPress, ModelReport},
    replay::{FORMAT, Line, Past, Recording},
    screen::{Keymap, Overlay, overlay::Time},
    update::step,
};

use crate::lab::Lab;

fn recorded() -> (Lab, String) {
    let mut lab = Lab::interactive();
    lab.submit("hello");
    lab.delta(0, "Hi");
    lab.call(1, "c1", "exec_command", r#"{"cmd":"ls"}"#);
    lab.complete();
    lab.paint();
    lab.wait(500);
    lab.type_text("y");
    lab.print(1, "out\n");
    lab.exit(1, 0);
    let mut lines =
        vec![Line::Header { format: FORMAT, version: "0".to_owned() }, Line::Boot(Box::new(lab.boot.clone()))];
    lines.extend(lab.messages.iter().cloned().map(|msg| Line::Msg(Box::new(msg))));
    let text = lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
    (lab, text)
}

#[test]
fn a_recording_gives_an_equal_model() {
    let (lab, text) = recorded();
    let recording = Recording::read(&text).unwrap();
    assert_eq!(recording.messages, lab.messages);
    assert_eq!(recording.fold(None), lab.model);
    assert_eq!(recording.fold(Some(1)).engine.thread().unwrap().items.len(), 1);
}

#[test]
fn a_torn_last_line_is_left_out_and_other_damage_is_named() {
    let (lab, text) = recorded();
    let torn = &text[..text.len() - 10];
    assert_eq!(Recording::read(torn).unwrap().messages.len(), lab.messages.len() - 1);
    let damaged = text.replacen("\"Op\"", "\"Ox\"", 1);
    assert!(Recording::read(&damaged).unwrap_err().starts_with("line 3: "));
    assert!(Recording::read("hello").unwrap_err().starts_with("line 1: "));
    assert!(Recording::read("").is_err());
}

#[test]
fn every_moment_that_is_kept_is_as_it_was_and_what_changed_it_is_told() {
    let mut lab = Lab::interactive();
    lab.submit("hello");
    lab.answer(0, "Hi.");
    lab.complete();
    lab.type_text("more");
    let recording = Recording { boot: lab.boot.clone(), messages: lab.messages.clone() };
    let past = Past::of(&recording);
    let last = lab.messages.len() as u64;
    assert_eq!(past.span(), (0, last));
    for count in (0..=last).chain([0, last]) {
        assert_eq!(past.at(count).unwrap(), recording.fold(Some(count as usize)), "{count}");
    }
    assert_eq!(past.at(last).unwrap(), lab.model);
    let screen = lab.model.screen.clone().unwrap();
    let mut time = Time::new(past.span());
    time.step(&Keymap::default(), KeyPress::plain(KeyCode::Left));
    let shown = past.shown(&time, &screen).unwrap();
    assert_eq!(shown.screen.as_ref().unwrap().composer.text(), "mor");
    let Some(Overlay::Time(told)) = shown.screen.as_ref().unwrap().popup() else { panic!("a moment") };
    assert!(told.message.contains("Input") && told.changed == ["draft"], "{told:?}");
    // Further than the ends leads nowhere.
    for _ in 0..3 {
        time.step(&Keymap::default(), KeyPress::plain(KeyCode::PageUp));
    }
    assert!(time.at == 0 && past.shown(&time, &screen).is_some());
    assert!(!time.step(&Keymap::default(), KeyPress::plain(KeyCode::End)) && time.at == last);
    assert!(time.step(&Keymap::default(), KeyPress::plain(KeyCode::Esc)));
}

#[test]
fn the_past_of_a_long_run_is_bounded() {
    let mut lab = Lab::interactive();
    let mut past = Past::default();
    let mut model = lab.model.clone();
    for at in 0..4_000_u64 {
        let msg = Msg::Clock(Clock { mono_ms: at, unix_ms: at as i64 });
        past.note(&msg, &model);
        step(&mut model, msg);
    }
    let (first, last) = past.span();
    assert!(last == 4_000 && last - first <= 8 * 256, "{first} to {last}");
    assert_eq!(past.at(last).unwrap(), model);
    assert_eq!(past.at(0).unwrap().clock.mono_ms, first.saturating_sub(1), "the oldest that is known");
    // Long texts count, too.
    lab.submit("hello");
    let (key, _) = lab.request();
    let long = Msg::Report(key, Report::Model(ModelReport::Text { item: 0, delta: "x".repeat(1024 * 1024) }));
    for _ in 0..20 {
        past.note(&long, &lab.model);
    }
    let (first, last) = past.span();
    assert_eq!((first, last), (4_020, 4_020), "nothing is kept of a flood");
}
