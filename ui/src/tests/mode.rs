//! What is said of the sandbox and of questions: it fits the mode in force.

use quire_state::config::{Anchor, ApprovalPolicy, Grant, Granular, PermissionProfile, Rule, SandboxMode};

use super::support::*;

/// The words under the head of an empty session.
fn words(sandbox: SandboxMode, approval: ApprovalPolicy, granular: Option<Granular>, profile: Option<&str>) -> String {
    let mut model = model(200, 30);
    model.config_mut().sandbox = sandbox;
    model.config_mut().approval = approval;
    model.config_mut().granular = granular;
    model.config_mut().permissions = profile.map(|name| PermissionProfile {
        name: name.to_owned(),
        rules: vec![Rule { anchor: Anchor::Workspace, below: String::new(), grant: Grant::Write }],
        denied: Vec::new(),
        pattern_depth: None,
        network_access: false,
        local_sockets: false,
    });
    let rows = rows(&scene(&model).buffer);
    rows.into_iter().find(|row| row.contains("Commands run")).unwrap_or_default()
}

#[test]
fn the_welcome_is_true_for_the_mode_in_force() {
    use ApprovalPolicy::{Never, OnFailure, OnRequest, Untrusted};
    use SandboxMode::{DangerFullAccess, ReadOnly, WorkspaceWrite};
    let granular = |sandbox_approval| Some(Granular { sandbox_approval, ..Granular::default() });
    let table = [
        (ReadOnly, OnRequest, None, None, "in a read-only sandbox; you are asked before one leaves it."),
        (WorkspaceWrite, OnRequest, None, None, "in a workspace-write sandbox; you are asked before one leaves it."),
        (WorkspaceWrite, OnRequest, None, Some("careful"), "profile `careful`; you are asked before one leaves it."),
        (WorkspaceWrite, OnFailure, None, None, "you are asked when it blocks one."),
        (ReadOnly, Never, None, None, "none may leave it."),
        (ReadOnly, OnRequest, granular(false), None, "none may leave it."),
        (ReadOnly, OnRequest, granular(true), None, "you are asked before one leaves it."),
        (DangerFullAccess, OnRequest, None, None, "without a sandbox; you are not asked."),
        (DangerFullAccess, Untrusted, None, None, "you are asked about each one that may do more than read."),
    ];
    for (sandbox, approval, granular, profile, end) in table {
        let words = words(sandbox, approval, granular, profile);
        assert!(words.ends_with(end), "{sandbox:?} {approval:?}: {words}");
    }
}

#[test]
fn the_status_line_says_when_the_user_is_asked() {
    let mut model = model(100, 30);
    model.config_mut().approval = ApprovalPolicy::Untrusted;
    let rows = rows(&scene(&model).buffer);
    assert!(rows.iter().any(|row| row.contains("workspace-write · asks unless it only reads · 100%")), "{rows:?}");
}
