//! The record of a command as a line of a session file.

use std::{borrow::Cow, time::Duration};

use quire_state::{
    msg::Backend,
    policy::SandboxPlan,
    rollout::{ApprovedBy, AuditRecord, CommandOutcome},
};
use quire_wire::rollout::{AGENT, CommandExecution, ExecCommandEnd};
use reqwest::Url;
use serde::Serialize;

/// What Quire knows of a command beyond what the Codex CLI writes down.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Facts<'a> {
    /// What allowed it; `null`: nothing.
    approval: Option<ApprovedBy>,
    /// Who kept the sandbox, `none` without a sandbox, `refused` when it could not be set up; `null`: it was not started.
    backend: Option<SandboxedBy>,
    /// The sandbox; `null`: none.
    sandbox: Option<&'a SandboxPlan>,
    /// Why it was not started.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum SandboxedBy {
    Known(Backend),
    Refused(&'static str),
}

/// Of a file without numbers.
pub(super) fn event(record: &AuditRecord) -> ExecCommandEnd<'_, Facts<'_>> {
    let (status, exit_code, duration) = outcome(&record.outcome);
    ExecCommandEnd {
        call_id: Cow::Borrowed(&record.call.0),
        turn_id: Cow::Borrowed(&record.turn),
        command: &record.argv,
        cwd: Cow::Borrowed(&record.cwd),
        parsed_cmd: [],
        source: AGENT,
        stdout: "",
        stderr: "",
        aggregated_output: "",
        formatted_output: "",
        exit_code,
        duration,
        status,
        quire: facts(record),
    }
}

/// Of a file with numbers.
pub(super) fn item(record: &AuditRecord) -> CommandExecution<'_, Facts<'_>> {
    let (status, exit_code, duration) = outcome(&record.outcome);
    let address = Url::from_file_path(&record.cwd);
    CommandExecution {
        id: Cow::Borrowed(&record.call.0),
        command: &record.argv,
        cwd: address.map_or(Cow::Borrowed(record.cwd.as_str()), |address| Cow::Owned(address.into())),
        parsed_cmd: [],
        source: AGENT,
        status,
        aggregated_output: "",
        exit_code,
        duration,
        quire: facts(record),
    }
}

fn outcome(outcome: &CommandOutcome) -> (&'static str, i32, Duration) {
    match outcome {
        CommandOutcome::Exited { code, wall_ms } => {
            let status = if *code == 0 { "completed" } else { "failed" };
            (status, *code, Duration::from_millis(*wall_ms))
        }
        CommandOutcome::Refused { .. } | CommandOutcome::Failed { .. } => ("failed", -1, Duration::ZERO),
        CommandOutcome::Declined { .. } | CommandOutcome::Aborted => ("declined", -1, Duration::ZERO),
    }
}

fn facts(record: &AuditRecord) -> Facts<'_> {
    let (refused, reason) = match &record.outcome {
        CommandOutcome::Exited { .. } => (None, None),
        CommandOutcome::Refused { reason } => (Some(SandboxedBy::Refused("refused")), Some(reason.as_str())),
        CommandOutcome::Failed { reason } | CommandOutcome::Declined { reason } => (None, Some(reason.as_str())),
        CommandOutcome::Aborted => (None, Some("The turn was interrupted first.")),
    };
    Facts {
        approval: record.approved_by,
        backend: refused.or(record.backend.map(SandboxedBy::Known)),
        sandbox: record.sandbox.as_ref(),
        reason,
    }
}
