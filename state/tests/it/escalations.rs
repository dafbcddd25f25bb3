//! What leaves the sandbox, and what the user is asked about it, told as scripts.

use quire_state::{
    Effect, Msg, Report,
    boot::FaceKind,
    cmd::{CommandEffect, StoreEffect},
    config::{ApprovalPolicy, SandboxMode},
    engine::CallPhase,
    item::{ItemKind, UserInput},
    key::{ProcessId, Work},
    msg::{CommandReport, ReviewDecision},
};

use crate::lab::{Lab, boot_data};

fn decide(lab: &mut Lab, call: &str, decision: ReviewDecision) {
    let _ = lab.decide(call, decision);
    lab.save();
}

#[test]
fn exec_runs_commands_in_the_sandbox_and_refuses_what_would_need_an_answer() {
    for (sandbox, has_sandbox) in
        [(SandboxMode::ReadOnly, true), (SandboxMode::WorkspaceWrite, true), (SandboxMode::DangerFullAccess, false)]
    {
        let mut boot = boot_data(FaceKind::ExecJson);
        boot.config.sandbox = sandbox;
        boot.config.approval = quire_state::config::ApprovalPolicy::Never;
        boot.first = Some(UserInput::text("go"));
        let mut lab = Lab::new(boot);
        lab.call(0, "c1", "exec_command", r#"{"cmd":"make"}"#);
        lab.call(1, "c2", "exec_command", r#"{"cmd":"make","sandbox_permissions":"require_escalated"}"#);
        lab.complete();
        let sandbox: Vec<bool> = lab.specs().iter().map(|spec| spec.sandbox.is_some()).collect();
        assert_eq!(sandbox, if has_sandbox { vec![true] } else { vec![false, false] }, "{sandbox:?}");
        if has_sandbox {
            assert!(lab.items().last().unwrap().contains("asks to run outside the sandbox"), "{:?}", lab.items());
        }
    }
}

#[test]
fn an_escalation_is_asked_about_and_runs_outside_after_a_yes() {
    let mut lab = Lab::new(boot_data(crate::lab::FULL));
    lab.submit("go");
    let escalated =
        r#"{"cmd":"git fetch","sandbox_permissions":"require_escalated","justification":"It needs the net."}"#;
    lab.call(0, "c1", "exec_command", r#"{"cmd":"git fetch"}"#);
    lab.call(1, "c2", "exec_command", escalated);
    lab.complete();
    assert_eq!(lab.specs().len(), 1, "in the sandbox nothing is asked");
    assert!(lab.specs()[0].sandbox.is_some());
    decide(&mut lab, "c2", ReviewDecision::AcceptAlways);
    assert_eq!(lab.specs().len(), 2);
    assert!(lab.specs()[1].sandbox.is_none());
    let kept = lab.effects.iter().find_map(|(_, effect)| match effect {
        Effect::Store(StoreEffect::KeepRule { rule }) => Some(rule.clone()),
        _ => None,
    });
    assert_eq!(kept.as_deref(), Some(r#"prefix_rule(pattern=["git", "fetch"], decision="allow")"#));
    // From now on the rule answers, also for a call that does not ask for it.
    lab.exit(1, 0);
    lab.exit(2, 0);
    lab.call(0, "c3", "exec_command", r#"{"cmd":"git fetch --locked"}"#);
    lab.complete();
    assert!(lab.specs()[2].sandbox.is_none());
}

#[test]
fn what_the_sandbox_blocked_is_told_with_what_would_allow_it() {
    let mut lab = Lab::new(boot_data(crate::lab::FULL));
    lab.submit("go");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"touch /etc/x"}"#);
    lab.complete();
    lab.print(1, "touch: cannot touch '/etc/x': Read-only file system\n");
    lab.exit(1, 1);
    let (_, request) = lab.request();
    let told = crate::lab::short(&request.input).pop().unwrap();
    assert!(told.ends_with("would allow it.") && told.contains("`--add-dir /etc`"), "{told}");
    let ItemKind::Command(command) = &lab.thread().items[1].kind else { panic!("a command") };
    assert!(command.blocked.as_ref().is_some_and(|sentence| sentence.contains("/etc/x")), "{command:?}");
}

#[test]
fn on_failure_asks_to_run_again_without_the_sandbox() {
    let mut boot = boot_data(crate::lab::FULL);
    boot.config.approval = ApprovalPolicy::OnFailure;
    let mut lab = Lab::new(boot);
    lab.submit("go");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"touch /etc/x"}"#);
    lab.complete();
    lab.print(1, "touch: cannot touch '/etc/x': Read-only file system\n");
    lab.exit(1, 1);
    assert_eq!(lab.specs().len(), 1, "it waits for the answer");
    let shown = |lab: &Lab| match &lab.thread().items[1].kind {
        ItemKind::Command(command) => (command.output.head.clone(), command.blocked.is_some()),
        other => panic!("{other:?}"),
    };
    assert!(shown(&lab).0.contains("Read-only") && shown(&lab).1, "{:?}", shown(&lab));
    decide(&mut lab, "c1", ReviewDecision::Accept);
    assert_eq!(lab.specs().len(), 2);
    assert!(lab.specs()[1].sandbox.is_none());
    lab.print(2, "made\n");
    lab.exit(2, 0);
    assert_eq!(shown(&lab), ("made\n".to_owned(), false), "what is shown is of the run that counts");
    assert_eq!(lab.requests(), 2);
    // A failure that the sandbox does not explain is a result like any other.
    lab.call(0, "c2", "exec_command", r#"{"cmd":"false"}"#);
    lab.complete();
    lab.exit(3, 1);
    assert_eq!(lab.requests(), 3);
}

#[test]
fn a_script_that_changes_while_it_is_asked_about_is_asked_again() {
    let mut lab = Lab::interactive();
    lab.submit("go");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"sh ./s.sh"}"#);
    lab.complete();
    assert!(
        lab.effects.iter().any(|(_, effect)| matches!(effect, Effect::HashFiles(paths) if paths == &["/work/s.sh"]))
    );
    decide(&mut lab, "c1", ReviewDecision::Accept);
    assert_eq!(lab.specs()[0].unchanged, [("/work/s.sh".to_owned(), None)]);
    let changed = CommandReport::Outdated { path: "/work/s.sh".to_owned() };
    let key = lab.thread().key(Work::Process(ProcessId(1)));
    lab.send(Msg::Report(key, Report::Command(changed)));
    let Some(CallPhase::AwaitingApproval { context, .. }) =
        lab.thread().running().map(|running| &running.calls[0].phase)
    else {
        panic!("it is asked again")
    };
    assert!(context.reason.contains("`/work/s.sh` has changed"), "{}", context.reason);
    decide(&mut lab, "c1", ReviewDecision::Accept);
    assert_eq!(lab.specs().len(), 2);
    lab.exit(2, 0);
    assert_eq!(lab.requests(), 2);
}

#[test]
fn a_rule_is_offered_only_for_what_leaves_the_sandbox_anyway() {
    for (arguments, offered) in [
        (r#"{"cmd":"git fetch"}"#, None),
        (r#"{"cmd":"git fetch","sandbox_permissions":"require_escalated"}"#, Some(["git", "fetch"])),
        (r#"{"cmd":"cargo fetch","sandbox_permissions":"require_escalated"}"#, None),
    ] {
        let mut lab = Lab::interactive();
        lab.submit("go");
        lab.call(0, "c1", "exec_command", arguments);
        lab.complete();
        let Some(CallPhase::AwaitingApproval { context, .. }) =
            lab.thread().running().map(|running| &running.calls[0].phase)
        else {
            panic!("it is asked about")
        };
        assert_eq!(context.offered_rule, offered.map(|words| words.map(str::to_owned).to_vec()), "{arguments}");
    }
}

#[test]
fn what_cannot_be_kept_always_is_no_answer() {
    let mut lab = Lab::new(boot_data(crate::lab::FULL));
    lab.submit("go");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"make $(x)","sandbox_permissions":"require_escalated"}"#);
    lab.complete();
    decide(&mut lab, "c1", ReviewDecision::AcceptAlways);
    assert!(lab.specs().is_empty());
}

#[test]
fn typing_is_asked_about_where_it_reaches_beyond_the_sandbox() {
    for (escalated, approval, asks) in [
        (false, ApprovalPolicy::OnRequest, false),
        (true, ApprovalPolicy::OnRequest, true),
        (false, ApprovalPolicy::Untrusted, true),
    ] {
        let mut boot = boot_data(crate::lab::FULL);
        boot.config.approval = approval;
        let mut lab = Lab::new(boot);
        lab.submit("go");
        let permissions = if escalated { r#","sandbox_permissions":"require_escalated""# } else { "" };
        let arguments = format!(r#"{{"cmd":"bash","tty":true,"yield_time_ms":300{permissions}}}"#);
        lab.call(0, "c1", "exec_command", &arguments);
        lab.complete();
        decide(&mut lab, "c1", ReviewDecision::Accept);
        lab.elapse();
        lab.call(0, "c2", "write_stdin", r#"{"session_id":1,"chars":"rm -rf ~\n"}"#);
        lab.complete();
        let typed =
            lab.effects.iter().any(|(_, effect)| matches!(effect, Effect::Command(CommandEffect::Write { .. })));
        assert_eq!(typed, !asks, "{escalated} {approval:?}");
    }
}
