//! The turn machine, told as scripts.

use quire_state::{
    Effect, Msg, Notice, Op,
    boot::FaceKind,
    cmd::{CommandEffect, HostEffect},
    item::{ItemKind, UserInput},
    key::{ProcessId, Work},
    msg::{Ended, ModelReport, ReviewDecision},
};

use crate::lab::{Lab, boot_data, invalid};

fn accept(lab: &mut Lab, call: &str) {
    decide(lab, call, ReviewDecision::Accept);
}

fn decide(lab: &mut Lab, call: &str, decision: ReviewDecision) {
    let _ = lab.decide(call, decision);
    lab.save();
}

#[test]
fn a_command_waits_until_the_session_knows_of_it() {
    let mut lab = Lab::interactive();
    lab.submit("go");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"make"}"#);
    lab.model(ModelReport::Completed { usage: None, ended: Ended::Whole });
    let _ = lab.decide("c1", ReviewDecision::Accept);
    assert!(lab.spawned().is_empty(), "its call is not on disk yet");
    lab.save();
    assert_eq!(lab.spawned().len(), 1);
}

#[test]
fn a_session_that_is_not_kept_or_cannot_be_kept_holds_no_command_back() {
    let mut boot = boot_data(crate::lab::FULL);
    boot.ephemeral = true;
    let mut lab = Lab::new(boot);
    lab.submit("go");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"make"}"#);
    lab.complete();
    accept(&mut lab, "c1");
    assert_eq!(lab.spawned().len(), 1);
    let mut lab = Lab::interactive();
    lab.submit("go");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"make"}"#);
    lab.model(ModelReport::Completed { usage: None, ended: Ended::Whole });
    let _ = lab.decide("c1", ReviewDecision::Accept);
    let key = lab
        .model
        .engine
        .in_flight
        .iter()
        .find(|key| matches!(key, quire_state::Key::Thread(_, Work::Append(_))))
        .cloned()
        .unwrap();
    let fault = quire_state::fault::Fault::new(quire_state::fault::FaultKind::Storage, "Full.");
    lab.send(Msg::Report(key, quire_state::Report::Failed(fault)));
    assert_eq!(lab.spawned().len(), 1);
}

#[test]
fn a_plain_turn() {
    let mut lab = Lab::interactive();
    lab.submit("hello");
    assert_eq!(lab.requests(), 1);
    lab.model(ModelReport::Connected);
    lab.delta(0, "Hi ");
    lab.delta(0, "there");
    assert_eq!(lab.items(), ["user: hello", "agent: Hi there (open)"]);
    lab.answer(0, "Hi there.");
    lab.complete();
    assert_eq!(lab.items(), ["user: hello", "agent: Hi there.", "end"]);
    assert_eq!(lab.history(), ["User: hello", "Assistant: Hi there."]);
    assert!(lab.thread().running().is_none());
    assert_eq!(lab.thread().total.total_tokens, 15);
}

#[test]
fn a_call_is_asked_for_run_and_fed_back() {
    let mut lab = Lab::interactive();
    lab.submit("list");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"make"}"#);
    lab.complete();
    assert!(lab.spawned().is_empty(), "nothing may run before the answer");
    accept(&mut lab, "c1");
    assert_eq!(lab.spawned()[0].1, ["/bin/bash", "-lc", "make"]);
    lab.print(1, "a\nb\n");
    lab.exit(1, 0);
    let (_, request) = lab.request();
    assert_eq!(invalid(&request.input), None);
    let output = crate::lab::short(&request.input).pop().unwrap();
    assert!(output.contains("Process exited with code 0"), "{output}");
    assert!(output.ends_with("Output:\na\nb\n"), "{output}");
    lab.answer(0, "Two files.");
    lab.complete();
    assert!(lab.thread().running().is_none());
    assert!(lab.items()[1].contains("Exited { code: 0 } [a\nb\n]"), "{:?}", lab.items());
}

#[test]
fn outputs_go_back_in_call_order() {
    let mut lab = Lab::interactive();
    lab.submit("two");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"one"}"#);
    lab.call(1, "c2", "exec_command", r#"{"cmd":"two"}"#);
    lab.call(2, "c3", "update_plan", r#"{"plan":[{"step":"x","status":"pending"}]}"#);
    lab.complete();
    accept(&mut lab, "c1");
    accept(&mut lab, "c2");
    lab.exit(2, 0);
    assert_eq!(lab.requests(), 1, "the second command alone does not end the step");
    lab.exit(1, 0);
    assert_eq!(lab.requests(), 2);
    let (_, request) = lab.request();
    let outputs: Vec<String> = crate::lab::short(&request.input)
        .into_iter()
        .filter(|line| line.starts_with("output"))
        .map(|line| line.split(':').next().unwrap().to_owned())
        .collect();
    assert_eq!(outputs, ["output c1", "output c2", "output c3"]);
}

#[test]
fn a_declined_call_tells_the_model_why() {
    let mut lab = Lab::interactive();
    lab.submit("rm");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"rm -rf x"}"#);
    lab.complete();
    decide(&mut lab, "c1", ReviewDecision::Decline { reason: Some("use git clean".to_owned()) });
    assert!(lab.spawned().is_empty());
    let (_, request) = lab.request();
    assert_eq!(
        crate::lab::short(&request.input).pop().unwrap(),
        "output c1: Not run: the user declined it and said: use git clean"
    );
}

#[test]
fn accepted_for_the_session_is_not_asked_again() {
    let mut lab = Lab::interactive();
    lab.submit("ls");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"make"}"#);
    lab.complete();
    decide(&mut lab, "c1", ReviewDecision::AcceptForSession);
    lab.exit(1, 0);
    lab.call(0, "c2", "exec_command", r#"{"cmd":"make"}"#);
    lab.call(1, "c3", "exec_command", r#"{"cmd":"make ."}"#);
    lab.complete();
    assert_eq!(lab.spawned().len(), 2, "the same command runs, another one asks");
    assert!(lab.model.screen.as_ref().unwrap().question().is_some());
}

#[test]
fn steering_goes_up_with_the_next_request_and_queued_input_waits_for_the_end() {
    let mut lab = Lab::interactive();
    lab.submit("first");
    lab.op(Op::Queue { thread: lab.id(), input: UserInput::text("later") }).unwrap();
    lab.submit("also this");
    assert_eq!(lab.requests(), 1);
    lab.answer(0, "ok");
    lab.complete();
    assert_eq!(lab.requests(), 2, "steering makes the turn go on");
    assert_eq!(lab.history(), ["User: first", "Assistant: ok", "User: also this"]);
    lab.answer(0, "ok too");
    lab.complete();
    assert_eq!(lab.requests(), 3, "the queued input begins a turn of its own");
    assert_eq!(lab.history().last().unwrap(), "User: later");
    assert_eq!(lab.thread().turns, 2);
}

#[test]
fn an_interrupt_lets_the_command_end_and_closes_every_call() {
    let mut lab = Lab::interactive();
    lab.submit("go");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"sleep 9"}"#);
    lab.call(1, "c2", "exec_command", r#"{"cmd":"other"}"#);
    lab.complete();
    accept(&mut lab, "c1");
    lab.print(1, "half");
    lab.interrupt();
    assert!(lab.thread().running().is_some(), "the turn waits for the command's end");
    assert!(lab.effects.iter().any(|(_, effect)| matches!(effect, Effect::Command(CommandEffect::Kill { .. }))));
    lab.exit(1, 143);
    assert!(lab.thread().running().is_none());
    assert_eq!(invalid(&lab.thread().history), None);
    let history = lab.history().join("\n");
    assert!(history.contains("output c1: aborted by user after"), "{history}");
    assert!(history.contains("half"), "{history}");
    assert!(history.contains("output c2: Not run: the user interrupted"), "{history}");
    assert!(history.contains("<turn_aborted>"), "{history}");
}

#[test]
fn an_interrupted_answer_is_kept() {
    let mut lab = Lab::interactive();
    lab.submit("story");
    lab.delta(0, "Once upon");
    lab.interrupt();
    assert_eq!(lab.items()[1], "agent: Once upon (cut)");
    assert_eq!(lab.history()[1], "Assistant: Once upon");
    let (key, _) = lab.request();
    let before = lab.model.clone();
    let report = quire_state::Report::Model(ModelReport::Text { item: 0, delta: " a time".to_owned() });
    lab.send(Msg::Report(key, report));
    assert_eq!(lab.model, before, "the late delta is dropped");
}

#[test]
fn what_is_said_while_a_turn_is_ending_is_done_instead_and_earlier_steering_is_held() {
    let mut lab = Lab::interactive();
    lab.submit("go");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"sleep 9"}"#);
    lab.complete();
    accept(&mut lab, "c1");
    lab.submit("and this");
    lab.interrupt();
    lab.submit("rather that");
    assert_eq!(lab.requests(), 1);
    lab.exit(1, 143);
    assert_eq!(lab.requests(), 2);
    assert_eq!(lab.history().last().unwrap(), "User: rather that");
    assert_eq!(lab.thread().queue[0].input.text, "and this");
}

#[test]
fn a_long_command_yields_and_is_polled() {
    let mut lab = Lab::interactive();
    lab.submit("serve");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"serve","yield_time_ms":300,"tty":true}"#);
    lab.complete();
    accept(&mut lab, "c1");
    lab.print(1, "ready\n");
    lab.elapse();
    let (_, request) = lab.request();
    let output = crate::lab::short(&request.input).pop().unwrap();
    assert!(output.contains("Process running with session ID 1"), "{output}");
    lab.call(0, "c2", "write_stdin", r#"{"session_id":1,"chars":"q\n"}"#);
    lab.complete();
    assert!(
        !lab.effects.iter().any(|(_, effect)| matches!(effect, Effect::Command(CommandEffect::Write { .. }))),
        "typing into a command asks too"
    );
    accept(&mut lab, "c2");
    assert!(
        lab.effects
            .iter()
            .any(|(_, effect)| matches!(effect, Effect::Command(CommandEffect::Write { chars, .. }) if chars == "q\n"))
    );
    lab.print(1, "bye\n");
    lab.exit(1, 0);
    let (_, request) = lab.request();
    let output = crate::lab::short(&request.input).pop().unwrap();
    assert!(output.contains("exited with code 0") && output.ends_with("Output:\nbye\n"), "{output}");
    assert!(lab.thread().processes.is_empty());
}

#[test]
fn calls_that_cannot_run_are_results_that_the_model_reads() {
    let cases = [
        ("exec_command", r#"{"cmd":"#, "failed to parse function arguments: EOF"),
        ("exec_command", r#"{"command":"ls"}"#, "failed to parse function arguments: missing field `cmd`"),
        ("no_such_tool", "{}", "unsupported call: no_such_tool"),
        ("write_stdin", r#"{"session_id":9,"chars":"x"}"#, "No running command has session ID 9."),
        ("update_plan", r#"{"plan":"x"}"#, "failed to parse function arguments: invalid type"),
    ];
    for (name, arguments, expected) in cases {
        let mut lab = Lab::interactive();
        lab.submit("x");
        lab.call(0, "c1", name, arguments);
        lab.complete();
        let (_, request) = lab.request();
        assert_eq!(invalid(&request.input), None);
        let output = crate::lab::short(&request.input).pop().unwrap();
        assert!(output.starts_with(&format!("output c1: {expected}")), "{output}");
    }
}

#[test]
fn a_reused_call_id_gets_a_name_of_its_own() {
    let mut lab = Lab::interactive();
    lab.submit("x");
    lab.call(0, "c", "no_such", "{}");
    lab.call(1, "c", "no_such", "{}");
    lab.call(2, "", "no_such", "{}");
    lab.complete();
    let (_, request) = lab.request();
    assert_eq!(invalid(&request.input), None);
    assert_eq!(request.input.iter().filter(|item| item.text().starts_with("unsupported call")).count(), 3);
}

#[test]
fn two_hundred_and_one_calls_are_all_answered() {
    let mut lab = Lab::interactive();
    lab.submit("x");
    for number in 0..201 {
        lab.call(number, &format!("c{number}"), "update_plan", r#"{"plan":[]}"#);
    }
    lab.complete();
    let (_, request) = lab.request();
    assert_eq!(invalid(&request.input), None);
    assert!(request.input.last().unwrap().text().contains("at most 200 calls"));
}

#[test]
fn what_runs_is_listed_and_ended() {
    let mut lab = Lab::new(boot_data(crate::lab::FULL));
    lab.submit("go");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"serve one","yield_time_ms":300}"#);
    lab.call(1, "c2", "exec_command", r#"{"cmd":"serve two","yield_time_ms":300}"#);
    lab.complete();
    lab.elapse();
    lab.elapse();
    lab.answer(0, "Both run.");
    lab.complete();
    let last = |lab: &Lab| match &lab.thread().items.last().unwrap().kind {
        ItemKind::Note { text, .. } => text.clone(),
        other => panic!("{other:?}"),
    };
    lab.op(Op::ListCommands { thread: lab.id() }).unwrap();
    assert!(
        last(&lab).starts_with("2 commands are running") && last(&lab).contains("\n2  serve two  ("),
        "{}",
        last(&lab)
    );
    let kills = |lab: &Lab| {
        let is_kill = |effect: &Effect| matches!(effect, Effect::Command(CommandEffect::Kill { .. }));
        lab.effects.iter().filter(|(_, effect)| is_kill(effect)).count()
    };
    lab.op(Op::StopCommands { thread: lab.id(), process: Some(ProcessId(7)) }).unwrap();
    assert_eq!(kills(&lab), 0);
    lab.op(Op::StopCommands { thread: lab.id(), process: Some(ProcessId(1)) }).unwrap();
    assert_eq!(kills(&lab), 1);
    lab.op(Op::StopCommands { thread: lab.id(), process: None }).unwrap();
    assert_eq!(kills(&lab), 2, "none is asked twice");
    lab.exit(1, 143);
    lab.exit(2, 143);
    lab.op(Op::ListCommands { thread: lab.id() }).unwrap();
    assert_eq!(last(&lab), "No command is running.");
}

#[test]
fn exec_leaves_with_zero_after_its_turn_and_one_after_an_error() {
    for (ended, code) in [(Ended::Whole, 0), (Ended::Incomplete { reason: "max_output_tokens".to_owned() }, 1)] {
        let mut boot = boot_data(FaceKind::ExecText);
        boot.first = Some(UserInput::text("go"));
        let mut lab = Lab::new(boot);
        lab.answer(0, "done");
        lab.model(ModelReport::Completed { usage: None, ended });
        let exits = |lab: &Lab| {
            lab.effects
                .iter()
                .filter_map(|(_, effect)| match effect {
                    Effect::Host(HostEffect::Exit { code }) => Some(*code),
                    _ => None,
                })
                .collect::<Vec<u8>>()
        };
        assert!(exits(&lab).is_empty(), "the session must be written first");
        lab.save();
        assert_eq!(exits(&lab), [code]);
    }
}

#[test]
fn quitting_ends_the_turn_and_the_commands_first() {
    let mut lab = Lab::interactive();
    lab.submit("x");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"sleep 9"}"#);
    lab.complete();
    accept(&mut lab, "c1");
    lab.op(Op::Quit).unwrap();
    lab.save();
    assert!(!lab.effects.iter().any(|(_, effect)| matches!(effect, Effect::Host(HostEffect::Exit { .. }))));
    lab.exit(1, 143);
    lab.save();
    assert!(lab.effects.iter().any(|(_, effect)| matches!(effect, Effect::Host(HostEffect::Exit { code: 0 }))));
    assert_eq!(invalid(&lab.thread().history), None);
}

#[test]
fn a_plan_lives_in_one_place_and_is_finished_with_the_turn() {
    let mut lab = Lab::interactive();
    lab.submit("plan");
    lab.call(0, "c1", "update_plan", r#"{"plan":[{"step":"a","status":"in_progress"}]}"#);
    lab.complete();
    lab.call(0, "c2", "update_plan", r#"{"plan":[{"step":"a","status":"completed"},{"step":"b","status":"pending"}]}"#);
    lab.complete();
    assert_eq!(lab.items(), ["user: plan", "plan: 2 steps (open)"]);
    lab.answer(0, "done");
    lab.complete();
    assert_eq!(lab.items(), ["user: plan", "plan: 2 steps", "agent: done", "end"]);
    assert!(lab.notices.iter().any(|notice| matches!(notice, Notice::TurnCompleted { .. })));
}

#[test]
fn a_disk_that_refuses_is_said_once_and_tried_again() {
    let mut lab = Lab::interactive();
    lab.submit("x");
    let fault = quire_state::fault::Fault::new(quire_state::fault::FaultKind::Storage, "No space left on the disk.");
    let keys: Vec<_> = lab
        .model
        .engine
        .in_flight
        .iter()
        .filter(|key| matches!(key, quire_state::Key::Thread(_, Work::Append(_))))
        .cloned()
        .collect();
    for key in keys {
        lab.send(Msg::Report(key, quire_state::Report::Failed(fault.clone())));
    }
    assert_eq!(lab.items().iter().filter(|item| item.contains("not being saved")).count(), 1);
    lab.answer(0, "ok");
    lab.complete();
    lab.save();
    let all: usize = lab
        .effects
        .iter()
        .filter_map(|(_, effect)| match effect {
            Effect::Store(quire_state::cmd::StoreEffect::Append { records, .. }) => Some(
                records
                    .iter()
                    .filter(|stamped| matches!(stamped.item, quire_state::rollout::RolloutItem::Meta(_)))
                    .count(),
            ),
            _ => None,
        })
        .sum();
    assert_eq!(all, 2, "the first line is written again with the rest");
    assert!(lab.items().iter().any(|item| item.contains("saved again")));
}
