//! Commands of the background in the transcript: what began, and how it ended.

use quire_state::{
    Op,
    boot::FaceKind,
    item::{CommandItem, CommandStatus, ItemKind},
};

use crate::lab::{FULL, Lab, boot_data};

/// A turn that leaves `serve` running.
fn serving(face: FaceKind) -> Lab {
    let mut lab = Lab::new(boot_data(face));
    lab.submit("go");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"serve","yield_time_ms":300}"#);
    lab.complete();
    lab.print(1, "ready\n");
    lab.elapse();
    lab
}

fn commands(lab: &Lab) -> Vec<&CommandItem> {
    let commands = lab.thread().items.iter().filter_map(|item| match &item.kind {
        ItemKind::Command(command) if !item.open => Some(command),
        _ => None,
    });
    commands.collect()
}

#[test]
fn the_end_of_a_background_command_is_shown() {
    let mut lab = serving(FULL);
    lab.answer(0, "It runs.");
    lab.complete();
    lab.print(1, "bye\n");
    lab.exit(1, 3);
    let [began, ended] = commands(&lab)[..] else { panic!("{:?}", lab.items()) };
    assert!(matches!(began.status, CommandStatus::Background { .. }), "what is finished stays as it is");
    assert_eq!((ended.command.as_str(), &ended.status), ("serve", &CommandStatus::Exited { code: 3 }));
    assert_eq!((ended.output.head.as_str(), ended.wall_ms), ("bye\n", Some(1500)));
    // The model is told as before.
    lab.submit("and now?");
    lab.call(0, "c2", "write_stdin", r#"{"session_id":1}"#);
    lab.complete();
    assert!(lab.history().last().unwrap().ends_with("Output:\nbye\n"), "{:?}", lab.history());
    assert_eq!(commands(&lab).len(), 2, "the end is shown once");
}

#[test]
fn a_background_command_that_the_user_ends_is_stopped() {
    let mut lab = serving(FULL);
    lab.op(Op::StopCommands { thread: lab.id(), process: None }).unwrap();
    lab.exit(1, 143);
    let ended = commands(&lab).pop().unwrap();
    assert_eq!((&ended.status, ended.wall_ms), (&CommandStatus::Aborted, Some(1500)));
}

#[test]
fn an_end_that_a_call_waits_for_is_in_the_result_of_the_call() {
    let mut lab = serving(FULL);
    lab.call(0, "c2", "write_stdin", r#"{"session_id":1}"#);
    lab.complete();
    lab.exit(1, 0);
    assert_eq!(commands(&lab).len(), 1, "{:?}", lab.items());
}

#[test]
fn two_calls_that_wait_for_one_command_both_end() {
    let mut lab = serving(FULL);
    lab.call(0, "c2", "write_stdin", r#"{"session_id":1}"#);
    lab.call(1, "c3", "write_stdin", r#"{"session_id":1}"#);
    lab.complete();
    lab.exit(1, 0);
    let requests = lab.requests();
    lab.elapse();
    assert_eq!(lab.requests(), requests + 1, "the turn goes on: {:?}", lab.items());
    let end = lab.history().last().cloned().unwrap();
    assert!(end.contains("The command of session ID 1 has ended"), "{end}");
    assert!(lab.thread().items.iter().all(|item| !item.open), "{:?}", lab.items());
}

#[test]
fn a_face_that_is_not_watched_has_one_entry_for_each_command() {
    let mut lab = serving(FaceKind::ExecJson);
    lab.exit(1, 0);
    assert_eq!(commands(&lab).len(), 1, "{:?}", lab.items());
}
