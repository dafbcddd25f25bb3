//! Each law catches a bug that breaks it: the same checks, with one rule deliberately wrong.

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngSeed, TestRunner},
};
use quire_state::{
    msg::{KeyCode, KeyPress, ReviewDecision},
    planted,
};

use crate::{
    approvals::{blind_yes, typed_over, typing_through},
    forks::reads_while_writing,
    laws,
    requests::late_yes,
    threads::{ASKS, IS_INTERRUPTED, all_orders},
    tools::{ended_with_the_turn, writes_where_it_was_not_judged},
};

/// Random lives tried for one bug.
const TRIES: usize = 600;

fn caught(bug: &'static str) -> Option<String> {
    let mut runner = TestRunner::new(Config { rng_seed: RngSeed::Fixed(1), ..Config::default() });
    let lives = proptest::collection::vec(laws::any_act(), 1..120);
    (0..TRIES).find_map(|_| {
        let acts = lives.new_tree(&mut runner).unwrap().current();
        planted::with(bug, || laws::check(&acts)).err()
    })
}

#[test]
fn each_law_catches_its_planted_bug() {
    let bugs = [
        ("late-reports", "late report"),
        ("merge-across-items", "coalescing"),
        ("timer-key-reuse", "never started twice"),
        ("silent-close", "notices tell the whole transcript"),
        ("hidden-state", "a replay"),
        ("lost-output", "well formed"),
        ("unasked-escalation", "without an answer"),
        ("undo-in-turn", "taken back while a turn runs"),
        ("rollback-in-turn", "only between turns"),
        ("item-id-reuse", "number is given out once"),
    ];
    for (bug, law) in bugs {
        let found = caught(bug).unwrap_or_else(|| panic!("nothing caught the bug `{bug}`"));
        assert!(found.contains(law), "`{bug}` was caught by another law: {found}");
    }
}

#[test]
fn a_plan_that_is_not_made_again_after_a_grant_is_caught() {
    assert!(writes_where_it_was_not_judged(true, false));
    assert!(!planted::with("stale-plan", || writes_where_it_was_not_judged(true, false)));
}

#[test]
fn answers_to_unseen_questions_and_lasting_grants_are_caught() {
    assert_eq!(blind_yes().1, 0);
    assert_eq!(planted::with("blind-approval", blind_yes).1, 1);
    assert_eq!(ended_with_the_turn(ReviewDecision::Accept, false).1, [2, 3]);
    assert_eq!(
        planted::with("lasting-grant", || ended_with_the_turn(ReviewDecision::Accept, false)).1,
        Vec::<u32>::new()
    );
}

#[test]
fn a_report_for_another_thread_is_caught() {
    let found = planted::with("first-thread", || all_orders([&ASKS, &IS_INTERRUPTED])).1;
    assert!(found.unwrap().contains("is not as it is alone"));
}

#[test]
fn a_copy_of_what_is_not_written_down_is_caught() {
    assert_eq!(reads_while_writing().0, 0);
    assert_eq!(planted::with("early-fork", reads_while_writing).0, 1);
}

#[test]
fn an_answer_to_an_earlier_question_is_caught() {
    assert_eq!(late_yes().1, 1);
    assert_eq!(planted::with("stale-response", late_yes).1, 2);
}

#[test]
fn the_approval_law_catches_hasty_answers() {
    let keys = [(KeyPress::plain(KeyCode::Char('y')), 200); 8];
    assert_eq!(typing_through(0, &keys, 2, 3), 0);
    // Without the rule, the first letter of a sentence that begins just after the question would approve it.
    assert_eq!(planted::with("hasty-approval", || typing_through(0, &keys, 0, 0)), 1);
}

#[test]
fn a_sentence_that_answers_is_caught() {
    assert_eq!(typed_over("you should not do that", 80).0, 0);
    assert_eq!(planted::with("instant-letter", || typed_over("you should not do that", 80)).0, 1);
}
