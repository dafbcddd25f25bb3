//! The draft in the user's editor (Ctrl-G).

use quire_state::{
    Effect, Key, Msg, Report,
    cmd::HostEffect,
    fault::{Fault, FaultKind},
    msg::{HostReport, KeyCode, KeyPress},
};

use crate::lab::Lab;

/// The request that is out, and the text that it has.
fn asked(lab: &Lab) -> (Key, String) {
    let found = lab.effects.iter().rev().find_map(|(key, effect)| match effect {
        Effect::Host(HostEffect::Edit { text }) => Some((key.clone(), text.clone())),
        _ => None,
    });
    found.unwrap()
}

fn answer(lab: &mut Lab, report: Report) {
    let key = asked(lab).0;
    lab.send(Msg::Report(key, report));
}

fn signal(lab: &mut Lab, number: u8) {
    lab.send(Msg::Report(Key::World, Report::Host(HostReport::Signal { number })));
}

#[test]
fn what_the_editor_leaves_is_the_draft() {
    let mut lab = Lab::interactive();
    lab.type_text("half");
    lab.key(KeyPress::ctrl('g'));
    assert_eq!(asked(&lab).1, "half");
    answer(&mut lab, Report::Host(HostReport::Edited { text: "whole\nof it".to_owned() }));
    assert_eq!(lab.draft(), "whole\nof it");
    lab.type_text("!");
    assert_eq!(lab.draft(), "whole\nof it!");
}

#[test]
fn a_failure_is_said_and_leaves_the_draft() {
    let mut lab = Lab::interactive();
    lab.type_text("half");
    lab.key(KeyPress::ctrl('g'));
    answer(&mut lab, Report::Failed(Fault::new(FaultKind::Missing, "No editor is set.")));
    assert_eq!(lab.draft(), "half");
    let toast = lab.model.screen.as_ref().and_then(|screen| screen.toast.clone()).unwrap_or_default().0;
    assert!(toast.contains("No editor is set."), "{toast}");
}

#[test]
fn what_was_typed_meanwhile_is_not_lost() {
    let mut lab = Lab::interactive();
    lab.type_text("half");
    lab.key(KeyPress::ctrl('g'));
    lab.type_text(" more");
    answer(&mut lab, Report::Host(HostReport::Edited { text: "edited".to_owned() }));
    assert_eq!(lab.draft(), "edited");
    lab.press(KeyCode::Up);
    assert_eq!(lab.draft(), "half more");
}

#[test]
fn ctrl_c_in_the_editor_does_not_end_quire() {
    let mut lab = Lab::interactive();
    lab.key(KeyPress::ctrl('g'));
    signal(&mut lab, 2);
    assert_eq!(lab.model.lifecycle, quire_state::model::Lifecycle::Running);
    answer(&mut lab, Report::Host(HostReport::Edited { text: String::new() }));
    signal(&mut lab, 2);
    assert_ne!(lab.model.lifecycle, quire_state::model::Lifecycle::Running);
}
