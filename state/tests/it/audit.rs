//! What is written down of every command: who allowed it, its sandbox, and what became of it.

use quire_state::{
    Effect, Msg, Report,
    config::ApprovalPolicy,
    engine::CallPhase,
    fault::{Fault, FaultKind},
    key::{ProcessId, Work},
    msg::{Backend, CommandReport, ReviewDecision},
    rollout::{AuditRecord, RolloutItem},
    rules::{self, RulesFile},
    screen::Choice,
};

use crate::lab::{FULL, Lab, boot_data};

/// A user under this policy, with a rule for `make`.
fn lab(approval: ApprovalPolicy) -> Lab {
    let mut boot = boot_data(FULL);
    boot.config.approval = approval;
    let text = "prefix_rule(pattern = [\"make\"])\nprefix_rule(pattern = [\"dd\"], decision = \"forbidden\")\n\
                prefix_rule(pattern = [\"date\"], decision = \"prompt\")\n";
    let text = text.to_owned();
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

fn decide(lab: &mut Lab, id: &str, decision: ReviewDecision) {
    lab.decide(id, decision).unwrap();
    lab.save();
}

fn report(lab: &mut Lab, session: u32, report: Report) {
    let key = lab.thread().key(Work::Process(ProcessId(session)));
    lab.send(Msg::Report(key, report));
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
fn accounts(lab: &Lab) -> Vec<AuditRecord> {
    let appended = lab.effects.iter().filter_map(|(_, effect)| match effect {
        Effect::Store(quire_state::cmd::StoreEffect::Append { records, .. }) => Some(records),
        _ => None,
    });
    let commands = appended.flatten().filter_map(|stamped| match &stamped.item {
        RolloutItem::Command(command) => Some((**command).clone()),
        _ => None,
    });
    commands.collect()
}

/// The same in words.
fn told(lab: &Lab) -> Vec<String> {
    let words = |account: &AuditRecord| {
        let sandbox = if account.sandbox.is_some() { "inside" } else { "outside" };
        let (argv, backend) = (account.argv.last().unwrap(), account.backend);
        format!("{argv} {:?} {sandbox} {backend:?} {:?}", account.approved_by, account.outcome)
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
    assert!(account.sandbox.as_ref().unwrap().may_write("/work/x"));
    assert_eq!(account.turn, lab.thread().running().unwrap().id.0);
    call(&mut lab, "c2", r#"{"cmd":"make x"}"#);
    starts(&mut lab, 2, Backend::None);
    exits(&mut lab, 2);
    for (id, decision) in [("c3", ReviewDecision::Accept), ("c4", ReviewDecision::AcceptForSession)] {
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
    decide(&mut lab, "c6", ReviewDecision::AcceptAlways);
    starts(&mut lab, 6, Backend::None);
    exits(&mut lab, 6);
    assert_eq!(
        told(&lab)[1..],
        [
            "make x Some(Rule) outside Some(None) Exited { code: 1, wall_ms: 1500 }",
            "cp a /b Some(User) outside Some(None) Exited { code: 1, wall_ms: 1500 }",
            "cp a /b Some(UserForSession) outside Some(None) Exited { code: 1, wall_ms: 1500 }",
            "cp a /b Some(Session) outside Some(None) Exited { code: 1, wall_ms: 1500 }",
            "cp b /c Some(UserAlways) outside Some(None) Exited { code: 1, wall_ms: 1500 }",
        ]
    );
}

#[test]
fn what_did_not_start_is_written_down_with_the_reason() {
    let mut lab = lab(ApprovalPolicy::Untrusted);
    call(&mut lab, "c1", r#"{"cmd":"cat x"}"#);
    report(&mut lab, 1, Report::Failed(Fault::new(FaultKind::Sandbox, "Not run: no sandbox.")));
    call(&mut lab, "c2", r#"{"cmd":"cat y"}"#);
    report(&mut lab, 2, Report::Failed(Fault::new(FaultKind::Spawn, "No such program.")));
    call(&mut lab, "c3", r#"{"cmd":"dd x"}"#);
    call(&mut lab, "c4", r#"{"cmd":"rm x"}"#);
    decide(&mut lab, "c4", ReviewDecision::Decline { reason: Some("keep it".to_owned()) });
    call(&mut lab, "c5", r#"{"cmd":"rm y"}"#);
    lab.interrupt();
    lab.save();
    assert_eq!(
        told(&lab),
        [
            "cat x Some(Policy) inside None Refused { reason: \"Not run: no sandbox.\" }",
            "cat y Some(Policy) inside None Failed { reason: \"No such program.\" }",
            "dd x None inside None Declined { reason: \"Not run: a rule forbids `dd` (default.rules:2).\" }",
            "rm x None inside None Declined { reason: \"Not run: the user declined it and said: keep it\" }",
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

#[test]
fn a_yes_for_the_session_is_to_the_files_as_they_were() {
    let mut lab = lab(ApprovalPolicy::OnRequest);
    let script = r#"{"cmd":"sh /srv/s.sh","sandbox_permissions":"require_escalated"}"#;
    call(&mut lab, "c1", script);
    decide(&mut lab, "c1", ReviewDecision::AcceptForSession);
    let files = |lab: &Lab| lab.specs().last().unwrap().unchanged.clone();
    let asked = files(&lab);
    // The script, and the folder, which has no sandbox.
    assert_eq!(asked.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["/srv/s.sh", "/work"]);
    starts(&mut lab, 1, Backend::None);
    exits(&mut lab, 1);
    call(&mut lab, "c2", script);
    assert_eq!((lab.spawned().len(), files(&lab)), (2, asked), "not asked, and compared once more");
    let changed = CommandReport::Outdated { path: "/srv/s.sh".to_owned() };
    report(&mut lab, 2, Report::Command(changed));
    assert!(
        matches!(lab.thread().running().unwrap().calls[0].phase, CallPhase::AwaitingApproval { .. }),
        "it is asked again"
    );
}

#[test]
fn a_rule_that_asks_asks_every_time() {
    let mut lab = lab(ApprovalPolicy::OnRequest);
    for id in ["c1", "c2"] {
        call(&mut lab, id, r#"{"cmd":"date"}"#);
        let screen = lab.model.screen.as_ref().unwrap();
        assert!(screen.question().is_some(), "{:?}", lab.thread().running().unwrap().calls);
        let choices = lab.choices().rows();
        assert!(!choices.contains(&Choice::YesForSession), "{choices:?}");
        decide(&mut lab, id, ReviewDecision::AcceptForSession);
        let session = lab.spawned().last().unwrap().0.0;
        starts(&mut lab, session, Backend::Bubblewrap);
        exits(&mut lab, session);
    }
}

#[test]
fn a_yes_to_what_is_typed_is_to_that_alone() {
    let mut lab = lab(ApprovalPolicy::OnRequest);
    call(&mut lab, "c1", r#"{"cmd":"bash","tty":true,"sandbox_permissions":"require_escalated"}"#);
    decide(&mut lab, "c1", ReviewDecision::Accept);
    starts(&mut lab, 1, Backend::None);
    lab.elapse();
    lab.save();
    for (id, typed, is_asked) in [("c2", "ls", true), ("c3", "ls", false), ("c4", "rm x", true)] {
        lab.call(0, id, "write_stdin", &typing(typed));
        lab.complete();
        lab.save();
        let is_open = matches!(lab.thread().running().unwrap().calls[0].phase, CallPhase::AwaitingApproval { .. });
        assert_eq!(is_open, is_asked, "{typed}");
        if is_open {
            decide(&mut lab, id, ReviewDecision::AcceptForSession);
        }
        lab.elapse();
        lab.save();
    }
}

fn typing(text: &str) -> String {
    format!(r#"{{"session_id":1,"chars":"{text}\n"}}"#)
}

/// Programs are found where they were when the rule was judged: start files could say otherwise.
#[test]
fn what_a_rule_allows_outside_reads_no_start_files() {
    let mut lab = lab(ApprovalPolicy::OnRequest);
    call(&mut lab, "c1", r#"{"cmd":"make x"}"#);
    let spec = lab.specs().pop().unwrap();
    assert_eq!((spec.argv[1].as_str(), spec.sandbox.is_none()), ("-c", true));
    assert!(["BASH_ENV", "ENV", "ZDOTDIR"].iter().all(|name| spec.env_remove.contains(&(*name).to_owned())));
    exits(&mut lab, 1);
    call(&mut lab, "c2", r#"{"cmd":"sed -i x y"}"#);
    assert_eq!(lab.specs().pop().unwrap().argv[1], "-lc", "whatever is confined is found anywhere");
}
