//! `apply_patch` in the turn machine: read first, asked where it must be, written once, told to the model.

use quire_state::{
    boot::FaceKind,
    cmd::ToolEffect,
    config::{ApprovalPolicy, SandboxMode},
    item::UserInput,
    msg::ReviewDecision,
};

use crate::lab::{Lab, boot_data, invalid};

const PATCH: &str = r#"{"input":"*** Begin Patch\n*** Add File: a.txt\n+one\n*** End Patch\n"}"#;

fn with_patch(face: FaceKind, sandbox: SandboxMode, approval: ApprovalPolicy) -> Lab {
    let mut boot = boot_data(face);
    boot.config.sandbox = sandbox;
    boot.config.approval = approval;
    boot.first = Some(UserInput::text("go"));
    let mut lab = Lab::new(boot);
    lab.call(0, "c1", "apply_patch", PATCH);
    lab.complete();
    lab
}

fn decide(lab: &mut Lab, decision: ReviewDecision) {
    lab.decide("c1", decision).unwrap();
    lab.save();
}

#[test]
fn inside_the_workspace_it_is_written_without_a_question() {
    let mut lab = with_patch(crate::lab::FULL, SandboxMode::WorkspaceWrite, ApprovalPolicy::OnRequest);
    assert!(lab.writes().is_empty(), "the files are read first");
    lab.patched(&["/work/a.txt"]);
    assert_eq!(lab.writes(), [["/work", "/tmp"]]);
    lab.patched(&["/work/a.txt"]);
    let (_, request) = lab.request();
    assert_eq!(invalid(&request.input), None);
    assert_eq!(request.input.last().unwrap().text(), "Success.");
    assert_eq!(lab.items()[1], "patch: Applied 1 files");
}

#[test]
fn outside_and_below_protected_names_it_asks() {
    for path in ["/etc/a.txt", "/work/.git/config", "/work/.Codex/x", "/work2/a.txt"] {
        let mut lab = with_patch(crate::lab::FULL, SandboxMode::WorkspaceWrite, ApprovalPolicy::OnRequest);
        lab.patched(&["/work/a.txt", path]);
        assert!(lab.writes().is_empty(), "{path}");
        decide(&mut lab, ReviewDecision::Accept);
        assert_eq!(lab.writes(), [["/"]], "{path}");
    }
}

#[test]
fn a_link_to_another_place_is_asked_about_like_that_place() {
    for (leads, is_asked) in [("/etc/passwd", true), ("/work/.git/config", true), ("/work/b.txt", false)] {
        for moves in [false, true] {
            let mut lab = with_patch(crate::lab::FULL, SandboxMode::WorkspaceWrite, ApprovalPolicy::OnRequest);
            lab.links.insert("/work/l".to_owned(), leads.to_owned());
            match moves {
                false => lab.patched(&["/work/l"]),
                true => lab.patched_moving(&["/work/a.txt"], Some("/work/l")),
            }
            assert_eq!(lab.writes().is_empty(), is_asked, "{leads}");
        }
    }
}

#[test]
fn who_is_asked_and_what_is_refused() {
    let full = crate::lab::FULL;
    let exec = FaceKind::ExecText;
    let (read, work, all) = (SandboxMode::ReadOnly, SandboxMode::WorkspaceWrite, SandboxMode::DangerFullAccess);
    let (never, request, untrusted) = (ApprovalPolicy::Never, ApprovalPolicy::OnRequest, ApprovalPolicy::Untrusted);
    let cases = [
        (full, read, request, "ask"),
        (full, read, never, "refuse"),
        (full, work, untrusted, "ask"),
        (full, work, never, "write"),
        (full, all, request, "write"),
        (full, all, untrusted, "ask"),
        (exec, read, never, "refuse"),
        (exec, work, never, "write"),
        (exec, all, never, "write"),
    ];
    for (face, sandbox, approval, expected) in cases {
        let mut lab = with_patch(face, sandbox, approval);
        lab.patched(&["/work/a.txt"]);
        let asks = lab.notices.iter().any(|notice| matches!(notice, quire_state::Notice::RequestOpened { .. }));
        let seen = match (asks, lab.writes().is_empty()) {
            (true, true) => "ask",
            (false, false) => "write",
            (false, true) => "refuse",
            (true, false) => "both",
        };
        assert_eq!(seen, expected, "{face:?} {sandbox:?} {approval:?}");
        assert_eq!(invalid(&lab.request().1.input), None);
    }
}

#[test]
fn a_malformed_patch_is_refused_before_any_file_is_read() {
    let mut lab = Lab::interactive();
    lab.submit("x");
    lab.call(0, "c1", "apply_patch", r#"{"input":"*** Begin Patch\n*** Update File: a\n*** End Patch"}"#);
    lab.complete();
    assert!(lab.effects.iter().all(|(_, effect)| !matches!(effect, quire_state::Effect::Tool(ToolEffect::Patch(_)))));
    let (_, request) = lab.request();
    let output = request.input.last().unwrap().text();
    assert!(output.contains("apply_patch"), "{output}");
    assert!(lab.items()[1].starts_with("patch: Rejected"), "{:?}", lab.items());
}

#[test]
fn a_patch_that_comes_through_the_shell_is_a_patch() {
    let mut lab = Lab::interactive();
    lab.submit("x");
    let command = "cd sub && apply_patch <<'EOF'\\n*** Begin Patch\\n*** Add File: a\\n+x\\n*** End Patch\\nEOF";
    lab.call(0, "c1", "exec_command", &format!(r#"{{"cmd":"{command}"}}"#));
    lab.complete();
    assert!(lab.spawned().is_empty());
    let folder = lab.effects.iter().find_map(|(_, effect)| match effect {
        quire_state::Effect::Tool(ToolEffect::Patch(effect)) => Some(effect.cwd.clone()),
        _ => None,
    });
    assert_eq!(folder.as_deref(), Some("/work/sub"));
}

#[test]
fn accepted_for_the_session_means_these_files() {
    let mut lab = with_patch(crate::lab::FULL, SandboxMode::ReadOnly, ApprovalPolicy::OnRequest);
    lab.patched(&["/work/a.txt"]);
    decide(&mut lab, ReviewDecision::AcceptForSession);
    lab.patched(&["/work/a.txt"]);
    lab.call(0, "c2", "apply_patch", PATCH);
    lab.complete();
    lab.patched(&["/work/a.txt"]);
    assert_eq!(lab.writes().len(), 2, "the same file is not asked for again");
    lab.patched(&["/work/a.txt"]);
    lab.call(0, "c3", "apply_patch", PATCH);
    lab.complete();
    lab.patched(&["/work/b.txt"]);
    assert_eq!(lab.writes().len(), 2, "another one is");
}

#[test]
fn where_a_file_moves_to_is_asked_about_too() {
    let mut lab = with_patch(crate::lab::FULL, SandboxMode::WorkspaceWrite, ApprovalPolicy::OnRequest);
    lab.patched(&["/etc/a.txt"]);
    decide(&mut lab, ReviewDecision::AcceptForSession);
    lab.patched(&["/etc/a.txt"]);
    for (from, to) in
        [("/etc/a.txt", "/root/.bashrc"), ("/work/a.txt", "/root/.bashrc"), ("/work/a.txt", "/work/.git/x")]
    {
        let written = lab.writes().len();
        lab.call(0, "again", "apply_patch", PATCH);
        lab.complete();
        lab.patched_moving(&[from], Some(to));
        assert_eq!(lab.writes().len(), written, "{from} to {to}");
        lab.interrupt();
        lab.submit("next");
    }
}

#[test]
fn an_interrupt_waits_for_the_moment_that_a_write_takes() {
    let mut lab = with_patch(crate::lab::FULL, SandboxMode::DangerFullAccess, ApprovalPolicy::OnRequest);
    lab.patched(&["/work/a.txt"]);
    lab.interrupt();
    assert!(lab.thread().running().is_some());
    lab.patched(&["/work/a.txt"]);
    assert!(lab.thread().running().is_none());
    assert!(lab.history().iter().any(|line| line == "output c1: Success."), "{:?}", lab.history());
    assert_eq!(invalid(&lab.thread().history), None);
}
