//! Commands of the user: `!COMMAND`.

use quire_state::{
    Msg, Op, Report,
    boot::FaceKind,
    cmd::{Refusal, Reply},
    fault::{Fault, FaultKind},
    item::{CommandItem, CommandStatus, ItemKind},
    key::{ProcessId, Work},
    limits::COMMAND_SESSIONS,
    msg::{Input, KeyCode, KeyPress},
};

use crate::{
    lab::{FULL, Lab, boot_data},
    resume::{resumed, written},
};

fn command(lab: &Lab) -> &CommandItem {
    let found = lab.thread().items.iter().rev().find_map(|item| match &item.kind {
        ItemKind::Command(command) if command.by_user => Some(command),
        _ => None,
    });
    found.unwrap()
}

fn run(lab: &mut Lab, draft: &str) {
    lab.type_text(draft);
    lab.press(KeyCode::Enter);
}

#[test]
fn it_runs_in_the_users_shell_without_a_sandbox_and_the_model_reads_of_it_with_the_next_turn() {
    let mut lab = Lab::new(boot_data(FULL));
    run(&mut lab, "!git status; exit 3");
    let spec = lab.specs().pop().unwrap();
    assert_eq!(spec.argv[2], "git status; exit 3");
    assert_eq!((spec.sandbox, spec.tty), (None, None));
    assert!(lab.draft().is_empty() && lab.requests() == 0, "it is no message");
    lab.print(1, "clean\n");
    assert_eq!((&command(&lab).status, command(&lab).output.head.as_str()), (&CommandStatus::Running, "clean\n"));
    lab.exit(1, 3);
    assert_eq!(command(&lab).status, CommandStatus::Exited { code: 3 });
    assert!(lab.thread().processes.is_empty());
    lab.submit("why?");
    let history = lab.history();
    let told = history.iter().position(|text| text.contains("<user_shell_command>")).unwrap();
    let expected = "<user_shell_command>\n<command>\ngit status; exit 3\n</command>\n<result>\nExit code: 3\nDuration: 1.5000 \
                    seconds\nOutput:\nclean\n\n</result>\n</user_shell_command>";
    assert!(history[told].ends_with(expected), "{}", history[told]);
    assert!(history[told + 1..].iter().any(|text| text.ends_with("why?")), "{history:?}");
    assert_eq!(lab.request().1.input.len(), lab.thread().history.len());
}

#[test]
fn the_context_is_not_told_again_behind_it() {
    let mut lab = Lab::new(boot_data(FULL));
    lab.submit("go");
    lab.answer(0, "Done.");
    lab.complete();
    run(&mut lab, "!true");
    lab.exit(1, 0);
    lab.submit("again");
    let history = &lab.thread().history;
    let told = history.iter().filter(|item| item.text().contains("<environment_context>")).count();
    assert_eq!(told, 1, "{history:?}");
}

#[test]
fn beside_a_turn_its_result_waits_until_every_call_has_its_output() {
    let mut lab = Lab::new(boot_data(FULL));
    lab.submit("go");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"make"}"#);
    lab.complete();
    run(&mut lab, "!date");
    lab.exit(2, 0);
    assert_eq!(command(&lab).status, CommandStatus::Exited { code: 0 });
    assert!(!lab.history().iter().any(|text| text.contains("<user_shell_command>")));
    lab.exit(1, 0);
    let history = lab.history();
    assert!(history.last().unwrap().contains("<user_shell_command>"), "{history:?}");
    assert!(history[history.len() - 2].contains("Process exited with code 0"), "{history:?}");
    run(&mut lab, "!pwd");
    lab.exit(3, 0);
    lab.answer(0, "Done.");
    lab.complete();
    assert!(lab.history().last().unwrap().contains("\npwd\n"), "a turn that ends tells it, too: {:?}", lab.history());
}

#[test]
fn esc_and_ctrl_c_end_it() {
    for key in [KeyPress::plain(KeyCode::Esc), KeyPress::ctrl('c')] {
        let mut lab = Lab::new(boot_data(FULL));
        run(&mut lab, "!sleep 100");
        lab.print(1, "half");
        lab.key(key);
        assert!(lab.thread().processes.values().all(|process| process.killed));
        lab.exit(1, 143);
        assert_eq!(command(&lab).status, CommandStatus::Aborted);
        let told = lab.history().pop().unwrap();
        assert!(
            told.contains("Exit code: -1\n") && told.contains("half\ncommand aborted by user\n</result>"),
            "{told}"
        );
    }
}

#[test]
fn esc_ends_it_with_the_turn_beside_it_and_what_it_came_to_is_told() {
    let mut lab = Lab::new(boot_data(FULL));
    lab.submit("go");
    run(&mut lab, "!sleep 100");
    lab.press(KeyCode::Esc);
    assert!(lab.thread().running().is_none());
    lab.exit(1, 143);
    assert!(lab.history().pop().unwrap().contains("command aborted by user"));
}

#[test]
fn the_model_cannot_type_into_it() {
    let mut lab = Lab::new(boot_data(FULL));
    run(&mut lab, "!cat");
    lab.submit("go");
    lab.call(0, "c1", "write_stdin", r#"{"session_id":1,"chars":"rm\n"}"#);
    lab.complete();
    assert!(lab.history().last().unwrap().contains("No running command has session ID 1"), "{:?}", lab.history());
}

#[test]
fn one_that_does_not_start_says_why() {
    let mut lab = Lab::new(boot_data(FULL));
    run(&mut lab, "!true");
    let key = lab.thread().key(Work::Process(ProcessId(1)));
    lab.send(Msg::Report(key, Report::Failed(Fault::new(FaultKind::Spawn, "No such shell."))));
    assert!(matches!(command(&lab).status, CommandStatus::FailedToStart { .. }));
    assert!(lab.history().pop().unwrap().contains("No such shell."));
}

#[test]
fn a_lone_mark_runs_nothing_and_words_in_answer_to_a_question_are_words() {
    let mut lab = Lab::new(boot_data(FULL));
    run(&mut lab, "!");
    assert!(lab.specs().is_empty());
    assert_eq!(lab.draft(), "!");
    // A blank before it makes it a message.
    lab.press(KeyCode::Backspace);
    run(&mut lab, " !ls");
    assert_eq!(lab.requests(), 1);
}

#[test]
fn a_paste_is_run_whole_and_tab_runs_it_too() {
    let mut lab = Lab::new(boot_data(FULL));
    lab.type_text("!");
    let long = "true;".repeat(300);
    lab.send(Msg::Input(Input::Paste(long.clone())));
    lab.press(KeyCode::Tab);
    assert_eq!(lab.specs().pop().unwrap().argv[2], long);
}

#[test]
fn as_many_as_may_run_and_no_more() {
    let mut lab = Lab::new(boot_data(FaceKind::ExecJson));
    let mut refused = Ok(Reply::Done);
    for _ in 0..=COMMAND_SESSIONS {
        refused = lab.op(Op::RunCommand { thread: lab.id(), command: "sleep 9".to_owned() });
    }
    assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
}

#[test]
fn a_stored_session_shows_it_again() {
    let mut lab = Lab::new(boot_data(FULL));
    run(&mut lab, "!date");
    lab.print(1, "noon\n");
    lab.exit(1, 1);
    lab.save();
    let again = resumed(written(&lab), None);
    let shown = command(&again);
    assert_eq!((shown.command.as_str(), shown.output.head.as_str()), ("date", "noon\n"));
    assert_eq!(shown.status, CommandStatus::Exited { code: 1 });
    assert_eq!(again.thread().items.len(), 1, "{:?}", again.items());
}
