//! `write_stdin`: typing into a running command, or waiting for more of its output.

use crate::{
    cmd::{CommandEffect, Effect, Tool},
    config::{Config, ShellTool},
    engine::{
        Action, Call, CallStep, Ctx, ProcessWait, ShellCommand, Thread, ToolState, approval,
        calls::{
            arguments::{self, WriteStdin},
            close, output,
        },
        tools::{
            def::{FUNCTION, ToolDef},
            process,
        },
    },
    item::{InputItem, ItemKind},
    key::{ProcessId, Work},
    msg::Report,
};
use serde_json::json;

/// Default wait after typing.
const TYPED_MS: u64 = 250;
/// Bounds of the wait after typing.
const TYPED_BOUNDS_MS: (u64, u64) = (250, 30_000);
/// Shortest wait without typing; the longest is `background_terminal_max_timeout`.
const POLL_LEAST_MS: u64 = 5_000;

/// Its row.
pub const TOOL: ToolDef =
    ToolDef { names: &["write_stdin"], kinds: FUNCTION, offer, start, report, stop: process::stop };

fn offer(config: &Config, _: bool) -> Option<Tool> {
    (config.tools.shell == ShellTool::Terminal).then(spec)
}

fn spec() -> Tool {
    Tool::function(
        "write_stdin",
        "Types characters into a command that still runs, or only waits for more of its output.",
        json!({
            "type": "object",
            "properties": {
                "session_id": {"type": "number", "description": "The session id that exec_command returned."},
                "chars": {"type": "string", "description": "Characters to type, control characters included; empty to wait only."},
                "yield_time_ms": {"type": "number", "description": "How long to wait for output, in milliseconds."},
                "max_output_tokens": {"type": "number", "description": "Output budget in tokens (default 10000)."},
            },
            "required": ["session_id"],
            "additionalProperties": false,
        }),
    )
}

/// Reads the call and decides what becomes of it.
fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: &Call) -> CallStep {
    let arguments: WriteStdin = match arguments::read(&call.arguments) {
        Ok(arguments) => arguments,
        Err(message) => return close::refuse(ctx, thread, at, message),
    };
    let id = ProcessId(u32::try_from(arguments.session_id).unwrap_or(0));
    let Some(process) = thread.processes.get(&id).filter(|process| !process.by_user) else {
        let message = format!("No running command has session ID {}.", arguments.session_id);
        return close::refuse(ctx, thread, at, message);
    };
    let chars = arguments.chars.unwrap_or_default();
    if process.killed && !chars.is_empty() {
        let message = format!("The command of session ID {} is being ended.", id.0);
        return close::refuse(ctx, thread, at, message);
    }
    let yield_ms = if chars.is_empty() {
        arguments
            .yield_time_ms
            .unwrap_or(0)
            .clamp(POLL_LEAST_MS, ctx.settings.config.tools.poll_max_ms.max(POLL_LEAST_MS))
    } else {
        arguments.yield_time_ms.unwrap_or(TYPED_MS).clamp(TYPED_BOUNDS_MS.0, TYPED_BOUNDS_MS.1)
    };
    let mut command = ShellCommand {
        text: chars,
        argv: vec!["write_stdin".to_owned(), id.0.to_string()],
        cwd: ctx.settings.host.cwd.clone(),
        tty: true,
        yield_ms,
        is_bounded: false,
        max_output_tokens: arguments.max_output_tokens.unwrap_or(output::OUTPUT_TOKENS),
        input_to: Some(id),
        justification: None,
        escalation: None,
        unchanged: Vec::new(),
        misled_by: None,
        sandboxed: process.sandboxed,
        judged: None,
        approved_by: None,
    };
    let vetted = approval::vet::vet(ctx, thread, &mut command);
    let arguments = call.arguments.to_string();
    let item = InputItem { process: id, chars: command.text.clone(), arguments, output: None, failed: false };
    close::show(ctx, thread, at, ItemKind::Input(item));
    approval::vet::carry_out(ctx, thread, at, Action::Command(command), vetted)
}

/// Types the characters of the call at this place, and waits.
pub fn run(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, id: ProcessId, command: &ShellCommand) -> CallStep {
    let Some(process) = thread.processes.get_mut(&id) else {
        return CallStep::done(format!("The command of session ID {} has ended.", id.0));
    };
    let ended = process.exited.is_some();
    if !command.text.is_empty() && !ended {
        process.writes += 1;
        let number = process.writes;
        let key = thread.key(Work::Write(id, number));
        ctx.run(key, Effect::Command(CommandEffect::Write { process: id, chars: command.text.clone() }));
    }
    let timer = ctx.timer(&thread.id, command.yield_ms);
    let wait =
        ProcessWait { process: id, timer, max_output_tokens: command.max_output_tokens, since_ms: ctx.clock.mono_ms };
    if ended {
        return process::conclude(ctx, thread, at, wait);
    }
    CallStep::Wait(ToolState::Input(wait))
}

/// The command that it typed into goes on or has ended, or the characters could not be delivered.
fn report(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, work: &Work, report: Report) -> Option<CallStep> {
    match work {
        Work::Write(..) => {
            // A kill is written to the command, too, and its failure ends this wait like any other.
            let Report::Failed(fault) = report else { return None };
            let wait = close::tool_state(thread, at).and_then(ToolState::process)?;
            ctx.cancel_timer(&thread.id, wait.timer);
            Some(close::fail(ctx, thread, at, fault.line(), fault.line()))
        }
        Work::Process(_)
        | Work::Timer(_)
        | Work::Tool(_)
        | Work::Request(..)
        | Work::Files(_)
        | Work::Rule(_)
        | Work::Name(_)
        | Work::Changes(_)
        | Work::Observe
        | Work::Append(_) => process::report(ctx, thread, at, work, report),
    }
}
