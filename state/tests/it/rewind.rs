//! Going back to an earlier message by Esc Esc.

use quire_state::{
    Effect, Key, Msg, Report,
    changes::Consent,
    cmd::{UndoEffect, Way},
    key::TurnId,
    msg::{KeyCode, KeyPress, Mods, Tally, TurnTally, UndoDone, UndoReport},
    screen::{Overlay, Rewind, overlay::rewind::GoBack},
};

use crate::{lab::Lab, undo::done};

/// A session with these messages, each answered.
fn talk(messages: &[&str]) -> Lab {
    let mut lab = Lab::interactive();
    for message in messages {
        lab.submit(message);
        lab.answer(0, &format!("On {message}."));
        lab.complete();
    }
    lab
}

fn open(lab: &Lab) -> Option<&Rewind> {
    match lab.model.screen.as_ref().unwrap().popup() {
        Some(Overlay::Rewind(rewind)) => Some(rewind),
        _ => None,
    }
}

fn turns(lab: &Lab) -> Vec<TurnId> {
    lab.thread().undo.turns.iter().map(|(turn, _)| turn.clone()).collect()
}

fn esc_twice(lab: &mut Lab) {
    lab.press(KeyCode::Esc);
    lab.press(KeyCode::Esc);
}

/// The newest request about files that is in flight.
fn asked(lab: &Lab) -> Option<(Key, UndoEffect)> {
    lab.effects.iter().rev().find_map(|(key, effect)| match effect {
        Effect::Undo(effect) if lab.model.engine.in_flight.contains(key) => Some((key.clone(), effect.clone())),
        _ => None,
    })
}

fn answer(lab: &mut Lab, report: UndoReport) {
    let (key, _) = asked(lab).unwrap();
    lab.send(Msg::Report(key, Report::Undo(report)));
}

/// Counts what these turns changed: a file each.
fn count(lab: &mut Lab, turns: &[TurnId]) {
    assert!(matches!(asked(lab), Some((_, UndoEffect::Tally { .. }))));
    let one = Tally { files: 1, added: 2, removed: 1 };
    let tally = |turn: &TurnId| TurnTally { turn: turn.clone(), own: one, all: one, kept: Vec::new() };
    answer(lab, UndoReport::Tallied(turns.iter().map(tally).collect()));
}

#[test]
fn the_conversation_goes_back_to_before_the_message_and_its_words_are_the_draft() {
    let mut lab = talk(&["first", "second", "third"]);
    esc_twice(&mut lab);
    let rewind = open(&lab).unwrap();
    assert_eq!((rewind.said.rows().len(), rewind.said.at()), (3, 2), "the newest is marked");
    count(&mut lab, &[]);
    assert_eq!(open(&lab).unwrap().choices.rows(), [GoBack::Words], "no turn changed a file");
    lab.key(KeyPress { code: KeyCode::Up, mods: Mods { shift: true, ..Mods::default() } });
    lab.press(KeyCode::Enter);
    assert!(open(&lab).is_none());
    assert_eq!(lab.draft(), "second");
    let items = lab.items().join("\n");
    assert!(items.contains("On first.") && !items.contains("On second."), "{items}");
    assert!(items.contains("The last 2 turns were taken out"), "{items}");
    assert!(lab.history().iter().all(|item| !item.contains("On second.")), "{:?}", lab.history());
    assert_eq!(
        lab.effects.iter().filter(|(_, effect)| matches!(effect, Effect::Undo(UndoEffect::Carry { .. }))).count(),
        0
    );
    // The changed message goes up in the place of the one that was gone back to.
    lab.type_text("!");
    lab.press(KeyCode::Enter);
    assert!(lab.history().last().unwrap().contains("second!"), "{:?}", lab.history());
}

#[test]
fn files_of_all_turns_since_are_taken_back_the_newest_first() {
    let mut lab = talk(&["first", "second", "third"]);
    let all = turns(&lab);
    esc_twice(&mut lab);
    count(&mut lab, &all[1..]);
    assert_eq!(open(&lab).unwrap().choices.rows(), [GoBack::Both, GoBack::Words, GoBack::Files]);
    lab.press(KeyCode::Left);
    lab.press(KeyCode::Left);
    assert_eq!(open(&lab).unwrap().undoes().map(|tally| &tally.turn), Some(&all[1]));
    lab.press(KeyCode::Right);
    lab.press(KeyCode::Enter);
    assert_eq!(lab.draft(), "second");
    let carried = |lab: &Lab| match asked(lab) {
        Some((_, UndoEffect::Carry { way: Way::Undo, consent: Consent::Rest, turns, .. })) => turns,
        other => panic!("{other:?}"),
    };
    assert_eq!(carried(&lab), all[1..]);
    let of = |lab: &Lab, turn: &TurnId| match done(lab, &["/work/a"]) {
        UndoReport::Done(done) => UndoReport::Done(Box::new(UndoDone { turn: turn.clone(), ..*done })),
        other => other,
    };
    let report = of(&lab, &all[2]);
    let (key, _) = asked(&lab).unwrap();
    lab.send(Msg::Report(key, Report::Undo(report)));
    // What became of the turn is asked, too.
    let carry = lab.effects.iter().rev().find_map(|(key, effect)| match effect {
        Effect::Undo(UndoEffect::Carry { turns, .. }) => Some((key.clone(), turns.clone())),
        _ => None,
    });
    let (key, left) = carry.unwrap();
    assert_eq!(left, all[1..2], "the one before it is next");
    let report = of(&lab, &all[1]);
    lab.send(Msg::Report(key, Report::Undo(report)));
    assert!(lab.model.engine.threads.values().all(|thread| !thread.undo.is_carrying()));
    // The conversation knows nothing of these turns any more, so it is told nothing of their files.
    assert!(lab.history().iter().all(|item| !item.contains("files_restored")), "{:?}", lab.history());
}

#[test]
fn only_the_files_may_go_back() {
    let mut lab = talk(&["first"]);
    let all = turns(&lab);
    esc_twice(&mut lab);
    count(&mut lab, &all);
    lab.press(KeyCode::Char('3'));
    lab.press(KeyCode::Enter);
    assert_eq!(lab.draft(), "");
    assert!(lab.items().iter().any(|item| item.contains("On first.")));
    assert!(matches!(asked(&lab), Some((_, UndoEffect::Carry { turns, .. })) if turns == all));
}

#[test]
fn one_press_is_not_enough_and_a_turn_is_interrupted_as_ever() {
    let mut lab = talk(&[]);
    esc_twice(&mut lab);
    assert!(open(&lab).is_none(), "nothing was said");
    let mut lab = talk(&["first"]);
    lab.press(KeyCode::Esc);
    lab.pass(1_001);
    lab.press(KeyCode::Esc);
    assert!(open(&lab).is_none(), "too late");
    lab.press(KeyCode::Down);
    lab.press(KeyCode::Esc);
    assert!(open(&lab).is_none(), "another key came between");
    lab.type_text("draft");
    esc_twice(&mut lab);
    assert!(open(&lab).is_none() && lab.draft() == "draft");
    lab.press(KeyCode::Enter);
    esc_twice(&mut lab);
    assert!(lab.thread().running().is_none() && open(&lab).is_none());
}

#[test]
fn it_closes_by_esc_and_changes_nothing() {
    let mut lab = talk(&["first"]);
    esc_twice(&mut lab);
    let items = lab.items();
    lab.press(KeyCode::Esc);
    assert!(open(&lab).is_none());
    assert_eq!((lab.items(), lab.draft().as_str()), (items, ""));
    // An answer that comes late is not waited for.
    count(&mut lab, &[]);
    assert!(open(&lab).is_none());
}
