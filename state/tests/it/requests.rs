//! Intents are answered once each, and a response counts for the one open request that it names.

use quire_state::{
    Msg, Op, Origin, Report,
    cmd::{Refusal, Reply},
    key::{ProcessId, RequestId, ThreadId, TurnId, Work},
    msg::{ClientId, CommandReport, Response, ReviewDecision},
};

use crate::lab::Lab;

const YES: Response = Response::Review(ReviewDecision::Accept);

/// A command whose script is asked about.
fn asking() -> Lab {
    let mut lab = Lab::interactive();
    lab.submit("go");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"sh ./s.sh"}"#);
    lab.complete();
    lab.save();
    lab
}

fn from(lab: &mut Lab, client: u32, number: u64, op: Op) -> Vec<(Origin, Result<Reply, Refusal>)> {
    lab.send(Msg::Op(Origin { client: ClientId(client), request: Some(number) }, op)).replies
}

/// The first question of a call is answered, its script changes, and it asks again; then comes a second yes to the first
/// question. The answer to that, and how often the command was started.
pub(crate) fn late_yes() -> (Result<Reply, Refusal>, usize) {
    let mut lab = asking();
    let first = lab.request_of("c1").unwrap();
    assert_eq!(lab.op(Op::Respond { request: first, response: YES }), Ok(Reply::Done));
    let changed = CommandReport::Outdated { path: "/work/s.sh".to_owned() };
    let key = lab.thread().key(Work::Process(ProcessId(1)));
    lab.send(Msg::Report(key, Report::Command(changed)));
    assert_ne!(lab.request_of("c1").unwrap(), first, "it asks again, by a request of its own");
    let reply = lab.op(Op::Respond { request: first, response: YES });
    (reply, lab.specs().len())
}

#[test]
fn a_late_yes_to_an_earlier_question_of_the_same_call_is_stale() {
    assert_eq!(late_yes(), (Err(Refusal::Stale), 1));
}

#[test]
fn of_two_clients_the_first_counts() {
    for (first, second, runs) in [
        (YES, Response::Review(ReviewDecision::CancelTurn), 1),
        (Response::Review(ReviewDecision::Decline { reason: None }), YES, 0),
    ] {
        let mut lab = asking();
        let request = lab.request_of("c1").unwrap();
        let replies = from(&mut lab, 7, 1, Op::Respond { request, response: first });
        assert_eq!(replies, [(Origin { client: ClientId(7), request: Some(1) }, Ok(Reply::Done))]);
        let model = lab.model.clone();
        let replies = from(&mut lab, 8, 1, Op::Respond { request, response: second });
        assert_eq!(replies, [(Origin { client: ClientId(8), request: Some(1) }, Err(Refusal::Stale))]);
        assert_eq!(lab.model, model, "a response to a closed request changes nothing");
        assert_eq!(lab.specs().len(), runs);
    }
}

#[test]
fn a_response_of_another_kind_leaves_the_request_open() {
    let mut lab = asking();
    let request = lab.request_of("c1").unwrap();
    for response in [Response::Answers(vec!["yes".to_owned()]), Response::Trust { is_used: true }] {
        let reply = lab.op(Op::Respond { request, response });
        assert!(matches!(reply, Err(Refusal::Invalid(_))), "{reply:?}");
    }
    assert_eq!(lab.op(Op::Respond { request: RequestId::TRUST, response: YES }), Err(Refusal::Stale));
    assert_eq!((lab.specs().len(), lab.request_of("c1")), (0, Some(request)));
    assert_eq!(lab.op(Op::Respond { request, response: YES }), Ok(Reply::Done));
}

#[test]
fn an_interrupt_and_steering_name_the_turn() {
    let mut lab = Lab::interactive();
    let thread = lab.id();
    let input = || quire_state::item::UserInput::text("go");
    let other = || TurnId("other".to_owned());
    assert_eq!(lab.op(Op::Interrupt { thread: thread.clone(), turn: other() }), Err(Refusal::NoTurn));
    let steer = |turn| Op::Steer { thread: thread.clone(), turn, input: input() };
    assert_eq!(lab.op(steer(other())), Err(Refusal::NoTurn));
    let Ok(Reply::Turn { turn }) = lab.op(Op::Submit { thread: thread.clone(), input: input() }) else {
        panic!("a turn begins")
    };
    assert_eq!(lab.op(Op::Submit { thread: thread.clone(), input: input() }), Err(Refusal::Busy));
    let wrong = || Err(Refusal::WrongTurn { running: turn.clone() });
    assert_eq!(lab.op(steer(other())), wrong());
    assert_eq!(lab.op(Op::Interrupt { thread: thread.clone(), turn: other() }), wrong());
    assert!(lab.thread().running().is_some());
    assert_eq!(lab.op(steer(turn.clone())), Ok(Reply::Turn { turn: turn.clone() }));
    assert_eq!(lab.op(Op::Interrupt { thread, turn }), Ok(Reply::Done));
    let nowhere = Op::Diff { thread: ThreadId("none".to_owned()) };
    assert_eq!(lab.op(nowhere), Err(Refusal::NoSuchThread));
}

#[test]
fn what_finds_no_room_comes_back_to_the_user() {
    let mut lab = Lab::interactive();
    lab.submit("go");
    for at in 0..quire_state::limits::QUEUE_ITEMS {
        lab.submit(&format!("more {at}"));
    }
    lab.type_text("one too many");
    lab.press(quire_state::msg::KeyCode::Enter);
    let screen = lab.model.screen.as_ref().unwrap();
    assert_eq!(screen.composer.text(), "one too many");
    assert!(screen.toast.as_ref().unwrap().0.starts_with("Not sent: too many"));
}
