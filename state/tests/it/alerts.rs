//! What is told to a user who looks elsewhere.

use quire_state::{
    Msg,
    msg::Input,
    screen::{Alert, Alerts},
};

use crate::lab::Lab;

fn alert(lab: &Lab) -> Option<&Alert> {
    lab.model.screen.as_ref().unwrap().alert.as_ref()
}

fn set(lab: &mut Lab, change: impl FnOnce(&mut Alerts)) {
    change(&mut lab.model.screen.as_mut().unwrap().tui.alerts);
}

fn turn(lab: &mut Lab, answer: &str) {
    lab.submit("Hi");
    lab.answer(0, answer);
    lab.complete();
    lab.save();
}

#[test]
fn a_turn_that_ends_is_told_to_who_looks_elsewhere() {
    let mut lab = Lab::interactive();
    turn(&mut lab, "All is well.\nMore.");
    assert_eq!(alert(&lab), None);
    lab.send(Msg::Input(Input::Focus(false)));
    turn(&mut lab, "All is well.\nMore.");
    let told = alert(&lab).unwrap().clone();
    assert_eq!((told.serial, told.text.as_str()), (1, "Quire is done: All is well."));
    // Once, and not again for what happens without a turn.
    lab.wait(10_000);
    assert_eq!(alert(&lab), Some(&told));
    set(&mut lab, |alerts| alerts.turns = false);
    turn(&mut lab, "Again.");
    assert_eq!(alert(&lab), Some(&told));
    lab.send(Msg::Input(Input::Focus(true)));
    set(&mut lab, |alerts| (alerts.turns, alerts.is_always) = (true, true));
    turn(&mut lab, "Again.");
    assert_eq!(alert(&lab).unwrap().serial, 2);
}

#[test]
fn a_question_is_told_and_what_the_user_stops_is_not() {
    let mut lab = Lab::interactive();
    lab.send(Msg::Input(Input::Focus(false)));
    lab.submit("Hi");
    lab.interrupt();
    assert_eq!(alert(&lab), None);
    lab.submit("Hi");
    lab.call(
        0,
        "c1",
        "shell_command",
        r#"{"command":"rm -r x","sandbox_permissions":"require_escalated","justification":"why"}"#,
    );
    lab.complete();
    assert_eq!(alert(&lab).map(|alert| alert.text.as_str()), Some("Quire needs your answer."));
}
