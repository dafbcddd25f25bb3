//! The record of a command as a line of a session file.

use std::{borrow::Cow, time::Duration};

use quire_state::{
    msg::Backend,
    policy::SandboxPlan,
    record::{Clearance, CommandRecord, Fate},
};
use quire_wire::rollout::{AGENT, CommandExecution, ExecCommandEnd};
use reqwest::Url;
use serde::Serialize;

/// What Quire knows of a command beyond what the Codex CLI writes down.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Facts<'a> {
    /// Who said yes; `null`: nobody.
    approval: Option<Clearance>,
    /// Who kept the walls, `none` without walls, `refused` when they could not be put up; `null`: it was not started.
    backend: Option<Keeper>,
    /// The walls; `null`: none.
    sandbox: Option<&'a SandboxPlan>,
    /// Why it was not started.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Keeper {
    Known(Backend),
    Refused(&'static str),
}

/// Of a file without numbers.
pub(super) fn event(record: &CommandRecord) -> ExecCommandEnd<'_, Facts<'_>> {
    let (status, exit_code, duration) = outcome(&record.fate);
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
pub(super) fn item(record: &CommandRecord) -> CommandExecution<'_, Facts<'_>> {
    let (status, exit_code, duration) = outcome(&record.fate);
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

fn outcome(fate: &Fate) -> (&'static str, i32, Duration) {
    match fate {
        Fate::Exited { code, wall_ms } => {
            let status = if *code == 0 { "completed" } else { "failed" };
            (status, *code, Duration::from_millis(*wall_ms))
        }
        Fate::Refused { .. } | Fate::Failed { .. } => ("failed", -1, Duration::ZERO),
        Fate::Declined { .. } | Fate::Aborted => ("declined", -1, Duration::ZERO),
    }
}

fn facts(record: &CommandRecord) -> Facts<'_> {
    let (refused, reason) = match &record.fate {
        Fate::Exited { .. } => (None, None),
        Fate::Refused { reason } => (Some(Keeper::Refused("refused")), Some(reason.as_str())),
        Fate::Failed { reason } | Fate::Declined { reason } => (None, Some(reason.as_str())),
        Fate::Aborted => (None, Some("The turn was interrupted first.")),
    };
    Facts {
        approval: record.clearance,
        backend: refused.or(record.backend.map(Keeper::Known)),
        sandbox: record.walls.as_ref(),
        reason,
    }
}
