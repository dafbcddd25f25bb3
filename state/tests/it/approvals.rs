//! An answer counts only after the question was painted, has the focus, and the keyboard has been quiet.

use proptest::prelude::*;
use quire_state::{
    Input, Key, Msg, Report,
    item::{Item, ItemKind},
    key::Work,
    limits::{QUIET_MS, SETTLE_MS},
    msg::{HostReport, KeyCode, KeyPress, Mods},
    screen::{Choice, Overlay, Shown},
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

/// A question about a command, in a terminal that answers queries and has answered none about it yet.
fn asked_by_a_terminal_that_answers() -> Lab {
    let mut lab = Lab::interactive();
    told(&mut lab, HostReport::Answers);
    lab.wait(10_000);
    lab.submit("x");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"rm -rf /"}"#);
    lab.complete();
    lab
}

/// A terminal that answers queries has not worked through the question, and the user presses keys all the same.
pub(crate) fn blind_yes() -> (Lab, usize) {
    let mut lab = asked_by_a_terminal_that_answers();
    lab.paint();
    // An answer for what was there before.
    told(&mut lab, HostReport::Seen { question: 0, rows: Shown::whole() });
    for key in [KeyCode::Char('y'), KeyCode::Backspace, KeyCode::Tab, KeyCode::Enter, KeyCode::Tab, KeyCode::Char('1')]
    {
        lab.wait(60_000);
        lab.press(key);
    }
    let count = lab.spawned().len();
    (lab, count)
}

#[test]
fn a_question_that_cannot_have_been_seen_takes_no_answer() {
    let (mut lab, count) = blind_yes();
    assert_eq!(count, 0);
    assert!(lab.model.screen.as_ref().unwrap().waits_for_sight());
    lab.press(KeyCode::Backspace);
    lab.press(KeyCode::Tab);
    lab.wait(60_000);
    let question = lab.question().shown();
    told(&mut lab, HostReport::Seen { question, rows: Shown::whole() });
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
    assert!(lab.spawned().is_empty(), "a user who writes keeps the keyboard");
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
    assert_eq!(lab.model.screen.as_ref().unwrap().composer.text(), "also do this");
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
    lab.paint_rows(0, 4, 20);
    lab.press(KeyCode::PageDown);
    lab.press(KeyCode::PageDown);
    lab.press(KeyCode::PageUp);
    let question = lab.question();
    assert!(question.focused && question.scrolled == 4, "{question:?}");
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
    assert_eq!(lab.model.lifecycle, quire_state::model::Lifecycle::Running, "an old arming does not count");
    lab.send(ctrl_c());
    assert_ne!(lab.model.lifecycle, quire_state::model::Lifecycle::Running);
}

/// An open question that has been on the screen for a while.
fn calm() -> Lab {
    let mut lab = asked();
    lab.paint();
    lab.wait(1_000);
    lab
}

/// What was allowed, and the draft.
fn outcome(lab: &Lab) -> (usize, String) {
    (lab.spawned().len(), lab.draft())
}

const SENTENCES: [&str; 7] =
    ["you should not do that", "alpha", "please", "no way", "cancel that", "y", "1 of them is enough"];

/// Types a sentence over an open question, a key every so many milliseconds, and gives what was allowed.
pub(crate) fn typed_over(sentence: &str, every_ms: u64) -> (usize, String) {
    let mut lab = calm();
    for letter in sentence.chars() {
        lab.key(KeyPress::plain(KeyCode::Char(letter)));
        lab.wait(every_ms);
    }
    lab.wait(10_000);
    outcome(&lab)
}

#[test]
fn a_sentence_over_a_question_is_text_whatever_it_begins_with() {
    for sentence in SENTENCES.into_iter().filter(|sentence| sentence.len() > 1) {
        for every_ms in [0, 1, 80, SETTLE_MS - 1] {
            assert_eq!(typed_over(sentence, every_ms), (0, sentence.to_owned()), "every {every_ms} ms");
        }
    }
    // In one read, with what ends it: the text is kept, nothing is sent, and nothing is answered.
    for sentence in SENTENCES {
        let mut lab = calm();
        lab.burst(&format!("{sentence}\r"));
        lab.wait(10_000);
        assert_eq!(outcome(&lab), (0, sentence.to_owned()));
        assert!(lab.thread().running().unwrap().steer.is_empty() && !lab.question().focused);
    }
}

#[test]
fn a_letter_answers_when_nothing_follows_it() {
    let mut lab = calm();
    lab.key(KeyPress::plain(KeyCode::Char('y')));
    lab.wait(SETTLE_MS - 1);
    assert_eq!(outcome(&lab), (0, String::new()));
    lab.wait(1);
    assert_eq!(outcome(&lab), (1, String::new()));
    // Enter confirms it, Backspace takes it back, and what is no letter is what it always is.
    for (code, allowed) in [(KeyCode::Enter, 1), (KeyCode::Backspace, 0), (KeyCode::PageDown, 0), (KeyCode::Down, 0)] {
        let mut lab = calm();
        lab.key(KeyPress::plain(KeyCode::Char('y')));
        lab.pass(60);
        lab.key(KeyPress::plain(code));
        lab.wait(10_000);
        assert_eq!(outcome(&lab), (allowed, String::new()), "{code:?}");
    }
    let mut lab = calm();
    lab.key(KeyPress::plain(KeyCode::Char('y')));
    lab.send(Msg::Input(Input::Paste("es and no".to_owned())));
    lab.wait(10_000);
    assert_eq!(outcome(&lab), (0, "yes and no".to_owned()));
}

#[test]
fn a_timer_that_comes_late_says_nothing_about_what_was_typed_meanwhile() {
    let mut lab = calm();
    lab.key(KeyPress::plain(KeyCode::Char('y')));
    // The program stands still; the timer is told first, then what was typed.
    let timer = lab.question().held.clone().unwrap().timer.unwrap();
    lab.pass(2_000);
    lab.send(Msg::Report(timer, Report::Elapsed));
    lab.type_text("ou should not");
    lab.wait(10_000);
    assert_eq!(outcome(&lab), (0, "you should not".to_owned()));
    // Nothing came: it counts a moment later.
    let mut lab = calm();
    lab.key(KeyPress::plain(KeyCode::Char('y')));
    let timer = lab.question().held.clone().unwrap().timer.unwrap();
    lab.pass(2_000);
    lab.send(Msg::Report(timer, Report::Elapsed));
    assert_eq!(lab.spawned().len(), 0);
    // However late that timer comes as well.
    let timer = lab.question().held.clone().unwrap().timer.unwrap();
    lab.pass(2_000);
    lab.send(Msg::Report(timer, Report::Elapsed));
    lab.save();
    assert_eq!(lab.spawned().len(), 1);
}

#[test]
fn the_mark_rests_on_no_wide_choice() {
    let is_narrow =
        |lab: &Lab| assert_eq!((lab.choices().marked(), lab.question().held.is_none()), (Some(&Choice::Yes), true));
    // A slow sentence: its first letter has marked something, and comes back.
    for sentence in ["alpha", "alas", "ape"] {
        let mut lab = calm();
        for letter in sentence.chars() {
            lab.key(KeyPress::plain(KeyCode::Char(letter)));
            lab.wait(200);
        }
        assert_eq!(outcome(&lab), (0, sentence.to_owned()));
        is_narrow(&lab);
    }
    for leave in [KeyCode::Tab, KeyCode::Char('?')] {
        let mut lab = calm();
        lab.press(KeyCode::Char('a'));
        assert_eq!(lab.choices().marked(), Some(&Choice::YesForSession));
        lab.press(leave);
        is_narrow(&lab);
    }
    let mut lab = calm();
    lab.press(KeyCode::Down);
    lab.send(Msg::Input(Input::Paste("text".to_owned())));
    is_narrow(&lab);
}

#[test]
fn closing_what_lies_over_a_question_gives_the_focus_back() {
    for close in [KeyCode::Esc, KeyCode::Char('q'), KeyCode::Char('y'), KeyCode::Enter, KeyCode::Char('?')] {
        let mut lab = calm();
        lab.press(KeyCode::Char('?'));
        assert!(matches!(lab.model.screen.as_ref().unwrap().popup(), Some(Overlay::Help(_))));
        for code in [KeyCode::PageDown, KeyCode::Down, KeyCode::Up, KeyCode::End] {
            lab.press(code);
        }
        lab.press(close);
        lab.wait(1_000);
        assert!(lab.model.screen.as_ref().unwrap().popup().is_none() && lab.question().focused, "{close:?}");
        assert_eq!(outcome(&lab), (0, String::new()), "{close:?} only closes");
        lab.press(KeyCode::Char('y'));
        assert_eq!(lab.spawned().len(), 1, "{close:?}");
        assert!(lab.thread().running().unwrap().steer.is_empty());
    }
    // Back from the words that go with a no.
    let mut lab = calm();
    lab.press(KeyCode::Char('n'));
    lab.press(KeyCode::Esc);
    assert!(lab.question().is_turned_to());
    // By Ctrl-C as well.
    let mut lab = calm();
    lab.press(KeyCode::Char('?'));
    lab.key(KeyPress::ctrl('c'));
    assert!(lab.question().is_turned_to() && lab.thread().running().is_some());
}

#[test]
fn a_paste_without_brackets_is_one_text() {
    let paste = "fn a() {\r\tb();\r}\r";
    let mut lab = Lab::interactive();
    lab.burst(paste);
    assert_eq!((lab.draft(), lab.requests()), ("fn a() {\n\tb();\n}\n".to_owned(), 0));
    // While a turn runs, over a question, and into the words that go with a no.
    let mut lab = Lab::interactive();
    lab.submit("x");
    lab.burst("one\rtwo\r");
    assert_eq!((lab.draft(), lab.thread().running().unwrap().steer.len()), ("one\ntwo\n".to_owned(), 0));
    let mut lab = calm();
    lab.burst(paste);
    assert_eq!(outcome(&lab), (0, "fn a() {\n\tb();\n}".to_owned()));
    let mut lab = calm();
    lab.press(KeyCode::Char('n'));
    lab.burst("too\rmuch");
    assert_eq!(outcome(&lab), (0, "too\nmuch".to_owned()));
    // A line that was typed while nothing listened is sent.
    let mut lab = Lab::interactive();
    lab.burst("go\r");
    assert_eq!((lab.draft(), lab.requests()), (String::new(), 1));
}

#[test]
fn a_yes_counts_once_every_row_was_seen() {
    for letter in ['y', 'a', '1'] {
        let mut lab = asked();
        lab.paint_rows(0, 4, 10);
        lab.wait(1_000);
        lab.press(KeyCode::Char(letter));
        lab.press(KeyCode::Enter);
        assert_eq!(outcome(&lab), (0, String::new()));
        let toast = lab.model.screen.as_ref().unwrap().toast.clone().unwrap().0;
        assert_eq!(toast, "Rows 5 to 10 of 10 not seen yet: page up, page down.");
        assert!(lab.question().focused);
        lab.press(KeyCode::PageDown);
        assert_eq!(lab.question().scrolled, 4, "by the rows that are seen");
        lab.paint_rows(4, 8, 10);
        lab.press(KeyCode::End);
        lab.paint_rows(7, 10, 10);
        lab.wait(1_000);
        lab.press(KeyCode::Char(letter));
        lab.press(KeyCode::Enter);
        assert_eq!(lab.spawned().len(), 1, "{letter}");
    }
    // A no counts always.
    let mut lab = asked();
    lab.paint_rows(0, 0, 1);
    lab.wait(1_000);
    lab.press(KeyCode::Char('y'));
    assert!(lab.model.screen.as_ref().unwrap().toast.clone().unwrap().0.contains("Too small"));
    lab.press(KeyCode::Char('c'));
    assert!(lab.thread().running().is_none());
}

#[test]
fn rows_that_a_terminal_has_not_shown_yet_were_not_seen() {
    let mut lab = asked_by_a_terminal_that_answers();
    let question = lab.question().shown();
    let rows = |from, to| Shown { from, to, of: 8, cols: 80 };
    lab.paint_rows(0, 4, 8);
    told(&mut lab, HostReport::Seen { question, rows: rows(0, 4) });
    lab.paint_rows(4, 8, 8);
    lab.wait(1_000);
    lab.press(KeyCode::Char('y'));
    assert_eq!(lab.spawned().len(), 0);
    assert!(lab.model.screen.as_ref().unwrap().waits_for_sight());
    told(&mut lab, HostReport::Seen { question, rows: rows(4, 8) });
    lab.wait(1_000);
    lab.press(KeyCode::Char('y'));
    assert_eq!(lab.spawned().len(), 1);
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
        lab.key(*press);
    }
    let granted = usize::from(lab.thread().running().is_some_and(|running| running.granted.network))
        + usize::from(lab.thread().granted.network);
    let is_answer = |item: &Item| matches!(&item.kind, ItemKind::Questions(asked) if asked.answers.is_some());
    let answers = lab.thread().items.iter().filter(|item| is_answer(item)).count();
    let kept = lab.effects.iter().filter(|(key, _)| matches!(key, Key::Thread(_, Work::Rule(_)))).count();
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
        assert!(lab.model.screen.as_ref().unwrap().question().is_none(), "{tool}");
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
