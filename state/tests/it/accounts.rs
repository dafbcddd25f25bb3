//! What is written down of every command: who allowed it, its walls, and what became of it.

use quire_state::{
    Effect, Key, Msg, Op, Report,
    config::ApprovalPolicy,
    fault::{Fault, FaultKind},
    key::{CallId, SessionId},
    msg::{Backend, CommandReport, Decision},
    record::{CommandRecord, Record},
    rules::{self, RulesFile},
};

use crate::lab::{FULL, Lab, boot_data};

/// A person under this policy, with a rule for `make`.
fn lab(approval: ApprovalPolicy) -> Lab {
    let mut boot = boot_data(FULL);
    boot.config.approval = approval;
    let text =
        "prefix_rule(pattern = [\"make\"])\nprefix_rule(pattern = [\"dd\"], decision = \"forbidden\")\n".to_owned();
    boot.rules = rules::load(&[RulesFile { path: "default.rules".to_owned(), text }]).rules;
    let mut lab = Lab::new(boot);
    lab.submit("go");
    lab
}

fn call(lab: &mut Lab, id: &str, arguments: &str) {
    lab.call(0, id, "exec_command", arguments);
    lab.complete();
    lab.save();
}

fn decide(lab: &mut Lab, id: &str, decision: Decision) {
    lab.send(Msg::Op(Op::Decide { thread: lab.id(), call: CallId(id.to_owned()), decision }));
    lab.save();
}

fn report(lab: &mut Lab, session: u32, report: Report) {
    lab.send(Msg::Report(Key::Command(SessionId(session)), report));
    lab.save();
}

fn starts(lab: &mut Lab, session: u32, backend: Backend) {
    report(lab, session, Report::Command(CommandReport::Started { pid: 1, backend }));
}

fn exits(lab: &mut Lab, session: u32) {
    lab.exit(session, 1);
    lab.save();
}

/// What was written down so far.
fn accounts(lab: &Lab) -> Vec<CommandRecord> {
    let appended = lab.effects.iter().filter_map(|(_, effect)| match effect {
        Effect::Store(quire_state::cmd::StoreEffect::Append { records, .. }) => Some(records),
        _ => None,
    });
    let commands = appended.flatten().filter_map(|stamped| match &stamped.record {
        Record::Command(command) => Some((**command).clone()),
        _ => None,
    });
    commands.collect()
}

/// The same in words.
fn told(lab: &Lab) -> Vec<String> {
    let words = |account: &CommandRecord| {
        let walls = if account.walls.is_some() { "inside" } else { "outside" };
        let (argv, backend) = (account.argv.last().unwrap(), account.backend);
        format!("{argv} {:?} {walls} {backend:?} {:?}", account.clearance, account.fate)
    };
    accounts(lab).iter().map(words).collect()
}

const ESCALATED: &str = r#"{"cmd":"cp a /b","sandbox_permissions":"require_escalated","justification":"It must."}"#;

#[test]
fn who_allowed_it_is_written_down_when_it_is_over() {
    let mut lab = lab(ApprovalPolicy::OnRequest);
    call(&mut lab, "c1", r#"{"cmd":"ls"}"#);
    assert_eq!(told(&lab), Vec::<String>::new(), "it may still fail to start");
    starts(&mut lab, 1, Backend::Bubblewrap);
    assert_eq!(told(&lab), Vec::<String>::new(), "and so far nothing became of it");
    exits(&mut lab, 1);
    assert_eq!(told(&lab), ["ls Some(Policy) inside Some(Bubblewrap) Exited { code: 1, wall_ms: 1500 }"]);
    let account = &accounts(&lab)[0];
    assert_eq!((account.call.0.as_str(), account.cwd.as_str()), ("c1", "/work"));
    assert!(account.walls.as_ref().unwrap().may_write("/work/x"));
    assert_eq!(account.turn, lab.thread().running().unwrap().id.0);
    call(&mut lab, "c2", r#"{"cmd":"make x"}"#);
    starts(&mut lab, 2, Backend::None);
    exits(&mut lab, 2);
    for (id, decision) in [("c3", Decision::Accept), ("c4", Decision::AcceptForSession)] {
        call(&mut lab, id, ESCALATED);
        decide(&mut lab, id, decision);
        let session = lab.spawned().last().unwrap().0.0;
        starts(&mut lab, session, Backend::None);
        exits(&mut lab, session);
    }
    call(&mut lab, "c5", ESCALATED);
    starts(&mut lab, 5, Backend::None);
    exits(&mut lab, 5);
    call(&mut lab, "c6", r#"{"cmd":"cp b /c","sandbox_permissions":"require_escalated"}"#);
    decide(&mut lab, "c6", Decision::AcceptAlways);
    starts(&mut lab, 6, Backend::None);
    exits(&mut lab, 6);
    assert_eq!(
        told(&lab)[1..],
        [
            "make x Some(Rule) outside Some(None) Exited { code: 1, wall_ms: 1500 }",
            "cp a /b Some(Person) outside Some(None) Exited { code: 1, wall_ms: 1500 }",
            "cp a /b Some(PersonForSession) outside Some(None) Exited { code: 1, wall_ms: 1500 }",
            "cp a /b Some(Session) outside Some(None) Exited { code: 1, wall_ms: 1500 }",
            "cp b /c Some(PersonAlways) outside Some(None) Exited { code: 1, wall_ms: 1500 }",
        ]
    );
}

#[test]
fn what_did_not_start_is_written_down_with_the_reason() {
    let mut lab = lab(ApprovalPolicy::Untrusted);
    call(&mut lab, "c1", r#"{"cmd":"cat x"}"#);
    report(&mut lab, 1, Report::Failed(Fault::new(FaultKind::Walls, "Not run: no walls.")));
    call(&mut lab, "c2", r#"{"cmd":"cat y"}"#);
    report(&mut lab, 2, Report::Failed(Fault::new(FaultKind::Spawn, "No such program.")));
    call(&mut lab, "c3", r#"{"cmd":"dd x"}"#);
    call(&mut lab, "c4", r#"{"cmd":"rm x"}"#);
    decide(&mut lab, "c4", Decision::Decline { reason: Some("keep it".to_owned()) });
    call(&mut lab, "c5", r#"{"cmd":"rm y"}"#);
    lab.interrupt();
    lab.save();
    assert_eq!(
        told(&lab),
        [
            "cat x Some(Policy) inside None Refused { reason: \"Not run: no walls.\" }",
            "cat y Some(Policy) inside None Failed { reason: \"No such program.\" }",
            "dd x None inside None Declined { reason: \"Not run: a rule forbids `dd` (default.rules:2).\" }",
            "rm x None inside None Declined { reason: \"Not run: the person declined it and said: keep it\" }",
            "rm y None inside None Aborted",
        ]
    );
}

#[test]
fn what_is_typed_into_a_command_is_no_command() {
    let mut lab = lab(ApprovalPolicy::OnRequest);
    call(&mut lab, "c1", r#"{"cmd":"cat","tty":true}"#);
    starts(&mut lab, 1, Backend::Native);
    lab.elapse();
    lab.call(0, "c2", "write_stdin", r#"{"session_id":1,"chars":"x\n"}"#);
    lab.complete();
    exits(&mut lab, 1);
    assert_eq!(told(&lab), ["cat Some(Policy) inside Some(Native) Exited { code: 1, wall_ms: 1500 }"]);
}
