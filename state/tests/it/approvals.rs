//! An answer counts only after the question was painted, has the focus, and the keyboard has been quiet.

use proptest::prelude::*;
use quire_state::{
    Input, Msg,
    limits::QUIET_MS,
    msg::{KeyCode, KeyPress, Mods},
};

use crate::lab::Lab;

fn asked() -> Lab {
    let mut lab = Lab::interactive();
    lab.wait(10_000);
    lab.submit("x");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"rm -rf /"}"#);
    lab.complete();
    lab
}

#[test]
fn a_calm_yes_counts() {
    let mut lab = asked();
    lab.paint();
    lab.wait(QUIET_MS);
    lab.press(KeyCode::Char('y'));
    assert_eq!(lab.spawned().len(), 1);
}

#[test]
fn an_unpainted_question_takes_no_answer() {
    let mut lab = asked();
    lab.wait(60_000);
    lab.press(KeyCode::Char('y'));
    lab.press(KeyCode::Enter);
    assert!(lab.spawned().is_empty());
    let steer = &lab.thread().running().unwrap().steer;
    assert_eq!(steer[0].text, "y", "the keys went to the draft, and Enter sent it");
}

#[test]
fn a_hasty_yes_is_text() {
    let mut lab = asked();
    lab.paint();
    lab.wait(QUIET_MS - 1);
    lab.press(KeyCode::Char('y'));
    assert!(lab.spawned().is_empty());
    assert_eq!(lab.model.screen.as_ref().unwrap().composer.text(), "y");
    lab.wait(60_000);
    lab.press(KeyCode::Char('a'));
    assert!(lab.spawned().is_empty(), "somebody who writes keeps the keyboard");
    lab.press(KeyCode::Tab);
    lab.wait(QUIET_MS);
    lab.press(KeyCode::Char('y'));
    assert_eq!(lab.spawned().len(), 1, "after turning to the question a calm yes counts");
}

#[test]
fn no_with_a_sentence() {
    let mut lab = asked();
    lab.paint();
    lab.wait(QUIET_MS);
    lab.press(KeyCode::Char('n'));
    lab.type_text("too much");
    lab.press(KeyCode::Enter);
    assert!(lab.spawned().is_empty());
    assert!(lab.history().last().unwrap().ends_with("said: too much"), "{:?}", lab.history());
}

#[test]
fn ctrl_c_goes_its_ladder() {
    let mut lab = Lab::interactive();
    let ctrl_c = || Msg::Input(Input::Key(KeyPress::ctrl('c')));
    lab.submit("x");
    lab.type_text("draft");
    lab.send(ctrl_c());
    assert!(lab.model.screen.as_ref().unwrap().composer.is_empty());
    assert!(lab.thread().running().is_some(), "the draft goes first");
    lab.send(ctrl_c());
    assert!(lab.thread().running().is_none(), "then the turn");
    lab.save();
    lab.send(ctrl_c());
    assert!(lab.model.screen.as_ref().unwrap().exit_armed_until_ms.is_some(), "then the exit is armed");
    lab.wait(5_000);
    lab.send(ctrl_c());
    assert_eq!(lab.model.life, quire_state::model::Life::Running, "an old arming does not count");
    lab.send(ctrl_c());
    assert_ne!(lab.model.life, quire_state::model::Life::Running);
}

fn any_key() -> impl Strategy<Value = KeyPress> {
    let code = prop_oneof![
        8 => prop::sample::select(vec!['y', 'a', 'n', 'c', '1', '2', 'x', ' ', '/']).prop_map(KeyCode::Char),
        2 => Just(KeyCode::Enter),
        1 => Just(KeyCode::Tab),
        1 => Just(KeyCode::Up),
        1 => Just(KeyCode::Down),
        1 => Just(KeyCode::Backspace),
    ];
    (code, prop::bool::weighted(0.1), prop::bool::weighted(0.1))
        .prop_map(|(code, ctrl, alt)| KeyPress { code, mods: Mods { ctrl, alt, shift: false } })
}

/// Presses keys from before the question on, never pausing as long as the quiet time; the question comes up and is
/// painted somewhere in between. Gives the number of commands that were let run.
pub(crate) fn typing_through(keys: &[(KeyPress, u64)], asked_at: usize, painted_at: usize) -> usize {
    let mut lab = Lab::interactive();
    lab.wait(10_000);
    lab.submit("x");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"rm -rf /"}"#);
    for (at, (press, gap_ms)) in keys.iter().enumerate() {
        if at == asked_at {
            lab.complete();
        }
        if at >= asked_at.max(painted_at) {
            lab.paint();
        }
        lab.wait(gap_ms % QUIET_MS);
        lab.send(Msg::Input(Input::Key(*press)));
        lab.save();
    }
    lab.spawned().len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn typing_that_began_before_never_approves(
        keys in prop::collection::vec((any_key(), 0u64..QUIET_MS), 1..40),
        asked_at in 0usize..20,
        painted_at in 0usize..20,
    ) {
        prop_assert_eq!(typing_through(&keys, asked_at, painted_at), 0);
    }
}
