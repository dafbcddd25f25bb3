//! An answer counts only after the question was painted, has the focus, and the keyboard has been quiet.

use proptest::prelude::*;
use quire_state::{
    Input, Key, Msg, Report,
    item::{Body, Item},
    limits::QUIET_MS,
    msg::{HostReport, KeyCode, KeyPress, Mods},
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

fn told(lab: &mut Lab, report: HostReport) {
    lab.send(Msg::Report(Key::World, Report::Host(report)));
}

/// A terminal that answers queries has not worked through the question, and somebody presses keys all the same.
pub(crate) fn blind_yes() -> (Lab, usize) {
    let mut lab = Lab::interactive();
    told(&mut lab, HostReport::Answers);
    lab.wait(10_000);
    lab.submit("x");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"rm -rf /"}"#);
    lab.complete();
    lab.paint();
    // An answer for what was there before.
    told(&mut lab, HostReport::Seen { question: 0 });
    for key in [KeyCode::Char('y'), KeyCode::Backspace, KeyCode::Tab, KeyCode::Enter, KeyCode::Tab, KeyCode::Char('1')]
    {
        lab.wait(60_000);
        lab.press(key);
    }
    let count = lab.spawned().len();
    (lab, count)
}

#[test]
fn a_question_that_nobody_can_have_seen_takes_no_answer() {
    let (mut lab, count) = blind_yes();
    assert_eq!(count, 0);
    assert!(lab.model.screen.as_ref().unwrap().waits_for_sight());
    lab.press(KeyCode::Backspace);
    lab.press(KeyCode::Tab);
    lab.wait(60_000);
    let question = lab.model.screen.as_ref().unwrap().question.as_ref().unwrap().shown();
    told(&mut lab, HostReport::Seen { question });
    assert!(!lab.model.screen.as_ref().unwrap().waits_for_sight());
    lab.wait(QUIET_MS - 1);
    lab.press(KeyCode::Char('y'));
    assert!(lab.spawned().is_empty(), "a key that was on its way was pressed before");
    lab.press(KeyCode::Backspace);
    lab.press(KeyCode::Tab);
    lab.wait(QUIET_MS);
    lab.press(KeyCode::Char('y'));
    assert_eq!(lab.spawned().len(), 1);
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
fn the_first_letter_of_a_sentence_allows_nothing_for_good() {
    let mut lab = asked();
    lab.paint();
    lab.wait(QUIET_MS);
    lab.type_text("also do this");
    assert!(lab.spawned().is_empty());
    assert_eq!(lab.model.screen.as_ref().unwrap().composer.text(), "lso do this");
    // Marked it is taken by Enter, or by its letter once more, and neither needs a new quiet.
    for second in [KeyCode::Enter, KeyCode::Char('a')] {
        let mut lab = asked();
        lab.paint();
        lab.wait(QUIET_MS);
        lab.press(KeyCode::Char('a'));
        assert!(lab.spawned().is_empty());
        lab.wait(10);
        lab.press(second);
        assert_eq!((lab.spawned().len(), lab.thread().accepted.len()), (1, 1));
    }
}

#[test]
fn keys_that_the_question_takes_need_no_new_quiet() {
    let mut lab = asked();
    lab.paint();
    lab.wait(QUIET_MS);
    for code in [KeyCode::Down, KeyCode::Down, KeyCode::Up, KeyCode::Up, KeyCode::Enter] {
        assert!(lab.spawned().is_empty());
        lab.press(code);
        lab.wait(20);
    }
    assert_eq!(lab.spawned().len(), 1);
    // But arrows that came too early are none of its own.
    let mut lab = asked();
    lab.paint();
    for code in [KeyCode::Down, KeyCode::Up, KeyCode::Enter] {
        lab.wait(QUIET_MS - 1);
        lab.press(code);
    }
    assert!(lab.spawned().is_empty());
}

#[test]
fn a_long_question_is_read_without_answering() {
    let mut lab = asked();
    lab.press(KeyCode::PageDown);
    lab.press(KeyCode::PageDown);
    lab.press(KeyCode::PageUp);
    let question = lab.model.screen.as_ref().unwrap().question.as_ref().unwrap();
    assert!(question.focused && question.scrolled > 0, "{question:?}");
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
        8 => prop::sample::select(vec!['y', 'a', 'p', 'n', 'c', '1', '2', 'x', ' ', '/']).prop_map(KeyCode::Char),
        2 => Just(KeyCode::Enter),
        1 => Just(KeyCode::Tab),
        1 => Just(KeyCode::Up),
        1 => Just(KeyCode::Down),
        1 => Just(KeyCode::Backspace),
    ];
    (code, prop::bool::weighted(0.1), prop::bool::weighted(0.1))
        .prop_map(|(code, ctrl, alt)| KeyPress { code, mods: Mods { ctrl, alt, shift: false } })
}

/// Every kind of question: the tool, its arguments, and whether files are read before it is asked.
const ASKED: [(&str, &str, bool); 6] = [
    ("exec_command", r#"{"cmd":"rm -rf /"}"#, false),
    ("exec_command", r#"{"cmd":"cargo fetch","sandbox_permissions":"require_escalated"}"#, false),
    ("shell_command", r#"{"command":"rm -rf /"}"#, false),
    ("apply_patch", r#"{"input":"*** Begin Patch\n*** Add File: /etc/x\n+x\n*** End Patch"}"#, true),
    ("request_permissions", r#"{"permissions":{"network":{"enabled":true}}}"#, false),
    (
        "request_user_input",
        r#"{"questions":[{"id":"a","header":"A","question":"?","options":[{"label":"Yes","description":""}]}]}"#,
        false,
    ),
];

/// Presses keys from before the question on, never pausing as long as the quiet time; the question comes up and is
/// painted somewhere in between. Gives how much was allowed: commands and patches let run, permissions, answers.
pub(crate) fn typing_through(kind: usize, keys: &[(KeyPress, u64)], asked_at: usize, painted_at: usize) -> usize {
    let (tool, arguments, reads_files) = ASKED[kind];
    let mut lab = Lab::interactive();
    lab.wait(10_000);
    lab.submit("x");
    lab.call(0, "c1", tool, arguments);
    for (at, (press, gap_ms)) in keys.iter().enumerate() {
        if at == asked_at {
            lab.complete();
            // Keys may have ended the turn already.
            if reads_files && lab.thread().running().is_some_and(|running| !running.calls.is_empty()) {
                lab.patched(&["/etc/x"]);
            }
        }
        if at >= asked_at.max(painted_at) {
            lab.paint();
        }
        lab.wait(gap_ms % QUIET_MS);
        lab.send(Msg::Input(Input::Key(*press)));
        lab.save();
    }
    let granted = usize::from(lab.thread().running().is_some_and(|running| running.granted.network))
        + usize::from(lab.thread().granted.network);
    let is_answer = |item: &Item| matches!(&item.body, Body::Questions(asked) if asked.answers.is_some());
    let answers = lab.thread().items.iter().filter(|item| is_answer(item)).count();
    let kept = lab.effects.iter().filter(|(key, _)| matches!(key, Key::Rule(_))).count();
    lab.spawned().len() + lab.writes().len() + granted + answers + kept
}

#[test]
fn a_calm_yes_counts_for_every_kind_of_question() {
    for (kind, (tool, ..)) in ASKED.iter().enumerate() {
        let letter = if *tool == "request_user_input" { '1' } else { 'y' };
        let mut lab = Lab::interactive();
        lab.wait(10_000);
        lab.submit("x");
        lab.call(0, "c1", tool, ASKED[kind].1);
        lab.complete();
        if ASKED[kind].2 {
            lab.patched(&["/etc/x"]);
        }
        lab.paint();
        lab.wait(QUIET_MS);
        lab.press(KeyCode::Char(letter));
        assert!(lab.model.screen.as_ref().unwrap().question.is_none(), "{tool}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn typing_that_began_before_never_approves(
        kind in 0..ASKED.len(),
        keys in prop::collection::vec((any_key(), 0u64..QUIET_MS), 1..40),
        asked_at in 0usize..20,
        painted_at in 0usize..20,
    ) {
        prop_assert_eq!(typing_through(kind, &keys, asked_at, painted_at), 0);
    }
}
